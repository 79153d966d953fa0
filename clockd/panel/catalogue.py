"""The languages of the panel: one file of `languages/` for each, which a translator edits.

What stands in a file is held against the English one: the same texts, of the same shape, with the same places to fill
in. A text that depends on a number is written once where it never changes, else as a table of its forms.
"""

import string
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.resources import files
from typing import Any

from clockd import config
from clockd.core.feedback import StillMissing
from clockd.core.model import Action, Kind
from clockd.core.notices import NoticeWay
from clockd.errors import ConfigError
from clockd.panel.plurals import CountedText, PluralForm, plural_forms
from clockd.panel.words import Words

_COUNTED = ("unsent", "held")
_KEYED: Mapping[str, Callable[[str], Any]] = {
    "kinds": Kind,
    "kinds_small": Kind,
    "keys": Action,
    "short": NoticeWay,
    "lacks": StillMissing,
}
"""Tables whose keys are something else than texts."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language, as its file has it."""

    words: Words
    draft: bool
    """Whether nobody who grew up with it has read it yet."""


@lru_cache
def tongue(code: str) -> Tongue:
    """Read a language by its code, one of `config.LANGUAGE_CODES`.

    Raises:
        ConfigError: the file lacks something, or has something that English has not; it says what, and where.
    """
    document = tomllib.loads(_text(code))
    draft = document.pop("draft", False)
    return Tongue(made(code, document), draft)


def made(code: str, document: Mapping[str, Any]) -> Words:
    """Make the words of a language of what stands in its file.

    Raises:
        ConfigError: as `tongue`.
    """
    english, found = _flat(tomllib.loads(_text("en"))), _flat(document)
    names = [field.name for field in fields(Words)]
    for name in [*names, *found]:
        if name not in found:
            raise _wrong(code, name, "is missing", f"translate {english[name]!r}")
        if name not in names:
            raise _wrong(code, name, "is no text of the panel", "see en.toml")
    return Words(**{name: _value(code, name, found[name], english[name]) for name in names})


def _text(code: str) -> str:
    return (files("clockd.panel") / "languages" / f"{code}.toml").read_text(encoding="utf-8")


def _flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """The texts of all sections; those are there for the reader's sake."""
    return {
        name: value for section in document.values() if isinstance(section, dict) for name, value in section.items()
    }


def _value(code: str, name: str, value: Any, english: Any) -> Any:
    if name in _COUNTED:
        return _counted(code, name, value, english)
    _check(code, name, value, english)
    if isinstance(value, dict):
        made_of = _KEYED.get(name, str)
        return {made_of(key): text for key, text in value.items()}
    return tuple(value) if isinstance(value, list) else value


def _counted(code: str, name: str, value: Any, english: str) -> CountedText:
    forms = plural_forms(code)
    table = dict.fromkeys(forms, value) if isinstance(value, str) else value
    if not isinstance(table, dict) or set(table) != forms:
        raise _wrong(code, name, "has not the forms of this language", f"a table of {', '.join(sorted(forms))}")
    for form, text in table.items():
        _check(code, f"{name}.{form}", text, english)
    return CountedText(code, {PluralForm(form): text for form, text in table.items()})


def _check(code: str, name: str, value: Any, english: Any) -> None:
    """Hold a text, a list or a table of texts against the English one."""
    if type(value) is not type(english):
        raise _wrong(code, name, f"{value!r} has another shape than in English", f"as {english!r}")
    if isinstance(english, str):
        if not value.strip():
            raise _wrong(code, name, "is empty", f"translate {english!r}")
        if (places := list(_places(code, name, value))) != (wanted := list(_places("en", name, english))):
            told = " ".join(f"{{{place}}}" for place in wanted) or "nothing in { }"
            raise _wrong(code, name, f"fills in {places}", f"it needs {told}")
        return
    pairs = english.items() if isinstance(english, dict) else enumerate(english)
    if len(value) != len(english) or (isinstance(value, dict) and set(value) != set(english)):
        raise _wrong(code, name, "has not the same entries as in English", f"as {english!r}")
    for key, text in pairs:
        _check(code, f"{name}.{key}", value[key], text)


def _places(code: str, name: str, text: str) -> Iterator[str]:
    try:
        places = [place for _, place, _, _ in string.Formatter().parse(text) if place is not None]
    except ValueError as error:
        raise _wrong(code, name, str(error), "a { belongs to a }") from None
    yield from sorted(places)


def _wrong(code: str, name: str, why: str, hint: str) -> ConfigError:
    return ConfigError(f"clockd/panel/languages/{code}.toml: {name}", why, hint=hint)


class _Languages(Mapping[str, Words]):
    """All languages by their codes; each is read when it is asked for."""

    def __getitem__(self, code: str) -> Words:
        if code not in config.LANGUAGE_CODES:
            raise KeyError(code)
        return tongue(code).words

    def __iter__(self) -> Iterator[str]:
        return iter(config.LANGUAGE_CODES)

    def __len__(self) -> int:
        return len(config.LANGUAGE_CODES)


LANGUAGES: Mapping[str, Words] = _Languages()
"""By the value of `terminal.language`."""
