"""What was last seen at the tracker, and what is to be looked at next. It is in memory only: a restart looks again."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

from clockd.core.delivery import State
from clockd.core.model import Kind
from clockd.core.pages import Pages
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Look, Seen
from clockd.core.planning.project import SeenProject
from clockd.core.wire import Entry, ProjectTimer, canonical_user
from clockd.store import outbox

S = TypeVar("S", Seen, SeenProject)


@dataclass(frozen=True, slots=True)
class Wish:
    """A look somebody waits for."""

    usernames: tuple[str, ...]
    look: Look
    urgent: bool
    """Whether a person stands at the door."""
    patient: bool = False
    """Whether only punches in doubt wait for it: a little later one look may serve more of them."""


@dataclass(slots=True)
class Board:
    """What sync wishes to see, what reconcile has seen, and what the terminal asks about who is in.

    Args:
        local_filter: whether what was read is sorted by employee; off only in a negative control of the tests.
        longest: the longest shift.
    """

    local_filter: bool = True
    longest: timedelta = timedelta(hours=14)
    """The longest shift: a row that runs for longer was forgotten, and says nothing of today."""
    wish: Wish | None = None
    """The look that is wished for now; None when nothing is."""
    wished: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is a new wish: reconcile waits for it."""
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when something was seen, or is new in the outbox: sync waits for it."""
    _refused: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)
    """When and why the tracker refused a look, by employee and lane."""
    count: int = 0
    """How many times something was seen; each look that is kept counts one up."""
    _count_of_all: int = 0
    """The value of `count` when everybody was seen last."""
    _count_of: dict[str, int] = field(default_factory=dict)
    """The value of `count` when an employee alone was seen last."""
    reading: Pages | None = None
    """The look of several pages that is being read: a write meanwhile may move rows between them (`core/pages.py`)."""
    project_wishes: tuple[str, ...] = ()
    """Whose project timers have to be read."""
    _projects: dict[str, SeenProject] = field(default_factory=dict)
    _everybody: Seen | None = None
    """The last read of all employees at once; its entries stand in `_rows`."""
    _rows: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    _shares: dict[str, Seen] = field(default_factory=dict)
    """What that read shows of each employee who was asked about since."""
    _spoilt: dict[str, float] = field(default_factory=dict)
    """When we last changed something for an employee: a read that began before does not tell the truth."""
    _asked_anew: dict[str, float] = field(default_factory=dict)
    """When a person last retried something of an employee."""
    _single: dict[str, Seen] = field(default_factory=dict)
    """The last read of one employee, where it is newer than that of everybody."""

    def want(self, wish: Wish | None) -> None:
        """Replace what is wished for; None when nothing is."""
        self.wish = wish
        if wish is not None:
            self.wished.set()

    def want_projects(self, usernames: Sequence[str]) -> None:
        """Replace whose project timers are wished for."""
        self.project_wishes = tuple(usernames)
        if usernames:
            self.wished.set()

    def saw_project(self, username: str, taken_s: float, timer: ProjectTimer | None) -> None:
        """Keep the state of a project timer; None when there is none."""
        self._projects[canonical_user(username)] = SeenProject(taken_s, timer)
        self.project_wishes = tuple(name for name in self.project_wishes if name != username)
        self._seen_anew(username)

    def project(self, username: str) -> SeenProject | None:
        """Return what was last seen of an employee's project timer."""
        key = canonical_user(username)
        return self._true(key, self._projects.get(key))

    def saw_everybody(self, seen: Seen) -> None:
        """Keep a read of all employees."""
        seen = replace(seen, whose={row.id: row.username for row in seen.entries})
        self._everybody = replace(seen, entries=()) if self.local_filter else seen
        rows, keys = defaultdict[str, list[Entry]](list), dict[str, str]()
        for row in seen.entries:  # thousands of rows, and some people
            key = keys.get(row.username) or keys.setdefault(row.username, canonical_user(row.username))
            rows[key].append(row)
        self._rows = {key: tuple(own) for key, own in rows.items()}
        self._single.clear()
        self._shares.clear()
        self._seen_anew(None)

    def saw_one(self, username: str, seen: Seen) -> None:
        """Keep a read of one employee."""
        key = canonical_user(username)
        rows = seen.entries
        own = tuple(row for row in rows if not self.local_filter or canonical_user(row.username or username) == key)
        self._single[key] = replace(seen, entries=own)
        self._refused.pop((key, outbox.ATTENDANCE), None)
        self._seen_anew(username)

    def spoil(self, username: str, now_s: float) -> None:
        """Note that something was changed for an employee, so that what was seen, or is being read now, is not true."""
        key = canonical_user(username)
        self._spoilt[key] = now_s
        self._single.pop(key, None)
        self._projects.pop(key, None)

    def ask_anew(self, username: str, now_s: float) -> None:
        """Note that a person retried something: what was seen before counts no more."""
        self.spoil(username, now_s)
        self._asked_anew[canonical_user(username)] = now_s

    def asked_anew_s(self, username: str) -> float:
        """Return when a person last retried something of this employee, as CLOCK_BOOTTIME; -inf: never in this life."""
        return self._asked_anew.get(canonical_user(username), float("-inf"))

    def refuse(self, username: str, lane: str, at_s: float, why: str) -> None:
        """Note that the tracker does not show an employee's entries or project timer (a closed or unknown user)."""
        self._refused[canonical_user(username), lane] = at_s, why
        self._seen_anew(username)

    def take_refusal(self, username: str, lane: str, after_s: float) -> str | None:
        """Return why a look that began at `after_s` or later was refused, and forget it; None when none was."""
        at_s, why = self._refused.pop((canonical_user(username), lane), (float("-inf"), ""))
        return why if at_s >= after_s else None

    def edition(self, username: str) -> int:
        """Count what was seen of an employee: a plan of an older edition is made anew."""
        return max(self._count_of_all, self._count_of.get(canonical_user(username), 0))

    def _seen_anew(self, username: str | None) -> None:
        self.count += 1
        if username is None or not self.local_filter:
            self._count_of_all = self.count
        else:
            self._count_of[canonical_user(username)] = self.count
        self.news.set()

    def seen(self, username: str) -> Seen | None:
        """Return what was last seen of one employee, filtered here: a tracker may ignore the filter it was given."""
        key = canonical_user(username)
        if key in self._single:
            return self._true(key, self._single[key])
        every = self._true(key, self._everybody)
        if every is None or not self.local_filter:
            return every
        if key not in self._shares:
            self._shares[key] = replace(every, entries=self._rows.get(key, ()))
        return self._shares[key]

    def _true(self, key: str, seen: S | None) -> S | None:
        return seen if seen is not None and seen.taken_s >= self._spoilt.get(key, float("-inf")) else None

    def presence(self, username: str, last: Item | None, is_ours: Callable[[str], bool]) -> bool | None:
        """Say whether an employee is in, where the tracker knows better than our punches.

        It may know better if it was read after the last punch was settled. An entry of ours that still runs does not
        count, since our own punches say more: its clock-out was forgotten. Only an entry that somebody else made shows
        that an employee is in who tapped out, or never tapped in.

        Args:
            username: whose.
            last: their last punch that counts.
            is_ours: whether one of their punches owns an entry, by its id.

        Returns:
            True or False when the tracker knows better than the terminal, None when it agrees or was not asked since.
        """
        seen = self.seen(username)
        if seen is None or not _shows_what_came_of(last, seen):
            return None
        running = [row for row in seen.entries if row.to_local is None]
        ours = last is not None and last.kind in (Kind.IN, Kind.RESUME, Kind.PROJECT)
        if not ours:
            running = [row for row in running if not is_ours(row.id)]
        if any(row.from_local < seen.at_local - self.longest for row in running) or bool(running) == ours:
            return None
        if ours and (last is None or not last.entry_ids or all(r.id not in last.entry_ids for r in seen.entries)):
            return None  # our own row is not to be seen: that is no proof that somebody ended it
        return bool(running)


def _shows_what_came_of(last: Item | None, seen: Seen) -> bool:
    """Whether a look began after the last punch was booked, and reached over it."""
    if last is None:
        return True
    booked_before = last.state is State.DELIVERED and (last.done_s or 0) < seen.taken_s
    return booked_before and seen.from_local <= last.local <= seen.to_local
