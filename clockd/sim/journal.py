"""Every request that arrived, and the rules that each client of each tracker must keep.

Nothing here knows a tracker. The journal never holds a header or a body: it may be shown to anybody.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from clockd.sim.message import SimRequest
from clockd.sim.throttle import SlidingWindow

PROBE_AFTER_401_S = 300.0
"""After a 401 a client may try once in this time (trap T65)."""
IN_FLIGHT_S = 2.0
"""Writes that were under way when the first 401 was sent are nobody's fault."""
MOST_EXAMPLES = 5
"""So many stand in a sentence about a broken rule."""


class Arrival(msgspec.Struct, frozen=True):
    """One request that reached the tracker's machine."""

    n: int
    at_s: float
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    username: str | None
    result: str
    """The status, or `hangup`, `silence`, `refused`."""
    fault: str | None
    applied: str
    """yes, no, or later."""


@dataclass(slots=True)
class Journal:
    """Keeps the last `keep` arrivals, counts all of them, and watches the rules."""

    limit: int
    """Requests allowed in 60 s."""
    keep: int = 100_000
    arrivals: deque[Arrival] = field(init=False)
    reads: int = 0
    writes: int = 0
    refused: int = 0
    throttled: int = 0
    gets_with_body: int = 0
    writes_after_401: int = 0
    requests_after_redirect: int = 0
    secrets_leaked: int = 0
    window: SlidingWindow = field(init=False)
    _first_401_s: float | None = None
    _last_probe_s: float = float("-inf")

    def __post_init__(self) -> None:
        self.arrivals = deque(maxlen=self.keep)
        self.window = SlidingWindow(self.limit)

    def note(
        self, request: SimRequest, now_s: float, username: str | None, result: str, fault: str | None, applied: str
    ) -> None:
        """Write down what became of a request."""
        n = self.reads + self.writes + self.refused
        self.arrivals.append(
            Arrival(n, now_s, request.method, request.path, request.query, username, result, fault, applied)
        )
        if result == "refused":
            self.refused += 1
            return
        self.window.admit(now_s)
        if request.writes:
            self.writes += 1
        else:
            self.reads += 1
            self.gets_with_body += bool(request.body)
        if result == "429":
            self.throttled += 1
        elif result == "401":
            self._note_401(request, now_s)
        elif result.startswith("2"):
            self._first_401_s = None

    def _note_401(self, request: SimRequest, now_s: float) -> None:
        if self._first_401_s is None:
            self._first_401_s = self._last_probe_s = now_s
        elif request.writes and now_s > self._first_401_s + IN_FLIGHT_S:
            if now_s < self._last_probe_s + PROBE_AFTER_401_S:
                self.writes_after_401 += 1
            else:
                self._last_probe_s = now_s

    def note_trapped(self, headers: Iterable[tuple[str, str]], secrets: Iterable[str]) -> None:
        """Write down a request that followed a redirect to the trap port, and whether it brought a secret along."""
        self.requests_after_redirect += 1
        values = [value for _, value in headers]
        self.secrets_leaked += any(secret in value for secret in secrets for value in values if secret)

    def violations(self) -> list[str]:
        """The broken rules, in words; empty for a well-behaved client."""
        found = []
        if self.window.busiest > self.limit:
            found.append(f"{self.window.busiest} requests within 60 s, {self.limit} are allowed")
        if self.gets_with_body:
            found.append(f"{self.gets_with_body} GET requests had a body")
        if self.writes_after_401:
            found.append(f"{self.writes_after_401} writes were sent within 5 minutes after a 401")
        if self.requests_after_redirect:
            found.append(f"{self.requests_after_redirect} requests followed a redirect")
        if self.secrets_leaked:
            found.append(f"{self.secrets_leaked} requests brought a secret to another host")
        return found

    def summary(self) -> dict[str, object]:
        """The counts, for JSON."""
        return {
            "reads": self.reads,
            "writes": self.writes,
            "refused": self.refused,
            "throttled": self.throttled,
            "busiest_60_s": self.window.busiest,
            "allowed_60_s": self.limit,
            "gets_with_body": self.gets_with_body,
            "writes_after_401": self.writes_after_401,
            "requests_after_redirect": self.requests_after_redirect,
            "secrets_leaked": self.secrets_leaked,
        }


def examples(*rules: tuple[Sequence[str], str]) -> list[str]:
    """A sentence for each rule that was broken: how often, and the first few times.

    Args:
        rules: what broke one, and the words for that.
    """
    return [f"{len(those)} {what}: {_some(those)}" for those, what in rules if those]


def _some(those: Sequence[str]) -> str:
    more = len(those) - MOST_EXAMPLES
    return "; ".join(those[:MOST_EXAMPLES]) + (f"; and {more} more" if more > 0 else "")
