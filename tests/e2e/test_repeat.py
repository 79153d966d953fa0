"""One badge, held for long or twice, is one punch, whatever the wall clock does meanwhile."""

import time
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.looking import next_second
from tests.e2e.people import uid_of
from tests.e2e.rig import DESK, bench
from tests.readers.pcscd import Pcscd
from tests.readers.virtual_card import VirtualCard
from tests.time.forged_clock import ForgedClock, build_preload

PCSC = {"kind": "pcsc"}
LONG = {"repeat_s": 600}
"""Longer than a slow machine takes for a whole test."""


async def test_a_badge_left_lying_and_held_again_while_the_clock_steps_by_years(tmp_path: Path, pcscd: Pcscd) -> None:
    clock = ForgedClock(tmp_path, build_preload(tmp_path))
    async with bench(tmp_path, readers=[PCSC], rules=LONG, panel=True, env=clock.environ) as rig:
        async with VirtualCard(uid_of(0), port=pcscd.port) as card:
            await rig.desk.says("Person 0: in", "Saved")
            await card.polled(8)
        for year in (2033, 1999, 2026):
            clock.set_wall(datetime(year, 3, 1, 12, tzinfo=UTC))
            async with VirtualCard(uid_of(0), port=pcscd.port):
                await rig.desk.says("Person 0: in", "Already recorded")
        async with VirtualCard(uid_of(1), port=pcscd.port):  # and the reader still sees badges
            await rig.desk.says("Person 1: in", "Saved")
        assert len(await rig.daemon.punches()) == 2


async def test_without_the_guard_the_second_tap_counts(tmp_path: Path, pcscd: Pcscd) -> None:
    """The control."""
    async with bench(tmp_path, readers=[PCSC], rules={"repeat_s": 0}, panel=True) as rig:
        async with VirtualCard(uid_of(0), port=pcscd.port):
            await rig.desk.says("Person 0: in", "Saved")
        async with VirtualCard(uid_of(0), port=pcscd.port):
            await rig.desk.says("Person 0: out", "Saved")
        assert len(await rig.daemon.punches()) == 2


async def test_a_reader_that_repeats_the_identifier(tmp_path: Path) -> None:
    async with bench(tmp_path, rules=LONG, panel=True) as rig:
        end_s = time.monotonic() + 2.5
        while time.monotonic() < end_s:  # for longer than it takes to be gone
            rig.serial.tap(uid_of(0))
            await rig.daemon.status()
        await rig.desk.says("Person 0: in", "Saved")
        await rig.serial.absent()
        rig.serial.tap(uid_of(0))
        await rig.desk.says("Already recorded")
        rig.daemon.kill()  # what was seen is forgotten, the ledger is not
        await rig.daemon.start()
        rig.serial.tap(uid_of(0))
        await rig.desk.says("Already recorded")
        assert len(await rig.daemon.punches()) == 1


async def test_two_readers_at_one_door(tmp_path: Path) -> None:
    async with bench(tmp_path, readers=["serial", DESK], rules=LONG, panel=True) as rig:
        rig.serial.tap(uid_of(0))
        await rig.desk.says("Person 0: in", "Saved")
        await next_second()
        rig.desk.terminal.tap(uid_of(0).hex)
        await rig.desk.says("Already recorded")
        assert [punch["reader"] for punch in await rig.daemon.punches()] == ["serial"]
