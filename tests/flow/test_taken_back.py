"""What is taken back is gone from the tracker, whenever it was; what cannot be deleted waits for a person."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.model import Action, Kind, Project
from clockd.core.plan import Policy
from clockd.core.wire import Exchange, NoAnswer, Reply, Request
from clockd.errors import Refused
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import profile_named as goodtime_profile
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.profile import profile_named as timetrack_profile
from tests.flow.house import House, in_virtual_time, simulator, username_of
from tests.flow.matrix import GOODTIME_POLICY, TIME_FORMS

HOUR = 3600.0
TIMER, PAIRS = Policy(timer=True), Policy(timer=False)
TRACKERS = {"goodtime": GOODTIME_POLICY, "timer": TIMER, "entries": PAIRS}


def play(folder: Path, scene: Callable[[House], Awaitable[None]], tracker: str = "goodtime", **answers: str) -> None:
    """Play a scene with two employees and one of the trackers."""
    if tracker == "goodtime":
        profile = goodtime_profile("strict", **answers)
        sim = GoodtimeSim(profile=profile, users=tuple(Person(username_of(n)) for n in range(2)))
        door = House(folder, sim, employees=2, policy=TRACKERS[tracker], secret="sim-password")
        door.time_format = TIME_FORMS[profile.time_form]
    else:
        door = House(folder, simulator(timetrack_profile("strict"), employees=2), employees=2, policy=TRACKERS[tracker])

    async def whole() -> None:
        await door.start()
        await scene(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    assert door.sim.violations() == []


async def ids(door: House, *kinds: str, n: int = 0) -> list[str]:
    """The punches of these kinds of an employee, oldest first."""
    found = await door.office.punches(limit=None, state=None, username=username_of(n))
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
        await door.office.void(await ids(door, *which), "wrong", "admin")
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
        assert await door.states() == {"waiting": 1, "void": 1}

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
        await door.office.void(outs, "they stayed", "admin")
        await asyncio.sleep(HOUR)
        assert len(door.booked(0)) == 2
        assert [last.id in because for because in await reasons(door)] == [True]
        last.locked = False
        await door.office.retry(outs, "unlocked", "admin")
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
        await door.office.void(await ids(door, "out"), "they stayed", "admin")
        await asyncio.sleep(HOUR)
        assert len(door.booked(0)) == (0 if done else 1)
        assert bool(await reasons(door)) is not done
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert len(door.booked(0)) == 1

    play(tmp_path, scene, tracker, **({"overlap": "accept"} if tracker == "goodtime" else {}))


# --- project switches at Goodtime: one punch ends an entry and begins the next -------------------------------------

ROOF = Project("", "Roof")


async def until_eight(door: House) -> None:
    """From 6 to 8 without a project, then on the roof."""
    await door.tap(0)
    await asyncio.sleep(2 * HOUR)
    await door.tap(0, Action.PROJECT, ROOF)


WHOLE = [("20 06:00:00", "20 14:00:00")]


def spans(door: House) -> list[tuple[str, str]]:
    return [(begin, end) for _, begin, end in door.booked(0)]


@pytest.mark.parametrize("after_s", [3.0, 15.0, 25.0])
@pytest.mark.parametrize("faults", ["", "reply-lost@write*1", "lost@write*1", "drip:8@write*1"])
@pytest.mark.parametrize("split", ["false", "true"])
def test_the_undo_key_after_a_project_key(tmp_path: Path, split: str, faults: str, after_s: float) -> None:
    async def scene(door: House) -> None:
        await asyncio.sleep(0.0 if split == "false" else 17 * HOUR)  # over midnight: two entries
        await door.tap(0)
        await asyncio.sleep(HOUR - 120)
        if faults:
            door.sim.front.faults.replace(parse_rules(faults))
        await asyncio.sleep(120)
        await door.tap(0, Action.PROJECT, ROOF)
        await asyncio.sleep(after_s)
        await door.tap(0, Action.UNDO)
        assert isinstance(door.screens[-1], feedback.Undone)
        assert door.screens[-1].kind is Kind.PROJECT
        await asyncio.sleep(7 * HOUR - after_s)
        await door.tap(0)
        await door.until_settled()
        assert await door.states() == {"delivered": 2, "void": 1}
        wanted = WHOLE if split == "false" else [("20 23:00:00", "21 00:00:00"), ("21 00:00:00", "21 07:00:00")]
        assert spans(door) == wanted

    play(tmp_path, scene, midnight_split=split)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("split", ["false", "true"])
@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_a_project_key_that_is_taken_back_later(tmp_path: Path, lost: int, split: str, done: bool) -> None:
    """One of the deletions gets lost on the way: the first entry, the second …"""

    async def scene(door: House) -> None:
        await asyncio.sleep(17 * HOUR if split == "true" else 0)  # over midnight: two entries
        await until_eight(door)
        await asyncio.sleep(6 * HOUR)
        if done:
            await door.tap(0)
            await door.until_settled()
        send, deletions = door.line.transport, 0

        async def lossy(request: Request) -> Exchange:
            nonlocal deletions
            deletions += request.method == "DELETE"
            return NoAnswer("lost") if request.method == "DELETE" and deletions == lost else await send(request)

        door.line.transport = lossy
        await door.office.void(await ids(door, "project"), "wrong key", "admin")
        if not done:
            await asyncio.sleep(60)
            await door.tap(0)
        await door.until_settled()
        wanted = WHOLE if split == "false" else [("20 23:00:00", "21 00:00:00"), ("21 00:00:00", "21 07:00:00")]
        assert spans(door) == (wanted if done else [*wanted[:-1], (wanted[-1][0], wanted[-1][1][:-5] + "01:00")])
        assert await door.states() == {"delivered": 2, "void": 1}

    play(tmp_path, scene, midnight_split=split)


def test_a_day_that_begins_with_a_project_key(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.PROJECT, ROOF)
        await asyncio.sleep(8 * HOUR)
        await door.tap(0)
        await door.until_settled()
        assert await door.states() == {"delivered": 2}
        assert spans(door) == WHOLE

    play(tmp_path, scene)


def test_a_forgotten_clock_out_on_a_project(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await until_eight(door)
        began_at = door.now_at()
        await asyncio.sleep(20 * HOUR)
        assert await door.states() == {"delivered": 1, "held": 1}
        left_at = began_at + timedelta(hours=6)
        with pytest.raises(Refused, match="went on with a project"):
            await door.office.add_out((await ids(door, "in"))[0], left_at, "", "admin")
        await door.office.add_out((await ids(door, "project"))[0], left_at, "told me", "admin")
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 08:00:00"), ("20 08:00:00", "20 14:00:00")]

    play(tmp_path, scene)


def test_a_forgotten_clock_out_on_a_project_that_is_taken_back(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await until_eight(door)
        await asyncio.sleep(20 * HOUR)
        await door.office.void(await ids(door, "project"), "wrong key", "admin")
        await asyncio.sleep(HOUR)
        assert door.booked(0) == []
        left_at = door.begin_at + timedelta(hours=8)
        await door.office.add_out((await ids(door, "in"))[0], left_at, "told me", "admin")
        await door.until_settled()
        assert spans(door) == WHOLE

    play(tmp_path, scene)


@pytest.mark.parametrize("sent", [False, True])
def test_a_switch_whose_entry_was_sent_is_neither_amended_nor_ignored(tmp_path: Path, sent: bool) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(2 * HOUR)
        door.link_down = not sent
        await door.tap(0, Action.PROJECT, ROOF)
        await asyncio.sleep(HOUR)
        (switch,) = await ids(door, "project")
        amend = door.office.amend(switch, door.now_at() - timedelta(minutes=30), None, "later", "admin")
        if sent:
            with pytest.raises(Refused, match="at the tracker already"):
                await amend
            with pytest.raises(Refused, match="void it"):
                await door.office.ignore([switch], "", "admin")
        else:
            await amend
        door.link_down = False
        await door.tap(0)
        await door.until_settled()
        assert len(spans(door)) == 2
        assert spans(door)[0][1] == spans(door)[1][0]

    play(tmp_path, scene)


@pytest.mark.parametrize("done", [False, True])
def test_a_project_key_in_the_minute_of_the_clock_in_is_taken_back(tmp_path: Path, done: bool) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(12)
        await door.tap(0, Action.PROJECT, ROOF)
        await asyncio.sleep(12)
        if not done:
            await door.tap(0, Action.UNDO)
        await asyncio.sleep(8 * HOUR - 24)
        await door.tap(0)
        await door.until_settled()
        if done:
            await door.office.void(await ids(door, "project"), "wrong key", "admin")
            await door.until_settled()
        assert spans(door) == WHOLE
        assert await door.states() == {"delivered": 2, "void": 1}

    play(tmp_path, scene)
