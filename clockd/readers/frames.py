"""What comes over a serial line -> badge identifiers. Pure: bytes and the time go in, frames come out.

Nothing that arrives here can raise or make a buffer grow: a line that is picked up in its middle, is torn by a pause,
is far too long or is no identifier comes out as `Skipped`, and the next good frame is read.
"""

from dataclasses import dataclass
from typing import Protocol

from clockd.core.model import BadUid, Uid

FRAME_PAUSE_S = 1.0
"""A frame whose bytes pause for longer than this is torn; at 9600 baud a whole one takes 15 ms."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A frame that is no badge. `reason` never repeats what was in it."""

    reason: str


class Frames(Protocol):
    """A parser of one kind of frame, fed with whatever pieces the line delivers."""

    def feed(self, data: bytes, at_s: float) -> list[Uid | Skipped]:
        """Take the next bytes, which arrived at `at_s` (boot time); return the frames that they complete."""


class LineFrames:
    """One identifier in hex per line, ended by CR, LF or both; separators and a leading 0x are allowed."""

    LONGEST_BYTES = 64

    def __init__(self) -> None:
        self._line = bytearray()
        self._last_s = 0.0

    def feed(self, data: bytes, at_s: float) -> list[Uid | Skipped]:
        """See `Frames`."""
        frames: list[Uid | Skipped] = []
        if self._line and at_s - self._last_s > FRAME_PAUSE_S:
            self._line.clear()
            frames.append(Skipped("torn by a pause"))
        self._last_s = at_s
        for byte in data:
            if byte not in b"\r\n":
                # One byte beyond the longest is kept as the mark of a line that is too long.
                if len(self._line) <= self.LONGEST_BYTES:
                    self._line.append(byte)
            elif self._line:
                frames.append(self._parse(bytes(self._line)))
                self._line.clear()
        return frames

    def _parse(self, line: bytes) -> Uid | Skipped:
        if len(line) > self.LONGEST_BYTES:
            return Skipped(f"longer than {self.LONGEST_BYTES} bytes")
        try:
            return Uid.parse(line.strip(b"\0\2\3 \t").decode("ascii"))
        except UnicodeDecodeError:
            return Skipped("not ASCII")
        except BadUid as error:
            return Skipped(str(error))


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

    def feed(self, data: bytes, at_s: float) -> list[Uid | Skipped]:
        """See `Frames`."""
        frames: list[Uid | Skipped] = []
        if self._digits is not None and at_s - self._last_s > FRAME_PAUSE_S:
            self._digits = None
            frames.append(Skipped("torn by a pause"))
        self._last_s = at_s
        for byte in data:
            if byte == self.STX:
                if self._digits is not None:
                    frames.append(Skipped("begins anew in its middle"))
                self._digits = bytearray()
            elif self._digits is None or byte in b"\r\n":
                continue
            elif byte == self.ETX:
                frames.append(self._parse(bytes(self._digits)))
                self._digits = None
            elif len(self._digits) == self.DIGITS:
                self._digits = None
                frames.append(Skipped("too long"))
            else:
                self._digits.append(byte)
        return frames

    def _parse(self, digits: bytes) -> Uid | Skipped:
        if len(digits) != self.DIGITS:
            return Skipped("too short")
        if not all(digit in b"0123456789ABCDEFabcdef" for digit in digits):
            return Skipped("not hexadecimal")
        *identifier, checksum = bytes.fromhex(digits.decode("ascii"))
        for byte in identifier:
            checksum ^= byte
        return Skipped("wrong checksum") if checksum else Uid.of(bytes(identifier))
