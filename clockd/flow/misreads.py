"""What a reader could not read is never silent: counted by reason, logged once for each, and told to the person."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from clockd.core import feedback
from clockd.core.model import Reading, Tap, Unread
from clockd.flow.devices import DeviceHealth, Misread

log = logging.getLogger(__name__)

GRACE_S = 0.6
"""A badge that moves is often read with the next try: only what is not read by then is told to the person."""
JUST_READ_S = 1.0
"""A badge that was read so shortly before is the one that is being taken away."""


@dataclass(slots=True)
class Misreads:
    """The misreads of all readers of a door.

    Args:
        show: tells the person; returns at once.
        read_clock: all clocks at once.
    """

    show: Callable[[feedback.Screen, int | None], None]
    read_clock: Callable[[], Reading]
    _read_s: float = float("-inf")
    """When a badge was read last, at any reader."""
    _waits: bool = False
    """Whether the person is told soon."""

    def read(self, health: DeviceHealth, tap: Tap) -> None:
        """Note that a reader has read a badge."""
        self._read_s = tap.reading.boottime_s
        health.read = tap.reading

    def unread(self, health: DeviceHealth, reason: Unread) -> None:
        """Note that a reader saw something that it could not read; tell the person, unless a badge is read at once."""
        reading = self.read_clock()
        before = health.unread.get(reason)
        health.unread[reason] = Misread(1 if before is None else before.count + 1, reading)
        if before is None:
            log.warning("%s: something could not be read: %s (%s)", health.name, reason.value, ADVICE[reason])
        if not self._waits:
            self._waits = True
            asyncio.get_running_loop().call_later(GRACE_S, self._tell, reading.boottime_s)

    def _tell(self, at_s: float) -> None:
        self._waits = False
        if self._read_s < at_s - JUST_READ_S:
            self.show(feedback.NotReadable(), None)


ADVICE = {
    Unread.TORN: "badges are taken away too soon, or the line is bad",
    Unread.LENGTH: "does the reader write the number in another format? clockd badges decode --help",
    Unread.TOO_LONG: "does the reader write more than a number, or at another speed?",
    Unread.FOREIGN: "does the reader write the number in another format, or at another speed?",
    Unread.CHECKSUM: "a long or bad cable, or another device's noise",
    Unread.REFUSED: "a contact card, a bank card or a phone; or the badge is of a kind that this reader cannot read",
    Unread.MUTE: "a card that is worn out, or was put in the wrong way round",
    Unread.LOST: "the machine was too busy to take what the reader typed",
    Unread.GARBLED: "two badges at once, metal behind the reader, or a badge that is worn out",
}
"""What an admin can look at, for each reason."""
