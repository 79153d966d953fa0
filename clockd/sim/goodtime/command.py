"""What `clockd simulate goodtime` runs: a simulator from options, served until it is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from clockd.errors import UsageError
from clockd.sim import account
from clockd.sim.crowd import read_crowd
from clockd.sim.faults import BadFault, parse_rules
from clockd.sim.goodtime.actors import Crowd
from clockd.sim.goodtime.people import PROJECTS, TIME_TYPES, made_up_people, read_people
from clockd.sim.goodtime.profile import BadProfile, profile_named
from clockd.sim.goodtime.saved import Saved, saved
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.shell import Served, SimClock, serving

SAVE_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command; text as a person writes it."""

    host: str = "127.0.0.1"
    port: int = 0
    profile: str = "strict"
    answers: Mapping[str, str] = field(default_factory=dict)
    """Single answers of the profile changed, as `time_form=epoch-ms`."""
    seed: int = 1
    users: Path | None = None
    """A users file (see `people.py`)."""
    made_up_users: int = 10
    """So many, when there is no file."""
    time_types: tuple[str, ...] = TIME_TYPES
    projects: tuple[str, ...] = PROJECTS
    email: str = "admin@example.com"
    password: str = field(default="sim-password", repr=False)
    zone: str = "Europe/Vienna"
    prefix: str = "/goodtime-rs"
    faults: str = ""
    """As `mix` or `lost=3%,late:0-20@write=1%` (see `clockd/sim/faults.py`)."""
    crowd: str = ""
    """What goes on all the time, per minute, as `neighbour=10,foreign=2,copy=5,web=0.1,revoke=0.05`."""
    foreign_rows: int = 0
    """Entries of people who are nobody's badge, in the last ten hours."""
    requests_per_minute: int = 30
    latency_ms: float = 0.0
    """The longest delay of an answer; the delays lie evenly below."""
    state: Path | None = None
    """Where the account is kept over restarts."""


def simulator_from(options: Options) -> GoodtimeSim:
    """Build the simulator.

    Raises:
        UsageError: an option cannot be read; the message says which, and what would be possible.
    """
    if options.requests_per_minute < 1:
        raise UsageError("at least 1 request per minute is needed")
    if not options.prefix.startswith("/") or options.prefix.endswith("/"):
        raise UsageError(f"{options.prefix!r} is no prefix", hint='as "/goodtime-rs"')
    if not options.time_types:
        raise UsageError("at least one time type is needed")
    try:
        return GoodtimeSim(
            profile=profile_named(options.profile, **options.answers),
            seed=options.seed,
            zone=options.zone,
            users=made_up_people(options.made_up_users, options.seed)
            if options.users is None
            else read_people(options.users),
            time_types=options.time_types,
            projects=options.projects,
            email=options.email,
            password=options.password,
            prefix=options.prefix,
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
async def served(simulator: GoodtimeSim, options: Options, clock: SimClock | None = None) -> AsyncIterator[Served]:
    """Serve a simulator for as long as the block runs, keeping its account in `options.state`."""

    def changes() -> object:
        return simulator.api.world.changes

    async with (
        serving(simulator, options.host, options.port, clock=clock, secrets=(simulator.password,)) as shell,
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
            f"Goodtime simulator at {shell.url} (profile {simulator.profile.name}, {options.requests_per_minute}"
            f" requests per minute, {len(simulator.api.world.users)} users; control at {shell.control_url})"
        )
        await asyncio.Event().wait()
