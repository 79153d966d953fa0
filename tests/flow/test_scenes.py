"""Scenes at the door in which somebody else, or the tracker itself, gets in the way. All in virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.model import Action, Project
from clockd.sim.faults import FalseForbidden, FaultRule, parse_rules
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import House, in_virtual_time, simulator, username_of

HOUR = 3600.0
Scene = Callable[[House], Awaitable[None]]
EVERY_DOUBLE = ["a", "b", "c", "d"]


def play(
    folder: Path,
    scene: Scene,
    *,
    profile: str = "strict",
    employees: int = 3,
    answers: dict[str, str] | None = None,
    **options: object,
) -> House:
    """Play a scene with a door that is switched on, and return the door afterwards."""
    sim = simulator(profile_named(profile, **(answers or {})), employees=employees)
    door = House(
        folder,
        sim,
        employees=employees,
        attendance_timer_path=sim.profile.attendance_timer_path,
        **options,  # type: ignore[arg-type]
    )

    async def whole() -> None:
        await door.start()
        await scene(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    assert door.sim.violations() == []
    return door


def act(door: House, **words: object) -> None:
    """Somebody does something at the tracker."""
    door.sim.act(words, door.now_at().timestamp())


@pytest.mark.parametrize("double", EVERY_DOUBLE)
def test_an_old_clock_out_never_stops_a_newer_timer(tmp_path: Path, double: str) -> None:
    """The out of 07:00 waits offline; at 08:00 the person starts a timer in the web app."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(60)
        door.link_down = True
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        act(door, act="web-stop", username=username_of(0), at=datetime(2026, 11, 20, 7, 30))
        act(door, act="web-start", username=username_of(0), at=datetime(2026, 11, 20, 8, 0))
        door.link_down = False
        await asyncio.sleep(HOUR)
        assert door.booked(0)[-1] == ("user000", "20 08:00:00", "")
        assert len(door.booked(0)) == 2

    play(tmp_path, scene, answers={"double": double})


def test_control_stopping_on_old_knowledge_ends_the_newer_timer(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(60)
        door.link_down = True
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        act(door, act="web-stop", username=username_of(0), at=datetime(2026, 11, 20, 6, 20))
        act(door, act="web-start", username=username_of(0), at=datetime(2026, 11, 20, 6, 30))
        door.link_down = False
        await asyncio.sleep(HOUR)
        assert door.booked(0)[-1] != ("user000", "20 06:30:00", "")

    play(tmp_path, scene, spoil={"blind": True})


@pytest.mark.parametrize("double", EVERY_DOUBLE)
def test_clocked_in_by_phone_is_adopted(tmp_path: Path, double: str) -> None:
    async def scene(door: House) -> None:
        act(door, act="web-start", username=username_of(0), at=datetime(2026, 11, 20, 5, 45))
        await asyncio.sleep(30)
        await door.tap(0, Action.IN)
        await door.until_settled()
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.OUT)
        await door.until_settled()
        assert door.booked(0) == [("user000", "20 05:45:00", "20 07:01:00")]

    play(tmp_path, scene, answers={"double": double})


def test_clocked_in_by_phone_makes_the_next_tap_an_out(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        act(door, act="web-start", username=username_of(0), at=datetime(2026, 11, 20, 5, 45))
        await door.tap(1)  # somebody else's tap makes the terminal look
        await asyncio.sleep(60)
        shown = await door.tap(0)
        assert isinstance(shown, feedback.Punched)
        assert shown.kind.value == "out"
        await door.until_settled()
        assert door.booked(0) == [("user000", "20 05:45:00", "20 06:01:00")]

    play(tmp_path, scene)


def test_an_entry_deleted_by_somebody_is_not_made_again(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        act(door, act="delete", username=username_of(0))
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert door.booked(0) == []
        (_, came), (_, left) = await door.deliveries("user000")
        assert left.state == "held"
        assert left.held is not None
        assert "deleted" in left.held.because
        assert came.state == "delivered"

    play(tmp_path, scene)


@pytest.mark.parametrize("profile", ["strict", "alt", "alt2"])
def test_a_new_key_goes_on_without_a_restart_and_parks_nothing(tmp_path: Path, profile: str) -> None:
    async def scene(door: House) -> None:
        door.sim.api.keys.secret = "rotated"
        for n in range(3):
            await door.tap(n)
            await asyncio.sleep(300)
        assert str(door.line.state) == "paused"
        assert door.line.detail
        assert await door.states() == {"waiting": 3}
        writes = [q for _, q, _ in door.requests if q.writes]
        assert len(writes) <= 1 + 900 / 300
        door.rotate("rotated")
        await asyncio.sleep(120)
        assert await door.states() == {"delivered": 3}
        assert str(door.line.state) == "ok"

    play(tmp_path, scene, profile=profile)


def test_one_refused_employee_delays_nobody(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.sim.front.faults.replace((FaultRule(FalseForbidden(), on="write", username=username_of(0)),))
        for n in range(50):
            await door.tap(n)
            await asyncio.sleep(2)
        await asyncio.sleep(240)
        states = await door.states()
        assert states == {"delivered": 49, "held": 1}

    play(tmp_path, scene, employees=50)


def test_breaks_as_gaps(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await _day_with_break(door)
        assert door.booked(0) == [
            ("user000", "20 06:00:00", "20 10:00:00"),
            ("user000", "20 10:30:00", "20 14:30:00"),
        ]

    play(tmp_path, scene)


@pytest.mark.parametrize("offline", [False, True])
def test_breaks_as_minutes(tmp_path: Path, offline: bool) -> None:
    async def scene(door: House) -> None:
        await _day_with_break(door, offline=offline)
        assert door.booked(0) == [("user000", "20 06:00:00", "20 14:30:00")]
        assert [row.break_minutes for row in door.sim.rows(username_of(0))] == [30]

    play(tmp_path, scene, breaks="minutes")


async def _day_with_break(door: House, *, offline: bool = False) -> None:
    door.link_down = offline
    await door.tap(0)
    await asyncio.sleep(4 * HOUR)
    await door.tap(0, Action.BREAK)
    await asyncio.sleep(HOUR / 2)
    await door.tap(0)
    await asyncio.sleep(4 * HOUR)
    await door.tap(0)
    door.link_down = False
    await door.until_settled()


def test_a_clock_out_during_a_break_ends_the_day(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(4 * HOUR)
        await door.tap(0, Action.BREAK)
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.OUT)
        await door.until_settled()
        assert door.booked(0) == [("user000", "20 06:00:00", "20 10:00:00")]
        assert set(await door.states()) == {"delivered"}

    play(tmp_path, scene)


def test_a_forgotten_clock_out_is_flagged_and_nothing_invented(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.link_down = True
        await door.tap(0)
        await asyncio.sleep(23 * HOUR)
        shown = await door.tap(0)
        assert isinstance(shown, feedback.Punched)
        assert shown.kind.value == "in"
        assert shown.missing_out_local is not None
        await asyncio.sleep(4 * HOUR)
        await door.tap(0)
        door.link_down = False
        await asyncio.sleep(HOUR)
        assert door.booked(0) == [("user000", "21 05:00:00", "21 09:00:00")]
        first = (await door.deliveries("user000"))[0][1]
        assert first.state == "held"
        assert first.held is not None
        assert first.held.code == "missing-out"

    play(tmp_path, scene)


def test_undo_of_a_clock_out_makes_the_shift_run_again(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(20)
        await door.tap(0, Action.UNDO)
        await asyncio.sleep(600)
        assert door.booked(0) == [("user000", "20 06:00:00", "")]
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        assert [row[1] for row in door.booked(0)] == ["20 06:00:00"]
        assert door.booked(0)[0][2].startswith("20 08:")

    play(tmp_path, scene)


def test_projects_in_order(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        jobs = [Project(job.client, job.name) for job in door.sim.api.world.projects.values()][:2]
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.PROJECT, jobs[0])
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.PROJECT, jobs[1])
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.OUT)
        await door.until_settled()
        entries = [(e.project, f"{e.from_local:%H:%M}", f"{e.to_local:%H:%M}") for e in door.sim.entries()]
        assert entries == [(jobs[0].name, "07:00", "08:00"), (jobs[1].name, "08:00", "09:00")]
        assert door.booked(0) == [("user000", "20 06:00:00", "20 09:00:00")]

    play(tmp_path, scene)


@pytest.mark.parametrize("profile", ["strict", "alt", "alt2"])
def test_every_profile_holds_a_plain_day(tmp_path: Path, profile: str) -> None:
    async def scene(door: House) -> None:
        for n in range(3):
            await door.tap(n)
            await asyncio.sleep(61)
        await asyncio.sleep(4 * HOUR)
        for n in range(3):
            await door.tap(n)
            await asyncio.sleep(61)
        door.link_down = True
        for n in range(3):
            await door.tap(n)
        await asyncio.sleep(2 * HOUR)
        for n in range(3):
            await door.tap(n)
        door.link_down = False
        await door.until_settled()
        assert await door.states() == {"delivered": 12}
        assert [len(door.booked(n)) for n in range(3)] == [2, 2, 2]
        assert all(until for _, _, until in door.booked())

    play(tmp_path, scene, profile=profile)


@pytest.mark.parametrize("outage", ["", "moved", "portal", "refuse", "lost:silent", "fail-before:503"])
def test_the_backlog_moves_within_a_minute_of_the_link(tmp_path: Path, outage: str) -> None:
    async def scene(door: House) -> None:
        door.link_down = not outage
        door.sim.front.faults.replace(parse_rules(outage))
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(5 * HOUR)
        door.link_down = False
        door.sim.front.faults.replace(())
        back_s = door.now_s()
        await asyncio.sleep(60)
        sent = [at for at, request, _ in door.requests if request.writes and at >= back_s]
        assert sent
        assert len(door.booked(0)) == 1

    play(tmp_path, scene)


def test_one_redirect_stops_the_backlog_for_a_minute_at_most(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        for _ in range(2):
            door.link_down = True
            for n in range(40):
                await door.tap(n)
                await asyncio.sleep(1)
            await asyncio.sleep(HOUR)
        door.link_down = False
        await asyncio.sleep(50)
        door.sim.front.faults.replace(parse_rules("moved@write*1"))
        while str(door.line.state) != "paused":  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.1)
        booked = len(door.booked())
        await asyncio.sleep(60)
        assert len(door.booked()) > booked

    play(tmp_path, scene, employees=40)


def test_a_live_tap_waits_ten_seconds_at_most_behind_a_backlog(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.link_down = True
        for _ in range(15):
            for n in range(49):
                await door.tap(n)
                await asyncio.sleep(2)
            await asyncio.sleep(1800)
            for n in range(49):
                await door.tap(n)
                await asyncio.sleep(2)
            await asyncio.sleep(1800)
        await asyncio.sleep(600)
        door.link_down = False
        await asyncio.sleep(120)
        waits = []
        for _ in range(5):
            await asyncio.sleep(31)
            tapped_s = door.now_s()
            await door.tap(49)
            while (await door.deliveries(username_of(49)))[-1][1].state != "delivered":  # noqa: ASYNC110 - virtual time
                await asyncio.sleep(0.5)
            waits.append(door.now_s() - tapped_s)
        assert max(waits) <= 10.0, waits
        assert (await door.states()).get("waiting", 0) > 1000

    play(tmp_path, scene, employees=50)
