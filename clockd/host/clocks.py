"""Wall and boot time, read together. Nobody else in the daemon reads a clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clockd.core.model import Reading

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

CLOSE_S = 100e-6
"""Two reads of boot time this close leave no room for doubt about the wall time between them."""


def boottime_s() -> float:
    """CLOCK_BOOTTIME in seconds: never steps, counts through suspend."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def now_at() -> datetime:
    """CLOCK_REALTIME as an aware UTC datetime."""
    return datetime.now(UTC)


def boot_id() -> str:
    """The kernel's id of this boot."""
    return BOOT_ID.read_text(encoding="ascii").strip()


@dataclass(frozen=True, slots=True)
class ClockLook:
    """Wall and boot time of one moment."""

    wall_at: datetime
    boottime_s: float


def look() -> ClockLook:
    """Read wall and boot time as one.

    Boot time is read on both sides of the wall clock; a thread that was put aside in between looks again, so that the
    pair is good to a fraction of a millisecond even on a busy machine.
    """
    best, best_gap_s = None, float("inf")
    for _ in range(5):
        before_s, wall_at, after_s = boottime_s(), now_at(), boottime_s()
        if after_s - before_s < best_gap_s:
            best_gap_s = after_s - before_s
            best = ClockLook(wall_at, (before_s + after_s) / 2)
        if best_gap_s <= CLOSE_S:
            break
    assert best is not None
    return best


@dataclass(frozen=True, slots=True)
class Clocks:
    """Takes readings. `boot_seq` comes from the store, `trusted` from whoever watches the synchronisation."""

    boot_id: str
    boot_seq: int
    trusted: Callable[[], bool]
    look: Callable[[], ClockLook] = look

    def read(self) -> Reading:
        """Look at all clocks at once; safe from any thread."""
        trusted = self.trusted()
        seen = self.look()
        # asked on both sides: the clock may step, or be found right, between the look and the answer
        trusted = trusted and self.trusted()
        return Reading(
            wall_at=seen.wall_at,
            boottime_s=seen.boottime_s,
            boot_id=self.boot_id,
            boot_seq=self.boot_seq,
            trusted=trusted,
        )
