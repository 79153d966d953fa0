"""The fault matrix: random days against a faulty tracker, and the count of what was lost, doubled or touched.

punches     half live, half made while the network was away
faults      lost 3 %, reply lost 3 %, 500 after it was applied 2 %, applied up to 20 s late 1 %; kills of the daemon
others      300 rows of somebody else before the first request, and new ones all the time at the very times of ours
truth       kept here, beside the taps; the tracker's rows are compared with it at the end
"""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from clockd.core.wire import NotSent
from clockd.flow.timesheets import Timesheets
from clockd.sim.crowd import Crowd
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime import profile as goodtime_profile
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.profile import profile_named
from clockd.sim.timetrack.simulator import TimeTrackSim
from tests.flow.house import TAG, VIENNA, House, in_virtual_time, simulator, username_of

UNSETTLED = ("waiting", "sending", "doubtful")
PACE_S = 5.0
"""Seconds between two taps, on the average of the whole company."""
KILL_CHANCE = 0.0002
"""Of each tap, that the daemon is killed right after it."""


Stay = tuple[int, datetime, datetime | None]
"""Who was there, from and to when, on the wall."""


@dataclass(slots=True)
class Result:
    """What came of a run."""

    punches: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    held: int = 0
    touched: int = 0
    violations: list[str] = field(default_factory=list)
    writes: int = 0
    reads: int = 0
    hours: float = 0.0
    hours_differ: list[str] = field(default_factory=list)
    """Whose hours, as `clockd hours` has them, are not those that were worked."""

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, nobody else's rows touched."""
        return not (self.lost or self.doubled or self.wrong or self.touched or self.held or self.hours_differ)


def run_matrix(
    folder: Path,
    *,
    seed: int,
    punches: int,
    tracker: str = "timetrack",
    profile: str = "strict",
    answers: Mapping[str, str] | None = None,
    spoil: Mapping[str, object] | None = None,
    employees: int = 120,
    faults: str = "mix",
    utc_on_the_wire: bool = False,
    first_page: int = 0,
    offline_share: float = 0.5,
    always_offline: bool = False,
    kill_chance: float = KILL_CHANCE,
    foreign_rows: int = 300,
    truth_off_s: int = 0,
) -> Result:
    """Run one seed to its end and compare."""
    result = Result()
    options: dict[str, Any] = {
        "seed": seed,
        "faults": parse_rules(faults),
        "foreign_rows": foreign_rows,
        "latency_s": (0.05, 0.4),
        "crowd": CROWD,
    }
    if tracker == "goodtime":
        sim: TimeTrackSim | GoodtimeSim = _goodtime(profile, answers or {}, employees, options)
    else:
        sim = _timetrack(profile, employees, options)
    house = House(
        folder,
        sim,
        employees=employees,
        spoil=spoil or {},
        seed=seed,
        utc_on_the_wire=utc_on_the_wire,
        first_page=first_page,
    )
    _introduce(house, sim)

    async def days() -> None:
        await house.start()
        house.link_down = always_offline
        share = 2.0 if always_offline else offline_share
        truth = await _live(house, random.Random(seed), punches, share, kill_chance)
        house.link_down = False
        try:
            await house.until_settled(8 * 3600.0)
        except AssertionError as error:
            result.wrong.append(f"{error} {[d for d in await house.deliveries() if d[1].state in UNSETTLED][:3]}")
        result.hours = house.now_s() / 3600.0
        held = [f"{kind}: {found.held.because}" for kind, found in await house.deliveries() if found.held]
        result.held = len(held)
        result.wrong += held
        await _compare_hours(result, house, truth, timedelta(seconds=truth_off_s))
        await house.kill()
        _compare(result, house, truth)

    in_virtual_time(days)
    return result


def _introduce(house: House, sim: TimeTrackSim | GoodtimeSim) -> None:
    """Tell the house what an admin would have configured for this tracker."""
    if isinstance(sim, GoodtimeSim):
        house.secret, house.time_format = sim.password, TIME_FORMS[sim.profile.time_form]
    else:
        house.attendance_timer_path = sim.profile.attendance_timer_path


def _timetrack(profile: str, employees: int, options: Mapping[str, Any]) -> TimeTrackSim:
    return simulator(profile_named(profile), employees=employees, **options)


def _goodtime(profile: str, answers: Mapping[str, str], employees: int, options: Mapping[str, Any]) -> GoodtimeSim:
    ours = [Person(username_of(n)) for n in range(employees)]
    people = (*ours, Person("somebody@example.com", noise=True))
    return GoodtimeSim(profile=goodtime_profile.profile_named(profile, **answers), users=people, **options)


CROWD = Crowd(foreign=0.1, copy=0.3)
"""Somebody else's rows go on appearing, most of them at the very times of ours."""
TIME_FORMS = {
    "iso-seconds": "%Y-%m-%dT%H:%M:%S",
    "iso-minutes": "%Y-%m-%dT%H:%M",
    "iso-offset": "%Y-%m-%dT%H:%M:%S%:z",
    "epoch-ms": "epoch_ms",
}
"""What to configure for each form of the simulator."""


async def _live(
    house: House, rng: random.Random, punches: int, offline_share: float, kill_chance: float
) -> list[tuple[int, datetime, datetime | None]]:
    """Let people come and go; return every interval as it truly was, on the wall."""
    truth: list[tuple[int, datetime, datetime | None]] = []
    inside: dict[int, datetime] = {}
    waiting = list(range(house.employees))
    rng.shuffle(waiting)
    made = 0
    next_change_s = house.now_s() + rng.uniform(600, 3600)
    while made < punches:
        await asyncio.sleep(rng.expovariate(1 / PACE_S) + 0.2)
        house.check_alive()
        if house.now_s() >= next_change_s:
            house.link_down = offline_share > 1 or (not house.link_down and rng.random() < offline_share * 2)
            next_change_s = house.now_s() + rng.uniform(1200, 5400)
        n = waiting.pop(0)
        waiting.insert(rng.randrange(len(waiting) * 2 // 3, len(waiting) + 1), n)
        at = house.now_at().astimezone(VIENNA).replace(tzinfo=None, microsecond=0)
        await house.tap(n)
        made += 1
        if n in inside:
            truth.append((n, inside.pop(n), at))
        else:
            inside[n] = at
        if rng.random() < kill_chance:
            await house.kill()
            await house.start()
    for n, since in list(inside.items()):  # everybody goes home
        await asyncio.sleep(PACE_S)
        at = house.now_at().astimezone(VIENNA).replace(tzinfo=None, microsecond=0)
        await house.tap(n)
        truth.append((n, since, at))
    return truth


async def _compare_hours(result: Result, house: House, truth: Sequence[Stay], off: timedelta) -> None:
    """What `clockd hours` shows is the truth, to the second, whatever the network and the tracker did."""
    sheets = Timesheets(house.store, house.core.door, TAG, house.read_clock)
    first = house.begin_at.date() - timedelta(days=1)
    for n in range(house.employees):
        sheet: Any = await sheets.of(username_of(n), first, first + timedelta(days=39))
        shown = sorted(
            (row["from_local"], row["to_local"], row["worked_s"]) for day in sheet["days"] for row in day["work"]
        )
        mine = [(since, until + off) for m, since, until in truth if m == n and until is not None]
        wanted = sorted((a.isoformat(), b.isoformat(), int((b - a).total_seconds())) for a, b in mine)
        if shown != wanted or sheet["worked_s"] != sum(seconds for *_, seconds in wanted):
            result.hours_differ.append(f"{username_of(n)}: {set(shown) ^ set(wanted)}")


def _compare(result: Result, house: House, truth: list[tuple[int, datetime, datetime | None]]) -> None:
    sim = house.sim
    minute = timedelta(seconds=60)
    result.punches = 2 * len(truth)
    claimed: Counter[int] = Counter()
    for n in range(house.employees):
        rows = _whole([row for row in sim.rows(username_of(n)) if row.origin == "api"])
        mine = [(since, until) for m, since, until in truth if m == n]
        for since, until in mine:
            assert until is not None
            same = [
                row
                for row in rows
                if abs(row.from_local - since) < minute
                and row.to_local is not None
                and abs(row.to_local - until) < minute
                and not claimed[row.id]
            ]
            if not same:
                result.lost.append(f"{username_of(n)} {since:%d %H:%M:%S}–{until:%H:%M:%S}")
                continue
            claimed[same[0].id] += 1
        result.doubled += [
            f"{row.user} {row.from_local:%d %H:%M:%S}–{row.to_local}" for row in rows if not claimed[row.id]
        ]
    result.violations = sim.violations()
    result.touched = len(sim.api.watch.touched)
    left = [request for _, request, came in house.requests if not isinstance(came, NotSent)]
    result.writes = sum(request.writes and not request.path.endswith("/login") for request in left)
    result.reads = len(left) - result.writes


def _whole(rows: list[Any]) -> list[Any]:
    """Put together again what a tracker cut at midnight."""
    whole: list[Any] = []
    for row in rows:
        cut = row.from_local.time() == time()
        if cut and whole and whole[-1].to_local == row.from_local:
            whole[-1] = replace(whole[-1], to_local=row.to_local)
        else:
            whole.append(row)
    return whole
