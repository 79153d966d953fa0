"""How much of this machine others use: a time that was taken beside other work says nothing."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

QUIET = 0.05
"""The share of all processors that others may use while we wait for quiet."""
DISTURBED = 0.10
"""From this share on, a measurement is called disturbed; the kernel's own threads take some."""
WINDOW_S = 3.0
PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Load:
    """Processor time up to a moment.

    Args:
        passed_s: what all processors together could have worked.
        busy_s: what they worked, for anybody; what a hypervisor took counts as work.
        own_s: what this process and its ended children worked.
    """

    passed_s: float
    busy_s: float
    own_s: float


def look() -> Load:
    """Read the counters of the kernel."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    user, nice, system, _idle, _waiting, irq, softirq, stolen = ticks
    busy_s = (user + nice + system + irq + softirq + stolen) / os.sysconf("SC_CLK_TCK")
    return Load(time.monotonic() * (os.cpu_count() or 1), busy_s, sum(os.times()[:4]))


def others(before: Load, after: Load) -> float:
    """The share of all processors, 0 to 1, that others used between two looks."""
    passed_s = after.passed_s - before.passed_s
    used_s = (after.busy_s - before.busy_s) - (after.own_s - before.own_s)
    return max(0.0, used_s / passed_s) if passed_s > 0 else 0.0


def wait(look: Callable[[], Load] = look, pause: Callable[[float], None] = time.sleep) -> bool:
    """Wait until others use next to nothing; False after `PATIENCE_S`, when they still do."""
    for _ in range(int(PATIENCE_S / WINDOW_S)):
        before = look()
        pause(WINDOW_S)
        if others(before, look()) < QUIET:
            return True
    return False
