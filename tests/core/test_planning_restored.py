"""A store that was restored from a backup: nothing of before is sent before a look that is late enough."""

from dataclasses import replace

import pytest

from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.plan import Policy
from clockd.core.planning.project import SeenProject, plan_project
from clockd.core.wire import ProjectTimer
from tests.core.lanes import ENTRIES, TIMER, lane, local, said, secs, seen

WITHOUT_A_LOOK = replace(ENTRIES, look_first=False, can_stop=False)
"""As Goodtime is served."""
IN = "in 08:00 waiting restored@12:02"
PAIR = f"{IN}; out 12:00 waiting restored@12:02"


@pytest.mark.parametrize("policy", [TIMER, ENTRIES, WITHOUT_A_LOOK], ids=["timer", "entries", "goodtime"])
@pytest.mark.parametrize(
    ("now", "looked", "expected"),
    [
        ("12:01", None, "rest until 12:02"),
        ("12:02", None, "look 08:00..12:00 after 12:02"),
        ("12:02", ("", "12:01"), "look 08:00..12:00 after 12:02"),
        ("12:03", ("", "12:02"), "CreateEntry 08:00..12:00 by 1,2"),
        ("12:03", ("41 08:00..12:00", "12:02"), "1 found #41 adopted; 2 found #41 adopted"),
        ("12:03", ("41 08:00..11:00", "12:02"), "1 hold conflict>2; 2 hold conflict>1"),
    ],
)
def test_a_pair(policy: Policy, now: str, looked: tuple[str, str] | None, expected: str) -> None:
    found = None if looked is None else seen(looked[0], at=looked[1])
    plan = plan_attendance(lane(PAIR), found, policy, secs(now))
    assert said(plan) == expected


def test_control_what_was_not_restored_is_sent_at_once() -> None:
    plan = plan_attendance(lane("in 08:00 waiting; out 12:00 waiting"), None, WITHOUT_A_LOOK, secs("12:01"))
    assert said(plan) == "CreateEntry 08:00..12:00 by 1,2"


@pytest.mark.parametrize(
    ("punches", "now", "looked", "expected"),
    [
        (IN, "12:01", None, "rest until 12:02"),
        (IN, "12:02:20", ("", "12:01"), "look 08:00..08:00 after 12:02"),
        (IN, "12:02:20", ("41 08:00..", "12:02"), "1 found #41 timer"),
        (IN, "12:02:20", ("41 08:00..11:00", "12:02"), "1 found #41 adopted"),
        # our start was proved a moment ago, but another life may have stopped it since
        (
            "in 12:01:30 delivered timer #41 done@12:01:30 restored@12:02; out 12:02:30 waiting",
            "12:02:31",
            None,
            "look 12:01:30..12:02:30 after 12:02",
        ),
        # what is new is not sent on old knowledge either
        ("in 08:00 delivered restored@12:02; out 12:00 delivered; in 12:01 waiting", "12:01", None, "rest until 12:02"),
        # a doubt of before is settled by such a look alone
        (
            "in 08:00 doubtful StartTimer x1 sent@11:00 first@11:00 due@11:02 restored@12:02",
            "12:03",
            ("", "11:30"),
            "look 08:00..08:00 after 12:02",
        ),
    ],
)
def test_timers(punches: str, now: str, looked: tuple[str, str] | None, expected: str) -> None:
    found = None if looked is None else seen(looked[0], at=looked[1])
    assert said(plan_attendance(lane(punches), found, TIMER, secs(now))) == expected


def timer(state: str, name: str = "Roof") -> ProjectTimer:
    """What the tracker says of a project timer."""
    return ProjectTimer("ada", local("08:00"), 0, 0, state, "Client", name)


@pytest.mark.parametrize(
    ("punch", "shown", "expected"),
    [
        ("project 08:00 waiting on:Roof restored@12:02", timer("playing"), "1 found timer"),
        ("project 08:00 waiting on:Roof restored@12:02", timer("stopped"), "1 hold restored"),
        ("project 08:00 waiting on:Roof restored@12:02", None, "1 hold restored"),
        ("project 08:00 waiting on:Roof restored@12:02 said", None, "StartProject Client / Roof 08:00 by 1"),
        ("break 09:00 waiting restored@12:02", timer("playing"), "1 hold restored"),
        ("out 09:00 waiting restored@12:02", timer("playing"), "StopProject 09:00 by 1"),
        ("out 09:00 waiting restored@12:02", timer("stopped"), "1 nothing to send none"),
    ],
)
def test_projects(punch: str, shown: ProjectTimer | None, expected: str) -> None:
    items = lane(punch)
    assert said(plan_project(items, None, TIMER, secs("12:01"))) == "rest until 12:02"
    assert said(plan_project(items, SeenProject(secs("12:02"), shown), TIMER, secs("12:02:20"))) == expected
