"""What somebody else began, or did meanwhile: never deleted, never stopped by mistake, never lost sight of."""

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.core.delivery import Now, State
from clockd.core.model import Action
from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.plan import Policy, Send
from clockd.errors import StalePlan
from clockd.sim.faults import FaultRule, Refuse, parse_rules
from clockd.store import deliveries, outbox
from tests.flow.house import House, username_of
from tests.flow.test_scenes import HOUR, act, play

MORNING = datetime(2026, 11, 20, 5, 13)
ME = username_of(0)


async def ids(door: House, kind: str) -> list[str]:
    """The punches of the first employee of one kind, oldest first."""
    found = await door.documents.punches(limit=None, state=None, username=ME)
    return [str(p["id"]) for p in reversed(found) if isinstance(p, dict) and p["kind"] == kind]


async def held(door: House) -> list[str]:
    return [delivery.held.code for _, delivery in await door.deliveries(ME) if delivery.held]


def deleted(door: House) -> int:
    return sum(request.method == "DELETE" for _, request, _ in door.requests)


# --- taking back ------------------------------------------------------------------------------------------------


def test_undo_of_an_adopted_clock_in_leaves_the_entry(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        act(door, act="web-start", username=ME, at=MORNING)
        await door.tap(1)
        await asyncio.sleep(60)
        await door.tap(0, Action.IN)
        await door.until_settled()
        await door.repairs.void(await ids(door, "in"), "by mistake", "admin")
        await asyncio.sleep(HOUR)
        assert deleted(door) == 0
        assert door.booked(0) == [(ME, "20 05:13:00", "")]
        assert (await door.deliveries(ME))[0][1].state == "void"

    play(tmp_path, scene)


def test_taking_back_the_end_of_somebody_s_entry_asks_a_person(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        act(door, act="web-start", username=ME, at=MORNING)
        await door.tap(0, Action.OUT)
        await door.until_settled()
        booked = door.booked(0)
        await door.repairs.void(await ids(door, "out"), "by mistake", "admin")
        await asyncio.sleep(HOUR)
        assert deleted(door) == 0
        assert door.booked(0) == booked
        assert await held(door) == ["not-deleted"]

    play(tmp_path, scene)


def test_taking_back_a_clock_out_that_was_never_booked_sends_nothing(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await door.until_settled()
        await asyncio.sleep(HOUR)
        door.sim.front.faults.replace((FaultRule(Refuse(), on="write"),))
        await door.tap(0)
        await asyncio.sleep(120)
        await door.repairs.void(await ids(door, "out"), "they stayed", "admin")
        door.sim.front.faults.replace(())
        await asyncio.sleep(HOUR)
        assert deleted(door) == 0
        assert door.booked(0) == [(ME, "20 06:00:00", "")]
        assert len(door.sim.rows(ME)) == 1

    play(tmp_path, scene)


def test_both_taken_back_while_the_first_is_deleted(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        door.sim.front.faults.replace(parse_rules("drip:6"))
        await door.repairs.void(await ids(door, "out"), "by mistake", "admin")
        await asyncio.sleep(1.5)
        await door.repairs.void(await ids(door, "in"), "that too", "admin")
        await asyncio.sleep(HOUR)
        door.check_alive()
        assert door.booked(0) == []
        assert {delivery.state for _, delivery in await door.deliveries(ME)} == {State.VOID}

    play(tmp_path, scene)


# --- the phone --------------------------------------------------------------------------------------------------


def test_a_break_by_phone_does_not_lose_the_afternoon(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        act(door, act="web-stop", username=ME, at=datetime(2026, 11, 20, 6, 40))
        act(door, act="web-start", username=ME, at=datetime(2026, 11, 20, 6, 55))
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.OUT)
        await door.until_settled()
        assert [(begin, end) for _, begin, end in door.booked(0)] == [
            ("20 06:00:00", "20 06:40:00"),
            ("20 06:55:00", "20 08:00:00"),
        ]

    play(tmp_path, scene)


def test_a_shift_that_ended_otherwise_waits_for_a_person(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        act(door, act="web-stop", username=ME, at=datetime(2026, 11, 20, 6, 40))
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        assert await held(door) == ["conflict"]
        assert door.booked(0) == [(ME, "20 06:00:00", "20 06:40:00")]

    play(tmp_path, scene)


def test_breaks_that_become_minutes_do_not_lose_the_afternoon(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        for action in (Action.IN, Action.BREAK, Action.RESUME):
            await door.tap(0, action)
            await asyncio.sleep(HOUR)
        await door.until_settled()
        await door.kill()
        door.breaks = "minutes"
        await door.start()
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        assert door.booked(0) == [(ME, "20 06:00:00", "20 07:00:00"), (ME, "20 08:00:00", "20 09:00:00")]

    play(tmp_path, scene)


@pytest.mark.parametrize("key", [None, Action.IN, Action.OUT])
def test_an_entry_that_runs_for_days_is_not_today_s_shift(tmp_path: Path, key: Action | None) -> None:
    async def scene(door: House) -> None:
        act(door, act="web-start", username=ME, at=MORNING - timedelta(hours=30))
        await door.tap(1)
        await asyncio.sleep(60)
        await door.tap(0, key)
        await asyncio.sleep(HOUR)
        begun = [(begin, end) for _, begin, end in door.booked(0)]
        assert begun == [("18 23:13:00", "")], "it is a person's to end"
        assert await held(door) == ["orphan-out" if key is Action.OUT else "conflict"]
        kinds = [kind for kind, _ in await door.deliveries(ME)]
        assert kinds == ["out" if key is Action.OUT else "in"]

    play(tmp_path, scene)


# --- another tracker, another account ---------------------------------------------------------------------------


def test_what_is_at_another_account_is_not_looked_for_here(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        await door.store.run(
            lambda db: deliveries.switch_tracker(db, "timetrack elsewhere", Now.of(door.read_clock()), send=True)
        )
        await door.repairs.void((await ids(door, "out"))[:1], "by mistake", "admin")
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert deleted(door) == 0
        assert await held(door) == ["not-deleted", "switched"]

    play(tmp_path, scene)


@pytest.mark.parametrize("send", [True, False])
@pytest.mark.parametrize("when", ["waiting", "doubtful", "after"])
def test_a_deletion_never_goes_to_another_account(tmp_path: Path, when: str, send: bool) -> None:
    """The numbers of entries mean nothing there, or something else: not after a restart, nor when a person retries."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        outs = await ids(door, "out")
        if when != "after":
            door.link_down = when == "waiting"
            door.sim.front.faults.replace(parse_rules("lost@write"))
            await door.repairs.void(outs, "by mistake", "admin")
            await asyncio.sleep(5)
            assert (await door.states()).get(when) == 1
        await door.kill()
        door.online = False
        await door.start()
        before = len(door.requests)
        for _ in range(2):
            await door.store.run(
                lambda db: deliveries.switch_tracker(db, "timetrack elsewhere", Now.of(door.read_clock()), send=send)
            )
        door.sim.front.faults.replace(())
        door.link_down = False
        door.go_online()
        if when == "after":
            await door.repairs.void(outs, "by mistake", "admin")
        await asyncio.sleep(HOUR)
        for _ in range(2):
            assert "not-deleted" in await held(door)
            await door.store.run(
                lambda db: deliveries.switch_tracker(db, "timetrack elsewhere", Now.of(door.read_clock()), send=send)
            )
            await door.repairs.retry(outs, "again", "admin")
            await asyncio.sleep(HOUR)
        assert not [request for _, request, _ in door.requests[before:] if request.method == "DELETE"]

    play(tmp_path, scene)


def test_what_was_being_sent_when_the_tracker_changed_is_asked_about(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.sim.front.faults.replace(parse_rules("reply-lost:silent@write"))
        await door.tap(0)
        await asyncio.sleep(3.0)
        assert (await door.states()) == {"sending": 1}
        await door.kill()
        door.online = False
        await door.start()
        await door.store.run(
            lambda db: deliveries.switch_tracker(db, "goodtime elsewhere", Now.of(door.read_clock()), send=True)
        )
        assert await held(door) == ["switched"]

    play(tmp_path, scene)


# --- a person is faster than a plan -----------------------------------------------------------------------------


CHANGES = {
    "amended": lambda repairs, punch: repairs.amend(
        punch, datetime(2026, 11, 20, 5, 59, tzinfo=UTC), None, "", "admin"
    ),
    "ignored": lambda repairs, punch: repairs.ignore([punch], "", "admin"),
    "taken back": lambda repairs, punch: repairs.void([punch], "", "admin"),
    "": None,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_plan_that_a_person_overtook_is_not_carried_out(tmp_path: Path, change: str) -> None:
    """The threads of the store and the loop let a command in between plan and intent; here it is put there."""

    async def scene(door: House) -> None:
        door.link_down = True
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        now = Now.of(door.read_clock())
        items = await door.store.run(lambda db: outbox.items(db, ME, outbox.ATTENDANCE, now))
        send = plan_attendance(items, None, Policy(timer=False, look_first=False), door.now_s())
        assert isinstance(send, Send)
        await door.kill()
        door.online = False
        await door.start()
        if work := CHANGES[change]:
            await work(door.repairs, (await ids(door, "out"))[0])
        before = await door.deliveries(ME)
        with pytest.raises(StalePlan) if change else nullcontext():
            await door.store.run(lambda db: deliveries.begin(db, send, items, outbox.ATTENDANCE, now))
        assert (await door.deliveries(ME) == before) is bool(change)

    play(tmp_path, scene)


# --- a lane that goes on ----------------------------------------------------------------------------------------


def test_a_held_clock_in_takes_its_clock_out_along_and_the_lane_goes_on(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.link_down = True
        await door.tap(0)
        await asyncio.sleep(600)
        begin, end = datetime(2026, 11, 20, 5, 0), datetime(2026, 11, 20, 6, 9)
        act(door, act="web-create", username=ME, begin=begin, end=end)
        door.link_down = False
        await asyncio.sleep(HOUR - 600)
        assert await held(door) == ["conflict"]
        await door.tap(0)
        await asyncio.sleep(4 * HOUR)
        assert await held(door) == ["conflict", "its-in"]
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert (ME, "20 11:00:00", "20 12:00:00") in door.booked(0)
        theirs = next(row for row in door.sim.rows(ME) if row.from_local == begin)
        act(door, act="delete", id=theirs.id)
        await door.repairs.retry((await ids(door, "in"))[:1], "it is gone", "admin")
        await asyncio.sleep(HOUR)
        assert (ME, "20 06:00:00", "20 07:00:00") in door.booked(0)
        assert await held(door) == []

    play(tmp_path, scene)
