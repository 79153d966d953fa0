"""What a tap means. Pure: all that is known comes in as `Facts`, one of a closed set of decisions comes out.

The order of the rules:
1. The undo and info keys ask, they do not punch.
2. The same person again within `repeat_s`, with whatever badge, is the same punch, unless a key now asks for another
   kind. The time is boot time, so no step of the wall clock can open or close this window. Whoever was just told of
   a missing clock-out (`core/leaving.py`), or of a correction, and shows the badge once more is asked.
3. A pressed key gives the direction; it always wins. Without one the reader gives it, where it stands for the way in
   or the way out. A project key of somebody who is not in is their clock-in as well.
   What can only be held later (a clock-out or break of somebody who is not in) is recorded, and told at once.
4. A bare tap toggles from the last punch; what the tracker showed since (clocked in by phone) counts as well.
5. An open punch older than a shift is a forgotten clock-out: the next tap is an `in`, the missing `out` is flagged,
   and no time is invented for it.
A tap of a badge that belongs to nobody is recorded like any other; it only has no direction yet.
"""

from dataclasses import dataclass
from datetime import datetime

from clockd.core.model import Action, Employee, Kind, Project

ASIDE_S = 1.0
"""A badge that was seen less than this long ago was not taken away in between, and means nothing new."""


@dataclass(frozen=True, slots=True)
class Last:
    """The employee's last punch that counts."""

    seq: int
    kind: Kind
    local: datetime
    age_s: float | None
    """How long ago; None when no clock can tell (another boot, and no trusted time)."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key that was pressed shortly before the tap, or the direction that the reader stands for."""

    action: Action
    project: Project | None
    pressed: bool = True
    """False: nobody pressed it; the reader itself stands for this direction."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision needs."""

    employee: Employee | None
    """None: the badge belongs to nobody."""
    last: Last | None
    key: Key | None
    seen_s_ago: float | None
    """Seconds since this person was last in front of a reader here, with any badge; None when they were not."""
    tracker_says_present: bool | None
    """Whether the tracker showed after the last punch that they are in; None when it knows no better than we do."""
    undoable: Last | None = None
    """What the employee did last, a project switch included; None when that is nothing that counts."""
    projects_apart: bool = False
    """Whether a project is a timer beside attendance (TimeTrack), so that it alone clocks nobody in."""
    can_answer: bool = False
    """Whether the panel has just told this badge of what keys can answer: a missing clock-out, a correction."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the house, from the configuration."""

    repeat_s: float
    max_shift_s: float
    undo_s: float


@dataclass(frozen=True, slots=True)
class Record:
    """Write a punch."""

    kind: Kind
    explicit: bool
    project: Project | None
    missing_out: Last | None
    """The `in` whose `out` never came; None when nothing is missing."""
    no_in: bool = False
    """Whether it ends what was never begun: it will be held, and a person has to say when they came."""


@dataclass(frozen=True, slots=True)
class RecordStray:
    """Write a tap of a badge that belongs to nobody."""

    kind: Kind | None
    project: Project | None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Write nothing: this punch is recorded already."""

    last: Last


@dataclass(frozen=True, slots=True)
class Ask:
    """Write nothing: ask what they were just told of."""


@dataclass(frozen=True, slots=True)
class RepeatStray:
    """Write nothing: the tap of this unknown badge is recorded already."""


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the last punch back."""

    last: Last


@dataclass(frozen=True, slots=True)
class NoUndo:
    """Write nothing: there is no punch that can be taken back at the door."""


@dataclass(frozen=True, slots=True)
class Tell:
    """Write nothing: only show whether they are in, and how long they worked."""


Decision = Record | RecordStray | Repeat | Ask | RepeatStray | Undo | NoUndo | Tell


def decide(facts: Facts, rules: Rules) -> Decision:
    """Say what a tap means."""
    key = facts.key
    again = facts.seen_s_ago is not None and facts.seen_s_ago < rules.repeat_s
    if facts.employee is None:
        return _stray(key, again=again)
    if key and key.action is Action.UNDO:
        return _undo(facts, rules)
    if key and key.action is Action.INFO:
        return Tell()
    asked = _asked(facts, rules, again=again)
    if again and facts.last and (asked is None or (asked is facts.last.kind and asked is not Kind.PROJECT)):
        return _again(facts, facts.last)
    missing = facts.last if facts.last and _forgotten(facts, rules) else None
    if key and asked:
        return _by_key(asked, key.project, facts, missing)
    return Record(_toggle(facts, forgotten=missing is not None), explicit=False, project=None, missing_out=missing)


def _asked(facts: Facts, rules: Rules, *, again: bool) -> Kind | None:
    """Say which direction key or reader give; at the way in, whoever is on a break comes back from it."""
    key, last = facts.key, facts.last
    if key is None:
        return None
    asked = Kind(key.action.value)
    if key.pressed or asked is not Kind.IN or last is None:
        return asked
    back = last.kind is Kind.BREAK and not _forgotten(facts, rules)
    return Kind.RESUME if back or (again and last.kind is Kind.RESUME) else asked


def _again(facts: Facts, last: Last) -> Ask | Repeat:
    taken_away = facts.seen_s_ago is not None and facts.seen_s_ago >= ASIDE_S
    pressed = facts.key is not None and facts.key.pressed
    return Ask() if facts.can_answer and taken_away and not pressed else Repeat(last)


def _by_key(asked: Kind, project: Project | None, facts: Facts, missing: Last | None) -> Record:
    present = _is_in(facts, forgotten=missing is not None)
    if asked in (Kind.OUT, Kind.BREAK):
        after_break = facts.last is not None and facts.last.kind is Kind.BREAK and missing is None
        return Record(asked, explicit=True, project=project, missing_out=None, no_in=not present and not after_break)
    if asked is Kind.IN and present and facts.last and facts.last.kind in _PRESENT:
        missing = facts.last  # they are in already: the clock-out before this one was forgotten
    if asked is Kind.PROJECT and facts.projects_apart and not present:
        on_break = facts.last is not None and facts.last.kind is Kind.BREAK and missing is None
        asked = Kind.RESUME if on_break else Kind.IN
    return Record(asked, explicit=True, project=project, missing_out=missing)


_PRESENT = (Kind.IN, Kind.RESUME, Kind.PROJECT)


def _is_in(facts: Facts, *, forgotten: bool) -> bool:
    if facts.tracker_says_present is not None and not forgotten:
        return facts.tracker_says_present
    return facts.last is not None and facts.last.kind in _PRESENT and not forgotten


def _stray(key: Key | None, *, again: bool) -> Decision:
    if again:
        return RepeatStray()
    if key is None or key.action in (Action.UNDO, Action.INFO):
        return RecordStray(None, None)
    return RecordStray(Kind(key.action.value), key.project)


def _undo(facts: Facts, rules: Rules) -> Decision:
    last = facts.undoable
    if last is None or last.age_s is None or last.age_s > rules.undo_s:
        return NoUndo()
    return Undo(last)


def _forgotten(facts: Facts, rules: Rules) -> bool:
    last = facts.last
    if last is None or last.kind is Kind.OUT or last.age_s is None:
        return False
    return last.age_s > rules.max_shift_s and facts.tracker_says_present is not False


def _toggle(facts: Facts, *, forgotten: bool) -> Kind:
    if facts.tracker_says_present is not None and not forgotten:
        return Kind.OUT if facts.tracker_says_present else Kind.IN
    return toggled(facts.last.kind if facts.last else None, forgotten=forgotten)


def toggled(last: Kind | None, *, forgotten: bool) -> Kind:
    """Say what a bare tap means after the last punch; after a forgotten clock-out it begins anew."""
    if forgotten or last in (None, Kind.OUT):
        return Kind.IN
    return Kind.RESUME if last is Kind.BREAK else Kind.OUT
