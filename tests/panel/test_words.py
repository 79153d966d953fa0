"""Every language has every text, and every text fits the screen."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, datetime, timedelta

import pytest

from clockd.core.feedback import StillMissing
from clockd.core.model import Action, Kind
from clockd.panel.catalogue import LANGUAGES
from clockd.panel.fonts import Fonts
from clockd.panel.plurals import CountedText
from clockd.panel.strokes import Pen, can_draw, stroke_width
from clockd.panel.text import Lettering
from clockd.panel.text import width_of as line_width
from clockd.panel.words import Words, hours

HEADLINES = {
    "kinds",
    "keys",
    "booked",
    "random_badge",
    "not_recorded",
    "stopped",
    "undone",
    "present",
    "on_break",
    "absent",
}
HEADLINES |= {
    "enrol",
    "enrolled",
    "on_break",
    "not_valid",
    "not_readable",
    "wrong_pin",
    "pin_locked",
    "consent",
    "week",
    "desk",
    "lost",
    "revoked",
    "new_terminal",
}
"""Drawn by strokes."""
LINES = {
    "kinds_small",
    "saved",
    "today",
    "clock_not_set",
    "clock_not_set_saved",
    "missing_out",
    "missing_out_ask",
    "left_at",
    "left_keys",
    "left_confirm",
    "told",
    "too_late",
    "reader_fault",
    "in_memory",
    "already",
}
LINES |= {"unknown_badge", "unknown_hint", "random_hint", "tap_again", "reasons", "starting", "stopped_hint"}
LINES |= {"nothing_to_undo", "tap_now", "enrol_hint", "no_in", "no_in_hint", "not_valid_yet", "pin_wait"}
LINES |= {"own_code", "short", "news", "news_username", "news_made", "news_counts", "news_ask", "consent_keys"}
LINES |= {"project_keys", "no_projects", "which_project", "last", "unsent", "held", "all_booked"}
LINES |= {"new_badge", "whose", "whose_lost", "old_badges", "lost_keys", "lacks"}
"""Set in a font."""
DATES = {"weekdays", "months", "day_and_month"}
NARROWEST = Pen(15, 7, 2, 2)
CHAINS = {"what is installed": Fonts.find(), "nothing installed": Fonts.find(files=())}


def texts(words: Words, names: set[str]) -> Iterator[tuple[str, str]]:
    for name in sorted(names):
        match getattr(words, name):
            case str(text):
                yield name, text
            case tuple(several):
                yield from ((name, text) for text in several)
            case CountedText(_, forms):
                yield from ((name, text) for text in forms.values())
            case several:
                yield from ((name, text) for text in several.values())


def test_every_text_is_a_headline_or_a_line() -> None:
    assert {field.name for field in fields(Words)} == HEADLINES | LINES | DATES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text(language: str) -> None:
    words = LANGUAGES[language]
    assert all(text.strip() for _, text in texts(words, HEADLINES | LINES | DATES))
    assert set(words.kinds) == set(words.kinds_small) == set(Kind)
    assert set(words.keys) == set(Action)
    assert set(words.lacks) == set(StillMissing)
    assert (len(words.weekdays), len(words.months)) == (7, 12)


def test_a_language_without_a_text_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="missing"):
        Words(**{f.name: getattr(LANGUAGES["en"], f.name) for f in fields(Words) if f.name != "already"})


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_knows_the_stores_reasons(language: str) -> None:
    assert {"disk full", "disk error", "disk is read-only", "database in use", "settings wrong", "refused"} == set(
        LANGUAGES[language].reasons
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_headlines_can_be_drawn_and_fit(language: str) -> None:
    for name, text in texts(LANGUAGES[language], HEADLINES):
        assert can_draw(text), (name, text)
        beside_a_sign = ("not_recorded", "not_readable", "wrong_pin", "pin_locked")
        room = 128 - 47 if name == "random_badge" else 128 - 37 if name in beside_a_sign else 120
        pen = Pen(13, 7, 2, 2) if name == "random_badge" else NARROWEST
        with_time = name in ("kinds", "present", "week")
        used = stroke_width(text, pen) + (stroke_width("08:48", pen) + 8 if with_time else 0)
        assert used <= room, (name, text, used)


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_fit(language: str, chain: str) -> None:
    words = LANGUAGES[language]
    for name, text in texts(words, LINES):
        keys = {"earlier": words.keys[Action.IN], "later": words.keys[Action.OUT]}
        told = text.format(
            worked="88:48",
            code="888 888",
            minutes=15,
            count=120,
            tail="3FA2",
            day=words.short_date(date(2026, 11, 28)),
            key=words.keys[Action.OUT],
            **keys,
        )
        told += " 08:48" if name == "kinds_small" else ""
        if name == "project_keys":
            told = text.format(key=words.keys[Action.PROJECT])
        room = {"reader_fault": 124 - 26, "in_memory": 124 - 26}.get(name, 128)
        assert line_width(told, CHAINS[chain], Lettering.THIN) <= room, (name, told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_day_of_the_year_fits_beside_the_network_sign(language: str) -> None:
    for day in range(366):
        text = LANGUAGES[language].long_date(date(2028, 1, 1) + timedelta(days=day))
        assert line_width(text, Fonts.find(), Lettering.BOLD) <= 128 - 4 - 14 - 5, text


def test_dates_read_as_people_write_them() -> None:
    day = date(2026, 11, 21)
    assert (LANGUAGES["en"].long_date(day), LANGUAGES["de"].long_date(day)) == ("Sat 21 Nov", "Sa 21. Nov")


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (datetime(2026, 11, 20, 7, 58), "Fri"),
        (datetime(2026, 11, 15, 7, 58), "Sun"),
        (datetime(2026, 11, 14, 7, 58), "14 Nov"),
        (datetime(2026, 11, 22, 7, 58), "22 Nov"),
    ],
)
def test_a_day_that_is_past_is_named_without_doubt(when: datetime, told: str) -> None:
    assert LANGUAGES["en"].day_before(when, datetime(2026, 11, 21, 8, 2)) == told


@pytest.mark.parametrize(("seconds", "told"), [(0, "0:00"), (27_779, "7:42"), (-5, "0:00"), (100 * 3600, "100:00")])
def test_worked_time(seconds: int, told: str) -> None:
    assert hours(seconds) == told
