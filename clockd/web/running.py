"""`clockd web`: the composition root of the page's process."""

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from clockd import host
from clockd.config import Config, Secrets
from clockd.errors import ConfigError, NoDaemon, UsageError
from clockd.http_server import HttpServer
from clockd.web.accounts import Accounts
from clockd.web.app import application
from clockd.web.daemon import Daemon
from clockd.web.live import Enrolments, Looker, Names
from clockd.web.parts import PageClock, Parts
from clockd.web.rendering import Templates
from clockd.web.sessions import Attempts, Sessions
from clockd.web.tls import Certificate, context_of, find_certificate
from clockd.web.watching import watch

log = logging.getLogger(__name__)

SERVED_AT_ONCE = 100
"""Connections that are served at the same time."""
PAGE_GOODBYE_S = 2
"""How long open pages may take to end."""
NO_DAEMON_S = 5.0
"""Between two tries to tell the daemon something."""
FIRST_FD = 3
"""Where systemd hands its sockets over."""


@dataclass(frozen=True, slots=True)
class WebOptions:
    """What can be asked of the page's process."""

    fd: int | None = None
    """A socket that is open already; None: systemd's, or one at `[web] listen`."""
    announce: Callable[[str], None] = lambda url: None
    """Takes the page's address when it is served."""


async def run(config: Config, secrets: Secrets, options: WebOptions) -> None:
    """Serve the page until a signal comes or a task ends.

    Raises:
        ConfigError: it cannot listen there, or its certificate cannot be used.
    """
    with _listener(config, options.fd) as listener:
        certificate = find_certificate(config, datetime.now(UTC), loopback=_is_loopback(listener))
        parts = compose(config, secrets, encrypted=certificate is not None or config.web.behind_proxy)
        server = _server(parts, certificate)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(server.serve(sockets=[listener]), name="web: serve")
            tasks = [
                group.create_task(_for_ever(name, work))
                for name, work in (("look", parts.looker.run), ("watch", partial(watch, parts)))
            ]
            await server.listening.wait()
            if certificate is not None and certificate.is_ours:
                log.warning("the page's certificate is its own; its SHA-256 fingerprint: %s", certificate.fingerprint)
            address = _address(listener, encrypted=certificate is not None)
            options.announce(address)
            tasks.append(group.create_task(_tell_daemon(parts, address, certificate), name="web: tell the daemon"))
            host.notify("READY=1")
            await stopped.wait()
            server.should_exit = True
            parts.enrolments.close()
            await serving
            for task in tasks:
                task.cancel()


def compose(config: Config, secrets: Secrets, *, encrypted: bool) -> Parts:
    """Put the page's parts together."""
    daemon = Daemon(Path(config.terminal.control_socket), partial(_key, secrets))
    clock = PageClock(lambda: datetime.now(UTC), time.monotonic)
    return Parts(
        config=config,
        secrets=secrets,
        daemon=daemon,
        clock=clock,
        accounts=Accounts(daemon, secrets),
        sessions=Sessions(clock.monotonic_s),
        attempts=Attempts(clock.monotonic_s),
        templates=Templates(),
        looker=Looker(daemon),
        names=Names(daemon),
        enrolments=Enrolments(daemon),
        encrypted=encrypted,
    )


def _key(secrets: Secrets) -> str | None:
    found = secrets.find("web-key")
    return None if found is None else found.reveal()


async def _tell_daemon(parts: Parts, address: str, certificate: Certificate | None) -> None:
    """Tell the daemon where the page is, as soon as it is there: the display shows the page's own certificate."""
    fingerprint = certificate.fingerprint.replace(":", "") if certificate is not None and certificate.is_ours else None
    while True:
        try:
            await parts.daemon.ask("web.serves", address=address, fingerprint=fingerprint)
        except NoDaemon:
            await asyncio.sleep(NO_DAEMON_S)
        except UsageError:
            return  # an older daemon, which does not want to know
        else:
            return


async def _for_ever(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Run what never ends by itself; when it fails the process ends, and systemd starts it anew."""
    await work()
    raise RuntimeError(f"task {name!r} ended")


def _server(parts: Parts, certificate: Certificate | None) -> HttpServer:
    server = HttpServer(
        application(parts),
        PAGE_GOODBYE_S,
        ws="none",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=SERVED_AT_ONCE,
        timeout_keep_alive=20,
    )
    if certificate is not None:
        server.config.load()
        server.config.ssl = context_of(certificate)
    return server


def _is_loopback(listener: socket.socket) -> bool:
    return listener.family == socket.AF_UNIX or ip_address(listener.getsockname()[0]).is_loopback


def _listener(config: Config, fd: int | None) -> socket.socket:
    """Return the socket to serve at: one that is open already, systemd's, or a new one.

    Raises:
        ConfigError: nothing can listen there.
        UsageError: what was handed over is no socket.
    """
    if fd is None and os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        fd = FIRST_FD
    if fd is not None:
        try:
            listener = socket.socket(fileno=fd)
        except OSError as error:
            raise UsageError(f"--fd {fd} is no socket: {error.strerror}") from None
    else:
        name, _, port = config.web.listen.rpartition(":")
        try:
            family, *_, address = socket.getaddrinfo(
                name.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listener = socket.socket(family, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(128)
        except OSError as error:
            hint = "another program may have the port; systemctl status clockd-web.socket"
            raise ConfigError("web.listen", f"{config.web.listen}: {error.strerror or error}", hint=hint) from None
    listener.setblocking(False)
    return listener


def _address(listener: socket.socket, *, encrypted: bool) -> str:
    scheme = "https" if encrypted else "http"
    if listener.family == socket.AF_UNIX:
        return f"{scheme}://localhost/"
    name, port = listener.getsockname()[:2]
    if ip_address(name).is_unspecified:
        name = socket.gethostname()
    return f"{scheme}://{f'[{name}]' if ':' in name else name}:{port}/"
