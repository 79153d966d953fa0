"""TimeTrack as a whole (see `clockd/sim/tracker.py`).

sim = TimeTrackSim(STRICT, seed=7, zone="Europe/Vienna")
sim.handle("GET", "/attendances", (("limit", "1"),), sim.headers(), b"", now_s)
"""

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from clockd.sim.crowd import Others
from clockd.sim.message import Fate, SimRequest
from clockd.sim.timetrack.actors import Actors, Acts
from clockd.sim.timetrack.api import KEY_HEADER, SECRET_HEADER, Api, Keys
from clockd.sim.timetrack.people import OpeningProject, Person, made_up_people, made_up_projects
from clockd.sim.timetrack.profile import STRICT, Profile
from clockd.sim.timetrack.saved import Saved, restored, saved
from clockd.sim.timetrack.watch import Watch, doubles
from clockd.sim.timetrack.world import AttendanceRow, ProjectEntry, User, World
from clockd.sim.tracker import TrackerSim

BASE_PATH = "/api/v2/ext"


@dataclass(slots=True)
class TimeTrackSim(TrackerSim[Acts]):
    """A simulated TimeTrack account."""

    profile: Profile = STRICT
    users: tuple[Person, ...] | None = None
    """None: ten of ours and some noise, made up."""
    projects: tuple[OpeningProject, ...] | None = None
    key: str = "sim-key"
    secret: str = field(default="sim-secret", repr=False)
    opened: Saved | None = None
    """An account to go on with, instead of `users` and `projects`."""
    api: Api = field(init=False)

    @property
    def name(self) -> str:
        """As in the configuration."""
        return "timetrack"

    @property
    def label(self) -> str:
        """For people."""
        return "TimeTrack"

    @property
    def base_path(self) -> str:
        """Where the API begins on its host."""
        return BASE_PATH

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never reach another host."""
        return self.key, self.secret

    def account(self) -> Saved:
        """The account as it is now."""
        return saved(self.api.world)

    @property
    def changes(self) -> object:
        """Something that is another after each change of a row, and after each entry of a project timer."""
        return self.api.world.changes, len(self.api.world.entries)

    def open_account(self) -> Api:
        """See `TrackerSim`."""
        if self.opened is not None:
            world = restored(self.opened)
        else:
            people = made_up_people(10, self.seed) if self.users is None else self.users
            world = World.opened(people, made_up_projects() if self.projects is None else self.projects)
        self.api = Api(
            profile=self.profile,
            zone=ZoneInfo(self.zone),
            keys=Keys(self.key, self.secret),
            world=world,
            watch=Watch(),
            moved_to=lambda path: self.front.trap_url + path,
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
        """What is counted of rows, for JSON."""
        watch = self.api.watch
        return {
            "rows_of_others_touched": len(watch.touched),
            "adopted": [{"act": act, "row": row_id} for act, row_id in watch.adopted],
            "revived": len(watch.revived),
            "doubled": len(doubles(self.api.world)),
        }

    def broken_rules(self) -> list[str]:
        """The rules over rows that a client broke, in sentences."""
        return self.api.watch.violations(self.api.world)

    def rows(self, username: str | None = None) -> list[AttendanceRow]:
        """The living attendance rows, by begin; to look at, not to change."""
        return list(self.api.world.live(username))

    def entries(self) -> list[ProjectEntry]:
        """What stopped project timers left behind."""
        return self.api.world.entries

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
    ) -> Fate:
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
