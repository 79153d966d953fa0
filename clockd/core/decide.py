"""What a tap means. Pure: all that is known comes in as `Facts`, one of a closed set of decisions comes out.

The order of the rules:
1. The undo and info keys ask, they do not punch. Nor does a project key that names none: it asks which project.
2. The same person again within `repeat_s`, with whatever badge, is the same punch, unless a key now asks for another
   kind. The time is boot time, so no step of the wall clock can open or close this window. Whoever was just told of
   a missing clock-out (`core/leaving.py`), or of a correction, and shows the badge once more is asked.
3. A pressed key gives the direction; it always wins. Without one the reader gives it, where it stands for the way in
   or the way out. A project key of somebody who is not in is their clock-in as well.
   What can only be held later (a clock-out or break of somebody who is not in) is recorded, and told at once.
4. A bare tap toggles from the last punch; what the tracker showed since (clocked in by phone) counts as well.
5. An open punch older than a shift is a forgotten clock-out: the next tap is an `in`, the missing `out` is flagged,
   and no time is invented for it.
6. What was worked on (a time type, as home office) goes on over a break and a switch of projects, until a key names
   another or somebody clocks in anew. Whoever is in and presses an `in` key of another time type goes on with that one.
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
    time_type: str | None = None
    """The time type that is worked on since; None: the usual one."""
    project: Project | None = None
    """The project that it named."""


@dataclass(frozen=True, slots=True)
class Key:
    """The key that was pressed shortly before the tap, or the direction that the reader stands for."""

    action: Action
    project: Project | None
    pressed: bool = True
    """False: nobody pressed it; the reader itself stands for this direction."""
    time_type: str | None = None
    """The time type that the key names; None where it names none."""

    @property
    def asks_which(self) -> bool:
        """Whether it is a project key that names nothing: whoever pressed it chooses."""
        return self.action is Action.PROJECT and self.project is None and self.time_type is None


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
    time_type: str | None = None
    """The time type that is worked on from then on; None: the usual one."""


@dataclass(frozen=True, slots=True)
class RecordStray:
    """Write a tap of a badge that belongs to nobody."""

    kind: Kind | None
    project: Project | None
    time_type: str | None = None


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


@dataclass(frozen=True, slots=True)
class WhichProject:
    """Write nothing: ask which project."""


Decision = Record | RecordStray | Repeat | Ask | RepeatStray | Undo | NoUndo | Tell | WhichProject


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
    if key and key.asks_which:
        return WhichProject()
    asked = _asked(facts, rules, again=again)
    missing = facts.last if facts.last and _forgotten(facts, rules) else None
    if key and asked is Kind.IN and missing is None and _switches(key, facts):
        return Record(Kind.PROJECT, explicit=True, project=None, missing_out=None, time_type=key.time_type)
    if again and facts.last and _is_said(asked, key, facts.last):
        return _again(facts, facts.last)
    if key and asked:
        return _by_key(asked, key, facts, missing)
    kind = _toggle(facts, forgotten=missing is not None)
    going_on = _going_on(kind, None, facts)
    return Record(kind, explicit=False, project=None, missing_out=missing, time_type=going_on)


def _switches(key: Key, facts: Facts) -> bool:
    """Whether an `in` key only says what somebody who is in works on from now on."""
    last = facts.last
    if last is None or last.kind not in _PRESENT or facts.projects_apart or not _is_in(facts, forgotten=False):
        return False
    return key.pressed and key.time_type != last.time_type


def _is_said(asked: Kind | None, key: Key | None, last: Last) -> bool:
    """Whether the last punch says already what is asked for."""
    if asked is Kind.IN and last.kind is Kind.PROJECT:
        return key is not None and key.time_type is not None  # the same one: another would be a switch
    return asked is None or (asked is last.kind and asked is not Kind.PROJECT)


def _going_on(kind: Kind, key: Key | None, facts: Facts) -> str | None:
    """Say which time type a punch leaves somebody with: that of the key, or the one before; none once they left."""
    if kind is Kind.OUT:
        return None
    if key is not None and key.time_type is not None:
        return key.time_type
    return facts.last.time_type if facts.last and kind is not Kind.IN else None


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


def _by_key(asked: Kind, key: Key, facts: Facts, missing: Last | None) -> Record:
    project = key.project
    present = _is_in(facts, forgotten=missing is not None)
    if asked in (Kind.OUT, Kind.BREAK):
        after_break = facts.last is not None and facts.last.kind is Kind.BREAK and missing is None
        no_in, going_on = not present and not after_break, _going_on(asked, key, facts)
        return Record(asked, True, project, missing_out=None, no_in=no_in, time_type=going_on)
    if asked is Kind.IN and present and facts.last and facts.last.kind in _PRESENT:
        missing = facts.last  # they are in already: the clock-out before this one was forgotten
    if asked is Kind.PROJECT and facts.projects_apart and not present:
        on_break = facts.last is not None and facts.last.kind is Kind.BREAK and missing is None
        asked = Kind.RESUME if on_break else Kind.IN
    going_on = _going_on(asked, key, facts)
    return Record(asked, explicit=True, project=project, missing_out=missing, time_type=going_on)


_PRESENT = (Kind.IN, Kind.RESUME, Kind.PROJECT)


def _is_in(facts: Facts, *, forgotten: bool) -> bool:
    if facts.tracker_says_present is not None and not forgotten:
        return facts.tracker_says_present
    return facts.last is not None and facts.last.kind in _PRESENT and not forgotten


def _stray(key: Key | None, *, again: bool) -> Decision:
    if again:
        return RepeatStray()
    if key is None or key.asks_which or key.action in (Action.UNDO, Action.INFO):
        return RecordStray(None, None)
    return RecordStray(Kind(key.action.value), key.project, key.time_type)


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
