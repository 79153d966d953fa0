"""A tracker's simulator as the desk uses it: an account with the demo's people, and its books."""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clockd.sim.desk.books import BookedEntry, Books
from clockd.sim.shell import serving
from clockd.sim.tracker import TrackerSim

KEEP_S = 0.5
"""How soon after a change the account is saved: what was booked survives a demo that is killed."""


@dataclass(frozen=True, slots=True)
class SimulatedDesk:
    """The literal reading of a tracker's documents, without faults; keeps `books.DeskTracker`."""

    simulator: TrackerSim[Any]
    entries: Callable[[], Iterable[BookedEntry]]
    """The entries of the account now, in any order."""
    secrets: Mapping[str, str]
    """What the daemon must log in with."""
    more: Mapping[str, str]
    """What stands in the `[tracker]` section beside kind and URL."""
    file: Path | None
    """Where the account is kept from one demo to the next; None: it lives once."""

    @property
    def label(self) -> str:
        """The tracker's name for people."""
        return self.simulator.label

    def settings(self, port: int) -> Mapping[str, str | int | float]:
        """Return the `[tracker]` section that finds this account on a port of loopback."""
        url = f"http://127.0.0.1:{port}{self.simulator.base_path}"
        return {"kind": self.simulator.name, "url": url, **self.more}

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """Serve on a free port of loopback while the block runs; gives the port."""
        async with serving(self.simulator) as served, self.simulator.kept(self.file, KEEP_S):
            yield int(served.root.rpartition(":")[2])

    def books(self) -> Books:
        """Look into the books: what a person would see in the tracker's own pages."""
        return Books(
            entries=tuple(sorted(self.entries(), key=lambda entry: (entry.from_local, entry.id), reverse=True)),
            requests_last_minute=self.simulator.front.throttle.in_window(time.time()),
            requests_per_minute=self.simulator.requests_per_minute,
        )

    def reset(self) -> None:
        """Open the account anew: the same people, no entries."""
        self.simulator.reset()
