"""Goodtime as a whole: account, logins, rules, faults and people behind one front.

    sim = GoodtimeSim(STRICT, seed=7, zone="Europe/Vienna")
    clockd.sim.direct.exchange(sim.front, request, headers, now_s)          a plain call, for virtual time
    async with clockd.sim.shell.serving(sim) as served: …                   real sockets

The same options, seed and requests (with their times) give the same replies, bit for bit.
"""

import contextlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from clockd.sim.crowd import Foreign, check_noise, gather
from clockd.sim.faults import Faults, Rule
from clockd.sim.front import Front
from clockd.sim.goodtime.actors import NOBODY, Actors, Acts, Crowd, act_from, next_act
from clockd.sim.goodtime.api import Api
from clockd.sim.goodtime.people import PROJECTS, TIME_TYPES, Person, made_up_people
from clockd.sim.goodtime.profile import STRICT, Profile
from clockd.sim.goodtime.saved import Saved, restored, saved
from clockd.sim.goodtime.tokens import Tokens
from clockd.sim.goodtime.watch import Watch, doubles, overlaps
from clockd.sim.goodtime.world import Problem, TimeEntry, World
from clockd.sim.journal import Journal
from clockd.sim.throttle import SlidingWindow


@dataclass(slots=True)
class GoodtimeSim:
    """A simulated Goodtime account; `clockd.sim.front.Simulator`."""

    profile: Profile = STRICT
    seed: int = 1
    zone: str = "Europe/Vienna"
    """The account's wall clock."""
    users: tuple[Person, ...] | None = None
    """None: ten of ours and some noise, made up."""
    time_types: tuple[str, ...] = TIME_TYPES
    projects: tuple[str, ...] = PROJECTS
    email: str = "admin@example.com"
    """The admin's login e-mail."""
    password: str = field(default="sim-password", repr=False)
    prefix: str = "/goodtime-rs"
    """Where it is mounted; everything else is a 404 in HTML (trap U01)."""
    requests_per_minute: int = 30
    faults: tuple[Rule, ...] = ()
    crowd: Crowd = NOBODY
    foreign_rows: int = 0
    """So many entries of noise users lie in the last ten hours before the first request."""
    latency_s: tuple[float, float] = (0.0, 0.0)
    count_refused: bool = True
    """Whether a throttled request counts too."""
    opened: Saved | None = None
    """An account to go on with, instead of `users` and the rest."""
    front: Front = field(init=False)
    api: Api = field(init=False)
    actors: Actors = field(init=False)

    def __post_init__(self) -> None:
        self.reset()

    @property
    def name(self) -> str:
        """For people."""
        return "goodtime"

    @property
    def base_path(self) -> str:
        """Where the API begins on its host."""
        return self.prefix

    def reset(self) -> None:
        """Begin anew with the same options. The front is a new one: ask for it again."""
        if self.opened is not None:
            world = restored(self.opened, self.seed)
        else:
            people = made_up_people(10, self.seed) if self.users is None else self.users
            world = World.opened(people, self.time_types, self.projects, self.seed)
        check_noise(self.foreign_rows, noise=any(user.noise for user in world.users.values()))
        profile = self.profile
        self.api = Api(
            profile=profile,
            zone=ZoneInfo(self.zone),
            tokens=Tokens(
                self.email, self.password, self.seed, profile.token_s, profile.says_exp, profile.locks_out_after
            ),
            world=world,
            watch=Watch(),
            seed=self.seed,
        )
        fresh = Front(
            model=self.api,
            throttle=SlidingWindow(self.requests_per_minute, count_refused=self.count_refused),
            faults=Faults(self.faults, self.seed),
            journal=Journal(self.requests_per_minute),
            retry_after=profile.retry_after,
            throttle_status=profile.throttle_status,
            latency_s=self.latency_s,
            first=self._wake,
        )
        if hasattr(self, "front"):
            fresh.trap_url = self.front.trap_url
        self.front = fresh
        self.actors = Actors(self.api, self.front, random.Random(f"actors {self.seed}"))  # noqa: S311 - dice

    def state(self, now_s: float) -> Mapping[str, object]:
        """Everything the account holds, for JSON."""
        self.front.advance(now_s)
        return {
            "tracker": self.name,
            "profile": self.profile.name,
            "zone": self.zone,
            "now_local": self.api.moment(now_s).local,
            "requests_last_minute": self.front.throttle.in_window(now_s),
            **msgspec.to_builtins(saved(self.api.world), builtin_types=(datetime,)),
        }

    def invariants(self, now_s: float) -> Mapping[str, object]:
        """Counts and broken rules, for JSON."""
        self.front.advance(now_s)
        tokens = self.api.tokens
        return {
            "violations": self.violations(),
            **self.front.journal.summary(),
            "logins": tokens.good,
            "wrong_logins": tokens.bad,
            "needless_logins": tokens.needless,
            "rows_of_others_touched": len(self.api.watch.touched),
            "revived": len(self.api.watch.revived),
            "doubled": len(doubles(self.api.world)),
            "overlapping": len(overlaps(self.api.world)),
            "pending": self.front.pending,
            "faults": self.front.faults.struck,
        }

    def violations(self) -> list[str]:
        """The rules a client broke, in sentences; empty when it behaved."""
        return self.front.journal.violations() + self.api.watch.violations(self.api.world, self.api.tokens)

    def act(self, words: Mapping[str, object], now_s: float) -> object:
        """Let somebody do something, in words; see `actors.py`.

        Raises:
            ValueError: the words cannot be read, or Goodtime refuses the act.
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
            raise ValueError(f"{problem.status} {problem.text}") from None

    def rows(self, email: str | None = None) -> list[TimeEntry]:
        """The living entries, each user's by begin; to look at, not to change."""
        return list(self.api.world.live(email))

    # --- the crowd ----------------------------------------------------------------------------------------------

    def _wake(self, now_s: float) -> None:
        """Enter the foreign entries and let the crowd begin, when the first request comes."""
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
