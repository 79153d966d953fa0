"""The chain of the ledger: each row's hash covers the row and the hash before it, and its head stands for all of it.

Who can rewrite the file can rewrite its hashes. So a head that was noted elsewhere is an *anchor*: a later ledger must
still have that hash at that row.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from clockd.core.sentence import phrase, sentence

GENESIS = "0" * 64
FIELDS = ("seq", "what", "punch_seq", "wall_us", "boottime_us", "boot_seq", "trusted", "body")
"""What of a row is hashed, in this order; the hash itself comes after them."""

RawRow = Sequence[object]
"""The fields of a row as they are stored, and its hash."""


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain is, and its last hash."""

    rows: int
    hash: str


def link(previous: str, fields: Sequence[object]) -> str:
    """Return the hash of a row.

    Args:
        previous: the hash of the row before it.
        fields: as named by `FIELDS`.
    """
    text = json.dumps([previous, *fields], ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def walk(rows: Iterable[RawRow], anchors: Iterable[Head] = ()) -> tuple[Head, str | None]:
    """Follow a chain from its first row; return its head as far as it holds, and what is wrong, or None.

    Args:
        rows: all of them, in order.
        anchors: heads that were noted elsewhere when the chain was as long.
    """
    noted = defaultdict[int, set[str]](set)
    for anchor in anchors:
        noted[anchor.rows].add(anchor.hash)
    head, restored = Head(0, GENESIS), list[tuple[int, str]]()
    if noted.get(0, {GENESIS}) != {GENESIS}:
        return head, phrase("the anchor of row 0 is none")
    for *fields, found in rows:
        seq = head.rows + 1
        if fields[0] != seq:
            return head, sentence("row {seq} is missing", seq=seq)
        if found != link(head.hash, fields):
            return head, sentence("row {seq} is not what was written", seq=seq)
        head = Head(seq, str(found))
        if fields[1] == "note" and RESTORED in str(fields[-1]):
            restored.append((seq, str(fields[-1])))
        if noted.get(seq, {head.hash}) != {head.hash}:
            why = _why(restored, seq)
            return head, sentence("row {seq} has another hash than was noted of it elsewhere: {why}", seq=seq, why=why)
    beyond = min((rows for rows in noted if rows > head.rows), default=None)
    if beyond is not None:
        why = _why(restored, beyond)
        return head, sentence(
            "it ends with row {last}, and row {row} was noted elsewhere: {why}", last=head.rows, row=beyond, why=why
        )
    return head, None


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
