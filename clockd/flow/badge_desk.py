"""The badge desk: gives badges to employees, with the punches that were made with them while they were nobody's."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import pairwise

from clockd.core.correction import Correction, CorrectionWay
from clockd.core.delivery import Event, Move, Now, State
from clockd.core.json import Json
from clockd.core.model import BadUid, Employee, Kind, Pin, Reading, Uid
from clockd.core.sentence import phrase, sentence
from clockd.core.timebase import local
from clockd.errors import NotRecorded, Refused, UsageError
from clockd.flow.badge_list import ListCheck, WantedBadge, fits_several, pieces, taken
from clockd.flow.countersigning import AskedFor, Countersigning, is_asked
from clockd.flow.counting import lanes_of
from clockd.flow.documents import iso
from clockd.flow.door import Door
from clockd.flow.naming import checked_name, find_punch
from clockd.store import Database, badges, deliveries, ledger, outbox, repairs, same_badge, view
from clockd.store.badges import FOR_EVER, Badge, Fingerprints, Validity
from clockd.store.thread import Store

PIN_TAIL = Pin("0000").tail
"""What stands for a PIN in the list of badges; who lost a badge still knows it."""
SHORTEST_FINGERPRINT = 8
"""How many digits of a fingerprint at least name a badge that is to be removed."""
PIECE_BADGES = 50
"""How many badges of a command are looked at before other tasks have their turn."""


@dataclass(slots=True)
class BadgeDesk:
    """Gives badges to employees and takes them away.

    Args:
        store: the open store.
        fingerprints: turns badges into what is stored.
        door: which terminal this is.
        tag: the installation's tag, for punch ids.
        read_clock: all clocks at once.
        wake: tells sync that something changed.
        countersigning: the rule of this door for corrections.
    """

    store: Store
    fingerprints: Fingerprints
    door: Door
    tag: int
    read_clock: Callable[[], Reading]
    wake: Callable[[], None]
    countersigning: Countersigning
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while badges are given: nobody else gives one in the middle of a list."""

    async def listed(self) -> list[Json]:
        """Return the badges in use: never their identifiers, which are not known here."""
        found, admins = await self.store.run(lambda db: (badges.all_badges(db), badges.admins(db)))
        return [
            {
                "username": badge.username,
                "name": badge.name,
                "tail": badge.tail,
                "fingerprint": badge.fingerprint[:16],
                "added_at": iso(ledger.from_us(badge.added_us)),
                "added_local": local(ledger.from_us(badge.added_us), self.door.zone).isoformat(timespec="milliseconds"),
                "from_day": badge.from_day,
                "until_day": badge.until_day,
                "admin": badge.fingerprint in admins,
            }
            for badge in found
        ]

    async def give(self, wanted: "Enrolment", by: str, why: str = "") -> Json:
        """Give a badge or a PIN to an employee, with the punches a badge made while it was nobody's."""
        return (await self.give_all([wanted], by, why))[0]

    async def give_sealed(
        self, wanted: Sequence["SealedEnrolment"], pepper_check: str, by: str, why: str = ""
    ) -> list[Json]:
        """Give badges that are known by their fingerprints alone, as `give_all` does.

        Raises:
            Refused: they were made under another pepper; or as for `give_all`.
        """
        if pepper_check != self.fingerprints.check:
            raise Refused(
                "this list was made under another badge-pepper, so no badge would be known",
                hint="give this terminal the pepper of the list, or make the list anew under its own",
            )
        return await self.give_all(wanted, by, why)

    async def give_all(self, wanted: "Sequence[Enrolment | SealedEnrolment]", by: str, why: str = "") -> list[Json]:
        """Give badges to employees: none where one of them would be refused. A long list is given in pieces.

        Raises:
            UsageError: an identifier is none, or is random; or a username is empty.
            Refused: the badges that are here were enrolled under another pepper; a PIN is somebody else's; or what is
                known of a badge's number fits several that are carried.
            NotRecorded: the disk takes no more; what was given before stays.
        """
        if not wanted:
            return []
        checked: list[WantedBadge] = []
        for number, each in enumerate(wanted):
            if number % PIECE_BADGES == 0:
                await self.store.give_way()
            if isinstance(each, SealedEnrolment):
                employee = _employee(each.username, each.name)
                checked.append(WantedBadge(each.fingerprint, each.tail, employee, None, each.ends, each.validity))
                continue
            uid = parse_pin(each.number) if each.pin else parse_badge(each.number)
            fingerprint = self.fingerprints.of(uid)
            employee = _employee(each.username, each.name)
            admin = _may_be_admin(each)
            checked.append(WantedBadge(fingerprint, uid.tail, employee, uid, validity=each.validity, admin=admin))
        said = _Said(by, why, self.read_clock())
        async with self._changing:
            given = await (self._give_list(checked, said) if len(checked) > 1 else self._give_one(checked[0], said))
        self.wake()
        return given

    async def _give_one(self, badge: WantedBadge, said: "_Said") -> list[Json]:
        def give(db: Database) -> list[Json]:
            badges.may_enrol(db, self.fingerprints)
            return self._give_piece([badge], badges.Spellings.load(db), said, db)

        return await self.store.run(give)

    async def _give_list(self, wanted: Sequence[WantedBadge], said: "_Said") -> list[Json]:
        await self.store.run(lambda db: badges.may_enrol(db, self.fingerprints))
        check = ListCheck(self.fingerprints, badges.Spellings())
        while await self.store.run(check.known.read_on):
            await self.store.give_way()
        for piece in pieces(wanted):
            await self.store.run(partial(check.look, piece))
            await self.store.give_way()
        given: list[Json] = []
        try:
            for piece in pieces(wanted):
                given += await self.store.run(partial(self._give_piece, piece, check.known, said))
                await self.store.give_way()
            count: ledger.Body = {"count": len(wanted), "by": said.by, "why": said.why}
            # last, so that whoever reads the newest first is told what the many rows before it were
            await self.store.run(lambda db: ledger.add(db, "badges", None, said.reading, count))
        except NotRecorded as failure:
            raise _broken_off(len(given), len(wanted), failure) from failure
        return given

    def _give_piece(
        self, piece: Sequence[WantedBadge], known: badges.Spellings, said: "_Said", db: Database
    ) -> list[Json]:
        strays = repairs.strays(db)  # read anew: a badge may have been tapped since the piece before
        given = [self._give(db, badge, known, strays, said.by, said.reading) for badge in piece]
        _note(db, piece, given, said)
        return given

    def _give(
        self,
        db: Database,
        badge: WantedBadge,
        known: badges.Spellings,
        strays: dict[str, list[tuple[int, str | None]]],
        by: str,
        reading: Reading,
    ) -> Json:
        wanted = badge.employee
        username = known.of(wanted.username)
        employee = Employee(username, username if wanted.name == wanted.username else wanted.name)
        now_us = ledger.to_us(reading.wall_at)
        replaced = self._replaced(db, badge, username, now_us)
        before = badges.add(db, badge.fingerprint, badge.tail, employee, now_us, known, badge.validity) or replaced
        if badge.admin:
            badges.appoint(db, badge.fingerprint)
        theirs = sorted(stray for each in self._its_fingerprints(db, badge) for stray in strays.pop(each, ()))
        given = sum(self._hand_over(db, seq, kind_text, employee.username, by, reading) for seq, kind_text in theirs)
        asked = sum(is_asked(db, seq) for seq, _ in theirs)
        return {
            "username": employee.username,
            "name": employee.name,
            "tail": badge.tail,
            "given_as": wanted.username if wanted.username != username else None,
            "taken_from": before.username if before else None,
            "punches_given": given,
            "punches_asked": asked,
            "punches_left_held": len(theirs) - given - asked,
            "from_day": _iso_day(badge.validity.from_day),
            "until_day": _iso_day(badge.validity.until_day),
        }

    def _replaced(self, db: Database, badge: WantedBadge, username: str, now_us: int) -> Badge | None:
        """Take away the same badge where it was enrolled by another form of its number; return it if another had it."""
        if isinstance(badge.uid, Pin):
            owner = badges.in_use(db, badge.fingerprint)
            if owner is not None and owner.username != username:
                raise taken()
            return None
        if badge.uid is not None:
            same_badge.remember(db, self.fingerprints, badge.uid)
            found = same_badge.relatives(db, self.fingerprints, badge.uid)
        elif (ends := badge.ends) is not None:
            same_badge.remember_ends(db, badge.fingerprint, lambda: ends)
            found = same_badge.carried(db, (*ends, *same_badge.longer_known(db, badge.fingerprint)))
        else:
            return None
        if len(names := {each.username for each in found}) > 1:
            raise fits_several(names)
        for each in found:
            badges.remove(db, each.fingerprint, now_us)
        return next((each for each in found if each.username != username), None)

    def _its_fingerprints(self, db: Database, badge: WantedBadge) -> Sequence[str]:
        if badge.uid is None:
            longer = [] if badge.ends is None else same_badge.longer_known(db, badge.fingerprint)
            return [badge.fingerprint, *(badge.ends or ()), *longer]
        return same_badge.fingerprints_of(db, self.fingerprints, badge.uid)

    def _hand_over(
        self, db: Database, seq: int, kind_text: str | None, username: str, by: str, reading: Reading
    ) -> bool:
        """Give a tap that was nobody's to an employee; False: in or out would be a guess, so that it is held."""
        if is_asked(db, seq):
            return False
        kind = self._meant(db, seq, kind_text, username)
        if kind is None:
            repairs.explain_stray(db, seq, username, Now.of(reading))
            return False
        wanted = Correction(CorrectionWay.ASSIGN, seq, by, "", None, kind, username)
        return not isinstance(
            self.countersigning.carry(db, wanted, reading, lambda: self.make(db, wanted, reading)), AskedFor
        )

    def make(self, db: Database, wanted: Correction, reading: Reading) -> None:
        """Give a tap that was nobody's to an employee, within the transaction that is open.

        Raises:
            Refused: it is somebody's by now, or settled.
        """
        seq, username, kind = wanted.seq, wanted.username, wanted.kind
        assert seq is not None
        assert username is not None
        assert kind is not None
        found = view.punch(db, self.tag, seq)
        if found is None or found[0].username is not None or found[1].state not in repairs.ASKS:
            raise Refused("this punch is somebody's, or settled")
        ledger.add(db, "assign", seq, reading, {"username": username, "kind": kind.value, "by": wanted.by})
        lanes = lanes_of(db, self.door, username, kind, repairs.project_of(db, seq))
        repairs.assign(db, seq, username, kind, lanes, Now.of(reading))

    async def hand_out(self, wanted: "Enrolment | None", username: str, by: str, why: str, *, lost: bool) -> int:
        """Give a badge, where there is one, and take away what its new owner had before, where that is lost.

        All of it is done or nothing.

        Returns:
            How many badges were taken away.

        Raises:
            Refused: as `give_all`.
        """
        said = _Said(by, why, self.read_clock())
        uid = None if wanted is None else parse_badge(wanted.number)

        def change(db: Database) -> int:
            taken = [
                each for each in badges.all_badges(db) if lost and each.username == username and each.tail != PIN_TAIL
            ]
            for badge in taken:
                _remove(db, fingerprint=badge.fingerprint, said=said)
            if wanted is not None and uid is not None:
                employee = _employee(wanted.username, wanted.name)
                badges.may_enrol(db, self.fingerprints)
                new = WantedBadge(self.fingerprints.of(uid), uid.tail, employee, uid)
                self._give_piece([new], badges.Spellings.load(db), said, db)
            return len(taken)

        async with self._changing:
            taken = await self.store.run(change)
        self.wake()
        return taken

    async def assign(self, punch_id: str, username: str, name: str, by: str, why: str = "") -> Json:
        """Give the badge that made this punch to an employee, with all punches it made while it was nobody's.

        The tap of a phone or bank card is given alone: its identifier is another one the next time.

        Raises:
            UsageError: the username or the name cannot be one.
            Refused: the punch was made without a badge, or it or its badge is somebody's; or the badges that are here
                were enrolled under another pepper.
        """
        employee = _employee(username, name)
        seq = await find_punch(self.store, self.tag, punch_id)
        said = _Said(by, why, self.read_clock())
        async with self._changing:
            given = await self.store.run(lambda db: self._assign(db, seq, employee, said))
        self.wake()
        return given

    def _assign(self, db: Database, seq: int, employee: Employee, said: "_Said") -> Json:
        by, reading = said.by, said.reading
        card = _card_of(db, seq)
        punch = view.punch(db, self.tag, seq)
        if card.random:
            if punch is None or punch[0].username is not None or punch[1].state not in repairs.ASKS:
                raise Refused("this punch is somebody's, or settled", hint="clockd punches amend ID -u gives it away")
            username = badges.Spellings.load(db).of(employee.username)
            kind = punch[0].kind.value if punch[0].kind else None
            given = int(self._hand_over(db, seq, kind, username, by, reading))
            asked = int(is_asked(db, seq))
            return {
                "username": username,
                "name": username,
                "tail": None,
                "given_as": employee.username if username != employee.username else None,
                "taken_from": None,
                "punches_given": given,
                "punches_asked": asked,
                "punches_left_held": 1 - given - asked,
            }
        owner = badges.find(db, card.fingerprint)
        if owner is not None:
            hint = sentence(
                "clockd badges remove --fingerprint {fingerprint} first; or, if this punch alone was made with a "
                "borrowed badge, clockd punches amend ID -u USERNAME",
                fingerprint=card.fingerprint[:16],
            )
            raise Refused(
                sentence(
                    "the badge …{tail} that made this punch is {username}'s", tail=card.tail, username=owner.username
                ),
                hint=hint,
            )
        badges.may_enrol(db, self.fingerprints)
        known, strays = badges.Spellings.load(db), repairs.strays(db)
        wanted = WantedBadge(card.fingerprint, card.tail, employee)
        added = self._give(db, wanted, known, strays, by, reading)
        _note(db, [wanted], [added], said)
        return added

    async def ignore(self, punch_id: str, why: str, by: str, *, undo: bool = False) -> Json:
        """Say that the card that made this punch is nobody's here: its taps are strangers', and wait for no person.

        Args:
            punch_id: of one of its taps.
            why: for the ledger.
            by: who says it.
            undo: it may be somebody's after all: later taps are held again.

        Raises:
            Refused: the punch was made without a card, its identifier is random, or the card is somebody's.
        """
        seq = await find_punch(self.store, self.tag, punch_id)
        reading = self.read_clock()
        return await self.store.run(lambda db: self._ignore(db, seq, why, by, reading, undo=undo))

    def _ignore(self, db: Database, seq: int, why: str, by: str, reading: Reading, *, undo: bool) -> Json:
        card = _card_of(db, seq)
        if card.random:
            raise Refused(
                "this card shows another identifier at each tap, so it cannot be known again",
                hint="its taps are strangers' anyway, and wait for nobody",
            )
        owner = badges.find(db, card.fingerprint)
        if owner is not None:
            hint = sentence("clockd badges remove --fingerprint {fingerprint} first", fingerprint=card.fingerprint[:16])
            raise Refused(
                sentence("the badge …{tail} is {username}'s", tail=card.tail, username=owner.username), hint=hint
            )
        if undo:
            if not badges.own(db, card.fingerprint):
                raise Refused(sentence("the card …{tail} is not ignored", tail=card.tail))
            ledger.add(db, "own", seq, reading, {"by": by, "why": why})
            return {"tail": card.tail, "punches": 0}
        badges.disown(db, card.fingerprint, card.tail, ledger.to_us(reading.wall_at))
        ledger.add(db, "disown", seq, reading, {"by": by, "why": why})
        left = 0
        for stray, _ in repairs.strays(db).get(card.fingerprint, ()):
            for lane, state in outbox.by_seq(db, stray):
                if state is State.HELD:
                    deliveries.move(db, Move(stray, Event.DISOWN), lane, Now.of(reading))
                    left += 1
        return {"tail": card.tail, "punches": left}

    def _meant(self, db: Database, seq: int, kind_text: str | None, username: str) -> Kind | None:
        """Say what an unknown badge's tap was; None: in or out would be a guess."""
        toggled = repairs.toggled_kind(db, username, seq, self.door.rules.max_shift_s)
        if kind_text is None:
            return toggled
        begins = kind_text == Kind.PROJECT and self.door.project_timers and toggled in (Kind.IN, Kind.RESUME)
        return toggled if begins else Kind(kind_text)

    async def remove(self, uid_text: str | None, fingerprint: str | None, by: str, why: str = "") -> Json:
        """Take a badge away. Punches made with it stay."""
        said = _Said(by, why, self.read_clock())
        if uid_text is not None:
            uid = parse_badge(uid_text, enrol=False)
            badge = await self.store.run(lambda db: same_badge.badge_of(db, self.fingerprints, uid))
            full = badge.fingerprint if badge else self.fingerprints.of(uid)
        else:
            found = [b.fingerprint for b in await self.store.run(badges.all_badges)]
            if len(fingerprint or "") < SHORTEST_FINGERPRINT:
                raise UsageError("a fingerprint as short as this could be another badge's", hint="clockd badges list")
            matches = [f for f in found if fingerprint and f.startswith(fingerprint.lower())]
            if len(matches) != 1:
                raise Refused("no badge, or more than one, has this fingerprint", hint="clockd badges list")
            full = matches[0]
        async with self._changing:
            badge_taken = await self.store.run(partial(_remove, fingerprint=full, said=said))
        return {"removed": 1, "tail": badge_taken.tail, "username": badge_taken.username}


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What somebody wants to give to an employee: a badge or a PIN, and from when until when it counts."""

    number: str
    """A badge's identifier in hex, or the digits of a PIN."""
    username: str
    name: str = ""
    pin: bool = False
    validity: Validity = FOR_EVER
    admin: bool = False
    """Whether it opens the badge desk at the door."""


@dataclass(frozen=True, slots=True)
class SealedEnrolment:
    """The same for a badge whose number is not known here, only its fingerprint."""

    fingerprint: str
    tail: str
    ends: tuple[str, ...]
    """The fingerprints of its shorter numbers."""
    username: str
    name: str = ""
    validity: Validity = FOR_EVER


def _broken_off(given: int, count: int, failure: NotRecorded) -> NotRecorded:
    return NotRecorded(
        sentence(
            "{given} of {count} badges were given, then: {failure}",
            given=given,
            count=count,
            failure=phrase(failure.message),
        ),
        hint="import the same list once more; those that are given already stay as they are",
    )


def _iso_day(day: date | None) -> Json:
    return None if day is None else day.isoformat()


@dataclass(frozen=True, slots=True)
class _Said:
    """Who wants something, why, and when."""

    by: str
    why: str
    reading: Reading


def _note(db: Database, wanted: Sequence[WantedBadge], given: Sequence[Json], said: _Said) -> None:
    for badge, document in zip(wanted, given, strict=True):
        assert isinstance(document, dict)
        before = document["taken_from"]
        body: ledger.Body = {"username": str(document["username"]), "tail": badge.tail, "by": said.by, "why": said.why}
        more: ledger.Body = {"from": str(before)} if before else {}
        admin: ledger.Body = {"admin": True} if badge.admin else {}
        ledger.add(db, "badge", None, said.reading, {**body, **more, **admin})


def _remove(db: Database, *, fingerprint: str, said: _Said) -> badges.Badge:
    badge = next((badge for badge in badges.all_badges(db) if badge.fingerprint == fingerprint), None)
    if badge is None or not badges.remove(db, fingerprint, ledger.to_us(said.reading.wall_at)):
        raise Refused("this badge belongs to nobody", hint="clockd badges list")
    body: ledger.Body = {"username": badge.username, "tail": badge.tail, "by": said.by, "why": said.why}
    ledger.add(db, "revoke", None, said.reading, body)
    return badge


def _may_be_admin(wanted: Enrolment) -> bool:
    if wanted.admin and wanted.pin:
        raise UsageError("a PIN cannot be an admin's badge: whoever looks on knows it", hint="give them a badge")
    return wanted.admin


def _employee(username: str, name: str) -> Employee:
    username = checked_name(username, "username")
    return Employee(username, checked_name(name, "name") if name.strip() else username)


def _card_of(db: Database, seq: int) -> ledger.Card:
    card = ledger.card_of(db, seq)
    if card is None or not card.fingerprint:
        raise Refused("this punch was made without a badge", hint="clockd punches amend ID -u USERNAME gives it away")
    return card


def parse_pin(text: str) -> Pin:
    """Read a PIN from a command.

    Raises:
        UsageError: it is none, or one that everybody tries first. The digits are not repeated.
    """
    try:
        pin = Pin.parse(text.strip())
    except BadUid as error:
        raise UsageError(
            sentence("this is no PIN: {error}", error=phrase(error.args[0])),
            hint="four to twelve digits; six are better than four",
        ) from None
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin.digits)}
    if len(steps) == 1 and steps <= {0, 1, 9}:
        raise UsageError("this PIN is one of the first that anybody tries", hint="take digits without a pattern")
    return pin


def parse_badge(text: str, *, enrol: bool = True) -> Uid:
    """Read a badge's identifier from a command.

    Raises:
        UsageError: it is none, or it is a random one, which cannot be enrolled. The text is not repeated.
    """
    try:
        uid = Uid.parse(text)
    except BadUid as error:
        raise UsageError(
            sentence("this is no badge identifier: {error}", error=phrase(error.args[0])),
            hint="as 04A2B3C4D5E6F7 or 04:A2:B3:C4",
        ) from None
    if enrol and uid.is_random:
        raise UsageError(
            "this identifier is random: phones and bank cards show another one at each tap",
            hint="use a badge with a fixed identifier",
        )
    return uid
