"""A display in a thread of its own: a tap waits for no pixel.

`OledPanel.show` leaves the newest screen behind; the thread draws it when the last one is out. What it draws on is a
`Canvas`: a luma device (`clockd.panel.luma_device`), or a function that takes each frame, as the demo's page does.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Protocol

from PIL import Image

from clockd.core.feedback import Idle, Screen, Stopped, hold_s
from clockd.core.ports import Picture
from clockd.core.sentence import sentence
from clockd.errors import DeviceError

log = logging.getLogger(__name__)

RELEASE_S = 0.9
"""How long a cancelled display may take to show its last screen and let go of its device."""
DIM_AFTER = timedelta(minutes=10)
"""An idle display is dimmed after this long: nobody stands there, and an OLED ages with its light."""
_LONGEST_TURN_S = 2.0
_SHORTEST_TURN_S = 1.0
"""Nobody reads a line in less."""


class Canvas(Protocol):
    """An open display. All calls come from one thread, and any may raise DeviceError."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""

    def put(self, picture: Image.Image) -> None:
        """Show a picture of that size, mode 1; returns when it is out."""

    def dim(self, dimmed: bool) -> None:
        """Shine less, or normally again."""

    def close(self, *, keep: bool) -> None:
        """Let go of the device; with `keep` the last picture stays, else the display goes dark. Never raises."""


Paint = Callable[[Screen, tuple[int, int]], Sequence[Image.Image]]
"""Draws a screen for a display of some size: the pictures that are shown one after the other, again and again."""


def turn_s(screen: Screen, turns: int) -> float:
    """Say how many seconds each of some pictures of one screen stays: all of them are seen before it is over."""
    return min(_LONGEST_TURN_S, max(_SHORTEST_TURN_S, hold_s(screen) / turns))


class FrameCanvas:
    """A canvas that hands each frame to a function: the demo's page, or a test."""

    def __init__(self, take: Callable[[Image.Image], None], size: tuple[int, int] = (128, 64)) -> None:
        self.size = size
        self._take = take

    def put(self, picture: Image.Image) -> None:
        """Hand a frame over."""
        self._take(picture)

    def dim(self, dimmed: bool) -> None:
        """A page has no backlight."""

    def close(self, *, keep: bool) -> None:
        """Nothing is open."""


def open_frames(take: Callable[[Image.Image], None], size: tuple[int, int] = (128, 64)) -> Callable[[], Canvas]:
    """Make an opener whose display is a function. It is called in the display's thread, with mode 1 pictures."""
    return lambda: FrameCanvas(take, size)


class OledPanel:
    """A display; keeps `clockd.core.ports.Display`.

    Args:
        name: which one, for people and logs.
        open_canvas: opens the device; may raise DeviceError, may block.
        paint: draws.
        stays_s: how long one of several pictures of a screen stays.
    """

    def __init__(
        self,
        name: str,
        open_canvas: Callable[[], Canvas],
        paint: Paint,
        *,
        stays_s: Callable[[Screen, int], float] = turn_s,
    ) -> None:
        self.name = name
        self._open = open_canvas
        self._paint = paint
        self._stays_s = stays_s
        self._news = threading.Condition()
        self._screen: Screen | None = None
        self._count = 0
        """Screens told so far; says whether one is new."""
        self.drawn: Picture | None = None
        """What was put onto the device last."""

    def show(self, screen: Screen) -> None:
        """See `clockd.core.ports.Display.show`; callable from any thread."""
        with self._news:
            self._screen = screen
            self._count += 1
            self._news.notify_all()

    def picture(self) -> Picture | None:
        """See `clockd.core.ports.Display.picture`."""
        return self.drawn

    async def run(self, ready: Callable[[], None]) -> None:
        """See `clockd.core.ports.Display.run`.

        Raises:
            DeviceError: the display cannot be opened or is lost. A later run shows the newest screen again.
        """
        work = _Work(self, ready)
        # A daemon thread, and not an executor's: a display that hangs on its bus must not keep the process alive.
        thread = threading.Thread(target=work.run, name=f"display-{self.name}", daemon=True)
        thread.start()
        try:
            # asyncio.wait, and not the future itself: a cancellation must not cancel what the thread has to say
            await asyncio.wait({work.ended})
            work.ended.result()
        finally:
            with self._news:
                work.stopping = True
                self._news.notify_all()
            if not work.ended.done():
                await asyncio.wait({work.ended}, timeout=RELEASE_S)
            if work.ended.done():
                thread.join()
                work.ended.exception()  # marks it as seen: after a cancellation nobody else asks
            else:
                log.warning("the display %s does not let go of its device; its thread is left behind", self.name)

    def _next(self, seen: int, work: "_Work") -> tuple[int, Screen | None]:
        """Wait until there is something new to draw; None when there is nothing and the work must end."""
        self._is_over(seen, work, None)
        with self._news:
            return self._count, self._screen if self._count != seen else None

    def _is_over(self, seen: int, work: "_Work", within_s: float | None) -> bool:
        """Wait, for so long at most, and say whether there is something new to draw or the work must end."""
        with self._news:
            return self._news.wait_for(lambda: self._count != seen or work.stopping, within_s)


class _Work:
    """One opening of the display, in its thread."""

    def __init__(self, panel: OledPanel, ready: Callable[[], None]) -> None:
        self._panel = panel
        self._ready = ready
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        """In the loop: done when the thread has let go of the device; holds its error."""
        self.stopping = False
        self._calm_since: datetime | None = None
        self._dimmed = False

    def run(self) -> None:
        error: BaseException | None = None
        try:
            self._show_all()
        except Exception as raised:  # noqa: BLE001 - no error may die with the thread; `OledPanel.run` raises it
            error = raised
        self._post(lambda: self._finish(error))

    def _show_all(self) -> None:
        canvas = self._panel._open()
        keep = False
        try:
            self._post(self._say_ready)
            seen, screen = self._panel._next(0, self)
            while screen is not None:
                keep = isinstance(screen, Stopped)
                self._show(canvas, screen, seen)
                seen, screen = self._panel._next(seen, self)
        finally:
            canvas.close(keep=keep)

    def _show(self, canvas: Canvas, screen: Screen, seen: int) -> None:
        """Show a screen; where it has several pictures, one after the other until there is something new."""
        try:
            pictures = self._panel._paint(screen, canvas.size)
        except Exception as error:
            # The mistake would be ours; a door whose display stays dark still records, and the log says why.
            raise DeviceError(sentence("the display cannot draw {screen}", screen=type(screen).__name__)) from error
        dimmed = self._is_calm(screen)
        if dimmed != self._dimmed:
            canvas.dim(dimmed)
            self._dimmed = dimmed
        for picture in cycle(pictures):
            canvas.put(picture)
            self._panel.drawn = Picture(*picture.size, picture.tobytes())
            if len(pictures) == 1 or self._panel._is_over(seen, self, self._panel._stays_s(screen, len(pictures))):
                return

    def _is_calm(self, screen: Screen) -> bool:
        """Whether nobody has been there for long; told by the idle screens' own times."""
        if not isinstance(screen, Idle):
            self._calm_since = None
            return False
        if self._calm_since is None or screen.local < self._calm_since:
            self._calm_since = screen.local
        return screen.local - self._calm_since >= DIM_AFTER

    def _say_ready(self) -> None:
        if not self.stopping:
            self._ready()

    def _finish(self, error: BaseException | None) -> None:
        if error is not None:
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)

    def _post(self, call: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: the process ends, and nobody listens any more
            log.debug("display %s: the event loop is gone", self._panel.name)
