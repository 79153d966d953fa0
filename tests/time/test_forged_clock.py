"""End to end through real processes on a forged machine: the true sources, the true watch, clocks that lie.

The first suite tests the forgery itself, so that it cannot silently stop working.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.core.model import ClockQuality, Reading
from clockd.core.timebase import Anchor, Exact, Life, Within, judge
from tests.time.forged_clock import EPOCH, ForgedClock, ForgedMachine

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATE = 60
"""Seconds after which a test gives up; none of them waits for it."""


# --- the forgery ------------------------------------------------------------------------------------------------

LOOK = """
import time
names = ("CLOCK_REALTIME", "CLOCK_BOOTTIME", "CLOCK_MONOTONIC")
print(*(time.clock_gettime(getattr(time, name)) for name in names), time.time())
before = time.monotonic(); time.sleep(0.05); print(time.monotonic() - before)
"""


def look_from_inside(clock: ForgedClock) -> list[float]:
    run = [sys.executable, "-c", LOOK]
    out = subprocess.run(run, env=clock.environ, capture_output=True, text=True, check=True).stdout
    return [float(word) for word in out.split()]


@pytest.mark.parametrize("wall_at", [EPOCH, NOON, NOON + timedelta(days=3653), datetime(2037, 12, 31, tzinfo=UTC)])
def test_only_wall_and_boot_time_are_moved_and_sleeping_still_works(
    tmp_path: Path, preload: Path, wall_at: datetime
) -> None:
    clock = ForgedClock(tmp_path, preload)
    clock.set_wall(wall_at)
    clock.set_boottime(17.0)
    realtime, boottime, monotonic, time_time, slept = look_from_inside(clock)
    assert realtime == pytest.approx((wall_at - EPOCH).total_seconds(), abs=LATE)
    assert time_time == pytest.approx(realtime, abs=1)
    assert boottime == pytest.approx(17, abs=LATE)
    assert monotonic == pytest.approx(time.monotonic(), abs=LATE)
    assert slept >= 0.05


def test_this_process_is_left_alone(tmp_path: Path, preload: Path) -> None:
    before = datetime.now(UTC)
    ForgedClock(tmp_path, preload).set_wall(EPOCH)
    assert datetime.now(UTC) >= before


# --- a door -----------------------------------------------------------------------------------------------------


@dataclass
class Door:
    """A running door on a forged machine, and what it wrote down."""

    machine: ForgedMachine
    process: asyncio.subprocess.Process
    taps: list[tuple[datetime, Reading]] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    heard: list[dict[str, object]] = field(default_factory=list)

    async def says(self, what: str) -> dict[str, object]:
        """Wait for a word of the door that was not waited for before; others stay for later."""
        assert self.process.stdout is not None
        async with asyncio.timeout(LATE):
            while (said := next((one for one in self.heard if one["what"] == what), None)) is None:
                line = await self.process.stdout.readline()
                assert line, "the door ended"
                self.heard.append(json.loads(line))
        self.heard.remove(said)
        if what == "anchored":
            self.anchors.append(Anchor(**fields(said, "source")))  # type: ignore[arg-type] # from JSON
        return said

    async def tap(self, true_at: datetime) -> Reading:
        assert self.process.stdin is not None
        self.process.stdin.write(b"tap\n")
        said = await self.says("tap")
        reading = Reading(**fields(said))  # type: ignore[arg-type] # from JSON
        self.taps.append((true_at, reading))
        return reading


def fields(said: dict[str, object], *without: str) -> dict[str, object]:
    kept = {key: value for key, value in said.items() if key not in ("what", *without)}
    return kept | {"wall_at": datetime.fromisoformat(str(kept["wall_at"]))}


@asynccontextmanager
async def door(machine: ForgedMachine, boot_seq: int) -> AsyncIterator[Door]:
    command = machine.command(sys.executable, "-m", "tests.time.door", str(boot_seq))
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=machine.environ, cwd=ROOT, stdin=pipe, stdout=pipe)
    running = Door(machine, process)
    try:
        await running.says("ready")
        yield running
    finally:
        process.kill()  # a power cut
        await process.communicate()


class Truth:
    """True time goes on with this machine's own boot time, whatever is forged."""

    def __init__(self, clock: ForgedClock) -> None:
        self._clock = clock
        self._began_at = NOON - timedelta(seconds=clock.boottime_s())

    def now_at(self) -> datetime:
        return self._began_at + timedelta(seconds=self._clock.boottime_s())


def assert_dated_right(door: Door, quality: ClockQuality, taps: int) -> None:
    assert len(door.taps) == taps
    for true_at, reading in door.taps:
        judged = judge(reading, door.anchors)
        assert isinstance(judged, Exact)
        assert judged.quality is quality
        # the test noted the true time before it asked for the tap; the way to the other process is not an error
        assert timedelta(0) <= judged.at - true_at + timedelta(milliseconds=50) < timedelta(seconds=5)


@pytest.mark.parametrize("boots_at", [EPOCH, NOON - timedelta(hours=1), NOON + timedelta(days=3653)])
async def test_the_door_boots_in_the_wrong_year_three_people_tap_and_time_arrives(
    machine: ForgedMachine, boots_at: datetime
) -> None:
    machine.boot(wall_at=boots_at)
    truth = Truth(machine.clock)
    async with door(machine, 1) as run:
        for _ in range(3):
            reading = await run.tap(truth.now_at())
            assert not reading.trusted
            assert abs((reading.wall_at - boots_at).total_seconds()) < LATE
        machine.synchronize(truth.now_at())
        await run.says("anchored")
        assert_dated_right(run, ClockQuality.CORRECTED, taps=3)
        run.taps.clear()
        assert (await run.tap(truth.now_at())).trusted
        assert_dated_right(run, ClockQuality.SYNCHRONIZED, taps=1)


async def test_somebody_sets_the_clock_of_a_synchronised_door(machine: ForgedMachine) -> None:
    truth = Truth(machine.clock)
    machine.synchronize(truth.now_at())
    async with door(machine, 1) as run:
        await run.says("anchored")
        machine.clock.set_wall(truth.now_at() - timedelta(days=400))
        reading = await run.tap(truth.now_at())
        assert not reading.trusted  # at once, before any look of the watch
        assert_dated_right(run, ClockQuality.CORRECTED, taps=1)
        await run.says("stepped")
        machine.synchronize(truth.now_at())
        await run.says("stepped")
        run.taps.clear()
        assert isinstance(judge(await run.tap(truth.now_at()), run.anchors), Exact)
        assert_dated_right(run, ClockQuality.SYNCHRONIZED, taps=1)


async def test_two_boots_without_time_are_bounded_by_those_that_had_it(machine: ForgedMachine) -> None:
    true_at = NOON
    taps: list[tuple[datetime, Reading]] = []
    anchors: list[Anchor] = []
    lives: list[Life] = []
    for seq, has_time in enumerate((True, False, False, True), start=1):
        machine.boot(wall_at=EPOCH, uptime_s=20)
        async with door(machine, seq) as run:
            began_at = true_at + timedelta(minutes=5) - timedelta(seconds=machine.clock.boottime_s())
            true_at = began_at + timedelta(seconds=machine.clock.boottime_s())
            if has_time:
                machine.synchronize(true_at)
                await run.says("anchored")
            reading = await run.tap(true_at)
            taps.append((true_at, reading))
            anchors += run.anchors
            lives.append(Life(seq, reading.boottime_s))
            true_at = began_at + timedelta(seconds=machine.clock.boottime_s())
    assert len({reading.boot_id for _, reading in taps}) == 4
    for seq, (noted_at, reading) in enumerate(taps, start=1):
        judged = judge(reading, anchors, lives)
        if seq in (1, 4):
            assert isinstance(judged, Exact)
            continue
        assert isinstance(judged, Within)
        earliest, latest = judged.bounds.earliest_at, judged.bounds.latest_at
        assert earliest is not None
        assert latest is not None
        assert earliest <= noted_at <= latest
        assert latest - earliest < timedelta(minutes=16)  # three gaps of five minutes


async def test_the_door_is_restarted_in_a_synchronised_boot(machine: ForgedMachine) -> None:
    truth = Truth(machine.clock)
    machine.synchronize(truth.now_at())
    for _ in range(2):
        async with door(machine, 1) as run:
            await run.says("anchored")
            assert (await run.tap(truth.now_at())).trusted
            assert_dated_right(run, ClockQuality.SYNCHRONIZED, taps=1)
