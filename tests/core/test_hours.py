"""What was worked, of one employee's punches: a table of lanes, and the days and the lacks that come of each."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.delivery import Mark, State
from clockd.core.hours import Hours, pair_of, reckon, seconds
from clockd.core.model import ClockQuality, Kind
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import Pair, intervals
from clockd.core.timebase import moments, offset_s
from tests.core.lanes import DAY, WINTER_S, clock, lane, local
from tests.flow.house import VIENNA

SHIFT_S = 14 * 3600.0


def at(text: str) -> datetime:
    """True time of a wall clock."""
    return local(text).replace(tzinfo=UTC) - timedelta(seconds=WINTER_S)


def told(found: Hours) -> str:
    """A sheet in one line: `20: 08:00-12:00 … break 1800 | lacks out 3`."""
    days = [
        f"{(day.day - DAY.date()).days:+d} "
        + " ".join(
            f"{clock(s.begins.local)}-{clock(s.ends.local) if s.ends else 'now'}"
            + (f" {s.project.name}" if s.project else "")
            + ("?" if s.uncertain else "")
            + ("!" if s.held else "")
            for s in day.stretches
        )
        + f" = {day.worked_s}"
        + (f" break {day.break_s}" if day.pauses else "")
        for day in found.days
    ]
    return "; ".join([*days, *(f"lacks {m.what} of {m.item.seq}" for m in found.missing)])


@pytest.mark.parametrize(
    ("punches", "now", "expected"),
    [
        ("", "18:00", ""),
        ("in 08:00 delivered; out 16:30 delivered", "18:00", "+0 08:00-16:30 = 30600"),
        ("in 08:00 waiting; out 16:30 waiting", "18:00", "+0 08:00-16:30 = 30600"),
        ("in 08:00:00.900 waiting; out 08:00:01.100 waiting", "18:00", "+0 08:00-08:00:01 = 1"),
        (
            "in 08:00 delivered; break 12:00 delivered; resume 12:30 delivered; out 16:00 delivered",
            "18:00",
            "+0 08:00-12:00 12:30-16:00 = 27000 break 1800",
        ),
        ("in 08:00 delivered; break 12:00 delivered; out 12:10 delivered", "18:00", "+0 08:00-12:00 = 14400"),
        (
            "in 08:00 delivered; break 12:00 delivered; in 14:00 delivered; out 16:00 delivered",
            "18:00",
            "+0 08:00-12:00 14:00-16:00 = 21600",
        ),
        ("in 08:00 delivered", "18:00", "+0 08:00-now = 36000"),
        ("in 08:00 delivered", "22:01", "lacks out of 1"),
        (
            "in 08:00 delivered; in 16:00 delivered; out 18:00 delivered",
            "18:00",
            "+0 16:00-18:00 = 7200; lacks out of 1",
        ),
        ("out 16:00 held:orphan-out", "18:00", "lacks in of 1"),
        ("in 06:00 held:missing-out; out 21:00 held:too-long", "22:00", "lacks out of 1; lacks too-late of 2"),
        ("in 06:00 waiting; out 21:00 waiting said", "22:00", "+0 06:00-21:00 = 54000"),
        # a night shift is of the day on which it began, with all that follows its breaks
        (
            "in 22:00 delivered; break 23:30 delivered; resume 00:30+1 delivered; out 06:00+1 delivered",
            "07:00+1",
            "+0 22:00-23:30 00:30+1-06:00+1 = 25200 break 3600",
        ),
        # somebody forgot to resume, and came back the next day
        (
            "in 08:00-1 delivered; break 12:00-1 delivered; resume 08:00 delivered; out 12:00 delivered",
            "13:00",
            "-1 08:00-1-12:00-1 = 14400; +0 08:00-12:00 = 14400",
        ),
        (
            "in 08:00 held:refused; out 12:00 held:its-in",
            "13:00",
            "+0 08:00-12:00! = 14400; lacks held of 1; lacks held of 2",
        ),
        ("in 08:00 void; in 09:00 delivered; out 12:00 delivered", "13:00", "+0 09:00-12:00 = 10800"),
        ("in 08:00 ignored; out 12:00 ignored", "13:00", ""),
        ("in 12:00 delivered; out 11:00 delivered", "13:00", "lacks order of 2"),
    ],
)
def test_what_comes_of_a_lane(punches: str, now: str, expected: str) -> None:
    assert told(reckon(lane(punches), date(2026, 11, 1), date(2026, 11, 30), at(now), SHIFT_S)) == expected


def test_a_project_switch_ends_one_stretch_and_begins_the_next() -> None:
    punches = lane("in 22:00 delivered; project 23:00 delivered on:Roof; out 02:00+1 delivered")
    sheet = reckon(punches, DAY.date(), DAY.date(), at("03:00+1"), SHIFT_S)
    assert told(sheet) == "+0 22:00-23:00 23:00-02:00+1 Roof = 14400"


def test_an_uncertain_time_is_marked_whatever_day_it_shows() -> None:
    early, late = lane("in 08:00 waiting; out 12:00 waiting")
    unknown = Item(2, "ada", Kind.OUT, late.at, late.offset_s, State.HELD, clock=ClockQuality.UNCERTAIN)
    assert told(reckon([early, unknown], DAY.date(), DAY.date(), at("13:00"), SHIFT_S)) == (
        "+0 08:00-12:00?! = 14400; lacks time of 2"
    )
    never = Item(1, "ada", Kind.IN, datetime(1970, 1, 1, tzinfo=UTC), 0, State.WAITING, clock=ClockQuality.UNCERTAIN)
    assert told(reckon([never], DAY.date(), DAY.date(), at("13:00"), SHIFT_S)) == "lacks out of 1"


@pytest.mark.parametrize(
    ("span", "expected"),
    [(-1, "-1 22:00-1-06:00 = 28800"), (0, "+0 22:00-06:00+1 = 28800"), (1, "")],
)
def test_a_span_has_the_shifts_that_began_in_it(span: int, expected: str) -> None:
    punches = lane("in 22:00-1 delivered; out 06:00 delivered; in 22:00 delivered; out 06:00+1 delivered")
    day = DAY.date() + timedelta(days=span)
    assert told(reckon(punches, day, day, at("07:00+1"), SHIFT_S)) == expected


def zoned(kind: Kind, seq: int, wall: datetime, fold: int = 0) -> Item:
    """A punch in Vienna."""
    true = moments(wall, VIENNA)[fold]
    return Item(seq, "ada", kind, true, offset_s(true, VIENNA), State.DELIVERED)


@pytest.mark.parametrize(
    ("begin", "end", "fold", "worked_h"),
    [
        (datetime(2026, 3, 28, 22), datetime(2026, 3, 29, 6), 0, 7),  # spring: the wall shows 8
        (datetime(2026, 10, 24, 22), datetime(2026, 10, 25, 6), 0, 9),  # autumn: the wall shows 8
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 2, 30), 1, 1),  # the wall shows nothing
    ],
)
def test_durations_are_true_when_the_clocks_are_changed(
    begin: datetime, end: datetime, fold: int, worked_h: int
) -> None:
    punches = [zoned(Kind.IN, 1, begin), zoned(Kind.OUT, 2, end, fold)]
    found = reckon(punches, begin.date(), begin.date(), punches[1].at, SHIFT_S)
    assert [day.worked_s for day in found.days] == [worked_h * 3600]


KINDS = st.sampled_from([Kind.IN, Kind.OUT, Kind.BREAK, Kind.RESUME, Kind.PROJECT])


@given(st.lists(st.tuples(KINDS, st.integers(1, 40_000), st.booleans()), max_size=14))
def test_by_its_neighbours_a_punch_finds_the_same_partner_as_the_planner(
    taps: list[tuple[Kind, int, bool]],
) -> None:
    now_at, punches = datetime(2026, 11, 20, tzinfo=UTC), list[Item]()
    for seq, (kind, after_s, said) in enumerate(taps, 1):
        now_at += timedelta(seconds=after_s)
        mark = Mark.SAID if said else None
        punches.append(Item(seq, "ada", kind, now_at, 3600, State.DELIVERED, mark=mark))
    around = [None, *punches, None]
    pairs = {}
    for (before, here), (_, after) in pairwise(pairwise(around)):
        if here is not None and (found := pair_of(here, before, after, SHIFT_S)) and found.worked_s is not None:
            pairs[found.other.seq, here.seq] = found.worked_s
    expected = {
        (pair.opens.seq, pair.closes.seq): seconds(pair.opens.at, pair.closes.at)
        for pair in intervals(punches, breaks_in_minutes=False, split_projects=True)
        if isinstance(pair, Pair)
        if pair.closes.mark is Mark.SAID or (pair.closes.at - pair.opens.at).total_seconds() <= SHIFT_S
    }
    assert pairs == expected
    sheet = reckon(punches, date(2026, 1, 1), date(2027, 12, 31), now_at, SHIFT_S)
    worked = sum(s.worked_s for day in sheet.days for s in day.stretches if s.ends)
    assert worked == sum(expected.values())
