"""A badge that lies on a virtual PC/SC reader (vsmartcard's vpcd): entering puts it down, leaving takes it away.

    async with VirtualCard(Uid.parse("04A2B3C4D5E6F7"), port=pcscd.port):
        ...

pcscd looks at its virtual readers every 0.4 s. Entering does not wait for that, a badge is simply seen a little later;
leaving does, because a badge that another one replaces between two looks would never be seen at all.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from clockd.core.model import Uid

VPCD_PORT = 35963
"""Of the first virtual reader as Debian configures it; the second listens on the next port."""

ATR = bytes.fromhex("3B8F8001804F0CA000000306030001000000006A")
"""How a contactless reader presents a storage badge (PC/SC part 3)."""

NOTICED_S = 2.0
"""How long a badge that is taken away waits for the reader to notice; one that was never seen waits in vain."""

PATIENCE_S = 10.0
"""How long `polled` and `asked` wait."""

GET_UID = bytes.fromhex("FFCA000000")
OK = b"\x90\x00"
NOT_SUPPORTED = b"\x6d\x00"


class VirtualCard:
    """One badge.

    Args:
        uid: its identifier; bytes for one that no badge has.
        port: of the virtual reader.
        answer: replaces the answer to `FF CA 00 00 00`; called for each time it is asked.
    """

    def __init__(self, uid: Uid | bytes, *, port: int = VPCD_PORT, answer: Callable[[], bytes] | None = None) -> None:
        raw = uid.raw if isinstance(uid, Uid) else uid
        self._answer = answer or (lambda: raw + OK)
        self._port = port
        self._serving: asyncio.Task[None] | None = None
        self._gone = False
        self._news = asyncio.Condition()
        self.apdus: list[bytes] = []
        """What the badge was asked, oldest first."""
        self.power: list[str] = []
        """What happened to its power: on, off, reset."""
        self.polls = 0
        """How often pcscd looked whether the badge is still there."""

    async def __aenter__(self) -> Self:
        reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._serving = asyncio.create_task(self._serve(reader), name="virtual-card")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._serving is not None
        if not self._serving.done():
            # Deaf from now on, but still there: the reader hangs up when it looks next, and knows then.
            self._gone = True
            self._writer.write_eof()
        await asyncio.wait({self._serving}, timeout=NOTICED_S)
        self._serving.cancel()
        with suppress(asyncio.CancelledError):
            await self._serving

    async def polled(self, times: int = 1) -> None:
        """Wait until pcscd has looked this often from now on."""
        goal = self.polls + times
        await self._until(lambda: self.polls >= goal)

    async def asked(self, times: int = 1) -> None:
        """Wait until this many commands have come in all."""
        await self._until(lambda: len(self.apdus) >= times)

    async def _until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(done)

    async def _serve(self, reader: asyncio.StreamReader) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    length = int.from_bytes(await reader.readexactly(2), "big")
                    answer = self._reply(await reader.readexactly(length))
                    if answer is not None and not self._gone:
                        self._writer.write(len(answer).to_bytes(2, "big") + answer)
                        await self._writer.drain()
                    async with self._news:
                        self._news.notify_all()
        finally:
            self._writer.close()
            with suppress(ConnectionError):
                await self._writer.wait_closed()

    def _reply(self, message: bytes) -> bytes | None:
        match message:
            case b"\x00" | b"\x01" | b"\x02":
                self.power.append({0: "off", 1: "on", 2: "reset"}[message[0]])
                return None
            case b"\x04":
                self.polls += 1
                return ATR
            case _:
                self.apdus.append(message)
                return self._answer() if message == GET_UID else NOT_SUPPORTED
