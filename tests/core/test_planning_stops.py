"""A clock-out that ends a timer: each rule of STOP and ORPHAN by at least one case, and their edges."""

from dataclasses import replace

import pytest

from clockd.core.planning.stops import ORPHAN, STOP
from tests.core.lanes import ENTRIES, TIMER, because, seen
from tests.core.rules import Case, check, planned, undecided

IN = "in 08:00 delivered timer #41 done@08:00:02"
PAIR = f"{IN}; out 12:00 waiting"
LIVE = "12:00:10"
"""A moment after the out."""
NOTE = "DST +60 min: true duration 300 min"

ELSEWHERE = "its in is at another tracker or account"
NO_TIMERS = "the tracker has no timers"
UNSAYABLE = "the tracker's times cannot say it"
JUST_STARTED = "our start was proved a moment ago"
NOT_SEEN = "was not looked at, or too long ago"
GONE = "our row is gone"
ENDED = "our row ends then"
WENT_ON = "our row ended otherwise, another runs since"
OTHERWISE = "our row ended otherwise"
NOT_ALONE = "our row runs beside another, or needs a note"
RUNS = "our row runs"

JUST = "in 11:50 delivered timer #41 done@11:55:10; out 12:00 waiting"
NAMELESS = "in 08:00 delivered timer done@08:00:02; out 12:00 waiting"
"""The reply to the start had no number."""
LAGS = "in 11:59 delivered timer #41 done@11:59:30; out 12:00 waiting"
NIGHT = "in 20:00-1 delivered timer #41 done@20:00-1; out 06:00 waiting"

STOPS = [
    Case(ELSEWHERE, "in 08:00 delivered timer #41 elsewhere; out 12:00 waiting", "2 hold switched>1"),
    Case(NO_TIMERS, PAIR, "2 hold conflict>1", policy=replace(ENTRIES, can_stop=False)),
    Case(NO_TIMERS, NAMELESS, "2 hold conflict>1", policy=replace(ENTRIES, can_stop=False)),
    Case(UNSAYABLE, f"{IN}; out 08:00 waiting", "2 hold unsendable>1", now="08:00:10"),
    Case(UNSAYABLE, "in 02:50 delivered timer #41 utc+2; out 02:10 waiting utc+1", "2 hold unsendable>1"),
    Case(JUST_STARTED, JUST, "StopTimer 12:00 by 2 on 41", None, LIVE),
    Case(JUST_STARTED, JUST, "StopTimer 12:00 by 2 on 41", seen(at="11:55:09"), LIVE),
    Case(JUST_STARTED, PAIR, "StopTimer 12:00 by 2 on 41", policy=replace(TIMER, blind=True)),
    Case(NOT_SEEN, PAIR, "look 08:00..12:00 after 11:55:10", None, LIVE),
    Case(NOT_SEEN, PAIR, "look 08:00..12:00 after 11:55:10", seen("41 08:00..", "11:55:09"), LIVE),
    Case(NOT_SEEN, PAIR, "look 08:00..12:00 after 12:00:30", seen("41 08:00..", "12:00:29"), "12:01"),
    Case(NOT_SEEN, PAIR, "look 08:00..12:00 after 11:55:10", seen("41 08:00..", LIVE, over="08:00:01..13:00"), LIVE),
    Case(NOT_SEEN, PAIR, "look 08:00..12:00 after 11:55:10", seen("41 08:00..", LIVE, over="07:00..11:59:59"), LIVE),
    # the start was long ago, or a look since then is newer and too old itself
    Case(NOT_SEEN, JUST, "look 11:50..12:00 after 11:55:11", None, "12:00:11"),
    Case(NOT_SEEN, JUST, "look 11:50..12:00 after 12:00:30", None, "12:01"),
    # over a change of the clocks a note is needed, which a stop has no room for
    Case(
        NOT_SEEN,
        "in 01:50 delivered timer #41 utc+1 done@01:50; out 03:00 waiting utc+2",
        "look 01:50..03:00 after 02:55:10",
        None,
        "03:00:10",
    ),
    Case(GONE, PAIR, "2 hold deleted>1", seen("42 07:00..07:30", LIVE), LIVE),
    Case(GONE, f"{IN}; out 12:00 waiting #41", "2 hold deleted>1", seen(at=LIVE), LIVE),
    Case(GONE, NAMELESS, "1 reopened", seen(at=LIVE), LIVE),
    Case(GONE, NAMELESS.replace("waiting", "waiting #41"), "2 hold deleted>1", seen(at=LIVE), LIVE),
    Case(GONE, LAGS, "rest until 12:01:30", seen(at="12:00:05"), LIVE),
    Case(GONE, LAGS, "look 11:59..12:00 after 12:01:30", seen(at="12:01:25"), "12:01:30"),
    Case(GONE, LAGS, "2 hold deleted>1", seen(at="12:01:30"), "12:01:40"),
    Case(ENDED, PAIR, "2 found #41 timer", seen("41 08:00..12:00", LIVE), LIVE),
    Case(ENDED, PAIR, "2 found #41 timer", seen("41 08:00..12:00:59", LIVE), LIVE),
    Case(ENDED, PAIR, "2 found #41 timer", seen("41 08:00..11:59:01; 42 13:00..", LIVE), LIVE),
    Case(ENDED, NAMELESS, "2 found #42 timer", seen("42 08:00:59..12:00", LIVE), LIVE),
    Case(ENDED, NIGHT, "2 found #41,42 timer", seen("41 20:00-1..00:00; 42 00:00..06:00", LIVE), LIVE),
    Case(WENT_ON, PAIR, "StopTimer 12:00 by 2 on 42", seen("41 08:00..10:00; 42 10:30..", LIVE), LIVE),
    Case(WENT_ON, PAIR, "StopTimer 12:00 by 2 on 42", seen("41 08:00..10:00; 42 10:00..", LIVE), LIVE),
    Case(OTHERWISE, PAIR, "2 hold conflict>1", seen("41 08:00..10:00", LIVE), LIVE),
    Case(OTHERWISE, PAIR, "2 hold conflict>1", seen("41 08:00..12:01", LIVE), LIVE),
    # what runs beside it, since before it ended or after the out, or twice, is none that this out ends
    Case(OTHERWISE, PAIR, "2 hold conflict>1", seen("41 08:00..10:00; 42 09:59..", LIVE), LIVE),
    Case(OTHERWISE, PAIR, "2 hold conflict>1", seen("41 08:00..10:00; 42 12:00..", LIVE), LIVE),
    Case(OTHERWISE, PAIR, "2 hold conflict>1", seen("41 08:00..10:00; 42 10:30..; 43 11:00..", LIVE), LIVE),
    # a row that another punch of ours owns is no tile of this one
    Case(
        OTHERWISE,
        f"out 23:00-1 delivered timer #42; {NIGHT}",
        "3 hold conflict>2",
        seen("41 20:00-1..00:00; 42 00:00..06:00", LIVE),
        LIVE,
    ),
    Case(NOT_ALONE, PAIR, "UpdateEntry 41 to 12:00 by 2 on 41", seen("41 08:00..; 42 09:00..", LIVE), LIVE),
    Case(
        NOT_ALONE,
        "in 08:00 delivered timer #41 utc+2; out 12:00 waiting utc+1",
        f"UpdateEntry 41 to 12:00 note '{NOTE}' by 2 on 41",
        seen("41 08:00..", LIVE),
        LIVE,
    ),
    Case(
        NOT_ALONE,
        "in 08:00 delivered timer #41 utc+2; out 12:00 waiting utc+1",
        f"UpdateEntry 41 to 12:00 note 'late; {NOTE}' by 2 on 41",
        seen("41 08:00.. note:late", LIVE),
        LIVE,
    ),
    # what they wrote into the row is left as it is where there is nothing to say
    Case(NOT_ALONE, PAIR, "UpdateEntry 41 to 12:00 by 2 on 41", seen("41 08:00.. note:late; 42 09:00..", LIVE), LIVE),
    Case(RUNS, PAIR, "StopTimer 12:00 by 2 on 41", seen("41 08:00..", LIVE), LIVE),
    Case(RUNS, PAIR, "StopTimer 12:00 by 2 on 41", seen("41 08:00..; 40 06:00..07:00", LIVE), LIVE),
    Case(RUNS, PAIR, "StopTimer 12:00 by 2 on 41", seen("41 09:15..", LIVE), LIVE),  # they moved its begin
    Case(RUNS, NAMELESS, "StopTimer 12:00 by 2 on 42", seen("42 08:00..", LIVE), LIVE),
    Case(RUNS, "in 08:00 delivered adopted #41; out 12:00 waiting", "StopTimer 12:00 by 2 on 41", seen("41 07:30..")),
    Case(RUNS, JUST, "StopTimer 12:00 by 2 on 41", seen("41 11:50..", "11:55:10"), LIVE),
    # a clock-out of an hour ago as well, since it is dated
    Case(RUNS, PAIR, "StopTimer 12:00 by 2 on 41", seen("41 08:00..", "12:59:30"), "13:00"),
    Case(RUNS, f"{IN}; break 12:00 waiting", "StopTimer 12:00 by 2 on 41", seen("41 08:00..", LIVE), LIVE),
]

AFTER_BREAK = "the break before it ended the interval"
THEIRS_RUNS = "one row of somebody's runs, since before"
THEIRS_ENDED = "a row of somebody's ends then"
ALONE = "nothing of these"
OUT = "out 12:00 waiting"

ORPHANS = [
    Case(AFTER_BREAK, f"{IN}; break 11:00 delivered timer #41; {OUT}", "3 nothing to send", None, LIVE),
    Case(AFTER_BREAK, f"break 11:00 delivered timer #41; {OUT}", "2 nothing to send", policy=ENTRIES),
    Case(NOT_SEEN, OUT, "look 22:00-1..12:00 after 11:55:10", None, LIVE),
    Case(NOT_SEEN, OUT, "look 22:00-1..12:00 after 12:00:30", seen("41 08:00..", "12:00:29"), "12:01"),
    Case(NOT_SEEN, OUT, "look 22:00-1..12:00 after 11:55:10", seen("41 08:00..", LIVE, over="22:01-1..13:00"), LIVE),
    Case(THEIRS_RUNS, OUT, "StopTimer 12:00 by 1 on 41", seen("41 08:00..", LIVE), LIVE),
    Case(THEIRS_RUNS, OUT, "StopTimer 12:00 by 1 on 41", seen("41 22:00-1..; 42 12:00..; 43 09:00..12:00", LIVE), LIVE),
    Case(THEIRS_ENDED, OUT, "1 found #41 adopted", seen("41 08:00..12:00", LIVE), LIVE),
    Case(THEIRS_ENDED, OUT, "1 found #41 adopted", seen("41 08:00..11:59:01; 42 07:00..12:00:30", LIVE), LIVE),
    # two of them run: which of them it ends nobody can tell
    Case(THEIRS_ENDED, OUT, "1 found #41 adopted", seen("41 08:00..12:00; 42 08:30..; 43 09:00..", LIVE), LIVE),
    Case(ALONE, OUT, "1 hold orphan-out", seen("41 08:00..; 42 09:00..", LIVE), LIVE),
    Case(ALONE, OUT, "1 hold orphan-out", seen("41 08:00..11:59", LIVE), LIVE),
    Case(ALONE, OUT, "1 hold orphan-out", seen("41 21:59-1..", LIVE), LIVE),
    Case(ALONE, OUT, "1 hold orphan-out", seen("41 12:00..", LIVE), LIVE),
    Case(ALONE, OUT, "1 hold orphan-out", seen("41 08:00..12:00", LIVE), LIVE, policy=ENTRIES),
    Case(ALONE, OUT, "1 hold orphan-out", None, LIVE, policy=ENTRIES),
    # what our own punches own is not somebody's
    Case(
        ALONE,
        f"{IN}; out 12:00 delivered timer #41; out 12:00:05 waiting",
        "3 hold orphan-out",
        seen("41 08:00..12:00", LIVE),
    ),
]


@pytest.mark.parametrize(
    ("whose", "code"),
    [({"41": "bob"}, "renamed"), ({"41": " ada "}, "deleted"), ({"42": "bob"}, "deleted"), ({}, "deleted")],
)
def test_an_entry_that_is_somebody_elses_by_now(whose: dict[str, str], code: str) -> None:
    case = Case(GONE, PAIR, f"2 hold {code}>1", replace(seen(at=LIVE), whose=whose), LIVE)
    check(case, STOP)
    assert ("clockd people rename ada bob" in because(planned(case))) is (code == "renamed")


@pytest.mark.parametrize("case", STOPS, ids=str)
def test_a_clock_out_whose_in_is_booked(case: Case) -> None:
    check(case, STOP)


@pytest.mark.parametrize("case", ORPHANS, ids=str)
def test_a_clock_out_alone(case: Case) -> None:
    check(case, ORPHAN)


def test_each_rule_decides_a_case() -> None:
    assert not undecided(STOP, STOPS)
    assert not undecided(ORPHAN, ORPHANS)


def test_the_words_of_a_hold_say_what_is_there_and_what_to_do() -> None:
    plans = {case.rule: planned(case) for case in STOPS}
    assert "entry 41 ended in the tracker at 20 Nov" in because(plans[OTHERWISE])
    assert "booked in an entry" in because(plans[NO_TIMERS])
    assert "entry 41 was deleted" in because(plans[GONE])
