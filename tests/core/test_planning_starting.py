"""A clock-in alone: each rule of START by at least one case, and their edges."""

import pytest

from clockd.core.planning.starting import START
from tests.core.lanes import ENTRIES, seen
from tests.core.rules import Case, check, undecided

IN = "in 08:00 waiting"
LIVE = "08:00:10"
"""A moment after it."""

EARLIER = "is of an earlier boot, and nobody knows the time yet"
FORGOTTEN = "is older than a shift, or an in follows"
NO_TIMER = "the tracker has no timers"
NOT_SEEN = "was not looked at, or too long ago"
FROM_THEN = "a row from then"
ENDLESS = "a row of somebody's runs for longer than a shift"
BEFORE = "a row of somebody's runs since before"
LATER = "a row of somebody's runs since later"
OWN = "our own row of an earlier in still runs"
WITHIN = "a closed row around it"
START_IT = "nothing of these"

OWN_BEFORE = "in 15:00-1 delivered timer #41 done@15:00:02-1; in 08:00 waiting"
WITH_OUT = "1 wait for its out no-start"

CASES = [
    Case(EARLIER, "in 08:00 waiting old-boot", "rest", seen(at=LIVE), LIVE, trusted=False),
    Case(EARLIER, "in 20:00-1 waiting old-boot", "rest", seen(at=LIVE), LIVE, trusted=False),
    Case(FORGOTTEN, "in 17:00-1 waiting", "1 hold missing-out", now=LIVE),
    Case(FORGOTTEN, "in 18:00-1 waiting", "1 hold missing-out", seen(at="08:00:01"), "08:00:01"),
    Case(FORGOTTEN, "in 18:00-1 waiting", "1 hold missing-out", seen(at="08:00:01"), "08:00:01", policy=ENTRIES),
    Case(FORGOTTEN, "in 07:00 waiting; in 08:00 waiting", "1 hold missing-out", seen(at=LIVE), LIVE, which=0),
    # that an in follows needs no clock, and not that the timer may be started
    Case(FORGOTTEN, "in 07:00 waiting old-boot; in 08:00 waiting", "1 hold missing-out", which=0, trusted=False),
    Case(FORGOTTEN, "in 07:00 waiting no-start; in 08:00 waiting", "1 hold missing-out", which=0),
    Case(NO_TIMER, IN, WITH_OUT, seen("41 08:00..", LIVE), LIVE, policy=ENTRIES),
    Case(NO_TIMER, "in 08:00 waiting no-start", "waits", seen(at=LIVE), LIVE, policy=ENTRIES),
    Case(NOT_SEEN, IN, "look 08:00..08:00 after 07:55:10", None, LIVE),
    Case(NOT_SEEN, IN, "look 08:00..08:00 after 07:55:10", seen(at="07:55:09"), LIVE),
    Case(NOT_SEEN, IN, "look 08:00..08:00 after 07:55:10", seen(at=LIVE, over="08:00:01..09:00"), LIVE),
    Case(NOT_SEEN, IN, "look 08:00..08:00 after 07:55:10", seen(at=LIVE, over="07:00..07:59:59"), LIVE),
    Case(NOT_SEEN, "in 18:00-1 waiting", "look 18:00-1..18:00-1 after 07:59:30", None, "08:00"),  # a shift, not more
    # after a minute, or when it was sent before, a look of the last minutes is too old
    Case(NOT_SEEN, IN, "look 08:00..08:00 after 08:00:30", seen(at="08:00:29"), "08:01"),
    Case(NOT_SEEN, "in 08:00 waiting sent@07:59:50", "look 08:00..08:00 after 07:59:50", seen(at="07:59:49"), LIVE),
    Case(NOT_SEEN, "in 08:00 waiting old-boot", "look 08:00..08:00 after 07:55:10", None, LIVE),
    # of several pages it may be older, and so much older as the read took
    Case(NOT_SEEN, IN, "look 08:00..08:00 after 07:59:28", seen(at="07:59:27", pages=3, slack_s=2), "08:01"),
    Case(NOT_SEEN, IN, "look 08:00..08:00 after 07:58:30", seen(at="07:58:29", pages=9), "08:01"),
    Case(FROM_THEN, IN, "1 found #41 timer", seen("41 08:00..", LIVE), LIVE),
    Case(FROM_THEN, IN, "1 found #41 timer", seen("41 08:00:59..", LIVE), LIVE),
    Case(FROM_THEN, IN, "1 found #41 timer", seen("41 07:59:01..", LIVE), LIVE),
    Case(FROM_THEN, IN, "1 found #41 adopted", seen("41 08:00..08:20", "08:30"), "08:30"),
    Case(FROM_THEN, IN, "1 found #42 timer", seen("41 17:00-1..; 42 08:00..", LIVE), LIVE),
    Case(ENDLESS, IN, "1 hold conflict", seen("41 17:59:59-1..", LIVE), LIVE),
    Case(ENDLESS, IN, "1 hold conflict", seen("42 07:00..; 41 17:00-1..", LIVE), LIVE),
    Case(BEFORE, IN, "1 found #41 adopted", seen("41 18:00-1..", LIVE), LIVE),
    Case(BEFORE, IN, "1 found #41 adopted", seen("41 07:59..", LIVE), LIVE),
    Case(BEFORE, IN, "1 found #41 adopted", seen("40 08:03..; 41 07:30..", "08:05"), "08:05"),
    Case(LATER, IN, WITH_OUT, seen("41 08:01..", "08:05"), "08:05"),
    Case(OWN, OWN_BEFORE, "2 wait for its out no-start", seen("41 15:00-1..", LIVE), LIVE),
    # a look from before our own start does not show whether that still runs
    Case(
        NOT_SEEN,
        "in 07:59:50 delivered timer #41 done@08:00:02; in 08:00 waiting",
        "look 08:00..08:00 after 08:00:02.001",
        seen("41 07:59:50..", "08:00:02"),
        LIVE,
    ),
    Case(WITHIN, IN, "1 hold conflict", seen("41 07:00..08:30", "08:05"), "08:05"),
    Case(WITHIN, IN, "1 hold conflict", seen("41 07:00..08:01:01", "08:05"), "08:05"),
    Case(START_IT, IN, "StartTimer 08:00 by 1", seen(at="07:55:10"), LIVE),
    Case(START_IT, IN, "StartTimer 08:00 by 1", seen("41 07:00..08:01", "08:05"), "08:05"),
    Case(START_IT, IN, "StartTimer 08:00 by 1", seen("41 08:01..08:30", "08:45"), "08:45"),
    Case(START_IT, "in 08:00 waiting old-boot", "StartTimer 08:00 by 1", seen(at=LIVE), LIVE),
    Case(START_IT, IN, "StartTimer 08:00 by 1", seen(at="07:58:30", pages=5), "08:01"),
    # their own that ran is ended, or the one before it was ended by an out
    Case(
        START_IT,
        "in 15:00-1 delivered timer #41; in 08:00 waiting",
        "StartTimer 08:00 by 2",
        seen("41 15:00-1..19:00-1", LIVE),
        LIVE,
    ),
    Case(
        START_IT,
        "in 06:00 delivered timer #41; out 07:00 delivered timer #41; in 08:00 waiting",
        "StartTimer 08:00 by 3",
        seen("41 06:00..07:00", LIVE),
        LIVE,
    ),
    Case(START_IT, "resume 08:00 waiting", "StartTimer 08:00 by 1", seen(at=LIVE), LIVE),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_clock_in_alone(case: Case) -> None:
    check(case, START)


def test_each_rule_decides_a_case() -> None:
    assert not undecided(START, CASES)


def test_an_in_that_waits_for_a_person_does_not_stop_the_ones_after_it() -> None:
    case = Case(START_IT, "in 07:00 held:missing-out; in 08:00 waiting", "StartTimer 08:00 by 2", seen(at=LIVE), LIVE)
    check(case, START)


def test_an_in_on_a_project_is_no_matter_of_a_timer_unless_projects_split() -> None:
    check(
        Case(START_IT, f"{IN}; project 08:00:05 waiting on:Roof", "StartTimer 08:00 by 1", seen(at=LIVE), LIVE), START
    )
