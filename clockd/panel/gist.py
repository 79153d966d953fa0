"""What a screen says, before it is laid out: a headline, a figure beside it, a name, and lines by their importance.

The displays of 128×32 and of 256×64 are laid out from it (`clockd.panel.low`, `clockd.panel.broad`).
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from PIL import Image

from clockd.core import feedback
from clockd.core.model import Action, Kind
from clockd.panel import icons
from clockd.panel.sayings import (
    Saying,
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
from clockd.panel.words import Words, hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Gist:
    """What a screen says."""

    headline: str = ""
    """In capitals; empty where the name says it all."""
    sign: Image.Image | None = None
    """Of sixteen rows; of thirty-one where it failed."""
    figure: str = ""
    """Beside the headline: a time, a number."""
    name: str = ""
    lines: tuple[Saying, ...] = ()
    total: Saying | None = None
    """What was worked, where that is known."""
    hollow: bool = False
    """Whether nothing new was written."""
    failed: bool = False
    """Whether nothing was recorded that should have been."""


_ANSWERS = (Action.IN, Action.OUT)
"""The two keys that answer a question."""


GistScreen = (
    feedback.EmployeeScreen
    | feedback.DeskScreen
    | feedback.BadgeScreen
    | feedback.Starting
    | feedback.Stopped
    | feedback.KeyArmed
    | feedback.NewTerminal
    | feedback.Enrol
    | feedback.Enrolled
)
"""Screens that have one; the others are a picture more than a saying."""


def gist_of(screen: GistScreen, words: Words) -> Gist:
    """Say what a screen says."""
    if isinstance(screen, feedback.DeskScreen):
        return _of_desk(screen, words)
    if isinstance(screen, feedback.BadgeScreen):
        return _of_badge(screen, words)
    if isinstance(screen, feedback.EmployeeScreen):
        return _of_employee(screen, words)
    match screen:
        case feedback.Starting():
            return Gist(headline="CLOCKD", lines=_said(words.starting), hollow=True)
        case feedback.Stopped():
            return Gist(headline=words.stopped, lines=_said(words.stopped_hint))
        case feedback.KeyArmed(label) if label in words.keys:
            return Gist(headline=words.keys[label], lines=_said(words.tap_now), hollow=True)
        case feedback.KeyArmed(label):
            return Gist(name=label, lines=_said(words.tap_now))
        case feedback.NewTerminal(name, address, lack):
            lines = _said(address, words.lacks[lack])
            return Gist(headline=words.new_terminal, name=name, lines=lines, hollow=True)
        case feedback.Enrol(name):
            return Gist(headline=words.enrol, name=name, lines=_said(words.enrol_hint), hollow=True)
        case feedback.Enrolled(name):
            return Gist(headline=words.enrolled, sign=icons.picture(icons.CHECK), name=name)


def _of_badge(screen: feedback.BadgeScreen, words: Words) -> Gist:
    match screen:
        case feedback.UnknownBadge(tail):
            return Gist(headline="?", figure=tail, lines=_said(words.unknown_badge, words.unknown_hint))
        case feedback.RandomBadge():
            return Gist(headline=" ".join(words.random_badge), lines=_said(" ".join(words.random_hint)), hollow=True)
        case feedback.NotValid(employee, from_day):
            begins = "" if from_day is None else words.not_valid_yet.format(day=words.short_date(from_day))
            lines = _said(begins, words.unknown_hint)
            return Gist(headline=words.not_valid, name=employee.name, lines=lines, hollow=True)
        case feedback.NotReadable():
            return _failed(words.not_readable, words.tap_again)
        case feedback.WrongPin():
            return _failed(words.wrong_pin, words.tap_again)
        case feedback.PinLocked(wait_s):
            return _failed(words.pin_locked, words.pin_wait.format(minutes=math.ceil(wait_s / 60)))
        case feedback.NothingRecorded(reason):
            return _failed(words.not_recorded, words.reasons.get(reason, reason), words.tap_again)


def _failed(headlines: tuple[str, str], *lines: str) -> Gist:
    return Gist(headline=" ".join(headlines), sign=icons.cross(), lines=_said(*lines), failed=True)


def _of_desk(screen: feedback.DeskScreen, words: Words) -> Gist:
    match screen:
        case feedback.AskBadge(admin):
            return Gist(headline=words.desk, name=admin.name, lines=_said(*words.new_badge), hollow=True)
        case feedback.AskOwner(employee, number, _, tail):
            title = words.whose_lost if tail is None else words.whose.format(tail=tail)
            if employee is None:
                return Gist(headline=words.desk, name=title, lines=_said(two_keys(words)), hollow=True)
            lines = _said(title, words.left_confirm)
            return Gist(headline=words.desk, figure=str(number), name=employee.name, lines=lines, hollow=True)
        case feedback.AskLost(employee, None, can_keep):
            keys = [text.format(key=words.keys[key]) for key, text in zip(_ANSWERS, words.lost_keys, strict=True)]
            lines = _said(words.old_badges, *keys[0 if can_keep else 1 :])
            return Gist(headline=words.desk, name=employee.name, lines=lines, hollow=True)
        case feedback.AskLost(employee, lost, can_keep):
            confirm = words.left_confirm if lost or can_keep else ""
            return Gist(headline=words.lost[bool(lost)], name=employee.name, lines=_said(confirm), hollow=True)
        case feedback.Revoked(name, count):
            return Gist(headline=words.revoked, sign=icons.picture(icons.CHECK), name=name, lines=_said(f"{count} ×"))


def _of_employee(screen: feedback.EmployeeScreen, words: Words) -> Gist:
    match screen:
        case feedback.Punched():
            return _punched(screen, words)
        case feedback.Info():
            return _week(screen, words) if screen.second else _today(screen, words)
        case feedback.AskLeft() | feedback.AskConsent() | feedback.AskProject():
            return _asked(screen, words)
        case feedback.Booked(employee, kind, local):
            sign, lines = icons.picture(icons.TWO_TICKS), _said(words.punch(kind, local))
            return Gist(headline=words.booked, sign=sign, name=employee.name, lines=lines)
        case feedback.AlreadyRecorded(employee, kind, local):
            return _of_kind(kind, words, employee.name, _said(words.already), local=local, hollow=True)
        case feedback.Undone(employee, kind, local):
            sign, lines = icons.picture(icons.UNDO), (Saying(words.punch(kind, local), struck=True),)
            return Gist(headline=words.undone, sign=sign, name=employee.name, lines=lines)
        case feedback.NothingToUndo(employee):
            sign, lines = icons.picture(icons.UNDO), _said(words.nothing_to_undo)
            return Gist(headline=words.keys[Action.UNDO], sign=sign, name=employee.name, lines=lines, hollow=True)
        case feedback.NoProjects(employee):
            return _of_kind(Kind.PROJECT, words, employee.name, _said(*words.no_projects), hollow=True)
        case feedback.ConsentSaved(employee, yes):
            sign, lines = icons.picture(icons.CHECK), (Saying(words.saved, ticked=True),)
            return Gist(headline=words.consent[0 if yes else 1], sign=sign, name=employee.name, lines=lines)
        case feedback.Told(employee, local, now_local):
            told = Saying(words.told.format(day=words.day_before(local, now_local)), ticked=True)
            return _of_kind(Kind.OUT, words, employee.name, (told,), local=local)
        case feedback.TooLate(employee):
            return _of_kind(Kind.OUT, words, employee.name, _said(words.too_late), hollow=True)


def _of_kind(
    kind: Kind,
    words: Words,
    name: str,
    lines: tuple[Saying, ...],
    *,
    local: datetime | None = None,
    hollow: bool = False,
    total: Saying | None = None,
) -> Gist:
    return Gist(
        headline=words.kinds[kind],
        sign=icons.for_kind(kind),
        figure=f"{local:%H:%M}" if local else "",
        name=name,
        lines=lines,
        hollow=hollow,
        total=total,
    )


def _said(*texts: str) -> tuple[Saying, ...]:
    return tuple(Saying(text) for text in texts if text)


def _punched(screen: feedback.Punched, words: Words) -> Gist:
    local = screen.local if screen.clock_trusted else None
    total = None
    if screen.worked_today_s is not None:
        total = Saying(words.today.format(worked=hours(screen.worked_today_s)), ticked=True)
    if screen.news is not None:
        lines = (
            *_said(news_title(screen.news, words)),
            changed(screen.news, words),
            *_said(news_end(screen.news, words)),
        )
    elif said := warning(screen, words):
        lines = _said(said, words.missing_out_ask if screen.asks else words.no_in_hint if screen.no_in else "")
    elif screen.project:
        lines = (Saying(screen.project, ticked=True),)
    else:
        lines = () if total else (Saying(words.saved, ticked=True),)
    return _of_kind(screen.kind, words, screen.employee.name, lines, local=local, total=total)


def _today(screen: feedback.Info, words: Words) -> Gist:
    since = screen.break_since_local or screen.present_since_local
    headline = words.on_break if screen.break_since_local else words.present if since else words.absent
    return Gist(
        headline=headline,
        sign=icons.picture(icons.PERSON),
        figure=f"{since:%H:%M}" if since else "",
        name=screen.employee.name,
        lines=_said(today_besides(screen, words)),
        total=Saying(words.today.format(worked=hours(screen.worked_today_s))),
        hollow=True,
    )


def _week(screen: feedback.Info, words: Words) -> Gist:
    texts = list(how_far(screen, words))
    if screen.code is not None:
        texts.append(own_code(screen.code, words))
    if screen.last is not None and screen.now_local is not None:
        texts.insert(0, f"{words.last} {last_punch(screen.last, screen.now_local, words)}")
    return Gist(headline=words.week, figure=hours(screen.worked_week_s), lines=_said(*texts), hollow=True)


def _asked(screen: feedback.AskLeft | feedback.AskConsent | feedback.AskProject, words: Words) -> Gist:
    match screen:
        case feedback.AskLeft(_, day_local, now_local, hour, minute, chosen):
            hint = words.left_confirm if chosen else two_keys(words)
            return Gist(
                headline=words.kinds[Kind.OUT],
                figure=chosen_time(hour, minute),
                lines=_said(words.left_at.format(day=words.day_before(day_local, now_local)), hint),
                hollow=True,
            )
        case feedback.AskConsent(_, news, yes):
            hints = [text.format(key=words.keys[key]) for key, text in zip(_ANSWERS, words.consent_keys, strict=True)]
            return Gist(
                headline="/".join(words.consent) if yes is None else words.consent[0 if yes else 1],
                lines=(
                    *_said(news_title(news, words)),
                    changed(news, words),
                    *_said(*(hints if yes is None else [words.left_confirm])),
                ),
                hollow=True,
            )
        case feedback.AskProject(employee, project, number, count):
            if project is not None:
                lines = _said(project.client, words.left_confirm)
                gist = _of_kind(Kind.PROJECT, words, project.name, lines, hollow=True)
                return replace(gist, figure=f"{number}/{count}")
            keys = words.project_keys.format(key=words.keys[Action.PROJECT])
            return _of_kind(Kind.PROJECT, words, employee.name, _said(words.which_project, keys), hollow=True)
