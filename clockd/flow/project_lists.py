"""Reads which projects the tracker has, for keys that page through them; what it showed last is kept on disk.

It goes behind everything else on the line, and nothing that it is answered stops anybody: without a list of today the
keys offer that of yesterday.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from clockd.core import wire
from clockd.core.model import Project
from clockd.core.wire import canonical_user
from clockd.errors import NotRecorded
from clockd.flow.line import Line, LineState
from clockd.store import projects
from clockd.store.thread import Store

log = logging.getLogger(__name__)

READ_EVERY_S = 3600.0
"""How many seconds pass until a list is read anew."""
LIST_RETRY_S = 300.0
"""The same, after a read that failed."""
PAGES_AT_MOST = 4
Unlisted = wire.LookVerdict | wire.Rejected | wire.Gone
"""Why a page did not come."""
MOST_PROJECTS = 500
"""Nobody pages through more with a key; what a tracker has beyond them is left out, and the log says so."""


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """A page of a tracker's list."""

    projects: tuple[Project, ...]
    last: bool
    """Whether no further page follows."""


@dataclass(frozen=True, slots=True)
class ProjectLanguage:
    """How a tracker is asked for its projects; pure."""

    request: Callable[[str | None, int], wire.Request]
    """Asks for a page of somebody's projects, or of all where nobody is named."""
    answer: Callable[[wire.Exchange], ProjectPage | Unlisted]
    own: bool
    """Whether the tracker says which projects are whose."""


@dataclass(slots=True)
class ProjectLists:
    """What is read when.

    Args:
        line: the way to the tracker.
        store: keeps what was read.
        account: which tracker and whose account of it.
        language: how it is asked.
    """

    line: Line
    store: Store
    account: str
    language: ProjectLanguage
    _due_s: dict[str | None, float] = field(default_factory=lambda: {None: 0.0})
    """When each list is to be read next, by employee; None stands for everybody's."""
    _bell: asyncio.Event = field(default_factory=asyncio.Event)

    def want(self, username: str) -> None:
        """Let somebody's own projects be read, since they page through them; from then on they are read anew."""
        if self.language.own and self._due_s.setdefault(canonical_user(username), 0.0) == 0.0:
            self._bell.set()

    async def run(self) -> None:
        """Read lists as they are due, until cancelled."""
        self.line.bells = (*self.line.bells, self._bell)
        while True:
            whose = min(self._due_s, key=lambda each: self._due_s[each])
            due_s = self._due_s[whose]
            if due_s <= self.line.now_s() and self.line.state is LineState.OK:
                free_s = self.line.free_at_s(urgent=False)
                if free_s is not None and free_s <= self.line.now_s():
                    went_well = await self._read(whose)
                    self._due_s[whose] = self.line.now_s() + (READ_EVERY_S if went_well else LIST_RETRY_S)
                    continue
                due_s = self.line.now_s() + 1.0 if free_s is None else free_s
            elif due_s <= self.line.now_s():
                due_s = self.line.now_s() + LIST_RETRY_S  # or sooner: the bell rings when the line is well again
            await self.line.wait(due_s, self._bell)

    async def _read(self, whose: str | None) -> bool:
        found: dict[Project, None] = {}
        try:
            for page in range(PAGES_AT_MOST):
                exchange = await self.line.exchange(self.language.request(whose, page))
                answer, answered = self.line.read(lambda: self.language.answer(exchange), exchange, wire.NotApplied)  # noqa: B023
                if not isinstance(answer, ProjectPage):
                    self._failed(answer, exchange, answered=answered)
                    return False
                self.line.judge(None, exchange)
                found |= dict.fromkeys(answer.projects)
                if answer.last:
                    break
            kept = list(found)[:MOST_PROJECTS]
            if len(found) > len(kept):
                log.warning("the keys page through %d of %d projects", len(kept), len(found))
            await self.store.run(lambda db: projects.keep(db, self.account, whose, kept))
        except NotRecorded as failure:
            log.warning("the list of projects waits for the disk: %s", failure.message)
            return False
        return True

    def _failed(self, answer: Unlisted, exchange: wire.Exchange, *, answered: bool) -> None:
        if isinstance(answer, wire.Throttled):
            self.line.judge(answer, exchange, answered=answered)
        if isinstance(exchange, wire.Reply):  # of what never arrived the line knows by itself
            log.warning("the tracker does not show its projects: %s", getattr(answer, "why", "it wants us to wait"))
