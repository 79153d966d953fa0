"""A database that is damaged is put aside, never deleted, and the door goes on with a new one.

A door that refuses to start records nothing; a door with a new database records every tap, as a stranger's when the
badge list went with the old file. The old file keeps its bytes beside it, and `clockd status` says so until a person
moves it away.
"""

import os
from collections.abc import Sequence
from pathlib import Path

SUFFIXES = ("", "-wal", "-journal")


def kept_aside(database: Path) -> Sequence[str]:
    """Return the names of the damaged databases beside this one."""
    found = database.parent.glob(f"{database.name}.damaged-*")
    return sorted(path.name for path in found if path.name.rpartition("-")[2].isdigit())


def put_aside(database: Path) -> str:
    """Give a damaged database and its journals other names; return the new one.

    A cut in between loses nothing: first everything has both names, and then the old ones go, the database's first,
    since SQLite throws away a journal without a database, and never the other way round.

    Raises:
        OSError: the disk refuses.
    """
    number = 1
    while any(_beside(database, number, suffix).exists() for suffix in SUFFIXES):
        number += 1
    present = [suffix for suffix in SUFFIXES if database.with_name(database.name + suffix).exists()]
    for suffix in present:
        os.link(database.with_name(database.name + suffix), _beside(database, number, suffix))
    sync_folder(database.parent)
    for suffix in present:
        database.with_name(database.name + suffix).unlink()
    sync_folder(database.parent)
    return _beside(database, number, "").name


def sync_folder(folder: Path) -> None:
    """Let the names in a folder be on disk.

    Raises:
        OSError: the disk refuses.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _beside(database: Path, number: int, suffix: str) -> Path:
    return database.with_name(f"{database.name}.damaged-{number}{suffix}")
