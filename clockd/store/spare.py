"""A copy of the database before a migration, for a person; nothing ever puts it back by itself (`schema.py`)."""

import logging
import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from clockd.store import files

log = logging.getLogger(__name__)

KEPT = 2
"""How many copies stay: the one of this migration, and the one before it."""
LEFT_BYTES = 4 * 1024 * 1024
"""How many bytes must stay free beside a copy: punches need them more."""
_COPY = re.compile(r"\.before-m(\d+)")


def make(db: Database, database: Path, coming: str) -> Path | None:
    """Copy an open database beside itself, whole and on disk, as `clockd.db.before-m004`; return where it is.

    Without room there is no copy and a warning: a migration only adds, and a door that waits for room records nothing.

    Args:
        db: the open database; its write-ahead log counts.
        database: its file.
        coming: short name of the migration.

    Raises:
        OSError: the disk refuses.
    """
    copy = database.with_name(f"{database.name}.before-{coming}")
    _forget(database, keep=KEPT - 1)
    pages, page_bytes = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    if shutil.disk_usage(database.parent).free < pages * page_bytes + LEFT_BYTES:
        log.warning("store: no room for a copy before the migration %s; it only adds, and is done without", coming)
        return None
    draft = copy.with_name(copy.name + ".new")
    draft.unlink(missing_ok=True)
    handle = files.create(draft)
    try:
        with closing(sqlite3.connect(draft)) as target:
            target.execute("PRAGMA synchronous = OFF")  # it is synced as a whole below
            db.conn.backup(target)
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.rename(copy)
    files.sync_folder(database.parent)
    log.info("store: %s is a copy of the database as it was before the migration %s", copy, coming)
    return copy


def _forget(database: Path, keep: int) -> None:
    """Remove all copies but the newest few."""
    found = [path for path in database.parent.glob(f"{database.name}.before-*") if _number(database, path) is not None]
    found.sort(key=lambda path: _number(database, path) or 0)
    for path in found[: len(found) - keep]:
        path.unlink()


def _number(database: Path, path: Path) -> int | None:
    match = _COPY.fullmatch(path.name.removeprefix(database.name))
    return int(match[1]) if match else None
