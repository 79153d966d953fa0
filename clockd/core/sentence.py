"""Sentences for people that can be said in another language: in English, with the pattern and the values they come of.

The daemon speaks English. Whoever shows its sentences to people (the admin page) finds the pattern in a catalogue and
fills in the same values. What wants no translation, as a reply of the tracker, stays a plain `str`.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from clockd.core.json import Json

SaidValue: TypeAlias = "str | int | float | datetime | tuple[str, ...]"
"""What a pattern is filled with; a text may be a `Sentence` itself, and several are written with commas between."""
DEEPEST = 6
"""Sentences in sentences that are read."""
ADVISED = "{found}: {to_do}"
"""How a text is made that says what was found and what can be done about it."""


class Sentence(str):
    """An English sentence, which everybody may take for a `str`."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, SaidValue]

    def __new__(cls, pattern: str, values: Mapping[str, SaidValue]) -> "Sentence":
        """Fill values into a pattern.

        Raises:
            ValueError, LookupError, TypeError, AttributeError: they do not fit it.
        """
        made = super().__new__(cls, filled(pattern, values))
        made.pattern, made.values = pattern, values
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, SaidValue]]:  # type: ignore[override]
        """Return what it is made of anew when it is copied, as `dataclasses.asdict` does."""
        return self.pattern, self.values


def sentence(pattern: str, /, **values: SaidValue) -> Sentence:
    """Say something: `sentence("no punch {id}", id=punch_id)`.

    Args:
        pattern: a literal, as for `str.format`; it is the key of the catalogues.
        values: what it names.
    """
    return Sentence(pattern, values)


def phrase(text: str) -> Sentence:
    """Take a text for a sentence without values, to be put into another; one in no catalogue is said as it is."""
    return text if isinstance(text, Sentence) else Sentence(text, {})


def advised(found: str, to_do: str) -> Sentence:
    """Say what was found and what can be done about it, in one text that `parted` takes apart again."""
    return sentence(ADVISED, found=phrase(found), to_do=phrase(to_do))


def parted(text: str) -> tuple[str, str]:
    """Return what was found, and what can be done about it; of a text that says only the first, that and nothing."""
    if not isinstance(text, Sentence) or text.pattern != ADVISED:
        return text, ""
    found, to_do = text.values["found"], text.values["to_do"]
    assert isinstance(found, str)
    assert isinstance(to_do, str)
    return found, to_do


def filled(pattern: str, values: Mapping[str, SaidValue]) -> str:
    """Fill values into a pattern of any language; without values it is the sentence itself.

    Raises:
        ValueError, LookupError, TypeError, AttributeError: they do not fit it.
    """
    if not values:
        return pattern
    return pattern.format(
        **{name: ", ".join(value) if isinstance(value, tuple) else value for name, value in values.items()}
    )


def said_json(text: str | None) -> Json:
    """Return pattern and values of a sentence, for a document beside the text; None for any other text."""
    if not isinstance(text, Sentence):
        return None
    return {"pattern": text.pattern, "values": {name: _value_json(value) for name, value in text.values.items()}}


def said_text(text: str | None) -> str | None:
    """Return what `said_json` returns, as text for a column of the store."""
    said = said_json(text)
    return None if said is None else json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _value_json(value: SaidValue) -> Json:
    match value:
        case datetime():
            return {"at": value.isoformat()}
        case tuple():
            return [_value_json(one) for one in value]
        case Sentence():
            return said_json(value)
        case _:
            return value


def read_said(document: Json, text: str) -> str:
    """Return the sentence that a document holds beside its text; the text itself where it holds none that fits."""
    try:
        found = _read(document, DEEPEST)
    except (ValueError, LookupError, TypeError, AttributeError):
        return text
    return found if found == text else text


def told_text(said: str | None, text: str) -> str:
    """Return the sentence that a column holds beside its text, as `read_said`."""
    if said is None:
        return text
    try:
        return read_said(json.loads(said), text)
    except (ValueError, RecursionError):
        return text


def _read(document: Json, levels: int) -> Sentence:
    if not isinstance(document, dict) or not levels:
        raise ValueError("no sentence")
    pattern, values = document["pattern"], document["values"]
    if not isinstance(pattern, str) or not isinstance(values, dict):
        raise ValueError("no sentence")
    return Sentence(pattern, {name: _read_value(value, levels - 1) for name, value in values.items()})


def _read_value(value: Json, levels: int) -> SaidValue:
    match value:
        case str() | int() | float():
            return value
        case list():
            return tuple(one if isinstance(one, str) else _read(one, levels) for one in value)
        case {"at": str(at)}:
            return datetime.fromisoformat(at)
        case _:
            return _read(value, levels)
