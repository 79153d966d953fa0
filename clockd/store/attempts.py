"""Each write that left for the tracker, by itself: when, what was sent, what was answered.

A row is written with the intent and finished with the outcome, in the transactions that there are anyway: a punch costs
no further sync. A row without an answer was under way when clockd ended. What never left is no attempt and leaves no
row. Only the last `MOST_KEPT` of a punch stay; how many there were at all its delivery knows.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlite_utils import Database

MOST_KEPT = 20
"""Attempts of a punch that are kept."""
LONGEST_TEXT = 400
"""Characters of what was sent, and of an answer, that are kept."""


class Attempt(NamedTuple):
    """One write that concerned a punch."""

    at_us: int
    """When it left, by the wall clock."""
    sent: str
    """Method, path and body, as the tracker got them; without credentials."""
    status: int | None
    """Of HTTP; None without a reply."""
    answer: str | None
    """The tracker's words, or why there are none; None where nobody knows how it ended."""


def begin(db: Database, seqs: Sequence[int], at_us: int, sent: str) -> None:
    """Note a write that is about to leave, for each punch that it covers."""
    for seq in seqs:
        db.execute("INSERT INTO attempt (seq, at_us, sent) VALUES (?, ?, ?)", [seq, at_us, sent[:LONGEST_TEXT]])
        db.execute(
            "DELETE FROM attempt WHERE seq = ?1 AND id <= "
            "(SELECT id FROM attempt WHERE seq = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            [seq, MOST_KEPT],
        )


def end(db: Database, seqs: Sequence[int], status: int | None, answer: str) -> None:
    """Note how the last write ended that covered these punches."""
    for seq in seqs:
        db.execute(
            f"UPDATE attempt SET status = ?, answer = ? WHERE id = {_LAST}", [status, answer[:LONGEST_TEXT], seq]
        )


def never_left(db: Database, seqs: Sequence[int]) -> None:
    """Forget the last write that covered these punches: no byte of it reached the tracker."""
    for seq in seqs:
        db.execute(f"DELETE FROM attempt WHERE id = {_LAST}", [seq])


def of(db: Database, seq: int) -> list[Attempt]:
    """Return the attempts of a punch that are kept, oldest first."""
    rows = db.execute("SELECT at_us, sent, status, answer FROM attempt WHERE seq = ? ORDER BY id", [seq])
    return [Attempt(*row) for row in rows]


_LAST = "(SELECT max(id) FROM attempt WHERE seq = ?)"
