"""Each write that left for the tracker, by itself: when, what was sent, what was answered.

They stand in the row of the outbox, which is written with the intent and with the outcome anyway: a punch costs no
further sync and no further page. One without an answer was under way when clockd ended. What never left is no attempt.
Only the last `MOST_KEPT` of a delivery stay; how many there were at all the delivery knows.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlite_utils import Database

MOST_KEPT = 8
"""Attempts of a delivery that are kept."""
LONGEST_KEPT = 200
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


def begin(db: Database, seqs: Sequence[int], lane: str, at_us: int, sent: str) -> None:
    """Note a write that is about to leave, with each delivery that it covers."""
    one = json.dumps(Attempt(at_us, sent[:LONGEST_KEPT], None, None), ensure_ascii=False)
    _change(db, seqs, lane, f"json_insert({_ROOM}, '$[#]', json(?))", one)


def end(db: Database, seqs: Sequence[int], lane: str, status: int | None, answer: str) -> None:
    """Note how the last write ended that covered these deliveries."""
    _change(db, seqs, lane, f"json_replace({_KEPT}, '$[#-1][2]', ?, '$[#-1][3]', ?)", status, answer[:LONGEST_KEPT])


def never_left(db: Database, seqs: Sequence[int], lane: str) -> None:
    """Forget the last write that covered these deliveries: no byte of it reached the tracker."""
    _change(db, seqs, lane, f"json_remove({_KEPT}, '$[#-1]')")


def of(db: Database, seq: int) -> list[Attempt]:
    """Return the attempts of a punch that are kept, in all its lanes, oldest first; none where a cell is damaged."""
    found: list[Attempt] = []
    for (tries,) in db.execute(f"SELECT {_KEPT} FROM outbox WHERE seq = ?", [seq]).fetchall():
        rows = json.loads(tries)
        found += [Attempt._make(row) for row in rows if isinstance(row, list) and _is_attempt(row)]
    return sorted(found, key=lambda one: one.at_us)


def _change(db: Database, seqs: Sequence[int], lane: str, tries: str, *values: str | int | None) -> None:
    for seq in seqs:
        db.execute(f"UPDATE outbox SET tries = {tries} WHERE seq = ? AND lane = ?", [*values, seq, lane])


def _is_attempt(row: Sequence[object]) -> bool:
    if len(row) != len(Attempt._fields):
        return False
    at_us, sent, status, answer = row
    told = answer is None or isinstance(answer, str)
    return isinstance(at_us, int) and isinstance(sent, str) and (status is None or isinstance(status, int)) and told


_KEPT = "(CASE WHEN json_valid(tries) AND json_type(tries) = 'array' THEN tries ELSE '[]' END)"
"""SQL: the attempts that are kept; none where the cell is damaged, which must stop nobody."""
_ROOM = f"(CASE WHEN json_array_length({_KEPT}) >= {MOST_KEPT} THEN json_remove({_KEPT}, '$[0]') ELSE {_KEPT} END)"
"""SQL: the same, with room for one more."""
