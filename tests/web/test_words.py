"""Every text is there in each language, and says what the door says."""

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from clockd.core import vocabulary
from clockd.core.delivery import HoldCode, State
from clockd.core.hours import Lack
from clockd.core.model import ClockQuality, Kind
from clockd.core.roles import Role
from clockd.core.updates import UpdateStage
from clockd.panel import catalogue as panel
from clockd.web.pages.held import ENDINGS, Repair
from clockd.web.words import PAGE_LANGUAGES
from clockd.web.words.shapes import ActWords, PageTexts
from clockd.web.words.speech import Speech

EN, DE = PAGE_LANGUAGES["en"], PAGE_LANGUAGES["de"]
NOW = datetime(2026, 11, 29, 11, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Vienna")


def texts(thing: object, path: str = "") -> dict[str, str]:
    """Every text of a language, by where it stands."""
    if isinstance(thing, str):
        return {path: thing}
    if isinstance(thing, dict):
        inner = [(str(getattr(key, "value", key)), value) for key, value in thing.items()]
    elif isinstance(thing, tuple):
        inner = [(str(n), value) for n, value in enumerate(thing)]
    elif is_dataclass(thing):
        inner = [(field.name, getattr(thing, field.name)) for field in fields(thing)]
    else:
        raise AssertionError(f"{path} is a {type(thing)}")
    return {where: text for name, value in inner for where, text in texts(value, f"{path}.{name}").items()}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_texts_with_the_same_values_in_them() -> None:
    english, german = ({path: text for path, text in texts(t).items() if ".sentences." not in path} for t in (EN, DE))
    assert english.keys() == german.keys()
    for path, text in english.items():
        assert text, path
        assert placeholders(text) == placeholders(german[path]), path


@pytest.mark.parametrize("t", PAGE_LANGUAGES.values(), ids=PAGE_LANGUAGES)
def test_everything_that_can_be_has_its_words(t: PageTexts) -> None:
    assert set(t.held) == set(HoldCode) == set(ENDINGS)
    assert {state.value for state in State} <= set(t.punches.states)
    assert {lack.value for lack in Lack} == set(t.hours.lacks)
    assert {clock.value for clock in ClockQuality} == set(t.punches.clocks)
    assert {role.value for role in Role} == set(t.sign_in.roles)
    assert set(t.vocabulary.kinds) == set(Kind)
    assert set(t.health.update_stages) == set(UpdateStage)
    for doing in Repair:
        assert isinstance(getattr(t.acts, doing.words), ActWords)
    assert all(held.because.endswith(".") for held in t.held.values())


def test_the_page_says_what_the_door_says() -> None:
    assert set(panel.LANGUAGES) >= set(PAGE_LANGUAGES) == set(vocabulary.VOCABULARIES)
    for code, t in PAGE_LANGUAGES.items():
        assert t.vocabulary is vocabulary.VOCABULARIES[code]
        assert panel.LANGUAGES[code].kinds_small == t.vocabulary.kinds
        assert panel.LANGUAGES[code].unknown_badge == t.vocabulary.unknown_badge


def test_the_ledgers_words_are_known() -> None:
    from clockd.store import ledger

    assert ledger.__doc__ is not None
    told = [line.split()[0] for line in ledger.__doc__.splitlines() if line.startswith("    ") and line[4] != " "]
    assert {what for what in told if what != "what"} <= set(EN.log.what), "a row of the ledger has no words on the page"


def test_times_are_local_and_numbers_of_the_language() -> None:
    english, german = (Speech.of([code], ZONE, NOW) for code in ("en", "de"))
    assert english.moment("2026-11-29T07:02:13.000Z") == german.moment("2026-11-29T07:02:13.000Z") == "08:02"
    assert english.moment("2026-11-27T07:02:13.000Z") == "Fri 27 Nov, 08:02"
    assert german.moment("2026-11-27T07:02:13.000Z") == "Fr., 27. Nov., 08:02"
    assert english.moment("2026-11-29T08:02:13.480") == "08:02", "a time without a zone is the door's already"
    assert (english.number(12345), german.number(12345)) == ("12,345", "12.345")
    assert (english.size(3_650_722_201), german.size(3_650_722_201)) == ("3.4 GiB", "3,4 GiB")
    assert english.length(27_779) == "7:42"
    assert german.month(NOW.date()) == "November 2026"
    assert Speech.of(["fr", "xx"], ZONE, NOW).t is EN
