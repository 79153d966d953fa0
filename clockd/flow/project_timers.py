"""Reads the project timers that somebody waits for, one employee after the other (TimeTrack).

A timer that cannot be read steps back behind all others for a while, and attendance goes on meanwhile; one that is
refused again and again is a matter for a person.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from clockd.core import wire
from clockd.flow.board import Board
from clockd.flow.line import Line, is_answer
from clockd.store import outbox

AGAIN_S = 120.0
"""Between two reads that fail; longer than the pause that such a failure may cause."""
MOST_REFUSALS = 3
"""So many times in a row a read is refused before a person is asked."""


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
    _again_s: dict[str, float] = field(default_factory=dict)
    """When a timer that could not be read is read again."""
    _refusals: dict[str, int] = field(default_factory=dict)

    def due_s(self, now_s: float) -> float:
        """Say when the next timer is to be read; infinite when none is wished for."""
        return min((self._again_s.get(name, now_s) for name in self.board.project_wishes), default=math.inf)

    async def look(self, now_local: datetime) -> None:
        """Read the timer of whoever waits longest."""
        wishes = self.board.project_wishes
        if not wishes:  # somebody ignored the punch while we waited for a place
            return
        username = min(wishes, key=lambda name: self._again_s.get(name, 0.0))
        taken_s = self.line.now_s()
        exchange = await self.line.exchange(self.request(username, now_local))
        answer = self.answer(exchange)
        if answer is None or isinstance(answer, wire.ProjectTimer):
            self.line.judge(None, exchange)
            self._again_s.pop(username, None)
            self._refusals.pop(username, None)
            self.board.saw_project(username, taken_s, answer)
            return
        self.line.judge(answer, exchange)
        self._again_s[username] = self.line.now_s() + AGAIN_S
        if isinstance(exchange, wire.Reply) and is_answer(exchange):
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
