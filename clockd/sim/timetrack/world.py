"""What the account holds: users, attendance rows, projects, project timers. State and indexes, no rules.

Rows are found by id, by begin, by person and by "still running"; a request never scans all of them. Each change of a
row leaves its former state behind with the moment it ended, so that a stale read can be answered truthfully.

All times of rows are naive local wall clock, exactly as the API has them.
"""

import bisect
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from clockd.sim.message import Problem
from clockd.sim.timetrack.people import OpeningProject, Person

Origin = Literal["api", "web", "noise", "neighbour"]
"""Who made a row: a request, a person in the web app, foreign rows, another terminal."""

DELETED = 15020
"""The one error code that is documented."""


class CodedProblem(Problem):
    """A request the tracker refuses, as its errors envelope says it."""

    def __init__(self, status: int, code: int, title: str, detail: str = "") -> None:
        super().__init__(status, f"{title}: {detail}")
        self.code = code
        self.title = title
        self.detail = detail


@dataclass(slots=True)
class User:
    """A user of the account."""

    id: int
    username: str
    first_name: str
    last_name: str
    email: str
    personal_number: int | None
    enabled: bool
    noise: bool


@dataclass(frozen=True, slots=True)
class Past:
    """What a row said until some moment."""

    until_s: float
    from_local: datetime
    to_local: datetime | None
    notes: str
    break_minutes: int
    deleted: bool


@dataclass(slots=True)
class AttendanceRow:
    """An attendance row; while `to_local` is None it is the person's running timer."""

    id: int
    user: str
    from_local: datetime
    to_local: datetime | None
    notes: str
    manual: bool
    break_minutes: int
    origin: Origin
    created_s: float
    deleted: bool = False
    latitude_start: float | None = None
    longitude_start: float | None = None
    latitude_end: float | None = None
    longitude_end: float | None = None
    past: list[Past] = field(default_factory=list)
    dressed: bytes | None = None
    """How lists show it, while it stays as it is."""

    def as_of(self, at_s: float) -> Past | None:
        """What the row said at a moment; None before it was made."""
        if self.created_s > at_s:
            return None
        for past in self.past:
            if past.until_s > at_s:
                return past
        return Past(float("inf"), self.from_local, self.to_local, self.notes, self.break_minutes, self.deleted)

    def changing(self, now_s: float) -> None:
        """Call before each change."""
        self.past.append(
            Past(now_s, self.from_local, self.to_local, self.notes, self.break_minutes, self.deleted),
        )
        self.dressed = None


@dataclass(slots=True)
class StoredProject:
    """A project."""

    id: int
    client: str
    name: str
    enabled: bool = True
    notes: str = ""
    hour_rate: float | None = None
    time_estimated: float | None = None
    budget_estimated: float | None = None
    deleted: bool = False


@dataclass(slots=True)
class StoredTimer:
    """The project timer of one person; the seconds are as last saved."""

    user: str
    client: str
    project: str
    task: str
    note: str
    started_local: datetime
    saved_local: datetime
    """When the seconds were saved."""
    worked_s: int = 0
    break_s: int = 0
    state: Literal["playing", "paused", "stopped"] = "playing"


@dataclass(frozen=True, slots=True)
class ProjectEntry:
    """What a stopped project timer leaves behind."""

    user: str
    client: str
    project: str
    from_local: datetime
    to_local: datetime
    worked_s: int
    break_s: int


@dataclass(slots=True)
class World:
    """The account."""

    users: dict[str, User] = field(default_factory=dict)
    rows: dict[int, AttendanceRow] = field(default_factory=dict)
    projects: dict[int, StoredProject] = field(default_factory=dict)
    clients: set[str] = field(default_factory=set)
    timers: dict[str, StoredTimer] = field(default_factory=dict)
    entries: list[ProjectEntry] = field(default_factory=list)
    locked_until: datetime | None = None
    """Everything that begins before this is closed."""
    approved: set[tuple[str, date]] = field(default_factory=set)
    """Person and day that were approved, and cannot change any more."""
    changes: int = 0
    """Counts every change of a row."""
    longest: timedelta = timedelta()
    """The longest closed row ever: how far back a search must begin."""
    last_id: int = 4711
    _by_from: list[tuple[datetime, int]] = field(default_factory=list)
    _by_user: dict[str, list[tuple[datetime, int]]] = field(default_factory=dict)
    _open: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def opened(cls, people: Iterable[Person], jobs: Iterable[OpeningProject]) -> "World":
        """A new account."""
        world = cls()
        for person in people:
            world.add_user(person)
        for job in jobs:
            world.add_project(job.client, job.name, enabled=job.enabled)
        return world

    # --- users --------------------------------------------------------------------------------------------------

    def add_user(self, person: Person) -> User:
        """Enter a user."""
        user = User(
            id=self.new_id(),
            username=unicodedata.normalize("NFC", person.username),
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            personal_number=person.personal_number,
            enabled=person.enabled,
            noise=person.noise,
        )
        self.users[user.username] = user
        return user

    def rename(self, old: str, new: str) -> None:
        """Give a user another username; the rows go along."""
        user = self.users.pop(old)
        user.username = new
        self.users[new] = user
        self._by_user[new] = self._by_user.pop(old, [])
        self._open[new] = self._open.pop(old, [])
        for _, row_id in self._by_user[new]:
            row = self.rows[row_id]
            row.user, row.dressed = new, None
        if old in self.timers:
            self.timers[new] = self.timers.pop(old)
            self.timers[new].user = new

    # --- rows ---------------------------------------------------------------------------------------------------

    def new_id(self) -> int:
        """Ids are shared by everything, as on the real thing, and never used again."""
        self.last_id += 1
        return self.last_id

    def add(self, row: AttendanceRow) -> AttendanceRow:
        """Enter a row."""
        self.changes += 1
        self.rows[row.id] = row
        key = (row.from_local, row.id)
        bisect.insort(self._by_from, key)
        bisect.insort(self._by_user.setdefault(row.user, []), key)
        if row.deleted:
            return row
        if row.to_local is None:
            self._open.setdefault(row.user, []).append(row.id)
        else:
            self.longest = max(self.longest, row.to_local - row.from_local)
        return row

    def move(self, row: AttendanceRow, from_local: datetime, to_local: datetime | None, now_s: float) -> None:
        """Change a row's times."""
        row.changing(now_s)
        self.changes += 1
        if from_local != row.from_local:
            for index in (self._by_from, self._by_user[row.user]):
                del index[bisect.bisect_left(index, (row.from_local, row.id))]
                bisect.insort(index, (from_local, row.id))
        if row.to_local is None and to_local is not None:
            self._open[row.user].remove(row.id)
        row.from_local, row.to_local = from_local, to_local
        if to_local is not None:
            self.longest = max(self.longest, to_local - from_local)

    def delete(self, row: AttendanceRow, now_s: float) -> None:
        """Mark a row as deleted."""
        row.changing(now_s)
        self.changes += 1
        if row.to_local is None:
            self._open[row.user].remove(row.id)
        row.deleted = True

    def running(self, username: str) -> AttendanceRow | None:
        """The person's running row, the newest where there are several."""
        ids = self._open.get(username)
        return self.rows[max(ids)] if ids else None

    def newest(self, username: str) -> AttendanceRow | None:
        """The person's living row that begins last."""
        for _, row_id in reversed(self._by_user.get(username, [])):
            if not self.rows[row_id].deleted:
                return self.rows[row_id]
        return None

    def last_closed(self, username: str) -> AttendanceRow | None:
        """The person's last row that is closed."""
        for _, row_id in reversed(self._by_user.get(username, [])):
            row = self.rows[row_id]
            if not row.deleted and row.to_local is not None:
                return row
        return None

    def rows_between(
        self, first: datetime | None, last: datetime | None, username: str | None
    ) -> Iterator[AttendanceRow]:
        """Rows that begin within a span, deleted ones included, by begin; an open end is None."""
        index = self._by_from if username is None else self._by_user.get(username, [])
        start = 0 if first is None else bisect.bisect_left(index, (first, 0))
        for n in range(start, len(index)):
            from_local, row_id = index[n]
            if last is not None and from_local > last:
                return
            yield self.rows[row_id]

    def open_rows(self, username: str | None) -> Iterator[AttendanceRow]:
        """Rows that run."""
        for ids in self._open.values() if username is None else [self._open.get(username, [])]:
            for row_id in ids:
                yield self.rows[row_id]

    def overlapping(self, username: str, from_local: datetime, to_local: datetime | None) -> Iterator[AttendanceRow]:
        """Living rows of the person that share time with a span; a running row has no end."""
        for row in self.open_rows(username):
            if to_local is None or row.from_local < to_local:
                yield row
        for row in self.rows_between(from_local - self.longest, to_local, username):
            if row.deleted or row.to_local is None:
                continue
            if row.to_local > from_local and (to_local is None or row.from_local < to_local):
                yield row

    def live(self, username: str | None = None) -> Iterator[AttendanceRow]:
        """All rows that are not deleted, by begin."""
        return (row for row in self.rows_between(None, None, username) if not row.deleted)

    # --- projects -----------------------------------------------------------------------------------------------

    def add_project(self, client: str, name: str, *, enabled: bool = True) -> StoredProject:
        """Enter a project and its client."""
        project = StoredProject(self.new_id(), client, name, enabled)
        self.projects[project.id] = project
        self.clients.add(client)
        return project

    def project_named(self, client: str, name: str) -> StoredProject | None:
        """The living project of that client and name."""
        for project in self.projects.values():
            if not project.deleted and project.client == client and project.name == name:
                return project
        return None
