"""TimeTrack's simulator as the desk uses it: an account with the demo's people, and its books."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from clockd.sim import account
from clockd.sim.desk.books import KEEP_S, BookedEntry, Books
from clockd.sim.desk.cast import CAST
from clockd.sim.shell import serving
from clockd.sim.timetrack.people import Person
from clockd.sim.timetrack.saved import Saved, saved
from clockd.sim.timetrack.simulator import TimeTrackSim

KEY, SECRET = "demo-key", "demo-secret"
"""Open secrets of an account that exists only inside this process."""


class TimeTrackDesk:
    """The literal reading of TimeTrack's documents, without faults; keeps `books.DeskTracker`.

    Args:
        zone: the account's wall clock.
        folder: where the account is kept from one demo to the next; None: it lives once.

    Raises:
        UsageError: there is a file in the folder that is no account.
    """

    def __init__(self, zone: str, folder: Path | None = None) -> None:
        people = tuple(_person(player.id, player.name) for player in CAST if player.known)
        self._file = None if folder is None else folder / "timetrack.json"
        opened = None if self._file is None else account.read(self._file, Saved)
        self._simulator = TimeTrackSim(zone=zone, users=people, key=KEY, secret=SECRET, opened=opened)

    @property
    def label(self) -> str:
        """The tracker's name for people."""
        return "TimeTrack"

    @property
    def secrets(self) -> Mapping[str, str]:
        """What the daemon must send along."""
        return {"timetrack-api-key": KEY, "timetrack-api-secret": SECRET}

    def settings(self, port: int) -> Mapping[str, str | int | float]:
        """Return the `[tracker]` section that finds this account on a port of loopback."""
        return {"kind": "timetrack", "url": f"http://127.0.0.1:{port}{self._simulator.base_path}"}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Serve on a free port of loopback while the block runs; gives the port."""
        async with (
            serving(self._simulator) as served,
            account.kept(self._file, self._account, lambda: self._simulator.api.world.changes, KEEP_S),
        ):
            yield int(served.root.rpartition(":")[2])

    def books(self) -> Books:
        """Look into the books: what a person would see in TimeTrack's own pages."""
        rows = (row for row in self._simulator.api.world.rows.values() if not row.deleted)
        entries = (BookedEntry(str(row.id), row.user, row.from_local, row.to_local) for row in rows)
        return Books(
            entries=tuple(sorted(entries, key=lambda entry: (entry.from_local, entry.id), reverse=True)),
            requests_last_minute=self._simulator.front.throttle.in_window(time.time()),
            requests_per_minute=self._simulator.requests_per_minute,
        )

    def reset(self) -> None:
        """Open the account anew: the same people, no entries."""
        self._simulator.reset()

    def _account(self) -> Saved:
        return saved(self._simulator.api.world)


def _person(username: str, name: str) -> Person:
    first, _, last = name.partition(" ")
    return Person(username, first, last)
