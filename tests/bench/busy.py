"""A tap while the terminal is busy with something else, beside one while it is not; and how late the loop runs."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from clockd.config import Secrets
from clockd.daemon.booking import open_booking
from clockd.daemon.opening import open_office
from tests.bench import hours, long_reply
from tests.bench.beside import taps_beside, terminal
from tests.bench.figures import Figure, percentile
from tests.filled import fill

WATCH_S = 0.005


async def lateness(late: list[float]) -> None:
    """Note how late the loop wakes this task, in ms, again and again."""
    while True:
        begun_s = time.perf_counter()
        await asyncio.sleep(WATCH_S)
        late.append((time.perf_counter() - begun_s - WATCH_S) * 1e3)


async def measure(folder: Path, *, short: bool) -> list[Figure]:
    """Tap beside each load."""
    secrets = Secrets(None, {"CLOCKD_TIMETRACK_API_KEY": "k", "CLOCKD_TIMETRACK_API_SECRET": "s"})
    async with terminal(folder, secrets, long_reply.TRACKER) as core:
        booking = await open_booking(core, secrets)
        assert booking is not None
        history = hours.history()
        await fill(core, [made for _, made in zip(range(5_000 if short else 100_000), history, strict=False)])
        office = open_office(core)
        loads: dict[str, Callable[[], Awaitable[None]]] = {
            "an export": partial(hours.export, office),
            "a backup": partial(hours.backup, office),
            "a list of 5,000 badges": partial(hours.import_list, office),
        }
        for name in ("TimeTrack, 1,000 rows", "Goodtime, 5,000 rows"):
            codec, reply = long_reply.LOADS[name]
            loads[f"a reply of {name}"] = partial(long_reply.look, booking, codec, reply)
        late: list[float] = []
        watching = asyncio.create_task(lateness(late))
        found = []
        for name, load in loads.items():
            took = await taps_beside(core, load)
            least = percentile(took.alone, 0.99)
            found.append(Figure(f"tap beside {name}, p99", "ms", percentile(took.beside, 0.99), least, 1.2))
        watching.cancel()
        await booking.http.aclose()
    return [
        *found,
        Figure("loop late beside all of these, p99", "ms", percentile(late, 0.99), None, 5.0),
        Figure("loop late beside all of these, longest", "ms", max(late), None, 20.0),
    ]


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """Everything a tap may meet."""
    folder.mkdir(parents=True)
    return asyncio.run(measure(folder, short=short))
