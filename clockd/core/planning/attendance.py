"""What to do next for one employee's attendance: send, look, change a state, or rest.

What is fresh and what is in doubt differ only in state, so the same function serves both. What is taken back comes
first (`deletion`), then holds that lost their reason (`holds`), then the first interval of the lane that is not
finished. If part of that one is in doubt, this is settled (`doubt`). Otherwise the rules for its shape, and for the
states of its two ends, are asked in their order.

{table}

A stop ends whatever timer runs, so one that waited is never sent on old knowledge (`Policy.fresh_timer_s`). A tap of
this minute says what the person wants now, and may trust a look of the last minutes. A whole interval says both its
ends, so it depends on no timer.
"""

import math
from collections.abc import Mapping, Sequence

from clockd.core.delivery import FINISHED, Event, Move, State
from clockd.core.model import ClockQuality
from clockd.core.planning import holds
from clockd.core.planning.deletion import loses_its_end, plan_deletion
from clockd.core.planning.doubt import settle, settle_deletion
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import Interval, OrphanOut, Pair, Running, intervals
from clockd.core.planning.pairs import BREAKS, CREATE, IN_IS_HELD, OUT_IS_BOOKED, OUT_IS_HELD
from clockd.core.planning.plan import WAITS, Change, Plan, Policy, Rest, Seen, Waits
from clockd.core.planning.rule import Rule, drawn, first_plan
from clockd.core.planning.situation import Situation
from clockd.core.planning.starting import START, wait_for_out
from clockd.core.planning.stops import ORPHAN, STOP
from clockd.core.wire import WriteKind

PAIRS: Mapping[tuple[State, State], Sequence[Rule[Pair]]] = {
    (State.WAITING, State.WAITING): CREATE,
    (State.WAITING, State.HELD): OUT_IS_HELD,
    (State.WAITING, State.DELIVERED): OUT_IS_BOOKED,
    (State.HELD, State.WAITING): IN_IS_HELD,
    (State.DELIVERED, State.WAITING): STOP,
    (State.DELIVERED, State.DELIVERED): BREAKS,
}
"""The rules for a pair, by the states of its clock-in and its clock-out; any other pair waits for a person."""


def plan_attendance(
    items: Sequence[Item],
    seen: Seen | None,
    policy: Policy,
    now_s: float,
    *,
    trusted: bool = True,
    failed_s: float = -math.inf,
    anew_s: float = -math.inf,
) -> Plan:
    """Say what to do next in one employee's attendance lane.

    Args:
        items: the lane in order of seq: everything unfinished, and enough before it to see the open shift.
        seen: the last read of the tracker for this employee; None when there was none since the start.
        policy: how this tracker is served.
        now_s: CLOCK_BOOTTIME.
        trusted: whether the wall clock is right; if not, nobody knows how long ago an earlier boot was.
        failed_s: CLOCK_BOOTTIME when the tracker last kept everybody waiting.
        anew_s: CLOCK_BOOTTIME when a person last retried something of theirs; what was tapped before is looked at.
    """
    if any(item.state is State.SENDING for item in items):
        return Rest()
    if change := holds.tried_again(items, now_s):
        return change
    again_s = holds.next_try_s(items)
    if any(item.held and item.held.blocks for item in items):
        return Rest(again_s)
    situation = Situation(items, seen, policy, now_s, trusted, failed_s, anew_s)
    for item in items:
        if item.voided and item.state is State.DOUBTFUL and item.write is WriteKind.DELETE_ENTRY:
            return settle_deletion(item, situation)
    if deletion := plan_deletion(items, seen, policy, now_s):
        return deletion
    lane = tuple(intervals(items, breaks_in_minutes=policy.breaks_in_minutes, split_projects=policy.split_projects))
    if change := holds.released(lane, policy):
        return change
    for interval in lane:
        plan = _plan_interval(interval, situation)
        if not isinstance(plan, Waits):
            return plan
    return Rest(again_s)


def _plan_interval(interval: Interval, situation: Situation) -> Plan | Waits:
    if isinstance(interval, Pair) and _needs_its_out(interval):
        return Change((Move(interval.closes.seq, Event.REOPENED),))
    if all(item.state in FINISHED for item in interval.items):
        if isinstance(interval, Running):
            situation.left_running = interval.opens
        return WAITS
    if loses_its_end(interval):
        return WAITS
    waiting = [item for item in interval.items if item.state is State.WAITING]
    if any(item.clock is ClockQuality.UNCERTAIN for item in waiting):
        return Rest()
    if doubtful := [item for item in interval.items if item.state is State.DOUBTFUL]:
        return settle(interval, doubtful, situation)
    if (until_s := max((*(item.due_s for item in waiting), situation.restored_s), default=0.0)) > situation.now_s:
        return Rest(until_s)
    return _by_rules(interval, situation)


def _by_rules(interval: Interval, situation: Situation) -> Plan | Waits:
    """Ask the rules of an interval's shape, and of the states of its ends."""
    match interval:
        case Running():
            begins = interval.opens.state is State.WAITING
            return first_plan(START, interval, situation) if begins else wait_for_out(interval)
        case OrphanOut():
            return first_plan(ORPHAN, interval, situation) if interval.closes.state is State.WAITING else WAITS
        case Pair(shared_close=True):  # its end is no concern of its own: the next interval begins with it
            return first_plan(CREATE, interval, situation) if interval.opens.state is State.WAITING else WAITS
        case Pair():
            return first_plan(PAIRS.get((interval.opens.state, interval.closes.state), ()), interval, situation)


def _needs_its_out(pair: Pair) -> bool:
    """Whether a clock-out that needed nothing, since a break came before it, now ends the interval of that break."""
    opens, closes = pair.opens, pair.closes
    needed_nothing = closes.state is State.DELIVERED and not closes.via and not pair.shared_close
    in_needs_it = opens.state is State.WAITING or (opens.state is State.DELIVERED and opens.via is not None)
    return needed_nothing and in_needs_it


def table() -> str:
    """Draw the rules in the order in which they are asked, for the essay above."""
    return "\n".join(
        (
            f"    {'the lane has':<23}{'it, or the tracker, shows':<55}plan",
            drawn("an in alone", START),
            drawn("in and out, both wait", CREATE),
            drawn("an in, its out held", OUT_IS_HELD),
            drawn("an in, its out booked", OUT_IS_BOOKED),
            drawn("an out, its in held", IN_IS_HELD),
            drawn("an out, its in booked", STOP),
            drawn("in and out, booked", BREAKS),
            drawn("an out alone", ORPHAN),
        )
    )


__doc__ = (__doc__ or "").format(table=table())
