"""What an admin is told who gives badges out at the door."""

from collections.abc import Iterator

from clockd.core import feedback
from clockd.core.model import Action
from clockd.panel import icons
from clockd.panel.fonts import Fonts
from clockd.panel.parts import (
    FACES,
    HEADLINES,
    HEIGHT,
    WIDTH,
    Part,
    between,
    header_bar,
    large_word,
    line_at,
    person_rows,
    placed,
)
from clockd.panel.sayings import two_keys
from clockd.panel.text import Lettering, set_line
from clockd.panel.turning import block_turns, line_turns
from clockd.panel.words import Words


def of_desk(screen: feedback.DeskScreen, words: Words, fonts: Fonts) -> Iterator[Part]:
    """Lay out what the badge desk asks or did."""
    match screen:
        case feedback.AskBadge(admin):
            first, second = words.new_badge
            return person_rows(header_bar(words.desk, None, hollow=True), admin.name, first, fonts, more=second)
        case feedback.AskOwner():
            return _owner(screen, words, fonts)
        case feedback.AskLost():
            return _lost(screen, words, fonts)
        case feedback.Revoked(name, count):
            bar = header_bar(words.revoked, icons.picture(icons.CHECK))
            return person_rows(bar, name, f"{count} ×", fonts)


def _owner(screen: feedback.AskOwner, words: Words, fonts: Fonts) -> Iterator[Part]:
    """The question, the name as far as one is chosen, and what to do next."""
    title = words.whose_lost if screen.tail is None else words.whose.format(tail=screen.tail)
    if screen.employee is None:
        yield line_at(title, fonts, 0)
        yield between(large_word("?", WIDTH, HEADLINES), 16, HEIGHT - 17)
        yield line_at(two_keys(words), fonts, HEIGHT - 16)
        return
    number = set_line(str(screen.number), fonts, Lettering.THIN)
    yield Part(number, WIDTH - number.width, 0)
    yield placed(line_turns(title, fonts, WIDTH - number.width - 4, FACES), 0, 0)
    yield between(block_turns(screen.employee.name, fonts, WIDTH, HEIGHT - 33), 16, HEIGHT - 17)
    yield line_at(words.left_confirm, fonts, HEIGHT - 16)


def _lost(screen: feedback.AskLost, words: Words, fonts: Fonts) -> Iterator[Part]:
    """Whose badges it is about, and the two keys; or what was said, and what to do next."""
    yield line_at(screen.employee.name, fonts, 0)
    if screen.lost is None:
        yield line_at(words.old_badges, fonts, 16)
        for n, (key, text) in enumerate(zip((Action.IN, Action.OUT), words.lost_keys, strict=True)):
            if n or screen.can_keep:
                yield line_at(text.format(key=words.keys[key]), fonts, 32 + 16 * n)
        return
    yield between(large_word(words.lost[screen.lost], WIDTH, HEADLINES), 16, HEIGHT - 16)
    if screen.lost or screen.can_keep:
        yield line_at(words.left_confirm, fonts, HEIGHT - 16)
