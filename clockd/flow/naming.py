"""How an admin names punches and people: an id or a part of it, a username, a name."""

from functools import partial

from clockd.core.harmless import harmless, why_no_name
from clockd.core.ids import short_id
from clockd.core.sentence import Sentence, phrase, sentence
from clockd.errors import Refused, UsageError
from clockd.store import ledger, view
from clockd.store.thread import Store

PIECE_ROWS = 1000
"""Places of the ledger that are looked through at once: a tap waits for each piece."""
MOST_NAMED = 4
"""Punches that are named where a part of an id fits several."""


async def find_punch(store: Store, tag: int, punch_id: str) -> int:
    """Return the seq of the punch with this id, or of the only one whose id begins or ends so.

    Raises:
        Refused: there is none, or more than one.
    """
    part = punch_id.strip().upper().removeprefix("…")
    seq = ledger.seq_of(part)
    if seq is not None:
        found = await store.run(lambda db: view.punch(db, tag, seq))
        if found is None or found[0].id != part:
            raise _none(punch_id)
        return seq
    named: list[tuple[int, str]] = []
    newest = await store.run(view.newest_seq) if part.isalnum() and part.isascii() else 0
    for stop in range(newest + 1, 0, -PIECE_ROWS):
        seqs = range(max(1, stop - PIECE_ROWS), stop)
        named += await store.run(partial(ledger.named_by, tag=tag, part=part, seqs=seqs))
        if len(named) > MOST_NAMED:
            break
    if not named:
        raise _none(punch_id)
    if len(named) > 1:
        shown = ", ".join(short_id(text) for _, text in named[:MOST_NAMED])
        pattern = "{punch_id} could be {shown} and more" if len(named) > MOST_NAMED else "{punch_id} could be {shown}"
        raise Refused(
            Sentence(pattern, {"punch_id": harmless(punch_id), "shown": shown}),
            hint="write more of it; clockd punches lists them",
        )
    return named[0][0]


def _none(punch_id: str) -> Refused:
    return Refused(sentence("no punch {punch_id}", punch_id=harmless(punch_id)), hint="clockd punches lists them")


def checked_name(text: str, what: str) -> str:
    """Return a name without the blanks around it.

    Raises:
        UsageError: it is empty, too long, or holds what no name has.
    """
    name = text.strip()
    if not name:
        raise UsageError(
            sentence("{name} is empty", name=phrase(what)), hint="--username, as the tracker knows the employee"
        )
    if why := why_no_name(name):
        raise UsageError(
            sentence("this {name} {why}", name=phrase(what), why=why), hint="write it as the tracker shows it"
        )
    return name
