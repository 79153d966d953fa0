"""Goodtime as a whole (see `clockd/sim/tracker.py`).

sim = GoodtimeSim(STRICT, seed=7, zone="Europe/Vienna")
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from clockd.sim.crowd import Others
from clockd.sim.goodtime.actors import Actors, Acts
from clockd.sim.goodtime.api import Api
from clockd.sim.goodtime.people import PROJECTS, TIME_TYPES, Person, made_up_people
from clockd.sim.goodtime.profile import STRICT, Profile
from clockd.sim.goodtime.saved import Saved, restored, saved
from clockd.sim.goodtime.tokens import Tokens
from clockd.sim.goodtime.watch import Watch, doubles, overlaps
from clockd.sim.goodtime.world import TimeEntry, User, World
from clockd.sim.tracker import TrackerSim


@dataclass(slots=True)
class GoodtimeSim(TrackerSim[Acts]):
    """A simulated Goodtime account."""

    profile: Profile = STRICT
    users: tuple[Person, ...] | None = None
    """None: ten of ours and some noise, made up."""
    time_types: tuple[str, ...] = TIME_TYPES
    projects: tuple[str, ...] = PROJECTS
    email: str = "admin@example.com"
    """The admin's login e-mail."""
    password: str = field(default="sim-password", repr=False)
    prefix: str = "/goodtime-rs"
    """Where it is mounted; everything else is a 404 in HTML (trap U01)."""
    opened: Saved | None = None
    """An account to go on with, instead of `users` and the rest."""
    api: Api = field(init=False)

    @property
    def name(self) -> str:
        """As in the configuration."""
        return "goodtime"

    @property
    def label(self) -> str:
        """For people."""
        return "Goodtime"

    @property
    def base_path(self) -> str:
        """Where the API begins on its host."""
        return self.prefix

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never reach another host."""
        return (self.password,)

    def account(self) -> Saved:
        """The account as it is now; tokens are not in it."""
        return saved(self.api.world)

    @property
    def changes(self) -> object:
        """Something that is another after each change."""
        return self.api.world.changes

    def open_account(self) -> Api:
        """See `TrackerSim`."""
        if self.opened is not None:
            world = restored(self.opened, self.seed)
        else:
            people = made_up_people(10, self.seed) if self.users is None else self.users
            world = World.opened(people, self.time_types, self.projects, self.seed)
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
        return self.api

    def other_people(self, dice: random.Random) -> Others[Acts]:
        """See `TrackerSim`."""
        actors = Actors(self.api, self.front, dice)
        return Others(Acts, actors.do, actors.next_act, self.front, dice)

    def users_now(self) -> Collection[User]:
        """See `TrackerSim`."""
        return self.api.world.users.values()

    def counts(self) -> Mapping[str, object]:
        """What is counted of logins and entries, for JSON."""
        tokens, watch, world = self.api.tokens, self.api.watch, self.api.world
        return {
            "logins": tokens.good,
            "wrong_logins": tokens.bad,
            "needless_logins": tokens.needless,
            "rows_of_others_touched": len(watch.touched),
            "revived": len(watch.revived),
            "doubled": len(doubles(world)),
            "overlapping": len(overlaps(world)),
        }

    def broken_rules(self) -> list[str]:
        """The rules over entries and logins that a client broke, in sentences."""
        return self.api.watch.violations(self.api.world, self.api.tokens)

    def rows(self, email: str | None = None) -> list[TimeEntry]:
        """The living entries, each user's by begin; to look at, not to change."""
        return list(self.api.world.live(email))
