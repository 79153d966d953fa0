"""A session before a simulated Goodtime, in virtual time: the simulator's clock is the loop's."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import looptime

from clockd.config import Goodtime, Secret
from clockd.core.pieces import whole
from clockd.core.wire import CreateEntry, Exchange, LookVerdict, Request, Verdict
from clockd.sim.direct import exchange
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.profile import STRICT, Profile
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.trackers.goodtime.session import GoodtimeSession, Login
from clockd.trackers.goodtime.start import Gathered, NotReady, Ready, prepare
from clockd.trackers.goodtime.wire import GoodtimeCodec

MONDAY = datetime(2026, 11, 16, 7, 0, tzinfo=UTC)
"""08:00 on the wall in Vienna."""
VIENNA = ZoneInfo("Europe/Vienna")
ADA, ANNA, UMLAUT, CLOSED = "ada@example.com", "anna+clock@example.com", "jürgen@müller.example", "gone@example.com"
PEOPLE = (
    Person(ADA),
    Person(ANNA, projects=("Roof", "Test")),
    Person(UMLAUT, projects=()),
    Person(CLOSED, closed=True),
    Person("anna clock@example.com", noise=True),
    Person("test@example.com", noise=True),
)
LATENCY_S = 0.05


@dataclass(slots=True)
class Rig:
    """One process that talks to the simulator."""

    sim: GoodtimeSim
    login: Login | None = None
    session: GoodtimeSession = field(init=False)
    config: Goodtime = field(init=False)
    sent: list[Request] = field(default_factory=list)
    extras: int = 0
    """How often the session asked for a place in the budget by itself."""
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.login = Login(self.sim.email, Secret(self.sim.password))
        profile = self.sim.profile
        self.config = Goodtime(
            url="http://127.0.0.1/goodtime-rs", token_header=profile.token_header, token_prefix=profile.token_prefix
        )
        options: dict[str, Any] = {"token_header": profile.token_header, "token_prefix": profile.token_prefix}
        options |= {"extra": self.extra, **self.options}
        self.session = GoodtimeSession(self.send, lambda: self.login, **options)

    @property
    def now_s(self) -> float:
        return MONDAY.timestamp() + asyncio.get_running_loop().time()

    @property
    def now_local(self) -> datetime:
        return datetime.fromtimestamp(self.now_s, VIENNA).replace(tzinfo=None)

    async def extra(self) -> None:
        self.extras += 1

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        self.sent.append(request)
        await asyncio.sleep(LATENCY_S)
        took = exchange(self.sim.front, request, headers, self.now_s)
        await asyncio.sleep(took.seconds + LATENCY_S)
        return took.exchange

    def act(self, act: str, **words: object) -> object:
        return self.sim.act({"act": act, **words}, self.now_s)

    async def prepared(self, *usernames: str, gathered: Gathered | None = None, **changes: Any) -> Ready | NotReady:
        self.config = Goodtime(**({f: getattr(self.config, f) for f in Goodtime.__struct_fields__} | changes))
        ours = usernames or (ADA, ANNA, UMLAUT)
        return await prepare(self.session, self.config, VIENNA, ours, self.now_local, gathered=gathered)

    async def tried(self, tries: int, *usernames: str, **changes: Any) -> Ready | NotReady:
        """What is known after so many tries at most, one a minute, each of which goes on where the last one ended."""
        gathered = Gathered()
        found = await self.prepared(*usernames, gathered=gathered, **changes)
        for _ in range(tries - 1):
            if isinstance(found, Ready):
                break
            await asyncio.sleep(60)
            found = await self.prepared(*usernames, gathered=gathered)
        return found

    async def codec(self, **changes: Any) -> GoodtimeCodec:
        ready = await self.tried(2, **changes)
        assert isinstance(ready, Ready), ready
        return GoodtimeCodec(ready.account, VIENNA)

    async def write(self, codec: GoodtimeCodec, write: Any) -> Verdict:
        return codec.verdict(write, await self.session.exchange(codec.request(write)))

    async def look(self, codec: GoodtimeCodec, username: str, begin: datetime, end: datetime) -> LookVerdict:
        return whole(codec.rows(await self.session.exchange(codec.look((username,), begin, end, 0)), username))

    def paths(self) -> list[str]:
        return [request.path.rpartition("/")[2] for request in self.sent]


def rig(profile: Profile = STRICT, *, session: Mapping[str, Any] | None = None, **options: Any) -> Rig:
    """Make a rig; a hand-made entry of ADA from last Friday lies there to learn from."""
    options.setdefault("users", PEOPLE)
    options.setdefault("requests_per_minute", 10_000)
    sim = GoodtimeSim(profile, **options)
    found = Rig(sim, options=session or {})
    words = {"act": "web-create", "username": ADA, "begin": "2026-11-13T08:00", "end": "2026-11-13T12:00"}
    sim.act(words, MONDAY.timestamp())
    return found


def entry(username: str = ADA, begin: str = "16T06:00", end: str = "16T07:00", **more: Any) -> CreateEntry:
    """An interval of November 2026."""
    first, last = (datetime.fromisoformat(f"2026-11-{text}") for text in (begin, end))
    return CreateEntry(username, first, last, more.pop("break_minutes", 0), more.pop("note", ""), **more)


def in_virtual_time(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine in a loop whose time is its own."""
    loop = looptime.new_event_loop(start=0)
    try:
        loop.run_until_complete(work())
    finally:
        loop.close()
