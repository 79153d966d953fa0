"""The power plug: pulled means killed at once, put in means started again; an end of its own is told and healed."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from clockd.sim.desk import power as power_module
from clockd.sim.desk.power import Power

LIVES = """
import signal, sys, time
def goodbye(*_):
    open(sys.argv[1], "a").write("goodbye\\n")
    sys.exit()
signal.signal(signal.SIGTERM, goodbye)
open(sys.argv[1], "a").write("alive\\n")
time.sleep(60)
"""
STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "w").write("alive")
time.sleep(60)
"""
BREAKS = "import sys; open(sys.argv[1], 'a').write('alive\\n'); sys.exit('out of luck')"


async def until(seen: Callable[[], object]) -> None:
    """Wait for what another process writes; a file tells nobody."""
    async with asyncio.timeout(20):
        while not seen():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


class Bench:
    def __init__(self, folder: Path, script: str) -> None:
        self.mark = folder / "mark"
        self.changes = 0
        self.news = asyncio.Event()
        self.power = Power((sys.executable, "-c", script, str(self.mark)), os.environ, folder / "log")
        self.power.changed = self._changed

    def _changed(self) -> None:
        self.changes += 1
        self.news.set()

    def lives(self) -> int:
        return self.mark.read_text().count("alive") if self.mark.exists() else 0

    async def until_lives(self, count: int) -> None:
        await until(lambda: self.lives() >= count)

    async def until_trouble(self) -> str:
        async with asyncio.timeout(20):
            while self.power.trouble is None:
                self.news.clear()
                await self.news.wait()
        return self.power.trouble

    @asynccontextmanager
    async def supplied(self) -> AsyncIterator[Power]:
        task = asyncio.create_task(self.power.run())
        try:
            yield self.power
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_pulled_is_dark_and_plugged_is_a_new_life(tmp_path: Path) -> None:
    bench = Bench(tmp_path, LIVES)
    async with bench.supplied() as power:
        power.plug()
        await bench.until_lives(1)
        first = power.pid
        assert first is not None
        power.pull()
        await power.dark()
        assert not is_running(first)
        assert (power.pid, power.trouble) == (None, None), "a cut is no trouble"
        power.plug()
        await bench.until_lives(2)
        second = power.pid
        assert second is not None
        assert second != first
        assert "goodbye" not in bench.mark.read_text(), "a cut is no polite question"
    assert not is_running(second)
    assert bench.mark.read_text().count("goodbye") == 1, "the end of the demo is one"


async def test_pulled_and_put_in_again_at_once_is_a_cut_all_the_same(tmp_path: Path) -> None:
    bench = Bench(tmp_path, LIVES)
    async with bench.supplied() as power:
        power.plug()
        await bench.until_lives(1)
        first = power.pid
        power.pull()
        power.plug()
        await bench.until_lives(2)
        assert power.pid != first
        assert "goodbye" not in bench.mark.read_text()


async def test_a_new_start_that_is_asked_for_while_it_starts_is_not_lost(tmp_path: Path) -> None:
    bench = Bench(tmp_path, LIVES)
    async with bench.supplied() as power:
        power.plug()
        await asyncio.sleep(0)  # the process is being made, and has no number yet
        numbers = [power.pid]
        power.restart()
        while len(numbers) < 4:
            bench.news.clear()
            await bench.news.wait()
            if power.pid != numbers[-1]:
                numbers.append(power.pid)
        assert numbers[0] is None
        assert numbers[2] is None, "it was asked to end"
        assert power.trouble is None


async def test_an_end_of_its_own_is_told_and_healed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power_module, "BOOT_PAUSE_S", 0.0)
    bench = Bench(tmp_path, BREAKS)
    async with bench.supplied() as power:
        power.plug()
        assert await bench.until_trouble() == "clockd ended by itself (exit code 1)\nout of luck"
        await bench.until_lives(2)
        power.pull()
        await power.dark()
        assert power.trouble is None


async def test_a_daemon_that_does_not_want_to_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(power_module, "GOODBYE_S", 0.1)
    bench = Bench(tmp_path, STUBBORN)
    async with bench.supplied() as power:
        power.plug()
        await bench.until_lives(1)
        pid = power.pid
        assert pid is not None
    assert not is_running(pid)
