"""How many requests a minute, as the *server* counts them.

A request reaches the server some time between its first byte and its reply, so a new one may leave 60 s after the
reply of the one `limit` requests ago: then no sliding minute of the server's can hold more, whatever the network does
in between. The ends of the last requests are on disk (`store/sends.py`), so a restart refills nothing.

The backlog keeps an even pace of `60 / limit` seconds and so leaves gaps: a live tap that may burst finds a place
within one gap, even behind a thousand others.

When the tracker says 429 although we kept to the limit, somebody else uses the same key. `Pace` then stops for as
long as it is told, comes back at half the rate, rises again to just below the rate at which it hit the wall, and
tries more only every half hour.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime

WINDOW_S = 60.0
MARGIN_S = 0.25
"""Clocks of two machines do not run at quite the same speed."""
FREEZE_S = 60.0
"""How long to be silent after a 429 without Retry-After."""
LONGEST_FREEZE_S = 3600.0
RISE_EVERY_S = 60.0
TRY_MORE_EVERY_S = 1800.0


@dataclass(frozen=True, slots=True)
class Pace:
    """The rate that is used now; all times are CLOCK_BOOTTIME."""

    limit: int
    """What the configuration allows in any sliding 60 s."""
    allowed: int
    """What we allow ourselves: less than the limit while somebody else uses the key as well."""
    ceiling: int
    """Where the wall was hit last."""
    frozen_until_s: float = 0.0
    changed_s: float = 0.0
    hit_s: float = 0.0

    @classmethod
    def of(cls, limit: int) -> "Pace":
        """Begin with the whole limit."""
        return cls(limit=limit, allowed=limit, ceiling=limit)

    def throttled(self, now_s: float, sent_last_minute: int, wait_s: float | None) -> "Pace":
        """Return the pace after a 429.

        Args:
            now_s: now.
            sent_last_minute: our requests in the last minute, the refused one included.
            wait_s: what Retry-After says; None when it says nothing.
        """
        wall = max(1, min(self.ceiling, sent_last_minute - 2))
        wait = FREEZE_S if wait_s is None else min(max(wait_s, 1.0), LONGEST_FREEZE_S)
        return replace(
            self,
            allowed=max(1, wall // 2),
            ceiling=wall,
            frozen_until_s=max(self.frozen_until_s, now_s + wait),
            changed_s=now_s + wait,
            hit_s=now_s,
        )

    def risen(self, now_s: float) -> "Pace":
        """Return the pace as time has let it recover."""
        pace = self
        if pace.ceiling < pace.limit and now_s - pace.hit_s >= TRY_MORE_EVERY_S:
            pace = replace(pace, ceiling=pace.ceiling + 1, hit_s=now_s)
        if pace.allowed < pace.ceiling and now_s - pace.changed_s >= RISE_EVERY_S:
            pace = replace(pace, allowed=min(pace.ceiling, pace.allowed + max(1, pace.limit // 10)), changed_s=now_s)
        return pace


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
        urgent: somebody stands at the door: no even pace.

    Returns:
        A time (now or later), or None: not before one of those in flight is over.
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
    """Read Retry-After (RFC 9110): seconds, or an HTTP date; None when it is absent or makes no sense."""
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch("[0-9]+", text):
        return float(text) if len(text) <= 9 else LONGEST_FREEZE_S
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if at.tzinfo is None:
        return None
    return max(0.0, (at - now_at).total_seconds())
