"""What the panel shows when: a second page, and a dark display that a tap wakes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.feedback import LinkSign
from clockd.core.model import Action, Reading
from clockd.core.ports import Picture
from clockd.flow.face import Face, Introduction, Signs
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import VIENNA, House, in_virtual_time, simulator


@dataclass
class Watched:
    """A display and lights that note what they were told, and when."""

    now_s: Callable[[], float]
    shown: list[tuple[float, feedback.Screen]] = field(default_factory=list)
    signals: list[feedback.Signal] = field(default_factory=list)

    @property
    def seen(self) -> feedback.Screen:
        """What the display shows now."""
        return self.shown[-1][1]

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


@pytest.mark.parametrize("first_s", [1.0, 10.0])
def test_a_code_that_was_used_is_shown_no_longer_on_neither_page(tmp_path: Path, first_s: float) -> None:
    async def work() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        watched = Watched(asyncio.get_running_loop().time)
        signs = Signs(LinkSign.OK, reader_ok=True)
        face = Face(watched, watched, door.store, door.read_clock, VIENNA, lambda: signs)
        task = asyncio.create_task(face.run())
        info = await door.tap(0, Action.INFO)
        assert isinstance(info, feedback.Info)
        face.show(replace(info, code="123456"))
        await asyncio.sleep(first_s)
        face.code_used("123456")
        await asyncio.sleep(1)
        assert isinstance(watched.seen, feedback.Idle)
        task.cancel()
        await door.kill()

    in_virtual_time(work)


@pytest.mark.parametrize("signs", [Signs(LinkSign.PAUSED, True, key_refused=True), Signs(LinkSign.OK, True)])
def test_a_new_terminal_says_what_it_lacks_until_somebody_taps(tmp_path: Path, signs: Signs) -> None:
    """With nothing missing it is as every other; and after the first tap too."""

    async def work() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        watched = Watched(asyncio.get_running_loop().time)
        introduction = Introduction("front-door", lambda: "10.0.0.7")
        face = Face(watched, watched, door.store, door.read_clock, VIENNA, lambda: signs, (), introduction)
        face.ready()
        task = asyncio.create_task(face.run())
        await asyncio.sleep(1)
        if signs.key_refused:
            assert watched.seen == feedback.NewTerminal("front-door", "10.0.0.7", feedback.StillMissing.KEY)
        else:
            assert isinstance(watched.seen, feedback.Idle)
        face.show(await door.tap(1))
        await asyncio.sleep(20)
        assert isinstance(watched.seen, feedback.Idle)
        task.cancel()
        await door.kill()

    in_virtual_time(work)


Night = Callable[[House, Face, Watched], Awaitable[None]]


def with_a_face(folder: Path, night: Night, *, reader_ok: bool = True, trusted: bool = True) -> None:
    """The display sleeps from 18:00 to 06:30; the house begins at 06:00."""

    async def work() -> None:
        door = House(folder, simulator(profile_named("strict")))
        await door.start()
        watched = Watched(asyncio.get_running_loop().time)
        signs = Signs(LinkSign.OK, reader_ok=reader_ok)
        sleeps = ((time(18, 0), time(6, 30)),)

        def clocks() -> Reading:
            return replace(door.read_clock(), trusted=trusted)

        face = Face(watched, watched, door.store, clocks, VIENNA, lambda: signs, sleeps)
        face.ready()
        task = asyncio.create_task(face.run())
        await asyncio.sleep(1)
        await night(door, face, watched)
        task.cancel()
        await door.kill()

    in_virtual_time(work)


def test_a_display_sleeps_by_its_schedule_and_wakes_on_a_tap_and_a_key(tmp_path: Path) -> None:
    async def night(door: House, face: Face, watched: Watched) -> None:
        seen = [type(watched.seen)]
        face.show(await door.tap(0))
        seen.append(type(watched.seen))
        await asyncio.sleep(20)
        seen.append(type(watched.seen))
        face.show(feedback.KeyArmed("in"))
        seen.append(type(watched.seen))
        await asyncio.sleep(29 * 60)
        seen.append(type(watched.seen))
        await asyncio.sleep(2 * 60)  # it is half past six
        seen.append(type(watched.seen))
        asleep = feedback.Asleep
        assert seen == [asleep, feedback.Punched, asleep, feedback.KeyArmed, asleep, feedback.Idle]

    with_a_face(tmp_path, night)


@pytest.mark.parametrize(("reader_ok", "trusted"), [(False, True), (True, False)])
def test_a_display_that_has_to_say_something_does_not_sleep(tmp_path: Path, reader_ok: bool, trusted: bool) -> None:
    async def night(door: House, face: Face, watched: Watched) -> None:
        assert isinstance(watched.seen, feedback.Idle)

    with_a_face(tmp_path, night, reader_ok=reader_ok, trusted=trusted)
