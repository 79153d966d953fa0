"""The rules for a pair that is sent as a whole, and for a pair of which one end is held or both are booked."""

from clockd.core.delivery import Event, Held, HoldCode, Move, State, Via
from clockd.core.minutes import moment
from clockd.core.planning import holds
from clockd.core.planning.compare import booked_rows, overlapping_rows
from clockd.core.planning.pairing import ENDS, Pair
from clockd.core.planning.plan import WAITS, Change, Look, Plan, Rest, Send, Waits, booked_by
from clockd.core.planning.rule import Rule
from clockd.core.planning.situation import Situation
from clockd.core.planning.span import is_extended, note_for, span, told_apart
from clockd.core.sentence import sentence
from clockd.core.wire import CreateEntry, UpdateEntry


def _too_long(pair: Pair, situation: Situation) -> Change | None:
    if not holds.is_too_long(pair, situation.policy):
        return None
    return holds.hold([pair.opens], holds.missing_out(pair.opens))


def _part_is_held(pair: Pair, situation: Situation) -> Waits | None:
    return WAITS if any(item.state is State.HELD for item in pair.inside) else None


def _cannot_be_said(pair: Pair, situation: Situation) -> Change | None:
    begin, end = span(pair, situation.policy)
    zone = situation.policy.zone
    if moment(end, zone) > moment(begin, zone):
        return None
    return holds.hold_pair(pair, HoldCode.UNSENDABLE, holds.unsendable(pair, begin, end))


def _within_a_minute(pair: Pair, situation: Situation) -> Plan | None:
    """Wait until a whole minute that is booked for less of it cannot be needed for anything else.

    Until the minute is over somebody may clock in again in it. An interval that follows without a gap books the minute
    anyway.
    """
    _, end_local = span(pair, situation.policy)
    zone = situation.policy.zone
    if not is_extended(pair, end_local, zone):
        return None
    if pair.shared_close:
        waiting = (item for item in pair.items if item.state is State.WAITING)
        return Change(tuple(Move(item.seq, Event.NOTHING_TO_SEND) for item in waiting))
    end = moment(end_local, zone)
    later = situation.items[[item.seq for item in situation.items].index(pair.closes.seq) + 1 :]
    for item in later:
        if item.kind in ENDS or item.voided or not item.counts:
            continue
        if moment(told_apart(item, zone), zone) >= end:
            return None
        because = "in, out and the next in lie within one minute, which the tracker books once: ignore it"
        return holds.hold(pair.items, Held(HoldCode.WITHIN_A_MINUTE, because, other=item.seq))
    left_s = (end - moment(told_apart(pair.closes, zone), zone)).total_seconds() - situation.age_s(pair.closes)
    return Rest(situation.now_s + left_s) if left_s > 0 else None


def _not_seen(pair: Pair, situation: Situation) -> Look | None:
    restored = any(item.look_after_s is not None for item in (*pair.items, pair.closes))
    retried = pair.closes.tapped_s <= situation.anew_s
    if situation.policy.blind or not (situation.policy.look_first or situation.kept or restored or retried):
        return None
    return situation.needs_look(*span(pair, situation.policy), max(situation.fresh_pair_s(), situation.anew_s))


def _booked(pair: Pair, situation: Situation) -> Change | None:
    rows = (
        []
        if situation.policy.blind
        else booked_rows(situation.work(pair.opens.time_type), *span(pair, situation.policy))
    )
    return booked_by(pair.items, rows, Via.ADOPTED) if rows else None


def _overlaps(pair: Pair, situation: Situation) -> Change | None:
    begin, end = span(pair, situation.policy)
    rows = [] if situation.policy.blind else overlapping_rows(situation.in_the_way, begin, end)
    return holds.hold_pair(pair, HoldCode.CONFLICT, holds.overlap(rows, begin, end)) if rows else None


def _create(pair: Pair, situation: Situation) -> Plan:
    begin, end = span(pair, situation.policy)
    write = CreateEntry(
        username=pair.opens.username,
        from_local=begin,
        to_local=end,
        break_minutes=pair.break_minutes,
        note=note_for(pair),
        project=pair.project.name if pair.project else None,
        time_type=pair.opens.time_type,
    )
    return Send(write, tuple(item.seq for item in pair.items if item.state is State.WAITING))


CREATE: tuple[Rule[Pair], ...] = (
    Rule("is longer than a shift, and nobody said that it is so", "hold the in: clock-out missing", _too_long),
    Rule("a break within it is held", "wait", _part_is_held),
    Rule("the tracker's times cannot say it", "hold", _cannot_be_said),
    Rule("takes a whole minute that may not be free", "rest, hold, or nothing to send", _within_a_minute),
    Rule("was not looked at, or too long ago", "look", _not_seen),
    Rule("the same interval", "found, adopted", _booked),
    Rule("another one that overlaps", "hold", _overlaps),
    Rule("nothing of these", "CreateEntry: one request, absolute", _create),
)
"""The rules for a clock-in that waits, and the punch that ends it, which waits too."""


def _out_too_late(pair: Pair, situation: Situation) -> Change | None:
    held = pair.closes.held
    if held is None or held.code is not HoldCode.TOO_LONG:
        return None
    return holds.hold([pair.opens], holds.missing_out(pair.opens))


def _out_is_booked(pair: Pair, situation: Situation) -> Change:
    which = holds.which_entry(pair.closes.entry_ids)
    because = sentence(
        "its clock-out is booked already, in {which}: correct that in the tracker, then ignore this", which=which
    )
    return holds.hold([pair.opens, *pair.inside], Held(HoldCode.CONFLICT, because, other=pair.closes.seq))


OUT_IS_BOOKED: tuple[Rule[Pair], ...] = (Rule("the out is booked with another in", "hold the in", _out_is_booked),)
"""A clock-in that waits, and a clock-out that is booked already."""

OUT_IS_HELD: tuple[Rule[Pair], ...] = (
    Rule("the out comes longer than a shift after it", "hold the in: clock-out missing", _out_too_late),
)
"""The rules for a clock-in that waits, and a clock-out that is held."""


def _too_late(pair: Pair, situation: Situation) -> Change | None:
    return holds.hold([pair.closes], holds.too_long(pair)) if holds.is_too_long(pair, situation.policy) else None


def _follows(pair: Pair, situation: Situation) -> Change:
    return holds.hold([pair.closes], holds.its_in(pair.opens))


IN_IS_HELD: tuple[Rule[Pair], ...] = (
    Rule("the out comes longer than a shift after it", "hold the out: too long", _too_late),
    Rule("nothing of these", "hold the out, until the in goes on", _follows),
)
"""The rules for a clock-in that is held, and a clock-out that waits."""


def _late_breaks(pair: Pair, situation: Situation) -> Plan | None:
    waiting = tuple(item.seq for item in pair.inside if item.state is State.WAITING)
    if not waiting:
        return None
    ids = pair.closes.entry_ids or pair.opens.entry_ids
    if not ids:
        because = "the entry these breaks belong to has no number; enter the break in the tracker"
        return holds.hold(pair.inside, Held(HoldCode.CONFLICT, because))
    return Send(UpdateEntry(ids[0], break_minutes=pair.break_minutes), waiting, ids[:1])


BREAKS: tuple[Rule[Pair], ...] = (Rule("a break within it waits", "UpdateEntry with the minutes", _late_breaks),)
"""The rules for a pair that is booked."""
