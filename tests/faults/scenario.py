"""What a recorded child does: the real store and the real terminal, from the first boot on.

    python -m tests.faults.scenario '{"folder": …, "taps": 12}'

Lines on stdout, each one `write` call, which the recorder orders among the calls to the disk:

    BEGIN <folder>       a run begins in this folder
    STATE <digest>       what the database says now
    SHOWN <n>            the n-th transaction of this run is acknowledged; for a tap, the signal to the person
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlite_utils import Database

from clockd.core import decide, feedback
from clockd.core.delivery import Now
from clockd.core.model import Employee, Reading, Tap, Uid
from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Policy, Send
from clockd.errors import NotRecorded
from clockd.flow.door import Door
from clockd.flow.terminal import Terminal
from clockd.store import badges, boots, deliveries, ledger, outbox, sends
from clockd.store.badges import Fingerprints
from clockd.store.thread import Store

T = TypeVar("T")
BEGIN_AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Vienna")
EMPLOYEES = 3
TABLES = ("meta", "boot", "anchor", "ledger", "outbox", "badge", "request")
SUCCESS = (feedback.Punched, feedback.UnknownBadge)
"""Screens that tell a person that the tap is kept."""


class Play(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One run of a terminal.

    Args:
        folder: the state directory.
        boot: number of the boot.
        taps: how many badges are held to the reader.
        moves: each tap is followed by the intent to send it and, every other time, by the tracker's answer.
        checkpoint_every: taps between two checkpoints; 0 for none.
        synchronous: see `Store`.
        journal: see `Store`.
        signal_first: a sabotage: the person is told before the commit.
        hard: the disk will fail: say what the store says of it after each tap, and go on.
    """

    folder: str
    boot: int = 1
    taps: int = 12
    moves: bool = True
    checkpoint_every: int = 4
    synchronous: str = "FULL"
    journal: str = "WAL"
    signal_first: bool = False
    hard: bool = False


def say(line: str) -> None:
    """Write a line with one call."""
    os.write(1, line.encode() + b"\n")


def digest(db: Database) -> str:
    """Return a fingerprint of everything the database says."""
    found = blake2b(digest_size=12)
    for table in TABLES:
        found.update(repr((table, db.execute(f"SELECT * FROM {table}").fetchall())).encode())
    return found.hexdigest()


class Player:
    """One run."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.folder = Path(play.folder)
        self.store = Store(self.folder / "clockd.db", synchronous=play.synchronous, journal=play.journal)
        self.now_s = 100_000.0 * play.boot
        self.shown = 0

    def reading(self) -> Reading:
        """A clock that is right, and moves by a minute with every look."""
        self.now_s += 61.0
        at = BEGIN_AT + timedelta(seconds=self.now_s)
        return Reading(at, self.now_s, f"00000000-0000-4000-8000-{self.play.boot:012}", self.play.boot, trusted=True)

    def now(self) -> Now:
        """A moment as the outbox wants it."""
        return Now.of(self.reading())

    async def run(self) -> None:
        """Do everything, from the pepper to the last close."""
        say(f"BEGIN {self.folder}")
        fingerprints = Fingerprints(badges.load_pepper(None, self.folder))
        await self.store.open()
        await self.state()
        now = self.now()
        await self.step(
            lambda db: boots.begin(db, f"00000000-0000-4000-8000-{self.play.boot:012}", now.wall_us, now.boottime_us)
        )
        await self.step(lambda db: ledger.terminal_tag(db, 77))
        for n in range(EMPLOYEES):
            employee = Employee(f"user{n:03}", f"Employee {n}")
            add = partial(badges.add, fingerprint=fingerprints.of(uid_of(n)), tail=uid_of(n).tail, employee=employee)
            await self.step(partial(add, now_us=now.wall_us))
        await self.step(lambda db: deliveries.after_a_crash(db, 1.0, self.now()))
        door = Door(
            "front-door", ZONE, decide.Rules(10, 50_000, 30), "timetrack", project_timers=True, account="timetrack"
        )
        terminal = Terminal(self.store, fingerprints, door, _nobody_knows, self.show, lambda: None)
        for n in range(self.play.taps):
            if self.play.signal_first:
                self.told()
                say("TAP SHOWN")
            await terminal.tapped(Tap(uid_of(n % (EMPLOYEES + 1)), "pcsc", self.reading()))
            await self.state()
            if self.play.moves and n % 2:
                await self.deliver(n)
            if self.play.checkpoint_every and n % self.play.checkpoint_every == self.play.checkpoint_every - 1:
                await self.checkpoint()
            if self.play.hard:
                say(f"FAULT {self.store.fault}")
        await self.store.close()

    async def deliver(self, n: int) -> None:
        """Intent, then (not every time) the answer."""
        name = f"user{n % EMPLOYEES:03}"
        now = self.now()
        items: list[Item] = await self.store.run(lambda db: outbox.items(db, name, outbox.ATTENDANCE, now))
        plan = plan_attendance(items, None, Policy(timer=True), now.boottime_us / 1e6)
        if not isinstance(plan, Send):
            return
        send = plan

        def intend(db: Database) -> None:
            deliveries.begin(db, send, items, outbox.ATTENDANCE, now)
            sends.begin(db, now.boot_seq, now.boottime_us)

        await self.step(intend)
        if n % 4 == 1:
            await self.step(lambda db: deliveries.after_a_crash(db, 1.0, now, name))

    async def checkpoint(self) -> None:
        """As the daemon does it when nobody is at the door."""
        try:
            await self.store.checkpoint()
        except NotRecorded as failure:
            say(f"CHECKPOINT FAILED {failure.message}")
            say(f"FAULT {self.store.fault}")

    async def step(self, work: Callable[[Database], T]) -> T:
        """Run a transaction and acknowledge it."""
        result = await self.store.run(work)
        self.told()
        await self.state()
        return result

    def show(self, screen: feedback.Screen, seq: int | None) -> None:
        """The panel."""
        if isinstance(screen, SUCCESS):
            if not self.play.signal_first:
                self.told()
                say("TAP SHOWN")
        else:
            say(f"FAILED {type(screen).__name__}")

    def told(self) -> None:
        """Acknowledge."""
        self.shown += 1
        say(f"SHOWN {self.shown}")

    async def state(self) -> None:
        """Tell what the database says."""
        if self.play.hard and self.store.fault:
            return
        say(f"STATE {await self.store.run(digest)}")


def uid_of(n: int) -> Uid:
    """The badge of the n-th employee; the one after the last is nobody's."""
    return Uid.of(bytes([4, 0xA2, 0, 0, 0, n // 256, n % 256]))


def _nobody_knows(username: str, last: object) -> None:
    return None


async def main() -> None:
    """Run what the command line says, one after the other."""
    for play in msgspec.convert([json.loads(text) for text in sys.argv[1:]], list[Play]):
        await Player(play).run()


if __name__ == "__main__":
    asyncio.run(main())
