"""Two of a pair find each other, whatever was between them; and no pair is made of what nobody said."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.model import Action, KeyPress, Kind, Project
from clockd.sim.faults import parse_rules
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import House, in_virtual_time, simulator, username_of
from tests.flow.test_taken_back import HOUR, ids, play
from tests.flow.test_time import Machine

ROOF = Project("", "Roof")


def spans(door: House) -> list[tuple[str, str]]:
    return [(begin, end) for _, begin, end in door.booked(0)]


async def codes(door: House) -> list[str]:
    return [delivery.held.code for _, delivery in await door.deliveries() if delivery.held]


# --- longer than a shift ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [Action.PROJECT, Action.OUT])
def test_the_next_day_ends_no_shift(tmp_path: Path, key: Action) -> None:
    """The clock-out was forgotten. A project key begins the new day; a clock-out asks a person."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(24 * HOUR)
        screen = await door.tap(0, key, ROOF if key is Action.PROJECT else None)
        if key is Action.PROJECT:
            assert isinstance(screen, feedback.Punched)
            assert screen.missing_out_local is not None
            await asyncio.sleep(8 * HOUR)
            await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        assert spans(door) == ([("21 06:00:00", "21 14:00:00")] if key is Action.PROJECT else [])
        assert await codes(door) == ["missing-out"] + ["too-long"] * (key is Action.OUT)
        left_at = door.begin_at + timedelta(hours=8)
        if key is Action.PROJECT:
            await door.repairs.add_out((await ids(door, "in"))[0], left_at, "told me", "admin")
        else:
            await door.repairs.amend((await ids(door, "out"))[0], left_at, None, "told me", "admin")
        await asyncio.sleep(HOUR)
        assert spans(door)[0] == ("20 06:00:00", "20 14:00:00")

    play(tmp_path, scene)


@pytest.mark.parametrize("tracker", ["goodtime", "entries"])
def test_what_lies_between_is_taken_back_and_no_long_shift_comes_of_it(tmp_path: Path, tracker: str) -> None:
    """Unless a person says that it was one."""

    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await asyncio.sleep(24 * HOUR)
        await door.tap(0, Action.IN)
        await asyncio.sleep(8 * HOUR)
        await door.tap(0, Action.OUT)
        await door.until_settled()
        await door.repairs.void((await ids(door, "in"))[1:], "wrong", "admin")
        await asyncio.sleep(HOUR)
        assert spans(door) == []
        assert sorted(await codes(door)) == ["missing-out", "too-long"]
        out_at = door.begin_at + timedelta(hours=32)
        await door.repairs.amend((await ids(door, "out"))[0], out_at, None, "on duty all night", "admin")
        await asyncio.sleep(HOUR)
        assert spans(door) == [("20 06:00:00", "21 14:00:00")]

    play(tmp_path, scene, tracker)


@pytest.mark.parametrize("set_later", [True, False])
def test_a_clock_that_was_set_says_nothing_of_the_length(tmp_path: Path, set_later: bool) -> None:
    """The clock-in was dated by itself, a minute after the tap; a clock-out comes a day later."""

    async def day() -> None:
        door = House(tmp_path, simulator(profile_named("strict"), employees=2), delivery="entries")
        await door.start()
        machine = Machine(door)
        keeper = await machine.boot()
        if not set_later:
            await machine.sync(keeper)
        await machine.tap(0)
        await asyncio.sleep(60)
        if set_later:
            await machine.sync(keeper)
        await asyncio.sleep(24 * HOUR)
        door.terminal.pressed(KeyPress(Action.OUT, None, machine.read_clock()))
        await machine.tap(0)
        await asyncio.sleep(2 * HOUR)
        assert spans(door) == []
        assert sorted(await codes(door)) == ["missing-out", "too-long"]
        door.check_alive()
        await door.kill()

    in_virtual_time(day)


@pytest.mark.parametrize("what", ["void between", "amend in", "retry out"])
def test_who_is_too_long_finds_a_way_out(tmp_path: Path, what: str) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(2 * HOUR)
        if what == "void between":
            await door.tap(0, Action.PROJECT, ROOF)
        await asyncio.sleep(20 * HOUR)
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        assert "too-long" in await codes(door)
        if what == "void between":
            await door.repairs.void(await ids(door, "project"), "", "admin")
            await asyncio.sleep(HOUR)
            assert "missing-out" in await codes(door)
        if what == "amend in":
            came_at = door.begin_at + timedelta(hours=14)
            await door.repairs.amend((await ids(door, "in"))[0], came_at, None, "came later", "admin")
        else:
            await door.repairs.retry(await ids(door, "out"), "on duty all night", "admin")
        await door.until_settled()
        came = "20 20:00:00" if what == "amend in" else "20 06:00:00"
        assert spans(door) == [(came, "21 04:00:00")]

    play(tmp_path, scene)


@pytest.mark.parametrize("which", [("in",), ("out",), ("in", "out", "break")])
def test_who_retries_one_of_a_pair_retries_the_pair(tmp_path: Path, which: tuple[str, ...]) -> None:
    """What was held for the same reason is planned together again: nobody has to find all four."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(3 * HOUR)
        await door.tap(0, Action.BREAK)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(4 * HOUR)
        words = {"username": username_of(0), "begin": "2026-11-20T07:00", "end": "2026-11-20T07:30"}
        row = door.sim.act({"act": "web-create", **words}, door.now_at().timestamp())["row"]
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        assert await codes(door) == ["conflict"] * 4
        door.sim.act({"act": "delete", "id": row}, door.now_at().timestamp())
        await door.repairs.retry(await ids(door, *which), "", "admin")
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 14:00:00")]

    play(tmp_path, scene, "minutes")


@pytest.mark.parametrize("say", ["ignore", "void", "amend"])
@pytest.mark.parametrize("tracker", ["timer", "entries", "minutes", "goodtime"])
def test_a_hold_ends_with_the_punch_it_is_about(tmp_path: Path, tracker: str, say: str) -> None:
    """The clock-in of a pair that overlaps is dropped, as the hold advises: the clock-out says what it lacks now."""

    async def scene(door: House) -> None:
        words = {"username": username_of(0), "begin": "2026-11-20T06:30", "end": "2026-11-20T07:30"}
        if tracker == "timer":
            door.link_down = True
        await door.tap(0)
        await asyncio.sleep(3 * HOUR)
        door.sim.act({"act": "web-create", **words}, door.now_at().timestamp())
        await door.tap(0)
        door.link_down = False
        await asyncio.sleep(HOUR)
        assert await codes(door) == ["conflict"] * 2
        (came,) = await ids(door, "in")
        match say:
            case "amend":
                await door.repairs.amend(came, None, None, "was hers", "admin", username_of(1))
            case "void":
                await door.repairs.void([came], "wrong", "admin")
            case _:
                await door.repairs.ignore([came], "wrong", "admin")
        await asyncio.sleep(600)
        assert (await codes(door))[-1:] == ["orphan-out"]

    play(tmp_path, scene, tracker)


# --- what was between them is taken back --------------------------------------------------------------------------


@pytest.mark.parametrize("tracker", ["goodtime", "entries", "timer"])
def test_a_clock_out_after_a_break_counts_when_the_break_is_taken_back(tmp_path: Path, tracker: str) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(3 * HOUR)
        await door.tap(0, Action.BREAK)
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.OUT)
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 09:00:00")]
        await door.repairs.void(await ids(door, "break"), "no break", "admin")
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 10:00:00")]

    play(tmp_path, scene, tracker)


@pytest.mark.parametrize("key", [Action.OUT, Action.BREAK])
@pytest.mark.parametrize("what", ["void", "amend"])
def test_and_also_where_the_break_was_held(tmp_path: Path, what: str, key: Action) -> None:
    """Somebody ended our entry at eight by web: the break is a person's matter, and then what follows is."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(2 * HOUR)
        door.sim.act({"act": "web-stop", "username": username_of(0)}, door.now_at().timestamp())
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.BREAK)
        await asyncio.sleep(HOUR)
        await door.tap(0, key)
        await asyncio.sleep(HOUR)
        first = (await ids(door, "break"))[:1]
        if what == "void":
            await door.repairs.void(first, "no break", "admin")
        else:
            await door.repairs.amend(first[0], None, None, "was hers", "admin", username_of(1))
        await asyncio.sleep(HOUR)
        assert (await door.deliveries())[-1][1].state == "held"

    play(tmp_path, scene, "timer")


def test_a_break_that_followed_a_clock_out_finds_its_clock_in(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.BREAK)
        await asyncio.sleep(HOUR)
        assert await codes(door) == ["orphan-out"]
        await door.repairs.void(await ids(door, "out"), "they stayed", "admin")
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 08:00:00")]

    play(tmp_path, scene)


@pytest.mark.parametrize("tracker", ["goodtime", "entries"])
def test_what_is_booked_anew_has_attempts_of_its_own(tmp_path: Path, tracker: str) -> None:
    """Hours after it was booked first, one request that gets lost is no reason to give up."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        await asyncio.sleep(7 * HOUR)
        await door.repairs.void(await ids(door, "out"), "they stayed", "admin")
        await asyncio.sleep(60)
        door.sim.front.faults.replace(parse_rules("lost@write*1"))
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        assert spans(door) == [("20 06:00:00", "20 14:01:00" if tracker == "goodtime" else "20 14:01:30")]

    play(tmp_path, scene, tracker)


# --- whose a row is -----------------------------------------------------------------------------------------------


def test_a_row_that_a_void_punch_adopted_is_seen_again(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.sim.act({"act": "web-start", "username": username_of(0)}, door.now_at().timestamp())
        await asyncio.sleep(300)
        await door.tap(0, Action.IN)
        await door.until_settled()
        await door.repairs.void(await ids(door, "in"), "", "admin")
        await asyncio.sleep(120)
        await door.tap(0, Action.IN)
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        assert spans(door) == [("20 06:00:00", "20 07:07:30")]

    play(tmp_path, scene, "timer")


@pytest.mark.parametrize("tracker", ["timer", "entries"])
def test_a_project_key_that_was_a_clock_out_is_booked(tmp_path: Path, tracker: str) -> None:
    """At TimeTrack a project timer is no attendance."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(8 * HOUR)
        door.link_down = True
        await door.tap(0, Action.PROJECT, Project("ACME", "Website"))
        await asyncio.sleep(60)
        (switch,) = await ids(door, "project")
        await door.repairs.amend(switch, None, Kind.OUT, "wrong key", "admin")
        door.link_down = False
        await asyncio.sleep(HOUR)
        assert spans(door) == [("20 06:00:00", "20 14:00:00")]

    play(tmp_path, scene, tracker)
