"""Whatever happens to a lane: no step that the table does not know, progress, an end, no hold without its reason."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clockd.core.delivery import FINISHED, HoldCode, Mark, State
from clockd.core.model import Kind, Project
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import Interval, OrphanOut, Pair, Running, intervals
from clockd.core.planning.plan import Policy
from tests.core.lanes import ENTRIES, TIMER, secs
from tests.core.play import Door, local
from tests.core.small_tracker import Fault, Tracker

POLICIES = {
    "timer": TIMER,
    "timer, breaks in minutes": replace(TIMER, breaks_in_minutes=True),
    "entries": ENTRIES,
    "entries, breaks in minutes": replace(ENTRIES, breaks_in_minutes=True),
    "goodtime": replace(
        ENTRIES, split_projects=True, whole_minutes=True, can_stop=False, look_first=False, can_lock=True
    ),
}
KINDS = [Kind.IN, Kind.OUT, Kind.IN, Kind.OUT, Kind.BREAK, Kind.RESUME, Kind.PROJECT]
GAPS = [5, 40, 90, 600, 3600, 4 * 3600, 15 * 3600]

Step = tuple[Any, ...]
taps = st.tuples(st.just("tap"), st.sampled_from(KINDS), st.sampled_from(GAPS))
words = st.tuples(st.sampled_from(["void", "ignore", "retry", "add out", "void in flight"]), st.integers(0, 7))
outside = st.tuples(st.sampled_from(["they start", "they stop", "they enter", "they delete"]), st.integers(0, 3))
faults = st.tuples(st.just("faults"), st.lists(st.sampled_from([*Fault]), min_size=1, max_size=3))
rounds = st.tuples(st.just("rounds"), st.integers(1, 8))


def days(*more: st.SearchStrategy[Step]) -> st.SearchStrategy[list[Step]]:
    """Steps of a day or two; taps, rounds and faults come in any."""
    return st.lists(st.one_of(taps, taps, rounds, faults, *more), min_size=2, max_size=16)


def play(policy: Policy, steps: Sequence[Step], *, strict: bool = True) -> Door:
    """Let it all happen, then let the tracker answer well until nothing is to be done, and after the longest shift."""
    door = Door(policy, secs("06:00"), tracker=Tracker(strict=strict))
    for name, *rest in steps:
        door.last = None  # what happens in between may make the same change right once more
        if name == "tap":
            door.wait(rest[1])
            door.tap(rest[0], Project("Client", "Roof") if rest[0] is Kind.PROJECT else None)
        elif name == "faults":
            door.faults += rest[0]
        elif name == "rounds":
            for _ in range(rest[0]):
                door.round()
        elif name.startswith("they"):
            somebody(door, name, rest[0])
        elif door.punches:
            person(door, name, rest[0])
    door.faults.clear()
    for _ in range(2):
        door.settle(40 + 30 * len(door.punches))
        check_settled(door)
        door.wait(policy.max_shift_s + 60)
    door.settle(40 + 30 * len(door.punches))
    return door


def person(door: Door, name: str, which: int) -> None:
    punch = door.punches[-1 - which % len(door.punches)]
    match name:
        case "void":
            door.void(punch)
        case "ignore":
            door.ignore(punch)
        case "retry":
            door.retry(punch)
        case "add out":
            door.add_out(punch)
        case _:
            door.meanwhile = lambda: door.void(punch)


def somebody(door: Door, name: str, which: int) -> None:
    """In the web app."""
    tracker, at = door.tracker, local(door.now_s)
    rows = [*tracker.rows]
    match name:
        case "they start" if not tracker.running():
            tracker.put(at, None)
        case "they stop" if (row := tracker.running()) and row.from_local < at:
            tracker.rows[row.id] = replace(row, to_local=at)
        case "they enter":
            tracker.put(local(door.now_s - 3600 * (which + 1)), local(door.now_s - 1800))
        case "they delete" if rows:
            del tracker.rows[rows[which % len(rows)]]


# --- what is always true of a lane that rests -------------------------------------------------------------------


def paired(door: Door) -> tuple[Interval, ...]:
    policy = door.policy
    items = door.items()
    return tuple(intervals(items, breaks_in_minutes=policy.breaks_in_minutes, split_projects=policy.split_projects))


def check_settled(door: Door) -> None:
    """Every hold still has its reason."""
    if any(item.held and item.held.blocks for item in door.items()):
        return
    counting = {item.seq for item in door.items() if item.counts}
    for interval in paired(door):
        for item in interval.items:
            if item.state is State.HELD and not item.voided:
                assert not is_gone(item, interval, counting, door.policy), item


def is_gone(item: Item, interval: Interval, counting: set[int], policy: Policy) -> bool:
    """Whether the reason of a hold is gone, as far as it lies in the lane; said anew, by the words of its code."""
    held, ends = item.held, ends_of(interval)
    assert held
    pair = interval if isinstance(interval, Pair) else None
    is_long = pair is not None and pair.closes.mark is not Mark.SAID and length_s(pair) > policy.max_shift_s
    if held.other is not None and held.other not in (counting if held.code is HoldCode.WITHIN_A_MINUTE else ends):
        return True
    match held.code:
        case HoldCode.MISSING_OUT:
            return pair is not None and not is_long and (pair.shared_close or pair.closes.state is State.WAITING)
        case HoldCode.ORPHAN_OUT:
            return not isinstance(interval, OrphanOut) or interval.after_break
        case HoldCode.ITS_IN:
            return pair is None or pair.opens.state is not State.HELD
        case HoldCode.TOO_LONG:
            return not is_long
        case _:
            return False


def ends_of(interval: Interval) -> list[int]:
    ends = [getattr(interval, name, None) for name in ("opens", "closes")]
    return [item.seq for item in ends if item is not None]


def length_s(pair: Pair) -> float:
    return (pair.closes.at - pair.opens.at).total_seconds()


def check_the_end(door: Door) -> None:
    """After the longest shift everything is finished or held, or waits with a part that is held."""
    items = door.items()
    if any(item.held and item.held.blocks for item in items):
        return
    assert not [item for item in items if item.state in (State.SENDING, State.DOUBTFUL)]
    for interval in paired(door):
        states = {item.state for item in (*interval.items, *closing(interval))}
        assert State.HELD in states or states <= FINISHED or waits_for_its_out(interval), interval
    check_settled(door)


def waits_for_its_out(interval: Interval) -> bool:
    """Whether breaks within a shift that may still end are sent with its clock-out; `status` counts them as open."""
    if not isinstance(interval, Running) or interval.abandoned or interval.opens.state is not State.DELIVERED:
        return False
    return all(item.mark is Mark.WITH_OUT for item in interval.inside if item.state is State.WAITING)


def closing(interval: Interval) -> tuple[Item, ...]:
    return (interval.closes,) if isinstance(interval, Pair) else ()


def check_once(door: Door) -> None:
    """What our requests made at the tracker is a punch's, once; unless a person has something to decide, or did."""
    items = door.items()
    if door.asked or any(item.state is State.HELD for item in items):
        return
    owned = {entry_id for item in items if item.counts for entry_id in item.entry_ids}
    assert door.tracker.made & set(door.tracker.rows) <= owned


def check(policy: str, steps: Sequence[Step], *, strict: bool) -> None:
    door = play(POLICIES[policy], steps, strict=strict)
    check_the_end(door)
    check_once(door)


def test_an_out_too_many_within_a_minute_comes_to_rest() -> None:
    play(POLICIES["goodtime"], [("tap", kind, 10) for kind in (Kind.IN, Kind.OUT, Kind.OUT, Kind.IN)])


@pytest.mark.parametrize("name", ["timer", "entries"])
def test_control_what_is_repeated_without_a_look_is_booked_twice(name: str) -> None:
    steps = [("tap", Kind.IN, 5), ("tap", Kind.OUT, 600), ("faults", [Fault.REPLY_LOST]), ("rounds", 3)]
    check_once(play(POLICIES[name], steps, strict=False))
    blind = play(replace(POLICIES[name], blind=True), steps, strict=False)
    with pytest.raises(AssertionError):
        check_once(blind)


ANY = st.sampled_from([*POLICIES])
QUICK = settings(derandomize=True, max_examples=250, database=None)
LONG = settings(max_examples=20_000, database=None)


@QUICK
@given(ANY, days(), st.booleans())
def test_whatever_they_tap_and_the_network_does(policy: str, steps: list[Step], strict: bool) -> None:
    check(policy, steps, strict=strict)


@QUICK
@given(ANY, days(words), st.booleans())
def test_whatever_a_person_says(policy: str, steps: list[Step], strict: bool) -> None:
    check(policy, steps, strict=strict)


@QUICK
@given(ANY, days(words, outside), st.booleans())
def test_whatever_they_do_in_the_web_app(policy: str, steps: list[Step], strict: bool) -> None:
    check(policy, steps, strict=strict)


@pytest.mark.soak
@LONG
@given(ANY, days(words, outside), st.booleans())
def test_whatever_happens_for_long(policy: str, steps: list[Step], strict: bool) -> None:
    check(policy, steps, strict=strict)
