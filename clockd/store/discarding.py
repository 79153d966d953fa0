"""Discards bodies of the ledger, and what else is kept of a punch. A row that says so is written in the same moment.

    ledger      bodies of the punch and of all that was said of it since; their digests, times and hashes stay
    outbox      its deliveries, with what was sent and answered
    correction, correction_owner, finding       those of the punch
    badge, stranger, account, token, meta, …    nothing: they are of people and of the terminal, not of a punch

What an employee leaves in the tables of the last line, `erasing.py` takes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from clockd.core import chain
from clockd.core.chain import Because, Sealed
from clockd.core.delivery import FINISHED
from clockd.core.keeping import AgedPunch
from clockd.core.model import ClockQuality, Kind, Reading
from clockd.core.planning.item import DROPPED
from clockd.store import ledger
from clockd.store.outbox import ATTENDANCE, among
from clockd.store.stored import PUNCH_KINDS

_SEALED = "sealed"
"""Under which key it is kept up to which row of the ledger the last seal reaches."""


@dataclass(frozen=True, slots=True)
class DiscardReason:
    """Why bodies are discarded, for the ledger."""

    because: Because
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class AgedPiece:
    """Some punches of one employee, and where the next piece begins."""

    punches: tuple[AgedPunch, ...]
    last: int | None
    """Place (`ord`) of the last of them; None at the end."""


def aged(db: Database, username: str | None, after: int, most: int) -> AgedPiece:
    """Return punches of an employee, or (None) of nobody, as far as it matters for how long they are kept.

    Args:
        db: the open database.
        username: whose.
        after: -1, or `last` of the piece before.
        most: so many at once: a tap waits for them.
    """
    rows = db.execute(
        f"SELECT seq, ord, coalesce(max(CASE WHEN lane = '{ATTENDANCE}' THEN kind END), max(kind)), max(at_us), "
        f"max(clock = '{ClockQuality.UNCERTAIN.value}'), min(state IN {among(FINISHED)}), "
        f"max(state NOT IN {among(DROPPED)}), "
        "EXISTS (SELECT 1 FROM correction WHERE correction.seq = outbox.seq AND progress = 'asked') "
        "FROM outbox INDEXED BY outbox_of_employee WHERE username IS ? AND ord > ? "
        "GROUP BY ord, seq ORDER BY ord, seq LIMIT ?",
        [username, after, most],
    ).fetchall()
    found = list[AgedPunch]()
    for seq, _, kind, at_us, is_uncertain, is_finished, is_counted, is_asked in rows:
        at = None if is_uncertain or ledger.possible_us(at_us) is None else ledger.from_us(at_us)
        readable = kind is None or kind in PUNCH_KINDS
        settled = bool(is_finished) and not is_asked and readable
        counts = bool(is_counted) and username is not None
        found.append(AgedPunch(seq, _kind(kind), at, settled, counts))
    last = rows[-1][1] if len(rows) == most else None
    return AgedPiece(tuple(found), last)


def _kind(text: str | None) -> Kind | None:
    return None if text is None else PUNCH_KINDS.get(text)


def are_settled(db: Database, punches: Sequence[int]) -> bool:
    """Whether nothing of these punches is on its way, waits for a person, or for an answer to a correction."""
    row = db.execute(
        f"SELECT 1 FROM outbox WHERE seq IN (SELECT value FROM json_each(?1)) AND state NOT IN {among(FINISHED)} "
        "UNION ALL SELECT 1 FROM correction WHERE seq IN (SELECT value FROM json_each(?1)) AND progress = 'asked'",
        [json.dumps([*punches])],
    ).fetchone()
    return row is None


def punch_rows(db: Database, punches: Sequence[int]) -> list[int]:
    """Return the places of these punches in the ledger, and of all that was said of them since."""
    rows = db.execute(
        "SELECT seq FROM ledger WHERE seq IN (SELECT value FROM json_each(?1)) UNION "
        "SELECT seq FROM ledger INDEXED BY ledger_about WHERE punch_seq IN (SELECT value FROM json_each(?1)) "
        "AND what != 'punch' AND punch_seq != seq ORDER BY seq",
        [json.dumps([*punches])],
    )
    return [seq for (seq,) in rows]


def needs_seal(db: Database, seqs: Sequence[int]) -> bool:
    """Whether a row of an older clockd is among these which no seal covers."""
    row = db.execute(
        "SELECT 1 FROM ledger WHERE seq IN (SELECT value FROM json_each(?)) AND seq > ? AND digest IS NULL "
        "AND body != '' LIMIT 1",
        [json.dumps([*seqs]), _sealed(db)],
    ).fetchone()
    return row is not None


def seal(db: Database, sealed: Sealed, reading: Reading) -> None:
    """Write down that the rows of an older clockd were followed and hold."""
    body: ledger.Body = {"rows": sealed.rows, "hash": sealed.hash, "facts": sealed.facts, "by": "clockd"}
    ledger.add(db, chain.SEAL, None, reading, body)
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_SEALED, str(sealed.rows)])


def _sealed(db: Database) -> int:
    row = db.execute("SELECT value FROM meta WHERE key = ?", [_SEALED]).fetchone()
    return int(row[0]) if row is not None and row[0].isascii() and row[0].isdecimal() else 0


def discard(db: Database, seqs: Sequence[int], reason: DiscardReason, reading: Reading) -> int:
    """Discard the bodies of these rows that have one; return how many. A row that says so stands behind them."""
    rows = db.execute(
        "SELECT seq FROM ledger WHERE seq IN (SELECT value FROM json_each(?)) AND body != '' "
        f"AND what NOT IN ('{chain.DISCARD}', '{chain.SEAL}') "
        "AND NOT EXISTS (SELECT 1 FROM discarded WHERE discarded.seq = ledger.seq) ORDER BY seq",
        [json.dumps([*seqs])],
    ).fetchall()
    going = [seq for (seq,) in rows]
    if not going:
        return 0
    body: ledger.Body = {
        "places": chain.places_text(going), "because": reason.because.value, "by": reason.by, "why": reason.why,
    }  # fmt: skip
    by_seq = ledger.add(db, chain.DISCARD, None, reading, body)
    for seq in going:
        db.execute("INSERT INTO discarded (seq, by_seq) VALUES (?, ?)", [seq, by_seq])
        db.execute("UPDATE ledger SET body = '', salt = NULL WHERE seq = ?", [seq])
    return len(going)


def forget_punches(db: Database, punches: Sequence[int]) -> None:
    """Remove what else is kept of these punches."""
    these = [json.dumps([*punches])]
    among_these = "IN (SELECT value FROM json_each(?))"
    db.execute(
        f"DELETE FROM correction_owner WHERE number IN (SELECT number FROM correction WHERE seq {among_these})", these
    )
    for table in ("correction", "finding", "outbox"):
        db.execute(f"DELETE FROM {table} WHERE seq {among_these}", these)
