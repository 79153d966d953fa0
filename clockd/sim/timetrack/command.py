"""The simulator of `clockd simulate timetrack`, from its options."""

from dataclasses import dataclass, field
from pathlib import Path

from clockd.sim import account
from clockd.sim.command import SimOptions, common, explained
from clockd.sim.crowd import Crowd, read_crowd
from clockd.sim.timetrack.people import made_up_people, read_people, read_projects
from clockd.sim.timetrack.profile import profile_named
from clockd.sim.timetrack.saved import Saved
from clockd.sim.timetrack.simulator import TimeTrackSim


@dataclass(frozen=True, slots=True)
class TimeTrackOptions(SimOptions):
    """The options of the command; text as a person writes it."""

    projects: Path | None = None
    """A projects file; None: made up."""
    key: str = "sim-key"
    secret: str = field(default="sim-secret", repr=False)


def timetrack_from(options: TimeTrackOptions) -> TimeTrackSim:
    """Build the simulator.

    Raises:
        UsageError: an option cannot be read; the message says which, and what would be possible.
    """
    with explained(options):
        return TimeTrackSim(
            profile=profile_named(options.profile, **options.answers),
            users=made_up_people(options.made_up_users, options.seed)
            if options.users is None
            else read_people(options.users),
            projects=None if options.projects is None else read_projects(options.projects),
            key=options.key,
            secret=options.secret,
            crowd=read_crowd(options.crowd, Crowd),
            opened=None if options.state is None else account.read(options.state, Saved),
            **common(options),
        )
