"""Whose outbox rows changed: so that a plan is made anew for them alone, and a long backlog delays no tap.

Kept by triggers, which no statement can forget, in a table of the connection: nothing of it reaches the disk. A
connection that is opened anew knows nothing, and says so.
"""

from dataclasses import dataclass

from sqlite_utils import Database

_NOTE = "INSERT OR REPLACE INTO touched VALUES ({row}.username, (SELECT 1 + coalesce(max(n), 0) FROM touched))"
_TRIGGERS = {"INSERT": ("new",), "UPDATE": ("old", "new"), "DELETE": ("old",)}


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed since a mark."""

    mark: int
    """To be given the next time."""
    usernames: frozenset[str]
    everybody: bool
    """The connection is a new one: any row may have changed."""

    def concerns(self, username: str) -> bool:
        """Whether rows of this employee changed."""
        return self.everybody or username in self.usernames


def since(db: Database, mark: int) -> Touched:
    """Return whose rows changed since `mark`, in this transaction too; begins to note it on a new connection."""
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
