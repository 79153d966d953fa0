"""Nights in which the clocks are changed: what the tracker is told, and what payroll is."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import VIENNA, House, in_virtual_time, simulator

AUTUMN = datetime(2027, 10, 30, 22, 0)
SPRING = datetime(2027, 3, 27, 22, 0)
NOTES = {AUTUMN: "DST +60 min: true duration 540 min", SPRING: "DST -60 min: true duration 420 min"}


async def until(door: House, local: datetime, fold: int = 0) -> None:
    """Let time pass until the wall clock shows this."""
    await asyncio.sleep((local.replace(tzinfo=VIENNA, fold=fold) - door.now_at()).total_seconds())


def night(
    folder: Path, begin: datetime, work: Callable[[House], Awaitable[None]], *, timer: bool = True, twice: bool = False
) -> House:
    """Play a night that begins with the line down."""
    begin_at = begin.replace(tzinfo=VIENNA).astimezone(UTC)
    sim = simulator(profile_named("strict"))
    door = House(folder, sim, delivery="timer" if timer else "entries", online=False, begin_at=begin_at)

    async def whole() -> None:
        await door.start()
        await work(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    # to the tracker two rows with the same texts look doubled
    assert len(door.sim.violations()) == twice, door.sim.violations()
    return door


@pytest.mark.parametrize("begin", [AUTUMN, SPRING])
@pytest.mark.parametrize("live", [True, False])
def test_a_night_shift_is_booked_with_its_true_minutes_in_a_note_and_listed(
    tmp_path: Path, begin: datetime, live: bool
) -> None:
    """Live it is a timer that is ended by its id, since a stop has no room for a note; late it is one entry."""
    listed: list[object] = []

    async def work(door: House) -> None:
        if live:
            door.go_online()
        await door.tap(0)
        await until(door, begin.replace(day=begin.day + 1, hour=6))
        await door.tap(0)
        if not live:
            door.go_online()
        await door.until_settled()
        found = (await door.documents.summary())["clock_changes"]
        assert isinstance(found, list)
        listed.extend(found)

    door = night(tmp_path, begin, work)
    (row,) = door.sim.rows(None)
    assert (row.from_local, row.to_local) == (begin, begin.replace(day=begin.day + 1, hour=6))
    assert row.notes == NOTES[begin]
    true = 540 if begin is AUTUMN else 420
    assert [(change["wall_minutes"], change["true_minutes"]) for change in listed] == [(480, true)]  # type: ignore[index]


def test_an_end_that_is_not_after_its_begin_on_the_wall_is_held_with_a_proposal(tmp_path: Path) -> None:
    because: list[str] = []

    async def work(door: House) -> None:
        await until(door, datetime(2027, 10, 31, 2, 50))
        await door.tap(0)
        await until(door, datetime(2027, 10, 31, 2, 10), fold=1)
        await door.tap(0)
        door.go_online()
        await door.until_settled()
        because.extend(delivery.held.because for _, delivery in await door.deliveries() if delivery.held)

    door = night(tmp_path, AUTUMN, work)
    assert door.booked() == []
    assert len(because) == 2
    assert all("20 min were worked" in text and "Proposal: enter 02:50–03:10" in text for text in because), because


def test_texts_that_coincide_an_hour_apart_are_two_intervals(tmp_path: Path) -> None:
    """02:10–02:20 twice in one night: the second is no repetition of the first, and the first no proof of it."""
    entries: list[tuple[str, ...]] = []

    async def work(door: House) -> None:
        for fold in (0, 1):
            await until(door, datetime(2027, 10, 31, 2, 10), fold=fold)
            await door.tap(0)
            await until(door, datetime(2027, 10, 31, 2, 20), fold=fold)
            await door.tap(0)
        door.go_online()
        await door.until_settled()
        entries.extend(delivery.entry_ids for _, delivery in await door.deliveries())

    door = night(tmp_path, AUTUMN, work, timer=False, twice=True)
    assert door.booked() == [("user000", "31 02:10:00", "31 02:20:00")] * 2
    assert entries[0] == entries[1] != entries[2] == entries[3]
