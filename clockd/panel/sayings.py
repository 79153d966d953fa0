"""What is said in words of a punch, a day, or a change by the office: one line each, whatever the display."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from clockd.core import feedback
from clockd.core.model import Action
from clockd.panel.words import Words


@dataclass(frozen=True, slots=True)
class Saying:
    """One line."""

    text: str
    ticked: bool = False
    """Whether a tick before it says that it is saved."""
    struck: bool = False
    """Whether it counts no more."""


def warning(screen: feedback.Punched, words: Words) -> str:
    """What is wrong with a punch; nothing where all is well."""
    if not screen.clock_trusted:
        return words.clock_not_set_saved
    if screen.no_in:
        return words.no_in
    if screen.missing_out_local is not None:
        return words.missing_out.format(day=words.day_before(screen.missing_out_local, screen.local))
    return ""


def today_besides(screen: feedback.Info, words: Words) -> str:
    """What the first page of the info says below the sum: the most important of what there is, or nothing."""
    if screen.code is not None:
        return own_code(screen.code, words)
    if screen.short is not None:
        return words.short[screen.short.way]
    return screen.project or ""


def last_punch(last: feedback.Counted, now: datetime, words: Words) -> str:
    """What somebody did last: with its time today, with its day this week, and else the date alone."""
    if last.local.date() == now.date():
        return words.punch(last.kind, last.local)
    if now.date() - last.local.date() < timedelta(days=7):
        return f"{words.kinds_small[last.kind]} {words.day_before(last.local, now)}"
    return words.short_date(last.local)


def own_code(code: str, words: Words) -> str:
    """The code that opens an own record, in two groups."""
    return words.own_code.format(code=f"{code[:3]} {code[3:]}")


def how_far(screen: feedback.Info, words: Words) -> Iterator[str]:
    """How far the tracker is."""
    if screen.unsettled is None:
        return
    if screen.unsettled.unsent:
        yield words.unsent.of(screen.unsettled.unsent)
    if screen.unsettled.held:
        yield words.held.of(screen.unsettled.held)
    if screen.unsettled == feedback.Unsettled(0, 0):
        yield words.all_booked


def chosen_time(hour: int | None, minute: int | None) -> str:
    """A time as far as it is chosen."""
    return f"{'--' if hour is None else f'{hour:02}'}:{'--' if minute is None else f'{minute:02}'}"


def two_keys(words: Words) -> str:
    """Which key goes back and which one on."""
    return words.left_keys.format(earlier=words.keys[Action.IN], later=words.keys[Action.OUT])


def news_title(news: feedback.News, words: Words) -> str:
    """Who changed something, and of which day."""
    counted = news.becomes or news.was
    if news.username is not None or counted is None:
        return words.news_username
    return words.news.format(day=words.day_before(counted.local, news.now_local))


def news_end(news: feedback.News, words: Words) -> str:
    """Whether it counts already, later, or is asked."""
    if news.asks:
        return words.news_ask
    if news.counts_from is not None:
        return words.news_counts.format(day=words.short_date(news.counts_from))
    return words.news_made


def changed(news: feedback.News, words: Words) -> Saying:
    """What changes, on one line: what was and what is, or the one of the two that there is."""
    was, becomes = news.was, news.becomes
    if news.username is not None:
        return Saying(f"→\u00a0{news.username}")
    if was is not None and becomes is not None:
        after = words.punch(becomes.kind, becomes.local)
        if was.local.date() != becomes.local.date():
            return Saying(f"{words.day_before(was.local, news.now_local)} {was.local:%H:%M}→{becomes.local:%H:%M}")
        if was.kind is becomes.kind:
            return Saying(f"{words.punch(was.kind, was.local)}→{becomes.local:%H:%M}")
        if was.local == becomes.local:
            return Saying(f"{words.kinds_small[was.kind]}→{after}")
        return Saying(f"{words.punch(was.kind, was.local)}→{after}")
    if was is None:
        return Saying("" if becomes is None else f"+ {words.punch(becomes.kind, becomes.local)}")
    return Saying(words.punch(was.kind, was.local), struck=True)
