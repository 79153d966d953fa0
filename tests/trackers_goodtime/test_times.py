"""Times: every form is written, read and learned."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.json import Json
from clockd.trackers.goodtime.wire.times import (
    BadFormat,
    TimeFormat,
    as_wall_clock,
    learn_format,
    offset_in,
    zone_in_doubt,
)

VIENNA = ZoneInfo("Europe/Vienna")
KOLKATA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")
WINTER = datetime(2026, 11, 20, 8, 5)
SUMMER = datetime(2026, 7, 1, 8, 5)

FORMS: list[tuple[Json, str]] = [
    ("2026-11-20T08:05:00", "%Y-%m-%dT%H:%M:%S"),
    ("2026-11-20T08:05", "%Y-%m-%dT%H:%M"),
    ("2026-11-20 08:05:00", "%Y-%m-%d %H:%M:%S"),
    ("2026-11-20 08:05", "%Y-%m-%d %H:%M"),
    ("2026-11-20T08:05:00.000", "%Y-%m-%dT%H:%M:%S.%L"),
    ("2026-11-20T08:05:00.000000", "%Y-%m-%dT%H:%M:%S.%f"),
    ("2026-11-20T08:05:00+01:00", "%Y-%m-%dT%H:%M:%S%:z"),
    ("2026-11-20T08:05:00.000+0100", "%Y-%m-%dT%H:%M:%S.%L%z"),
    ("2026-11-20T08:05+01:00", "%Y-%m-%dT%H:%M%:z"),
    ("2026-11-20T07:05:00Z", "utc:%Y-%m-%dT%H:%M:%SZ"),
    ("2026-11-20T07:05:00.000Z", "utc:%Y-%m-%dT%H:%M:%S.%LZ"),
    ("2026-11-20T07:05:00+00:00", "utc:%Y-%m-%dT%H:%M:%S%:z"),
    ("20.11.2026 08:05", "%d.%m.%Y %H:%M"),
    ("20.11.2026, 08:05:00", "%d.%m.%Y, %H:%M:%S"),
    (1795158300000, "epoch_ms"),
    (1795158300, "epoch_s"),
]


@pytest.mark.parametrize(("sample", "text"), FORMS)
def test_a_form_is_learned_and_mirrored(sample: Json, text: str) -> None:
    form = learn_format(sample)
    assert form is not None
    assert form.text == text
    assert form.read(sample, VIENNA) == WINTER
    assert form.write(WINTER, VIENNA) == sample
    assert TimeFormat.parse(text) == form


def test_a_count_in_quotes_stays_in_quotes() -> None:
    form = learn_format("1795158300000")
    assert form is not None
    assert form.write(WINTER, VIENNA) == "1795158300000"
    assert form.read("1795158300000", VIENNA) == WINTER


@pytest.mark.parametrize(
    "sample",
    [
        "",
        "today",
        "2026-11-20",
        "08:05",
        "2026-02-31T08:00:00",
        "2026-11-20T25:00",
        "11/20/2026 08:05",
        None,
        True,
        5,
        17951583,
        1.5,
        [2026, 11, 20, 8, 5],
        {"date": "2026-11-20T08:05"},
        "2026-11-20T08:05:00+99:99",
        "٢٠٢٦-11-20T08:05",
    ],
)
def test_what_nobody_knows_is_not_learned(sample: Json) -> None:
    assert learn_format(sample) is None


@pytest.mark.parametrize(("sample", "text"), FORMS)
@pytest.mark.parametrize("zone", [VIENNA, KOLKATA, NEW_YORK, UTC])
@pytest.mark.parametrize("local", [WINTER, SUMMER, datetime(2026, 10, 25, 2, 30, fold=1), datetime(2026, 3, 29, 3, 0)])
def test_what_is_written_is_read_back(sample: Json, text: str, zone: ZoneInfo, local: datetime) -> None:
    form = TimeFormat.parse(text)
    back = form.read(form.write(local, zone), zone)
    assert back == local


def test_an_offset_tells_the_two_halves_of_the_autumn_night_apart() -> None:
    form = TimeFormat.parse("%Y-%m-%dT%H:%M:%S%:z")
    first, second = datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 2, 30, fold=1)
    assert form.write(first, VIENNA) == "2026-10-25T02:30:00+02:00"
    assert form.write(second, VIENNA) == "2026-10-25T02:30:00+01:00"


@pytest.mark.parametrize(
    "seen",
    [
        "2026-11-20T08:05:00.123",
        "2026-11-20 08:05:00",
        "2026-11-20T08:05",
        "2026-11-20T08:05:00.000+01:00",
        1795158300000,
        "2026-11-20T07:05:00Z",
        " 2026-11-20T08:05:00 ",
    ],
)
def test_reading_is_forgiving(seen: Json) -> None:
    """One entry made by the web page, another by an import: what is learned from one must read both."""
    found = TimeFormat.parse("%Y-%m-%dT%H:%M:%S").read(seen, VIENNA)
    assert found == WINTER


def test_a_date_alone_can_be_asked_for_and_is_no_time() -> None:
    form = TimeFormat("%Y-%m-%d")
    assert form.write(WINTER, VIENNA) == "2026-11-20"
    assert form.read("2026-11-20", VIENNA) is None


def test_a_configured_letter_z_is_not_believed() -> None:
    """Negative control: the other reading of the same text is an hour off."""
    text = "2026-11-20T08:05:00Z"
    assert TimeFormat.parse("%Y-%m-%dT%H:%M:%SZ").read(text, VIENNA) == WINTER
    assert TimeFormat.parse("utc:%Y-%m-%dT%H:%M:%SZ").read(text, VIENNA) == WINTER + timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("yyyy-MM-dd'T'HH:mm", "no %-directive"),
        ("%Y-%m-%d", "lacks %H"),
        ("%d %b %Y %H:%M", "%b is not known"),
        ("%Y-%m-%dT%H:%M:%S %H", "twice"),
        ("%Y-%m-%dT%H:%M%z%:z", "twice"),
        ("%Y-%m-%dT%H:%M%", "lone %"),
        ("", "no %-directive"),
        ("utc:", "no %-directive"),
    ],
)
def test_a_format_that_cannot_be_used_is_explained(text: str, why: str) -> None:
    with pytest.raises(BadFormat, match=why):
        TimeFormat.parse(text)


def test_short_directives_and_percent_signs() -> None:
    assert TimeFormat.parse("%FT%T").write(WINTER, VIENNA) == "2026-11-20T08:05:00"
    form = TimeFormat.parse("%F%%%R")
    assert form.write(WINTER, VIENNA) == "2026-11-20%08:05"
    assert form.read("2026-11-20%08:05", VIENNA) == WINTER


@pytest.mark.parametrize(
    ("sample", "zone", "doubt"),
    [
        ("2026-11-20T07:05:00Z", VIENNA, True),
        ("2026-11-20T07:05:00+00:00", VIENNA, True),
        ("2026-11-20T08:05:00+01:00", VIENNA, False),
        ("2026-11-20T08:05:00", VIENNA, False),
        (1795158300000, VIENNA, False),
        ("2026-11-20T07:05:00Z", ZoneInfo("Europe/London"), True),  # right in winter, and wrong from March on
        ("2026-11-20T07:05:00Z", ZoneInfo("Atlantic/Reykjavik"), False),
    ],
)
def test_a_label_utc_is_doubtful(sample: Json, zone: ZoneInfo, doubt: bool) -> None:
    form = learn_format(sample)
    assert form is not None
    assert zone_in_doubt(form, zone) is doubt


def test_the_other_reading_of_a_label() -> None:
    form = learn_format("2026-11-20T08:05:00+00:00")
    assert form is not None
    assert as_wall_clock(form).write(WINTER, VIENNA) == "2026-11-20T08:05:00+00:00"


def test_the_offset_of_a_sample() -> None:
    assert offset_in("2026-11-20T08:05:00+05:30") == timedelta(hours=5, minutes=30)
    assert offset_in("2026-11-20T08:05:00Z") is None
    assert offset_in(5) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.from_regex(r"[0-9TZ:+. -]{1,30}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(JSON, st.sampled_from([text for _, text in FORMS]))
def test_no_value_of_a_tracker_raises(value: Json, text: str) -> None:
    learn_format(value)
    offset_in(value)
    found = TimeFormat.parse(text).read(value, VIENNA)
    assert found is None or found.tzinfo is None


@given(st.text(max_size=30))
def test_no_configured_text_does_anything_but_explain(text: str) -> None:
    try:
        form = TimeFormat.parse(text)
    except BadFormat:
        return
    assert form.read(form.write(WINTER, VIENNA), VIENNA) == WINTER
