"""What is asked before the rules of a shape: what stops the whole lane, what lost its reason, what is in doubt."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from clockd.core.delivery import State
from clockd.core.planning import attendance
from clockd.core.planning.attendance import PAIRS, plan_attendance, table
from clockd.core.planning.pairs import BREAKS, CREATE, IN_IS_HELD, OUT_IS_BOOKED, OUT_IS_HELD
from clockd.core.planning.plan import Policy
from clockd.core.planning.rule import Rule, drawn, first_plan
from clockd.core.planning.situation import Situation
from clockd.core.planning.starting import START
from clockd.core.planning.stops import ORPHAN, STOP
from tests.core.lanes import ENTRIES, TIMER, lane, said, secs, seen

FREE = seen(at="12:00:10")
BREAKS_IN = replace(ENTRIES, breaks_in_minutes=True)
SPLIT = replace(ENTRIES, split_projects=True)
PAIR = "in 08:00 waiting; out 12:00 waiting"
CREATED = "CreateEntry 08:00..12:00 by 1,2"

CASES = [
    ("", "rest", ENTRIES),
    (PAIR, CREATED, ENTRIES),
    # one request at a time, and none where the employee as a whole is held
    (f"{PAIR}; in 13:00 sending", "rest", ENTRIES),
    ("in 06:00 sending; out 07:00 sending; in 08:00 waiting; out 12:00 waiting", "rest", ENTRIES),
    (f"{PAIR}; in 13:00 held:forbidden!", "rest", ENTRIES),
    (f"{PAIR}; in 13:00 held:orphan-out", "3 release", ENTRIES),
    # a refusal is tried again by itself, when it is time
    (f"in 07:00 held:refused retry@12:00:10; {PAIR}", "1 release", ENTRIES),
    (f"in 07:00 held:forbidden! retry@12:00:10; {PAIR}", "1 release", ENTRIES),
    (f"in 07:00 held:forbidden! retry@12:00:11; {PAIR}", "rest until 12:00:11", ENTRIES),
    ("in 07:00 held:refused retry@12:00:11; in 08:00 held:refused retry@12:05", "rest until 12:00:11", ENTRIES),
    ("in 07:00 held:refused retry@12:00 taken-back; in 08:00 sending", "rest", ENTRIES),
    ("in 07:00 held:refused retry@12:00; in 08:00 sending", "rest", ENTRIES),
    # what is taken back comes first, then what lost its reason, then the lane in its order
    (f"{PAIR}; in 13:00 waiting taken-back", "3 void", ENTRIES),
    (f"out 07:00 held:orphan-out>9; {PAIR}; in 13:00 waiting taken-back", "4 void", ENTRIES),
    (f"out 07:00 held:orphan-out>9; {PAIR}", "1 release", ENTRIES),
    (f"in 07:00 held:conflict; {PAIR}", "CreateEntry 08:00..12:00 by 2,3", ENTRIES),
    (f"in 06:00 delivered entry; out 07:00 delivered entry; {PAIR}", "CreateEntry 08:00..12:00 by 3,4", ENTRIES),
    (
        "in 06:00 waiting; out 07:00 waiting; in 08:00 waiting; out 12:00 waiting",
        "CreateEntry 06:00..07:00 by 1,2",
        ENTRIES,
    ),
    # a deletion that is in doubt is settled before all others
    (
        f"{PAIR}; in 13:00 doubtful DeleteEntry taken-back #41 entry due@12:01; in 14:00 waiting taken-back",
        "rest until 12:01",
        ENTRIES,
    ),
    (f"{PAIR}; in 13:00 doubtful DeleteEntry #41 due@12:01", CREATED, ENTRIES),
    # nobody knows when it was
    ("in 08:00 waiting uncertain; out 12:00 waiting", "rest", ENTRIES),
    ("in 08:00 waiting; out 12:00 waiting uncertain", "rest", ENTRIES),
    (f"in 06:00 waiting uncertain; {PAIR}", "rest", ENTRIES),
    (f"in 06:00 held:uncertain uncertain; {PAIR}", "CreateEntry 08:00..12:00 by 2,3", ENTRIES),
    # it backs off
    ("in 08:00 waiting due@12:05; out 12:00 waiting", "rest until 12:05", ENTRIES),
    ("in 08:00 waiting due@12:05; out 12:00 waiting due@12:06", "rest until 12:06", ENTRIES),
    ("in 08:00 waiting due@12:00:10; out 12:00 waiting", CREATED, ENTRIES),
    ("in 08:00 delivered timer #41 due@13:00; out 12:00 waiting", "look 08:00..12:00 after 11:55:10", TIMER),
    # in doubt
    ("in 08:00 doubtful CreateEntry due@12:05; out 12:00 doubtful CreateEntry due@12:05", "rest until 12:05", ENTRIES),
    (
        "in 08:00 doubtful CreateEntry due@12:00; out 12:00 doubtful CreateEntry due@12:00",
        "1 absent; 2 absent",
        ENTRIES,
    ),
    # pairs that wait for a person
    ("in 08:00 delivered timer; out 12:00 held:conflict", "rest", ENTRIES),
    ("in 08:00 held:conflict; out 12:00 held:conflict", "rest", ENTRIES),
    ("in 08:00 held:conflict; out 12:00 delivered entry", "rest", ENTRIES),
    ("in 08:00 waiting; out 12:00 held:conflict", "rest", ENTRIES),
    ("out 08:00 held:conflict", "rest", ENTRIES),
    ("in 08:00 delivered timer; break 10:00 held:conflict", "rest", BREAKS_IN),
    ("in 08:00 delivered timer; break 10:00 waiting", "2 wait for its out no-start", BREAKS_IN),
    ("in 08:00 delivered timer #41; break 10:00 held:conflict; out 12:00 delivered timer #41", "rest", BREAKS_IN),
    # a clock-out that needed nothing after a break ends an interval, now that the break counts no more
    ("in 08:00 waiting; break 10:00 void; out 12:00 delivered", "3 reopened", ENTRIES),
    ("in 08:00 delivered timer #41; break 10:00 void; out 12:00 delivered", "3 reopened", ENTRIES),
    ("in 08:00 delivered timer #41; break 10:00 void; out 12:00 delivered timer", "rest", ENTRIES),
    ("in 08:00 delivered; break 10:00 void; out 12:00 delivered", "rest", ENTRIES),
    ("in 08:00 held:conflict; break 10:00 void; out 12:00 delivered", "rest", ENTRIES),
    ("in 08:00 waiting; project 12:00 delivered on:Roof", "CreateEntry 08:00..12:00 by 1", SPLIT),
    # an interval that a switch ended, which is being taken back, goes on: until that is known nothing is sent
    ("in 08:00 waiting; project 12:00 waiting on:Roof", "CreateEntry 08:00..12:00 by 1", SPLIT),
    ("in 08:00 waiting; project 12:00 doubtful CreateEntry due@12:00 on:Roof", "CreateEntry 08:00..12:00 by 1", SPLIT),
    (
        "in 08:00 waiting; project 12:00 doubtful CreateEntry due@12:05 taken-back on:Roof; out 12:00:09 doubtful "
        "CreateEntry due@12:05",
        "rest until 12:05",
        SPLIT,
    ),
    ("in 08:00 doubtful CreateEntry due@12:05; project 12:00 waiting taken-back on:Roof", "rest until 12:05", SPLIT),
    ("in 08:00 held:conflict; project 12:00 waiting on:Roof", "2 wait for its out no-start", SPLIT),
]


@pytest.mark.parametrize(("items", "plan", "policy"), CASES)
def test_the_lane_as_a_whole(items: str, plan: str, policy: Policy) -> None:
    assert said(plan_attendance(lane(items), FREE if policy is not TIMER else None, policy, secs("12:00:10"))) == plan


@pytest.mark.parametrize(
    ("items", "policy"),
    [
        # an out between them was taken back, and what followed is booked with an interval of its own
        ("in 08:00 waiting; out 12:00 delivered entry #41", ENTRIES),
        (
            "in 08:00 waiting; out 10:00 void; resume 10:05 delivered entry #42; out 12:00 delivered entry #42",
            BREAKS_IN,
        ),
        # the out of the shift that has this break never came
        ("in 08:00-1 delivered timer #41; break 10:00-1 waiting; in 08:00 delivered timer #42", BREAKS_IN),
    ],
)
def test_what_can_never_be_booked_is_held(items: str, policy: Policy) -> None:
    assert " hold " in said(plan_attendance(lane(items), FREE, policy, secs("12:00:10")))


ALL: dict[str, Sequence[Rule[Any]]] = {
    "an in alone": START,
    "in and out, both wait": CREATE,
    "an in, its out held": OUT_IS_HELD,
    "an in, its out booked": OUT_IS_BOOKED,
    "an out, its in held": IN_IS_HELD,
    "an out, its in booked": STOP,
    "in and out, booked": BREAKS,
    "an out alone": ORPHAN,
}


def test_the_rules_of_a_pair_are_found_by_the_states_of_its_ends() -> None:
    waiting, held, delivered = State.WAITING, State.HELD, State.DELIVERED
    assert PAIRS[waiting, waiting] is CREATE
    assert PAIRS[waiting, held] is OUT_IS_HELD
    assert PAIRS[held, waiting] is IN_IS_HELD
    assert PAIRS[delivered, waiting] is STOP
    assert PAIRS[delivered, delivered] is BREAKS
    assert PAIRS[waiting, delivered] is OUT_IS_BOOKED
    assert len(PAIRS) == 6


def test_the_essay_draws_the_rules_in_their_order() -> None:
    essay = attendance.__doc__ or ""
    assert table() in essay
    place = 0
    for title, rules in ALL.items():
        place = essay.index(f"    {title} ", place)
        for rule in rules:
            place = essay.index(f"{rule.shows:<55}{rule.plans}\n", place)


def test_what_failed_makes_a_look_of_before_too_old() -> None:
    items, look = lane("in 12:00 waiting"), seen(at="12:00:01")
    plans = (plan_attendance(items, look, TIMER, secs("12:00:10"), failed_s=secs(s)) for s in ("12:00:05", "11:59"))
    assert [*map(said, plans)] == ["look 12:00..12:00 after 12:00:05", "StartTimer 12:00 by 1"]


def test_what_a_person_retried_is_looked_at_first_where_nothing_else_is() -> None:
    items, policy = lane("in 08:00 waiting; out 12:00 waiting"), replace(ENTRIES, look_first=False)
    retried = (float("-inf"), secs("11:59"), secs("12:04"))
    plans = [plan_attendance(items, None, policy, secs("12:05"), anew_s=at_s) for at_s in retried]
    assert [said(plan).split()[0] for plan in plans] == ["CreateEntry", "CreateEntry", "look"]
    before = seen(at="12:03")
    assert said(plan_attendance(items, before, policy, secs("12:05"), anew_s=secs("12:04"))).startswith("look")
    assert said(plan_attendance(items, seen(at="12:04:30"), policy, secs("12:05"), anew_s=secs("12:04")))[0] == "C"


def test_what_a_rule_shows_fits_its_column_and_tells_it_from_the_others() -> None:
    for rules in ALL.values():
        shows = [rule.shows for rule in rules]
        assert len(set(shows)) == len(shows)
        assert max(map(len, shows)) < 55


WORDS = {
    "CreateEntry", "StartTimer", "StopTimer", "UpdateEntry", "found", "hold", "look", "nothing", "rest", "wait",
}  # fmt: skip
"""What the plans of the rules begin with, for people."""


def test_what_a_rule_plans_begins_with_a_known_word() -> None:
    assert {re.split("[ :,]", rule.plans)[0] for rules in ALL.values() for rule in rules} == WORDS


def test_no_rule_with_anything_to_say_is_to_wait() -> None:
    silent: Rule[object] = Rule("never", "nothing", lambda _interval, _situation: None)
    situation = Situation((), None, TIMER, 0.0)
    assert said(first_plan((silent,), object(), situation)) == "waits"
    assert drawn("title", (silent, silent)).count("title") == 1
