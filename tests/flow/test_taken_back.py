"""What is taken back is gone from the tracker, whenever it was; what cannot be deleted waits for a person."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from clockd.core.model import Action
from clockd.core.wire import Exchange, Reply, Request
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import profile_named as goodtime_profile
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.profile import profile_named as timetrack_profile
from tests.flow.house import House, in_virtual_time, simulator, username_of
from tests.flow.matrix import TIME_FORMS

HOUR = 3600.0
TRACKERS = ["goodtime", "timer", "entries"]


def play(folder: Path, scene: Callable[[House], Awaitable[None]], tracker: str = "goodtime", **answers: str) -> None:
    """Play a scene with two employees and one of the trackers."""
    if tracker == "goodtime":
        profile = goodtime_profile("strict", **answers)
        sim = GoodtimeSim(profile=profile, users=tuple(Person(username_of(n)) for n in range(2)))
        door = House(folder, sim, employees=2, secret="sim-password")
        door.time_format = TIME_FORMS[profile.time_form]
    else:
        door = House(folder, simulator(timetrack_profile("strict"), employees=2), employees=2)
        door.delivery = "timer" if tracker == "timer" else "entries"
        door.breaks = "minutes" if tracker == "minutes" else "gap"

    async def whole() -> None:
        await door.start()
        await scene(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    assert door.sim.violations() == []


async def ids(door: House, *kinds: str, n: int = 0) -> list[str]:
    """The punches of these kinds of an employee, oldest first."""
    found = await door.documents.punches(limit=None, state=None, username=username_of(n))
    return [str(p["id"]) for p in reversed(found) if isinstance(p, dict) and p["kind"] in kinds]


async def reasons(door: House) -> list[str]:
    return [delivery.held.because for _, delivery in await door.deliveries() if delivery.held]


@pytest.mark.parametrize("which", [("out",), ("in",), ("in", "out")])
@pytest.mark.parametrize("fault", ["reply-lost", "drip:8"])
@pytest.mark.parametrize("tracker", TRACKERS)
def test_taken_back_while_it_is_on_its_way(tmp_path: Path, tracker: str, fault: str, which: tuple[str, ...]) -> None:
    """A reply is lost or slow, and nobody taps any more afterwards."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR - 120)  # the token lives an hour
        door.sim.front.faults.replace(parse_rules(f"{fault}@write*1"))
        await door.tap(0)
        await asyncio.sleep(3 if fault == "drip:8" else 20)
        assert set(await door.states()) & {"sending", "doubtful"}
        await door.repairs.void(await ids(door, *which), "wrong", "admin")
        await asyncio.sleep(HOUR)
        assert "sending" not in await door.states()
        still_in = tracker == "timer" and which == ("out",)
        assert [end for _, _, end in door.booked(0)] == [""] * still_in

    play(tmp_path, scene, tracker)


def test_the_undo_key_while_it_is_on_its_way(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR - 120)  # the token lives an hour
        door.sim.front.faults.replace(parse_rules("reply-lost@write*1"))
        await door.tap(0)
        await asyncio.sleep(15)
        await door.tap(0, Action.UNDO)
        await asyncio.sleep(HOUR)
        assert door.booked(0) == []
        assert await door.states() == {"open": 1, "void": 1}

    play(tmp_path, scene)


def test_a_chain_with_one_locked_entry_stays_whole(tmp_path: Path) -> None:
    """Unlocked and retried, all of it is gone; the next clock-out books the longer time once."""

    async def scene(door: House) -> None:
        await asyncio.sleep(16 * HOUR)  # 22:00
        await door.tap(0)
        await asyncio.sleep(8 * HOUR)
        await door.tap(0)
        await door.until_settled()
        assert len(door.booked(0)) == 2
        last = max(door.sim.rows(username_of(0)), key=lambda row: row.from_local)
        last.locked = True
        outs = await ids(door, "out")
        await door.repairs.void(outs, "they stayed", "admin")
        await asyncio.sleep(HOUR)
        assert len(door.booked(0)) == 2
        assert [last.id in because for because in await reasons(door)] == [True]
        last.locked = False
        await door.repairs.retry(outs, "unlocked", "admin")
        await asyncio.sleep(HOUR)
        assert door.booked(0) == []
        await door.tap(0)
        await door.until_settled()
        assert [(begin, end) for _, begin, end in door.booked(0)] == [
            ("20 22:00:00", "21 00:00:00"),
            ("21 00:00:00", "21 08:00:00"),
        ]

    play(tmp_path, scene, overlap="accept", midnight_split="true", locking="true")


@pytest.mark.parametrize("body", [b'{"error": "entry is locked"}', b"false", b"Entry is locked"])
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("tracker", ["goodtime", "entries"])
def test_a_yes_that_holds_a_complaint_is_looked_at(tmp_path: Path, tracker: str, done: bool, body: bytes) -> None:
    """An entry that is still there is not booked once more beside it."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        send = door.line.transport

        async def odd(request: Request) -> Exchange:
            if request.method != "DELETE":
                return await send(request)
            if done:
                door.line.transport = send
                await send(request)
            kind = "application/json" if body[:1] in b"{f" else "text/plain"
            return Reply(200, {"content-type": kind}, body)

        door.line.transport = odd
        await door.repairs.void(await ids(door, "out"), "they stayed", "admin")
        await asyncio.sleep(HOUR)
        assert len(door.booked(0)) == (0 if done else 1)
        assert bool(await reasons(door)) is not done
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert len(door.booked(0)) == 1

    play(tmp_path, scene, tracker, **({"overlap": "accept"} if tracker == "goodtime" else {}))
