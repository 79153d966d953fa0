"""A text -> each badge that it can be. What can be two badges is never guessed.

Without a named notation a text is tried in those that show themselves (`PLAIN`): digits and separators tell them apart
from one another, except where all that there is are digits.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from clockd.core.model import BadUid, Uid
from clockd.core.numbers.notations import NOTATIONS, NumberForm, notation

SHOWN_AS: dict[NumberForm, re.Pattern[str]] = {
    NumberForm.HEX: re.compile(r"\s*(0[xX])?[0-9A-Fa-f]{2}([:\-. ]?[0-9A-Fa-f]{2})*\s*"),
    NumberForm.DECIMAL: re.compile(r"\s*[0-9]{5,10}\s*"),
    NumberForm.DECIMAL_13: re.compile(r"\s*[0-9]{11,13}\s*"),
    NumberForm.DECIMAL_14: re.compile(r"\s*[0-9]{14}\s*"),
    NumberForm.DECIMAL_15: re.compile(r"\s*[0-9]{15}\s*"),
    NumberForm.DECIMAL_20: re.compile(r"\s*[0-9]{20}\s*"),
    NumberForm.DECIMAL_MIFARE_7: re.compile(r"\s*[0-9]{16,17}\s*"),
    NumberForm.DECIMAL_8_BYTES: re.compile(r"\s*[0-9]{19,20}\s*"),
    NumberForm.FACILITY_CARD: re.compile(
        r"\s*([0-9]{8}|[0-9]{1,3}\s*[,;:/_]\s*[0-9]{1,5}|[0-9]{1,3}[.\- ][0-9]{5})\s*"
    ),
    NumberForm.FACILITY_CARD_4: re.compile(r"\s*[0-9]{5}[,;:/_.\- ][0-9]{5}\s*"),
    NumberForm.TEN_AND_FACILITY: re.compile(r"\s*[0-9]{10}[ ,;:/\-]*[0-9]{3}[,;:/.\- ][0-9]{5}\s*"),
    NumberForm.HEX_FACILITY_CARD: re.compile(r"\s*[0-9A-Fa-f]{2}[,:;/\- ][0-9A-Fa-f]{4}\s*"),
    NumberForm.WIEGAND_26: re.compile(r"\s*[01]{26}\s*"),
    NumberForm.WIEGAND_34: re.compile(r"\s*[01]{34}\s*"),
    NumberForm.CORPORATE_1000_35: re.compile(r"\s*[01]{35}\s*"),
    NumberForm.WIEGAND_37: re.compile(r"\s*[01]{37}\s*"),
}
"""How a text looks that is taken for a notation without its being named."""


ROUNDED = re.compile(r"\s*[1-9][0-9]{14}0{2,}\s*")
"""A number of which a spreadsheet kept fifteen digits: those behind them are lost."""


@dataclass(frozen=True, slots=True)
class NumberRead:
    """One reading of a text."""

    form: NumberForm
    uid: Uid


class Ambiguous(Exception):
    """A text can be more than one badge, and only a person knows which."""

    def __init__(self, found: tuple[NumberRead, ...]) -> None:
        super().__init__("can be read in more than one way")
        self.found = found


def read_as(text: str, form: NumberForm) -> Uid:
    """NumberRead a text in a named notation.

    Raises:
        BadUid: it is none; the message says why and never repeats the text.
    """
    if form is NumberForm.DECIMAL and (found := _ten_of_both(text)):
        return found
    if form is NumberForm.FACILITY_CARD and (both := _BOTH.fullmatch(text)):
        return notation(form).read(both[2])
    return notation(form).read(text)


_BOTH = re.compile(r"\s*([0-9]{10})[ ,;:/\-]*([0-9]{3}[,;:/.\- ][0-9]{5})\s*")


def _ten_of_both(text: str) -> Uid | None:
    both = _BOTH.fullmatch(text)
    return None if both is None else notation(NumberForm.DECIMAL).read(both[1])


def readings(text: str) -> tuple[NumberRead, ...]:
    """Return every badge that a text can be, each once; the first notation that gives it names it."""
    found: dict[Uid, NumberRead] = {}
    if ROUNDED.fullmatch(text):
        return ()
    for form, pattern in SHOWN_AS.items():
        if not pattern.fullmatch(text):
            continue
        try:
            uid = notation(form).read(text)
        except BadUid:
            continue
        found.setdefault(uid, NumberRead(form, uid))
    if not found and _BOTH.fullmatch(text):  # two numbers that are not of one badge: either may be the right one
        pair = [
            NumberRead(form, read_as(text, form))
            for form in (NumberForm.DECIMAL, NumberForm.FACILITY_CARD)
            if _reads(text, form)
        ]
        found = {each.uid: each for each in pair}
    return tuple(found.values())


def why_none(text: str) -> BadUid:
    """Say why a text is no badge number in any notation."""
    if ROUNDED.fullmatch(text):
        return BadUid("rounded by a spreadsheet, which keeps fifteen digits of a number")
    try:
        Uid.parse(text)
    except BadUid as error:
        return error
    return BadUid("not in a form that is known")


def _reads(text: str, form: NumberForm) -> bool:
    try:
        read_as(text, form)
    except BadUid:
        return False
    return True


def read_all(texts: Sequence[str]) -> list[Uid | BadUid]:
    """NumberRead the numbers of one column. Those that are digits alone are all of one notation.

    Raises:
        Ambiguous: the column can be read in two ways; with the readings of its first such number.
    """
    each = [readings(text) for text in texts]
    digits = [text for text, found in zip(texts, each, strict=True) if found and text.strip().isdecimal()]
    lettered = any(_LETTERED.fullmatch(text) for text in texts)
    form = NumberForm.HEX if lettered else _only_form(digits)
    read: list[Uid | BadUid] = []
    for text, found in zip(texts, each, strict=True):
        if not found:
            read.append(why_none(text))
        elif form is not None and text.strip().isdecimal():
            read.append(_read_or_why(text, form))
        elif len(found) > 1:
            raise Ambiguous(found)
        else:
            read.append(found[0].uid)
    return read


_LETTERED = re.compile(r"\s*(?=.*[A-Fa-f])[0-9A-Fa-f]{6,20}\s*")
"""A number that is hexadecimal beyond doubt."""


def _read_or_why(text: str, form: NumberForm) -> Uid | BadUid:
    try:
        return read_as(text, form)
    except BadUid as error:
        return error


def _only_form(texts: Sequence[str]) -> NumberForm | None:
    """Return the notation that fits all of these; None where none does, or several do and say different things."""
    columns: dict[tuple[Uid, ...], NumberForm] = {}
    for form, pattern in SHOWN_AS.items():
        if texts and all(pattern.fullmatch(text) and _reads(text, form) for text in texts):
            columns.setdefault(tuple(read_as(text, form) for text in texts), form)
    return next(iter(columns.values())) if len(columns) == 1 else None


def every_notation(uid: Uid) -> list[tuple[NumberForm, str, str]]:
    """Return each notation of a badge: its name, the number, and where it is found.

    Those that know a part of the number only are written from that part.
    """
    found: list[tuple[NumberForm, str, str]] = []
    for each in NOTATIONS:
        text = next((text for known in (uid, *uid.ends) if (text := each.write(known)) is not None), None)
        if text is not None:
            found.append((each.form, text, each.what))
    return found
