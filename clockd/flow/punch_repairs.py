"""What an admin does to punches: retry, ignore, void, amend, accept a proposal, add a missing clock-out.

Every change is a fact in the ledger (who, when, why) and a move in the outbox, in one transaction.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from clockd.core.delivery import Event, HoldCode, Move, Now, State
from clockd.core.model import ClockQuality, Kind, Reading
from clockd.core.timebase import moments, offset_s
from clockd.core.wire import Json
from clockd.errors import Refused, UsageError
from clockd.flow.counting import take_back
from clockd.flow.documents import find_punch
from clockd.flow.door import Door
from clockd.flow.leaving import ends_a_shift, follower
from clockd.flow.timekeeper import date_all
from clockd.store import Database, badges, dating, deliveries, ledger, outbox, repairs, view
from clockd.store.thread import Store

YEARS = range(1990, 2200)
"""The years of times that somebody can mean; Python's calendar does not go on for ever."""


@dataclass(slots=True)
class PunchRepairs:
    """Repairs punches. Works with or without a running daemon.

    Args:
        store: the open store.
        door: which terminal this is.
        tag: the installation's tag, for punch ids.
        read_clock: all clocks at once.
        wake: tells sync that something changed.
    """

    store: Store
    door: Door
    tag: int
    read_clock: Callable[[], Reading]
    wake: Callable[[], None]

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
        """Say when a punch truly was, what it was, or whose, as long as nothing of it can be at the tracker.

        Raises:
            UsageError: a project cannot be said this way, or the time is in the future.
            Refused: it was sent already; void it, or correct the entry in the tracker.
        """
        if kind is Kind.PROJECT:
            raise UsageError("a punch cannot become one on a project", hint="in, out, break, resume")
        seq = await find_punch(self.store, self.tag, punch_id)
        reading = self.read_clock()
        await self.store.run(lambda db: self._amend(db, seq, at, kind, username, why, by, reading))
        self.wake()
        return punch_id

    async def accept(self, punch_id: str, kind: Kind | None, why: str, by: str, username: str | None = None) -> Json:
        """Take the time that is proposed for a punch of an untrusted clock.

        Raises:
            Refused: nothing is proposed for it.
        """
        seq = await find_punch(self.store, self.tag, punch_id)
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
        seq = await find_punch(self.store, self.tag, punch_id)
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
        if outbox.ended_one(db, seq, Now.of(reading)):
            raise Refused("the entry that ends with this punch is at the tracker already", hint="void this punch")
        for lane, state in outbox.by_seq(db, seq):
            if state not in (State.HELD, State.WAITING) or deliveries.is_booked(db, seq, lane):
                raise Refused(f"this punch is {state.value}", hint="only what was not sent can be amended; void it")
        body: dict[str, str | int | float | bool | None] = {"by": by, "why": why}
        if at is not None:
            self._refuse_future(at, reading)
            offset = offset_s(at, self.door.zone)
            body |= {"at_us": ledger.to_us(at), "offset_s": offset}
            dating.set_time(db, seq, ledger.to_us(at), offset, ClockQuality.CORRECTED)
        if kind is not None or username is not None:
            deliveries.reopen_after(db, seq, outbox.ATTENDANCE, Now.of(reading))
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
            repairs.explain_hold(db, seq, code, f"{because}: {hint}")
            return
        for lane, state in outbox.by_seq(db, seq):
            if state is State.HELD:
                deliveries.move(db, Move(seq, Event.RELEASE), lane, Now.of(reading))
        _release_others(db, seq, Now.of(reading))
        if at is not None:
            repairs.say_so(db, seq)

    async def _say(self, ids: Sequence[str], what: str, why: str, by: str, events: dict[State, Event]) -> list[Json]:
        reading = self.read_clock()
        return await self._all(ids, partial(_person_says, what=what, why=why, by=by, events=events, reading=reading))

    async def _all(self, ids: Sequence[str], act: Callable[[Database, int], None]) -> list[Json]:
        """Do something to every punch named, or to none of them."""
        seqs = {punch_id: await find_punch(self.store, self.tag, punch_id) for punch_id in ids}
        now = Now.of(self.read_clock())

        def work(db: Database) -> None:
            for punch_id, seq in seqs.items():
                try:
                    act(db, seq)
                except Refused as refusal:
                    if len(seqs) == 1:
                        raise
                    raise Refused(f"{punch_id}: {refusal.message}; nothing was done", hint=refusal.hint) from None
            for seq in seqs.values():
                _release_others(db, seq, now)

        await self.store.run(work)
        self.wake()
        return list(seqs)


def _release_others(db: Database, seq: int, now: Now) -> None:
    for lane, _ in outbox.by_seq(db, seq):
        deliveries.release_others(db, seq, lane, now)


def _void(db: Database, seq: int, *, reading: Reading, by: str, why: str) -> None:
    states = {state for _, state in outbox.by_seq(db, seq)}
    if states <= {State.IGNORED, State.VOID} or repairs.is_voided(db, seq):
        shown = "taken back" if repairs.is_voided(db, seq) else ", ".join(states)
        raise Refused(f"this punch is {shown} already", hint="clockd punches show tells by whom")
    take_back(db, seq, reading, by=by, why=why)


_LACKING: Mapping[str, tuple[HoldCode, str, str]] = {
    "employee": (HoldCode.UNKNOWN_BADGE, "this badge belongs to nobody", "give it to an employee (clockd badges add)"),
    "kind": (HoldCode.DIRECTION, "it is not known whether this was in or out", "clockd punches amend ID --kind in|out"),
    "time": (HoldCode.UNCERTAIN, "it is not known when this was", "clockd punches amend ID --at TIME"),
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
                _refuse_to_ignore(db, seq, lane, state, Now.of(reading))
            so_it_is = what == "retry" and repairs.needs_a_word(db, seq)
            deliveries.move(db, Move(seq, events[state]), lane, Now.of(reading))
            if so_it_is:
                repairs.say_so(db, seq)
            moved = True
    if not moved:
        states = ", ".join(state.value for _, state in outbox.by_seq(db, seq))
        raise Refused(f"this punch is {states}; {what} is for held ones", hint="clockd punches --state held")
    ledger.add(db, what, seq, reading, {"by": by, "why": why})


def _refuse_to_ignore(db: Database, seq: int, lane: str, state: State, now: Now) -> None:
    if repairs.is_voided(db, seq):
        if state is State.WAITING:
            raise Refused("this punch is being taken back", hint="that ends by itself, or is held with the reason")
    elif outbox.ended_one(db, seq, now) or (state is State.WAITING and deliveries.is_booked(db, seq, lane)):
        raise Refused("something of this punch is at the tracker already", hint="void it instead")
