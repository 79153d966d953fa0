"""TimeTrack's simulator as the desk uses it."""

from collections.abc import Iterator
from pathlib import Path

from clockd.sim import account
from clockd.sim.desk.books import BookedEntry
from clockd.sim.desk.cast import CAST
from clockd.sim.desk.tracker import SimulatedDesk
from clockd.sim.timetrack.people import Person
from clockd.sim.timetrack.saved import Saved
from clockd.sim.timetrack.simulator import TimeTrackSim

KEY, SECRET = "demo-key", "demo-secret"
"""Open secrets of an account that exists only inside this process."""


def timetrack_desk(zone: str, folder: Path | None = None) -> SimulatedDesk:
    """Open an account with the demo's people.

    Args:
        zone: the account's wall clock.
        folder: where the account is kept from one demo to the next; None: it lives once.

    Raises:
        UsageError: there is a file in the folder that is no account.
    """
    file = None if folder is None else folder / "timetrack.json"
    people = tuple(_person(player.id, player.name) for player in CAST if player.known)
    opened = None if file is None else account.read(file, Saved)
    simulator = TimeTrackSim(zone=zone, users=people, key=KEY, secret=SECRET, opened=opened)

    def entries() -> Iterator[BookedEntry]:
        return (BookedEntry(str(row.id), row.user, row.from_local, row.to_local) for row in simulator.rows())

    secrets = {"timetrack-api-key": KEY, "timetrack-api-secret": SECRET}
    return SimulatedDesk(simulator, entries, secrets, {}, file)


def _person(username: str, name: str) -> Person:
    first, _, last = name.partition(" ")
    return Person(username, first, last)
