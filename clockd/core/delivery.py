"""How a punch gets to the tracker: the states of its delivery, and the events that move it from one to another.

Rule 1: every change of a delivery's state stands in `TRANSITIONS`. Whoever wants to change one names an event; an
event that the table does not know for a state raises `IllegalStep`, and nothing is changed.

Theory of operation. A punch is recorded as *waiting*. Before the first byte of a request leaves, the punches it
covers become *sending*, durably; so a crash can never hide that something may have been sent. The reply then decides:

* The tracker's echo proves it: *delivered*.
* It certainly was not applied (nothing was sent, 401, 429, a redirect): *waiting* again, after a back-off.
* Anything else - no answer, 5xx, a page instead of JSON, a yes without an echo, a refusal that may mean "already so",
  or our own death while sending - is *doubtful*. No idempotency key exists, so it is never repeated blindly: it rests
  for the quarantine, because a proxy may hand the request on later; then the tracker is *read*. Found: delivered.
  Absent: waiting, and it may be sent again. Something else in its place: *held*.
* What only a person can decide is *held*, with the reason in plain words. A person then says retry, ignore or void.
  What was in doubt when it was held, with no look to settle that, is in doubt again when it is let go.
* A tap of a phone or a bank card, whose identifier is another one each time, is a *stranger*: it is kept and shown, and
  asks for nobody, since nobody can tell whose it was by looking at it. So is a tap of a card that a person said is
  nobody's. Who knows better gives it to an employee.

Nothing leaves the table by being forgotten: *delivered*, *ignored*, *void* and *stranger* are the only ends, and each
was proved by the tracker, said by a person, or nobody's from the start. A delivered punch can come back when it is
taken back (its entry must be deleted) or when the entry it shared was deleted for its partner's sake.

Rule 2: what else changes with a state (attempts, when it was first sent, what it waits for) is said by `moved` alone.
The store reads a `Delivery`, asks `moved` what comes of it, and writes that.

{diagram}
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from clockd.core.model import Reading
from clockd.core.wire import WriteKind

T = TypeVar("T")


class State(StrEnum):
    """How far a delivery has come, as `clockd punches --json` says it in `delivery.state`."""

    WAITING = "waiting"
    SENDING = "sending"
    DOUBTFUL = "doubtful"
    DELIVERED = "delivered"
    HELD = "held"
    IGNORED = "ignored"
    VOID = "void"
    STRANGER = "stranger"
    """Of nobody: a phone's or bank card's random identifier, or a card that a person said is nobody's."""


class Event(StrEnum):
    """What can happen to a delivery."""

    WAIT = "wait for its out"
    """The tracker needs its clock-out as well: both are sent as one."""
    SEND = "send"
    """The intent is on disk; the first byte may leave now."""
    PROVED = "proved"
    """The reply echoes what was sent."""
    STEP_DONE = "step done"
    """The reply proves one of several requests this punch needs (stop the old project, then start the new one)."""
    NOT_APPLIED = "not applied"
    """Certainly nothing happened at the tracker."""
    UNPROVED = "unproved"
    """It may have been applied."""
    CRASHED = "crashed"
    """clockd ended while it was being sent: it is found as *sending* at the next start."""
    FOUND = "found"
    """A look at the tracker shows it."""
    ABSENT = "absent"
    """A look after the quarantine does not show it."""
    HOLD = "hold"
    """Only a person can decide this."""
    RELEASE = "release"
    """What it was held for is no more: the missing clock-out came, the time became known."""
    NOTHING_TO_SEND = "nothing to send"
    """The tracker needs nothing for this punch: it is so already."""
    RETRY = "retry"
    """A person said: try again."""
    LOOK_FIRST = "look first"
    """It is let go, or to be tried again, and may be at the tracker already."""
    IGNORE = "ignore"
    """A person said: not to be booked."""
    VOID = "void"
    """Taken back before anything was booked."""
    TAKE_BACK = "take back"
    """Taken back after it was booked: its entry has to be deleted."""
    UNBOOKED = "unbooked"
    """It was taken back, and its entry is deleted now."""
    ASSIGN = "assign"
    """A stranger's tap was somebody's after all."""
    DISOWN = "disown"
    """A person said that its badge is nobody's here."""
    REOPENED = "reopened"
    """The entry it shared was deleted for its partner's sake; it has to be booked anew."""


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.WAITING, Event.WAIT): State.WAITING,
    (State.WAITING, Event.SEND): State.SENDING,
    (State.WAITING, Event.NOTHING_TO_SEND): State.DELIVERED,
    (State.WAITING, Event.FOUND): State.DELIVERED,
    (State.WAITING, Event.HOLD): State.HELD,
    (State.WAITING, Event.IGNORE): State.IGNORED,
    (State.WAITING, Event.VOID): State.VOID,
    (State.SENDING, Event.PROVED): State.DELIVERED,
    (State.SENDING, Event.STEP_DONE): State.WAITING,
    (State.SENDING, Event.NOT_APPLIED): State.WAITING,
    (State.SENDING, Event.UNPROVED): State.DOUBTFUL,
    (State.SENDING, Event.CRASHED): State.DOUBTFUL,
    (State.SENDING, Event.HOLD): State.HELD,
    (State.SENDING, Event.UNBOOKED): State.VOID,
    (State.DOUBTFUL, Event.FOUND): State.DELIVERED,
    (State.DOUBTFUL, Event.ABSENT): State.WAITING,
    (State.DOUBTFUL, Event.HOLD): State.HELD,
    (State.DOUBTFUL, Event.UNBOOKED): State.VOID,
    (State.HELD, Event.RELEASE): State.WAITING,
    (State.HELD, Event.RETRY): State.WAITING,
    (State.HELD, Event.LOOK_FIRST): State.DOUBTFUL,
    (State.HELD, Event.FOUND): State.DELIVERED,
    (State.HELD, Event.IGNORE): State.IGNORED,
    (State.HELD, Event.VOID): State.VOID,
    (State.HELD, Event.DISOWN): State.STRANGER,
    (State.DELIVERED, Event.TAKE_BACK): State.WAITING,
    (State.DELIVERED, Event.REOPENED): State.WAITING,
    (State.STRANGER, Event.ASSIGN): State.WAITING,
    (State.STRANGER, Event.HOLD): State.HELD,
    (State.STRANGER, Event.IGNORE): State.IGNORED,
    (State.STRANGER, Event.VOID): State.VOID,
}

FINISHED = frozenset({State.DELIVERED, State.IGNORED, State.VOID, State.STRANGER})
"""States in which nothing more is to be done, unless a person says so."""

UNFINISHED = frozenset(State) - FINISHED
"""States in which something is still to be done, by clockd or by a person."""


class IllegalStep(Exception):
    """An event cannot happen in this state. It is a mistake of clockd; nothing was changed."""


def step(state: State, event: Event) -> State:
    """Return the state that follows.

    Raises:
        IllegalStep: the table has no such transition.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalStep(f"{event.value!r} cannot happen to a delivery that is {state.value}") from None


class Via(StrEnum):
    """How the entry of a delivered punch came about."""

    TIMER = "timer"
    """It was booked by starting or stopping a timer."""
    ENTRY = "entry"
    """It was booked as a whole interval."""
    ADOPTED = "adopted"
    """Somebody else made an entry that says the same."""
    NOTHING = "none"
    """The project timer needed nothing for it."""


class Mark(StrEnum):
    """What has to be remembered of a delivery from one request to the next."""

    REJECTED = "rejected"
    """The tracker said no; a look must show why."""
    UNCONFIRMED = "unconfirmed"
    """The tracker said yes without showing what it did; a look may show it at once."""
    WITH_OUT = "no-start"
    """It waits for its clock-out; the interval is then sent as a whole."""
    SAID = "said"
    """A person said when this was, or that it truly is as it looks."""


class HoldCode(StrEnum):
    """Why a punch waits for a person, for programs; `Held.because` says it to people."""

    MISSING_OUT = "missing-out"
    """A clock-in whose clock-out never came, or came longer than a shift after it."""
    ORPHAN_OUT = "orphan-out"
    """A clock-out without a clock-in."""
    TOO_LONG = "too-long"
    """A clock-out that comes longer than a shift after its clock-in."""
    ITS_IN = "its-in"
    """A clock-out whose clock-in is held."""
    CONFLICT = "conflict"
    """Something else stands at the tracker in its place."""
    REFUSED = "refused"
    """The tracker says no, and a look did not show why."""
    NOT_STARTED = "not-started"
    """The tracker refuses to start a timer for it; with its clock-out it can be sent as a whole."""
    GAVE_UP = "gave-up"
    """It was sent again and again, or hours ago, and left no trace."""
    DELETED = "deleted"
    """Its entry is gone from the tracker."""
    RENAMED = "renamed"
    """Its entry belongs to another username at the tracker now."""
    NOT_DELETED = "not-deleted"
    """It was taken back, and the tracker keeps its entry."""
    FORBIDDEN = "forbidden"
    """The tracker does not book for this employee."""
    UNSENDABLE = "unsendable"
    """The tracker's times cannot say it."""
    WITHIN_A_MINUTE = "within-a-minute"
    """A tracker of whole minutes cannot hold it, because the next clock-in lies in the same minute."""
    UNCERTAIN = "uncertain"
    """Nobody knows when it was."""
    SWITCHED = "switched"
    """It was made for another tracker or account."""
    ZONE = "zone"
    """It was recorded while another zone was configured."""
    UNKNOWN_BADGE = "unknown-badge"
    """Its badge belongs to nobody."""
    DIRECTION = "direction"
    """Nobody knows whether it was in or out."""
    INTERNAL = "internal"
    """clockd made a mistake."""
    RESTORED = "restored"
    """It may have been sent by a life of this terminal that a restored store knows nothing of."""
    ROTTEN = "rotten"
    """Its row in the database is damaged."""
    COUNTERSIGN = "countersign"
    """A correction of it waits for its owner's yes."""


_UNSETTLED = frozenset({HoldCode.FORBIDDEN, HoldCode.INTERNAL})
"""Reasons for which a delivery in doubt may be held before a look has settled the doubt."""

GIVE_IT = (
    "clockd badges assign ID -u USERNAME gives it to an employee, with its taps "
    "(clockd badges enrol -u USERNAME at the door); clockd badges ignore ID, if it is nobody's"
)
"""What to do about an unknown badge; ID is that of the tap."""


@dataclass(frozen=True, slots=True)
class Held:
    """Why a punch waits for a person."""

    code: HoldCode
    because: str
    """The reason for people, with what to do."""
    blocks: bool = False
    """Whether it concerns the employee as a whole, so that nothing else of theirs is booked meanwhile."""
    other: int | None = None
    """Seq of the other punch that the reason is about, as a rule its partner then; without it the reason is gone."""


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of a change, as a delivery notes it."""

    wall_us: int
    """UTC in microseconds since 1970."""
    boottime_us: int
    """CLOCK_BOOTTIME in microseconds."""
    boot_seq: int

    @classmethod
    def of(cls, reading: Reading) -> "Now":
        """Take the moment of a reading."""
        return cls(reading.wall_us, round(reading.boottime_s * 1_000_000), reading.boot_seq)

    @property
    def moment(self) -> "Moment":
        """Return this moment without its wall clock."""
        return Moment(self.boottime_us, self.boot_seq)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of one boot, which no step of the wall clock can touch."""

    boottime_us: int
    boot_seq: int


@dataclass(frozen=True, slots=True)
class FirstSent:
    """When the first request for a delivery left."""

    wall_us: int
    """The moment by the wall clock, UTC in microseconds since 1970: all there is after the next boot."""
    moment: Moment | None
    """The moment by boot time; None where an older clockd sent it and did not note this."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one punch is in one lane, and what is remembered of it."""

    state: State
    voided: bool = False
    """Whether a person took the punch back; this says how the punch counts, and is no state of its delivery."""
    held: Held | None = None
    entry_ids: tuple[str, ...] = ()
    via: Via | None = None
    mark: Mark | None = None
    attempts: int = 0
    """How many requests may have reached the tracker."""
    sent: Moment | None = None
    """When the last request left."""
    first_sent: FirstSent | None = None
    due: Moment | None = None
    """While it waits: the earliest moment to send it. While it is doubtful: when its quarantine ends."""
    write: WriteKind | None = None
    """The kind of the last request."""
    last_error: str | None = None
    done: Moment | None = None
    """When it was proved."""
    retries: int = 0
    """How often it was held with a time at which clockd tries it again."""
    retry_us: int | None = None
    """When clockd tries it again while it is held, UTC in microseconds since 1970; None: only a person can."""

    @property
    def is_booked(self) -> bool:
        """Whether it was proved to be at its tracker."""
        return self.via is not None

    @property
    def held_in_doubt(self) -> bool:
        """Whether it may be at the tracker, and was held before a look could tell."""
        return held_in_doubt(self.state, self.held, self.attempts, self.via)

    @property
    def comes_back(self) -> bool:
        """Whether it was taken back, and an entry at the tracker is to be deleted for it."""
        return self.voided and (self.is_booked or self.write is WriteKind.DELETE_ENTRY)


def held_in_doubt(state: State, held: Held | None, attempts: int, via: Via | None) -> bool:
    """Whether what was never proved may be at the tracker, and was held before a look could tell."""
    unsettled = state is State.HELD and held is not None and held.code in _UNSETTLED
    return unsettled and attempts > 0 and via is None


@dataclass(frozen=True, slots=True)
class Move:
    """One change of one delivery.

    A field that is None leaves what it names as it is, except for `held` and `mark`, which most events clear. The mark
    `SAID` stays.
    """

    seq: int
    event: Event
    entry_ids: tuple[str, ...] | None = None
    via: Via | None = None
    held: Held | None = None
    mark: Mark | None = None
    due_s: float | None = None
    """The new `due`, as CLOCK_BOOTTIME of this boot."""
    error: str | None = None
    write: WriteKind | None = None
    """The kind of the request; given with SEND."""
    retry_in_s: float | None = None
    """In how many seconds clockd tries it again; given with HOLD, None when only a person can."""
    forgets: bool = False
    """Whether its entry ids and `via` are forgotten, since nothing of it is at the tracker any more."""


_PROVES = frozenset({Event.PROVED, Event.FOUND, Event.NOTHING_TO_SEND})
_BEGINS_ANEW = frozenset({Event.STEP_DONE, Event.REOPENED, Event.RELEASE, Event.RETRY})
"""After these events the attempts are counted anew."""
_AT_ONCE = frozenset({Event.RELEASE, Event.RETRY})
"""After these events it may be sent at once, whatever it waited for."""
_TELLS_ON = frozenset({Event.SEND, Event.CRASHED, Event.IGNORE})
"""These events leave the mark, and the reason why it was held, as they are."""
_ONLY_FROM = {
    Event.REOPENED: frozenset({State.DELIVERED}),
    Event.TAKE_BACK: frozenset({State.DELIVERED}),
    Event.VOID: frozenset({State.WAITING, State.HELD}),
}
"""The states in which an event may come late: it concerns a punch that shares an entry with the one that was sent, and
that a person could change meanwhile."""


def overtaken(delivery: Delivery, move: Move) -> bool:
    """Whether a person has taken the punch back, or ignored it, since the move was planned."""
    needed = _ONLY_FROM.get(move.event)
    return needed is not None and delivery.state not in needed


def moved(delivery: Delivery, move: Move, now: Now) -> Delivery:
    """Return what a delivery is after a move, with everything that is noted of it.

    Raises:
        IllegalStep: the table has no such transition.
    """
    if move.event in _AT_ONCE and delivery.held_in_doubt:
        after = _noted(delivery, replace(move, event=Event.LOOK_FIRST), now)
        return replace(after, retries=_retries(delivery, move))
    return _noted(delivery, move, now)


def _noted(delivery: Delivery, move: Move, now: Now) -> Delivery:
    state = step(delivery.state, move.event)
    tells_on, forgets = move.event in _TELLS_ON, move.forgets or move.event is Event.REOPENED
    said = Mark.SAID if delivery.mark is Mark.SAID else None
    after = replace(
        delivery,
        state=state,
        held=delivery.held if tells_on else move.held,
        mark=delivery.mark if tells_on else move.mark or said,
        entry_ids=_told(move.entry_ids, () if forgets else delivery.entry_ids),
        via=_told(move.via, None if forgets else delivery.via),
        due=delivery.due if move.due_s is None else Moment(round(move.due_s * 1_000_000), now.boot_seq),
        last_error=None if move.event in _PROVES else _told(move.error, delivery.last_error),
        done=now.moment if move.event in _PROVES else delivery.done,
        retries=_retries(delivery, move),
        retry_us=None if move.retry_in_s is None else now.wall_us + round(move.retry_in_s * 1_000_000),
    )
    if move.event is Event.SEND:
        after = _sent(after, delivery, move, now)
    elif move.event in _BEGINS_ANEW:
        due = None if move.event in _AT_ONCE else after.due
        after = replace(after, attempts=0, first_sent=None, due=due)
    elif move.event is Event.NOT_APPLIED or _turned_away(delivery, move):  # it never left, or no: that is no attempt
        first_sent = delivery.first_sent if delivery.attempts > 1 else None
        after = replace(after, attempts=delivery.attempts - 1, first_sent=first_sent)
    if after.state is State.DELIVERED and after.voided:  # it was taken back while its request was under way
        return replace(after, state=step(State.DELIVERED, Event.TAKE_BACK))
    return after


def _turned_away(delivery: Delivery, move: Move) -> bool:
    """Whether the tracker says that it does not book for this employee, so that it certainly did not."""
    code = None if move.held is None else move.held.code
    return delivery.state is State.SENDING and move.event is Event.HOLD and code is HoldCode.FORBIDDEN


def _retries(delivery: Delivery, move: Move) -> int:
    if move.event in _PROVES or move.event is Event.RETRY:
        return 0
    return delivery.retries + (move.retry_in_s is not None)


def _told(new: T | None, old: T) -> T:
    return old if new is None else new


def _sent(after: Delivery, before: Delivery, move: Move, now: Now) -> Delivery:
    """Note a request. The attempts to delete are counted apart from those to book."""
    anew = move.write is WriteKind.DELETE_ENTRY and before.write is not WriteKind.DELETE_ENTRY
    first_sent = None if anew else before.first_sent
    return replace(
        after,
        attempts=(0 if anew else before.attempts) + 1,
        sent=now.moment,
        first_sent=first_sent or FirstSent(now.wall_us, now.moment),
        write=move.write,
    )


def crashed(seq: int, quarantine_s: float, now: Now) -> tuple[Move, ...]:
    """Say what becomes of a delivery that is *sending* at a start: it is in doubt until the quarantine ends."""
    return (Move(seq, Event.CRASHED, due_s=now.boottime_us / 1e6 + quarantine_s, error=_ENDED),)


def switched(seq: int, delivery: Delivery, *, send: bool) -> tuple[Move, ...]:
    """Say what becomes of an unfinished delivery when another tracker or account is configured.

    What may be at the old one is held in any case: only a look there could tell, and clockd does not ask it any more.

    Args:
        seq: the punch.
        delivery: how far it is.
        send: whether what was never sent goes to the new one; otherwise a person is asked.
    """
    in_doubt = delivery.state in (State.DOUBTFUL, State.SENDING)
    code = HoldCode.SWITCHED
    if delivery.comes_back:
        if not in_doubt:
            return ()
        code = HoldCode.NOT_DELETED
        because = "it was to be deleted on the tracker used before: see to it there, then ignore this"
    elif in_doubt:
        because = "it may have been booked on the tracker used before: look there, then retry or ignore"
    elif delivery.state is State.WAITING and not send:
        because = "it was made for the tracker used before: retry sends it to the new one, ignore leaves it"
    else:
        return ()
    crash = (Move(seq, Event.CRASHED, error=_ENDED),) if delivery.state is State.SENDING else ()
    return (*crash, Move(seq, Event.HOLD, held=Held(code, because)))


_ENDED = "clockd ended while sending"


def diagram() -> str:
    """Draw the table, one line per state, for the essay above and for clockd/README.md."""
    lines = []
    for state in State:
        moves: dict[State, list[str]] = {}
        for (source, event), target in TRANSITIONS.items():
            if source is state:
                moves.setdefault(target, []).append(event.value)
        if not moves:
            lines.append(f"    {state.value:<10} (an end)")
        for n, (target, events) in enumerate(moves.items()):
            lines.append(f"    {state.value if n == 0 else '':<10} --{', '.join(events)}--> {target.value}")
    return "\n".join(lines)


__doc__ = (__doc__ or "").format(diagram=diagram())
