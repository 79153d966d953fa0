"""The thread of a device: errors cross, threads end, a hanging driver is left behind and said so."""

import asyncio
import logging
import threading

import pytest

from clockd.core.model import Tap, Uid
from clockd.errors import DeviceError
from clockd.readers import thread
from clockd.readers.thread import LoopLink, run_in_thread
from tests.readers.clock import Clock


def ignore(tap: Tap) -> None:
    """Nobody listens."""


async def test_an_error_of_the_device_is_raised_after_the_taps_before_it() -> None:
    taps: list[Tap] = []
    reading = Clock().read()

    def work(link: LoopLink) -> None:
        link.ready()
        link.tap(Uid.parse("04A2B3C4"), reading)
        raise DeviceError("unplugged")

    with pytest.raises(DeviceError, match="unplugged"):
        await run_in_thread("test", work, taps.append, lambda: None, lambda reason: None)
    assert len(taps) == 1
    assert not any(t.name.startswith("reader-") for t in threading.enumerate())


async def test_an_error_of_a_callback_is_raised() -> None:
    def ready() -> None:
        raise ValueError("of the caller")

    def work(link: LoopLink) -> None:
        link.ready()
        while not link.stopping:
            link.pause(10)

    with pytest.raises(ValueError, match="of the caller"):
        await run_in_thread("test", work, ignore, ready, lambda reason: None)


async def test_work_that_ends_by_itself_is_an_error() -> None:
    with pytest.raises(DeviceError, match="ended by itself"):
        await run_in_thread("test", lambda link: None, ignore, lambda: None, lambda reason: None)


async def test_nothing_is_said_after_a_cancellation() -> None:
    said: list[str] = []
    may_speak = threading.Event()

    def work(link: LoopLink) -> None:
        link.ready()
        may_speak.wait()
        link.tap(Uid.parse("04A2B3C4"), reading)

    reading = Clock().read()
    ready = asyncio.Event()
    task = asyncio.create_task(
        run_in_thread("test", work, lambda tap: said.append("tap"), ready.set, lambda reason: None)
    )
    await ready.wait()
    task.cancel()
    asyncio.get_running_loop().call_later(0.05, may_speak.set)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert said == []


async def test_a_blocking_call_is_nudged_until_it_returns() -> None:
    deaf_ones, blocked = iter(range(3)), threading.Event()

    def nudge() -> None:
        if next(deaf_ones, None) is None:  # as SCardCancel: without effect before the wait has begun
            blocked.set()

    def work(link: LoopLink) -> None:
        link.ready()
        blocked.wait()

    ready = asyncio.Event()
    task = asyncio.create_task(run_in_thread("test", work, ignore, ready.set, lambda reason: None, nudge=nudge))
    await ready.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert blocked.is_set()


async def test_a_hanging_driver_is_left_behind_and_said_so(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread, "RELEASE_S", 0.05)
    hangs = threading.Event()
    ready = asyncio.Event()

    def work(link: LoopLink) -> None:
        link.ready()
        hangs.wait()

    task = asyncio.create_task(run_in_thread("test", work, ignore, ready.set, lambda reason: None))
    await ready.wait()
    task.cancel()
    with caplog.at_level(logging.WARNING), pytest.raises(asyncio.CancelledError):
        await task
    assert "does not let go" in caplog.text
    hangs.set()
    for left in threading.enumerate():
        if left.name.startswith("reader-"):
            await asyncio.to_thread(left.join)
    await asyncio.sleep(0)  # lets its last word arrive, which closes what it held
    await asyncio.sleep(0)
