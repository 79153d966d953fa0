"""An employee's lane with its next step, and what the steps of all lanes come to: one look that serves them all."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clockd.core import wire
from clockd.core.delivery import Event, Held, HoldCode, IllegalStep, Move, Now, State
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Change, Look, Plan, Policy, Rest, Send
from clockd.core.sentence import sentence
from clockd.errors import StalePlan
from clockd.flow.board import Wish
from clockd.store import Database, deliveries, outbox
from clockd.store.outbox import Lane

log = logging.getLogger(__name__)

LOOK_MARGIN = timedelta(minutes=2)
"""How much wider than needed a span is looked at: a tracker may round to minutes."""
AHEAD = timedelta(hours=1)
"""How far beyond the last punch a look reaches, so that it serves the taps to come as well while it is fresh."""


@dataclass(frozen=True, slots=True)
class Job:
    """An employee's lane with its next step."""

    lane: Lane
    items: tuple[Item, ...]
    plan: Plan
    live: bool
    made_in: int
    """The round in which the plan was made."""
    edition: int
    """The board's edition for this employee when the plan was made."""
    ends_s: float
    """When the plan has to be made anew."""
    unfinished: tuple[datetime, ...]
    """The first and the last wall-clock time that is not booked yet."""
    waiting: int
    """How many punches are to be sent, without those that wait for their clock-out."""
    doubtful: bool
    """Whether something was sent of which nobody knows whether it arrived."""


def by_plan(jobs: Iterable[Job]) -> tuple[list[Job], list[Job], list[Job], list[tuple[Job, Rest]]]:
    """Return the jobs that change a state, those that look, those that send, and those that rest."""
    changing, looking, sending, resting = list[Job](), list[Job](), list[Job](), list[tuple[Job, Rest]]()
    for job in jobs:
        match job.plan:
            case Rest() as rest:
                resting.append((job, rest))
            case Send():
                sending.append(job)
            case Look():
                looking.append(job)
            case Change():
                changing.append(job)
    return changing, looking, sending, resting


def wish_of(looking: Iterable[Job], jobs: Sequence[Job], inside: Iterable[datetime], policy: Policy) -> Wish | None:
    """Return one look for all lanes of attendance that need one, wide enough for the requests to come; None: none does.

    Args:
        looking: the lanes whose plan is to look.
        jobs: all lanes with their plans.
        inside: since when those are in who tapped, at the wall clock: what their clock-out will have to look at.
        policy: how this tracker is served.
    """
    first = sorted(looking, key=lambda job: not job.live)  # where one is looked at after the other
    looks = [(job, job.plan) for job in first if isinstance(job.plan, Look) and job.lane.lane == outbox.ATTENDANCE]
    if not looks:
        return None
    unfinished = [local for job in jobs for local in job.unfinished]
    to_local = max([look.to_local for _, look in looks] + unfinished)
    longest = timedelta(seconds=policy.max_shift_s)
    shifts = [since for since in inside if since > to_local - longest] if policy.timer else []
    look = Look(
        min([look.from_local for _, look in looks] + unfinished + shifts) - LOOK_MARGIN,
        to_local + AHEAD,
        max(look.after_s for _, look in looks),
    )
    names = tuple(dict.fromkeys(job.lane.username for job, _ in looks))
    sure = [job for job, _ in looks if not job.doubtful]
    return Wish(names, look, urgent=any(job.live for job in sure), patient=not sure)


def held_for(mistake: Exception, items: Sequence[Item]) -> Plan:
    """Plan to hold the first of an employee's punches that can be held, which holds up all the others."""
    log.error("an employee's punches are held because of a mistake in clockd", exc_info=mistake)
    because = sentence(
        "clockd made a mistake here, please report it ({name}: {mistake}); retry tries again",
        name=type(mistake).__name__,
        mistake=str(mistake),
    )
    first = next((item for item in items if item.state in (State.WAITING, State.DOUBTFUL)), None)
    if first is None:
        return Rest()
    return Change((Move(first.seq, Event.HOLD, held=Held(HoldCode.INTERNAL, because, blocks=True)),))


def deletes(plan: Plan) -> bool:
    """Whether a plan is to delete an entry."""
    return isinstance(plan, Send) and isinstance(plan.write, wire.DeleteEntry)


def seqs_found(plan: Plan) -> list[int]:
    """Return the punches that a change finds to be booked."""
    assert isinstance(plan, Change)
    return [move.seq for move in plan.moves if move.event is Event.FOUND]


def apply_changes(db: Database, jobs: Sequence[Job], now: Now) -> list[tuple[Job, IllegalStep]]:
    """Carry out the changes of several lanes, each whole or not at all; return those that were a mistake of ours."""
    mistakes: list[tuple[Job, IllegalStep]] = []
    for job in jobs:
        assert isinstance(job.plan, Change)
        try:
            deliveries.check_unchanged(db, job.items, [move.seq for move in job.plan.moves], job.lane.lane)
        except StalePlan:
            continue  # planned anew in the next round
        if mistake := deliveries.try_to_apply(db, job.plan.moves, job.lane.lane, now):
            mistakes.append((job, mistake))
    return mistakes
