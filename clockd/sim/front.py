"""What stands before a tracker's model: the throttle, the faults, the requests that come late.

    receive(request, now_s):  due work -> fault drawn -> counted by the throttle -> model -> outcome -> journal

Work that is due later (a late request, an actor's plan) is done when somebody looks: each request and each question
about the state first does everything that was due before it, in order of time, at its own time.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from typing import Protocol

from clockd.sim.faults import (
    CloseReused,
    Cut,
    Drip,
    FailAfter,
    FailBefore,
    FalseForbidden,
    FalseThrottled,
    FalseUnauthorized,
    Fault,
    Faults,
    Garbled,
    IdOnly,
    Late,
    Lost,
    NoBody,
    Portal,
    Redirected,
    Refuse,
    ReplyLost,
    RetryAfter,
    Stale,
    fault_name,
)
from clockd.sim.journal import Journal
from clockd.sim.message import (
    Answered,
    Fate,
    Hangup,
    NotConnected,
    Silence,
    SimReply,
    SimRequest,
    empty_reply,
    html_reply,
)
from clockd.sim.throttle import SlidingWindow


class Model(Protocol):
    """What the front needs of a tracker. Nothing of it raises on what a client sent."""

    def answer(self, request: SimRequest, now_s: float, lag_s: float = 0.0, *, heard: bool = True) -> SimReply:
        """Apply a request and reply; with a lag, a read shows what was true that long ago.

        Args:
            request: below the tracker's base URL.
            now_s: the tracker's clock, Unix time in seconds.
            lag_s: seconds, for reads only.
            heard: False when a fault keeps the reply from the client: it cannot be blamed for not knowing it.
        """

    def refusal(self, status: int, detail: str) -> SimReply:
        """An error in the tracker's own form."""

    def thin(self, reply: SimReply) -> SimReply:
        """The same reply with nothing left but ids."""

    def about(self, request: SimRequest) -> str | None:
        """The person a request names; None when it names none or cannot be read."""


class Simulator(Protocol):
    """A whole simulated tracker, as the shells drive it."""

    @property
    def name(self) -> str:
        """`timetrack`, `goodtime`."""

    @property
    def base_path(self) -> str:
        """Where the API begins on its host, as `/api/v2/ext`; everything else is an HTML 404."""

    @property
    def front(self) -> "Front":
        """Where requests go in."""

    def state(self, now_s: float) -> Mapping[str, object]:
        """Everything the tracker holds, for JSON."""

    def invariants(self, now_s: float) -> Mapping[str, object]:
        """Counts and broken rules, for JSON; `violations` is a list of sentences, empty when all is well."""

    def reset(self) -> None:
        """Begin anew with the same options."""

    def act(self, words: Mapping[str, object], now_s: float) -> object:
        """Let an actor do something; the answer is for JSON.

        Raises:
            ValueError: the words name no act; the message says which there are.
        """


@dataclass(slots=True)
class Front:
    """The one way into a model, for sockets and for direct calls alike."""

    model: Model
    throttle: SlidingWindow
    faults: Faults
    journal: Journal
    retry_after: RetryAfter = "seconds"
    """What the tracker's own 429 says."""
    throttle_status: int = 429
    """With what the tracker's own throttle answers (trap T06)."""
    latency_s: tuple[float, float] = (0.0, 0.0)
    """Span from which each answer's delay is drawn."""
    trap_url: str = "http://moved.invalid"
    """Where redirects lead that name no place of their own; the socket shell puts its trap port here."""
    first: Callable[[float], object] | None = None
    """Called once, at the moment of the first request."""
    _due: list[tuple[float, int, Callable[[float], object]]] = field(default_factory=list)
    _planned: int = 0

    def receive(self, request: SimRequest, now_s: float) -> Fate:
        """Take a request and say what becomes of it."""
        if self.first is not None:
            begin, self.first = self.first, None
            begin(now_s)
        self.advance(now_s)
        username = self.model.about(request)
        fault = self.faults.draw(request, username, now_s)
        name = None if fault is None else fault_name(fault)
        if isinstance(fault, Refuse):
            self.journal.note(request, now_s, username, "refused", name, "no")
            return NotConnected()
        wait_s = self.throttle.admit(now_s)
        if wait_s is not None:
            reply = self._throttled(self.throttle_status, self.retry_after, wait_s, now_s)
            outcome: Fate = Answered(reply)
            applied = "no"
        elif fault is None:
            outcome, applied = Answered(self.model.answer(request, now_s)), "yes"
        else:
            outcome, applied = self._strike(fault, request, now_s)
        if isinstance(outcome, Answered) and self.latency_s[1]:
            outcome = replace(outcome, after_s=outcome.after_s + self.faults.span(*self.latency_s))
        self.journal.note(request, now_s, username, _result(outcome), name, applied)
        return outcome

    def plan(self, at_s: float, work: Callable[[float], object]) -> None:
        """Do something at a moment of the tracker's clock; the moment is handed to it."""
        self._planned += 1
        heapq.heappush(self._due, (at_s, self._planned, work))

    def advance(self, now_s: float) -> None:
        """Do everything that was due until now."""
        while self._due and self._due[0][0] <= now_s:
            at_s, _, work = heapq.heappop(self._due)
            work(at_s)

    @property
    def pending(self) -> int:
        """How much is planned and not due yet."""
        return len(self._due)

    # --- faults -------------------------------------------------------------------------------------------------

    def _strike(self, fault: Fault, request: SimRequest, now_s: float) -> tuple[Fate, str]:
        """Let a fault happen: (what becomes of the request, whether it was applied)."""
        match fault:
            case Refuse():
                return NotConnected(), "no"
            case Lost(silent):
                return Silence() if silent else Hangup(), "no"
            case Late(min_s, max_s):
                due_s = now_s + self.faults.span(min_s, max_s)
                self.plan(due_s, lambda at_s: self.model.answer(request, at_s, heard=False))
                return Silence(), "later"
            case CloseReused(applied):
                if applied:
                    self.model.answer(request, now_s, heard=False)
                return Hangup(), "yes" if applied else "no"
            case Stale(lag_s):
                return Answered(self.model.answer(request, now_s, lag_s)), "yes"
            case FailBefore() | Portal() | FalseThrottled() | Redirected() | FalseUnauthorized() | FalseForbidden():
                return Answered(self._instead(fault, request, now_s)), "no"
            case IdOnly():
                reply = self.model.answer(request, now_s)
                return Answered(self.model.thin(reply) if reply.ok else reply), "yes"
            case ReplyLost() | FailAfter() | Garbled() | Cut() | Drip() | NoBody():
                return self._spoilt(fault, self.model.answer(request, now_s, heard=False), now_s), "yes"

    def _instead(
        self,
        fault: FailBefore | Portal | FalseThrottled | Redirected | FalseUnauthorized | FalseForbidden,
        request: SimRequest,
        now_s: float,
    ) -> SimReply:
        """The reply that comes instead of the tracker's, which never saw the request."""
        match fault:
            case FailBefore(status):
                return self._broken(status, now_s)
            case Portal():
                return html_reply(200, "Welcome to Hotel WiFi, please log in")
            case FalseThrottled(form, wait_s):
                return self._throttled(429, form, wait_s, now_s)
            case Redirected(location):
                return html_reply(301, "Redirected", ("location", location or self.trap_url + request.path))
            case FalseUnauthorized():
                return self.model.refusal(401, "")
            case FalseForbidden():
                return self.model.refusal(403, "")

    def _spoilt(
        self,
        fault: ReplyLost | FailAfter | Garbled | Cut | Drip | NoBody,
        reply: SimReply,
        now_s: float,
    ) -> Fate:
        """What is left of the reply to a request that was applied."""
        match fault:
            case ReplyLost(silent):
                return Silence() if silent else Hangup()
            case FailAfter(status):
                return Answered(self._broken(status, now_s))
            case Garbled():
                return Answered(replace(reply, body=reply.body[: max(1, len(reply.body) * 2 // 3)]))
            case Cut():
                return Answered(reply, cut=True)
            case Drip(over_s):
                return Answered(reply, over_s=over_s)
            case NoBody(status):
                return Answered(empty_reply(status) if reply.ok else reply)

    def _broken(self, status: int, now_s: float) -> SimReply:
        """5xx: 500 comes from the tracker itself, the others from a machine before it."""
        if status == 500:
            return self.model.refusal(500, "")
        return html_reply(status, "The service is unavailable")

    def _throttled(self, status: int, form: RetryAfter, wait_s: float, now_s: float) -> SimReply:
        reply = self.model.refusal(status, "Too many requests")
        match form:
            case "none":
                return reply
            case "seconds":
                value = str(int(-(-wait_s // 1)))
            case "date":
                value = formatdate(now_s + -(-wait_s // 1) + 1, usegmt=True)
            case "absurd":
                value = "999999999"
        return replace(reply, headers=(*reply.headers, ("retry-after", value)))


def _result(outcome: Fate) -> str:
    match outcome:
        case Answered(reply):
            return str(reply.status)
        case Hangup():
            return "hangup"
        case Silence():
            return "silence"
        case NotConnected():
            return "refused"
