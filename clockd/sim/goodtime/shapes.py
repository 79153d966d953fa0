"""How things look in a reply of Goodtime: tokens, rows, errors. All chance is of one seeded die."""

import random
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from clockd.sim.goodtime.forms import FORMS
from clockd.sim.goodtime.profile import Profile
from clockd.sim.goodtime.world import Choice, TimeEntry
from clockd.sim.message import HTML_HEADERS, SimReply, empty_reply, html_reply, json_reply

PLAIN_HEADERS = (("content-type", "text/plain;charset=utf-8"),)
CAMEL = {
    "loginemail": "loginEmail",
    "starttime": "startTime",
    "endtime": "endTime",
    "useremail": "userEmail",
    "timetypeid": "timeTypeId",
    "projectid": "projectId",
}
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    429: "Too Many Requests",
    500: "Internal Server Error",
}


@dataclass(slots=True)
class Shapes:
    """Makes replies."""

    profile: Profile
    zone: ZoneInfo
    dice: random.Random

    def text(self, text: str) -> SimReply:
        """A text, as the hellos."""
        return SimReply(200, PLAIN_HEADERS, text.encode())

    def token(self, token: str) -> SimReply:
        """The reply to a login (trap U06)."""
        form = self.dice.choice(self.profile.login_forms)
        match form:
            case "raw":
                return SimReply(200, PLAIN_HEADERS, token.encode())
            case "quoted":
                return json_reply(200, token)
            case "header":
                return SimReply(200, (("authorization", f"Bearer {token}"),), b"")
            case "nested":
                return json_reply(200, {"data": {"token": token}})
            case key:
                return json_reply(200, {key: token, "user": "admin"})

    def login_refused(self) -> SimReply:
        """The reply to a wrong login."""
        if self.profile.refused_status == 200:
            return SimReply(200, HTML_HEADERS, b"<html><body>Login failed</body></html>")
        return self.error(self.profile.refused_status, "Login failed")

    def error(self, status: int, text: str) -> SimReply:
        """An error (trap U24): a page of the container, plain text, nothing, or JSON."""
        match self.dice.choice(self.profile.error_forms):
            case "html":
                return html_reply(status, f"HTTP Status {status} – {text or TITLES.get(status, 'Error')}")
            case "plain":
                return SimReply(status, PLAIN_HEADERS, (text or TITLES.get(status, "Error")).encode())
            case "empty":
                return empty_reply(status)
            case "json":
                return json_reply(status, {"message": text or TITLES.get(status, "Error")})

    def named(self, things: list[Choice]) -> SimReply:
        """Time types or projects."""
        return json_reply(200, self._ordered([self._keyed({"id": each.id, "name": each.name}) for each in things]))

    def users(self, emails: list[str]) -> SimReply:
        """All users."""
        return json_reply(200, self._ordered([self._keyed({"loginemail": email}) for email in emails]))

    def entries(self, found: list[TimeEntry], as_of_s: float | None = None) -> SimReply:
        """A list of entries; with a moment, as they were then."""
        return json_reply(200, self._ordered([self.entry(entry, as_of_s) for entry in found]))

    def created(self, made: list[TimeEntry]) -> SimReply:
        """The reply to a create: a list of ids, or of rows."""
        status = self.dice.choice(self.profile.created)
        if self.dice.random() < self.profile.empty_chance:
            return json_reply(status, [])
        if self.profile.created_rows:
            return json_reply(status, [self.entry(entry) for entry in made])
        return json_reply(status, [{"id": entry.id} for entry in made])

    def deleted(self) -> SimReply:
        """The reply to a delete: nothing."""
        return SimReply(self.dice.choice(self.profile.deleted), (), b"")

    def entry(self, entry: TimeEntry, as_of_s: float | None = None) -> dict[str, object]:
        """One entry."""
        begin, end = entry.from_local, entry.to_local
        if as_of_s is not None and (past := entry.as_of(as_of_s)) is not None:
            begin, end = past.from_local, past.to_local
        row: dict[str, object] = {
            "id": entry.id,
            "starttime": self._time(begin),
            "timetypeid": entry.type_id,
            "projectid": entry.project_id,
        }
        if end is not None:
            row["endtime"] = self._time(end)
        else:
            match self.dice.choice(self.profile.open_end):
                case "null":
                    row["endtime"] = None
                case "blank":
                    row["endtime"] = ""
                case "absent":
                    pass
        if self.profile.rows_say_user:
            row["useremail"] = entry.user
        if self.profile.comments:
            row["comment"] = entry.comment
        if self.profile.locking:
            row["locked"] = entry.locked
        return self._keyed(row)

    def _time(self, local: datetime) -> str | int:
        return FORMS[self.profile.time_form].write(local, self.zone)

    def _keyed(self, row: dict[str, object]) -> dict[str, object]:
        style = self.dice.choice(self.profile.key_style)
        items = list(row.items())
        if self.profile.shuffled:
            items += [("costcenter", None), ("breaks", []), ("duration", 480)]
            self.dice.shuffle(items)
        match style:
            case "lower":
                return dict(items)
            case "camel":
                return {CAMEL.get(key, key): value for key, value in items}
            case "upper":
                return {_upper(key): value for key, value in items}

    def _ordered(self, rows: list[dict[str, object]]) -> list[dict[str, object]]:
        if self.profile.shuffled:
            self.dice.shuffle(rows)
        return rows


def _upper(key: str) -> str:
    camel = CAMEL.get(key, key)
    return key if key == "id" else camel[:1].upper() + camel[1:]
