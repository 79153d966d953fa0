"""The outbox: for each punch how it counts now, and how far its delivery has come.

Every change of state goes through the table of `core/delivery.py`; this module only carries it to disk. How a punch
counts is changed in `store/dating.py` (its time) and `store/repairs.py` (all else); `store/view.py` is what people see.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from clockd.core.delivery import Event, IllegalStep, State, step
from clockd.core.model import ClockQuality, Kind, Project, Reading
from clockd.core.pairing import Held, Item
from clockd.core.plan import NOT_DELETED, Move, Send
from clockd.core.wire import DeleteEntry
from clockd.errors import StalePlan
from clockd.store import ledger

OPEN_STATES = "('waiting', 'sending', 'doubtful', 'held')"
ATTENDANCE = "attendance"
PROJECT = "project"
ORD_STEP = 1 << 16
"""Between two recorded punches there is room for those that a person adds later ("when did they leave?")."""
CONTEXT_ROWS = 40
"""Finished punches that are read before the first unfinished one: enough for any shift with its breaks."""
AHEAD_ROWS = 100
"""Punches that are read from the first unfinished one on; more than one request is never planned ahead."""


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of a change, as the outbox notes it."""

    wall_us: int
    boottime_us: int
    boot_seq: int

    @classmethod
    def of(cls, reading: Reading) -> "Now":
        """Take it from a reading."""
        return cls(ledger.to_us(reading.wall_at), round(reading.boottime_s * 1_000_000), reading.boot_seq)


@dataclass(frozen=True, slots=True)
class Lane:
    """An employee with something unfinished."""

    username: str
    lane: str
    first: int
    """Place of the oldest unfinished punch that is not held."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.username, self.lane


def put(
    db: Database,
    seq: int,
    draft: ledger.Draft,
    *,
    lanes: Sequence[str],
    clock: ClockQuality,
    held: Held | None = None,
    tracker: str,
) -> None:
    """Add the deliveries of a new punch: waiting, or held from the start (unknown badge)."""
    state = State.HELD if held else State.WAITING
    for lane in lanes:
        db.execute(
            "INSERT INTO outbox (seq, lane, ord, username, kind, client, project, at_us, offset_s, clock, state, "
            "held_code, held_because, blocks, tracker) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                seq,
                lane,
                seq * ORD_STEP,
                draft.username,
                draft.kind.value if draft.kind else None,
                draft.project.client if draft.project else None,
                draft.project.name if draft.project else None,
                ledger.to_us(draft.reading.wall_at),
                draft.offset_s,
                clock.value,
                state.value,
                held.code if held else None,
                held.because if held else None,
                int(held.blocks) if held else 0,
                tracker,
            ],
        )


def lanes(db: Database, username: str | None = None) -> list[Lane]:
    """Return every employee (or one) and lane with something that is waiting, sending or doubtful."""
    rows = db.execute(
        "SELECT username, lane, min(ord) FROM outbox INDEXED BY outbox_open "
        f"WHERE state IN {OPEN_STATES} AND state != 'held' AND username {'IS NOT NULL' if username is None else '= ?'} "
        "GROUP BY username, lane",
        [] if username is None else [username],
    )
    return [Lane(*row) for row in rows]


def items(db: Database, username: str, lane: str, now: Now) -> list[Item]:
    """Return an employee's lane as the planner wants it: what is unfinished, and enough before it."""
    first = db.execute(
        "SELECT min(ord) FROM outbox INDEXED BY outbox_open "
        f"WHERE username = ? AND lane = ? AND state IN {OPEN_STATES} AND state != 'held'",
        [username, lane],
    ).fetchone()[0]
    if first is None:
        return []
    before = db.execute(
        "SELECT min(ord) FROM (SELECT ord FROM outbox WHERE username = ? AND lane = ? AND ord < ? "
        "ORDER BY ord DESC LIMIT ?)",
        [username, lane, first, CONTEXT_ROWS],
    ).fetchone()[0]
    rows = db.execute(
        f"SELECT {_ITEM_COLUMNS} FROM outbox {_FROM_LEDGER} "
        "WHERE username = ? AND lane = ? AND ord >= ? AND kind IS NOT NULL ORDER BY ord LIMIT ?",
        [username, lane, first if before is None else before, CONTEXT_ROWS + AHEAD_ROWS],
    )
    found = [_item(row, now) for row in rows]
    blocking = db.execute(
        f"SELECT {_ITEM_COLUMNS} FROM outbox INDEXED BY outbox_open {_FROM_LEDGER} "
        f"WHERE username = ? AND lane = ? AND state IN {OPEN_STATES} AND state = 'held' AND blocks = 1 LIMIT 1",
        [username, lane],
    ).fetchone()
    if blocking and all(item.seq != blocking[0] for item in found):
        found.insert(0, _item(blocking, now))
    return found


def history(db: Database, username: str, lane: str, since_us: int, now: Now) -> list[Item]:
    """Return an employee's lane since a wall time, finished or not (for the nightly look and for worked time)."""
    rows = db.execute(
        f"SELECT {_ITEM_COLUMNS} FROM outbox {_FROM_LEDGER} "
        "WHERE username = ? AND lane = ? AND at_us >= ? AND kind IS NOT NULL ORDER BY ord",
        [username, lane, since_us],
    )
    return [_item(row, now) for row in rows]


def last_item(db: Database, username: str, now: Now) -> Item | None:
    """Return an employee's last attendance punch that counts; None when there never was one."""
    row = db.execute(
        f"SELECT {_ITEM_COLUMNS} FROM outbox INDEXED BY outbox_of_employee {_FROM_LEDGER} "
        "WHERE username = ? AND lane = ? AND voided = 0 AND state NOT IN ('ignored', 'void') "
        "AND kind IS NOT NULL ORDER BY ord DESC LIMIT 1",
        [username, ATTENDANCE],
    ).fetchone()
    return _item(row, now) if row else None


def usernames(db: Database) -> list[str]:
    """Return everybody who ever punched: one seek for each, however much they punched."""
    rows = db.execute(
        "WITH RECURSIVE own(name) AS (SELECT min(username) FROM outbox UNION ALL "
        "SELECT (SELECT min(username) FROM outbox WHERE username > name) FROM own WHERE name IS NOT NULL) "
        "SELECT name FROM own WHERE name IS NOT NULL"
    )
    return [row[0] for row in rows]


def check_unchanged(db: Database, items: Sequence[Item], seqs: Sequence[int], lane: str) -> None:
    """Make sure that these punches still are what was planned with.

    Raises:
        StalePlan: one of them is not; a person was faster.
    """
    for item in (item for item in items if item.seq in seqs):
        row = db.execute(
            "SELECT state, at_us, kind, username, voided FROM outbox WHERE seq = ? AND lane = ?", [item.seq, lane]
        ).fetchone()
        planned = (item.state.value, ledger.to_us(item.at), item.kind.value, item.username, int(item.voided))
        if row is None or tuple(row) != planned:
            raise StalePlan(f"punch {item.seq} changed while it was planned")


def begin(db: Database, send: Send, items: Sequence[Item], lane: str, now: Now) -> None:
    """Write the intent: these punches are being sent. To be on disk before the first byte leaves.

    Raises:
        StalePlan: one of the lane's punches is not what it was when this was planned.
    """
    check_unchanged(db, items, [item.seq for item in items], lane)
    deletes = isinstance(send.write, DeleteEntry)
    for seq in send.covers:
        if deletes:  # a new errand: the attempts to book are not those to delete
            db.execute(
                "UPDATE outbox SET attempts = 0, first_sent_us = NULL "
                "WHERE seq = ? AND lane = ? AND last_write IS NOT 'DeleteEntry'",
                [seq, lane],
            )
        change(
            db,
            seq,
            lane,
            Event.SEND,
            {
                "sent_us": now.boottime_us,
                "sent_boot": now.boot_seq,
                "last_write": type(send.write).__name__,
                "entry_ids": json.dumps(send.target) if send.target else None,
            },
        )
        db.execute(
            "UPDATE outbox SET attempts = attempts + 1, first_sent_us = coalesce(first_sent_us, ?1), "
            "first_sent_boot = CASE WHEN first_sent_us IS NULL THEN ?2 ELSE first_sent_boot END, "
            "first_sent_boottime_us = CASE WHEN first_sent_us IS NULL THEN ?3 ELSE first_sent_boottime_us END "
            "WHERE seq = ?4 AND lane = ?5",
            [now.wall_us, now.boot_seq, now.boottime_us, seq, lane],
        )


_ONLY_FROM = {
    Event.REOPENED: (State.DELIVERED,),
    Event.TAKE_BACK: (State.DELIVERED,),
    Event.VOID: (State.WAITING, State.HELD),
}
"""Moves of punches that share an entry with the one that was sent: they were not locked meanwhile."""


def apply(db: Database, moves: Sequence[Move], lane: str, now: Now) -> None:
    """Carry out what a plan or a verdict says."""
    for move in moves:
        if (needed := _ONLY_FROM.get(move.event)) and _state(db, move.seq, lane) not in needed:
            continue  # a person was faster: it was taken back, or ignored, meanwhile
        done = move.event in (Event.PROVED, Event.FOUND, Event.NOTHING_TO_SEND)
        change(
            db,
            move.seq,
            lane,
            move.event,
            {
                "entry_ids": None if move.entry_ids is None else json.dumps(move.entry_ids),
                "via": move.via,
                "due_us": None if move.due_s is None else round(move.due_s * 1_000_000),
                "due_boot": None if move.due_s is None else now.boot_seq,
                "last_error": move.error,
                "done_us": now.boottime_us if done else None,
                "done_boot": now.boot_seq if done else None,
            },
        )
        held = move.held
        db.execute(
            "UPDATE outbox SET mark = coalesce(?, CASE WHEN mark = 'said' THEN mark END), held_code = ?, "
            "held_because = ?, blocks = ? WHERE seq = ? AND lane = ?",
            [
                move.mark,
                held.code if held else None,
                held.because if held else None,
                int(held.blocks) if held else 0,
                move.seq,
                lane,
            ],
        )
        if move.event is Event.NOT_APPLIED:  # it never left, or was turned away: that is no attempt
            db.execute(
                "UPDATE outbox SET attempts = attempts - 1, "
                "first_sent_us = CASE WHEN attempts > 1 THEN first_sent_us END WHERE seq = ? AND lane = ?",
                [move.seq, lane],
            )
        if _taken_back_meanwhile(db, move.seq, lane):
            change(db, move.seq, lane, Event.TAKE_BACK, {})


def try_to_apply(db: Database, moves: Sequence[Move], lane: str, now: Now) -> IllegalStep | None:
    """Carry out all of what a plan says, or none of it and return why."""
    db.execute("SAVEPOINT plan")
    try:
        apply(db, moves, lane, now)
    except IllegalStep as mistake:
        db.execute("ROLLBACK TO plan")
        return mistake
    finally:
        db.execute("RELEASE plan")
    return None


def _taken_back_meanwhile(db: Database, seq: int, lane: str) -> bool:
    """Whether a punch was taken back while its request was under way, and turns out to be booked."""
    row = db.execute("SELECT state, voided FROM outbox WHERE seq = ? AND lane = ?", [seq, lane]).fetchone()
    return bool(row[0] == State.DELIVERED.value and row[1])


def _state(db: Database, seq: int, lane: str) -> State:
    return State(db.execute("SELECT state FROM outbox WHERE seq = ? AND lane = ?", [seq, lane]).fetchone()[0])


def change(db: Database, seq: int, lane: str, event: Event, fields: Mapping[str, str | int | None]) -> State:
    """Move one delivery by one event; None in `fields` leaves a column as it is. Return the new state.

    Raises:
        IllegalStep: the table knows no such move; nothing was changed.
    """
    state = step(_state(db, seq, lane), event)
    changes: dict[str, str | int] = {name: value for name, value in fields.items() if value is not None}
    changes["state"] = state.value
    columns = ", ".join(f"{name} = ?" for name in changes)
    if event in (Event.STEP_DONE, Event.REOPENED):  # what is next has attempts of its own
        columns += ", attempts = 0, first_sent_us = NULL"
    db.execute(f"UPDATE outbox SET {columns} WHERE seq = ? AND lane = ?", [*changes.values(), seq, lane])
    if state in (State.VOID, State.IGNORED):
        reopen_after(db, seq, lane)
    return state


def reopen_after(db: Database, seq: int, lane: str) -> None:
    """A break does not count any more, or not as it did: what came after it and needed nothing ends the interval now.

    Not where its entry stays at the tracker, because a person leaves it there.
    """
    row = db.execute(
        "SELECT after.seq, after.state, after.kind, coalesce(after.via, '') FROM outbox AS gone JOIN outbox AS after "
        "ON after.username = gone.username AND after.lane = gone.lane AND after.ord > gone.ord "
        "WHERE gone.seq = ? AND gone.lane = ? AND gone.kind = 'break' AND (gone.voided = 0 OR gone.state != 'ignored') "
        "AND after.state NOT IN ('void', 'ignored') "
        "ORDER BY after.ord LIMIT 1",
        [seq, lane],
    ).fetchone()
    if row and row[1:] in ((State.DELIVERED.value, kind.value, "") for kind in (Kind.OUT, Kind.BREAK)):
        change(db, row[0], lane, Event.REOPENED, {})


def crashed(db: Database, quarantine_s: float, now: Now, username: str | None = None) -> int:
    """Turn what was being sent into doubtful, of everybody (at a start) or of one employee; return how many."""
    rows = db.execute(
        f"SELECT seq, lane FROM outbox INDEXED BY outbox_open WHERE state IN {OPEN_STATES} AND state = 'sending' "
        "AND (?1 IS NULL OR username = ?1)",
        [username],
    ).fetchall()
    due_us = now.boottime_us + round(quarantine_s * 1_000_000)
    for seq, lane in rows:
        change(
            db,
            seq,
            lane,
            Event.CRASHED,
            {"due_us": due_us, "due_boot": now.boot_seq, "last_error": "clockd ended while sending"},
        )
    return len(rows)


def switch_tracker(db: Database, tracker: str, *, send: bool) -> int:
    """After the configuration names another tracker: what was never sent goes there, or is held with a question.

    What may be at the old tracker (doubtful) is held in any case: only a look there could tell, and it is not asked
    any more. What was booked there and is being taken back stays a matter of the old one: its entries have numbers of
    their own, which mean nothing, or something else, elsewhere.

    Returns:
        How many deliveries were concerned.
    """
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('tracker', ?)", [tracker])
    rows = db.execute(
        f"SELECT seq, lane, state, {_COMES_BACK} FROM outbox INDEXED BY outbox_open WHERE state IN {OPEN_STATES} "
        "AND tracker != ? AND tracker NOT IN ('', 'none')",
        [tracker],
    ).fetchall()
    for seq, lane, state, comes_back in rows:
        if comes_back:
            if state in (State.DOUBTFUL.value, State.SENDING.value):
                if state == State.SENDING.value:
                    change(db, seq, lane, Event.CRASHED, {"last_error": "clockd ended while sending"})
                because = "it was to be deleted on the tracker used before: see to it there, then ignore this"
                fields = {"held_code": NOT_DELETED, "held_because": because}
                change(db, seq, lane, Event.HOLD, fields)
        elif state in (State.DOUBTFUL.value, State.SENDING.value):
            if state == State.SENDING.value:
                change(db, seq, lane, Event.CRASHED, {"last_error": "clockd ended while sending"})
            because = "it may have been booked on the tracker used before: look there, then retry or ignore"
            _hold(db, seq, lane, because)
        elif state == State.WAITING.value and not send:
            because = "it was made for the tracker used before: retry sends it to the new one, ignore leaves it"
            _hold(db, seq, lane, because)
    db.execute(
        f"UPDATE outbox SET tracker = ?1 WHERE state IN {OPEN_STATES} AND tracker != ?1 "
        f"AND (NOT {_COMES_BACK} OR tracker IN ('', 'none'))",
        [tracker],
    )
    return sum(not comes_back for _, _, _, comes_back in rows)


_BOOKED = "coalesce(via, '') != ''"
"""Whether a delivery was proved to be at its tracker."""
_COMES_BACK = f"(voided = 1 AND ({_BOOKED} OR coalesce(last_write, '') = 'DeleteEntry'))"
"""Whether it was, or another's entry with it, and is to be deleted there."""


def _hold(db: Database, seq: int, lane: str, because: str) -> None:
    change(db, seq, lane, Event.HOLD, {"held_code": "switched", "held_because": because})


def by_seq(db: Database, seq: int) -> list[tuple[str, State]]:
    """Return the lanes of a punch with their states."""
    rows = db.execute("SELECT lane, state FROM outbox WHERE seq = ? ORDER BY lane", [seq])
    return [(lane, State(state)) for lane, state in rows]


def was_sent(db: Database, seq: int, lane: str) -> bool:
    """Whether this delivery was ever proved to be at the tracker."""
    row = db.execute(f"SELECT {_BOOKED} FROM outbox WHERE seq = ? AND lane = ?", [seq, lane]).fetchone()
    return bool(row and row[0])


def ended_one(db: Database, seq: int) -> bool:
    """Whether a project switch ended an interval that is dealt with, or may be at the tracker (Goodtime)."""
    row = db.execute(
        "SELECT kind IN ('in', 'resume', 'project') AND state IN ('sending', 'doubtful', 'delivered') FROM outbox "
        "JOIN (SELECT username AS whose, ord AS place FROM outbox WHERE seq = ?1 AND lane = ?2 AND kind = 'project') "
        "WHERE username = whose AND lane = ?2 AND ord < place AND voided = 0 AND state NOT IN ('ignored', 'void') "
        "ORDER BY ord DESC LIMIT 1",
        [seq, ATTENDANCE],
    ).fetchone()
    return bool(row and row[0])


def project_runs(db: Database, username: str) -> bool:
    """Whether a project was begun and not ended by a clock-out since."""
    row = db.execute(
        "SELECT kind FROM outbox INDEXED BY outbox_of_employee WHERE username = ? AND lane = ? AND voided = 0 "
        "ORDER BY ord DESC LIMIT 1",
        [username, PROJECT],
    ).fetchone()
    return bool(row and row[0] != Kind.OUT.value)


def release(db: Database, seq: int, lane: str) -> None:
    """Send what was held after all."""
    change(db, seq, lane, Event.RELEASE, {})
    fresh_start(db, seq, lane)


def fresh_start(db: Database, seq: int, lane: str) -> None:
    """Forget earlier attempts and what a delivery was held for: a person looked at it."""
    db.execute(
        "UPDATE outbox SET attempts = 0, first_sent_us = NULL, due_us = NULL, due_boot = NULL, mark = NULL, "
        "held_code = NULL, held_because = NULL, blocks = 0 WHERE seq = ? AND lane = ?",
        [seq, lane],
    )


_ITEM_COLUMNS = (
    "outbox.seq, username, kind, client, project, at_us, offset_s, clock, voided, state, held_code, held_because, "
    "blocks, entry_ids, via, mark, attempts, sent_us, sent_boot, first_sent_us, due_us, due_boot, last_write, "
    "last_error, done_us, done_boot, boottime_us, boot_seq, first_sent_boot, first_sent_boottime_us, "
    "coalesce(tracker NOT IN ('', 'none') AND tracker != (SELECT value FROM meta WHERE key = 'tracker'), 0)"
)
_FROM_LEDGER = "JOIN ledger ON ledger.seq = outbox.seq"
_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}
_CLOCKS = {clock.value: clock for clock in ClockQuality}


def _item(row: Any, now: Now) -> Item:
    seq, username, kind, client, project, at_us, offset_s, clock, voided, state, held_code, held_because, *more = row
    blocks, entry_ids, via, mark, attempts, sent_us, sent_boot, first_sent_us, due_us, due_boot, *more = more
    last_write, last_error, done_us, done_boot, boottime_us, boot_seq, *more = more
    first_sent_boot, first_sent_boottime_us, elsewhere = more
    due_s = (due_us or 0) / 1e6
    if due_boot is not None and due_boot != now.boot_seq:
        # the quarantine of an earlier boot begins anew with this one
        due_s = max(0.0, ((due_us or 0) - (sent_us or 0)) / 1e6)
    # when the tap was: by boottime within one boot, which no step of the wall clock can touch
    tapped_us = boottime_us if boot_seq == now.boot_seq else now.boottime_us - (now.wall_us - at_us)
    return Item(
        seq=seq,
        username=username,
        kind=_KINDS[kind],
        at=ledger.from_us(at_us),
        offset_s=offset_s,
        state=_STATES[state],
        project=Project(client or "", project) if project else None,
        clock=_CLOCKS[clock],
        voided=bool(voided),
        held=Held(held_code, held_because, bool(blocks)) if held_code else None,
        entry_ids=() if entry_ids == "[]" else tuple(json.loads(entry_ids)),
        via=via or None,
        mark=mark or None,
        attempts=attempts,
        sent_s=_of_this_boot_s(sent_us, sent_boot, now),
        first_sent_s=_in_this_boot_s(first_sent_us, first_sent_boot, first_sent_boottime_us, now),
        due_s=due_s,
        write=last_write or None,
        last_error=last_error or None,
        done_s=_of_this_boot_s(done_us, done_boot, now),
        tapped_s=tapped_us / 1e6,
        elsewhere=bool(elsewhere),
        same_boot=boot_seq == now.boot_seq,
    )


def _in_this_boot_s(wall_us: int | None, boot_seq: int | None, boottime_us: int | None, now: Now) -> float | None:
    """Say when something was that has a wall time, in CLOCK_BOOTTIME of this boot.

    Within one boot by boot time alone, which no step of the wall clock can touch. What an earlier boot did is at least
    as old as this one; beyond that only the wall clock can tell.
    """
    if wall_us is None:
        return None
    if boottime_us is not None and boot_seq == now.boot_seq:
        return boottime_us / 1e6
    at_us = now.boottime_us - (now.wall_us - wall_us)
    return (at_us if boottime_us is None else min(at_us, 0)) / 1e6


def _of_this_boot_s(boottime_us: int | None, boot_seq: int | None, now: Now) -> float | None:
    """Boottime in seconds; what an earlier boot did was before everything of this one."""
    if boottime_us is None:
        return None
    return boottime_us / 1e6 if boot_seq == now.boot_seq else 0.0
