"""Punches whose time is not known exactly: what is known of it, and what they count at.

The raw clocks of a tap stay in the ledger; the time here is what is sent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from clockd.core.delivery import Event, Held, HoldCode, Move, Now, State
from clockd.core.model import Bounds, ClockQuality, Reading
from clockd.core.sentence import said_kept, sentence
from clockd.core.timebase import Anchor, offset_s
from clockd.store import deliveries, ledger, outbox
from clockd.store.outbox import ATTENDANCE, OPEN_STATES


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A punch whose time is not known exactly."""

    seq: int
    reading: Reading
    """The raw clocks of the tap."""


def uncertain(db: Database) -> list[Uncertain]:
    """Return every punch of an untrusted clock that was never sent, oldest first."""
    rows = db.execute(
        "SELECT DISTINCT o.seq, l.wall_us, l.boottime_us, b.boot_id, l.boot_seq, l.trusted FROM outbox o "
        "JOIN ledger l ON l.seq = o.seq JOIN boot b ON b.seq = l.boot_seq "
        f"WHERE o.state IN {OPEN_STATES} AND o.clock = 'uncertain' AND o.attempts = 0 ORDER BY o.seq"
    )
    return [
        Uncertain(seq, Reading(ledger.from_us(wall), boottime / 1e6, boot_id, boot_seq, bool(trusted)))
        for seq, wall, boottime, boot_id, boot_seq, trusted in rows
    ]


def settled(db: Database) -> list[Anchor]:
    """Return the taps of boots without time to which a person gave one: reasons for a proposal, never for a truth."""
    rows = db.execute(
        "SELECT b.boot_id, l.boot_seq, l.boottime_us, o.at_us FROM outbox o JOIN ledger l ON l.seq = o.seq "
        "JOIN boot b ON b.seq = l.boot_seq WHERE b.synced = 0 AND l.trusted = 0 AND o.clock = ? "
        "AND o.lane = ? AND json_extract(l.body, '$.badge') != ''",  # one that was added later has no tap
        [ClockQuality.CORRECTED.value, ATTENDANCE],
    )
    return [Anchor(boot_id, seq, boot_us / 1e6, ledger.from_us(at_us), 0.0) for boot_id, seq, boot_us, at_us in rows]


def hold(db: Database, seq: int, bounds: Bounds, proposal_at: datetime | None, because: str, now: Now) -> None:
    """Hold a punch of a boot that never had time, with the bounds of its true moment; or make them narrower."""
    for lane, state in outbox.by_seq(db, seq):
        if state is State.WAITING:
            deliveries.move(db, Move(seq, Event.HOLD, held=Held(HoldCode.UNCERTAIN, because)), lane, now)
    early, late = bounds.earliest_at, bounds.latest_at
    times = [None if at is None else ledger.to_us(at) for at in (early, late, proposal_at)]
    db.execute(
        "UPDATE outbox SET earliest_us = ?, latest_us = ?, proposal_us = ? WHERE seq = ?",
        [*times, seq],
    )
    db.execute(
        "UPDATE outbox SET held_because = ?, held_said = ? "
        "WHERE seq = ? AND state = 'held' AND held_code = 'uncertain'",
        [because, said_kept(because), seq],
    )


def release(db: Database, seq: int, now: Now) -> None:
    """Send a punch whose time became known; one that is held for another reason stays held."""
    rows = db.execute(
        "SELECT lane FROM outbox WHERE seq = ? AND state = 'held' AND held_code = 'uncertain'", [seq]
    ).fetchall()
    for (lane,) in rows:
        deliveries.move(db, Move(seq, Event.RELEASE), lane, now)


def proposal(db: Database, seq: int) -> datetime | None:
    """Return the time that is proposed for a punch of an untrusted clock; None when none is."""
    row = db.execute("SELECT proposal_us FROM outbox WHERE seq = ? AND proposal_us IS NOT NULL", [seq]).fetchone()
    return None if row is None else ledger.from_us(row[0])


def set_time(db: Database, seq: int, at_us: int, offset: int, clock: ClockQuality) -> None:
    """Let a punch count at another time; the raw one stays in the ledger."""
    db.execute(
        "UPDATE outbox SET at_us = ?, offset_s = ?, clock = ?, earliest_us = NULL, latest_us = NULL, "
        "proposal_us = NULL WHERE seq = ?",
        [at_us, offset, clock.value, seq],
    )


def change_zone(db: Database, zone: ZoneInfo, reading: Reading, *, send: bool) -> int:
    """After the configuration names another zone: what was recorded under the old one counts at its time in this one.

    The true time stays. What the wall clock showed then was another zone's, so a person is asked before it is sent.

    Args:
        db: the open database.
        zone: the zone that is configured now.
        reading: when that was noticed.
        send: it is sent without asking.

    Returns:
        How many punches were concerned.
    """
    before = db.execute("SELECT value FROM meta WHERE key = 'zone'").fetchone()
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('zone', ?)", [zone.key])
    if before is None or before[0] == zone.key:
        return 0
    rows = db.execute(
        f"SELECT seq, lane, at_us, offset_s FROM outbox INDEXED BY outbox_open WHERE state IN {OPEN_STATES} "
        "AND state = 'waiting' AND attempts = 0 AND coalesce(via, '') = '' AND voided = 0"
    ).fetchall()
    concerned = set[int]()
    for seq, lane, at_us, old_s in rows:
        at = ledger.nearest(at_us)
        offset = offset_s(at, zone)
        if offset == old_s:
            continue
        if seq not in concerned:
            ledger.add(db, "correct", seq, reading, {"offset_s": offset, "zone": zone.key, "was": before[0]})
            concerned.add(seq)
        db.execute("UPDATE outbox SET offset_s = ? WHERE seq = ? AND lane = ?", [offset, seq, lane])
        if not send:
            was, now = (at + timedelta(seconds=seconds) for seconds in (old_s, offset))
            because = sentence(
                "it was recorded as {was:%H:%M} in {before}, which is {now:%d %b %H:%M} in {zone}: "
                "retry sends that, or say when it was (clockd punches amend)",
                was=was,
                before=before[0],
                now=now,
                zone=zone.key,
            )
            deliveries.move(db, Move(seq, Event.HOLD, held=Held(HoldCode.ZONE, because)), lane, Now.of(reading))
    return len(concerned)
