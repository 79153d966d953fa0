"""TimeTrack as a whole: account, rules, faults and people behind one `handle`.

    sim = TimeTrackSim(STRICT, seed=7, zone="Europe/Vienna")
    sim.handle("GET", "/attendances", (("limit", "1"),), sim.headers(), b"", now_s)

The same options, seed and requests (with their times) give the same replies, bit for bit.
"""

import contextlib
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from clockd.sim.crowd import Foreign, check_noise, gather
from clockd.sim.faults import Faults, Rule
from clockd.sim.front import Front
from clockd.sim.journal import Journal
from clockd.sim.message import Outcome, SimRequest
from clockd.sim.throttle import SlidingWindow
from clockd.sim.timetrack.actors import NOBODY, Actors, Acts, Crowd, act_from, next_act
from clockd.sim.timetrack.api import KEY_HEADER, SECRET_HEADER, Api, Keys
from clockd.sim.timetrack.people import Job, Person, made_up_jobs, made_up_people
from clockd.sim.timetrack.profile import STRICT, Profile
from clockd.sim.timetrack.saved import Saved, restored, saved
from clockd.sim.timetrack.watch import Watch, doubles
from clockd.sim.timetrack.world import Problem, ProjectEntry, Row, World

BASE_PATH = "/api/v2/ext"


@dataclass(slots=True)
class TimeTrackSim:
    """A simulated TimeTrack account; `clockd.sim.front.Simulator`."""

    profile: Profile = STRICT
    seed: int = 1
    zone: str = "Europe/Vienna"
    """The account's wall clock; only "in the future" and "so far" depend on it."""
    users: tuple[Person, ...] | None = None
    """None: ten of ours and some noise, made up."""
    projects: tuple[Job, ...] | None = None
    key: str = "sim-key"
    secret: str = field(default="sim-secret", repr=False)
    requests_per_minute: int = 30
    faults: tuple[Rule, ...] = ()
    crowd: Crowd = NOBODY
    foreign_rows: int = 0
    """So many rows of noise users lie in the last ten hours before the first request (trap T31)."""
    latency_s: tuple[float, float] = (0.0, 0.0)
    count_refused: bool = True
    """Whether a throttled request counts too."""
    opened: Saved | None = None
    """An account to go on with, instead of `users` and `projects`."""
    front: Front = field(init=False)
    api: Api = field(init=False)
    actors: Actors = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    @property
    def name(self) -> str:
        """For people."""
        return "timetrack"

    @property
    def base_path(self) -> str:
        """Where the API begins on its host."""
        return BASE_PATH

    def reset(self) -> None:
        """Begin anew with the same options. The front is a new one: ask for it again."""
        if self.opened is not None:
            world = restored(self.opened)
        else:
            people = made_up_people(10, self.seed) if self.users is None else self.users
            world = World.opened(people, made_up_jobs() if self.projects is None else self.projects)
        check_noise(self.foreign_rows, noise=any(user.noise for user in world.users.values()))
        self.api = Api(
            profile=self.profile,
            zone=ZoneInfo(self.zone),
            keys=Keys(self.key, self.secret),
            world=world,
            watch=Watch(),
            moved_to=lambda path: self.front.trap_url + path,
            seed=self.seed,
        )
        fresh = Front(
            model=self.api,
            throttle=SlidingWindow(self.requests_per_minute, count_refused=self.count_refused),
            faults=Faults(self.faults, self.seed),
            journal=Journal(self.requests_per_minute),
            retry_after=self.profile.retry_after,
            throttle_status=self.profile.throttle_status,
            latency_s=self.latency_s,
            first=self._wake,
        )
        if hasattr(self, "front"):
            fresh.trap_url = self.front.trap_url
        self.front = fresh
        self.actors = Actors(self.api, self.front, random.Random(f"actors {self.seed}"))  # noqa: S311 - dice

    # --- requests -----------------------------------------------------------------------------------------------

    def headers(self) -> dict[str, str]:
        """What a client with the right keys sends."""
        keys = self.api.keys
        return {KEY_HEADER: keys.key, SECRET_HEADER: keys.secret, "content-type": "application/json"}

    def handle(
        self,
        method: str,
        path: str,
        query: Iterable[tuple[str, str]],
        headers: Mapping[str, str],
        body: bytes,
        now: datetime | float,
        *,
        reused: bool = False,
    ) -> Outcome:
        """Take one request.

        Args:
            method: upper case.
            path: below `BASE_PATH`, percent-encoded.
            query: decoded pairs.
            headers: names in lower case.
            body: as it came.
            now: the tracker's clock, aware or Unix time in seconds.
            reused: not the first request on its connection.
        """
        now_s = now.timestamp() if isinstance(now, datetime) else now
        return self.front.receive(SimRequest(method, path, tuple(query), headers, body, reused), now_s)

    def state(self, now_s: float) -> Mapping[str, object]:
        """Everything the account holds, for JSON."""
        self.front.advance(now_s)
        now = self.api.moment(now_s)
        return {
            "tracker": self.name,
            "profile": self.profile.name,
            "zone": self.zone,
            "now_local": now.local,
            "requests_last_minute": self.front.throttle.in_window(now_s),
            **msgspec.to_builtins(saved(self.api.world), builtin_types=(datetime, date)),
        }

    def invariants(self, now_s: float) -> Mapping[str, object]:
        """Counts and broken rules, for JSON."""
        self.front.advance(now_s)
        return {
            "violations": self.violations(),
            **self.front.journal.summary(),
            "rows_of_others_touched": len(self.api.watch.touched),
            "adopted": [{"act": act, "row": row_id} for act, row_id in self.api.watch.adopted],
            "revived": len(self.api.watch.revived),
            "doubled": len(doubles(self.api.world)),
            "pending": self.front.pending,
            "faults": self.front.faults.struck,
        }

    def violations(self) -> list[str]:
        """The rules a client broke, in sentences; empty when it behaved."""
        return self.front.journal.violations() + self.api.watch.violations(self.api.world)

    def act(self, words: Mapping[str, object], now_s: float) -> object:
        """Let somebody do something, in words; see `actors.py`.

        Raises:
            ValueError: the words cannot be read, or the tracker refuses the act.
        """
        act, in_s = act_from(words)
        if in_s:
            self.front.plan(now_s + in_s, lambda at_s: self._try(act, at_s))
            return {"planned_s": now_s + in_s}
        return self.do(act, now_s)

    def do(self, act: Acts, now_s: float) -> dict[str, object]:
        """Let somebody do something now.

        Raises:
            ValueError: it cannot be done; the message says why.
        """
        self.front.advance(now_s)
        try:
            return self.actors.do(act, now_s)
        except Problem as problem:
            raise ValueError(f"{problem.status} {problem.title}: {problem.detail}") from None

    def rows(self, username: str | None = None) -> list[Row]:
        """The living attendance rows, by begin; to look at, not to change."""
        return list(self.api.world.live(username))

    def entries(self) -> list[ProjectEntry]:
        """What stopped project timers left behind."""
        return self.api.world.entries

    # --- the crowd ----------------------------------------------------------------------------------------------

    def _wake(self, now_s: float) -> None:
        """Enter the foreign rows and let the crowd begin, when the first request comes."""
        if self.foreign_rows:
            self._try(Foreign(rows=self.foreign_rows), now_s)
        gather(self.crowd, self.front, self.actors.dice, self._one_of_the_crowd, now_s)

    def _one_of_the_crowd(self, kind: str, at_s: float) -> None:
        if (act := next_act(kind, self.actors)) is not None:
            self._try(act, at_s)

    def _try(self, act: Acts, at_s: float) -> None:
        """Do what was planned; what cannot be done any more is dropped, as a person would shrug."""
        with contextlib.suppress(Problem, ValueError):
            self.actors.do(act, at_s)
