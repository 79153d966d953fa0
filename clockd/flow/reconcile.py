"""Looks at the tracker when a plan needs to know what is there, and puts what it saw on the board.

One read of everybody serves all who wait (TimeTrack); but where it takes more pages than there are employees who wait,
these are asked for one by one. Where the tracker can be asked about one employee only (Goodtime), this is always so. A
read counts only when it is whole: every page, and no row moved meanwhile. While the line is paused this loop asks now
and then, with a harmless read, whether the tracker takes requests again.
"""

import logging
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clockd.core import wire
from clockd.core.body import document_of
from clockd.core.pages import Pages
from clockd.core.planning.plan import Look, Seen
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import same_user
from clockd.errors import NotRecorded
from clockd.flow.board import Board, Wish
from clockd.flow.line import Line, LineState
from clockd.flow.project_timers import MOST_REFUSALS, ProjectTimers
from clockd.store import outbox

log = logging.getLogger(__name__)

LOOK_GAP_S = 20.0
"""Seconds between two looks when nobody stands at the door, so that one look serves many."""
URGENT_GAP_S = 2.0
"""Seconds between two looks when somebody stands at the door."""
MOST_PAGES = 200
"""A look of more pages is given up."""
MANY_IN_VAIN = 10
"""After so many looks at everybody in a row that did not come whole, they are tried only every `BUSY_S`."""
PRESENCE_EVERY_S = 600.0
"""How often everybody is read for its own sake, to learn who clocked in or out by web or phone; for each page."""
BUSY_S = 300.0
"""How far back it is counted how many employees were asked for alone; a look serves taps for as long (`Policy`)."""
KEY_EVERY_S = 5.0
"""How often it is seen while the line is paused whether there is a new key."""


@dataclass(slots=True)
class Reconcile:
    """Reads what is wished for.

    Args:
        line: the way to the tracker.
        codec: the tracker's language.
        board: where wishes come from and what was seen goes to.
        zone: of the terminal.
        everybody: whether one read can show all employees.
        projects: reads project timers, before anything else that is due; None for a tracker without.
        patient_gap_s: seconds between two looks for which only punches in doubt wait, for each page that a look takes.
        page_tries: how often a page that does not come is asked for, before those that came are given up with it.
        fresh_key: whether the credentials changed since they were last used; asked while the line is paused.
    """

    line: Line
    codec: wire.Codec
    board: Board
    zone: ZoneInfo
    everybody: bool
    patient_gap_s: float = 60.0
    page_tries: int = 3
    projects: ProjectTimers | None = None
    fresh_key: Callable[[], bool] = lambda: False
    last_look_s: float = field(default=-1e9)
    last_full_s: float = field(default=-1e9)
    """When everybody was read last."""
    pages_read: int = 1
    """How many pages the last read of everybody took, as far as it came."""
    _in_vain: int = 0
    """How often in a row everybody was read, and pages came, but not all of them."""
    progress: int = 0
    """Counts rounds, as a sign of life."""
    _refusals: dict[str | None, int] = field(default_factory=dict)
    """How often in a row a look at somebody, or at everybody, was refused."""
    _filters: bool = True
    """Whether the tracker shows one employee's rows alone when it is asked to."""
    _alone_s: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_PAGES))
    """The moments at which somebody was asked for alone, except for what was only in doubt."""
    _failed_s: dict[str, float] = field(default_factory=dict)
    """When a look at an employee alone failed last: they come after the others."""
    _not_alone: set[str] = field(default_factory=set)
    """Who is not asked for alone until the next look at everybody: the last such answer showed no row of theirs."""

    async def run(self) -> None:
        """Fulfil wishes until cancelled."""
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
        project_s = self.projects.due_s(now_s) if self.projects else math.inf
        if self.projects and project_s <= now_s:
            if await self.place(urgent=True):
                await self.projects.look(self._now_local())
            return self.line.now_s() + 0.1
        wish = self.board.wish
        if wish is None:
            if not self.everybody:
                return None
            if now_s < self._presence_s:
                return min(self._presence_s, project_s)
            wish = self._presence(now_s)
        name = self._alone(wish, now_s)
        due_s = max(self._due_s(wish, name), wish.look.after_s)
        if due_s > now_s:
            return min(due_s, project_s)
        await self._look(wish, name)
        return self.line.now_s() + 0.1

    def _alone(self, wish: Wish, now_s: float) -> str | None:
        """Name the employee to ask for alone; None: everybody is read.

        Asking for one costs one page. That is right for a person at the door, and as long as fewer employees wait than
        everybody takes pages. When many were asked for one after the other (half as many as those pages), everybody is
        read instead; but seldom, if that came to nothing again and again.
        """
        if not self.everybody:
            return min(wish.usernames, key=lambda name: self._failed_s.get(name, 0.0))
        if not self._filters or now_s >= self._presence_s:
            return None
        asked = 0 if wish.patient else sum(at_s > now_s - BUSY_S for at_s in self._alone_s)
        waiting = 0 if wish.urgent else len(wish.usernames)
        hopeless = self._in_vain >= MANY_IN_VAIN and now_s < self.last_full_s + BUSY_S
        if self.pages_read == 1 or not wish.usernames or (waiting + 2 * asked >= self.pages_read and not hopeless):
            return None
        return next((name for name in wish.usernames if name not in self._not_alone), None)

    def _due_s(self, wish: Wish, name: str | None) -> float:
        """Say when a look may be taken at the earliest: the more pages it takes, the later."""
        if name:  # of many in doubt each one would wait long for the others
            return self.last_look_s + (URGENT_GAP_S if wish.urgent or wish.patient else LOOK_GAP_S)
        gap_s = URGENT_GAP_S if wish.urgent else self.patient_gap_s if wish.patient else LOOK_GAP_S
        # after one in vain what needs no look has its turn
        return self.last_full_s + max(gap_s * self.pages_read, LOOK_GAP_S if self._in_vain else 0.0)

    @property
    def _presence_s(self) -> float:
        """When everybody is to be read again in any case."""
        return self.last_full_s + PRESENCE_EVERY_S * self.pages_read

    async def place(self, *, urgent: bool, between_looks: bool = False) -> bool:
        """Wait for a place on the line, if asked also until no look is being read; False when the line is paused."""
        self.line.urgent += urgent
        try:
            while True:
                free_s = self.line.free_at_s(urgent=urgent)
                if self.line.state is LineState.PAUSED and self.line.reason != "throttled":
                    return False
                held_up = between_looks and self.board.reading is not None
                if free_s is not None and free_s <= self.line.now_s() and not held_up:
                    return True
                await self.line.wait(None if held_up else free_s, self.board.wished)
        finally:
            self.line.urgent -= urgent

    async def _look(self, wish: Wish, name: str | None) -> None:
        look = wish.look
        at_local = self._now_local()
        read = await self._read(() if name is None else (name,), look, urgent=wish.urgent)
        self.last_look_s = self.line.now_s()
        if name is None:
            self.last_full_s = self.last_look_s
            self.pages_read = read.came if read.whole else max(self.pages_read, read.came + 1)
            self._in_vain = 0 if read.whole else self._in_vain + (read.came > 0)
        elif not wish.patient:
            self._alone_s.append(read.began_s)
        if name and self.everybody and self.line.state is LineState.OK:
            own = [row for row in read.rows if read.whole and same_user(row.username, name)]
            self._filters &= not read.whole or read.came < self.pages_read or len(own) == len(read.rows)
            if not own:
                self._not_alone.add(name)  # no proof: in its filter the tracker may spell the name otherwise
                return
        if not read.whole:
            if name:
                self._failed_s[name] = self.last_look_s
            return
        gap_s = self.line.gap_s
        slack_s = gap_s + min(self.last_look_s - read.began_s, 2 * read.came * gap_s)  # not what a throttle held it up
        pages = max(read.came, self.pages_read)
        seen = Seen(read.began_s, at_local, look.from_local, look.to_local, read.rows, pages, slack_s)
        if name is None:
            self._not_alone.clear()
            self.board.saw_everybody(seen)
        else:
            self._failed_s.pop(name, None)
            self.board.saw_one(name, seen)
        self.board.want(None)  # sync wishes again for what this look did not answer

    async def pages(self, names: tuple[str, ...], look: Look, *, urgent: bool) -> tuple[wire.Entry, ...] | None:
        """Read every page of one employee's rows, or of everybody's where no name is given.

        Returns:
            None when a page did not come, or when rows moved between the pages.
        """
        read = await self._read(names, look, urgent=urgent)
        return read.rows if read.whole else None

    async def _read(self, names: tuple[str, ...], look: Look, *, urgent: bool) -> Pages:
        read = Pages(self.line.now_s(), self.page_tries)
        try:
            while not (read.whole or read.torn) and await self.place(urgent=urgent):
                await self._turn(read, names, look)
        finally:
            if self.board.reading is read:
                self.board.reading = None
                self.line.ring()
        return read

    async def _turn(self, read: Pages, names: tuple[str, ...], look: Look) -> None:
        """Read the next page."""
        exchange = await self.line.exchange(self.codec.look(names, look.from_local, look.to_local, read.next))
        asked = names[0] if names else ""
        verdict, answered = await self._hear(exchange, asked)
        self.line.judge(verdict, exchange, answered=answered)
        self._count_refusal(asked or None, verdict, answered=answered)
        if not isinstance(verdict, wire.Rows):
            log.debug("look failed: %s", verdict)
            read.fail(answered=answered)
            return
        read.add(verdict.entries, last=verdict.last)
        if self.everybody and not read.whole and self.board.reading is None:
            self.board.reading = read
        if read.came == MOST_PAGES and not read.whole:
            log.warning("a look was given up after %d pages; what waits for it goes on waiting", MOST_PAGES)
            read.torn = True

    async def _hear(self, exchange: wire.Exchange, asked: str = "") -> tuple[wire.LookVerdict, bool]:
        """Return what the codec reads in the answer to a look, and whether the tracker itself speaks."""
        return await self.line.read_in_pieces(lambda: self.codec.rows(exchange, asked), exchange, wire.NotApplied)

    def _count_refusal(self, name: str | None, verdict: wire.LookVerdict, *, answered: bool) -> None:
        """Count refused looks: a 403, or another refusal or unreadable row that stays, means that it is not shown."""
        if isinstance(verdict, wire.Rows) and not verdict.last:
            return  # only a look that came whole ends a row of refusals
        if not answered or isinstance(verdict, wire.Rows | wire.Paused | wire.Throttled):
            self._refusals.pop(name, None)
            return
        self._refusals[name] = self._refusals.get(name, 0) + 1
        if not isinstance(verdict, wire.Forbidden) and self._refusals[name] < MOST_REFUSALS:
            return
        if name is None:
            self.line.pause("look", sentence("the tracker does not show its entries: {why}", why=phrase(verdict.why)))
        elif not self.everybody:
            self.board.refuse(name, outbox.ATTENDANCE, self.line.now_s(), verdict.why)

    def _presence(self, now_s: float) -> Wish:
        """Make the wish to see who is in.

        It reaches back a day and a half, and forward beyond the next such look, so that it covers the taps until then.
        """
        now_local = self._now_local()
        span = now_local - timedelta(hours=36), now_local + 2 * timedelta(seconds=PRESENCE_EVERY_S * self.pages_read)
        return Wish((), Look(*span, now_s), urgent=False)

    async def _probe(self) -> float:
        """Ask whether the tracker takes us back: seldom, or at once when there is a new key.

        A pause because the account is not known is not ended here, but when the account is known (`daemon/booking.py`).
        """
        if self.line.reason == "setup":
            return self.line.now_s() + KEY_EVERY_S
        if self.fresh_key():
            self.line.resume()
        free_s = self.line.free_at_s(urgent=True)
        now_s = self.line.now_s()  # read after it: "free at once" names the time of its own reading
        if free_s is None or free_s > now_s:
            return now_s + KEY_EVERY_S if free_s is None else min(free_s, now_s + KEY_EVERY_S)
        exchange = await self.line.exchange(self.codec.probe(self._now_local()))
        verdict, _ = await self._hear(exchange)
        if isinstance(verdict, wire.Rows | wire.Paused | wire.Throttled):
            self.line.judge(verdict, exchange)
        elif _is_list(exchange):
            self.line.well()
        elif isinstance(exchange, wire.Reply):
            self.line.still_paused(refused=400 <= exchange.status < 500)
        return self.line.now_s() + KEY_EVERY_S

    def _now_local(self) -> datetime:
        at = self.line.read_clock().wall_at.astimezone(self.zone)
        return at.replace(tzinfo=None, microsecond=0)


def _is_list(exchange: wire.Exchange) -> bool:
    """Whether a probe was answered with a list, as trackers do; together with entries, only that ends a pause."""
    if not isinstance(exchange, wire.Reply) or not 200 <= exchange.status < 300:
        return False
    match document_of(exchange):
        case wire.NoJson():
            return False
        case dict() as found:
            return sum(isinstance(value, list) for value in found.values()) == 1
        case found:
            return isinstance(found, list)
