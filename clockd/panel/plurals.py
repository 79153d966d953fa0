"""Texts that depend on a number: one day, two days, and in some languages five otherwise than two.

The rules are those of the Unicode CLDR ("Plural Rules", cardinal numbers), for whole numbers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class PluralForm(StrEnum):
    """Which of a text's forms goes with a number, as the files in `languages/` call it."""

    ONE = "one"
    FEW = "few"
    MANY = "many"
    OTHER = "other"


def plural_form(language: str, number: int) -> PluralForm:
    """Say which form a language takes for a whole number of things."""
    match language:
        case "fr":
            return PluralForm.ONE if number in (0, 1) else PluralForm.OTHER
        case "pl":
            if number == 1:
                return PluralForm.ONE
            few = number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
            return PluralForm.FEW if few else PluralForm.MANY
        case _:
            return PluralForm.ONE if number == 1 else PluralForm.OTHER


def plural_forms(language: str) -> frozenset[PluralForm]:
    """All forms that a language takes for some whole number."""
    return frozenset(plural_form(language, number) for number in range(200))


@dataclass(frozen=True, slots=True)
class CountedText:
    """A text with `{count}`, in each form that its language has."""

    language: str
    forms: Mapping[PluralForm, str]

    def of(self, count: int) -> str:
        """The text for so many."""
        return self.forms[plural_form(self.language, count)].format(count=count)
