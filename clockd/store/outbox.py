"""The outbox: for each punch how it counts now, and how far its delivery has come.

Here punches are put in and lanes are read. What changes a delivery is in `store/deliveries.py`; how a punch counts is
changed in `store/dating.py` (its time) and `store/repairs.py` (all else); `store/view.py` is what people see.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlite_utils import Database

from clockd.core.delivery import UNFINISHED, Held, Now, State
from clockd.core.model import ClockQuality, Kind, Project
from clockd.core.planning.deletion import ends_an_entry
from clockd.core.planning.item import DROPPED, Item
from clockd.core.sentence import said_text
from clockd.store import ledger
from clockd.store.stored import COLUMNS, FROM_LEDGER, PUNCH_KINDS, UNREADABLE, Stored, is_dropped, item_of, rotten

ATTENDANCE = "attendance"
PROJECT = "project"


D = TypeVar("D", "_Counted", Stored)
_STATES = {state.value: state for state in State}


def among(states: Iterable[State]) -> str:
    """Return states as SQL has them in a list."""
    return f"({', '.join(repr(state.value) for state in State if state in frozenset(states))})"


OPEN_STATES = among(UNFINISHED)
"""States of what is not finished, as the index `outbox_open` has them."""
UNSETTLED = f"(state IN {among(UNFINISHED - {State.HELD})} OR retry_us IS NOT NULL)"
"""SQL: whether a delivery goes on without a person, at once or because a refusal is tried again."""
COUNTS = f"voided = 0 AND state NOT IN {among(DROPPED)}"
"""SQL: whether a punch counts for who is in, and is paired with others."""
ORD_STEP = 1 << 16
"""The distance between two recorded punches, with room for those that a person adds later."""
CONTEXT_ROWS = 40
"""How many finished punches are read before the first unfinished one: enough for any shift with its breaks."""
AHEAD_ROWS = 100
"""How many punches are read from the first unfinished one on; a plan looks at no more than its next request."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One employee's row of deliveries, in which something is unfinished."""

    username: str
    lane: str
    first: int
    """The place (`ord`) of the oldest unfinished punch that goes on without a person."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.username, self.lane


def put(
    db: Database,
    seq: int,
    draft: ledger.Draft,
    *,
    lanes: Mapping[str, Kind | None],
    clock: ClockQuality,
    held: Held | None = None,
    stranger: bool = False,
    tracker: str,
) -> None:
    """Add the deliveries of a new punch, as what it counts in each lane: waiting, held, or a stranger's tap."""
    state = State.STRANGER if stranger else State.HELD if held else State.WAITING
    for lane, kind in lanes.items():
        db.execute(
            "INSERT INTO outbox (seq, lane, ord, username, kind, client, project, at_us, offset_s, clock, state, "
            "held_code, held_because, held_said, blocks, tracker) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                seq,
                lane,
                seq * ORD_STEP,
                draft.username,
                kind.value if kind else None,
                draft.project.client if draft.project else None,
                draft.project.name if draft.project else None,
                ledger.to_us(draft.reading.wall_at),
                draft.offset_s,
                clock.value,
                state.value,
                held.code.value if held else None,
                held.because if held else None,
                said_text(held.because) if held else None,
                int(held.blocks) if held else 0,
                tracker,
            ],
        )
    if draft.time_type is not None:
        set_time_type(db, seq, draft.time_type)


def set_time_type(db: Database, seq: int, time_type: str | None) -> None:
    """Let a punch count for a time type; None: the usual one."""
    db.execute("UPDATE outbox SET time_type = ? WHERE seq = ?", [time_type, seq])


def holds_any(db: Database) -> bool:
    """Whether anything was ever recorded here that counts."""
    return db.execute("SELECT 1 FROM outbox LIMIT 1").fetchone() is not None


def lanes(db: Database, username: str | None = None) -> list[Lane]:
    """Return every employee (or one) and lane with something that is waiting, sending or doubtful."""
    rows = db.execute(
        "SELECT username, lane, min(ord) FROM outbox INDEXED BY outbox_open "
        f"WHERE state IN {OPEN_STATES} AND {UNSETTLED} "
        f"AND username {'IS NOT NULL' if username is None else '= ?'} "
        "GROUP BY username, lane",
        [] if username is None else [username],
    )
    return [Lane(*row) for row in rows]


def items(db: Database, username: str, lane: str, now: Now) -> list[Item]:
    """Return an employee's lane as the planner wants it: what is unfinished, and enough before it.

    It begins with a punch that begins an interval, wherever one is there: so no clock-out loses its clock-in. A row
    that cannot be read holds the employee.
    """
    first = db.execute(
        "SELECT min(ord) FROM outbox INDEXED BY outbox_open "
        f"WHERE username = ? AND lane = ? AND state IN {OPEN_STATES} AND {UNSETTLED}",
        [username, lane],
    ).fetchone()[0]
    if first is None:
        return []
    before = db.execute(
        "SELECT min(ord), count(*) FROM (SELECT ord FROM outbox WHERE username = ? AND lane = ? AND ord < ? "
        "ORDER BY ord DESC LIMIT ?)",
        [username, lane, first, CONTEXT_ROWS],
    ).fetchone()
    begin, is_cut = (first if before[0] is None else before[0]), before[1] == CONTEXT_ROWS
    rows = _read(
        db,
        f"{FROM_LEDGER} WHERE username = ? AND lane = ? AND ord >= ? AND kind IS NOT NULL ORDER BY ord LIMIT ?",
        [username, lane, begin, CONTEXT_ROWS + AHEAD_ROWS],
    )
    found = [item for row in rows if (item := _item(row, now)) is not None]
    if is_cut:
        begins = next(
            (n for n, item in enumerate(found) if item.kind in _BEGINS or item.state is not State.DELIVERED), 0
        )
        found = found[begins:]
    blocking = _read(
        db,
        f"INDEXED BY outbox_open {FROM_LEDGER} WHERE username = ? AND lane = ? AND state IN {OPEN_STATES} "
        "AND state = 'held' AND blocks = 1 LIMIT 1",
        [username, lane],
    )
    for row in blocking:
        if all(item.seq != row.seq for item in found) and (item := _item(row, now)):
            found.insert(0, item)
    return found


_BEGINS = (Kind.IN, Kind.PROJECT)
"""Kinds of punches that begin an interval under every policy."""


def history(db: Database, username: str, lane: str, since_us: int, now: Now) -> list[Item]:
    """Return an employee's lane since a wall time, finished or not, as far as it can be read."""
    rows = _read(
        db,
        f"INDEXED BY {_INDEX_OF[lane]} {FROM_LEDGER} WHERE username = ? AND {_LANE_IS[lane]} AND kind IS NOT NULL "
        "ORDER BY ord DESC",
        [username],
    )
    return [*_readable(_since(rows, since_us), now)][::-1]


_INDEX_OF = {ATTENDANCE: "outbox_of_employee", PROJECT: "outbox_of_projects"}
"""By which index a lane is read: years of attendance are not read to find no project."""
_LANE_IS = {ATTENDANCE: f"lane = '{ATTENDANCE}'", PROJECT: f"lane != '{ATTENDANCE}'"}
"""SQL: which rows are of a lane, as its index says it."""


def counted(db: Database, username: str, since_us: int) -> list[tuple[Kind, datetime, int]]:
    """Return kind, time and offset of the attendance punches of an employee that count, since a wall time, in order."""
    rows = db.execute(
        "SELECT kind, at_us, offset_s, clock FROM outbox INDEXED BY outbox_of_employee "
        f"WHERE username = ? AND lane = ? AND {COUNTS} AND kind IS NOT NULL ORDER BY ord DESC",
        [username, ATTENDANCE],
    )
    found = list[tuple[Kind, datetime, int]]()
    for row in _since(map(_Counted._make, rows), since_us):
        with suppress(*UNREADABLE):
            found.append((PUNCH_KINDS[row.kind], ledger.from_us(row.at_us), row.offset_s))
    return found[::-1]


class _Counted(NamedTuple):
    kind: str
    at_us: int
    offset_s: int
    clock: str


def _since(rows: Iterable[D], since_us: int) -> Iterator[D]:
    """Return the rows since a wall time, of rows from the newest back, without reading through years.

    It ends when `OLDER_ROWS` in a row are older: one whose time was corrected by days misleads nobody.
    """
    older = 0
    for row in rows:
        if row.at_us >= since_us:
            older = 0
            yield row
        elif row.clock != ClockQuality.UNCERTAIN and (older := older + 1) == OLDER_ROWS:
            return


OLDER_ROWS = 9
"""So many punches in a row that are older than what is asked for say that all before them are."""


def before(db: Database, username: str, place: int, now: Now) -> list[Item]:
    """Return the attendance punches of an employee that count and come before a place, the last one first; a few."""
    rows = _read(
        db,
        f"INDEXED BY outbox_of_employee {FROM_LEDGER} WHERE username = ? AND lane = ? AND ord < ? AND {COUNTS} "
        "AND kind IS NOT NULL ORDER BY ord DESC LIMIT ?",
        [username, ATTENDANCE, place, ROTTEN_AT_MOST],
    )
    return list(_readable(rows, now))


def last_item(db: Database, username: str, now: Now) -> Item | None:
    """Return an employee's last attendance punch that counts and can be read; None when there is none."""
    rows = _read(
        db,
        f"INDEXED BY outbox_of_employee {FROM_LEDGER} WHERE username = ? AND lane = ? AND {COUNTS} "
        "AND kind IS NOT NULL ORDER BY ord DESC LIMIT ?",
        [username, ATTENDANCE, ROTTEN_AT_MOST],
    )
    return next(_readable(rows, now), None)


def ended_one(db: Database, seq: int, now: Now) -> bool:
    """Whether a project switch ended an interval that is dealt with, or may be at the tracker (Goodtime)."""
    rows = _read(
        db,
        f"{FROM_LEDGER} WHERE (username, lane) = (SELECT username, lane FROM outbox WHERE seq = ?1 AND lane = ?2) "
        "AND ord <= (SELECT ord FROM outbox WHERE seq = ?1 AND lane = ?2) AND kind IS NOT NULL "
        "ORDER BY ord DESC LIMIT ?3",
        [seq, ATTENDANCE, CONTEXT_ROWS],
    )
    return ends_an_entry(seq, [*_readable(rows, now)][::-1])


ROTTEN_AT_MOST = 8
"""How many punches are tried, from the last one back, to find one that can be read."""


def _read(db: Database, what: str, values: Sequence[object]) -> Iterator[Stored]:
    return map(Stored._make, db.execute(f"SELECT {COLUMNS} FROM outbox {what}", values))


def _item(row: Stored, now: Now) -> Item | None:
    """Return a row as a plan sees it; None for one that counts for nothing and cannot be read."""
    try:
        return item_of(row, now)
    except UNREADABLE as mistake:
        return None if is_dropped(row) else rotten(row, mistake)


def _readable(rows: Iterable[Stored], now: Now) -> Iterator[Item]:
    for row in rows:
        try:
            yield item_of(row, now)
        except UNREADABLE:
            continue


def usernames(db: Database) -> list[str]:
    """Return the usernames of all who ever punched, with one seek for each, however much they punched."""
    rows = db.execute(
        "WITH RECURSIVE own(name) AS (SELECT min(username) FROM outbox UNION ALL "
        "SELECT (SELECT min(username) FROM outbox WHERE username > name) FROM own WHERE name IS NOT NULL) "
        "SELECT name FROM own WHERE name IS NOT NULL"
    )
    return [row[0] for row in rows]


def by_seq(db: Database, seq: int) -> list[tuple[str, State]]:
    """Return the lanes of a punch with their states; one that cannot be read is held."""
    rows = db.execute("SELECT lane, state FROM outbox WHERE seq = ? ORDER BY lane", [seq])
    return [(lane, _STATES.get(state, State.HELD)) for lane, state in rows]


def running_project(db: Database, username: str) -> Project | None:
    """Return the project that was begun and not ended by a clock-out since."""
    rows = db.execute(
        "SELECT kind, client, project FROM outbox INDEXED BY outbox_of_projects "
        f"WHERE username = ? AND {_LANE_IS[PROJECT]} AND {COUNTS} AND kind IN ('project', 'out') "
        "ORDER BY ord DESC LIMIT 1",
        [username],
    ).fetchall()
    return next((Project(client or "", project) for kind, client, project in rows if kind == Kind.PROJECT), None)


def last_done(db: Database, username: str, now: Now) -> Item | None:
    """Return what an employee did last that counts, be it attendance or a project switch alone; None: nothing."""
    rows = _read(
        db,
        f"INDEXED BY outbox_of_employee {FROM_LEDGER} WHERE username = ? AND {COUNTS} AND kind IS NOT NULL "
        "ORDER BY ord DESC, lane LIMIT ?",
        [username, ROTTEN_AT_MOST],
    )
    return next(_readable(rows, now), None)


def owned_by_others(db: Database, entry_ids: Sequence[str], username: str) -> list[str]:
    """Return those of these ids that punches of other employees own, at the tracker that is configured."""
    return [
        entry_id
        for entry_id in entry_ids
        if db.execute(
            "SELECT 1 FROM outbox INDEXED BY outbox_of_entry WHERE entry_ids = ? AND entry_ids != '[]' "
            f"AND username != ? AND {COUNTS} AND tracker = (SELECT value FROM meta WHERE key = 'tracker') LIMIT 1",
            [json.dumps([entry_id]), username],
        ).fetchone()
    ]


def owns(db: Database, username: str, entry_id: str) -> bool:
    """Whether one of an employee's last punches owns this entry."""
    rows = db.execute(
        "SELECT entry_ids FROM outbox INDEXED BY outbox_of_employee WHERE username = ? AND lane = ? "
        "ORDER BY ord DESC LIMIT ?",
        [username, ATTENDANCE, CONTEXT_ROWS],
    )
    return any(json.dumps(entry_id) in row[0] for row in rows)
