"""A backup is made, work goes on, the card dies, the old backup is restored on an empty one: nothing is booked twice.

What was sent since the backup is at the tracker and nothing in the restored store knows it. So the tracker accepts
what overlaps here, wherever a tracker may: then nothing but a look keeps a second entry away.
"""

import asyncio
import contextlib
import random
import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from clockd.core.model import Action, Project
from clockd.errors import ClockdError, Refused, StoreInUse
from clockd.sim.faults import parse_rules
from clockd.store import archive, ledger, restored, restoring
from tests.flow.house import House, in_virtual_time, username_of
from tests.flow.test_any_days import EMPLOYEES, made, something
from tests.flow.test_scenes import play

HOUR = 3600.0
TRACKERS = ["goodtime strict", "goodtime alt", "goodtime alt2", "entries strict", "entries alt2", "timer strict"]
DatesOf = list[tuple[str, str, str]]


def door_of(folder: Path, tracker: str, seed: int = 1) -> House:
    """A door at a tracker that takes what overlaps."""
    folder.mkdir(exist_ok=True)
    return made(folder, tracker, seed, **({"overlap": "accept"} if tracker.startswith("goodtime") else {}))


async def backup(door: House, file: Path) -> None:
    """What `clockd backup` does, piece by piece."""
    still = await door.store.begin_copy()
    data = b""
    while len(data) < still.size_bytes:
        data += await door.store.copy_piece(still, len(data))
    copy = file.with_suffix(".db")
    copy.write_bytes(data)
    archive.write(file, copy, {}, {})


async def restore(door: House, file: Path, folder: Path, *, marked: bool = True) -> None:
    """Let the card die, and take up work on an empty one."""
    await door.kill()
    folder.mkdir()
    with archive.opened(file) as opened:
        restoring.restore(opened, folder / "clockd.db", ledger.to_us(door.now_at()), None, None, older=False)
    if not marked:
        with closing(sqlite3.connect(folder / "clockd.db")) as connection:
            connection.execute("DELETE FROM meta WHERE key IN (?, ?)", [restored.SEQ, restored.AT])
            connection.commit()
    door.folder = folder
    await door.start()


def doubled(door: House) -> list[str]:
    """Rows of one employee that share time: an instant at most is the same in two that follow each other."""
    found = []
    for n in range(EMPLOYEES):
        rows = sorted((r for r in door.sim.rows(username_of(n)) if not r.deleted), key=lambda r: r.from_local)
        for a, b in pairwise(rows):
            if a.to_local is None or b.from_local < a.to_local or a.from_local == b.from_local:
                found.append(f"{a.user}: {a.from_local}, {b.from_local}")
    return found


async def a_day(door: House, folder: Path, *, marked: bool = True) -> tuple[DatesOf, DatesOf]:
    """Much is open when the backup is made, and is sent after it. Return what was booked then, and at the end."""
    await door.start()
    await door.tap(3)
    await asyncio.sleep(HOUR)
    door.link_down = True
    for n in (0, 1, 2):
        await door.tap(n)
    await asyncio.sleep(HOUR)
    await door.tap(0)
    await door.tap(3)
    await asyncio.sleep(HOUR)
    await door.tap(0)
    await backup(door, folder / "b")
    await asyncio.sleep(60)
    door.link_down = False
    await asyncio.sleep(HOUR)
    for n in (0, 1):
        await door.tap(n)
    await asyncio.sleep(HOUR)
    await door.tap(1)
    await asyncio.sleep(60)
    before = door.booked()
    await restore(door, folder / "b", folder / "new", marked=marked)
    await asyncio.sleep(HOUR)
    await door.tap(2)
    await asyncio.sleep(HOUR)
    door.check_alive()
    await door.kill()
    return before, door.booked()


@pytest.mark.parametrize("tracker", TRACKERS)
def test_what_was_open_is_looked_at_before_it_is_sent(tmp_path: Path, tracker: str) -> None:
    door = door_of(tmp_path / "old", tracker)

    async def scene() -> None:
        before, after = await a_day(door, tmp_path)
        own = {username_of(n) for n in (0, 1, 3)}
        assert [row for row in after if row[0] in own] == [row for row in before if row[0] in own]
        assert len([row for row in after if row[0] == username_of(2)]) == 1
        assert doubled(door) == []

    in_virtual_time(scene)
    assert door.sim.violations() == []


def test_control_without_a_mark_it_is_booked_twice(tmp_path: Path) -> None:
    door = door_of(tmp_path / "old", "goodtime alt2")

    async def scene() -> None:
        await a_day(door, tmp_path, marked=False)
        assert doubled(door) != []

    in_virtual_time(scene)


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("seed", range(1))
def test_any_days_over_a_restored_backup(tmp_path: Path, seed: int, tracker: str) -> None:
    in_virtual_time(lambda: any_days(tmp_path, tracker, seed))


@pytest.mark.soak
@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("seed", range(1, 20))
def test_many_days_over_a_restored_backup(tmp_path: Path, seed: int, tracker: str) -> None:
    in_virtual_time(lambda: any_days(tmp_path, tracker, seed))


async def any_days(folder: Path, tracker: str, seed: int) -> None:
    """Days as they come, a backup in the middle of something, more of them, and the card dies."""
    door, dice, tapped_s = (
        door_of(folder / "old", tracker, seed),
        random.Random(f"{tracker} {seed}"),
        dict[int, float](),
    )
    await door.start()

    async def days(steps: int) -> None:
        for _ in range(steps):
            with contextlib.suppress(ClockdError):
                await something(door, dice, tapped_s)
            await asyncio.sleep(dice.choice([3, 40, 150, 900, 3600]))
            door.check_alive()

    await days(40)
    await backup(door, folder / "b")
    await days(25)
    door.link_down = False
    door.sim.front.faults.replace(parse_rules(""))
    await asyncio.sleep(HOUR)
    booked = {n: door.booked(n) for n in range(EMPLOYEES)}
    overlapping = doubled(door)
    await restore(door, folder / "b", folder / "new")
    await asyncio.sleep(3 * HOUR)
    for n in range(EMPLOYEES):
        await door.tap(n, Action.OUT)
    await asyncio.sleep(20 * HOUR)
    door.check_alive()
    assert set(doubled(door)) <= set(overlapping)
    for n, rows in booked.items():
        ended = [row for row in rows if row[2]]
        assert [row for row in door.booked(n) if row in ended] == ended
    assert {"waiting", "sending", "doubtful"}.isdisjoint(await door.states())
    assert door.sim.violations() == []
    await door.kill()


def test_a_project_of_which_nobody_can_tell_is_asked_about(tmp_path: Path) -> None:
    """It may have been started and stopped since: the timer's state tells only what was last."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await door.until_settled()
        door.link_down = True
        await asyncio.sleep(60)
        await door.tap(0, Action.PROJECT, Project("Client 001", "Test"))
        await backup(door, tmp_path / "b")
        await restore(door, tmp_path / "b", tmp_path / "new")
        door.link_down = False
        await asyncio.sleep(HOUR)
        held = [d for kind, d in await door.deliveries() if kind == "project"]
        assert [(d.state.value, d.held and d.held.code.value) for d in held] == [("held", "restored")]
        found = await door.documents.punches(limit=1, state=None, username=None)
        assert isinstance(found[0], dict)
        await door.repairs.retry([str(found[0]["id"])], "it was not", "admin")
        await door.until_settled()
        assert [d.state.value for kind, d in await door.deliveries() if kind == "project"] == ["delivered"]

    (tmp_path / "old").mkdir()
    play(tmp_path / "old", scene)


def test_nothing_that_the_present_store_knows_is_lost(tmp_path: Path) -> None:
    door = door_of(tmp_path / "old", "entries strict")

    async def scene() -> None:
        await door.start()
        await door.tap(0)
        await backup(door, tmp_path / "b")
        database = door.folder / "clockd.db"
        with archive.opened(tmp_path / "b") as opened:
            with pytest.raises(StoreInUse):
                restoring.restore(opened, database, 0, None, None, older=False)
            await door.tap(1)
            await door.kill()
            content = database.read_bytes()
            with pytest.raises(Refused, match="that are not in this backup"):
                restoring.restore(opened, database, 0, None, None, older=False)
            assert database.read_bytes() == content
            done = restoring.restore(opened, database, 0, None, None, older=True)
        assert done.aside == "clockd.db.replaced-1"
        assert (door.folder / done.aside).read_bytes() == content
        await door.start()
        assert list(door.store.damaged) == [done.aside]
        assert len(await door.deliveries()) == 1
        await door.kill()

    in_virtual_time(scene)
