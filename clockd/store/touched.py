"""Tells whose outbox rows changed, so that plans are made anew for these alone, and a long backlog delays no tap.

Triggers note it, which no statement can forget, in a table of the connection that never reaches the disk. A connection
that was opened anew knows nothing of before, and says so.
"""

from dataclasses import dataclass

from sqlite_utils import Database

_NOTE = "INSERT OR REPLACE INTO touched VALUES ({row}.username, (SELECT 1 + coalesce(max(n), 0) FROM touched))"
_TRIGGERS = {"INSERT": ("new",), "UPDATE": ("old", "new"), "DELETE": ("old",)}


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed since a mark."""

    mark: int
    """The mark to give the next time."""
    usernames: frozenset[str]
    everybody: bool
    """Whether the connection is a new one, so that any row may have changed."""

    def concerns(self, username: str) -> bool:
        """Whether rows of this employee changed."""
        return self.everybody or username in self.usernames


def since(db: Database, mark: int) -> Touched:
    """Return whose rows changed since `mark`, this transaction included; on a new connection the noting begins."""
    noted = db.execute("SELECT 1 FROM temp.sqlite_temp_master WHERE name = 'touched'").fetchone()
    if not noted:
        _begin(db)
        return Touched(0, frozenset(), everybody=True)
    rows = db.execute("SELECT username, n FROM temp.touched WHERE n > ?", [mark]).fetchall()
    return Touched(max((n for _, n in rows), default=mark), frozenset(name for name, _ in rows), everybody=False)


def _begin(db: Database) -> None:
    db.execute("CREATE TEMP TABLE touched (username TEXT PRIMARY KEY, n INTEGER NOT NULL UNIQUE)")
    for verb, rows in _TRIGGERS.items():
        for row in rows:
            db.execute(
                f"CREATE TEMP TRIGGER touched_{verb}_{row} AFTER {verb} ON main.outbox "
                f"WHEN {row}.username IS NOT NULL BEGIN {_NOTE.format(row=row)}; END"
            )
