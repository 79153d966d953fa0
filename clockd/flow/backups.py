"""A backup of the open store, handed out piece by piece: whoever asks writes it where it belongs."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

from clockd.core.json import Json
from clockd.core.model import Reading
from clockd.errors import Refused
from clockd.flow.documents import iso
from clockd.store import Database, ledger, notes
from clockd.store.thread import COPIED_BYTES, Still, Store


@dataclass(slots=True)
class Backups:
    """Hands out the database file as it is between two taps, and remembers when there was a backup last.

    Args:
        store: the open store.
        terminal: which terminal this is.
        read_clock: all clocks at once.
    """

    store: Store
    terminal: str
    read_clock: Callable[[], Reading]
    _still: Still | None = field(default=None, init=False)

    async def begin(self) -> dict[str, Json]:
        """Let the file stand still, and say how long it is and how it is asked for."""
        still = self._still = await self.store.begin_copy()
        return {
            "edition": still.edition,
            "bytes": still.size_bytes,
            "piece_bytes": COPIED_BYTES,
            "terminal": self.terminal,
        }

    async def piece(self, edition: int, offset: int) -> Json:
        """Return the bytes from here on, in base64.

        Raises:
            Refused: the file is not the one that was begun.
        """
        if self._still is None or self._still.edition != edition:
            raise Refused("no such backup is under way", hint="begin it anew")
        return base64.b64encode(await self.store.copy_piece(self._still, offset)).decode("ascii")

    async def note(self, place: str, *, off_device: bool) -> Json:
        """Remember that a backup was made, and where it is."""
        at_us = ledger.to_us(self.read_clock().wall_at)
        await self.store.run(lambda db: notes.keep_backup(db, notes.LastBackup(at_us, place, off_device)))
        return None

    async def last(self) -> Json:
        """Return when the last backup was made, as `clockd status --json` shows it."""
        return await self.store.run(_last)


def _last(db: Database) -> Json:
    found = notes.last_backup(db)
    if found is None:
        return {"last_at": None, "place": None, "off_device": None}
    return {"last_at": iso(ledger.nearest(found.at_us)), "place": found.place, "off_device": found.off_device}
