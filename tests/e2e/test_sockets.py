"""Hundreds of taps a minute over real connections that break in every way, with the daemon killed in between.

The faults come in spells, as they do: connections cut, replies that trickle or never come, a captive portal, every page
moved to another host, no connection at all; and between them the mix of everyday losses.
"""

import asyncio
import random
from pathlib import Path

import pytest

from tests.e2e.looking import until, wall_texts
from tests.e2e.people import uid_of
from tests.e2e.processes import KEY, SECRET
from tests.e2e.rig import DESK, Rig, bench

EVERYDAY = "lost=3%,reply-lost=3%,fail-after@write=2%,late:0-1@write=1%,cut=1%,garbled=1%,drip:4=0.3%"
SPELLS = ("portal", "moved", "refuse", "cut=50%,reply-lost=50%", "lost:silent", "drip:5", "fail-before:503")
IN_A_HURRY = {"timeout_s": 1, "quarantine_s": 2}
PEOPLE = 90


async def live(rig: Rig, rng: random.Random, taps: int, kills: int) -> None:
    """Let people come and go, an even number of times each, while the network does what it likes."""
    spells = asyncio.create_task(weather(rig, rng))
    kill_at = set(rng.sample(range(taps), kills))
    for made in range(taps):
        rig.desk.terminal.tap(uid_of(made % PEOPLE).hex)
        await until(lambda: saved(rig) > made)  # noqa: B023 - awaited at once
        if made in kill_at:
            rig.daemon.kill()
            await rig.daemon.start()
        await asyncio.sleep(0.02)
    spells.cancel()
    await asyncio.wait([spells])


async def weather(rig: Rig, rng: random.Random) -> None:
    while True:
        await rig.simulator.faults(*EVERYDAY.split(","))
        await asyncio.sleep(rng.uniform(4.0, 12.0))
        await rig.simulator.faults(*rng.choice(SPELLS).split(","))
        await asyncio.sleep(rng.uniform(1.0, 4.0))


def saved(rig: Rig) -> int:
    """How many taps were answered with "Saved"."""
    return sum("Saved" in text for text in rig.desk.texts)


async def run(folder: Path, *, seed: int, taps: int, kills: int, within_s: float) -> None:
    async with bench(folder, people=PEOPLE, readers=[DESK], tracker=IN_A_HURRY, panel=True) as rig:
        await live(rig, random.Random(seed), taps, kills)
        await rig.simulator.faults()
        punches = await rig.daemon.settled(taps, within_s=within_s)
        assert saved(rig) == taps
        assert await rig.simulator.booked() == wall_texts(punches)
        assert len(await rig.simulator.rows()) == taps / 2
        assert await rig.simulator.violations() == []
        log = rig.daemon.log.read_bytes()
        assert SECRET.encode() not in log
        assert KEY.encode() not in log


async def test_a_few_hundred_taps(tmp_path: Path) -> None:
    await run(tmp_path, seed=1, taps=2 * PEOPLE, kills=1, within_s=240)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 5))
async def test_thousands_of_taps(tmp_path: Path, seed: int) -> None:
    await run(tmp_path, seed=seed, taps=24 * PEOPLE, kills=8, within_s=900)
