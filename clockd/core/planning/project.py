"""What to do next for one employee's project timer (TimeTrack).

It is always read first, since web and phone change it as well. So the same punch is never counted twice, whatever came
of the request before.

    punch      the timer is              plan
    project    on it already             found
               on another one            StopProject, then look again
               stopped                   StartProject
    break      playing                   PauseProject         else: nothing to send
    resume     paused                    ResumeProject        else: nothing to send
    out        playing or paused         StopProject          else: nothing to send
    any        begun after the punch     hold: somebody switched it since
    not an out, of a restored store      hold, unless the timer is on it

A project that is taken back, and that nothing followed, ends where it began, and the one before it goes on from there:

    taken back, the timer is on it       StopProject, dated at the punch
    taken back, we stopped the timer     StartProject on the one before, dated at the punch; where there was none: void
    taken back, anything else            void: somebody went on since
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from clockd.core.delivery import FINISHED, Event, Held, HoldCode, Mark, Move, State, Via
from clockd.core.model import ClockQuality, Kind, Project
from clockd.core.planning.compare import near
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Change, Look, Plan, Policy, Rest, Send
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import PauseProject, ProjectTimer, ResumeProject, StartProject, StopProject, WriteKind


@dataclass(frozen=True, slots=True)
class SeenProject:
    """An employee's project timer as it was last read."""

    taken_s: float
    """CLOCK_BOOTTIME when the read began."""
    timer: ProjectTimer | None
    """None when the tracker knows none."""


def plan_project(items: Sequence[Item], seen: SeenProject | None, policy: Policy, now_s: float) -> Plan:
    """Say what to do next in one employee's project lane.

    Args:
        items: the lane in order of seq.
        seen: the last read of the timer; None when there was none since the start.
        policy: how this tracker is served.
        now_s: CLOCK_BOOTTIME.
    """
    if any(item.state is State.SENDING or (item.held and item.held.blocks) for item in items):
        return Rest()
    for item in items:
        if item.state in FINISHED or item.state is State.HELD:
            continue
        if item.voided and item.state is State.WAITING:
            return _take_back(item, items, seen, policy, now_s)
        return _plan_item(item, seen, policy, now_s)
    return Rest()


def _plan_item(item: Item, seen: SeenProject | None, policy: Policy, now_s: float) -> Plan:
    if item.clock is ClockQuality.UNCERTAIN:
        return Rest()
    due_s = max(item.due_s, item.look_after_s or 0.0)
    if due_s > now_s:
        return Rest(due_s)
    after_s = max(due_s, now_s - policy.fresh_timer_s, (item.sent_s or 0.0) if item.attempts else 0.0)
    if seen is None or seen.taken_s < after_s:
        return Look(item.local, item.local, after_s)
    if item.look_after_s is not None and not policy.blind and (change := _restored(item, seen.timer)):
        return change
    if item.state is State.DOUBTFUL:
        return _settle(item, seen.timer, policy)
    return _step(item, seen.timer)


def _take_back(item: Item, items: Sequence[Item], seen: SeenProject | None, policy: Policy, now_s: float) -> Plan:
    """Say what to do for a punch that was taken back: a project that runs by it ends, and the one before goes on."""
    place = [other.seq for other in items].index(item.seq)
    counts = [other.counts and not other.voided for other in items]
    if item.via is not Via.TIMER or item.kind is not Kind.PROJECT or any(counts[place + 1 :]):
        return Change((Move(item.seq, Event.VOID),))
    if item.due_s > now_s:
        return Rest(item.due_s)
    after_s = max(now_s - policy.fresh_timer_s, item.done_s or 0.0, item.sent_s or 0.0)
    if seen is None or seen.taken_s < after_s:
        return Look(item.local, item.local, after_s)
    before = next(
        (other.project for other, is_so in zip(items[:place][::-1], counts[:place][::-1], strict=True) if is_so), None
    )
    return _go_back(item, before, seen.timer)


def _go_back(item: Item, before: Project | None, timer: ProjectTimer | None) -> Plan:
    stopped_by_us = item.write is WriteKind.STOP_PROJECT
    runs = timer is not None and timer.state != "stopped"
    if timer is not None and runs and _is_on(timer, item):
        if not stopped_by_us:
            return Send(StopProject(item.username, item.local), (item.seq,), final=False)
        because = sentence(
            "the project timer on {project} does not stop: stop it in the tracker, then ignore this",
            project=str(item.project),
        )
        return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.CONFLICT, because)),))
    if not runs and stopped_by_us and before is not None:
        return Send(StartProject(item.username, before.client, before.name, item.local), (item.seq,), final=False)
    return Change((Move(item.seq, Event.VOID),))


def _restored(item: Item, timer: ProjectTimer | None) -> Change | None:
    """Say what becomes of a punch that may have been sent before this store was restored: a person knows.

    The state of the timer tells only what was last: it may have been started for this punch, and stopped since. None:
    the state is all that matters, or a person said that it is to be sent.
    """
    if item.mark is Mark.SAID or item.kind is Kind.OUT:
        return None
    if item.kind is Kind.PROJECT and timer is not None and timer.state != "stopped" and _is_on(timer, item):
        return Change((Move(item.seq, Event.FOUND, via=Via.TIMER),))
    because = (
        "the store was restored from a backup, and this may have been sent before: look at the project times in the "
        "tracker, then retry or ignore this"
    )
    return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.RESTORED, because)),))


def _step(item: Item, timer: ProjectTimer | None) -> Plan:
    state = timer.state if timer else "stopped"
    if timer and state != "stopped" and _began_after(timer, item.local):
        because = sentence(
            "the project timer was switched to {client} / {project} after this punch; check it there",
            client=timer.client,
            project=timer.project,
        )
        return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.CONFLICT, because)),))
    covers = (item.seq,)
    match item.kind, state:
        case Kind.PROJECT, _ if timer and state != "stopped" and _is_on(timer, item):
            return Change((Move(item.seq, Event.FOUND, via=Via.TIMER),))
        case Kind.PROJECT, "stopped":
            assert item.project is not None
            return Send(StartProject(item.username, item.project.client, item.project.name, item.local), covers)
        case Kind.PROJECT, _:
            return Send(StopProject(item.username, item.local), covers, final=False)
        case Kind.BREAK, "playing":
            return Send(PauseProject(item.username, item.local), covers)
        case Kind.RESUME, "paused":
            return Send(ResumeProject(item.username, item.local), covers)
        case Kind.OUT, "playing" | "paused":
            return Send(StopProject(item.username, item.local), covers)
        case _:
            return Change((Move(item.seq, Event.NOTHING_TO_SEND, via=Via.NOTHING),))


def _settle(item: Item, timer: ProjectTimer | None, policy: Policy) -> Plan:
    """Say whether a write in doubt was applied: after the quarantine the state of the timer tells."""
    state = timer.state if timer else "stopped"
    applied = {
        WriteKind.START_PROJECT: timer is not None and state != "stopped" and _is_on(timer, item),
        WriteKind.PAUSE_PROJECT: state == "paused",
        WriteKind.RESUME_PROJECT: state == "playing",
        WriteKind.STOP_PROJECT: state == "stopped" and item.kind is not Kind.PROJECT,
    }
    if item.write is not None and applied.get(item.write, False):
        return Change((Move(item.seq, Event.FOUND, via=Via.TIMER),))
    if item.mark is Mark.REJECTED or item.attempts >= policy.max_attempts:
        because = sentence(
            "the tracker does not take it: {last_error}", last_error=phrase(item.last_error or "no reason given")
        )
        return Change((Move(item.seq, Event.HOLD, held=Held(HoldCode.REFUSED, because)),))
    return Change((Move(item.seq, Event.ABSENT),))


def _is_on(timer: ProjectTimer, item: Item) -> bool:
    project = item.project
    return project is not None and (timer.client, timer.project) == (project.client, project.name)


def _began_after(timer: ProjectTimer, at_local: datetime) -> bool:
    began = timer.started_local
    return began is not None and began > at_local and not near(began, at_local)
