"""What a verdict claims is what happened: random writes through random faults, held against the simulator's rows."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from clockd.core.planning.compare import near
from clockd.core.wire import (
    Accepted,
    CreateEntry,
    DeleteEntry,
    Exchange,
    Forbidden,
    Gone,
    NotApplied,
    Paused,
    PauseProject,
    Rejected,
    Reply,
    ResumeProject,
    StartProject,
    StartTimer,
    StopProject,
    StopTimer,
    Throttled,
    Unconfirmed,
    UpdateEntry,
    Verdict,
    Write,
)
from clockd.sim import faults
from clockd.sim.timetrack.profile import Profile
from clockd.sim.timetrack.world import AttendanceRow
from clockd.trackers.timetrack import TimeTrackCodec
from tests.trackers_timetrack.desk import TALKATIVE, WHO, Desk, desk, profiles

Judge = Callable[[TimeTrackCodec, Write, Exchange], Verdict]

FAULTS: tuple[faults.Fault, ...] = (
    faults.Refuse(),
    faults.Lost(),
    faults.ReplyLost(),
    faults.Late(),
    faults.FailBefore(),
    faults.FailAfter(),
    faults.Portal(),
    faults.Garbled(),
    faults.Cut(),
    faults.Redirected(),
    faults.FalseThrottled(),
    faults.FalseUnauthorized(),
    faults.FalseForbidden(),
    faults.IdOnly(),
    faults.NoBody(),
)


def honest(codec: TimeTrackCodec, write: Write, answer: Exchange) -> Verdict:
    return codec.verdict(write, answer)


def believes_the_status(codec: TimeTrackCodec, write: Write, answer: Exchange) -> Verdict:
    """Sabotage."""
    ok = isinstance(answer, Reply) and 200 <= answer.status < 300
    return Accepted(()) if ok else codec.verdict(write, answer)


def believes_an_id(codec: TimeTrackCodec, write: Write, answer: Exchange) -> Verdict:
    """Sabotage: an id alone proves a start."""
    verdict = codec.verdict(write, answer)
    ok = isinstance(answer, Reply) and answer.status < 300 and b'"id"' in answer.body.lower()
    return Accepted(()) if ok and isinstance(write, StartTimer) and isinstance(verdict, Unconfirmed) else verdict


def believes_500(codec: TimeTrackCodec, write: Write, answer: Exchange) -> Verdict:
    """Sabotage: an error is an error, so nothing was done."""
    failed = isinstance(answer, Reply) and answer.status >= 500
    return NotApplied("500") if failed else codec.verdict(write, answer)


def snapshot(d: Desk) -> object:
    rows = [(r.id, r.user, r.from_local, r.to_local, r.notes, r.deleted) for r in d.sim.api.world.rows.values()]
    timers = sorted((t.user, t.state, t.project, t.started_local) for t in d.sim.api.world.timers.values())
    return rows, timers, len(d.sim.entries())


def random_write(d: Desk, dice: random.Random) -> Write:
    who, ids = dice.choice(("ada", WHO)), [str(row.id) for row in d.sim.api.world.rows.values()] or ["1"]
    at = d.at(-dice.uniform(0, 2))
    return dice.choice(
        (
            StartTimer(who, at),
            StopTimer(who, at),
            CreateEntry(who, d.at(-dice.uniform(30, 900)), at, 0, "n"),
            UpdateEntry(dice.choice(ids), to_local=at, note=str(dice.random())),
            DeleteEntry(dice.choice(ids)),
            StartProject(who, "Client 001", dice.choice(("Test", "Test 2")), at),
            PauseProject(who, at),
            ResumeProject(who, at),
            StopProject(who, at),
        )
    )


def applied(d: Desk, write: Write, ids: tuple[str, ...]) -> bool:
    """Whether the account now shows what was sent."""
    world = d.sim.api.world
    match write:
        case StartTimer(who, at):
            return any(near(r.from_local, at) and r.to_local is None for r in _named(d, who, ids))
        case StopTimer(who, at):
            return any(near(r.to_local, at) for r in _named(d, who, ids))
        case CreateEntry(who, begin, end):
            return any(near(r.from_local, begin) and near(r.to_local, end) for r in _named(d, who, ids))
        case UpdateEntry(entry_id, to_local=end, note=note):
            row = world.rows[int(entry_id)]
            return near(row.to_local, end) and row.notes == note
        case DeleteEntry(entry_id):
            return world.rows[int(entry_id)].deleted
        case StartProject(who, client, project):
            timer = world.timers.get(who)
            return timer is not None and (timer.state, timer.client, timer.project) == ("playing", client, project)
        case PauseProject(who) | ResumeProject(who) | StopProject(who):
            wanted = {PauseProject: "paused", ResumeProject: "playing", StopProject: "stopped"}
            return who in world.timers and world.timers[who].state == wanted[type(write)]


def _named(d: Desk, who: str, ids: tuple[str, ...]) -> list[AttendanceRow]:
    return [row for row in d.sim.rows(who) if not ids or str(row.id) in ids]


def lies(profile: Profile, judge: Judge, seeds: range, writes: int = 60) -> list[str]:
    """Send random writes through random faults; return every verdict that claims what did not happen."""
    found = []
    for seed in seeds:
        dice = random.Random(seed)
        d = desk(profile, seed)
        for _ in range(writes):
            d.now += timedelta(minutes=dice.uniform(1, 90))
            write = random_write(d, dice)
            fault = dice.choice(FAULTS) if dice.random() < 0.5 else None
            d.sim.front.faults.replace((faults.FaultRule(fault, times=1),) if fault else ())
            before = snapshot(d)
            verdict = judge(d.codec, write, d.send(d.codec.request(write)))
            d.now += timedelta(seconds=200)
            d.sim.front.advance(d.now.timestamp())  # what comes late has come by now
            lie = None
            match verdict:
                case Accepted(ids) if not applied(d, write, ids):
                    lie = "not applied"
                case NotApplied() | Paused() | Throttled() | Forbidden() | Rejected() | Gone() if snapshot(d) != before:
                    lie = "something changed"
                case _:
                    pass
            if lie:
                found.append(f"seed {seed}: {write} through {fault}: {verdict}, and {lie}")
    return found


@profiles
def test_no_verdict_claims_what_did_not_happen(profile: Profile) -> None:
    assert lies(profile, honest, range(8)) == []


@pytest.mark.parametrize("judge", [believes_the_status, believes_an_id, believes_500])
def test_control_careless_judges_lie(judge: Judge) -> None:
    assert lies(TALKATIVE, judge, range(8))
