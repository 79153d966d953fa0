"""Setting a line of text in pixels: how wide it is, how it fits, where it breaks.

Unifont gives each letter a cell of eight columns; set letter by letter with the margins trimmed, a name takes a fifth
less and looks like print. Bold is the same letter drawn twice, one column apart: a display with one bit per pixel is
read at arm's length by thick strokes.
"""

from dataclasses import dataclass
from enum import Enum

from PIL import Image, ImageChops

from clockd.panel.fonts import LINE_HEIGHT, Fonts, Glyph

ELLIPSIS = "…"


class Lettering(Enum):
    """How letters are set: thickness and columns between them."""

    HUGE = (2, 1, 2)
    """Bold at double size."""
    BOLD = (2, 1, 1)
    THIN = (1, 1, 1)
    """Narrow; an outline font is taken a little smaller."""

    def __init__(self, thick: int, gap: int, scale: int) -> None:
        self.thick = thick
        self.gap = gap
        self.scale = scale

    @property
    def height(self) -> int:
        """Rows of a line."""
        return LINE_HEIGHT * self.scale


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a glyph's ink goes, before scaling."""

    glyph: Glyph
    x: int


def _lay(glyphs: list[Glyph], face: Lettering) -> tuple[list[_Step], int]:
    """Place glyphs from left to right; returns them and the width of all, in unscaled columns."""
    extra = 1 if face.thick > 1 else 0
    steps: list[_Step] = []
    x = end = 0
    for glyph in glyphs:
        blank = glyph.ink.getbbox() is None
        if blank:
            x += 3 if face is Lettering.THIN else 4
            continue
        if glyph.joins:
            steps.append(_Step(glyph, max(0, x + glyph.left)))
            end = max(end, steps[-1].x + glyph.ink.width + extra)
            x += glyph.advance
        elif glyph.pixel:
            steps.append(_Step(glyph, x))
            end = x + glyph.ink.width + extra
            x = end + face.gap
        else:
            left = max(0, glyph.left) if steps else 0
            steps.append(_Step(glyph, x + left))
            end = x + left + glyph.ink.width + extra
            x = max(end + 1, x + glyph.advance + extra - (0 if steps[1:] else max(0, glyph.left)))
    return steps, end


def _second_stroke(ink: Image.Image) -> Image.Image:
    """The pixels of a glyph whose right neighbour may be lit: not those that would close a gap of one pixel."""
    closes = Image.new("1", ink.size)
    closes.paste(ink, (-2, 0))
    return ImageChops.logical_and(ink, ImageChops.invert(closes))


def width_of(text: str, fonts: Fonts, face: Lettering) -> int:
    """Columns that the ink of a text takes."""
    return _lay(fonts.glyphs(text, small=face is Lettering.THIN), face)[1] * face.scale


def set_line(text: str, fonts: Fonts, face: Lettering) -> Image.Image:
    """Draw a text; the picture is as wide as its ink and as high as the face."""
    steps, width = _lay(fonts.glyphs(text, small=face is Lettering.THIN), face)
    line = Image.new("1", (max(1, width), LINE_HEIGHT))
    for step in steps:
        line.paste(255, (step.x, step.glyph.top), step.glyph.ink)
        if face.thick > 1:
            line.paste(255, (step.x + 1, step.glyph.top), _second_stroke(step.glyph.ink))
    if face.scale > 1:
        line = line.resize((line.width * face.scale, line.height * face.scale), Image.Resampling.NEAREST)
    return line


def fit(text: str, fonts: Fonts, width: int, faces: tuple[Lettering, ...]) -> Image.Image:
    """Draw a text in the first face in which it fits; cut in the last one where it fits in none."""
    for face in faces:
        if width_of(text, fonts, face) <= width:
            return set_line(text, fonts, face)
    return set_line(cut(text, fonts, faces[-1], width), fonts, faces[-1])


def cut(text: str, fonts: Fonts, face: Lettering, width: int) -> str:
    """Shorten a text until it fits with an ellipsis; the text itself where it fits as it is."""
    if width_of(text, fonts, face) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(text[:middle].rstrip() + ELLIPSIS, fonts, face) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def cropped(line: Image.Image) -> Image.Image:
    """Cut empty rows off the top and the bottom."""
    box = line.getbbox()
    return line.crop((0, box[1], line.width, box[3])) if box else line.crop((0, 0, line.width, 1))


def halves(text: str, fonts: Fonts, face: Lettering, width: int) -> tuple[str, str] | None:
    """Break a text into two lines of about the same length; None where no break makes both fit.

    A break at a space is better than one after a hyphen.
    """
    best: tuple[bool, int, tuple[str, str]] | None = None
    for place, c in enumerate(text):
        if c not in " -" or not 0 < place < len(text) - 1:
            continue
        pair = (text[: place + (c == "-")].strip(), text[place + 1 :].strip())
        if not all(pair):
            continue
        longest = max(width_of(half, fonts, face) for half in pair)
        if longest <= width and (best is None or (c == "-", longest) < best[:2]):
            best = (c == "-", longest, pair)
    return best[2] if best else None


def stack(lines: tuple[str, str], fonts: Fonts, face: Lettering, width: int) -> Image.Image:
    """Draw two lines, centred and as close to each other as their accents and descenders allow; cut to their ink."""
    upper, lower = (set_line(cut(line, fonts, face, width), fonts, face) for line in lines)
    ink_upper, ink_lower = upper.getbbox(), lower.getbbox()
    closest = (ink_upper[3] if ink_upper else 0) - (ink_lower[1] if ink_lower else 0) + 1
    pitch = max(14, min(LINE_HEIGHT, closest))
    both = Image.new("1", (max(upper.width, lower.width), pitch + LINE_HEIGHT))
    both.paste(255, ((both.width - upper.width) // 2, 0), upper)
    both.paste(255, ((both.width - lower.width) // 2, pitch), lower)
    return cropped(both)
