"""A small client for the simulator's own tests: says what it wants, shows what came."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from clockd.core.json import Json
from clockd.core.wire import Exchange, Reply, Request
from clockd.sim.direct import Took, exchange
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import STRICT, Profile
from clockd.sim.goodtime.simulator import GoodtimeSim

MONDAY = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
"""08:00 on the wall in Vienna."""
ADA, ANNA, CLOSED, NOISE = "ada@example.com", "anna+clock@example.com", "gone@example.com", "anna clock@example.com"
PEOPLE = (Person(ADA), Person(ANNA, projects=("Roof",)), Person(CLOSED, closed=True), Person(NOISE, noise=True))
V2 = "/api/time-v2.1"


@dataclass(slots=True)
class Caller:
    """Calls a simulator directly; its clock stands still unless it is moved."""

    sim: GoodtimeSim
    now: datetime = MONDAY
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def now_s(self) -> float:
        return self.now.timestamp()

    @property
    def type_id(self) -> str:
        return self.sim.api.world.time_types[0].id

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def act(self, act: str, **words: object) -> Any:
        return self.sim.act({"act": act, **words}, self.now_s)

    def took(self, method: str, path: str, body: Json = None, **query: str) -> Took:
        profile = self.sim.profile
        headers = dict(self.headers)
        if self.token:
            headers[profile.token_header] = profile.token_prefix + self.token
        return exchange(self.sim.front, Request(method, path, tuple(query.items()), body), headers, self.now_s)

    def exchange(self, method: str, path: str, body: Json = None, **query: str) -> Exchange:
        return self.took(method, path, body, **query).exchange

    def reply(self, method: str, path: str, body: Json = None, **query: str) -> Reply:
        found = self.exchange(method, path, body, **query)
        assert isinstance(found, Reply), found
        return found

    def get(self, path: str, **query: str) -> Any:
        """The JSON of a read that must work."""
        reply = self.reply("GET", V2 + path, None, **query)
        assert reply.status == 200, reply
        return msgspec.json.decode(reply.body)

    def log_in(self, password: str = "") -> Reply:
        """Log in, and keep the token where the reply is raw."""
        body: dict[str, Json] = {"loginemail": self.sim.email, "apipassword": password or self.sim.password}
        reply = self.reply("POST", "/api/login", body)
        if reply.status == 200 and not reply.body.startswith(b"<"):
            self.token = next(reversed(self.sim.api.tokens.issued))
        return reply

    def body(self, username: str = ADA, begin: str = "16T06:00:00", end: str = "16T07:00:00", **more: Json) -> Json:
        """A create of November 2026; a property that is to be missing is given as `...`."""
        whole: dict[str, Any] = {
            "starttime": f"2026-11-{begin}",
            "endtime": f"2026-11-{end}",
            "useremail": username,
            "timetypeid": self.type_id,
        } | more
        return {key: value for key, value in whole.items() if value is not ...}

    def create(self, *args: str, **more: Any) -> list[str]:
        """The ids of a create that must work."""
        reply = self.reply("POST", f"{V2}/createtimeentry", self.body(*args, **more))
        assert reply.status == 200, reply
        return [row["id"] for row in msgspec.json.decode(reply.body)]

    def status(self, *args: str, **more: Any) -> int:
        """The status of a create."""
        return self.reply("POST", f"{V2}/createtimeentry", self.body(*args, **more)).status

    def delete(self, entry_id: str) -> int:
        return self.reply("DELETE", f"{V2}/deletetimeentry/{entry_id}").status

    def entries(self, username: str = ADA, start: str = "15T00:00:00", end: str = "18T00:00:00") -> Any:
        return self.get("/timeentries", useremail=username, start=f"2026-11-{start}", end=f"2026-11-{end}")


def caller(profile: Profile = STRICT, *, logged_in: bool = True, **options: Any) -> Caller:
    options.setdefault("users", PEOPLE)
    options.setdefault("requests_per_minute", 10_000)
    found = Caller(GoodtimeSim(profile, **options))
    if logged_in:
        assert found.log_in().status == 200
    return found
