"""The ledger: what happened, in order, each row carrying the hash of the row before it.

    what       about a punch                        body
    punch      somebody tapped                      who, kind, explicit, project, time_type, badge, zone, offset,
                                                    terminal, reader
    assign     an unknown badge got its employee    username, kind
    disown     a person said: its badge is nobody's by, why
    own        the same taken back                  by, why
    move       booked anew under another name       by, why, new (seq of the punch that stands for it)
    badge      a badge got an owner                 username, tail, by, why, from (whose it was before)
    badges     a list of badges was imported        count, by, why (a row `badge` for each of them follows)
    revoke     a badge was taken away               username, tail, by, why
    rename     an employee has another username     old, new, by (about nobody's punch: punch_seq is its own seq)
    account    who may sign in at the page          name, change, role, by (about nobody's punch)
    correct    true time arrived                    at_us, offset_s, clock
    amend      a person set the time                at_us, offset_s, by, why
    void       taken back                           by, why
    ignore     a person said: not to be booked      by, why
    retry      a person said: try again             by, why
    propose    a correction waits for a yes         way, by, why, owners, and what it says
    agree      its owner said yes                   correction (place of the row above), by, username, why
    refuse     its owner said no                    correction, by, username, why
    silence    its owner did not answer in time     correction, username
    withdraw   the office took it back              correction, by, why
    lapse      it could not be made any more        correction, why
    told       its owner was shown it at the door   correction, username
    delete     an entry was removed at the tracker  entry_id, why
    seal       rows of an older clockd hold         rows, hash, facts (see core/chain.py)
    discard    bodies of rows were discarded        places, because, by, why
    erase      an employee's data was erased        punches, bodies, by, why; nothing that says whose
    note       anything else worth keeping          text

Rows are never changed and never removed; a body may be discarded whole (`store/discarding.py`). The hash makes a later
edit visible (`clockd ledger verify`); it is no signature: who can rewrite the whole file can rewrite all hashes, so
export it or note the last hash elsewhere.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlite_utils import Database

from clockd.core import chain
from clockd.core.chain import GENESIS as GENESIS
from clockd.core.ids import punch_id as punch_id
from clockd.core.ids import seq_of as seq_of
from clockd.core.json import Json
from clockd.core.model import Kind, Project, Reading
from clockd.core.sentence import sentence

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LAST_SEQ = 2**32 - 1
"""The highest place in the ledger: a punch's id has 32 bits for it."""
EARLIEST_US = -62_135_510_400_000_000
"""The earliest time that Python has in every zone, in microseconds since 1970: 2 January of the year 1."""
LATEST_US = 253_402_214_399_999_999
"""The latest time that Python has in every zone, in microseconds since 1970: the end of 30 December 9999."""
MOST_BOOTTIME_US = 3_155_760_000_000_000
"""A hundred years in microseconds: no machine runs so long, and no clock is so wrong."""
SHORTEST_END = 4
"""Digits at the end of an id that name a punch."""

UNREADABLE_KEY = "unreadable "
"""What stands before the key of a cell of `meta` that was damaged."""

Body = Mapping[str, bool | int | float | str | None]


def to_us(at: datetime) -> int:
    """Turn an aware datetime into microseconds since 1970, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def from_us(us: int) -> datetime:
    """Turn microseconds since 1970 into an aware UTC datetime, exactly."""
    return _EPOCH + us * _MICROSECOND


def nearest(us: int) -> datetime:
    """Turn microseconds since 1970 into the nearest possible time, for people; a damaged cell may hold any number."""
    return from_us(min(max(us, EARLIEST_US), LATEST_US))


def possible_us(us: int | None) -> int | None:
    """Return microseconds since 1970 as they are; None when they are no time (a cell that was damaged)."""
    return us if us is not None and EARLIEST_US <= us <= LATEST_US else None


@dataclass(frozen=True, slots=True)
class Draft:
    """A punch that is about to be recorded."""

    username: str | None
    kind: Kind | None
    explicit: bool
    project: Project | None
    fingerprint: str
    badge_tail: str
    reading: Reading
    zone: str
    offset_s: int
    terminal: str
    reader: str
    random: bool = False
    """Its badge's identifier is another one at each tap, so that the fingerprint names nobody."""
    time_type: str | None = None
    """The time type that is worked on from then on; None: the usual one."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a tap was made with."""

    fingerprint: str
    tail: str
    random: bool
    """A phone or bank card, of which the fingerprint says nothing."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of the ledger as it stands."""

    seq: int
    what: str
    punch_seq: int
    wall_us: int
    boottime_us: int
    boot_seq: int
    trusted: bool
    body: Body


def add_punch(db: Database, draft: Draft) -> int:
    """Append a punch; return its seq."""
    body: Body = {
        "username": draft.username,
        "kind": draft.kind.value if draft.kind else None,
        "explicit": draft.explicit,
        "client": draft.project.client if draft.project else None,
        "project": draft.project.name if draft.project else None,
        "badge": draft.fingerprint,
        "tail": draft.badge_tail,
        "zone": draft.zone,
        "offset_s": draft.offset_s,
        "terminal": draft.terminal,
        "reader": draft.reader,
        **({"random": True} if draft.random else {}),
        **({"time_type": draft.time_type} if draft.time_type else {}),
    }
    return _append(db, "punch", None, draft.reading, body)


def add(db: Database, what: str, punch_seq: int | None, reading: Reading, body: Body) -> int:
    """Append something that was done, to a punch or (None) to none in particular; return the row's own seq."""
    return _append(db, what, punch_seq, reading, body)


def badge_of(db: Database, punch_seq: int) -> str | None:
    """Return the fingerprint of the badge that made a punch; None where a person added it."""
    found = card_of(db, punch_seq)
    return found.fingerprint if found else None


def card_of(db: Database, punch_seq: int) -> Card | None:
    """Return what made a punch; None where a person added it, or its row cannot be read."""
    row = db.execute("SELECT body FROM ledger WHERE seq = ?", [punch_seq]).fetchone()
    body = body_of(row[0]) if row else {}
    badge = body.get("badge")
    return Card(badge, str(body.get("tail") or ""), bool(body.get("random"))) if isinstance(badge, str) else None


def story_of(db: Database, punch_seq: int) -> Iterator[LedgerRow]:
    """Return the whole story of one punch, oldest first; reads all that came after it."""
    cursor = db.execute(
        "SELECT seq, what, punch_seq, wall_us, boottime_us, boot_seq, trusted, body FROM ledger "
        "WHERE seq = ? OR (seq > ? AND punch_seq = ?) ORDER BY seq",
        [punch_seq, punch_seq, punch_seq],
    )
    return (row_of(*row) for row in cursor)


def newest_seq(db: Database) -> int:
    """Return the place of the newest row that is no damaged one; 0 when there is none."""
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM ledger WHERE seq < ?", [_LAST_SEQ]).fetchone()[0])


def changes(db: Database, seqs: range) -> list[tuple[LedgerRow, int | None]]:
    """Return what was done by people and by clockd at these places of the ledger, newest first; no punch that was made.

    Rows that were discarded are left out: a row `discard` tells of them.

    Each comes with the wall clock, in microseconds since 1970, of the punch it is about; None where it is about none.
    """
    cursor = db.execute(
        "SELECT l.seq, l.what, l.punch_seq, l.wall_us, l.boottime_us, l.boot_seq, l.trusted, l.body, p.wall_us "
        "FROM ledger l LEFT JOIN ledger p ON p.seq = l.punch_seq AND p.what = 'punch' "
        "WHERE l.seq >= ? AND l.seq < ? AND l.what != 'punch' AND l.body != '' ORDER BY l.seq DESC",
        [seqs.start, seqs.stop],
    )
    return [(row_of(*row[:8]), row[8]) for row in cursor]


def hash_of(db: Database, seq: int) -> str | None:
    """Return the hash that a row carries; None where there is no such row."""
    row = db.execute("SELECT hash FROM ledger WHERE seq = ?", [seq]).fetchone()
    return None if row is None else str(row[0])


def every_row(db: Database) -> Iterator[LedgerRow]:
    """Return the whole ledger, oldest first."""
    cursor = db.execute(
        "SELECT seq, what, punch_seq, wall_us, boottime_us, boot_seq, trusted, body FROM ledger ORDER BY seq"
    )
    return (row_of(*row) for row in cursor)


def verify(db: Database, anchors: Iterable[chain.Head] = ()) -> chain.Followed:
    """Check every hash; return how far the chain holds, what is wrong, and what was discarded of it.

    A row that was edited, removed or moved breaks the chain at its place; rows cut off at the end are noticed by the
    outbox, which then knows punches the ledger does not. That all of it was rewritten is noticed by anchors.
    """
    # a backup of before m014 is checked before its tables are brought up to date
    is_older = not db.execute("SELECT 1 FROM pragma_table_info('ledger') WHERE name = 'digest'").fetchone()
    columns = _RAW.replace("salt, digest", "NULL, NULL") if is_older else _RAW
    found = chain.follow(map(_form, db.execute(f"SELECT {columns} FROM ledger ORDER BY seq")), anchors)
    beyond = db.execute("SELECT max(seq) FROM outbox").fetchone()[0]
    if found.wrong is None and (beyond or 0) > found.head.rows:
        return replace(found, wrong=sentence("rows after {last} are missing", last=found.head.rows))
    return found


def head(db: Database) -> chain.Head:
    """Return how long the chain is, and its last hash; nothing is checked, and no damaged place counts."""
    row = db.execute("SELECT seq, hash FROM ledger WHERE seq < ? ORDER BY seq DESC LIMIT 1", [_LAST_SEQ]).fetchone()
    return chain.Head(0, GENESIS) if row is None else chain.Head(row[0], row[1])


def raw_rows(db: Database, seqs: range) -> list[list[Json]]:
    """Return the rows at these places as they are stored, oldest first, as `core/chain.py` has them."""
    rows = db.execute(f"SELECT {_RAW} FROM ledger WHERE seq >= ? AND seq < ? ORDER BY seq", [seqs.start, seqs.stop])
    return [_form(row) for row in rows]


_RAW = ", ".join((*chain.FIELDS, "salt", "digest", "hash"))


def _form(row: Sequence[Any]) -> list[Json]:
    """Return a row in its own form: one that an older clockd wrote has neither salt nor digest."""
    *fields, salt, digest, hash_ = row
    if salt is None and digest is None:
        return [*fields, hash_]
    return [*fields, *(None if cell is None else cell.hex() for cell in (salt, digest)), hash_]


def terminal_tag(db: Database, fresh: int) -> int:
    """Return this installation's 48-bit tag, which keeps punch ids of two terminals apart.

    One that cannot be read is kept under another key, and a fresh one takes its place.

    Args:
        db: the open database.
        fresh: 48 random bits, used when there is no tag yet.
    """
    row = db.execute("SELECT value FROM meta WHERE key = 'terminal_tag'").fetchone()
    if row and row[0].isascii() and row[0].isdecimal():
        return int(row[0])
    if row:
        db.execute("UPDATE OR IGNORE meta SET key = ? WHERE key = 'terminal_tag'", [f"{UNREADABLE_KEY}terminal_tag"])
        db.execute("DELETE FROM meta WHERE key = 'terminal_tag'")
    db.execute("INSERT INTO meta (key, value) VALUES ('terminal_tag', ?)", [str(fresh)])
    return fresh


def named_by(db: Database, tag: int, part: str, seqs: range) -> list[tuple[int, str]]:
    """Return (seq, id) of the punches at these places whose id begins or ends with a text; none that was discarded.

    Args:
        db: the open database.
        tag: the installation's.
        part: upper-case digits of an id; at its end at least `SHORTEST_END` of them count.
        seqs: places in the ledger; a tap waits for what is read at once.
    """
    rows = db.execute(
        "SELECT seq, wall_us FROM ledger WHERE seq >= ? AND seq < ? AND what = 'punch' AND body != ''",
        [seqs.start, seqs.stop],
    )
    ids = ((seq, punch_id(wall_us, tag, seq)) for seq, wall_us in rows)
    ends = len(part) >= SHORTEST_END
    return [(seq, text) for seq, text in ids if text.startswith(part) or (ends and text.endswith(part))]


def _append(db: Database, what: str, punch_seq: int | None, reading: Reading, body: Body) -> int:
    last = db.execute("SELECT seq, hash FROM ledger WHERE seq < ? ORDER BY seq DESC LIMIT 1", [_LAST_SEQ]).fetchone()
    seq, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    fields = [
        seq,
        what,
        punch_seq or seq,
        to_us(reading.wall_at),
        round(reading.boottime_s * 1_000_000),
        reading.boot_seq,
        int(reading.trusted),
        text,
    ]
    salt = secrets.token_hex(SALT_BYTES)
    digest = chain.body_digest(salt, text)
    db.execute(
        f"INSERT INTO ledger ({_RAW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [*fields, bytes.fromhex(salt), bytes.fromhex(digest), chain.link_digest(previous, fields, digest)],
    )
    return int(seq)


SALT_BYTES = 16
"""Random bytes in each digest: nobody tries them out to find what a body said."""


def body_of(text: str) -> Body:
    """Read a row's body; an empty one when the cell was damaged, which `verify` tells."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def row_of(
    seq: int, what: str, punch_seq: int, wall_us: int, boottime_us: int, boot_seq: int, trusted: int, body: str
) -> LedgerRow:
    """Return a row as it is stored, with its body read."""
    return LedgerRow(seq, what, punch_seq, wall_us, boottime_us, boot_seq, bool(trusted), body_of(body))
