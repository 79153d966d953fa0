"""What people see: punches with their deliveries, counts, what is left open, and what the nightly look found."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlite_utils import Database

from clockd.core.body import read_body
from clockd.core.delivery import FINISHED, Held, HoldCode, Mark, Now, State, Via
from clockd.core.model import Bounds, ClockQuality, Kind, Project, Punch, Reading
from clockd.core.planning.item import DROPPED
from clockd.core.sentence import read_said, said_json, told_text
from clockd.store import ledger
from clockd.store.outbox import ATTENDANCE, COUNTS, OPEN_STATES
from clockd.store.stored import DAY_S, UNREADABLE, because_rotten, told_hold

_BEHIND = {
    State.HELD: 7,
    State.DOUBTFUL: 6,
    State.SENDING: 5,
    State.WAITING: 4,
    State.DELIVERED: 2,
    State.IGNORED: 1,
    State.VOID: 0,
    State.STRANGER: -1,
}
_WAITS_FOR_OUT = f"state = '{State.WAITING.value}' AND mark IS '{Mark.WITH_OUT.value}'"
"""SQL: whether a punch waits for its clock-out, and nothing of it is sent before."""
_RANK = " ".join(
    [
        f"CASE WHEN {_WAITS_FOR_OUT} THEN 3",
        *(f"WHEN state = '{state.value}' THEN {rank}" for state, rank in _BEHIND.items()),
        "END",
    ]
)
_BY_RANK = {rank: state.value for state, rank in _BEHIND.items()} | {3: "open"}
_NONE_OF_ANY = dict.fromkeys(_BY_RANK.values(), 0)
UNSENT = tuple(state.value for state in (State.WAITING, State.SENDING, State.DOUBTFUL))
"""The states of what is on its way to the tracker."""
RECENT_ROWS = 200
"""How many punches of an employee are looked through for a missing clock-out: those of a month at least."""


@dataclass(frozen=True, slots=True)
class ShownDelivery:
    """How far a punch is; if it has two lanes, by the one that is further behind."""

    state: State
    entry_ids: tuple[str, ...]
    attempts: int
    last_error: str | None
    held: Held | None
    via: Via | None
    waits_for_out: bool = False
    """Whether nothing of it is to be sent before its clock-out comes."""
    retry_at: datetime | None = None
    """When clockd tries it again while it is held; None when only a person can."""


def punches(
    db: Database,
    tag: int,
    *,
    seqs: range | None = None,
    state: str | None = None,
    username: str | None = None,
    most: int = -1,
) -> Iterator[tuple[Punch, ShownDelivery]]:
    """Return punches as they count now, newest first, with their deliveries.

    Args:
        db: the open database.
        tag: the installation's tag, for the ids.
        seqs: only these places in the ledger: a tap waits for what is read at once. None for all.
        state: only with a delivery in this state.
        username: only of this employee.
        most: so many at most; below 0: all.
    """
    where, values = ["(o.lane = 'attendance' OR a.seq IS NULL)"], list[object]()
    if state is not None:
        where.append("(o.state = ? OR p.state = ?)")
        values += [state, state]
    if username is not None:
        where.append("o.username = ?")
        values.append(username)
    if seqs is not None:
        where.append("o.seq >= ? AND o.seq < ?")
        values += [seqs.start, seqs.stop]
    rows = db.execute(
        "SELECT o.seq, o.username, o.kind, o.client, o.project, o.at_us, o.offset_s, o.clock, o.earliest_us, "
        "o.latest_us, o.voided, o.time_type, l.wall_us, l.boottime_us, l.boot_seq, l.trusted, l.body, b.boot_id, "
        f"{_DELIVERY.format(t='o')}, {_DELIVERY.format(t='p')} "
        "FROM outbox o JOIN ledger l ON l.seq = o.seq LEFT JOIN boot b ON b.seq = l.boot_seq "
        "LEFT JOIN outbox a ON a.seq = o.seq AND a.lane = 'attendance' "
        "LEFT JOIN outbox p ON p.seq = o.seq AND p.lane = 'project' "
        f"WHERE {' AND '.join(where)} ORDER BY o.seq DESC LIMIT ?",
        [*values, most],
    )
    for row in rows:
        delivery = _worse(_delivery(row[18:31]), _delivery(row[31:44]))
        yield _punch(row[:18], tag), delivery if delivery.state in FINISHED else _unless_rotten(row[:18], delivery)


def punch(db: Database, tag: int, seq: int) -> tuple[Punch, ShownDelivery] | None:
    """Return one punch; None when there is none with this seq."""
    return next(punches(db, tag, seqs=range(seq, seq + 1)), None)


def newest_seq(db: Database) -> int:
    """Return the place of the newest punch; 0 when there is none. A place beyond the ledger was damaged."""
    last = ledger.newest_seq(db)
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM outbox WHERE seq <= ?", [last]).fetchone()[0])


def open_counts(db: Database, username: str | None = None) -> dict[str, int]:
    """Return how many punches are in each unfinished state, however many are finished; `open`: waiting for an out.

    Args:
        db: the open database.
        username: whose; None: everybody's.
    """
    whose = "" if username is None else "username = ? AND "
    rows = db.execute(
        f"SELECT behind, count(*) FROM (SELECT max({_RANK}) AS behind FROM outbox INDEXED BY outbox_open "
        f"WHERE {whose}state IN {OPEN_STATES} GROUP BY seq) GROUP BY behind",
        [] if username is None else [username],
    )
    return _NONE_OF_ANY | {_BY_RANK[rank]: count for rank, count in rows if rank is not None}


def counts(db: Database, seqs: range, since_us: int = 0) -> tuple[dict[str, int], int]:
    """Return how many of these punches are in each state, and how many are no older than a time.

    A punch with two lanes counts by the one that is further behind. To be asked in pieces: a tap waits for each.
    """
    rows = db.execute(
        f"SELECT behind, count(*), sum(recent) FROM (SELECT max({_RANK}) AS behind, max(at_us >= ?) AS recent "
        "FROM outbox WHERE seq >= ? AND seq < ? GROUP BY seq) GROUP BY behind",
        [since_us, seqs.start, seqs.stop],
    ).fetchall()
    found = _NONE_OF_ANY | {_BY_RANK[rank]: count for rank, count, _ in rows if rank is not None}
    return found, sum(recent for _, _, recent in rows)


def oldest_open_us(db: Database) -> int | None:
    """Return the time of the oldest punch that is to be sent and is not booked yet."""
    row = db.execute(
        f"SELECT min(at_us) FROM outbox INDEXED BY outbox_open WHERE state IN {OPEN_STATES} AND state != 'held' "
        f"AND NOT ({_WAITS_FOR_OUT})"
    ).fetchone()
    return None if row is None else row[0]


def open_shifts(db: Database, username: str, now: Now, max_shift_s: float) -> list[tuple[int, int, int]]:
    """Return (seq, at_us, raw wall_us) of each recent `in` of an employee whose `out` is missing, oldest first."""
    rows = db.execute(
        "SELECT seq, at_us, wall_us FROM (SELECT o.seq, o.at_us, l.wall_us, o.kind, o.state, o.ord, "
        "lead(o.kind) OVER (ORDER BY o.ord) AS next "
        "FROM (SELECT * FROM outbox WHERE username = ? AND lane = 'attendance' AND voided = 0 AND kind != 'project' "
        "ORDER BY ord DESC LIMIT ?) o JOIN ledger l ON l.seq = o.seq) "
        "WHERE kind IN ('in', 'resume') AND state NOT IN ('ignored', 'void') "
        "AND (next = 'in' OR (next IS NULL AND at_us < ?)) ORDER BY ord",
        [username, RECENT_ROWS, now.wall_us - round(max_shift_s * 1e6)],
    )
    return [tuple(row) for row in rows]


def over_clock_changes(db: Database, since_us: int) -> list[tuple[str, int, int, int, int]]:
    """Return (username, at_us, offset_s, at_us, offset_s) of each interval since a time whose ends differ in offset."""
    rows = db.execute(
        "SELECT username, before_us, before_s, at_us, offset_s FROM (SELECT username, kind, at_us, offset_s, "
        "lag(kind) OVER own AS before, lag(at_us) OVER own AS before_us, lag(offset_s) OVER own AS before_s "
        f"FROM outbox WHERE lane = ? AND {COUNTS} AND clock != 'uncertain' "
        "AND username IS NOT NULL AND kind != 'project' AND at_us >= ? AND seq > coalesce((SELECT seq FROM outbox "
        "WHERE at_us < ? AND clock != 'uncertain' ORDER BY seq DESC LIMIT 1), 0) "
        "WINDOW own AS (PARTITION BY +username ORDER BY ord)) "
        "WHERE kind IN ('out', 'break') AND before IN ('in', 'resume') AND before_s != offset_s ORDER BY at_us",
        [ATTENDANCE, since_us, since_us],
    )
    return [tuple(row) for row in rows]


class NightlyFinding(NamedTuple):
    """What a nightly look found about one punch."""

    seq: int
    what: str
    """One of gone, moved and doubled."""
    detail: str
    """In a sentence, for people."""


_SAID = "findings said"
"""Under which key it is kept of which sentences the details are made, as JSON by their texts."""


def keep_findings(db: Database, findings: Sequence[NightlyFinding], now: Now) -> None:
    """Replace what the last nightly look found by this."""
    db.execute("DELETE FROM finding")
    for seq, what, detail in findings:
        row = [seq, what, str(detail), now.wall_us]
        db.execute("INSERT INTO finding (seq, what, detail, at_us) VALUES (?, ?, ?, ?)", row)
    said = json.dumps({str(found.detail): said_json(found.detail) for found in findings}, ensure_ascii=False)
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_SAID, said])


def forget_unsaid(db: Database) -> None:
    """Forget of which sentences those details are made whose findings are gone."""
    kept = db.execute("SELECT value FROM meta WHERE key = ?", [_SAID]).fetchone()
    said = read_body(str(kept[0]).encode()) if kept else None
    if isinstance(said, dict):
        here = {detail for (detail,) in db.execute("SELECT detail FROM finding")}
        left = json.dumps({text: parts for text, parts in said.items() if text in here}, ensure_ascii=False)
        db.execute("UPDATE meta SET value = ? WHERE key = ?", [left, _SAID])


def findings(db: Database) -> list[NightlyFinding]:
    """Return what the last nightly look found."""
    kept = db.execute("SELECT value FROM meta WHERE key = ?", [_SAID]).fetchone()
    said = read_body(str(kept[0]).encode()) if kept else None
    of_texts = said if isinstance(said, dict) else {}
    rows = db.execute("SELECT seq, what, detail FROM finding ORDER BY seq")
    return [NightlyFinding(seq, what, read_said(of_texts.get(detail), detail)) for seq, what, detail in rows]


_DELIVERY = (
    "{t}.state, {t}.entry_ids, {t}.attempts, {t}.last_error, {t}.error_said, {t}.held_code, {t}.held_because, "
    "{t}.held_said, {t}.blocks, {t}.via, {t}.mark, {t}.retry_us, {t}.seq"
)


def _delivery(row: Sequence[object]) -> ShownDelivery | None:
    state, entry_ids, attempts, error, error_said, code, because, held_said, blocks, via, mark, retry_us, seq = row
    if seq is None:
        return None
    assert isinstance(attempts, int)
    try:
        held = Held(HoldCode(str(code)), told_hold(_text(held_said), str(because)), bool(blocks)) if code else None
        at = State(str(state))
        return ShownDelivery(
            state=at,
            entry_ids=tuple(json.loads(str(entry_ids))),
            attempts=attempts,
            last_error=None if error is None else told_text(_text(error_said), str(error)),
            held=held,
            via=Via(str(via)) if via else None,
            waits_for_out=at is State.WAITING and mark == Mark.WITH_OUT,
            retry_at=ledger.nearest(int(str(retry_us))) if at is State.HELD and retry_us is not None else None,
        )
    except UNREADABLE as mistake:  # a cell that no clockd wrote
        shown = State.IGNORED if state in DROPPED else State.HELD
        return ShownDelivery(
            shown, (), attempts, None, Held(HoldCode.ROTTEN, because_rotten(mistake), blocks=True), None
        )


def _text(cell: object) -> str | None:
    return None if cell is None else str(cell)


def _worse(a: ShownDelivery | None, b: ShownDelivery | None) -> ShownDelivery:
    assert a is not None
    return a if b is None or _BEHIND[a.state] >= _BEHIND[b.state] else b


def _unless_rotten(row: Sequence[object], delivery: ShownDelivery) -> ShownDelivery:
    """Return a delivery as it is, or as held where what it is of cannot be read: nothing is sent then."""
    kind, at, offset, clock = row[2], int(str(row[5])), int(str(row[6])), row[7]
    readable = (kind is None or kind in _KINDS) and clock in _CLOCKS and abs(offset) <= DAY_S
    if readable and ledger.possible_us(at) is not None:
        return delivery
    because = because_rotten(ValueError("no kind, time or clock that there is"))
    return ShownDelivery(State.HELD, (), delivery.attempts, None, Held(HoldCode.ROTTEN, because, blocks=True), None)


_KINDS = {kind.value: kind for kind in Kind}
_CLOCKS = {clock.value: clock for clock in ClockQuality}


def _punch(row: Sequence[object], tag: int) -> Punch:
    (seq, username, kind, client, project, at, offset, clock, earliest, latest, voided, time_type, wall, boottime,
     boot_seq, trusted, body_text, boot_id) = row  # fmt: skip
    assert isinstance(seq, int)
    assert isinstance(at, int)
    assert isinstance(offset, int)
    assert isinstance(wall, int)
    assert isinstance(boottime, int)
    assert isinstance(boot_seq, int)
    body = ledger.body_of(str(body_text))
    bounds = None
    if clock == ClockQuality.UNCERTAIN:
        bounds = Bounds(
            None if earliest is None else ledger.nearest(int(str(earliest))),
            None if latest is None else ledger.nearest(int(str(latest))),
        )
    return Punch(
        seq=seq,
        id=ledger.punch_id(wall, tag, seq),
        username=None if username is None else str(username),
        kind=_KINDS.get(str(kind)),
        explicit=bool(body.get("explicit")),
        project=Project(str(client or ""), str(project)) if project else None,
        at=ledger.nearest(at),
        offset_s=offset if abs(offset) <= DAY_S and ledger.possible_us(at) is not None else 0,
        zone=str(body.get("zone") or "?"),
        clock=_CLOCKS.get(str(clock), ClockQuality.UNCERTAIN),
        bounds=bounds,
        reading=Reading(ledger.nearest(wall), boottime / 1e6, str(boot_id), boot_seq, bool(trusted)),
        terminal=str(body.get("terminal") or "?"),
        reader=str(body.get("reader") or "?"),
        badge_tail=str(body.get("tail") or ""),
        voided=bool(voided),
        time_type=str(time_type) if time_type else None,
    )
