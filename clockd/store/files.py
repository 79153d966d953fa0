"""Files of the state directory: their owner, and their names on disk."""

import os
from pathlib import Path


def create(path: Path) -> int:
    """Open a file for reading and writing, made with mode 0600 where it is missing; return the descriptor.

    What root makes belongs to the owner of the folder: a command of an admin must not lock the service out.

    Raises:
        OSError: the disk refuses.
    """
    flags = os.O_RDWR | os.O_CLOEXEC
    try:
        handle = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    if os.geteuid() == 0:
        folder = os.stat(path.parent)
        os.fchown(handle, folder.st_uid, folder.st_gid)
    return handle


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


def size_of(path: Path) -> int:
    """Return a file's size in bytes; 0 when there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def write(path: Path, data: bytes) -> None:
    """Write a small file anew, so that it is whole or as it was.

    Raises:
        OSError: the disk refuses.
    """
    draft = path.with_name(f".{path.name}.new")
    handle = create(draft)
    try:
        os.truncate(handle, 0)
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.rename(path)
    sync_folder(path.parent)
