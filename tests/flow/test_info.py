"""The info key: what it knows of somebody."""

import asyncio
from pathlib import Path

from clockd.core import feedback
from clockd.core.feedback import Unsettled
from clockd.core.model import Action, Kind, Project
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import House, in_virtual_time, simulator

HOUR = 3600.0


def test_it_tells_week_last_punch_and_what_is_unsent(tmp_path: Path) -> None:
    async def work() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        await door.tap(0)  # Friday at 06:00
        await asyncio.sleep(8 * HOUR)
        await door.tap(0)
        await door.until_settled()
        await asyncio.sleep(16 * HOUR - 1800)
        door.link_down = True
        await door.tap(0)
        await asyncio.sleep(60)
        await door.tap(0, Action.PROJECT, Project("Client 001", "Test"))
        await asyncio.sleep(HOUR - 60)
        screen = await door.tap(0, Action.INFO)
        assert isinstance(screen, feedback.Info)
        assert screen.worked_today_s // 60 == 60
        assert screen.worked_week_s // 60 == 9 * 60
        assert screen.last is not None
        assert (screen.last.kind, f"{screen.last.local:%a %H:%M}") == (Kind.PROJECT, "Sat 05:31")
        assert screen.unsettled == Unsettled(unsent=2, held=0)
        other = await door.tap(1, Action.INFO)
        assert isinstance(other, feedback.Info)
        assert (other.worked_week_s, other.last, other.unsettled) == (0, None, Unsettled(0, 0))
        await door.kill()

    in_virtual_time(work)


def test_what_waits_for_the_office_is_told(tmp_path: Path) -> None:
    async def work() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        await door.tap(0, Action.OUT)  # without an in: held
        await asyncio.sleep(600)
        screen = await door.tap(0, Action.INFO)
        assert isinstance(screen, feedback.Info)
        assert screen.unsettled == Unsettled(unsent=0, held=1)
        await door.kill()

    in_virtual_time(work)


def test_a_forgotten_clock_out_is_no_work(tmp_path: Path) -> None:
    async def work() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        await door.tap(0)  # Friday at 06:00
        await asyncio.sleep(30 * HOUR)
        screen = await door.tap(0, Action.INFO)
        assert isinstance(screen, feedback.Info)
        assert (screen.worked_today_s, screen.worked_week_s) == (0, 0)
        await door.kill()

    in_virtual_time(work)
