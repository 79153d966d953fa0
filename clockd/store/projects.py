"""The projects that the tracker showed last, so that keys can page through them without a network.

They stand in `meta`, of which a damaged card may return anything: what cannot be read was never seen.
"""

import json
from collections.abc import Sequence
from contextlib import suppress

from sqlite_utils import Database

from clockd.core.model import Project
from clockd.core.wire import canonical_user
from clockd.store.outbox import COUNTS

MOST_RECENT = 100
"""So many of somebody's punches are looked through for what they worked on lately."""
_EVERYBODY = "projects"
_OF_ONE = "projects of "


def keep(db: Database, account: str, username: str | None, projects: Sequence[Project]) -> None:
    """Keep what a tracker's account showed of one employee, or of everybody where none is named."""
    rows = [[each.client, each.name] for each in projects]
    value = json.dumps({"account": account, "projects": rows})
    db.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", [_key(username), value])


def shown_last(db: Database, account: str, username: str | None) -> tuple[Project, ...] | None:
    """Return what this account showed last of one employee, or of everybody; None when that was never read."""
    row = db.execute("SELECT value FROM meta WHERE key = ?", [_key(username)]).fetchone()
    with suppress(ValueError, TypeError, KeyError):
        found = json.loads(row[0]) if row is not None else None
        if found is not None and found["account"] == account:
            return tuple(Project(str(client), str(name)) for client, name in found["projects"])
    return None


def forget(db: Database, username: str) -> None:
    """Forget what was shown of one employee."""
    db.execute("DELETE FROM meta WHERE key = ?", [_key(username)])


def recent(db: Database, username: str) -> Sequence[Project]:
    """Return what an employee worked on, the latest first."""
    rows = db.execute(
        "SELECT client, project FROM (SELECT client, project, ord FROM outbox INDEXED BY outbox_of_employee "
        f"WHERE username = ? AND {COUNTS} ORDER BY ord DESC LIMIT ?) WHERE project IS NOT NULL ORDER BY ord DESC",
        [username, MOST_RECENT],
    ).fetchall()
    return list(dict.fromkeys(Project(client or "", str(name)) for client, name in rows))


def _key(username: str | None) -> str:
    return _EVERYBODY if username is None else f"{_OF_ONE}{canonical_user(username)}"
