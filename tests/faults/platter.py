"""What a disk may hold after a power cut, given what was asked of it until then.

Data: a write that was not synced since is lost, kept, or torn into sectors of 512 bytes of which any subset is there,
in any order, also across files. A change of a file's size counts as such a write.

Names (create, unlink, rename), in two models:

    A  a change of names is on disk at once
    B  as ext4: in order, at the next commit of its journal, which is an fsync, or an fdatasync of a file that is
       new or grew; at a cut any first part of the changes since then is there. fdatasync of a folder commits nothing.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.recorder import Created, Cut, Op, Renamed, Said, Synced, Unlinked, Wrote

SECTOR = 512
Model = Literal["A", "B"]
Image = dict[str, bytes]
"""File names and contents."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a write that is on disk whole or not at all; `data` None: the file's size becomes `offset`."""

    file: int
    write: int
    offset: int
    data: bytes | None


@dataclass(slots=True)
class Platter:
    """A disk, what is on it for sure, and what may be.

    Args:
        model: how changes of names become durable.
        image: what is on it to begin with.
        deaf: a sabotage: it says that it synced, and did not.
    """

    model: Model
    image: Image = field(default_factory=dict)
    deaf: bool = False
    _contents: dict[int, bytes] = field(default_factory=dict)
    _sizes: dict[int, int] = field(default_factory=dict)
    _ends: dict[int, int] = field(default_factory=dict)
    _fresh: set[int] = field(default_factory=set)
    """Files that are new or grew since the journal's last commit."""
    _names: dict[str, int] = field(default_factory=dict)
    _seen: dict[str, int] = field(default_factory=dict)
    """Names as processes see them."""
    _moves: list[tuple[str, str | None, int]] = field(default_factory=list)
    """Changes of names that are not durable: gone name, new name, file."""
    _pieces: list[Piece] = field(default_factory=list)
    _writes: int = 0

    def __post_init__(self) -> None:
        for name, data in self.image.items():
            file = self._new(data)
            self._names[name] = self._seen[name] = file

    def _new(self, data: bytes = b"") -> int:
        file = len(self._contents)
        self._contents[file] = data
        self._sizes[file] = self._ends[file] = len(data)
        return file

    def take(self, op: Op) -> None:
        """Carry out one operation."""
        match op:
            case Said():
                pass
            case Created(name=name, truncated=truncated):
                if name not in self._seen:
                    file = self._seen[name] = self._new()
                    self._fresh.add(file)
                    self._move("", name, file)
                elif truncated:
                    self._resize(self._seen[name], 0)
            case Wrote(name=name, offset=offset, data=data):
                self._write(self._seen[name], offset, data)
            case Cut(name=name, size=size):
                self._resize(self._seen[name], size)
            case Synced(name=name, data=data_only):
                self._sync(name, data_only)
            case Unlinked(name=name):
                self._move(name, None, self._seen.pop(name))
            case Renamed(name=name, to=to):
                file = self._seen[to] = self._seen.pop(name)
                self._move(name, to, file)

    def _move(self, gone: str, new: str | None, file: int) -> None:
        self._moves.append((gone, new, file))
        if self.model == "A":
            self._commit()

    def _commit(self) -> None:
        self._names = _moved(self._names, self._moves)
        self._moves = []

    def _write(self, file: int, offset: int, data: bytes) -> None:
        at = self._ends[file] if offset < 0 else offset
        self._ends[file] = at + len(data)
        if self._ends[file] > self._sizes[file]:
            self._sizes[file] = self._ends[file]
            self._fresh.add(file)
        self._writes += 1
        while data:
            length = SECTOR - at % SECTOR
            self._pieces.append(Piece(file, self._writes, at, data[:length]))
            at, data = at + length, data[length:]

    def _resize(self, file: int, size: int) -> None:
        self._writes += 1
        self._sizes[file] = self._ends[file] = size
        self._fresh.add(file)
        self._pieces.append(Piece(file, self._writes, size, None))

    def _sync(self, name: str, data_only: bool) -> None:
        if self.deaf:
            return
        if name:
            file = self._seen[name]
            kept = [piece for piece in self._pieces if piece.file == file]
            self._contents = _written(self._contents, kept)
            self._pieces = [piece for piece in self._pieces if piece.file != file]
            if data_only and file not in self._fresh:
                return
        elif data_only:
            return
        self._commit()
        self._fresh.clear()

    def cuts(self, dice: random.Random, guesses: int) -> Iterator[Image]:
        """Return what may be found after a cut here: all simple cases, and `guesses` random ones."""
        for moves in range(len(self._moves) + 1):
            names = _moved(self._names, self._moves[:moves])
            for pieces in self._survivors(dice, guesses):
                contents = _written(self._contents, pieces)
                yield {name: contents[file] for name, file in names.items()}

    def _survivors(self, dice: random.Random, guesses: int) -> Iterator[Sequence[Piece]]:
        pieces = self._pieces
        yield []
        if not pieces:
            return
        yield pieces
        writes = sorted({piece.write for piece in pieces})
        for cut in writes[1:]:
            yield [piece for piece in pieces if piece.write < cut]
            yield [piece for piece in pieces if piece.write >= cut]
        for one in writes if len(writes) > 2 else ():
            yield [piece for piece in pieces if piece.write == one]
            yield [piece for piece in pieces if piece.write != one]
        last = [piece for piece in pieces if piece.write == writes[-1]]
        for torn in range(1, len(last)):
            yield [piece for piece in pieces if piece.write != writes[-1]] + last[:torn]
            yield [piece for piece in pieces if piece.write != writes[-1]] + last[torn:]
        for _ in range(guesses):
            share = dice.random()
            yield [piece for piece in pieces if dice.random() < share]


def _moved(names: dict[str, int], moves: Sequence[tuple[str, str | None, int]]) -> dict[str, int]:
    names = dict(names)
    for gone, new, file in moves:
        names.pop(gone, None)
        if new is not None:
            names[new] = file
    return names


def _written(contents: dict[int, bytes], pieces: Sequence[Piece]) -> dict[int, bytes]:
    changed: dict[int, bytearray] = {}
    for piece in pieces:
        data = changed.setdefault(piece.file, bytearray(contents[piece.file]))
        if piece.data is None:
            del data[piece.offset :]
            data.extend(bytes(piece.offset - len(data)))
            continue
        if len(data) < piece.offset:
            data.extend(bytes(piece.offset - len(data)))
        data[piece.offset : piece.offset + len(piece.data)] = piece.data
    return contents | {file: bytes(data) for file, data in changed.items()}
