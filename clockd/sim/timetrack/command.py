"""What `clockd simulate timetrack` runs: a simulator from options, served until it is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from clockd.errors import UsageError
from clockd.sim import account
from clockd.sim.crowd import read_crowd
from clockd.sim.faults import BadFault, parse_rules
from clockd.sim.shell import Served, SimClock, serving
from clockd.sim.timetrack.actors import Crowd
from clockd.sim.timetrack.people import made_up_people, read_jobs, read_people
from clockd.sim.timetrack.profile import BadProfile, profile_named
from clockd.sim.timetrack.saved import Saved, saved
from clockd.sim.timetrack.simulator import TimeTrackSim

SAVE_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command; text as a person writes it."""

    host: str = "127.0.0.1"
    port: int = 0
    profile: str = "strict"
    answers: Mapping[str, str] = field(default_factory=dict)
    """Single answers of the profile changed, as `double=b`."""
    seed: int = 1
    users: Path | None = None
    """A users file (see `people.py`)."""
    made_up_users: int = 10
    """So many, when there is no file."""
    projects: Path | None = None
    key: str = "sim-key"
    secret: str = field(default="sim-secret", repr=False)
    zone: str = "Europe/Vienna"
    faults: str = ""
    """As `mix` or `lost=3%,late:0-20@write=1%` (see `clockd/sim/faults.py`)."""
    crowd: str = ""
    """What goes on all the time, per minute, as `neighbour=10,foreign=2,copy=5,web=0.1`."""
    foreign_rows: int = 0
    """Rows of people who are nobody's badge, in the last ten hours."""
    requests_per_minute: int = 30
    latency_ms: float = 0.0
    """The longest delay of an answer; the delays lie evenly below."""
    state: Path | None = None
    """Where the account is kept over restarts."""


def simulator_from(options: Options) -> TimeTrackSim:
    """Build the simulator.

    Raises:
        UsageError: an option cannot be read; the message says which, and what would be possible.
    """
    if options.requests_per_minute < 1:
        raise UsageError("at least 1 request per minute is needed")
    try:
        return TimeTrackSim(
            profile=profile_named(options.profile, **options.answers),
            seed=options.seed,
            zone=options.zone,
            users=made_up_people(options.made_up_users, options.seed)
            if options.users is None
            else read_people(options.users),
            projects=None if options.projects is None else read_jobs(options.projects),
            key=options.key,
            secret=options.secret,
            requests_per_minute=options.requests_per_minute,
            faults=parse_rules(options.faults),
            crowd=read_crowd(options.crowd, Crowd),
            foreign_rows=options.foreign_rows,
            latency_s=(0.0, options.latency_ms / 1000.0),
            opened=None if options.state is None else account.read(options.state, Saved),
        )
    except (BadFault, BadProfile) as error:
        raise UsageError(str(error)) from None
    except (KeyError, ValueError):
        # zoneinfo raises a KeyError for a zone that is not there, a ValueError for a path
        raise UsageError(f"unknown zone {options.zone!r}", hint='as "Europe/Vienna"') from None


@asynccontextmanager
async def served(simulator: TimeTrackSim, options: Options, clock: SimClock | None = None) -> AsyncIterator[Served]:
    """Serve a simulator for as long as the block runs, keeping its account in `options.state`."""

    def changes() -> object:
        world = simulator.api.world
        return world.changes, len(world.entries)

    secrets = (simulator.key, simulator.secret)
    async with (
        serving(simulator, options.host, options.port, clock=clock, secrets=secrets) as shell,
        account.kept(options.state, lambda: saved(simulator.api.world), changes, SAVE_EVERY_S),
    ):
        yield shell


async def serve(options: Options, say: Callable[[str], None]) -> None:
    """Serve until cancelled.

    Args:
        options: what to serve.
        say: gets one line when the simulator listens.

    Raises:
        UsageError: an option cannot be read, or the port is taken.
    """
    simulator = simulator_from(options)
    async with served(simulator, options) as shell:
        say(
            f"TimeTrack simulator at {shell.url} (profile {simulator.profile.name}, {options.requests_per_minute}"
            f" requests per minute, {len(simulator.api.world.users)} users; control at {shell.control_url})"
        )
        await asyncio.Event().wait()
