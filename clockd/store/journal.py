"""Whether a journal belongs to the database beside it.

SQLite does not ask: it plays any well-formed log into whatever file stands beside it, and a database that was restored
from a backup beside a log of today becomes a mixture of both. So each log carries a number (`PRAGMA user_version`,
counted up in the first transaction after a checkpoint emptied the log), which is on the first page of the database
too: there it is the same number, or the one before. clockd never makes a rollback journal, so one that is found is
not ours, and would undo what was written.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
_MAGIC = 0x377F0682
_ROLLBACK_MAGIC = bytes.fromhex("d9d505f920a163d7")
_PAGE_SIZE = slice(16, 18)
_VERSIONS = slice(18, 20)
_LOGGED = bytes([2, 2])
_NUMBER = slice(60, 64)
DATABASE_HEADER_BYTES = 100
NUMBERS = 1 << 31
"""How many numbers there are, before they begin anew."""


def foreign(database: Path, log: Path) -> str | None:
    """Say why a log cannot be the database's; None when it may be, or holds nothing.

    Raises:
        OSError: one of them cannot be read.
    """
    try:
        with log.open("rb") as file:
            header = file.read(HEADER_BYTES)
            if not header:
                return None
            with database.open("rb") as other:
                first = other.read(DATABASE_HEADER_BYTES)
            order = _byte_order(header)
            if order is None:
                return "its journal has no beginning that can be read"
            page_bytes = int.from_bytes(header[8:12], "big")
            ours = int.from_bytes(first[_PAGE_SIZE], "big")
            if page_bytes != (65536 if ours == 1 else ours):
                return "its journal belongs to another database"
            for page, content in _frames(header, order, page_bytes, iter(lambda: file.read(24 + page_bytes), b"")):
                if page == 1:
                    return _compare(first, content)
    except FileNotFoundError:
        return None
    return None


def rolls_back(database: Path, rollback: Path) -> str | None:
    """Say why a rollback journal cannot be the database's; None when it may be, or SQLite will not use it.

    Raises:
        OSError: one of them cannot be read.
    """
    try:
        with rollback.open("rb") as file, database.open("rb") as other:
            hot = file.read(len(_ROLLBACK_MAGIC)) == _ROLLBACK_MAGIC
            ours = other.read(DATABASE_HEADER_BYTES)[_VERSIONS] == _LOGGED
    except FileNotFoundError:
        return None
    return "this database has no journal of this kind" if hot and ours else None


def _compare(first: bytes, content: bytes) -> str | None:
    here, there = (int.from_bytes(page[_NUMBER], "big") for page in (first, content))
    # 0 is a log of before there were numbers
    if there in (0, here, (here + 1) % NUMBERS):
        return None
    return "its journal belongs to another database, or to another state of it"


def _byte_order(header: bytes) -> str | None:
    """Return how a log's checksums are calculated; None when its header is none."""
    if len(header) < HEADER_BYTES:
        return None
    magic = int.from_bytes(header[:4], "big")
    if magic & ~1 != _MAGIC:
        return None
    order = ">" if magic & 1 else "<"
    return order if _checksum(header[:24], order, (0, 0)) == struct.unpack(">2I", header[24:]) else None


def _frames(header: bytes, order: str, page_bytes: int, frames: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each page of a log, up to the first that was not wholly written."""
    sums = struct.unpack(">2I", header[24:])
    for frame in frames:
        if len(frame) < FRAME_HEADER_BYTES + page_bytes or frame[8:16] != header[16:24]:
            return
        content = frame[FRAME_HEADER_BYTES:]
        sums = _checksum(content, order, _checksum(frame[:8], order, sums))
        if sums != struct.unpack(">2I", frame[16:24]):
            return
        yield int.from_bytes(frame[:4], "big"), content


def _checksum(data: bytes, order: str, sums: tuple[int, ...]) -> tuple[int, int]:
    first, second = sums
    for one, two in struct.iter_unpack(f"{order}2I", data):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + two + first) & 0xFFFFFFFF
    return first, second
