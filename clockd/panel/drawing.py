"""A screen as a picture: pure, the same pixels for the same screen, words and fonts.

Every screen is laid out for 128×64 as a few parts that never overlap; a larger display shows the same picture,
doubled as often as it fits and centred. Light on dark: an OLED's black costs no power and does not age.

The idle screen wanders by a pixel every few minutes, so that no pixel of the one picture that is shown all day
burns in.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from PIL import Image, ImageDraw

from clockd.core import feedback
from clockd.core.model import Action, Kind
from clockd.panel import icons
from clockd.panel.fonts import Fonts
from clockd.panel.strokes import Pen, big, can_draw, stroke_width
from clockd.panel.text import Lettering, cropped, cut, fit, halves, set_line, stack
from clockd.panel.words import Words, hours

WIDTH = 128
HEIGHT = 64
_HEADER = 20
"""Rows of the bar on top of a punch."""
_STATUS = 47
"""Top row of the idle screen's last line: its ink stays in the last two pages of an SSD1306, also when it wanders."""
_CLOCK = Pen(height=34, width=22, stroke=6, gap=4)
_ANSWER = Pen(height=28, width=18, stroke=5, gap=4)
_LARGE = (Pen(28, 18, 5, 4), Pen(26, 16, 5, 3), Pen(24, 14, 4, 3), Pen(22, 12, 4, 2))
_HEADLINES = (Pen(15, 10, 3, 2), Pen(15, 9, 3, 2), Pen(15, 8, 3, 2))
"""Letters of headlines; the first that fit are taken."""
_FACES = (Lettering.BOLD, Lettering.THIN)
_WANDER = ((0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
_WANDER_MINUTES = 4


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
    if isinstance(screen, feedback.BadgeScreen):
        return _of_badge(screen, words, fonts)
    return _of_employee(screen, words, fonts)


def _of_terminal(screen: feedback.TerminalScreen, words: Words, fonts: Fonts) -> Iterator[Part]:
    match screen:
        case feedback.Idle():
            return _idle(screen, words, fonts)
        case feedback.PageFingerprint(digits):
            return (_line(digits[16 * n : 16 * n + 16], fonts, 16 * n) for n in range(4))
        case feedback.Enrol(name):
            return _person(_bar(words.enrol, None, hollow=True), name, words.enrol_hint, fonts)
        case feedback.Enrolled(name):
            return _person(_bar(words.enrolled, icons.picture(icons.CHECK)), name, "", fonts)
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


def _of_employee(screen: feedback.EmployeeScreen, words: Words, fonts: Fonts) -> Iterator[Part]:
    match screen:
        case feedback.Punched():
            return _punched(screen, words, fonts)
        case feedback.Booked(employee, kind, local):
            bar = _bar(words.booked, icons.picture(icons.TWO_TICKS))
            return _person(bar, employee.name, words.punch(kind, local), fonts)
        case feedback.AlreadyRecorded(employee, kind, local):
            bar = _bar(words.kinds[kind], icons.for_kind(kind), local, hollow=True)
            return _person(bar, employee.name, words.already, fonts)
        case feedback.Undone(employee, kind, local):
            bar = _bar(words.undone, icons.picture(icons.UNDO))
            return _person(bar, employee.name, words.punch(kind, local), fonts, struck=True)
        case feedback.NothingToUndo(employee):
            bar = _bar(words.keys[Action.UNDO], icons.picture(icons.UNDO), hollow=True)
            return _person(bar, employee.name, words.nothing_to_undo, fonts)
        case feedback.AskLeft():
            return _ask_left(screen, words, fonts)
        case feedback.AskConsent():
            return _ask_consent(screen, words, fonts)
        case feedback.ConsentSaved(employee, yes):
            bar = _bar(words.consent[0 if yes else 1], icons.picture(icons.CHECK))
            return _person(bar, employee.name, words.saved, fonts, ticked=True)
        case feedback.Told(employee, local, now_local):
            bar = _bar(words.kinds[Kind.OUT], icons.for_kind(Kind.OUT), local)
            told = words.told.format(day=words.day_before(local, now_local))
            return _person(bar, employee.name, told, fonts, ticked=True)
        case feedback.TooLate(employee):
            bar = _bar(words.kinds[Kind.OUT], icons.for_kind(Kind.OUT), hollow=True)
            return _person(bar, employee.name, words.too_late, fonts)
        case feedback.Info():
            return _info(screen, words, fonts)


# --- whole screens ------------------------------------------------------------------------------------------------


def _idle(screen: feedback.Idle, words: Words, fonts: Fonts) -> Iterator[Part]:
    step = (screen.local.hour * 60 + screen.local.minute) // _WANDER_MINUTES
    dx, dy = _WANDER[step % len(_WANDER)]
    time = f"{screen.local:%H:%M}" if screen.clock_trusted else "--:--"
    for part in (_centred(big(time, _CLOCK), 3), *_status(screen, words, fonts)):
        yield replace(part, x=part.x + dx, y=part.y + dy)


def _status(screen: feedback.Idle, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The line below the time: what is wrong, else the date; and the signs on the right."""
    left, right, top = 2, WIDTH - 2, _STATUS
    if not screen.reader_ok:
        yield Part(_alarm(words.reader_fault, right - left, fonts), left, top - 2)
        return
    if screen.in_memory:
        yield Part(_alarm(words.in_memory, right - left, fonts), left, top - 2)
        return
    alarm = None if screen.clock_trusted else set_line(words.clock_not_set, fonts, Lettering.BOLD)
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
        for face in _FACES:
            line = set_line(text, fonts, face)
            if line.width <= right - left:
                yield Part(line, left, top)
                return


def _signs(screen: feedback.Idle, fonts: Fonts) -> Iterator[Image.Image]:
    """Signs of the idle screen from right to left, as high as a line."""
    link = icons.for_link(screen.link)
    if link is not None:
        yield _on_line(link)
    if screen.unsent:
        yield _counted(icons.picture(icons.OUTBOX), screen.unsent, fonts)
    if screen.held:
        yield _counted(icons.picture(icons.HELD), screen.held, fonts)


def _punched(screen: feedback.Punched, words: Words, fonts: Fonts) -> Iterator[Part]:
    bar = _bar(words.kinds[screen.kind], icons.for_kind(screen.kind), screen.local if screen.clock_trusted else None)
    if screen.news is not None:
        return _with_news(bar, screen.news, words, fonts)
    warning = _warning(screen, words)
    last = warning or _last_words(screen, words, fonts)
    more = words.missing_out_ask if screen.asks else words.no_in_hint if screen.no_in else ""
    return _person(bar, screen.employee.name, last, fonts, ticked=not warning, more=more)


def _warning(screen: feedback.Punched, words: Words) -> str:
    if not screen.clock_trusted:
        return words.clock_not_set_saved
    if screen.no_in:
        return words.no_in
    if screen.missing_out_local is not None:
        return words.missing_out.format(day=words.day_before(screen.missing_out_local, screen.local))
    return ""


def _last_words(screen: feedback.Punched, words: Words, fonts: Fonts) -> str:
    """What is said below the name; the tick before it says that the punch is saved."""
    if screen.project:
        return _project(screen.project, fonts)
    if screen.worked_today_s is not None:
        return words.today.format(worked=hours(screen.worked_today_s))
    return words.saved


def _info(screen: feedback.Info, words: Words, fonts: Fonts) -> Iterator[Part]:
    since = screen.break_since_local or screen.present_since_local
    headline = words.on_break if screen.break_since_local else words.present if since else words.absent
    bar = _bar(headline, icons.picture(icons.PERSON), since, hollow=True)
    project = _project(screen.project, fonts) if screen.project else ""
    return _person(
        bar, screen.employee.name, words.today.format(worked=hours(screen.worked_today_s)), fonts, more=project
    )


def _project(project: str, fonts: Fonts) -> str:
    """A project with its client, or without it where both do not fit."""
    if set_line(project, fonts, Lettering.BOLD).width <= WIDTH:
        return project
    return project.partition(" / ")[2] or project


def _person(
    bar: Part, name: str, last: str, fonts: Fonts, *, struck: bool = False, ticked: bool = False, more: str = ""
) -> Iterator[Part]:
    """A bar, a name as large as it can be, and perhaps a line or two below."""
    yield bar
    bottom = HEIGHT
    if more:
        line = cropped(fit(more, fonts, WIDTH, _FACES))
        bottom -= line.height
        yield _centred(line, bottom)
        bottom -= 1
    if last:
        line = fit(last, fonts, WIDTH, _FACES)
        if struck:
            ImageDraw.Draw(line).line((0, 9, line.width - 1, 9), fill=255)
        line = cropped(_ticked(line) if ticked else line)
        bottom -= line.height
        yield _centred(line, bottom)
        bottom -= 1
    yield _between(_name(name, fonts, bottom - _HEADER), _HEADER, bottom)


def _ask_left(screen: feedback.AskLeft, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The question, the time as far as it is chosen, and what to do next."""
    hour = "--" if screen.hour is None else f"{screen.hour:02}"
    minute = "--" if screen.minute is None else f"{screen.minute:02}"
    keys = words.left_keys.format(earlier=words.keys[Action.IN], later=words.keys[Action.OUT])
    title = words.left_at.format(day=words.day_before(screen.day_local, screen.now_local))
    yield _line(title, fonts, 0)
    yield _between(big(f"{hour}:{minute}", _ANSWER), 16, HEIGHT - 17)
    yield _line(words.left_confirm if screen.chosen else keys, fonts, HEIGHT - 16)


def _with_news(bar: Part, news: feedback.News, words: Words, fonts: Fonts) -> Iterator[Part]:
    """A punch, and below it what the office did to the person's record."""
    yield bar
    if news.asks:
        last = words.news_ask
    elif news.counts_from is not None:
        last = words.news_counts.format(day=words.short_date(news.counts_from))
    else:
        last = words.news_made
    lines = [fit(_news_title(news, words), fonts, WIDTH, _FACES), _change(news, words, fonts)]
    rows = [cropped(line) for line in (*lines, fit(last, fonts, WIDTH, _FACES))]
    gap = max(0, (HEIGHT - _HEADER - sum(row.height for row in rows)) // len(rows))
    top = _HEADER + gap // 2
    for row in rows:
        yield _centred(row, top)
        top += row.height + gap


def _news_title(news: feedback.News, words: Words) -> str:
    counted = news.becomes or news.was
    if news.username is not None or counted is None:
        return words.news_username
    return words.news.format(day=words.day_before(counted.local, news.now_local))


def _change(news: feedback.News, words: Words, fonts: Fonts) -> Image.Image:
    """What changes, on one line: what was and what is, or the one of the two that there is."""
    was, becomes = news.was, news.becomes
    if news.username is not None:
        return fit(f"→ {news.username}", fonts, WIDTH, _FACES)
    if was is not None and becomes is not None:
        after = words.punch(becomes.kind, becomes.local)
        if was.local.date() != becomes.local.date():
            text = f"{words.day_before(was.local, news.now_local)} {was.local:%H:%M}→{becomes.local:%H:%M}"
        elif was.kind is becomes.kind:
            text = f"{words.punch(was.kind, was.local)}→{becomes.local:%H:%M}"
        elif was.local == becomes.local:
            text = f"{words.kinds_small[was.kind]}→{after}"
        else:
            text = f"{words.punch(was.kind, was.local)}→{after}"
        return fit(text, fonts, WIDTH, _FACES)
    if was is None:
        return fit("" if becomes is None else f"+ {words.punch(becomes.kind, becomes.local)}", fonts, WIDTH, _FACES)
    line = fit(words.punch(was.kind, was.local), fonts, WIDTH, _FACES)
    ImageDraw.Draw(line).line((0, 9, line.width - 1, 9), fill=255)
    return line


def _ask_consent(screen: feedback.AskConsent, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The change, and the two keys; or what is chosen, and what to do next."""
    yield _line(_news_title(screen.news, words), fonts, 0)
    yield _centred(_change(screen.news, words, fonts), 16)
    if screen.yes is None:
        for n, (key, text) in enumerate(zip((Action.IN, Action.OUT), words.consent_keys, strict=True)):
            yield _line(text.format(key=words.keys[key]), fonts, 32 + 16 * n)
        return
    yield _between(_headline(words.consent[0 if screen.yes else 1], WIDTH, _HEADLINES), 32, HEIGHT - 16)
    yield _line(words.left_confirm, fonts, HEIGHT - 16)


def _large(headline: str, hint: str, fonts: Fonts) -> Iterator[Part]:
    """One large word (or a name, where it cannot be drawn) and a line below."""
    line = cropped(fit(hint, fonts, WIDTH, _FACES))
    bottom = HEIGHT - max(line.height, 12) - 4
    yield _centred(line, bottom)
    drawn = can_draw(headline) and any(stroke_width(headline, pen) <= WIDTH for pen in _LARGE)
    word = _headline(headline, WIDTH - 4, _LARGE) if drawn else _name(headline, fonts, bottom - 4)
    yield _between(word, 0, bottom)


def _unknown(tail: str, words: Words, fonts: Fonts) -> Iterator[Part]:
    yield Part(icons.badge("?"), 6, 1)
    digits = big(tail, Pen(20, 13, 4, 3)) if can_draw(tail) else cropped(fit(tail, fonts, 76, (Lettering.HUGE,)))
    digits = digits.crop((0, 0, min(76, digits.width), min(28, digits.height)))
    yield Part(digits, 50 + (76 - digits.width) // 2, max(0, 14 - digits.height // 2))
    yield _line(words.unknown_badge, fonts, 31)
    yield _line(words.unknown_hint, fonts, 47)


def _random(words: Words, fonts: Fonts) -> Iterator[Part]:
    yield Part(icons.phone(), 6, 0)
    for n, headline in enumerate(words.random_badge):
        yield Part(_headline(headline, WIDTH - 47, (Pen(13, 9, 3, 2), Pen(13, 7, 2, 2))), 47, n * 16)
    for n, text in enumerate(words.random_hint):
        yield _line(text, fonts, 31 + n * 16)


def _failed(headlines: tuple[str, str], why: str, advice: str, fonts: Fonts) -> Iterator[Part]:
    yield Part(icons.cross(), 0, 0)
    for n, headline in enumerate(headlines):
        yield Part(_headline(headline, WIDTH - 37, _HEADLINES), 37, n * 17)
    if why:
        yield _line(why, fonts, 32)
    if advice:
        yield _line(advice, fonts, 48)


def _not_valid(screen: feedback.NotValid, words: Words, fonts: Fonts) -> Iterator[Part]:
    begins = "" if screen.from_day is None else words.not_valid_yet.format(day=words.short_date(screen.from_day))
    bar = _bar(words.not_valid, None, hollow=True)
    yield from _person(bar, screen.employee.name, begins, fonts, more=words.unknown_hint)


# --- parts ----------------------------------------------------------------------------------------------------------


def _bar(word: str, icon: Image.Image | None, time: datetime | None = None, *, hollow: bool = False) -> Part:
    """The bar on top: what happened, and when. Filled; hollow when nothing new was written."""
    clock = f"{time:%H:%M}" if time else ""
    bar = Image.new("1", (WIDTH, _HEADER - 1))
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
    for with_icon in (True, False):
        for pen in _HEADLINES:
            needed = stroke_width(word, pen) + (icon if with_icon else 0)
            needed += stroke_width(clock, pen) + 8 if clock else 0
            if needed <= WIDTH - 8:
                return pen, with_icon
    return _HEADLINES[-1], False


def _filled(bar: Image.Image) -> Image.Image:
    """Dark on light, with rounded corners."""
    filled = Image.new("1", bar.size, 255)
    filled.paste(0, (0, 0), bar)
    for corner in ((0, 0), (bar.width - 1, 0), (0, bar.height - 1), (bar.width - 1, bar.height - 1)):
        filled.putpixel(corner, 0)
    return filled


def _headline(word: str, room: int, pens: tuple[Pen, ...]) -> Image.Image:
    pen = next((pen for pen in pens if stroke_width(word, pen) <= room), pens[-1])
    return big(word, pen)


def _name(name: str, fonts: Fonts, rows: int) -> Image.Image:
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


def _line(text: str, fonts: Fonts, top: int) -> Part:
    return _centred(fit(text, fonts, WIDTH, _FACES), top)


def _centred(image: Image.Image, top: int) -> Part:
    return Part(image, (WIDTH - image.width) // 2, top)


def _between(image: Image.Image, top: int, bottom: int) -> Part:
    return _centred(image, top + max(0, bottom - top - image.height) // 2)


def _on_line(sign: Image.Image) -> Image.Image:
    """Stand a sign of 12 rows on the base of the text beside it."""
    line = Image.new("1", (sign.width, 16))
    line.paste(sign, (0, 2))
    return line


def _counted(sign: Image.Image, count: int, fonts: Fonts) -> Image.Image:
    """A sign and a number right of it."""
    number = set_line(str(count) if count < 100 else "99+", fonts, Lettering.BOLD)
    both = Image.new("1", (sign.width + 2 + number.width, 16))
    both.paste(sign, (0, 2))
    both.paste(number, (sign.width + 2, 0))
    return both


def _ticked(line: Image.Image) -> Image.Image:
    """A line with a tick before it, where there is room for it."""
    tick = icons.picture(icons.TICK)
    if line.width + tick.width + 5 > WIDTH:
        return line
    both = Image.new("1", (line.width + tick.width + 5, line.height))
    both.paste(tick, (0, 5))
    both.paste(line, (tick.width + 5, 0))
    return both


def _alarm(text: str, width: int, fonts: Fonts) -> Image.Image:
    """A filled bar with a warning sign, that nobody overlooks."""
    bar = Image.new("1", (width, 18))
    sign = icons.picture(icons.HELD)
    line = fit(text, fonts, width - sign.width - 12, _FACES)
    x = (width - line.width - sign.width - 5) // 2
    bar.paste(sign, (x, 3))
    bar.paste(line, (x + sign.width + 5, 1))
    return _filled(bar)
