"""Whole minutes never make two intervals overlap."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.minutes import NoWholeMinutes, WholeMinutes, whole_minutes

VIENNA = ZoneInfo("Europe/Vienna")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-20T{text}")


@pytest.mark.parametrize(
    ("begin", "end", "following", "expected"),
    [
        ("08:00:40", "12:00:40", None, ("08:00", "12:00", False)),
        ("08:00:00", "12:00:00", "12:00:50", ("08:00", "12:00", False)),
        ("12:00:05", "12:00:40", None, ("12:00", "12:01", True)),
        ("12:00:05", "12:00:40", "12:01:00", ("12:00", "12:01", True)),
        ("12:00:05", "12:00:05", "13:00:00", ("12:00", "12:01", True)),
        ("12:00:59", "12:01:00", None, ("12:00", "12:01", False)),
    ],
)
def test_whole_minutes(begin: str, end: str, following: str | None, expected: tuple[str, str, bool]) -> None:
    found = whole_minutes(at(begin), at(end), at(following) if following else None)
    assert found == WholeMinutes(at(expected[0]), at(expected[1]), expected[2])


@pytest.mark.parametrize(
    ("begin", "end", "following"),
    [
        ("12:00:05", "12:00:20", "12:00:50"),  # the next in lies in the same minute
        ("12:00:05", "12:00:20", "12:00:30"),  # … or the present moment does: wait until the minute is over
        ("12:00:30", "11:59:00", None),  # the clocks went back
        ("12:00:30", "12:00:10", None),
    ],
)
def test_what_has_no_whole_minutes_is_held(begin: str, end: str, following: str | None) -> None:
    assert isinstance(whole_minutes(at(begin), at(end), at(following) if following else None), NoWholeMinutes)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2026-10-25T00:59:05", "2026-10-25T00:59:40", ("02:59", 0, "02:00", 1)),  # UTC; the minute ends in CET
        ("2026-10-25T01:59:05", "2026-10-25T01:59:40", ("02:59", 1, "03:00", 0)),
        ("2026-10-25T00:30:05", "2026-10-25T00:30:40", ("02:30", 0, "02:31", 0)),
        ("2026-10-25T01:30:05", "2026-10-25T01:30:40", ("02:30", 1, "02:31", 1)),
        ("2026-10-25T00:50:05", "2026-10-25T01:10:40", ("02:50", 0, "02:10", 1)),
        ("2026-10-25T00:30:05", "2026-10-25T01:30:40", ("02:30", 0, "02:30", 1)),
        ("2026-03-29T00:59:05", "2026-03-29T00:59:40", ("01:59", 0, "03:00", 0)),
    ],
)
def test_a_minute_is_a_true_one_where_the_zone_is_known(
    begin: str, end: str, expected: tuple[str, int, str, int]
) -> None:
    came, went = (
        datetime.fromisoformat(text).replace(tzinfo=UTC).astimezone(VIENNA).replace(tzinfo=None)
        for text in (begin, end)
    )
    found = whole_minutes(came, went, zone=VIENNA)
    assert isinstance(found, WholeMinutes)
    ends = found.from_local, found.to_local
    assert tuple(part for local in ends for part in (f"{local:%H:%M}", local.fold)) == expected


def test_in_true_time_too_an_out_does_not_come_before_its_in() -> None:
    back = datetime(2026, 10, 25, 2, 50, fold=1), datetime(2026, 10, 25, 2, 55, fold=0)
    assert isinstance(whole_minutes(*back), WholeMinutes)
    assert isinstance(whole_minutes(*back, zone=VIENNA), NoWholeMinutes)


@given(st.lists(st.integers(0, 7200), min_size=2, max_size=24).map(sorted))
def test_a_day_of_punches_never_overlaps(seconds: list[int]) -> None:
    """Whatever the punches: what is sent is whole, not empty, and begins when the one before has ended or later."""
    day = at("08:00:00")
    punches = [day + timedelta(seconds=s) for s in seconds[: len(seconds) // 2 * 2]]
    pairs = list(zip(punches[::2], punches[1::2], strict=True))
    last_end = None
    for n, (begin, end) in enumerate(pairs):
        following = pairs[n + 1][0] if n + 1 < len(pairs) else None
        found = whole_minutes(begin, end, following)
        if isinstance(found, NoWholeMinutes):
            continue
        assert found.from_local < found.to_local
        assert found.from_local.second == found.to_local.second == 0
        assert last_end is None or last_end <= found.from_local
        last_end = found.to_local


def test_without_looking_at_the_next_in_two_intervals_overlap() -> None:
    """Negative control of the test above: the rule needs to know the next in."""
    first = whole_minutes(at("12:00:05"), at("12:00:20"))
    second = whole_minutes(at("12:00:30"), at("12:30:00"))
    assert isinstance(first, WholeMinutes)
    assert isinstance(second, WholeMinutes)
    assert first.to_local > second.from_local
