"""Edges of the planner that no table of a rule's own cases reaches."""

from dataclasses import replace

import pytest

from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.plan import Policy
from clockd.core.planning.project import SeenProject, plan_project
from clockd.core.wire import ProjectTimer
from tests.core.lanes import ENTRIES, NAME, TIMER, because, lane, local, said, secs, seen

NOW = "12:00:40"
MINUTES = replace(ENTRIES, whole_minutes=True, split_projects=True)
UNSEEN = replace(ENTRIES, look_first=False)
DOUBT = "doubtful CreateEntry due@12:00:30 sent@12:00:20 first@12:00:20"
BOOKED_OUT = "in 08:00 waiting; out 12:00 delivered entry {}done@12:00:05"


@pytest.mark.parametrize(
    ("items", "rows", "policy", "plan"),
    [
        # of an interval that one of its ends brings from a backup it is looked first
        ("in 08:00 waiting restored@07:00; out 12:00 waiting", None, UNSEEN, "look 08:00..12:00 after 11:58:40"),
        ("in 08:00 waiting; out 12:00 waiting restored@07:00", None, UNSEEN, "look 08:00..12:00 after 11:58:40"),
        # an out too many does not hide the in that follows within the minute
        (
            "in 12:00:05 waiting; out 12:00:10 waiting; out 12:00:15 delivered; in 12:00:20 waiting",
            "",
            MINUTES,
            "1 hold within-a-minute>4; 2 hold within-a-minute>4",
        ),
        # the begin alone is in doubt where a project switch ends the interval
        (f"in 08:00 {DOUBT}; project 10:00 waiting on:Roof", "41 08:00..10:00", MINUTES, "1 found #41 entry"),
        (BOOKED_OUT.format("#41 "), "41 07:00..12:00", ENTRIES, "1 hold conflict>2"),
    ],
)
def test_attendance(items: str, rows: str | None, policy: Policy, plan: str) -> None:
    look = None if rows is None else seen(rows, NOW)
    assert said(plan_attendance(lane(items), look, policy, secs(NOW))) == plan


@pytest.mark.parametrize(
    ("ids", "which"), [("#41 ", "in entry 41:"), ("#41,42 ", "in entry 41, 42:"), ("", "in an entry:")]
)
def test_an_out_that_is_booked_names_its_entry(ids: str, which: str) -> None:
    plan = plan_attendance(lane(BOOKED_OUT.format(ids)), seen("", NOW), ENTRIES, secs(NOW))
    assert which in because(plan)


def test_the_timer_that_runs_shows_what_another_life_of_this_store_started() -> None:
    item = "project 08:00 doubtful due@08:00:05 sent@07:58:05 x1 StopProject on:Roof restored@08:00"
    look = SeenProject(secs("08:00:10"), ProjectTimer(NAME, local("08:00"), 0, 0, "playing", "Client", "Roof"))
    assert said(plan_project(lane(item), look, TIMER, secs("08:00:10"))) == "1 found timer"
