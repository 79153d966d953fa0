"""A simulator and a codec at one table: a client that speaks TimeTrack without a network."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from clockd.core.pieces import whole
from clockd.core.wire import Accepted, Entry, Exchange, Request, Rows, Unconfirmed, Verdict, Write, same_user
from clockd.sim.direct import exchange
from clockd.sim.timetrack.people import Person
from clockd.sim.timetrack.profile import ALT, PROFILES, STRICT, Profile
from clockd.sim.timetrack.simulator import TimeTrackSim
from clockd.trackers.timetrack import TimeTrackCodec
from tests.trackers_timetrack.said import VIENNA

WHO = "jörg+x & co"
PEOPLE = (Person("ada"), Person(WHO), Person("ADA", noise=True))
NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
"""12:00 on the wall in Vienna."""
DOUBLES: tuple[Literal["a", "c", "d"], ...] = ("a", "c", "d")
TALKATIVE = replace(ALT, start_reply_id=True, name="alt with ids")
ALL = [TALKATIVE, *PROFILES.values(), *(replace(ALT, double=double, name=f"alt {double}") for double in DOUBLES)]
profiles = pytest.mark.parametrize("profile", ALL, ids=lambda profile: profile.name)


@dataclass
class Desk:
    """A client of a simulator; its clock stands still unless it is moved."""

    sim: TimeTrackSim
    now: datetime = NOON
    codec: TimeTrackCodec = field(init=False)

    def __post_init__(self) -> None:
        profile = self.sim.profile
        self.codec = TimeTrackCodec(profile.attendance_timer_path, profile.project_timer_path, VIENNA)

    @property
    def local(self) -> datetime:
        return self.now.astimezone(VIENNA).replace(tzinfo=None)

    def at(self, minutes: float) -> datetime:
        return self.local + timedelta(minutes=minutes)

    def send(self, request: Request) -> Exchange:
        return exchange(self.sim.front, request, self.sim.headers(), self.now.timestamp()).exchange

    def do(self, write: Write) -> Verdict:
        return self.codec.verdict(write, self.send(self.codec.request(write)))

    def look(self, begin: datetime, end: datetime, first_page: int = 0) -> tuple[Entry, ...]:
        found: list[Entry] = []
        for page in range(first_page, 20):
            rows = whole(self.codec.rows(self.send(self.codec.look((), begin, end, page))))
            assert isinstance(rows, Rows), rows
            found.extend(rows.entries)
            if rows.last:
                break
        assert len({entry.id for entry in found}) == len(found)
        return tuple(found)

    def own(self, begin: datetime, end: datetime, who: str = WHO) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.look(begin, end) if same_user(entry.username, who))


def desk(profile: Profile = STRICT, seed: int = 1, **options: object) -> Desk:
    options = {"users": PEOPLE, "requests_per_minute": 100_000} | options
    return Desk(TimeTrackSim(profile, seed=seed, **options))  # type: ignore[arg-type] # options of any kind


def done(verdict: Verdict) -> bool:
    """Done, or to be looked at; what a look then shows is asserted by the test."""
    return isinstance(verdict, Accepted | Unconfirmed)
