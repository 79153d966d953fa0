"""The morning after a forgotten clock-out: the employee says at the keys when they left, or walks away."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.model import Action, KeyPress, Tap
from clockd.sim.timetrack.profile import profile_named
from clockd.store import ledger, view
from tests.flow.house import House, in_virtual_time, simulator, uid_of

HOUR = 3600.0
TUNE = {"+": Action.OUT, "-": Action.IN}


async def press(door: House, keys: str) -> feedback.Screen:
    """Play `+` and `-` for the keys out and in, `b` for the badge of the first employee, a second each."""
    for key in keys:
        await asyncio.sleep(1.5)
        if key == "b":
            await door.tap(0)
        else:
            door.terminal.pressed(KeyPress(TUNE[key], None, door.read_clock()))
    return door.screens[-1]


def morning(folder: Path, work: Callable[[House], Awaitable[None]], *, keys: bool = True) -> House:
    """Ada comes at 06:00 and forgets to clock out; at 06:00 the next day she comes again."""
    door = House(folder, simulator(profile_named("strict")))

    async def whole() -> None:
        await door.start()
        door.terminal.door = replace(door.terminal.door, asks=keys)
        await door.tap(0)
        await asyncio.sleep(24 * HOUR)
        shown = await door.tap(0)
        assert isinstance(shown, feedback.Punched)
        assert shown.missing_out_local is not None
        assert shown.asks is keys
        await work(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    assert door.sim.violations() == []
    return door


async def kinds(door: House) -> list[str]:
    return [kind for kind, _ in await door.deliveries()]


def test_the_answer_ends_yesterdays_entry_at_the_true_time(tmp_path: Path) -> None:
    story: list[ledger.LedgerRow] = []

    async def work(door: House) -> None:
        shown = await press(door, "b")
        assert isinstance(shown, feedback.AskLeft)
        assert (shown.hour, shown.minute, shown.chosen) == (None, None, False)
        shown = await press(door, "+" * 11)
        assert isinstance(shown, feedback.AskLeft)
        assert (shown.hour, shown.minute, shown.chosen) == (16, None, True)
        shown = await press(door, "b--")
        assert isinstance(shown, feedback.AskLeft)
        assert (shown.hour, shown.minute, shown.chosen) == (16, 50, True)
        shown = await press(door, "b")
        assert isinstance(shown, feedback.Told)
        assert shown.local == datetime(2026, 11, 20, 16, 50)
        story.extend(await door.store.run(lambda db: list(ledger.story_of(db, 3))))
        assert (await door.documents.summary())["missing_out"] == []
        await door.until_settled()

    door = morning(tmp_path, work)
    assert door.booked(0)[0] == ("user000", "20 06:00:00", "20 16:50:00")
    assert door.booked(0)[1][1] == "21 06:00:00"
    assert [row.what for row in story] == ["punch", "amend"]
    assert (story[0].body["kind"], story[0].body["reader"], story[1].body["by"]) == ("out", "keys", "employee")


@pytest.mark.parametrize("keys", ["b", "b++", "b++b", "b++b-"])
def test_whoever_walks_away_has_said_nothing(tmp_path: Path, keys: str) -> None:
    async def work(door: House) -> None:
        await press(door, keys)
        await asyncio.sleep(feedback.ANSWER_S + 1)
        assert await kinds(door) == ["in", "in"]
        missing = (await door.documents.summary())["missing_out"]
        assert isinstance(missing, list)
        assert len(missing) == 1
        await door.tap(0, Action.OUT)  # and the question is over: this is a clock-out of now
        assert await kinds(door) == ["in", "in", "out"]
        ((punch, _),) = await door.store.run(lambda db: [next(view.punches(db, 7))])
        assert punch.at == door.now_at()

    morning(tmp_path, work)


def test_who_comes_next_is_not_kept_waiting_and_their_key_is_theirs(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        await press(door, "b++b++")
        door.terminal.pressed(KeyPress(Action.OUT, None, door.read_clock()))  # Bob's finger
        await door.tap(1)
        shown = door.screens[-1]
        assert isinstance(shown, feedback.Punched)
        assert (shown.employee.username, shown.kind.value) == ("user001", "out")
        await asyncio.sleep(15)
        assert await kinds(door) == ["in", "in", "out"]
        await press(door, "+")
        assert isinstance(door.screens[-1], feedback.KeyArmed)

    morning(tmp_path, work)


def test_a_badge_left_on_the_reader_answers_nothing(tmp_path: Path) -> None:
    """A reader that cannot tell presence says the same badge over and over."""

    async def work(door: House) -> None:
        await press(door, "b")
        for n in range(60):
            await asyncio.sleep(0.4)
            assert isinstance(await door.tap(0), feedback.AskLeft)
            if n % 5 == 0:
                door.terminal.pressed(KeyPress(Action.OUT, None, door.read_clock()))
        assert await kinds(door) == ["in", "in"]

    morning(tmp_path, work)


def test_without_keys_nobody_is_asked(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        assert isinstance(await press(door, "b"), feedback.AlreadyRecorded)

    morning(tmp_path, work, keys=False)


def test_another_key_ends_the_question(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        await press(door, "b++")
        await asyncio.sleep(1.5)
        assert isinstance(await door.tap(0, Action.INFO), feedback.Info)
        assert await kinds(door) == ["in", "in"]

    morning(tmp_path, work)


def test_a_wrong_direction_is_corrected_by_a_key_as_ever(tmp_path: Path) -> None:
    """A shift longer than a shift: they meant out, and say so before anybody asked."""

    async def work(door: House) -> None:
        await asyncio.sleep(3)
        shown = await door.tap(0, Action.OUT)
        assert isinstance(shown, feedback.Punched)
        assert shown.kind.value == "out"

    morning(tmp_path, work)


def test_the_office_was_quicker(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        await press(door, "b+b+")
        first = (await door.store.run(lambda db: list(view.punches(db, 7))))[-1][0]
        at = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
        await door.repairs.add_out(first.id, at, "saw them leave", "admin")
        assert isinstance(await press(door, "b"), feedback.TooLate)
        await door.until_settled()
        outs = [p.at for p, _ in await door.store.run(lambda db: list(view.punches(db, 7))) if p.reader == "keys"]
        assert outs == []

    door = morning(tmp_path, work)
    assert door.booked(0)[0] == ("user000", "20 06:00:00", "20 16:00:00")


def test_a_shift_whose_begin_is_not_known_is_not_asked_about(tmp_path: Path) -> None:
    """Its end could not be told from its begin; a person at the office sees the bounds."""

    async def day() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        door.terminal.door = replace(door.terminal.door, asks=True)
        true_clock = door.read_clock
        wrong = replace(true_clock(), trusted=False, wall_at=true_clock().wall_at - timedelta(days=3))
        await door.terminal.tapped(Tap(uid_of(0), "pcsc", wrong))
        await asyncio.sleep(24 * HOUR)
        shown = await door.tap(0)
        assert isinstance(shown, feedback.Punched)
        assert not shown.asks
        await door.kill()

    in_virtual_time(day)
