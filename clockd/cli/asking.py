"""How a command reaches what it asks: the daemon's socket, or the store itself when no daemon runs."""

import asyncio
import csv
import getpass
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import date
from functools import wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from clockd import config, control
from clockd.cli.saying import a_bar, say, say_json
from clockd.core.harmless import no_formula
from clockd.core.wire import Json
from clockd.errors import ClockdError, NoDaemon, Refused, UsageError

if TYPE_CHECKING:
    from clockd.flow.counter import Office

DEFAULT_SOCKET = "/run/clockd/control.sock"
FEW = 1000
"""Punches that come in one answer; more are asked for page by page."""

P = ParamSpec("P")
R = TypeVar("R")

AskDaemon = Callable[[control.Command], Json]

SOCKET = click.option("--socket", metavar="PATH", help="The daemon's control socket; else $CLOCKD_SOCKET.")
LOOKS = frozenset(
    {
        *("punches", "punches.page", "punches.export", "punches.show"),
        *("hours", "hours.people", "badges", "people", "ledger.log", "ledger.verify", "corrections"),
        *("accounts.list", "tokens.list"),
        *("backup.begin", "backup.piece", "backup.note"),
    }
)
"""Commands that change nothing; all others need the store itself."""
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


def secrets_of(config_file: Path) -> config.Secrets:
    """Return the secrets of this process, and for root those that the service of this configuration gets."""
    from clockd.host.service import read_service

    secrets, service = config.Secrets.of_process(), read_service() if os.geteuid() == 0 else None
    if service is None or not service.starts(config_file):
        return secrets
    return replace(secrets, files=service.credentials)


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
        with _Terminal(config.load(config_file), secrets_of(config_file)) as terminal:
            return command(terminal.ask, *args, **kwargs)

    return with_ask


class _Terminal:
    """The terminal of a configuration: its daemon, or its store when none listens; the store's lock keeps them apart.

    Who only looks gets a copy, so that root may look at what is the service's. Either is opened once and stays open
    until the command ends.
    """

    def __init__(self, loaded: config.Config, secrets: config.Secrets) -> None:
        self._config = loaded
        self._secrets = secrets
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._office: Office | None = None
        self._is_copy = False

    def __enter__(self) -> "_Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        with self._runner:
            self._runner.run(self._open.aclose())

    def ask(self, sent: control.Command) -> Json:
        """Ask it something."""
        place = Path(self._config.terminal.control_socket)
        if self._office is None and place.exists():
            with suppress(NoDaemon):
                return control.ask(place, sent)
        return self._runner.run(self._ask_store(sent))

    async def _ask_store(self, sent: control.Command) -> Json:
        # the whole daemon: most commands only speak to one that runs, and are quick for it
        from clockd.flow import counter

        if self._office is None or (self._is_copy and sent["cmd"] not in LOOKS):
            await self._open.aclose()
            self._is_copy = sent["cmd"] in LOOKS
            self._office = await self._open.enter_async_context(self._opened())
        try:
            return await counter.answer(self._office, control.signed(sent, control.user_name(os.getuid())))
        except ClockdError:
            self._office = None
            async with self._open.pop_all():
                raise  # through what was opened, which knows best how to say it

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator["Office"]:
        from clockd import daemon
        from clockd.store import damage

        if self._is_copy:
            for name in damage.kept_aside(self._config.terminal.database):
                say(f"clockd: {name} is kept beside the database: look what it holds that is not here", err=True)
            async with daemon.open_look(self._config) as office:
                yield office
            return
        async with daemon.open_core(self._config, self._secrets, aside=False) as core:
            yield daemon.open_office(core)


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
