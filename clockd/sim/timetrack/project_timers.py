"""The project timer: one per person, with saved seconds of work and break (trap T43)."""

from dataclasses import dataclass
from datetime import datetime

from clockd.sim.message import SimReply
from clockd.sim.timetrack.asked import Asked, missing
from clockd.sim.timetrack.book import Book
from clockd.sim.timetrack.endpoints import nothing
from clockd.sim.timetrack.shapes import Shapes
from clockd.sim.timetrack.world import CodedProblem, ProjectEntry, StoredTimer


@dataclass(slots=True)
class ProjectTimerEndpoints:
    """`/timers/project_timer`. Doubled starts, pauses and stops follow the same variant as the attendance timer's."""

    book: Book
    shapes: Shapes

    def get(self, asked: Asked) -> SimReply:
        """GET: the timer with its seconds as last saved; the client computes the rest from its own clock."""
        if asked.stamp_param("date") is None:
            raise missing("date")
        user = self.book.person(asked.needed_param("username"))
        timer = self.book.world.timers.get(user.username)
        if timer is None or (timer.state == "stopped" and self.book.profile.no_timer != "last"):
            return nothing(self.shapes, self.book.profile.no_timer)
        return self.shapes.one(self.shapes.project_timer(timer))

    def start(self, asked: Asked) -> SimReply:
        """POST start: date, clientName, projectName, username."""
        at, username = self._at(asked)
        client, name = asked.text("clientName"), asked.text("projectName")
        project = self.book.world.project_named(client, name)
        if project is None:
            raise CodedProblem(self.book.profile.unknown_user, 15021, "Project not found", "No project of this client.")
        if not project.enabled:
            raise CodedProblem(403, 15032, "Action not allowed", "Project is disabled.")
        timer = self.book.world.timers.get(username)
        if timer is not None and timer.state != "stopped":
            match self.book.profile.double:
                case "a":
                    raise CodedProblem(422, 15011, "Conflict", "Timer is already running.")
                case "b":
                    return self.shapes.made(self.shapes.project_timer(timer))
                case "c" | "d":
                    self._stop(timer, at)
        timer = StoredTimer(username, client, name, asked.text_or("taskName", ""), asked.text_or("note", ""), at, at)
        self.book.world.timers[username] = timer
        return self.shapes.made(self.shapes.project_timer(timer))

    def pause(self, asked: Asked) -> SimReply:
        """POST pause: the time since the last save was work."""
        at, username = self._at(asked)
        timer = self._active(username)
        if self._already(timer.state == "paused"):
            return self.shapes.changed(self.shapes.project_timer(timer))
        timer.worked_s += _since(timer, at)
        timer.saved_local, timer.state = at, "paused"
        return self.shapes.changed(self.shapes.project_timer(timer))

    def resume(self, asked: Asked) -> SimReply:
        """POST resume: the time since the last save was break."""
        at, username = self._at(asked)
        timer = self._active(username)
        if self._already(timer.state == "playing"):
            return self.shapes.changed(self.shapes.project_timer(timer))
        timer.break_s += _since(timer, at)
        timer.saved_local, timer.state = at, "playing"
        return self.shapes.changed(self.shapes.project_timer(timer))

    def stop(self, asked: Asked) -> SimReply:
        """POST stop: the timer ends and leaves a project time entry."""
        at, username = self._at(asked)
        timer = self.book.world.timers.get(username)
        if timer is not None and timer.state == "stopped" and self.book.profile.double == "b":
            return self.shapes.changed(self.shapes.project_timer(timer))
        timer = self._active(username)
        self._stop(timer, at)
        return self.shapes.changed(self.shapes.project_timer(timer))

    def _at(self, asked: Asked) -> tuple[datetime, str]:
        at = asked.stamp("date")
        user = self.book.person(asked.text("username"))
        return self.book.stored(at, asked.now), user.username

    def _active(self, username: str) -> StoredTimer:
        timer = self.book.world.timers.get(username)
        if timer is None or timer.state == "stopped":
            status = 404 if self.book.profile.double in ("c", "d") else 422
            raise CodedProblem(status, 15003, "Timer not found", "No timer is running.")
        return timer

    def _already(self, so: bool) -> bool:
        """Whether there is nothing to do; under (a) that is a conflict."""
        if so and self.book.profile.double == "a":
            raise CodedProblem(422, 15011, "Conflict", "The timer is in this state already.")
        return so

    def _stop(self, timer: StoredTimer, at: datetime) -> None:
        seconds = _since(timer, at)
        if timer.state == "playing":
            timer.worked_s += seconds
        else:
            timer.break_s += seconds
        timer.saved_local, timer.state = at, "stopped"
        self.book.world.entries.append(
            ProjectEntry(
                timer.user, timer.client, timer.project, timer.started_local, at, timer.worked_s, timer.break_s
            )
        )


def _since(timer: StoredTimer, at: datetime) -> int:
    if at < timer.saved_local:
        raise CodedProblem(422, 15013, "Wrong params", "Date lies before the last change of the timer.")
    return int((at - timer.saved_local).total_seconds())
