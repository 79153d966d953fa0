"""Look before repeating: reads the tracker when somebody needs to know, and puts what it saw on the board.

One read of everybody serves all who wait (TimeTrack); a tracker that can be asked about one employee only is asked in
turn (Goodtime). A read counts only when it came whole: every page, all within one look. While the line is paused it
is this loop that asks, seldom and without harm, whether the tracker takes us back.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clockd.core import wire
from clockd.core.plan import Look
from clockd.errors import NotRecorded
from clockd.flow.board import Board, Wish
from clockd.flow.line import Line, LineState

log = logging.getLogger(__name__)

LOOK_GAP_S = 20.0
"""Between two looks when nobody stands at the door, so that one serves many."""
URGENT_GAP_S = 2.0
MOST_PAGES = 50
MOST_REFUSALS = 3
"""So many times in a row a look at one employee is refused before a person is asked."""
PRESENCE_EVERY_S = 600.0
"""How often everybody is read for its own sake, to learn who clocked in or out by web or phone; for each page."""
KEY_EVERY_S = 5.0
"""How often a paused line asks for a new key."""

ReadProject = Callable[[str, datetime], wire.Request]
ProjectOf = Callable[[wire.Exchange], "wire.ProjectTimer | wire.LookVerdict | None"]


@dataclass(slots=True)
class Reconcile:
    """Reads what is wished for.

    Args:
        line: the way to the tracker.
        codec: the tracker's language.
        board: where wishes come from and what was seen goes to.
        zone: of the terminal.
        everybody: one read shows all employees.
        read_project: makes the read of a project timer; None for a tracker without.
        project_of: reads its answer.
        patient_gap_s: between two looks where only what is in doubt waits; for each page that a look takes.
        fresh_key: whether the credentials changed since they were last used; asked while the line is paused.
    """

    line: Line
    codec: wire.Codec
    board: Board
    zone: ZoneInfo
    everybody: bool
    patient_gap_s: float = 60.0
    read_project: ReadProject | None = None
    project_of: ProjectOf | None = None
    fresh_key: Callable[[], bool] = lambda: False
    last_look_s: float = field(default=-1e9)
    pages_read: int = 1
    """By the last look."""
    progress: int = 0
    _refusals: dict[str, int] = field(default_factory=dict)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self.progress += 1
            try:
                until_s = await self._round()
            except NotRecorded as failure:
                log.warning("looking waits for the disk: %s", failure.message)
                until_s = self.line.now_s() + 5.0
            await self.line.wait(until_s, self.board.wished)

    async def _round(self) -> float | None:
        now_s = self.line.now_s()
        if self.line.state is LineState.PAUSED and self.line.reason != "throttled":
            return await self._probe()
        wish, projects = self.board.wish, self.board.project_wishes
        if wish is None and not projects:
            if not self.everybody:
                return None
            if now_s < (presence_s := self.last_look_s + PRESENCE_EVERY_S * self.pages_read):
                return presence_s
            wish = self._presence(now_s)
        # one by one, many in doubt would wait long for each other
        urgent = bool(projects) or (wish is not None and (wish.urgent or (wish.patient and not self.everybody)))
        due_s = self.last_look_s + (URGENT_GAP_S if urgent else LOOK_GAP_S)
        if wish is not None and wish.patient and self.everybody and not urgent:
            due_s = self.last_look_s + self.patient_gap_s * self.pages_read
        if wish is not None:
            due_s = max(due_s, wish.look.after_s)
        if projects:
            due_s = now_s
        if due_s > now_s:
            return due_s
        if projects and self.read_project:
            if await self.place(urgent=True):
                await self._look_project(projects[0])
        elif wish is not None:
            await self._look(wish)
        return self.line.now_s() + 0.1

    async def place(self, *, urgent: bool) -> bool:
        """Wait for a place on the line; False when meanwhile it is paused."""
        self.line.urgent += urgent
        try:
            while True:
                free_s = self.line.free_at_s(urgent=urgent)
                if self.line.state is LineState.PAUSED and self.line.reason != "throttled":
                    return False
                if free_s is not None and free_s <= self.line.now_s():
                    return True
                await self.line.wait(free_s, self.board.wished)
        finally:
            self.line.urgent -= urgent

    async def _look(self, wish: Wish) -> None:
        names = wish.usernames if self.everybody else wish.usernames[:1]
        taken_s = self.line.now_s()
        rows = await self.pages(names, wish.look, urgent=wish.urgent)
        self.last_look_s = self.line.now_s()
        if rows is None:
            return
        look = wish.look
        if self.everybody:
            self.board.saw_everybody(taken_s, look.from_local, look.to_local, rows)
        else:
            self.board.saw_one(names[0], taken_s, look.from_local, look.to_local, rows)
        self.board.want(None)  # sync wishes again for what this look did not answer

    async def pages(self, names: tuple[str, ...], look: Look, *, urgent: bool) -> tuple[wire.Entry, ...] | None:
        """Read every page; None when one of them did not come, or when rows moved between the pages."""
        found: dict[str, wire.Entry] = {}
        for page in range(MOST_PAGES):
            if not await self.place(urgent=urgent):
                return None
            exchange = await self.line.exchange(self.codec.look(names, look.from_local, look.to_local, page))
            verdict = self.codec.rows(exchange)
            self.line.judge(verdict, exchange)
            if not self.everybody:
                self._count_refusal(names[0], verdict, exchange)
            if not isinstance(verdict, wire.Rows):
                log.debug("look failed: %s", verdict)
                return None
            if any(entry.id in found for entry in verdict.entries):
                return None  # a row moved to a later page, so another one may have moved out of sight (trap T33)
            found |= {entry.id: entry for entry in verdict.entries}
            if verdict.last:
                self.pages_read = page + 1
                return tuple(found.values())
        return None

    def _count_refusal(self, name: str, verdict: wire.LookVerdict, exchange: wire.Exchange) -> None:
        """A 403 says it in so many words; any other refusal that stays means the same."""
        refused = isinstance(exchange, wire.Reply) and 400 <= exchange.status < 500
        if not refused or isinstance(verdict, wire.Rows | wire.Paused | wire.Throttled):
            self._refusals.pop(name, None)
            return
        self._refusals[name] = self._refusals.get(name, 0) + 1
        if isinstance(verdict, wire.Forbidden) or self._refusals[name] >= MOST_REFUSALS:
            self.board.refuse(name, self.line.now_s(), verdict.why)

    def _presence(self, now_s: float) -> Wish:
        """Who is in: everybody over the last day and a half, and on until the next such look: a tap of the next
        minutes is covered by it.
        """
        now_local = self._now_local()
        span = now_local - timedelta(hours=36), now_local + 2 * timedelta(seconds=PRESENCE_EVERY_S * self.pages_read)
        return Wish((), Look(*span, now_s), urgent=False)

    async def _look_project(self, username: str) -> None:
        assert self.read_project is not None
        assert self.project_of is not None
        taken_s = self.line.now_s()
        now_local = self._now_local()
        exchange = await self.line.exchange(self.read_project(username, now_local))
        answer = self.project_of(exchange)
        if answer is None or isinstance(answer, wire.ProjectTimer):
            self.line.judge(None, exchange)
            self.board.saw_project(username, taken_s, answer)
            return
        self.line.judge(answer, exchange)
        await asyncio.sleep(1.0)  # the wish stands; the line's back-off decides when it is tried again

    async def _probe(self) -> float:
        """Ask whether the tracker takes us back: seldom, or at once when there is a new key."""
        if self.fresh_key():
            self.line.resume()
        free_s = self.line.free_at_s(urgent=True)
        now_s = self.line.now_s()  # read after it: "free at once" names the time of its own reading
        if free_s is None or free_s > now_s:
            return now_s + KEY_EVERY_S if free_s is None else min(free_s, now_s + KEY_EVERY_S)
        exchange = await self.line.exchange(self.codec.probe(self._now_local()))
        self.line.judge(self.codec.rows(exchange), exchange)
        return self.line.now_s() + KEY_EVERY_S

    def _now_local(self) -> datetime:
        at = self.line.read_clock().wall_at.astimezone(self.zone)
        return at.replace(tzinfo=None, microsecond=0)
