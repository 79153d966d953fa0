"""A database that cannot be used is put aside, never deleted, and the door goes on with a new one.

A door that refuses to start records nothing; a door with a new database records every tap, as a stranger's when the
badge list went with the old file. What was put aside keeps its bytes beside the new one, and `clockd status` says so
until a person moves it away. A database that should be there and is not is told of in the same way: beside each
database stands a file that says that there is one.
"""

import logging
import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from clockd.store import files, journal

log = logging.getLogger(__name__)

SUFFIXES = ("", "-wal", "-journal")
KNOWN = ".known"
_KNOWN_TEXT = "clockd keeps its punches beside this file. If they are not there, clockd status says so.\n"
_GONE_TEXT = "The database was not here when clockd started, and a new one began. Delete this file when you know why.\n"
DAMAGED, REPLACED = "damaged", "replaced"
"""Why a database was put aside, in its name."""
_ASIDE = re.compile(r"\.((?:damaged|replaced)-\d+)(-wal|-journal)?")
_GONE = re.compile(r"\.gone-(\d+)")
_MIGRATIONS = "_sqlite_migrations"


@dataclass(frozen=True, slots=True)
class Unfit:
    """Files that cannot be used: they have to be put aside."""

    why: str
    """What the database is, as the end of a sentence that begins with its name."""
    suffixes: Sequence[str] = SUFFIXES
    """Suffixes of the files that have to be put aside."""


@dataclass(frozen=True, slots=True)
class DatabaseGone:
    """The database is missing, though it was there before."""

    why: str = "is gone"


def look_at(database: Path) -> Unfit | DatabaseGone | None:
    """Say what is wrong with a database, as far as it can be told without opening it; nothing is touched.

    Raises:
        OSError: it cannot be read.
    """
    if database.is_dir():
        return Unfit("is a folder")
    known = database.with_name(database.name + KNOWN).exists()
    log_bytes = files.size_of(database.with_name(database.name + "-wal"))
    if not files.size_of(database):
        if log_bytes:
            return Unfit("is missing or empty, and its journal is still there")
        if known:
            return Unfit("is empty, and was not") if database.exists() else DatabaseGone()
        return None
    tables = _tables(database)
    if tables is not None:
        if tables - {_MIGRATIONS} and "ledger" not in tables:
            return Unfit("belongs to another program")
        if not tables and not log_bytes and known:
            return Unfit("holds nothing, and did")
    why = journal.foreign(database, database.with_name(database.name + "-wal"))
    if why is not None:
        return Unfit(f"goes on without what is in its journal: {why}", ("-wal",))
    if tables:  # before there are any, one of its own may be left by a cut at the very first start
        why = journal.rolls_back(database, database.with_name(database.name + "-journal"))
    return None if why is None else Unfit(f"goes on without what is in its journal: {why}", ("-journal",))


def _tables(database: Path) -> set[str] | None:
    """Return the names of the tables, as of the last checkpoint; None when that cannot be read."""
    try:
        with closing(peek(database)) as connection:
            return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return None


def peek(database: Path) -> sqlite3.Connection:
    """Open a database so that nothing of it can change: without its journals, and without a lock."""
    return sqlite3.connect(f"file:{quote(str(database))}?immutable=1", uri=True)


def mark_known(database: Path) -> None:
    """Leave the file that says that there is a database. A disk that refuses it is no trouble."""
    path = database.with_name(database.name + KNOWN)
    if path.exists():
        return
    try:
        _leave(path, _KNOWN_TEXT)
    except OSError as error:
        log.warning("store: %s cannot be written: %s", path, error.strerror)


def kept_aside(database: Path) -> Sequence[str]:
    """Return the names of what was put aside beside this database: one for each time."""
    found = dict[str, str]()
    for path in sorted(database.parent.glob(f"{database.name}.*")):
        rest = path.name.removeprefix(database.name)
        if match := _ASIDE.fullmatch(rest):
            found.setdefault(match[1], path.name)
        elif _GONE.fullmatch(rest):
            found[rest] = path.name
    return sorted(found.values())


def tell_gone(database: Path) -> str:
    """Leave a file that says that the database was gone; return its name.

    Raises:
        OSError: the disk refuses.
    """
    number = 1
    while (path := database.with_name(f"{database.name}.gone-{number}")).exists():
        number += 1
    _leave(path, _GONE_TEXT)
    return path.name


def _leave(path: Path, text: str) -> None:
    handle = files.create(path)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    files.sync_folder(path.parent)


def put_aside(database: Path, suffixes: Sequence[str] = SUFFIXES, why: str = DAMAGED) -> str:
    """Give a damaged database and its journals other names; return the first new one.

    A cut in between loses nothing: first everything has both names, and then the old ones go, the database's first,
    since SQLite throws away a journal without a database, and never the other way round.

    Args:
        database: the file.
        suffixes: of the files that go; empty for the database itself.
        why: DAMAGED or REPLACED.

    Raises:
        OSError: the disk refuses.
    """
    number = 1
    while any(_beside(database, f"{why}-{number}", suffix).exists() for suffix in SUFFIXES):
        number += 1
    present = [suffix for suffix in suffixes if database.with_name(database.name + suffix).exists()]
    if database.is_dir():  # which can have one name only
        database.rename(_beside(database, f"{why}-{number}", ""))
        present.remove("")
    for suffix in present:
        os.link(database.with_name(database.name + suffix), _beside(database, f"{why}-{number}", suffix))
    files.sync_folder(database.parent)
    for suffix in present:
        database.with_name(database.name + suffix).unlink()
    files.sync_folder(database.parent)
    names = (_beside(database, f"{why}-{number}", suffix) for suffix in SUFFIXES)
    return next(path.name for path in names if path.exists())


def _beside(database: Path, which: str, suffix: str) -> Path:
    return database.with_name(f"{database.name}.{which}{suffix}")
