"""How a command reaches what it asks: the daemon's socket, or the store itself when no daemon runs."""

import asyncio
import csv
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, ParamSpec, TypeVar

import click
from rich.cells import cell_len, set_cell_size

from clockd import config, control
from clockd.core.wire import Json
from clockd.errors import NoDaemon, Refused

DEFAULT_SOCKET = "/run/clockd/control.sock"

P = ParamSpec("P")
R = TypeVar("R")

Ask = Callable[[control.Command], Json]

SOCKET = click.option("--socket", metavar="PATH", help="The daemon's control socket; else $CLOCKD_SOCKET.")
LOOKS = frozenset({"punches", "punches.show", "badges", "ledger.verify"})
"""Commands that change nothing; all others need the store itself."""
ALWAYS_JSON = click.option("--json", is_flag=True, expose_value=False, help="It always is; an error becomes JSON too.")
ANY_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
"""A file to be written; `-` is standard output."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet may calculate."""


def socket_path(given: str | None) -> Path:
    """Find the daemon's socket: `--socket`, else $CLOCKD_SOCKET, else the one of the service."""
    return Path(given or os.environ.get("CLOCKD_SOCKET") or DEFAULT_SOCKET)


def asks_daemon(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command `--socket`, and `ask` as its first argument."""

    @SOCKET
    @wraps(command)
    def with_ask(*args: Any, socket: str | None, **kwargs: Any) -> R:
        def ask(sent: control.Command) -> Json:
            return control.ask(socket_path(socket), sent)

        return command(ask, *args, **kwargs)

    return with_ask


def asks_store(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command `--socket` and `--config`, and `ask` as its first argument.

    Both may stand before a subcommand as well: `clockd punches --socket PATH retry ID`.
    """

    @SOCKET
    @click.option(
        "--config",
        "config_file",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="The terminal of this configuration: its daemon, or its store itself while no daemon runs.",
    )
    @wraps(command)
    def with_ask(*args: Any, socket: str | None, config_file: Path | None, **kwargs: Any) -> R:
        if socket is None and config_file is None and (parent := click.get_current_context().parent):
            socket, config_file = parent.params.get("socket"), parent.params.get("config_file")

        def ask(sent: control.Command) -> Json:
            if config_file is not None and socket is None:
                return _ask_terminal(config.load(config_file), sent)
            return control.ask(socket_path(socket), sent)

        return command(ask, *args, **kwargs)

    return with_ask


def _ask_terminal(loaded: config.Config, sent: control.Command) -> Json:
    """Ask the daemon of a configuration, or its store when none listens; the store's lock keeps the two apart.

    Who only looks gets a copy, so that root may look at what is the service's.
    """
    place = Path(loaded.terminal.control_socket)
    if place.exists():
        with suppress(NoDaemon):
            return control.ask(place, sent)
    return asyncio.run(_ask_store(loaded, sent))


async def _ask_store(loaded: config.Config, sent: control.Command) -> Json:
    # the whole daemon: most commands only speak to one that runs, and are quick for it
    from clockd import daemon
    from clockd.flow import counter
    from clockd.store import damage

    if sent["cmd"] in LOOKS:
        for name in damage.kept_aside(loaded.terminal.database):
            click.echo(f"clockd: {name} is kept beside the database: look what it holds that is not here", err=True)
        async with daemon.open_look(loaded) as office:
            return await counter.answer(office, sent)
    async with daemon.open_core(loaded, config.Secrets.of_process(), aside=False) as core:
        return await counter.answer(daemon.open_office(core), sent)


@contextmanager
def writing(file: Path) -> Iterator[IO[str]]:
    """Open a file for an export; `-` is standard output.

    Raises:
        Refused: it cannot be written.
    """
    if str(file) == "-" and sys.stdout is None:
        raise Refused("standard output is closed")
    try:
        with click.open_file(str(file), "w", encoding="utf-8") as out:
            yield out
    except BrokenPipeError:
        raise
    except OSError as error:
        hint = "what stands there now is not complete" if file.exists() else ""
        raise Refused(f"{file} cannot be written: {error.strerror}", hint=hint) from error


def write_csv(out: IO[str], columns: Sequence[str], lines: Iterable[Sequence[Json]]) -> None:
    """Write a table for a spreadsheet. A cell that it would take for a formula gets an apostrophe in front."""
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in line] for line in lines)


def _safe(cell: Json) -> Json:
    if isinstance(cell, list):
        cell = " ".join(map(str, cell))
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def print_json(document: Json) -> None:
    """Print one JSON document and nothing else."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def print_columns(titles: Sequence[str], lines: Sequence[Sequence[str]], below: Sequence[str] = ()) -> None:
    """Print aligned columns. Nothing is folded or cut, so that a line can be searched and piped.

    Args:
        titles: of the columns.
        lines: the cells.
        below: for each line, what stands indented below it; empty for nothing.
    """
    widths = [max(cell_len(line[n]) for line in [titles, *lines]) for n in range(len(titles))]
    for line, more in zip_longest([titles, *lines], ["", *below], fillvalue=""):
        cells = (set_cell_size(cell, width) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())
        if more:
            click.echo(f"    {more}")


def rows(document: Json) -> list[dict[str, Json]]:
    """Take a list of objects out of an answer."""
    assert isinstance(document, list)
    return [row for row in document if isinstance(row, dict)]


def record(document: Json) -> dict[str, Json]:
    """Take an object out of an answer."""
    assert isinstance(document, dict)
    return document
