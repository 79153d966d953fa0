"""The desk protocol over a real Unix socket: what one side says, the other hears, also after either went away."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec import UNSET

from clockd.core.feedback import KeyArmed, Screen, Starting, UnknownBadge
from clockd.core.model import Reading, Tap, Uid, Unread
from clockd.core.ports import Display, Picture
from clockd.errors import DeviceMissing
from clockd.sim.desk import client, wire
from clockd.sim.desk.client import DeskLink, DeskReader, SpokenDisplay
from clockd.sim.desk.terminal import DeskTerminal

SIZE = (wire.WIDTH, wire.HEIGHT)
WHITE, BLACK = b"\xff" * wire.FRAME_BYTES, b"\0" * wire.FRAME_BYTES


def clock() -> Reading:
    return Reading(datetime(2026, 11, 21, 7, 2, 13, tzinfo=UTC), 100.0, "boot", 1, True)


class Desk:
    """The parent's side, and everything it heard."""

    def __init__(self) -> None:
        self.heard: list[wire.Up | None] = []
        self.news = asyncio.Event()
        self.terminal = DeskTerminal(self._hear)

    def _hear(self, message: wire.Up | None) -> None:
        self.heard.append(message)
        self.news.set()

    async def until(self, seen: Callable[[list[wire.Up | None]], object]) -> None:
        async with asyncio.timeout(10):
            while not seen(self.heard):
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def running(link: DeskLink) -> AsyncIterator[None]:
    task = asyncio.create_task(link.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert link.down.is_set()


@pytest.fixture
def socket(tmp_path: Path) -> Path:
    return tmp_path / "desk.sock"


async def test_taps_reach_the_reader_with_their_moment(socket: Path) -> None:
    desk, link = Desk(), DeskLink(str(socket))
    taps: asyncio.Queue[Tap] = asyncio.Queue()
    ready = asyncio.Event()
    unread: list[Unread] = []
    async with desk.terminal.listening(socket), running(link):
        reading = asyncio.create_task(DeskReader(link, clock).run(taps.put_nowait, ready.set, unread.append))
        async with asyncio.timeout(10):
            await ready.wait()
            link.send_lights(green=False, red=False)
            await desk.until(lambda heard: heard)
            assert desk.terminal.tap("04A1DA51C27F80")
            tap = await taps.get()
        assert isinstance(tap.uid, Uid)
        assert (tap.uid.hex, tap.reader, tap.reading) == ("04A1DA51C27F80", "desk", clock())
        desk.terminal.tap("no badge at all")
        desk.terminal.tap("049C41AE6D7F1E")
        assert (await taps.get()).uid.tail == "7F1E", "what is no badge is skipped"
        assert unread == [Unread.FOREIGN], "and told"
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert link.tapped is None


async def test_a_reader_without_a_desk_says_so(socket: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "OPEN_S", 0.05)
    link = DeskLink(str(socket))
    async with running(link):
        with pytest.raises(DeviceMissing, match="no desk at"):
            await DeskReader(link, clock).run(lambda tap: None, lambda: None, lambda reason: None)


async def test_a_reader_whose_desk_goes_away_is_lost_and_comes_back(socket: Path) -> None:
    link = DeskLink(str(socket))
    async with running(link):
        for _ in range(2):
            desk, ready = Desk(), asyncio.Event()
            async with desk.terminal.listening(socket):
                reading = asyncio.create_task(
                    DeskReader(link, clock).run(lambda tap: None, ready.set, lambda reason: None)
                )
                await asyncio.wait_for(ready.wait(), 10)
            with pytest.raises(DeviceMissing, match="is gone"):
                await reading


async def test_keys_reach_the_daemon(socket: Path) -> None:
    pressed: asyncio.Queue[int] = asyncio.Queue()
    desk, link = Desk(), DeskLink(str(socket), pressed.put_nowait)
    async with desk.terminal.listening(socket), running(link):
        link.send_lights(green=False, red=False)
        await desk.until(lambda heard: heard)
        assert desk.terminal.press(13)
        assert await asyncio.wait_for(pressed.get(), 10) == 13


async def test_a_late_desk_sees_what_is_shown_but_hears_no_old_sound(socket: Path) -> None:
    desk, link = Desk(), DeskLink(str(socket))
    link.send_frame(BLACK, SIZE)
    link.send_frame(WHITE, SIZE)
    link.send_screen(UnknownBadge("7F1E"))
    link.send_lights(green=False, red=True)
    link.send_sound(440, 900)
    async with running(link), desk.terminal.listening(socket):
        await desk.until(lambda heard: heard)
        first = desk.heard[0]
        assert first is not None
        assert first.frame == WHITE
        assert first.text == "Unknown badge, ending in 7 F 1 E. The tap is saved."
        assert first.lights == wire.BothLights(green=False, red=True)
        assert first.sound is UNSET
        link.send_sound(2637, 120)
        link.send_screen(KeyArmed("in"))
        await desk.until(lambda heard: any(up and up.sound == wire.Sound(2637, 120) for up in heard))
        link.send_sound(None)
        await desk.until(lambda heard: any(up and up.sound is None for up in heard))


async def test_a_spoken_display_shows_and_tells(socket: Path) -> None:
    class Screens:
        def __init__(self) -> None:
            self.shown: list[Screen] = []

        def show(self, screen: Screen) -> None:
            self.shown.append(screen)

        def picture(self) -> Picture | None:
            return None

        async def run(self, ready: Callable[[], None]) -> None:
            ready()

    desk, link, screens, ready = Desk(), DeskLink(str(socket)), Screens(), asyncio.Event()
    display: Display = SpokenDisplay(screens, link)
    async with desk.terminal.listening(socket), running(link):
        await display.run(ready.set)
        display.show(Starting())
        await desk.until(lambda heard: any(up and up.text == "Starting." for up in heard))
    assert (screens.shown, ready.is_set()) == ([Starting()], True)


async def test_frames_may_come_from_another_thread(socket: Path) -> None:
    desk, link = Desk(), DeskLink(str(socket))
    async with desk.terminal.listening(socket), running(link):
        await link.up.wait()
        thread = threading.Thread(target=link.send_frame, args=(WHITE, SIZE))
        thread.start()
        await desk.until(lambda heard: any(up and up.frame == WHITE for up in heard))
        thread.join()


async def test_the_desk_goes_dark_with_its_daemon_and_then_hears_no_tap(socket: Path) -> None:
    desk, link = Desk(), DeskLink(str(socket))
    async with desk.terminal.listening(socket):
        async with running(link):
            link.send_frame(WHITE, SIZE)
            await desk.until(lambda heard: heard)
        await desk.until(lambda heard: heard[-1] is None)
        assert not desk.terminal.tap("04A1DA51C27F80")
        assert not desk.terminal.press(5)
    assert not socket.exists()


async def test_the_newest_daemon_owns_the_terminal(socket: Path) -> None:
    desk, old, new = Desk(), DeskLink(str(socket)), DeskLink(str(socket))
    async with desk.terminal.listening(socket):
        stale = asyncio.create_task(old.run())
        await old.up.wait()
        taps: asyncio.Queue[str] = asyncio.Queue()
        new.tapped = taps.put_nowait
        stale.cancel()
        async with running(new):
            new.send_frame(WHITE, SIZE)
            await desk.until(lambda heard: any(up and up.frame == WHITE for up in heard))
            desk.terminal.tap("04A1DA51C27F80")
            assert await asyncio.wait_for(taps.get(), 10) == "04A1DA51C27F80"
            assert desk.heard[-1] is not None, "the old one's end is not the new one's"


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="128×64"):
        DeskLink("/nowhere").send_frame(b"\0" * 512, (64, 64))
    assert wire.up(b'{"frame": "AAAA"}') is None


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"tap": 7}', b'{"press": "in"}', b"\xff\xfe"])
def test_what_is_no_line_says_nothing(text: bytes) -> None:
    assert wire.down(text) is None


def test_lines_as_they_are_written_down() -> None:
    assert wire.line(wire.Down(tap="04A1")) == b'{"tap":"04A1"}\n'
    assert wire.line(wire.Down(press=5)) == b'{"press":5}\n'
    assert wire.line(wire.Up(sound=None)) == b'{"sound":null}\n'
    assert wire.line(wire.Up(lights=wire.BothLights(True, False))) == b'{"lights":{"green":true,"red":false}}\n'
    assert wire.down(b'{"tap": "04A1", "later": 1}') == wire.Down(tap="04A1"), "unknown fields are for later"
