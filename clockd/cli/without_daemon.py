"""The terminal of a configuration, for a command that was told `--config`: its daemon, or its store while none runs."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clockd import config, control
from clockd.cli.saying import say
from clockd.config.secrets import SECRETS, variable
from clockd.control.peers import signed, user_name
from clockd.core.json import Json
from clockd.errors import ClockdError, NoDaemon
from clockd.host.sealing import open_sealed
from clockd.host.service import Service, read_service

if TYPE_CHECKING:
    from clockd.flow.counter import Office

LOOKS = frozenset(
    {
        *("punches", "punches.page", "punches.export", "punches.show"),
        *("hours", "hours.people", "badges", "people", "ledger.log", "ledger.verify", "corrections"),
        *("accounts.list", "tokens.list"),
        *("backup.begin", "backup.piece", "backup.note"),
    }
)
"""Commands that change nothing; all others need the store itself."""


def secrets_of(config_file: Path) -> config.Secrets:
    """Return the secrets of this process, and for root those that the service of this configuration gets."""
    secrets, service = config.Secrets.of_process(), read_service() if os.geteuid() == 0 else None
    if service is None or not service.starts(config_file):
        return secrets
    return replace(with_sealed(secrets, service), files=service.credentials)


def with_sealed(secrets: config.Secrets, *services: Service) -> config.Secrets:
    """Return secrets, and beside them those that systemd would decrypt for these services, as far as this user may."""
    sealed = {name: path for service in services for name, path in service.encrypted.items() if name in SECRETS}
    opened = {variable(name): text for name, text in open_sealed(sealed).items()}
    return replace(secrets, environ={**opened, **secrets.environ})


class ConfiguredTerminal:
    """The terminal of a configuration: its daemon, or its store when none listens; the store's lock keeps them apart.

    Who only looks gets a copy, so that root may look at what is the service's. Either is opened once and stays open
    until the command ends.
    """

    def __init__(self, config_file: Path) -> None:
        self._config = config.load(config_file)
        self._secrets = secrets_of(config_file)
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._office: Office | None = None
        self._is_copy = False

    def __enter__(self) -> "ConfiguredTerminal":
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
        # the whole daemon: where one runs nobody waits for this
        from clockd.flow import counter

        if self._office is None or (self._is_copy and sent["cmd"] not in LOOKS):
            await self._open.aclose()
            self._is_copy = sent["cmd"] in LOOKS
            self._office = await self._open.enter_async_context(self._opened())
        try:
            return await counter.answer(self._office, signed(sent, user_name(os.getuid())))
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
