"""What sync holds in memory is what the disk has, whoever changed it."""

import asyncio
import contextlib
import random
from functools import partial
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd.core.delivery import Now
from clockd.core.model import Action, Kind
from clockd.errors import ClockdError
from clockd.flow.lanes import LaneKey, Lanes
from clockd.sim.faults import parse_rules
from clockd.sim.timetrack.profile import profile_named
from clockd.store import outbox, touched
from tests.flow.house import House, in_virtual_time, simulator, username_of

EMPLOYEES = 6


def differing(db: Database, lanes: Lanes, now: Now) -> set[LaneKey]:
    """Return the lanes that are not as on the disk, but for those that will be read anew in any case."""
    changed = touched.since(db, lanes._mark)
    on_disk = {lane.key: lane for lane in outbox.lanes(db)}
    keys = {key for key in on_disk.keys() | lanes.open.keys() if not changed.concerns(key[0])}
    wrong = {key for key in keys if on_disk.get(key) != lanes.open.get(key)}
    return wrong | {key for key in keys & lanes.items.keys() if tuple(outbox.items(db, *key, now)) != lanes.items[key]}


async def something(door: House, dice: random.Random) -> None:
    """Somebody taps, an admin repairs, or the network comes and goes."""
    what = dice.random()
    if what < 0.55:
        await door.tap(dice.randrange(EMPLOYEES), dice.choice([None, None, Action.IN, Action.OUT, Action.BREAK]))
    elif what < 0.65:
        door.link_down = not door.link_down
    elif what < 0.7:
        door.sim.front.faults.replace(parse_rules(dice.choice(["mix", "reply-lost=30%", "fail-after:502=20%"])))
    else:
        state = dice.choice([None, "held", "waiting"])
        found = await door.documents.punches(limit=None, state=state, username=None)
        ids = [str(punch["id"]) for punch in found if isinstance(punch, dict)]
        if ids:
            await repair(door, dice.choice(ids), dice)


async def repair(door: House, punch: str, dice: random.Random) -> None:
    repairs, why, admin = door.repairs, "why", "admin"
    username = username_of(dice.randrange(EMPLOYEES))
    match dice.randrange(5):
        case 0:
            await repairs.void([punch], why, admin)
        case 1:
            await repairs.retry([punch], why, admin)
        case 2:
            await repairs.ignore([punch], why, admin)
        case 3:
            await repairs.amend(punch, username=username, at=None, kind=None, why=why, by=admin)
        case _:
            await repairs.amend(punch, username=None, at=None, kind=dice.choice([Kind.IN, Kind.OUT]), why=why, by=admin)


@pytest.mark.parametrize("deaf", [False, True], ids=["", "control"])
@pytest.mark.parametrize("seed", [1, 2])
def test_whoever_changes_the_outbox_the_lanes_follow(tmp_path: Path, seed: int, *, deaf: bool) -> None:
    """Those of sync, and others beside it. The sabotage: the others hear what changed, and do not read it."""
    dice = random.Random(seed)
    door = House(tmp_path, simulator(profile_named("strict"), employees=EMPLOYEES), employees=EMPLOYEES)
    compared, wrong = 0, set[LaneKey]()

    async def days() -> None:
        nonlocal compared
        await door.start()
        await asyncio.sleep(1)  # from now on it is noted what changes
        others = Lanes(door.store)
        for _ in range(200):
            with contextlib.suppress(ClockdError):  # what cannot be repaired so is said so
                await something(door, dice)
            await asyncio.sleep(dice.choice([0.01, 1, 5, 30, 120, 700]))
            door.check_alive()
            if deaf and others.items:
                others._mark = (await door.store.run(lambda db: touched.since(db, others._mark))).mark
            else:
                await others.refresh(door.read_clock(), frozenset())
            now = Now.of(door.read_clock())
            for lanes in (others, door.sync.lanes):
                wrong.update(await door.store.run(partial(differing, lanes=lanes, now=now)))
                compared += len(lanes.items)
        await door.kill()

    in_virtual_time(days)
    assert compared > 100
    assert bool(wrong) is deaf
