"""The nightly look: reports what changed, mends only what is provably ours, makes nothing again."""

import asyncio
from datetime import timedelta
from pathlib import Path

from clockd.core.plan import Policy
from clockd.sim.faults import parse_rules
from clockd.store import view
from tests.flow.house import House, username_of
from tests.flow.test_scenes import HOUR, act, play


async def _three_days(door: House) -> None:
    for _ in range(3):
        for n in range(3):
            await door.tap(n)
            await asyncio.sleep(60)
        await asyncio.sleep(8 * HOUR)
        for n in range(3):
            await door.tap(n)
            await asyncio.sleep(60)
        await asyncio.sleep(24 * HOUR - 8 * HOUR - 360)


async def _findings(door: House) -> list[tuple[str, str]]:
    return [(what, detail) for _, what, detail in await door.store.run(view.findings)]


def test_nothing_to_report_after_good_days(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await _three_days(door)
        await asyncio.sleep(24 * HOUR)
        assert await _findings(door) == []
        assert len(door.booked()) == 9

    play(tmp_path, scene)


def test_lost_and_moved_are_reported_and_not_made_again(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await _three_days(door)
        first, second = door.sim.rows(username_of(0))[:2]
        act(door, act="delete", id=first.id)
        act(door, act="web-edit", id=second.id, end=second.to_local - timedelta(hours=2) if second.to_local else None)
        await asyncio.sleep(24 * HOUR)
        found = await _findings(door)
        assert [what for what, _ in found] == ["gone", "moved"]
        assert str(first.id) in found[0][1]
        assert len(door.booked(0)) == 2

    play(tmp_path, scene)


def test_our_own_surplus_is_deleted_and_a_strangers_row_is_not(tmp_path: Path) -> None:
    """A write that a proxy held for ten minutes comes through after it was repeated."""

    async def scene(door: House) -> None:
        door.link_down = True
        await door.tap(0)
        await door.tap(1)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.tap(1)
        door.sim.front.faults.replace(parse_rules("late:600-601@write*1"))
        door.link_down = False
        await asyncio.sleep(2 * HOUR)
        doubled = next(n for n in (0, 1) if len(door.sim.rows(username_of(n))) == 2)
        alone = 1 - doubled
        row = door.sim.rows(username_of(alone))[0]
        act(door, act="web-create", username=username_of(alone), begin=row.from_local, end=row.to_local)
        assert len(door.booked()) == 4
        await asyncio.sleep(24 * HOUR)
        assert len(door.sim.rows(username_of(doubled))) == 1
        assert len(door.sim.rows(username_of(alone))) == 2
        assert sorted(what for what, _ in await _findings(door)) == ["doubled", "doubled"]

    play(tmp_path, scene, policy=Policy(timer=True))
