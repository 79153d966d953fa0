"""How a badge's number is read from what somebody typed, and notations_of in every notation."""

from collections.abc import Sequence

import click

from clockd.core.json import Json
from clockd.core.model import BadUid, Uid
from clockd.core.numbers import (
    NOTATIONS,
    Ambiguous,
    NumberForm,
    NumberRead,
    every_notation,
    read_all,
    read_as,
    readings,
)
from clockd.errors import UsageError

READABLE = [each.form.value for each in NOTATIONS if each.whole]
NUMBER_FORMAT = click.option(
    "--format",
    "written",
    metavar="NUMBER_FORMAT",
    type=click.Choice(READABLE),
    help=f"How the numbers are written; clockd badges decode NUMBER shows which: {', '.join(READABLE)}.",
)
DECODE = "clockd badges decode NUMBER, or decode --tap with the badge, shows every form"


def read_number(text: str, written: str | None) -> str:
    """Return the identifier that somebody typed, as hex; what is none goes on to be refused as it is.

    Raises:
        UsageError: it is no number of that format; or it can be two badges, and no format says which.
    """
    if written is not None:
        try:
            return read_as(text, NumberForm(written)).hex
        except BadUid as error:
            raise UsageError(f"this is no badge number in the format {written}: {error}", hint=DECODE) from None
    found = readings(text)
    if len(found) > 1:
        raise _unsure("this number", text, found)
    return found[0].uid.hex if found else text


def read_column(texts: Sequence[str], written: str | None) -> list[Uid | BadUid]:
    """NumberRead the numbers of a file.

    Raises:
        UsageError: they can be read in two ways, and no format says which.
    """
    if written is None:
        try:
            return read_all(texts)
        except Ambiguous as unsure:
            first = next(text for text in texts if readings(text) == unsure.found)
            raise _unsure("the numbers of this file", first, unsure.found) from None
    return [_read_or_why(text, NumberForm(written)) for text in texts]


def _read_or_why(text: str, form: NumberForm) -> Uid | BadUid:
    try:
        return read_as(text, form)
    except BadUid as error:
        return error


def _unsure(what: str, text: str, found: Sequence[NumberRead]) -> UsageError:
    lines = [f"{text.strip()} is the badge {each.uid.hex} with --format {each.form.value}" for each in found]
    return UsageError(f"{what} can be read in {len(found)} ways", hint=f"say which; {DECODE}", details=lines)


def notations_of(uid: Uid) -> list[dict[str, Json]]:
    """Return every notation of a badge as documents."""
    return [{"format": form.value, "number": text, "what": what} for form, text, what in every_notation(uid)]


def meanings(text: str, written: str | None) -> list[Uid]:
    """Return each badge that a number can be.

    Raises:
        UsageError: it is no badge number.
    """
    if written is not None:
        return [Uid.parse(read_number(text, written))]
    if found := readings(text):
        return [each.uid for each in found]
    try:
        return [Uid.parse(text)]
    except BadUid as error:
        raise UsageError(f"this is no badge number: {error}", hint="--format says how it is written") from None
