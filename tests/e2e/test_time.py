"""The true time, end to end: the real daemon on a machine whose clock lies, and what the tracker holds afterwards.

Wall time, boot time, boot id and timesyncd are forged for the daemon alone (`tests/time/forged_clock.py`); the truth is
this machine's own time.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clockd.core.decide import ASIDE_S
from tests.e2e.conftest import Command
from tests.e2e.looking import next_second, until
from tests.e2e.people import uid_of
from tests.e2e.processes import CLOCKD, Sections, environ
from tests.e2e.rig import DESK, Rig, bench
from tests.time.conftest import machine as machine
from tests.time.conftest import preload as preload
from tests.time.forged_clock import EPOCH, ForgedMachine

VIENNA = ZoneInfo("Europe/Vienna")
FINGER_S = 0.3
"""Between two presses; what comes quicker is a bouncing key."""

Span = tuple[datetime, datetime]


def now_at() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def door(
    machine: ForgedMachine,
    folder: Path,
    trust: str = "auto",
    *,
    tracker_date: bool = False,
    repeat_s: int = 0,
    keys: Sequence[Sections] = (),
) -> AsyncIterator[Rig]:
    """A bench whose terminal runs on the forged machine."""
    env = {name: machine.environ[name] for name in ("LD_PRELOAD", "FORGED_CLOCK")}
    more: Sections = {"clock": {"trust": trust, "tracker_date": tracker_date}, "button": list(keys)}
    rules = {"repeat_s": repeat_s}
    async with bench(folder / "bench", readers=[DESK], rules=rules, more=more, panel=True, start=False) as rig:
        rig.daemon.env, rig.daemon.command = environ(**env), machine.command(*CLOCKD)
        rig.simulator.start()
        await rig.daemon.start()
        await rig.daemon.enrol(3)
        yield rig


async def tap(rig: Rig, n: int, punches: int) -> Span:
    """Let somebody tap; return when that truly was."""
    await next_second()
    before = now_at()
    rig.desk.terminal.tap(uid_of(n).hex)
    await rig.daemon.recorded(punches)
    return before, now_at()


async def reboot(rig: Rig, machine: ForgedMachine, wall_at: datetime) -> None:
    """Cut the power, and boot again without time."""
    rig.daemon.kill()
    machine.boot(wall_at=wall_at, uptime_s=0.0)
    await rig.daemon.start()


def is_within(text: str, span: Span) -> bool:
    """Whether a wall-clock text of whole seconds lies within a true span."""
    first, last = (at.astimezone(VIENNA).replace(tzinfo=None) for at in span)
    return first.replace(microsecond=0) <= datetime.fromisoformat(text[:19]) <= last


@pytest.mark.parametrize("trust", ["auto", "always"])
async def test_boots_in_1970_three_people_tap_time_arrives_and_the_tracker_holds_the_true_times(
    tmp_path: Path, machine: ForgedMachine, trust: str
) -> None:
    """The control vouches for a clock that stands in 1970."""
    machine.boot(wall_at=EPOCH)
    async with door(machine, tmp_path, trust) as rig:
        spans = [await tap(rig, n, n + 1) for n in range(3)]
        if trust == "always":
            punches = await rig.daemon.punches()
            assert not any(is_within(punch["local"], span) for punch in punches for span in spans)
            return
        await rig.desk.says("Person 2", "the clock is not set. Saved")
        assert (await rig.daemon.status())["clock"]["synchronized"] is False
        assert await rig.daemon.states() == ["waiting"] * 3
        assert await rig.simulator.rows() == []
        machine.synchronize(now_at())
        punches = await rig.daemon.settled(3)
        assert [punch["clock"] for punch in punches] == ["corrected"] * 3
        for punch, span in zip(punches, spans, strict=True):
            assert span[0] <= datetime.fromisoformat(punch["at"]) + timedelta(milliseconds=50)
            assert datetime.fromisoformat(punch["at"]) <= span[1]
        rows = await rig.simulator.booked()
        assert len(rows) == 3
        assert all(is_within(row[1], span) for row, span in zip(rows, spans, strict=True)), (rows, spans)
        story = await rig.daemon.ask("punches.show", id=punches[0]["id"])
        assert story["story"][0]["at"].startswith("1970-01-01")  # what was read stays
        assert await rig.simulator.violations() == []


async def test_the_trackers_date_is_a_time_source_when_the_admin_says_so(
    tmp_path: Path, machine: ForgedMachine
) -> None:
    """Nothing else on this machine ever knows the time. Whole seconds, and half the way: within a second or so."""
    machine.boot(wall_at=EPOCH)
    async with door(machine, tmp_path, tracker_date=True) as rig:
        before, after = await tap(rig, 0, 1)
        (punch,) = await rig.daemon.settled(1)
        assert punch["clock"] == "corrected"
        slack = timedelta(seconds=2)
        assert before - slack <= datetime.fromisoformat(punch["at"]) <= after + slack


async def test_booted_twice_without_time_is_held_with_bounds_until_the_admin_says(
    tmp_path: Path, machine: ForgedMachine, command: Command
) -> None:
    machine.boot(wall_at=EPOCH, uptime_s=0.0)
    async with door(machine, tmp_path) as rig:
        machine.synchronize(now_at())
        await until(lambda: _synchronized(rig))
        await reboot(rig, machine, EPOCH)
        spans = [await tap(rig, n, n + 1) for n in range(2)]
        await reboot(rig, machine, EPOCH + timedelta(days=1))
        assert await rig.daemon.states() == ["held", "held"]
        await _assert_truly_within(rig, spans, latest=False)
        machine.synchronize(now_at())
        await until(lambda: _synchronized(rig))
        await _assert_truly_within(rig, spans, latest=True)
        assert await rig.simulator.rows() == []

        first, second = reversed(await rig.daemon.punches())
        said = await command("punches", "--state", "held", "--socket", rig.daemon.socket)
        assert "it was between" in " ".join(said.out.split())
        accept = await command("punches", "amend", first["id"], "--accept", "--socket", rig.daemon.socket)
        assert accept.code == 0, accept
        at = f"{spans[1][0].astimezone(VIENNA):%Y-%m-%d %H:%M:%S}"
        amend = await command("punches", "amend", second["id"], "--at", at, "--socket", rig.daemon.socket)
        assert amend.code == 0, amend
        accepted, amended = await rig.daemon.settled(2)
        early, late = (datetime.fromisoformat(first["bounds"][end]) for end in ("earliest_at", "latest_at"))
        assert early <= datetime.fromisoformat(accepted["at"]) <= late
        assert amended["local"].startswith(at.replace(" ", "T"))
        rows = sorted(row[1][:19] for row in await rig.simulator.booked())
        assert rows == sorted(punch["local"][:19] for punch in (accepted, amended))


async def _synchronized(rig: Rig) -> bool:
    return bool((await rig.daemon.status())["clock"]["synchronized"])


async def _assert_truly_within(rig: Rig, spans: list[Span], *, latest: bool) -> None:
    async def both() -> list[Any]:
        found = [punch["bounds"] for punch in reversed(await rig.daemon.punches())]
        return found if all((bounds["latest_at"] is not None) is latest for bounds in found) else []

    for bounds, span in zip(await until(both), spans, strict=True):
        assert datetime.fromisoformat(bounds["earliest_at"]) <= span[1]
        assert not latest or span[0] <= datetime.fromisoformat(bounds["latest_at"])


@pytest.mark.parametrize("dead", [True, False])
async def test_a_dead_battery_is_shown_in_status_and_in_check(
    tmp_path: Path, machine: ForgedMachine, command: Command, dead: bool
) -> None:
    machine.fit_battery_clock(None if dead else now_at())
    async with door(machine, tmp_path) as rig:
        battery = (await rig.daemon.status())["clock"]["battery"]
        assert (battery["state"], battery["name"]) == ("dead" if dead else "ok", "rtc-ds1307 1-0068")
        said = await command("status", "--socket", rig.daemon.socket)
        assert ("replace the battery" in " ".join(said.out.split())) is dead
        config, env = rig.daemon.config, rig.daemon.env
        checking = await asyncio.create_subprocess_exec(
            *machine.command(*CLOCKD, "check", "--config", str(config), "--json"), env=env, stdout=-1
        )
        out, _ = await checking.communicate()
        (line,) = [line for line in json.loads(out) if line["what"] == "battery clock"]
        assert line["ok"] is not dead


async def test_the_employee_says_the_next_morning_at_the_keys_when_they_left(
    tmp_path: Path, machine: ForgedMachine
) -> None:
    """In yesterday, no out; in today, the badge once more, hour and minute by keys, and the tracker holds both days."""
    in_key, out_key = 5, 6
    keys = [{"gpio": in_key, "action": "in"}, {"gpio": out_key, "action": "out"}]
    yesterday = now_at() - timedelta(hours=20)
    machine.boot(wall_at=EPOCH, uptime_s=0.0)
    async with door(machine, tmp_path, repeat_s=10, keys=keys) as rig:
        badge = uid_of(0).hex

        async def key(gpio: int, *screen: str) -> None:
            await asyncio.sleep(FINGER_S)
            rig.desk.terminal.press(gpio)
            await rig.desk.says("when did you leave", *screen)

        machine.synchronize(yesterday)
        await until(lambda: _synchronized(rig))
        rig.desk.terminal.tap(badge)
        await rig.daemon.settled(1)
        await reboot(rig, machine, EPOCH)
        machine.synchronize(now_at())
        await until(lambda: _synchronized(rig))
        rig.desk.terminal.tap(badge)
        await rig.desk.says("is missing", "again to say when")
        await asyncio.sleep(ASIDE_S)  # the badge is taken away
        rig.desk.terminal.tap(badge)
        await rig.desk.says("when did you leave", "--:--")
        first = (yesterday + timedelta(minutes=5)).astimezone(VIENNA)  # the hour of the first moment on offer
        await key(out_key, ":--", "says yes")
        await key(out_key, f"{first + timedelta(hours=1):%H}:--")
        await asyncio.sleep(ASIDE_S)
        rig.desk.terminal.tap(badge)
        await rig.desk.says("earlier")
        await key(in_key, ":55")
        await asyncio.sleep(ASIDE_S)
        rig.desk.terminal.tap(badge)
        await rig.desk.says("left on", "Saved")
        punches = await rig.daemon.settled(3)
        told = punches[-1]
        assert (told["kind"], told["reader"], told["local"][14:16]) == ("out", "keys", "55")
        rows = await rig.simulator.booked()
        assert [(row[1][:19], row[2] is None) for row in rows] == [
            (punches[0]["local"][:19], False),
            (punches[1]["local"][:19], True),
        ]
        assert str(rows[0][2])[:19] == told["local"][:19]
        assert await rig.simulator.violations() == []
