"""A store of years: what a tap, the start and an export take with a million punches, beside an empty one.

python -m tests.bench.years '{"folder": "…", "taps": 200}'    opens a store, taps, and prints what it took as JSON
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from clockd.config import Secrets
from clockd.core.model import Kind, Tap
from clockd.daemon.opening import open_office
from clockd.flow import counter
from tests.bench.beside import PEOPLE as BADGES
from tests.bench.beside import terminal
from tests.bench.figures import Figure, percentile
from tests.bench.taps import told_by
from tests.filled import Made, fill

PEOPLE = 48
DAY_OF = ((7.5, Kind.IN), (12.0, Kind.BREAK), (12.5, Kind.RESUME), (16.25, Kind.OUT))
FIRST_AT = datetime(2000, 1, 1, tzinfo=UTC)


def history(punches: int) -> Iterator[Made]:
    """Everybody, every day, until there are so many."""
    for n in range(punches):
        day, rest = divmod(n, PEOPLE * len(DAY_OF))
        hour, kind = DAY_OF[rest // PEOPLE]
        yield Made(
            f"user{rest % PEOPLE:03d}", kind, FIRST_AT + timedelta(days=day, hours=hour, seconds=7 * (n % PEOPLE))
        )


async def write(folder: Path, punches: int) -> None:
    """Make a store with so many punches."""
    made = history(punches)
    async with terminal(folder, Secrets(None, {})) as core:
        while piece := [one for _, one in zip(range(10_000), made, strict=False)]:
            await fill(core, piece)
        await core.store.checkpoint()


async def look(folder: Path, taps: int) -> dict[str, Any]:
    """Open a store, tap, and export everything; return what it took, in ms, and the memory of the export in MiB."""
    begun_s = time.perf_counter()
    async with terminal(folder, Secrets(None, {})) as core:
        door, _ = told_by(core)
        await door.tapped(Tap(BADGES[0], "serial", core.read_clock()))
        first_ms = (time.perf_counter() - begun_s) * 1e3
        took = []
        for _ in range(taps):
            begun_s = time.perf_counter()
            await door.tapped(Tap(BADGES[0], "serial", core.read_clock()))
            took.append((time.perf_counter() - begun_s) * 1e3)
        office, before, most, cursor, rows = open_office(core), _rss_mib(), 0.0, None, 0
        while True:
            words = {"cmd": "punches.export", "cursor": cursor, "first": None, "last": None}
            page: Any = await counter.answer(office, words)
            rows += len(page["punches"])
            most, cursor = max(most, _rss_mib()), page["next"]
            if cursor is None:
                break
    return {"first_ms": first_ms, "p99_ms": percentile(took, 0.99), "export_mib": most - before, "rows": rows}


def _rss_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def looked(folder: Path, taps: int) -> dict[str, Any]:
    """Look at a store in a process of its own."""
    job = json.dumps({"folder": str(folder), "taps": taps})
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.years", job], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """Write the store, and look at it and at an empty one in turns."""
    punches, taps = (20_000, 50) if short else (1_000_000, 500)
    long, empty = folder / "long", folder / "empty"
    for place in (long, empty):
        place.mkdir(parents=True)
    asyncio.run(write(long, punches))
    size = sum(file.stat().st_size for file in long.glob("clockd.db*"))
    looked(empty, 1)
    few, many = looked(empty, taps), looked(long, taps)
    name = f"{punches:,} punches: "
    return [
        Figure(name + "open and first tap", "ms", many["first_ms"], few["first_ms"], 1.5),
        Figure(name + "tap, p99", "ms", many["p99_ms"], few["p99_ms"], 1.5),
        Figure(name + "bytes in the file for each", "B", size / punches, None, 350.0),
        Figure(name + "memory that an export adds", "MiB", many["export_mib"], None, 8.0),
    ]


if __name__ == "__main__":
    _job = json.loads(sys.argv[1])
    print(json.dumps(asyncio.run(look(Path(_job["folder"]), _job["taps"]))))
