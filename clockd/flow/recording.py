"""What a tap becomes: a punch, a badge that is nobody's, an undo, an answer. One transaction, in the store's thread.

Nothing here is shown, and nothing here is remembered but by the ledger; `flow/terminal.py` does both.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from clockd.core import decide, feedback
from clockd.core.correction import Countersign
from clockd.core.delivery import Held, HoldCode, Now
from clockd.core.model import Action, ClockQuality, Employee, Kind, Pin, Project, Reading, Tap
from clockd.core.planning.item import Item
from clockd.core.sentence import phrase, sentence
from clockd.core.timebase import Anchor, Exact, judge, offset_s
from clockd.flow.consent import Shown, news_of
from clockd.flow.counting import lanes_of, take_back
from clockd.flow.door import Door
from clockd.flow.informing import info_of, offered_to, today_s, what_for
from clockd.flow.leaving import Flag, told_flag
from clockd.store import Database, badges, corrections, dating, ledger, outbox, same_badge, stored
from clockd.store.badges import Badge, Fingerprints

AskPresence = Callable[[str, Item | None, Callable[[str], bool]], bool | None]
"""Whether the tracker, seen after the given last punch, shows a person as present; None when it knows no better."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tap came to, and the punch if one was written."""

    screen: feedback.Screen | None
    """What to show; None where the door goes on with the question that it has for this badge."""
    seq: int | None = None
    employee: Employee | None = None
    """Who was at the door; None where nobody knows."""
    flag: Flag | None = None
    """The missing clock-out that the screen tells of, and that can be answered here; None when there is none."""
    shown: Shown | None = None
    """The correction that the screen tells of; None when there is none."""
    offered: tuple[Project, ...] | None = None
    """The projects to choose from, where that is what the door has to ask."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the door knows of a tap beside the ledger."""

    fingerprint: str
    key: decide.Key | None = None
    badge_seen_s_ago: float | None = None
    """When this badge was last in front of a reader; None where that is not known."""
    people_seen: Mapping[str, Reading] = field(default_factory=dict)
    """When each employee was last there, with any badge: one may carry two, or one with two chips."""
    can_answer: bool = False
    """Whether the door has a question that this badge, held once more, opens."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes the punches of one door.

    Args:
        fingerprints: turns badges into what may be stored.
        door: which terminal this is.
        presence: says whether the tracker showed a person as present.
        tells_corrections: whether people are told what the office did to their record.
        anchors: moments of this boot at which the clock was known to be right.
    """

    fingerprints: Fingerprints
    door: Door
    presence: AskPresence
    tells_corrections: bool
    anchors: Callable[[], Sequence[Anchor]]

    def record(self, db: Database, tap: Tap, beside: Beside) -> Outcome:
        """Write down what a tap is, and return what it came to."""
        badge = same_badge.badge_of(db, self.fingerprints, tap.uid)
        if badge is None and isinstance(tap.uid, Pin):
            return Outcome(feedback.WrongPin())
        outdated = None if badge is None or self._counts(badge, tap.reading) else badge
        employee = badge.employee if badge is not None and outdated is None else None
        item = outbox.last_item(db, employee.username, Now.of(tap.reading)) if employee else None
        facts = self._facts(db, tap, beside, employee, item)
        decision = decide.decide(facts, self.door.rules)
        if isinstance(decision, decide.RecordStray):
            return self._stray(db, tap, beside.fingerprint, decision, outdated)
        if isinstance(decision, decide.RepeatStray):
            return Outcome(self._stranger(tap, outdated))
        assert employee is not None
        match decision:
            case decide.Ask():
                return Outcome(None, employee=employee)
            case decide.Record():
                return self._punch(db, tap, beside.fingerprint, employee, decision, item)
            case decide.Repeat(last=repeated):
                screen: feedback.Screen = feedback.AlreadyRecorded(employee, _told_kind(repeated), repeated.local)
                return Outcome(screen, employee=employee)
            case decide.Undo(last=undone):
                take_back(db, undone.seq, tap.reading, by="employee", why=phrase("undo key"))
                screen = feedback.Undone(employee, _told_kind(undone), undone.local)
                return Outcome(screen, undone.seq, employee)
            case decide.NoUndo():
                return Outcome(feedback.NothingToUndo(employee), employee=employee)
            case decide.Tell():
                return Outcome(info_of(db, self.door, employee, item, tap.reading), employee=employee)
            case decide.WhichProject():
                return Outcome(None, employee=employee, offered=offered_to(db, self.door, employee, item))

    def _counts(self, badge: Badge, reading: Reading) -> bool:
        """Whether a badge counts today; a clock that is not set cannot say that it does not."""
        return not reading.trusted or same_badge.counts_on(badge, self._local(reading).date())

    def _facts(
        self, db: Database, tap: Tap, beside: Beside, employee: Employee | None, item: Item | None
    ) -> decide.Facts:
        key = beside.key
        if employee is None:
            return decide.Facts(None, None, key, beside.badge_seen_s_ago, None)
        last = None if item is None else _last(item, tap.reading)
        seen_s_ago = ago_s(beside.people_seen.get(employee.username), tap.reading)
        if seen_s_ago is None and item is not None and last is not None and ledger.badge_of(db, item.seq):
            seen_s_ago = last.age_s  # after a restart the ledger remembers what we do not
        done = None
        if key is not None and key.action is Action.UNDO:
            done = outbox.last_done(db, employee.username, Now.of(tap.reading))
        return decide.Facts(
            employee=employee,
            last=last,
            key=key,
            seen_s_ago=seen_s_ago,
            tracker_says_present=self.presence(
                employee.username, item, lambda entry_id: outbox.owns(db, employee.username, entry_id)
            ),
            undoable=None if done is None else _last(done, tap.reading),
            projects_apart=self.door.project_timers,
            can_answer=beside.can_answer,
        )

    def _punch(
        self,
        db: Database,
        tap: Tap,
        fingerprint: str,
        employee: Employee,
        decision: decide.Record,
        before: Item | None,
    ) -> Outcome:
        draft = self._draft(tap, fingerprint, employee.username, decision.kind, decision)
        seq = ledger.add_punch(db, draft)
        same_badge.remember(db, self.fingerprints, tap.uid)
        lanes = lanes_of(db, self.door, employee.username, decision.kind, decision.project)
        at, clock = self._dated(tap.reading)
        outbox.put(db, seq, draft, lanes=lanes, clock=clock, tracker=self.door.account)
        self._correct(db, seq, at, clock, tap.reading)
        known = clock is not ClockQuality.UNCERTAIN
        worked_s = None
        if decision.kind in (Kind.OUT, Kind.BREAK) and known and not decision.no_in:
            worked_s = today_s(db, self.door, employee.username, tap.reading)
        screen = feedback.Punched(
            employee=employee,
            kind=_told_kind(decision),
            local=at.astimezone(self.door.zone).replace(tzinfo=None),
            clock_trusted=known,
            worked_today_s=worked_s,
            project=what_for(decision.project, decision.time_type),
            missing_out_local=decision.missing_out.local if decision.missing_out else None,
            no_in=decision.no_in,
        )
        if decision.missing_out and known and before is not None and self._can_ask(before):
            flag = told_flag(fingerprint, employee, before, at, self.door)
            return Outcome(replace(screen, asks=True), seq, employee, flag)
        if (shown := self._news(db, fingerprint, employee, screen, tap.reading)) is not None:
            return Outcome(replace(screen, news=shown.news), seq, employee, shown=shown)
        return Outcome(screen, seq, employee)

    def _news(
        self, db: Database, fingerprint: str, employee: Employee, screen: feedback.Punched, reading: Reading
    ) -> Shown | None:
        """Return what the office did to a person's record and they do not know; a warning of their own comes first."""
        warned = screen.no_in or screen.missing_out_local is not None or not screen.clock_trusted
        if not self.tells_corrections or self.door.countersign is Countersign.OFF or warned:
            return None
        kept = corrections.to_show(db, employee.username)
        if kept is None:
            return None
        return Shown(fingerprint, employee, kept.number, news_of(kept, employee.username, self.door, reading))

    def _can_ask(self, before: Item) -> bool:
        """Whether keys can say when the shift that this `in` began was over: its own time must be known."""
        began = before.kind in (Kind.IN, Kind.RESUME, Kind.PROJECT) and before.clock is not ClockQuality.UNCERTAIN
        return self.door.asks and began

    def _dated(self, reading: Reading) -> tuple[datetime, ClockQuality]:
        """Say when a tap was: by its own clock when that is trusted, else from an anchor of this boot."""
        if reading.trusted:
            return reading.wall_at, ClockQuality.SYNCHRONIZED
        found = judge(reading, self.anchors())
        return (found.at, found.quality) if isinstance(found, Exact) else (reading.wall_at, ClockQuality.UNCERTAIN)

    def _correct(self, db: Database, seq: int, at: datetime, clock: ClockQuality, reading: Reading) -> None:
        """Let a punch count at another time than its raw reading says; the reading stays in the ledger."""
        if clock is not ClockQuality.CORRECTED:
            return
        offset = offset_s(at, self.door.zone)
        at_us = ledger.to_us(at)
        ledger.add(db, "correct", seq, reading, {"at_us": at_us, "offset_s": offset, "clock": clock.value})
        dating.set_time(db, seq, at_us, offset, clock)

    def _stray(
        self, db: Database, tap: Tap, fingerprint: str, decision: decide.RecordStray, outdated: Badge | None
    ) -> Outcome:
        draft = self._draft(tap, fingerprint, None, decision.kind, decision)
        seq = ledger.add_punch(db, draft)
        same_badge.remember(db, self.fingerprints, tap.uid)
        clock = ClockQuality.SYNCHRONIZED if tap.reading.trusted else ClockQuality.UNCERTAIN
        stranger = tap.uid.is_random or badges.is_disowned(db, fingerprint)
        because = stored.nobodys(tap.uid.tail)
        if outdated is not None:
            because = sentence(
                "the badge …{tail} of {username} counts from {first} to {last}",
                tail=tap.uid.tail,
                username=outdated.username,
                first=str(outdated.from_day or "…"),
                last=str(outdated.until_day or "…"),
            )
        held = None if stranger else Held(HoldCode.UNKNOWN_BADGE, because)
        lanes = {outbox.ATTENDANCE: decision.kind}
        outbox.put(db, seq, draft, lanes=lanes, clock=clock, held=held, stranger=stranger, tracker=self.door.account)
        return Outcome(self._stranger(tap, outdated), seq)

    def _stranger(self, tap: Tap, outdated: Badge | None) -> feedback.Screen:
        if outdated is not None:
            begins = None if outdated.from_day is None else date.fromisoformat(outdated.from_day)
            today = self._local(tap.reading).date()
            return feedback.NotValid(outdated.employee, begins if begins and begins > today else None)
        return feedback.RandomBadge() if tap.uid.is_random else feedback.UnknownBadge(tap.uid.tail)

    def _draft(
        self,
        tap: Tap,
        fingerprint: str,
        username: str | None,
        kind: Kind | None,
        decision: decide.Record | decide.RecordStray,
    ) -> ledger.Draft:
        return ledger.Draft(
            username=username,
            kind=kind,
            explicit=decision.explicit if isinstance(decision, decide.Record) else decision.kind is not None,
            project=decision.project,
            fingerprint=fingerprint,
            badge_tail=tap.uid.tail,
            reading=tap.reading,
            zone=self.door.zone.key,
            offset_s=offset_s(tap.reading.wall_at, self.door.zone),
            terminal=self.door.name,
            reader=tap.reader,
            random=tap.uid.is_random,
            time_type=decision.time_type,
        )

    def _local(self, reading: Reading) -> datetime:
        return reading.wall_at.astimezone(self.door.zone).replace(tzinfo=None)


def ago_s(before: Reading | None, reading: Reading) -> float | None:
    """Say how long ago a reading was; None where there is none, or it is of another boot."""
    if before is None or before.boot_id != reading.boot_id:
        return None
    return reading.boottime_s - before.boottime_s


def _told_kind(punch: decide.Record | decide.Last) -> Kind:
    """Say what a person is told: who goes on with another time type pressed the key for in, and none of a project."""
    return Kind.IN if punch.kind is Kind.PROJECT and punch.project is None else punch.kind


def _last(item: Item, reading: Reading) -> decide.Last:
    """Return a punch as the decision wants it, with its age if a clock can tell."""
    local = (item.at + timedelta(seconds=item.offset_s)).replace(tzinfo=None)
    age_s: float | None = reading.boottime_s - item.tapped_s
    if not item.same_boot and not (reading.trusted and item.clock is not ClockQuality.UNCERTAIN):
        age_s = None
    return decide.Last(item.seq, item.kind, local, age_s, item.time_type, item.project)
