"""A screen as a picture: pure, the same pixels for the same screen, words and fonts.

Every screen is laid out as a few parts that never overlap, for 128×64, and by its gist for 128×32 and 256×64; a larger
display shows the same picture, doubled as often as it fits and centred. Light on dark: an OLED's black costs no power
and does not age.

The idle screen wanders by a pixel every few minutes, so that no pixel of the one picture that is shown all day
burns in.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Literal

from PIL import Image

from clockd.core import feedback
from clockd.panel import icons
from clockd.panel.broad import BROAD, TALL, broad_fingerprint, broad_idle, broad_parts
from clockd.panel.desk_screens import of_desk
from clockd.panel.employee_screens import employee_parts
from clockd.panel.fonts import Fonts
from clockd.panel.gist import gist_of
from clockd.panel.low import LOW_HEIGHT, low_fingerprint, low_idle, low_parts
from clockd.panel.parts import (
    FACES,
    HEADLINES,
    HEIGHT,
    WIDTH,
    Part,
    alarm_line,
    between,
    centred,
    header_bar,
    large_word,
    line_at,
    person_rows,
    signs_of,
)
from clockd.panel.strokes import Pen, big, can_draw, stroke_width
from clockd.panel.text import Lettering, cropped, fit, set_line
from clockd.panel.turning import block_turns
from clockd.panel.words import Words

_STATUS = 47
"""Top row of the idle screen's last line: its ink stays in the last two pages of an SSD1306, also when it wanders."""
IDLE_CLOCK = Pen(height=34, width=22, stroke=6, gap=4)
_LARGE = (Pen(28, 18, 5, 4), Pen(26, 16, 5, 3), Pen(24, 14, 4, 3), Pen(22, 12, 4, 2))
_WANDER = ((0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
_WANDER_MINUTES = 4


class Arrangement(Enum):
    """The layouts there are, by width and height."""

    USUAL = (WIDTH, HEIGHT)
    LOW = (WIDTH, LOW_HEIGHT)
    BROAD = (BROAD, TALL)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.value
        return width, height


def draw(screen: feedback.Screen, words: Words, fonts: Fonts, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """Draw a screen as it looks first; see `pictures`."""
    return pictures(screen, words, fonts, size)[0]


def pictures(
    screen: feedback.Screen, words: Words, fonts: Fonts, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> tuple[Image.Image, ...]:
    """Draw a screen.

    Args:
        screen: what to tell.
        words: the language.
        fonts: what names and lines are set in.
        size: width and height of the display in pixels, at least 128×32.

    Returns:
        Pictures of that size, mode 1, light on dark. More than one where something is longer than its place: they are
        shown one after the other, and then again.
    """
    form = layout_for(size)
    parts = layout(screen, words, fonts, form)
    turns = max((len(part.turns) for part in parts), default=1) or 1
    return tuple(_on_display(_sheet(parts, form, turn), size) for turn in range(turns))


def layout_for(size: tuple[int, int]) -> Arrangement:
    """Say which of the layouts suits a display."""
    width, height = size
    if height < Arrangement.USUAL.size[1]:
        return Arrangement.LOW
    return Arrangement.BROAD if width >= Arrangement.BROAD.size[0] and height < 2 * HEIGHT else Arrangement.USUAL


def layout(
    screen: feedback.Screen, words: Words, fonts: Fonts, form: Arrangement = Arrangement.USUAL
) -> tuple[Part, ...]:
    """Lay a screen out."""
    match form:
        case Arrangement.USUAL:
            return tuple(_parts(screen, words, fonts))
        case Arrangement.LOW | Arrangement.BROAD:
            return tuple(_from_gist(screen, words, fonts, form))


def _sheet(parts: tuple[Part, ...], form: Arrangement, turn: int) -> Image.Image:
    sheet = Image.new("1", form.size)
    for part in parts:
        sheet.paste(part.turns[turn % len(part.turns)] if part.turns else part.image, (part.x, part.y))
    return sheet


def _on_display(sheet: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Double a picture as often as it fits a display, in its middle."""
    if size == sheet.size:
        return sheet
    scale = max(1, min(size[0] // sheet.width, size[1] // sheet.height))
    sheet = sheet.resize((sheet.width * scale, sheet.height * scale), Image.Resampling.NEAREST)
    whole = Image.new("1", size)
    whole.paste(sheet, ((size[0] - sheet.width) // 2, (size[1] - sheet.height) // 2))
    return whole


def _from_gist(
    screen: feedback.Screen, words: Words, fonts: Fonts, form: Literal[Arrangement.LOW, Arrangement.BROAD]
) -> Iterator[Part]:
    low = form is Arrangement.LOW
    match screen:
        case feedback.Asleep():
            return iter(())
        case feedback.Idle():
            return (low_idle if low else broad_idle)(screen, words, fonts, _wander(screen.local))
        case feedback.PageFingerprint(digits):
            return (low_fingerprint if low else broad_fingerprint)(digits, fonts)
        case _:
            return (low_parts if low else broad_parts)(gist_of(screen, words), fonts)


def _parts(screen: feedback.Screen, words: Words, fonts: Fonts) -> Iterator[Part]:
    if isinstance(screen, feedback.TerminalScreen):
        return _of_terminal(screen, words, fonts)
    if isinstance(screen, feedback.DeskScreen):
        return of_desk(screen, words, fonts)
    if isinstance(screen, feedback.BadgeScreen):
        return _of_badge(screen, words, fonts)
    return employee_parts(screen, words, fonts)


def _of_terminal(screen: feedback.TerminalScreen, words: Words, fonts: Fonts) -> Iterator[Part]:
    match screen:
        case feedback.Idle():
            return _idle(screen, words, fonts)
        case feedback.NewTerminal(name, address, lack):
            bar = header_bar(words.new_terminal, None, hollow=True)
            return person_rows(bar, name, address, fonts, more=words.lacks[lack])
        case feedback.Asleep():
            return iter(())
        case feedback.PageFingerprint(digits):
            return (line_at(digits[16 * n : 16 * n + 16], fonts, 16 * n) for n in range(4))
        case feedback.Enrol(name):
            return person_rows(header_bar(words.enrol, None, hollow=True), name, words.enrol_hint, fonts)
        case feedback.Enrolled(name):
            return person_rows(header_bar(words.enrolled, icons.picture(icons.CHECK)), name, "", fonts)
        case feedback.Starting():
            return _large("CLOCKD", words.starting, fonts)
        case feedback.Stopped():
            return _large(words.stopped, words.stopped_hint, fonts)
        case feedback.KeyArmed(label):
            return _large(words.keys.get(label, label), words.tap_now, fonts)


def _of_badge(screen: feedback.BadgeScreen, words: Words, fonts: Fonts) -> Iterator[Part]:
    match screen:
        case feedback.UnknownBadge(tail):
            return _unknown(tail, words, fonts)
        case feedback.RandomBadge():
            return _random(words, fonts)
        case feedback.NotValid():
            return _not_valid(screen, words, fonts)
        case feedback.NotReadable():
            return _failed(words.not_readable, "", words.tap_again, fonts)
        case feedback.WrongPin():
            return _failed(words.wrong_pin, "", words.tap_again, fonts)
        case feedback.PinLocked(wait_s):
            return _failed(words.pin_locked, words.pin_wait.format(minutes=math.ceil(wait_s / 60)), "", fonts)
        case feedback.NothingRecorded(reason):
            return _failed(words.not_recorded, words.reasons.get(reason, reason), words.tap_again, fonts)


def _idle(screen: feedback.Idle, words: Words, fonts: Fonts) -> Iterator[Part]:
    dx, dy = _wander(screen.local)
    time = f"{screen.local:%H:%M}" if screen.clock_trusted else "--:--"
    for part in (centred(big(time, IDLE_CLOCK), 3), *_status(screen, words, fonts)):
        yield replace(part, x=part.x + dx, y=part.y + dy)


def _wander(local: datetime) -> tuple[int, int]:
    """By how many pixels the idle screen lies beside its place."""
    return _WANDER[(local.hour * 60 + local.minute) // _WANDER_MINUTES % len(_WANDER)]


def _status(screen: feedback.Idle, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The line below the time: what is wrong, else the date; and the signs on the right."""
    left, right, top = 2, WIDTH - 2, _STATUS
    if not screen.reader_ok:
        yield Part(alarm_line(words.reader_fault, right - left, fonts), left, top - 2)
        return
    if screen.in_memory:
        yield Part(alarm_line(words.in_memory, right - left, fonts), left, top - 2)
        return
    alarm = None if screen.clock_trusted else fit(words.clock_not_set, fonts, right - left, FACES)
    if alarm:
        yield Part(alarm, left, top)
        left += alarm.width + 4
    for sign in signs_of(screen, fonts):
        if right - sign.width < left:
            break
        right -= sign.width
        yield Part(sign, right, top)
        right -= 5
    if not alarm:
        yield from _date(screen.local, left, right, top, words, fonts)


def _date(local: datetime, left: int, right: int, top: int, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The date in the longest form that fits; nothing where the signs leave no room."""
    for text in (words.long_date(local), words.short_date(local)):
        for face in FACES:
            line = set_line(text, fonts, face)
            if line.width <= right - left:
                yield Part(line, left, top)
                return


def _large(headline: str, hint: str, fonts: Fonts) -> Iterator[Part]:
    """One large word (or a name, where it cannot be drawn) and a line below."""
    line = cropped(fit(hint, fonts, WIDTH, FACES))
    bottom = HEIGHT - max(line.height, 12) - 4
    yield centred(line, bottom)
    drawn = can_draw(headline) and any(stroke_width(headline, pen) <= WIDTH for pen in _LARGE)
    word = large_word(headline, WIDTH - 4, _LARGE) if drawn else block_turns(headline, fonts, WIDTH, bottom - 4)
    yield between(word, 0, bottom)


def _unknown(tail: str, words: Words, fonts: Fonts) -> Iterator[Part]:
    yield Part(icons.badge("?"), 6, 1)
    digits = big(tail, Pen(20, 13, 4, 3)) if can_draw(tail) else cropped(fit(tail, fonts, 76, (Lettering.HUGE,)))
    digits = digits.crop((0, 0, min(76, digits.width), min(28, digits.height)))
    yield Part(digits, 50 + (76 - digits.width) // 2, max(0, 14 - digits.height // 2))
    yield line_at(words.unknown_badge, fonts, 31)
    yield line_at(words.unknown_hint, fonts, 47)


def _random(words: Words, fonts: Fonts) -> Iterator[Part]:
    yield Part(icons.phone(), 6, 0)
    for n, headline in enumerate(words.random_badge):
        yield Part(large_word(headline, WIDTH - 47, (Pen(13, 9, 3, 2), Pen(13, 7, 2, 2))), 47, n * 16)
    for n, text in enumerate(words.random_hint):
        yield line_at(text, fonts, 31 + n * 16)


def _failed(headlines: tuple[str, str], why: str, advice: str, fonts: Fonts) -> Iterator[Part]:
    yield Part(icons.cross(), 0, 0)
    for n, headline in enumerate(headlines):
        yield Part(large_word(headline, WIDTH - 37, HEADLINES), 37, n * 17)
    if why:
        yield line_at(why, fonts, 32)
    if advice:
        yield line_at(advice, fonts, 48)


def _not_valid(screen: feedback.NotValid, words: Words, fonts: Fonts) -> Iterator[Part]:
    begins = "" if screen.from_day is None else words.not_valid_yet.format(day=words.short_date(screen.from_day))
    bar = header_bar(words.not_valid, None, hollow=True)
    yield from person_rows(bar, screen.employee.name, begins, fonts, more=words.unknown_hint)
