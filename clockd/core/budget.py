"""How many requests may leave in a minute, as the *server* counts them.

A request reaches the server some time between its first byte and its reply. So a new one may leave 60 s after the
reply to the one that left `limit` requests before it: then no sliding minute of the server's can hold more than
`limit`, whatever the network does. The ends of the last requests are on disk (`store/sends.py`), so a restart refills
nothing.

The backlog keeps an even pace of one request in `60 / limit` seconds. A live tap need not keep it, so it finds a place
within one such gap, even with a thousand others waiting.

When the tracker says 429 although we kept to the limit, somebody else uses the same key, or the tracker has a bad
minute. `Pace` then stops for as long as it is told to and comes back at half the rate. If we had sent enough for the
refusal to mean something, what we had sent is taken for the most that there is (the ceiling), and the rate rises to
just below it. After twenty minutes `Pace` raises the ceiling in steps that double, so that within an hour without a
refusal it is back at the whole limit, and a tracker that still refuses does so about once in that time. The rate never
falls below a quarter of the limit: less would help the neighbour little, and us not at all.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime

WINDOW_S = 60.0
MARGIN_S = 0.25
"""How much longer than a minute is waited: clocks of two machines do not run at quite the same speed."""
FREEZE_S = 60.0
"""How long to be silent after a 429 without Retry-After."""
LONGEST_FREEZE_S = 900.0
"""The longest silence after a 429, whatever Retry-After says: a tracker that means more says it again."""
RISE_EVERY_S = 60.0
"""How often the rate rises towards the ceiling."""
TRY_MORE_AFTER_S = 1200.0
"""How long after the silence the ceiling is raised first."""
TRY_MORE_EVERY_S = 480.0
"""How long after each raise of the ceiling the next one comes."""
DOUBLINGS = 5
"""In how many raises, each twice the one before, the ceiling comes from the floor back to the limit."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The rate that is used now; all times are CLOCK_BOOTTIME."""

    limit: int
    """What the configuration allows in any sliding 60 s."""
    allowed: int
    """What we allow ourselves: less than the limit while somebody else uses the key as well."""
    ceiling: int
    """How many requests a minute the tracker is thought to take: just below what it refused last."""
    frozen_until_s: float = 0.0
    """Until when nothing leaves."""
    changed_s: float = 0.0
    """When `allowed` rose last, or the silence after the last 429 ended."""
    raised_s: float = 0.0
    """When the ceiling was raised last; when the silence after the 429 ended, if it was not raised since."""
    raises: int = 0
    """How often the ceiling was raised since the last 429."""

    @classmethod
    def of(cls, limit: int) -> "Pace":
        """Begin with the whole limit."""
        return cls(limit=limit, allowed=limit, ceiling=limit)

    @property
    def floor(self) -> int:
        """The lowest rate, whatever is refused."""
        return min(self.limit, max(2, self.limit // 4))

    def throttled(self, now_s: float, sent_last_minute: int, wait_s: float | None) -> "Pace":
        """Return the pace after a 429.

        Args:
            now_s: now.
            sent_last_minute: our requests in the last minute, the refused one included.
            wait_s: what Retry-After says; None when it says nothing.
        """
        wait = FREEZE_S if wait_s is None else min(max(wait_s, 1.0), LONGEST_FREEZE_S)
        until_s = max(self.frozen_until_s, now_s + wait)
        pace = replace(self, frozen_until_s=until_s, changed_s=until_s, raised_s=until_s, raises=0)
        if now_s < self.frozen_until_s:
            return pace  # it was under way already when the first one was refused
        wall = self.ceiling
        if sent_last_minute > self.floor and 2 * sent_last_minute >= self.allowed:
            wall = max(self.floor, min(wall, sent_last_minute - 2))
        return replace(pace, ceiling=wall, allowed=max(self.floor, wall // 2))

    def thawed(self, now_s: float) -> "Pace":
        """Return the pace after a request that was answered although the tracker had told us to wait longer."""
        if self.frozen_until_s <= now_s:
            return self
        return replace(self, frozen_until_s=now_s, changed_s=now_s, raised_s=now_s)

    def risen(self, now_s: float) -> "Pace":
        """Return the pace as time has let it recover, however long nobody asked."""
        ceiling, raised_s, raises = self.ceiling, self.raised_s, self.raises
        while ceiling < self.limit and now_s - raised_s >= (rest_s := TRY_MORE_EVERY_S if raises else TRY_MORE_AFTER_S):
            ceiling = min(self.limit, ceiling + (self._first_raise << raises))
            raised_s, raises = raised_s + rest_s, raises + 1
        allowed, changed_s = self.allowed, self.changed_s
        if (steps := int((now_s - changed_s) // RISE_EVERY_S)) > 0:
            allowed = min(ceiling, allowed + steps * max(1, self.limit // 10))
            changed_s += steps * RISE_EVERY_S
        return replace(self, allowed=allowed, ceiling=ceiling, changed_s=changed_s, raised_s=raised_s, raises=raises)

    @property
    def _first_raise(self) -> int:
        return -(-(self.limit - self.floor) // ((1 << DOUBLINGS) - 1))


def next_send_s(
    pace: Pace, ends_s: Sequence[float], in_flight: int, last_sent_s: float | None, now_s: float, *, urgent: bool
) -> float | None:
    """Say when the next request may leave.

    Args:
        pace: the rate.
        ends_s: when each recent request was over (its reply came, or we gave up).
        in_flight: requests that are not over yet.
        last_sent_s: when the last request left; None when there was none.
        now_s: now, CLOCK_BOOTTIME.
        urgent: somebody stands at the door; then the even pace need not be kept.

    Returns:
        A time (now or later); None: not before one of the requests in flight is over.
    """
    at_s = max(now_s, pace.frozen_until_s)
    if not urgent and last_sent_s is not None:
        at_s = max(at_s, last_sent_s + WINDOW_S / pace.allowed)
    if in_flight >= pace.allowed:
        return None
    free = pace.allowed - in_flight
    seen = sorted(end_s for end_s in ends_s if end_s + WINDOW_S + MARGIN_S > at_s)
    if len(seen) >= free:
        at_s = max(at_s, seen[len(seen) - free] + WINDOW_S + MARGIN_S)
    return at_s


def retry_after_s(header: str | None, now_at: datetime) -> float | None:
    """Read Retry-After (RFC 9110): seconds, or an HTTP date; None when it is absent or makes no sense.

    What lies beyond `LONGEST_FREEZE_S` is cut to it.
    """
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch("[0-9]+", text):
        return min(float(text), LONGEST_FREEZE_S) if len(text) <= 9 else LONGEST_FREEZE_S
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if at.tzinfo is None:
        return None
    return min(max(0.0, (at - now_at).total_seconds()), LONGEST_FREEZE_S)
