"""A screen as a picture: pure, the same pixels for the same screen, words and fonts.

Every screen is laid out for 128×64 as a few parts that never overlap; a larger display shows the same picture,
doubled as often as it fits and centred. Light on dark: an OLED's black costs no power and does not age.

The idle screen wanders by a pixel every few minutes, so that no pixel of the one picture that is shown all day
burns in.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from PIL import Image

from clockd.core import feedback
from clockd.panel import icons
from clockd.panel.desk_screens import of_desk
from clockd.panel.employee_screens import employee_parts
from clockd.panel.fonts import Fonts
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
    name_lines,
    on_line,
    person_rows,
    with_count,
)
from clockd.panel.strokes import Pen, big, can_draw, stroke_width
from clockd.panel.text import Lettering, cropped, fit, set_line
from clockd.panel.words import Words

_STATUS = 47
"""Top row of the idle screen's last line: its ink stays in the last two pages of an SSD1306, also when it wanders."""
_CLOCK = Pen(height=34, width=22, stroke=6, gap=4)
_LARGE = (Pen(28, 18, 5, 4), Pen(26, 16, 5, 3), Pen(24, 14, 4, 3), Pen(22, 12, 4, 2))
_WANDER = ((0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
_WANDER_MINUTES = 4


def draw(screen: feedback.Screen, words: Words, fonts: Fonts, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """Draw a screen.

    Args:
        screen: what to tell.
        words: the language.
        fonts: what names and lines are set in.
        size: width and height of the display in pixels, at least 128×64.

    Returns:
        A picture of that size, mode 1, light on dark.
    """
    sheet = Image.new("1", (WIDTH, HEIGHT))
    for part in layout(screen, words, fonts):
        sheet.paste(part.image, (part.x, part.y))
    if size == sheet.size:
        return sheet
    scale = max(1, min(size[0] // WIDTH, size[1] // HEIGHT))
    sheet = sheet.resize((WIDTH * scale, HEIGHT * scale), Image.Resampling.NEAREST)
    whole = Image.new("1", size)
    whole.paste(sheet, ((size[0] - sheet.width) // 2, (size[1] - sheet.height) // 2))
    return whole


def layout(screen: feedback.Screen, words: Words, fonts: Fonts) -> tuple[Part, ...]:
    """Lay a screen out on 128×64."""
    return tuple(_parts(screen, words, fonts))


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
    step = (screen.local.hour * 60 + screen.local.minute) // _WANDER_MINUTES
    dx, dy = _WANDER[step % len(_WANDER)]
    time = f"{screen.local:%H:%M}" if screen.clock_trusted else "--:--"
    for part in (centred(big(time, _CLOCK), 3), *_status(screen, words, fonts)):
        yield replace(part, x=part.x + dx, y=part.y + dy)


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
    for sign in _signs(screen, fonts):
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


def _signs(screen: feedback.Idle, fonts: Fonts) -> Iterator[Image.Image]:
    """Signs of the idle screen from right to left, as high as a line."""
    link = icons.for_link(screen.link)
    if link is not None:
        yield on_line(link)
    if screen.unsent:
        yield with_count(icons.picture(icons.OUTBOX), screen.unsent, fonts)
    if screen.held:
        yield with_count(icons.picture(icons.HELD), screen.held, fonts)


def _large(headline: str, hint: str, fonts: Fonts) -> Iterator[Part]:
    """One large word (or a name, where it cannot be drawn) and a line below."""
    line = cropped(fit(hint, fonts, WIDTH, FACES))
    bottom = HEIGHT - max(line.height, 12) - 4
    yield centred(line, bottom)
    drawn = can_draw(headline) and any(stroke_width(headline, pen) <= WIDTH for pen in _LARGE)
    word = large_word(headline, WIDTH - 4, _LARGE) if drawn else name_lines(headline, fonts, bottom - 4)
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
