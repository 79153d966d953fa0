"""The budget over crashes: whatever dies and however often, no sliding minute of the tracker's holds more than 30."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlite_utils import Database

from clockd.sim.timetrack.profile import profile_named
from clockd.store.thread import Store
from tests.flow.house import House, in_virtual_time, simulator

LIMIT = 30
EMPLOYEES = 40


@dataclass(slots=True)
class Forgetful(House):
    """A sabotage: the budget lives in memory, so a restart fills it up again."""

    async def start(self) -> None:
        if (self.folder / "clockd.db").exists():
            store = Store(self.folder / "clockd.db", inline=True)
            await store.open()
            await store.run(forget)
            await store.close()
        await House.start(self)


def forget(db: Database) -> None:
    """Lose the notes of what was sent."""
    db.execute("DELETE FROM request")


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder in memory: time is virtual here, and a disk's is not."""
    with TemporaryDirectory(prefix="clockd-", dir="/dev/shm") as folder:
        yield Path(folder)


def busiest_minute(times: list[float]) -> int:
    """The most that arrived within any 60 s."""
    most = begin = 0
    times = sorted(times)
    for end, at in enumerate(times):
        while times[begin] <= at - 60.0 + 1e-6:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def crash_again_and_again(folder: Path, kind: type[House], crashes: int, seed: int = 1) -> tuple[int, int]:
    """Let a backlog grow and the daemon die; return the busiest minute and the number of requests."""
    found: list[float] = []

    async def scene() -> None:
        dice = random.Random(seed)
        sim = simulator(profile_named("strict"), employees=EMPLOYEES)
        house = kind(folder=folder, sim=sim, employees=EMPLOYEES, limit=LIMIT)
        await house.start()
        for _ in range(crashes):
            for _tap in range(2):
                await house.tap(dice.randrange(EMPLOYEES))
            await asyncio.sleep(dice.choice((0.05, 0.5, 3.0, 12.0)) * dice.random() + 0.01)
            await house.kill()
            await house.start()
        await house.kill()
        found.extend(request.at_s for request in sim.front.journal.arrivals)

    in_virtual_time(scene)
    return busiest_minute(found), len(found)


@pytest.mark.parametrize("crashes", [80, pytest.param(500, marks=pytest.mark.soak)])
def test_no_minute_holds_more_however_often_it_crashes(place: Path, crashes: int) -> None:
    most, requests = crash_again_and_again(place, House, crashes)
    assert most <= LIMIT, (most, requests)
    assert most > LIMIT // 2, "there was nothing to hold back"
    assert requests >= crashes // 2, requests


def test_a_budget_in_memory_is_seen(place: Path) -> None:
    most, requests = crash_again_and_again(place, Forgetful, 60)
    assert most > LIMIT, (most, requests)


def test_a_backlog_uses_what_is_allowed(place: Path) -> None:
    found: list[float] = []
    left: list[int] = []
    refused: list[int] = []

    async def scene() -> None:
        sim = simulator(profile_named("strict"), employees=EMPLOYEES)
        house = House(folder=place, sim=sim, employees=EMPLOYEES, limit=LIMIT, online=False)
        await house.start()
        for _ in range(7):
            for n in range(EMPLOYEES):
                await house.tap(n)
            await asyncio.sleep(600)
        await asyncio.sleep(600)
        house.go_online()
        await asyncio.sleep(300)
        left.append((await house.states()).get("waiting", 0))
        await house.kill()
        found.extend(arrival.at_s for arrival in sim.front.journal.arrivals)
        refused.append(sim.front.journal.throttled)

    in_virtual_time(scene)
    assert left[0] > 0, "there has to be a backlog all the time"
    assert refused == [0], "a look and a delivery once took the same place"
    assert busiest_minute(found) <= LIMIT
    assert len(found) >= 0.95 * LIMIT * 5, f"{len(found)} requests in five minutes"
