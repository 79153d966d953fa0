"""Looks for names in every file of the state folder, byte by byte: free pages and journals as well.

What is packed is looked into where it is a ZIP (a backup, an archive for an inspection), and is told else. The database
that is in use is left to its store: any other descriptor that is closed would drop its locks.
"""

import os
import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from clockd.core.sentence import phrase, sentence

SEARCHED_BYTES = 128 * 1024
"""Bytes that are looked through at once."""
MOST_UNZIPPED_BYTES = 4 * 1024**3
"""What unpacks to more is none of ours."""
_PACKED = {
    b"\x1f\x8b": "gzip", b"\xfd7zXZ": "xz", b"BZh": "bzip2", b"7z\xbc\xaf": "7z", b"\x28\xb5\x2f\xfd": "zstd"
}  # fmt: skip
_ZIP = b"PK\x03\x04"
_OWN_COPY = re.compile(r"\.(before-m\d+(\.new)?|(damaged|replaced)-\d+)(-wal|-journal)?")


class FileKind(StrEnum):
    """What a file is to clockd."""

    DATABASE = "database"
    """The database in use, and its journal."""
    COPY = "copy"
    """A database that clockd copied before a migration, or put aside."""
    OTHER = "other"
    """What somebody else put there: a backup, an export."""


@dataclass(frozen=True, slots=True)
class FileNames:
    """A file that names somebody."""

    file: str
    """Below the state folder."""
    kind: FileKind
    times: int


@dataclass(frozen=True, slots=True)
class NotRead:
    """A file that could not be looked through."""

    file: str
    why: str


class Needles:
    """Counts spellings in pieces of a file, over the seams between them."""

    def __init__(self, spellings: Collection[bytes]) -> None:
        self._longest = max(map(len, spellings), default=1)
        ordered = sorted(spellings, key=len, reverse=True)
        self._pattern = re.compile(b"|".join(map(re.escape, ordered))) if ordered else None
        self._tail = b""
        self.times = 0

    def take(self, chunk: bytes) -> None:
        """Look through the next piece."""
        if self._pattern is None:
            return
        text = self._tail + chunk.lower()
        self.times += sum(found.end() > len(self._tail) for found in self._pattern.finditer(text))
        self._tail = text[-(self._longest - 1) :] if self._longest > 1 else b""


def search(folder: Path, database: Path, spellings: Collection[bytes]) -> Iterator[FileNames | NotRead | None]:
    """Look through all files of a folder but the database in use; yield None between two pieces of long work."""
    closed = list[OSError]()
    paths = [Path(where, name) for where, _, names in os.walk(folder, onerror=closed.append) for name in names]
    for error in closed:
        yield NotRead(str(Path(error.filename).relative_to(folder)), error.strerror or type(error).__name__)
    for path in sorted(paths):
        if path.is_symlink() or not path.is_file() or path == database:
            continue
        name, needles = str(path.relative_to(folder)), Needles(spellings)
        needles.take(name.encode(errors="replace") + b"\n")
        try:
            with path.open("rb") as file:
                begin = file.read(len(_ZIP) + 4)
                file.seek(0)
                packed = next((what for magic, what in _PACKED.items() if begin.startswith(magic)), None)
                if packed is not None:
                    yield NotRead(name, sentence("it is packed ({packed})", packed=packed))
                yield from _pieces(file, needles)
                if begin.startswith(_ZIP):
                    yield from _members(name, file, needles)
        except OSError as error:
            yield NotRead(name, error.strerror or type(error).__name__)
        if needles.times:
            yield FileNames(name, kind_of_file(path, database), needles.times)


def kind_of_file(path: Path, database: Path) -> FileKind:
    """Say what a file is to clockd."""
    if path.parent == database.parent and path.name.startswith(database.name):
        rest = path.name.removeprefix(database.name)
        if rest in ("", "-wal", "-shm", "-journal"):
            return FileKind.DATABASE
        if _OWN_COPY.fullmatch(rest):
            return FileKind.COPY
    return FileKind.OTHER


def _pieces(file: IO[bytes], needles: Needles) -> Iterator[None]:
    while chunk := file.read(SEARCHED_BYTES):
        needles.take(chunk)
        yield None


def _members(name: str, file: IO[bytes], needles: Needles) -> Iterator[NotRead | None]:
    """Look into a ZIP; one that is damaged, or that a password closes, is told."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(each.file_size for each in archive.infolist()) > MOST_UNZIPPED_BYTES:
                yield NotRead(name, phrase("it unpacks to too much"))
                return
            for each in archive.infolist():
                with archive.open(each) as member:
                    yield from _pieces(member, needles)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - zlib's own error has no common base with the others
        yield NotRead(name, sentence("it cannot be unpacked ({mistake})", mistake=type(error).__name__))
