"""A whole terminal in virtual time, composed by the daemon's own functions, against the simulated tracker.

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
from typing import Any, Literal
from zoneinfo import ZoneInfo

import looptime
from sqlite_utils import Database

from clockd import config
from clockd.config import Config, Goodtime, Secret, Secrets, TimeTrack
from clockd.config.sections import TrackerSection
from clockd.core import feedback
from clockd.core.model import Action, Employee, KeyPress, Project, Reading, Tap, Uid
from clockd.core.planning.plan import Policy
from clockd.core.wire import Exchange, NotSent, Request
from clockd.daemon.booking import Booking, Known, Loops, Means, open_booking
from clockd.daemon.opening import BootClocks, Core, core_over, open_office, open_terminal
from clockd.flow.badge_desk import BadgeDesk
from clockd.flow.board import Board
from clockd.flow.counter import Office
from clockd.flow.documents import Documents
from clockd.flow.line import Line
from clockd.flow.punch_repairs import PunchRepairs
from clockd.flow.reconcile import Reconcile
from clockd.flow.sync import Sync
from clockd.flow.terminal import Terminal
from clockd.host.timewatch import TimeWatch
from clockd.sim.direct import exchange
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.people import Person
from clockd.sim.timetrack.profile import Profile
from clockd.sim.timetrack.simulator import TimeTrackSim
from clockd.store import badges, boots, ledger, view
from clockd.store.thread import Store
from clockd.store.view import ShownDelivery

VIENNA = ZoneInfo("Europe/Vienna")
BEGIN_AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
BOOTED_S = 1000.0
BOOT_ID = "00000000-0000-4000-8000-000000000001"
TAG = 7


def uid_of(n: int) -> Uid:
    """The badge of the n-th employee."""
    return Uid.of(bytes([4, 0xA2, 0, 0, 0, n // 256, n % 256]))


@dataclass(slots=True)
class House:
    """One door and its tracker.

    Args:
        folder: where the state is kept.
        sim: the tracker.
        delivery, breaks: as in the configuration.
        spoil: a sabotage: fields of the policy that are otherwise than the daemon makes them.
        utc_on_the_wire: a sabotage: the true UTC time is sent instead of the wall clock.
        first_page: a sabotage: pages are counted from 1.
    """

    folder: Path
    sim: Any
    employees: int = 3
    delivery: Literal["timer", "entries"] = "timer"
    breaks: Literal["gap", "minutes"] = "gap"
    spoil: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 30
    seed: int = 1
    utc_on_the_wire: bool = False
    first_page: int = 0
    attendance_timer_path: str = "/attendance_timer"
    countersign: Literal["off", "tell", "agree"] = "off"
    """As in the configuration; the door then has keys for in and out."""
    buttons: tuple[config.Button, ...] = ()
    """The keys of the door, where it has others."""
    begin_at: datetime = BEGIN_AT
    boot_seq: int = 1
    boot_offset_s: float = 0.0
    link_down: bool = False
    online: bool = True
    secret: str = "sim-secret"
    time_format: str = "%Y-%m-%dT%H:%M:%S"
    """As in the configuration; with `auto` the start does not wait until the account is known."""
    lives: int = 0
    requests: list[tuple[float, Request, Exchange]] = field(default_factory=list)
    screens: list[feedback.Screen] = field(default_factory=list)
    store: Store = field(init=False)
    core: Core = field(init=False)
    booking: Booking = field(init=False)
    terminal: Terminal = field(init=False)
    line: Line = field(init=False)
    board: Board = field(init=False)
    documents: Documents = field(init=False)
    repairs: PunchRepairs = field(init=False)
    badge_desk: BadgeDesk = field(init=False)
    office: Office = field(init=False)
    _environ: dict[str, str] = field(default_factory=dict)
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
        clocks = BootClocks(self.read_clock, TimeWatch((), BOOT_ID, self.boot_seq), None)
        self.core = await core_over(self.store, self._config(), Secret("pepper"), clocks, TAG)
        means = Means(
            sender=lambda tracker, secrets: Wire(self),
            jitter=random.Random(self.seed).random,
            policy=lambda policy: replace(policy, **self.spoil),
        )
        self.rotate(self.secret)
        booking = await open_booking(self.core, Secrets(None, self._environ), means)
        assert booking is not None
        self.booking, self.line, self.board = booking, booking.line, booking.board
        self.terminal = open_terminal(self.core, self._show, booking.board.presence, booking.wake)
        if booking.lists is not None:
            self.terminal.want_projects = booking.lists.want
        self.office = office = open_office(self.core, booking.wake, booking.look_anew)
        self.documents, self.repairs, self.badge_desk = office.documents, office.repairs, office.badges
        for n in range(self.employees):
            employee = Employee(username_of(n), f"Employee {n}")
            fingerprint = self.core.fingerprints.of(uid_of(n))
            await self.store.run(
                partial(badges.add, fingerprint=fingerprint, tail=uid_of(n).tail, employee=employee, now_us=0)
            )
        if isinstance(self.sim, GoodtimeSim) and self.lives > 1:
            self.sim.act({"act": "expect-restart"}, self.now_at().timestamp())
        if self.countersign != "off":
            self._tasks.append(asyncio.create_task(office.corrections.run(), name="corrections"))
        if self.online:
            self.go_online()
            if self.lives == 1 and self.time_format != "auto":
                await self.until_known()

    def _config(self) -> Config:
        url = "http://127.0.0.1"
        if isinstance(self.sim, GoodtimeSim):
            profile = self.sim.profile
            tracker: TrackerSection = Goodtime(
                url=url,
                time_format=self.time_format,
                token_header=profile.token_header,
                token_prefix=profile.token_prefix,
                requests_per_minute=self.limit,
            )
        else:
            tracker = TimeTrack(
                url=url,
                delivery=self.delivery,
                breaks=self.breaks,
                attendance_timer_path=self.attendance_timer_path,
                requests_per_minute=self.limit,
            )
        door = config.TerminalSection(name="front-door", time_zone=VIENNA.key, state_dir=str(self.folder))
        if self.countersign == "off":
            return Config(terminal=door, tracker=tracker, button=self.buttons)
        keys = tuple(config.Button(gpio=n, action=action) for n, action in enumerate((Action.IN, Action.OUT), 5))
        return Config(
            terminal=door,
            tracker=tracker,
            rules=config.RulesSection(countersign=self.countersign, countersign_days=0.5),
            button=keys,
        )

    def rotate(self, secret: str) -> None:
        """Give the terminal other credentials."""
        self.secret = secret
        self._environ |= {
            "CLOCKD_TIMETRACK_API_KEY": "sim-key",
            "CLOCKD_TIMETRACK_API_SECRET": secret,
            "CLOCKD_GOODTIME_LOGIN_EMAIL": "admin@example.com",
            "CLOCKD_GOODTIME_API_PASSWORD": secret,
        }

    def go_online(self) -> None:
        """Start what speaks to the tracker."""
        self._tasks += [asyncio.create_task(_run(run), name=name) for name, run in self.booking.tasks()]

    async def until_known(self) -> None:
        """Wait until the account is known, and may be written to."""
        while not self.booking.runs:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.1)

    @property
    def loops(self) -> Loops:
        """What goes round; there is nothing before the account is known."""
        assert isinstance(self.booking.account, Known)
        return self.booking.account.loops

    @property
    def sync(self) -> Sync:
        """Outbox to tracker."""
        return self.loops.sync

    @property
    def reconcile(self) -> Reconcile:
        """What looks."""
        return self.loops.reconcile

    @property
    def policy(self) -> Policy:
        """How the tracker is served."""
        return self.booking.account.policy

    @property
    def logins(self) -> int:
        """How many requests were logins."""
        return sum(request.path.endswith("/login") for _, request, _ in self.requests)

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

    async def tap(
        self, n: int, action: Action | None = None, project: Project | None = None, time_type: str | None = None
    ) -> feedback.Screen:
        """The n-th employee taps, with a key if one is named; return what the panel shows."""
        if action is not None:
            self.terminal.pressed(KeyPress(action, project, self.read_clock(), time_type))
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

    async def deliveries(self, username: str | None = None) -> list[tuple[str, ShownDelivery]]:
        """Kind and delivery of each punch, oldest first."""
        found = await self.store.run(lambda db: list(view.punches(db, TAG, username=username)))
        return [(punch.kind.value if punch.kind else "?", delivery) for punch, delivery in reversed(found)]

    # --- the tracker ---

    def booked(self, n: int | None = None) -> list[tuple[str, str, str]]:
        """What the tracker holds, as (username, from, to), oldest first."""
        rows = self.sim.rows(None if n is None else username_of(n))
        found = [(row.user, f"{row.from_local:%d %H:%M:%S}", _end(row.to_local)) for row in _live(rows)]
        return sorted(found, key=lambda r: (r[1], r[0]))

    def _show(self, screen: feedback.Screen, seq: int | None) -> None:
        self.screens.append(screen)

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        """Carry a request to the tracker, and its reply back."""
        request = self._sabotaged(request)
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


@dataclass(frozen=True, slots=True)
class Wire:
    """What stands for the network."""

    house: House

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        """As `daemon.booking.Sender`."""
        return await self.house.send(request, headers)

    async def aclose(self) -> None:
        """There is nothing to end."""


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


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


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
