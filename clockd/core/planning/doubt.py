"""The plan for what was sent and not answered: rest for the quarantine, look, and believe only the look."""

from collections.abc import Sequence
from datetime import datetime, time

from clockd.core.delivery import Event, Held, HoldCode, Mark, Move, Via
from clockd.core.planning import holds
from clockd.core.planning.compare import booked_rows, ends_at, overlapping_rows, squeezed_rows, stands_at
from clockd.core.planning.deletion import settle_unconfirmed
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import Interval, OrphanOut, Pair, Running
from clockd.core.planning.plan import Change, Plan, Rest, booked_by
from clockd.core.planning.situation import Situation
from clockd.core.planning.span import span
from clockd.core.planning.stops import ended_by, our_row
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import Entry, WriteKind


def settle(interval: Interval, doubtful: Sequence[Item], situation: Situation) -> Plan:
    """Say what to do for those punches of an interval that are in doubt; one request covered them all."""
    item, policy = doubtful[0], situation.policy
    if policy.blind:
        return _absent(interval, doubtful, situation)
    if item.write is WriteKind.UPDATE_ENTRY:  # absolute: doing it twice is doing it once
        return Rest(item.due_s) if item.due_s > situation.now_s else _absent(interval, doubtful, situation)
    due_s = max(item.due_s, situation.restored_s)
    over = situation.now_s >= due_s
    if not over and item.mark is not Mark.UNCONFIRMED:
        return Rest(due_s)
    from_local, to_local = _span_in_doubt(interval, item)
    if look := situation.needs_look(from_local, to_local, due_s if over else item.sent_s or 0.0):
        return look
    if proved := _proof(interval, doubtful, situation):
        return proved
    if not over:
        return Rest(due_s)
    if item.write is WriteKind.CREATE_ENTRY and (rows := _in_its_place(situation, from_local, to_local)):
        return _hold(interval, doubtful, HoldCode.CONFLICT, holds.overlap(rows, from_local, to_local))
    if item.mark is Mark.REJECTED:
        return _refused(interval, doubtful)
    return _absent(interval, doubtful, situation)


def settle_deletion(item: Item, situation: Situation) -> Plan:
    """Say what to do for a deletion in doubt. It may be repeated; the rest of the employee's punches wait for it."""
    if item.mark is Mark.UNCONFIRMED and not situation.policy.blind:
        return settle_unconfirmed(item, situation.items, situation.seen, situation.policy, situation.now_s)
    return Rest(item.due_s) if item.due_s > situation.now_s else _absent(None, [item], situation)


def _span_in_doubt(interval: Interval, item: Item) -> tuple[datetime, datetime]:
    """Return the span to look at; a break that was sent as an end may lie within the interval by now."""
    begins = item if isinstance(interval, OrphanOut) else interval.opens
    ends = item if isinstance(interval, Running) else interval.closes
    return min(begins.local, ends.local), max(begins.local, ends.local)


def _proof(interval: Interval, doubtful: Sequence[Item], situation: Situation) -> Change | None:
    """Return what to change where the look shows that the write was applied; None where it does not show it."""
    item = doubtful[0]
    match item.write, interval:
        case WriteKind.CREATE_ENTRY, Pair():
            return _created(interval, doubtful, situation)
        case WriteKind.START_TIMER, _:
            return _started(doubtful, situation)
        case WriteKind.STOP_TIMER, _:
            return _stopped(None if isinstance(interval, OrphanOut) else interval.opens, doubtful, situation)
        case _:
            return None


def _created(pair: Pair, doubtful: Sequence[Item], situation: Situation) -> Change | None:
    begin, end = span(pair, situation.policy)
    work = situation.work(pair.opens.time_type)
    rows = booked_rows(work, begin, end)
    if not rows and (squeezed := squeezed_rows(work, begin, end)):
        return booked_by(doubtful, squeezed[:1], Via.ADOPTED)
    return booked_by(doubtful, rows, Via.ENTRY if _is_ours(doubtful[0], rows) else Via.ADOPTED) if rows else None


def _started(doubtful: Sequence[Item], situation: Situation) -> Change | None:
    at_local = doubtful[0].local
    rows = [row for row in situation.foreign if stands_at(row, at_local)]
    rows = [row for row in rows if row.from_local == at_local] or rows
    if len(rows) > 1:
        because = sentence(
            "entries {entry_ids} began then, and one of them is ours: end or delete the others in the tracker, "
            "then retry this",
            entry_ids=tuple(row.id for row in rows),
        )
        return holds.hold(doubtful, Held(HoldCode.CONFLICT, because))
    return booked_by(doubtful, rows, Via.TIMER) if rows else None


def _stopped(opens: Item | None, doubtful: Sequence[Item], situation: Situation) -> Change | None:
    item = doubtful[0]
    ours = our_row(opens, item, situation)
    if ours is not None:
        return ended_by(item, ours, ours.from_local, situation)
    rows = [row for row in situation.foreign if ends_at(row, item.local)]
    return booked_by(doubtful, rows[:1], Via.ADOPTED) if rows else None


def _in_its_place(situation: Situation, from_local: datetime, to_local: datetime) -> Sequence[Entry]:
    """Return the rows that overlap this span, and those that begin with it, however little they share with it."""
    at_its_begin = [row for row in situation.foreign if stands_at(row, from_local)]
    overlapping = overlapping_rows(situation.foreign, from_local, to_local)
    return [row for row in situation.foreign if row in at_its_begin or row in overlapping]


def _is_ours(item: Item, rows: Sequence[Entry]) -> bool:
    """Whether these rows can be what we sent, and so may be deleted later.

    They are not when the tracker refused what we sent, or when they are cut elsewhere than at midnight, where trackers
    cut.
    """
    return item.mark is not Mark.REJECTED and all(row.from_local.time() == time() for row in rows[1:])


def _refused(interval: Interval, doubtful: Sequence[Item]) -> Plan:
    """Hold what the tracker refuses, and try it again later: what stands against it may go away."""
    item = doubtful[0]
    error = item.last_error or "no reason given"
    again = holds.again_in_s(item)
    if item.write is WriteKind.START_TIMER:
        because = sentence(
            "the tracker refuses to start the timer: {error}. It is sent with its clock-out, if not before",
            error=phrase(error),
        )
        return holds.hold(doubtful, Held(HoldCode.NOT_STARTED, because), again)
    because = sentence("the tracker refuses it: {why}", why=phrase(error))
    return _hold(interval, doubtful, HoldCode.REFUSED, because, again)


def _absent(interval: Interval | None, doubtful: Sequence[Item], situation: Situation) -> Plan:
    """Send again what the look does not show, unless it was sent too often or too long ago for that."""
    item, policy = doubtful[0], situation.policy
    deletes = item.write is WriteKind.DELETE_ENTRY
    code = HoldCode.NOT_DELETED if deletes else HoldCode.GAVE_UP
    if item.attempts >= policy.max_attempts:
        because = sentence(
            "sent {attempts} times without a trace; last: {last_error}",
            attempts=item.attempts,
            last_error=phrase(item.last_error or "no answer"),
        )
        return _hold(interval, doubtful, code, because)
    if item.first_sent_s is not None and item.first_sent_s <= 0 and not situation.trusted:
        return Rest()  # sent before this boot, and nobody knows how long ago that was
    if item.first_sent_s is not None and situation.now_s - item.first_sent_s > policy.horizon_s:
        lost = "sent hours ago and not there now: somebody may have deleted or moved it. Look, then retry or ignore"
        if deletes:
            lost = "asked hours ago to delete it, without a clear answer: delete it in the tracker, or retry this"
        return _hold(interval, doubtful, code, lost)
    return Change(tuple(Move(i.seq, Event.ABSENT) for i in doubtful))


def _hold(
    interval: Interval | None,
    doubtful: Sequence[Item],
    code: HoldCode,
    because: str,
    again_in_s: float | None = None,
) -> Change:
    """Hold what is in doubt; if it was sent as part of a pair, only while the two punches are a pair."""
    if not isinstance(interval, Pair):
        return holds.hold(doubtful, Held(code, because), again_in_s)
    opens, closes = interval.opens, interval.closes
    moves = (
        Move(
            item.seq,
            Event.HOLD,
            held=Held(code, because, other=closes.seq if item.seq == opens.seq else opens.seq),
            retry_in_s=again_in_s,
        )
        for item in doubtful
    )
    return Change(tuple(moves))
