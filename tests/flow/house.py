"""A whole terminal in virtual time: the real store, terminal, sync, reconcile and codec against the simulated tracker.

What is not real is time (looptime's loop, whose clock this house shows to everybody) and the wire (the simulator is a
plain call). Taps are made where a reader would make them.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import looptime
from sqlite_utils import Database

from clockd import config
from clockd.config import Secret
from clockd.core import decide, feedback
from clockd.core.model import Action, Employee, KeyPress, Project, Reading, Tap, Uid
from clockd.core.plan import Policy
from clockd.core.wire import Exchange, NotSent, Request
from clockd.daemon.booking import with_account
from clockd.flow.board import Board
from clockd.flow.line import Line
from clockd.flow.nightly import Nightly
from clockd.flow.office import Office
from clockd.flow.project_timers import ProjectTimers
from clockd.flow.reconcile import Reconcile
from clockd.flow.sync import Sync
from clockd.flow.terminal import Door, Terminal
from clockd.sim.direct import exchange
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.people import Person
from clockd.sim.timetrack.profile import Profile
from clockd.sim.timetrack.simulator import TimeTrackSim
from clockd.store import badges, boots, ledger, view
from clockd.store.badges import Fingerprints
from clockd.store.thread import Store
from clockd.store.view import Delivery
from clockd.trackers.goodtime import start as goodtime_start
from clockd.trackers.goodtime.session import GoodtimeSession, Login
from clockd.trackers.goodtime.wire import GoodtimeCodec
from clockd.trackers.timetrack import TimeTrackCodec, credentials

VIENNA = ZoneInfo("Europe/Vienna")
BEGIN_AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
BOOTED_S = 1000.0
BOOT_ID = "00000000-0000-4000-8000-000000000001"


def uid_of(n: int) -> Uid:
    """The badge of the n-th employee."""
    return Uid.of(bytes([4, 0xA2, 0, 0, 0, n // 256, n % 256]))


@dataclass(slots=True)
class House:
    """One door and its tracker.

    Args:
        folder: where the state is kept.
        sim: the tracker.
        policy: as the daemon would make it; tests sabotage it here.
        utc_on_the_wire: a sabotage: the true UTC time is sent instead of the wall clock.
        first_page: a sabotage: pages are counted from 1.
    """

    folder: Path
    sim: Any
    employees: int = 3
    policy: Policy = field(default_factory=lambda: Policy(timer=True))
    limit: int = 30
    seed: int = 1
    utc_on_the_wire: bool = False
    first_page: int = 0
    attendance_timer_path: str = "/attendance_timer"
    begin_at: datetime = BEGIN_AT
    boot_seq: int = 1
    boot_offset_s: float = 0.0
    link_down: bool = False
    online: bool = True
    secret: str = "sim-secret"
    time_format: str = "%Y-%m-%dT%H:%M:%S"
    """As in the configuration; with `auto` the start does not wait until the account is known."""
    key_is_fresh: bool = False
    prepared: asyncio.Event = field(default_factory=asyncio.Event)
    """Goodtime's account is known, and may be written to."""
    lives: int = 0
    requests: list[tuple[float, Request, Exchange]] = field(default_factory=list)
    screens: list[feedback.Screen] = field(default_factory=list)
    store: Store = field(init=False)
    terminal: Terminal = field(init=False)
    line: Line = field(init=False)
    sync: Sync = field(init=False)
    reconcile: Reconcile = field(init=False)
    office: Office = field(init=False)
    nightly: Nightly = field(init=False)
    session: GoodtimeSession = field(init=False)
    board: Board = field(init=False)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _read_s: float = -1.0
    """When the clock was read last, in the loop's time, and how often since then."""
    _readings: int = 0

    # --- clocks ---

    def now_s(self) -> float:
        """CLOCK_BOOTTIME of the house. As a real one, it has gone on at every reading."""
        loop_s = asyncio.get_running_loop().time()
        self._readings = self._readings + 1 if loop_s == self._read_s else 0
        self._read_s = loop_s
        return BOOTED_S + loop_s + self._readings * 1e-6

    def now_at(self) -> datetime:
        """True time."""
        return self.begin_at + timedelta(seconds=asyncio.get_running_loop().time())

    def read_clock(self) -> Reading:
        """All clocks at once; this clock is always right."""
        return Reading(self.now_at(), self.now_s(), BOOT_ID, self.boot_seq, trusted=True)

    # --- life ---

    async def start(self) -> None:
        """Switch the terminal on; also after `kill`. The first time it returns when Goodtime's account is known."""
        self.lives += 1
        self.store = Store(self.folder / "clockd.db", inline=True)
        await self.store.open()
        reading = self.read_clock()
        await self.store.run(
            lambda db: boots.begin(db, BOOT_ID, ledger.to_us(reading.wall_at), round(reading.boottime_s * 1e6))
        )
        fingerprints = Fingerprints(Secret("pepper"))
        rules = decide.Rules(repeat_s=10, max_shift_s=self.policy.max_shift_s, undo_s=30)
        kind = self.sim.name
        door = Door("front-door", VIENNA, rules, kind, project_timers=kind == "timetrack", account=kind)
        self.board = Board(local_filter=self.policy.local_filter)
        goodtime = isinstance(self.sim, GoodtimeSim)
        self.line = Line(
            self.store,
            self._send,
            self.read_clock,
            self.limit,
            jitter=random.Random(self.seed).random,
            bells=(self.board.news, self.board.wished),
            counted_below=goodtime,
            apart=_at_once,
        )
        await self.line.open()
        codec: Any = None if goodtime else self._timetrack()
        if goodtime:
            self._log_in()
        self.sync = Sync(self.store, self.line, codec, self.policy, self.board)
        timetrack = codec if isinstance(codec, TimeTrackCodec) else None
        projects = None
        if timetrack:
            projects = ProjectTimers(self.line, self.board, timetrack.get_project_timer, timetrack.project_timer)
        self.reconcile = Reconcile(
            self.line,
            codec,
            self.board,
            VIENNA,
            everybody=not goodtime,
            projects=projects,
            fresh_key=lambda: self.key_is_fresh,
        )
        self.nightly = Nightly(self.store, self.line, self.reconcile, codec, self.policy, VIENNA)
        self.terminal = Terminal(self.store, fingerprints, door, self.board.presence, self._show, self.sync.wake)
        self.office = Office(self.store, fingerprints, door, 7, self.read_clock, self.sync.wake)
        for n in range(self.employees):
            employee = Employee(username_of(n), f"Employee {n}")
            fingerprint = fingerprints.of(uid_of(n))
            await self.store.run(
                partial(badges.add, fingerprint=fingerprint, tail=uid_of(n).tail, employee=employee, now_us=0)
            )
        if self.online:
            self.go_online()
            if goodtime and self.lives == 1 and self.time_format != "auto":
                await self.prepared.wait()

    def _timetrack(self) -> TimeTrackCodec:
        return TimeTrackCodec(self.attendance_timer_path, "/timers/project_timer", VIENNA)

    def _log_in(self) -> None:
        """Make Goodtime's session; there is no codec before the account is known."""
        profile = self.sim.profile
        if self.lives > 1:
            self.sim.act({"act": "expect-restart"}, self.now_at().timestamp())

        async def send(request: Request, headers: Mapping[str, str]) -> Exchange:
            return await self.line.counted(lambda: self._raw(self._sabotaged(request), headers))

        self.prepared.clear()
        self.session = GoodtimeSession(
            send,
            lambda: Login("admin@example.com", Secret(self.secret)),
            token_header=profile.token_header,
            token_prefix=profile.token_prefix,
        )
        self.line.transport = self.session.exchange

    async def _goodtime(self) -> None:
        """Get to know the account, then work, as the daemon does; and anew when its time type is gone."""
        await self._get_to_know()
        self.prepared.set()
        async with asyncio.TaskGroup() as group:
            for run in (self.sync.run, self.reconcile.run, self.nightly.run):
                group.create_task(run())
            while True:
                await self.session.type_lost.wait()
                await self._get_to_know()

    async def _get_to_know(self) -> None:
        section = config.Goodtime(url="http://127.0.0.1", time_type="working hours", time_format=self.time_format)
        names = [username_of(n) for n in range(self.employees)]
        gathered = goodtime_start.Gathered()
        while True:
            self.session.type_lost.clear()
            found = await goodtime_start.prepare(
                self.session, section, VIENNA, names, self._now_local(), gathered=gathered
            )
            if isinstance(found, goodtime_start.Ready):
                break
            self.line.pause("setup", f"{found.reason}: {found.hint}")
            await asyncio.sleep(60.0)
        codec = GoodtimeCodec(found.account, VIENNA)
        self.sync.codec = self.reconcile.codec = self.nightly.codec = codec
        self.sync.policy = self.nightly.policy = with_account(self.sync.policy, found.account)
        self.line.well()

    def _now_local(self) -> datetime:
        return self.now_at().astimezone(VIENNA).replace(tzinfo=None, microsecond=0)

    def go_online(self) -> None:
        """Start sync and reconcile."""
        if isinstance(self.sim, GoodtimeSim):
            self._tasks = [asyncio.create_task(self._goodtime(), name="goodtime")]
            return
        self._tasks = [
            asyncio.create_task(self.sync.run(), name="sync"),
            asyncio.create_task(self.reconcile.run(), name="reconcile"),
            asyncio.create_task(self.nightly.run(), name="nightly"),
        ]

    async def kill(self) -> None:
        """Pull the plug: whatever was under way is cut off; the store is closed without a checkpoint."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks = []
        await self.store.close()

    def check_alive(self) -> None:
        """Raise what a task died of."""
        for task in self._tasks:
            if task.done():
                task.result()
                raise AssertionError(f"{task.get_name()} ended")

    # --- people ---

    async def tap(self, n: int, action: Action | None = None, project: Project | None = None) -> feedback.Screen:
        """The n-th employee taps, with a key if one is named; return what the panel shows."""
        if action is not None:
            self.terminal.pressed(KeyPress(action, project, self.read_clock()))
        await self.terminal.tapped(Tap(uid_of(n), "pcsc", self.read_clock()))
        return self.screens[-1]

    async def until_settled(self, longest_s: float = 7200.0) -> None:
        """Wait until nothing is on its way any more."""
        end_s = self.now_s() + longest_s
        while self.now_s() < end_s:
            self.check_alive()
            states = await self.states()
            if not any(states.get(state) for state in ("waiting", "sending", "doubtful")):
                return
            await asyncio.sleep(30.0)
        raise AssertionError(f"not settled after {longest_s} s: {await self.states()}")

    async def states(self) -> dict[str, int]:
        """How many punches are in each state."""
        return {state: count for state, count in (await self.store.run(_counts)).items() if count}

    async def deliveries(self, username: str | None = None) -> list[tuple[str, Delivery]]:
        """Kind and delivery of each punch, oldest first."""
        found = await self.store.run(lambda db: list(view.punches(db, 7, username=username)))
        return [(punch.kind.value if punch.kind else "?", delivery) for punch, delivery in reversed(found)]

    # --- the tracker ---

    def booked(self, n: int | None = None) -> list[tuple[str, str, str]]:
        """What the tracker holds, as (username, from, to), oldest first."""
        rows = self.sim.rows(None if n is None else username_of(n))
        found = [(row.user, f"{row.from_local:%d %H:%M:%S}", _end(row.to_local)) for row in _live(rows)]
        return sorted(found, key=lambda r: (r[1], r[0]))

    def _show(self, screen: feedback.Screen, seq: int | None) -> None:
        self.screens.append(screen)

    async def _send(self, request: Request) -> Exchange:
        return await self._raw(self._sabotaged(request), credentials("sim-key", self.secret))

    async def _raw(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        if self.link_down:
            await asyncio.sleep(0.01)
            result: Exchange = NotSent("no route")
        else:
            took = exchange(self.sim.front, request, headers, self.now_at().timestamp())
            await asyncio.sleep(max(0.02, took.seconds))
            result = took.exchange
        self.requests.append((self.now_s(), request, result))
        return result

    def _sabotaged(self, request: Request) -> Request:
        if self.first_page and request.method == "GET":
            query = tuple((k, str(int(v) + 1) if k == "page_number" else v) for k, v in request.query)
            request = replace(request, query=query)
        if self.utc_on_the_wire and isinstance(request.body, dict):
            times = ("date", "from", "to", "starttime", "endtime")
            body = {k: _to_utc(v) if k in times else v for k, v in request.body.items()}
            request = replace(request, body=body)
        return request


async def _at_once(work: Callable[[], object]) -> object:
    """In virtual time no thread may run beside the loop."""
    return work()


def _counts(db: Database) -> dict[str, int]:
    return view.counts(db, range(view.newest_seq(db) + 1))[0]


def username_of(n: int) -> str:
    """The n-th employee at the tracker."""
    return f"user{n:03d}"


def people(count: int) -> tuple[Person, ...]:
    """The tracker's users, and one who is nobody's badge."""
    return (*(Person(username_of(n)) for n in range(count)), Person("somebody", noise=True))


def simulator(profile: Profile, *, employees: int = 3, **options: Any) -> TimeTrackSim:
    """A tracker that knows the employees."""
    return TimeTrackSim(profile=profile, users=people(employees), **options)


def in_virtual_time(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine in a loop whose time is its own."""
    loop = looptime.new_event_loop(start=0, noop_cycles=1)
    try:
        loop.run_until_complete(work())
    finally:
        loop.run_until_complete(_end_all(asyncio.all_tasks(loop)))
        loop.close()


async def _end_all(tasks: set[asyncio.Task[Any]]) -> None:
    """After a scene that failed nothing may go on."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _live(rows: list[Any]) -> list[Any]:
    return [row for row in rows if not row.deleted]


def _end(to_local: datetime | None) -> str:
    return "" if to_local is None else f"{to_local:%d %H:%M:%S}"


def _to_utc(text: Any) -> Any:
    """Say a time of the wire in UTC, in the form it had."""
    plain = str(text).removesuffix(".000Z")
    utc = datetime.fromisoformat(plain).replace(tzinfo=VIENNA).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return utc + str(text)[len(plain) :]


Work = Callable[[], Awaitable[None]]
