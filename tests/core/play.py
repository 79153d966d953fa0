"""A door in miniature, all in memory: plans are carried out as sync, the store and a person do it.

It is a list of punches with their deliveries, which only `delivery.moved` changes.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from clockd.core.delivery import Delivery, Event, HoldCode, Mark, Moment, Move, Now, State, crashed, moved, overtaken
from clockd.core.model import Kind, Project
from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.deletion import ends_an_entry
from clockd.core.planning.item import DROPPED, Item
from clockd.core.planning.outcome import outcome_of
from clockd.core.planning.pairing import BEGINS, ENDS, ends_after_all
from clockd.core.planning.plan import Change, Look, Plan, Policy, Rest, Seen, Send
from clockd.core.wire import CreateEntry, NotApplied, StartTimer, StopTimer, Throttled
from tests.core.lanes import DAY, NAME, WINTER_S
from tests.core.small_tracker import Fault, Tracker

MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Punch:
    """A punch of the door's."""

    seq: int
    kind: Kind
    at_s: float
    delivery: Delivery
    project: Project | None = None

    def item(self) -> Item:
        """As a plan sees it, in its own boot."""
        of = self.delivery
        return Item(
            seq=self.seq,
            username=NAME,
            kind=self.kind,
            at=(DAY + timedelta(seconds=self.at_s - WINTER_S)).replace(tzinfo=UTC),
            offset_s=WINTER_S,
            state=of.state,
            project=self.project,
            voided=of.voided,
            held=of.held,
            entry_ids=of.entry_ids,
            via=of.via,
            mark=of.mark,
            attempts=of.attempts,
            sent_s=_s(of.sent),
            first_sent_s=_s(of.first_sent.moment) if of.first_sent else None,
            due_s=_s(of.due) or 0.0,
            write=of.write,
            last_error=of.last_error,
            done_s=_s(of.done),
            retries=of.retries,
            retry_s=None if of.retry_us is None else of.retry_us / 1e6,
            tapped_s=self.at_s,
        )


def _s(moment: Moment | None) -> float | None:
    return None if moment is None else moment.boottime_us / 1e6


def local(at_s: float) -> datetime:
    """Wall clock at a moment."""
    return DAY + timedelta(seconds=int(at_s))


@dataclass(slots=True)
class Door:
    """One employee's lane, and whoever carries out its plans."""

    policy: Policy
    now_s: float
    punches: list[Punch] = field(default_factory=list)
    tracker: Tracker = field(default_factory=Tracker)
    seen: Seen | None = None
    faults: list[Fault] = field(default_factory=list)
    """Of the requests to come; none when they are used up."""
    last: Plan | None = None
    meanwhile: Callable[[], None] | None = None
    """What a person says while the next request is under way."""
    asked: int = 0
    """How often a person decided something that may leave a row to nobody."""

    def items(self) -> tuple[Item, ...]:
        """The lane."""
        return tuple(punch.item() for punch in self.punches)

    def plan(self) -> Plan:
        """What the planner says now."""
        return plan_attendance(self.items(), self.seen, self.policy, self.now_s)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds
        self.tracker.pass_time(self.now_s)

    def tap(self, kind: Kind, project: Project | None = None) -> None:
        """Record a punch."""
        seq = max((punch.seq for punch in self.punches), default=0) + 1
        self.punches.append(Punch(seq, kind, self.now_s, Delivery(State.WAITING), project))

    def round(self) -> Plan:
        """Make a plan and carry it out; a rest is not waited for."""
        plan = self.plan()
        match plan:
            case Change(moves=moves):
                assert moves, "an empty change"
                assert plan != self.last, "the same change twice"
                self.move(moves)
            case Look():
                self._look(plan)
            case Send():
                assert plan.covers, "a request for nobody"
                self._send(plan)
            case Rest(until_s=until_s):
                assert until_s is None or until_s > self.now_s, "a rest until the past"
        self.last = plan
        return plan

    def settle(self, rounds: int) -> None:
        """Carry out plans, and wait where they rest, until nothing is to be done."""
        for _ in range(rounds):
            plan = self.round()
            if isinstance(plan, Rest):
                if plan.until_s is None:
                    return
                self.wait(plan.until_s - self.now_s)
        raise AssertionError(f"not settled after {rounds} rounds: {self.last}")

    def _look(self, plan: Look) -> None:
        self.wait(max(0.0, plan.after_s - self.now_s))
        rows = tuple(self.tracker.rows.values())
        self.seen = Seen(self.now_s, local(self.now_s), plan.from_local - MINUTE, plan.to_local + MINUTE, rows)

    def _send(self, send: Send) -> None:
        before = self.items()
        self.move([Move(s, Event.SEND, entry_ids=send.target or None, write=send.write.kind) for s in send.covers])
        if self.meanwhile:
            self.meanwhile()
            self.meanwhile = None
        if not isinstance(send.write, StartTimer | StopTimer | CreateEntry):
            self.seen = None
        fault = self.faults.pop(0) if self.faults else Fault.NONE
        verdict = self.tracker.answer(send.write, fault, self.now_s)
        self.wait(1.0)
        if verdict is None:
            self.move(m for s in send.covers for m in crashed(s, self.policy.quarantine_s, self.now()))
        else:
            self.move(outcome_of(send, verdict, before, self.policy, self.now_s))
            if isinstance(verdict, NotApplied | Throttled):
                self.wait(15.0)

    # --- as the store does it ---

    def now(self) -> Now:
        """This moment, as a delivery notes it."""
        return Now(round(self.now_s * 1e6), round(self.now_s * 1e6), 1)

    def punch(self, seq: int) -> Punch:
        """The punch with this seq."""
        return next(punch for punch in self.punches if punch.seq == seq)

    def move(self, moves: Iterable[Move]) -> None:
        """Carry out moves, and what follows from them for others."""
        for move in moves:
            if not overtaken(self.punch(move.seq).delivery, move):
                self._move(move)

    def _move(self, move: Move) -> None:
        punch = self.punch(move.seq)
        punch.delivery = moved(punch.delivery, move, self.now())
        if punch.delivery.state in DROPPED:
            self._reopen_after(punch)
            self.release_others(punch.seq)

    def release_others(self, seq: int) -> None:
        """Release what is held because of a punch that is not what it was."""
        for punch in self.punches:
            of = punch.delivery
            if of.state is State.HELD and not of.voided and of.held and of.held.other == seq:
                self._move(Move(punch.seq, Event.RELEASE))
                self.release_others(punch.seq)

    def _reopen_after(self, gone: Punch) -> None:
        later = self.punches[self.punches.index(gone) + 1 :]
        after = next((punch for punch in later if punch.delivery.state not in DROPPED), None)
        if after and ends_after_all((gone.kind, gone.delivery), (after.kind, after.delivery)):
            self._move(Move(after.seq, Event.REOPENED))

    # --- as a person says it ---

    def ignore(self, punch: Punch) -> None:
        """Leave it unbooked for good."""
        of, items = punch.delivery, self.items()
        if of.state not in (State.HELD, State.WAITING) or (of.voided and of.state is State.WAITING):
            return
        ended = ends_an_entry(punch.seq, items[: self.punches.index(punch) + 1])
        if of.voided or not (ended or (of.state is State.WAITING and of.is_booked)):
            self.asked += 1
            self._move(Move(punch.seq, Event.IGNORE))
            self.release_others(punch.seq)

    def void(self, punch: Punch) -> None:
        """Take it back."""
        of = punch.delivery
        if of.state in DROPPED or of.voided:
            return
        punch.delivery = replace(of, voided=True)
        ended = ends_an_entry(punch.seq, self.items()[: self.punches.index(punch) + 1])
        if of.state in (State.WAITING, State.HELD) and not (of.is_booked or ended):
            self._move(Move(punch.seq, Event.VOID))
        elif of.state is State.DELIVERED:
            self._move(Move(punch.seq, Event.TAKE_BACK))
        elif of.state is State.HELD and not of.is_booked:
            self._move(Move(punch.seq, Event.RELEASE))
        self.release_others(punch.seq)

    def retry(self, punch: Punch) -> None:
        """Try it again; of what comes too late, that it is so."""
        held = punch.delivery.held
        if punch.delivery.state is not State.HELD or held is None:
            return
        self.asked += 1
        self._move(Move(punch.seq, Event.RETRY))
        if held.code is HoldCode.TOO_LONG:
            punch.delivery = replace(punch.delivery, mark=Mark.SAID)
        self.release_others(punch.seq)

    def add_out(self, opens: Punch) -> None:
        """Say when they left: right before the next punch, or now."""
        place = self.punches.index(opens)
        after = next((p for p in self.punches[place + 1 :] if p.delivery.state not in DROPPED), None)
        until_s = after.at_s if after else self.now_s
        if opens.kind not in BEGINS or opens.delivery.voided or (after and after.kind in ENDS):
            return
        if opens.delivery.state in DROPPED or until_s - opens.at_s < 120:
            return
        seq = max(punch.seq for punch in self.punches) + 1
        said = Delivery(State.WAITING, mark=Mark.SAID)
        self.punches.insert(place + 1, Punch(seq, Kind.OUT, until_s - 60, said))
