"""How a command reaches what it asks: the daemon's socket, or the store itself when no daemon runs."""

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from functools import wraps
from itertools import zip_longest
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
from rich.cells import cell_len, set_cell_size

from clockd import config, control
from clockd.core.wire import Json

DEFAULT_SOCKET = "/run/clockd/control.sock"

P = ParamSpec("P")
R = TypeVar("R")

Ask = Callable[[control.Command], Json]


def socket_path(given: str | None) -> Path:
    """Find the daemon's socket: `--socket`, else $CLOCKD_SOCKET, else the one of the service."""
    return Path(given or os.environ.get("CLOCKD_SOCKET") or DEFAULT_SOCKET)


def asks_daemon(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command `--socket`, and `ask` as its first argument."""

    @click.option("--socket", metavar="PATH", help="The daemon's control socket.")
    @wraps(command)
    def with_ask(*args: Any, socket: str | None, **kwargs: Any) -> R:
        def ask(sent: control.Command) -> Json:
            return control.ask(socket_path(socket), sent)

        return command(ask, *args, **kwargs)

    return with_ask


def asks_store(command: Callable[..., R]) -> Callable[..., R]:
    """Give a command `--socket` and `--config`, and `ask` as its first argument."""

    @click.option("--socket", metavar="PATH", help="The daemon's control socket.")
    @click.option(
        "--config",
        "config_file",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Work on the store itself, while no daemon runs.",
    )
    @wraps(command)
    def with_ask(*args: Any, socket: str | None, config_file: Path | None, **kwargs: Any) -> R:
        def ask(sent: control.Command) -> Json:
            if config_file is not None and socket is None:
                return asyncio.run(_ask_store(config_file, sent))
            return control.ask(socket_path(socket), sent)

        return command(ask, *args, **kwargs)

    return with_ask


async def _ask_store(config_file: Path, sent: control.Command) -> Json:
    # the whole daemon: most commands only speak to one that runs, and are quick for it
    from clockd import daemon
    from clockd.flow import counter

    loaded = config.load(config_file)
    async with daemon.open_core(loaded, config.Secrets.of_process()) as core:
        return await counter.answer(daemon.open_office(core), sent)


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
