"""What every reader promises (`clockd.core.ports.Reader`), as checks that run over any bench.

Each raises AssertionError or TimeoutError when the promise is broken; `test_contract.py` runs them over the real
readers, `test_contract_controls.py` over sabotaged ones.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import pytest

from clockd.core.model import Tap, Uid, Unread
from clockd.core.ports import Reader
from clockd.errors import DeviceError
from tests.readers.benches import UIDS, Bench

PATIENCE_S = 5.0
"""How long a check waits for what must come; it is waited for in full only when it does not."""
RELEASE_S = 1.0
"""From the contract: a cancelled reader lets go of its device and its threads within a second."""


class Door:
    """A reader that runs, and what it says."""

    def __init__(self, reader: Reader, patience_s: float = PATIENCE_S) -> None:
        self._reader = reader
        self._patience_s = patience_s
        self._ready = asyncio.Event()
        self._taps: asyncio.Queue[Tap] = asyncio.Queue()
        self._reasons: asyncio.Queue[Unread] = asyncio.Queue()
        self.threads: set[int] = set()
        """Where the callbacks were called."""

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self._reader.run(self._tapped, self._say_ready, self._unread), name="reader")
        await asyncio.wait(
            {self.task, waiter := asyncio.ensure_future(self._ready.wait())},
            timeout=self._patience_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        waiter.cancel()
        if self.task.done():
            await self.task
        assert self._ready.is_set(), "never became ready"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError, DeviceError):
            await self.task

    async def tap(self) -> Tap:
        """The next tap."""
        async with asyncio.timeout(self._patience_s):
            return await self._taps.get()

    async def sees(self, uid: Uid) -> None:
        """The next tap must be of this badge."""
        seen = (await self.tap()).uid
        assert seen == uid, "a tap of another badge, or one too many"

    async def cannot_read(self) -> Unread:
        """The next presentation that could not be read, and why."""
        async with asyncio.timeout(self._patience_s):
            return await self._reasons.get()

    async def fails(self) -> None:
        """Raise what ended the reader; it must end."""
        await asyncio.wait({self.task}, timeout=self._patience_s)
        assert self.task.done(), "the loss went unnoticed"
        await self.task

    async def lost(self) -> None:
        """The reader must give up with a DeviceError."""
        with pytest.raises(DeviceError):
            await self.fails()

    def _tapped(self, tap: Tap) -> None:
        self.threads.add(threading.get_ident())
        assert self._ready.is_set(), "a tap before it was ready"
        self._taps.put_nowait(tap)

    def _unread(self, reason: Unread) -> None:
        self.threads.add(threading.get_ident())
        assert self._ready.is_set(), "something unreadable before it was ready"
        self._reasons.put_nowait(reason)

    def _say_ready(self) -> None:
        self.threads.add(threading.get_ident())
        assert not self._ready.is_set(), "ready twice"
        self._ready.set()


def held() -> tuple[set[str], set[str]]:
    """What this process holds open: files, and threads of readers."""
    files = set()
    for fd in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            files.add(f"{fd} {os.readlink(f'/proc/self/fd/{fd}')}")
    return files, {thread.name for thread in threading.enumerate() if thread.name.startswith("reader-")}


async def one_tap_per_presentation(bench: Bench, patience_s: float = PATIENCE_S) -> None:
    """A badge put down is one tap, and so it is when it comes again; the tap names the reader and the moment."""
    badge = UIDS[bench.lengths[0]]
    async with Door(bench.reader, patience_s) as door:
        await bench.present(badge)
        tap = await door.tap()
        assert (tap.uid, tap.reader) == (badge, bench.reader.kind)
        assert tap.reading.boottime_s <= bench.clock.boottime_s
        await bench.remove()
        await bench.present(badge)
        await door.sees(badge)
        await bench.remove()
        await bench.present(other := _other(badge))
        await door.sees(other)


async def left_lying_is_one_tap(bench: Bench, patience_s: float = PATIENCE_S) -> None:
    """A badge that stays, seen by the reader again and again, is one tap."""
    badge = UIDS[bench.lengths[0]]
    async with Door(bench.reader, patience_s) as door:
        await bench.present(badge)
        await door.sees(badge)
        await bench.linger()
        await bench.remove()
        await bench.present(other := _other(badge))
        await door.sees(other)


async def two_badges_are_two_taps(bench: Bench, patience_s: float = PATIENCE_S) -> None:
    """One after the other, without a pause between them."""
    badge = UIDS[bench.lengths[0]]
    async with Door(bench.reader, patience_s) as door:
        for uid in (badge, _other(badge)):
            await bench.present(uid)
            await door.sees(uid)
            await bench.remove()


async def every_identifier_is_whole(bench: Bench, patience_s: float = PATIENCE_S) -> None:
    """No length is cut or padded."""
    async with Door(bench.reader, patience_s) as door:
        for length in bench.lengths:
            await bench.present(UIDS[length])
            await door.sees(UIDS[length])
            await bench.remove()


async def garbled_is_told(bench: Bench, patience_s: float = PATIENCE_S) -> None:
    """What cannot be read is no tap and no error; that there was something is told, and the next badge is seen."""
    badge = UIDS[bench.lengths[0]]
    async with Door(bench.reader, patience_s) as door:
        await bench.present_unreadable()
        await door.cannot_read()
        await bench.present(badge)
        await door.sees(badge)


async def lost_and_back(bench: Bench, patience_s: float = PATIENCE_S) -> None:
    """A lost device is a DeviceError that leaves nothing open; so is a missing one; and it works when it is back."""
    badge = UIDS[bench.lengths[0]]
    await _warm_up(bench)
    async with Door(bench.reader, patience_s) as door:
        await bench.present(badge)
        await door.sees(badge)
        await bench.lose()
        await door.lost()
    before = held()
    assert before[1] == set(), "a thread was left behind"
    for _ in range(3):
        with pytest.raises(DeviceError):
            async with Door(bench.reader, patience_s):
                pass
    assert held() == before, "an attempt to open left something open"
    await bench.restore()
    async with Door(bench.reader, patience_s) as door:
        await bench.present(other := _other(badge))
        await door.sees(other)


async def cancelled_lets_go(bench: Bench, patience_s: float = PATIENCE_S) -> None:
    """Within a second, also while a badge lies there, and leaving neither thread nor file behind."""
    await _warm_up(bench)
    before = held()
    assert before[1] == set(), "a thread was left behind"
    for uid in (None, UIDS[bench.lengths[0]]):
        async with Door(bench.reader, patience_s) as door:
            if uid:
                await bench.present(uid)
                await door.sees(uid)
                await bench.linger()
            door.task.cancel()
            await asyncio.wait({door.task}, timeout=RELEASE_S)
            assert door.task.cancelled(), "still holds its device"
        await bench.clear()
        assert held() == before, "something was left behind"


async def speaks_in_the_loop(bench: Bench, patience_s: float = PATIENCE_S) -> None:
    """Both callbacks come in the event loop's thread."""
    badge = UIDS[bench.lengths[0]]
    async with Door(bench.reader, patience_s) as door:
        await bench.present(badge)
        await door.sees(badge)
    assert door.threads == {threading.get_ident()}


PROMISES: dict[str, Callable[[Bench, float], Awaitable[None]]] = {
    promise.__name__: promise
    for promise in (
        one_tap_per_presentation,
        left_lying_is_one_tap,
        two_badges_are_two_taps,
        every_identifier_is_whole,
        garbled_is_told,
        lost_and_back,
        cancelled_lets_go,
        speaks_in_the_loop,
    )
}


async def _warm_up(bench: Bench) -> None:
    """Open and close it once: libraries keep what they load with their first use."""
    async with Door(bench.reader):
        pass


def _other(badge: Uid) -> Uid:
    return Uid.of(badge.raw[:-1] + bytes([badge.raw[-1] ^ 0xFF]))
