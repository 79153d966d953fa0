"""What a Goodtime account holds: users, time types, projects, time entries. State and indexes, no rules.

All times are naive wall clock of the account, in whole minutes. Each change of an entry leaves its former state behind
with the moment it ended, so that a stale read can be answered truthfully.
"""

import bisect
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from clockd.sim.goodtime.people import Person, made_up_id

Origin = Literal["api", "web", "noise"]
"""Who made an entry: a request, a person in the web app, people who are nobody's badge."""

LONGEST_ENTRY = timedelta(days=7)
"""No entry is longer; so the ones that touch a moment begin within this time before it."""


@dataclass(slots=True)
class User:
    """A user of the account."""

    email: str
    closed: bool
    noise: bool
    projects: list[str] | None
    """Ids of assigned projects; None: all."""


@dataclass(slots=True)
class Choice:
    """A time type or a project."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Past:
    """What an entry said until some moment."""

    until_s: float
    from_local: datetime
    to_local: datetime | None
    deleted: bool


@dataclass(slots=True)
class TimeEntry:
    """A time entry; while `to_local` is None it was begun with the web clock and runs."""

    id: str
    user: str
    from_local: datetime
    to_local: datetime | None
    type_id: str
    project_id: str | None
    comment: str
    origin: Origin
    created_s: float
    locked: bool = False
    deleted: bool = False
    past: list[Past] = field(default_factory=list)

    def as_of(self, at_s: float) -> Past | None:
        """What it said at a moment; None before it was made."""
        if self.created_s > at_s:
            return None
        for past in self.past:
            if past.until_s > at_s:
                return past
        return Past(float("inf"), self.from_local, self.to_local, self.deleted)

    def changing(self, now_s: float) -> None:
        """Call before each change of times, and before a deletion."""
        self.past.append(Past(now_s, self.from_local, self.to_local, self.deleted))


@dataclass(slots=True)
class World:
    """One account."""

    users: dict[str, User]
    """By folded e-mail."""
    time_types: list[Choice]
    projects: list[Choice]
    dice: random.Random
    """For ids."""
    entries: dict[str, TimeEntry] = field(default_factory=dict)
    """By id, deleted ones too."""
    changes: int = 0
    _by_user: dict[str, list[TimeEntry]] = field(default_factory=dict)
    """By begin; an entry that was moved is entered anew."""

    @classmethod
    def opened(cls, people: Iterable[Person], types: Iterable[str], projects: Iterable[str], seed: int) -> "World":
        """A new account."""
        dice = random.Random(f"ids {seed}")  # noqa: S311 - a simulator's dice
        jobs = [Choice(made_up_id(dice), name) for name in projects]
        by_name = {job.name: job.id for job in jobs}
        world = cls({}, [Choice(made_up_id(dice), name) for name in types], jobs, dice)
        for person in people:
            assigned = None if person.projects is None else [by_name[name] for name in person.projects]
            world.users[person.email.casefold()] = User(person.email, person.closed, person.noise, assigned)
        return world

    def user(self, email: str) -> User | None:
        """A user by login e-mail, whatever its case."""
        return self.users.get(email.strip().casefold())

    def projects_of(self, user: User) -> list[Choice]:
        """The projects a user is assigned to."""
        return [job for job in self.projects if user.projects is None or job.id in user.projects]

    def add(self, entry: TimeEntry) -> TimeEntry:
        """Enter an entry."""
        self.entries[entry.id] = entry
        bisect.insort(self._by_user.setdefault(entry.user, []), entry, key=_begin)
        self.changes += 1
        return entry

    def move(self, entry: TimeEntry, from_local: datetime, to_local: datetime | None, now_s: float) -> None:
        """Change the times of an entry."""
        entry.changing(now_s)
        self._by_user[entry.user].remove(entry)
        entry.from_local, entry.to_local = from_local, to_local
        bisect.insort(self._by_user[entry.user], entry, key=_begin)
        self.changes += 1

    def delete(self, entry: TimeEntry, now_s: float) -> None:
        """Mark an entry as deleted."""
        entry.changing(now_s)
        entry.deleted = True
        self.changes += 1

    def forget(self, entry: TimeEntry) -> None:
        """Take an entry out, as if it had never been: to be added again under another user."""
        self._by_user[entry.user].remove(entry)
        del self.entries[entry.id]

    def live(self, user: str | None = None) -> Iterator[TimeEntry]:
        """The entries that are there, of one user or of all, each user's by begin."""
        lists = self._by_user.values() if user is None else [self._by_user.get(user, [])]
        return (entry for entries in lists for entry in entries if not entry.deleted)

    def touching(self, user: str, from_local: datetime, to_local: datetime | None) -> Iterator[TimeEntry]:
        """A user's entries, deleted ones too, that could share a moment with a span; ends included."""
        entries = self._by_user.get(user, [])
        first = bisect.bisect_left(entries, from_local - LONGEST_ENTRY, key=_begin)
        for entry in entries[first:]:
            if to_local is not None and entry.from_local > to_local:
                return
            if entry.past or entry.to_local is None or entry.to_local >= from_local:
                yield entry

    def running(self, user: str) -> TimeEntry | None:
        """The entry that a user's web clock runs on."""
        return next((entry for entry in self.live(user) if entry.to_local is None), None)

    def newest(self, user: str) -> TimeEntry | None:
        """The entry of a user that began last."""
        entries = self._by_user.get(user, [])
        return next((entry for entry in reversed(entries) if not entry.deleted), None)


def _begin(entry: TimeEntry) -> datetime:
    return entry.from_local
