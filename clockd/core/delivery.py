"""How a punch gets to the tracker: the states, what moves them, and nothing else.

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
* What only a person can decide is *held*, with the reason in plain words. A person says retry, ignore or void.

Nothing leaves the table by being forgotten: *delivered*, *ignored* and *void* are the only ends, and each was either
proved by the tracker or said by a person. A delivered punch can come back when it is taken back (its entry must be
deleted) or when the entry it shared was deleted for its partner's sake.

{diagram}
"""

from enum import StrEnum


class State(StrEnum):
    """How far a delivery has come (contract.md, `delivery.state`)."""

    WAITING = "waiting"
    SENDING = "sending"
    DOUBTFUL = "doubtful"
    DELIVERED = "delivered"
    HELD = "held"
    IGNORED = "ignored"
    VOID = "void"


class Event(StrEnum):
    """What can happen to a delivery."""

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
    """Found as *sending* at the start."""
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
    IGNORE = "ignore"
    """A person said: not to be booked."""
    VOID = "void"
    """Taken back before anything was booked."""
    TAKE_BACK = "take back"
    """Taken back after it was booked: its entry has to be deleted."""
    UNBOOKED = "unbooked"
    """Its entry was deleted, for its own sake (it was taken back)."""
    REOPENED = "reopened"
    """The entry it shared was deleted for its partner's sake; it has to be booked anew."""


TRANSITIONS: dict[tuple[State, Event], State] = {
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
    (State.HELD, Event.FOUND): State.DELIVERED,
    (State.HELD, Event.IGNORE): State.IGNORED,
    (State.HELD, Event.VOID): State.VOID,
    (State.DELIVERED, Event.TAKE_BACK): State.WAITING,
    (State.DELIVERED, Event.REOPENED): State.WAITING,
}

FINISHED = frozenset({State.DELIVERED, State.IGNORED, State.VOID})
"""Nothing more is to be done, unless a person says so."""

OPEN = frozenset(State) - FINISHED


class IllegalStep(Exception):
    """An event that cannot happen in this state: a mistake of ours. Nothing was changed."""


def step(state: State, event: Event) -> State:
    """Return the state that follows.

    Raises:
        IllegalStep: the table has no such transition.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalStep(f"{event.value!r} cannot happen to a delivery that is {state.value}") from None


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
