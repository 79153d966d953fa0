"""Ten thousand steps of the wall clock, from 56 years back to 10 ahead, and nothing at the door notices."""

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.model import Reading, Tap
from clockd.core.timebase import SKEW_REPORT_S, skew_report
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import BEGIN_AT, House, in_virtual_time, simulator, uid_of

YEAR_S = 365.2425 * 86400
STEPS = 10_000


@dataclass(slots=True)
class Restless(House):
    """A house whose wall clock is set anew before each look at it; boot time goes on."""

    steps: int = 0
    off_s: float | None = None
    """None: as the dice say."""
    quiet: bool = False
    dice: random.Random = field(default_factory=lambda: random.Random(3))

    def read_clock(self) -> Reading:
        reading = House.read_clock(self)
        if self.quiet:
            return reading
        self.steps += 1
        off_s = self.dice.uniform(-56, 10) * YEAR_S if self.off_s is None else self.off_s
        return replace(reading, wall_at=reading.wall_at + timedelta(seconds=off_s))


def restless(folder: Path, **options: object) -> Restless:
    folder.mkdir(exist_ok=True)
    return Restless(folder, simulator(profile_named("strict")), **options)  # type: ignore[arg-type]


def test_10000_steps_never_open_or_close_the_repeat_guard(tmp_path: Path) -> None:
    """The control: by the wall clock almost every decision would have been another one."""

    async def day() -> None:
        door = restless(tmp_path, online=False, quiet=True)
        await door.start()
        door.quiet = False
        dice, wall_wrong = random.Random(5), 0
        await door.terminal.tapped(Tap(uid_of(0), "pcsc", before := replace(door.read_clock(), trusted=False)))
        for n in range(STEPS):
            gap_s = dice.choice([0.5, 5.0, 9.9]) if n % 20 else dice.choice([10.1, 60.0])
            await asyncio.sleep(gap_s)
            now = replace(door.read_clock(), trusted=False)
            await door.terminal.tapped(Tap(uid_of(0), "pcsc", now))
            shown = door.screens[-1]
            assert isinstance(shown, feedback.AlreadyRecorded if gap_s < 10 else feedback.Punched), (n, gap_s, shown)
            wall_wrong += (0 <= (now.wall_at - before.wall_at).total_seconds() < 10) is not (gap_s < 10)
            before = now
        assert door.steps > STEPS
        assert wall_wrong > STEPS / 2
        await door.kill()

    in_virtual_time(day)


def test_10000_steps_leave_the_back_off_as_it_is(tmp_path: Path) -> None:
    """Half a day without the network: the attempts of a house with a wild clock are those of one with a quiet clock."""
    tried: dict[bool, list[float]] = {}

    async def day(*, quiet: bool) -> None:
        door = restless(tmp_path / str(quiet), link_down=True, quiet=True)
        await door.start()
        await door.tap(0)
        door.quiet = quiet
        for _ in range(26):
            await asyncio.sleep(1800)
            door.check_alive()
        tried[quiet] = [at_s for at_s, _, _ in door.requests]
        assert quiet or door.steps > STEPS
        await door.kill()

    for quiet in (True, False):
        in_virtual_time(lambda quiet=quiet: day(quiet=quiet))  # type: ignore[misc]
    assert len(tried[True]) > 300
    assert tried[False] == tried[True]


def test_a_clock_that_is_off_from_the_trackers_is_told_beyond_30_s(tmp_path: Path) -> None:
    told: dict[float, str | None] = {}

    async def day(off_s: float) -> None:
        door = restless(tmp_path / str(off_s), off_s=off_s)
        await door.start()
        await door.tap(0)
        await asyncio.sleep(60)
        assert door.line.skew_s is not None
        assert abs(door.line.skew_s - off_s) <= 1
        told[off_s] = skew_report(door.line.skew_s)
        await door.kill()

    for off_s in (0.0, SKEW_REPORT_S - 5, 200.0, -3600.0):
        in_virtual_time(lambda off_s=off_s: day(off_s))  # type: ignore[misc]
    assert (told[0.0], told[SKEW_REPORT_S - 5]) == (None, None)
    assert "3 min 20 s ahead" in (told[200.0] or "")
    assert "1 h behind" in (told[-3600.0] or "")


@dataclass(slots=True)
class Saved(House):
    """A house without a battery clock: its second boot begins when it lost its power, and is told the time later."""

    lost_at: datetime = BEGIN_AT
    told_s: float = 0.0
    """When it is told the time, in CLOCK_BOOTTIME of the second boot."""
    booted_s: float = 0.0
    credulous: bool = False

    def read_clock(self) -> Reading:
        up_s = House.now_s(self) - self.booted_s
        told = self.boot_seq == 1 or up_s >= self.told_s
        wall_at = self.now_at() if told else self.lost_at + timedelta(seconds=up_s)
        return Reading(wall_at, up_s, f"boot-{self.boot_seq}", self.boot_seq, trusted=told or self.credulous)

    def now_s(self) -> float:
        return self.read_clock().boottime_s

    async def power_cut(self, hours: float) -> None:
        self.lost_at = self.now_at()
        await self.kill()
        await asyncio.sleep(hours * 3600.0)
        self.booted_s, self.boot_seq = House.now_s(self), 2
        await self.start()


@pytest.mark.parametrize("credulous", [False, True], ids=["", "control"])
@pytest.mark.parametrize("came_at_s", [20.0, 60.0])
def test_over_a_weekend_without_power_friday_s_clock_in_is_no_tap_of_this_minute(
    tmp_path: Path, came_at_s: float, *, credulous: bool
) -> None:
    """Nobody knows how long ago it was until the clock is told the time; then it is dated anew, though no row changed.

    The sabotage: steps are not noticed, and the clock is believed from the start.
    """
    door = Saved(tmp_path, simulator(profile_named("strict")), told_s=50.0)

    async def days() -> None:
        await door.start()
        await asyncio.sleep(60)
        door.link_down = True
        await door.tap(0)
        await asyncio.sleep(180)
        await door.power_cut(62)
        if credulous:
            door.credulous, door.sync.lanes.least_step_us = True, 10**18
        await asyncio.sleep(came_at_s)
        door.link_down = False
        await asyncio.sleep(900)
        held = [found.held.code for _, found in await door.deliveries() if found.held]
        assert (held == ["missing-out"]) is not credulous
        assert (door.booked() == []) is not credulous
        await door.kill()

    in_virtual_time(days)
