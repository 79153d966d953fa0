"""The tracker's `Date` header."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.model import Reading
from clockd.core.timebase import SKEW_REPORT_S, anchor_of_date, corrected, skew_report, skew_s

AT = datetime(2026, 11, 21, 7, 2, 13, tzinfo=UTC)
HEADER = "Sat, 21 Nov 2026 07:02:13 GMT"


@pytest.mark.parametrize("header", [HEADER, "Saturday, 21-Nov-26 07:02:13 GMT", "Sat Nov 21 07:02:13 2026"])
def test_all_three_forms_are_read(header: str) -> None:
    assert skew_s(header, AT, AT + timedelta(seconds=1)) == pytest.approx(0)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "now",
        "Sat, 99 Nov 2026 07:02:13 GMT",
        "0",
        "Sat, 21 Nov 2026",
        "\x00",
        "," * 99,
        "Fri, 31 Dec 9999 23:59:59 -0100",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Sun, 06 Nov 1994 08:49:37 +99999999999999999999",
    ],
)
def test_rubbish_is_no_evidence(header: str) -> None:
    assert skew_s(header, AT, AT) is None
    assert anchor_of_date(header, reading(1), reading(2)) is None


DATED = st.from_regex(
    r"\A(Sun, )?[0-9]{1,3} (Jan|Dec|May) ([0-9]{2}|0001|9999|[0-9]{1,30}) [0-9]{2}:[0-9]{2}(:[0-9]{2})? "
    r"(GMT|[+-][0-9]{1,25}|[A-Z]{1,4})\Z"
)


@given(st.text() | st.text("0123456789²٣½ +-:,GMTJan", max_size=40) | DATED)
def test_no_header_raises_nor_does_what_is_reckoned_from_it(header: str) -> None:
    skew = skew_s(header, AT, AT)
    if skew is not None:
        skew_report(skew)
    anchor = anchor_of_date(header, reading(1e6), reading(1e6 + 1))
    if anchor is not None:
        assert anchor.began_at < anchor.wall_at
        assert corrected(reading(1e8), [anchor]) is not None


@pytest.mark.parametrize("off_s", [-3600.0, -31, -1, 0, 1, 31, 3600 * 24 * 365])
@pytest.mark.parametrize("trip_s", [0.02, 1.0, 9.0])
@pytest.mark.parametrize("server_part", [0.0, 0.5, 1.0])
def test_the_round_trip_is_taken_out(off_s: float, trip_s: float, server_part: float) -> None:
    """Wherever in the round trip the server wrote its time, the error stays below half of it and half a second."""
    sent_at = AT + timedelta(seconds=off_s - trip_s * server_part + 0.3)
    measured = skew_s(HEADER, sent_at, sent_at + timedelta(seconds=trip_s))
    assert measured is not None
    assert abs(measured - off_s) <= trip_s / 2 + 0.5


def test_a_clock_that_stepped_back_meanwhile_says_nothing() -> None:
    assert skew_s(HEADER, AT, AT - timedelta(seconds=1)) is None


def test_the_report() -> None:
    assert skew_report(SKEW_REPORT_S) is None
    assert skew_report(-SKEW_REPORT_S) is None
    ahead, behind = skew_report(200.2), skew_report(-3661)
    assert ahead is not None
    assert behind is not None
    assert ahead.startswith("this clock is 3 min 20 s ahead of the tracker's")
    assert behind.startswith("this clock is 1 h 1 min 1 s behind the tracker's")


def reading(boottime_s: float) -> Reading:
    return Reading(datetime(1970, 1, 1, tzinfo=UTC), boottime_s, "boot-1", 1, trusted=False)


def test_as_a_time_source_it_works_from_1970() -> None:
    anchor = anchor_of_date(HEADER, reading(100), reading(104))
    assert anchor is not None
    assert anchor.max_error_s == 2.5
    true_at = corrected(reading(42), [anchor])
    assert true_at is not None
    assert abs(true_at - (AT - timedelta(seconds=60))) <= timedelta(seconds=anchor.max_error_s)


@pytest.mark.parametrize(("skew", "told"), [(30.0, False), (-30.0, False), (30.1, True), (-30.1, True)])
def test_beyond_half_a_minute_it_is_told(skew: float, told: bool) -> None:
    assert (skew_report(skew) is not None) is told


@pytest.mark.parametrize(("year", "believed"), [(1969, False), (1970, True), (2199, True), (2200, False)])
def test_years_in_which_a_server_runs(year: int, believed: bool) -> None:
    assert (skew_s(f"01 Jun {year} 12:00:00 GMT", AT, AT) is not None) is believed


@pytest.mark.parametrize(
    "header", [HEADER, "Sat, 21 Nov 2026 08:02:13 +0100", "Sat, 21 Nov 2026 07:02:13 -0000", "21 Nov 2026 07:02:13"]
)
def test_the_zone_of_the_header_counts_and_none_is_utc(header: str) -> None:
    assert skew_s(header, AT, AT) == -0.5


def test_the_anchor_lies_in_the_middle_of_the_round_trip() -> None:
    anchor = anchor_of_date(HEADER, reading(100), reading(104))
    assert anchor is not None
    assert (anchor.boottime_s, anchor.wall_at) == (102, AT + timedelta(seconds=0.5))
