"""What was said of the punches of some days, by index alone: corrections are few, and a punch's row is not read for it.

The index (`ledger_about`) holds rows that are about another row; a tap adds none of them.
"""

from dataclasses import dataclass

from sqlite_utils import Database

from clockd.store import ledger
from clockd.store.ledger import LedgerRow
from clockd.store.outbox import ATTENDANCE, ORD_STEP

MOST_ADDED = 100
"""Punches that were added later, of the days that are looked at."""


@dataclass(frozen=True, slots=True)
class SpokenOf:
    """A punch of which something was said after it was recorded."""

    rows: tuple[LedgerRow, ...]
    """The punch itself, and then what was said."""
    username: str | None
    """Whose it is now."""


def spoken_of(db: Database, seqs: range) -> list[SpokenOf]:
    """Return the punches at these places of the ledger of which something was said."""
    rows = db.execute(
        "SELECT DISTINCT punch_seq FROM ledger INDEXED BY ledger_about "
        "WHERE punch_seq >= ? AND punch_seq < ? AND what != 'punch' AND punch_seq != seq ORDER BY punch_seq",
        [seqs.start, seqs.stop],
    ).fetchall()
    return [found for (seq,) in rows if (found := _spoken_of(db, seq)) is not None]


def added_later(db: Database, username: str, seqs: range) -> list[SpokenOf]:
    """Return the punches of an employee that stand among those at these places, and were recorded after them."""
    rows = db.execute(
        "SELECT DISTINCT seq FROM outbox INDEXED BY outbox_of_employee "
        "WHERE username = ? AND lane = ? AND ord >= ? AND ord < ? AND seq >= ? ORDER BY seq LIMIT ?",
        [username, ATTENDANCE, seqs.start * ORD_STEP, seqs.stop * ORD_STEP, seqs.stop, MOST_ADDED],
    ).fetchall()
    return [found for (seq,) in rows if (found := _spoken_of(db, seq)) is not None]


def _spoken_of(db: Database, seq: int) -> SpokenOf | None:
    found = [
        ledger.row_of(*row)
        for row in db.execute(
            "SELECT seq, what, punch_seq, wall_us, boottime_us, boot_seq, trusted, body FROM ledger WHERE seq = ?1 "
            "UNION ALL SELECT seq, what, punch_seq, wall_us, boottime_us, boot_seq, trusted, body FROM ledger "
            "INDEXED BY ledger_about WHERE punch_seq = ?1 AND what != 'punch' AND punch_seq != seq ORDER BY seq",
            [seq],
        )
    ]
    if not found or found[0].what != "punch" or not found[0].body:
        return None  # or it was discarded
    owner = db.execute("SELECT username FROM outbox WHERE seq = ? LIMIT 1", [seq]).fetchone()
    return SpokenOf(tuple(found), None if owner is None else owner[0])
