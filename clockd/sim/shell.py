"""A simulator on a real socket, with faults of the connection that are real.

uvicorn speaks HTTP; what it cannot do by itself, closing a connection instead of answering, is done on the transport:
each connection is entered in `Connections` by its peer's address, where the application finds it again. A second port,
the trap, is where redirects lead; whatever arrives there is written down, with the secrets it brought along.
"""

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from clockd.errors import UsageError
from clockd.http_server import H11Protocol, HttpServer
from clockd.sim.control import control_app
from clockd.sim.front import Simulator
from clockd.sim.message import Answered, Hangup, NotConnected, Silence, SimRequest, html_reply

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 1 << 20
SIM_GOODBYE_S = 1
"""How long open connections may take to end."""
DRIPS = 40
"""In how many pieces a trickling body is sent."""


@dataclass(slots=True)
class SimClock:
    """The clock of the tracker's machine: it runs like ours, and can be put ahead."""

    offset_s: float = 0.0
    source: Callable[[], float] = time.time

    def now_s(self) -> float:
        """Unix time in seconds."""
        return self.source() + self.offset_s


@dataclass(slots=True)
class Connection:
    """One open connection."""

    transport: asyncio.Transport
    requests: int = 0


@dataclass(slots=True)
class Connections:
    """The open connections by their peer's address."""

    open: dict[tuple[str, int], Connection] = field(default_factory=dict)

    def protocol(self) -> type[asyncio.Protocol]:
        """The HTTP protocol of uvicorn, which enters its connections here."""
        lines = self.open

        class Entered(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
                super().connection_made(transport)
                if self.client is not None:
                    lines[self.client] = Connection(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    lines.pop(self.client, None)
                super().connection_lost(exc)

        return Entered

    def abort_all(self) -> None:
        """Pull the cable: every connection ends at once."""
        for line in list(self.open.values()):
            line.transport.abort()


@dataclass(frozen=True, slots=True)
class FrontApp:
    """The ASGI application before a simulator's front."""

    simulator: Simulator
    clock: SimClock
    lines: Connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or break its connection."""
        assert scope["type"] == "http", "uvicorn is told to speak nothing else"
        # gone already when the client left at once
        line = self.lines.open.get(tuple(scope["client"] or ()))
        body = await _body(receive)
        if line is None:
            return
        if body is None:
            await _abort(line, receive)
            return
        line.requests += 1
        path = scope["raw_path"].decode("ascii", "replace")
        base = self.simulator.base_path
        now_s = self.clock.now_s()
        if not (path == base or path.startswith(base + "/")):
            await _send(send, Answered(html_reply(404, "Not Found")), now_s)
            return
        request = SimRequest(
            method=scope["method"],
            path=path[len(base) :] or "/",
            query=tuple(parse_qsl(scope["query_string"].decode("ascii", "replace"), keep_blank_values=True)),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
            reused=line.requests > 1,
        )
        match self.simulator.front.receive(request, now_s):
            case NotConnected():
                await _abort(line, receive)
            case Silence():
                await _gone(receive)
            case Hangup(after_s):
                await _gone(receive, after_s)
                await _abort(line, receive)
            case Answered() as answer:
                if answer.after_s and await _gone(receive, answer.after_s):
                    return
                await _send(send, answer, now_s, receive)
                if answer.cut:
                    await _abort(line, receive)


async def _body(receive: Receive) -> bytes | None:
    """The whole body; None when the client left meanwhile or sends without end."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


async def _gone(receive: Receive, within_s: float | None = None) -> bool:
    """Wait for the client to leave; False when it is still there after the time."""
    try:
        async with asyncio.timeout(within_s):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return False
    return True


async def _abort(line: Connection, receive: Receive) -> None:
    """Close the connection at once; uvicorn must see it closed, or it would answer 500 by itself."""
    line.transport.abort()
    await _gone(receive)


async def _send(send: Send, answer: Answered, now_s: float, receive: Receive | None = None) -> None:
    reply = answer.reply
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    headers.append((b"date", formatdate(now_s, usegmt=True).encode()))
    if reply.status != 204:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = reply.body[: len(reply.body) // 2] if answer.cut else reply.body
    if answer.over_s and receive is not None:
        step = max(1, -(-len(body) // DRIPS))
        pieces = [body[n : n + step] for n in range(0, len(body), step)]
        for piece in pieces:
            if await _gone(receive, answer.over_s / len(pieces)):
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        body = b""
    await send({"type": "http.response.body", "body": body, "more_body": answer.cut})


# --- the trap ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trap:
    """A port that nobody should ever ask: where redirects lead. It answers 200 `[]`, as a careless client likes it."""

    simulator: Simulator
    secrets: tuple[str, ...]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Write one request down and answer it."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")[1:]
            headers = [(name.strip().lower(), value.strip()) for name, _, value in (x.partition(":") for x in lines)]
            self.simulator.front.journal.note_trapped(headers, self.secrets)
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]"
            )
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


# --- serving ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Served:
    """A simulator that listens."""

    simulator: Simulator
    clock: SimClock
    lines: Connections
    root: str
    """Scheme, host and port."""
    trap_url: str

    @property
    def url(self) -> str:
        """The tracker's base URL, as it stands in a configuration."""
        return self.root + self.simulator.base_path

    @property
    def control_url(self) -> str:
        """Where the simulator itself is asked and told (see `control.py`)."""
        return self.root + "/_sim"

    def now_s(self) -> float:
        """The simulator's clock."""
        return self.clock.now_s()

    def cut_connections(self) -> None:
        """Break every open connection; new ones are accepted."""
        self.lines.abort_all()


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate, to be met with https."""

    certificate: str
    key: str


@contextlib.asynccontextmanager
async def serving(
    simulator: Simulator,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    clock: SimClock | None = None,
    secrets: Iterable[str] = (),
    tls: Tls | None = None,
) -> AsyncIterator[Served]:
    """Serve a simulator for as long as the block runs.

    Args:
        simulator: what answers.
        host: address to listen at.
        port: 0 for any free one.
        clock: the simulator's clock; the machine's, when it has none of its own.
        secrets: what the trap port looks for in requests that followed a redirect.
        tls: serve https with this certificate.

    Raises:
        UsageError: the port is taken or cannot be had.
    """
    clock = clock or SimClock()
    lines = Connections()
    listener = _listen(host, port)
    root = f"{'https' if tls else 'http'}://{_bracketed(host)}:{listener.getsockname()[1]}"
    trap = await asyncio.start_server(Trap(simulator, tuple(secrets)).serve, host, 0)
    trap_url = f"http://{_bracketed(host)}:{trap.sockets[0].getsockname()[1]}/moved"
    simulator.front.trap_url = trap_url
    served = Served(simulator, clock, lines, root, trap_url)
    server = _server(_either(control_app(simulator, clock), FrontApp(simulator, clock, lines)), lines, tls)
    task = asyncio.create_task(server.serve([listener]), name=f"{simulator.name} simulator")
    try:
        ready = asyncio.create_task(server.listening.wait(), name="simulator listens")
        await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if task.done():
            task.result()
        yield served
    finally:
        server.should_exit = True
        lines.abort_all()
        trap.close()
        await asyncio.gather(task, return_exceptions=True)
        await trap.wait_closed()
        listener.close()


def _server(app: ASGIApp, lines: Connections, tls: Tls | None) -> HttpServer:
    """Serve with no header or page of the server's own."""
    return HttpServer(
        app,
        SIM_GOODBYE_S,
        http=lines.protocol(),
        ws="none",
        date_header=False,
        server_header=False,
        timeout_keep_alive=60,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )


def _either(control: ASGIApp, endpoint: ASGIApp) -> ASGIApp:
    """The control pages below `/_sim`, the tracker everywhere else."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["path"] == "/_sim" or scope["path"].startswith("/_sim/")
        await (control if mine else endpoint)(scope, receive, send)

    return app


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it each reply costs 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"cannot listen at {host}:{port}: {error.strerror}", hint="choose another --port, or 0 for any free one"
        ) from None
    return listener


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
