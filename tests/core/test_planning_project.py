"""The plan for a lane of a project timer: each row of the essay, and what becomes of doubt."""

from dataclasses import replace

import pytest

from clockd.core.planning.project import SeenProject, plan_project
from clockd.core.wire import ProjectTimer
from tests.core.lanes import NAME, TIMER, because, lane, local, said, secs

NOW = "08:00:10"
ROOF, CELLAR = "project 08:00 waiting on:Roof", "project 08:00 waiting on:Cellar"


def shows(text: str, at: str = NOW) -> SeenProject:
    """A timer: `playing Roof 07:00`; nothing: the tracker knows none."""
    if not text:
        return SeenProject(secs(at), None)
    state, project, *began = text.split()
    started = local(began[0]) if began else None
    return SeenProject(secs(at), ProjectTimer(NAME, started, 0, 0, state, "Client", project))


STEPS = [
    (ROOF, "playing Roof 07:00", "1 found timer"),
    (ROOF, "paused Roof 07:00", "1 found timer"),
    (ROOF, "stopped Roof 07:00", "StartProject Client / Roof 08:00 by 1"),
    (ROOF, "", "StartProject Client / Roof 08:00 by 1"),
    (ROOF, "stopped Cellar", "StartProject Client / Roof 08:00 by 1"),
    (ROOF, "playing Cellar 07:00", "StopProject 08:00 by 1, one step"),
    (ROOF, "paused Cellar 07:00", "StopProject 08:00 by 1, one step"),
    ("break 08:00 waiting", "playing Roof 07:00", "PauseProject 08:00 by 1"),
    ("break 08:00 waiting", "paused Roof 07:00", "1 nothing to send none"),
    ("break 08:00 waiting", "stopped Roof 07:00", "1 nothing to send none"),
    ("break 08:00 waiting", "", "1 nothing to send none"),
    ("resume 08:00 waiting", "paused Roof 07:00", "ResumeProject 08:00 by 1"),
    ("resume 08:00 waiting", "playing Roof 07:00", "1 nothing to send none"),
    ("resume 08:00 waiting", "stopped Roof", "1 nothing to send none"),
    ("out 08:00 waiting", "playing Roof 07:00", "StopProject 08:00 by 1"),
    ("out 08:00 waiting", "paused Roof 07:00", "StopProject 08:00 by 1"),
    ("out 08:00 waiting", "stopped Roof 07:00", "1 nothing to send none"),
    ("out 08:00 waiting", "", "1 nothing to send none"),
    ("in 08:00 waiting", "playing Roof 07:00", "1 nothing to send none"),
    # somebody switched it since; within a minute it may be our own
    (ROOF, "playing Cellar 08:01", "1 hold conflict"),
    (ROOF, "playing Roof 08:01", "1 hold conflict"),
    ("out 08:00 waiting", "paused Roof 08:05", "1 hold conflict"),
    ("break 08:00 waiting", "playing Roof 08:01", "1 hold conflict"),
    ("out 08:00 waiting", "playing Roof 08:00:59", "StopProject 08:00 by 1"),
    ("out 08:00 waiting", "stopped Roof 08:05", "1 nothing to send none"),
    ("out 08:00 waiting", "playing Roof", "StopProject 08:00 by 1"),  # the reply does not say since when
]


@pytest.mark.parametrize(("items", "timer", "plan"), STEPS)
def test_what_a_punch_does_to_the_timer(items: str, timer: str, plan: str) -> None:
    assert said(plan_project(lane(items), shows(timer), TIMER, secs(NOW))) == plan


IN_DOUBT = "doubtful due@08:00:05 sent@07:58:05 x1"
DOUBTS = [
    (ROOF.replace("waiting", f"{IN_DOUBT} StartProject"), "playing Roof 08:00", "1 found timer"),
    (ROOF.replace("waiting", f"{IN_DOUBT} StartProject"), "paused Roof 08:00", "1 found timer"),
    (ROOF.replace("waiting", f"{IN_DOUBT} StartProject"), "stopped Roof 07:00", "1 absent"),
    (ROOF.replace("waiting", f"{IN_DOUBT} StartProject"), "playing Cellar 08:05", "1 absent"),
    (ROOF.replace("waiting", f"{IN_DOUBT} StartProject"), "", "1 absent"),
    # the project before it is stopped: there is a step to come
    (ROOF.replace("waiting", f"{IN_DOUBT} StopProject"), "stopped Cellar", "1 absent"),
    (ROOF.replace("waiting", f"{IN_DOUBT} StopProject"), "playing Cellar 07:00", "1 absent"),
    (f"break 08:00 {IN_DOUBT} PauseProject", "paused Roof", "1 found timer"),
    (f"break 08:00 {IN_DOUBT} PauseProject", "playing Roof", "1 absent"),
    (f"break 08:00 {IN_DOUBT} PauseProject", "", "1 absent"),
    (f"resume 08:00 {IN_DOUBT} ResumeProject", "playing Roof", "1 found timer"),
    (f"resume 08:00 {IN_DOUBT} ResumeProject", "paused Roof", "1 absent"),
    (f"out 08:00 {IN_DOUBT} StopProject", "stopped Roof", "1 found timer"),
    (f"out 08:00 {IN_DOUBT} StopProject", "", "1 found timer"),
    (f"out 08:00 {IN_DOUBT} StopProject", "playing Roof", "1 absent"),
    (f"out 08:00 {IN_DOUBT}", "stopped Roof", "1 absent"),
    (f"out 08:00 {IN_DOUBT} rejected StopProject", "stopped Roof", "1 found timer"),
    (f"out 08:00 {IN_DOUBT} rejected StopProject", "playing Roof", "1 hold refused"),
    (f"out 08:00 {IN_DOUBT} unconfirmed StopProject", "playing Roof", "1 absent"),
    (f"out 08:00 {IN_DOUBT.replace('x1', 'x4')} StopProject", "playing Roof", "1 absent"),
    (f"out 08:00 {IN_DOUBT.replace('x1', 'x5')} StopProject", "playing Roof", "1 hold refused"),
]


@pytest.mark.parametrize(("items", "timer", "plan"), DOUBTS)
def test_what_becomes_of_doubt(items: str, timer: str, plan: str) -> None:
    assert said(plan_project(lane(items), shows(timer), TIMER, secs(NOW))) == plan


STOPPED = shows("")
LANES = [
    ("", STOPPED, "rest"),
    (f"{ROOF}; out 09:00 sending", STOPPED, "rest"),
    (f"{ROOF}; out 09:00 held:forbidden!", STOPPED, "rest"),
    (f"project 07:00 held:conflict on:Roof; {ROOF}", STOPPED, "StartProject Client / Roof 08:00 by 2"),
    (f"project 07:00 delivered on:Roof; {ROOF}", STOPPED, "StartProject Client / Roof 08:00 by 2"),
    (f"{CELLAR}; {ROOF}", STOPPED, "StartProject Client / Cellar 08:00 by 1"),
    (f"{ROOF} taken-back", STOPPED, "1 void"),
    (f"{ROOF} taken-back due@09:00", None, "1 void"),
    (f"project 07:00 void on:Roof; {CELLAR} taken-back; {ROOF}", STOPPED, "2 void"),
    (f"{ROOF} uncertain", STOPPED, "rest"),
    (f"{ROOF} due@08:05", STOPPED, "rest until 08:05"),
    (f"{ROOF} due@08:00:10", STOPPED, "StartProject Client / Roof 08:00 by 1"),
    (ROOF.replace("waiting", "doubtful due@08:05 StartProject"), STOPPED, "rest until 08:05"),
    # always after reading its state, no older than half a minute, and not from before what was last sent
    (ROOF, None, "look 08:00..08:00 after 07:59:40"),
    (ROOF, shows("", "07:59:39"), "look 08:00..08:00 after 07:59:40"),
    (ROOF, shows("", "07:59:40"), "StartProject Client / Roof 08:00 by 1"),
    (f"{ROOF} due@08:00:05", shows("", "08:00:04"), "look 08:00..08:00 after 08:00:05"),
    (f"{ROOF} x1 sent@08:00:06", shows("", "08:00:05"), "look 08:00..08:00 after 08:00:06"),
    (f"{ROOF} x1 sent@08:00:06", shows("", "08:00:06"), "StartProject Client / Roof 08:00 by 1"),
    (f"{ROOF} x1", shows("", "07:59:40"), "StartProject Client / Roof 08:00 by 1"),
]


@pytest.mark.parametrize(("items", "look", "plan"), LANES)
def test_the_lane(items: str, look: SeenProject | None, plan: str) -> None:
    assert said(plan_project(lane(items), look, TIMER, secs(NOW))) == plan


BEFORE = "project 07:00 delivered timer on:Cellar"
BACK = "project 08:00 waiting taken-back timer on:Roof"
STOPPED_IT = f"{BACK} StopProject"
TAKEN_BACK = [
    (f"{BEFORE}; {BACK}", "playing Roof 08:00", "StopProject 08:00 by 2, one step"),
    (f"{BEFORE}; {BACK}", "paused Roof 08:00", "StopProject 08:00 by 2, one step"),
    (f"{BEFORE}; {STOPPED_IT}", "stopped Roof", "StartProject Client / Cellar 08:00 by 2, one step"),
    (f"{BEFORE}; {STOPPED_IT}", "", "StartProject Client / Cellar 08:00 by 2, one step"),
    (f"{BEFORE}; {STOPPED_IT}", "playing Roof 08:00", "2 hold conflict"),
    # somebody went on since, or it is done
    (f"{BEFORE}; {BACK}", "stopped Roof", "2 void"),
    (f"{BEFORE}; {BACK}", "playing Cellar 08:00", "2 void"),
    (f"{BEFORE}; {STOPPED_IT}", "playing Cellar 08:00", "2 void"),
    # there was none before it, or it had been ended
    (STOPPED_IT, "stopped Roof", "1 void"),
    (f"{BEFORE}; out 07:30 delivered timer; {STOPPED_IT}", "stopped Roof", "3 void"),
    (f"project 07:00 void on:Cellar; {STOPPED_IT}", "stopped Roof", "2 void"),
    (f"{BEFORE}; project 07:30 void on:Yard; {STOPPED_IT}", "", "StartProject Client / Cellar 08:00 by 3, one step"),
    # what followed has said what runs since
    (f"{BACK}; out 08:00:05 waiting", "playing Roof 08:00", "1 void"),
    (f"{BACK}; out 08:00:05 void", "playing Roof 08:00", "StopProject 08:00 by 1, one step"),
    (
        f"{BACK}; project 08:00:05 waiting taken-back on:Cellar",
        "playing Roof 08:00",
        "StopProject 08:00 by 1, one step",
    ),
    # it is not by us that the timer is on it
    ("project 08:00 waiting taken-back on:Roof", "playing Roof 08:00", "1 void"),
    ("project 08:00 waiting taken-back none on:Roof", "playing Roof 08:00", "1 void"),
    ("out 08:00 waiting taken-back timer", "playing Roof 07:00", "1 void"),
    ("project 08:00 waiting taken-back timer", "playing Roof 08:00", "1 void"),
    (f"{BACK} due@08:05", "playing Roof 08:00", "rest until 08:05"),
    (f"{BACK} due@08:00:10", "playing Roof 08:00", "StopProject 08:00 by 1, one step"),
]


@pytest.mark.parametrize(("items", "timer", "plan"), TAKEN_BACK)
def test_a_project_that_is_taken_back(items: str, timer: str, plan: str) -> None:
    assert said(plan_project(lane(items), shows(timer), TIMER, secs(NOW))) == plan


@pytest.mark.parametrize(
    ("items", "at", "after"),
    [
        (BACK, None, "07:59:40"),
        (BACK, "07:59:39", "07:59:40"),
        (f"{BACK} done@08:00:02", "08:00:01", "08:00:02"),
        (f"{BACK} done@08:00:02 sent@08:00:04", "08:00:03", "08:00:04"),
    ],
)
def test_it_is_looked_at_since_anything_of_it_was_sent(items: str, at: str | None, after: str) -> None:
    look = shows("playing Roof 08:00", at) if at else None
    assert said(plan_project(lane(items), look, TIMER, secs(NOW))) == f"look 08:00..08:00 after {after}"
    assert said(plan_project(lane(items), shows("", after), TIMER, secs(NOW))) == "1 void"


def test_another_projects_client_is_another_project() -> None:
    timer = ProjectTimer(NAME, local("07:00"), 0, 0, "playing", "Other", "Roof")
    plan = plan_project(lane(ROOF), SeenProject(secs(NOW), timer), TIMER, secs(NOW))
    assert said(plan) == "StopProject 08:00 by 1, one step"
    nameless = (replace(lane(ROOF)[0], kind=lane("out 08:00")[0].kind, project=None),)
    assert said(plan_project(nameless, SeenProject(secs(NOW), timer), TIMER, secs(NOW))) == "StopProject 08:00 by 1"


def test_the_words() -> None:
    switched = plan_project(lane(ROOF), shows("playing Cellar 08:01"), TIMER, secs(NOW))
    assert because(switched) == ("the project timer was switched to Client / Cellar after this punch; check it there")
    refused = lane(f"out 08:00 {IN_DOUBT} rejected StopProject")
    assert because(plan_project(refused, shows("playing Roof"), TIMER, secs(NOW))).endswith("no reason given")
    told = (replace(refused[0], last_error="422"),)
    assert because(plan_project(told, shows("playing Roof"), TIMER, secs(NOW))).endswith("take it: 422")
