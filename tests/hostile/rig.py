"""The booking of a terminal as the daemon composes it, before a tracker that turns hostile: real sockets, real disk."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from clockd import config
from clockd.config import Secrets
from clockd.core import wire
from clockd.core.model import Action, Employee, KeyPress, Reading, Tap, Uid
from clockd.core.pages import Pages
from clockd.core.planning.plan import Look
from clockd.daemon.booking import Booking, Known, open_booking
from clockd.daemon.opening import Core, open_core, open_office
from clockd.flow.terminal import Terminal
from clockd.sim.goodtime.people import Person as GoodtimePerson
from clockd.sim.goodtime.profile import profile_named
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.people import Person
from clockd.sim.timetrack.simulator import TimeTrackSim
from clockd.store import badges
from clockd.trackers.goodtime.wire import calls
from tests.hostile.catalogue import Answer
from tests.hostile.server import Hostile, hostile

KEY, SECRET, PASSWORD = "the-key-of-the-whole-company", "the-secret-of-the-whole-company", "the-password-of-goodtime"
SECRETS = (KEY, SECRET, PASSWORD)
EMPLOYEES = 20
LATER_S = 400_000.0
"""The clock since the boot is set on by this, so that there is a past to tap in."""
PATIENCE_S = 8.0
PAUSES = ("credentials", "redirect", "path", "portal", "look", "forbidden")
STATES = ("ok", "offline", "throttled", *(f"paused: {reason}" for reason in PAUSES))


def uid_of(n: int) -> Uid:
    """The badge of the n-th employee."""
    return Uid.of(bytes([4, 0xA2, 0, 0, 0, 0, n]))


def username_of(tracker: str, n: int) -> str:
    """The n-th employee at the tracker."""
    return f"user{n:03d}" if tracker == "timetrack" else f"user{n:03d}@example.com"


def simulator(tracker: str) -> Any:
    """A tracker that knows the employees, and whose budget is never the reason."""
    names = [username_of(tracker, n) for n in range(EMPLOYEES)]
    if tracker == "timetrack":
        sim = TimeTrackSim(users=tuple(Person(name) for name in names), requests_per_minute=10**6)
        sim.api.keys.key, sim.api.keys.secret = KEY, SECRET
        return sim
    people = tuple(GoodtimePerson(name) for name in names)
    # what is doubled is to be seen, and not refused
    profile = profile_named("strict", overlap="accept")
    return GoodtimeSim(profile=profile, users=people, requests_per_minute=10**6, password=PASSWORD)


def configuration(folder: Path, tracker: str, url: str) -> config.Config:
    """The terminal's."""
    more = 'time_type = "working hours"\ntime_format = "%Y-%m-%dT%H:%M:%S"\n' if tracker == "goodtime" else ""
    return config.parse(
        f'[terminal]\nname = "door"\ntime_zone = "Europe/Vienna"\nstate_dir = "{folder}"\n'
        f'control_socket = "{folder}/control.sock"\n[clock]\ntrust = "always"\n[rules]\nrepeat_s = 0\n'
        f'[tracker]\nkind = "{tracker}"\nurl = "{url}"\n{more}'
        "requests_per_minute = 6000\ntimeout_s = 1\nquarantine_s = 1\n"
    )


@dataclass
class Rig:
    """One terminal's booking and its tracker."""

    tracker: str
    server: Hostile
    core: Core
    booking: Booking
    terminal: Terminal
    tasks: list[asyncio.Task[None]]
    expected: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    """What was tapped: who, from, to."""
    unasked: list[str] = field(default_factory=list)
    """Answers that nobody asked for: a test that plays nothing proves nothing."""
    _taps: int = 0

    def check_alive(self, what: str) -> None:
        """See that no task has ended."""
        for task in self.tasks:
            if task.done():
                raise AssertionError(f"{task.get_name()} ended at {what}") from task.exception()

    async def play(self, state: str, answer: Answer, *, applies: bool) -> None:
        """Bring the line into a state and let the tracker answer so."""
        line, what = self.booking.line, f"{answer.name!r} while {state}"
        await self._honest()
        self._enter(state)
        self.server.turn(answer, applies=applies, writes_only=state == "ok")
        await self._work()
        self._look_soon()
        if state == "throttled":
            self.booking.try_now()
        else:
            self.booking.try_login()
            self.booking.prepare_now()
            line.resume()
        before = line.exchanges
        throttled = state == "throttled"  # then an exchange of several requests goes no further than the first
        if not await self._until(lambda: self.server.served > 0 and (throttled or line.exchanges > before)):
            self.unasked.append(what)
        if state == "ok":
            self.server.turn(answer)
            await self._read()
        self.check_alive(what)

    async def play_unprepared(self, answer: Answer) -> None:
        """Let the tracker answer so to whoever wants to get to know the account."""
        self.server.turn(answer)
        self.booking.try_now()
        if not await self._until(lambda: self.server.served > 0, ask=True):
            self.unasked.append(answer.name)
        self.check_alive(f"{answer.name!r} while unprepared")
        assert not self.booking.runs, f"{answer.name!r} was taken for an account"

    async def _honest(self) -> None:
        """For a moment the tracker is itself, so that the line can be in any state afterwards."""
        self.server.turn(None)
        line = self.booking.line
        request = calls.timetypes() if self.tracker == "goodtime" else wire.Request("GET", "/users")
        async with asyncio.timeout(PATIENCE_S * 5):
            while True:
                await asyncio.sleep(0.01)
                self.booking.try_now()
                with suppress(TimeoutError):  # another request took the one place that there is in a throttle
                    async with asyncio.timeout(0.5):
                        exchange = await line.exchange(request)
                        if isinstance(exchange, wire.Reply) and exchange.status == 200:
                            break
        line.well()

    def _enter(self, state: str) -> None:
        line = self.booking.line
        match state:
            case "ok":
                line.well()
            case "offline":
                line.offline("the link is down")
            case "throttled":
                line.judge(wire.Throttled("600"), wire.Reply(429, {}, b""))
            case _:
                line.pause(state.removeprefix("paused: "), "because")
        assert line.state == state.split(": ")[0].replace("throttled", "paused")

    async def _work(self) -> None:
        """Somebody comes and leaves, at some time in the past that nobody has tapped in yet."""
        n, slot = self._taps % EMPLOYEES, self._taps // EMPLOYEES
        self._taps += 1
        now = self.core.read_clock()
        ago_s = 86_400.0 * 3 - slot * 3_600.0
        ago_s -= (now.wall_at - timedelta(seconds=ago_s)).timestamp() % 60
        ends = []
        for action, after_s in ((Action.IN, 0.0), (Action.OUT, 1_800.0)):
            back_s = ago_s - after_s
            reading = replace(now, wall_at=now.wall_at - timedelta(seconds=back_s), boottime_s=now.boottime_s - back_s)
            self.terminal.pressed(KeyPress(action, None, reading))
            await self.terminal.tapped(Tap(uid_of(n), "pcsc", reading))
            local = reading.wall_at.astimezone(self.core.door.zone).replace(tzinfo=None, second=0, microsecond=0)
            ends.append(local)
        self.expected.append((username_of(self.tracker, n), ends[0], ends[1]))

    def _look_soon(self) -> None:
        """Looks are seldom; here each is taken at once."""
        if isinstance(self.booking.account, Known):
            reconcile = self.booking.account.loops.reconcile
            reconcile.last_look_s = reconcile.last_full_s = -1e9
            self.booking.board.wished.set()

    async def _read(self) -> None:
        """Read a page of somebody's entries, as the loops do."""
        line, account = self.booking.line, self.booking.account
        if not isinstance(account, Known):
            return
        now = self.core.read_clock().wall_at.replace(tzinfo=None, microsecond=0)
        look = Look(now - timedelta(days=1), now, line.now_s())
        await account.loops.reconcile._turn(Pages(line.now_s()), (self.expected[-1][0],), look)

    async def _until(self, true: Callable[[], bool], *, ask: bool = False) -> bool:
        for n in range(round(PATIENCE_S / 0.002)):
            if true():
                return True
            await asyncio.sleep(0.002)
            if n % 50 == 49:
                self._look_soon()  # the one before may have begun too early for what was tapped
            if ask and n % 200 == 199:
                self.booking.try_now()
        return False

    async def settle(self, within_s: float = 240.0) -> None:
        """The tracker is itself again: every punch gets there; what was held is released by a person."""
        self.server.turn(None)
        office = open_office(self.core, self.booking.wake, self.booking.look_anew)
        async with asyncio.timeout(within_s):
            while True:
                self.check_alive("the end")
                self.booking.try_now()
                self._look_soon()
                if not self.booking.runs:
                    await asyncio.sleep(0.2)
                    continue
                counts = (await office.documents.summary())["outbox"]
                assert isinstance(counts, dict)
                if not any(counts[state] for state in ("waiting", "sending", "doubtful", "held")):
                    return
                if counts["held"]:
                    held = await office.documents.punches(limit=None, state="held", username=None)
                    await office.repairs.retry(
                        [str(punch["id"]) for punch in held if isinstance(punch, dict)], "the tracker is well", "test"
                    )
                await asyncio.sleep(0.2)

    def wrong(self) -> dict[str, object]:
        """What the tracker holds too often, and what it lacks."""
        live: Counter[object] = Counter((row.user, *_minutes(row)) for row in self.server.sim.rows() if not row.deleted)
        wanted: Counter[object] = Counter(self.expected)
        return {name: found for name, found in (("too many", live - wanted), ("missing", wanted - live)) if found}


def _minutes(row: Any) -> tuple[datetime, datetime | None]:
    end = row.to_local
    return row.from_local.replace(second=0), None if end is None else end.replace(second=0)


@asynccontextmanager
async def rig(folder: Path, tracker: str, *, prepared: bool = True, answer: Answer | None = None) -> AsyncIterator[Rig]:
    """Compose it, and take it down again.

    Args:
        folder: for the state.
        tracker: timetrack, or goodtime.
        prepared: begin when the account is known.
        answer: how the tracker answers from the start.
    """
    environ = {
        "CLOCKD_TIMETRACK_API_KEY": KEY,
        "CLOCKD_TIMETRACK_API_SECRET": SECRET,
        "CLOCKD_GOODTIME_LOGIN_EMAIL": "admin@example.com",
        "CLOCKD_GOODTIME_API_PASSWORD": PASSWORD,
    }
    secrets = Secrets(None, environ)
    async with hostile(simulator(tracker)) as server:
        server.turn(answer)
        terminal_of = configuration(folder / "state", tracker, server.url)
        async with open_core(terminal_of, secrets) as opened:
            core = replace(opened, read_clock=partial(_later, opened.read_clock))
            for n in range(EMPLOYEES):
                add = partial(
                    badges.add,
                    fingerprint=core.fingerprints.of(uid_of(n)),
                    tail=uid_of(n).tail,
                    employee=Employee(username_of(tracker, n), f"Employee {n}"),
                    now_us=0,
                )
                await core.store.run(add)
            booking = await open_booking(core, secrets)
            assert booking is not None
            terminal = Terminal(
                core.store, core.fingerprints, core.door, booking.board.presence, lambda screen, seq: None, booking.wake
            )
            tasks = [_task(name, run) for name, run in booking.tasks()]
            bench = Rig(tracker, server, core, booking, terminal, tasks)
            try:
                if prepared:
                    assert await bench._until(lambda: booking.runs)
                yield bench
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)


def _task(name: str, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
    async def work() -> None:
        await run()

    return asyncio.create_task(work(), name=name)


def _later(read_clock: Callable[[], Reading]) -> Reading:
    reading = read_clock()
    return replace(reading, boottime_s=reading.boottime_s + LATER_S)
