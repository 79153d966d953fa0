"""The outbox: for each punch how it counts now, and how far its delivery has come.

Every change of state goes through the table of `core/delivery.py`; this module only carries it to disk.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from clockd.core.delivery import Event, State, step
from clockd.core.model import Bounds, ClockQuality, Kind, Project, Punch, Reading
from clockd.core.pairing import Held, Item
from clockd.core.plan import Move, Send
from clockd.core.timebase import Anchor
from clockd.store import ledger

OPEN_STATES = "('waiting', 'sending', 'doubtful', 'held')"
ATTENDANCE = "attendance"
PROJECT = "project"
CONTEXT_ROWS = 40
"""Finished punches that are read before the first unfinished one: enough for any shift with its breaks."""

ORD_STEP = 1 << 16
"""Between two recorded punches there is room for those that a person adds later ("when did they leave?")."""
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


def lanes(db: Database) -> Sequence[Lane]:
    """Return every employee and lane with something that is waiting, sending or doubtful, oldest first."""
    rows = db.execute(
        "SELECT username, lane, min(ord) FROM outbox INDEXED BY outbox_open "
        f"WHERE state IN {OPEN_STATES} AND state != 'held' AND username IS NOT NULL "
        "GROUP BY username, lane ORDER BY min(ord)"
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
        "AND kind IS NOT NULL AND kind != 'project' ORDER BY ord DESC LIMIT 1",
        [username, ATTENDANCE],
    ).fetchone()
    return _item(row, now) if row else None


def usernames(db: Database) -> list[str]:
    """Return everybody who ever punched."""
    return [row[0] for row in db.execute("SELECT DISTINCT username FROM outbox WHERE username IS NOT NULL")]


def begin(db: Database, send: Send, lane: str, now: Now) -> None:
    """Write the intent: these punches are being sent. To be on disk before the first byte leaves."""
    for seq in send.covers:
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
            "UPDATE outbox SET attempts = attempts + 1, first_sent_us = coalesce(first_sent_us, ?) "
            "WHERE seq = ? AND lane = ?",
            [now.wall_us, seq, lane],
        )


def apply(db: Database, moves: Sequence[Move], lane: str, now: Now) -> None:
    """Carry out what a plan or a verdict says."""
    for move in moves:
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
            "UPDATE outbox SET mark = ?, held_code = ?, held_because = ?, blocks = ? WHERE seq = ? AND lane = ?",
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


def change(db: Database, seq: int, lane: str, event: Event, fields: Mapping[str, str | int | None]) -> State:
    """Move one delivery by one event; None in `fields` leaves a column as it is. Return the new state.

    Raises:
        IllegalStep: the table knows no such move; nothing was changed.
    """
    row = db.execute("SELECT state FROM outbox WHERE seq = ? AND lane = ?", [seq, lane]).fetchone()
    assert row is not None, (seq, lane)
    state = step(State(row[0]), event)
    changes: dict[str, str | int] = {name: value for name, value in fields.items() if value is not None}
    changes["state"] = state.value
    columns = ", ".join(f"{name} = ?" for name in changes)
    db.execute(f"UPDATE outbox SET {columns} WHERE seq = ? AND lane = ?", [*changes.values(), seq, lane])
    return state


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
    any more.

    Returns:
        How many deliveries were concerned.
    """
    rows = db.execute(
        f"SELECT seq, lane, state, attempts FROM outbox INDEXED BY outbox_open WHERE state IN {OPEN_STATES} "
        "AND tracker != ? AND tracker NOT IN ('', 'none')",
        [tracker],
    ).fetchall()
    for seq, lane, state, _ in rows:
        if state == State.DOUBTFUL.value:
            because = "it may have been booked on the tracker used before: look there, then retry or ignore"
            _hold(db, seq, lane, because)
        elif state == State.WAITING.value and not send:
            because = "it was made for the tracker used before: retry sends it to the new one, ignore leaves it"
            _hold(db, seq, lane, because)
    db.execute(f"UPDATE outbox SET tracker = ? WHERE state IN {OPEN_STATES} AND tracker != ?", [tracker, tracker])
    return len(rows)


def _hold(db: Database, seq: int, lane: str, because: str) -> None:
    change(db, seq, lane, Event.HOLD, {"held_code": "switched", "held_because": because})


def by_seq(db: Database, seq: int) -> list[tuple[str, State]]:
    """Return the lanes of a punch with their states."""
    rows = db.execute("SELECT lane, state FROM outbox WHERE seq = ? ORDER BY lane", [seq])
    return [(lane, State(state)) for lane, state in rows]


def mark_void(db: Database, seq: int) -> None:
    """Note that a punch was taken back; the planner then sees to what was booked already."""
    db.execute("UPDATE outbox SET voided = 1 WHERE seq = ?", [seq])


def is_voided(db: Database, seq: int) -> bool:
    """Whether a punch was taken back."""
    return bool(db.execute("SELECT max(voided) FROM outbox WHERE seq = ?", [seq]).fetchone()[0])


def was_sent(db: Database, seq: int, lane: str) -> bool:
    """Whether something of this delivery may be at the tracker."""
    row = db.execute("SELECT entry_ids != '[]' FROM outbox WHERE seq = ? AND lane = ?", [seq, lane]).fetchone()
    return bool(row and row[0])


def project_runs(db: Database, username: str) -> bool:
    """Whether a project was begun and not ended by a clock-out since."""
    row = db.execute(
        "SELECT kind FROM outbox INDEXED BY outbox_of_employee WHERE username = ? AND lane = ? AND voided = 0 "
        "ORDER BY ord DESC LIMIT 1",
        [username, PROJECT],
    ).fetchone()
    return bool(row and row[0] != Kind.OUT.value)


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A punch whose time is not known exactly."""

    seq: int
    reading: Reading
    """The raw clocks of the tap."""


def uncertain(db: Database) -> list[Uncertain]:
    """Return every punch of an untrusted clock of which nothing was sent, oldest first."""
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


def hold_uncertain(db: Database, seq: int, bounds: Bounds, proposal_at: datetime | None, because: str) -> None:
    """Hold a punch of a boot that never had time, with the bounds of its true moment; or make them narrower."""
    for lane, state in by_seq(db, seq):
        if state is State.WAITING:
            change(db, seq, lane, Event.HOLD, {"held_code": "uncertain"})
    early, late = bounds.earliest_at, bounds.latest_at
    times = [None if at is None else ledger.to_us(at) for at in (early, late, proposal_at)]
    db.execute(
        "UPDATE outbox SET earliest_us = ?, latest_us = ?, proposal_us = ? WHERE seq = ?",
        [*times, seq],
    )
    db.execute(
        "UPDATE outbox SET held_because = ? WHERE seq = ? AND state = 'held' AND held_code = 'uncertain'",
        [because, seq],
    )


def release_uncertain(db: Database, seq: int) -> None:
    """Send a punch whose time became known; one that is held for another reason stays held."""
    rows = db.execute(
        "SELECT lane FROM outbox WHERE seq = ? AND state = 'held' AND held_code = 'uncertain'", [seq]
    ).fetchall()
    for (lane,) in rows:
        release(db, seq, lane)


def proposal(db: Database, seq: int) -> datetime | None:
    """Return the time that is proposed for a punch of an untrusted clock."""
    row = db.execute("SELECT proposal_us FROM outbox WHERE seq = ? AND proposal_us IS NOT NULL", [seq]).fetchone()
    return None if row is None else ledger.from_us(row[0])


def insert_out(
    db: Database,
    opens: Punch,
    at: datetime,
    offset: int,
    reading: Reading,
    *,
    by: str,
    why: str,
    reader: str = "admin",
) -> int:
    """Add the clock-out that is missing after an `in`, right behind it; return its seq."""
    draft = ledger.Draft(
        username=opens.username,
        kind=Kind.OUT,
        explicit=True,
        project=None,
        fingerprint="",
        badge_tail="",
        reading=reading,
        zone=opens.zone,
        offset_s=offset,
        terminal=opens.terminal,
        reader=reader,
    )
    seq = ledger.add_punch(db, draft)
    ledger.add(db, "amend", seq, reading, {"at_us": ledger.to_us(at), "offset_s": offset, "by": by, "why": why})
    put(db, seq, draft, lanes=[ATTENDANCE], clock=ClockQuality.CORRECTED, tracker="")
    set_time(db, seq, ledger.to_us(at), offset, ClockQuality.CORRECTED)
    db.execute(
        "UPDATE outbox SET ord = 1 + (SELECT ord FROM outbox WHERE seq = ? AND lane = ?) WHERE seq = ?",
        [opens.seq, ATTENDANCE, seq],
    )
    return seq


def keep_findings(db: Database, findings: Sequence[tuple[int, str, str]], now: Now) -> None:
    """Replace what the last nightly look found by (seq, what, detail) of this one."""
    db.execute("DELETE FROM finding")
    for seq, what, detail in findings:
        db.execute("INSERT INTO finding VALUES (?, ?, ?, ?)", [seq, what, detail, now.wall_us])


def findings(db: Database) -> list[tuple[int, str, str]]:
    """Return what the last nightly look found, as (seq, what, detail)."""
    return [tuple(row) for row in db.execute("SELECT seq, what, detail FROM finding ORDER BY seq")]


def set_time(db: Database, seq: int, at_us: int, offset: int, clock: ClockQuality) -> None:
    """Let a punch count at another time; the raw one stays in the ledger."""
    db.execute(
        "UPDATE outbox SET at_us = ?, offset_s = ?, clock = ?, earliest_us = NULL, latest_us = NULL, "
        "proposal_us = NULL WHERE seq = ?",
        [at_us, offset, clock.value, seq],
    )


def set_kind(db: Database, seq: int, kind: Kind) -> None:
    """Let a punch count as another kind."""
    db.execute("UPDATE outbox SET kind = ? WHERE seq = ?", [kind.value, seq])


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


def lacking(db: Database, seq: int) -> str | None:
    """Say what is not known of a punch and has to be before it can be sent: employee, kind, time; None: all is."""
    row = db.execute("SELECT username, kind, clock FROM outbox WHERE seq = ? LIMIT 1", [seq]).fetchone()
    username, kind, clock = row
    if username is None:
        return "employee"
    if kind is None:
        return "kind"
    return "time" if clock == ClockQuality.UNCERTAIN.value else None


def set_employee(db: Database, seq: int, username: str) -> None:
    """Let a punch count as another employee's."""
    db.execute("UPDATE outbox SET username = ? WHERE seq = ?", [username, seq])


def strays(db: Database, fingerprint: str) -> list[tuple[int, str | None]]:
    """Return seq and kind of the punches that an unknown badge made, oldest first."""
    rows = db.execute(
        "SELECT outbox.seq, kind FROM outbox JOIN ledger ON ledger.seq = outbox.seq "
        "WHERE username IS NULL AND state = 'held' AND json_extract(body, '$.badge') = ? ORDER BY outbox.seq",
        [fingerprint],
    )
    return [(seq, kind) for seq, kind in rows]


def assign(db: Database, seq: int, username: str, kind: Kind, lanes: Sequence[str]) -> None:
    """Give an unknown badge's punch to an employee; it is sent from now on.

    Args:
        db: the open database.
        seq: the punch, which is in the attendance lane while it is nobody's.
        username: who it belongs to.
        kind: what it was.
        lanes: what it concerns.
    """
    db.execute("UPDATE outbox SET username = ?, kind = ? WHERE seq = ?", [username, kind.value, seq])
    if PROJECT in lanes:
        columns = "ord, username, kind, client, project, at_us, offset_s, clock, state, held_code, tracker"
        db.execute(
            f"INSERT INTO outbox (seq, lane, {columns}) SELECT seq, ?, {columns} FROM outbox WHERE seq = ?",
            [PROJECT, seq],
        )
    if ATTENDANCE not in lanes:
        db.execute("DELETE FROM outbox WHERE seq = ? AND lane = ?", [seq, ATTENDANCE])
    for lane, state in by_seq(db, seq):
        if state is State.HELD:
            release(db, seq, lane)


def explain(db: Database, seq: int, code: str, because: str) -> None:
    """Say what a held punch waits for now, when that is something else than before."""
    db.execute(
        "UPDATE outbox SET held_code = ?, held_because = ? WHERE seq = ? AND state = 'held' AND held_code IS NOT ?",
        [code, because, seq, code],
    )


def explain_stray(db: Database, seq: int, username: str) -> None:
    """Say why a stray cannot be given without a person: later punches make its direction a guess."""
    db.execute(
        "UPDATE outbox SET username = ?, held_code = 'direction', held_because = ? WHERE seq = ?",
        [
            username,
            "there are later punches, so in or out would be a guess: clockd punches amend ID --kind in|out",
            seq,
        ],
    )


def toggled_kind(db: Database, username: str, seq: int, max_shift_s: float) -> Kind | None:
    """Say what a bare tap in the past meant: toggled from the punch before it; None when punches follow it."""
    follows = db.execute(
        "SELECT 1 FROM outbox WHERE username = ? AND seq > ? AND voided = 0 LIMIT 1", [username, seq]
    ).fetchone()
    if follows:
        return None
    row = db.execute(
        "SELECT o.kind, s.at_us - o.at_us FROM outbox o JOIN outbox s ON s.seq = ?2 "
        "WHERE o.username = ?1 AND o.ord < s.ord AND o.voided = 0 AND o.kind IS NOT NULL AND o.kind != 'project' "
        "ORDER BY o.ord DESC LIMIT 1",
        [username, seq],
    ).fetchone()
    if row is None or row[0] == Kind.OUT.value or row[1] > max_shift_s * 1e6:
        return Kind.IN
    return Kind.RESUME if row[0] == Kind.BREAK.value else Kind.OUT


def totals(db: Database, since_us: int) -> tuple[int, int]:
    """Return how many punches there are, and how many since a time."""
    row = db.execute(
        "SELECT count(DISTINCT seq), count(DISTINCT CASE WHEN at_us >= ? THEN seq END) FROM outbox", [since_us]
    ).fetchone()
    return int(row[0]), int(row[1])


def open_shifts(db: Database, now: Now, max_shift_s: float) -> list[tuple[int, str, int, int]]:
    """Return (seq, username, at_us, raw wall_us) of each `in` whose `out` is missing."""
    rows = db.execute(
        "SELECT o.seq, o.username, o.at_us, l.wall_us, "
        "(SELECT kind FROM outbox n WHERE n.username = o.username AND n.ord > o.ord AND n.lane = 'attendance' "
        " AND n.voided = 0 AND n.kind != 'project' ORDER BY n.ord LIMIT 1) AS next "
        "FROM outbox o JOIN ledger l ON l.seq = o.seq WHERE o.lane = 'attendance' AND o.voided = 0 "
        "AND o.kind IN ('in', 'resume') AND o.state NOT IN ('ignored', 'void') AND o.username IS NOT NULL "
        "AND (next IN ('in') OR (next IS NULL AND o.at_us < ?))",
        [now.wall_us - round(max_shift_s * 1e6)],
    )
    return [(seq, username, at_us, wall_us) for seq, username, at_us, wall_us, _ in rows]


def over_clock_changes(db: Database, since_us: int) -> list[tuple[str, int, int, int, int]]:
    """Return (username, at_us, offset_s, at_us, offset_s) of each interval since a time whose ends differ in offset."""
    rows = db.execute(
        "SELECT username, before_us, before_s, at_us, offset_s FROM (SELECT username, kind, at_us, offset_s, "
        "lag(kind) OVER own AS before, lag(at_us) OVER own AS before_us, lag(offset_s) OVER own AS before_s "
        "FROM outbox WHERE lane = ? AND voided = 0 AND state NOT IN ('ignored', 'void') AND clock != 'uncertain' "
        "AND username IS NOT NULL AND kind != 'project' AND at_us >= ? "
        "WINDOW own AS (PARTITION BY username ORDER BY ord)) "
        "WHERE kind IN ('out', 'break') AND before IN ('in', 'resume') AND before_s != offset_s ORDER BY at_us",
        [ATTENDANCE, since_us],
    )
    return [tuple(row) for row in rows]


def counts(db: Database) -> dict[str, int]:
    """Return how many punches are in each state; a punch with two lanes counts by the one that is further behind."""
    worse = " ".join(f"WHEN '{state.value}' THEN {rank}" for state, rank in _BEHIND.items())
    by_rank = {rank: state.value for state, rank in _BEHIND.items()}
    rows = db.execute(
        "SELECT behind, count(*) FROM "
        f"(SELECT max(CASE state {worse} END) AS behind FROM outbox GROUP BY seq) GROUP BY behind"
    )
    return {state.value: 0 for state in State} | {by_rank[rank]: count for rank, count in rows}


def oldest_open_us(db: Database) -> int | None:
    """Return the time of the oldest punch that is neither booked nor held."""
    row = db.execute(
        f"SELECT min(at_us) FROM outbox INDEXED BY outbox_open WHERE state IN {OPEN_STATES} AND state != 'held'"
    ).fetchone()
    return None if row is None else row[0]


_ITEM_COLUMNS = (
    "outbox.seq, username, kind, client, project, at_us, offset_s, clock, voided, state, held_code, held_because, "
    "blocks, entry_ids, via, mark, attempts, sent_us, sent_boot, first_sent_us, due_us, due_boot, last_write, "
    "last_error, done_us, done_boot, boottime_us, boot_seq"
)
_FROM_LEDGER = "JOIN ledger ON ledger.seq = outbox.seq"


def _item(row: Any, now: Now) -> Item:
    seq, username, kind, client, project, at_us, offset_s, clock, voided, state, held_code, held_because, *more = row
    blocks, entry_ids, via, mark, attempts, sent_us, sent_boot, first_sent_us, due_us, due_boot, *more = more
    last_write, last_error, done_us, done_boot, boottime_us, boot_seq = more
    due_s = (due_us or 0) / 1e6
    if due_boot is not None and due_boot != now.boot_seq:
        # the quarantine of an earlier boot begins anew with this one
        due_s = max(0.0, ((due_us or 0) - (sent_us or 0)) / 1e6)
    # how long ago the tap was: by boottime within one boot, which no step of the wall clock can touch
    age_us = now.boottime_us - boottime_us if boot_seq == now.boot_seq else now.wall_us - at_us
    return Item(
        seq=seq,
        username=username,
        kind=Kind(kind),
        at=ledger.from_us(at_us),
        offset_s=offset_s,
        state=State(state),
        project=Project(client or "", project) if project else None,
        clock=ClockQuality(clock),
        voided=bool(voided),
        held=Held(held_code, held_because, bool(blocks)) if held_code else None,
        entry_ids=() if entry_ids == "[]" else tuple(json.loads(entry_ids)),
        via=via or None,
        mark=mark or None,
        attempts=attempts,
        sent_s=_of_this_boot_s(sent_us, sent_boot, now),
        first_sent_age_s=None if first_sent_us is None else (now.wall_us - first_sent_us) / 1e6,
        due_s=due_s,
        write=last_write or None,
        last_error=last_error or None,
        done_s=_of_this_boot_s(done_us, done_boot, now),
        age_s=age_us / 1e6,
        same_boot=boot_seq == now.boot_seq,
    )


def _of_this_boot_s(boottime_us: int | None, boot_seq: int | None, now: Now) -> float | None:
    """Boottime in seconds; what an earlier boot did was before everything of this one."""
    if boottime_us is None:
        return None
    return boottime_us / 1e6 if boot_seq == now.boot_seq else 0.0


# --- the view for people ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a punch is, over its lanes: the one that is furthest behind speaks."""

    state: State
    entry_ids: tuple[str, ...]
    attempts: int
    last_error: str | None
    held: Held | None
    via: str | None


def punches(
    db: Database,
    tag: int,
    *,
    limit: int | None = None,
    state: str | None = None,
    username: str | None = None,
    seq: int | None = None,
) -> Iterator[tuple[Punch, Delivery]]:
    """Return punches as they count now, newest first, with their deliveries.

    Args:
        db: the open database.
        tag: the installation's tag, for the ids.
        limit: at most so many; None for all.
        state: only with a delivery in this state.
        username: only of this employee.
        seq: only this one.
    """
    where, values = ["(o.lane = 'attendance' OR a.seq IS NULL)"], list[object]()
    if state is not None:
        where.append("(o.state = ? OR p.state = ?)")
        values += [state, state]
    if username is not None:
        where.append("o.username = ?")
        values.append(username)
    if seq is not None:
        where.append("o.seq = ?")
        values.append(seq)
    values.append(-1 if limit is None else limit)
    rows = db.execute(
        "SELECT o.seq, o.username, o.kind, o.client, o.project, o.at_us, o.offset_s, o.clock, o.earliest_us, "
        "o.latest_us, o.voided, l.wall_us, l.boottime_us, l.boot_seq, l.trusted, l.body, b.boot_id, "
        f"{_DELIVERY.format(t='o')}, {_DELIVERY.format(t='p')} "
        "FROM outbox o JOIN ledger l ON l.seq = o.seq LEFT JOIN boot b ON b.seq = l.boot_seq "
        "LEFT JOIN outbox a ON a.seq = o.seq AND a.lane = 'attendance' "
        "LEFT JOIN outbox p ON p.seq = o.seq AND p.lane = 'project' "
        f"WHERE {' AND '.join(where)} ORDER BY o.seq DESC LIMIT ?",
        values,
    )
    for row in rows:
        yield _punch(row[:17], tag), _worse(_delivery(row[17:26]), _delivery(row[26:35]))


def punch(db: Database, tag: int, seq: int) -> tuple[Punch, Delivery] | None:
    """Return one punch."""
    return next(punches(db, tag, seq=seq, limit=1), None)


_DELIVERY = (
    "{t}.state, {t}.entry_ids, {t}.attempts, {t}.last_error, {t}.held_code, {t}.held_because, {t}.blocks, "
    "{t}.via, {t}.seq"
)
_BEHIND = {
    State.HELD: 6,
    State.DOUBTFUL: 5,
    State.SENDING: 4,
    State.WAITING: 3,
    State.DELIVERED: 2,
    State.IGNORED: 1,
    State.VOID: 0,
}


def _delivery(row: Sequence[object]) -> Delivery | None:
    state, entry_ids, attempts, error, code, because, blocks, via, seq = row
    if seq is None:
        return None
    assert isinstance(attempts, int)
    held = Held(str(code), str(because), bool(blocks)) if code else None
    ids = tuple(json.loads(str(entry_ids)))
    return Delivery(
        State(str(state)), ids, attempts, None if error is None else str(error), held, str(via or "") or None
    )


def _worse(a: Delivery | None, b: Delivery | None) -> Delivery:
    assert a is not None
    return a if b is None or _BEHIND[a.state] >= _BEHIND[b.state] else b


def _punch(row: Sequence[object], tag: int) -> Punch:
    (seq, username, kind, client, project, at, offset, clock, earliest, latest, voided, wall, boottime, boot_seq,
     trusted, body_text, boot_id) = row  # fmt: skip
    assert isinstance(seq, int)
    assert isinstance(at, int)
    assert isinstance(offset, int)
    assert isinstance(wall, int)
    assert isinstance(boottime, int)
    assert isinstance(boot_seq, int)
    body = json.loads(str(body_text))
    bounds = None
    if clock == ClockQuality.UNCERTAIN:
        bounds = Bounds(
            None if earliest is None else ledger.from_us(int(str(earliest))),
            None if latest is None else ledger.from_us(int(str(latest))),
        )
    return Punch(
        seq=seq,
        id=ledger.punch_id(wall, tag, seq),
        username=None if username is None else str(username),
        kind=Kind(str(kind)) if kind else None,
        explicit=bool(body["explicit"]),
        project=Project(str(client or ""), str(project)) if project else None,
        at=ledger.from_us(at),
        offset_s=offset,
        zone=body["zone"],
        clock=ClockQuality(str(clock)),
        bounds=bounds,
        reading=Reading(ledger.from_us(wall), boottime / 1e6, str(boot_id), boot_seq, bool(trusted)),
        terminal=body["terminal"],
        reader=body["reader"],
        badge_tail=body["tail"],
        voided=bool(voided),
    )
