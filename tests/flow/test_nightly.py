"""The nightly look: reports what changed, mends only what is provably ours, makes nothing again."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.flow.nightly import Nightly
from clockd.sim.faults import parse_rules
from clockd.store import view
from tests.flow.house import VIENNA, House, username_of
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


@pytest.mark.parametrize("after_s", [0.0, 7.0])
def test_our_own_surplus_is_deleted_and_a_strangers_row_is_not(tmp_path: Path, after_s: float) -> None:
    """A write that a proxy held for ten minutes comes through after it was repeated. On the minute a person may have
    written the same: then it is only told.
    """

    async def scene(door: House) -> None:
        door.link_down = True
        await asyncio.sleep(after_s)
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
        assert len(door.sim.rows(username_of(doubled))) == (1 if after_s else 2)
        assert len(door.sim.rows(username_of(alone))) == 2
        assert sorted(what for what, _ in await _findings(door)) == ["doubled", "doubled"]
        for row in door.sim.rows(username_of(doubled))[1:]:
            act(door, act="delete", id=row.id)  # a person does it

    play(tmp_path, scene)


@dataclass(slots=True)
class Noted(Nightly):
    """Only notes when it would look."""

    looked: list[datetime] = field(default_factory=list)

    async def look(self) -> bool:
        self.looked.append(self.line.read_clock().wall_at.astimezone(self.zone))
        return True


def _when(tmp_path: Path, begin_at: datetime, step_h: float, after_h: float) -> list[str]:
    """When it looks in four days, with a step of the clock some hours after the start."""
    looked: list[datetime] = []

    async def scene(door: House) -> None:
        nightly = Noted(door.store, door.line, door.reconcile, door.sync.codec, door.policy, VIENNA, 7, looked)
        task = asyncio.create_task(nightly.run())
        await asyncio.sleep(after_h * HOUR)
        door.begin_at += timedelta(hours=step_h)
        await asyncio.sleep(4 * 24 * HOUR)
        task.cancel()

    play(tmp_path, scene, begin_at=begin_at, online=False)
    return [f"{at:%d %H:%M}" for at in looked]


@pytest.mark.parametrize("after_h", [1.0, 5.3, 9.2])
@pytest.mark.parametrize("step_h", [-9.0, -2.0, 2.0, 7.0])
def test_a_clock_that_is_set_leads_it_to_no_other_hour(tmp_path: Path, step_h: float, after_h: float) -> None:
    looked = _when(tmp_path, datetime(2026, 11, 20, 9, 20, tzinfo=UTC), step_h, after_h)
    assert len(looked) >= 4
    assert {at[3:] for at in looked[1:]} == {"03:07"}
    assert "03:07" <= looked[0][3:] < "04:07"  # set while it slept, it wakes within the hour
    assert [int(at[:2]) for at in looked] == list(range(int(looked[0][:2]), 25))[: len(looked)]


def test_a_clock_that_is_set_to_beyond_the_hour_leads_it_to_the_next_night(tmp_path: Path) -> None:
    looked = _when(tmp_path, datetime(2026, 11, 20, 20, 0, tzinfo=UTC), 7.0, 5.6)
    assert looked[:3] == ["22 03:07", "23 03:07", "24 03:07"]


@pytest.mark.parametrize(("month", "day"), [(3, 27), (10, 23)])
def test_in_the_nights_of_the_clock_change_it_looks_once_and_at_its_hour(tmp_path: Path, month: int, day: int) -> None:
    looked = _when(tmp_path, datetime(2026, month, day, 11, 0, tzinfo=UTC), 0.0, 1.0)
    assert looked == [f"{day + n} 03:07" for n in range(1, 5)]
