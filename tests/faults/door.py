"""One life of a door that may be killed at any moment: the daemon's own parts, real sockets, real taps.

    python -m tests.faults.door '{"config": "…/clockd.toml", "taps": [0, 0, 1]}'

Each success signal is a line on stdout, written with one call: `TOLD <seq> <username> <kind> <local time>`. The life
ends well when everything is settled, or at the latest after `longest_s`.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import msgspec
from sqlite_utils import Database

from clockd import config
from clockd.core import feedback
from clockd.core.delivery import Now
from clockd.core.model import Employee, Reading, Tap, Uid
from clockd.core.planning.pairing import Running, intervals
from clockd.core.planning.plan import Policy
from clockd.core.wire import Exchange, Request
from clockd.daemon.booking import Booking, Known, open_booking
from clockd.daemon.opening import Core, open_core, open_terminal
from clockd.flow.line import Line
from clockd.store import badges, outbox, sends

OPEN = ("waiting", "sending", "doubtful")


class Life(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a life is to do.

    Args:
        config: path of the configuration.
        employees: how many have badges.
        taps: who taps, one after the other.
        settle_between: wait for the tracker after each tap, so that timers are started and stopped (where there are
            any); else whole intervals are sent after the last tap.
        first_minute: place of the first tap in the day that is acted.
        longest_s: when to give up waiting.
        late_intent: a sabotage: a request is noted on disk after it was sent.
        blind: a sabotage: doubtful requests are repeated without a look.
    """

    config: str
    employees: int = 8
    taps: tuple[int, ...] = ()
    settle_between: bool = False
    first_minute: int = 0
    longest_s: float = 30.0
    late_intent: bool = False
    blind: bool = False


class LateLine(Line):
    """A line that sends first and notes afterwards."""

    async def exchange(self, request: Request, before: Callable[[Database], None] | None = None) -> Exchange:
        result = await self.transport(request)
        reading = self.read_clock()

        def note(db: Database) -> None:
            if before is not None:
                before(db)
            sends.begin(db, reading.boot_seq, round(reading.boottime_s * 1e6))

        await self.store.run(note)
        return result


@dataclass(slots=True)
class Door:
    """A door that is open."""

    life: Life
    core: Core
    booking: Booking
    minute: int

    def reading(self) -> Reading:
        """A clock that moves by a minute with every tap of the day that is acted; it began twenty hours ago."""
        now = self.core.read_clock()
        self.minute += 1
        midnight = now.wall_at.replace(hour=0, minute=0, second=0, microsecond=0)
        return replace(now, wall_at=midnight - timedelta(hours=20) + timedelta(seconds=61 * self.minute))

    def show(self, screen: feedback.Screen, seq: int | None) -> None:
        """The panel."""
        match screen:
            case feedback.Punched():
                local = screen.local.replace(microsecond=0)
                self.say(f"TOLD {seq} {screen.employee.username} {screen.kind.value} {local.isoformat()}")
            case _:
                self.say(f"OTHER {screen}")

    def say(self, line: str) -> None:
        """Write a line with one call."""
        os.write(1, line.encode() + b"\n")

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        loop = asyncio.get_running_loop()
        end_s = loop.time() + self.life.longest_s
        while loop.time() < end_s:
            now = Now.of(self.core.read_clock())
            if not await self.core.store.run(lambda db: under_way(db, self.booking.account.policy, now)):  # noqa: B023
                return
            await asyncio.sleep(0.02)

    async def goes(self, run: Callable[[], Awaitable[None]]) -> None:
        """One of the daemon's loops."""
        await run()

    async def run(self) -> None:
        """Enrol, tap, settle."""
        for n in range(self.life.employees):
            employee = Employee(username_of(n), f"Employee {n}")
            fingerprint = self.core.fingerprints.of(uid_of(n))
            await self.core.store.run(
                partial(badges.add, fingerprint=fingerprint, tail=uid_of(n).tail, employee=employee, now_us=0)
            )
        booking, core = self.booking, self.core
        terminal = open_terminal(core, self.show, booking.board.presence, booking.wake)
        async with asyncio.TaskGroup() as group:
            loops = [group.create_task(self.goes(run)) for name, run in booking.tasks() if name != "nightly"]
            for n in self.life.taps:
                await terminal.tapped(Tap(uid_of(n), "serial", self.reading()))
                if self.life.settle_between:
                    await self.settled()
            await core.store.checkpoint()
            await self.settled()
            for task in loops:
                task.cancel()


def under_way(db: Database, policy: Policy, now: Now) -> bool:
    """Whether something is still to be booked; an `in` alone is not, where closed intervals only are."""
    return any(
        item.state in OPEN
        for lane in outbox.lanes(db)
        for interval in intervals(
            outbox.items(db, lane.username, lane.lane, now),
            breaks_in_minutes=policy.breaks_in_minutes,
            split_projects=policy.split_projects,
        )
        if policy.timer or not isinstance(interval, Running)
        for item in interval.items
    )


def uid_of(n: int) -> Uid:
    """The badge of the n-th employee."""
    return Uid.of(bytes([4, 0xA2, 0, 0, 0, n // 256, n % 256]))


def username_of(n: int) -> str:
    """The n-th employee at the tracker."""
    return f"user{n:03}"


async def main() -> None:
    """Live."""
    life = msgspec.json.decode(sys.argv[1], type=Life)
    async with open_core(config.load(Path(life.config)), config.Secrets.of_process()) as core:
        booking = await open_booking(core, config.Secrets.of_process())
        assert booking is not None
        if life.late_intent:
            line = booking.line
            late = LateLine(line.store, line.transport, line.read_clock, line.limit, bells=line.bells)
            booking.line = late
            if isinstance(booking.account, Known):
                booking.account.loops.sync.line = booking.account.loops.reconcile.line = late
        if life.blind:
            policy = replace(booking.account.policy, blind=True, look_first=False)
            if isinstance(booking.account, Known):
                booking.learn(booking.account.codec, policy)
            else:
                booking.account = replace(booking.account, policy=policy)
        await Door(life, core, booking, life.first_minute).run()
        await booking.http.aclose()


if __name__ == "__main__":
    asyncio.run(main())
