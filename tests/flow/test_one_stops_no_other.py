"""What one employee, one kind of read, or one bad hour runs into, stops nobody else and is over when its cause is."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clockd.core.delivery import Event, Move
from clockd.core.model import Action, Project, Tap
from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Change, Plan
from clockd.core.wire import Exchange, Reply, Request, Throttled
from clockd.flow.line import LineState
from clockd.flow.project_timers import ProjectTimers
from clockd.sim.control import rules_from
from clockd.sim.timetrack.profile import profile_named
from clockd.trackers.timetrack import TimeTrackCodec
from tests.flow.house import House, in_virtual_time, simulator, uid_of, username_of

HOUR = 3600.0
PROJECT = Project("Client 001", "Test")


def play(folder: Path, scene: Callable[[House], Awaitable[None]], *, foreign_rows: int = 0, **options: Any) -> None:
    """Play a scene with a door that is switched on."""
    employees = options.setdefault("employees", 3)
    sim = simulator(profile_named("strict"), employees=employees, foreign_rows=foreign_rows)
    door = House(folder, sim, **options)

    async def whole() -> None:
        await door.start()
        await scene(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    assert sim.violations() == []


def faults(door: House, *rules: str | Mapping[str, object]) -> None:
    door.sim.front.faults.replace(rules_from(list(rules)))


async def states(door: House, n: int) -> list[str]:
    return [delivery.state for _, delivery in await door.deliveries(username_of(n))]


async def ids(door: House, *kinds: str) -> list[str]:
    """The punches of these kinds, oldest first."""
    found = await door.documents.punches(limit=None, state=None, username=None)
    return [str(p["id"]) for p in reversed(found) if isinstance(p, dict) and p["kind"] in kinds]


def reads(door: House, since: int) -> int:
    return sum(not request.writes for _, request, _ in door.requests[since:])


# --- project timers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", ["forbidden", "fail-before:503"])
def test_a_project_timer_that_cannot_be_read_delays_nobody_else(tmp_path: Path, rule: str) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(60)
        faults(door, {"rule": rule, "path": "project_timer"})
        await door.tap(0, Action.PROJECT, PROJECT)
        await asyncio.sleep(600)
        before = len(door.requests)
        await door.tap(1)
        await asyncio.sleep(HOUR)
        assert await states(door, 1) == ["delivered"]
        assert reads(door, before) < 60
        faults(door)
        await asyncio.sleep(600)
        assert (await states(door, 0))[1] == ("held" if rule == "forbidden" else "delivered")

    play(tmp_path, scene)


def test_a_wrong_path_to_project_timers_stops_these_alone(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        assert isinstance(door.sync.codec, TimeTrackCodec)
        codec = replace(door.sync.codec, project_timer_path="/elsewhere")
        door.sync.codec = door.reconcile.codec = codec
        door.reconcile.projects = ProjectTimers(door.line, door.board, codec.get_project_timer, codec.project_timer)
        await door.tap(0)
        await asyncio.sleep(60)
        await door.tap(0, Action.PROJECT, PROJECT)
        await asyncio.sleep(HOUR)
        await door.tap(1)
        await asyncio.sleep(600)
        assert await states(door, 0) == ["delivered", "held"]
        assert await states(door, 1) == ["delivered"]
        assert door.line.state is LineState.OK

    play(tmp_path, scene)


def test_a_project_that_is_ignored_while_its_timer_waits_to_be_read(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(60)
        door.link_down = True
        await door.tap(1)
        await asyncio.sleep(30)
        await door.tap(0, Action.PROJECT, PROJECT)
        while not door.line.urgent:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.5)
        await door.repairs.ignore(await ids(door, "project"), "not today", "admin")
        door.link_down = False
        await asyncio.sleep(200)

    play(tmp_path, scene)


# --- looks that are dear, or late -------------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "foreign_rows", "employees"), [(1, 0, 1), (10, 5500, 10), (30, 19_500, 30)])
def test_a_look_that_takes_long_is_still_good_for_the_writes_it_was_taken_for(
    tmp_path: Path, limit: int, foreign_rows: int, employees: int
) -> None:
    async def scene(door: House) -> None:
        for n in range(employees):
            await door.tap(n)
            await asyncio.sleep(30)
        await asyncio.sleep(HOUR)
        door.link_down = True
        for n in range(employees):
            await door.tap(n)
            await asyncio.sleep(1)
        await asyncio.sleep(600)
        door.link_down = False
        await asyncio.sleep(HOUR)
        assert await door.states() == {"delivered": 2 * employees}

    play(tmp_path, scene, foreign_rows=foreign_rows, limit=limit, employees=employees)


async def held(door: House) -> None:
    await door.tap(0, Action.OUT)  # without a clock-in
    await asyncio.sleep(60)
    assert await states(door, 0) == ["held"]


async def without_true_time(door: House) -> None:
    reading = replace(door.read_clock(), wall_at=datetime(1970, 1, 1, tzinfo=UTC), trusted=False)
    await door.terminal.tapped(Tap(uid_of(0), "pcsc", reading))


@pytest.mark.parametrize("old", [held, without_true_time])
def test_an_old_punch_that_waits_for_a_person_widens_no_look(
    tmp_path: Path, old: Callable[[House], Awaitable[None]]
) -> None:
    async def scene(door: House) -> None:
        await old(door)
        await asyncio.sleep(20 * 24 * HOUR)
        before = len(door.requests)
        await door.tap(1)
        await asyncio.sleep(60)
        looks = [dict(request.query)["from"] for _, request, _ in door.requests[before:] if not request.writes]
        assert looks
        assert all(look > "2026-12-0" for look in looks), looks

    play(tmp_path, scene)


def test_our_row_that_vanished_is_looked_for_again_and_not_waited_for_on_the_spot(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(20)
        door.sim.act({"act": "delete", "id": door.sim.rows(username_of(0))[0].id}, door.now_at().timestamp())
        door.reconcile.last_full_s = -1e9  # a look for any other cause
        door.board.wished.set()
        await asyncio.sleep(105)
        rounds = door.sync.progress
        await door.tap(0)
        await asyncio.sleep(120)
        assert door.sync.progress - rounds < 30
        assert await states(door, 0) == ["delivered", "held"]

    play(tmp_path, scene)


def test_a_look_that_began_before_a_deletion_shows_nothing(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        for action in (None, Action.BREAK, Action.RESUME, Action.OUT):
            await door.tap(0, action)
            await asyncio.sleep(600)
        await asyncio.sleep(HOUR)
        faults(door, "drip:6@read*1")
        door.reconcile.last_full_s = -1e9
        door.board.wished.set()
        await asyncio.sleep(1)
        await door.repairs.void(await ids(door, "break"), "there was none", "admin")
        await asyncio.sleep(30)
        faults(door)
        await asyncio.sleep(HOUR)
        assert [end for _, _, end in door.booked(0)] == ["20 06:30:00"]
        delivered = [delivery for kind, delivery in await door.deliveries() if kind in ("in", "out")]
        assert {row.id for row in door.sim.rows(username_of(0)) if not row.deleted} == {
            int(entry_id) for delivery in delivered for entry_id in delivery.entry_ids
        }

    play(tmp_path, scene, delivery="entries", breaks="minutes")


# --- how the line is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "state"), [("fail-before:503@read", "offline"), ("forbidden@read", "paused")])
def test_reads_that_fail_are_told(tmp_path: Path, rule: str, state: str) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(900)
        faults(door, rule)
        before = len(door.requests)
        await door.tap(1)
        await asyncio.sleep(HOUR)
        assert door.line.state == state
        assert door.line.detail
        assert reads(door, before) <= 120
        faults(door)
        await asyncio.sleep(400)
        assert await states(door, 1) == ["delivered"]

    play(tmp_path, scene)


def test_a_row_that_cannot_be_read_on_a_later_page_is_told(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        send = door.line.transport

        async def spoilt(request: Request) -> Exchange:
            exchange = await send(request)
            if isinstance(exchange, Reply) and ("page_number", "1") in request.query:
                return replace(exchange, body=b'[{"id": "zz"}]')
            return exchange

        door.line.transport = spoilt
        await door.tap(0)
        told = 0
        for _ in range(120):
            await asyncio.sleep(30)
            told += "cannot be read" in (door.line.detail or "")
        assert told > 40

    play(tmp_path, scene, foreign_rows=1500)


@pytest.mark.parametrize("rule", ["fail-before:503", "portal", "fail-before:511"])
def test_only_an_answer_ends_a_pause(tmp_path: Path, rule: str) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(400)
        faults(door, "unauthorized")
        await door.tap(1)
        await asyncio.sleep(30)
        assert door.line.reason == "credentials"
        faults(door, rule)
        await asyncio.sleep(600)
        assert door.line.reason == "credentials"
        assert await states(door, 1) == ["waiting"]
        faults(door)
        await asyncio.sleep(400)
        assert await states(door, 1) == ["delivered"]

    play(tmp_path, scene)


def test_a_throttle_is_not_taken_for_the_reason_of_a_pause(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.line.pause("credentials", "the key is wrong")
        door.line.judge(Throttled("30"), Reply(429, {}, b""))
        assert door.line.reason == "credentials"

    play(tmp_path, scene)


# --- taken back -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age_s", [600, 7 * HOUR])
def test_an_entry_that_cannot_be_deleted_stays_a_person_s_matter(tmp_path: Path, age_s: float) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(600)
        await door.tap(0)
        await asyncio.sleep(age_s)
        faults(door, "fail-before:500@write")
        await door.repairs.void(await ids(door, "in", "out"), "a mistake", "admin")
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(600)
        assert (await states(door, 0))[:2] == ["held", "held"]
        assert len(door.booked(0)) == 1
        faults(door)
        await door.repairs.retry((await ids(door, "in", "out"))[:2], "again", "admin")
        await asyncio.sleep(HOUR)
        assert (await states(door, 0))[:2] == ["void", "void"]

    play(tmp_path, scene)


# --- our own mistakes ---------------------------------------------------------------------------------------------


class WrongForOne:
    """A codec that cannot say anything of the first employee."""

    def __init__(self, codec: Any) -> None:
        self.codec = codec

    def __getattr__(self, name: str) -> Any:
        return getattr(self.codec, name)

    def request(self, write: Any) -> Request:
        assert write.username != username_of(0), "we never thought of this"
        request: Request = self.codec.request(write)
        return request


def wrong_for_one(where: str, items: Sequence[Item], *rest: Any, **more: Any) -> Plan:
    """A planner that is wrong about the first employee."""
    if items[0].username != username_of(0):
        return plan_attendance(items, *rest, **more)
    if where == "plan":
        raise ZeroDivisionError("we never thought of this")
    return Change((Move(items[0].seq, Event.NOTHING_TO_SEND), Move(items[0].seq, Event.CRASHED)))


@pytest.mark.parametrize("where", ["request", "plan", "step"])
def test_a_mistake_of_ours_holds_one_employee_and_no_other(tmp_path: Path, where: str) -> None:
    async def scene(door: House) -> None:
        if where == "request":
            door.sync.codec = WrongForOne(door.sync.codec)
        else:
            door.sync.planner = partial(wrong_for_one, where)
        for n in range(3):
            await door.tap(n)
        await asyncio.sleep(HOUR)
        assert [await states(door, n) for n in range(3)] == [["held"], ["delivered"], ["delivered"]]
        (held,) = [delivery.held for _, delivery in await door.deliveries() if delivery.held]
        assert "a mistake" in held.because
        door.sync.planner, door.sync.codec = plan_attendance, door.reconcile.codec  # an update mends it
        await door.repairs.retry((await ids(door, "in"))[:1], "", "admin")
        await door.until_settled()
        assert await states(door, 0) == ["delivered"]

    play(tmp_path, scene)
