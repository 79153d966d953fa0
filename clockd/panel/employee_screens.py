"""What a person with a badge is told: their punch, their day, a question, and what the office did to their record."""

from collections.abc import Iterator, Sequence

from PIL import Image

from clockd.core import feedback
from clockd.core.model import Action, Kind, Project
from clockd.panel import icons
from clockd.panel.fonts import Fonts
from clockd.panel.parts import (
    FACES,
    HEADER,
    HEADLINES,
    HEIGHT,
    WIDTH,
    Part,
    between,
    centred,
    header_bar,
    large_word,
    line_at,
    person_rows,
    placed,
    struck_out,
)
from clockd.panel.sayings import (
    changed,
    chosen_time,
    how_far,
    last_punch,
    news_end,
    news_title,
    own_code,
    today_besides,
    two_keys,
    warning,
)
from clockd.panel.strokes import Pen, big
from clockd.panel.text import Lettering, fit, set_line, width_of
from clockd.panel.turning import Turns, block_turns, cropped_turns, line_turns
from clockd.panel.words import Words, hours

_ROWS = 3
"""So many lines are below the bar."""
_ANSWER = Pen(height=28, width=18, stroke=5, gap=4)


def employee_parts(screen: feedback.EmployeeScreen, words: Words, fonts: Fonts) -> Iterator[Part]:
    """Lay out what one person is told."""
    match screen:
        case feedback.Punched():
            return _punched(screen, words, fonts)
        case feedback.Booked(employee, kind, local):
            bar = header_bar(words.booked, icons.picture(icons.TWO_TICKS))
            return person_rows(bar, employee.name, words.punch(kind, local), fonts)
        case feedback.AlreadyRecorded(employee, kind, local):
            bar = header_bar(words.kinds[kind], icons.for_kind(kind), local, hollow=True)
            return person_rows(bar, employee.name, words.already, fonts)
        case feedback.Undone(employee, kind, local):
            bar = header_bar(words.undone, icons.picture(icons.UNDO))
            return person_rows(bar, employee.name, words.punch(kind, local), fonts, struck=True)
        case feedback.NothingToUndo(employee):
            bar = header_bar(words.keys[Action.UNDO], icons.picture(icons.UNDO), hollow=True)
            return person_rows(bar, employee.name, words.nothing_to_undo, fonts)
        case feedback.AskLeft():
            return _ask_left(screen, words, fonts)
        case feedback.AskConsent():
            return _ask_consent(screen, words, fonts)
        case feedback.AskProject():
            return _ask_project(screen, words, fonts)
        case feedback.NoProjects(employee):
            bar = header_bar(words.keys[Action.PROJECT], icons.for_kind(Kind.PROJECT), hollow=True)
            return person_rows(bar, employee.name, words.no_projects[0], fonts, more=words.no_projects[1])
        case feedback.ConsentSaved(employee, yes):
            bar = header_bar(words.consent[0 if yes else 1], icons.picture(icons.CHECK))
            return person_rows(bar, employee.name, words.saved, fonts, ticked=True)
        case feedback.Told(employee, local, now_local):
            bar = header_bar(words.kinds[Kind.OUT], icons.for_kind(Kind.OUT), local)
            told = words.told.format(day=words.day_before(local, now_local))
            return person_rows(bar, employee.name, told, fonts, ticked=True)
        case feedback.TooLate(employee):
            bar = header_bar(words.kinds[Kind.OUT], icons.for_kind(Kind.OUT), hollow=True)
            return person_rows(bar, employee.name, words.too_late, fonts)
        case feedback.Info():
            return _info(screen, words, fonts)


def _punched(screen: feedback.Punched, words: Words, fonts: Fonts) -> Iterator[Part]:
    bar = header_bar(
        words.kinds[screen.kind], icons.for_kind(screen.kind), screen.local if screen.clock_trusted else None
    )
    if screen.news is not None:
        return _with_news(bar, screen.news, words, fonts)
    told = warning(screen, words)
    last = told or _last_words(screen, words, fonts)
    more = words.missing_out_ask if screen.asks else words.no_in_hint if screen.no_in else ""
    return person_rows(bar, screen.employee.name, last, fonts, ticked=not told, more=more)


def _last_words(screen: feedback.Punched, words: Words, fonts: Fonts) -> str:
    """What is said below the name; the tick before it says that the punch is saved."""
    if screen.project:
        return _project(screen.project, fonts)
    if screen.worked_today_s is not None:
        return words.today.format(worked=hours(screen.worked_today_s))
    return words.saved


def _info(screen: feedback.Info, words: Words, fonts: Fonts) -> Iterator[Part]:
    if screen.second:
        return _week(screen, words, fonts)
    since = screen.break_since_local or screen.present_since_local
    headline = words.on_break if screen.break_since_local else words.present if since else words.absent
    bar = header_bar(headline, icons.picture(icons.PERSON), since, hollow=True)
    more = _project(screen.project, fonts) if screen.project else ""
    if screen.short is not None or screen.code is not None:
        more = today_besides(screen, words)
    return person_rows(
        bar, screen.employee.name, words.today.format(worked=hours(screen.worked_today_s)), fonts, more=more
    )


def _week(screen: feedback.Info, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The second page: the week as large as a punch, below it the last punch and how far the tracker is."""
    yield header_bar(words.week, None, figure=hours(screen.worked_week_s), hollow=True)
    rows = [line_turns(text, fonts, WIDTH, FACES) for text in how_far(screen, words)]
    if screen.code is not None:  # it stays as long as it counts
        rows.append(line_turns(own_code(screen.code, words), fonts, WIDTH, FACES))
    if screen.last is not None and screen.now_local is not None and len(rows) < _ROWS:
        rows.insert(0, _said(words.last, last_punch(screen.last, screen.now_local, words), fonts))
    yield from _below_the_bar(rows)


def _said(word: str, value: str, fonts: Fonts) -> Turns:
    """A line with a word on the left, and what it says on the right, bold where there is room; else in turns."""
    left = set_line(word, fonts, Lettering.THIN)
    room = WIDTH - left.width - 4
    if width_of(value, fonts, Lettering.THIN) > room:
        return line_turns(f"{word} {value}", fonts, WIDTH, FACES)
    right = fit(value, fonts, room, FACES)
    line = Image.new("1", (WIDTH, left.height))
    line.paste(left, (0, 0))
    line.paste(right, (WIDTH - right.width, 0))
    return (line,)


def _below_the_bar(lines: Sequence[Turns]) -> Iterator[Part]:
    """Lines as far apart as the rows below the bar allow."""
    rows = [cropped_turns(line) for line in lines]
    gap = max(0, (HEIGHT - HEADER - sum(row[0].height for row in rows)) // max(1, len(rows)))
    top = HEADER + gap // 2
    for row in rows:
        yield centred(row, top)
        top += row[0].height + gap


def _project(project: str, fonts: Fonts) -> str:
    """A project with its client, or without it where both do not fit."""
    if set_line(project, fonts, Lettering.BOLD).width <= WIDTH:
        return project
    return project.partition(" / ")[2] or project


def _ask_left(screen: feedback.AskLeft, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The question, the time as far as it is chosen, and what to do next."""
    title = words.left_at.format(day=words.day_before(screen.day_local, screen.now_local))
    yield line_at(title, fonts, 0)
    yield between(big(chosen_time(screen.hour, screen.minute), _ANSWER), 16, HEIGHT - 17)
    yield line_at(words.left_confirm if screen.chosen else two_keys(words), fonts, HEIGHT - 16)


def _with_news(bar: Part, news: feedback.News, words: Words, fonts: Fonts) -> Iterator[Part]:
    """A punch, and below it what the office did to the person's record."""
    yield bar
    title, end = (line_turns(text, fonts, WIDTH, FACES) for text in (news_title(news, words), news_end(news, words)))
    yield from _below_the_bar([title, _change(news, fonts, words), end])


def _change(news: feedback.News, fonts: Fonts, words: Words) -> Turns:
    saying = changed(news, words)
    turns = line_turns(saying.text, fonts, WIDTH, FACES)
    return tuple(struck_out(turn) for turn in turns) if saying.struck else turns


def _ask_consent(screen: feedback.AskConsent, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The change, and the two keys; or what is chosen, and what to do next."""
    yield line_at(news_title(screen.news, words), fonts, 0)
    yield centred(_change(screen.news, fonts, words), 16)
    if screen.yes is None:
        for n, (key, text) in enumerate(zip((Action.IN, Action.OUT), words.consent_keys, strict=True)):
            yield line_at(text.format(key=words.keys[key]), fonts, 32 + 16 * n)
        return
    yield between(large_word(words.consent[0 if screen.yes else 1], WIDTH, HEADLINES), 32, HEIGHT - 16)
    yield line_at(words.left_confirm, fonts, HEIGHT - 16)


def _ask_project(screen: feedback.AskProject, words: Words, fonts: Fonts) -> Iterator[Part]:
    """Whom the keys ask; or the project that is shown, with its client, and which of them it is."""
    project = screen.project
    if project is None:
        bar = header_bar(words.keys[Action.PROJECT], icons.for_kind(Kind.PROJECT), hollow=True)
        keys = words.project_keys.format(key=words.keys[Action.PROJECT])
        return person_rows(bar, screen.employee.name, words.which_project, fonts, more=keys)
    return _project_page(project, f"{screen.number}/{screen.count}", words, fonts)


def _project_page(project: Project, place: str, words: Words, fonts: Fonts) -> Iterator[Part]:
    """A project below its client, which takes the whole line where it is long: by it two of one name are told apart."""
    client = project.client or words.which_project
    below = width_of(client, fonts, Lettering.THIN) > WIDTH - 6 - width_of(place, fonts, Lettering.THIN)
    number = set_line(place.partition("/")[0] if below else place, fonts, Lettering.THIN)
    room = WIDTH - number.width - 6
    yield placed(line_turns(client, fonts, WIDTH if below else room, FACES), 0, 0)
    yield Part(number, 0 if below else WIDTH - number.width, HEIGHT - 16 if below else 0)
    yield between(block_turns(project.name, fonts, WIDTH, HEIGHT - 33), 16, HEIGHT - 17)
    confirm = fit(words.left_confirm, fonts, room if below else WIDTH, FACES)
    yield Part(confirm, WIDTH - confirm.width, HEIGHT - 16) if below else centred(confirm, HEIGHT - 16)
