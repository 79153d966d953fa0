"""All that a command says to a person goes through here: one line at a time, with what is odd in it written out.

Names, messages of the tracker and lines of files are texts of others; none of them moves a cursor, sets a colour or
adds a line of its own (`core/harmless.py`).
"""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING

import click

from clockd.core.harmless import harmless, harmless_json
from clockd.errors import ClockdError

if TYPE_CHECKING:
    from rich.console import RenderableType

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
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    shown = (harmless(part) if isinstance(part, str) else _in_style(*part) for part in parts)
    click.echo("".join(shown), color=False if plain else None)


def _in_style(text: str, style: str) -> str:
    """Return a text in a style, as `bold red`."""
    words = style.split()
    colour = next((word for word in words if word not in ("bold", "dim")), None)
    return click.style(harmless(text), fg=colour, bold="bold" in words, dim="dim" in words)


def say_table(table: "RenderableType") -> None:
    """Print a table of rich; its cells are texts that `harmless` has written out."""
    from rich.console import Console  # rich is half of a command's start, and of a completion's

    Console(highlight=False).print(table)


def say_columns(titles: Sequence[str], lines: Sequence[Sequence[str]], below: Sequence[str] = ()) -> None:
    """Print columns: a table where a person reads; aligned, whole and plain where a program does.

    Args:
        titles: of the columns.
        lines: the cells.
        below: for each line, what is said of it besides; empty for nothing.
    """
    cells = [[harmless(cell) for cell in line] for line in lines]
    if sys.stdout is not None and sys.stdout.isatty():
        _say_to_a_person(titles, cells, below)
    else:
        _say_to_a_program(titles, cells, below)


def _say_to_a_person(titles: Sequence[str], lines: list[list[str]], below: Sequence[str]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for title in titles:
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(*map(Text, line))
    say_table(table)
    for line, more in zip(lines, below, strict=False):
        if more:
            say_styled((line[0], "bold"), f": {more}")


def _say_to_a_program(titles: Sequence[str], lines: list[list[str]], below: Sequence[str]) -> None:
    from rich.cells import cell_len, set_cell_size

    widths = [max(cell_len(line[n]) for line in [titles, *lines]) for n in range(len(titles))]
    for line, more in zip_longest([titles, *lines], ["", *below], fillvalue=""):
        padded = (set_cell_size(cell, width) for cell, width in zip(line, widths, strict=True))
        say("  ".join(padded).rstrip())
        if more:
            say(f"    {more}")


class LongBar:
    """How far something long is."""

    def __init__(self, show: Callable[[float, float], None] | None = None) -> None:
        self._show = show

    def at(self, done: float, total: float) -> None:
        """Move it."""
        if self._show is not None:
            self._show(done, total)


@contextmanager
def a_bar(what: str, *, total: float | None = None) -> Iterator[LongBar]:
    """Show a bar on a person's screen while the block runs; nothing where a program reads."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield LongBar()
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as shown:
        bar = shown.add_task(what, total=total)
        yield LongBar(lambda done, total: shown.update(bar, completed=done, total=total))


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
