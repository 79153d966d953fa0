"""A simulator as a plain call: for tests in virtual time, where a socket would only cost.

The faults of the wire become what a client would have seen of them, and the time it would have taken: nothing here
waits; the caller moves its own clock by `Took.seconds`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate

import msgspec

from clockd.core.wire import Exchange, NoAnswer, NotSent, Reply, Request
from clockd.sim.front import Front
from clockd.sim.message import Answered, Hangup, NotConnected, Silence, SimRequest


@dataclass(frozen=True, slots=True)
class Took:
    """What came of an exchange, and how long the client was busy with it."""

    exchange: Exchange
    seconds: float


def exchange(
    front: Front,
    request: Request,
    headers: Mapping[str, str],
    now_s: float,
    *,
    timeout_s: float = 10.0,
    reused: bool = False,
) -> Took:
    """Send a request to a simulator without a network.

    Args:
        front: the simulator's front.
        request: as the codec made it; its path is below the base URL.
        headers: credentials and the like; names in any case.
        now_s: the tracker's clock when the request arrives, Unix time in seconds.
        timeout_s: how long this client waits in all.
        reused: whether the client would have used an open connection.
    """
    body = b"" if request.body is None else msgspec.json.encode(request.body)
    sent = {name.lower(): value for name, value in headers.items()}
    sent.setdefault("content-type", "application/json")  # as `trackers/http.py` does, reads too
    outcome = front.receive(SimRequest(request.method, request.path, request.query, sent, body, reused), now_s)
    match outcome:
        case NotConnected():
            return Took(NotSent("connection refused"), 0.0)
        case Silence():
            return Took(NoAnswer("timed out"), timeout_s)
        case Hangup(after_s):
            if after_s >= timeout_s:
                return Took(NoAnswer("timed out"), timeout_s)
            return Took(NoAnswer("connection closed"), after_s)
        case Answered(reply, after_s, over_s, cut):
            if after_s + over_s >= timeout_s:
                return Took(NoAnswer("timed out"), timeout_s)
            if cut:
                return Took(NoAnswer("connection closed"), after_s)
            named = {**dict(reply.headers), "date": formatdate(now_s, usegmt=True)}
            return Took(Reply(reply.status, named, reply.body), after_s + over_s)
