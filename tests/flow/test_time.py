"""Punches of a clock that was not set: corrected in the same boot, held with bounds after it, never sent as exact."""

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from clockd.core.model import Bounds, ClockQuality, Reading, Tap
from clockd.core.timebase import Anchor, began_at
from clockd.errors import Refused
from clockd.flow.timekeeper import Timekeeper
from clockd.sim.timetrack.profile import profile_named
from clockd.store import boots, ledger, view
from tests.flow.house import BEGIN_AT, House, in_virtual_time, simulator, uid_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Machine:
    """A Raspberry Pi without a battery clock, in the house's true time."""

    door: House
    wrong_by: timedelta = BEGIN_AT - EPOCH
    """How far its wall clock is behind the truth."""
    synced: bool = False
    booted_at_s: float = 0.0

    def read_clock(self) -> Reading:
        now_at = self.door.now_at()
        boottime_s = asyncio.get_running_loop().time() - self.booted_at_s
        wall_at = now_at if self.synced else now_at - self.wrong_by
        return Reading(wall_at, boottime_s, f"boot-{self.door.boot_seq}", self.door.boot_seq, trusted=self.synced)

    def keeper(self, **sabotage: bool) -> Timekeeper:
        return Timekeeper(self.door.store, self.door.terminal.door, self.read_clock, self.door.sync.wake, **sabotage)

    async def boot(self, saved_at: datetime | None = None, *, from_battery: bool = False) -> Timekeeper:
        self.synced = False
        self.booted_at_s = asyncio.get_running_loop().time()
        self.door.boot_seq += 1
        reading = self.read_clock()
        begin = partial(
            boots.begin,
            boot_id=reading.boot_id,
            wall_us=ledger.to_us(reading.wall_at),
            boottime_us=round(reading.boottime_s * 1e6),
            saved_us=None if saved_at is None else ledger.to_us(saved_at),
            from_battery=from_battery,
        )
        seq = await self.door.store.run(begin)
        assert seq == self.door.boot_seq
        keeper = self.keeper()
        await keeper.open()
        return keeper

    async def sync(self, keeper: Timekeeper) -> None:
        self.synced = True
        reading = self.read_clock()
        await keeper.anchored(Anchor(reading.boot_id, reading.boot_seq, reading.boottime_s, reading.wall_at, 0.01))

    async def tap(self, n: int) -> None:
        await self.door.terminal.tapped(Tap(uid_of(n), "pcsc", self.read_clock()))


def new_door(folder: Path) -> House:
    return House(folder, simulator(profile_named("strict")))


def test_taps_before_time_arrives_are_booked_at_the_true_time(tmp_path: Path) -> None:
    async def day() -> None:
        door = new_door(tmp_path)
        await door.start()
        machine = Machine(door)
        keeper = await machine.boot()
        for n in range(3):
            await asyncio.sleep(60)
            await machine.tap(n)
        await asyncio.sleep(600)
        assert [r for _, r, _ in door.requests if r.writes] == []
        assert await door.states() == {"waiting": 3}
        await machine.sync(keeper)
        await door.until_settled()
        assert [row[1] for row in door.booked()] == ["20 06:01:00", "20 06:02:00", "20 06:03:00"]
        found = await door.store.run(lambda db: list(view.punches(db, 7)))
        assert {punch.clock for punch, _ in found} == {ClockQuality.CORRECTED}
        assert all(punch.reading.wall_at < EPOCH + timedelta(days=1) for punch, _ in found)
        await door.kill()

    in_virtual_time(day)


def test_booted_twice_without_time_is_held_within_true_bounds(tmp_path: Path) -> None:
    async def day() -> None:
        door = new_door(tmp_path)
        await door.start()
        machine = Machine(door)
        keeper = await machine.boot()
        await machine.sync(keeper)
        await asyncio.sleep(600)
        await machine.boot()
        await asyncio.sleep(120)
        await machine.tap(0)
        truth_at = door.now_at()
        await asyncio.sleep(900)
        keeper = await machine.boot()
        assert await door.states() == {"held": 1}
        await asyncio.sleep(300)
        await machine.sync(keeper)
        await asyncio.sleep(600)
        ((punch, delivery),) = await door.store.run(lambda db: list(view.punches(db, 7)))
        assert delivery.held is not None
        assert delivery.held.code == "uncertain"
        assert punch.bounds is not None
        assert punch.bounds.earliest_at is not None
        assert punch.bounds.latest_at is not None
        assert punch.bounds.earliest_at <= truth_at <= punch.bounds.latest_at
        assert [r for _, r, _ in door.requests if r.writes] == []
        await door.repairs.amend(punch.id, truth_at, None, "asked them", "admin")
        rows = await door.store.run(lambda db: list(ledger.story_of(db, punch.seq)))
        said = {"by": "admin", "why": "asked them", "at_us": ledger.to_us(truth_at), "offset_s": 3600}
        assert [(row.what, dict(row.body)) for row in rows[1:]] == [("amend", said)]
        await door.until_settled()
        assert len(door.booked()) == 1
        await door.kill()

    in_virtual_time(day)


async def bounds_of_the_last_tap(door: House) -> Bounds:
    ((punch, _),) = await door.store.run(lambda db: [next(view.punches(db, 7))])
    assert punch.bounds is not None
    return punch.bounds


@pytest.mark.parametrize("saved", [True, False])
def test_what_was_saved_narrows_the_bounds(tmp_path: Path, saved: bool) -> None:
    """Hours after its last sign of life the boot before still saved the time; the control has nothing saved."""

    async def day() -> None:
        door = new_door(tmp_path)
        await door.start()
        machine = Machine(door)
        await machine.sync(await machine.boot())
        await asyncio.sleep(5 * 3600)
        saved_at = door.now_at()
        await asyncio.sleep(300)
        await machine.boot(saved_at if saved else None)
        await asyncio.sleep(60)
        await machine.tap(0)
        truth_at = door.now_at()
        await machine.boot()
        earliest_at = (await bounds_of_the_last_tap(door)).earliest_at
        assert earliest_at is not None
        assert earliest_at <= truth_at
        assert (truth_at - earliest_at < timedelta(minutes=7)) is saved
        await door.kill()

    in_virtual_time(day)


@pytest.mark.parametrize("noted", [True, False])
def test_what_a_clock_saved_that_ran_ahead_bounds_nothing(tmp_path: Path, noted: bool) -> None:
    """Somebody set the clock ahead, and that was saved. The control misses the step and believes it."""

    async def day() -> None:
        door = new_door(tmp_path)
        await door.start()
        machine = Machine(door)
        keeper = await machine.boot()
        await machine.sync(keeper)
        reading = machine.read_clock()
        if noted:
            await keeper.stepped(began_at(reading.wall_at + timedelta(hours=5), reading.boottime_s))
        await asyncio.sleep(300)
        await machine.boot(door.now_at() + timedelta(hours=5))
        await machine.tap(0)
        truth_at = door.now_at()
        await machine.boot()
        earliest_at = (await bounds_of_the_last_tap(door)).earliest_at
        assert earliest_at is not None
        assert (earliest_at <= truth_at) is noted
        await door.kill()

    in_virtual_time(day)


@pytest.mark.parametrize("set_by_hand", [False, True])
def test_a_battery_clock_is_proposed_and_nothing_more(tmp_path: Path, set_by_hand: bool) -> None:
    """What it says is held like everything else, until a person accepts it; after a step it is not its word."""

    async def day() -> None:
        door = new_door(tmp_path)
        await door.start()
        machine = Machine(door, wrong_by=timedelta(seconds=40))
        keeper = await machine.boot(from_battery=True)
        if set_by_hand:
            machine.wrong_by = timedelta(hours=2)
            reading = machine.read_clock()
            await keeper.stepped(began_at(reading.wall_at, reading.boottime_s))
        await machine.tap(0)
        said_at = machine.read_clock().wall_at
        await machine.boot()
        ((punch, delivery),) = await door.store.run(lambda db: list(view.punches(db, 7)))
        assert delivery.state == "held"
        if set_by_hand:
            with pytest.raises(Refused, match="no time is proposed"):
                await door.repairs.accept(punch.id, None, "", "admin")
        else:
            await door.repairs.accept(punch.id, None, "", "admin")
            ((punch, delivery),) = await door.store.run(lambda db: list(view.punches(db, 7)))
            assert (punch.at, delivery.state) == (said_at, "waiting")
        await door.kill()

    in_virtual_time(day)


def test_one_punch_dated_by_a_person_proposes_a_time_for_the_others_of_its_boot(tmp_path: Path) -> None:
    async def day() -> None:
        door = new_door(tmp_path)
        await door.start()
        machine = Machine(door)
        await machine.boot()
        truth_at = []
        for n in range(3):
            await asyncio.sleep(600)
            await machine.tap(n)
            truth_at.append(door.now_at())
        await machine.boot()
        last, _, first = [punch for punch, _ in await door.store.run(lambda db: list(view.punches(db, 7)))]
        with pytest.raises(Refused, match="no time is proposed"):
            await door.repairs.accept(first.id, None, "", "admin")
        await door.repairs.amend(last.id, truth_at[2], None, "saw them", "admin")
        assert await door.states() == {"held": 2, "waiting": 1}
        await door.repairs.accept(first.id, None, "", "admin")
        dated = [punch.at for punch, _ in await door.store.run(lambda db: list(view.punches(db, 7)))]
        assert (dated[2], dated[0]) == (truth_at[0], truth_at[2])
        await door.kill()

    in_virtual_time(day)


@pytest.mark.parametrize(
    ("lives", "sabotage"), [(4, False), (4, True), pytest.param(500, False, marks=pytest.mark.soak)]
)
def test_random_boots_never_send_an_uncertain_time(tmp_path: Path, lives: int, sabotage: bool) -> None:
    """With the sabotage the saved clock is believed, and wrong times reach the tracker."""
    wrong: list[str] = []

    async def days(seed: int, folder: Path) -> None:
        rng = random.Random(seed)
        door = new_door(folder)
        await door.start()
        machine = Machine(door)
        true_at: dict[str, datetime] = {}
        saved_at = None
        for _ in range(6):
            machine.wrong_by = timedelta(seconds=rng.choice([3600, 86400, 5e8, -1e6]))
            keeper = await machine.boot(saved_at)
            keeper.trust_saved = sabotage
            await keeper.open()
            for _ in range(rng.randrange(1, 5)):
                await asyncio.sleep(rng.uniform(20, 4000))
                if rng.random() < 0.25:
                    await machine.sync(keeper)
                n = rng.randrange(3)
                before = door.now_at()
                await machine.tap(n)
                ((punch, _),) = await door.store.run(lambda db: [next(view.punches(db, 7))])
                true_at[punch.id] = before
            await asyncio.sleep(rng.uniform(20, 4000))
            saved_at = machine.read_clock().wall_at if rng.random() < 0.7 else None
            await asyncio.sleep(rng.uniform(0, 600))
        await machine.sync(keeper)
        await asyncio.sleep(3600)
        for punch, delivery in await door.store.run(lambda db: list(view.punches(db, 7))):
            truth = true_at[punch.id]
            if delivery.state == "delivered" and abs(punch.at - truth) > timedelta(seconds=0.05):
                wrong.append(f"{punch.id} sent {punch.at}, truly {truth}")
            if punch.bounds is not None:
                early, late = punch.bounds.earliest_at, punch.bounds.latest_at
                assert early is None or early <= truth, (seed, early, truth)
                assert late is None or truth <= late, (seed, truth, late)
        seqs = [punch.seq for punch, _ in await door.store.run(lambda db: list(view.punches(db, 7)))]
        assert seqs == sorted(seqs, reverse=True)
        await door.kill()

    for seed in range(lives):
        folder = tmp_path / str(seed)
        folder.mkdir()
        in_virtual_time(lambda seed=seed, folder=folder: days(seed, folder))  # type: ignore[misc]
    assert bool(wrong) is sabotage, wrong
