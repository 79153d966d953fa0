"""Days as they come, with every key, repairs, faults and restarts: the tracker holds what the punches that count say.

What is expected is worked out here anew, from the punches alone and without a line of the planner: who reads both can
say which of the two is wrong.
"""

import asyncio
import contextlib
import random
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest

from clockd.core.correction import Consent
from clockd.core.delivery import Now, State
from clockd.core.model import Action, Kind, Project
from clockd.core.planning.item import Item
from clockd.errors import ClockdError
from clockd.flow.timesheets import Timesheets
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import profile_named as goodtime_profile
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.profile import profile_named as timetrack_profile
from clockd.store import outbox
from tests.flow.house import TAG, House, in_virtual_time, simulator, username_of
from tests.flow.matrix import TIME_FORMS

EMPLOYEES = 4
STEPS = 160
PROJECTS = (Project("", "Roof"), Project("", "Cellar"))
TRACKERS = ["goodtime strict", "goodtime alt", "goodtime alt2", "entries strict", "entries alt", "timer strict"]
A_PERSONS = {"missing-out", "orphan-out", "too-long", "its-in", "gave-up"}
"""What such days leave to a person: half of a pair was forgotten, or taken back; or the network went for hours while
nobody knew whether something had arrived.
"""
OF_TIMERS = {"conflict", "refused"}
"""And where timers are used: an entry whose clock-out was forgotten runs on, beside all that follows. Where the tracker
refuses what overlaps, that is all of it until somebody ends that entry; so timers are not played there.
"""
SETTLED = {State.DELIVERED, State.HELD, State.VOID, State.IGNORED}


def made(folder: Path, tracker: str, seed: int, **answers: str) -> House:
    """A door at one of the trackers, which answers otherwise than its profile where it is said."""
    kind, name = tracker.split()
    if kind == "goodtime":
        profile = goodtime_profile(name, **answers)
        users = tuple(Person(username_of(n), projects=("Roof", "Cellar")) for n in range(EMPLOYEES))
        sim: Any = GoodtimeSim(profile=profile, users=users, projects=("Roof", "Cellar"), seed=seed)
        door = House(folder, sim, employees=EMPLOYEES, secret="sim-password", seed=seed)
        door.time_format = TIME_FORMS[profile.time_form]
        return door
    sim = simulator(timetrack_profile(name, **answers), employees=EMPLOYEES, seed=seed)
    path = sim.profile.attendance_timer_path
    return House(
        folder,
        sim,
        employees=EMPLOYEES,
        delivery="timer" if kind == "timer" else "entries",
        seed=seed,
        attendance_timer_path=path,
    )


async def answer_something(door: House, dice: random.Random) -> None:
    """An owner agrees to what the office asks of them, or refuses."""
    waiting = await door.office.corrections.listed(waiting=True)
    if waiting:
        asked: Any = dice.choice(waiting)
        owner = dice.choice(asked["owners"])
        consent = dice.choice([Consent.YES, Consent.YES, Consent.NO])
        await door.office.corrections.answer(asked["number"], owner["username"], consent, "")


async def something(door: House, dice: random.Random, tapped_s: dict[int, float]) -> None:
    """Somebody taps, changes their mind, an admin repairs, the network or the power goes."""
    goodtime = isinstance(door.sim, GoodtimeSim)
    what, n = dice.random(), dice.randrange(EMPLOYEES)
    if what < 0.62:
        if door.now_s() - tapped_s.get(n, -1e9) < 130:
            return  # in one minute much is possible that `test_goodtime` shows one by one
        keys: list[Action | None] = [None, None, None, None, None, None, Action.BREAK, Action.IN, Action.OUT]
        action = dice.choice([*keys, *[Action.PROJECT] * 3 * goodtime])
        await door.tap(n, action, dice.choice(PROJECTS) if action is Action.PROJECT else None)
        if dice.random() < 0.2:
            await asyncio.sleep(dice.choice([11, 14, 25]))
            await door.tap(n, Action.UNDO)
        tapped_s[n] = door.now_s()
    elif what < 0.72:
        door.link_down = not door.link_down
    elif what < 0.77:
        door.sim.front.faults.replace(parse_rules(dice.choice(["mix", "reply-lost=10%", "fail-after:502=10%", ""])))
    elif what < 0.82:
        await door.kill()
        await asyncio.sleep(dice.choice([1, 60, 900]))
        await door.start()
    else:
        found = await door.documents.punches(limit=12, state=None, username=username_of(n))
        if found:
            punch = dice.choice(found)
            assert isinstance(punch, dict)
            await repair(door, str(punch["id"]), dice)


async def repair(door: House, punch: str, dice: random.Random) -> None:
    """An admin says something else of a punch."""
    repairs, why, by = door.repairs, "why", "admin"
    match dice.choice(["void", "void", "void", "retry", "ignore", "out", "kind"]):
        case "void":
            await repairs.void([punch], why, by)
        case "retry":
            await repairs.retry([punch], why, by)
        case "ignore":
            await repairs.ignore([punch], why, by)
        case "out":
            left_at = door.now_at() - timedelta(minutes=dice.choice([10, 60, 400, 1500]))
            await repairs.add_out(punch, left_at, why, by)
        case _:
            kind = dice.choice([Kind.IN, Kind.OUT, Kind.BREAK, Kind.RESUME])
            await repairs.amend(punch, None, kind, why, by)


def expected(items: list[Item], door: House) -> list[tuple[str, str, str]]:
    """What the tracker has to hold of one employee: (from, to, project); of what waits for a person nothing."""
    cut = isinstance(door.sim, GoodtimeSim) or door.sim.profile.precision == "minute-down"
    found: list[tuple[str, str, str]] = []
    opens: Item | None = None
    for item in items:
        if item.state in (State.VOID, State.IGNORED):
            continue
        ends = item.kind in (Kind.OUT, Kind.BREAK, Kind.PROJECT)
        if ends and opens and State.HELD not in (opens.state, None if item.kind is Kind.PROJECT else item.state):
            begin, end = opens.local, item.local
            long = (end - begin).total_seconds() > door.policy.max_shift_s
            assert item.mark == "said" or not long or door.policy.timer, "an invented shift"
            if cut:
                begin, end = begin.replace(second=0), end.replace(second=0)
            project = opens.project.name if opens.project and opens.kind is Kind.PROJECT else ""
            found += [(f"{a:%d %H:%M:%S}", f"{b:%d %H:%M:%S}", project) for a, b in _days(begin, end, door)]
        elif opens and door.policy.timer and opens.state is State.DELIVERED:
            found.append((f"{opens.local:%d %H:%M:%S}", "", ""))  # it runs until somebody ends it there
        opens = None if item.kind in (Kind.OUT, Kind.BREAK) else item
    return found


def _days(begin: datetime, end: datetime, door: House) -> list[tuple[datetime, datetime]]:
    if not door.sim.profile.midnight_split:
        return [(begin, end)]
    parts = []
    while begin.date() < end.date():
        midnight = datetime.combine(begin.date() + timedelta(days=1), time())
        parts.append((begin, midnight))
        begin = midnight
    return [*parts, (begin, end)] if begin < end else parts


def booked(door: House, n: int) -> list[tuple[str, str, str]]:
    """What it holds, in the same words."""
    names = {project.id: project.name for project in door.sim.api.world.projects} if door.sim.name == "goodtime" else {}
    rows = sorted((row for row in door.sim.rows(username_of(n)) if not row.deleted), key=lambda row: row.from_local)
    return [
        (
            f"{row.from_local:%d %H:%M:%S}",
            f"{row.to_local:%d %H:%M:%S}" if row.to_local else "",
            names.get(getattr(row, "project_id", None) or "", ""),
        )
        for row in rows
    ]


def worked(items: list[Item], door: House) -> list[tuple[str, str, int]]:
    """What was worked, of the punches that count: (from, to, seconds), whatever became of them at the tracker."""
    found: list[tuple[str, str, int]] = []
    opens: Item | None = None
    for item in items:
        if item.voided or item.state in (State.VOID, State.IGNORED):
            continue
        if opens and item.kind in (Kind.OUT, Kind.BREAK, Kind.PROJECT):
            length = item.at - opens.at
            if item.mark == "said" or length.total_seconds() <= door.policy.max_shift_s:
                true_s = (item.local - opens.local).total_seconds() - item.offset_s + opens.offset_s
                found.append((opens.local.isoformat(), item.local.isoformat(), int(true_s)))
        opens = None if item.kind in (Kind.OUT, Kind.BREAK) else item
    return found


async def check_hours(door: House, n: int, items: list[Item]) -> None:
    """The hours are those of the punches to the second, and where no person is waited for those of the tracker."""
    sheets = Timesheets(door.store, door.core.door, TAG, door.read_clock)
    begin = door.begin_at.date()
    sheet = await sheets.of(username_of(n), begin, begin + timedelta(days=39))
    assert isinstance(sheet, dict)
    days: Any = sheet["days"]
    stretches = [row for day in days for row in day["work"]]
    assert [(row["from_local"], row["to_local"], row["worked_s"]) for row in stretches] == worked(items, door)
    assert sheet["worked_s"] == sum(seconds for _, _, seconds in worked(items, door))
    if door.sim.name != "goodtime" and door.sim.profile.precision == "second" and not door.policy.timer:
        rows = [row for row in door.sim.rows(username_of(n)) if not row.deleted]
        of_tracker = sorted((row.from_local.isoformat(), row.to_local.isoformat()) for row in rows)
        assert sorted((row["from_local"], row["to_local"]) for row in stretches if not row["held"]) == of_tracker


async def any_days(folder: Path, tracker: str, seed: int, countersign: Literal["off", "tell", "agree"] = "off") -> None:
    """Play them, send everybody home, and compare."""
    door, dice, tapped_s = made(folder, tracker, seed), random.Random(f"{tracker} {seed}"), dict[int, float]()
    door.countersign = countersign
    await door.start()
    for _ in range(STEPS):
        with contextlib.suppress(ClockdError):  # what cannot be taken back is said so
            await something(door, dice, tapped_s)
        if countersign == "agree" and dice.random() < 0.25:
            with contextlib.suppress(ClockdError):  # one of two has answered
                await answer_something(door, dice)
        await asyncio.sleep(dice.choice([3, 40, 150, 900, 3600, 9000]))
        door.check_alive()
    door.link_down = False
    door.sim.front.faults.replace(())
    await asyncio.sleep(200)
    for n in range(EMPLOYEES):
        await door.tap(n, Action.OUT)
    await asyncio.sleep(20 * 3600)  # beyond the longest shift
    now = Now.of(door.read_clock())
    for n in range(EMPLOYEES):
        history = partial(outbox.history, username=username_of(n), lane=outbox.ATTENDANCE, since_us=0, now=now)
        items = await door.store.run(history)
        story = "\n".join(
            f"{item.kind.value} {item.local:%d %H:%M:%S} {item.state.value} {item.entry_ids} {item.held}"
            for item in items
        )
        assert {item.state for item in items} <= SETTLED, story
        codes = {item.held.code for item in items if item.held and item.state is State.HELD}
        assert codes <= A_PERSONS | (OF_TIMERS if door.policy.timer else set()), story
        assert booked(door, n) == expected(items, door), story
        await check_hours(door, n, items)
    assert door.sim.violations() == []
    if countersign != "off":
        found: Any = await door.office.corrections.listed()
        assert found, "else nothing of it was played"
        assert "asked" not in {each["progress"] for each in found}
    await door.kill()


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("seed", range(1))
def test_any_days(tmp_path: Path, seed: int, tracker: str) -> None:
    in_virtual_time(lambda: any_days(tmp_path, tracker, seed))


@pytest.mark.soak
@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("seed", range(20))
def test_many_days_with_corrections_that_need_a_word(tmp_path: Path, seed: int, tracker: str) -> None:
    """What waited for an answer came to its end, and the tracker holds what counts after all answers."""
    in_virtual_time(lambda: any_days(tmp_path, tracker, seed, "tell" if seed % 4 == 3 else "agree"))


@pytest.mark.soak
@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize("seed", range(1, 50))
def test_many_days(tmp_path: Path, seed: int, tracker: str) -> None:
    in_virtual_time(lambda: any_days(tmp_path, tracker, seed))
