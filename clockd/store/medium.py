"""Checks that a write is on the card, beyond a sync that says so.

After an error of the card ext4 turns read-only, and on some kernels a sync is then answered with success: the write
stays in memory and is gone with the power. Two things tell. The flags of the file system say that it is read-only
(kernels whose flags do not say so refuse the sync); and a read that goes past the page cache has to write out what is
dirty first, which fails there, and then brings what the card itself holds. A card that did not write, and answers out
of a cache of its own, is believed: nothing here can tell.
"""

import errno
import mmap
import os
from dataclasses import dataclass
from pathlib import Path

BLOCK_BYTES = 4096
"""What a direct read must be aligned to; no card and no file system of a terminal has larger sectors."""
MOST_READ_BYTES = 256 * 1024
"""How many bytes are read back at most: a tap writes a tenth of this, and waits for it."""
_NO_DIRECT_READ = frozenset({errno.EINVAL, errno.EOPNOTSUPP})
"""Errors of a file system that has no direct reads: one in memory, or over the network."""


@dataclass(frozen=True, slots=True)
class Medium:
    """The file system of the open database.

    Args:
        folder: a descriptor of the database's folder: it stays with its file system, whatever is mounted over it.
    """

    folder: int

    @classmethod
    def of(cls, database: Path) -> "Medium":
        """Take hold of a database's file system; `close` lets it go."""
        return cls(os.open(database.resolve().parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))

    def close(self) -> None:
        """Let go of the file system."""
        os.close(self.folder)

    def check_writable(self) -> None:
        """Make sure that the file system was not turned read-only under us.

        Raises:
            OSError: it was.
        """
        if os.fstatvfs(self.folder).f_flag & os.ST_RDONLY:
            raise OSError(errno.EROFS, "the file system is read-only")


def check_written(file: Path, start: int, end: int) -> None:
    """Read a part of a file back from the card, and compare it with what the page cache says was written.

    Nothing is read where the file system has no direct reads.

    Args:
        file: what was written to, and synced.
        start: in bytes; where the file did not grow, its last part is read.
        end: in bytes.

    Raises:
        OSError: the card does not hold it, or cannot be read.
    """
    start = max(0, min(start, end - 1), end - MOST_READ_BYTES) // BLOCK_BYTES * BLOCK_BYTES
    try:
        direct = os.open(file, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in _NO_DIRECT_READ:
            return
        raise
    try:
        with mmap.mmap(-1, -(-(end - start) // BLOCK_BYTES) * BLOCK_BYTES) as held:
            try:
                got = os.preadv(direct, [held], start)
            except OSError as error:
                if error.errno in _NO_DIRECT_READ:
                    return
                raise
            compare(held[:got], _cached(file, start, end), file)
    finally:
        os.close(direct)


def compare(held: bytes, written: bytes, file: Path) -> None:
    """Make sure that the card holds what was written.

    Raises:
        OSError: it holds something else.
    """
    if held[: len(written)] != written:
        raise OSError(errno.EIO, "the card does not hold what was written", str(file))


def _cached(file: Path, start: int, end: int) -> bytes:
    cached = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.pread(cached, end - start, start)
    finally:
        os.close(cached)
