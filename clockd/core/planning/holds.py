"""Why a punch is held, in words for people, and whether that reason is still there.

A hold whose reason lies in another punch of the lane ends by itself when that reason goes: when the missing clock-out
comes, the held clock-in is ignored, or another punch now ends the interval. Then the punch waits again, and is planned
as it stands now. A refusal of the tracker is tried again a few times (`RETRY_AFTER_S`), and then only when a person
says so.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from clockd.core.delivery import Event, Held, HoldCode, Mark, Move, State
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import Interval, OrphanOut, Pair, Running
from clockd.core.planning.plan import Change, Policy
from clockd.core.planning.span import on_the_wire
from clockd.core.sentence import Sentence, phrase, sentence
from clockd.core.timebase import Unsendable
from clockd.core.wire import Entry

# --- is the reason still there? ---------------------------------------------------------------------------------


def _lacks_its_out(interval: Interval, policy: Policy) -> bool:
    return not (isinstance(interval, Pair) and is_closing(interval) and not is_too_long(interval, policy))


def _lacks_its_in(interval: Interval, policy: Policy) -> bool:
    return isinstance(interval, OrphanOut) and not interval.after_break


def _its_in_is_held(interval: Interval, policy: Policy) -> bool:
    return isinstance(interval, Pair) and interval.opens.state is State.HELD


def _comes_too_late(interval: Interval, policy: Policy) -> bool:
    return isinstance(interval, Pair) and is_too_long(interval, policy)


def _runs(interval: Interval, policy: Policy) -> bool:
    return isinstance(interval, Running)


STANDS: Mapping[HoldCode, Callable[[Interval, Policy], bool]] = {
    HoldCode.MISSING_OUT: _lacks_its_out,
    HoldCode.ORPHAN_OUT: _lacks_its_in,
    HoldCode.ITS_IN: _its_in_is_held,
    HoldCode.TOO_LONG: _comes_too_late,
    HoldCode.NOT_STARTED: _runs,
}
"""For each code whose reason lies in the lane alone: whether that reason is still there."""


def stands(held: Held, interval: Interval, counting: Collection[int], policy: Policy) -> bool:
    """Whether the reason to hold a punch of this interval is still there.

    Args:
        held: the reason.
        interval: what the punch is part of now.
        counting: seqs of all punches of the lane that count.
        policy: how this tracker is served.
    """
    about = counting if held.code is HoldCode.WITHIN_A_MINUTE else _ends(interval)
    if held.other is not None and held.other not in about:
        return False
    rule = STANDS.get(held.code)
    return rule is None or rule(interval, policy)


def _ends(interval: Interval) -> tuple[int, ...]:
    match interval:
        case Running(opens=opens):
            return (opens.seq,)
        case OrphanOut(closes=closes):
            return (closes.seq,)
        case Pair(opens=opens, closes=closes):
            return opens.seq, closes.seq


def released(found: Sequence[Interval], policy: Policy) -> Change | None:
    """Release every punch whose hold has lost its reason; None when there is none."""
    held = [
        (interval, item, item.held)
        for interval in found
        for item in interval.items
        if item.held and item.state is State.HELD and not item.voided
    ]
    if not held:
        return None
    counting = {seq for interval in found for seq in (*_ends(interval), *(item.seq for item in interval.items))}
    moves = tuple(
        Move(item.seq, Event.RELEASE) for interval, item, why in held if not stands(why, interval, counting, policy)
    )
    return Change(moves) if moves else None


def is_closing(pair: Pair) -> bool:
    """Whether the end of a pair is to be booked now: its clock-out waits, or a project switch ends it."""
    return pair.shared_close or pair.closes.state is State.WAITING


def is_too_long(pair: Pair, policy: Policy) -> bool:
    """Whether a pair is longer than a shift, and no person said that it truly is: a clock-out was likely forgotten."""
    length_s = (pair.closes.at - pair.opens.at).total_seconds()
    return pair.closes.mark is not Mark.SAID and length_s > policy.max_shift_s


# --- to hold ----------------------------------------------------------------------------------------------------


RETRY_AFTER_S = (600.0, 3600.0, 86400.0)
"""After how many seconds a refusal is tried again, for the first, second and third time; then only a person can."""


def again_in_s(item: Item) -> float | None:
    """Say in how many seconds a refused punch is tried again; None when only a person can do that."""
    return RETRY_AFTER_S[item.retries] if item.retries < len(RETRY_AFTER_S) else None


def tried_again(items: Iterable[Item], now_s: float) -> Change | None:
    """Let every punch wait again whose refusal is to be tried again by now; None when there is none."""
    due = (item for item in items if item.retry_s is not None and item.retry_s <= now_s)
    moves = tuple(Move(item.seq, Event.RELEASE) for item in due if item.state is State.HELD and not item.voided)
    return Change(moves) if moves else None


def next_try_s(items: Iterable[Item]) -> float | None:
    """Say when the next refusal is tried again, as CLOCK_BOOTTIME; None when none is."""
    due = (item.retry_s for item in items if item.retry_s is not None and item.state is State.HELD and not item.voided)
    return min(due, default=None)


def hold(items: Iterable[Item], held: Held, again_in_s: float | None = None) -> Change:
    """Hold each of these punches that waits or is in doubt; with `again_in_s`, until it is tried again."""
    return Change(tuple(_moves(items, held, again_in_s)))


def hold_pair(pair: Pair, code: HoldCode, because: str) -> Change:
    """Hold the punches of a pair for a reason that ends when the two are a pair no more."""
    opens, closes = pair.opens, pair.closes
    begins = _moves([opens], Held(code, because, other=closes.seq))
    rest = _moves(pair.items[1:], Held(code, because, other=opens.seq))
    return Change((*begins, *rest))


def _moves(items: Iterable[Item], held: Held, again_in_s: float | None = None) -> Iterator[Move]:
    unsettled = (item for item in items if item.state in (State.WAITING, State.DOUBTFUL))
    return (Move(item.seq, Event.HOLD, held=held, retry_in_s=again_in_s) for item in unsettled)


# --- in words ---------------------------------------------------------------------------------------------------


def hold_running(running: Running) -> Change:
    """Hold an interval that nothing ended, with the breaks within it: nobody knows when they left."""
    held = missing_out(running.opens)
    return Change((*_moves([running.opens], held), *_moves(running.inside, replace(held, other=running.opens.seq))))


def missing_out(opens: Item) -> Held:
    """Return why a clock-in is held whose clock-out is missing."""
    because = sentence("no clock-out after {at:%d %b %H:%M}: say when they left (clockd punches amend)", at=opens.local)
    return Held(HoldCode.MISSING_OUT, because)


def orphan_out(closes: Item) -> Held:
    """Return why a clock-out is held whose clock-in is missing."""
    because = sentence(
        "clock-out at {at:%d %b %H:%M} without a clock-in: say when they came (clockd punches amend)",
        at=closes.local,
    )
    return Held(HoldCode.ORPHAN_OUT, because)


def too_long(pair: Pair) -> Held:
    """Return why a clock-out is held that comes longer than a shift after its clock-in."""
    because = sentence(
        "longer than a shift after the clock-in of {at:%d %b %H:%M}: say when they left "
        "(clockd punches amend), or if it is so, retry this",
        at=pair.opens.local,
    )
    return Held(HoldCode.TOO_LONG, because, other=pair.opens.seq)


def its_in(opens: Item) -> Held:
    """Return why a clock-out is held whose clock-in is held."""
    because = sentence("its clock-in of {at:%d %b %H:%M} is held: settle that first, this follows", at=opens.local)
    return Held(HoldCode.ITS_IN, because, other=opens.seq)


def overlap(rows: Sequence[Entry], from_local: datetime, to_local: datetime) -> str:
    """Say which rows stand where this interval is to be booked."""
    return sentence(
        "{begin:%d %b %H:%M}–{end:%H:%M} overlaps {entries}: change one of them, then retry or ignore",
        begin=from_local,
        end=to_local,
        entries=_shown(rows),
    )


def within(rows: Sequence[Entry], at_local: datetime) -> str:
    """Say which rows a clock-in lies within."""
    return sentence(
        "the clock-in of {at:%d %b %H:%M} lies within {entries}: change one of them, then retry or ignore",
        at=at_local,
        entries=_shown(rows),
    )


def endless(row: Entry) -> str:
    """Say that a row runs at the tracker for longer than a shift."""
    return sentence(
        "entry {entry_id} runs in the tracker since {since:%d %b %H:%M}, longer than a shift: end it there, "
        "then retry this",
        entry_id=row.id,
        since=row.from_local,
    )


def unsendable(pair: Pair, from_local: datetime, to_local: datetime) -> str:
    """Say why the tracker's times cannot hold this interval."""
    said = on_the_wire(pair)
    if isinstance(said, Unsendable) and (end := said.proposal_to_local) is not None:
        return sentence(
            "{reason}. Proposal: enter {begin:%H:%M}–{end:%H:%M}, then ignore",
            reason=phrase(said.reason),
            begin=from_local,
            end=end,
        )
    if to_local == from_local < pair.closes.local:
        return sentence(
            "{begin:%H:%M:%S}–{end:%H:%M:%S}: the clocks change then, and its whole minutes cannot be said in the "
            "tracker's times: ignore it, or enter it there",
            begin=pair.opens.local,
            end=pair.closes.local,
        )
    return sentence(
        "{begin:%H:%M:%S}–{end:%H:%M:%S} is too short for the tracker: ignore it, or enter it there",
        begin=from_local,
        end=to_local,
    )


def which_entry(entry_ids: Sequence[str]) -> Sentence:
    """Name the entries that are meant; one whose id nobody knows is an entry all the same."""
    return sentence("entry {entry_ids}", entry_ids=tuple(entry_ids)) if entry_ids else phrase("an entry")


def _shown(rows: Sequence[Entry]) -> tuple[Sentence, ...]:
    return tuple(
        sentence(
            "entry {entry_id} {begin:%d %b %H:%M}–{end:%H:%M}", entry_id=row.id, begin=row.from_local, end=row.to_local
        )
        if row.to_local
        else sentence("entry {entry_id} running since {begin:%d %b %H:%M}", entry_id=row.id, begin=row.from_local)
        for row in rows[:3]
    )
