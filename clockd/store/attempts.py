"""Each write that left for the tracker, by itself: when, what was sent, what was answered.

They stand in the row of the outbox, which is written with the intent and with the outcome anyway: a punch costs no
further sync and no further page. One without an answer was under way when clockd ended. What never left is no attempt.
Only the last `MOST_KEPT` of a delivery stay; how many there were at all the delivery knows.
"""

import json
from collections.abc import Sequence
from typing import NamedTuple

from sqlite_utils import Database

from clockd.core.sentence import said_text, told_text

MOST_KEPT = 8
"""Attempts of a delivery that are kept."""
LONGEST_ANSWER = 200
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
    """The tracker's words, or why there are none; None where nobody knows how it ended. A sentence where it is ours."""


def begin(db: Database, seqs: Sequence[int], lane: str, at_us: int, sent: str) -> None:
    """Note a write that is about to leave, with each delivery that it covers."""
    one = json.dumps([at_us, _cut(sent), None, None], ensure_ascii=False)
    _change(db, seqs, lane, f"json_insert({_ROOM}, '$[#]', json(?))", one)


def end(db: Database, seqs: Sequence[int], lane: str, status: int | None, answer: str) -> None:
    """Note how the last write ended that covered these deliveries."""
    _change(db, seqs, lane, f"json_replace({_KEPT}, '$[#-1][2]', ?, '$[#-1][3]', ?)", status, _cut(answer))
    if (said := said_text(answer)) is not None:
        _change(db, seqs, lane, f"json_set({_KEPT}, '$[#-1][4]', ?)", said)


def never_left(db: Database, seqs: Sequence[int], lane: str) -> None:
    """Forget the last write that covered these deliveries: no byte of it reached the tracker."""
    _change(db, seqs, lane, f"json_remove({_KEPT}, '$[#-1]')")


def of(db: Database, seq: int) -> list[Attempt]:
    """Return the attempts of a punch that are kept, in all its lanes, oldest first; none where a cell is damaged."""
    found: list[Attempt] = []
    for (tries,) in db.execute(f"SELECT {_KEPT} FROM outbox WHERE seq = ?", [seq]).fetchall():
        rows = json.loads(tries)
        found += [one for row in rows if isinstance(row, list) and (one := _read(row)) is not None]
    return sorted(found, key=lambda one: one.at_us)


def _cut(text: str) -> str:
    """Keep the beginning of a text; one that is not whole says so."""
    return text if len(text) <= LONGEST_ANSWER else text[: LONGEST_ANSWER - 1] + "…"


def _change(db: Database, seqs: Sequence[int], lane: str, tries: str, *values: str | int | None) -> None:
    for seq in seqs:
        db.execute(f"UPDATE outbox SET tries = {tries} WHERE seq = ? AND lane = ?", [*values, seq, lane])


def _read(row: Sequence[object]) -> Attempt | None:
    """Read an attempt; None where it is none. Behind its fields it may hold of which sentence its answer is made."""
    match row:
        case [int(at_us), str(sent), int() | None as status, None]:
            return Attempt(at_us, sent, status, None)
        case [int(at_us), str(sent), int() | None as status, str(answer), *said] if len(said) <= 1:
            return Attempt(at_us, sent, status, told_text(str(said[0]) if said else None, answer))
        case _:
            return None


_KEPT = "(CASE WHEN json_valid(tries) AND json_type(tries) = 'array' THEN tries ELSE '[]' END)"
"""SQL: the attempts that are kept; none where the cell is damaged, which must stop nobody."""
_ROOM = f"(CASE WHEN json_array_length({_KEPT}) >= {MOST_KEPT} THEN json_remove({_KEPT}, '$[0]') ELSE {_KEPT} END)"
"""SQL: the same, with room for one more."""
