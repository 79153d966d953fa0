"""The watch: when a clock is trusted, and what happens to that trust when somebody sets it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from clockd.core.model import Reading
from clockd.core.timebase import Anchor, Exact, judge
from clockd.host.clocks import ClockLook, Clocks
from clockd.host.timesource import Always, Source, SyncState
from clockd.host.timewatch import Anchored, ClockChange, Stepped, TimeWatch

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATE = 30
"""Seconds after which a test gives up; none of them waits for it."""


@dataclass
class Machine:
    """Clocks that only a test moves. True time is NOON + boottime."""

    boottime_s: float = 100.0
    off_s: float = -56 * 365 * 86400.0

    def look(self) -> ClockLook:
        return ClockLook(self.true_at + timedelta(seconds=self.off_s), self.boottime_s)

    @property
    def true_at(self) -> datetime:
        return NOON + timedelta(seconds=self.boottime_s)


@dataclass
class Service:
    """A time service that speaks when a test lets it."""

    synchronized: bool = False
    asked: int = 0
    question: asyncio.Event = field(default_factory=asyncio.Event)
    during: Callable[[], None] = field(default=lambda: None)

    async def ask(self, since_s: float, now: ClockLook) -> SyncState | None:
        self.asked += 1
        self.question.set()
        self.during()
        return SyncState(self.synchronized, "a test", 0.1 if self.synchronized else None)


@dataclass
class Running:
    """A watch that runs, and what it has told."""

    watch: TimeWatch
    told: asyncio.Queue[ClockChange]

    async def next(self) -> ClockChange:
        async with asyncio.timeout(LATE):
            return await self.told.get()

    async def anchored(self) -> Anchor:
        change = await self.next()
        assert isinstance(change, Anchored)
        return change.anchor

    async def next_anchor(self) -> Anchor:
        """Wait for an anchor, over any steps."""
        while True:
            if isinstance(change := await self.next(), Anchored):
                return change.anchor

    def all_told(self) -> list[ClockChange]:
        return [self.told.get_nowait() for _ in range(self.told.qsize())]

    async def stepped_s(self) -> float:
        change = await self.next()
        assert isinstance(change, Stepped)
        return change.step.size_s


@asynccontextmanager
async def running(machine: Machine, service: Source, *, known: tuple[Anchor, ...] = ()) -> AsyncIterator[Running]:
    watch = TimeWatch((service,), "boot-1", 1, known=known, look=machine.look, unknown_poll_s=0.005, known_poll_s=0.005)
    told: asyncio.Queue[ClockChange] = asyncio.Queue()
    task = asyncio.create_task(watch.run(told.put))
    try:
        yield Running(watch, told)
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def asked_again(service: Service) -> None:
    """Wait until the watch has asked twice more, so that the first question saw everything before this call."""
    async with asyncio.timeout(LATE):
        for _ in range(2):
            service.question.clear()
            await service.question.wait()


async def test_time_arrives_and_the_boot_is_anchored_once() -> None:
    machine, service = Machine(), Service()
    async with running(machine, service) as run:
        await asked_again(service)
        assert not run.watch.trusted()
        assert run.told.empty()
        machine.boottime_s, machine.off_s, service.synchronized = 160.0, 0.0, True
        assert await run.stepped_s() == pytest.approx(56 * 365 * 86400)
        anchor = await run.anchored()
        assert (anchor.boot_id, anchor.boottime_s, anchor.wall_at) == ("boot-1", 160.0, machine.true_at)
        assert anchor.max_error_s == 0.1
        assert run.watch.trusted()
        assert run.watch.sync == SyncState(True, "a test", 0.1)
        asked = service.asked
        for _ in range(20):
            machine.boottime_s += 3600
            await asyncio.sleep(0)
            assert run.watch.trusted()
        await asyncio.sleep(0.05)
        assert service.asked == asked  # nobody is asked any more
        assert run.told.empty()


async def test_a_hand_that_sets_the_clock_ends_trust_before_anybody_could_notice() -> None:
    machine, service = Machine(off_s=0.0), Service(synchronized=True)
    async with running(machine, service) as run:
        await run.anchored()
        service.synchronized = False
        machine.off_s = 3600.0
        assert not run.watch.trusted()  # the watch has had no turn yet
        assert await run.stepped_s() == pytest.approx(3600)
        await asked_again(service)
        assert not run.watch.trusted()
        machine.off_s = 0.0  # and the time service sets it right
        assert run.watch.trusted()
        assert await run.stepped_s() == pytest.approx(-3600)
        assert run.told.empty()  # the old anchor still holds


async def test_a_time_service_that_sets_a_drifted_clock_makes_a_new_anchor() -> None:
    machine, service = Machine(off_s=0.0), Service(synchronized=True)
    async with running(machine, service) as run:
        await run.anchored()
        machine.boottime_s, machine.off_s = 260_000.0, 13.0
        await run.stepped_s()
        assert (await run.anchored()).wall_at == machine.look().wall_at
        assert run.watch.trusted()


async def test_a_clock_that_is_set_during_the_question_is_asked_about_again() -> None:
    machine, service = Machine(), Service(synchronized=True)
    moves = iter([-1000.0, 5.0, 0.0])

    def move() -> None:
        machine.off_s = next(moves, 0.0)

    service.during = move
    async with running(machine, service) as run:
        assert (await run.next_anchor()).wall_at == machine.true_at


async def test_after_a_restart_the_anchor_of_this_boot_holds() -> None:
    machine, service = Machine(off_s=0.0), Service()
    known = Anchor("boot-1", 1, 40.0, NOON + timedelta(seconds=40), 0.5)
    async with running(machine, service, known=(known,)) as run:
        await asyncio.sleep(0.05)
        assert run.watch.trusted()
        assert service.asked == 0


@pytest.mark.parametrize("boot_id", ["boot-1", "boot-0"])
async def test_after_a_restart_a_clock_that_was_set_meanwhile_or_another_boot_is_not_believed(boot_id: str) -> None:
    machine, service = Machine(off_s=60.0 if boot_id == "boot-1" else 0.0), Service()
    known = Anchor(boot_id, 1, 40.0, NOON + timedelta(seconds=40), 0.5)
    async with running(machine, service, known=(known,)) as run:
        await asked_again(service)
        assert not run.watch.trusted()


async def test_an_admin_who_vouches_for_the_clock_is_believed_through_every_step() -> None:
    machine = Machine(off_s=0.0)
    async with running(machine, Always()) as run:
        await run.anchored()
        machine.off_s = 7200.0
        await run.stepped_s()
        await run.anchored()
        assert run.watch.trusted()


async def test_taps_on_a_machine_whose_clock_jumps_about_are_all_dated_right() -> None:
    """Hands set the clock before each tap; the time service comes by now and then. Control: the raw wall clock."""
    machine, service, random = Machine(), Service(), Random(11)
    taps: list[tuple[datetime, Reading]] = []
    anchors: list[Anchor] = []
    async with running(machine, service) as run:
        clocks = Clocks("boot-1", 1, run.watch.trusted, machine.look)
        for n in range(1_000):
            machine.boottime_s += random.choice([0.01, 5.0, 3600.0])
            machine.off_s, service.synchronized = random.uniform(-56, 10) * 365 * 86400, False
            taps.append((machine.true_at, clocks.read()))
            if n % 50 == 49:
                machine.off_s, service.synchronized = 0.0, True
                if not anchors:
                    anchors.append(await run.next_anchor())
                taps.append((machine.true_at, clocks.read()))
    # the clock that it is set to is always the same one, so there is one anchor
    assert not [change for change in run.all_told() if isinstance(change, Anchored)]
    assert sum(reading.trusted for _, reading in taps) == 20
    for true_at, reading in taps:
        judged = judge(reading, anchors)
        assert isinstance(judged, Exact)
        assert abs((judged.at - true_at).total_seconds()) <= 0.05
    assert sum(abs((reading.wall_at - true_at).total_seconds()) > 0.05 for true_at, reading in taps) > 900
