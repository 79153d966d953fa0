"""Key events of a reader that types -> badge identifiers or PINs. Pure: recorded events do as well as live ones.

A frame is a run of keys that ends with Enter, Tab or the arrow down, or, at a reader that types no end at all, with a
pause. Key codes are those of the Linux input layer: they name places on a keyboard, so that no keymap, Caps Lock or Num
Lock of this machine changes what is read. A reader that was set up for another country's keyboard presses other places;
`Layout` says which.
"""

from dataclasses import dataclass
from enum import StrEnum

from clockd.core.model import PIN_DIGITS, Pin, Uid, Unread
from clockd.core.numbers import NumberForm
from clockd.readers.texts import Skipped, Texts

EV_SYN, EV_KEY = 0x00, 0x01
SYN_DROPPED = 3
PRESS = 1
"""The value of a key that goes down; 0 is up, 2 the automatic repeat of a key held."""
UP = 0

ENTER = frozenset({28, 96})
"""Of the letters and of the keypad."""
END_KEYS = ENTER | {15, 108}
"""Tab and the arrow down as well: readers move on to the next cell with them."""
SHIFT = frozenset({42, 54})
SILENT_KEYS = frozenset({29, 56, 58, 69, 97, 100, 125, 126}) | SHIFT
"""Ctrl, Shift, Alt, Caps Lock, Num Lock, Meta: part of how a reader types, not of what."""
BACKSPACE, ESCAPE, DELETE, PAD_STAR = 14, 1, 111, 55

TOP_ROW = dict(zip((11, 2, 3, 4, 5, 6, 7, 8, 9, 10), "0123456789", strict=True))
PAD = dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73), "0123456789", strict=True))
LETTERS = dict(zip((*range(16, 26), *range(30, 39), *range(44, 51)), "QWERTYUIOPASDFGHJKLZXCVBNM", strict=True))
SIGN_KEYS = {57: " ", 12: "-", 13: "=", 39: ":", 40: "'", 51: ",", 52: ".", 53: "-", 43: "#", 86: "<"}
PAD_SIGN_KEYS = {74: "-", 78: "+", 83: ".", 98: "/", 55: "*", 117: "=", 121: ",", 95: ","}

DIGIT = TOP_ROW | PAD | {code: letter for code, letter in LETTERS.items() if letter in "ABCDEF"}
"""What a keyboard must have to be such a reader: digits, of hexadecimal numbers as well."""

KEY_PAUSE_S = 0.5
"""Keys further apart than this are not of one frame: readers type one every few milliseconds."""
TYPED_PAUSE_S = 0.25
"""So long a silence ends the frame of a reader that never types an end."""
PIN_PAUSE_S = 10.0
"""Who types a PIN and pauses for longer begins anew."""
LONGEST = 48
"""Characters of the longest frame: ten bytes in hex with signs between them, and a label."""


class Layout(StrEnum):
    """The keyboard for which a reader was set up (`layout` in a `[[reader]]`)."""

    AUTO = "auto"
    """Digits are digits with and without Shift; where an A would be typed on a French keyboard is an A."""
    US = "us"
    DE = "de"
    FR = "fr"


_SHIFTED_SIGN = {Layout.US: {39: ":", 53: "?"}, Layout.DE: {52: ":", 51: ";", 12: "?", 8: "/", 11: "="}}
_FRENCH = {16: "A", 30: "Q", 17: "Z", 44: "W", 39: "M", 50: ",", 51: ";", 52: ":", 53: "!"}


def character(code: int, layout: Layout, *, shifted: bool) -> str | None:
    """Return what a key types; None for a key that types nothing."""
    if code in PAD or code in PAD_SIGN_KEYS:
        return (PAD | PAD_SIGN_KEYS)[code]
    match layout:
        case Layout.FR:
            if code in TOP_ROW:
                return TOP_ROW[code] if shifted else "-"
            return _FRENCH.get(code) or LETTERS.get(code) or SIGN_KEYS.get(code)
        case Layout.US | Layout.DE:
            if shifted and (code in TOP_ROW or code in SIGN_KEYS):
                return _SHIFTED_SIGN[layout].get(code, "-")
            letter = LETTERS.get(code)
            if layout is Layout.DE and letter is not None:
                letter = {"Y": "Z", "Z": "Y"}.get(letter, letter)
            return TOP_ROW.get(code) or letter or SIGN_KEYS.get(code)
        case Layout.AUTO:
            letter = LETTERS.get(code)
            return TOP_ROW.get(code) or ("A" if letter == "Q" else letter) or SIGN_KEYS.get(code)


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """One event of the input layer."""

    type: int
    code: int
    value: int
    at_s: float
    """When it happened, on any clock that never steps."""


class KeyFrames:
    """Collects key events and returns a frame with each end.

    A foreign key, too many keys or events that the kernel dropped spoil the frame; what follows is ignored up to the
    next end or pause. A pause ends a good frame only as long as this reader never typed an end.
    """

    def __init__(self, written: NumberForm, layout: Layout = Layout.AUTO) -> None:
        self._texts = Texts(written)
        self._layout = layout
        self._text = ""
        self._spoiled: Unread | None = None
        """Why what is being typed can be no badge; None as long as it can."""
        self._last_s = 0.0
        self._shifted = False
        self._types_ends = False

    @property
    def pending(self) -> bool:
        """Whether a frame has begun: `pause` wants to be called while nothing comes."""
        return bool(self._text or self._spoiled)

    def feed(self, key: KeyEvent) -> Uid | Pin | Skipped | None:
        """Take the next event; None as long as no frame has ended."""
        if key.type == EV_SYN and key.code == SYN_DROPPED:
            self._spoiled, self._shifted = Unread.LOST, False
            self._last_s = key.at_s
            return None
        if key.type == EV_KEY and key.code in SHIFT:
            self._shifted = key.value != UP
        if key.type != EV_KEY or key.value != PRESS or key.code in SILENT_KEYS:
            return None
        before = self._pause_before(key.at_s)
        if key.code in END_KEYS:
            self._types_ends = True
            return self._parse() or before
        text = character(key.code, self._layout, shifted=self._shifted)
        if text is None:
            self._spoiled = self._spoiled or Unread.FOREIGN
        elif len(self._text) == LONGEST:
            self._spoiled = self._spoiled or Unread.TOO_LONG
        else:
            self._text += text
        return before

    def pause(self, at_s: float) -> Uid | Pin | Skipped | None:
        """Nothing was typed up to `at_s`; return the frame that ends by this."""
        if at_s - self._last_s <= TYPED_PAUSE_S or not self.pending:
            return None
        if not self._types_ends and self._spoiled is None and isinstance(self._texts.read(self._text), Uid):
            return self._parse()
        return self._pause_before(at_s)

    def _pause_before(self, at_s: float) -> Uid | Skipped | None:
        paused = at_s - self._last_s > KEY_PAUSE_S and self.pending
        last_s, self._last_s = self._last_s, at_s
        if not paused:
            return None
        if not self._types_ends and at_s - last_s > TYPED_PAUSE_S and (frame := self._parse()):
            return frame
        self._begin()
        return Skipped(Unread.TORN)

    def _begin(self) -> None:
        self._text, self._spoiled = "", None

    def _parse(self) -> Uid | Skipped | None:
        text, spoiled = self._text, self._spoiled
        self._begin()
        if spoiled:
            return Skipped(spoiled)
        return self._texts.read(text) if text.strip() else None


class PinFrames:
    """The keys of a PIN pad: digits and Enter; the last one or all of them can be taken back."""

    def __init__(self) -> None:
        self._digits = ""
        self._last_s = 0.0

    @property
    def pending(self) -> bool:
        """Never: nobody waits for the rest of a PIN."""
        return False

    def feed(self, key: KeyEvent) -> Uid | Pin | Skipped | None:
        """Take the next event; a PIN with each Enter, however wrong its length is."""
        if key.type == EV_SYN and key.code == SYN_DROPPED:
            self._digits = ""
        if key.type != EV_KEY or key.value != PRESS or key.code in SILENT_KEYS:
            return None
        if key.at_s - self._last_s > PIN_PAUSE_S:
            self._digits = ""
        self._last_s = key.at_s
        digit = TOP_ROW.get(key.code) or PAD.get(key.code)
        if key.code in ENTER:
            digits, self._digits = self._digits, ""
            return Pin(digits) if digits else None
        if digit is not None and len(self._digits) < PIN_DIGITS.stop:
            self._digits += digit
        elif key.code == BACKSPACE:
            self._digits = self._digits[:-1]
        elif key.code in (ESCAPE, DELETE, PAD_STAR):
            self._digits = ""
        return None

    def pause(self, at_s: float) -> Uid | Pin | Skipped | None:
        """Nothing ends by a pause."""
        return None
