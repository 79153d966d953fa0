"""Texts that are longer than their place: on two lines, smaller, and else in turns. Never cut in the middle of a word.

Turns are pictures of one size that are shown in one place one after the other. Words stay whole; one that is wider
than the place is broken behind a sign in it (an address), and at the very last anywhere.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from PIL import Image

from clockd.panel.fonts import Fonts
from clockd.panel.text import ELLIPSIS, Lettering, cropped, cut, halves, set_line, stack, width_of

Turns = tuple[Image.Image, ...]
"""At least one picture; all of one size."""

_MOST_LETTERS = 300
"""So much of a text is looked at: more than all turns hold, and few enough to be measured at once."""
_MOST_TURNS = 6
"""So many whole_words of a text are shown; nobody stands and waits for more."""
_SPACES = re.compile(r"[^\S\u00a0]+")
"""Between words; a space that is not to be broken at is none of them."""
_BREAKS = "-@._/"
"""Behind these a word may go on in the next line."""


def line_turns(text: str, fonts: Fonts, width: int, faces: Sequence[Lettering]) -> Turns:
    """Draw a text in the first face in which it fits on a line; in turns in the last one where it fits in none."""
    text = _bounded(text)
    for face in faces:
        if width_of(text, fonts, face) <= width:
            return (set_line(text, fonts, face),)
    return one_size([set_line(piece, fonts, faces[-1]) for piece in whole_words(text, fonts, faces[-1], width)])


def block_turns(text: str, fonts: Fonts, width: int, rows: int) -> Turns:
    """Draw a text as large as a place allows: huge, bold, on two lines, thin, and else in turns."""
    text = _bounded(text)
    huge = cropped(set_line(text, fonts, Lettering.HUGE))
    if huge.width <= width and huge.height <= rows:
        return (huge,)
    bold = cropped(set_line(text, fonts, Lettering.BOLD))
    if bold.width <= width:
        return (bold,)
    thin = cropped(set_line(text, fonts, Lettering.THIN))
    for face in (Lettering.BOLD, Lettering.THIN):
        pair = halves(text, fonts, face, width)
        both = stack(pair, fonts, face, width) if pair else None
        if both and both.height <= rows:
            return (both,)
        if thin.width <= width:
            return (thin,)
    return _pages(whole_words(text, fonts, Lettering.THIN, width), fonts, width, rows)


def whole_words(text: str, fonts: Fonts, face: Lettering, width: int) -> list[str]:
    """Break a text into lines of whole words; the last one of many ends in an ellipsis."""
    lines: list[str] = []
    for part, glued in _parts_of(text, fonts, face, width):
        longer = lines[-1] + ("" if glued else " ") + part if lines else part
        if lines and width_of(longer, fonts, face) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    if len(lines) > _MOST_TURNS:
        rest = " ".join(lines[_MOST_TURNS - 1 :])
        lines[_MOST_TURNS - 1 :] = [cut(rest, fonts, face, width)]
    return lines or [""]


def one_size(pictures: Sequence[Image.Image]) -> Turns:
    """Put pictures in the middle of sheets that are as large as the largest."""
    width, height = max(p.width for p in pictures), max(p.height for p in pictures)
    sheets = []
    for picture in pictures:
        sheet = Image.new("1", (width, height))
        sheet.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        sheets.append(sheet)
    return tuple(sheets)


def cropped_turns(turns: Sequence[Image.Image]) -> Turns:
    """Cut empty rows off each."""
    return one_size([cropped(turn) for turn in turns])


def _bounded(text: str) -> str:
    return text if len(text) <= _MOST_LETTERS else text[:_MOST_LETTERS] + ELLIPSIS


def _pages(lines: list[str], fonts: Fonts, width: int, rows: int) -> Turns:
    """Two lines a page where all pages have room for them, else one."""
    face = Lettering.THIN
    couples = [(lines[n], lines[n + 1] if n + 1 < len(lines) else "") for n in range(0, len(lines), 2)]
    pages = [stack(couple, fonts, face, width) for couple in couples]
    if any(page.height > rows for page in pages):
        pages = [cropped(set_line(line, fonts, face)) for line in lines]
    return one_size(pages)


def _parts_of(text: str, fonts: Fonts, face: Lettering, width: int) -> Iterator[tuple[str, bool]]:
    """Yield what stays whole, and whether it follows the part before it without a space."""
    for word in filter(None, _SPACES.split(text)):
        glued = False
        while width_of(word, fonts, face) > width:
            end = _end_of_part(word, fonts, face, width)
            yield word[:end], glued
            word, glued = word[end:], True
        yield word, glued


def _end_of_part(word: str, fonts: Fonts, face: Lettering, width: int) -> int:
    """How many characters of a word that is too wide fit: up to a sign in it, else as many as there is room for."""
    fits = 1
    while fits < len(word) and width_of(word[: fits + 1], fonts, face) <= width:
        fits += 1
    behind_a_sign = max((n for n in range(1, fits + 1) if word[n - 1] in _BREAKS), default=0)
    if behind_a_sign:
        return behind_a_sign
    while fits > 1 and unicodedata.category(word[fits]).startswith("M"):
        fits -= 1
    return fits
