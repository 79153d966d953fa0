"""How a punch counts, where a person says something else than the tap did: its kind, its employee, whether it counts.

The ledger keeps what was recorded and who said what; here is what comes of it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlite_utils import Database

from clockd.core.decide import toggled
from clockd.core.delivery import Event, Held, HoldCode, Move, Now, State
from clockd.core.model import ClockQuality, Kind, Project, Punch, Reading
from clockd.core.sentence import said_kept
from clockd.store import deliveries, ledger
from clockd.store.dating import set_time
from clockd.store.outbox import ATTENDANCE, COUNTS, PROJECT, among, by_seq, put


def set_kind(db: Database, seq: int, kind: Kind) -> None:
    """Let a punch count as another kind; one that concerned a project timer alone becomes attendance."""
    db.execute(
        "UPDATE outbox SET kind = ?2 WHERE seq = ?1 AND (lane = ?3 OR kind != 'project' "
        "OR NOT EXISTS (SELECT 1 FROM outbox WHERE seq = ?1 AND lane = ?3))",
        [seq, kind.value, ATTENDANCE],
    )
    db.execute(
        "UPDATE outbox SET lane = ?2, last_write = NULL, entry_ids = '[]' WHERE seq = ?1 "
        "AND NOT EXISTS (SELECT 1 FROM outbox WHERE seq = ?1 AND lane = ?2)",
        [seq, ATTENDANCE],
    )


def set_employee(db: Database, seq: int, username: str) -> None:
    """Let a punch count as another employee's."""
    db.execute("UPDATE outbox SET username = ? WHERE seq = ?", [username, seq])


def say_so(db: Database, seq: int) -> None:
    """Note that a person said when a punch was, or that it truly is as it looks."""
    db.execute("UPDATE outbox SET mark = 'said' WHERE seq = ?", [seq])


def needs_a_word(db: Database, seq: int) -> bool:
    """Whether a punch is held until a person says that it is so: it is longer than a shift, or may have been sent."""
    rows = db.execute("SELECT held_code FROM outbox WHERE seq = ?", [seq])
    return any(code in (HoldCode.TOO_LONG, HoldCode.RESTORED) for (code,) in rows)


def mark_void(db: Database, seq: int) -> None:
    """Note that a punch was taken back; the planner then sees to what was booked already."""
    db.execute("UPDATE outbox SET voided = 1 WHERE seq = ?", [seq])


def is_voided(db: Database, seq: int) -> bool:
    """Whether a punch was taken back."""
    return bool(db.execute("SELECT max(voided) FROM outbox WHERE seq = ?", [seq]).fetchone()[0])


def lacking(db: Database, seq: int) -> str | None:
    """Say what must be known of a punch before it can be sent, and is not: employee, kind or time; None: nothing."""
    row = db.execute("SELECT username, kind, clock FROM outbox WHERE seq = ? LIMIT 1", [seq]).fetchone()
    username, kind, clock = row
    if username is None:
        return "employee"
    if kind is None:
        return "kind"
    return "time" if clock == ClockQuality.UNCERTAIN.value else None


def explain_hold(db: Database, seq: int, code: HoldCode, because: str) -> None:
    """Change the reason why a punch is held, if it is another one than before."""
    db.execute(
        "UPDATE outbox SET held_code = ?, held_because = ?, held_said = ? "
        "WHERE seq = ? AND state = 'held' AND held_code IS NOT ?",
        [code.value, because, said_kept(because), seq, code.value],
    )


@dataclass(frozen=True, slots=True)
class Addition:
    """A punch that a person says was made, or should have been."""

    username: str
    kind: Kind
    project: Project | None
    at: datetime
    offset_s: int
    place: int
    """In the employee's row of punches (`ord`)."""
    zone: str
    terminal: str
    reader: str = "admin"
    """Who says it: a reader's kind stands here otherwise."""


def insert(db: Database, addition: Addition, lanes: Mapping[str, Kind], reading: Reading, *, by: str, why: str) -> int:
    """Add a punch at its place; return its seq.

    Args:
        db: the open database.
        addition: the punch.
        lanes: what it concerns, and as what it counts there.
        reading: the clocks now.
        by: who adds it.
        why: for the ledger.
    """
    draft = ledger.Draft(
        username=addition.username,
        kind=addition.kind,
        explicit=True,
        project=addition.project,
        fingerprint="",
        badge_tail="",
        reading=reading,
        zone=addition.zone,
        offset_s=addition.offset_s,
        terminal=addition.terminal,
        reader=addition.reader,
    )
    seq = ledger.add_punch(db, draft)
    at_us, offset = ledger.to_us(addition.at), addition.offset_s
    ledger.add(db, "amend", seq, reading, {"at_us": at_us, "offset_s": offset, "by": by, "why": why})
    put(db, seq, draft, lanes=lanes, clock=ClockQuality.CORRECTED, tracker="")
    set_time(db, seq, at_us, offset, ClockQuality.CORRECTED)
    say_so(db, seq)
    db.execute("UPDATE outbox SET ord = ? WHERE seq = ?", [addition.place, seq])
    return seq


def insert_beside(
    db: Database,
    half: Punch,
    kind: Kind,
    at: datetime,
    offset: int,
    reading: Reading,
    *,
    by: str,
    why: str,
    reader: str = "admin",
) -> int:
    """Add the other half of an interval: an `out` right behind its `in`, an `in` right before its `out`."""
    assert half.username is not None
    place = place_of(db, half.seq) + (1 if kind is Kind.OUT else -1)
    addition = Addition(half.username, kind, None, at, offset, place, half.zone, half.terminal, reader)
    return insert(db, addition, {ATTENDANCE: kind}, reading, by=by, why=why)


def place_of(db: Database, seq: int) -> int:
    """Return a punch's place in the employee's row of punches."""
    return int(db.execute("SELECT min(ord) FROM outbox WHERE seq = ?", [seq]).fetchone()[0])


def strays(db: Database) -> dict[str, list[tuple[int, str | None]]]:
    """Return seq and kind of the punches that unknown badges made, oldest first, by fingerprint.

    One whose identifier was random is not among them: another tap with the same one is another card's.
    """
    rows = db.execute(
        "SELECT CASE WHEN json_valid(body) THEN json_extract(body, '$.badge') END, outbox.seq, kind, "
        "CASE WHEN json_valid(body) THEN json_extract(body, '$.random') END "
        "FROM outbox JOIN ledger ON ledger.seq = outbox.seq "
        f"WHERE username IS NULL AND state IN {among((State.HELD, State.STRANGER))} ORDER BY outbox.seq"
    )
    found = defaultdict[str, list[tuple[int, str | None]]](list)
    for fingerprint, seq, kind, random in rows:
        if random:
            continue
        found[fingerprint].append((seq, kind))
    return found


def project_of(db: Database, seq: int) -> Project | None:
    """Return the project that a punch names."""
    row = db.execute("SELECT client, project FROM outbox WHERE seq = ? AND project IS NOT NULL", [seq]).fetchone()
    return Project(row[0] or "", row[1]) if row else None


def assign(db: Database, seq: int, username: str, kind: Kind, lanes: Mapping[str, Kind], now: Now) -> None:
    """Give an unknown badge's punch to an employee; it is sent from now on.

    Args:
        db: the open database.
        seq: the punch, which is in the attendance lane while it is nobody's.
        username: who it belongs to.
        kind: what it was.
        lanes: the lanes it counts in, with its kind in each.
        now: the moment of it.
    """
    db.execute("UPDATE outbox SET username = ?, kind = ? WHERE seq = ?", [username, kind.value, seq])
    if PROJECT in lanes:
        columns = "ord, username, kind, client, project, at_us, offset_s, clock, state, held_code, tracker"
        db.execute(
            f"INSERT INTO outbox (seq, lane, {columns}) SELECT seq, ?, {columns} FROM outbox WHERE seq = ?",
            [PROJECT, seq],
        )
        db.execute("UPDATE outbox SET kind = ? WHERE seq = ? AND lane = ?", [lanes[PROJECT].value, seq, PROJECT])
    if ATTENDANCE not in lanes:
        db.execute("DELETE FROM outbox WHERE seq = ? AND lane = ?", [seq, ATTENDANCE])
    for lane, state in by_seq(db, seq):
        if state in ASKS:
            deliveries.move(db, Move(seq, ASKS[state]), lane, now)


ASKS = {State.HELD: Event.RELEASE, State.STRANGER: Event.ASSIGN}
"""How a punch that was nobody's begins to wait when it is somebody's."""


def explain_stray(db: Database, seq: int, username: str, now: Now) -> None:
    """Say why a stray cannot be given without a person: later punches make its direction a guess."""
    because = "there are later punches, so in or out would be a guess: clockd punches amend ID --kind in|out"
    db.execute("UPDATE outbox SET username = ? WHERE seq = ?", [username, seq])
    for lane, state in by_seq(db, seq):
        if state is State.STRANGER:
            deliveries.move(db, Move(seq, Event.HOLD, held=Held(HoldCode.DIRECTION, because)), lane, now)
    db.execute(
        "UPDATE outbox SET held_code = 'direction', held_because = ?, held_said = NULL WHERE seq = ?", [because, seq]
    )


def toggled_kind(db: Database, username: str, seq: int, max_shift_s: float) -> Kind | None:
    """Say what a bare tap in the past meant: toggled from the punch before it; None when punches follow it."""
    follows = db.execute(
        f"SELECT 1 FROM outbox WHERE username = ? AND seq > ? AND {COUNTS} LIMIT 1", [username, seq]
    ).fetchone()
    if follows:
        return None
    row = db.execute(
        "SELECT o.kind, s.at_us - o.at_us "
        f"FROM (SELECT * FROM outbox WHERE username = ?1 AND kind IS NOT NULL AND {COUNTS}) o "
        "JOIN outbox s ON s.seq = ?2 "
        "WHERE o.ord < s.ord "
        "AND (o.kind != 'project' OR o.lane = 'attendance') "
        "ORDER BY o.ord DESC LIMIT 1",
        [username, seq],
    ).fetchone()
    return toggled(Kind(row[0]), forgotten=row[1] > max_shift_s * 1e6) if row else Kind.IN
