"""When the work of a night begins."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from clockd.core.model import Reading

WAKE_S = 3600.0
"""How long it sleeps at most before it looks at the clock again, which may have been set meanwhile."""


@dataclass(frozen=True, slots=True)
class Nights:
    """Waits for an hour of the night.

    Args:
        read_clock: all clocks at once.
        zone: of the terminal.
        hour: the local hour.
        minute: of that hour; it differs from terminal to terminal, so that not all ask at once.
    """

    read_clock: Callable[[], Reading]
    zone: ZoneInfo
    hour: int
    minute: int

    async def next(self) -> None:
        """Wait for the hour; a clock that is set to beyond it comes to it tomorrow."""
        while True:
            now_at = self._now_at()
            next_at = self._next_at(now_at)
            await asyncio.sleep(min(WAKE_S, (next_at - now_at).total_seconds()))
            if timedelta(0) <= self._now_at() - next_at < timedelta(seconds=WAKE_S):
                return

    def _now_at(self) -> datetime:
        return self.read_clock().wall_at.astimezone(UTC)

    def _next_at(self, now_at: datetime) -> datetime:
        """Return the next such moment, in UTC, where differences are true in the nights of the clock change too."""
        today = now_at.astimezone(self.zone).replace(
            hour=self.hour, minute=self.minute, second=0, microsecond=0, fold=0
        )
        at = today.astimezone(UTC)
        return at if at > now_at else (today + timedelta(days=1)).astimezone(UTC)
