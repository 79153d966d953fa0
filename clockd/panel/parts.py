"""What screens are made of: bars, lines, names as large as they can be; each a picture and where it lies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageDraw

from clockd.core import feedback
from clockd.panel import icons
from clockd.panel.fonts import Fonts
from clockd.panel.strokes import Pen, big, can_draw, stroke_width
from clockd.panel.text import Lettering, fit, set_line
from clockd.panel.turning import Turns, block_turns, cropped_turns, line_turns

WIDTH = 128
HEIGHT = 64
HEADER = 20
"""Rows of the bar on top of a punch."""
HEADLINES = (Pen(15, 10, 3, 2), Pen(15, 9, 3, 2), Pen(15, 8, 3, 2), Pen(15, 7, 2, 2))
"""Letters of headlines, the first that fit are taken; the last are for words that are long in some languages."""
FACES = (Lettering.BOLD, Lettering.THIN)


_APART = 5
"""Columns between two signs."""


@dataclass(frozen=True, slots=True)
class Part:
    """A picture and where it lies; parts of one screen do not overlap."""

    image: Image.Image
    x: int
    y: int
    turns: Turns = ()
    """What is shown there one after the other, `image` first; nothing where that is all."""

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom edge; the last two are outside."""
        return (self.x, self.y, self.x + self.image.width, self.y + self.image.height)


def person_rows(
    bar: Part, name: str, last: str, fonts: Fonts, *, struck: bool = False, ticked: bool = False, more: str = ""
) -> Iterator[Part]:
    """A bar, a name as large as it can be, and perhaps a line or two below."""
    yield bar
    bottom = HEIGHT
    if more:
        turns = cropped_turns(line_turns(more, fonts, WIDTH, FACES))
        bottom -= turns[0].height
        yield centred(turns, bottom)
        bottom -= 1
    if last:
        turns = line_turns(last, fonts, WIDTH, FACES)
        if struck:
            turns = tuple(struck_out(turn) for turn in turns)
        turns = cropped_turns([with_tick(turn) for turn in turns] if ticked else turns)
        bottom -= turns[0].height
        yield centred(turns, bottom)
        bottom -= 1
    yield between(block_turns(name, fonts, WIDTH, bottom - HEADER), HEADER, bottom)


def header_bar(
    word: str, icon: Image.Image | None, time: datetime | None = None, *, figure: str = "", hollow: bool = False
) -> Part:
    """The bar on top: what happened, and when, or a figure. Filled; hollow when nothing new was written."""
    clock = f"{time:%H:%M}" if time else figure
    bar = Image.new("1", (WIDTH, HEADER - 1))
    pen, with_icon = _bar_pen(word, clock, icon.width + 4 if icon else 0)
    x = 4
    if icon and with_icon:
        bar.paste(icon, (x, (bar.height - icon.height) // 2))
        x += icon.width + 4
    bar.paste(big(word, pen), (x, 2))
    if clock:
        digits = big(clock, pen)
        bar.paste(digits, (WIDTH - 4 - digits.width, 2))
    if hollow:
        ImageDraw.Draw(bar).line((0, bar.height - 1, WIDTH - 1, bar.height - 1), fill=255)
        return Part(bar, 0, 0)
    return Part(inverted(bar), 0, 0)


def _bar_pen(word: str, clock: str, icon: int) -> tuple[Pen, bool]:
    """The widest letters that leave room for time and sign; without the sign where even the narrowest do not."""
    *wide, condensed = HEADLINES
    for pen, with_icon in [*((pen, True) for pen in wide), *((pen, False) for pen in wide), (condensed, False)]:
        needed = stroke_width(word, pen) + (icon if with_icon else 0)
        needed += stroke_width(clock, pen) + 8 if clock else 0
        if needed <= WIDTH - 8:
            return pen, with_icon
    return HEADLINES[-1], False


def inverted(bar: Image.Image) -> Image.Image:
    """Dark on light, with rounded corners."""
    inverse = Image.new("1", bar.size, 255)
    inverse.paste(0, (0, 0), bar)
    for corner in ((0, 0), (bar.width - 1, 0), (0, bar.height - 1), (bar.width - 1, bar.height - 1)):
        inverse.putpixel(corner, 0)
    return inverse


def large_word(word: str, room: int, pens: tuple[Pen, ...]) -> Image.Image:
    """A word in the first of some letters that fit into `room` pixels, else in the last."""
    pen = next((pen for pen in pens if stroke_width(word, pen) <= room), pens[-1])
    return big(word, pen)


def line_at(text: str, fonts: Fonts, top: int) -> Part:
    """A centred line of text whose top row is `top`."""
    return centred(line_turns(text, fonts, WIDTH, FACES), top)


def placed(turns: Turns, x: int, y: int) -> Part:
    """Pictures that are shown in one place, one after the other."""
    return Part(turns[0], x, y, turns if len(turns) > 1 else ())


def centred(image: Image.Image | Turns, top: int) -> Part:
    """A picture, or several in turns, in the middle between left and right."""
    turns = (image,) if isinstance(image, Image.Image) else image
    return placed(turns, (WIDTH - turns[0].width) // 2, top)


def between(image: Image.Image | Turns, top: int, bottom: int) -> Part:
    """A picture, or several in turns, in the middle of the rows from `top` to `bottom`."""
    height = (image if isinstance(image, Image.Image) else image[0]).height
    return centred(image, top + max(0, bottom - top - height) // 2)


def struck_out(line: Image.Image) -> Image.Image:
    """A line that counts no more."""
    line = line.copy()
    ImageDraw.Draw(line).line((0, 9, line.width - 1, 9), fill=255)
    return line


def headline(word: str, fonts: Fonts, pens: Sequence[Pen], room: int) -> Turns:
    """A word in the first of some letters that fit; set in a font where none does or a letter cannot be drawn."""
    if can_draw(word):
        for pen in pens:
            if stroke_width(word, pen) <= room:
                return (big(word, pen),)
    return cropped_turns(line_turns(word, fonts, room, FACES))


def signs_of(screen: feedback.Idle, fonts: Fonts) -> Iterator[Image.Image]:
    """Signs of the idle screen from right to left, as high as a line."""
    link = icons.for_link(screen.link)
    if link is not None:
        yield on_line(link)
    if screen.unsent:
        yield with_count(icons.picture(icons.OUTBOX), screen.unsent, fonts)
    if screen.held:
        yield with_count(icons.picture(icons.HELD), screen.held, fonts)


def signs_in_turns(screen: feedback.Idle, room: int, fonts: Fonts) -> Turns:
    """All signs in a row of twelve, those for which there is no room after the others; nothing where there is none."""
    rows: list[list[Image.Image]] = []
    for sign in signs_of(screen, fonts):
        if not rows or sum(s.width + _APART for s in rows[-1]) + sign.width > room:
            rows.append([])
        rows[-1].insert(0, sign.crop((0, 2, sign.width, 14)))
    width = max((_length(row) for row in rows), default=0)
    sheets = []
    for row in rows:
        sheet, x = Image.new("1", (width, 12)), width - _length(row)
        for sign in row:
            sheet.paste(sign, (x, 0))
            x += sign.width + _APART
        sheets.append(sheet)
    return tuple(sheets)


def _length(signs: Sequence[Image.Image]) -> int:
    return sum(sign.width + _APART for sign in signs) - _APART


def on_line(sign: Image.Image) -> Image.Image:
    """Stand a sign of 12 rows on the base of the text beside it."""
    line = Image.new("1", (sign.width, 16))
    line.paste(sign, (0, 2))
    return line


def with_count(sign: Image.Image, count: int, fonts: Fonts) -> Image.Image:
    """A sign and a number right of it."""
    number = set_line(str(count) if count < 100 else "99+", fonts, Lettering.BOLD)
    both = Image.new("1", (sign.width + 2 + number.width, 16))
    both.paste(sign, (0, 2))
    both.paste(number, (sign.width + 2, 0))
    return both


def with_tick(line: Image.Image, room: int = WIDTH) -> Image.Image:
    """A line with a tick before it, where there is room for it."""
    tick = icons.picture(icons.TICK)
    if box := line.getbbox():
        line = line.crop((box[0], 0, box[2], line.height))
    if line.width + tick.width + 5 > room:
        return line
    both = Image.new("1", (line.width + tick.width + 5, line.height))
    both.paste(tick, (0, 5))
    both.paste(line, (tick.width + 5, 0))
    return both


def alarm_line(text: str, width: int, fonts: Fonts, height: int = 18) -> Image.Image:
    """A filled bar with a warning sign, that nobody overlooks."""
    bar = Image.new("1", (width, height))
    sign = icons.picture(icons.HELD)
    line = fit(text, fonts, width - sign.width - 12, FACES)
    x = (width - line.width - sign.width - 5) // 2
    bar.paste(sign, (x, (height - sign.height) // 2))
    bar.paste(line, (x + sign.width + 5, (height - line.height) // 2))
    return inverted(bar)
