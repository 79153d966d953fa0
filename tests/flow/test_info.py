"""The info key: what it knows of somebody, and how its two pages follow each other."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.feedback import LinkSign, Unsettled
from clockd.core.model import Action, Kind, Project
from clockd.core.ports import Picture
from clockd.flow.face import Face, Signs
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import VIENNA, House, in_virtual_time, simulator

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


@dataclass
class Watched:
    """A display and lights that note what they were told, and when."""

    now_s: Callable[[], float]
    shown: list[tuple[float, feedback.Screen]] = field(default_factory=list)
    signals: list[feedback.Signal] = field(default_factory=list)

    def show(self, screen: feedback.Screen) -> None:
        self.shown.append((self.now_s(), screen))

    def picture(self) -> Picture | None:
        return None

    def signal(self, signal: feedback.Signal) -> None:
        self.signals.append(signal)

    async def run(self, *_: object) -> None:
        raise NotImplementedError


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_second_page_follows_by_itself_unless_somebody_comes(tmp_path: Path, interrupted: bool) -> None:
    async def work() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        watched = Watched(asyncio.get_running_loop().time)
        signs = Signs(LinkSign.OK, reader_ok=True)
        face = Face(watched, watched, door.store, door.read_clock, VIENNA, lambda: signs)
        task = asyncio.create_task(face.run())
        await asyncio.sleep(1)
        watched.shown.clear()
        info = await door.tap(0, Action.INFO)
        assert isinstance(info, feedback.Info)
        face.show(info)
        if interrupted:
            await asyncio.sleep(2)
            face.show(await door.tap(1))
        await asyncio.sleep(20)
        names = [type(screen).__name__ for _, screen in watched.shown]
        if interrupted:
            assert names == ["Info", "Punched", "Idle"]
        else:
            assert names == ["Info", "Info", "Idle"]
            assert watched.shown[1][1] == replace(info, second=True)
            assert watched.signals == [feedback.Signal.AGAIN]
            first_s, second_s, end_s = (at_s for at_s, _ in watched.shown)
            assert min(second_s - first_s, end_s - second_s) >= 3, "a page cannot be read"
        task.cancel()
        await door.kill()

    in_virtual_time(work)
