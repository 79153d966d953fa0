"""How a command reaches what it asks: the daemon's socket, or the store itself when no daemon runs."""

import csv
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from clockd import control
from clockd.cli.saying import a_bar, say, say_json
from clockd.core.harmless import no_formula
from clockd.core.json import Json
from clockd.errors import ClockdError, Refused, UsageError

if TYPE_CHECKING:
    pass

DEFAULT_SOCKET = "/run/clockd/control.sock"
FEW = 1000
"""Punches that come in one answer; more are asked for page by page."""

P = ParamSpec("P")
R = TypeVar("R")

AskDaemon = Callable[[control.Command], Json]

SOCKET = click.option("--socket", metavar="PATH", help="The daemon's control socket; else $CLOCKD_SOCKET.")
ALWAYS_JSON = click.option("--json", is_flag=True, expose_value=False, help="It always is; an error becomes JSON too.")
ANY_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
"""A file to be written; `-` is standard output."""


class DayType(click.ParamType[date]):
    """A day, as `2026-11-21`."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day; as 2026-11-21", param, ctx)


FROM_DAY = click.option("--from", "first", metavar="DAY", type=DayType(), help="From this day on, as 2026-11-21.")
TO_DAY = click.option("--to", "last", metavar="DAY", type=DayType(), help="To this day, which is included.")


def claimed_name() -> str:
    """Say who asks, as far as this process can tell; the daemon knows the user at the socket, and writes both down."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


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

        if config_file is None or socket is not None:
            return command(lambda sent: control.ask(socket_path(socket), sent), *args, **kwargs)
        # most commands only speak to a daemon, and are quick for it
        from clockd.cli.without_daemon import ConfiguredTerminal

        with ConfiguredTerminal(config_file) as terminal:
            return command(terminal.ask, *args, **kwargs)

    return with_ask


def daemon_answers(ask: AskDaemon) -> bool:
    """Whether it is a daemon that answers, which goes on by itself; else it is the store."""
    try:
        ask({"cmd": "tracker.info"})
    except UsageError:
        return False
    return True


def newest_punches(
    ask: AskDaemon, *, state: str | None = None, username: str | None = None, likely: int = FEW
) -> Iterator[dict[str, Json]]:
    """Return punches, newest first, as far as they are taken.

    Args:
        ask: asks the terminal.
        state: only with a delivery in this state.
        username: only of this employee.
        likely: how many will be taken; a few are asked for at once.
    """
    sent: dict[str, Json] = {"state": state, "username": username}
    if likely <= FEW:
        yield from rows(ask({"cmd": "punches", "limit": likely, **sent}))
        return
    for page in _pages(ask, {"cmd": "punches.page", **sent, "newest_first": True}):
        yield from rows(page["punches"])


def oldest_punches(ask: AskDaemon, first: str | None = None, last: str | None = None) -> Iterator[dict[str, Json]]:
    """Return punches with names and pairs, oldest first, page by page; a bar on a person's screen shows how far it is.

    Args:
        ask: asks the terminal.
        first: none of an earlier day, as `2026-11-21` …
        last: … nor of a later one.
    """
    with a_bar("punches") as bar:
        for page in _pages(ask, {"cmd": "punches.export", "first": first, "last": last}):
            yield from rows(page["punches"])
            done = page["newest"] if page["next"] is None else page["next"]
            bar.at(float(str(done)), float(str(page["newest"])))


def _pages(ask: AskDaemon, sent: control.Command) -> Iterator[dict[str, Json]]:
    cursor: Json = None
    while True:
        page = object_of(ask({**sent, "cursor": cursor}))
        yield page
        if (cursor := page["next"]) is None:
            return


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
    except ClockdError as error:
        if str(file) != "-":
            error.hint = f"what stands in {file} now is not complete; {error.hint}".rstrip("; ")
        raise
    except OSError as error:
        hint = "what stands there now is not complete" if file.exists() else "name a folder that you may write to"
        raise Refused(f"{file} cannot be written: {error.strerror}", hint=hint) from error


def write_csv(out: IO[str], columns: Sequence[str], lines: Iterable[Sequence[Json]]) -> None:
    """Write a table for a spreadsheet. A cell that it would take for a formula gets an apostrophe in front."""
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in line] for line in lines)


def write_head(ask: AskDaemon, file: Path) -> None:
    """Write the ledger's head, signed, into a file of its own beside what was exported.

    Raises:
        Refused: it cannot be signed, or not be written.
    """
    head = ask({"cmd": "ledger.head"})
    with writing(file) as out:
        out.write(json.dumps(head, ensure_ascii=False, indent=1) + "\n")
    say(f"the ledger's head, signed, in {file}", err=True)


def _safe(cell: Json) -> Json:
    if isinstance(cell, list):
        cell = " ".join(map(str, cell))
    return no_formula(cell) if isinstance(cell, str) else cell


def print_json(document: Json) -> None:
    """Print one JSON document and nothing else."""
    say_json(json.dumps(document, ensure_ascii=False, indent=2))


def minutes(local: Json) -> str:
    """Write a wall-clock time of an answer for a table; nothing for None."""
    return "" if local is None else str(local).replace("T", " ")[:16]


def rows(document: Json) -> list[dict[str, Json]]:
    """Take a list of objects out of an answer."""
    assert isinstance(document, list)
    return [row for row in document if isinstance(row, dict)]


def object_of(document: Json) -> dict[str, Json]:
    """Take an object out of an answer."""
    assert isinstance(document, dict)
    return document
