"""An update: what is healthy, how it goes on, and when it may begin."""

from dataclasses import replace
from datetime import time

import pytest

from clockd.core.updates import (
    CALM_S,
    COURSE,
    SOURCE_EVERY_S,
    TRIAL_S,
    DoorLook,
    Healthy,
    NotYet,
    Sick,
    Step,
    UpdateStage,
    is_due,
    is_open,
    is_quiet,
    judge_update,
    spans_of,
)

GOOD = DoorLook(
    answers=True, readers=frozenset({"pcsc one", "serial two"}), tracker="ok", memory_bytes=60, limit_bytes=1000
)

WORSE = {
    "it does not answer": (DoorLook(), "does not answer"),
    "it cannot record": (replace(GOOD, cannot_record="disk error"), "taps are not recorded: disk error"),
    "a reader is lost": (replace(GOOD, readers=frozenset({"serial two"})), "pcsc one"),
    "the tracker is paused": (replace(GOOD, tracker="paused"), "the tracker was ok, and is paused"),
    "its memory is nearly full": (replace(GOOD, memory_bytes=901), "of the"),
}


@pytest.mark.parametrize(("now", "why"), WORSE.values(), ids=WORSE)
def test_what_is_worse_has_time_and_is_then_sick(now: DoorLook, why: str) -> None:
    early, late = judge_update(GOOD, now, TRIAL_S - 1, 0), judge_update(GOOD, now, TRIAL_S, 0)
    assert isinstance(early, NotYet)
    assert isinstance(late, Sick)
    assert why in early.why == late.why


def test_nothing_wrong_for_long_enough_is_healthy_and_not_before() -> None:
    assert judge_update(GOOD, GOOD, CALM_S - 1, CALM_S - 1) == NotYet("")
    assert judge_update(GOOD, GOOD, CALM_S, CALM_S) == Healthy()
    assert judge_update(GOOD, GOOD, TRIAL_S + 1, CALM_S - 1) == NotYet(""), (
        "what is well is not sent back for being late"
    )


def test_a_daemon_that_ends_is_sick_at_once() -> None:
    assert isinstance(judge_update(GOOD, replace(GOOD, restarts=1), 1, 0), Sick)


SAME = {
    "the tracker was offline before": (replace(GOOD, tracker="offline"), replace(GOOD, tracker="paused")),
    "a reader was lost before": (replace(GOOD, readers=frozenset()), replace(GOOD, readers=frozenset())),
    "the disk was full before": (replace(GOOD, cannot_record="disk full"), replace(GOOD, cannot_record="disk full")),
    "there is no limit": (GOOD, replace(GOOD, limit_bytes=None, memory_bytes=10**12)),
    "there is more than before": (GOOD, replace(GOOD, readers=GOOD.readers | {"nfc three"})),
}


@pytest.mark.parametrize(("before", "now"), SAME.values(), ids=SAME)
def test_what_was_so_before_is_not_held_against_it(before: DoorLook, now: DoorLook) -> None:
    assert judge_update(before, now, TRIAL_S, CALM_S) == Healthy()


@pytest.mark.parametrize("stage", UpdateStage)
def test_whatever_is_under_way_comes_to_an_end_and_what_rests_can_begin(stage: UpdateStage) -> None:
    if not is_open(stage):
        assert COURSE[stage, Step.BEGIN] is UpdateStage.INSTALLING
        return
    seen, reached = {stage}, {stage}
    while reached:
        reached = {then for (now, _), then in COURSE.items() if now in reached and is_open(now)} - seen
        seen |= reached
    assert {then for then in seen if not is_open(then)}, "it leads nowhere"
    assert (stage, Step.BEGIN) not in COURSE, "a second one would begin over it"


def test_a_version_that_failed_is_never_where_a_door_stays() -> None:
    assert {then for (now, step), then in COURSE.items() if step in (Step.SICK, Step.NOT_INSTALLED)} == {
        UpdateStage.RETURNING
    }
    assert [now for (now, step), then in COURSE.items() if then is UpdateStage.FAILED] == [UpdateStage.RETURNING]


@pytest.mark.parametrize(
    ("span", "at", "inside"),
    [
        ("", "05:00", False),
        ("05:00-09:00", "04:59", False),
        ("05:00-09:00", "05:00", True),
        ("05:00-09:00", "08:59", True),
        ("05:00-09:00", "09:00", False),
        ("22:00-06:00", "23:30", True),
        ("22:00-06:00", "05:59", True),
        ("22:00-06:00", "12:00", False),
        ("05:00-09:00, 15:00-18:00", "16:00", True),
    ],
)
def test_quiet_times(span: str, at: str, inside: bool) -> None:
    assert is_quiet(spans_of(span), time.fromisoformat(at)) is inside


@pytest.mark.parametrize("text", ["5-9", "05:00", "05:00-05:00", "25:00-26:00", "05:00-09:00;", "from five"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        spans_of(text)


@pytest.mark.parametrize(
    ("looked_at_s", "due"),
    [(None, True), (1e9, False), (1e9 - SOURCE_EVERY_S + 1, False), (1e9 - SOURCE_EVERY_S, True), (1e9 + 60, True)],
)
def test_the_source_is_looked_at_once_a_day_whatever_the_clock_was(looked_at_s: float | None, due: bool) -> None:
    assert is_due(looked_at_s, 1e9) is due
