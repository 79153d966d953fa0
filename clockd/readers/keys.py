"""Key events of a reader that types -> badge identifiers. Pure: recorded events can be fed as well as live ones.

A frame is a run of digits that ends with Enter. Key codes are those of the Linux input layer: they name places on a
keyboard, so that no keymap, Caps Lock or Num Lock changes what is read.

Formats:
    hex: the identifier, 4, 5, 7, 8 or 10 bytes, most significant byte first.
    decimal: ten digits, a 32-bit number, most significant byte first: `0001234567` is badge `00 12 D6 87`.
    decimal-reversed: the same number from a reader that counts the badge's bytes the other way round: `87 D6 12 00`.

The ten digits that are printed on many 125 kHz badges (EM4100) are the lower four of their five bytes; a reader that
types them makes a four-byte identifier that differs from what a serial reader says of the same badge.
"""

from dataclasses import dataclass
from enum import StrEnum

from clockd.core.model import BadUid, Uid
from clockd.readers.frames import Skipped

EV_SYN, EV_KEY = 0x00, 0x01
SYN_DROPPED = 3
PRESS = 1
"""The value of a key that goes down; 0 is up, 2 the automatic repeat of a key held."""

ENTER = frozenset({28, 96})
"""Of the letters and of the keypad."""

SILENT_KEYS = frozenset({29, 42, 54, 56, 58, 69, 97, 100, 125, 126})
"""Ctrl, Shift, Alt, Caps Lock, Num Lock, Meta: part of how a reader types, not of what."""

DIGIT = (
    dict(zip((11, 2, 3, 4, 5, 6, 7, 8, 9, 10), "0123456789", strict=True))
    | dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True))  # the keypad
    | dict(zip((30, 48, 46, 32, 18, 33), "ABCDEF", strict=True))
)

KEY_PAUSE_S = 0.5
"""Keys further apart than this are not of one frame: readers type one every few milliseconds."""
LONGEST = 20
"""Digits of the longest identifier, 10 bytes in hex."""
DECIMAL_DIGITS = 10


class Format(StrEnum):
    """How a reader writes the identifier (`format` in a `[[reader]]`)."""

    HEX = "hex"
    DECIMAL = "decimal"
    DECIMAL_REVERSED = "decimal-reversed"


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One event of the input layer."""

    type: int
    code: int
    value: int
    at_s: float
    """When it happened, on any clock that never steps."""


class KeyFrames:
    """Collects key events and returns a frame with each Enter.

    A foreign key, too many digits or events that the kernel dropped spoil the frame; what follows is ignored up to the
    next Enter or pause.
    """

    def __init__(self, written: Format) -> None:
        self._written = written
        self._digits = ""
        self._spoiled = ""
        """Why what is being typed can be no badge; empty as long as it can."""
        self._last_s = 0.0

    def feed(self, key: KeyEvent) -> Uid | Skipped | None:
        """Take the next event; None as long as no frame has ended."""
        if key.type == EV_SYN and key.code == SYN_DROPPED:
            self._spoiled = "keys were lost"
            self._last_s = key.at_s
            return None
        if key.type != EV_KEY or key.value != PRESS or key.code in SILENT_KEYS:
            return None
        torn = self._pause_before(key)
        if key.code in ENTER:
            frame = self._parse()
            self._begin()
            return frame or torn
        if key.code not in DIGIT:
            self._spoiled = "a key that is no digit"
        elif len(self._digits) == LONGEST:
            self._spoiled = "too long"
        else:
            self._digits += DIGIT[key.code]
        return torn

    def _pause_before(self, key: KeyEvent) -> Skipped | None:
        paused = key.at_s - self._last_s > KEY_PAUSE_S and bool(self._digits or self._spoiled)
        if paused:
            self._begin()
        self._last_s = key.at_s
        return Skipped("torn by a pause") if paused else None

    def _begin(self) -> None:
        self._digits = self._spoiled = ""

    def _parse(self) -> Uid | Skipped | None:
        if self._spoiled:
            return Skipped(self._spoiled)
        if not self._digits:
            return None
        if self._written is Format.HEX:
            return _of_hex(self._digits)
        return _of_decimal(self._digits, reverse=self._written is Format.DECIMAL_REVERSED)


def _of_hex(digits: str) -> Uid | Skipped:
    try:
        return Uid.parse(digits)
    except BadUid as error:
        return Skipped(str(error))


def _of_decimal(digits: str, *, reverse: bool) -> Uid | Skipped:
    if len(digits) != DECIMAL_DIGITS or not digits.isdecimal():
        return Skipped(f"not {DECIMAL_DIGITS} decimal digits")
    number = int(digits)
    if number >= 1 << 32:
        return Skipped("more than 32 bits")
    return Uid.of(number.to_bytes(4, "little" if reverse else "big"))
