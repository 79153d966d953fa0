"""Layouts for 128×32: two lines. What must be read first, the word and the time, stays; the rest is said in turns."""

from collections.abc import Iterator

from PIL import Image, ImageDraw

from clockd.core import feedback
from clockd.panel.fonts import Fonts
from clockd.panel.gist import Gist
from clockd.panel.parts import (
    FACES,
    WIDTH,
    Part,
    alarm_line,
    headline,
    inverted,
    placed,
    signs_in_turns,
    struck_out,
    with_tick,
)
from clockd.panel.sayings import Saying
from clockd.panel.strokes import Pen, big
from clockd.panel.turning import Turns, block_turns, cropped_turns, line_turns, one_size
from clockd.panel.words import Words

LOW_HEIGHT = 32
_BAR = 15
"""Rows of the upper line."""
LOW_PENS = (Pen(13, 10, 3, 2), Pen(13, 9, 3, 2), Pen(13, 8, 3, 2), Pen(13, 8, 2, 2), Pen(13, 7, 2, 2), Pen(13, 6, 2, 1))
LOW_CLOCK = Pen(height=26, width=14, stroke=4, gap=3)
_CROSS = Pen(13, 13, 4, 2)
_SMALL_CLOCK = Pen(13, 9, 3, 2)


def low_parts(gist: Gist, fonts: Fonts) -> Iterator[Part]:
    """Lay out a gist: word and figure above; below the name, and what else there is in turns."""
    sayings = [*gist.lines, *([gist.total] if gist.total else [])]
    rows = LOW_HEIGHT - _BAR - 1
    below = [turn for saying in sayings for turn in saying_turns(saying, fonts, WIDTH)]
    name = block_turns(gist.name, fonts, WIDTH, rows) if gist.name else ()
    if gist.headline:
        yield placed(_bars(gist, fonts), 0, 0)
        below = [*name, *below]
    elif name:
        yield _in_rows(name, 0, _BAR)
    if below:
        yield _in_rows(one_size(below), _BAR + 1, LOW_HEIGHT)


def low_idle(screen: feedback.Idle, words: Words, fonts: Fonts, wander: tuple[int, int]) -> Iterator[Part]:
    """The time as high as the display, signs and date beside it; smaller above what is wrong."""
    time = f"{screen.local:%H:%M}" if screen.clock_trusted else "--:--"
    dx, dy = wander
    alarm = alarm_text(screen, words)
    digits = big(time, _SMALL_CLOCK if alarm else LOW_CLOCK)
    left, edge = 2 + digits.width + 6, WIDTH - 2
    yield Part(digits, 2 + dx, 1 + max(0, dy) if alarm else 3 + dy)
    signs = signs_in_turns(screen, edge - left, fonts)
    if signs:
        yield placed(signs, edge - signs[0].width + dx, 1 + max(0, dy))
    if alarm:
        yield Part(alarm_line(alarm, WIDTH - 4, fonts, LOW_HEIGHT - 17), 2 + dx, 17)
        return
    date = cropped_turns(line_turns(words.short_date(screen.local), fonts, edge - left, FACES))
    yield placed(date, edge - date[0].width + dx, LOW_HEIGHT - 2 - date[0].height + dy)


def low_fingerprint(digits: str, fonts: Fonts) -> Iterator[Part]:
    """Two lines of digits at a time."""
    for line in range(2):
        quarters = [digits[16 * n : 16 * n + 16] for n in (line, line + 2)]
        turns = one_size([turn for text in quarters for turn in line_turns(text, fonts, WIDTH, FACES)])
        yield _in_rows(turns, 16 * line, 16 * line + 16)


def alarm_text(screen: feedback.Idle, words: Words) -> str:
    """What is wrong with the terminal itself; nothing where all is well."""
    if not screen.reader_ok:
        return words.reader_fault
    if screen.in_memory:
        return words.in_memory
    return "" if screen.clock_trusted else words.clock_not_set


def saying_turns(saying: Saying, fonts: Fonts, room: int) -> Turns:
    """A line with its tick, or struck."""
    turns = line_turns(saying.text, fonts, room, FACES)
    if saying.struck:
        turns = tuple(struck_out(turn) for turn in turns)
    return cropped_turns(tuple(with_tick(turn, room) for turn in turns) if saying.ticked else turns)


def _bars(gist: Gist, fonts: Fonts) -> Turns:
    """The upper line; its word takes turns where it is too long beside the figure."""
    figure = headline(gist.figure, fonts, LOW_PENS, WIDTH // 2)[0] if gist.figure else None
    if gist.failed:
        figure = big("X", _CROSS)
    room = WIDTH - 6 - (figure.width + 6 if figure else 0)
    bars = []
    for word in headline(gist.headline, fonts, LOW_PENS, room):
        bar = Image.new("1", (WIDTH, _BAR))
        bar.paste(word, (3, (_BAR - word.height) // 2))
        if figure:
            bar.paste(figure, (WIDTH - 3 - figure.width, (_BAR - figure.height) // 2))
        bars.append(_underlined(bar) if gist.hollow else inverted(bar))
    return tuple(bars)


def _underlined(bar: Image.Image) -> Image.Image:
    taller = Image.new("1", (bar.width, _BAR + 1))
    taller.paste(bar, (0, 0))
    ImageDraw.Draw(taller).line((0, _BAR, bar.width - 1, _BAR), fill=255)
    return taller


def _in_rows(turns: Turns, top: int, bottom: int) -> Part:
    turns = cropped_turns(turns)
    height = min(turns[0].height, bottom - top)
    turns = tuple(turn.crop((0, 0, turn.width, height)) for turn in turns)
    return placed(turns, (WIDTH - turns[0].width) // 2, top + (bottom - top - height) // 2)
