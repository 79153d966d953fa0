"""A private copy of a database, to look at it without a change; the copy is gone afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clockd.errors import StoreInUse, StoreUnusable
from clockd.store import damage

COPY_TRIES = 5
"""How often a copy is tried while somebody writes to the database."""
_COPIED = ("", "-wal")
_NOTHING = "nothing was changed; the service puts it aside when it starts"


@contextmanager
def private(database: Path) -> Iterator[Path]:
    """Give a copy of a database and its write-ahead log, in a folder of its own, which nobody else may read.

    Raises:
        StoreInUse: it changes all the time.
        StoreUnusable: there is none, it cannot be read, or there is no room for a copy.
    """
    try:
        found = damage.look_at(database) if database.parent.is_dir() else damage.DatabaseGone()
        if found is not None:
            raise StoreUnusable(f"{database} {found.why}", hint=_NOTHING)
        if not database.exists():
            raise StoreUnusable(f"{database} does not exist", hint="the service makes it when it first starts")
        with tempfile.TemporaryDirectory(prefix="clockd-look-") as folder:
            copy = Path(folder) / database.name
            _copy(database, copy)
            yield copy
    except OSError as error:
        hint = "only the user clockd runs as may read it, and root; a copy needs room in $TMPDIR"
        raise StoreUnusable(f"{error.filename or database} cannot be read: {error.strerror}", hint=hint) from error


def _copy(database: Path, copy: Path) -> None:
    for _ in range(COPY_TRIES):
        before = _stamps(database)
        for suffix in _COPIED:
            source, target = (path.with_name(path.name + suffix) for path in (database, copy))
            target.unlink(missing_ok=True)
            if source.exists():
                shutil.copyfile(source, target)
        if _stamps(database) == before:
            return
    raise StoreInUse(f"{database} is in use by another clockd", hint="ask that one: --socket PATH")


def _stamps(database: Path) -> list[tuple[int, ...] | None]:
    """Return what changes when one of the files is written to."""
    found = list[tuple[int, ...] | None]()
    for suffix in _COPIED:
        try:
            stat = database.with_name(database.name + suffix).stat()
            found.append((stat.st_ino, stat.st_size, stat.st_mtime_ns))
        except FileNotFoundError:
            found.append(None)
    return found
