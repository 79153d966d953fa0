"""From the tap to what the person is told.

`Terminal.tapped` keeps the promise: it records first, and shows only then what is already true. Nothing here waits for
the network.
"""

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from clockd.core import decide, feedback
from clockd.core.correction import Consent
from clockd.core.lockout import Lockout
from clockd.core.model import Action, KeyPress, Pin, Reading, Tap, Uid
from clockd.core.timebase import Anchor
from clockd.errors import NotRecorded, Refused
from clockd.flow import leaving
from clockd.flow.awaiting import Awaiting
from clockd.flow.choosing import ProjectAtTheDoor
from clockd.flow.consent import ConsentAtTheDoor, Shown, Spoken
from clockd.flow.correction_desk import CorrectionDesk
from clockd.flow.door import Door
from clockd.flow.door_desk import DoorDesk
from clockd.flow.informing import what_for
from clockd.flow.leaving import Answer, Leaving
from clockd.flow.own_codes import OwnCodeDesk
from clockd.flow.recording import AskPresence, Beside, Recorder, ago_s
from clockd.store import Database, same_badge
from clockd.store.badges import Fingerprints
from clockd.store.thread import Store

log = logging.getLogger(__name__)

NOBODYS = Uid("08C10C4D")
"""A badge that no reader reads and nobody may own."""
KEY_LASTS_S = 5.0
"""How many seconds a key lasts: a tap within them takes its direction from it."""
AT_THE_DOOR = "said at the door by key and badge"
"""What the ledger says of an answer that was given here."""


class _Rehearsed(Exception):
    """Ends a transaction that must leave nothing."""


def _keep_shut(_: feedback.Screen) -> None:
    """There is no door to open."""


def _for_nobody(_: str) -> None:
    """No tracker says which projects are whose."""


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
    own_codes: OwnCodeDesk | None = None
    """Makes the codes by which people open their own record on the page; None where there are none."""
    want_projects: Callable[[str], None] = _for_nobody
    """Told who pages through projects, so that theirs are read at the tracker."""
    desk: DoorDesk | None = None
    """Where an admin's badge opens it, badges are given out here; None where there are no keys for that."""
    _key: KeyPress | None = None
    _awaiting: Awaiting = field(default_factory=Awaiting)
    _lockout: Lockout = field(default_factory=Lockout)
    _seen: dict[str, Reading] = field(default_factory=dict)
    """When each badge was last in front of a reader."""
    _seen_people: dict[str, Reading] = field(default_factory=dict)
    """When each employee was last there, with any badge: one may carry two, or one with two chips."""
    _leaving: Leaving = field(init=False)
    _consent: ConsentAtTheDoor = field(default_factory=ConsentAtTheDoor)
    _choosing: ProjectAtTheDoor = field(init=False)

    def __post_init__(self) -> None:
        self._leaving = Leaving(self.door.zone)
        self._choosing = ProjectAtTheDoor(self.door.rules.repeat_s)

    async def tapped(self, tap: Tap) -> None:
        """Record a tap and tell the person. Never raises for a disk's sake: a failure is told as a failure."""
        self._awaiting.saw(tap.uid)
        if await self._enrol(tap):
            return
        if isinstance(tap.uid, Pin) and (wait_s := self._lockout.wait_s(tap.reading.boottime_s)):
            self.show(feedback.PinLocked(wait_s), None)
            return
        fingerprint = self.fingerprints.of(tap.uid)
        seen_s_ago = self._seen_s_ago(fingerprint, tap.reading)
        if self.desk and (at_desk := await self.desk.tapped(tap, fingerprint, seen_s_ago)) is not None:
            self._key = None
            self._remember(fingerprint, tap.reading)
            self.show(at_desk, None)
            return
        if (said := self._leaving.tapped(fingerprint, tap.reading, seen_s_ago)) is not None:
            await self._said(said, tap, fingerprint)
            return
        if (answered := self._consent.tapped(fingerprint, tap.reading, seen_s_ago)) is not None:
            await self._answered(answered, tap, fingerprint)
            return
        chosen = self._choosing.tapped(fingerprint, tap.reading, seen_s_ago)
        if isinstance(chosen, feedback.AskProject):
            self._key = None
            self._remember(fingerprint, tap.reading)
            self.show(chosen, None)
            return
        key = self._take_key(tap.reading) or _of_the_reader(tap)
        await self._record(tap, fingerprint, seen_s_ago, key if chosen is None else decide.Key(Action.PROJECT, chosen))

    async def _record(self, tap: Tap, fingerprint: str, seen_s_ago: float | None, key: decide.Key | None) -> None:
        """Record a tap that answers no question, and tell the person what came of it."""
        beside = Beside(
            fingerprint=fingerprint,
            key=key,
            badge_seen_s_ago=seen_s_ago,
            people_seen=self._seen_people,
            can_answer=self._leaving.is_told(fingerprint) or self._consent.is_told(fingerprint),
        )
        try:
            recorder = self._recorder()
            outcome = await self.store.run(lambda db: recorder.record(db, tap, beside))
        except NotRecorded as failure:
            self.show(feedback.NothingRecorded(failure.message), None)  # and the badge is not remembered as seen
            return
        if isinstance(outcome.screen, feedback.WrongPin):
            self._wrong_pin(tap.reading)
            return
        self._remember(fingerprint, tap.reading)
        if outcome.employee is not None and outcome.offered is not None:  # what they are asked is no punch to repeat
            self.want_projects(outcome.employee.username)
            self.show(self._choosing.ask(fingerprint, outcome.employee, outcome.offered, tap.reading), None)
            return
        if outcome.employee is not None:
            self._seen_people = self._recent(self._seen_people, tap.reading) | {outcome.employee.username: tap.reading}
        screen = self._with_code(outcome.screen or self._ask(fingerprint, tap.reading), tap.reading)
        self.show(screen, outcome.seq)
        self.unlock(screen)
        if outcome.seq is not None:
            self._leaving.flag = outcome.flag
            self.wake()
            await self._note_shown(outcome.shown)

    def _recorder(self) -> Recorder:
        tells = self.corrections is not None
        return Recorder(self.fingerprints, self.door, self.presence, tells, self.anchors)

    def _with_code(self, screen: feedback.Screen, reading: Reading) -> feedback.Screen:
        """Give somebody who asks for their day a code for the whole record as well, where there are codes."""
        if self.own_codes is None or not isinstance(screen, feedback.Info):
            return screen
        return replace(screen, code=self.own_codes.issue(screen.employee, reading))

    def _ask(self, fingerprint: str, reading: Reading) -> feedback.Screen:
        """Open the question that this badge was told of."""
        asks = self._leaving if self._leaving.is_told(fingerprint) else self._consent
        return asks.ask(reading)

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
        if self.desk and (at_desk := self.desk.pressed(press)) is not None:
            self._key = None  # it gives nobody's tap a direction
            self.show(at_desk, None)
            return
        self._key = press
        asked = self._leaving.pressed(press) or self._consent.pressed(press) or self._choosing.pressed(press)
        if asked is not None:
            self.show(asked, None)
            return
        named = what_for(press.project, press.time_type)
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
        self._recorder().record(db, tap, Beside(self.fingerprints.of(tap.uid)))
        raise _Rehearsed

    async def next_badge(self, name: str, timeout_s: float) -> Uid:
        """Take the next tap of a badge without an owner as one to be enrolled; it is no punch.

        Raises:
            Refused: no badge came in time, or one whose identifier is random; or somebody else is enrolling.
        """
        uid = await self._awaiting.new_badge(timeout_s, lambda: self.show(feedback.Enrol(name), None))
        self.show(feedback.RandomBadge() if uid.is_random else feedback.Enrolled(name), None)
        return uid

    async def any_badge(self, timeout_s: float) -> Uid:
        """Wait for the next badge, whoever's it is, and return its number. The tap counts as every tap.

        Raises:
            Refused: no badge came in time; or somebody else waits for one.
        """
        return await self._awaiting.any_badge(timeout_s)

    async def _enrol(self, tap: Tap) -> bool:
        """Take a tap for the badge that is to be enrolled, unless it has an owner: then it is an ordinary tap."""
        uid = tap.uid
        if not self._awaiting.wants_new or isinstance(uid, Pin):
            return False
        fingerprint = self.fingerprints.of(uid)
        try:
            owner = await self.store.run(lambda db: same_badge.badge_of(db, self.fingerprints, uid))
        except NotRecorded:
            return False  # the punch will say so
        if owner is not None or not self._awaiting.take_new(uid):
            return False
        self._remember(fingerprint, tap.reading)  # left lying, it is not a punch either
        return True

    def _take_key(self, reading: Reading) -> decide.Key | None:
        press, self._key = self._key, None
        if press is None or reading.boottime_s - press.reading.boottime_s > KEY_LASTS_S:
            return None
        return decide.Key(press.action, press.project, time_type=press.time_type)

    def _seen_s_ago(self, fingerprint: str, reading: Reading) -> float | None:
        return ago_s(self._seen.get(fingerprint), reading)

    def _remember(self, fingerprint: str, reading: Reading) -> None:
        self._seen = self._recent(self._seen, reading) | {fingerprint: reading}

    def _recent(self, seen: dict[str, Reading], reading: Reading) -> dict[str, Reading]:
        horizon_s = reading.boottime_s - 10 * self.door.rules.repeat_s
        return {key: before for key, before in seen.items() if before.boottime_s > horizon_s}


def _of_the_reader(tap: Tap) -> decide.Key | None:
    """Return the direction that the reader of a tap stands for."""
    return None if tap.direction is None else decide.Key(Action(tap.direction.value), None, pressed=False)
