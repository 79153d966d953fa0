"""What a tap means, as a table."""

from datetime import datetime
from typing import Any

import pytest

from clockd.core.decide import (
    Ask,
    Decision,
    Facts,
    Key,
    Last,
    NoUndo,
    Record,
    RecordStray,
    Repeat,
    RepeatStray,
    Rules,
    Tell,
    Undo,
    WhichProject,
    decide,
)
from clockd.core.model import Action, Employee, Kind, Project

ADA = Employee("ada", "Ada Lovelace")
RULES = Rules(repeat_s=10, max_shift_s=14 * 3600, undo_s=30)
HOUR = 3600.0
PROJECT = Project("Client 006", "Project 006_1")


HOME = "home office"


def last(kind: Kind, age_s: float | None = HOUR, time_type: str | None = None) -> Last:
    return Last(7, kind, datetime(2026, 11, 21, 8, 2), age_s, time_type)


def home(kind: Kind, age_s: float | None = HOUR) -> Last:
    """What somebody did last who works at home."""
    return last(kind, age_s, HOME)


def facts(
    before: Last | None = None,
    *,
    employee: Employee | None = ADA,
    key: Key | None = None,
    seen_s_ago: float | None = None,
    present: bool | None = None,
    told: bool = False,
    apart: bool = False,
    undoable: Last | None = None,
) -> Facts:
    return Facts(employee, before, key, seen_s_ago, present, undoable or before, apart, told)


def record(
    kind: Kind,
    *,
    explicit: bool = False,
    project: Project | None = None,
    missing: Last | None = None,
    no_in: bool = False,
    on: str | None = None,
) -> Record:
    return Record(kind, explicit, project, missing, no_in, on)


def by_key(kind: Kind, **more: Any) -> Record:
    return record(kind, explicit=True, **more)


def key(action: Action, project: Project | None = None, on: str | None = None) -> Key:
    return Key(action, project, time_type=on)


OLD_IN = last(Kind.IN, 15 * HOUR)
OLD_BREAK = last(Kind.BREAK, 15 * HOUR)

TABLE: list[tuple[str, Facts, Decision]] = [
    ("first tap ever", facts(), record(Kind.IN)),
    ("in, then out", facts(last(Kind.IN)), record(Kind.OUT)),
    ("out, then in", facts(last(Kind.OUT)), record(Kind.IN)),
    ("break, then back", facts(last(Kind.BREAK)), record(Kind.RESUME)),
    ("back from break, then out", facts(last(Kind.RESUME)), record(Kind.OUT)),
    ("on a project, then out", facts(last(Kind.PROJECT)), record(Kind.OUT)),
    ("same badge at once", facts(last(Kind.IN, 3), seen_s_ago=3), Repeat(last(Kind.IN, 3))),
    ("left on the reader for an hour", facts(last(Kind.IN, HOUR), seen_s_ago=1), Repeat(last(Kind.IN, HOUR))),
    ("just after the window", facts(last(Kind.IN, 10), seen_s_ago=10), record(Kind.OUT)),
    (
        "wrong direction, corrected by a key at once",
        facts(last(Kind.IN, 3), key=key(Action.OUT), seen_s_ago=3),
        record(Kind.OUT, explicit=True),
    ),
    ("same key again at once", facts(last(Kind.OUT, 3), key=key(Action.OUT), seen_s_ago=3), Repeat(last(Kind.OUT, 3))),
    ("a key wins over the toggle", facts(last(Kind.OUT), key=key(Action.OUT)), by_key(Kind.OUT, no_in=True)),
    (
        "in twice: the out between is missing",
        facts(last(Kind.IN), key=key(Action.IN)),
        by_key(Kind.IN, missing=last(Kind.IN)),
    ),
    ("in twice, ended by phone", facts(last(Kind.IN), key=key(Action.IN), present=False), by_key(Kind.IN)),
    ("out, and never in", facts(key=key(Action.OUT)), by_key(Kind.OUT, no_in=True)),
    ("break, and not in", facts(last(Kind.OUT), key=key(Action.BREAK)), by_key(Kind.BREAK, no_in=True)),
    ("out, in by phone", facts(last(Kind.OUT), key=key(Action.OUT), present=True), by_key(Kind.OUT)),
    (
        "out, ended by phone already",
        facts(last(Kind.IN), key=key(Action.OUT), present=False),
        by_key(Kind.OUT, no_in=True),
    ),
    ("out after a break", facts(last(Kind.BREAK), key=key(Action.OUT)), by_key(Kind.OUT)),
    ("out a day after a forgotten one", facts(OLD_IN, key=key(Action.OUT)), by_key(Kind.OUT, no_in=True)),
    *(
        (f"a project timer {text}", facts(before, key=key(Action.PROJECT, PROJECT), present=present, apart=True), means)
        for text, before, present, means in (
            ("of somebody who is in", last(Kind.IN), None, by_key(Kind.PROJECT, project=PROJECT)),
            ("of somebody who is not", last(Kind.OUT), None, by_key(Kind.IN, project=PROJECT)),
            ("of somebody new", None, None, by_key(Kind.IN, project=PROJECT)),
            ("on a break", last(Kind.BREAK), None, by_key(Kind.RESUME, project=PROJECT)),
            ("after a forgotten clock-out", OLD_IN, None, by_key(Kind.IN, project=PROJECT, missing=OLD_IN)),
            ("of somebody in by phone", last(Kind.OUT), True, by_key(Kind.PROJECT, project=PROJECT)),
            ("of somebody out by phone", last(Kind.IN), False, by_key(Kind.IN, project=PROJECT)),
        )
    ),
    ("in by key twice at once", facts(last(Kind.IN, 3), key=key(Action.IN), seen_s_ago=3), Repeat(last(Kind.IN, 3))),
    (
        "another project at once",
        facts(last(Kind.PROJECT, 3), key=key(Action.PROJECT, PROJECT), seen_s_ago=3),
        record(Kind.PROJECT, explicit=True, project=PROJECT),
    ),
    ("break key", facts(last(Kind.IN), key=key(Action.BREAK)), record(Kind.BREAK, explicit=True)),
    (
        "project key",
        facts(last(Kind.IN), key=key(Action.PROJECT, PROJECT)),
        record(Kind.PROJECT, explicit=True, project=PROJECT),
    ),
    ("forgotten clock-out", facts(OLD_IN), record(Kind.IN, missing=OLD_IN)),
    (
        "forgotten, then in by key",
        facts(OLD_IN, key=key(Action.IN)),
        record(Kind.IN, explicit=True, missing=OLD_IN),
    ),
    ("as long as a shift may be", facts(last(Kind.IN, 14 * HOUR)), record(Kind.OUT)),
    ("never back from the break", facts(OLD_BREAK), record(Kind.IN, missing=OLD_BREAK)),
    ("a day off", facts(last(Kind.OUT, 15 * HOUR)), record(Kind.IN)),
    ("long shift, a break by key", facts(OLD_IN, key=key(Action.BREAK)), record(Kind.BREAK, explicit=True, no_in=True)),
    (
        "forgotten, then back by key",
        facts(OLD_IN, key=key(Action.RESUME)),
        record(Kind.RESUME, explicit=True, missing=OLD_IN),
    ),
    ("forgotten here, ended by phone", facts(OLD_IN, present=False), record(Kind.IN)),
    ("told of it, and the badge again", facts(last(Kind.IN, 3), seen_s_ago=3, told=True), Ask()),
    (
        "told of it, and the badge left there",
        facts(last(Kind.IN, 3), seen_s_ago=0.4, told=True),
        Repeat(last(Kind.IN, 3)),
    ),
    ("told of it, and taken away for a second", facts(last(Kind.IN, 3), seen_s_ago=1, told=True), Ask()),
    ("told of it, and back much later", facts(last(Kind.IN), seen_s_ago=HOUR, told=True), record(Kind.OUT)),
    (
        "told of it, but they meant out",
        facts(last(Kind.IN, 3), key=key(Action.OUT), seen_s_ago=3, told=True),
        record(Kind.OUT, explicit=True),
    ),
    ("age unknown: toggles", facts(last(Kind.IN, None)), record(Kind.OUT)),
    ("clocked out by phone", facts(last(Kind.IN), present=False), record(Kind.IN)),
    ("clocked in by phone", facts(last(Kind.OUT), present=True), record(Kind.OUT)),
    ("clocked in by phone, never here", facts(present=True), record(Kind.OUT)),
    ("undo at once", facts(last(Kind.IN, 5), key=key(Action.UNDO), seen_s_ago=5), Undo(last(Kind.IN, 5))),
    (
        "undo of a project switch",
        facts(last(Kind.IN), key=key(Action.UNDO), undoable=last(Kind.PROJECT, 5)),
        Undo(last(Kind.PROJECT, 5)),
    ),
    ("undo at the last moment", facts(last(Kind.IN, 30), key=key(Action.UNDO)), Undo(last(Kind.IN, 30))),
    ("undo too late", facts(last(Kind.IN, 31), key=key(Action.UNDO)), NoUndo()),
    ("undo of nothing", facts(key=key(Action.UNDO)), NoUndo()),
    ("undo, age unknown", facts(last(Kind.IN, None), key=key(Action.UNDO)), NoUndo()),
    ("info", facts(last(Kind.IN, 5), key=key(Action.INFO), seen_s_ago=5), Tell()),
    ("unknown badge", facts(employee=None), RecordStray(None, None)),
    ("unknown badge with key", facts(employee=None, key=key(Action.OUT)), RecordStray(Kind.OUT, None)),
    ("unknown badge left lying", facts(employee=None, seen_s_ago=2), RepeatStray()),
    ("a project key that names none", facts(last(Kind.IN), key=key(Action.PROJECT)), WhichProject()),
    ("the same of who is not in", facts(last(Kind.OUT), key=key(Action.PROJECT), apart=True), WhichProject()),
    ("the same at once after a tap", facts(last(Kind.IN, 3), key=key(Action.PROJECT), seen_s_ago=3), WhichProject()),
    (
        "one that names a time type alone",
        facts(home(Kind.IN), key=key(Action.PROJECT, on="errand")),
        by_key(Kind.PROJECT, on="errand"),
    ),
    (
        "unknown badge with a key that names no project",
        facts(employee=None, key=key(Action.PROJECT)),
        RecordStray(None, None),
    ),
    ("unknown badge with info", facts(employee=None, key=key(Action.INFO)), RecordStray(None, None)),
    ("unknown badge with undo", facts(employee=None, key=key(Action.UNDO)), RecordStray(None, None)),
]


AT_HOME, BACK = key(Action.IN, on=HOME), key(Action.IN)
WAY_IN = Key(Action.IN, None, pressed=False)
ROOF = key(Action.PROJECT, PROJECT)
OLD_HOME = home(Kind.BREAK, 15 * HOUR)
TIME_TYPES: list[tuple[str, Facts, Decision]] = [
    ("in by its key", facts(last(Kind.OUT), key=AT_HOME), by_key(Kind.IN, on=HOME)),
    ("into the break", facts(home(Kind.IN), key=key(Action.BREAK)), by_key(Kind.BREAK, on=HOME)),
    ("after the break, by a bare tap", facts(home(Kind.BREAK)), record(Kind.RESUME, on=HOME)),
    ("after the break, by key", facts(home(Kind.BREAK), key=key(Action.RESUME)), by_key(Kind.RESUME, on=HOME)),
    ("another one then", facts(home(Kind.BREAK), key=key(Action.RESUME, on="x")), by_key(Kind.RESUME, on="x")),
    ("a project", facts(home(Kind.IN), key=ROOF), by_key(Kind.PROJECT, project=PROJECT, on=HOME)),
    (
        "a project with another",
        facts(home(Kind.IN), key=key(Action.PROJECT, PROJECT, "x")),
        by_key(Kind.PROJECT, project=PROJECT, on="x"),
    ),
    ("out ends it", facts(home(Kind.RESUME)), record(Kind.OUT)),
    ("the next day", facts(home(Kind.OUT)), record(Kind.IN)),
    ("a forgotten end", facts(OLD_HOME), record(Kind.IN, missing=OLD_HOME)),
    ("of somebody who is in", facts(last(Kind.IN), key=AT_HOME), by_key(Kind.PROJECT, on=HOME)),
    ("back to the usual one", facts(home(Kind.PROJECT), key=BACK), by_key(Kind.PROJECT)),
    (
        "the key that was forgotten",
        facts(last(Kind.IN, 3), key=AT_HOME, seen_s_ago=3),
        by_key(Kind.PROJECT, on=HOME),
    ),
    ("again at once", facts(home(Kind.IN, 3), key=AT_HOME, seen_s_ago=3), Repeat(home(Kind.IN, 3))),
    (
        "switched to it at once before",
        facts(home(Kind.PROJECT, 3), key=AT_HOME, seen_s_ago=3),
        Repeat(home(Kind.PROJECT, 3)),
    ),
    ("again hours later", facts(home(Kind.IN), key=AT_HOME), by_key(Kind.IN, missing=home(Kind.IN), on=HOME)),
    ("ended by the office", facts(home(Kind.IN), key=BACK, present=False), by_key(Kind.IN)),
    ("after a forgotten clock-out", facts(OLD_IN, key=AT_HOME), by_key(Kind.IN, missing=OLD_IN, on=HOME)),
    ("the way in says none", facts(home(Kind.IN), key=WAY_IN), by_key(Kind.IN, missing=home(Kind.IN))),
    ("an unknown badge", facts(employee=None, key=AT_HOME), RecordStray(Kind.IN, None, HOME)),
    ("a tracker without", facts(home(Kind.IN), key=BACK, apart=True), by_key(Kind.IN, missing=home(Kind.IN))),
]
TABLE += [(f"a time type: {row[0]}", *row[1:]) for row in TIME_TYPES]


@pytest.mark.parametrize(("given", "wanted"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_tap_means(given: Facts, wanted: Decision) -> None:
    assert decide(given, RULES) == wanted


def test_no_repeat_guard_when_it_is_switched_off() -> None:
    assert decide(facts(last(Kind.IN, 1), seen_s_ago=1), Rules(0, 14 * HOUR, 30)) == record(Kind.OUT)


def test_nobody_is_asked_who_was_told_nothing() -> None:
    told_nothing = Facts(ADA, last(Kind.IN, 3), key=None, seen_s_ago=3, tracker_says_present=None)
    assert decide(told_nothing, RULES) == Repeat(last(Kind.IN, 3))


@pytest.mark.parametrize("kind", [Kind.IN, Kind.RESUME, Kind.PROJECT])
def test_who_works_in_any_way_is_in(kind: Kind) -> None:
    assert decide(facts(last(kind), key=key(Action.OUT)), RULES) == record(Kind.OUT, explicit=True)


def test_a_project_is_part_of_attendance_unless_said_otherwise() -> None:
    pressed = Facts(ADA, None, key=key(Action.PROJECT, PROJECT), seen_s_ago=None, tracker_says_present=None)
    assert decide(pressed, RULES) == record(Kind.PROJECT, explicit=True, project=PROJECT)
