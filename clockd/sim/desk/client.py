"""The daemon's side of the desk: one connection to `clockd demo`, and a badge reader that hangs on it.

`DeskLink.run` is one task of the daemon. Everything that is sent goes through it; what the desk should show now is
kept, so that a desk that comes late, or comes back, sees it at once. Sounds are moments: they are never made up for.
"""

import asyncio
import threading
from collections.abc import Callable

from msgspec import UnsetType

from clockd.core.feedback import Screen
from clockd.core.model import BadUid, Tap, Uid, Unread
from clockd.core.ports import Display, Picture, ReadClock, TellUnread
from clockd.errors import DeviceMissing
from clockd.sim.desk import wire
from clockd.sim.desk.words import describe

RECONNECT_S = 0.2
"""Between two attempts to reach the desk."""

OPEN_S = 2.0
"""How long a reader waits for the link before it says that there is no desk."""


class DeskLink:
    """One shared connection to the desk. `send_…` return at once and may be called from any thread.

    Args:
        path: the Unix socket of the desk (`reader.socket`, `panel.desk_socket`).
        pressed: called in the loop's thread with the GPIO of each key that is pressed; a press is a moment, the desk
            does not tell the release.
    """

    def __init__(self, path: str, pressed: Callable[[int], None] | None = None) -> None:
        self.path = path
        self.pressed = pressed
        self.tapped: Callable[[str], None] | None = None
        """Takes the identifier of each badge; set by the reader while it runs. Taps that nobody takes are lost."""
        self.up = asyncio.Event()
        """Set while the desk is connected."""
        self.down = asyncio.Event()
        """Set while it is not."""
        self.down.set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._lock = threading.Lock()
        self._shown = wire.Up()
        self._unsent = wire.Up()

    def send_frame(self, bitmap: bytes, size: tuple[int, int]) -> None:
        """Show a picture.

        Args:
            bitmap: one bit per pixel, as Pillow's mode "1" gives it by `tobytes()`.
            size: width and height in pixels.

        Raises:
            ValueError: another size than the desk's display has.
        """
        if size != (wire.WIDTH, wire.HEIGHT) or len(bitmap) != wire.FRAME_BYTES:
            raise ValueError(f"the desk shows {wire.WIDTH}×{wire.HEIGHT}, not {size[0]}×{size[1]}")
        self._send(wire.Up(frame=bitmap))

    def send_screen(self, screen: Screen) -> None:
        """Say in words what the display shows, for people who hear the page."""
        self._send(wire.Up(text=describe(screen)))

    def send_lights(self, *, green: bool, red: bool) -> None:
        """Show both lights."""
        self._send(wire.Up(lights=wire.BothLights(green, red)))

    def send_sound(self, hz: float | None, ms: float | None = None) -> None:
        """Begin a tone; `hz` None is silence, `ms` None lasts until the next call."""
        self._send(wire.Up(sound=None if hz is None else wire.Sound(hz, ms)))

    async def run(self) -> None:
        """Keep the connection; reconnect for ever. Ends by cancellation only, and leaves nothing open."""
        self._loop = asyncio.get_running_loop()
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self.path, limit=wire.DESK_LINE_BYTES)
            except OSError:
                await asyncio.sleep(RECONNECT_S)
                continue
            try:
                await self._talk(reader, writer)
            finally:
                self.up.clear()
                self.down.set()
                writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._lock:
            self._unsent = self._shown
        self._news.set()
        self.down.clear()
        self.up.set()
        sending = asyncio.create_task(self._write(writer), name="desk: write")
        try:
            while text := await reader.readline():
                self._hear(text)
        except (OSError, ValueError):
            pass  # lost, or a line without end: both mean connecting anew
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            with self._lock:
                message, self._unsent = self._unsent, wire.Up()
            if message == wire.Up():
                continue
            writer.write(wire.line(message))
            try:
                await writer.drain()
            except OSError:
                return  # the reading side notices as well, and connects anew

    def _hear(self, text: bytes) -> None:
        message = wire.down(text)
        if message is None:
            return
        if message.tap is not None and self.tapped is not None:
            self.tapped(message.tap)
        if message.press is not None and self.pressed is not None:
            self.pressed(message.press)

    def _send(self, news: wire.Up) -> None:
        with self._lock:
            self._shown = _merged(self._shown, wire.Up(frame=news.frame, text=news.text, lights=news.lights))
            self._unsent = _merged(self._unsent, news)
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._news.set)


def _merged(old: wire.Up, new: wire.Up) -> wire.Up:
    return wire.Up(
        frame=old.frame if new.frame is None else new.frame,
        text=old.text if new.text is None else new.text,
        lights=old.lights if new.lights is None else new.lights,
        sound=old.sound if isinstance(new.sound, UnsetType) else new.sound,
    )


class DeskReader:
    """The badge rack of the page, as a `core.ports.Reader`. The link must be running beside it."""

    def __init__(self, link: DeskLink, read_clock: ReadClock) -> None:
        self._link = link
        self._read_clock = read_clock

    @property
    def kind(self) -> str:
        """As in the configuration."""
        return "desk"

    @property
    def name(self) -> str:
        """The socket of the desk."""
        return self._link.path

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        """See `core.ports.Reader`."""

        def hear(text: str) -> None:
            reading = self._read_clock()
            try:
                uid = Uid.parse(text)
            except BadUid:
                unread(Unread.FOREIGN)
                return
            tapped(Tap(uid, self.kind, reading))

        try:
            async with asyncio.timeout(OPEN_S):
                await self._link.up.wait()
        except TimeoutError:
            raise DeviceMissing(f"no desk at {self.name}", hint="is `clockd demo` running?") from None
        self._link.tapped = hear
        ready()
        try:
            await self._link.down.wait()
        finally:
            self._link.tapped = None
        raise DeviceMissing(f"the desk at {self.name} is gone")


class SpokenDisplay:
    """A display whose screens are told to the desk in words as well; keeps `core.ports.Display`."""

    def __init__(self, display: Display, link: DeskLink) -> None:
        self._display = display
        self._link = link

    def show(self, screen: Screen) -> None:
        """See `core.ports.Display`."""
        self._link.send_screen(screen)
        self._display.show(screen)

    def picture(self) -> Picture | None:
        """See `core.ports.Display`."""
        return self._display.picture()

    async def run(self, ready: Callable[[], None]) -> None:
        """See `core.ports.Display`."""
        await self._display.run(ready)
