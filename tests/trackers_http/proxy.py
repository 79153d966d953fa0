"""A little forward proxy: it opens a tunnel to where it is told, or says no as real ones do."""

import asyncio
import base64
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from tests.trackers_http.servers import Behaviour

LOGIN = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"company\"\r\n"
    b"Content-Length: 0\r\n\r\n"
)  # fmt: skip
UNREACHED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Proxy:
    """What a proxy does with `CONNECT`, to be served by `servers.serve`.

    Args:
        user: whom it lets through; empty: everybody.
        where: the port at which it really connects, whatever host was named.
        knows: whether it can resolve a name.
    """

    where: int
    user: str = ""
    password: str = ""
    knows: Callable[[str], bool] = lambda host: True
    tunnels: list[str] = field(default_factory=list)
    """To where tunnels were opened."""

    def behaviour(self, seen: list[bytes]) -> Behaviour:
        async def serves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = seen[-1]
            target = head.split()[1].decode()
            given = base64.b64encode(f"{self.user}:{self.password}".encode())
            if self.user and b"Proxy-Authorization: Basic " + given not in head:
                writer.write(LOGIN)
            elif not self.knows(target):
                writer.write(UNREACHED)
            else:
                self.tunnels.append(target)
                await self._tunnel(reader, writer)
            await writer.drain()
            writer.close()

        return serves

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.where)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError):
                while data := await source.read(65536):
                    sink.write(data)
                    await sink.drain()
            sink.close()

        try:
            await asyncio.gather(pump(reader, back), pump(there, writer))
        finally:
            back.close()
            with suppress(ConnectionError):
                await back.wait_closed()
