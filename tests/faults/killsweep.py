"""Kills a door at every call it makes of the disk and the network, starts it again, and compares the books at the end.

The killing is strace's: the process dies as it enters the n-th call of a kind, in whichever of its threads. A door
keeps its state and its tracker over many such lives; at the end it may live until all is settled. Then the tracker
must hold each punch of the ledger once, the ledger each punch that a person was told of, and nobody anything else.
"""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from clockd.core.model import Kind
from clockd.sim.goodtime import people as goodtime_people
from clockd.sim.goodtime import profile as goodtime_profile
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.shell import serving
from clockd.sim.timetrack import people as timetrack_people
from clockd.sim.timetrack import profile as timetrack_profile
from clockd.sim.timetrack.simulator import TimeTrackSim
from clockd.store import ledger
from clockd.store.thread import Store
from tests.faults.door import Life, username_of
from tests.faults.recorder import REPOSITORY

EMPLOYEES = 8
REACH = {
    "pwrite64": 250,
    "fdatasync": 60,
    "fsync": 3,
    "unlink": 3,
    "ftruncate": 4,
    "sendto": 110,
    "recvfrom": 190,
    "connect": 14,
    "epoll_ctl": 60,
    "write": 12,
    "openat": 12,
    "close": 12,
}
"""How often a life with eight taps asks for each, in one thread, about. A thread of its own counts for itself."""


Span = tuple[str, datetime, datetime | None]
"""Who, from when, until when; None: still in."""


@dataclass(frozen=True, slots=True)
class Point:
    """A moment to die at."""

    call: str
    when: int
    timers: bool
    """Whether each punch is booked before the next tap (by timer, where there are any), or all after the last one."""


@dataclass(slots=True)
class Sweep:
    """What came of it."""

    killed: set[Point] = field(default_factory=set)
    lives: int = 0
    told: int = 0
    punches: int = 0
    rows: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        calls = Counter(point.call for point in self.killed)
        return (
            f"killed at {len(self.killed)} distinct points {dict(calls)} of {self.lives} lives; {self.told} told, "
            f"{self.punches} punches, {self.rows} rows at the tracker; wrong: {self.wrong}"
        )


ZONE = "Europe/Vienna"
CONFIG = """
[terminal]
name = "front-door"
time_zone = "{zone}"
state_dir = "{folder}/state"
control_socket = "{folder}/control.sock"
[clock]
trust = "always"
[rules]
repeat_s = 0
[tracker]
url = "{url}"
requests_per_minute = 6000
quarantine_s = 1
{tracker}
"""


@dataclass(frozen=True, slots=True)
class Tracker:
    """Where the doors book. It refuses nothing, so that a mistake is a row too many, and seen."""

    name: str
    open: Callable[[], TimeTrackSim | GoodtimeSim]
    config: str
    """Its lines of [tracker]."""
    keys: Mapping[str, str]
    """Its credentials, as environment variables."""
    closed_minutes: bool
    """It holds closed intervals in whole minutes only."""


def _timetrack() -> TimeTrackSim:
    people = tuple(timetrack_people.Person(username_of(n)) for n in range(EMPLOYEES))
    keeps_all = timetrack_profile.profile_named("strict", double="d")  # a repeated start is a second row
    return TimeTrackSim(profile=keeps_all, users=people, requests_per_minute=6000, zone=ZONE)


def _goodtime() -> GoodtimeSim:
    people = tuple(goodtime_people.Person(username_of(n)) for n in range(EMPLOYEES))
    keeps_all = goodtime_profile.profile_named("strict", overlap="accept")
    return GoodtimeSim(profile=keeps_all, users=people, requests_per_minute=6000, zone=ZONE)


TIMETRACK = Tracker(
    "TimeTrack",
    _timetrack,
    'kind = "timetrack"',
    {"CLOCKD_TIMETRACK_API_KEY": "sim-key", "CLOCKD_TIMETRACK_API_SECRET": "sim-secret"},
    closed_minutes=False,
)
GOODTIME = Tracker(
    "Goodtime",
    _goodtime,
    'kind = "goodtime"\ntime_type = "working hours"\ntime_format = "%Y-%m-%dT%H:%M:%S"',
    {"CLOCKD_GOODTIME_LOGIN_EMAIL": "admin@example.com", "CLOCKD_GOODTIME_API_PASSWORD": "sim-password"},
    closed_minutes=True,
)


@dataclass(slots=True)
class Lane:
    """A door with its own state, and its own account at a tracker of this process."""

    folder: Path
    sweep: Sweep
    tracker: Tracker
    taps: int
    sabotage: dict[str, bool]
    simulator: TimeTrackSim | GoodtimeSim = field(init=False)
    minute: int = 0
    turn: int = 0
    told: dict[int, str] = field(default_factory=dict)

    async def sweep_all(self, points: Sequence[Point]) -> None:
        """Die at each point, one life after the other, and then live until all is settled."""
        self.folder.mkdir(parents=True)
        self.simulator = self.tracker.open()
        async with AsyncExitStack() as stack:
            shell = await stack.enter_async_context(serving(self.simulator, "127.0.0.1", 0))
            config = CONFIG.format(folder=self.folder, url=shell.url, zone=ZONE, tracker=self.tracker.config)
            (self.folder / "clockd.toml").write_text(config)
            for point in points:
                if await self._live(point):
                    self.sweep.killed.add(point)
            await self._live(None)
            await self._audit()

    async def _live(self, point: Point | None) -> bool:
        """One life; say whether it was killed."""
        if isinstance(self.simulator, GoodtimeSim):
            self.simulator.api.tokens.spare = 1  # each life may log in once
        who = [(self.turn + n // 2 * 2 % 3) % EMPLOYEES for n in range(self.taps)]
        self.turn += 1
        taps = () if point is None else tuple(who)
        life = Life(
            config=str(self.folder / "clockd.toml"),
            employees=EMPLOYEES,
            taps=taps,
            settle_between=point is not None and point.timers,
            first_minute=self.minute,
            longest_s=6.0 if point else 60.0,
            late_intent=self.sabotage.get("late_intent", False),
            blind=self.sabotage.get("blind", False),
        )
        self.minute += len(taps)
        command = [sys.executable, "-m", "tests.faults.door", msgspec.json.encode(life).decode()]
        if point is not None:
            inject = f"--inject={point.call}:signal=KILL:when={point.when}"
            trace = ["strace", "-f", "-qq", "-e", f"trace={point.call}", "-o", "/dev/null", inject]
            command = [*trace, *command]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE, env={**os.environ, **self.tracker.keys}
        )
        out, _ = await process.communicate()
        self.sweep.lives += 1
        for line in out.decode().splitlines():
            word, seq, rest = line.split(" ", 2)
            if word != "TOLD":
                self.sweep.wrong.append(line)
            elif self.told.setdefault(int(seq), rest) != rest:
                self.sweep.wrong.append(f"two punches were told as number {seq}: {self.told[int(seq)]}, {rest}")
        if process.returncode not in (0, -signal.SIGKILL, 128 + signal.SIGKILL):
            self.sweep.wrong.append(f"a life at {point} ended with {process.returncode}")
        return process.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)

    async def _audit(self) -> None:
        """Compare the three books: what people were told, the ledger, the tracker."""
        store = Store(self.folder / "state" / "clockd.db", inline=True)
        await store.open()
        rows = await store.run(lambda db: [row for row in ledger.every_row(db) if row.what == "punch"])
        states = await store.run(lambda db: db.execute("SELECT seq, state, held_because FROM outbox").fetchall())
        broken = (await store.run(ledger.verify)).wrong
        await store.close()
        wrong = [f"the ledger: {broken}"] if broken else []
        punches = {}
        for row in rows:
            local = ledger.from_us(row.wall_us).astimezone(ZoneInfo(ZONE)).replace(tzinfo=None, microsecond=0)
            punches[row.seq] = (str(row.body["username"]), str(row.body["kind"]), local)
        still_in = open_ins(punches) if self.tracker.closed_minutes else {}
        wrong += [
            f"punch {seq} is {state}: {why}"
            for seq, state, why in states
            if state != ("waiting" if seq in still_in else "delivered")
        ]
        shown = {seq: f"{username} {kind} {local.isoformat()}" for seq, (username, kind, local) in punches.items()}
        wrong += [f"told, and not on disk: {seq} {rest}" for seq, rest in self.told.items() if shown.get(seq) != rest]
        expected = Counter(self._as_booked(intervals(list(punches.values()))))
        booked = Counter((row.user, row.from_local, row.to_local) for row in self.simulator.rows())
        wrong += [f"lost: {_text(row)}" for row in (expected - booked).elements()]
        wrong += [f"doubled or made up: {_text(row)}" for row in (booked - expected).elements()]
        wrong += self.simulator.violations()
        self.sweep.wrong += [f"{self.folder.name}: {text}" for text in wrong]
        self.sweep.told += len(self.told)
        self.sweep.punches += len(punches)
        self.sweep.rows += booked.total()

    def _as_booked(self, found: Sequence[Span]) -> list[Span]:
        """What the tracker can hold of these intervals."""
        if not self.tracker.closed_minutes:
            return list(found)
        return [(who, since.replace(second=0), until.replace(second=0)) for who, since, until in found if until]


def intervals(punches: Sequence[tuple[str, str, datetime]]) -> list[Span]:
    """Pair the punches of each employee, oldest first; the last may be open."""
    found: list[Span] = []
    opened: dict[str, datetime] = {}
    for username, kind, local in punches:
        if kind == Kind.IN:
            opened[username] = local
        else:
            found.append((username, opened.pop(username), local))
    return found + [(username, local, None) for username, local in opened.items()]


def open_ins(punches: Mapping[int, tuple[str, str, datetime]]) -> dict[int, str]:
    """The last punch of everybody who is in, by number."""
    last = {username: seq for seq, (username, _, _) in punches.items()}
    return {seq: username for username, seq in last.items() if punches[seq][1] == Kind.IN}


def _text(row: Span) -> str:
    who, since, until = row
    return f"{who} {since.isoformat()}–{until.isoformat() if until else ''}"


def all_points() -> list[Point]:
    """Every point that a life may reach, in an order that mixes them."""
    points = [
        Point(call, n + 1, timers) for call, reach in REACH.items() for n in range(reach) for timers in (True, False)
    ]
    random.Random(1).shuffle(points)
    return points


async def sweep(
    folder: Path, points: Sequence[Point], lanes: int, taps: int, tracker: Tracker = TIMETRACK, **sabotage: bool
) -> Sweep:
    """Die at all points, shared among `lanes` doors that live side by side; `taps` in each life."""
    result = Sweep()
    async with asyncio.TaskGroup() as group:
        for n in range(lanes):
            lane = Lane(folder / f"door{n}", result, tracker, taps, sabotage)
            group.create_task(lane.sweep_all(points[n::lanes]))
    return result
