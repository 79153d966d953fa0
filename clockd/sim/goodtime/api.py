"""From a request to Goodtime's endpoints: routes, tokens, bodies, errors.

The order is: does the route exist (an HTML 404 if not), does it know the method (405), is there a valid token, is the
body JSON, and only then the endpoint. Version 1.1 (`/api/time/…`) exists where the profile says so: `timecategories`
instead of `timetypes`, no comment, no `locked`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from clockd.sim.goodtime.asked import Asked
from clockd.sim.goodtime.book import Book, Wanted
from clockd.sim.goodtime.forms import FORMS, read_any
from clockd.sim.goodtime.profile import Profile
from clockd.sim.goodtime.shapes import Shapes
from clockd.sim.goodtime.tokens import Tokens
from clockd.sim.goodtime.watch import Watch
from clockd.sim.goodtime.world import TimeEntry, World
from clockd.sim.message import Problem, SimReply, SimRequest, html_reply, json_reply
from clockd.sim.moment import SimMoment, moment_at

Endpoint = Callable[[Asked], SimReply]


@dataclass(slots=True)
class Api:
    """The model of Goodtime: `clockd.sim.front.Model`."""

    profile: Profile
    zone: ZoneInfo
    tokens: Tokens
    world: World
    watch: Watch
    seed: int = 0
    book: Book = field(init=False)
    _shapes: Shapes = field(init=False)

    def __post_init__(self) -> None:
        self.book = Book(self.world, self.profile, self.watch)
        self._shapes = Shapes(self.profile, self.zone, random.Random(f"shapes {self.seed}"))  # noqa: S311 - dice

    # --- the front's model --------------------------------------------------------------------------------------

    def answer(self, request: SimRequest, now_s: float, lag_s: float = 0.0, *, heard: bool = True) -> SimReply:
        """Apply a request; see `clockd.sim.front.Model`."""
        segments = request.segments
        if segments == ("api", "login"):
            return self._login(request, now_s, heard)
        endpoints, old = self._endpoints(segments)
        if endpoints is None:
            return html_reply(404, "HTTP Status 404 – Not Found")
        endpoint = endpoints.get(request.method)
        if endpoint is None:
            return html_reply(405, "HTTP Status 405 – Method Not Allowed", ("allow", ", ".join(sorted(endpoints))))
        if request.body and not request.writes and self.profile.refuse_get_body:
            return html_reply(400, "Bad Request")
        open_door = segments == ("api", "hello", "sayhello")
        if not open_door and not self._token_fits(request, now_s):
            return self.refusal(self.profile.expired_status if self.tokens.enabled else 403, "")
        body = request.fields()
        if body is None:
            return self.refusal(400, "The body is no JSON object.")
        if old and request.writes:
            self.watch.old_version += 1
        try:
            return endpoint(Asked(request, body, self.moment(now_s), lag_s, old))
        except Problem as problem:
            return self.refusal(problem.status, str(problem))

    def refusal(self, status: int, detail: str) -> SimReply:
        """An error."""
        return self._shapes.error(status, detail)

    def thin(self, reply: SimReply) -> SimReply:
        """The reply with nothing left but ids; a token stays whole."""
        try:
            value = msgspec.json.decode(reply.body)
        except msgspec.DecodeError:
            return reply
        if not isinstance(value, list):
            return reply
        return json_reply(reply.status, [{k: v for k, v in row.items() if k.lower() == "id"} for row in value])

    def about(self, request: SimRequest) -> str | None:
        """The person a request names in its query, body or path."""
        if request.segments[-2:-1] == ("projects",):
            return request.segments[-1]
        return request.named("useremail")

    def moment(self, now_s: float) -> SimMoment:
        """The account's wall clock."""
        return moment_at(now_s, self.zone)

    # --- the door -----------------------------------------------------------------------------------------------

    def _login(self, request: SimRequest, now_s: float, heard: bool) -> SimReply:
        if request.method != "POST":
            return html_reply(405, "HTTP Status 405 – Method Not Allowed", ("allow", "POST"))
        body = request.fields()
        if body is None:
            return self.refusal(400, "The body is no JSON object.")
        email, password = body.get("loginemail"), body.get("apipassword")
        if not isinstance(email, str) or not isinstance(password, str):
            return self.refusal(400, "loginemail and apipassword are needed.")  # trap U08
        if not self.tokens.enabled:
            return self.refusal(403, "The REST API is not activated.")
        token = self.tokens.log_in(email, password, now_s, heard=heard)
        return self._shapes.login_refused() if token is None else self._shapes.token(token)

    def _token_fits(self, request: SimRequest, now_s: float) -> bool:
        value = request.headers.get(self.profile.token_header, "")
        prefix = self.profile.token_prefix
        return value.startswith(prefix) and self.tokens.fits(value.removeprefix(prefix), now_s)

    # --- routes -------------------------------------------------------------------------------------------------

    def _endpoints(self, segments: tuple[str, ...]) -> tuple[dict[str, Endpoint] | None, bool]:
        match segments:
            case ("api", "hello", "sayhello"):
                return {"GET": lambda asked: self._shapes.text("Hello!")}, False
            case ("api", "hello", "securedSayhello"):
                return {"GET": lambda asked: self._shapes.text("Secured Hello!")}, False
            case ("api", "time-v2.1", *rest) if self.profile.versions != "1.1":
                return self._resources(tuple(rest), old=False), False
            case ("api", "time", *rest) if self.profile.versions != "2.1":
                return self._resources(tuple(rest), old=True), True
            case _:
                return None, False

    def _resources(self, rest: tuple[str, ...], *, old: bool) -> dict[str, Endpoint] | None:
        types = "timecategories" if old else "timetypes"
        match rest:
            case (name,) if name == types:
                return {"GET": lambda asked: self._shapes.named(self.world.time_types)}
            case ("users",):
                return {"GET": lambda asked: self._shapes.users([user.email for user in self.world.users.values()])}
            case ("projects",):
                return {"GET": lambda asked: self._shapes.named(self.world.projects if self.profile.projects else [])}
            case ("projects", email):
                return {"GET": lambda asked: self._projects_of(email)}
            case ("timeentries",):
                return {"GET": self._search}
            case ("createtimeentry",):
                return {"POST": self._create}
            case ("deletetimeentry", entry_id):
                return {"DELETE": lambda asked: self._delete(asked, entry_id)}
            case _:
                return None

    def _projects_of(self, email: str) -> SimReply:
        user = self.book.person(email)
        return self._shapes.named(self.world.projects_of(user) if self.profile.projects else [])

    # --- entries ------------------------------------------------------------------------------------------------

    def _search(self, asked: Asked) -> SimReply:
        user = self.book.person(asked.param("useremail"))
        if user.closed and self.profile.closed_look == "refused":
            raise Problem(self.profile.closed_status, "The user is closed.")
        start, end = self._span_end(asked.param("start")), self._span_end(asked.param("end"))
        as_of_s = asked.now.s - asked.lag_s if asked.lag_s else None
        whose = [user] if self.profile.look_filter == "kept" else self.world.users.values()
        found = []
        for entry in (entry for person in whose for entry in self.world.touching(person.email, start, end)):
            past = entry.as_of(asked.now.s if as_of_s is None else as_of_s)
            if past is None or past.deleted:
                continue
            if self.profile.range == "half-open":
                inside = start <= past.from_local < end
            else:
                inside = past.from_local <= end and (past.to_local is None or past.to_local >= start)
            if inside:
                found.append(entry)
        return self._shapes.entries(found, as_of_s)

    def _span_end(self, text: str) -> datetime:
        """Read `start` or `end` of a query."""
        form = self.profile.time_form if self.profile.look_form == "same" else self.profile.look_form
        if form == "any":
            found = read_any(text, self.zone)
        else:
            value: object = int(text) if form == "epoch-ms" and text.isascii() and text.isdigit() else text
            found = FORMS[form].read(value, self.zone)
        if found is None:
            raise Problem(400, "The time cannot be read.")
        return found

    def _create(self, asked: Asked) -> SimReply:
        form = FORMS[self.profile.time_form]
        times = [form.read(asked.body.get(name), self.zone) for name in ("starttime", "endtime")]
        begin, end = times
        if begin is None or end is None:
            raise Problem(400, "The time cannot be read.")
        if begin.second or end.second:
            self.watch.seconds.append(f"{begin.isoformat()}–{end.isoformat()}")
        project_id = asked.body.get("projectid")
        if "projectid" in asked.body and project_id is None and self.profile.null_project == "refuse":
            raise Problem(400, "projectid must not be null.")
        comment = asked.body.get("comment", "")
        if asked.old and "comment" in asked.body:
            raise Problem(400, "Unrecognized property comment.")
        wanted = Wanted(
            email=asked.text("useremail"),
            from_local=begin,
            to_local=end,
            type_id=asked.text("timetypeid"),
            project_id=None if project_id is None else str(project_id),
            comment=str(comment or ""),
        )
        made: list[TimeEntry] = self.book.create(wanted, "api", asked.now)
        return self._shapes.created(made)

    def _delete(self, asked: Asked, entry_id: str) -> SimReply:
        self.book.delete(self.book.entry(entry_id), "api", asked.now)
        return self._shapes.deleted()
