"""The network cable: out means refused and reset, nothing still under way arrives, and the port stays ours."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from clockd.sim.desk.cable import HOST, Cable


class Echo:
    """A server that counts what reaches it."""

    def __init__(self) -> None:
        self.received = b""
        self.news = asyncio.Event()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, HOST, 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1024):
                self.received += data
                self.news.set()
                writer.write(data.upper())
        except OSError:
            pass
        finally:
            writer.transport.abort()


class SoftCable(Cable):
    """Sabotage: new connections are refused, and those that are open live on."""

    async def pull(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()


class RoamingCable(Cable):
    """Sabotage: the port is given back when the cable is pulled."""

    async def pull(self) -> None:
        await super().pull()
        self._claim.close()


async def refused_when_out(cable: Cable) -> None:
    await cable.pull()
    assert not cable.plugged
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(HOST, cable.port)


async def resets_open_connections(cable: Cable) -> None:
    reader, writer = await asyncio.open_connection(HOST, cable.port)
    try:
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"HELLO"
        await cable.pull()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.readexactly(1), 0.5)
    finally:
        writer.transport.abort()


async def keeps_its_port(cable: Cable) -> None:
    before = cable.port
    await cable.pull()
    with socket.socket() as stranger, pytest.raises(OSError) as caught:
        stranger.bind((HOST, before))
    assert caught.value.errno == errno.EADDRINUSE
    await cable.plug()
    reader, writer = await asyncio.open_connection(HOST, before)
    writer.write(b"again")
    assert await reader.readexactly(5) == b"AGAIN"
    writer.transport.abort()


@pytest.mark.parametrize("check", [refused_when_out, resets_open_connections, keeps_its_port])
async def test_a_pulled_cable(check: Callable[[Cable], Awaitable[None]]) -> None:
    async with Echo().serving() as port:
        cable = Cable(port)
        async with cable.plugged_in():
            await check(cable)


async def test_a_cable_that_leaves_connections_open_is_noticed() -> None:
    async with Echo().serving() as port:
        cable = SoftCable(port)
        async with cable.plugged_in():
            with pytest.raises((TimeoutError, AssertionError)):
                await resets_open_connections(cable)


async def test_a_cable_that_loses_its_port_is_noticed() -> None:
    async with Echo().serving() as port:
        cable = RoamingCable(port)
        async with cable.plugged_in():
            with pytest.raises(pytest.fail.Exception):
                await keeps_its_port(cable)


async def test_what_was_under_way_never_arrives() -> None:
    echo = Echo()
    async with echo.serving() as port:
        cable = Cable(port, latency_s=0.05)
        async with cable.plugged_in():
            reader, writer = await asyncio.open_connection(HOST, cable.port)
            writer.write(b"lost")
            await writer.drain()
            await asyncio.sleep(0)
            await cable.pull()
            with pytest.raises(OSError):
                await reader.readexactly(1)
            writer.transport.abort()
            await cable.plug()
            reader, writer = await asyncio.open_connection(HOST, cable.port)
            writer.write(b"found")
            assert await reader.readexactly(5) == b"FOUND"
            writer.transport.abort()
    assert echo.received == b"found"


async def test_pulling_and_plugging_twice_changes_nothing() -> None:
    async with Echo().serving() as port:
        cable = Cable(port)
        async with cable.plugged_in():
            await cable.plug()
            assert cable.plugged
            await cable.pull()
            await cable.pull()
            await cable.plug()
            _, writer = await asyncio.open_connection(HOST, cable.port)
            writer.transport.abort()


async def test_a_tracker_that_is_not_there_resets() -> None:
    with socket.socket() as nobody:
        nobody.bind((HOST, 0))
        cable = Cable(nobody.getsockname()[1])
        async with cable.plugged_in():
            reader, writer = await asyncio.open_connection(HOST, cable.port)
            with pytest.raises(ConnectionResetError):
                await reader.readexactly(1)
            writer.transport.abort()
