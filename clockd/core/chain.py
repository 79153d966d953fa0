"""The chain of the ledger: each row's hash covers the row and the hash before it, and its head stands for all of it.

A row's hash covers the digest of its body and not the body itself, so a body can be discarded whole and the chain can
still be followed. The digest is salted: what a body says can be guessed, and an unsalted hash would tell which guess is
right. A row `discard` names the places whose bodies went; a body that is missing anywhere else is found.

Rows of an older clockd have no digest. Such a row whose body went is taken at the hash that it carries, and only below
a row `seal`: that was written after all of them had been followed, and holds a digest of what is left of them.

Who can rewrite the file can rewrite its hashes. So a head that was noted elsewhere is an *anchor*: a later ledger must
still have that hash at that row. Rows in the form of an older clockd, and what is made to look like them, it does not
protect against somebody who writes a seal of their own: of a body that went nothing is left that could be checked.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise

from clockd.core.sentence import phrase, sentence

GENESIS = "0" * 64
FIELDS = ("seq", "what", "punch_seq", "wall_us", "boottime_us", "boot_seq", "trusted", "body")
"""What a row says, in this order; in the form of now salt and digest of its body follow, and the hash is the last."""
OLD_COLUMNS, COLUMNS = len(FIELDS) + 1, len(FIELDS) + 3
"""How many columns a row has: one that an older clockd wrote, and one of now."""

RawRow = Sequence[object]
"""A row as it is stored: its fields, then (unless an older clockd wrote it) salt and digest, and its hash."""

DISCARD, SEAL = "discard", "seal"
"""Words for the rows that this module reads: their bodies are never discarded."""


class Because(StrEnum):
    """Why bodies were discarded, as `because` of a row `discard` says it."""

    RETENTION = "retention"
    """They were older than is kept."""
    ERASURE = "erasure"
    """An employee's data was erased."""


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain is, and its last hash."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is known of the rows of an older clockd, once all of them were followed."""

    rows: int
    """The place of the last of them."""
    hash: str
    """The hash of that row."""
    facts: str
    """SHA-256 of all that they say but their bodies, and of the hash before each of them."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of following a chain."""

    head: Head
    """As far as it holds."""
    wrong: str | None
    discarded: Mapping[Because, int]
    """How many bodies were discarded, and why."""


def link(previous: str, fields: Sequence[object]) -> str:
    """Return the hash of a row as an older clockd wrote it.

    Args:
        previous: the hash of the row before it.
        fields: as named by `FIELDS`.
    """
    return _hashed([previous, *fields])


def link_digest(previous: str, fields: Sequence[object], digest: object) -> str:
    """Return the hash of a row.

    Args:
        previous: the hash of the row before it.
        fields: as named by `FIELDS`; the body counts by its digest alone.
        digest: of the body.
    """
    return _hashed([previous, *fields[:-1], "sha256", digest])  # one more than in the old form: never taken for it


def body_digest(salt: str, body: str) -> str:
    """Return the salted SHA-256 of a body, in hex."""
    return _hashed([salt, body])


def _hashed(what: Sequence[object]) -> str:
    return sha256(
        json.dumps(what, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
    ).hexdigest()


def is_discarded(row: RawRow) -> bool:
    """Whether a row has no body any more."""
    return row[len(FIELDS) - 1] == ""


def places_text(seqs: Iterable[int]) -> str:
    """Return places of the ledger as a row `discard` names them: `3-7,12`."""
    ordered = sorted(set(seqs))
    cuts = [0, *(n for n, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1), len(ordered)]
    runs = [(ordered[a], ordered[b - 1]) for a, b in pairwise(cuts) if a < b]
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def places_of(text: str, before: int) -> Iterator[int]:
    """Read what `places_text` wrote.

    Args:
        text: the places.
        before: the place of the row that names them, which all of them precede.

    Raises:
        ValueError: it is written in another way.
    """
    last = 0
    for part in text.split(","):
        first, _, end = part.partition("-")
        begin, stop = int(first), int(end or first)
        if part != (str(begin) if begin == stop else f"{begin}-{stop}") or not last < begin <= stop < before:
            raise ValueError(part)
        yield from range(begin, stop + 1)
        last = stop


class Walk:
    """Follows a chain row by row, from its first one."""

    def __init__(self) -> None:
        self.head = Head(0, GENESIS)
        self.restored = list[tuple[int, str]]()
        """Rows that say that the ledger goes on from a backup."""
        self.discarded = Counter[Because]()
        self._emptied = dict[int, bool]()
        """Rows without a body of which no row told yet, and whether an older clockd wrote them."""
        self._facts = sha256()
        self._old: Head | None = None
        """The last row that an older clockd wrote."""
        self._stretches = dict[int, Sealed]()
        """What could be sealed at the end of each stretch of such rows, by the place of its last one."""
        self._sealed_rows = 0

    @property
    def sealed(self) -> Sealed | None:
        """What a row `seal` that comes next says of the rows of an older clockd; None where there are none."""
        return None if self._old is None else Sealed(self._old.rows, self._old.hash, self._facts.hexdigest())

    def take(self, row: RawRow) -> str | None:
        """Follow one row more; return what is wrong with it, or None."""
        seq = self.head.rows + 1
        if row[0] != seq:
            return sentence("row {seq} is missing", seq=seq)
        wrong = self._old_form(row, seq) if len(row) == OLD_COLUMNS else self._new_form(row, seq)
        if wrong is not None:
            return wrong
        self.head = Head(seq, str(row[-1]))
        text = str(row[len(FIELDS) - 1])
        match row[1]:
            case "note" if RESTORED in text:
                self.restored.append((seq, text))
            case "discard":
                return self._told(seq, text)
            case "seal":
                return self._seal(seq, text)
            case _:
                return None
        return None

    def end(self) -> str | None:
        """Say what is wrong once all rows were taken, or None."""
        for seq in self._emptied:
            return sentence("row {seq} has no body any more, and no row says that it was discarded", seq=seq)
        return None

    def _old_form(self, row: RawRow, seq: int) -> str | None:
        *fields, found = row
        if is_discarded(row):
            self._emptied[seq] = True
        elif found != link(self.head.hash, fields):
            return sentence("row {seq} is not what was written", seq=seq)
        self._facts.update(_hashed([self.head.hash, *fields[:-1], found]).encode())
        self._old = Head(seq, str(found))
        return None

    def _new_form(self, row: RawRow, seq: int) -> str | None:
        if self._old is not None and self._old.rows == seq - 1 and (found := self.sealed) is not None:
            self._stretches[found.rows] = found
        *fields, salt, digest, hash_ = row if len(row) == COLUMNS else (*row, None, None, None)
        gone = is_discarded(row) and salt is None and row[1] not in (DISCARD, SEAL)
        if hash_ != link_digest(self.head.hash, fields, digest) or not (
            gone or (isinstance(salt, str) and body_digest(salt, str(fields[-1])) == digest)
        ):
            return sentence("row {seq} is not what was written", seq=seq)
        if gone:
            self._emptied[seq] = False
        return None

    def _told(self, seq: int, text: str) -> str | None:
        """Take the places that a row says were discarded."""
        try:
            body = json.loads(text)
            because = Because(body["because"])
            for place in places_of(body["places"], seq):
                is_old = self._emptied.pop(place, None)
                if is_old is None:
                    return sentence(
                        "row {seq} says that row {place} was discarded, and it was not", seq=seq, place=place
                    )
                if is_old and place > self._sealed_rows:
                    return sentence("row {seq} discards row {place}, which no seal covers", seq=seq, place=place)
                self.discarded[because] += 1
        except (ValueError, KeyError, TypeError, AttributeError):
            return sentence("row {seq} does not say what was discarded", seq=seq)
        return None

    def _seal(self, seq: int, text: str) -> str | None:
        """Take a seal, if the rows of an older clockd are those that it was made of."""
        try:
            body = json.loads(text)
            said = Sealed(body["rows"], body["hash"], body["facts"])
        except (ValueError, KeyError, TypeError):
            said = None
        if said is None or self._stretches.get(said.rows) != said:
            return sentence("row {seq} seals other rows than there are", seq=seq)
        self._sealed_rows = said.rows
        return None


def follow(rows: Iterable[RawRow], anchors: Iterable[Head] = ()) -> Followed:
    """Follow a chain from its first row; say how far it holds, what is wrong, and what was discarded.

    Args:
        rows: all of them, in order.
        anchors: heads that were noted elsewhere when the chain was as long.
    """
    walk = Walk()
    wrong = _followed(walk, rows, anchors)
    return Followed(walk.head, wrong, dict(walk.discarded))


def walk(rows: Iterable[RawRow], anchors: Iterable[Head] = ()) -> tuple[Head, str | None]:
    """Follow a chain; return its head as far as it holds, and what is wrong, or None. Arguments as for `follow`."""
    found = follow(rows, anchors)
    return found.head, found.wrong


def _followed(walk: Walk, rows: Iterable[RawRow], anchors: Iterable[Head]) -> str | None:
    noted = defaultdict[int, set[str]](set)
    for anchor in anchors:
        noted[anchor.rows].add(anchor.hash)
    if noted.get(0, {GENESIS}) != {GENESIS}:
        return phrase("the anchor of row 0 is none")
    for row in rows:
        wrong = walk.take(row)
        if wrong is not None:
            return wrong
        seq, found = walk.head.rows, walk.head.hash
        if noted.get(seq, {found}) != {found}:
            why = _why(walk.restored, seq)
            return sentence("row {seq} has another hash than was noted of it elsewhere: {why}", seq=seq, why=why)
    if (wrong := walk.end()) is not None:
        return wrong
    beyond = min((rows for rows in noted if rows > walk.head.rows), default=None)
    if beyond is not None:
        why = _why(walk.restored, beyond)
        return sentence(
            "it ends with row {last}, and row {row} was noted elsewhere: {why}",
            last=walk.head.rows, row=beyond, why=why,
        )  # fmt: skip
    return None


def signed_text(said: Mapping[str, object]) -> bytes:
    """Return what a terminal signs of a head: all that is said of it, in one form only."""
    return b"clockd ledger head 1\n" + json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


RESTORED_NOTE = "restored from a backup that ended with row {row}"
"""What the ledger says of itself when it goes on from a backup."""
RESTORED = RESTORED_NOTE.partition(" {")[0]
"""By which that note is known."""


def _why(restored: Sequence[tuple[int, str]], seq: int) -> str:
    """Tell a ledger that was restored from a backup, and says so, from one that was cut or rewritten."""
    for row, text in restored:
        if row <= seq:
            end = "".join(c for c in text.split(RESTORED, 1)[1].split('"')[0] if c.isdecimal())
            return sentence(
                "it was restored from a backup that ended with row {row}; what was written after that is lost", row=end
            )
    return phrase("it was rewritten, or cut, and does not say that it was restored from a backup")
