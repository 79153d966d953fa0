"""The files that translators edit: complete, of one shape, with the same places to fill in."""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from clockd import config
from clockd.core.vocabulary import VOCABULARIES
from clockd.errors import ConfigError
from clockd.panel.catalogue import LANGUAGES, made, tongue
from clockd.panel.plurals import PluralForm, plural_form

FOLDER = Path(__file__).parents[2] / "clockd" / "panel" / "languages"
HARDWARE = Path(__file__).parents[2] / "hardware"


def document(code: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{code}.toml").read_text())


def flattened(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for entry in value.values() for text in flattened(entry))
    elif isinstance(value, list):
        yield from (text for entry in value for text in flattened(entry))


def test_each_language_of_the_configuration_has_its_file_and_no_other() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(config.LANGUAGE_CODES) == set(LANGUAGES)
    with pytest.raises(KeyError):
        LANGUAGES["../en"]


@pytest.mark.parametrize("code", [code for code in config.LANGUAGE_CODES if code != "en"])
def test_behind_each_line_stands_the_english_text(code: str) -> None:
    """A translator sees what a line is to say; a text that changes in English is looked at in each language."""
    english = {
        name: value
        for section in document("en").values()
        if isinstance(section, dict)
        for name, value in section.items()
    }
    seen = set()
    for line in (FOLDER / f"{code}.toml").read_text().splitlines():
        if found := re.fullmatch(r"(\w+) = .*[\"}\]]  # (.+)", line):
            assert found[2] == " | ".join(flattened(english[found[1]])), line
            seen.add(found[1])
    assert seen == set(english)


@pytest.mark.parametrize("code", VOCABULARIES)
def test_door_and_page_use_one_word_for_one_thing(code: str) -> None:
    words, shared = LANGUAGES[code], VOCABULARIES[code]
    renamed = {"kinds": "kinds_small", "new_badge": "enrol", "hold_it_here": "enrol_hint"}
    for field in fields(shared):
        assert getattr(words, renamed.get(field.name, field.name)) == getattr(shared, field.name), field.name


def test_drafts_are_called_drafts_where_people_choose_a_language() -> None:
    drafts = [code for code in config.LANGUAGE_CODES if tongue(code).draft]
    assert drafts == ["es", "fr", "it", "pl", "tr"]
    told = (HARDWARE / "displays.md").read_text()
    named = re.search(r"drafts?:? ((?:`\w\w`(?:, )?)+)", told)
    assert named is not None
    assert re.findall(r"`(\w\w)`", named[1]) == drafts
    for code in config.LANGUAGE_CODES:
        assert ("DRAFT" in (FOLDER / f"{code}.toml").read_text()) == (code in drafts)


def _without(name: str) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        del whole["lines"][name]

    return change


def _with(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(whole: dict[str, Any]) -> None:
        whole["lines"][name] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_without("saved"), r"languages/pl\.toml: saved: is missing \(translate 'SAVED'\)"),
        (_with("saved", " "), "saved: is empty"),
        (_with("saved", ["A"]), "another shape than in English"),
        (_with("goodbye", "A"), r"goodbye: is no text of the panel"),
        (_with("today", "DZIŚ"), r"today: fills in \[\] \(it needs \{worked\}\)"),
        (_with("today", "DZIŚ {hours}"), r"today: fills in \['hours'\]"),
        (_with("today", "DZIŚ {worked"), r"today: expected '}' before end of string \(a \{ belongs"),
        (_with("saved", "{count}"), r"it needs nothing in \{ \}"),
        (_with("short", {"break": "A"}), "short: has not the same entries"),
        (_with("random_hint", ["A"]), "random_hint: has not the same entries"),
        (_with("unsent", {"one": "{count}", "other": "{count}"}), r"unsent: .*\(a table of few, many, one\)"),
        (_with("unsent", {"one": "A", "few": "{count}", "many": "{count}"}), r"unsent\.one: fills in \[\]"),
    ],
)
def test_a_mistake_of_a_translator_is_told_with_its_place(change: Callable[[dict[str, Any]], None], told: str) -> None:
    whole = document("pl")
    change(whole)
    with pytest.raises(ConfigError, match=told):
        made("pl", whole)


@pytest.mark.parametrize(
    ("language", "numbers"),
    [
        ("en", {0: "other", 1: "one", 2: "other", 101: "other"}),
        ("tr", {1: "one", 2: "other"}),
        ("fr", {0: "one", 1: "one", 2: "other"}),
        ("pl", {0: "many", 1: "one", 2: "few", 4: "few", 5: "many", 12: "many", 14: "many", 22: "few", 101: "many",
                112: "many", 124: "few"}),
    ],
)  # fmt: skip
def test_the_form_that_goes_with_a_number(language: str, numbers: dict[int, str]) -> None:
    assert {number: plural_form(language, number) for number in numbers} == {
        number: PluralForm(form) for number, form in numbers.items()
    }


def test_polish_counts_as_poles_do() -> None:
    unsent = LANGUAGES["pl"].unsent
    assert [unsent.of(n) for n in (1, 3, 7)] == ["1 niewysłany", "3 niewysłane", "7 niewysłanych"]
