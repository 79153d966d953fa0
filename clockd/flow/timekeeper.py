"""When true time arrives, punches are dated from it; those of a boot that never had it are held with their bounds.

    a tap, clock not trusted      outbox: uncertain, waiting; it is not sent (core/planning/attendance)
    an anchor of the same boot    corrected: dated by boot time from the anchor; the raw reading stays in the ledger
    a new boot, and no anchor     held, with the bounds its true moment lies in, and a proposal where there is a reason
    a later boot gets time        the bounds become narrower
    a person says when it was     `clockd punches amend`; the others of that boot get a proposal from it

A punch that may be at the tracker is never dated anew: its time is what was sent.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from clockd.core.delivery import Now
from clockd.core.model import Bounds, ClockQuality, Reading
from clockd.core.sentence import Sentence, phrase, sentence
from clockd.core.timebase import Anchor, Exact, judge, offset_s
from clockd.errors import NotRecorded
from clockd.flow.door import Door
from clockd.store import Database, boots, dating, ledger
from clockd.store.thread import Store

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Timekeeper:
    """Keeps punches and time together.

    Args:
        store: where punches and anchors are.
        door: which terminal this is.
        read_clock: all clocks at once.
        wake: tells sync that something can be sent now.
        trust_saved: on only in a negative control of the tests: the wall clock of a boot without time is believed.
    """

    store: Store
    door: Door
    read_clock: Callable[[], Reading]
    wake: Callable[[], None]
    trust_saved: bool = False

    async def open(self) -> None:
        """Settle what earlier boots left."""
        await self._settle(None)

    async def anchored(self, anchor: Anchor) -> None:
        """Keep an anchor, since the clock was found right, and date the punches of this boot from it."""
        await self._settle(anchor)
        self.wake()

    async def stepped(self, began_at: datetime) -> None:
        """Note when this boot began by the wall clock as it was set: one that ran ahead may have saved a wrong time."""
        seq = self.read_clock().boot_seq
        try:
            await self.store.run(lambda db: boots.claimed(db, seq, ledger.to_us(began_at)))
        except NotRecorded as failure:
            log.warning("a step of the clock could not be noted: %s", failure.message)

    async def alive(self) -> None:
        """Note that this boot is still going on; it narrows the bounds of a later boot without time."""
        reading = self.read_clock()
        await self.store.run(lambda db: boots.alive(db, reading.boot_seq, round(reading.boottime_s * 1e6)))

    async def _settle(self, anchor: Anchor | None) -> None:
        reading = self.read_clock()
        try:
            dated, held = await self.store.run(lambda db: self._anchor_and_date(db, anchor, reading))
        except NotRecorded as failure:
            log.warning("the time of punches could not be settled: %s", failure.message)
            return
        if dated or held:
            log.info("time: %d punches dated, %d held with bounds", dated, held)

    def _anchor_and_date(self, db: Database, anchor: Anchor | None, now: Reading) -> tuple[int, int]:
        if anchor is not None:
            us = round(anchor.boottime_s * 1e6), ledger.to_us(anchor.wall_at), round(anchor.max_error_s * 1e6)
            boots.add_anchor(db, anchor.boot_seq, *us)
        return date_all(db, self.door.zone, now, trust_saved=self.trust_saved)


# --- in the store's thread, in one transaction ---


def date_all(db: Database, zone: ZoneInfo, now: Reading, *, trust_saved: bool = False) -> tuple[int, int]:
    """Date every punch of an untrusted clock by all that is known, or hold it with its bounds.

    Args:
        db: the open database.
        zone: of the terminal.
        now: punches of this reading's boot are not held: time may yet arrive.
        trust_saved: see `Timekeeper`.

    Returns:
        How many were dated, and how many are held.
    """
    anchors, settled = boots.anchors(db), dating.settled(db)
    lives = [boot.life(anchors) for boot in boots.all_boots(db)]
    dated = held = 0
    for punch in dating.uncertain(db):
        found = judge(punch.reading, anchors, lives, settled)
        if trust_saved and not isinstance(found, Exact):
            found = Exact(punch.reading.wall_at, ClockQuality.CORRECTED, 0.0)
        if isinstance(found, Exact):
            _date(db, punch.seq, found, zone, now)
            dated += 1
        elif punch.reading.boot_seq != now.boot_seq:
            because = _because(found.bounds, found.proposal_at, zone)
            dating.hold(db, punch.seq, found.bounds, found.proposal_at, because, Now.of(now))
            held += 1
    return dated, held


def _date(db: Database, seq: int, found: Exact, zone: ZoneInfo, now: Reading) -> None:
    offset, at_us = offset_s(found.at, zone), ledger.to_us(found.at)
    ledger.add(db, "correct", seq, now, {"at_us": at_us, "offset_s": offset, "clock": found.quality.value})
    dating.set_time(db, seq, at_us, offset, found.quality)
    dating.release(db, seq, Now.of(now))


def _because(bounds: Bounds, proposal_at: datetime | None, zone: ZoneInfo) -> Sentence:
    early = None if bounds.earliest_at is None else bounds.earliest_at.astimezone(zone)
    late = None if bounds.latest_at is None else bounds.latest_at.astimezone(zone)
    span = phrase("the clock was not set then")
    if early and late:
        span = sentence(
            "the clock was not set then; it was between {early:%d %b %Y %H:%M} and {late:%d %b %Y %H:%M}",
            early=early,
            late=late,
        )
    elif early:
        span = sentence("the clock was not set then; it was after {early:%d %b %Y %H:%M}", early=early)
    elif late:
        span = sentence("the clock was not set then; it was before {late:%d %b %Y %H:%M}", late=late)
    if proposal_at is None:
        return sentence("{span}: say when (clockd punches amend ID --at TIME)", span=span)
    return sentence(
        "{span} (proposal: {proposal:%d %b %Y %H:%M}): say when (clockd punches amend ID --at TIME or --accept)",
        span=span,
        proposal=proposal_at.astimezone(zone),
    )
