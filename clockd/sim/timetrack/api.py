"""From a request to an endpoint: routes, keys, bodies, the errors envelope.

The order is: does the route exist (an HTML 404 if not, trap T04), are the keys right, is the body JSON, and only then
the endpoint. Everything an endpoint raises becomes the envelope of the documents.
"""

import hmac
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import msgspec

from clockd.sim.message import SimReply, SimRequest, html_reply, json_reply
from clockd.sim.moment import SimMoment, moment_at
from clockd.sim.timetrack.asked import Asked
from clockd.sim.timetrack.book import Book
from clockd.sim.timetrack.endpoints import Attendances, Projects
from clockd.sim.timetrack.profile import Profile
from clockd.sim.timetrack.project_timers import ProjectTimerEndpoints
from clockd.sim.timetrack.shapes import Shapes
from clockd.sim.timetrack.watch import Watch
from clockd.sim.timetrack.world import CodedProblem, User, World

Endpoint = Callable[[Asked], SimReply]
KEY_HEADER = "x-timetrack-api-key"
SECRET_HEADER = "x-timetrack-api-secret"


@dataclass(slots=True)
class Keys:
    """The account's App Key and App Secret."""

    key: str
    secret: str = field(repr=False)

    def fit(self, request: SimRequest) -> bool:
        """Whether a request brings both."""
        key = request.headers.get(KEY_HEADER, "").encode()
        secret = request.headers.get(SECRET_HEADER, "").encode()
        return hmac.compare_digest(key, self.key.encode()) and hmac.compare_digest(secret, self.secret.encode())


@dataclass(slots=True)
class Api:
    """The model of TimeTrack: `clockd.sim.front.Model`."""

    profile: Profile
    zone: ZoneInfo
    keys: Keys
    world: World
    watch: Watch
    moved_to: Callable[[str], str]
    """Where a redirect leads for a path."""
    seed: int = 0
    book: Book = field(init=False)
    attendances: Attendances = field(init=False)
    projects: Projects = field(init=False)
    project_timers: ProjectTimerEndpoints = field(init=False)
    _shapes: Shapes = field(init=False)
    _routes: dict[tuple[str, ...], dict[str, Endpoint]] = field(init=False)

    def __post_init__(self) -> None:
        self.book = Book(self.world, self.profile, self.watch)
        self._shapes = Shapes(self.profile, random.Random(f"shapes {self.seed}"))  # noqa: S311 - a simulator's dice
        order = random.Random(f"order {self.seed}")  # noqa: S311 - a simulator's dice
        self.attendances = Attendances(self.book, self._shapes, order)
        self.projects = Projects(self.book, self._shapes)
        self.project_timers = ProjectTimerEndpoints(self.book, self._shapes)
        self._routes = self._fixed_routes()

    # --- the front's model --------------------------------------------------------------------------------------

    def answer(self, request: SimRequest, now_s: float, lag_s: float = 0.0, *, heard: bool = True) -> SimReply:
        """Apply a request; see `clockd.sim.front.Model`."""
        segments = request.segments
        if len(segments) > 1 and segments[-1] == "":
            segments = segments[:-1]
            if self.profile.redirect_slash:
                return html_reply(301, "Moved Permanently", ("location", self.moved_to(request.path.rstrip("/"))))
        endpoints = self._endpoints(segments)
        if endpoints is None:
            return html_reply(404, "Not Found")
        endpoint = endpoints.get(request.method)
        if endpoint is None:
            return html_reply(405, "Method Not Allowed", ("allow", ", ".join(sorted(endpoints))))
        if request.body and not request.writes and self.profile.refuse_get_body:
            return html_reply(400, "Bad Request")
        if not self.keys.fit(request):
            return self.refusal(401, "")
        body = request.fields(always_said=self.profile.content_type == "always")
        if body is None:
            return html_reply(400, "Bad Request")
        try:
            return endpoint(Asked(request, body, self.moment(now_s), lag_s))
        except CodedProblem as problem:
            return self._envelope(problem)

    def refusal(self, status: int, detail: str) -> SimReply:
        """An error of the whole account, in the envelope."""
        title, code = {
            401: ("Authentification didn't work, please check App Key and Secret", 10001),
            403: ("Action not allowed", 15030),
            429: ("Too many requests", 10029),
            500: ("Internal server error", 10500),
        }.get(status, ("Service unavailable", 10503))
        return _errors(status, CodedProblem(status, code, title, detail))

    def thin(self, reply: SimReply) -> SimReply:
        """The reply with nothing left but ids."""
        try:
            value = msgspec.json.decode(reply.body)
        except msgspec.DecodeError:
            return reply
        return json_reply(reply.status, _only_ids(value))

    def about(self, request: SimRequest) -> str | None:
        """The person a request names in its query or body."""
        return request.named("username")

    def moment(self, now_s: float) -> SimMoment:
        """The account's wall clock."""
        return moment_at(now_s, self.zone)

    # --- routes -------------------------------------------------------------------------------------------------

    def _fixed_routes(self) -> dict[tuple[str, ...], dict[str, Endpoint]]:
        attendances, projects, timers = self.attendances, self.projects, self.project_timers
        attendance_timer = tuple(self.profile.attendance_timer_path.strip("/").split("/"))
        project_timer = tuple(self.profile.project_timer_path.strip("/").split("/"))
        return {
            ("attendances",): {"GET": attendances.search, "POST": attendances.create},
            ("projects",): {"GET": projects.search, "POST": projects.create},
            ("users",): {"GET": self._users},
            attendance_timer: {"GET": attendances.timer},
            (*attendance_timer, "start"): {"POST": attendances.start},
            (*attendance_timer, "stop"): {"POST": attendances.stop},
            project_timer: {"GET": timers.get},
            (*project_timer, "start"): {"POST": timers.start},
            (*project_timer, "pause"): {"POST": timers.pause},
            (*project_timer, "resume"): {"POST": timers.resume},
            (*project_timer, "stop"): {"POST": timers.stop},
        }

    def _endpoints(self, segments: tuple[str, ...]) -> dict[str, Endpoint] | None:
        fixed = self._routes.get(segments)
        if fixed is not None:
            return fixed
        match segments:
            case ("attendances", row_id):
                return {
                    "GET": lambda asked: self.attendances.get(asked, row_id),
                    "PUT": lambda asked: self.attendances.update(asked, row_id),
                    "DELETE": lambda asked: self.attendances.delete(asked, row_id),
                }
            case ("projects", project_id):
                return {
                    "GET": lambda asked: self.projects.get(project_id),
                    "PUT": lambda asked: self.projects.update(asked, project_id),
                    "DELETE": lambda asked: self.projects.delete(project_id),
                }
            case ("users", user_id):
                return {"GET": lambda asked: self._user(user_id)}
            case _:
                return None

    def _users(self, asked: Asked) -> SimReply:
        """GET /users: not in the seeds' list, yet there (a cheap probe)."""
        name = asked.param("username")
        found: list[User] = [user for user in self.world.users.values() if name is None or user.username == name]
        return self._shapes.many([self._shapes.user(user) for user in found[asked.page(self.profile)]])

    def _user(self, user_id: str) -> SimReply:
        for user in self.world.users.values():
            if str(user.id) == user_id:
                return self._shapes.one(self._shapes.user(user))
        raise CodedProblem(404, 15001, "User not found", "")

    def _envelope(self, problem: CodedProblem) -> SimReply:
        hidden = problem.status == 422 and self.profile.errors_in_200
        return _errors(200 if hidden else problem.status, problem)


def _errors(status: int, problem: CodedProblem) -> SimReply:
    error: dict[str, object] = {"title": problem.title, "status": problem.status, "code": problem.code}
    if problem.detail:
        error["detail"] = problem.detail
    return json_reply(status, {"errors": [error]})


def _only_ids(value: object) -> object:
    if isinstance(value, list):
        return [_only_ids(item) for item in value]
    if isinstance(value, dict):
        return {key: _only_ids(item) for key, item in value.items() if key in ("id", "ID", "data")}
    return value
