"""A TCP server that does what a test says with each connection, and remembers every byte it was sent."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What happens once a request was read; the connection is closed afterwards."""

OK = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Date: Sat, 21 Nov 2026 07:02:13 GMT\r\nContent-Length: 2\r\n\r\n{}"
)


@dataclass
class Server:
    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/base"

    @property
    def tls_url(self) -> str:
        return f"https://localhost:{self.port}/base"

    @property
    def seen(self) -> bytes:
        return b"".join(self.requests)


@asynccontextmanager
async def serve(behaviour: Behaviour, *, tls: ssl.SSLContext | None = None, read: bool = True) -> AsyncIterator[Server]:
    server = Server()
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        server.connections += 1
        with suppress(ConnectionError, asyncio.CancelledError, ssl.SSLError):
            try:
                while True:
                    if read:
                        request = await read_request(reader)
                        if not request:
                            break
                        server.requests.append(request)
                    await behaviour(reader, writer)
                    if not read or writer.is_closing():
                        break
            finally:
                writer.close()
                with suppress(ConnectionError, ssl.SSLError):
                    await writer.wait_closed()

    listener = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as end:
        return end.partial
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head + await reader.readexactly(int(value))
    return head


def says(*parts: bytes, then: Behaviour | None = None, pause_s: float = 0.0) -> Behaviour:
    """Write the parts, with a pause between them, then go on with `then` or close."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for n, part in enumerate(parts):
            if n and pause_s:
                await asyncio.sleep(pause_s)
            writer.write(part)
            await writer.drain()
        if then is not None:
            await then(reader, writer)
        else:
            writer.close()

    return behaviour


async def keeps_open(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Leave the connection for the next request, as a server with keep-alive does."""


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
