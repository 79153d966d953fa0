"""How long a tap takes at the real terminal, with a real database, alone and beside other work."""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from pathlib import Path

from clockd import config
from clockd.config import Secrets
from clockd.core.model import Employee, Tap, Uid
from clockd.daemon.opening import Core, open_core
from clockd.daemon.running import SWITCH_S
from clockd.flow.terminal import Terminal
from clockd.store import badges

TAPS = 400
ADA = Uid.of(bytes([4, 0xA2, 0, 0, 0, 0, 1]))
TOML = """
[terminal]
name = "door"
time_zone = "Europe/Vienna"
state_dir = "{0}"
control_socket = "{0}/control.sock"
[clock]
trust = "always"
[rules]
repeat_s = 0
"""


@contextlib.asynccontextmanager
async def terminal(folder: Path, secrets: Secrets, more: str = "") -> AsyncIterator[Core]:
    """Open a terminal in a folder, with one badge; `more` is added to its configuration."""
    sys.setswitchinterval(SWITCH_S)
    async with open_core(config.parse(TOML.format(folder) + more), secrets) as core:
        employee, fingerprint = Employee("ada", "Ada"), core.fingerprints.of(ADA)
        add = lambda db: badges.add(db, fingerprint=fingerprint, tail=ADA.tail, employee=employee, now_us=0)  # noqa: E731
        await core.store.run(add)
        yield core


async def taps(core: Core) -> list[float]:
    """Tap again and again; return how long each took, in ms, shortest first."""
    door = Terminal(
        core.store, core.fingerprints, core.door, lambda name, item, ours: None, lambda screen, seq: None, _nothing
    )
    took = []
    for _ in range(TAPS):
        await asyncio.sleep(0.002)
        begun_s = time.perf_counter()
        await door.tapped(Tap(ADA, "pcsc", core.read_clock()))
        took.append((time.perf_counter() - begun_s) * 1e3)
    return sorted(took)


def _nothing() -> None:
    """Nobody waits for news."""


async def taps_beside(core: Core, work: Callable[[], Awaitable[None]]) -> list[float]:
    """Tap while some work is done over and over; return what `taps` does."""

    async def again() -> None:
        while True:
            await work()

    working = asyncio.create_task(again())
    found = await taps(core)
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    return found


def p99(found: Sequence[float]) -> float:
    """The 99th percentile of sorted figures."""
    return found[len(found) * 99 // 100]


def show(name: str, found: Sequence[float], alone: Sequence[float] | None = None, more: str = "") -> None:
    """Print a line of the table; `alone` is what the taps took without the work."""
    verdict = f"  {found[-1] / p99(alone):4.1f} times the p99 without" if alone else ""
    median = found[len(found) // 2]
    print(f"{name:24} median {median:6.1f} ms  p99 {p99(found):6.1f} ms  longest {found[-1]:6.1f} ms{verdict}{more}")


def run(main: Callable[[Path], Coroutine[None, None, None]]) -> None:
    """Run a bench in the folder of the command line, or in a temporary one."""
    if len(sys.argv) > 1:
        asyncio.run(main(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory() as made:
            asyncio.run(main(Path(made)))
