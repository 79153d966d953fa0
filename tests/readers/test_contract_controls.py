"""Each promise has a sabotage that breaks it: the checks of the contract are not made of air."""

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from clockd.core.model import Tap, Uid
from clockd.core.ports import Reader, TellUnread
from clockd.errors import DeviceError
from tests.readers.air import Air
from tests.readers.benches import UIDS, Bench, KeyboardBench, NfcBench, SerialBench
from tests.readers.contract import PROMISES

PATIENCE_S = 0.3


class Sabotaged:
    """A good reader behind a bad one."""

    def __init__(self, good: Reader) -> None:
        self._good = good

    @property
    def kind(self) -> str:
        return self._good.kind

    @property
    def name(self) -> str:
        return self._good.name

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        await self._good.run(tapped, ready, unread)


class Stutters(Sabotaged):
    """Says each tap twice."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        def twice(tap: Tap) -> None:
            tapped(tap)
            tapped(tap)

        await self._good.run(twice, ready, unread)


class Deaf(Sabotaged):
    """Misses the second badge that it sees."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        taps = iter(range(1000))
        await self._good.run(lambda tap: tapped(tap) if next(taps) != 1 else None, ready, unread)


class Shortens(Sabotaged):
    """Keeps the first four bytes."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        def shorter(tap: Tap) -> None:
            assert isinstance(tap.uid, Uid)
            tapped(Tap(Uid.of(tap.uid.raw[:4]), tap.reader, tap.reading))

        await self._good.run(shorter, ready, unread)


class Imagines(Sabotaged):
    """Takes noise for a badge."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        def haunted(tap: Tap) -> None:
            tapped(Tap(UIDS[10], tap.reader, tap.reading))
            tapped(tap)

        await self._good.run(haunted, ready, unread)


class Hushes(Sabotaged):
    """Keeps to itself what it could not read."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        await self._good.run(tapped, ready, lambda reason: None)


class Suffers(Sabotaged):
    """Waits in silence when the device is lost."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        try:
            await self._good.run(tapped, ready, unread)
        except DeviceError:
            await asyncio.Event().wait()


class GivesUp(Sabotaged):
    """Works once, and never again after a loss."""

    lost = False

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        if self.lost:
            raise DeviceError("it was lost once")
        try:
            await self._good.run(tapped, ready, unread)
        except DeviceError:
            self.lost = True
            raise


class Litters(Sabotaged):
    """Leaves a file open with each run."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        LITTER.append(os.open("/dev/null", os.O_RDONLY))
        await self._good.run(tapped, ready, unread)


class Clings(Sabotaged):
    """Takes its time when it is cancelled."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        try:
            await self._good.run(tapped, ready, unread)
        finally:
            for _ in range(11):
                try:
                    await asyncio.sleep(0.1)
                except asyncio.CancelledError:
                    continue


class Whispers(Sabotaged):
    """Calls back from a thread."""

    async def run(self, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        def elsewhere(tap: Tap) -> None:
            thread = threading.Thread(target=tapped, args=(tap,))
            thread.start()
            thread.join()

        await self._good.run(elsewhere, ready, unread)


LITTER: list[int] = []

SABOTAGES = (
    ("one_tap_per_presentation", Stutters),
    ("one_tap_per_presentation", Deaf),
    ("left_lying_is_one_tap", Stutters),
    ("two_badges_are_two_taps", Deaf),
    ("every_identifier_is_whole", Shortens),
    ("garbled_is_told", Imagines),
    ("garbled_is_told", Hushes),
    ("lost_and_back", Suffers),
    ("lost_and_back", GivesUp),
    ("lost_and_back", Litters),
    ("cancelled_lets_go", Litters),
    ("cancelled_lets_go", Clings),
    ("speaks_in_the_loop", Whispers),
)


def test_every_promise_has_a_sabotage() -> None:
    assert {promise for promise, _ in SABOTAGES} == set(PROMISES)


@pytest.mark.parametrize(("promise", "sabotage"), SABOTAGES)
async def test_sabotage_is_noticed(promise: str, sabotage: type[Sabotaged], tmp_path: Path) -> None:
    bench = SerialBench(tmp_path)
    bench.reader = sabotage(bench.reader)
    try:
        with pytest.raises((AssertionError, TimeoutError, DeviceError)):
            await PROMISES[promise](bench, PATIENCE_S)
    finally:
        await bench.close()
        while LITTER:
            os.close(LITTER.pop())


@pytest.mark.parametrize("kind", ["serial line", "serial rdm6300", "keyboard", "nfc"])
async def test_without_presence_a_lying_badge_taps_again(kind: str, tmp_path: Path, air: Air) -> None:
    makers: dict[str, Callable[[], Bench]] = {
        "serial line": lambda: SerialBench(tmp_path, absent_s=0),
        "serial rdm6300": lambda: SerialBench(tmp_path, rdm6300=True, absent_s=0),
        "keyboard": lambda: KeyboardBench(absent_s=0),
        "nfc": lambda: NfcBench(air, absent_looks=0),
    }
    bench = makers[kind]()
    try:
        with pytest.raises(AssertionError, match="one too many"):
            await PROMISES["left_lying_is_one_tap"](bench, PATIENCE_S)
    finally:
        await bench.close()
