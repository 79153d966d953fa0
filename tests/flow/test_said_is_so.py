"""What the door says, and what is booked then, is so: of entries that stand near, of taps that waited, of persons."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clockd.core import feedback
from clockd.core.feedback import Signal, signal_for
from clockd.core.model import Action, Kind, Project, Tap, Uid
from clockd.flow.badge_desk import Enrolment
from clockd.sim.faults import parse_rules
from clockd.sim.timetrack.profile import profile_named
from clockd.store import dating
from tests.flow.house import House, in_virtual_time, simulator, uid_of, username_of
from tests.flow.test_taken_back import HOUR, ids, play

WEBSITE, SHOP = Project("Client 001", "Test"), Project("Client 002", "Test")
Scene = Callable[[House], Awaitable[None]]


def play_with(folder: Path, profile: str, scene: Scene, *, delivery: str = "timer") -> None:
    """Play a scene at a TimeTrack that reads its documents otherwise."""
    door = House(folder, simulator(profile_named(profile), employees=2), employees=2)
    door.delivery = "timer" if delivery == "timer" else "entries"

    async def whole() -> None:
        await door.start()
        await scene(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    assert door.sim.violations() == []


def by_phone(door: House, act: str, n: int = 0, **words: object) -> object:
    return door.sim.act({"act": act, "username": username_of(n), **words}, door.now_at().timestamp())


def spans(door: House, n: int = 0) -> list[tuple[str, str]]:
    return [(begin, end) for _, begin, end in door.booked(n)]


async def look(door: House) -> None:
    """Somebody else's tap makes the terminal look at everybody."""
    await door.tap(1)
    await asyncio.sleep(60)


# --- what only stands near ------------------------------------------------------------------------------------------


def test_an_entry_that_ended_before_the_tap_is_not_the_tap(tmp_path: Path) -> None:
    """A timer by phone for five seconds, a mistake; then the badge."""

    async def scene(door: House) -> None:
        by_phone(door, "web-start")
        await asyncio.sleep(5)
        by_phone(door, "web-stop")
        await asyncio.sleep(12)
        await door.tap(0, Action.IN)
        await asyncio.sleep(8 * HOUR)
        await door.tap(0, Action.OUT)
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 06:00:05"), ("20 06:00:17", "20 14:00:17")]

    play(tmp_path, scene, "timer")


@pytest.mark.parametrize("length_s", [0.4, 5, 20, 29, 31, 45, 59, 61, 75, 90])
@pytest.mark.parametrize("profile", ["strict", "alt", "alt2"])
def test_a_short_interval_is_booked_once_when_its_reply_is_lost(tmp_path: Path, profile: str, length_s: float) -> None:
    """A tracker that keeps whole minutes shows it with equal ends, as one that runs."""

    async def scene(door: House) -> None:
        await asyncio.sleep(3)
        door.link_down = True
        await door.tap(0, Action.IN)
        await asyncio.sleep(max(11.0, length_s) if length_s > 11 else length_s)
        await door.tap(0, Action.OUT)
        door.sim.front.faults.replace(parse_rules("reply-lost@write*1"))
        door.link_down = False
        await asyncio.sleep(HOUR)
        states = set(await door.states())
        assert (len(spans(door)), states) in ((1, {"delivered"}), (0, {"held"})), "once, or told that it cannot be"

    play_with(tmp_path, profile, scene, delivery="entries")


def test_what_stands_at_our_begin_is_never_absent(tmp_path: Path) -> None:
    """The reply was lost, and somebody shortened the entry meanwhile: it is not booked a second time."""

    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await asyncio.sleep(90)
        door.sim.front.faults.replace(parse_rules("reply-lost@write*1"))
        await door.tap(0, Action.OUT)
        await asyncio.sleep(5)
        (row,) = door.sim.rows(username_of(0))
        by = {"act": "web-edit", "id": row.id, "end": "2026-11-20T06:00:20"}
        door.sim.act(by, door.now_at().timestamp())
        await asyncio.sleep(HOUR)
        assert len(spans(door)) == 1
        assert {d.state.value for _, d in await door.deliveries()} == {"held"}

    play(tmp_path, scene, "entries")


# --- a tap that waited ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outage", ["link", "fail-before:503@write*1", "refuse@write*1"])
def test_an_out_that_waited_looks_first(tmp_path: Path, outage: str) -> None:
    """Meanwhile its owner ended the entry and began another one by phone: that one goes on."""

    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await door.until_settled()
        await asyncio.sleep(4 * HOUR)
        await look(door)
        if outage == "link":
            door.link_down = True
        else:
            door.sim.front.faults.replace(parse_rules(outage))
        await door.tap(0, Action.OUT)
        await asyncio.sleep(1)
        by_phone(door, "web-stop")
        by_phone(door, "web-start")
        await asyncio.sleep(4)
        door.link_down = False
        await asyncio.sleep(600)
        assert [end for _, end in spans(door)][-1] == "", "what they began by phone still runs"

    play(tmp_path, scene, "timer")


def test_one_failure_of_another_makes_nobody_look(tmp_path: Path) -> None:
    """It holds the others up for two seconds; a link that is away holds them up for as long as it likes."""

    async def scene(door: House) -> None:
        door.sim.front.faults.replace(parse_rules("fail-before:503@write*1"))
        await door.tap(0, Action.IN)
        await door.until_settled()
        assert door.line.failed == 1
        assert door.line.failed_s < 0
        door.link_down = True
        await door.tap(1, Action.IN)
        await asyncio.sleep(10)
        assert door.line.failed_s > 0

    play(tmp_path, scene, "timer")


# --- who is in ------------------------------------------------------------------------------------------------------


def test_a_forgotten_row_says_nothing_after_a_restart(tmp_path: Path) -> None:
    """In, in by key, out by key: the first row still runs at the tracker. The next morning's tap is an in."""

    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await door.until_settled()
        await asyncio.sleep(2 * HOUR)
        await door.tap(0, Action.IN)
        await asyncio.sleep(2 * HOUR)
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        await door.kill()
        await door.start()
        await look(door)
        screen = await door.tap(0)
        assert isinstance(screen, feedback.Punched)
        assert screen.kind is Kind.IN

    play(tmp_path, scene, "timer")


def test_two_chips_of_one_person_are_one_tap(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        other = Uid.of(bytes([4, 0xBB, 0, 0, 0, 0, 1]))
        await door.badge_desk.give(Enrolment(other.hex, username_of(0)), "admin")
        await door.tap(0)
        await asyncio.sleep(0.15)
        await door.terminal.tapped(Tap(other, "pcsc", door.read_clock()))
        assert isinstance(door.screens[-1], feedback.AlreadyRecorded)
        await asyncio.sleep(HOUR)
        await door.terminal.tapped(Tap(other, "pcsc", door.read_clock()))
        await asyncio.sleep(0.15)
        await door.terminal.tapped(Tap(uid_of(0), "pcsc", door.read_clock()))
        assert [kind for kind, _ in await door.deliveries()] == ["in", "out"]

    play(tmp_path, scene, "timer")


def test_the_same_person_after_a_restart_with_another_badge(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        other = Uid.of(bytes([4, 0xBB, 0, 0, 0, 0, 1]))
        await door.badge_desk.give(Enrolment(other.hex, username_of(0)), "admin")
        await door.tap(0)
        await door.kill()
        await door.start()
        await door.terminal.tapped(Tap(other, "pcsc", door.read_clock()))
        assert isinstance(door.screens[-1], feedback.AlreadyRecorded)

    play(tmp_path, scene, "timer")


def test_a_second_in_is_not_started_and_says_what_it_waits_for(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await asyncio.sleep(30)
        screen = await door.tap(0, Action.IN)
        assert isinstance(screen, feedback.Punched)
        assert screen.missing_out_local is not None
        await asyncio.sleep(20)
        starts = [r for _, r, _ in door.requests if r.path.endswith("/start")]
        assert len(starts) == 1
        assert [d.waits_for_out for _, d in await door.deliveries()] == [False, True]

    play(tmp_path, scene, "timer")


# --- what the door knows already ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [Action.OUT, Action.BREAK])
@pytest.mark.parametrize("tracker", ["timer", "goodtime"])
def test_who_ends_what_was_never_begun_is_told_at_once(tmp_path: Path, tracker: str, key: Action) -> None:
    async def scene(door: House) -> None:
        screen = await door.tap(0, key)
        assert isinstance(screen, feedback.Punched)
        assert screen.no_in
        assert screen.worked_today_s is None
        assert signal_for(screen) is Signal.SAVED
        await asyncio.sleep(HOUR)
        assert [d.held.code for _, d in await door.deliveries() if d.held] == ["orphan-out"]

    play(tmp_path, scene, tracker)


def test_info_knows_a_break_and_the_project(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await asyncio.sleep(60)
        await door.tap(0, Action.PROJECT, WEBSITE)
        await asyncio.sleep(60)
        screen = await door.tap(0, Action.INFO)
        assert isinstance(screen, feedback.Info)
        assert (screen.break_since_local, screen.project) == (None, "Client 001 / Test")
        await door.tap(0, Action.BREAK)
        await asyncio.sleep(60)
        screen = await door.tap(0, Action.INFO)
        assert isinstance(screen, feedback.Info)
        assert screen.present_since_local is None
        assert f"{screen.break_since_local:%H:%M}" == "06:02"

    play(tmp_path, scene, "timer")


# --- project keys ---------------------------------------------------------------------------------------------------


def timer_of(door: House) -> object:
    timer = door.sim.api.world.timers[username_of(0)]
    return timer.client, timer.project, timer.state


def test_a_project_key_clocks_in_who_is_not_in(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        screen = await door.tap(0, Action.PROJECT, WEBSITE)
        assert isinstance(screen, feedback.Punched)
        assert (screen.kind, screen.project) == (Kind.IN, "Client 001 / Test")
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "")]
        assert timer_of(door) == ("Client 001", "Test", "playing")
        await asyncio.sleep(4 * HOUR)
        screen = await door.tap(0)
        assert isinstance(screen, feedback.Punched)
        assert screen.kind is Kind.OUT
        await door.until_settled()
        assert all(end for _, end in spans(door))
        assert timer_of(door) == ("Client 001", "Test", "stopped")

    play(tmp_path, scene, "timer")


def test_undo_takes_both_back(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.PROJECT, WEBSITE)
        await door.until_settled()
        assert isinstance(await door.tap(0, Action.UNDO), feedback.Undone)
        await asyncio.sleep(600)
        assert spans(door) == []
        assert timer_of(door) == ("Client 001", "Test", "stopped")
        assert {d.state.value for _, d in await door.deliveries()} == {"void"}

    play(tmp_path, scene, "timer")


def test_undo_of_a_switch_goes_back_to_the_project_before(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.PROJECT, WEBSITE)
        await asyncio.sleep(HOUR)
        await door.tap(0, Action.PROJECT, SHOP)
        await asyncio.sleep(20)
        assert timer_of(door) == ("Client 002", "Test", "playing")
        screen = await door.tap(0, Action.UNDO)
        assert isinstance(screen, feedback.Undone)
        assert screen.kind is Kind.PROJECT
        await asyncio.sleep(600)
        assert spans(door) == [("20 06:00:00", "")], "attendance goes on"
        assert timer_of(door) == ("Client 001", "Test", "playing")

    play(tmp_path, scene, "timer")


# --- waits for its clock-out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tracker", ["goodtime", "entries"])
def test_an_in_that_waits_for_its_out_is_open_and_not_unsent(tmp_path: Path, tracker: str) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        summary = await door.documents.summary()
        outbox = summary["outbox"]
        assert isinstance(outbox, dict)
        assert (outbox["waiting"], outbox["open"], outbox["oldest_waiting_at"]) == (0, 1, None)
        (punch,) = await door.documents.punches(limit=None, state=None, username=None)
        assert isinstance(punch, dict)
        assert isinstance(punch["delivery"], dict)
        assert (punch["delivery"]["state"], punch["delivery"]["waits_for"]) == ("waiting", "out")
        await door.tap(0)
        await door.until_settled()
        summary = await door.documents.summary()
        assert isinstance(summary["outbox"], dict)
        assert summary["outbox"]["open"] == 0
        assert len(spans(door)) == 1

    play(tmp_path, scene, tracker)


# --- a refusal heals by itself --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tracker", ["timer", "entries"])
def test_an_employee_who_is_made_later_needs_no_retry(tmp_path: Path, tracker: str) -> None:
    async def scene(door: House) -> None:
        await door.badge_desk.give(Enrolment("04CC0000000001", "newbie"), "admin")
        new = Uid.parse("04CC0000000001")
        await door.terminal.tapped(Tap(new, "pcsc", door.read_clock()))
        await asyncio.sleep(300)
        if tracker == "entries":
            await door.terminal.tapped(Tap(new, "pcsc", door.read_clock()))
            await asyncio.sleep(200)
        held = [d for _, d in await door.deliveries("newbie") if d.held]
        assert held, "at once, and told"
        assert all(d.retry_at is not None for d in held)
        door.sim.act({"act": "add-user", "username": "newbie"}, door.now_at().timestamp())
        await asyncio.sleep(HOUR)
        if tracker == "timer":
            await door.terminal.tapped(Tap(new, "pcsc", door.read_clock()))
        await door.until_settled()
        assert await door.states() == {"delivered": 2}

    play(tmp_path, scene, tracker)


def test_after_three_tries_only_a_person_can_end_it(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.badge_desk.give(Enrolment("04CC0000000001", "nobody-there"), "admin")
        await door.terminal.tapped(Tap(Uid.parse("04CC0000000001"), "pcsc", door.read_clock()))
        await asyncio.sleep(600)
        await door.terminal.tapped(Tap(Uid.parse("04CC0000000001"), "pcsc", door.read_clock()))
        await asyncio.sleep(40 * HOUR)
        held = [d for _, d in await door.deliveries("nobody-there") if d.held]
        assert held
        assert all(d.retry_at is None for d in held)
        writes = [r for _, r, _ in door.requests if r.writes]
        assert len(writes) == 4

    play(tmp_path, scene, "entries")


def test_a_renamed_employee_is_told_from_a_deleted_entry(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await door.until_settled()
        await asyncio.sleep(HOUR)
        door.sim.act({"act": "rename", "username": username_of(0), "to": "ada.new"}, door.now_at().timestamp())
        await door.tap(0, Action.OUT)
        await asyncio.sleep(HOUR)
        held = [d.held for _, d in await door.deliveries() if d.held]
        assert [h.code for h in held] == ["renamed"]
        assert "clockd people rename user000 ada.new" in held[0].because

    play(tmp_path, scene, "timer")


def test_what_is_booked_has_no_error(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.sim.front.faults.replace(parse_rules("fail-before:503@write*1"))
        await door.tap(0, Action.IN)
        await asyncio.sleep(HOUR)
        await ids(door, "in")
        (_, delivery), *_ = await door.deliveries()
        assert (delivery.state, delivery.last_error) == ("delivered", None)

    play(tmp_path, scene, "timer")


# --- the zone was wrong ---------------------------------------------------------------------------------------------


def test_what_was_recorded_under_another_zone_is_asked_about(tmp_path: Path) -> None:
    """The terminal was set up in UTC; the zone is corrected while a night's punches wait."""
    door = House(tmp_path, simulator(profile_named("strict"), employees=2), employees=2)
    door.delivery = "entries"

    async def whole() -> None:
        await door.start()
        reading = door.read_clock()
        assert await door.store.run(lambda db: dating.change_zone(db, ZoneInfo("UTC"), reading, send=False)) == 0
        door.link_down = True
        await door.tap(0)
        await asyncio.sleep(8 * HOUR)
        await door.tap(0)
        await door.store.run(lambda db: db.execute("UPDATE outbox SET offset_s = 0"))
        await door.kill()
        await door.start()
        held = [delivery.held for _, delivery in await door.deliveries() if delivery.held]
        assert [hold.code for hold in held] == ["zone", "zone"]
        assert "recorded as 05:00 in UTC, which is 20 Nov 06:00 in Europe/Vienna" in held[0].because
        door.link_down = False
        await door.repairs.retry(await ids(door, "in", "out"), "", "admin")
        await door.until_settled()
        assert spans(door) == [("20 06:00:00", "20 14:00:00")]
        await door.kill()

    in_virtual_time(whole)
