"""How a delivery is moved on disk: it is read, `core/delivery.py` says what comes of it, and that is written."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress

from sqlite_utils import Database

from clockd.core.delivery import Delivery, Event, IllegalStep, Move, Now, State, crashed, moved, overtaken, switched
from clockd.core.model import Kind
from clockd.core.planning.item import DROPPED, Item
from clockd.core.planning.pairing import ends_after_all
from clockd.core.planning.plan import Send
from clockd.core.sentence import sentence
from clockd.errors import Refused, StalePlan
from clockd.store import ledger
from clockd.store.outbox import OPEN_STATES, among
from clockd.store.stored import COLUMNS, FROM_LEDGER, UNREADABLE, Stored, columns_of, delivery_of


def load(db: Database, seq: int, lane: str) -> Delivery:
    """Return how far a punch is in one lane.

    Raises:
        ValueError, TypeError, OverflowError, KeyError: its row cannot be read.
    """
    row = db.execute(f"SELECT {COLUMNS} FROM outbox {FROM_LEDGER} WHERE outbox.seq = ? AND lane = ?", [seq, lane])
    return delivery_of(Stored._make(row.fetchone()))


def check_unchanged(db: Database, items: Sequence[Item], seqs: Sequence[int], lane: str) -> None:
    """Make sure that these punches still are what was planned with.

    Raises:
        StalePlan: one of them is not; a person was faster.
    """
    rows = db.execute(
        "SELECT seq, state, at_us, kind, username, voided FROM outbox "
        "WHERE lane = ? AND seq IN (SELECT value FROM json_each(?))",
        [lane, json.dumps([*seqs])],
    )
    found = {seq: tuple(row) for seq, *row in rows}
    for item in (item for item in items if item.seq in seqs):
        planned = (item.state.value, ledger.to_us(item.at), item.kind.value, item.username, int(item.voided))
        if found.get(item.seq) != planned:
            raise StalePlan(f"punch {item.seq} changed while it was planned")


def begin(db: Database, send: Send, items: Sequence[Item], lane: str, now: Now) -> None:
    """Write the intent: these punches are being sent. To be on disk before the first byte leaves.

    Raises:
        StalePlan: one of the lane's punches is not what it was when this was planned.
    """
    check_unchanged(db, items, [item.seq for item in items], lane)
    for seq in send.covers:
        move(db, Move(seq, Event.SEND, entry_ids=send.target or None, write=send.write.kind), lane, now)


def apply(db: Database, moves: Iterable[Move], lane: str, now: Now) -> None:
    """Carry out moves, except for punches that a person changed meanwhile."""
    for planned in moves:
        if not overtaken(before := load(db, planned.seq, lane), planned):
            _move(db, before, planned, lane, now)


def try_to_apply(db: Database, moves: Sequence[Move], lane: str, now: Now) -> IllegalStep | None:
    """Carry out all moves of a plan; if one is impossible, carry out none and return why."""
    db.execute("SAVEPOINT plan")
    try:
        apply(db, moves, lane, now)
    except IllegalStep as mistake:
        db.execute("ROLLBACK TO plan")
        return mistake
    finally:
        db.execute("RELEASE plan")
    return None


def move(db: Database, planned: Move, lane: str, now: Now) -> State:
    """Move one delivery, and what depends on it; return its new state.

    Raises:
        IllegalStep: the table knows no such move; nothing was changed.
        Refused: its row cannot be read, and this is no `IGNORE`.
    """
    try:
        before = load(db, planned.seq, lane)
    except UNREADABLE as mistake:
        if planned.event is not Event.IGNORE:
            hint = "enter what it was in the tracker, then ignore it"
            raise Refused(
                sentence("its row in the database is damaged ({mistake})", mistake=str(mistake)), hint=hint
            ) from None
        db.execute("UPDATE outbox SET state = 'ignored' WHERE seq = ? AND lane = ?", [planned.seq, lane])
        return State.IGNORED
    return _move(db, before, planned, lane, now)


def _move(db: Database, before: Delivery, planned: Move, lane: str, now: Now) -> State:
    after = moved(before, planned, now)
    was, columns = columns_of(before), columns_of(after)
    changed = {name: value for name, value in columns.items() if value != was[name] or name == "state"}
    changes = ", ".join(f"{name} = ?" for name in changed)
    db.execute(f"UPDATE outbox SET {changes} WHERE seq = ? AND lane = ?", [*changed.values(), planned.seq, lane])
    if after.state in DROPPED:
        reopen_after(db, planned.seq, lane, now)
        release_others(db, planned.seq, lane, now)
    return after.state


def release_others(db: Database, seq: int, lane: str, now: Now) -> None:
    """Release what is held because of a punch that changed: the reason may be gone, or another one by now."""
    rows = db.execute(
        "SELECT seq FROM outbox INDEXED BY outbox_open WHERE lane = ? AND held_other = ? AND voided = 0 "
        f"AND state IN {OPEN_STATES} AND state = 'held'",
        [lane, seq],
    ).fetchall()
    for (other,) in rows:
        move(db, Move(other, Event.RELEASE), lane, now)
        release_others(db, other, lane, now)  # a break is held with its clock-in, which is held with its clock-out


def reopen_after(db: Database, seq: int, lane: str, now: Now) -> None:
    """Reopen the clock-out that followed a punch and needed nothing, if with the punch changed it ends an interval."""
    following = db.execute(
        "SELECT after.seq FROM outbox AS gone JOIN outbox AS after ON after.username = gone.username "
        "AND after.lane = gone.lane AND after.ord > gone.ord "
        f"WHERE gone.seq = ? AND gone.lane = ? AND after.state NOT IN {among(DROPPED)} ORDER BY after.ord LIMIT 1",
        [seq, lane],
    ).fetchone()
    if following is None:
        return
    gone, after = (_kind_and_delivery(db, which, lane) for which in (seq, following[0]))
    if gone and after and ends_after_all(gone, after):
        move(db, Move(following[0], Event.REOPENED), lane, now)


def _kind_and_delivery(db: Database, seq: int, lane: str) -> tuple[Kind, Delivery] | None:
    kind = db.execute("SELECT kind FROM outbox WHERE seq = ? AND lane = ?", [seq, lane]).fetchone()[0]
    try:
        return (Kind(kind), load(db, seq, lane)) if kind else None
    except UNREADABLE:
        return None


def after_a_crash(db: Database, quarantine_s: float, now: Now, username: str | None = None) -> int:
    """Turn what was being sent into doubtful, of everybody (at a start) or of one employee; return how many."""
    rows = db.execute(
        f"SELECT seq, lane FROM outbox INDEXED BY outbox_open WHERE state IN {OPEN_STATES} AND state = 'sending' "
        "AND (?1 IS NULL OR username = ?1)",
        [username],
    ).fetchall()
    for seq, lane in rows:
        for planned in crashed(seq, quarantine_s, now):
            _move_if_readable(db, planned, lane, now)
    return len(rows)


def _move_if_readable(db: Database, planned: Move, lane: str, now: Now) -> None:
    """Move a delivery, unless its row cannot be read: that one stays as it is, and holds its employee."""
    with suppress(Refused):
        move(db, planned, lane, now)


def switch_tracker(db: Database, tracker: str, now: Now, *, send: bool) -> int:
    """Take over from another tracker: what was never sent there goes to this one, or is held with a question.

    What is being taken back at the old tracker stays with it: its entry ids mean nothing, or something else, elsewhere.

    Returns:
        How many deliveries now belong to this tracker.
    """
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('tracker', ?)", [tracker])
    rows = db.execute(
        f"SELECT seq, lane FROM outbox INDEXED BY outbox_open WHERE state IN {OPEN_STATES} "
        "AND tracker != ? AND tracker NOT IN ('', 'none')",
        [tracker],
    ).fetchall()
    concerned = 0
    for seq, lane in rows:
        with suppress(*UNREADABLE):
            delivery = load(db, seq, lane)
            for planned in switched(seq, delivery, send=send):
                move(db, planned, lane, now)
            if not delivery.comes_back:
                db.execute("UPDATE outbox SET tracker = ? WHERE seq = ? AND lane = ?", [tracker, seq, lane])
                concerned += 1
    db.execute(f"UPDATE outbox SET tracker = ? WHERE state IN {OPEN_STATES} AND tracker IN ('', 'none')", [tracker])
    return concerned


def may_be_there(db: Database, seq: int, lane: str) -> bool:
    """Whether this delivery is at the tracker, or was held before a look could tell."""
    found = load(db, seq, lane)
    return found.is_booked or found.held_in_doubt


def is_booked(db: Database, seq: int, lane: str) -> bool:
    """Whether this delivery was ever proved to be at the tracker."""
    return load(db, seq, lane).is_booked
