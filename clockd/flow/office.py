"""What an admin may ask and do: the documents of contract.md, and the repairs. Works with or without a running daemon.

Every change is a fact in the ledger (who, when, why) and a move in the outbox, in one transaction.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from sqlite_utils import Database

from clockd.core.delivery import Event, State
from clockd.core.model import BadUid, ClockQuality, Employee, Kind, Reading, Uid
from clockd.core.timebase import moments, offset_s
from clockd.core.wire import Json
from clockd.errors import Refused, UsageError
from clockd.flow import documents
from clockd.flow.leaving import ends_a_shift, follower
from clockd.flow.terminal import Door, lanes_of, take_back
from clockd.flow.timekeeper import date_all
from clockd.store import badges, dating, ledger, outbox, repairs, view
from clockd.store.badges import Fingerprints
from clockd.store.outbox import Now
from clockd.store.thread import Store

SHORTEST_FINGERPRINT = 8
"""Digits that name a badge to be removed."""
YEARS = range(1990, 2200)
"""Of times that somebody can mean; the calendar of Python ends."""
PIECE_BADGES = 100
"""Badges that are looked at before others have their turn."""


@dataclass(slots=True)
class Office:
    """The admin's counter.

    Args:
        store: the open store.
        fingerprints: turns badges into what is stored.
        door: which terminal this is.
        tag: the installation's tag, for punch ids.
        read_clock: all clocks at once.
        wake: tells sync that something changed.
    """

    store: Store
    fingerprints: Fingerprints
    door: Door
    tag: int
    read_clock: Callable[[], Reading]
    wake: Callable[[], None] = lambda: None

    # --- punches ---

    async def punches(self, *, limit: int | None, state: str | None, username: str | None) -> list[Json]:
        """Return punches as contract.md shows them, newest first."""
        _check_state(state)
        listed: list[Json] = []
        newest = await self.store.run(view.newest_seq)
        for stop in range(newest + 1, 0, -documents.PIECE_ROWS):
            piece = partial(
                _punches, tag=self.tag, seqs=range(stop - documents.PIECE_ROWS, stop), state=state, username=username
            )
            listed += await self.store.run(piece)
            if limit is not None and len(listed) >= limit:
                break
        return listed[:limit]

    async def punches_page(
        self, *, cursor: int | None, newest_first: bool, state: str | None, username: str | None
    ) -> Json:
        """Return the next punches, and the cursor of the page after them (`next`; None at the end).

        A page looks at a fixed stretch of the ledger, so any may hold few punches or none.

        Args:
            cursor: None for the first page, else `next` of the page before.
            newest_first: from the newest back; else from the oldest on.
            state: only with a delivery in this state.
            username: only of this employee.
        """
        _check_state(state)
        newest = await self.store.run(view.newest_seq)
        if newest_first:
            end = newest + 1 if cursor is None else min(cursor, newest + 1)
            seqs = range(max(1, end - documents.PAGE_ROWS), end)
            following = seqs.start if seqs.start > 1 else None
        else:
            first = 1 if cursor is None else cursor
            seqs = range(first, min(first + documents.PAGE_ROWS, newest + 1))
            following = seqs.stop if seqs.stop <= newest else None
        listed: list[Json] = []
        if seqs:
            piece = partial(_punches, tag=self.tag, seqs=seqs, state=state, username=username)
            listed = await self.store.run(piece)
        return {"punches": listed if newest_first else listed[::-1], "next": following, "newest": newest}

    async def story(self, punch_id: str) -> Json:
        """Return one punch with everything that was ever done to it."""
        seq = await self._seq(punch_id)

        def read(db: Database) -> Json:
            found = view.punch(db, self.tag, seq)
            assert found is not None
            rows: list[Json] = [
                {"what": row.what, "at": documents.iso(ledger.from_us(row.wall_us)), **dict(row.body), "badge": None}
                for row in ledger.rows_of(db, seq)
            ]
            document = documents.of_punch(*found)
            assert isinstance(document, dict)
            return {**document, "story": rows}

        return await self.store.run(read)

    async def retry(self, ids: Sequence[str], why: str, by: str) -> list[Json]:
        """Send held punches again."""
        return await self._say(ids, "retry", why, by, {State.HELD: Event.RETRY})

    async def ignore(self, ids: Sequence[str], why: str, by: str) -> list[Json]:
        """Leave punches unbooked for good, because a person says so."""
        return await self._say(ids, "ignore", why, by, {State.HELD: Event.IGNORE, State.WAITING: Event.IGNORE})

    async def void(self, ids: Sequence[str], why: str, by: str) -> list[Json]:
        """Take punches back; what was booked is deleted at the tracker."""
        return await self._all(ids, partial(_void, reading=self.read_clock(), by=by, why=why))

    async def amend(
        self, punch_id: str, at: datetime | None, kind: Kind | None, why: str, by: str, username: str | None = None
    ) -> Json:
        """Say when a punch truly was, what it was, or whose; only while nothing of it may be at the tracker.

        Raises:
            UsageError: a project cannot be said this way, or the time is in the future.
            Refused: it was sent already; void it, or correct the entry in the tracker.
        """
        if kind is Kind.PROJECT:
            raise UsageError("a punch cannot become one on a project", hint="in, out, break, resume")
        seq = await self._seq(punch_id)
        reading = self.read_clock()
        await self.store.run(lambda db: self._amend(db, seq, at, kind, username, why, by, reading))
        self.wake()
        return punch_id

    async def accept(self, punch_id: str, kind: Kind | None, why: str, by: str, username: str | None = None) -> Json:
        """Take the time that is proposed for a punch of an untrusted clock.

        Raises:
            Refused: nothing is proposed for it.
        """
        seq = await self._seq(punch_id)
        at = await self.store.run(lambda db: dating.proposal(db, seq))
        if at is None:
            raise Refused("no time is proposed for this punch", hint="say it yourself: --at TIME")
        return await self.amend(punch_id, at, kind, why or "accepted the proposal", by, username)

    async def add_out(self, punch_id: str, at: datetime, why: str, by: str) -> Json:
        """Answer "when did they leave?": add the clock-out that is missing after an `in`.

        Raises:
            UsageError: the time is not between this clock-in and the next, or in the future.
            Refused: this is no clock-in, or a clock-out follows it already.
        """
        seq = await self._seq(punch_id)
        reading = self.read_clock()
        added = await self.store.run(lambda db: self._add_out(db, seq, at, why, by, reading))
        self.wake()
        return ledger.punch_id(ledger.to_us(reading.wall_at), self.tag, added)

    def parse_time(self, text: str) -> datetime:
        """Read a time as an admin writes it: at the terminal's wall clock, or with an offset.

        Raises:
            UsageError: it is no time, does not exist, or exists twice (the night the clocks change).
        """
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(f"{text[:60]!r} is no time", hint='as "2026-11-21 17:05"') from None
        if at.year not in YEARS:
            raise UsageError(f"{text} cannot be meant", hint=f"years from {YEARS[0]} to {YEARS[-1]}")
        if at.tzinfo is not None:
            return at.astimezone(UTC)
        times = moments(at, self.door.zone)
        if not times:
            raise UsageError(f"{text} does not exist: the clocks went forward over it", hint="add an offset, as +01:00")
        if len(times) > 1:
            raise UsageError(f"{text} exists twice: the clocks went back over it", hint="add an offset, as +01:00")
        return times[0]

    def _add_out(self, db: Database, seq: int, at: datetime, why: str, by: str, reading: Reading) -> int:
        found = view.punch(db, self.tag, seq)
        assert found is not None
        punch = found[0]
        here = any(lane == outbox.ATTENDANCE for lane, _ in outbox.by_seq(db, seq))
        if not here or punch.kind not in (Kind.IN, Kind.RESUME, Kind.PROJECT) or punch.username is None or punch.voided:
            raise Refused("only a clock-in can lack a clock-out")
        self._refuse_future(at, reading)
        if at <= punch.at:
            raise UsageError(f"this is not after the clock-in, which was at {self._local(punch.at)}")
        after = follower(db, punch.seq, punch.username, punch.at, Now.of(reading))
        if after is not None and after.kind in (Kind.OUT, Kind.BREAK):
            raise Refused(f"a clock-out follows already, at {self._local(after.at)}", hint="void that one first")
        if after is not None and ends_a_shift(punch.at, after, self.door.rules.max_shift_s):
            raise Refused(
                f"they went on with a project at {self._local(after.at)}",
                hint="say when they left for that punch, or void it first",
            )
        if after is not None and at > after.at:
            raise UsageError(f"this is after the next clock-in, which was at {self._local(after.at)}")
        return repairs.insert_out(db, punch, at, offset_s(at, self.door.zone), reading, by=by, why=why)

    def _refuse_future(self, at: datetime, reading: Reading) -> None:
        if reading.trusted and at > reading.wall_at:
            raise UsageError(f"{self._local(at)} is in the future", hint=f"it is {self._local(reading.wall_at)}")

    def _local(self, at: datetime) -> str:
        return at.astimezone(self.door.zone).isoformat(" ", "seconds")[:19]

    def _amend(
        self,
        db: Database,
        seq: int,
        at: datetime | None,
        kind: Kind | None,
        username: str | None,
        why: str,
        by: str,
        reading: Reading,
    ) -> None:
        if outbox.ended_one(db, seq):
            raise Refused("the entry that ends with this punch is at the tracker already", hint="void this punch")
        for lane, state in outbox.by_seq(db, seq):
            if state not in (State.HELD, State.WAITING) or outbox.was_sent(db, seq, lane):
                raise Refused(f"this punch is {state.value}", hint="only what was not sent can be amended; void it")
        body: dict[str, str | int | float | bool | None] = {"by": by, "why": why}
        if at is not None:
            self._refuse_future(at, reading)
            offset = offset_s(at, self.door.zone)
            body |= {"at_us": ledger.to_us(at), "offset_s": offset}
            dating.set_time(db, seq, ledger.to_us(at), offset, ClockQuality.CORRECTED)
        if kind is not None or username is not None:
            outbox.reopen_after(db, seq, outbox.ATTENDANCE)
        if kind is not None:
            body["kind"] = kind.value
            repairs.set_kind(db, seq, kind)
        if username is not None:
            username = badges.Spellings.load(db).of(username)
            body["username"] = username
            repairs.set_employee(db, seq, username)
        ledger.add(db, "amend", seq, reading, body)
        if at is not None:
            date_all(db, self.door.zone, reading)
        lacking = repairs.lacking(db, seq)
        if lacking is not None:
            code, because, hint = _LACKING[lacking]
            repairs.explain(db, seq, code, f"{because}: {hint}")
            return
        for lane, state in outbox.by_seq(db, seq):
            if state is State.HELD:
                outbox.release(db, seq, lane)
        if at is not None:
            repairs.say_so(db, seq)

    async def _say(self, ids: Sequence[str], what: str, why: str, by: str, events: dict[State, Event]) -> list[Json]:
        reading = self.read_clock()
        return await self._all(ids, partial(_person_says, what=what, why=why, by=by, events=events, reading=reading))

    async def _all(self, ids: Sequence[str], act: Callable[[Database, int], None]) -> list[Json]:
        """Do something to every punch named, or to none of them."""
        seqs = {punch_id: await self._seq(punch_id) for punch_id in ids}

        def work(db: Database) -> None:
            for punch_id, seq in seqs.items():
                try:
                    act(db, seq)
                except Refused as refusal:
                    if len(seqs) == 1:
                        raise
                    raise Refused(f"{punch_id}: {refusal.message}; nothing was done", hint=refusal.hint) from None

        await self.store.run(work)
        self.wake()
        return list(seqs)

    async def _seq(self, punch_id: str) -> int:
        seq = ledger.seq_of(punch_id)
        found = None if seq is None else await self.store.run(lambda db: view.punch(db, self.tag, seq))
        if seq is None or found is None or found[0].id != punch_id.strip().upper():
            raise Refused(f"no punch {punch_id}", hint="clockd punches lists them")
        return seq

    # --- badges ---

    async def badge_list(self) -> list[Json]:
        """Return the badges in use: never their identifiers, which are not known here."""
        found = await self.store.run(badges.all_badges)
        return [
            {
                "username": badge.username,
                "name": badge.name,
                "tail": badge.tail,
                "fingerprint": badge.fingerprint[:16],
                "added_at": documents.iso(ledger.from_us(badge.added_us)),
            }
            for badge in found
        ]

    async def badge_add(self, uid_text: str, username: str, name: str, by: str) -> Json:
        """Give a badge to an employee, with the punches it made while it was nobody's."""
        return (await self.badge_import([(uid_text, username, name)], by))[0]

    async def badge_import(self, wanted: Sequence[tuple[str, str, str]], by: str) -> list[Json]:
        """Give badges to employees, all of them or none.

        Args:
            wanted: identifier, username and name of each.
            by: who does it.

        Raises:
            UsageError: an identifier is none, or is random; or a username is empty.
        """
        checked: list[_Wanted] = []
        for number, (uid_text, username, name) in enumerate(wanted):
            if number % PIECE_BADGES == 0:
                await asyncio.sleep(0)  # a tap is not kept waiting by what needs no store
            uid = parse_badge(uid_text)
            checked.append(_Wanted(self.fingerprints.of(uid), uid.tail, _employee(username, name)))
        reading = self.read_clock()
        added = await self.store.run(lambda db: self._badges_add(db, checked, by, reading))
        self.wake()
        return added

    def _badges_add(self, db: Database, wanted: Sequence["_Wanted"], by: str, reading: Reading) -> list[Json]:
        badges.may_enrol(db, self.fingerprints)
        known, strays = badges.Spellings.load(db), repairs.strays(db)
        return [self._badge_add(db, badge, known, strays.pop(badge.fingerprint, ()), by, reading) for badge in wanted]

    def _badge_add(
        self,
        db: Database,
        badge: "_Wanted",
        known: badges.Spellings,
        strays: Sequence[tuple[int, str | None]],
        by: str,
        reading: Reading,
    ) -> Json:
        wanted = badge.employee
        username = known.of(wanted.username)
        employee = Employee(username, username if wanted.name == wanted.username else wanted.name)
        before = badges.add(db, badge.fingerprint, badge.tail, employee, ledger.to_us(reading.wall_at), known)
        given = 0
        for seq, kind_text in strays:
            kind = (
                Kind(kind_text)
                if kind_text
                else repairs.toggled_kind(db, employee.username, seq, self.door.rules.max_shift_s)
            )
            if kind is None:
                repairs.explain_stray(db, seq, employee.username)
                continue
            ledger.add(db, "assign", seq, reading, {"username": employee.username, "kind": kind.value, "by": by})
            repairs.assign(db, seq, employee.username, kind, lanes_of(db, self.door, employee.username, kind))
            given += 1
        return {
            "username": employee.username,
            "name": employee.name,
            "tail": badge.tail,
            "given_as": wanted.username if wanted.username != username else None,
            "taken_from": before.username if before else None,
            "punches_given": given,
            "punches_left_held": len(strays) - given,
        }

    async def badge_remove(self, uid_text: str | None, fingerprint: str | None) -> Json:
        """Take a badge away. Punches made with it stay."""
        now_us = ledger.to_us(self.read_clock().wall_at)
        if uid_text is not None:
            full = self.fingerprints.of(parse_badge(uid_text, enrol=False))
        else:
            found = [b.fingerprint for b in await self.store.run(badges.all_badges)]
            if len(fingerprint or "") < SHORTEST_FINGERPRINT:
                raise UsageError("a fingerprint as short as this could be another badge's", hint="clockd badges list")
            matches = [f for f in found if fingerprint and f.startswith(fingerprint.lower())]
            if len(matches) != 1:
                raise Refused("no badge, or more than one, has this fingerprint", hint="clockd badges list")
            full = matches[0]
        if not await self.store.run(lambda db: badges.remove(db, full, now_us)):
            raise Refused("this badge belongs to nobody", hint="clockd badges list")
        return {"removed": 1}

    # --- the whole ---

    async def verify(self) -> Json:
        """Check the ledger's chain of hashes."""
        rows, last, wrong = await self.store.run(ledger.verify)
        return {"rows": rows, "hash": last, "ok": wrong is None, "wrong": wrong}

    async def summary(self) -> dict[str, Json]:
        """Return the part of `clockd status` that the store knows."""
        known = await self.store.run(partial(badges.is_their_pepper, fingerprints=self.fingerprints))
        found = await documents.of_status(self.store, self.door, self.tag, self.read_clock)
        return {**found, "badges": {"problem": None if known else badges.OTHER_PEPPER}}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A badge that is to be given to an employee."""

    fingerprint: str
    tail: str
    employee: Employee


def _punches(db: Database, tag: int, seqs: range, state: str | None, username: str | None) -> list[Json]:
    found = view.punches(db, tag, seqs=seqs, state=state, username=username)
    return [documents.of_punch(punch, delivery) for punch, delivery in found]


def _check_state(state: str | None) -> None:
    if state is not None and state not in set(State):
        raise UsageError(f"unknown state {state!r}", hint=f"one of {', '.join(State)}")


def _employee(username: str, name: str) -> Employee:
    username = username.strip()
    if not username:
        raise UsageError("a badge needs a username", hint="--username, as the tracker knows the employee")
    return Employee(username, name.strip() or username)


def parse_badge(text: str, *, enrol: bool = True) -> Uid:
    """Read a badge's identifier from a command.

    Raises:
        UsageError: it is none, or it is a random one, which cannot be enrolled. The text is not repeated.
    """
    try:
        uid = Uid.parse(text)
    except BadUid as error:
        raise UsageError(f"this is no badge identifier: {error}", hint="as 04A2B3C4D5E6F7 or 04:A2:B3:C4") from None
    if enrol and uid.is_random:
        raise UsageError(
            "this identifier is random: phones and bank cards show another one at each tap",
            hint="use a badge with a fixed identifier",
        )
    return uid


def _void(db: Database, seq: int, *, reading: Reading, by: str, why: str) -> None:
    states = {state for _, state in outbox.by_seq(db, seq)}
    if states <= {State.IGNORED, State.VOID} or repairs.is_voided(db, seq):
        shown = "taken back" if repairs.is_voided(db, seq) else ", ".join(states)
        raise Refused(f"this punch is {shown} already", hint="clockd punches show tells by whom")
    take_back(db, seq, reading, by=by, why=why)


_LACKING: Mapping[str, tuple[str, str, str]] = {
    "employee": ("unknown-badge", "this badge belongs to nobody", "give it to an employee (clockd badges add)"),
    "kind": ("direction", "it is not known whether this was in or out", "clockd punches amend ID --kind in|out"),
    "time": ("uncertain", "it is not known when this was", "clockd punches amend ID --at TIME"),
}


def _person_says(
    db: Database, seq: int, *, what: str, why: str, by: str, events: dict[State, Event], reading: Reading
) -> None:
    moved = False
    for lane, state in outbox.by_seq(db, seq):
        if state in events:
            if what == "retry" and (lacking := repairs.lacking(db, seq)):
                _, refusal, hint = _LACKING[lacking]
                raise Refused(refusal, hint=hint)
            if what == "ignore":
                _refuse_to_ignore(db, seq, lane, state)
            so_it_is = what == "retry" and repairs.is_too_long(db, seq)
            outbox.change(db, seq, lane, events[state], {})
            if what == "retry":
                outbox.fresh_start(db, seq, lane)
            if so_it_is:
                repairs.say_so(db, seq)
            moved = True
    if not moved:
        states = ", ".join(state.value for _, state in outbox.by_seq(db, seq))
        raise Refused(f"this punch is {states}; {what} is for held ones", hint="clockd punches --state held")
    ledger.add(db, what, seq, reading, {"by": by, "why": why})


def _refuse_to_ignore(db: Database, seq: int, lane: str, state: State) -> None:
    if repairs.is_voided(db, seq):
        if state is State.WAITING:
            raise Refused("this punch is being taken back", hint="that ends by itself, or is held with the reason")
    elif outbox.ended_one(db, seq) or (state is State.WAITING and outbox.was_sent(db, seq, lane)):
        raise Refused("something of this punch is at the tracker already", hint="void it instead")
