"""What somebody needs who believes nobody: the rows of the ledger, and its head, signed by this terminal."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path

from clockd.config import Secret
from clockd.core.chain import Head, signed_text
from clockd.core.extract import Extract, ExtractChoice, extract_line
from clockd.core.json import Json
from clockd.core.model import Reading
from clockd.errors import ConfigError, PackageMissing, Refused, StoreUnusable
from clockd.flow.documents import iso
from clockd.flow.door import Door
from clockd.store import ledger, signing
from clockd.store.thread import Store

log = logging.getLogger(__name__)

PIECE_RAW = 200
"""Rows in one answer: a tap waits for each."""
ARCHIVE_FORM = 2
"""Of rows and tables in an archive; 1, before bodies could be discarded, is not said."""


@dataclass(frozen=True, slots=True)
class Inspections:
    """Hands out the ledger in pieces, and signs its head.

    Args:
        store: the open store.
        door: which terminal this is.
        tag: the installation's, for punch ids.
        read_clock: all clocks at once.
        folder: where the key of this terminal is; None: nothing is signed, since this is only a look at a copy.
        given: the key that it was given instead; None: it has its own.
    """

    store: Store
    door: Door
    tag: int
    read_clock: Callable[[], Reading]
    folder: Path | None
    given: Secret | None = None
    _signing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while something is signed: two who are the first must not make two keys, of which one signs and is lost."""

    async def head(self) -> Json:
        """Return how long the ledger is and its last hash, with the signature of this terminal.

        Raises:
            ConfigError, StoreUnusable, PackageMissing: as for `signing.sign`.
            Refused: this is only a look.
        """
        return await self._signed(self._said(await self.store.run(ledger.head)))

    async def extract(self, choice: ExtractChoice) -> Json:
        """Return a part of the ledger as one digest, signed with the head that it is of; whoever asks has the rows.

        What is signed is worked out here: nobody lets this terminal sign what they say that its ledger holds.

        Raises:
            ConfigError, StoreUnusable, PackageMissing, Refused: as for `head`.
        """
        head = await self.store.run(ledger.head)
        part, digest, chosen = Extract(choice, self.door.zone), sha256(), 0
        async for rows in self._pieces(head.rows):
            part.learn(rows)
        async for rows in self._pieces(head.rows):
            for row in part.choose(rows):
                digest.update(extract_line(row).encode())
                chosen += 1
        days = {"first": choice.first, "last": choice.last}
        return await self._signed(
            {
                **self._said(head),
                "username": choice.username,
                **{name: None if day is None else day.isoformat() for name, day in days.items()},
                "chosen": chosen,
                "digest": digest.hexdigest(),
            }
        )

    async def _pieces(self, count: int) -> AsyncIterator[list[list[Json]]]:
        for first in range(1, count + 1, PIECE_RAW):
            seqs = range(first, min(first + PIECE_RAW, count + 1))
            yield await self.store.run(partial(ledger.raw_rows, seqs=seqs))

    def _said(self, found: Head) -> dict[str, Json]:
        return {
            "form": ARCHIVE_FORM,
            "terminal": self.door.name,
            "tag": self.tag,
            "zone": self.door.zone.key,
            "max_shift_s": self.door.rules.max_shift_s,
            "notices": self.door.notices.value,
            "at": iso(self.read_clock().wall_at),
            "rows": found.rows,
            "hash": found.hash,
        }

    async def _signed(self, said: dict[str, Json]) -> Json:
        if self.folder is None:
            raise Refused("who only looks signs nothing")
        async with self._signing:
            signature = await asyncio.to_thread(signing.sign, self.folder, signed_text(said), self.given)
        return {**said, "key": signature.public, "signature": signature.value}

    async def anchor(self) -> Json:
        """Return the head for what is worth having without it as well: None where it cannot be signed."""
        try:
            return await self.head()
        except (ConfigError, StoreUnusable, PackageMissing, Refused) as error:
            log.info("no head of the ledger goes along: %s", error)
            return None

    async def rows(self, cursor: int) -> Json:
        """Return rows as they are stored, from a place on, and the place after them (`next`; None at the end)."""
        newest = await self.store.run(ledger.newest_seq)
        first = min(cursor, newest + 1)
        seqs = range(first, first + PIECE_RAW)
        found = await self.store.run(partial(ledger.raw_rows, seqs=seqs))
        return {"rows": list[Json](found), "next": seqs.stop if seqs.stop <= newest else None}
