"""The badge desk at one door (`core/door_desk.py`): who stands there, what they hold, and what comes of it."""

import logging
from collections import Counter
from dataclasses import dataclass, field

from clockd.core import feedback
from clockd.core.decide import ASIDE_S
from clockd.core.door_desk import (
    DeskStep,
    HandOut,
    OldBadges,
    Opened,
    Owner,
    Pressed,
    Whose,
    badge_shown,
    confirmed,
    key_pressed,
)
from clockd.core.model import Action, Employee, KeyPress, Reading, Tap, Uid
from clockd.errors import NotRecorded, Refused
from clockd.flow.badge_desk import PIN_TAIL, BadgeDesk, Enrolment
from clockd.store import Database, badges, people, same_badge
from clockd.store.badges import Badge

log = logging.getLogger(__name__)

BY_BADGE = "at the door, by an admin's badge and keys"
"""What the ledger says besides the admin's username."""


@dataclass(frozen=True, slots=True)
class AtTheDesk:
    """The admin who opened it, and how far they are."""

    admin: Employee
    fingerprint: str
    step: DeskStep
    touched_s: float
    """CLOCK_BOOTTIME of the last key or badge."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """Whose a badge is."""

    badge: Badge | None
    admin: bool
    owners: tuple[Owner, ...]


@dataclass(slots=True)
class DoorDesk:
    """What an admin does at this door; in memory until it is confirmed.

    Args:
        desk: gives badges and takes them away, as for commands.
        keys_last_s: how many seconds a key lasts.
        repeat_s: within it the same badge is the same tap.
    """

    desk: BadgeDesk
    keys_last_s: float
    repeat_s: float
    _pressed: Pressed = field(default_factory=Pressed)
    _open: AtTheDesk | None = None

    def pressed(self, press: KeyPress) -> feedback.Screen | None:
        """Note a key; None where it is none of the desk's."""
        now_s = press.reading.boottime_s
        self._pressed = self._pressed.and_then(press.action, now_s, self.keys_last_s)
        open_ = self._at(press.reading)
        if open_ is None or press.action not in (Action.IN, Action.OUT):
            self._open = None
            return None
        return self._go_on(open_, key_pressed(open_.step, later=press.action is Action.OUT), press.reading)

    async def tapped(self, tap: Tap, fingerprint: str, seen_s_ago: float | None) -> feedback.Screen | None:
        """Take a badge that opens the desk, or that is held to it while it is open.

        Returns:
            What to show; None where it is a tap like every other, which closes the desk.
        """
        opens = self._pressed.opens(tap.reading.boottime_s, self.keys_last_s)
        open_ = self._at(tap.reading)
        self._open, self._pressed = None, Pressed()
        if not isinstance(tap.uid, Uid) or not (opens or open_):
            return None
        uid = tap.uid
        try:
            shown = await self.desk.store.run(lambda db: self._look(db, uid))
        except NotRecorded:
            return None  # the punch will say so
        if open_ is not None and fingerprint == open_.fingerprint:
            return await self._confirmed(open_, tap.reading, float("inf") if seen_s_ago is None else seen_s_ago)
        if open_ is not None and shown.badge is None and uid.is_random:
            self._open = open_
            return feedback.RandomBadge()
        if open_ is not None and shown.badge is None and (step := badge_shown(open_.step, uid)) is not None:
            return self._go_on(open_, step, tap.reading)
        if opens and shown.admin and shown.badge is not None:
            opened = AtTheDesk(shown.badge.employee, fingerprint, Opened(shown.owners), tap.reading.boottime_s)
            return self._go_on(opened, opened.step, tap.reading)
        return None

    async def _confirmed(self, open_: AtTheDesk, reading: Reading, away_s: float) -> feedback.Screen | None:
        if away_s < ASIDE_S:
            return self._go_on(open_, open_.step, reading)
        done = confirmed(open_.step)
        if not isinstance(done, HandOut):
            if done == open_.step and away_s >= self.repeat_s:
                return None  # they have done nothing here, and want to clock in or out
            return self._go_on(open_, done, reading)
        return await self._hand_out(open_.admin.username, done)

    async def _hand_out(self, by: str, done: HandOut) -> feedback.Screen:
        whose = done.employee
        wanted = None if done.new is None else Enrolment(done.new.hex, whose.username, whose.name)
        try:
            taken = await self.desk.hand_out(wanted, whose.username, by, BY_BADGE, lost=done.lost)
        except NotRecorded as failure:
            return feedback.NothingRecorded(failure.message)
        except Refused as refusal:
            log.warning("nothing was changed at the door by %s: %s", by, refusal.message)
            return feedback.NothingRecorded("refused")
        given = "no new badge" if done.new is None else f"the badge …{done.new.tail}"
        log.info("%s gave %s %s at the door, and took %d away", by, whose.username, given, taken)
        return feedback.Revoked(whose.name, taken) if done.new is None else feedback.Enrolled(whose.name)

    def _look(self, db: Database, uid: Uid) -> _Shown:
        badge = same_badge.badge_of(db, self.desk.fingerprints, uid)
        admin = badge is not None and badges.is_admin(db, badge.fingerprint)
        return _Shown(badge, admin, _owners(db) if admin else ())

    def _at(self, reading: Reading) -> AtTheDesk | None:
        if self._open is None or reading.boottime_s - self._open.touched_s > feedback.ANSWER_S:
            return None
        return self._open

    def _go_on(self, open_: AtTheDesk, step: DeskStep, reading: Reading) -> feedback.Screen:
        self._open = AtTheDesk(open_.admin, open_.fingerprint, step, reading.boottime_s)
        match step:
            case Opened():
                return feedback.AskBadge(open_.admin)
            case Whose(new, owners):
                chosen, tail = owners.chosen, None if new is None else new.tail
                employee = None if chosen is None else chosen.employee
                return feedback.AskOwner(employee, owners.number, len(owners.options), tail)
            case OldBadges(new, owner, lost):
                return feedback.AskLost(owner.employee, lost, can_keep=new is not None)


def _owners(db: Database) -> tuple[Owner, ...]:
    """Everybody who is known here; first who has no badge, since a new one is most likely theirs."""
    carried = Counter(badge.username for badge in badges.all_badges(db) if badge.tail != PIN_TAIL)
    known = badges.owners_ever(db) | set(people.usernames(db))
    owners = [Owner(Employee(name, badges.name_of(db, name)), carried[name]) for name in known]
    return tuple(sorted(owners, key=_by_need))


def _by_need(owner: Owner) -> tuple[bool, str, str]:
    return owner.badges > 0, owner.employee.name.casefold(), owner.employee.username
