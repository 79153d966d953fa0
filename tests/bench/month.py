"""A month at the door, in virtual time: whether memory, the file and a tap stay as they are.

A whole terminal with its simulated tracker: fifty people who come, have lunch and go, so two hundred taps a day, each
of which is booked. The simulator lives in the same process; what clockd holds is counted as objects of its own classes.
"""

import asyncio
import gc
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clockd.sim.timetrack.profile import profile_named
from clockd.store import Database
from tests.bench.figures import Figure
from tests.flow.house import House, in_virtual_time, simulator

PEOPLE = 50
TIMES_S = (0.0, 4 * 3600.0, 4.5 * 3600.0, 8.5 * 3600.0)
"""When each comes, leaves for lunch, is back and goes, after the first of the day came."""
APART_S = 20.0
DAY_S = 86_400.0
STEPS = 20
"""Steps of SQLite's machine from one look to the next."""


@dataclass(slots=True)
class Days:
    """What was seen at the end of each day.

    Args:
        objects: of clockd's own classes, as are held in memory.
        rss_kib: the memory of the process, with the simulator's account.
        file_kib: its database on disk.
        took_ms: the median of a tap of the day.
        steps: what SQLite did for a tap, in steps of its machine: the same on a busy machine.
    """

    objects: list[float] = field(default_factory=list)
    rss_kib: list[float] = field(default_factory=list)
    file_kib: list[float] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    steps: list[float] = field(default_factory=list)


def held_objects() -> int:
    """How many objects of clockd's own classes there are, without the simulator's."""
    gc.collect()
    modules = (type(one).__module__ for one in gc.get_objects())
    return sum(name.startswith("clockd.") and not name.startswith("clockd.sim") for name in modules)


def rss_kib() -> float:
    """The memory of this process, of which the simulator's account is a part that grows."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


async def day(house: House, days: Days) -> None:
    """Let everybody come, have lunch and go, and wait until the night is over."""
    begun_s, took, counted = house.now_s(), [], [0]

    def count() -> None:
        counted[0] += STEPS

    def watch(db: Database) -> None:
        db.conn.set_progress_handler(count, STEPS)

    def ignore(db: Database) -> None:
        db.conn.set_progress_handler(None, STEPS)

    for after_s in TIMES_S:
        await asyncio.sleep(max(0.0, begun_s + after_s - house.now_s()))
        for n in range(PEOPLE):
            await house.store.run(watch)
            at_s = time.perf_counter()
            await house.tap(n)
            took.append((time.perf_counter() - at_s) * 1e3)
            await house.store.run(ignore)
            await asyncio.sleep(APART_S)
    await house.until_settled()
    await asyncio.sleep(max(0.0, begun_s + DAY_S - house.now_s()))
    house.check_alive()
    await house.store.checkpoint()
    # the house keeps these for tests to look at
    house.requests.clear()
    house.screens.clear()
    days.objects.append(held_objects())
    days.rss_kib.append(rss_kib())
    days.file_kib.append(sum(file.stat().st_size for file in house.folder.glob("clockd.db")) / 1024)
    days.took_ms.append(statistics.median(took))
    days.steps.append(counted[0] / len(took))


def slope(values: Sequence[float]) -> float:
    """How much a day adds, by the line that fits best."""
    return statistics.linear_regression(range(len(values)), values).slope


def live(folder: Path, count: int) -> Days:
    """Live so many days."""
    folder.mkdir(parents=True)
    house = House(folder, simulator(profile_named("strict"), employees=PEOPLE), employees=PEOPLE)
    days = Days()

    async def month() -> None:
        await house.start()
        for _ in range(count):
            await day(house, days)
        await house.kill()

    in_virtual_time(month)
    return days


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """A month, or the first six days of one; the slopes are those of the second half."""
    days = live(folder, 6 if short else 30)
    half, week = len(days.objects) // 2, 7 if not short else 2
    last, first = (statistics.median(part) for part in (days.took_ms[-week:], days.took_ms[:week]))
    last_steps, first_steps = (statistics.median(part) for part in (days.steps[-week:], days.steps[:week]))
    name = f"{len(days.objects)} days of 200 taps: "
    return [
        Figure(name + "objects that clockd holds", "", days.objects[-1]),
        Figure(name + "objects that a day adds", "", slope(days.objects[half:]), None, 1.0),
        Figure(name + "memory that a day adds, simulator included", "KiB", slope(days.rss_kib[half:])),
        Figure(name + "file that a day adds", "KiB", slope(days.file_kib[half:])),
        Figure(name + "a tap of the last days beside the first", "ms", last, first, 1.2),
        Figure(name + "SQLite's steps for it", "", last_steps, first_steps, 1.2),
    ]


if __name__ == "__main__":
    import sys

    found = live(Path(sys.argv[1]), int(sys.argv[2]))
    for row in zip(found.objects, found.rss_kib, found.file_kib, found.took_ms, found.steps, strict=True):
        print("{:9.0f} objects {:9.1f} KiB {:9.1f} KiB in the file {:7.2f} ms {:8.0f} steps".format(*row))
