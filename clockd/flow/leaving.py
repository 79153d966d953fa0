"""The question when somebody left, as one door asks it: who was told, who is asked, and how the answer is stored."""

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from clockd.core import feedback, leaving
from clockd.core.decide import ASIDE_S
from clockd.core.delivery import Now, State
from clockd.core.leaving import Question
from clockd.core.model import Action, Employee, KeyPress, Kind, Reading
from clockd.core.planning.item import Item
from clockd.core.timebase import local, offset_s
from clockd.flow.door import Door
from clockd.store import Database, ledger, outbox, repairs, view


@dataclass(frozen=True, slots=True)
class Flag:
    """A forgotten clock-out that the panel told of."""

    fingerprint: str
    """The fingerprint of the badge that was told."""
    employee: Employee
    seq: int
    """The clock-in that lacks its clock-out."""
    question: Question


@dataclass(frozen=True, slots=True)
class Answer:
    """Somebody said when they left."""

    flag: Flag
    at: datetime


@dataclass(slots=True)
class Leaving:
    """What is being asked at this door, in memory only: without an answer an admin is told, as ever."""

    zone: ZoneInfo
    flag: Flag | None = None
    """The missing clock-out that the panel told of last; None when nobody was told, or it is answered."""
    _asked: Flag | None = None
    _touched_s: float = 0.0

    def is_told(self, fingerprint: str) -> bool:
        """Whether this badge was the last that was told of a missing clock-out."""
        return self.flag is not None and self.flag.fingerprint == fingerprint

    def ask(self, reading: Reading) -> feedback.AskLeft:
        """Open the question for the badge that was told."""
        assert self.flag is not None
        self._asked = self.flag
        return self._screen(reading)

    def pressed(self, press: KeyPress) -> feedback.AskLeft | None:
        """Take a key for earlier or later; None when nobody is asked, or the key says something else."""
        if not self._open(press.reading) or press.action not in (Action.IN, Action.OUT):
            self._asked = None
            return None
        assert self._asked is not None
        later = press.action is Action.OUT
        self._asked = replace(self._asked, question=self._asked.question.pressed(later=later))
        return self._screen(press.reading)

    def tapped(self, fingerprint: str, reading: Reading, seen_s_ago: float | None) -> feedback.AskLeft | Answer | None:
        """Take a badge for a yes; None when nobody is asked, or somebody else came."""
        if not self._open(reading) or self._asked is None or self._asked.fingerprint != fingerprint:
            self._asked = None
            return None
        if seen_s_ago is None or seen_s_ago >= ASIDE_S:
            said = self._asked.question.confirmed()
            if isinstance(said, datetime):
                answered, self._asked, self.flag = self._asked, None, None
                return Answer(answered, said)
            self._asked = replace(self._asked, question=said)
        return self._screen(reading)

    def _open(self, reading: Reading) -> bool:
        return self._asked is not None and reading.boottime_s - self._touched_s <= feedback.ANSWER_S

    def _screen(self, reading: Reading) -> feedback.AskLeft:
        assert self._asked is not None
        self._touched_s = reading.boottime_s
        asked = self._asked.question
        at_local = None if asked.at is None else local(asked.at, self.zone)
        return feedback.AskLeft(
            employee=self._asked.employee,
            day_local=asked.hour or local(asked.in_at, self.zone),
            now_local=local(reading.wall_at, self.zone),
            hour=None if asked.hour is None else asked.hour.hour,
            minute=None if at_local is None else at_local.minute,
            chosen=asked.chosen,
        )


def told_flag(fingerprint: str, employee: Employee, opens: Item, next_at: datetime, door: Door) -> Flag:
    """Return what the panel tells of a missing clock-out; the same badge again then opens the question."""
    asked = leaving.question(opens.at, next_at, door.rules.max_shift_s, door.zone)
    return Flag(fingerprint, employee, opens.seq, asked)


def record(db: Database, answer: Answer, reading: Reading, zone: ZoneInfo, max_shift_s: float) -> feedback.Screen:
    """Add the clock-out that somebody told, unless it is there by now; return what to show."""
    found = view.punch(db, 0, answer.flag.seq)
    assert found is not None
    opens, employee = found[0], answer.flag.employee
    after = follower(db, opens.seq, employee.username, opens.at, Now.of(reading))
    ended = after is not None and (after.kind in (Kind.OUT, Kind.BREAK) or ends_a_shift(opens.at, after, max_shift_s))
    if opens.voided or ended:
        return feedback.TooLate(employee)
    offset = offset_s(answer.at, zone)
    why = "told at the door by keys and badge"
    repairs.insert_beside(db, opens, Kind.OUT, answer.at, offset, reading, by="employee", why=why, reader="keys")
    return feedback.Told(employee, local(answer.at, zone), local(reading.wall_at, zone))


def ends_a_shift(began_at: datetime, after: Item, max_shift_s: float) -> bool:
    """Whether the next punch is a project switch that ends the interval, so comes within a shift of its begin."""
    return after.kind is Kind.PROJECT and (after.at - began_at).total_seconds() <= max_shift_s


def forerunner(db: Database, seq: int, username: str, now: Now) -> Item | None:
    """Return the punch that counts last before this one in an employee's attendance."""
    return next(iter(outbox.before(db, username, repairs.place_of(db, seq), now)), None)


def follower(db: Database, seq: int, username: str, at: datetime, now: Now) -> Item | None:
    """Return the punch after this one that counts in an employee's attendance; None when there is none."""
    found = outbox.history(db, username, outbox.ATTENDANCE, ledger.to_us(at), now)
    place = next((n for n, item in enumerate(found) if item.seq == seq), len(found))
    ends = (State.VOID, State.IGNORED)
    return next((i for i in found[place + 1 :] if not i.voided and i.state not in ends), None)
