"""Big letters and digits, drawn instead of set: crisp at any height, the same whatever font is installed.

Each sign is a handful of pen paths in a box that is one wide and one high. A path is a list of points; a point with
a third value is a rounded corner, and the value is the radius as a share of the largest one that fits. The pen is
a few pixels wide, and its edge lies on the edge of the box.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from itertools import pairwise, repeat
from math import cos, hypot, pi, sin

from PIL import Image, ImageDraw

Point = tuple[float, float] | tuple[float, float, float]
Path = tuple[Point, ...]
Spot = tuple[float, float]

_O: Path = ((0.5, 0), (1, 0, 1), (1, 1, 1), (0, 1, 1), (0, 0, 1), (0.5, 0))
_D: Path = ((0, 0.5), (0, 0), (1, 0, 1), (1, 1, 1), (0, 1), (0, 0.5))
_U: Path = ((0, 0), (0, 1, 1), (1, 1, 1), (1, 0))
_P: Path = ((0, 1), (0, 0), (1, 0, 1), (1, 0.55, 1), (0, 0.55))
_S: Path = ((1, 0.12), (1, 0, 1), (0, 0, 1), (0, 0.48, 1), (1, 0.48, 1), (1, 1, 1), (0, 1, 1), (0, 0.88))

SIGNS: dict[str, tuple[Path, ...]] = {
    "0": (_O,),
    "1": (((0.1, 0.2), (0.58, 0), (0.58, 1)),),
    "2": (((0, 0.24), (0, 0, 1), (1, 0, 1), (1, 0.5, 0.6), (0, 1), (1, 1)),),
    "3": (
        ((0, 0.1), (0, 0, 1), (1, 0, 1), (1, 0.48, 1), (0.4, 0.48)),
        ((0.4, 0.48), (1, 0.48, 1), (1, 1, 1), (0, 1, 1), (0, 0.9)),
    ),
    "4": (((0, 0), (0, 0.6), (1, 0.6)), ((1, 0.12), (1, 1))),
    "5": (((0.95, 0), (0.06, 0), (0.03, 0.42), (1, 0.42, 1), (1, 1, 1), (0, 1, 1), (0, 0.82)),),
    "6": (((1, 0.1), (1, 0, 1), (0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0.45, 1), (0, 0.45)),),
    "7": (((0, 0), (1, 0), (0.4, 1)),),
    "8": (
        ((0.5, 0), (1, 0, 1), (1, 0.47, 1), (0, 0.47, 1), (0, 0, 1), (0.5, 0)),
        ((0.5, 0.47), (1, 0.47, 1), (1, 1, 1), (0, 1, 1), (0, 0.47, 1), (0.5, 0.47)),
    ),
    "9": (((0, 0.9), (0, 1, 1), (1, 1, 1), (1, 0, 1), (0, 0, 1), (0, 0.55, 1), (1, 0.55)),),
    ":": (),
    "/": (((0.9, 0), (0.1, 1)),),
    "-": (((0.1, 0.5), (0.9, 0.5)),),
    "A": (((0, 1), (0, 0, 1), (1, 0, 1), (1, 1)), ((0, 0.6), (1, 0.6))),
    "B": (
        ((0, 0.5), (0, 0), (0.95, 0, 1), (0.95, 0.48, 1), (0, 0.48)),
        ((0, 0.5), (0, 1), (1, 1, 1), (1, 0.48, 1), (0, 0.48)),
    ),
    "C": (((1, 0.2), (1, 0, 1), (0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0.8)),),
    "D": (_D,),
    "E": (((1, 0), (0, 0), (0, 1), (1, 1)), ((0, 0.48), (0.85, 0.48))),
    "F": (((1, 0), (0, 0), (0, 1)), ((0, 0.5), (0.85, 0.5))),
    "G": (((1, 0.14), (1, 0, 1), (0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0.6), (0.6, 0.6)),),
    "H": (((0, 0), (0, 1)), ((1, 0), (1, 1)), ((0, 0.48), (1, 0.48))),
    "I": (((0.5, 0), (0.5, 1)),),
    "J": (((1, 0), (1, 1, 1), (0, 1, 1), (0, 0.75)),),
    "K": (((0, 0), (0, 1)), ((1, 0), (0.08, 0.55)), ((0.35, 0.4), (1, 1))),
    "L": (((0, 0), (0, 1), (1, 1)),),
    "M": (((0, 1), (0, 0), (0.5, 0.55), (1, 0), (1, 1)),),
    "N": (((0, 1), (0, 0), (1, 1), (1, 0)),),
    "O": (_O,),
    "P": (_P,),
    "Q": (_O, ((0.6, 0.7), (1, 1))),
    "R": (_P, ((0.45, 0.55), (1, 1))),
    "S": (_S,),
    "T": (((0, 0), (1, 0)), ((0.5, 0), (0.5, 1))),
    "U": (_U,),
    "V": (((0, 0), (0.5, 1), (1, 0)),),
    "W": (((0, 0), (0.22, 1), (0.5, 0.4), (0.78, 1), (1, 0)),),
    "X": (((0, 0), (1, 1)), ((1, 0), (0, 1))),
    "Y": (((0, 0), (0.5, 0.5), (1, 0)), ((0.5, 0.5), (0.5, 1))),
    "Z": (((0, 0), (1, 0), (0, 1), (1, 1)),),
    "Ä": (((0, 1), (0, 0.3, 1), (1, 0.3, 1), (1, 1)), ((0, 0.68), (1, 0.68))),
    "Ö": (((0.5, 0.3), (1, 0.3, 1), (1, 1, 1), (0, 1, 1), (0, 0.3, 1), (0.5, 0.3)),),
    "Ü": (((0, 0.3), (0, 1, 1), (1, 1, 1), (1, 0.3)),),
    "?": (((0, 0.25), (0, 0, 1), (1, 0, 1), (1, 0.4, 1), (0.5, 0.4, 1), (0.5, 0.66)),),
    "!": (((0.5, 0), (0.5, 0.68)),),
    "Ł": (((0.2, 0), (0.2, 1), (1, 1)), ((0, 0.66), (0.62, 0.36))),
    ".": (),
    "'": (((0.5, 0), (0.5, 0.2)),),
}
"""What is drawn by itself; `_ACCENTED` are these with an accent; all else is set in a font (`clockd.panel.text`)."""


class Accent(Enum):
    """What stands above or below a letter."""

    ACUTE = (((0.3, 1), (0.85, 0)),)
    GRAVE = (((0.15, 0), (0.7, 1)),)
    CIRCUMFLEX = (((0.1, 1), (0.5, 0), (0.9, 1)),)
    TILDE = (((0, 0.9), (0.3, 0.1), (0.7, 0.9), (1, 0.1)),)
    BREVE = (((0.1, 0), (0.5, 1, 1), (0.9, 0)),)
    DOT = (((0.5, 0), (0.5, 1)),)
    CEDILLA = (((0.6, 0), (0.4, 1)),)
    OGONEK = (((0.75, 0), (0.95, 1)),)

    @property
    def is_below(self) -> bool:
        """Whether it hangs from the letter."""
        return self in (Accent.CEDILLA, Accent.OGONEK)


_ACCENTED: dict[str, tuple[str, Accent]] = {
    **dict(zip("ÁÉÍÓÚĆŃŚŹ", zip("AEIOUCNSZ", repeat(Accent.ACUTE)), strict=True)),
    **dict(zip("ÀÈÌÒÙ", zip("AEIOU", repeat(Accent.GRAVE)), strict=True)),
    **dict(zip("ÂÊÎÔÛ", zip("AEIOU", repeat(Accent.CIRCUMFLEX)), strict=True)),
    "Ñ": ("N", Accent.TILDE),
    "Ğ": ("G", Accent.BREVE),
    "Ż": ("Z", Accent.DOT),
    "İ": ("I", Accent.DOT),
    "Ç": ("C", Accent.CEDILLA),
    "Ş": ("S", Accent.CEDILLA),
    "Ą": ("A", Accent.OGONEK),
    "Ę": ("E", Accent.OGONEK),
}

_G_NARROW: Path = ((1, 0.14), (1, 0, 1), (0, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0.55))
"""Without its spur, which would close a narrow letter to a 6."""
_NARROW = {
    "I": 0.0,
    "1": 0.6,
    ":": 0.0,
    "!": 0.0,
    ".": 0.0,
    "'": 0.0,
    " ": 0.35,
    "J": 0.85,
    "E": 0.88,
    "F": 0.88,
    "L": 0.88,
}
_WIDE = {"M": 1.2, "W": 1.6, "N": 1.05}
_FINE = 8
"""Pixels are drawn this many times larger and then counted."""


@dataclass(frozen=True, slots=True)
class Pen:
    """How big letters look."""

    height: int
    """Pixels from top to bottom."""
    width: int
    """Pixels of a normal letter, from edge to edge."""
    stroke: int
    """Pixels of a line."""
    gap: int
    """Pixels between two letters."""


def can_draw(text: str) -> bool:
    """Say whether there is a sign for each character."""
    return all(c in SIGNS or c in _ACCENTED or c == " " for c in text)


def stroke_width(text: str, pen: Pen) -> int:
    """Width in pixels of a text as `big` draws it."""
    return sum(_width(c, pen) for c in text) + pen.gap * max(0, len(text) - 1)


def big(text: str, pen: Pen) -> Image.Image:
    """Draw a text of signs; the picture is exactly as large as its ink."""
    picture = Image.new("1", (max(1, stroke_width(text, pen)), pen.height))
    x = 0
    for c in text:
        picture.paste(_sign(c, pen), (x, 0))
        x += _width(c, pen) + pen.gap
    return picture


def _width(c: str, pen: Pen) -> int:
    if c.isdigit() and c != "1":
        return pen.width
    c = _ACCENTED[c][0] if c in _ACCENTED else c
    share = _NARROW.get(c, _WIDE.get(c, 1.0))
    return pen.stroke + round((pen.width - pen.stroke) * share)


@lru_cache(maxsize=512)
def _sign(c: str, pen: Pen) -> Image.Image:
    if c in _ACCENTED:
        return _with_accent(*_ACCENTED[c], pen)
    size = (_width(c, pen), pen.height)
    paths = (_G_NARROW,) if c == "G" and pen.width < 3 * pen.stroke else SIGNS.get(c, ())
    return _inked(paths, size, pen.stroke, _dots(c, size, pen.stroke))


def _inked(
    paths: tuple[Path, ...], size: tuple[int, int], stroke: int, dots: Sequence[tuple[int, int]] = ()
) -> Image.Image:
    """Draw paths, and square dots at their upper left corners, into a box."""
    large = Image.new("L", (size[0] * _FINE, size[1] * _FINE))
    draw = ImageDraw.Draw(large)
    half = stroke / 2
    for path in paths:
        box = (half, half, size[0] - half, size[1] - half)
        _stroke(draw, _rounded([_place(point, box) for point in path], stroke), stroke)
    for x, y in dots:
        draw.rectangle([v * _FINE for v in (x, y)] + [(v + stroke) * _FINE - 1 for v in (x, y)], fill=255)
    return large.resize(size, Image.Resampling.BOX).point(lambda level: 255 * (level >= 128)).convert("1")


def _with_accent(letter: str, accent: Accent, pen: Pen) -> Image.Image:
    """A letter that makes room for its accent: lower, and in thinner lines where three of them lie above each other."""
    rows = max(2, round(pen.height * 0.2))
    gap = 0 if accent.is_below else 1
    lower = replace(pen, height=pen.height - rows - gap)
    if letter in "EGSZ":
        lower = replace(lower, stroke=min(pen.stroke, max(2, lower.height // 5)))
    width = _width(letter, pen)
    sign = Image.new("1", (width, pen.height))
    drawn = _sign(letter, lower)
    sign.paste(drawn, ((width - drawn.width) // 2, 0 if accent.is_below else rows + gap))
    wide = min(width, max(2 * pen.stroke, round(pen.width * 0.8)), 2 * rows + 1)
    above = _inked(accent.value, (wide, rows), max(1, min(pen.stroke, rows) - 1))
    sign.paste(above, ((width - wide) // 2, pen.height - rows if accent.is_below else 0))
    return sign


def _dots(c: str, size: tuple[int, int], stroke: int) -> list[tuple[int, int]]:
    """Upper left corners of the square dots of a sign."""
    width, height = size
    match c:
        case ":":
            third = round(height * 0.28)
            return [(0, third - stroke // 2), (0, height - third - stroke + stroke // 2)]
        case "?":
            return [((width - stroke) // 2, height - stroke)]
        case "!" | ".":
            return [(0, height - stroke)]
        case "Ä" | "Ö" | "Ü":
            return [(0, 0), (width - stroke, 0)]
        case _:
            return []


def _place(point: Point, box: tuple[float, float, float, float]) -> tuple[float, float, float]:
    left, top, right, bottom = box
    x, y, *radius = point
    return left + x * (right - left), top + y * (bottom - top), radius[0] if radius else 0.0


def _rounded(points: list[tuple[float, float, float]], stroke: int) -> list[Spot]:
    """Replace rounded corners by short lines along their arc."""
    line: list[Spot] = []
    for n, (x, y, radius) in enumerate(points):
        if not radius or n in (0, len(points) - 1):
            line.append((x, y))
            continue
        before, after = points[n - 1], points[n + 1]
        to_before = hypot(before[0] - x, before[1] - y)
        to_after = hypot(after[0] - x, after[1] - y)
        # Two rounded neighbours share the line between them.
        room = min(to_before / (2 if before[2] else 1), to_after / (2 if after[2] else 1), stroke * 1.6)
        cut = room * radius
        start = (x + (before[0] - x) * cut / to_before, y + (before[1] - y) * cut / to_before)
        end = (x + (after[0] - x) * cut / to_after, y + (after[1] - y) * cut / to_after)
        line.extend(_arc(start, (x, y), end))
    return line


def _arc(start: Spot, corner: Spot, end: Spot) -> list[Spot]:
    """A quarter of an ellipse (in the two directions of the corner) from start to end."""
    centre = (start[0] + end[0] - corner[0], start[1] + end[1] - corner[1])

    def at(angle: float) -> Spot:
        x, y = (c + (s - c) * cos(angle) + (e - c) * sin(angle) for c, s, e in zip(centre, start, end, strict=True))
        return x, y

    return [at(k / 8 * pi / 2) for k in range(9)]


def _stroke(draw: ImageDraw.ImageDraw, line: list[Spot], stroke: int) -> None:
    """Draw a line with a square pen: crisp on straight ends, closed at corners."""
    half = stroke / 2 * _FINE
    big_line = [(x * _FINE, y * _FINE) for x, y in line]
    for (x0, y0), (x1, y1) in pairwise(big_line):
        length = hypot(x1 - x0, y1 - y0)
        if length == 0:
            continue
        nx, ny = (y1 - y0) / length * half, (x0 - x1) / length * half
        draw.polygon([(x0 + nx, y0 + ny), (x1 + nx, y1 + ny), (x1 - nx, y1 - ny), (x0 - nx, y0 - ny)], fill=255)
    for n, (x, y) in enumerate(big_line):
        inner = 0 < n < len(big_line) - 1
        if inner:
            draw.ellipse([x - half, y - half, x + half, y + half], fill=255)
        else:
            draw.rectangle([x - half, y - half, x + half - 1, y + half - 1], fill=255)
