"""The simulator of `clockd simulate goodtime`, from its options."""

from dataclasses import dataclass, field

from clockd.errors import UsageError
from clockd.sim import account
from clockd.sim.command import SimOptions, common, explained
from clockd.sim.crowd import read_crowd
from clockd.sim.goodtime.actors import LoginCrowd
from clockd.sim.goodtime.people import PROJECTS, TIME_TYPES, made_up_people, read_people
from clockd.sim.goodtime.profile import profile_named
from clockd.sim.goodtime.saved import Saved
from clockd.sim.goodtime.simulator import GoodtimeSim


@dataclass(frozen=True, slots=True)
class GoodtimeOptions(SimOptions):
    """The options of the command; text as a person writes it."""

    time_types: tuple[str, ...] = TIME_TYPES
    projects: tuple[str, ...] = PROJECTS
    email: str = "admin@example.com"
    password: str = field(default="sim-password", repr=False)
    prefix: str = "/goodtime-rs"


def goodtime_from(options: GoodtimeOptions) -> GoodtimeSim:
    """Build the simulator.

    Raises:
        UsageError: an option cannot be read; the message says which, and what would be possible.
    """
    if not options.prefix.startswith("/") or options.prefix.endswith("/"):
        raise UsageError(f"{options.prefix!r} is no prefix", hint='as "/goodtime-rs"')
    if not options.time_types:
        raise UsageError("at least one time type is needed")
    with explained(options):
        return GoodtimeSim(
            profile=profile_named(options.profile, **options.answers),
            users=made_up_people(options.made_up_users, options.seed)
            if options.users is None
            else read_people(options.users),
            time_types=options.time_types,
            projects=options.projects,
            email=options.email,
            password=options.password,
            prefix=options.prefix,
            crowd=read_crowd(options.crowd, LoginCrowd),
            opened=None if options.state is None else account.read(options.state, Saved),
            **common(options),
        )
