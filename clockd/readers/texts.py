"""What a reader wrote or typed as text -> the badge's identifier. Pure.

Around the number there may be what readers are sold with: a label (`UID:`), a mark in front and behind it (`;` and `?`,
as of magnetic cards), a check sum. The number itself is read in the format that is configured; where that is
hexadecimal, a number that is plainly of another notation (facility and card, thirteen digits) is read as well.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import xor

from clockd.core.model import UID_BYTES, BadUid, Uid, Unread
from clockd.core.numbers import NumberForm, read_as, readings
from clockd.core.numbers.reading import SHOWN_AS


@dataclass(frozen=True, slots=True)
class Skipped:
    """A frame that is no badge. It never repeats what was in it."""

    reason: Unread


_LABEL = re.compile(r"^(?=[^:=0-9]*[G-Zg-z])[A-Za-z][A-Za-z _#.\-]{0,15}[:=# ]?\s*(?=[0-9A-Fa-f])")
"""What stands in front of a number, if a letter of it is no hexadecimal digit."""
_MARKS = " \t\0;:#*%?+!$@<>[](){}=,./_-'\""
_TRACK = re.compile(r"[;%:]?([0-9]+)=[0-9]*[?_\-]?.?")
"""Track 2 of a magnetic card, as readers imitate it."""
_SUMMED = re.compile(r"([0-9A-Fa-f]{6,20})[ ,:*\-]([0-9A-Fa-f]{2})")
_CLOSED = re.compile(r"[0-9A-Fa-f]{12}|[0-9A-Fa-f]{18}|[0-9A-Fa-f]{22}")
"""Five, eight or ten bytes and one more, without a mark between."""

SUMS: tuple[Callable[[bytes], int], ...] = (
    lambda raw: reduce(xor, raw),
    lambda raw: sum(raw) & 0xFF,
    lambda raw: -sum(raw) & 0xFF,
    lambda raw: ~sum(raw) & 0xFF,
)
"""Exclusive or, which alone stands without a mark between; the sum, its two's and its one's complement."""


@dataclass(slots=True)
class Texts:
    """Reads the texts of one reader.

    Args:
        form: the configured notation.
    """

    form: NumberForm = NumberForm.HEX
    _summed: bool = field(default=False)
    """Whether what follows a number has ever been its check sum: then it has to be from now on."""

    def read(self, text: str) -> Uid | Skipped:
        """Read one text."""
        plain = text.strip(" \t\0\2\3")
        if track := _TRACK.fullmatch(plain):
            plain = track[1]
        plain = _LABEL.sub("", plain, count=1).strip(_MARKS)
        if re.fullmatch(r"[GHJ-Zghj-z][0-9A-Fa-f]{6,20}", plain):
            plain = plain[1:]
        if self.form is NumberForm.HEX:
            return self._hex(plain)
        try:
            return read_as(plain, self.form)
        except BadUid:
            return Skipped(Unread.LENGTH if re.fullmatch(r"[0-9]+", plain) else Unread.FOREIGN)

    def _hex(self, text: str) -> Uid | Skipped:
        if (summed := _SUMMED.fullmatch(text)) and len(summed[1]) in _DIGITS:
            return self._with_sum(summed[1], summed[2], surely=False)
        if _CLOSED.fullmatch(text):
            return self._with_sum(text[:-2], text[-2:], surely=True)
        try:
            if SHOWN_AS[NumberForm.HEX].fullmatch(text):  # signs stand between whole bytes alone
                return Uid.parse(text)
        except BadUid:
            pass
        found = readings(text)
        if len(found) == 1:
            return found[0].uid
        hexadecimal = re.fullmatch(r"(0[xX])?[0-9A-Fa-f:\-. ]*", text)
        return Skipped(Unread.LENGTH if hexadecimal else Unread.FOREIGN)

    def _with_sum(self, digits: str, said: str, *, surely: bool) -> Uid | Skipped:
        raw = bytes.fromhex(digits)
        if any(reckon(raw) == int(said, 16) for reckon in (SUMS[:1] if surely else SUMS)):
            self._summed = True
        elif surely or self._summed:
            return Skipped(Unread.CHECKSUM)
        return Uid.of(raw)


_DIGITS = frozenset(2 * count for count in UID_BYTES)
