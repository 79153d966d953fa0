"""Reads the project timers that somebody waits for, one employee after the other (TimeTrack).

A timer that cannot be read waits behind all others for a while, and attendance goes on meanwhile. One whose read is
refused again and again is left to a person. When no request arrives at all, the timer is not to blame, and is read
again as soon as the line is free. The same goes for every timer that could not be read while other requests failed too,
once the line is well again.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from clockd.core import wire
from clockd.flow.board import Board
from clockd.flow.line import Line, LineState
from clockd.store import outbox

READ_AGAIN_S = 120.0
"""Seconds between two reads of a timer that fail; longer than the pause that such a failure may cause."""
MOST_REFUSALS = 3
"""How many times in a row a read is refused before a person is asked."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when a timer that could not be read waits behind the others, and what ends that sooner."""

    until_s: float
    failed: int
    """How many requests other than reads of timers had failed when the line was last well: more mean an outage."""
    asked: int
    """How often a person had asked to try at once: once more means that they ask for this timer too."""


@dataclass(slots=True)
class ProjectTimers:
    """Reads what the board wishes for.

    Args:
        line: the way to the tracker.
        board: where wishes come from and what was seen goes to.
        request: makes the read of one employee's timer.
        answer: reads what came back.
    """

    line: Line
    board: Board
    request: Callable[[str, datetime], wire.Request]
    answer: Callable[[wire.Exchange], wire.ProjectTimer | wire.LookVerdict | None]
    _waits: dict[str, Wait] = field(default_factory=dict)
    _failed: int = 0
    """How many of the line's failures were reads of timers."""
    _refusals: dict[str, int] = field(default_factory=dict)

    def due_s(self, now_s: float) -> float:
        """Say when the next timer is to be read; infinite when none is wished for."""
        return min((self._again_s(name, now_s) for name in self.board.project_wishes), default=math.inf)

    def _again_s(self, name: str, otherwise_s: float) -> float:
        """Say when a timer that could not be read is read again."""
        wait = self._waits.get(name)
        if wait is None or wait.asked != self.line.asked:
            return otherwise_s
        if self.line.state is LineState.OK and self._failed_elsewhere > wait.failed:
            return otherwise_s  # it was an outage, and it is over
        return wait.until_s

    @property
    def _failed_elsewhere(self) -> int:
        return self.line.failed - self._failed

    async def look(self, now_local: datetime) -> None:
        """Read the timer of whoever waits longest."""
        wishes = self.board.project_wishes
        if not wishes:  # somebody ignored the punch while we waited for a place
            return
        username = min(wishes, key=lambda name: self._again_s(name, 0.0))
        taken_s, was_well = self.line.now_s(), self.line.state is LineState.OK
        exchange = await self.line.exchange(self.request(username, now_local))
        answer, answered = self.line.read(lambda: self.answer(exchange), exchange, wire.NotApplied)
        if answer is None or isinstance(answer, wire.ProjectTimer):
            self.line.judge(None, exchange)
            self._waits.pop(username, None)
            self._refusals.pop(username, None)
            self.board.saw_project(username, taken_s, answer)
            return
        self.line.judge(answer, exchange, answered=answered)
        self._failed += not isinstance(exchange, wire.Reply) or (isinstance(answer, wire.NotApplied) and not answered)
        if isinstance(exchange, wire.NotSent):
            return
        before = self._waits.get(username)
        failed = self._failed_elsewhere if was_well or before is None else before.failed
        self._waits[username] = Wait(self.line.now_s() + READ_AGAIN_S, failed, self.line.asked)
        if answered:
            self._count_refusal(username, answer)

    def _count_refusal(self, username: str, answer: wire.LookVerdict) -> None:
        match answer:
            case wire.NotApplied(why=why) | wire.Forbidden(why=why) | wire.Paused(reason="path", why=why):
                # a path that is wrong for project timers alone would pause the line again and again
                refusals = self._refusals[username] = self._refusals.get(username, 0) + 1
                if refusals >= MOST_REFUSALS:
                    self.board.refuse(username, outbox.PROJECT, self.line.now_s(), why)
            case _:
                pass
