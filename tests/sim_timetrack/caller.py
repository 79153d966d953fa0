"""A small client for the simulator's own tests: says what it wants, shows what came."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from clockd.core.wire import Exchange, Reply, Request
from clockd.sim.direct import Took, exchange
from clockd.sim.timetrack.people import OpeningProject, Person
from clockd.sim.timetrack.profile import STRICT, Profile
from clockd.sim.timetrack.simulator import TimeTrackSim

MONDAY = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
"""08:00 on the wall in Vienna."""
PEOPLE = (
    Person("ada", "Ada", "Lovelace"),
    Person("grace", "Grace", "Hopper"),
    Person("jörg+x & co", noise=True),
    Person("ADA", noise=True),
)
JOBS = (
    OpeningProject("Client 001", "Test"),
    OpeningProject("Client 001", "Test 2"),
    OpeningProject("Client 002", "Test"),
    OpeningProject("Client 003", "Off", False),
)


@dataclass(slots=True)
class Caller:
    """Calls a simulator directly; its clock stands still unless it is moved."""

    sim: TimeTrackSim
    now: datetime = MONDAY
    headers: dict[str, str] = field(default_factory=dict)
    reused: bool = False

    def __post_init__(self) -> None:
        self.headers = self.headers or self.sim.headers()

    @property
    def now_s(self) -> float:
        return self.now.timestamp()

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def took(self, method: str, path: str, body: object = None, **query: str) -> Took:
        request = Request(method, path, tuple(query.items()), body)  # type: ignore[arg-type] # also bodies that are no good
        return exchange(self.sim.front, request, self.headers, self.now_s, reused=self.reused)

    def exchange(self, method: str, path: str, body: object = None, **query: str) -> Exchange:
        return self.took(method, path, body, **query).exchange

    def reply(self, method: str, path: str, body: object = None, **query: str) -> Reply:
        found = self.exchange(method, path, body, **query)
        assert isinstance(found, Reply), found
        return found

    def get(self, path: str, **query: str) -> Any:
        """The JSON of a read that must work."""
        reply = self.reply("GET", path, None, **query)
        assert reply.status == 200, reply
        return msgspec.json.decode(reply.body)

    def post(self, path: str, **body: object) -> Any:
        """The JSON of a write that must work; a body named `from_` is sent as `from`."""
        return self._write("POST", path, body)

    def put(self, path: str, **body: object) -> Any:
        return self._write("PUT", path, body)

    def _write(self, method: str, path: str, body: dict[str, object]) -> Any:
        reply = self.reply(method, path, {key.rstrip("_"): value for key, value in body.items()})
        assert reply.status in (200, 201), reply
        return msgspec.json.decode(reply.body)

    def error(self, method: str, path: str, body: object = None, **query: str) -> tuple[int, int]:
        """(status, code) of a refusal in the envelope; both statuses must agree."""
        reply = self.reply(method, path, body, **query)
        errors = msgspec.json.decode(reply.body)["errors"]
        assert errors[0]["status"] == reply.status
        assert errors[0]["title"]
        return reply.status, errors[0]["code"]

    def pair(self, username: str, begin: str, end: str, **more: object) -> Any:
        """POST /attendances for a day of November 2026, as `16T08:00`."""
        return self.post("/attendances", username=username, from_=stamp(begin), to=stamp(end), **more)


def stamp(short: str) -> str:
    """`16T08:00[:00]` -> a timestamp of November 2026 as the documents write it."""
    return datetime.fromisoformat(f"2026-11-{short}").isoformat(timespec="milliseconds") + "Z"


def caller(profile: Profile = STRICT, **options: Any) -> Caller:
    options.setdefault("users", PEOPLE)
    options.setdefault("projects", JOBS)
    options.setdefault("requests_per_minute", 10_000)
    return Caller(TimeTrackSim(profile, **options))
