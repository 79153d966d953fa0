"""What `clockd simulate` runs: a simulator from options, served until it is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from clockd.errors import UsageError
from clockd.sim.faults import BadFault, FaultRule, parse_rules
from clockd.sim.profile import BadProfile
from clockd.sim.shell import Served, SimClock, serving
from clockd.sim.tracker import TrackerSim

SAVE_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class SimOptions:
    """The options of both commands; text as a person writes it."""

    host: str = "127.0.0.1"
    port: int = 0
    profile: str = "strict"
    answers: Mapping[str, str] = field(default_factory=dict)
    """Single answers of the profile changed, as `double=b`, `time_form=epoch-ms`."""
    seed: int = 1
    users: Path | None = None
    """A users file (see `clockd/sim/timetrack/people.py`)."""
    made_up_users: int = 10
    """So many, when there is no file."""
    zone: str = "Europe/Vienna"
    faults: str = ""
    """As `mix` or `lost=3%,late:0-20@write=1%` (see `clockd/sim/faults.py`)."""
    crowd: str = ""
    """What goes on all the time, per minute, as `neighbour=10,foreign=2,copy=5,web=0.1`."""
    foreign_rows: int = 0
    """Entries of people who are nobody's badge, in the last ten hours."""
    requests_per_minute: int = 30
    latency_ms: float = 0.0
    """The longest delay of an answer; the delays lie evenly below."""
    state: Path | None = None
    """Where the account is kept over restarts."""


class Common(TypedDict):
    """What every simulator takes."""

    seed: int
    zone: str
    requests_per_minute: int
    faults: tuple[FaultRule, ...]
    foreign_rows: int
    latency_s: tuple[float, float]


def common(options: SimOptions) -> Common:
    """What every simulator takes, read from the options.

    Raises:
        UsageError: no request at all is allowed.
        BadFault: words that name no fault.
    """
    if options.requests_per_minute < 1:
        raise UsageError("at least 1 request per minute is needed")
    return {
        "seed": options.seed,
        "zone": options.zone,
        "requests_per_minute": options.requests_per_minute,
        "faults": parse_rules(options.faults),
        "foreign_rows": options.foreign_rows,
        "latency_s": (0.0, options.latency_ms / 1000.0),
    }


@contextmanager
def explained(options: SimOptions) -> Iterator[None]:
    """Say what is wrong with an option while the block builds a simulator from them.

    Raises:
        UsageError: an option cannot be read; the message says which, and what would be possible.
    """
    try:
        yield
    except (BadFault, BadProfile) as error:
        raise UsageError(str(error)) from None
    except (KeyError, ValueError):
        # zoneinfo raises a KeyError for a zone that is not there, a ValueError for a path
        raise UsageError(f"unknown zone {options.zone!r}", hint='as "Europe/Vienna"') from None


@asynccontextmanager
async def served(
    simulator: TrackerSim[Any], options: SimOptions, clock: SimClock | None = None
) -> AsyncIterator[Served]:
    """Serve a simulator for as long as the block runs, keeping its account in `options.state`."""
    async with (
        serving(simulator, options.host, options.port, clock=clock, secrets=simulator.secrets) as shell,
        simulator.kept(options.state, SAVE_EVERY_S),
    ):
        yield shell


async def serve_until_cancelled(simulator: TrackerSim[Any], options: SimOptions, say: Callable[[str], None]) -> None:
    """Serve until cancelled.

    Args:
        simulator: what answers.
        options: it was built from them; they say where it listens.
        say: gets one line when the simulator listens.

    Raises:
        UsageError: the port is taken.
    """
    async with served(simulator, options) as shell:
        say(
            f"{simulator.label} simulator at {shell.url} (profile {simulator.profile.name},"
            f" {simulator.requests_per_minute} requests per minute, {len(simulator.users_now())} users;"
            f" control at {shell.control_url})"
        )
        await asyncio.Event().wait()
