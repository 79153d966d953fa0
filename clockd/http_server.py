"""uvicorn, as the admin page, the demo's page and the simulators serve: quiet, and ended by whoever runs the loop."""

import asyncio
import contextlib
import socket
from collections.abc import Generator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol as H11Protocol


class HttpServer(uvicorn.Server):
    """A server that says when it listens, and leaves the signals to whoever runs the loop.

    Args:
        app: what is served, as ASGI.
        goodbye_s: how long open connections may take to end.
        settings: further ones of `uvicorn.Config`.
    """

    def __init__(self, app: Any, goodbye_s: int, **settings: Any) -> None:
        quiet: dict[str, Any] = {"lifespan": "off", "log_config": None, "access_log": False}
        super().__init__(uvicorn.Config(app, timeout_graceful_shutdown=goodbye_s, **quiet, **settings))
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Catch none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        self.listening.set()
