"""No sliding minute of the tracker's holds more requests than configured, over restarts of the terminal too."""

import sqlite3
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.conftest import Command
from tests.e2e.looking import busiest_minute, next_second, until, wall_texts
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig, bench
from tests.time.forged_clock import ForgedClock, build_preload

LIMIT = 6
PEOPLE = 8


async def backlog(rig: Rig, people: int) -> None:
    """Let everybody come and go before there is a tracker at all, and cut the power."""
    sections = rig.daemon.sections
    rig.daemon.sections = {**sections, "tracker": {"kind": "none"}}
    await rig.daemon.start()
    await rig.daemon.enrol(people)
    rig.serial.tap(*map(uid_of, range(people)))
    await rig.daemon.recorded(people)
    await next_second()
    await rig.serial.absent()
    rig.serial.tap(*map(uid_of, range(people)))
    await rig.daemon.recorded(2 * people)
    rig.daemon.kill()
    rig.daemon.sections = sections
    rig.simulator.start()


async def arrived(rig: Rig, count: int) -> bool:
    """Whether so many requests came to the tracker."""
    return len(await rig.simulator.requests()) >= count


async def test_a_restart_refills_nothing(tmp_path: Path, command: Command) -> None:
    clock = ForgedClock(tmp_path, build_preload(tmp_path))
    async with bench(tmp_path, people=PEOPLE, limit=LIMIT, env=clock.environ, start=False) as rig:
        await backlog(rig, PEOPLE)
        await rig.daemon.start()
        await until(lambda: arrived(rig, LIMIT))
        sent_s = clock.boottime_s()
        before = await rig.simulator.requests()
        assert [request["result"] for request in before] == ["200"] + ["201"] * (LIMIT - 1)
        for _ in range(2):
            rig.daemon.kill()
            clock.set_boottime(sent_s)  # a slow machine must not use the minute up
            await rig.daemon.start()
            # an admin's request goes before the backlog; that it cannot be sent shows that nothing can
            said = await command("timetrack", "attendances", "list", "--socket", rig.daemon.socket)
            assert said.code == 4
            assert "too many requests in the last minute" in said.err
            assert (await rig.daemon.status())["tracker"]["requests_last_minute"] == LIMIT
        assert await rig.simulator.requests() == before
        assert await rig.simulator.violations() == []
        assert len(await rig.simulator.rows()) == LIMIT - 1
        assert (await rig.daemon.states()).count("waiting") == 2 * (PEOPLE - LIMIT + 1)


async def test_without_its_notes_it_would(tmp_path: Path) -> None:
    """The control: a terminal that forgets what it sent is throttled."""
    async with bench(tmp_path, people=PEOPLE, limit=LIMIT, start=False) as rig:
        await backlog(rig, PEOPLE)
        await rig.daemon.start()
        await until(lambda: arrived(rig, LIMIT))
        rig.daemon.kill()
        with sqlite3.connect(rig.daemon.state / "clockd.db") as db:
            db.execute("DELETE FROM request")
        db.close()
        await rig.daemon.start()
        await until(lambda: arrived(rig, LIMIT + 1))
        assert busiest_minute(await rig.simulator.requests()) > LIMIT
        assert "429" in {request["result"] for request in await rig.simulator.requests()}
        assert await rig.simulator.violations() != []


@pytest.mark.soak
async def test_ninety_intervals_and_two_restarts(tmp_path: Path) -> None:
    people, limit = 90, 30
    async with bench(tmp_path, people=people, limit=limit, start=False) as rig:
        await backlog(rig, people)
        await rig.daemon.start()
        for part in (1, 2):
            await until(partial(arrived, rig, part * 35), within_s=200)
            rig.daemon.kill()
            await rig.daemon.start()
        punches = await rig.daemon.settled(2 * people, within_s=400)
        assert await rig.simulator.booked() == wall_texts(punches)
        requests = await rig.simulator.requests()
        assert busiest_minute(requests) <= limit
        assert "429" not in {request["result"] for request in requests}
        assert len(requests) <= people + 10
        assert await rig.simulator.violations() == []
