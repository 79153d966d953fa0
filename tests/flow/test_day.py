"""Days at a door: what the tracker holds afterwards, at the live edge and after the network was away."""

import asyncio
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.model import Action
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import House, in_virtual_time, simulator

PROFILES = ["strict", "alt"]


def house(folder: Path, profile: str, **options: object) -> House:
    return House(folder, simulator(profile_named(profile)), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", ["strict"])
def test_taps_at_the_live_edge_are_timers(tmp_path: Path, profile: str) -> None:
    async def day() -> None:
        door = house(tmp_path, profile)
        await door.start()
        await door.tap(0)
        await door.tap(1)
        await asyncio.sleep(60)
        assert door.booked() == [("user000", "20 06:00:00", ""), ("user001", "20 06:00:00", "")]
        await asyncio.sleep(3540)
        assert isinstance(await door.tap(0), feedback.Punched)
        await door.until_settled()
        assert door.booked() == [("user000", "20 06:00:00", "20 07:00:00"), ("user001", "20 06:00:00", "")]
        await door.kill()

    in_virtual_time(day)


def test_a_backlog_of_closed_intervals_takes_one_request_each(tmp_path: Path) -> None:
    async def day() -> None:
        door = house(tmp_path, "strict", online=False)
        await door.start()
        for _ in range(10):
            await door.tap(0)
            await asyncio.sleep(1800)
            await door.tap(0)
            await asyncio.sleep(1800)
        door.go_online()
        await door.until_settled()
        assert len(door.booked(0)) == 10
        writes = [request for _, request, _ in door.requests if request.writes]
        assert len(writes) == 10
        assert len(door.requests) <= 11
        await door.kill()

    in_virtual_time(day)


def test_undo_at_the_door(tmp_path: Path) -> None:
    async def day() -> None:
        door = house(tmp_path, "strict")
        await door.start()
        await door.tap(0)
        await asyncio.sleep(15)
        assert len(door.booked(0)) == 1
        assert isinstance(await door.tap(0, Action.UNDO), feedback.Undone)
        await door.until_settled()
        assert door.booked(0) == []
        assert [delivery.state for _, delivery in await door.deliveries()] == ["void"]
        await door.kill()

    in_virtual_time(day)
