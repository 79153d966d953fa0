"""Goodtime's simulator as the desk uses it."""

from collections.abc import Iterator
from pathlib import Path

from clockd.sim import account
from clockd.sim.desk.books import BookedEntry
from clockd.sim.desk.cast import CAST
from clockd.sim.desk.tracker import SimulatedDesk
from clockd.sim.goodtime.people import Person
from clockd.sim.goodtime.saved import Saved
from clockd.sim.goodtime.simulator import GoodtimeSim

EMAIL, PASSWORD = "admin@example.com", "demo-password"
"""Open secrets of an account that exists only inside this process."""


def goodtime_desk(zone: str, folder: Path | None = None) -> SimulatedDesk:
    """Open an account with the demo's people.

    Args:
        zone: the account's wall clock.
        folder: where the account is kept from one demo to the next; None: it lives once.

    Raises:
        UsageError: there is a file in the folder that is no account.
    """
    file = None if folder is None else folder / "goodtime.json"
    people = tuple(Person(player.id) for player in CAST if player.known)
    opened = None if file is None else account.read(file, Saved)
    simulator = GoodtimeSim(zone=zone, users=people, email=EMAIL, password=PASSWORD, opened=opened)

    def entries() -> Iterator[BookedEntry]:
        return (BookedEntry(row.id, row.user, row.from_local, row.to_local) for row in simulator.rows())

    secrets = {"goodtime-login-email": EMAIL, "goodtime-api-password": PASSWORD}
    return SimulatedDesk(simulator, entries, secrets, {"time_format": "%Y-%m-%dT%H:%M:%S"}, file)
