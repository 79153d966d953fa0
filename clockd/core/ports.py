"""The edges of clockd: what a reader, a display, lights and a clock must be.

Real devices, those of the demo's desk and those of the tests all keep what is said here; one suite of tests runs over
all readers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from clockd.core.feedback import Screen, Signal
from clockd.core.model import KeyPress, Reading, Tap, Unread

ReadClock = Callable[[], Reading]
"""Looks at all clocks at once; safe to call from any thread."""


TellUnread = Callable[[Unread], None]
"""Told of each presentation that could not be read, in the event loop's thread."""


class Reader(Protocol):
    """A badge reader.

    `run` opens the device, calls `ready` once it can see badges, then `tapped` once for each *presentation* of a
    badge: a badge left on the reader for a minute is one call where the hardware tells presence (a reader that only
    repeats the identifier may call again; the repeat guard of the terminal is the second line). It calls both in the
    event loop's thread; the reading in the tap is taken in the thread that saw the badge, as early as possible.

    `run` never returns by itself. It raises DeviceError when the device is lost or cannot be opened, leaves nothing
    open behind it, and can be called again. When cancelled it releases the device and its threads within a second.
    A badge that cannot be read (moved too soon, garbled frame, wrong checksum) is no error and no tap; `unread` is told
    why, once for each presentation where the hardware lets that be known, and never for a badge that was read already
    and lies there still.
    """

    @property
    def kind(self) -> str:
        """The kind as in the configuration: pcsc, nfc, keyboard, serial or desk."""

    @property
    def name(self) -> str:
        """Which reader it is, for people: the configured name, path or device; the real one once it is open."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        """Read until the device is lost."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a display shows: pixels that are lit or not."""

    width: int
    height: int
    bits: bytes
    """Row by row, each beginning with a new byte, the leftmost pixel in its highest bit; 1 is lit."""


class Display(Protocol):
    """Something that can show a screen. `run` opens it, shows what it is told, and raises DeviceError when it is lost.

    `show` only notes the newest screen and returns at once: a slow or dead display delays no tap.
    """

    def show(self, screen: Screen) -> None:
        """Make this the screen to be seen; callable at any time, also while the device is away."""

    def picture(self) -> Picture | None:
        """Return what was shown last; None before the first screen was drawn."""

    async def run(self, ready: Callable[[], None]) -> None:
        """Drive the device until it is lost."""


class Lights(Protocol):
    """Lights, buzzer and buttons; the rules for a display hold for them too."""

    def signal(self, signal: Signal) -> None:
        """Start light and sound; a signal that still runs is replaced."""

    async def run(self, pressed: Callable[[KeyPress], None], ready: Callable[[], None]) -> None:
        """Drive the device until it is lost; `pressed` is called in the event loop's thread."""
