"""A project switch at Goodtime ends one entry and begins the next: taken back, it gives the time back to the first."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.delivery import Now
from clockd.core.model import Action, Kind, Project
from clockd.core.wire import Exchange, NoAnswer, NotSent, Reply, Request
from clockd.errors import Refused
from clockd.flow.line import Transport
from clockd.sim.faults import parse_rules
from clockd.store import deliveries
from tests.flow.house import House, username_of
from tests.flow.test_taken_back import HOUR, ids, play, reasons

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
    """One of the deletions gets lost on the way: the first entry, the second, and so on."""

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
        await door.repairs.void(await ids(door, "project"), "wrong key", "admin")
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
            await door.repairs.add_out((await ids(door, "in"))[0], left_at, "", "admin")
        await door.repairs.add_out((await ids(door, "project"))[0], left_at, "told me", "admin")
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 08:00:00"), ("20 08:00:00", "20 14:00:00")]

    play(tmp_path, scene)


def test_a_forgotten_clock_out_on_a_project_that_is_taken_back(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await until_eight(door)
        await asyncio.sleep(20 * HOUR)
        await door.repairs.void(await ids(door, "project"), "wrong key", "admin")
        await asyncio.sleep(HOUR)
        assert door.booked(0) == []
        left_at = door.begin_at + timedelta(hours=8)
        await door.repairs.add_out((await ids(door, "in"))[0], left_at, "told me", "admin")
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
        amend = door.repairs.amend(switch, door.now_at() - timedelta(minutes=30), None, "later", "admin")
        if sent:
            with pytest.raises(Refused, match="at the tracker already"):
                await amend
            with pytest.raises(Refused, match="void it"):
                await door.repairs.ignore([switch], "", "admin")
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
            await door.repairs.void(await ids(door, "project"), "wrong key", "admin")
            await door.until_settled()
        assert spans(door) == WHOLE
        assert await door.states() == {"delivered": 2, "void": 1}

    play(tmp_path, scene)


# --- what is not ours, or not here ------------------------------------------------------------------------------


def deletions(door: House, since: int) -> list[str]:
    return [request.path for _, request, _ in door.requests[since:] if request.method == "DELETE"]


def test_an_entry_of_a_person_on_which_the_switch_went_on_stays(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await until_eight(door)
        await asyncio.sleep(6 * HOUR - 60)
        words = {"username": username_of(0), "begin": "2026-11-20T08:00", "end": "2026-11-20T14:00"}
        door.sim.act({"act": "web-create", **words}, door.now_at().timestamp())
        await asyncio.sleep(60)
        await door.tap(0)
        await door.until_settled()
        before = len(door.requests)
        await door.repairs.void(await ids(door, "project"), "wrong key", "admin")
        await asyncio.sleep(HOUR)
        assert deletions(door, before) == []
        assert spans(door) == [("20 06:00:00", "20 08:00:00"), ("20 08:00:00", "20 14:00:00")]

    play(tmp_path, scene)


def test_a_switch_of_another_account_is_left_to_a_person(tmp_path: Path) -> None:
    """Its own entry is there, the one before it was sent here after all."""

    async def scene(door: House) -> None:
        words = {"username": username_of(0), "begin": "2026-11-20T06:30", "end": "2026-11-20T07:00"}
        door.sim.act({"act": "web-create", **words}, door.now_at().timestamp())
        (theirs,) = door.sim.rows(username_of(0))
        await until_eight(door)
        await asyncio.sleep(6 * HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await elsewhere(door)
        door.sim.act({"act": "delete", "id": theirs.id}, door.now_at().timestamp())
        await door.repairs.retry(await ids(door, "in"), "", "admin")
        await asyncio.sleep(HOUR)
        before = len(door.requests)
        await door.repairs.void(await ids(door, "project"), "wrong key", "admin")
        await asyncio.sleep(HOUR)
        assert deletions(door, before) == []
        assert "account used before" in (await reasons(door))[0]

    play(tmp_path, scene)


@pytest.mark.parametrize("later", [False, True])
def test_a_deletion_that_was_begun_does_not_go_on_at_another_account(tmp_path: Path, later: bool) -> None:
    async def scene(door: House) -> None:
        await until_eight(door)
        await asyncio.sleep(HOUR)
        send = door.line.transport

        async def lossy(request: Request) -> Exchange:
            return NoAnswer("lost") if request.method == "DELETE" else await send(request)

        door.line.transport = lossy
        await door.repairs.void(await ids(door, "project"), "wrong key", "admin")
        await asyncio.sleep(300 if later else 5)
        await elsewhere(door)
        before = len(door.requests)
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        assert deletions(door, before) == []
        assert await reasons(door)

    play(tmp_path, scene)


async def elsewhere(door: House) -> None:
    """The configuration names another account, from a restart on."""
    await door.kill()
    door.online = False
    await door.start()
    await door.store.run(
        lambda db: deliveries.switch_tracker(db, "goodtime elsewhere", Now.of(door.read_clock()), send=True)
    )
    door.go_online()
    await door.until_known()


def test_what_cannot_be_deleted_can_be_left_as_it_is(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await until_eight(door)
        await asyncio.sleep(6 * HOUR)
        await door.tap(0)
        await door.until_settled()
        for row in door.sim.rows(username_of(0)):
            row.locked = True
        switch = await ids(door, "project")
        await door.repairs.void(switch, "wrong key", "admin")
        await asyncio.sleep(HOUR)
        assert "or ignore this" in (await reasons(door))[0]
        await door.repairs.ignore(switch, "leave it", "admin")
        await asyncio.sleep(HOUR)
        assert len(spans(door)) == 2

    play(tmp_path, scene, locking="true")


# --- meanwhile ----------------------------------------------------------------------------------------------------


async def half_deleted(door: House, answer: Exchange) -> Transport:
    """A switch after midnight is taken back; the first of two entries is deleted, the second is not.

    Returns:
        The line's transport of before, with which it goes on.
    """
    await asyncio.sleep(17 * HOUR)
    await door.tap(0)
    await asyncio.sleep(3 * HOUR)
    await door.tap(0, Action.PROJECT, ROOF)
    await asyncio.sleep(HOUR)
    send, seen = door.line.transport, 0

    async def lossy(request: Request) -> Exchange:
        nonlocal seen
        seen += request.method == "DELETE"
        return answer if request.method == "DELETE" and seen > 1 else await send(request)

    door.line.transport = lossy
    await door.repairs.void(await ids(door, "project"), "wrong key", "admin")
    await asyncio.sleep(HOUR if isinstance(answer, Reply) else 8)
    assert spans(door) == [("21 00:00:00", "21 02:00:00")]
    return send


@pytest.mark.parametrize("what", ["void", "ignore", "amend"])
@pytest.mark.parametrize("refused", [False, True])
def test_what_becomes_of_the_clock_in_does_not_stop_a_deletion(tmp_path: Path, refused: bool, what: str) -> None:
    """Nothing of it stays behind at the tracker, where it would belong to nobody."""

    async def scene(door: House) -> None:
        locked = Reply(403, {"content-type": "text/plain"}, b"locked")
        send = await half_deleted(door, locked if refused else NoAnswer("lost"))
        clock_in = await ids(door, "in")
        match what:
            case "void":
                await door.repairs.void(clock_in, "", "admin")
            case "ignore":
                await door.repairs.ignore(clock_in, "", "admin")
            case _:
                await door.repairs.amend(clock_in[0], None, None, "", "admin", username_of(1))
        door.line.transport = send
        if refused:
            await door.repairs.retry(await ids(door, "project"), "unlocked", "admin")
        await asyncio.sleep(HOUR)
        assert spans(door) == []

    play(tmp_path, scene, midnight_split="true")


def test_a_clock_out_that_is_told_meanwhile_waits_for_the_deletion(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        send = await half_deleted(door, NoAnswer("lost"))
        left_at = door.begin_at + timedelta(hours=17, minutes=45)
        await door.repairs.add_out((await ids(door, "in"))[0], left_at, "told me", "admin")
        door.line.transport = send
        await door.until_settled()
        assert spans(door) == [("20 23:00:00", "20 23:45:00")]

    play(tmp_path, scene, midnight_split="true")


def test_a_clock_out_that_is_told_before_it_is_known_what_was_deleted(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await until_eight(door)
        await asyncio.sleep(HOUR)
        send = door.line.transport

        async def silent(request: Request) -> Exchange:
            answer = await send(request)
            return NoAnswer("lost") if request.method == "DELETE" else answer

        door.line.transport = silent
        await door.repairs.void(await ids(door, "project"), "wrong key", "admin")
        await asyncio.sleep(6)
        await door.repairs.add_out((await ids(door, "in"))[0], door.begin_at + timedelta(hours=1), "told me", "admin")
        await asyncio.sleep(6)
        door.line.transport = send
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 07:00:00")]

    play(tmp_path, scene)


def test_what_could_not_be_deleted_is_not_booked_over(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await half_deleted(door, Reply(403, {"content-type": "text/plain"}, b"locked"))
        left_at = door.begin_at + timedelta(hours=19)
        await door.repairs.add_out((await ids(door, "in"))[0], left_at, "told me", "admin")
        await asyncio.sleep(HOUR)
        assert spans(door) == [("21 00:00:00", "21 02:00:00")]
        assert sum("overlaps entry" in because for because in await reasons(door)) == 2

    play(tmp_path, scene, midnight_split="true", overlap="accept")


def test_what_is_being_taken_back_cannot_be_ignored(tmp_path: Path) -> None:
    """The line is down in the middle of it: what was deleted, and what was not, is not known to anybody."""

    async def scene(door: House) -> None:
        send = await half_deleted(door, NotSent("down"))
        with pytest.raises(Refused, match="is being taken back"):
            await door.repairs.ignore(await ids(door, "project"), "", "admin")
        door.line.transport = send
        await asyncio.sleep(HOUR)
        assert spans(door) == []

    play(tmp_path, scene, midnight_split="true", overlap="accept")
