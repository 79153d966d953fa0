"""What comes over a serial line -> badge identifiers. Pure: bytes and the time go in, frames come out.

Nothing that arrives here can raise or make a buffer grow: a line that is picked up in its middle, is torn by a pause,
is far too long or is no identifier comes out as `Skipped`, and the next good frame is read.
"""

from typing import Protocol

from clockd.core.model import Uid, Unread
from clockd.core.numbers import NumberForm
from clockd.readers.texts import Skipped, Texts

FRAME_PAUSE_S = 1.0
"""A frame whose bytes pause for longer than this is torn; at 9600 baud a whole one takes 15 ms."""
END_PAUSE_S = 0.1
"""So long a silence ends the frame of a reader that never sends an end."""


class Frames(Protocol):
    """A parser of one kind of frame, fed with whatever pieces the line delivers."""

    @property
    def pending(self) -> bool:
        """Whether a frame has begun: `pause` wants to be called while nothing comes."""

    def feed(self, data: bytes, at_s: float) -> list[Uid | Skipped]:
        """Take the next bytes, which arrived at `at_s` (boot time); return the frames that they complete."""

    def pause(self, at_s: float) -> list[Uid | Skipped]:
        """Nothing has come up to `at_s`; return the frame that ends by this."""


class LineFrames:
    """One identifier per line, whatever ends it: CR, LF, ETX, Tab, or nothing but a pause; STX begins one.

    A pause ends a frame only as long as this reader never sent an end: else half a line could be taken for a badge.
    """

    LONGEST_BYTES = 64
    STX = 2
    ENDS = b"\r\n\t\3\0"

    def __init__(self, form: NumberForm = NumberForm.HEX) -> None:
        self._texts = Texts(form)
        self._line = bytearray()
        self._last_s = 0.0
        self._sends_ends = False

    @property
    def pending(self) -> bool:
        """See `Frames`."""
        return bool(self._line)

    def feed(self, data: bytes, at_s: float) -> list[Uid | Skipped]:
        """See `Frames`."""
        frames = self.pause(at_s)
        self._last_s = at_s
        for byte in data:
            if byte in self.ENDS:
                self._sends_ends |= bool(self._line)
                frames += self._ended()
            elif byte == self.STX:
                frames += self._torn()
            elif len(self._line) <= self.LONGEST_BYTES:
                # One byte beyond the longest is kept as the mark of a line that is too long.
                self._line.append(byte)
        return frames

    def pause(self, at_s: float) -> list[Uid | Skipped]:
        """See `Frames`."""
        silent_s = at_s - self._last_s
        if not self._line or silent_s < END_PAUSE_S:
            return []
        if not self._sends_ends and isinstance(self._parse(), Uid):
            return self._ended()
        if silent_s <= FRAME_PAUSE_S:
            return []
        return self._torn() if self._sends_ends else self._ended()

    def _ended(self) -> list[Uid | Skipped]:
        frames = [self._parse()] if self._line else []
        self._line.clear()
        return frames

    def _torn(self) -> list[Uid | Skipped]:
        frames: list[Uid | Skipped] = [Skipped(Unread.TORN)] if self._line else []
        self._line.clear()
        return frames

    def _parse(self) -> Uid | Skipped:
        if len(self._line) > self.LONGEST_BYTES:
            return Skipped(Unread.TOO_LONG)
        try:
            return self._texts.read(self._line.decode("ascii"))
        except UnicodeDecodeError:
            return Skipped(Unread.FOREIGN)


class Rdm6300Frames:
    """Frames of the RDM6300 and its relatives (125 kHz, EM4100).

    STX (02), ten hex digits (the identifier, 5 bytes), two hex digits (the exclusive-or of those bytes), ETX (03).
    Modules that put CR and LF before the ETX are understood as well.
    """

    STX, ETX = 2, 3
    DIGITS = 12

    def __init__(self) -> None:
        self._digits: bytearray | None = None
        """None outside a frame."""
        self._last_s = 0.0
        self._stray_bytes = 0
        """Bytes since the last frame that belong to none."""

    @property
    def pending(self) -> bool:
        """See `Frames`."""
        return self._digits is not None or self._stray_bytes > 0

    def feed(self, data: bytes, at_s: float) -> list[Uid | Skipped]:
        """See `Frames`."""
        frames = self.pause(at_s)
        self._last_s = at_s
        for byte in data:
            if byte == self.STX:
                if self._digits is not None:
                    frames.append(Skipped(Unread.TORN))
                self._digits = bytearray()
                self._stray_bytes = 0
            elif byte in b"\r\n":
                continue
            elif self._digits is None:
                self._stray_bytes = min(self._stray_bytes + 1, self.DIGITS)
            elif byte == self.ETX:
                frames.append(self._parse(bytes(self._digits)))
                self._digits = None
            elif len(self._digits) == self.DIGITS:
                self._digits = None
                frames.append(Skipped(Unread.TOO_LONG))
            else:
                self._digits.append(byte)
        return frames

    def pause(self, at_s: float) -> list[Uid | Skipped]:
        """See `Frames`."""
        if not self.pending or at_s - self._last_s <= FRAME_PAUSE_S:
            return []
        torn = self._digits is not None
        many = self._stray_bytes >= self.DIGITS // 2
        self._digits, self._stray_bytes = None, 0
        return [Skipped(Unread.TORN)] if torn else [Skipped(Unread.FOREIGN)] if many else []

    def _parse(self, digits: bytes) -> Uid | Skipped:
        if not all(digit in b"0123456789ABCDEFabcdef" for digit in digits):
            return Skipped(Unread.FOREIGN)
        if len(digits) != self.DIGITS:
            return Skipped(Unread.LENGTH)
        *identifier, checksum = bytes.fromhex(digits.decode("ascii"))
        for byte in identifier:
            checksum ^= byte
        return Skipped(Unread.CHECKSUM) if checksum else Uid.of(bytes(identifier))
