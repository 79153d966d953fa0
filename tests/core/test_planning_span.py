"""How an interval is said in the tracker's times, in the nights of the clock changes too."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clockd.core.planning.pairing import Pair
from clockd.core.planning.plan import Policy
from clockd.core.planning.span import is_extended, note_for, span, told_apart
from tests.core.lanes import DAY, ENTRIES, lane

AUTUMN, SPRING = datetime(2026, 10, 25), datetime(2026, 3, 29)
VIENNA = ZoneInfo("Europe/Vienna")
MINUTES = replace(ENTRIES, whole_minutes=True)
ZONED = replace(MINUTES, zone=VIENNA)
MUTE = replace(ZONED, says_offset=False)


def pair_on(day: datetime, items: str) -> Pair:
    opens, closes = (replace(item, at=item.at + (day - DAY)) for item in lane(items))
    return Pair(opens, closes)


def shown(pair: Pair, policy: Policy) -> str:
    """Begin and end; the second of two equal hours with an apostrophe."""
    return "-".join(f"{end:%H:%M:%S}".removesuffix(":00") + "'" * end.fold for end in span(pair, policy))


SUMMER, WINTER, WORK = "utc+2", "utc+1", "in 08:00:40; out 12:00:20"
CASES = [
    (DAY, WORK, ENTRIES, "08:00:40-12:00:20"),
    (DAY, WORK, MINUTES, "08:00-12:00"),
    (DAY, WORK, ZONED, "08:00-12:00"),
    (DAY, WORK, MUTE, "08:00-12:00"),
    # within a minute all of it is taken
    (DAY, "in 08:00:05; out 08:00:40", ENTRIES, "08:00:05-08:00:40"),
    (DAY, "in 08:00:05; out 08:00:40", MINUTES, "08:00-08:01"),
    (DAY, "in 08:00:05; out 08:00:40", MUTE, "08:00-08:01"),
    # earlier than it began: as it is, for a person to see
    (DAY, "in 08:00:30; out 08:00:10", MINUTES, "08:00:30-08:00:10"),
    # the clocks go back: where the tracker's times say which hour is meant, all of it can be said
    (AUTUMN, f"in 02:50 {SUMMER}; out 02:10 {WINTER}", ZONED, "02:50-02:10'"),
    (AUTUMN, f"in 02:50 {SUMMER}; out 02:10 {WINTER}", MUTE, "02:50-02:50"),
    (AUTUMN, f"in 02:50 {SUMMER}; out 02:10 {WINTER}", MINUTES, "02:50-02:10"),
    (AUTUMN, f"in 02:10 {SUMMER}; out 02:10 {WINTER}", ZONED, "02:10-02:10'"),
    (AUTUMN, f"in 02:10 {SUMMER}; out 02:10 {WINTER}", MUTE, "02:10-02:10"),
    (AUTUMN, f"in 02:10 {SUMMER}; out 02:11 {WINTER}", MUTE, "02:10-02:11'"),
    # without a zone the same minute twice is an hour, and no minute that could be taken
    (AUTUMN, f"in 02:10:05 {SUMMER}; out 02:10:40 {WINTER}", MINUTES, "02:10:05-02:10:05"),
    (AUTUMN, f"in 02:30:05 {WINTER}; out 02:30:40 {WINTER}", ZONED, "02:30'-02:31'"),
    (AUTUMN, f"in 02:30:05 {WINTER}; out 02:30:40 {WINTER}", MUTE, "02:30'-02:31'"),
    # the minute ends in the other hour
    (AUTUMN, f"in 02:59:05 {SUMMER}; out 02:59:40 {SUMMER}", ZONED, "02:59-02:00'"),
    (AUTUMN, f"in 02:59:05 {SUMMER}; out 02:59:40 {SUMMER}", MUTE, "02:59:05-02:59:05"),
    (AUTUMN, f"in 02:59:05 {WINTER}; out 02:59:40 {WINTER}", MUTE, "02:59'-03:00"),
    # the clocks go forward: a minute looks like an hour and one
    (SPRING, f"in 01:59:05 {WINTER}; out 01:59:40 {WINTER}", ZONED, "01:59-03:00"),
    (SPRING, f"in 01:59:05 {WINTER}; out 01:59:40 {WINTER}", MUTE, "01:59:05-01:59:05"),
    (SPRING, f"in 01:50 {WINTER}; out 03:10 {SUMMER}", MUTE, "01:50-03:10"),
]


@pytest.mark.parametrize(("day", "items", "policy", "expected"), CASES)
def test_span(day: datetime, items: str, policy: Policy, expected: str) -> None:
    assert shown(pair_on(day, items), policy) == expected


@pytest.mark.parametrize(
    ("items", "policy", "expected"),
    [
        (WORK, MINUTES, False),
        ("in 08:00:05; out 08:00:40", MINUTES, True),
        ("in 08:00; out 08:00", ZONED, True),
        ("in 08:00:05; out 08:00:40", ENTRIES, False),
        ("in 08:00:05; out 08:01", MINUTES, False),
    ],
)
def test_whether_it_takes_all_of_a_minute(items: str, policy: Policy, *, expected: bool) -> None:
    pair = pair_on(DAY, items)
    assert is_extended(pair, span(pair, policy)[1], policy.zone) is expected


@pytest.mark.parametrize(
    ("day", "offset", "zone", "fold"),
    [
        (AUTUMN, SUMMER, VIENNA, 0),
        (AUTUMN, WINTER, VIENNA, 1),
        (AUTUMN, WINTER, None, 0),
        (DAY, WINTER, VIENNA, 0),
    ],
)
def test_which_of_two_equal_times_is_meant(day: datetime, offset: str, zone: ZoneInfo | None, fold: int) -> None:
    opens = pair_on(day, f"in 02:30:05 {offset}; out 04:00").opens
    told = told_apart(opens, zone)
    assert (told, told.fold) == (day + timedelta(hours=2, minutes=30, seconds=5), fold)


@pytest.mark.parametrize(
    ("items", "note"),
    [
        (WORK, ""),
        (f"in 01:00 {SUMMER}; out 05:00 {WINTER}", "DST +60 min: true duration 300 min"),
        (f"in 01:00 {WINTER}; out 05:00 {SUMMER}", "DST -60 min: true duration 180 min"),
        (f"in 02:50 {SUMMER}; out 02:10 {WINTER}", ""),  # it cannot be said at all
    ],
)
def test_only_over_a_change_of_the_clocks_a_note_goes_with_it(items: str, note: str) -> None:
    assert note_for(pair_on(AUTUMN, items)) == note
