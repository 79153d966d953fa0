"""The documented endpoints: what each does, once it is known who asks for what."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from clockd.sim.message import SimReply
from clockd.sim.timetrack.asked import Asked, missing, wrong
from clockd.sim.timetrack.book import Book
from clockd.sim.timetrack.shapes import Shapes
from clockd.sim.timetrack.world import AttendanceRow, CodedProblem, StoredProject


@dataclass(slots=True)
class Attendances:
    """`/attendances` and the attendance timer: two views of the same rows."""

    book: Book
    shapes: Shapes
    order: random.Random
    """The dice that shuffle lists."""

    def search(self, asked: Asked) -> SimReply:
        """GET /attendances: all rows, or those of a person and a span."""
        page = asked.page(self.book.profile)
        first, last = asked.stamp_param("from"), asked.stamp_param("to")
        person = self._person(asked)
        if asked.lag_s:
            return self._stale(asked, first, last, person, page)
        rows = list(self._found(first, last, person))
        self._sort(rows, page)
        local = asked.now.local
        return self.shapes.many([self.shapes.row(row, local) for row in rows[page]])

    def _person(self, asked: Asked) -> str | None:
        """Whom the client asks about; None: everybody."""
        if self.book.profile.user_filter == "nobody":
            return None if asked.param("username") is None else "nobody"
        person = asked.param(self.book.profile.user_filter)
        return None if person is None else unicodedata.normalize("NFC", person)

    def _found(self, first: datetime | None, last: datetime | None, person: str | None) -> Iterator[AttendanceRow]:
        world = self.book.world
        if self.book.profile.range == "half-open":
            for row in world.rows_between(first, last, person):
                if not row.deleted and (last is None or row.from_local < last):
                    yield row
            return
        for row in world.open_rows(person):
            if last is None or row.from_local <= last:
                yield row
        for row in world.rows_between(None if first is None else first - world.longest, last, person):
            if not row.deleted and row.to_local is not None and (first is None or row.to_local >= first):
                yield row

    def _sort(self, rows: list[AttendanceRow], page: slice) -> None:
        users = self.book.world.users
        if self.book.profile.order == "noise-first":
            rows.sort(key=lambda row: (not (row.user in users and users[row.user].noise), row.id))
        elif page.stop is None or (page.start == 0 and page.stop >= len(rows)):
            self.order.shuffle(rows)
        else:
            salt = random.Random(f"order {self.book.world.changes}").random()  # noqa: S311 - a simulator's dice
            rows.sort(key=lambda row: row.id * salt % 1.0)

    def _stale(
        self, asked: Asked, first: datetime | None, last: datetime | None, person: str | None, page: slice
    ) -> SimReply:
        """The list as it was: rows that were made since are missing, changed ones are as before."""
        at_s = asked.now.s - asked.lag_s
        overlap = self.book.profile.range == "overlap"
        bodies = []
        for row in self.book.world.rows_between(None, None, person):
            past = row.as_of(at_s)
            if past is None or past.deleted:
                continue
            begins = last is None or past.from_local < last or (overlap and past.from_local == last)
            if overlap:
                ends = first is None or past.to_local is None or past.to_local >= first
            else:
                ends = first is None or past.from_local >= first
            if begins and ends:
                bodies.append(self.shapes.past_row(row, past, asked.now.local))
        return self.shapes.many(bodies[page])

    def get(self, asked: Asked, row_id: str) -> SimReply:
        """GET /attendances/{id}."""
        return self.shapes.one(self.shapes.row(self._row(row_id), asked.now.local))

    def create(self, asked: Asked) -> SimReply:
        """POST /attendances: username, from and to are needed."""
        notes = asked.text_or(self.book.profile.note_key, "")
        row = self.book.create(
            asked.text("username"),
            asked.stamp("from"),
            asked.stamp("to"),
            "api",
            asked.now,
            break_minutes=asked.minutes_or_none("minutesBreak") or 0,
            notes=notes,
            place=asked.place_of("Start"),
            end_place=asked.place_of("End"),
        )
        return self.shapes.made(self.shapes.row(row, asked.now.local))

    def update(self, asked: Asked, row_id: str) -> SimReply:
        """PUT /attendances/{id}: everything but the username, and only what is given."""
        row = self._row(row_id)
        if "username" in asked.body or "user" in asked.body:
            raise wrong("username", "can not be changed")
        row = self.book.update(
            row,
            "api",
            asked.now,
            from_local=asked.stamp_or_none("from"),
            to_local=asked.stamp_or_none("to"),
            break_minutes=asked.minutes_or_none("minutesBreak"),
            notes=asked.text_or("notes", row.notes),
            place=asked.place_of("Start"),
            end_place=asked.place_of("End"),
        )
        return self.shapes.changed(self.shapes.row(row, asked.now.local))

    def delete(self, asked: Asked, row_id: str) -> SimReply:
        """DELETE /attendances/{id}: the row is marked as deleted."""
        row = self._row(row_id)
        body = self.shapes.row(row, asked.now.local)
        self.book.delete(row, "api", asked.now)
        return self.shapes.removed(body)

    def _row(self, row_id: str) -> AttendanceRow:
        return self.book.row(_number(row_id))

    # --- the timer ----------------------------------------------------------------------------------------------

    def timer(self, asked: Asked) -> SimReply:
        """GET of the timer: the running row, with durations as of `date`."""
        at = asked.stamp_param("date")
        if at is None:
            raise missing("date")
        user = self.book.person(asked.needed_param("username"))
        row = self.book.world.running(user.username)
        if row is None and self.book.profile.no_timer == "last":
            row = self.book.world.last_closed(user.username)
        if row is not None:
            return self.shapes.one(self.shapes.timer(row, at))
        return nothing(self.shapes, self.book.profile.no_timer)

    def start(self, asked: Asked) -> SimReply:
        """POST of the timer's start."""
        at = asked.stamp("date")
        row = self.book.start(asked.text("username"), at, "api", asked.now, asked.place())
        with_id = self.book.profile.start_reply_id
        return self.shapes.made(self.shapes.timer(row, at, with_id=with_id))

    def stop(self, asked: Asked) -> SimReply:
        """POST of the timer's stop."""
        at = asked.stamp("date")
        row = self.book.stop(asked.text("username"), at, "api", asked.now, asked.place())
        return self.shapes.changed(self.shapes.timer(row, at))


@dataclass(slots=True)
class Projects:
    """`/projects`."""

    book: Book
    shapes: Shapes

    def search(self, asked: Asked) -> SimReply:
        """GET /projects; both filters are parts of a name (trap T28)."""
        name, client = asked.param("projectName") or "", asked.param("clientName") or ""
        found = [
            project
            for project in self.book.world.projects.values()
            if not project.deleted and name in project.name and client in project.client
        ]
        return self.shapes.many([self.shapes.project(project) for project in found[asked.page(self.book.profile)]])

    def get(self, project_id: str) -> SimReply:
        """GET /projects/{id}."""
        return self.shapes.one(self.shapes.project(self._project(project_id)))

    def create(self, asked: Asked) -> SimReply:
        """POST /projects: clientName and projectName are needed."""
        client, name = asked.text("clientName"), asked.text("projectName")
        world = self.book.world
        if client not in world.clients and self.book.profile.unknown_client == "refuse":
            raise wrong("clientName", "is no client")
        if world.project_named(client, name):
            raise CodedProblem(422, 15023, "Conflict", "Project exists already.")
        project = world.add_project(client, name)
        self._fill(project, asked)
        return self.shapes.made(self.shapes.project(project))

    def update(self, asked: Asked, project_id: str) -> SimReply:
        """PUT /projects/{id}; a clientName has to match a client that exists."""
        project = self._project(project_id)
        client = asked.text_or("clientName", project.client)
        name = asked.text_or("projectName", project.name)
        if client not in self.book.world.clients:
            raise wrong("clientName", "is no client")
        if not name:
            raise missing("projectName")
        other = self.book.world.project_named(client, name)
        if other is not None and other is not project:
            raise CodedProblem(422, 15023, "Conflict", "Project exists already.")
        self._fill(project, asked)
        project.client, project.name = client, name
        return self.shapes.changed(self.shapes.project(project))

    def delete(self, project_id: str) -> SimReply:
        """DELETE /projects/{id}."""
        project = self._project(project_id)
        project.deleted = True
        return self.shapes.removed(self.shapes.project(project))

    def _fill(self, project: StoredProject, asked: Asked) -> None:
        enabled, notes = asked.flag_or("projectEnabled", project.enabled), asked.text_or("notes", project.notes)
        numbers = [asked.number_or_none(name) for name in ("hourRate", "timeEstimated", "budgetEstimated")]
        rate, time, budget = numbers
        project.enabled, project.notes = enabled, notes
        project.hour_rate = project.hour_rate if rate is None else rate
        project.time_estimated = project.time_estimated if time is None else time
        project.budget_estimated = project.budget_estimated if budget is None else budget

    def _project(self, project_id: str) -> StoredProject:
        project = self.book.world.projects.get(_number(project_id))
        if project is None:
            raise CodedProblem(404, 15021, "Project not found", f"There is no project {project_id}.")
        if project.deleted:
            raise CodedProblem(404, 15022, "Project exist but it is deleted", "Project is deleted and can not be used.")
        return project


def nothing(shapes: Shapes, form: Literal["missing", "null", "empty", "last"]) -> SimReply:
    """The answer when no timer runs.

    Raises:
        CodedProblem: where that is a 404.
    """
    match form:
        case "null":
            return shapes.one(b"null")
        case "empty":
            return shapes.one(b"{}")
        case "missing" | "last":
            raise CodedProblem(404, 15003, "Timer not found", "No timer is running.")


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise CodedProblem(404, 15000, "TimeEntry not found", "The id is no number.")
    return int(text)
