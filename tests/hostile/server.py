"""A tracker on a real socket that can turn hostile: it applies a request, or does not, and answers as it likes."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from clockd.sim.message import Answered as Said
from clockd.sim.message import SimRequest
from tests.hostile.catalogue import Answer, give
from tests.trackers_http.servers import read_request


@dataclass
class Hostile:
    """A server before a simulator."""

    sim: Any
    answer: Answer | None = None
    """How every request is answered; None: as the tracker does."""
    applies: bool = False
    """Whether the tracker does what it is asked for before it is answered so."""
    writes_only: bool = False
    """Whether only bookings are answered so, and looks as the tracker does."""
    served: int = 0
    """How many requests were answered with `answer`."""
    port: int = 0

    @property
    def url(self) -> str:
        """The tracker's base URL."""
        return f"http://127.0.0.1:{self.port}{self.sim.base_path}"

    def turn(self, answer: Answer | None, *, applies: bool = False, writes_only: bool = False) -> None:
        """From now on answer so."""
        self.answer, self.applies, self.writes_only, self.served = answer, applies, writes_only, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        with suppress(ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            try:
                request = await read_request(reader)
                if not request:
                    return
                answer, said = self.answer, None
                if self.writes_only and (request.startswith(b"GET") or b"/api/login " in request[:80]):
                    answer = None
                if answer is None or self.applies:
                    said = self._apply(request)
                if answer is None:
                    writer.write(said or b"")
                    return
                self.served += 1
                await give(answer, request, writer)
                await self._end(answer, writer)
            finally:
                writer.close()

    async def _end(self, answer: Answer, writer: asyncio.StreamWriter) -> None:
        match answer.then:
            case "hang":
                await asyncio.sleep(5)
            case "reset":
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            case _:
                pass

    def _apply(self, request: bytes) -> bytes:
        """Let the simulator have it; return its reply as it would stand on the wire."""
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        path, _, query = target.removeprefix(self.sim.base_path).partition("?")
        named = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        outcome = self.sim.front.receive(SimRequest(method, path, pairs, named, body), time.time())
        assert isinstance(outcome, Said), outcome
        reply = outcome.reply
        shown = "".join(f"{name}: {value}\r\n" for name, value in reply.headers)
        line = f"HTTP/1.1 {reply.status} X\r\n{shown}Content-Length: {len(reply.body)}\r\n\r\n"
        return line.encode() + reply.body


@asynccontextmanager
async def hostile(sim: Any) -> AsyncIterator[Hostile]:
    """Serve on a port of loopback."""
    server = Hostile(sim)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()
