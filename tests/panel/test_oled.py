"""A display in a thread of its own: what it shows, what it never delays, how it is lost and comes back."""

import asyncio
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image

from clockd import config
from clockd.core import feedback as fb
from clockd.core.feedback import Screen
from clockd.core.model import Employee
from clockd.core.ports import Display
from clockd.errors import ConfigError, DeviceError, DeviceMissing
from clockd.panel import Absent, open_display, probe_display
from clockd.panel.catalogue import LANGUAGES
from clockd.panel.drawing import draw, pictures
from clockd.panel.fonts import Fonts
from clockd.panel.oled import Canvas, OledPanel, open_frames, turn_s
from tests.panel.screens import CASES, IDLE, NOW, PUNCHED

FONTS = Fonts.find()


def paint(screen: Screen, size: tuple[int, int]) -> tuple[Image.Image, ...]:
    return pictures(screen, LANGUAGES["en"], FONTS, size)


def seen(screen: Screen) -> bytes:
    return paint(screen, (128, 64))[0].tobytes()


class Wall:
    """A canvas for time and faults: it can be slow, and it can break."""

    size = (128, 64)

    def __init__(self) -> None:
        self.shown: list[bytes] = []
        self.dimmed: list[bool] = []
        self.closed: list[bool] = []
        self.opened = 0
        self.broken = False
        self.hangs = threading.Event()
        self.hangs.set()
        """Cleared: the next picture takes until it is set."""
        self.entered = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()

    def open(self) -> Canvas:
        self.opened += 1
        return self

    def put(self, picture: Image.Image) -> None:
        self.entered.set()
        self.hangs.wait()
        if self.broken:
            raise DeviceError("the wall fell down")
        self.shown.append(picture.tobytes())
        self._loop.call_soon_threadsafe(self._news.set)

    def dim(self, dimmed: bool) -> None:
        self.dimmed.append(dimmed)

    def close(self, *, keep: bool) -> None:
        self.closed.append(keep)

    async def showing_count(self, count: int) -> None:
        """Wait until there were so many pictures."""
        async with asyncio.timeout(10):
            while len(self.shown) < count:
                self._news.clear()
                await self._news.wait()

    async def showing(self, screen: Screen) -> None:
        """Wait until this is the last picture."""
        async with asyncio.timeout(10):
            while not self.shown or self.shown[-1] != seen(screen):
                self._news.clear()
                await self._news.wait()


async def running(panel: Display) -> "asyncio.Task[None]":
    ready = asyncio.Event()
    task = asyncio.create_task(panel.run(ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    return task


async def cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_the_desk_gets_the_frames_of_the_display_pixel_for_pixel() -> None:
    frames: list[Image.Image] = []
    loop, news = asyncio.get_running_loop(), asyncio.Event()

    def take(frame: Image.Image) -> None:
        frames.append(frame)
        loop.call_soon_threadsafe(news.set)

    panel = open_display(config.Panel(oled="desk", desk_socket="/x"), "de", frames=take)
    assert panel is not None
    task = await running(panel)
    for name in ("idle", "in-chinese"):
        news.clear()
        panel.show(CASES[name])
        await asyncio.wait_for(news.wait(), 10)
        golden = draw(CASES[name], LANGUAGES["de"], FONTS)
        assert (frames[-1].mode, frames[-1].size, frames[-1].tobytes()) == ("1", (128, 64), golden.tobytes())
    await cancel(task)


async def test_a_screen_told_before_the_display_opens_is_shown() -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint)
    panel.show(fb.Starting())
    task = await running(panel)
    await wall.showing(fb.Starting())
    await cancel(task)


async def test_a_slow_display_delays_nobody_and_shows_only_the_newest() -> None:
    """`show` returns while a picture hangs on the bus; what was told meanwhile is skipped, but for the last."""
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint)
    task = await running(panel)
    wall.hangs.clear()
    panel.show(IDLE)
    await asyncio.to_thread(wall.entered.wait)
    for screen in (*CASES.values(), PUNCHED):
        panel.show(screen)  # would never return if it waited for the display: only the next line lets that go on
    wall.hangs.set()
    await wall.showing(PUNCHED)
    assert wall.shown == [seen(IDLE), seen(PUNCHED)]
    await cancel(task)


LONG = replace(PUNCHED, employee=Employee("m", "Maximiliane Theodora von Sonnenschein-Bergmann"))
TURNS = [turn.tobytes() for turn in paint(LONG, (128, 64))]


async def test_what_is_longer_than_the_display_is_shown_in_turns_until_there_is_something_new() -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint, stays_s=lambda _screen, turns: 0.001 * turns)
    task = await running(panel)
    panel.show(LONG)
    await wall.showing_count(2 * len(TURNS) + 1)
    assert wall.shown[: 2 * len(TURNS) + 1] == [*TURNS, *TURNS, TURNS[0]]
    panel.show(IDLE)
    await wall.showing(IDLE)
    shown = len(wall.shown)
    panel.show(LONG)
    await wall.showing_count(shown + 2)
    assert wall.shown[shown : shown + 2] == TURNS[:2], "the turns begin anew"
    await cancel(task)
    assert wall.closed == [False]


async def test_a_display_that_is_lost_between_two_turns_is_an_error() -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint, stays_s=lambda _screen, _turns: 0.001)
    task = await running(panel)
    panel.show(LONG)
    await wall.showing_count(2)
    wall.broken = True
    with pytest.raises(DeviceError, match="fell down"):
        await asyncio.wait_for(task, 10)


@pytest.mark.parametrize(
    ("screen", "turns", "stays_s"), [(PUNCHED, 2, 2.0), (PUNCHED, 3, 4 / 3), (PUNCHED, 9, 1.0), (IDLE, 2, 2.0)]
)
def test_all_turns_are_seen_before_a_screen_is_over(screen: Screen, turns: int, stays_s: float) -> None:
    assert turn_s(screen, turns) == pytest.approx(stays_s)


async def test_a_lost_display_is_an_error_and_shows_the_last_screen_when_it_is_back() -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint)
    task = await running(panel)
    panel.show(IDLE)
    await wall.showing(IDLE)
    wall.broken = True
    panel.show(PUNCHED)
    with pytest.raises(DeviceError, match="fell down"):
        await asyncio.wait_for(task, 10)
    assert wall.closed == [False]
    wall.broken = False
    task = await running(panel)
    await wall.showing(PUNCHED)
    assert wall.opened == 2
    await cancel(task)


async def test_a_display_that_cannot_be_opened_says_why() -> None:
    def fail() -> Canvas:
        raise DeviceMissing("no wall", hint="build one")

    ready: list[bool] = []
    with pytest.raises(DeviceMissing, match="no wall"):
        await OledPanel("wall", fail, paint).run(lambda: ready.append(True))
    assert ready == []


async def test_the_last_word_stays_on_the_display() -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint)
    task = await running(panel)
    panel.show(PUNCHED)
    await wall.showing(PUNCHED)
    panel.show(fb.Stopped())
    await cancel(task)
    assert wall.shown[-1] == seen(fb.Stopped())
    assert wall.closed == [True]


async def test_the_last_word_is_said_also_when_a_picture_is_still_under_way() -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint)
    task = await running(panel)
    wall.hangs.clear()
    panel.show(PUNCHED)
    await asyncio.to_thread(wall.entered.wait)
    panel.show(fb.Stopped())
    task.cancel()
    await asyncio.sleep(0)  # the cancellation reaches the display while it is busy
    wall.hangs.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wall.shown == [seen(PUNCHED), seen(fb.Stopped())]
    assert wall.closed == [True]


async def test_without_a_last_word_the_display_goes_dark() -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint)
    task = await running(panel)
    panel.show(PUNCHED)
    await wall.showing(PUNCHED)
    await cancel(task)
    assert wall.closed == [False]


async def test_a_display_that_hangs_is_left_behind(caplog: pytest.LogCaptureFixture) -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint)
    task = await running(panel)
    wall.hangs.clear()
    panel.show(IDLE)
    await asyncio.to_thread(wall.entered.wait)
    async with asyncio.timeout(5):  # far more than RELEASE_S; without the limit this would never end
        await cancel(task)
    assert "does not let go" in caplog.text
    again = await running(panel)  # and a new thread takes over
    wall.hangs.set()
    await wall.showing(IDLE)
    await cancel(again)


async def test_a_display_dims_when_nobody_comes_and_shines_for_the_next_one() -> None:
    wall = Wall()
    panel = OledPanel("wall", wall.open, paint)
    task = await running(panel)

    async def show(screen: Screen) -> None:
        panel.show(screen)
        await wall.showing(screen)

    await show(IDLE)
    await show(replace(IDLE, local=NOW + timedelta(minutes=9)))
    assert wall.dimmed == []
    await show(replace(IDLE, local=NOW + timedelta(minutes=10)))
    assert wall.dimmed == [True]
    await show(PUNCHED)
    assert wall.dimmed == [True, False]
    await show(replace(IDLE, local=NOW + timedelta(minutes=11)))
    assert wall.dimmed == [True, False]
    await cancel(task)


async def test_a_mistake_in_drawing_is_a_lost_display_and_not_the_end() -> None:
    def mistaken(screen: Screen, size: tuple[int, int]) -> tuple[Image.Image, ...]:
        raise ZeroDivisionError

    wall = Wall()
    panel = OledPanel("wall", wall.open, mistaken)
    task = await running(panel)
    panel.show(IDLE)
    with pytest.raises(DeviceError, match="cannot draw Idle"):
        await asyncio.wait_for(task, 10)
    assert wall.closed == [False]


async def test_ready_is_said_in_the_loop_once_the_display_is_open() -> None:
    opening = threading.Event()
    threads: list[str] = []

    def open_late() -> Canvas:
        opening.wait()
        return open_frames(lambda frame: None)()

    said = asyncio.Event()

    def ready() -> None:
        threads.append(threading.current_thread().name)
        said.set()

    task = asyncio.create_task(OledPanel("wall", open_late, paint).run(ready))
    await asyncio.sleep(0)
    assert threads == []
    opening.set()
    await asyncio.wait_for(said.wait(), 10)
    assert threads == [threading.current_thread().name]
    await cancel(task)


# --- what the daemon and `clockd check` call ----------------------------------------------------------------------


def test_no_display_is_configured() -> None:
    assert open_display(config.Panel(), "en") is None
    assert probe_display(config.Panel()) is None


def test_a_wrong_font_stops_the_start() -> None:
    with pytest.raises(ConfigError, match=r"panel\.font"):
        open_display(config.Panel(oled="ssd1306", font="/no/such/font"), "en")


async def test_a_display_without_its_library_says_which() -> None:
    absent = Absent(DeviceMissing("x"))
    absent.show(IDLE)
    with pytest.raises(DeviceMissing):
        await absent.run(lambda: None)
