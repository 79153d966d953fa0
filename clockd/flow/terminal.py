"""From the tap to what the person is told.

`Terminal.tapped` keeps the promise: it records first, and shows only then what is already true. Nothing here waits for
the network.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from clockd.core import decide, feedback
from clockd.core.correction import Consent, Countersign
from clockd.core.delivery import Held, HoldCode, Now
from clockd.core.lockout import Lockout
from clockd.core.model import Action, ClockQuality, Employee, KeyPress, Kind, Pin, Project, Reading, Tap, Uid
from clockd.core.planning.item import Item
from clockd.core.sentence import sentence
from clockd.core.timebase import Anchor, Exact, judge, offset_s, worked_today_s
from clockd.errors import NotRecorded, Refused
from clockd.flow import leaving
from clockd.flow.consent import ConsentAtTheDoor, Shown, Spoken, news_of
from clockd.flow.correction_desk import CorrectionDesk
from clockd.flow.counting import lanes_of, take_back
from clockd.flow.door import Door
from clockd.flow.leaving import Answer, Flag, Leaving
from clockd.store import Database, badges, corrections, dating, ledger, outbox, same_badge, stored
from clockd.store.badges import Badge, Fingerprints
from clockd.store.thread import Store

log = logging.getLogger(__name__)

NOBODYS = Uid("08C10C4D")
"""A badge that no reader reads and nobody may own."""
KEY_LASTS_S = 5.0
"""How many seconds a key lasts: a tap within them takes its direction from it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tap came to: what to show, and the punch if one was written."""

    screen: feedback.Screen
    seq: int | None = None
    employee: Employee | None = None
    """Who was at the door; None where nobody knows."""
    flag: Flag | None = None
    """The missing clock-out that the screen tells of, and that can be answered here; None when there is none."""
    shown: Shown | None = None
    """The correction that the screen tells of; None when there is none."""


AT_THE_DOOR = "said at the door by key and badge"
"""What the ledger says of an answer that was given here."""


class _Rehearsed(Exception):
    """Ends a transaction that must leave nothing."""


AskPresence = Callable[[str, Item | None, Callable[[str], bool]], bool | None]
"""Whether the tracker, seen after the given last punch, shows a person as present; None when it knows no better."""


def _keep_shut(_: feedback.Screen) -> None:
    """There is no door to open."""


@dataclass(slots=True)
class Terminal:
    """One door.

    Args:
        store: where punches go.
        fingerprints: turns badges into what may be stored.
        door: which terminal this is.
        presence: says whether the tracker showed a person as present.
        show: tells the person: screen and signal; returns at once. The seq is that of the punch, if one was written.
        wake: a hint to sync that something new is there; may be lost.
        corrections: what the office wants to change, and takes the answers to it; None where that concerns nobody.
        anchors: moments of this boot at which the clock was known to be right.
    """

    store: Store
    fingerprints: Fingerprints
    door: Door
    presence: AskPresence
    show: Callable[[feedback.Screen, int | None], None]
    wake: Callable[[], None]
    corrections: CorrectionDesk | None = None
    anchors: Callable[[], Sequence[Anchor]] = tuple
    unlock: Callable[[feedback.Screen], None] = _keep_shut
    """Opens what a tap that came to this screen may open."""
    _key: KeyPress | None = None
    _enrolling: asyncio.Future[Uid] | None = None
    _asking: asyncio.Future[Uid] | None = None
    """Waits for the number of any badge, whoever's it is."""
    _lockout: Lockout = field(default_factory=Lockout)
    _seen: dict[str, Reading] = field(default_factory=dict)
    """When each badge was last in front of a reader."""
    _seen_people: dict[str, Reading] = field(default_factory=dict)
    """When each employee was last there, with any badge: one may carry two, or one with two chips."""
    _leaving: Leaving = field(init=False)
    _consent: ConsentAtTheDoor = field(default_factory=ConsentAtTheDoor)

    def __post_init__(self) -> None:
        self._leaving = Leaving(self.door.zone, self.door.rules.max_shift_s)

    async def tapped(self, tap: Tap) -> None:
        """Record a tap and tell the person. Never raises for a disk's sake: a failure is told as a failure."""
        if self._asking is not None and isinstance(tap.uid, Uid) and not self._asking.done():
            self._asking.set_result(tap.uid)
        if await self._enrol(tap):
            return
        if isinstance(tap.uid, Pin) and (wait_s := self._lockout.wait_s(tap.reading.boottime_s)):
            self.show(feedback.PinLocked(wait_s), None)
            return
        fingerprint = self.fingerprints.of(tap.uid)
        seen_s_ago = self._seen_s_ago(fingerprint, tap.reading)
        if (said := self._leaving.tapped(fingerprint, tap.reading, seen_s_ago)) is not None:
            await self._said(said, tap, fingerprint)
            return
        if (answered := self._consent.tapped(fingerprint, tap.reading, seen_s_ago)) is not None:
            await self._answered(answered, tap, fingerprint)
            return
        key = self._take_key(tap.reading) or _of_the_reader(tap)
        try:
            outcome = await self.store.run(lambda db: self._record(db, tap, fingerprint, key, seen_s_ago))
        except NotRecorded as failure:
            self.show(feedback.NothingRecorded(failure.message), None)  # and the badge is not remembered as seen
            return
        if isinstance(outcome.screen, feedback.WrongPin):
            self._wrong_pin(tap.reading)
            return
        self._remember(fingerprint, tap.reading)
        if outcome.employee is not None:
            self._seen_people = self._recent(self._seen_people, tap.reading) | {outcome.employee.username: tap.reading}
        self.show(outcome.screen, outcome.seq)
        self.unlock(outcome.screen)
        if outcome.seq is not None:
            self._leaving.flag = outcome.flag
            self.wake()
            await self._note_shown(outcome.shown)

    def _wrong_pin(self, reading: Reading) -> None:
        self._lockout = self._lockout.after_wrong(reading.boottime_s)
        wait_s = self._lockout.wait_s(reading.boottime_s)
        if wait_s:
            log.warning("%d PINs were wrong: none is taken for %.0f s", len(self._lockout.wrong_s), wait_s)
        self.show(feedback.PinLocked(wait_s) if wait_s else feedback.WrongPin(), None)

    async def _said(self, said: feedback.AskLeft | Answer, tap: Tap, fingerprint: str) -> None:
        """Go on with the question when an employee left: show how far the answer is, or write it down."""
        self._key = None
        screen: feedback.Screen
        if isinstance(said, Answer):
            try:
                zone, max_shift_s = self.door.zone, self.door.rules.max_shift_s
                screen = await self.store.run(lambda db: leaving.record(db, said, tap.reading, zone, max_shift_s))
            except NotRecorded as failure:
                screen = feedback.NothingRecorded(failure.message)
            self.wake()
        else:
            screen = said
        self._remember(fingerprint, tap.reading)
        self.show(screen, None)

    async def _answered(self, said: feedback.AskConsent | Spoken, tap: Tap, fingerprint: str) -> None:
        """Go on with the question whether somebody agrees: show how far the answer is, or write it down."""
        self._key = None
        screen: feedback.Screen
        if isinstance(said, Spoken):
            assert self.corrections is not None
            shown, yes = said.shown, said.consent is Consent.YES
            try:
                await self.corrections.answer(shown.number, shown.employee.username, said.consent, AT_THE_DOOR)
                screen = feedback.ConsentSaved(shown.employee, yes)
            except NotRecorded as failure:
                screen = feedback.NothingRecorded(failure.message)
            except Refused:
                screen = feedback.TooLate(shown.employee)
        else:
            screen = said
        self._remember(fingerprint, tap.reading)
        self.show(screen, None)

    async def _note_shown(self, shown: Shown | None) -> None:
        """Note that a person was shown a correction: after it was shown, or it would be said of what nobody saw."""
        self._consent.shown = shown if shown is not None and shown.news.asks else None
        if shown is None or self.corrections is None:
            return
        try:
            await self.corrections.told(shown.number, shown.employee.username)
        except NotRecorded as failure:  # it is shown once more
            log.warning("that a correction was shown could not be noted: %s", failure.message)

    def pressed(self, press: KeyPress) -> None:
        """Keep a key for the next tap; while somebody is asked something, it is part of their answer instead."""
        self._key = press
        asked = self._leaving.pressed(press) or self._consent.pressed(press)
        if asked is not None:
            self.show(asked, None)
            return
        named = _what_for(press.project, press.time_type)
        self.show(feedback.KeyArmed(named or press.action.value), None)

    async def rehearse(self, reading: Reading) -> None:
        """Record a tap up to its commit, take that back, and write something else: whatever a tap needs then works.

        Raises:
            NotRecorded: the disk takes nothing.
        """
        tap = Tap(NOBODYS, "rehearsal", reading)
        with contextlib.suppress(_Rehearsed):
            await self.store.run(lambda db: self._record_and_leave(db, tap))
        await self.store.prove()

    def _record_and_leave(self, db: Database, tap: Tap) -> None:
        self._record(db, tap, self.fingerprints.of(tap.uid), None, None)
        raise _Rehearsed

    async def next_badge(self, name: str, timeout_s: float) -> Uid:
        """Take the next tap of a badge without an owner as one to be enrolled; it is no punch.

        Raises:
            Refused: no badge came in time, or one whose identifier is random; or somebody else is enrolling.
        """
        if self._enrolling is not None:
            raise Refused("another badge is being enrolled", hint="try again in a moment")
        self._enrolling = asyncio.get_running_loop().create_future()
        self.show(feedback.Enrol(name), None)
        try:
            async with asyncio.timeout(timeout_s):
                uid = await self._enrolling
        except TimeoutError:
            hint = "a badge that has an owner clocks them in instead: clockd badges remove first"
            raise Refused(sentence("no new badge within {timeout_s:.0f} s", timeout_s=timeout_s), hint=hint) from None
        finally:
            self._enrolling = None
        self.show(feedback.RandomBadge() if uid.is_random else feedback.Enrolled(name), None)
        return uid

    async def any_badge(self, timeout_s: float) -> Uid:
        """Wait for the next badge, whoever's it is, and return its number. The tap counts as every tap.

        Raises:
            Refused: no badge came in time; or somebody else waits for one.
        """
        if self._asking is not None:
            raise Refused("somebody else waits for a badge", hint="try again in a moment")
        self._asking = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._asking
        except TimeoutError:
            raise Refused(
                sentence("no badge within {timeout_s:.0f} s", timeout_s=timeout_s),
                hint="clockd status says how the readers are",
            ) from None
        finally:
            self._asking = None

    async def _enrol(self, tap: Tap) -> bool:
        """Take a tap for the badge that is to be enrolled, unless it has an owner: then it is an ordinary tap."""
        waiting, uid = self._enrolling, tap.uid
        if waiting is None or waiting.done() or isinstance(uid, Pin):
            return False
        fingerprint = self.fingerprints.of(uid)
        try:
            owner = await self.store.run(lambda db: same_badge.badge_of(db, self.fingerprints, uid))
        except NotRecorded:
            return False  # the punch will say so
        if owner is not None or waiting.done():
            return False
        waiting.set_result(uid)
        self._remember(fingerprint, tap.reading)  # left lying, it is not a punch either
        return True

    def _take_key(self, reading: Reading) -> decide.Key | None:
        press, self._key = self._key, None
        if press is None or reading.boottime_s - press.reading.boottime_s > KEY_LASTS_S:
            return None
        return decide.Key(press.action, press.project, time_type=press.time_type)

    def _seen_s_ago(self, fingerprint: str, reading: Reading) -> float | None:
        return _ago_s(self._seen.get(fingerprint), reading)

    def _remember(self, fingerprint: str, reading: Reading) -> None:
        self._seen = self._recent(self._seen, reading) | {fingerprint: reading}

    def _recent(self, seen: dict[str, Reading], reading: Reading) -> dict[str, Reading]:
        horizon_s = reading.boottime_s - 10 * self.door.rules.repeat_s
        return {key: before for key, before in seen.items() if before.boottime_s > horizon_s}

    # --- in the store's thread, in one transaction ---

    def _record(
        self, db: Database, tap: Tap, fingerprint: str, key: decide.Key | None, seen_s_ago: float | None
    ) -> Outcome:
        badge = same_badge.badge_of(db, self.fingerprints, tap.uid)
        if badge is None and isinstance(tap.uid, Pin):
            return Outcome(feedback.WrongPin())
        outdated = None if badge is None or self._counts(badge, tap.reading) else badge
        employee = badge.employee if badge is not None and outdated is None else None
        item = outbox.last_item(db, employee.username, Now.of(tap.reading)) if employee else None
        facts = self._facts(db, tap, fingerprint, employee, item, key, seen_s_ago)
        decision = decide.decide(facts, self.door.rules)
        if isinstance(decision, decide.RecordStray):
            return self._stray(db, tap, fingerprint, decision, outdated)
        if isinstance(decision, decide.RepeatStray):
            return Outcome(self._stranger(tap, outdated))
        assert employee is not None
        match decision:
            case decide.Ask():
                asks = self._leaving if self._leaving.is_told(fingerprint) else self._consent
                return Outcome(asks.ask(tap.reading), employee=employee)
            case decide.Record():
                return self._punch(db, tap, fingerprint, employee, decision, item)
            case decide.Repeat(last=repeated):
                screen: feedback.Screen = feedback.AlreadyRecorded(employee, repeated.kind, repeated.local)
                return Outcome(screen, employee=employee)
            case decide.Undo(last=undone):
                take_back(db, undone.seq, tap.reading, by="employee", why="undo key")
                screen = feedback.Undone(employee, undone.kind, undone.local)
                return Outcome(screen, undone.seq, employee)
            case decide.NoUndo():
                return Outcome(feedback.NothingToUndo(employee), employee=employee)
            case decide.Tell():
                return Outcome(self._info(db, employee, item, tap.reading), employee=employee)

    def _counts(self, badge: Badge, reading: Reading) -> bool:
        """Whether a badge counts today; a clock that is not set cannot say that it does not."""
        return not reading.trusted or same_badge.counts_on(badge, self._local(reading).date())

    def _facts(
        self,
        db: Database,
        tap: Tap,
        fingerprint: str,
        employee: Employee | None,
        item: Item | None,
        key: decide.Key | None,
        seen_s_ago: float | None,
    ) -> decide.Facts:
        if employee is None:
            return decide.Facts(None, None, key, seen_s_ago, None)
        last = None if item is None else _last(item, tap.reading)
        seen_s_ago = _ago_s(self._seen_people.get(employee.username), tap.reading)
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
            can_answer=self._leaving.is_told(fingerprint) or self._consent.is_told(fingerprint),
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
            worked_s = self._worked_today_s(db, employee.username, tap.reading)
        goes_on = decision.kind is Kind.PROJECT and decision.project is None  # with another time type
        screen = feedback.Punched(
            employee=employee,
            kind=Kind.IN if goes_on else decision.kind,
            local=at.astimezone(self.door.zone).replace(tzinfo=None),
            clock_trusted=known,
            worked_today_s=worked_s,
            project=_what_for(decision.project, decision.time_type),
            missing_out_local=decision.missing_out.local if decision.missing_out else None,
            no_in=decision.no_in,
        )
        if decision.missing_out and known and before is not None and self._can_ask(before):
            flag = self._leaving.flag_of(fingerprint, employee, before, at)
            return Outcome(replace(screen, asks=True), seq, employee, flag)
        if (shown := self._news(db, fingerprint, employee, screen, tap.reading)) is not None:
            return Outcome(replace(screen, news=shown.news), seq, employee, shown=shown)
        return Outcome(screen, seq, employee)

    def _news(
        self, db: Database, fingerprint: str, employee: Employee, screen: feedback.Punched, reading: Reading
    ) -> Shown | None:
        """Return what the office did to a person's record and they do not know; a warning of their own comes first."""
        warned = screen.no_in or screen.missing_out_local is not None or not screen.clock_trusted
        if self.corrections is None or self.door.countersign is Countersign.OFF or warned:
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

    def _info(self, db: Database, employee: Employee, last: Item | None, reading: Reading) -> feedback.Info:
        since = None if last is None else (last.at + timedelta(seconds=last.offset_s)).replace(tzinfo=None)
        on_break = last is not None and last.kind is Kind.BREAK
        present = last is not None and last.kind not in (Kind.OUT, Kind.BREAK)
        project = last.project if last and not self.door.project_timers and present else None
        if self.door.project_timers and present:
            project = outbox.running_project(db, employee.username)
        time_type = last.time_type if last and present else None
        return feedback.Info(
            employee,
            since if present else None,
            self._worked_today_s(db, employee.username, reading),
            break_since_local=since if on_break else None,
            project=_what_for(project, time_type),
        )

    def _worked_today_s(self, db: Database, username: str, reading: Reading) -> int:
        since = ledger.to_us(reading.wall_at - timedelta(hours=48))
        return int(worked_today_s(outbox.counted(db, username, since), reading.wall_at, self.door.zone))


def _ago_s(before: Reading | None, reading: Reading) -> float | None:
    """Say how long ago a reading was; None where there is none, or it is of another boot."""
    if before is None or before.boot_id != reading.boot_id:
        return None
    return reading.boottime_s - before.boottime_s


def _what_for(project: Project | None, time_type: str | None) -> str | None:
    """Return in words what is worked on, where that is not the usual: a project, a time type, or both."""
    return ", ".join(filter(None, (str(project) if project else "", time_type))) or None


def _of_the_reader(tap: Tap) -> decide.Key | None:
    """Return the direction that the reader of a tap stands for."""
    return None if tap.direction is None else decide.Key(Action(tap.direction.value), None, pressed=False)


def _last(item: Item, reading: Reading) -> decide.Last:
    """Return a punch as the decision wants it, with its age if a clock can tell."""
    local = (item.at + timedelta(seconds=item.offset_s)).replace(tzinfo=None)
    age_s: float | None = reading.boottime_s - item.tapped_s
    if not item.same_boot and not (reading.trusted and item.clock is not ClockQuality.UNCERTAIN):
        age_s = None
    return decide.Last(item.seq, item.kind, local, age_s, item.time_type)
