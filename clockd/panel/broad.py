"""Layouts for 256×64: on the left who and what, on the right the time, as large as half the display, and the sum."""

from collections.abc import Iterator

from PIL import Image, ImageDraw

from clockd.core import feedback
from clockd.panel import icons
from clockd.panel.fonts import Fonts
from clockd.panel.gist import Gist
from clockd.panel.low import alarm_text, saying_turns
from clockd.panel.parts import FACES, Part, headline, inverted, placed, signs_in_turns
from clockd.panel.strokes import Pen, big, can_draw, stroke_width
from clockd.panel.turning import Turns, block_turns, cropped_turns, line_turns, one_size
from clockd.panel.words import Words

BROAD, TALL = 256, 64
"""Width and height."""
_RIGHT = 84
"""Columns of the right side."""
_BAR = 20
BROAD_PENS = (
    Pen(15, 12, 4, 3),
    Pen(15, 11, 3, 3),
    Pen(15, 10, 3, 2),
    Pen(15, 9, 3, 2),
    Pen(15, 8, 3, 2),
    Pen(15, 7, 2, 2),
)
_FIGURES = (Pen(28, 16, 5, 3), Pen(28, 15, 4, 3), Pen(28, 13, 4, 2), Pen(24, 11, 3, 2), Pen(20, 9, 3, 2))
_LARGE_BAR = 32
_LARGE = (
    Pen(26, 18, 5, 4),
    Pen(26, 16, 5, 3),
    Pen(24, 14, 4, 3),
    Pen(22, 12, 4, 2),
    Pen(20, 10, 3, 2),
    Pen(20, 9, 3, 2),
)
BROAD_CLOCK = Pen(height=48, width=30, stroke=8, gap=5)


def broad_parts(gist: Gist, fonts: Fonts) -> Iterator[Part]:
    """Lay out a gist: bar, name and lines on the left, figure and sum on the right; all of it where there is none."""
    beside = bool(gist.figure or gist.total)
    if not beside and not gist.name and len(gist.lines) <= 2:
        yield from _poster(gist, fonts)
        return
    width = BROAD - _RIGHT - 8 if beside else BROAD
    top = 0
    if gist.headline:
        yield placed(_bars(gist, fonts, width), 0, 0)
        top = _BAR
    yield from _below(gist, fonts, width, top)
    if beside:
        yield Part(Image.new("1", (1, TALL), 255), width + 4, 0)
        yield from _right(gist, fonts)


def _poster(gist: Gist, fonts: Fonts) -> Iterator[Part]:
    """A word as large as half the display, and a line or two."""
    height = _LARGE_BAR if len(gist.lines) > 1 else _LARGE_BAR + 10
    yield placed(_bars(gist, fonts, BROAD, height, _LARGE), 0, 0)
    yield from _below(gist, fonts, BROAD, height)


def _below(gist: Gist, fonts: Fonts, width: int, top: int) -> Iterator[Part]:
    """The name, and the lines below it; without a name as many lines as there is room for."""
    lines = [saying_turns(saying, fonts, width) for saying in gist.lines]
    bottom = TALL - 1
    if gist.name:
        if lines:
            turns = one_size([turn for line in lines for turn in line])
            bottom -= turns[0].height
            yield _centred(turns, 0, width, bottom, TALL - 1)
        yield _centred(block_turns(gist.name, fonts, width, bottom - 1 - top), 0, width, top, bottom - 1)
        return
    rows = (TALL - top) // 16
    if len(lines) > rows:
        lines[rows - 1 :] = [one_size([turn for line in lines[rows - 1 :] for turn in line])]
    for n, line in enumerate(lines):
        step = (TALL - top) // len(lines)
        yield _centred(line, 0, width, top + n * step, top + (n + 1) * step)


def _right(gist: Gist, fonts: Fonts) -> Iterator[Part]:
    left = BROAD - _RIGHT
    bottom = TALL
    if gist.total:
        rows = 26 if gist.figure else TALL
        sums = block_turns(gist.total.text, fonts, _RIGHT, rows)
        if gist.figure:
            bottom = TALL - rows - 2
        yield _centred(sums, left, BROAD, bottom if gist.figure else 0, TALL)
    if gist.figure:
        yield _centred(_figure(gist.figure, fonts), left, BROAD, 0, bottom)


def _figure(figure: str, fonts: Fonts) -> Turns:
    for pen in _FIGURES:
        if can_draw(figure) and stroke_width(figure, pen) <= _RIGHT:
            return (big(figure, pen),)
    return block_turns(figure, fonts, _RIGHT, 28)


def _bars(gist: Gist, fonts: Fonts, width: int, height: int = _BAR, pens: tuple[Pen, ...] = BROAD_PENS) -> Turns:
    """The bar with sign and word; without the sign where the word needs its place."""
    sign = gist.sign
    room = width - 8 - (sign.width + 5 if sign else 0)
    words = headline(gist.headline, fonts, pens, room)
    if sign and len(words) > 1:
        sign, words = None, headline(gist.headline, fonts, pens, width - 8)
    bars = []
    for word in words:
        bar = Image.new("1", (width, height - 1))
        x = 4
        if sign:
            bar.paste(sign, (x, (bar.height - sign.height) // 2))
            x += sign.width + 5
        bar.paste(word, (x, (bar.height - word.height) // 2))
        if gist.hollow:
            ImageDraw.Draw(bar).line((0, bar.height - 1, width - 1, bar.height - 1), fill=255)
        bars.append(bar if gist.hollow else inverted(bar))
    return tuple(bars)


def broad_idle(screen: feedback.Idle, words: Words, fonts: Fonts, wander: tuple[int, int]) -> Iterator[Part]:
    """The time across the height of the display, beside it the date, the signs, and what is wrong."""
    dx, dy = wander
    digits = big(f"{screen.local:%H:%M}" if screen.clock_trusted else "--:--", BROAD_CLOCK)
    yield Part(digits, 3 + dx, 8 + dy)
    left, right = 3 + digits.width + 10, BROAD - 2
    if alarm := alarm_text(screen, words):
        yield placed(_alarm(alarm, right - left, fonts), left + dx, 3 + dy)
    else:
        date = cropped_turns(line_turns(words.long_date(screen.local), fonts, right - left, FACES))
        yield placed(date, right - date[0].width + dx, 10 + dy)
    if signs := signs_in_turns(screen, right - left, fonts):
        yield placed(signs, right - signs[0].width + dx, 46 + dy)


def _alarm(text: str, width: int, fonts: Fonts) -> Turns:
    """A inverted block with a warning sign and what is wrong, on two lines where it is long."""
    sign = icons.picture(icons.HELD)
    blocks = []
    for turn in block_turns(text, fonts, width - sign.width - 12, 30):
        block = Image.new("1", (width, 34))
        x = (width - turn.width - sign.width - 5) // 2
        block.paste(sign, (x, (block.height - sign.height) // 2))
        block.paste(turn, (x + sign.width + 5, (block.height - turn.height) // 2))
        blocks.append(inverted(block))
    return tuple(blocks)


def broad_fingerprint(digits: str, fonts: Fonts) -> Iterator[Part]:
    """All of it on two lines, four digits together as browsers compare them."""
    for n in range(2):
        half = digits[32 * n : 32 * n + 32]
        text = " ".join(half[4 * k : 4 * k + 4] for k in range(8))
        yield _centred(line_turns(text, fonts, BROAD, FACES), 0, BROAD, 32 * n, 32 * n + 32)


def _centred(turns: Turns, left: int, right: int, top: int, bottom: int) -> Part:
    height = min(turns[0].height, bottom - top)
    turns = tuple(turn.crop((0, 0, turn.width, height)) for turn in turns)
    return placed(turns, left + (right - left - turns[0].width) // 2, top + (bottom - top - height) // 2)
