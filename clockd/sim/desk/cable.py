"""The network cable: a relay on loopback between the daemon and the tracker's simulator, that can be cut."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HOST = "127.0.0.1"
CABLE_BYTES = 65_536
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER for a close that sends a reset."""


class Cable:
    """Carries every byte to the simulator and back while it is plugged in.

    Pulled, the port refuses connections and those that were open are reset: what a daemon sees when its host has no
    network. The port stays the same, and ours: a second socket that never listens keeps others off it.

    Args:
        target_port: where the simulator listens, on loopback.
        latency_s: how long each piece of data is under way, so that a person can see something happen.
    """

    def __init__(self, target_port: int, *, latency_s: float = 0.0) -> None:
        self._target_port = target_port
        self._latency_s = latency_s
        self._claim = _bound(0)
        self.port: int = self._claim.getsockname()[1]
        """Where the daemon connects to."""
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._carriers: set[asyncio.Task[None]] = set()

    @property
    def plugged(self) -> bool:
        """Whether the cable is in."""
        return self._server is not None

    async def plug(self) -> None:
        """Put the cable in; nothing happens when it is in already."""
        if self._server is None:
            listener = _bound(self.port)
            self._server = await asyncio.start_server(self._accept, sock=listener)

    async def pull(self) -> None:
        """Pull the cable; nothing happens when it is out already."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for end in tuple(self._ends):
            _reset(end)

    @asynccontextmanager
    async def plugged_in(self) -> AsyncIterator[None]:
        """Plug in for as long as the block runs, and give the port back afterwards."""
        await self.plug()
        try:
            yield
        finally:
            await self.pull()
            if self._carriers:
                await asyncio.wait(self._carriers)
            self._claim.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrier = asyncio.create_task(self._carry(reader, writer), name="cable: carry")
        self._carriers.add(carrier)
        carrier.add_done_callback(self._carriers.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.plugged:
            _reset(writer)  # accepted in the same moment the cable was pulled
            return
        self._ends.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target_port)
        except OSError:
            self._ends.discard(writer)
            _reset(writer)
            return
        if writer.transport.is_closing():
            _reset(far_writer)  # pulled meanwhile: nothing that waits in a buffer may still arrive
            return
        self._ends.add(far_writer)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far_writer), name="cable: there")
                group.create_task(self._pump(far_reader, writer), name="cable: back")
        finally:
            for end in (writer, far_writer):
                self._ends.discard(end)
                end.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(CABLE_BYTES):
                await asyncio.sleep(self._latency_s)
                sink.write(data)
                await sink.drain()
            if sink.can_write_eof() and not sink.is_closing():
                sink.write_eof()
        except OSError:
            sink.transport.abort()


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind((HOST, port))
    sock.setblocking(False)
    return sock


def _reset(end: asyncio.StreamWriter) -> None:
    sock = end.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    end.transport.abort()
