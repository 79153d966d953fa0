"""How things of the account look in a reply: every form the documents leave open, chosen by the profile's dice.

A closed row is dressed once for lists and keeps its clothes until it changes: a list of a thousand rows costs a join.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from clockd.sim.message import JSON_HEADERS, SimReply, empty_reply
from clockd.sim.timetrack.profile import Profile
from clockd.sim.timetrack.world import AttendanceRow, Past, StoredProject, StoredTimer, User

encode: Callable[[object], bytes] = msgspec.json.encode
Fields = dict[str, object]


@dataclass(slots=True)
class Shapes:
    """The wardrobe of one profile."""

    profile: Profile
    dice: random.Random

    # --- replies ------------------------------------------------------------------------------------------------

    def one(self, body: bytes) -> SimReply:
        """A single object that was read."""
        return SimReply(200, JSON_HEADERS, self._wrapped(body))

    def many(self, bodies: list[bytes]) -> SimReply:
        """A list: always a bare array."""
        return SimReply(200, JSON_HEADERS, b"[" + b",".join(bodies) + b"]")

    def made(self, body: bytes) -> SimReply:
        """A write that made something."""
        return self._written(self.profile.created, body)

    def changed(self, body: bytes) -> SimReply:
        """A write that changed something."""
        return self._written(self.profile.changed, body)

    def removed(self, body: bytes) -> SimReply:
        """A DELETE: an empty 204 is as likely as a body, wherever statuses vary."""
        if len(self.profile.changed) > 1 and self.dice.random() < 0.5:
            return empty_reply()
        return self._written(self.profile.changed, body)

    def _written(self, statuses: tuple[int, ...], body: bytes) -> SimReply:
        if self.profile.empty_chance and self.dice.random() < self.profile.empty_chance:
            return empty_reply()
        status = statuses[0] if len(statuses) == 1 else self.dice.choice(statuses)
        return SimReply(status, JSON_HEADERS, self._wrapped(body))

    def _wrapped(self, body: bytes) -> bytes:
        shapes = self.profile.shapes
        match shapes[0] if len(shapes) == 1 else self.dice.choice(shapes):
            case "object":
                return body
            case "array":
                return b"[" + body + b"]"
            case "data":
                return b'{"data":' + body + b"}"

    # --- attendances --------------------------------------------------------------------------------------------

    def row(self, row: AttendanceRow, now_local: datetime) -> bytes:
        """An attendance row."""
        if row.to_local is None:
            return self._attendance(row, self._id_key(), now_local)
        if row.dressed is None:
            row.dressed = self._attendance(row, self._id_key(), now_local)
        return row.dressed

    def past_row(self, row: AttendanceRow, past: Past, now_local: datetime) -> bytes:
        """An attendance row as it was."""
        was = AttendanceRow(
            row.id,
            row.user,
            past.from_local,
            past.to_local,
            past.notes,
            row.manual,
            past.break_minutes,
            row.origin,
            row.created_s,
        )
        return self._attendance(was, self._id_key(), now_local)

    def timer(self, row: AttendanceRow, at_local: datetime, *, with_id: bool = True) -> bytes:
        """An attendance row as the timer's pages show it, with durations as of a moment."""
        return self._attendance(row, "id" if with_id else None, at_local)

    def _attendance(self, row: AttendanceRow, id_key: str | None, at_local: datetime) -> bytes:
        loose = self.profile.loose_types
        end = row.to_local or at_local
        worked = max(0, int((end - row.from_local).total_seconds()) // 60 - row.break_minutes)
        fields: Fields = {} if id_key is None else {id_key: self._number(row.id)}
        fields["user"] = row.user
        fields["from"] = self.stamp(row.from_local)
        if row.to_local is not None:
            fields["to"] = self.stamp(row.to_local)
        else:
            self._open_to(fields, row.from_local)
        fields["notes"] = row.notes
        fields["manual"] = self._flag(row.manual)
        fields["workedMinutes"] = self._number(worked)
        fields["breakMinutes"] = self._number(row.break_minutes)
        # documented as Number, Text, Text, Text
        fields["latitudeStart"] = self._coordinate(row.latitude_start, text=loose and self._coin())
        fields["longitudeStart"] = self._coordinate(row.longitude_start, text=not loose or self._coin())
        fields["latitudeEnd"] = self._coordinate(row.latitude_end, text=not loose or self._coin())
        fields["longitudeEnd"] = self._coordinate(row.longitude_end, text=not loose or self._coin())
        if self.profile.extra_fields:
            fields["user_id"] = row.id % 97
            fields["working_time_strategies"] = []
        return encode(fields)

    def _open_to(self, fields: Fields, from_local: datetime) -> None:
        forms = self.profile.open_to
        match forms[0] if len(forms) == 1 else self.dice.choice(forms):
            case "null":
                fields["to"] = None
            case "blank":
                fields["to"] = ""
            case "absent":
                pass
            case "from":
                fields["to"] = self.stamp(from_local)

    # --- project timers, projects, users ------------------------------------------------------------------------

    def project_timer(self, timer: StoredTimer) -> bytes:
        """A project timer; its seconds are as last saved."""
        playing = timer.state == "playing"
        return encode(
            {
                "username": timer.user,
                "startedAt": self.stamp(timer.started_local),
                "workedSeconds": self._number(timer.worked_s),
                "breakSeconds": self._number(timer.break_s),
                "playing": self._flag(playing),
                "stopped": self._flag(timer.state == "stopped" or (playing and self.profile.contradictory_flags)),
                "paused": self._flag(timer.state == "paused"),
                "clientName": timer.client,
                "projectName": timer.project,
                "taskName": timer.task,
                "note": timer.note,
            }
        )

    def project(self, project: StoredProject) -> bytes:
        """A project."""
        return encode(
            {
                self._id_key(): self._number(project.id),
                "projectName": project.name,
                "clientName": project.client,
                "projectEnabled": self._flag(project.enabled),
                "notes": project.notes,
                "hourRate": self._number(project.hour_rate),
                "timeEstimated": self._number(project.time_estimated),
                "budgetEstimated": self._number(project.budget_estimated),
            }
        )

    def user(self, user: User) -> bytes:
        """A user, as the pages beside the seeds show it."""
        return encode(
            {
                "id": user.id,
                "username": user.username,
                "firstName": user.first_name,
                "lastName": user.last_name,
                "email": user.email,
                "personalNumber": user.personal_number,
                "enabled": user.enabled,
                "admin": False,
                "teamLead": False,
                "language": "en",
            }
        )

    # --- single values ------------------------------------------------------------------------------------------

    def stamp(self, at: datetime) -> str:
        """A timestamp in one of the forms."""
        stamps = self.profile.stamps
        match stamps[0] if len(stamps) == 1 else stamps[int(self.dice.random() * len(stamps))]:
            case "millis":
                return at.isoformat(timespec="milliseconds") + "Z"
            case "plain":
                return at.isoformat(timespec="seconds") + "Z"
            case "bare":
                return at.isoformat(timespec="seconds")
            case "micros":
                return at.isoformat(timespec="microseconds") + "Z"

    def _id_key(self) -> str:
        keys = self.profile.id_keys
        return keys[0] if len(keys) == 1 else self.dice.choice(keys)

    def _coin(self) -> bool:
        return self.dice.random() < 0.5

    def _number(self, value: float | None) -> object:
        if value is None or not self.profile.loose_types:
            return value
        return str(value) if self.dice.random() < 0.5 else value

    def _flag(self, value: bool) -> object:
        if not self.profile.loose_types:
            return value
        forms = (value, int(value), str(int(value)), "true" if value else "false")
        return forms[int(self.dice.random() * 4)]

    def _coordinate(self, value: float | None, *, text: bool) -> object:
        if value is None:
            return None
        return str(value) if text else value
