"""One clockd to a database: the lock beside it."""

import fcntl
import os
from pathlib import Path

from clockd.errors import StoreInUse
from clockd.store import files

LOCK = "clockd.lock"
"""The file whose lock keeps every other clockd out."""
LOCKS = Path("/proc/locks")
"""The kernel's list of all locks."""


def take_lock(database: Path) -> int:
    """Keep every other clockd from a database, until the descriptor that is returned is closed.

    Raises:
        StoreInUse: another one has it.
        OSError: the disk refuses.
    """
    lock = files.create(database.parent / LOCK)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise _in_use(database) from None
    return lock


def check_unused(database: Path, locks: Path = LOCKS) -> None:
    """Say whether `take_lock` would find another clockd; the lock is not touched, so that one that starts gets it.

    Args:
        database: whose lock is looked for.
        locks: the list of all locks.

    Raises:
        StoreInUse: another one has it.
        OSError: the folder may not be looked into.
    """
    try:
        found = os.stat(database.parent / LOCK)
    except FileNotFoundError:
        return
    device = f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}"
    for line in locks.read_text().splitlines():
        _, is_flock, held = line.partition("FLOCK")
        words = held.split()
        if not is_flock or len(words) < 4:
            continue
        place, _, inode = words[3].rpartition(":")
        # a file system without a device of its own (btrfs, overlay) goes by several numbers
        if inode == str(found.st_ino) and (place == device or os.major(found.st_dev) == 0):
            raise _in_use(database)


def _in_use(database: Path) -> StoreInUse:
    return StoreInUse(
        f"{database} is in use by another clockd",
        hint="stop it (systemctl stop clockd), or give this one its own terminal.state_dir; "
        "a command can ask the running one: --socket PATH",
    )
