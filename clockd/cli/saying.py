"""All that a command says to a person goes through here: one line at a time, with what is odd in it written out.

Names, messages of the tracker and lines of files are texts of others; none of them moves a cursor, sets a colour or
adds a line of its own (`core/harmless.py`).
"""

import logging

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clockd.core.harmless import harmless, harmless_json
from clockd.errors import ClockdError

Styled = str | tuple[str, str]
"""A text, or a text and its style."""
BAD = "bold red"


class OneLine(logging.Formatter):
    """Writes each message of the log as one line; a traceback below it is ours."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - its name is logging's
        """Write the line of a record."""
        return harmless(super().formatMessage(record))


def say(text: str, *, err: bool = False) -> None:
    """Print a line."""
    click.echo(harmless(text), err=err)


def say_styled(*parts: Styled) -> None:
    """Print a line whose parts may have a style; markup in a text stays what it is."""
    styled = ((harmless(part), "") if isinstance(part, str) else (harmless(part[0]), part[1]) for part in parts)
    Console(highlight=False, soft_wrap=True).print(Text.assemble(*styled))


def say_table(table: Table) -> None:
    """Print a table; its cells are texts that `harmless` has written out."""
    Console(highlight=False).print(table)


def say_error(error: ClockdError) -> None:
    """Print why a command ends."""
    say(f"clockd: {error.message}", err=True)
    for line in error.details:
        say(f"  {line}", err=True)
    if error.hint:
        say(f"        {error.hint}", err=True)


def say_json(text: str) -> None:
    """Print a JSON document."""
    click.echo(harmless_json(text))
