"""What is kept of an employee beside their punches (`discarding.py`), and the order to erase it, until it is done.

    badge, badge_end, stranger     their badges, those of before too
    meta                           which of their badges gives others out, and the projects that they were shown
    correction, correction_owner   what they were asked; in corrections of others' punches their name alone
    finding                        with their punches; what is said of none any more
    ledger                         rows that are about them: bodies (`core/erasure.py` says which)
    account                        an account of theirs is removed first, by a person
    boot, anchor, request, token, discarded     nothing of anybody

The order stands in `meta` from the first moment to the last: whatever is cut in between goes on at the next start.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlite_utils import Database

from clockd.core import chain
from clockd.core.chain import Because
from clockd.core.delivery import Now
from clockd.core.erasure import Mentions, Whereabouts
from clockd.core.model import Kind, Reading
from clockd.core.wire import canonical_user
from clockd.store import badges, ledger, outbox, projects, view
from clockd.store.outbox import OPEN_STATES

_ORDER, _REWRITE = "erasing", "to be rewritten"


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """That an employee's data is to be erased."""

    usernames: tuple[str, ...]
    """All that they had, the one of now first."""
    names: tuple[str, ...]
    """What they are called, where nobody else is."""
    fingerprints: tuple[str, ...]
    """Of their badges."""
    by: str
    why: str
    since: int
    """Place of the newest row of the ledger when it was ordered."""
    punches: int
    copies: bool
    """Whether clockd's own copies that name them are deleted as well."""

    @property
    def sought(self) -> tuple[str, ...]:
        """What is looked for in files."""
        return (*self.usernames, *self.names, *self.fingerprints)


def whereabouts(db: Database, username: str, now: Now) -> Whereabouts:
    """Return how somebody stands here."""
    last = outbox.last_item(db, username, now)

    def many(sql: str) -> int:
        return int(db.execute(sql, [username]).fetchone()[0])

    return Whereabouts(
        badges=many("SELECT count(*) FROM badge WHERE username = ? AND removed_us IS NULL"),
        unfinished=many(
            "SELECT count(DISTINCT seq) FROM outbox INDEXED BY outbox_open WHERE username = ? "
            f"AND state IN {OPEN_STATES}"
        ),
        is_in=last is not None and last.kind in (Kind.IN, Kind.RESUME, Kind.BREAK),
        asked=many(
            "SELECT count(*) FROM correction_owner o JOIN correction c ON c.number = o.number "
            "WHERE o.username = ? AND c.progress = 'asked'"
        ),
        accounts=many("SELECT count(*) FROM account WHERE username = ?"),
    )


def names_of(db: Database, usernames: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what they are called where nobody else is called so, and the fingerprints of their badges."""
    rows = db.execute("SELECT username, name, fingerprint FROM badge").fetchall()
    others = {name for username, name, _ in rows if username not in usernames}
    names = {name: None for username, name, _ in rows if username in usernames and name not in others}
    prints = tuple(print_ for username, _, print_ in rows if username in usernames)
    return tuple(name for name in names if name.strip() and name not in usernames), prints


def keep_order(db: Database, order: ErasureOrder) -> None:
    """Keep an order until it is done."""
    text = json.dumps(asdict(order), ensure_ascii=False)
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_ORDER, text])


def order(db: Database) -> ErasureOrder | None:
    """Return the order that is not done yet; None when there is none, or the cell was damaged."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [_ORDER]).fetchone()
    if row is None:
        return None
    try:
        found = json.loads(row[0])
        usernames, names, prints = (tuple(map(str, found[key])) for key in ("usernames", "names", "fingerprints"))
        by, why, since, punches = str(found["by"]), str(found["why"]), int(found["since"]), int(found["punches"])
        return ErasureOrder(usernames, names, prints, by, why, since, punches, bool(found["copies"]))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def end_order(db: Database) -> None:
    """Forget the order, since nothing of them is left, and note that the file is to be written anew."""
    db.execute("DELETE FROM meta WHERE key = ?", [_ORDER])
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, 'yes')", [_REWRITE])


def is_to_be_rewritten(db: Database) -> bool:
    """Whether something was erased since the file was written anew."""
    return db.execute("SELECT 1 FROM meta WHERE key = ?", [_REWRITE]).fetchone() is not None


def note_rewritten(db: Database) -> None:
    """Note that it was."""
    db.execute("DELETE FROM meta WHERE key = ?", [_REWRITE])


def punches_of(db: Database, usernames: Collection[str]) -> int:
    """Return how many punches these usernames have."""
    row = db.execute(
        "SELECT count(DISTINCT seq) FROM outbox WHERE username IN (SELECT value FROM json_each(?))",
        [json.dumps([*usernames])],
    ).fetchone()
    return int(row[0])


def bodies_since(db: Database, seq: int) -> int:
    """Return how many bodies were discarded for an erasure since a place of the ledger."""
    rows = db.execute("SELECT seq, body FROM ledger WHERE seq > ? AND what = ?", [seq, chain.DISCARD]).fetchall()
    told = ((at, ledger.body_of(text)) for at, text in rows)
    return sum(
        1
        for at, body in told
        if body.get("because") == Because.ERASURE.value
        for _ in chain.places_of(str(body.get("places")), at)
    )


def forget_person(db: Database, gone: ErasureOrder) -> None:
    """Remove what is kept of an employee beside their punches and the ledger."""
    for fingerprint in gone.fingerprints:
        badges.dismiss(db, fingerprint)
        badges.own(db, fingerprint)
        db.execute("DELETE FROM badge_end WHERE fingerprint = ?", [fingerprint])
        db.execute("DELETE FROM badge WHERE fingerprint = ? AND removed_us IS NOT NULL", [fingerprint])
    for username in gone.usernames:
        db.execute("DELETE FROM badge WHERE username = ? AND removed_us IS NOT NULL", [username])
        db.execute("DELETE FROM correction_owner WHERE username = ?", [username])
        projects.forget(db, canonical_user(username))
        for column in ("username", "old"):
            db.execute(f"UPDATE correction SET {column} = NULL WHERE {column} = ? AND way != 'rename'", [username])
        for column in ("was", "becomes"):
            db.execute(
                f"UPDATE correction SET {column} = json_set({column}, '$[0]', NULL) "
                f"WHERE json_valid({column}) AND json_extract({column}, '$[0]') = ?",
                [username],
            )
    these = [json.dumps(gone.usernames)]
    renames = (
        "SELECT number FROM correction WHERE way = 'rename' AND (old IN (SELECT value FROM json_each(?1)) "
        "OR username IN (SELECT value FROM json_each(?1)))"
    )
    db.execute(f"DELETE FROM correction_owner WHERE number IN ({renames})", these)
    db.execute(f"DELETE FROM correction WHERE number IN ({renames})", these)
    view.forget_unsaid(db)


def text_tables(db: Database) -> list[str]:
    """Return the tables that hold texts, but the ledger and the outbox, which are long."""
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    names = [name for (name,) in rows if name not in ("ledger", "outbox", "_sqlite_migrations")]
    return [name for name in names if _texts_of(db, name)]


def naming(db: Database, table: str, named: Mentions, seqs: range | None = None) -> list[str]:
    """Return the rows of a table that name somebody, each by its first column.

    Args:
        db: the open database.
        table: one of its tables.
        named: by these names.
        seqs: between these places of the ledger; None: all rows.
    """
    columns = _texts_of(db, table)
    first = db.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE cid = 0").fetchone()[0]
    where, values = ("", []) if seqs is None else ("WHERE seq >= ? AND seq < ?", [seqs.start, seqs.stop])
    rows = db.execute(f"SELECT {', '.join((first, *columns))} FROM {table} {where}", values)
    return list(_that_name(rows, named))


def _that_name(rows: Iterator[Sequence[object]], named: Mentions) -> Iterator[str]:
    for first, *texts in rows:
        if any(named.are_in(_ESCAPED.sub(_unescaped, str(text))) for text in texts if text is not None):
            yield str(first)


_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def _unescaped(found: re.Match[str]) -> str:
    """Return the letter that JSON wrote out."""
    return chr(int(found[1], 16))


def _texts_of(db: Database, table: str) -> list[str]:
    rows = db.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'").fetchall()
    return [name for (name,) in rows]


def note_erased(db: Database, done: ErasureOrder, body: ledger.Body, reading: Reading) -> int:
    """Write down that somebody's data was erased, and not whose; return the place of that row."""
    return ledger.add(db, "erase", None, reading, {**body, "by": done.by, "why": done.why})
