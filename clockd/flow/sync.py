"""From the outbox to the tracker: plan each employee's next step, send one at a time per employee.

What the loop remembers may be lost: who is busy right now, the plans of lanes where nothing changed, who is in, who was
refused of late, and which lanes rest after a mistake of clockd. Everything else follows from the outbox and from what
was last seen, so the loop can end at any point and begin anew. A plan is made anew when the lane's rows changed
(`flow/lanes.py`), when something was seen of the employee, when its time has come, after a minute, and always right
before it is sent.
"""

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from clockd.core import wire
from clockd.core.attempts import as_answered, as_sent
from clockd.core.delivery import FINISHED, Event, Held, HoldCode, IllegalStep, Mark, Move, Now, State
from clockd.core.model import ClockQuality, Kind, Reading
from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.item import Item
from clockd.core.planning.outcome import outcome_of
from clockd.core.planning.plan import Change, Look, Plan, Policy, Rest, Send
from clockd.core.planning.project import plan_project
from clockd.core.sentence import phrase, sentence
from clockd.errors import NotRecorded, StalePlan
from clockd.flow.board import Board
from clockd.flow.jobs import Job, apply_changes, by_plan, deletes, held_for, seqs_found, wish_of
from clockd.flow.lanes import LaneKey, Lanes
from clockd.flow.line import Line, LineState
from clockd.store import Database, attempts, deliveries, outbox
from clockd.store.outbox import Lane
from clockd.store.thread import Store

log = logging.getLogger(__name__)

LIVE_S = 300.0
"""An employee with a tap younger than this is live: they go before the backlog."""
MISTAKEN_S = 600.0
"""How long a lane rests after a mistake of clockd, when nothing of it can be held."""
MANY_FORBIDDEN = 3
"""When so many employees are refused within `FORBIDDEN_WITHIN_S`, the key is to blame, and the line is paused."""
FORBIDDEN_WITHIN_S = 600.0
_ON_ITS_WAY = (State.WAITING, State.SENDING, State.DOUBTFUL)
_SHOWN = {outbox.ATTENDANCE: "entries", outbox.PROJECT: "project timer"}


@dataclass(slots=True)
class Sync:
    """The loop that sends what waits.

    What should never happen (a failed assertion, an event that the table of states does not know) is a mistake of
    clockd that concerns one employee: their punches are held and told of, and everybody else goes on.

    Args:
        store: the outbox.
        line: the way to the tracker.
        codec: the tracker's language.
        policy: how this tracker is served.
        board: what was last seen.
        delivered: told the seq of each punch that is now proved to be booked.
        planner: says what to do next for one employee's attendance.
    """

    store: Store
    line: Line
    codec: wire.Codec
    policy: Policy
    board: Board
    delivered: Callable[[int], None] = lambda _: None
    planner: Callable[..., Plan] = plan_attendance
    plan_lasts_s: float = 60.0
    """How long a plan to do something is kept at most: what it says of ages changes slowly."""
    live_waits_s: float = 20.0
    """How long live employees wait for a look of several pages; all others wait until it is over."""
    rest_lasts_s: float = 600.0
    """How long a plan to do nothing is kept at most: a shift may have become too long meanwhile."""
    progress: int = 0
    """Counts rounds, as a sign of life."""
    resting: int = 0
    """How many punches wait for something else than the tracker: their other half, true time, a person."""
    lanes: Lanes = field(init=False)
    _busy: set[str] = field(default_factory=set)
    """Employees with a request under way."""
    _jobs: dict[LaneKey, Job] = field(default_factory=dict)
    """The last plan of each lane, except those of busy employees."""
    _hold_until_s: float = 0.0
    """Until when `_jobs` holds as a whole, if no row changes and the board sees nothing more."""
    _seen: int = -1
    """The board's `count` when `_jobs` was made."""
    _inside: dict[str, datetime] = field(default_factory=dict)
    """Since when employees are in who tapped since the start: as far back their clock-outs will have to look."""
    _forbidden: dict[str, float] = field(default_factory=dict)
    """When each employee was last refused."""
    _mistaken: dict[LaneKey, float] = field(default_factory=dict)
    """Until when a lane rests after a mistake of clockd."""

    def __post_init__(self) -> None:
        self.lanes = Lanes(self.store)

    def wake(self) -> None:
        """Look at the outbox soon: something new is in it."""
        self.board.news.set()

    async def run(self) -> None:
        """Send until cancelled."""
        now = Now.of(self.line.read_clock())
        await self.store.run(lambda db: deliveries.after_a_crash(db, self.policy.quarantine_s, now))
        async with asyncio.TaskGroup() as group:
            while True:
                self.progress += 1
                try:
                    until_s = await self._round(group)
                except NotRecorded as failure:
                    # the disk refuses: nothing was sent for it; the tap path tells people, we try again
                    log.warning("sync waits for the disk: %s", failure.message)
                    until_s = self.line.now_s() + 5.0
                await self.line.wait(until_s, self.board.news)

    async def _round(self, group: asyncio.TaskGroup) -> float | None:
        """Do what can be done now; return when to come back at the latest."""
        jobs = await self._planned()
        changing, looking, sending, resting = by_plan(jobs)
        if changing:
            await self._change(changing)
            return None
        self.board.want_projects([job.lane.username for job in looking if job.lane.lane == outbox.PROJECT])
        self.board.want(wish_of(looking, jobs, self._inside.values(), self.policy))
        self.resting = sum(job.waiting for job, rest in resting if rest.until_s is None)
        until_s = min((rest.until_s for _, rest in resting if rest.until_s is not None), default=None)
        job, free_s = self._next(sending)
        if job is None:
            return until_s
        if free_s > self.line.now_s():
            return free_s if until_s is None else min(free_s, until_s)
        self._hold_until_s = 0.0
        if job.made_in != self.progress:
            self._jobs[job.lane.key] = replace(job, ends_s=0.0)
            self.board.news.set()
            return None
        self._busy.add(job.lane.username)
        group.create_task(self._send(job), name=f"send {job.lane.lane}")
        await asyncio.sleep(0)  # the task takes its place on the line before the next one is chosen
        self.board.news.set()
        return until_s

    async def _change(self, jobs: list[Job]) -> None:
        """Carry out what needs no request."""
        mistakes = await self.store.run(lambda db: apply_changes(db, jobs, Now.of(self.line.read_clock())))
        for job, mistake in mistakes:
            await self._hold_for(mistake, job.lane)
        await self._tell([seq for job in jobs for seq in seqs_found(job.plan)])
        self.board.news.set()

    def _next(self, ready: list[Job]) -> tuple[Job | None, float]:
        """Choose who of these sends next, and say when the line is free for them; None while nobody can."""
        reading = self.board.reading
        if reading:  # what is deleted moves rows to pages that were read already, and nothing would tell
            ready = [job for job in ready if job.live and not deletes(job.plan)]
        if not ready or (self.line.state is LineState.PAUSED and self.line.reason != "throttled"):
            return None, 0.0
        job = min(ready, key=lambda job: (not job.live, job.lane.first))
        free_s = self.line.free_at_s(urgent=job.live)
        if free_s is None:
            return None, 0.0
        return job, max(free_s, reading.began_s + self.live_waits_s) if reading else free_s

    async def _planned(self) -> list[Job]:
        """Return each lane whose employee is not busy, oldest first, with a plan that still holds."""
        reading = self.line.read_clock()
        now_s = reading.boottime_s
        anew = await self.lanes.refresh(reading, self._busy)
        if anew is None and now_s < self._hold_until_s and self._seen == self.board.count:
            return list(self._jobs.values())
        old, self._jobs = self._jobs, {}
        saw_more = self._seen != self.board.count
        self._hold_until_s, self._seen = math.inf, self.board.count
        for key, lane in self.lanes.open.items():
            if key[0] in self._busy:
                continue
            if key not in self.lanes.items:
                self._hold_until_s = 0.0  # it was busy a moment ago
                continue
            job = old.get(key)
            if not job or key in (anew or ()) or job.ends_s <= now_s or (saw_more and self._is_old(job)):
                job = self._job(lane, self.lanes.items[key], reading)
            self._jobs[key] = job
        self._hold_until_s = min(self._hold_until_s, min((job.ends_s for job in self._jobs.values()), default=math.inf))
        return list(self._jobs.values())

    def _is_old(self, job: Job) -> bool:
        """Whether something was seen of the employee since the plan was made."""
        return job.edition != self.board.edition(job.lane.username)

    def _job(self, lane: Lane, items: tuple[Item, ...], reading: Reading) -> Job:
        now_s, rests_s = reading.boottime_s, self._mistaken.get(lane.key, 0.0)
        try:
            plan = Rest(rests_s) if rests_s > now_s else self._plan(lane, items, reading)
        except Exception as mistake:  # noqa: BLE001 - whatever it is, it concerns this employee alone
            plan = held_for(mistake, items)
            if isinstance(plan, Rest):
                self._mistaken[lane.key] = now_s + MISTAKEN_S
        if lane.lane == outbox.ATTENDANCE:
            self._note_presence(lane.username, items)
        live_s = LIVE_S - (now_s - items[-1].tapped_s) if items else 0.0
        if isinstance(plan, Rest):
            ends_s = min(now_s + self.rest_lasts_s, math.inf if plan.until_s is None else plan.until_s)
        else:
            ends_s = now_s + (min(live_s, self.plan_lasts_s) if live_s > 0 else self.plan_lasts_s)
        local = [item.local for item in items if item.state in _ON_ITS_WAY and item.clock is not ClockQuality.UNCERTAIN]
        return Job(
            lane,
            items,
            plan,
            live=live_s > 0,
            made_in=self.progress,
            edition=self.board.edition(lane.username),
            ends_s=ends_s,
            unfinished=(min(local), max(local)) if local else (),
            waiting=sum(item.state is State.WAITING and item.mark is not Mark.WITH_OUT for item in items),
            doubtful=any(item.state is State.DOUBTFUL for item in items),
        )

    def _plan(self, lane: Lane, items: Sequence[Item], reading: Reading) -> Plan:
        now_s = reading.boottime_s
        if lane.lane == outbox.PROJECT:
            plan = plan_project(items, self.board.project(lane.username), self.policy, now_s)
        else:
            seen = self.board.seen(lane.username)
            plan = self.planner(
                items,
                seen,
                self.policy,
                now_s,
                trusted=reading.trusted,
                failed_s=self.line.failed_s,
                anew_s=self.board.asked_anew_s(lane.username),
            )
        if isinstance(plan, Look) and (why := self.board.take_refusal(lane.username, lane.lane, plan.after_s)):
            # a look will not settle this: a person has to, and when they say retry it is asked again
            held = Held(
                HoldCode.FORBIDDEN,
                sentence(
                    "the tracker does not show this employee's {shown}: {why}",
                    shown=phrase(_SHOWN[lane.lane]),
                    why=phrase(why),
                ),
                blocks=True,
            )
            open_ = [item for item in items if item.state in (State.DOUBTFUL, State.WAITING)]
            doubtful = [item for item in open_ if item.state is State.DOUBTFUL]
            return Change(tuple(Move(item.seq, Event.HOLD, held=held) for item in doubtful or open_[:1]))
        return plan

    def _note_presence(self, username: str, items: Sequence[Item]) -> None:
        since = next((item.local for item in reversed(items) if item.kind is Kind.IN), None)
        if since is None or items[-1].kind is Kind.OUT:
            self._inside.pop(username, None)
        else:
            self._inside[username] = since

    async def _send(self, job: Job) -> None:
        """Note the intent on disk, send, and note the outcome; a crash anywhere in between leaves *sending* behind."""
        send, lane = job.plan, job.lane
        assert isinstance(send, Send)
        try:
            free_s = self.line.free_at_s(urgent=job.live)
            if free_s is None or free_s > self.line.now_s():
                return  # reconcile, or an admin, took the place since it was seen to be free
            now = Now.of(self.line.read_clock())
            request = self.codec.request(send.write)

            def intent(db: Database) -> None:
                deliveries.begin(db, send, job.items, lane.lane, now)
                attempts.begin(db, send.covers, lane.lane, now.wall_us, as_sent(request))

            exchange = await self.line.exchange(request, intent)
            if not isinstance(send.write, wire.StartTimer | wire.StopTimer | wire.CreateEntry):
                self.board.spoil(lane.username, self.line.now_s())
            hear = partial(self.codec.verdict, send.write, exchange)
            verdict, answered = self.line.read(hear, exchange, wire.Unknown)
            self.line.judge(verdict, exchange, answered=answered)
            after = Now.of(self.line.read_clock())
            taken = await self._taken(verdict, lane)
            moves = outcome_of(send, verdict, job.items, self.policy, after.boottime_us / 1e6, taken)
            await self._settle(
                moves, lane, after, partial(_note_answer, seqs=send.covers, lane=lane.lane, exchange=exchange)
            )
            self._count_forbidden(verdict, lane.username)
        except StalePlan:
            pass  # nothing was sent; the lane changed, so it is planned anew
        except (IllegalStep, AssertionError) as mistake:
            try:
                await self._hold_for(mistake, lane)
            except NotRecorded:
                await self._doubt(lane)
        except NotRecorded as failure:
            # either nothing was sent, or *sending* stays on disk: the crash rule turns it into doubt
            log.warning("the outcome of a delivery could not be kept: %s", failure.message)
            await self._doubt(lane)
        finally:
            self._busy.discard(lane.username)
            self._hold_until_s = 0.0
            self.board.news.set()

    async def _taken(self, verdict: wire.Verdict, lane: Lane) -> list[str]:
        """Return the ids in an answer that punches of other employees own already."""
        ids = verdict.entry_ids if isinstance(verdict, wire.Accepted) else ()
        return await self.store.run(lambda db: outbox.owned_by_others(db, ids, lane.username)) if ids else []

    async def _hold_for(self, mistake: Exception, lane: Lane) -> None:
        """Hold an employee's punches after a mistake of clockd; what was being sent becomes doubtful."""
        now = Now.of(self.line.read_clock())
        q = self.policy.quarantine_s

        def hold(db: Database) -> bool:
            deliveries.after_a_crash(db, q, now, lane.username)
            plan = held_for(mistake, outbox.items(db, lane.username, lane.lane, now))
            if isinstance(plan, Change):
                deliveries.apply(db, plan.moves, lane.lane, now)
            return isinstance(plan, Change)

        if not await self.store.run(hold):
            self._mistaken[lane.key] = now.boottime_us / 1e6 + MISTAKEN_S

    async def _settle(
        self, moves: tuple[Move, ...], lane: Lane, now: Now, note_answer: Callable[[Database], None]
    ) -> None:
        def settle(db: Database) -> None:
            deliveries.apply(db, moves, lane.lane, now)
            note_answer(db)

        await self.store.run(settle)
        await self._tell([move.seq for move in moves if move.event is Event.PROVED])

    async def _doubt(self, lane: Lane) -> None:
        """Try until it can be noted on disk that a delivery is in doubt; the employee waits until then."""
        q = self.policy.quarantine_s
        while True:
            await asyncio.sleep(5.0)
            try:
                now = Now.of(self.line.read_clock())
                await self.store.run(partial(deliveries.after_a_crash, quarantine_s=q, now=now, username=lane.username))
            except NotRecorded:
                continue
            return

    async def _tell(self, seqs: Sequence[int]) -> None:
        """Tell of each punch that is now finished in all its lanes."""
        if not seqs:
            return
        states = await self.store.run(lambda db: [(seq, outbox.by_seq(db, seq)) for seq in seqs])
        for seq, lanes in states:
            if all(state in FINISHED for _, state in lanes):
                self.delivered(seq)

    def _count_forbidden(self, verdict: wire.Verdict, username: str) -> None:
        if not isinstance(verdict, wire.Forbidden) or verdict.about != "key":
            return
        now_s = self.line.now_s()
        recent = {name: at for name, at in self._forbidden.items() if at > now_s - FORBIDDEN_WITHIN_S}
        self._forbidden = recent | {username: now_s}
        if len(self._forbidden) >= MANY_FORBIDDEN:
            self.line.pause(
                "forbidden",
                sentence(
                    "the tracker refused {count} employees within 10 minutes ({why}): check the rights of the key, "
                    "then retry the held punches",
                    count=len(self._forbidden),
                    why=phrase(verdict.why),
                ),
            )


def _note_answer(db: Database, seqs: Sequence[int], lane: str, exchange: wire.Exchange) -> None:
    answered = as_answered(exchange)
    if answered is None:
        attempts.never_left(db, seqs, lane)
    else:
        attempts.end(db, seqs, lane, *answered)
