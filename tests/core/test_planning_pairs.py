"""A clock-in with what ends it: each rule of CREATE, OUT_IS_HELD, IN_IS_HELD and BREAKS by at least one case."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from clockd.core.planning.pairs import BREAKS, CREATE, IN_IS_HELD, OUT_IS_HELD
from clockd.core.planning.plan import Policy
from tests.core.lanes import ENTRIES, TIMER, because, seen
from tests.core.rules import Case, check, planned, undecided

PAIR = "in 08:00 waiting; out 12:00 waiting"
AT_HOME = "in 08:00 waiting as:home; out 12:00 waiting"
SWITCHED = "in 08:00 waiting; project 10:00 waiting as:home; out 12:00 waiting"
LIVE = "12:00:10"
FREE = seen(at=LIVE)
"""Looked at, and nothing is there."""
MINUTES = replace(ENTRIES, whole_minutes=True, split_projects=True)
BREAKS_IN = replace(ENTRIES, breaks_in_minutes=True)
HOLIDAYS = replace(ENTRIES, time_types=frozenset({"work"}))
KEYS = replace(HOLIDAYS, named_types={"home": frozenset({"h-1"}), "work": frozenset({"work"})}, split_projects=True)
UNSEEN = replace(ENTRIES, look_first=False)
VIENNA = replace(MINUTES, zone=ZoneInfo("Europe/Vienna"))

LONG = "is longer than a shift, and nobody said that it is so"
PART_HELD = "a break within it is held"
UNSAYABLE = "the tracker's times cannot say it"
MINUTE = "takes a whole minute that may not be free"
NOT_SEEN = "was not looked at, or too long ago"
SAME = "the same interval"
OVERLAPS = "another one that overlaps"
CREATE_IT = "nothing of these"

BOTH_FOUND = "1 found #41 adopted; 2 found #41 adopted"
BOTH_HELD = "1 hold conflict>2; 2 hold conflict>1"


def create(
    rule: str, items: str, plan: str, *, free: bool = True, policy: Policy = ENTRIES, now: str = LIVE, which: int = -1
) -> Case:
    return Case(rule, items, plan, seen(at=now) if free else None, now, policy, which=which)


def beside(rule: str, rows: str, plan: str, policy: Policy = ENTRIES, items: str = PAIR) -> Case:
    return Case(rule, items, plan, seen(rows, LIVE), LIVE, policy)


LONG_CASES = [
    create(LONG, "in 21:59:59-1 waiting; out 12:00 waiting", "1 hold missing-out"),
    create(LONG, "in 21:59:59-1 waiting; out 12:00 waiting", "1 hold missing-out", free=False, policy=TIMER),
    create(LONG, "in 21:00-1 waiting; project 12:00 waiting", "1 hold missing-out", policy=MINUTES, which=0),
    create(CREATE_IT, "in 22:00-1 waiting; out 12:00 waiting", "CreateEntry 22:00-1..12:00 by 1,2"),
    create(CREATE_IT, "in 20:00-1 waiting; out 12:00 waiting said", "CreateEntry 20:00-1..12:00 by 1,2"),
    create(PART_HELD, "in 08:00 waiting; break 10:00 held:conflict; out 12:00 waiting", "waits", policy=BREAKS_IN),
]

EMPTY = "1 hold unsendable>2; 2 hold unsendable>1"
AUTUMN = "in 02:50 waiting utc+2; out 02:10 waiting utc+1"
SAID_CASES = [
    create(UNSAYABLE, "in 12:00 waiting; out 12:00 waiting", EMPTY, free=False),
    create(UNSAYABLE, AUTUMN, EMPTY),
    create(UNSAYABLE, "in 02:10 waiting utc+2; out 02:10 waiting utc+1", EMPTY),
    create(CREATE_IT, "in 12:00 waiting; out 12:00:01 waiting", "CreateEntry 12:00..12:00:01 by 1,2"),
]

SHORT = "in 11:59:05 waiting; out 11:59:40 waiting"
MINUTE_CASES = [
    create(MINUTE, SHORT, "rest until 12:00", policy=MINUTES, now="11:59:41"),
    create(MINUTE, SHORT, "rest until 12:00", policy=MINUTES, now="11:59:59", free=False),
    create(CREATE_IT, SHORT, "CreateEntry 11:59..12:00 by 1,2", policy=MINUTES, now="12:00"),
    create(
        MINUTE,
        f"{SHORT}; in 11:59:59 waiting",
        "1 hold within-a-minute>3; 2 hold within-a-minute>3",
        policy=MINUTES,
        which=0,
    ),
    create(CREATE_IT, f"{SHORT}; in 12:00 waiting", "CreateEntry 11:59..12:00 by 1,2", policy=MINUTES, which=0),
    # the minute is not over, and they are in again: nothing comes between
    create(
        CREATE_IT,
        f"{SHORT}; in 12:00 waiting",
        "CreateEntry 11:59..12:00 by 1,2",
        policy=MINUTES,
        now="11:59:50",
        which=0,
    ),
    # who is out already cannot go out again, and what counts no more takes no minute
    create(
        CREATE_IT, f"{SHORT}; out 11:59:59 held:orphan-out", "CreateEntry 11:59..12:00 by 1,2", policy=MINUTES, which=0
    ),
    create(CREATE_IT, f"{SHORT}; in 11:59:59 ignored", "CreateEntry 11:59..12:00 by 1,2", policy=MINUTES),
    create(MINUTE, f"{SHORT}; in 11:59:59 void", "rest until 12:00", policy=MINUTES, now="11:59:59"),
    create(
        MINUTE,
        "in 11:59:05 waiting; project 11:59:40 waiting on:Roof",
        "1 nothing to send",
        policy=MINUTES,
        now="11:59:50",
        which=0,
    ),
    create(CREATE_IT, "in 11:58:59 waiting; out 11:59 waiting", "CreateEntry 11:58..11:59 by 1,2", policy=MINUTES),
]

SEEN_CASES = [
    create(NOT_SEEN, PAIR, "look 08:00..12:00 after 11:58:10", free=False),
    create(NOT_SEEN, PAIR, "look 08:00..12:00 after 11:58:10", free=False, policy=TIMER),
    Case(NOT_SEEN, PAIR, "look 08:00..12:00 after 11:58:10", seen(at="11:58:09"), LIVE, ENTRIES),
    Case(NOT_SEEN, PAIR, "look 08:00..12:00 after 11:56:05", seen(at="11:56:04", pages=2, slack_s=5), LIVE, ENTRIES),
    Case(CREATE_IT, PAIR, "CreateEntry 08:00..12:00 by 1,2", seen(at="11:58:10"), LIVE, ENTRIES),
    create(CREATE_IT, PAIR, "CreateEntry 08:00..12:00 by 1,2", free=False, policy=UNSEEN),
    # what a person leaves at the tracker may be in the way, which only a look shows
    create(
        NOT_SEEN,
        f"in 07:00 ignored entry #40 taken-back; {PAIR}",
        "look 08:00..12:00 after 11:58:10",
        free=False,
        policy=UNSEEN,
    ),
    create(CREATE_IT, PAIR, "CreateEntry 08:00..12:00 by 1,2", free=False, policy=replace(ENTRIES, blind=True)),
    beside(CREATE_IT, "41 08:00..12:00", "CreateEntry 08:00..12:00 by 1,2", replace(ENTRIES, blind=True)),
]

ROW_CASES = [
    beside(SAME, "41 08:00..12:00", BOTH_FOUND),
    beside(SAME, "41 08:00:59..11:59:01", BOTH_FOUND),
    beside(SAME, "51 08:00..12:00; 41 08:00..12:00", BOTH_FOUND),
    beside(SAME, "41 08:00..10:00; 42 10:00..12:00", "1 found #41,42 adopted; 2 found #41,42 adopted"),
    beside(SAME, "41 08:00..12:00 type:work", BOTH_FOUND, HOLIDAYS),
    beside(SAME, "41 08:00..12:00", BOTH_FOUND, HOLIDAYS),
    beside(OVERLAPS, "41 08:00..12:00 type:holiday", BOTH_HELD, HOLIDAYS),
    # of the time type that the key named, which is another one than the usual
    beside(SAME, "41 08:00..12:00 type:h-1", BOTH_FOUND, KEYS, AT_HOME),
    beside(SAME, "41 08:00..12:00", BOTH_FOUND, KEYS, AT_HOME),
    beside(OVERLAPS, "41 08:00..12:00 type:work", BOTH_HELD, KEYS, AT_HOME),
    beside(OVERLAPS, "41 08:00..12:00 type:h-1", BOTH_HELD, KEYS),
    beside(CREATE_IT, "", "CreateEntry 08:00..12:00 as home by 1,2", KEYS, AT_HOME),
    Case(CREATE_IT, SWITCHED, "CreateEntry 08:00..10:00 by 1", FREE, LIVE, KEYS, which=0),
    Case(
        CREATE_IT,
        SWITCHED.replace("in 08:00 waiting", "in 08:00 delivered entry #41"),
        "CreateEntry 10:00..12:00 as home by 2,3",
        FREE,
        LIVE,
        KEYS,
    ),
    beside(OVERLAPS, "41 08:00..12:01", BOTH_HELD),
    beside(OVERLAPS, "41 07:00..08:01:01", BOTH_HELD),
    beside(OVERLAPS, "41 11:58:59..13:00", BOTH_HELD),
    beside(OVERLAPS, "41 07:00..", BOTH_HELD),
    beside(CREATE_IT, "41 07:00..08:01; 42 11:59..13:00", "CreateEntry 08:00..12:00 by 1,2"),
    # what was to be deleted and stayed is nobody's, and yet in the way
    beside(
        OVERLAPS,
        "40 08:00..12:00",
        "2 hold conflict>3; 3 hold conflict>2",
        items=f"in 07:00 held:not-deleted taken-back entry #40; {PAIR}",
    ),
    # what another punch of ours owns stands where it is booked
    beside(
        CREATE_IT,
        "41 08:00..12:00",
        "CreateEntry 08:00..12:00 by 3,4",
        items=f"in 06:00 delivered entry #41; out 07:00 delivered entry #41; {PAIR}",
    ),
]

ON_ROOF = "project 08:00 waiting on:Roof; out 12:00 waiting"
CREATE_CASES = [
    create(
        CREATE_IT,
        "in 08:00 waiting; break 10:00 waiting; resume 10:29:31 waiting; out 12:00 waiting",
        "CreateEntry 08:00..12:00 break 30 by 1,2,3,4",
        policy=BREAKS_IN,
    ),
    create(
        CREATE_IT,
        "in 08:00 waiting; break 10:00 ignored; resume 10:30 waiting; out 12:00 waiting",
        "CreateEntry 08:00..12:00 by 1,3,4",
        policy=BREAKS_IN,
    ),
    create(
        CREATE_IT,
        "in 00:30 waiting utc+2; out 04:30 waiting utc+1",
        "CreateEntry 00:30..04:30 note 'DST +60 min: true duration 300 min' by 1,2",
    ),
    create(CREATE_IT, ON_ROOF, "CreateEntry 08:00..12:00 on Roof by 1,2", policy=MINUTES),
    # a switch ends one and begins the next, with which it is booked
    create(CREATE_IT, f"in 06:00 waiting; {ON_ROOF}", "CreateEntry 06:00..08:00 by 1", policy=MINUTES, which=0),
    create(
        CREATE_IT,
        "in 06:00 waiting; project 08:00 held:conflict on:Roof",
        "CreateEntry 06:00..08:00 by 1",
        policy=MINUTES,
        which=0,
    ),
    # with the zone both hours of an autumn night are told apart; the offset of this day is another one
    create(CREATE_IT, PAIR, "CreateEntry 08:00..12:00 by 1,2", policy=VIENNA),
]

CREATES = [*LONG_CASES, *SAID_CASES, *MINUTE_CASES, *SEEN_CASES, *ROW_CASES, *CREATE_CASES]

TOO_LATE = "the out comes longer than a shift after it"
ITS_IN = "nothing of these"
OUT_HELD = [
    create(TOO_LATE, "in 20:00-1 waiting; out 12:00 held:too-long>1", "1 hold missing-out", free=False),
]
IN_HELD = [
    create(TOO_LATE, "in 20:00-1 held:missing-out; out 12:00 waiting", "2 hold too-long>1", free=False),
    create(ITS_IN, "in 08:00 held:conflict; out 12:00 waiting", "2 hold its-in>1", free=False),
    create(ITS_IN, "in 20:00-1 held:conflict; out 12:00 waiting said", "2 hold its-in>1", free=False),
]

A_BREAK = "a break within it waits"
LATE = "break 10:00 waiting; resume 10:30 waiting; out 12:00 delivered"
BREAK_CASES = [
    create(
        A_BREAK,
        f"in 08:00 delivered timer #41; {LATE} timer #41",
        "UpdateEntry 41 break 30 by 2,3 on 41",
        policy=BREAKS_IN,
    ),
    create(
        A_BREAK,
        f"in 08:00 delivered timer #41,42; {LATE} timer #42,43",
        "UpdateEntry 42 break 30 by 2,3 on 42",
        policy=BREAKS_IN,
    ),
    create(
        A_BREAK, f"in 08:00 delivered entry #41; {LATE} entry", "UpdateEntry 41 break 30 by 2,3 on 41", policy=BREAKS_IN
    ),
    create(A_BREAK, f"in 08:00 delivered timer; {LATE} timer", "2 hold conflict; 3 hold conflict", policy=BREAKS_IN),
]


@pytest.mark.parametrize("case", CREATES, ids=str)
def test_an_in_and_an_out_that_wait(case: Case) -> None:
    check(case, CREATE)


@pytest.mark.parametrize("case", OUT_HELD, ids=str)
def test_an_out_that_is_held(case: Case) -> None:
    check(case, OUT_IS_HELD)


@pytest.mark.parametrize("case", IN_HELD, ids=str)
def test_an_in_that_is_held(case: Case) -> None:
    check(case, IN_IS_HELD)


@pytest.mark.parametrize("case", BREAK_CASES, ids=str)
def test_a_pair_that_is_booked(case: Case) -> None:
    check(case, BREAKS)


def test_each_rule_decides_a_case() -> None:
    assert not undecided(CREATE, CREATES)
    assert not undecided(OUT_IS_HELD, OUT_HELD)
    assert not undecided(IN_IS_HELD, IN_HELD)
    assert not undecided(BREAKS, BREAK_CASES)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (
            "in 12:00 waiting; out 12:00 waiting",
            "12:00:00–12:00:00 is too short for the tracker: ignore it, or enter it there",
        ),
        (AUTUMN, "Proposal: enter 02:50–03:10"),
        (PAIR, "20 Nov 08:00–12:00 overlaps entry 41 20 Nov 07:00–13:00, entry 42 running since 20 Nov 09:00"),
    ],
)
def test_what_is_held_says_why(items: str, words: str) -> None:
    case = beside(OVERLAPS, "41 07:00..13:00; 42 09:00..", "", items=items)
    assert words in because(planned(case))
