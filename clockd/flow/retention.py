"""Discards what is older than `[keep] punches_days`, at night and in small pieces; and bodies for whoever asks."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from clockd.core.chain import Because, Walk
from clockd.core.keeping import AgedPunch, Shift, may_go, nights_share
from clockd.core.model import Reading
from clockd.core.sentence import sentence
from clockd.errors import NotRecorded, Refused
from clockd.flow.nights import Nights
from clockd.store import Database, discarding, ledger, outbox
from clockd.store.discarding import DiscardReason
from clockd.store.thread import Store

log = logging.getLogger(__name__)

RETENTION_HOUR = 4
"""The local hour at which it begins, behind the nightly look."""
FIRST_AFTER_S = 3600.0
"""So long after a start it begins as well: some doors have no power at night."""
PIECE_PUNCHES = 10
"""Punches that are discarded in one go: a tap waits for that."""
PIECE_AGED = 200
"""Punches that are looked at in one go."""
PIECE_FOLLOWED = 100
"""Rows of the ledger that are followed in one go."""


@dataclass(slots=True)
class Discarder:
    """Discards punches and bodies in pieces, each of them whole on disk or not at all.

    Args:
        store: the open store.
        read_clock: all clocks at once.
    """

    store: Store
    read_clock: Callable[[], Reading]
    _at_work: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while bodies go: a chain that is followed meanwhile would seem to be broken."""

    async def punches(self, shifts: Iterable[Sequence[int]], reason: DiscardReason) -> int:
        """Discard punches with all that was said of them and all that is kept of them; return how many bodies went.

        Args:
            shifts: punches that go together or not at all; where a person was faster with one, its shift stays.
            reason: why, and who wants it.

        Raises:
            Refused: rows of an older clockd are among them, and the ledger does not hold.
            NotRecorded: the disk refuses; what was done until then is whole.
        """
        gone = 0
        for piece in _pieces(shifts):
            punches = [seq for shift in piece for seq in shift]
            rows = await self.store.run(partial(discarding.punch_rows, punches=punches))

            def work(db: Database, piece: Sequence[Sequence[int]] = piece) -> int:
                going = [seq for shift in piece if discarding.are_settled(db, shift) for seq in shift]
                if not going:
                    return 0
                found = discarding.punch_rows(db, punches=going)
                discarding.forget_punches(db, going)
                return discarding.discard(db, found, reason, self.read_clock())

            gone += await self._discard(rows, work)
        return gone

    async def bodies(self, seqs: Sequence[int], reason: DiscardReason) -> int:
        """Discard bodies of the ledger; return how many went. Raises as `punches`."""
        gone = 0
        for first in range(0, len(seqs), PIECE_PUNCHES):
            piece = seqs[first : first + PIECE_PUNCHES]

            def work(db: Database, piece: Sequence[int] = piece) -> int:
                return discarding.discard(db, piece, reason, self.read_clock())

            gone += await self._discard(piece, work)
        return gone

    async def _discard(self, rows: Sequence[int], work: Callable[[Database], int]) -> int:
        async with self._at_work:
            if await self.store.run(partial(discarding.needs_seal, seqs=rows)):
                await self._seal()
            await self.store.give_way()
            return await self.store.run(work)

    async def _seal(self) -> None:
        """Follow the whole ledger, and seal the rows of an older clockd."""
        walk, newest = Walk(), await self.store.run(ledger.newest_seq)
        wrong = None
        for first in range(1, newest + 1, PIECE_FOLLOWED):
            seqs = range(first, min(first + PIECE_FOLLOWED, newest + 1))
            for row in await self.store.run(partial(ledger.raw_rows, seqs=seqs)):
                wrong = wrong or walk.take(row)
            await self.store.give_way()
        wrong = wrong or walk.end()
        if wrong is not None:
            raise Refused(
                sentence("nothing is discarded: the ledger was changed ({wrong})", wrong=wrong),
                hint="clockd ledger verify",
            )
        sealed, reading = walk.sealed, self.read_clock()
        if sealed is not None:
            await self.store.run(lambda db: discarding.seal(db, sealed, reading))


def _pieces(shifts: Iterable[Sequence[int]]) -> Iterator[list[Sequence[int]]]:
    """Put so many whole shifts together that they are discarded in one go."""
    piece = list[Sequence[int]]()
    for shift in shifts:
        if piece and sum(map(len, piece)) + len(shift) > PIECE_PUNCHES:
            yield piece
            piece = []
        piece.append(shift)
    if piece:
        yield piece


@dataclass(slots=True)
class Retention:
    """Discards punches that are old enough.

    Args:
        discarder: does it.
        nights: when.
        days: how many days punches are kept; 0: for ever.
    """

    discarder: Discarder
    nights: Nights
    days: int

    async def run(self) -> None:
        """Discard what is old enough, some time after the start and each night, until cancelled."""
        await asyncio.sleep(FIRST_AFTER_S)
        while True:
            try:
                await self.once()
            except NotRecorded as failure:
                log.warning("punches that are old enough wait for the disk: %s", failure.message)
            except Refused as refusal:
                log.error("%s", refusal)
            await self.nights.next()

    async def once(self) -> int:
        """Discard one night's share; return how many punches went. A clock that may be wrong makes nothing old.

        Raises:
            NotRecorded, Refused: as for `Discarder.punches`.
        """
        reading = self.discarder.read_clock()
        if not self.days or not reading.trusted:
            return 0
        before = reading.wall_at - timedelta(days=self.days)
        found = list[Shift]()
        for username in (None, *await self.discarder.store.run(outbox.usernames)):
            found += may_go(await self._oldest(username, before), before)
        going = [[punch.seq for punch in shift] for shift in nights_share(found)]
        count = sum(map(len, going))
        if going:
            reason = DiscardReason(Because.RETENTION, "clockd", f"older than {self.days} days")
            gone = await self.discarder.punches(going, reason)
            log.info("%d punches older than %d days were discarded, %d bodies", count, self.days, gone)
        return count

    async def _oldest(self, username: str | None, before: datetime) -> list[AgedPunch]:
        """Return an employee's punches from the oldest on, until a whole piece of them is too young."""
        found, after = list[AgedPunch](), -1
        while True:
            look = partial(discarding.aged, username=username, after=after, most=PIECE_AGED)
            piece = await self.discarder.store.run(look)
            found += piece.punches
            if piece.last is None or all(punch.at is not None and punch.at >= before for punch in piece.punches):
                return found
            after = piece.last
            await self.discarder.store.give_way()
