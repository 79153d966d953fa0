"""The nightly look at the last fourteen days, which reports what is gone, moved or doubled (`core/audit.py`)."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from clockd.core import wire
from clockd.core.audit import EntryDoubled, EntryGone, EntryMoved, Finding, audit
from clockd.core.delivery import Now
from clockd.core.model import Reading
from clockd.core.planning.plan import Look, Policy
from clockd.core.sentence import phrase, sentence
from clockd.errors import NotRecorded
from clockd.flow.line import Line, LineState
from clockd.flow.nights import Nights
from clockd.flow.reconcile import Reconcile
from clockd.store import Database, ledger, outbox, view
from clockd.store.thread import Store

log = logging.getLogger(__name__)

DAYS = 14
AT_HOUR = 3
"""The local hour at which it looks; the minute differs from terminal to terminal, so that not all ask at once."""
RETRY_S = 900.0
MOST_TRIES = 4
"""How often one employee's entries are asked for in one night."""


@dataclass(slots=True)
class _Round:
    """What one night has come to so far; a look that was interrupted goes on with those who are left."""

    left: list[str]
    found: list[view.NightlyFinding] = field(default_factory=list)
    """What was found, as `view.keep_findings` wants it."""
    hidden: list[str] = field(default_factory=list)
    """Who was left out, since the tracker does not show them."""
    _failures: Counter[str] = field(default_factory=Counter)

    def skip(self, *, refused: bool) -> bool:
        """Leave out the next employee, who could not be read, or put them behind the others.

        Returns:
            True when they are left out: the tracker refused them, or came to nothing again and again.
        """
        name = self.left.pop(0)
        self._failures[name] += 1
        if refused or self._failures[name] >= MOST_TRIES:
            self.hidden.append(name)
            return True
        self.left.append(name)
        return False


@dataclass(slots=True)
class Nightly:
    """Looks back once a night, over the same line as everything else and after it.

    Args:
        store: what we booked.
        line: the way to the tracker.
        reconcile: reads it.
        codec: the tracker's language.
        policy: how this tracker is served.
        zone: of the terminal.
        minute: of the hour at which it looks.
    """

    store: Store
    line: Line
    reconcile: Reconcile
    codec: wire.Codec
    policy: Policy
    zone: ZoneInfo
    minute: int = 0
    _round: _Round | None = field(default=None, init=False)

    async def run(self) -> None:
        """Look once a night, until cancelled."""
        while True:
            await Nights(self.line.read_clock, self.zone, AT_HOUR, self.minute).next()
            done = await self.look()
            while not done:  # tonight or later: what a look finds does not run away
                await asyncio.sleep(RETRY_S)
                done = await self.look()

    async def look(self) -> bool:
        """Look once, going on where the last look was interrupted.

        Returns:
            False when the tracker or the disk could not be read, or the clock is not to be trusted.
        """
        reading = self.line.read_clock()
        if self.line.state is not LineState.OK or not reading.trusted:
            return False
        until = reading.wall_at.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        look = Look(until - timedelta(days=DAYS), until, 0.0)
        now = Now.of(reading)
        since_us = ledger.to_us(reading.wall_at - timedelta(days=DAYS))
        try:
            round_ = self._round = self._round or _Round(await self.store.run(outbox.usernames))
            every = None
            if self.reconcile.everybody and (every := await self.reconcile.pages((), look, urgent=False)) is None:
                return False
            while round_.left:
                name = round_.left[0]
                load = partial(outbox.history, username=name, lane=outbox.ATTENDANCE, since_us=since_us, now=now)
                items = await self.store.run(load)
                rows = every
                if rows is None and items:  # of others nothing can be missing
                    rows = await self.reconcile.pages((name,), look, urgent=False)
                    if rows is None and not round_.skip(refused=self.line.state is LineState.OK):
                        return False
                    if rows is None:
                        continue
                own = [row for row in rows or () if wire.same_user(row.username, name)]
                found = list(audit(items, own, self.policy))
                round_.found += [_words(finding, await self._mend(finding)) for finding in found]
                round_.left.remove(name)
            await self.store.run(lambda db: view.keep_findings(db, round_.found, now))
        except NotRecorded as failure:
            log.warning("the nightly look waits for the disk: %s", failure.message)
            return False
        self._round = None
        if round_.hidden:
            log.warning("the nightly look left out whom the tracker does not show: %s", ", ".join(round_.hidden))
        if round_.found:
            log.warning("the nightly look found %d differences: clockd status", len(round_.found))
        return True

    async def _mend(self, finding: Finding) -> list[str]:
        """Delete what is provably our own surplus; the ledger notes each first. Return the ids that are gone."""
        if not isinstance(finding, EntryDoubled):
            return []
        done = []
        for entry_id in finding.surplus:
            write = wire.DeleteEntry(entry_id)
            body = {"entry_id": entry_id, "why": phrase("our own surplus")}
            intent = partial(_journal, seq=finding.seq, reading=self.line.read_clock(), body=body)
            if not await self.reconcile.place(urgent=False, between_looks=True):
                break
            exchange = await self.line.exchange(self.codec.request(write), intent)
            hear = partial(self.codec.verdict, write, exchange)
            verdict, answered = self.line.read(hear, exchange, wire.Unknown)
            self.line.judge(verdict, exchange, answered=answered)
            if isinstance(verdict, wire.Accepted | wire.Gone):
                done.append(entry_id)
        return done


def _journal(db: Database, seq: int, reading: Reading, body: ledger.Body) -> None:
    ledger.add(db, "delete", seq, reading, body)


def _words(finding: Finding, deleted: Sequence[str]) -> view.NightlyFinding:
    match finding:
        case EntryGone(seq, entry_id):
            gone = sentence("entry {entry_id} is not in the tracker any more; it is not made again", entry_id=entry_id)
            return view.NightlyFinding(seq, "gone", gone)
        case EntryMoved(seq, entry_id, was, now):
            moved = sentence(
                "entry {entry_id} was booked as {was} and is now {now}", entry_id=entry_id, was=was, now=now
            )
            return view.NightlyFinding(seq, "moved", moved)
        case EntryDoubled(seq, entry_id, surplus, foreign):
            mended = tuple(i for i in surplus if i in deleted)
            left = (*(i for i in surplus if i not in deleted), *foreign)
            told = sentence("entry {entry_id} stood there again", entry_id=entry_id)
            if mended:
                told = sentence("{what}; our surplus {ids} was deleted", what=told, ids=mended)
            if left:
                told = sentence("{what}; please look at {ids}", what=told, ids=left)
            return view.NightlyFinding(seq, "doubled", told)
