"""Readers that stand for a direction, PINs, what could not be read, and what opens the door; on a running house."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clockd.core import feedback
from clockd.core.model import Action, KeyPress, Kind, Pin, Tap, Uid, Unread
from clockd.core.notices import NoticeLaw
from clockd.flow.badge_desk import Enrolment
from clockd.flow.devices import DeviceHealth
from clockd.flow.misreads import ADVICE, GRACE_S, Misreads
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import House, in_virtual_time, simulator, uid_of


def with_a_house(folder: Path, day: Callable[[House], Awaitable[None]]) -> None:
    async def whole() -> None:
        door = House(folder, simulator(profile_named("strict")))
        await door.start()
        await day(door)
        await door.kill()

    in_virtual_time(whole)


async def at(door: House, n: int, direction: Kind) -> feedback.Screen:
    """The n-th employee taps at a reader that stands for a direction."""
    await door.terminal.tapped(Tap(uid_of(n), "serial", door.read_clock(), direction))
    return door.screens[-1]


def test_a_reader_that_stands_for_a_direction(tmp_path: Path) -> None:
    async def day(door: House) -> None:
        kinds = []
        for direction in (Kind.IN, Kind.OUT, Kind.IN, Kind.IN, Kind.OUT):
            screen = await at(door, 0, direction)
            assert isinstance(screen, feedback.Punched)
            kinds.append((screen.kind, screen.missing_out_local is not None))
            await asyncio.sleep(3600)
        told = [(Kind.IN, False), (Kind.OUT, False), (Kind.IN, False), (Kind.IN, True), (Kind.OUT, False)]
        assert kinds == told

    with_a_house(tmp_path, day)


def test_a_key_wins_over_the_reader_and_the_way_in_ends_a_break(tmp_path: Path) -> None:
    async def day(door: House) -> None:
        await at(door, 0, Kind.IN)
        await asyncio.sleep(60)
        door.terminal.pressed(_press(door, Action.BREAK))
        await at(door, 0, Kind.OUT)
        assert _kind(door) is Kind.BREAK
        await asyncio.sleep(600)
        await at(door, 0, Kind.IN)
        assert _kind(door) is Kind.RESUME
        await asyncio.sleep(1)
        assert isinstance(await at(door, 0, Kind.IN), feedback.AlreadyRecorded)
        await asyncio.sleep(3)
        await at(door, 0, Kind.OUT)  # the other reader a moment later means what it says
        assert _kind(door) is Kind.OUT

    with_a_house(tmp_path, day)


def _press(door: House, action: Action) -> KeyPress:
    return KeyPress(action, None, door.read_clock())


def _kind(door: House) -> Kind:
    screen = door.screens[-1]
    assert isinstance(screen, feedback.Punched)
    return screen.kind


async def type_pin(door: House, digits: str) -> feedback.Screen:
    await door.terminal.tapped(Tap(Pin(digits), "keyboard", door.read_clock()))
    return door.screens[-1]


def test_a_pin_is_a_punch_and_a_wrong_one_is_nothing(tmp_path: Path) -> None:
    async def day(door: House) -> None:
        await door.badge_desk.give(Enrolment("739164", "user000", pin=True), "admin")
        assert isinstance(await type_pin(door, "739164"), feedback.Punched)
        await asyncio.sleep(1)
        assert isinstance(await door.tap(0), feedback.AlreadyRecorded), "PIN and badge are one person"
        before = (await door.documents.summary())["punches"]
        for n in range(4):
            assert isinstance(await type_pin(door, f"12340{n}"), feedback.WrongPin)
        screen = await type_pin(door, "123404")
        assert isinstance(screen, feedback.PinLocked)
        assert isinstance(await type_pin(door, "739164"), feedback.PinLocked), "the right one neither"
        assert (await door.documents.summary())["punches"] == before, "a wrong PIN leaves nothing"
        await asyncio.sleep(screen.wait_s + 1)
        assert isinstance(await type_pin(door, "739164"), feedback.Punched)
        await asyncio.sleep(60)
        assert isinstance(await door.tap(0), feedback.Punched), "a badge is always taken"

    with_a_house(tmp_path, day)


def test_a_pin_that_is_typed_while_a_badge_is_enrolled_is_a_punch(tmp_path: Path) -> None:
    async def day(door: House) -> None:
        await door.badge_desk.give(Enrolment("739164", "user000", pin=True), "admin")
        enrolling = asyncio.create_task(door.terminal.next_badge("Bob", 20))
        await asyncio.sleep(1)
        assert isinstance(await type_pin(door, "739164"), feedback.Punched)
        await door.terminal.tapped(Tap(Uid.parse("04CC0000000001"), "pcsc", door.read_clock()))
        assert (await enrolling).tail == "0001"

    with_a_house(tmp_path, day)


def test_only_what_is_recorded_opens(tmp_path: Path) -> None:
    async def day(door: House) -> None:
        opened: list[feedback.Screen] = []
        door.terminal.unlock = lambda screen: opened.extend([screen] if feedback.opens(screen) else [])
        await door.tap(0)
        await asyncio.sleep(1)
        await door.tap(0)
        await door.tap(0, Action.INFO)
        await door.terminal.tapped(Tap(Uid.parse("04CC0000000001"), "pcsc", door.read_clock()))
        await type_pin(door, "4711")
        await asyncio.sleep(60)
        await door.tap(0)
        assert [type(screen) for screen in opened] == [feedback.Punched, feedback.AlreadyRecorded, feedback.Punched]

    with_a_house(tmp_path, day)


def test_what_cannot_be_read_is_counted_logged_once_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def day(door: House) -> None:
        shown: list[feedback.Screen] = []
        misreads = Misreads(lambda screen, seq: shown.append(screen), door.read_clock)
        reader = DeviceHealth("serial", "reader serial")
        for _ in range(3):
            misreads.unread(reader, Unread.CHECKSUM)
            await asyncio.sleep(60)
        misreads.unread(reader, Unread.TORN)
        await asyncio.sleep(60)
        assert shown == [feedback.NotReadable()] * 4
        assert {reason: found.count for reason, found in reader.unread.items()} == {Unread.CHECKSUM: 3, Unread.TORN: 1}
        assert len([r for r in caplog.records if "could not be read" in r.message]) == 2

    with_a_house(tmp_path, day)


def test_a_badge_that_is_read_with_the_next_try_is_no_trouble_of_the_person(tmp_path: Path) -> None:
    async def day(door: House) -> None:
        shown: list[feedback.Screen] = []
        misreads = Misreads(lambda screen, seq: shown.append(screen), door.read_clock)
        reader = DeviceHealth("nfc", "reader nfc")
        misreads.unread(reader, Unread.GARBLED)
        await asyncio.sleep(GRACE_S / 2)
        misreads.read(reader, Tap(uid_of(0), "nfc", door.read_clock()))
        await asyncio.sleep(0.5)
        misreads.unread(reader, Unread.GARBLED)  # on its way out of the field
        await asyncio.sleep(10)
        assert shown == []
        assert reader.unread[Unread.GARBLED].count == 2

    with_a_house(tmp_path, day)


def test_every_reason_has_its_advice() -> None:
    assert set(ADVICE) == set(Unread)


def test_the_info_screen_says_when_a_legal_break_was_short_or_late(tmp_path: Path) -> None:
    async def day(door: House) -> None:
        await at(door, 0, Kind.IN)
        await asyncio.sleep(7 * 3600)
        assert await _short(door) is None, "the control: no law, nothing is said"
        door.terminal.door = replace(door.terminal.door, notices=NoticeLaw.DE)
        assert await _short(door) == ("break", "ArbZG § 4", 0)
        await door.tap(0, Action.BREAK)
        await asyncio.sleep(1800)
        await door.tap(0, Action.RESUME)
        await asyncio.sleep(60)
        assert await _short(door) == ("unbroken", "ArbZG § 4", 7 * 3600 + 2)
        await at(door, 0, Kind.OUT)
        await asyncio.sleep(2 * 86400)
        assert await _short(door) is None, "of the day before yesterday nobody wants to hear"

    with_a_house(tmp_path, day)


async def _short(door: House) -> tuple[str, str, int] | None:
    await asyncio.sleep(1)
    screen = await door.tap(0, Action.INFO)
    assert isinstance(screen, feedback.Info)
    return None if screen.short is None else (screen.short.way.value, screen.short.law, screen.short.had_s)
