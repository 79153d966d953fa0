"""What an admin does to punches: retry, ignore, void, amend, accept a proposal, add a missing clock-out.

Every change is a fact in the ledger (who, when, why) and a move in the outbox, in one transaction. What changes
somebody's record goes through `flow/countersigning.py`, which may ask its owner first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from clockd.core.correction import Correction, CorrectionWay
from clockd.core.delivery import GIVE_IT, Event, Held, HoldCode, Move, Now, State
from clockd.core.json import Json
from clockd.core.model import ClockQuality, Kind, Reading
from clockd.core.sentence import phrase, sentence
from clockd.core.timebase import BadTime, offset_s, read_moment
from clockd.errors import NotNow, Refused, UsageError
from clockd.flow.countersigning import AskedFor, Countersigning, refuse_if_asked
from clockd.flow.counting import lanes_of, take_back
from clockd.flow.door import Door
from clockd.flow.leaving import ends_a_shift, follower, forerunner
from clockd.flow.naming import checked_name, find_punch
from clockd.flow.timekeeper import date_all
from clockd.store import Database, badges, dating, deliveries, ledger, outbox, repairs, view
from clockd.store.thread import Store


@dataclass(slots=True)
class PunchRepairs:
    """Repairs punches. Works with or without a running daemon.

    Args:
        store: the open store.
        door: which terminal this is.
        tag: the installation's tag, for punch ids.
        read_clock: all clocks at once.
        wake: tells sync that something changed.
        countersigning: the rule of this door for corrections.
        look_anew: lets nothing more be sent for an employee on what the tracker showed before.
    """

    store: Store
    door: Door
    tag: int
    read_clock: Callable[[], Reading]
    wake: Callable[[], None]
    countersigning: Countersigning
    look_anew: Callable[[str], None] = lambda username: None

    async def retry(self, ids: Sequence[str], why: str, by: str) -> list[Json]:
        """Send held punches again; whoever asks for that has changed something, perhaps at the tracker a moment ago."""
        reading, found = self.read_clock(), list[str | None]()
        for punch_id in ids:
            seq = await find_punch(self.store, self.tag, punch_id)
            punch = await self.store.run(partial(view.punch, tag=self.tag, seq=seq))
            found.append(punch[0].username if punch else None)
        done = await self._all(ids, partial(_retry, why=why, by=by, reading=reading))
        for username in filter(None, found):  # at once: sync was woken, and has not planned yet
            self.look_anew(username)
        return done

    async def ignore(self, ids: Sequence[str], why: str, by: str) -> list[Json]:
        """Leave punches unbooked for good, because a person says so."""
        return await self._correct(ids, lambda seq: Correction(CorrectionWay.IGNORE, seq, by, why))

    async def void(self, ids: Sequence[str], why: str, by: str) -> list[Json]:
        """Take punches back; what was booked is deleted at the tracker."""
        return await self._correct(ids, lambda seq: Correction(CorrectionWay.VOID, seq, by, why))

    async def amend(
        self, punch_id: str, at: datetime | None, kind: Kind | None, why: str, by: str, username: str | None = None
    ) -> Json:
        """Say when a punch truly was, what it was, or whose; return the id of what counts then.

        Raises:
            UsageError: as for `amend_all`.
            Refused: as for `amend_all`.
        """
        return (await self.amend_all([punch_id], Amendment(at, kind, username), why, by))[0]

    async def amend_all(self, ids: Sequence[str], said: "Amendment", why: str, by: str) -> list[Json]:
        """Say when punches truly were, what they were, or whose.

        Time, kind and time type can be said while nothing of a punch may be at the tracker; whose it is, at any time:
        what is booked is taken back, and booked anew under the other name.

        Returns:
            The ids of the punches as they count now.

        Raises:
            UsageError: a project cannot be said this way, or the time is in the future.
            Refused: it was sent already; void it, or correct the entry in the tracker.
        """
        if said.time_type and self.door.tracker == "timetrack":
            raise UsageError("TimeTrack knows no time types; Goodtime does", hint="leave --time-type out")
        if said.kind is Kind.PROJECT:
            raise UsageError("a punch cannot become one on a project", hint="in, out, break, resume")
        if len(ids) > 1 and (said.at is not None or said.kind is not None):
            raise UsageError("a time or a kind is of one punch", hint="name several for --username alone")
        one = Correction(
            CorrectionWay.AMEND, None, by, why, said.at, said.kind, said.username, time_type=said.time_type
        )
        return await self._correct(ids, lambda seq: replace(one, seq=seq))

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
        return await self._add(Correction(CorrectionWay.ADD_OUT, seq, by, why, at))

    async def add_in(self, punch_id: str, at: datetime, why: str, by: str) -> Json:
        """Answer "when did they come?": add the clock-in that is missing before an `out`.

        Raises:
            UsageError: the time is not between the clock-out before and this one, or in the future.
            Refused: this is no clock-out, it is booked, or a clock-in precedes it already.
        """
        seq = await find_punch(self.store, self.tag, punch_id)
        return await self._add(Correction(CorrectionWay.ADD_IN, seq, by, why, at))

    async def _add(self, wanted: Correction) -> Json:
        """Add the other half of an interval; return its id, or that of the half that is there while it is asked for."""
        reading = self.read_clock()
        added = await self.store.run(
            lambda db: self.countersigning.carry(db, wanted, reading, lambda: self._made(db, wanted, reading))
        )
        self.wake()
        if not isinstance(added, AskedFor):
            return ledger.punch_id(ledger.to_us(reading.wall_at), self.tag, added)
        half = await self.store.run(lambda db: view.punch(db, self.tag, wanted.seq or 0))
        assert half is not None
        return half[0].id

    def parse_time(self, text: str) -> datetime:
        """Read a time as an admin writes it: at the terminal's wall clock, or with an offset.

        Raises:
            UsageError: it is no time, does not exist, or exists twice (the night the clocks change).
        """
        try:
            return read_moment(text, self.read_clock().wall_at, self.door.zone)
        except BadTime as error:
            raise UsageError(error.why, hint=error.hint) from None

    def _add_out(self, db: Database, seq: int, at: datetime, why: str, by: str, reading: Reading) -> int:
        found = view.punch(db, self.tag, seq)
        assert found is not None
        punch = found[0]
        here = any(lane == outbox.ATTENDANCE for lane, _ in outbox.by_seq(db, seq))
        if not here or punch.kind not in (Kind.IN, Kind.RESUME, Kind.PROJECT) or punch.username is None or punch.voided:
            raise Refused("only a clock-in can lack a clock-out")
        self._refuse_future(at, reading)
        if at <= punch.at:
            hint = '--at says when they left; with the day, as "29.11.2026 17:05"'
            raise UsageError(
                sentence(
                    "this is not after the clock-in, which was at {at:%Y-%m-%d %H:%M:%S}", at=self._local(punch.at)
                ),
                hint=hint,
            )
        after = follower(db, punch.seq, punch.username, punch.at, Now.of(reading))
        if after is not None and after.kind in (Kind.OUT, Kind.BREAK):
            raise Refused(
                sentence("a clock-out follows already, at {at:%Y-%m-%d %H:%M:%S}", at=self._local(after.at)),
                hint="void that one first",
            )
        if after is not None and ends_a_shift(punch.at, after, self.door.rules.max_shift_s):
            raise Refused(
                sentence("they went on with a project at {at:%Y-%m-%d %H:%M:%S}", at=self._local(after.at)),
                hint="say when they left for that punch, or void it first",
            )
        if after is not None and at > after.at:
            raise UsageError(
                sentence(
                    "this is after the next clock-in, which was at {at:%Y-%m-%d %H:%M:%S}", at=self._local(after.at)
                )
            )
        offset = offset_s(at, self.door.zone)
        return repairs.insert_beside(db, punch, Kind.OUT, at, offset, reading, by=by, why=why)

    def _add_in(self, db: Database, seq: int, at: datetime, why: str, by: str, reading: Reading) -> int:
        found = view.punch(db, self.tag, seq)
        assert found is not None
        punch, delivery = found
        if punch.kind not in (Kind.OUT, Kind.BREAK) or punch.username is None or punch.voided:
            raise Refused("only a clock-out or a break can lack a clock-in", hint="what a clock-in lacks is add-out")
        self._refuse_future(at, reading)
        if delivery.state not in (State.HELD, State.WAITING) or delivery.via is not None:
            raise Refused(
                sentence("this punch is {state}", state=phrase(delivery.state.value)),
                hint="correct its entry in the tracker, or void it",
            )
        if at >= punch.at:
            raise UsageError(
                sentence(
                    "this is not before the clock-out, which was at {at:%Y-%m-%d %H:%M:%S}", at=self._local(punch.at)
                )
            )
        before = forerunner(db, punch.seq, punch.username, Now.of(reading))
        if before is not None and before.kind not in (Kind.OUT, Kind.BREAK):
            raise Refused(
                sentence("a clock-in precedes already, at {at:%Y-%m-%d %H:%M:%S}", at=self._local(before.at)),
                hint="void that one first",
            )
        if before is not None and at < before.at:
            raise UsageError(
                sentence(
                    "this is before the clock-out before it, which was at {at:%Y-%m-%d %H:%M:%S}",
                    at=self._local(before.at),
                )
            )
        offset = offset_s(at, self.door.zone)
        return repairs.insert_beside(db, punch, Kind.IN, at, offset, reading, by=by, why=why)

    def _refuse_future(self, at: datetime, reading: Reading) -> None:
        if reading.trusted and at > reading.wall_at:
            raise UsageError(
                sentence("{at:%Y-%m-%d %H:%M:%S} is in the future", at=self._local(at)),
                hint=sentence("it is {at:%Y-%m-%d %H:%M:%S}", at=self._local(reading.wall_at)),
            )

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.door.zone)

    def _amend(self, db: Database, seq: int, said: "Amendment", why: str, by: str, reading: Reading) -> int:
        now = Now.of(reading)
        if repairs.is_voided(db, seq):
            raise Refused("this punch is taken back", hint="clockd punches show tells by whom")
        at_tracker = any(deliveries.is_booked(db, seq, lane) for lane, _ in outbox.by_seq(db, seq))
        if at_tracker or outbox.ended_one(db, seq, now):
            if said.username is not None and said.at is None and said.kind is None and said.time_type is None:
                return self._rebook(db, seq, said.username, why, by, reading)
            raise Refused(
                "something of this punch is at the tracker already",
                hint="void it, and add what is right; --username alone moves it to another employee",
            )
        for lane, state in outbox.by_seq(db, seq):
            if state not in (State.HELD, State.WAITING, State.STRANGER):
                raise Refused(
                    sentence("this punch is {state}", state=phrase(state.value)),
                    hint="only what was not sent can be amended; void it",
                )
            if deliveries.may_be_there(db, seq, lane):
                raise Refused(
                    "this punch may be at the tracker already, which could not be looked at",
                    hint="clockd punches retry looks first; then amend it",
                )
        body: dict[str, str | int | float | bool | None] = {"by": by, "why": why}
        if said.at is not None:
            self._refuse_future(said.at, reading)
            offset = offset_s(said.at, self.door.zone)
            body |= {"at_us": ledger.to_us(said.at), "offset_s": offset}
            dating.set_time(db, seq, ledger.to_us(said.at), offset, ClockQuality.CORRECTED)
        if said.kind is not None or said.username is not None:
            deliveries.reopen_after(db, seq, outbox.ATTENDANCE, now)
        if said.kind is not None:
            body["kind"] = said.kind.value
            repairs.set_kind(db, seq, said.kind)
        if said.time_type is not None:
            body["time_type"] = time_type = checked_name(said.time_type, "time type") if said.time_type else None
            outbox.set_time_type(db, seq, time_type)
        if said.username is not None:
            body["username"] = username = self._known(db, said.username)
            repairs.set_employee(db, seq, username)
        ledger.add(db, "amend", seq, reading, body)
        self._go_on(db, seq, said, reading)
        return seq

    def _go_on(self, db: Database, seq: int, said: "Amendment", reading: Reading) -> None:
        """Send a punch that was amended, or say what is lacking still."""
        if said.at is not None:
            date_all(db, self.door.zone, reading)
        lacking = repairs.lacking(db, seq)
        now = Now.of(reading)
        if lacking is not None:
            code, what, hint = _LACKING[lacking]
            because = sentence("{what}: {hint}", what=phrase(what), hint=phrase(hint))
            for lane, state in outbox.by_seq(db, seq):
                if state is State.STRANGER and lacking != "employee":
                    deliveries.move(db, Move(seq, Event.HOLD, held=Held(code, because)), lane, now)
            repairs.explain_hold(db, seq, code, because)
            return
        for lane, state in outbox.by_seq(db, seq):
            if state in repairs.ASKS:
                deliveries.move(db, Move(seq, repairs.ASKS[state]), lane, now)
        if said.at is not None:
            repairs.say_so(db, seq)

    def _rebook(self, db: Database, seq: int, username: str, why: str, by: str, reading: Reading) -> int:
        """Take a booked punch back where it is, and let another stand for it under the other name, with its time."""
        username = self._known(db, username)
        found = view.punch(db, self.tag, seq)
        assert found is not None
        punch, delivery = found
        if username == punch.username:
            raise Refused(sentence("this punch is {username}'s already", username=username))
        if delivery.state in (State.SENDING, State.DOUBTFUL):
            raise NotNow(
                sentence("this punch is {state}", state=phrase(delivery.state.value)),
                hint="try again when it is known how that ended",
            )
        assert punch.kind is not None
        place = repairs.place_of(db, seq)
        take_back(db, seq, reading, by=by, why=why or f"it is {username}'s")
        lanes = lanes_of(db, self.door, username, punch.kind, punch.project)
        addition = repairs.Addition(
            username,
            punch.kind,
            punch.project,
            punch.at,
            punch.offset_s,
            place,
            punch.zone,
            punch.terminal,
            time_type=punch.time_type,
        )
        new = repairs.insert(db, addition, lanes, reading, by=by, why=why or f"it was {punch.username}'s")
        ledger.add(db, "move", seq, reading, {"by": by, "why": why, "username": username, "new": new})
        return new

    def _known(self, db: Database, username: str) -> str:
        return badges.Spellings.load(db).of(checked_name(username, "username"))

    def make(self, db: Database, wanted: Correction, reading: Reading) -> None:
        """Make a correction that its owner agreed to, within the transaction that is open.

        Raises:
            Refused: it cannot be made any more.
        """
        assert wanted.seq is not None
        self._made(db, wanted, reading)
        _release_others(db, wanted.seq, Now.of(reading))

    def _made(self, db: Database, wanted: Correction, reading: Reading) -> int:
        """Make a correction; return the seq of what counts then."""
        seq, by, why = wanted.seq, wanted.by, wanted.why
        assert seq is not None
        match wanted.way:
            case CorrectionWay.VOID:
                return _void(db, seq, reading=reading, by=by, why=why)
            case CorrectionWay.IGNORE:
                return _person_says(db, seq, what="ignore", why=why, by=by, events=_IGNORED, reading=reading)
            case CorrectionWay.ADD_OUT:
                assert wanted.at is not None
                return self._add_out(db, seq, wanted.at, why, by, reading)
            case CorrectionWay.ADD_IN:
                assert wanted.at is not None
                return self._add_in(db, seq, wanted.at, why, by, reading)
            case CorrectionWay.AMEND:
                said = Amendment(wanted.at, wanted.kind, wanted.username, wanted.time_type)
                return self._amend(db, seq, said, why, by, reading)
            case CorrectionWay.ASSIGN | CorrectionWay.RENAME:
                raise AssertionError("is made elsewhere")

    async def _correct(self, ids: Sequence[str], wanted: Callable[[int], Correction]) -> list[Json]:
        """Correct every punch named, or ask for it; or do nothing to any of them."""
        reading = self.read_clock()

        def act(db: Database, seq: int) -> int:
            one = wanted(seq)
            done = self.countersigning.carry(db, one, reading, lambda: self._made(db, one, reading))
            return seq if isinstance(done, AskedFor) else done

        return await self._all(ids, act)

    async def _all(self, ids: Sequence[str], act: Callable[[Database, int], int]) -> list[Json]:
        """Do something to every punch named, or to none of them; return the ids of what counts then."""
        seqs: dict[int, str] = {}
        for punch_id in ids:
            seqs.setdefault(await find_punch(self.store, self.tag, punch_id), punch_id)
        now = Now.of(self.read_clock())

        def work(db: Database) -> list[Json]:
            after: list[int] = []
            for seq, punch_id in seqs.items():
                try:
                    after.append(act(db, seq))
                except Refused as refusal:
                    if len(seqs) == 1:
                        raise
                    raise Refused(
                        sentence(
                            "{punch_id}: {message}; nothing was done",
                            punch_id=punch_id,
                            message=phrase(refusal.message),
                        ),
                        hint=refusal.hint,
                    ) from None
            for seq in seqs:
                _release_others(db, seq, now)
            return [found[0].id for seq in after if (found := view.punch(db, self.tag, seq))]

        done = await self.store.run(work)
        self.wake()
        return done


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a person says of a punch; None: it is as it was recorded."""

    at: datetime | None = None
    kind: Kind | None = None
    username: str | None = None
    time_type: str | None = None
    """An empty text: the usual one."""


def _release_others(db: Database, seq: int, now: Now) -> None:
    for lane, _ in outbox.by_seq(db, seq):
        deliveries.release_others(db, seq, lane, now)


def _retry(db: Database, seq: int, *, why: str, by: str, reading: Reading) -> int:
    refuse_if_asked(db, seq)
    return _person_says(db, seq, what="retry", why=why, by=by, events=_RETRIED, reading=reading)


def _void(db: Database, seq: int, *, reading: Reading, by: str, why: str) -> int:
    states = {state for _, state in outbox.by_seq(db, seq)}
    if states <= {State.IGNORED, State.VOID} or repairs.is_voided(db, seq):
        shown = (phrase("taken back"),) if repairs.is_voided(db, seq) else sorted(states)
        raise Refused(
            sentence("this punch is {states} already", states=tuple(map(phrase, shown))),
            hint="clockd punches show tells by whom",
        )
    take_back(db, seq, reading, by=by, why=why)
    return seq


_RETRIED = {State.HELD: Event.RETRY}
_IGNORED = {State.HELD: Event.IGNORE, State.WAITING: Event.IGNORE, State.STRANGER: Event.IGNORE}
_LACKING: Mapping[str, tuple[HoldCode, str, str]] = {
    "employee": (HoldCode.UNKNOWN_BADGE, "this badge belongs to nobody", GIVE_IT),
    "kind": (HoldCode.DIRECTION, "it is not known whether this was in or out", "clockd punches amend ID --kind in|out"),
    "time": (HoldCode.UNCERTAIN, "it is not known when this was", "clockd punches amend ID --at TIME"),
}


def _person_says(
    db: Database, seq: int, *, what: str, why: str, by: str, events: dict[State, Event], reading: Reading
) -> int:
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
        states = tuple(phrase(state.value) for _, state in outbox.by_seq(db, seq))
        raise Refused(
            sentence("this punch is {states}; {what} is for held ones", states=states, what=phrase(what)),
            hint="clockd punches --state held",
        )
    ledger.add(db, what, seq, reading, {"by": by, "why": why})
    return seq


def _refuse_to_ignore(db: Database, seq: int, lane: str, state: State, now: Now) -> None:
    if repairs.is_voided(db, seq):
        if state is State.WAITING:
            raise Refused("this punch is being taken back", hint="that ends by itself, or is held with the reason")
    elif outbox.ended_one(db, seq, now) or (state is State.WAITING and deliveries.is_booked(db, seq, lane)):
        raise Refused("something of this punch is at the tracker already", hint="void it instead")
