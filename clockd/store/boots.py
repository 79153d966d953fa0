"""Boots of this machine, and the anchors that tie a boot's own clock to true time."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from clockd.core.timebase import Anchor
from clockd.store.ledger import from_us


@dataclass(frozen=True, slots=True)
class Boot:
    """One boot in which clockd ran; microseconds throughout."""

    seq: int
    boot_id: str
    began_us: int
    """Wall clock minus boottime when clockd first looked: a claim of a clock that may have been wrong."""
    last_us: int
    """Boottime of the last sign of life."""
    synced: bool


def begin(db: Database, boot_id: str, wall_us: int, boottime_us: int) -> int:
    """Return this boot's number, counting up when the boot is new. It strictly grows over the life of the state."""
    row = db.execute("SELECT seq FROM boot WHERE boot_id = ?", [boot_id]).fetchone()
    if row:
        db.execute("UPDATE boot SET last_us = max(last_us, ?) WHERE seq = ?", [boottime_us, row[0]])
        return int(row[0])
    seq = int(db.execute("SELECT coalesce(max(seq), 0) + 1 FROM boot").fetchone()[0])
    db.execute(
        "INSERT INTO boot (seq, boot_id, began_us, last_us, synced) VALUES (?, ?, ?, ?, 0)",
        [seq, boot_id, wall_us - boottime_us, boottime_us],
    )
    return seq


def alive(db: Database, boot_seq: int, boottime_us: int) -> None:
    """Note a sign of life; it narrows the bounds of punches in a later boot without time."""
    db.execute("UPDATE boot SET last_us = max(last_us, ?) WHERE seq = ?", [boottime_us, boot_seq])


def all_boots(db: Database) -> Sequence[Boot]:
    """Return every boot, oldest first."""
    rows = db.execute("SELECT seq, boot_id, began_us, last_us, synced FROM boot ORDER BY seq")
    return [Boot(seq, boot_id, began, last, bool(synced)) for seq, boot_id, began, last, synced in rows]


def add_anchor(db: Database, boot_seq: int, boottime_us: int, wall_us: int, error_us: int) -> None:
    """Store that the clock was right at a moment of this boot, within an error."""
    db.execute(
        "INSERT INTO anchor (boot_seq, boottime_us, wall_us, error_us) VALUES (?, ?, ?, ?)",
        [boot_seq, boottime_us, wall_us, error_us],
    )
    db.execute("UPDATE boot SET synced = 1, last_us = max(last_us, ?) WHERE seq = ?", [boottime_us, boot_seq])


def anchors(db: Database) -> Sequence[Anchor]:
    """Return every anchor, oldest first."""
    rows = db.execute(
        "SELECT boot.boot_id, boot_seq, boottime_us, wall_us, error_us FROM anchor "
        "JOIN boot ON boot.seq = anchor.boot_seq ORDER BY anchor.id"
    )
    return [
        Anchor(boot_id, boot_seq, boottime_us / 1e6, from_us(wall_us), error_us / 1e6)
        for boot_id, boot_seq, boottime_us, wall_us, error_us in rows
    ]
