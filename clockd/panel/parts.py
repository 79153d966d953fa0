"""What screens are made of: bars, lines, names as large as they can be; each a picture and where it lies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from PIL import Image, ImageDraw

from clockd.panel import icons
from clockd.panel.fonts import Fonts
from clockd.panel.strokes import Pen, big, stroke_width
from clockd.panel.text import Lettering, cropped, cut, fit, halves, set_line, stack

WIDTH = 128
HEIGHT = 64
HEADER = 20
"""Rows of the bar on top of a punch."""
HEADLINES = (Pen(15, 10, 3, 2), Pen(15, 9, 3, 2), Pen(15, 8, 3, 2), Pen(15, 7, 2, 2))
"""Letters of headlines, the first that fit are taken; the last are for words that are long in some languages."""
FACES = (Lettering.BOLD, Lettering.THIN)


@dataclass(frozen=True, slots=True)
class Part:
    """A picture and where it lies; parts of one screen do not overlap."""

    image: Image.Image
    x: int
    y: int

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
        line = cropped(fit(more, fonts, WIDTH, FACES))
        bottom -= line.height
        yield centred(line, bottom)
        bottom -= 1
    if last:
        line = fit(last, fonts, WIDTH, FACES)
        if struck:
            ImageDraw.Draw(line).line((0, 9, line.width - 1, 9), fill=255)
        line = cropped(with_tick(line) if ticked else line)
        bottom -= line.height
        yield centred(line, bottom)
        bottom -= 1
    yield between(name_lines(name, fonts, bottom - HEADER), HEADER, bottom)


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
    return Part(_filled(bar), 0, 0)


def _bar_pen(word: str, clock: str, icon: int) -> tuple[Pen, bool]:
    """The widest letters that leave room for time and sign; without the sign where even the narrowest do not."""
    *wide, condensed = HEADLINES
    for pen, with_icon in [*((pen, True) for pen in wide), *((pen, False) for pen in wide), (condensed, False)]:
        needed = stroke_width(word, pen) + (icon if with_icon else 0)
        needed += stroke_width(clock, pen) + 8 if clock else 0
        if needed <= WIDTH - 8:
            return pen, with_icon
    return HEADLINES[-1], False


def _filled(bar: Image.Image) -> Image.Image:
    """Dark on light, with rounded corners."""
    filled = Image.new("1", bar.size, 255)
    filled.paste(0, (0, 0), bar)
    for corner in ((0, 0), (bar.width - 1, 0), (0, bar.height - 1), (bar.width - 1, bar.height - 1)):
        filled.putpixel(corner, 0)
    return filled


def large_word(word: str, room: int, pens: tuple[Pen, ...]) -> Image.Image:
    """A word in the first of some letters that fit into `room` pixels, else in the last."""
    pen = next((pen for pen in pens if stroke_width(word, pen) <= room), pens[-1])
    return big(word, pen)


def name_lines(name: str, fonts: Fonts, rows: int) -> Image.Image:
    """A person's name as large as room allows: huge, bold, on two lines, thin, and cut at the very last."""
    huge = cropped(set_line(name, fonts, Lettering.HUGE))
    if huge.width <= WIDTH and huge.height <= rows:
        return huge
    bold = cropped(set_line(name, fonts, Lettering.BOLD))
    if bold.width <= WIDTH:
        return bold
    thin = cropped(set_line(name, fonts, Lettering.THIN))
    for face in (Lettering.BOLD, Lettering.THIN):
        pair = halves(name, fonts, face, WIDTH)
        both = stack(pair, fonts, face, WIDTH) if pair else None
        if both and both.height <= rows:
            return both
        if thin.width <= WIDTH:
            return thin
    return cropped(set_line(cut(name, fonts, Lettering.THIN, WIDTH), fonts, Lettering.THIN))


def line_at(text: str, fonts: Fonts, top: int) -> Part:
    """A centred line of text whose top row is `top`."""
    return centred(fit(text, fonts, WIDTH, FACES), top)


def centred(image: Image.Image, top: int) -> Part:
    """A picture in the middle between left and right."""
    return Part(image, (WIDTH - image.width) // 2, top)


def between(image: Image.Image, top: int, bottom: int) -> Part:
    """A picture in the middle of the rows from `top` to `bottom`."""
    return centred(image, top + max(0, bottom - top - image.height) // 2)


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


def with_tick(line: Image.Image) -> Image.Image:
    """A line with a tick before it, where there is room for it."""
    tick = icons.picture(icons.TICK)
    if line.width + tick.width + 5 > WIDTH:
        return line
    both = Image.new("1", (line.width + tick.width + 5, line.height))
    both.paste(tick, (0, 5))
    both.paste(line, (tick.width + 5, 0))
    return both


def alarm_line(text: str, width: int, fonts: Fonts) -> Image.Image:
    """A filled bar with a warning sign, that nobody overlooks."""
    bar = Image.new("1", (width, 18))
    sign = icons.picture(icons.HELD)
    line = fit(text, fonts, width - sign.width - 12, FACES)
    x = (width - line.width - sign.width - 5) // 2
    bar.paste(sign, (x, 3))
    bar.paste(line, (x + sign.width + 5, 1))
    return _filled(bar)
