"""A backup becomes the store again. What stands in its place is put aside, never written over.

The restored store knows nothing of what was done since the backup was made, and says so (`restored.py`). A cut at any
point loses nothing: first the new database is whole and on disk, then what is there gets its other name, and then one
renaming puts the new one in its place.
"""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from clockd.config import Secret
from clockd.errors import PackageMissing, Refused, StoreUnusable
from clockd.store import copy, damage, files, ledger, restored
from clockd.store.archive import Backup, HeadProof, Ledger, SignedHead, UncheckedHead, UnsignedHead
from clockd.store.badges import Fingerprints
from clockd.store.lock import take_lock


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    ledger: Ledger
    proof: HeadProof
    aside: str | None
    """The name of what stood there; None when nothing did."""
    knows_pepper: bool
    """Whether the badges will be known at the door, as far as it can be told."""


def restore(
    backup: Backup, database: Path, now_us: int, pepper: Secret | None, key: str | None, *, older: bool
) -> Restored:
    """Put the database of a backup in its place.

    Args:
        backup: an open one.
        database: where it goes; its folder exists.
        now_us: wall time.
        pepper: the one in the backup, when it was opened.
        key: the public key that its terminal is known by; None: whoever signed it, or nobody.
        older: what stands there may hold more than the backup does.

    Raises:
        StoreInUse: a daemon runs.
        Refused: the backup is not whole, or not signed by that key; or what stands there holds more, and `older` is
            off.
        OSError: the disk refuses.
    """
    lock = take_lock(database)
    draft = database.with_name(f"{database.name}.restoring")
    try:
        found, proof = backup.take_database(draft)
        refuse_other_key(proof, key)
        if not older:
            _refuse_newer(database, draft)
        with closing(sqlite3.connect(draft)) as connection:
            newest = connection.execute("SELECT coalesce(max(at_us), 0) FROM outbox").fetchone()[0]
            restored.mark(connection, max(now_us, newest))
            connection.commit()
            connection.execute("PRAGMA journal_mode = DELETE")  # so that one file is all of it
            check = connection.execute("SELECT value FROM meta WHERE key = 'pepper_check'").fetchone()
        _sync(draft)
        knows_pepper = _keep_pepper(database.parent, pepper, None if check is None else str(check[0]))
        aside = _put_aside(database)
        draft.rename(database)
        files.sync_folder(database.parent)
        return Restored(found, proof, aside, knows_pepper)
    finally:
        for suffix in ("", *damage.SUFFIXES):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)
        os.close(lock)


def refuse_other_key(proof: HeadProof, key: str | None) -> None:
    """See that the ledger of a backup was signed by the key that its terminal is known by; None: by any, or by none.

    Raises:
        Refused: it was not, or that cannot be told here.
    """
    if key is None:
        return
    match proof:
        case SignedHead(key=signed_by) if signed_by == key:
            return
        case SignedHead(key=signed_by):
            why = f"the ledger in this backup is signed by another key, {signed_by[:16]}…"
        case UnsignedHead():
            why = "the ledger in this backup is not signed"
        case UncheckedHead():
            raise PackageMissing("a signature", "backup")
    raise Refused(why, hint="nothing was changed; without --key it is taken as it is")


def _refuse_newer(database: Path, draft: Path) -> None:
    """See that the backup holds all that stands there: both ledgers go the same way, and it is no shorter."""
    if not any(files.size_of(database.with_name(database.name + suffix)) for suffix in damage.SUFFIXES):
        return
    last = _last_row(database)
    if last is None:
        return  # it cannot be read: it is put aside as it is
    with closing(sqlite3.connect(draft)) as connection:
        row = connection.execute("SELECT hash FROM ledger WHERE seq = ?", [last[0]]).fetchone()
    if last[0] and (row is None or row[0] != last[1]):
        raise Refused(
            f"{database} holds punches that are not in this backup",
            hint="nothing was changed; take a newer backup, or with --older this one: what is there is put aside",
        )


def _last_row(database: Path) -> tuple[int, str] | None:
    """Return the last row of a ledger and its hash, of a copy: its log counts, and nothing of it is touched."""
    try:
        with copy.private(database) as look, closing(sqlite3.connect(look)) as connection:
            row = connection.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
    except (sqlite3.Error, StoreUnusable):
        return None
    return (0, ledger.GENESIS) if row is None else (int(row[0]), str(row[1]))


def _put_aside(database: Path) -> str | None:
    present = [s for s in damage.SUFFIXES if database.with_name(database.name + s).exists()]
    if not present:
        return None
    return damage.put_aside(database, damage.SUFFIXES, damage.REPLACED)


def _keep_pepper(folder: Path, pepper: Secret | None, check: str | None) -> bool:
    """Put the pepper of the backup in its place, unless the right one is there; return whether it is known."""
    place = folder / "badge-pepper"
    present = place.read_text().strip() if place.exists() else ""
    if present and (check is None or Fingerprints(Secret(present)).check == check):
        return True
    if pepper is None:
        return check is None
    if present:
        place.rename(folder / "badge-pepper.replaced")
    files.write(place, pepper.reveal().encode())
    return check is None or Fingerprints(pepper).check == check


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
