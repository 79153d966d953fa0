"""How long a tap takes at the real terminal, with a real database, alone and beside other work."""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from clockd import config
from clockd.config import Secrets
from clockd.core.model import Employee, Tap, Uid
from clockd.daemon.opening import Core, open_core
from clockd.daemon.running import let_taps_through
from clockd.flow.terminal import Terminal
from clockd.store import badges

ROUNDS = 8
"""The taps with and without the work take turns, so that a machine that is busy with something else is so for both."""
TAPS = 50
"""In each round, with the work and without."""
PEOPLE = tuple(Uid.of(bytes([4, 0xA2, 0, 0, 0, 0, n])) for n in range(100))
"""Many tap, since a day of hundreds of taps of one person is none."""
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
    """Open a terminal in a folder, with the badges of `PEOPLE`; `more` is added to its configuration."""
    async with open_core(config.parse(TOML.format(folder) + more), secrets) as core:
        for n, uid in enumerate(PEOPLE):
            add = partial(
                badges.add,
                fingerprint=core.fingerprints.of(uid),
                tail=uid.tail,
                employee=Employee(f"ada{n:03d}", "Ada"),
                now_us=0,
            )
            await core.store.run(add)
        let_taps_through()
        yield core


@dataclass(slots=True)
class Taps:
    """How long taps took, in ms."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)


async def taps(core: Core, uids: Iterator[Uid]) -> list[float]:
    """Tap again and again; return how long each took, in ms."""
    door = Terminal(
        core.store, core.fingerprints, core.door, lambda name, item, ours: None, lambda screen, seq: None, _nothing
    )
    took = []
    for uid in islice(uids, TAPS):
        await asyncio.sleep(0.002)
        begun_s = time.perf_counter()
        await door.tapped(Tap(uid, "pcsc", core.read_clock()))
        took.append((time.perf_counter() - begun_s) * 1e3)
    return took


def _nothing() -> None:
    """Nobody waits for news."""


async def taps_beside(core: Core, work: Callable[[], Awaitable[None]]) -> Taps:
    """Tap without some work, and while it is done over and over, by turns."""

    async def again() -> None:
        while True:
            await work()

    found, uids = Taps(), cycle(PEOPLE)
    for _ in range(ROUNDS):
        found.alone += await taps(core, uids)
        working = asyncio.create_task(again())
        found.beside += await taps(core, uids)
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
    return found


async def idle() -> None:
    """Do nothing: the control, which shows what the machine itself adds."""
    await asyncio.sleep(0.01)


def show(name: str, found: Taps, more: str = "") -> None:
    """Print a line of the table."""
    alone, beside = sorted(found.alone), sorted(found.beside)
    p99 = alone[len(alone) * 99 // 100]
    print(
        f"{name:24} alone: median {alone[len(alone) // 2]:5.1f}  p99 {p99:5.1f}  longest {alone[-1]:5.1f} ms   "
        f"beside it: median {beside[len(beside) // 2]:5.1f}  p99 {beside[len(beside) * 99 // 100]:5.1f}  "
        f"longest {beside[-1]:5.1f} ms, {beside[-1] / p99:4.1f} times the p99 alone{more}"
    )


def run(main: Callable[[Path], Coroutine[None, None, None]]) -> None:
    """Run a bench in the folder of the command line, or in a temporary one."""
    if len(sys.argv) > 1:
        asyncio.run(main(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory() as made:
            asyncio.run(main(Path(made)))
