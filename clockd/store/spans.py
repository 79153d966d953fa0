"""Punches of a span of days, by index alone: a week is found in years of punches without reading them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median_low

from sqlite_utils import Database

from clockd.core.delivery import Now
from clockd.core.model import ClockQuality
from clockd.core.planning.item import Item
from clockd.store import ledger
from clockd.store.outbox import ATTENDANCE, COUNTS, ORD_STEP
from clockd.store.stored import COLUMNS, FROM_LEDGER, UNREADABLE, Stored, item_of, rotten

AROUND = 9
"""So many punches say together what time it was: one whose time was corrected by days misleads nobody."""


@dataclass(frozen=True, slots=True)
class Clocked:
    """An attendance punch that counts."""

    item: Item
    wall_us: int
    """The raw wall clock of the tap, which its id is made of."""
    ord: int
    """Its place in the employee's row."""


def first_since(db: Database, at: datetime) -> int:
    """Return a place of the ledger before which no punch is as young as a moment, however many there are.

    A punch that was added later stands later. Those whose time is not known are passed over.
    """
    low, high = 1, int(db.execute("SELECT coalesce(max(seq), 0) FROM outbox").fetchone()[0]) + 1
    at_us = ledger.to_us(at)
    while low < high:
        middle = (low + high) // 2
        rows = db.execute(
            "SELECT at_us FROM outbox WHERE seq <= ? AND lane = ? AND clock != 'uncertain' ORDER BY seq DESC LIMIT ?",
            [middle, ATTENDANCE, AROUND],
        ).fetchall()
        if rows and median_low(row[0] for row in rows) >= at_us:
            high = middle
        else:
            low = middle + 1
    return max(1, low - 2 * AROUND)


def of_employee(db: Database, username: str, seqs: range, after: int, most: int, now: Now) -> list[Clocked]:
    """Return an employee's attendance punches that count, in their order.

    A punch that was added later stands where it belongs. One that cannot be read stands for one that is held.

    Args:
        db: the open database.
        username: whose.
        seqs: between these places of the ledger.
        after: 0, or `ord` of the last one of the piece before.
        most: so many at once: a tap waits for them.
        now: the moment of it.
    """
    rows = db.execute(
        f"SELECT outbox.ord, ledger.wall_us, {COLUMNS} FROM outbox INDEXED BY outbox_of_employee {FROM_LEDGER} "
        f"WHERE username = ? AND lane = ? AND ord > ? AND ord < ? AND {COUNTS} AND kind IS NOT NULL "
        "ORDER BY ord LIMIT ?",
        [username, ATTENDANCE, max(after, seqs.start * ORD_STEP - 1), seqs.stop * ORD_STEP, most],
    ).fetchall()
    found = list[Clocked]()
    for place, wall_us, *row in rows:
        stored = Stored._make(row)
        try:
            item = item_of(stored, now)
        except UNREADABLE as mistake:
            item = replace(rotten(stored, mistake), clock=ClockQuality.UNCERTAIN)
        found.append(Clocked(item, wall_us, place))
    return found


def with_neighbours(db: Database, seq: int, now: Now) -> tuple[Clocked | None, Clocked | None, Clocked | None]:
    """Return the attendance punch before one, that one, and the one after it, of those that count and can be read."""
    here = _one(db, "outbox.seq = ?", "outbox.seq", [seq], now)
    if here is None:
        return None, None, None
    values = [here.item.username, here.ord]
    before = _one(db, "username = ? AND ord < ?", "ord DESC", values, now)
    return before, here, _one(db, "username = ? AND ord > ?", "ord", values, now)


def _one(db: Database, where: str, order: str, values: Sequence[object], now: Now) -> Clocked | None:
    row = db.execute(
        f"SELECT outbox.ord, ledger.wall_us, {COLUMNS} FROM outbox {FROM_LEDGER} WHERE {where} AND lane = ? "
        f"AND {COUNTS} AND username IS NOT NULL AND kind IS NOT NULL ORDER BY {order} LIMIT 1",
        [*values, ATTENDANCE],
    ).fetchone()
    if row is None:
        return None
    try:
        return Clocked(item_of(Stored._make(row[2:]), now), row[1], row[0])
    except UNREADABLE:
        return None
