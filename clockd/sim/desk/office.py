"""The admin page beside the demo's page: the real `clockd web`, a process of its own, with a password of this demo."""

import asyncio
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from clockd.sim.desk.power import dies_with_us

OFFICE_GOODBYE_S = 5.0
"""How long the page may take to end when the demo ends."""

WebCommand = Callable[[Path, int], tuple[str, ...]]
"""The page's command, for a configuration file and the number of its listening socket."""


def web_command(config: Path, fd: int) -> tuple[str, ...]:
    """Return the command of the real admin page."""
    return (sys.executable, "-m", "clockd", "web", "--config", str(config), "--fd", str(fd))


@dataclass(frozen=True, slots=True)
class DeskOffice:
    """Where the admin page is, and how to get in."""

    url: str
    password: str


def made_up_password() -> str:
    """Return a password that is easy to type."""
    return "-".join(secrets.token_hex(2) for _ in range(3))


@asynccontextmanager
async def serving_office(
    command: WebCommand, config: Path, environ: Mapping[str, str], listener: socket.socket, log: Path
) -> AsyncIterator[DeskOffice]:
    """Serve the admin page on a bound socket while the block runs.

    Args:
        command: the page.
        config: the daemon's configuration, which is the page's as well.
        environ: the environment; the password is added.
        listener: the socket.
        log: takes what the page says.
    """
    host, port = listener.getsockname()
    office = DeskOffice(f"http://{host}:{port}/", made_up_password())
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(*dies_with_us(), *command(config, listener.fileno())),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**environ, "CLOCKD_WEB_PASSWORD": office.password},
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C is ours to hear
        )
    try:
        yield office
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), OFFICE_GOODBYE_S)
        except TimeoutError:
            process.kill()
            await process.wait()
