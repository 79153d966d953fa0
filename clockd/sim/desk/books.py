"""What the tracker's simulator must be for the desk: something that serves, and whose books can be read."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BookedEntry:
    """An entry as the tracker shows it, in the tracker's own wall clock time."""

    id: str
    username: str
    from_local: datetime
    to_local: datetime | None
    """None while the timer runs."""


@dataclass(frozen=True, slots=True)
class Books:
    """What the tracker holds now, newest entry first, and how busy it was kept."""

    entries: tuple[BookedEntry, ...]
    requests_last_minute: int
    requests_per_minute: int
    """What the tracker allows."""


class DeskTracker(Protocol):
    """A tracker's simulator, as the desk uses it."""

    @property
    def label(self) -> str:
        """The tracker's name for people."""

    @property
    def secrets(self) -> Mapping[str, str]:
        """Credentials by name, as `timetrack-api-key`."""

    def settings(self, port: int) -> Mapping[str, str | int | float]:
        """Return the `[tracker]` section that finds this simulator on a port of loopback."""

    def serving(self) -> AbstractAsyncContextManager[int]:
        """Serve on a free port of loopback while the block runs; gives the port."""

    def books(self) -> Books:
        """Look into the books."""

    def reset(self) -> None:
        """Forget every entry; the users stay."""
