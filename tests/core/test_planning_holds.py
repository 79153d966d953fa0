"""Whether the reason of a hold is still there: each code, and the punch it was paired with."""

from dataclasses import replace

import pytest

from clockd.core.delivery import Held, HoldCode
from clockd.core.planning import holds
from clockd.core.planning.holds import STANDS, released, stands
from clockd.core.planning.pairing import Pair, intervals
from clockd.core.planning.plan import Policy
from tests.core.lanes import ENTRIES, TIMER, item, lane, local, rows, said, secs

SPLIT = replace(ENTRIES, split_projects=True)
BREAKS_IN = replace(ENTRIES, breaks_in_minutes=True)

CASES = [
    # the clock-out is missing: until one that waits is there, no later than a shift
    ("in 08:00 held:missing-out", "nothing", ENTRIES),
    ("in 08:00 held:missing-out; in 09:00 waiting", "nothing", ENTRIES),
    ("in 08:00 held:missing-out; out 12:00 waiting", "1 release", ENTRIES),
    ("in 08:00 held:missing-out; out 22:00 waiting", "1 release", ENTRIES),
    ("in 08:00 held:missing-out; out 22:00:01 waiting", "nothing", ENTRIES),
    ("in 08:00 held:missing-out; out 22:00:01 waiting said", "1 release", ENTRIES),
    ("in 08:00 held:missing-out; out 12:00 held:conflict", "nothing", ENTRIES),
    ("in 08:00 held:missing-out; out 12:00 doubtful", "nothing", ENTRIES),
    ("in 08:00 held:missing-out; out 12:00 delivered timer", "nothing", ENTRIES),
    ("in 08:00 held:missing-out; out 12:00 ignored", "nothing", ENTRIES),
    ("in 08:00 held:missing-out; project 12:00 held:conflict on:Roof", "1 release", SPLIT),
    ("in 08:00 held:missing-out; project 12:00 held:conflict on:Roof", "nothing", ENTRIES),
    ("in 08:00 held:missing-out; project 22:00:01 waiting on:Roof", "nothing", SPLIT),
    # the clock-in is missing: until one is there, or a break ended the interval
    ("out 12:00 held:orphan-out", "nothing", ENTRIES),
    ("in 08:00 waiting; out 12:00 held:orphan-out", "2 release", ENTRIES),
    ("in 08:00 held:conflict; out 12:00 held:orphan-out", "2 release", ENTRIES),
    ("break 10:00 delivered timer; out 12:00 held:orphan-out", "2 release", TIMER),
    ("break 10:00 ignored; out 12:00 held:orphan-out", "nothing", TIMER),
    # the clock-in is held
    ("in 08:00 held:conflict; out 12:00 held:its-in>1", "nothing", ENTRIES),
    ("in 08:00 waiting; out 12:00 held:its-in>1", "2 release", ENTRIES),
    ("in 08:00 delivered entry; out 12:00 held:its-in>1", "2 release", ENTRIES),
    ("in 08:00 ignored; out 12:00 held:its-in>1", "2 release", ENTRIES),
    ("in 08:00 ignored; out 12:00 held:its-in", "2 release", ENTRIES),
    # the clock-out comes too late
    ("in 20:00-1 held:missing-out; out 12:00 held:too-long>1", "nothing", ENTRIES),
    ("in 20:00-1 waiting; out 12:00 held:too-long>1", "nothing", ENTRIES),
    ("in 22:00-1 waiting; out 12:00 held:too-long>1", "2 release", ENTRIES),
    ("in 20:00-1 waiting; out 12:00 held:too-long>1 said", "2 release", ENTRIES),
    ("in 20:00-1 ignored; out 12:00 held:too-long>1", "2 release", ENTRIES),
    ("in 20:00-1 ignored; out 12:00 held:too-long", "2 release", ENTRIES),
    # its timer may not be started: an out that comes is another matter
    ("in 08:00 held:not-started", "nothing", TIMER),
    ("in 08:00 held:not-started; out 12:00 waiting", "1 release", TIMER),
    # what it was paired with, whatever the code
    ("in 08:00 held:conflict>2; out 12:00 held:conflict>1", "nothing", ENTRIES),
    ("in 08:00 held:conflict>2; out 12:00 void", "1 release", ENTRIES),
    ("in 08:00 void; out 12:00 held:conflict>1", "2 release", ENTRIES),
    ("in 08:00 held:conflict>4; out 12:00 waiting; in 12:30 waiting; out 13:00 waiting", "1 release", ENTRIES),
    # … or the punch that comes next, in whose minute it lies: that one is still there, or no more
    ("in 08:00 held:within-a-minute>3; out 08:00:10 held:within-a-minute>3; in 08:00:20 waiting", "nothing", ENTRIES),
    (
        "in 08:00 held:within-a-minute>3; out 08:00:10 held:within-a-minute>3; in 08:00:20 void",
        "1 release; 2 release",
        ENTRIES,
    ),
    (
        "in 08:00 held:unsendable>4; out 08:00:10 waiting; in 08:00:15 waiting; out 08:00:20 waiting",
        "1 release",
        ENTRIES,
    ),
    # a break within the interval shares its reason
    ("in 08:00 waiting; break 10:00 held:conflict>1; out 12:00 waiting", "nothing", BREAKS_IN),
    ("in 08:00 waiting; break 10:00 held:conflict>4; out 12:00 waiting; in 13:00 void", "2 release", BREAKS_IN),
    ("in 08:00 held:conflict>2; break 10:00 held:conflict", "1 release", BREAKS_IN),
    # only a person, or a look, tells whether these are gone
    *(
        (f"in 08:00 held:{code.value}; out 12:00 waiting", "nothing", ENTRIES)
        for code in HoldCode
        if code not in STANDS
    ),
    # a punch taken back is not released, and one that is not held has no reason
    ("in 08:00 held:conflict>7 taken-back; out 12:00 waiting", "nothing", ENTRIES),
    ("out 12:00 ignored", "nothing", ENTRIES),
    ("out 07:00 held:conflict>9; in 08:00 waiting; out 12:00 held:orphan-out", "1 release; 3 release", ENTRIES),
]


@pytest.mark.parametrize(("items", "expected", "policy"), CASES)
def test_what_lost_its_reason_is_released(items: str, expected: str, policy: Policy) -> None:
    paired = intervals(lane(items), breaks_in_minutes=policy.breaks_in_minutes, split_projects=policy.split_projects)
    assert said(released(tuple(paired), policy)) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        # its partner comes after its partner now, as when a break within the interval is amended to a clock-out
        ("in 08:00 held:conflict>3; out 12:00 waiting; out 13:00 held:conflict>1", "1 release; 3 release"),
        # a second out stands between it and the in that begins within its minute
        (
            "in 08:00 held:within-a-minute>4; out 08:00:10 held:within-a-minute>4; "
            "out 08:00:20 waiting; in 08:00:40 waiting",
            "nothing",
        ),
    ],
)
def test_a_partner_is_told_from_the_next_in(items: str, expected: str) -> None:
    paired = tuple(intervals(lane(items), breaks_in_minutes=False, split_projects=False))
    assert said(released(paired, ENTRIES)) == expected


def test_each_code_that_stands_in_the_lane_both_stands_and_is_gone() -> None:
    for code in STANDS:
        about = [expected for items, expected, _ in CASES if f":{code.value}" in items]
        assert "nothing" in about
        assert any(expected != "nothing" for expected in about)


def test_of_what_is_not_held_any_more_no_reason_is_asked() -> None:
    """Why a punch was held stays to be seen after it was ignored."""
    ignored = replace(item("out 12:00 held:orphan-out>7"), state=item("out 12:00 waiting").state)
    assert released(tuple(intervals([ignored], breaks_in_minutes=False, split_projects=False)), ENTRIES) is None


def test_a_reason_stands_as_long_as_the_other_punch_is_what_it_was() -> None:
    lone, pair = (
        next(intervals(lane(text), breaks_in_minutes=False, split_projects=False))
        for text in ("in 08:00 waiting", "in 08:00 waiting; out 12:00 waiting")
    )
    held = Held(HoldCode.CONFLICT, "because", other=1)
    assert stands(held, lone, {1}, ENTRIES)
    assert not stands(replace(held, other=2), lone, {1, 2}, ENTRIES)
    assert stands(replace(held, other=2), pair, {1, 2}, ENTRIES)
    assert stands(Held(HoldCode.CONFLICT, "because"), lone, {1}, ENTRIES)
    minute = Held(HoldCode.WITHIN_A_MINUTE, "because", other=4)
    assert stands(minute, pair, {1, 2, 4}, ENTRIES), "the next in, wherever it is"
    assert not stands(minute, pair, {1, 2}, ENTRIES), "until it counts no more"


@pytest.mark.parametrize(("retries", "again_s"), [(0, 600.0), (1, 3600.0), (2, 86400.0), (3, None), (4, None)])
def test_a_refusal_is_tried_again_three_times(retries: int, again_s: float | None) -> None:
    assert holds.again_in_s(replace(item("in 08:00 held:refused"), retries=retries)) == again_s


@pytest.mark.parametrize(
    ("items", "due", "next_s"),
    [
        ("in 08:00 held:refused retry@12:00", "1 release", "12:00"),
        ("in 08:00 held:refused retry@12:00:01; out 09:00 held:refused retry@11:00", "2 release", "11:00"),
        ("in 08:00 held:refused retry@12:05; out 09:00 held:refused retry@12:01", "nothing", "12:01"),
        ("in 08:00 held:refused", "nothing", None),
        ("in 08:00 waiting retry@11:00", "nothing", None),
        ("in 08:00 held:refused retry@11:00 taken-back", "nothing", None),
    ],
)
def test_when_it_is_tried_again(items: str, due: str, next_s: str | None) -> None:
    assert said(holds.tried_again(lane(items), secs("12:00"))) == due
    assert holds.next_try_s(lane(items)) == (secs(next_s) if next_s else None)


def test_only_what_is_not_settled_is_held() -> None:
    items = lane("in 08:00 waiting; in 08:10 doubtful; in 09:00 delivered timer; in 10:00 held:conflict; in 11:00 void")
    assert said(holds.hold(items, Held(HoldCode.REFUSED, "why", other=9))) == "1 hold refused>9; 2 hold refused>9"
    shared = Pair(items[0], items[1], (items[2],), shared_close=True)
    assert said(holds.hold_pair(shared, HoldCode.CONFLICT, "why")) == "1 hold conflict>2"
    pair = Pair(items[0], items[1], (item("break 08:05 waiting", 7), item("resume 08:06 held:conflict", 8)))
    expected = "1 hold conflict>2; 7 hold conflict>1; 2 hold conflict>1"
    assert said(holds.hold_pair(pair, HoldCode.CONFLICT, "why")) == expected


def test_the_words() -> None:
    opens, closes = lane("in 08:00 waiting; out 12:00 waiting")
    assert holds.missing_out(opens).because.startswith("no clock-out after 20 Nov 08:00:")
    assert holds.orphan_out(closes).because.startswith("clock-out at 20 Nov 12:00 without a clock-in:")
    assert holds.too_long(Pair(opens, closes)).because.startswith(
        "longer than a shift after the clock-in of 20 Nov 08:00"
    )
    assert holds.its_in(opens).because.startswith("its clock-in of 20 Nov 08:00 is held")
    four = rows("41 07:00..08:30; 42 07:30..; 43 07:40..; 44 07:50..")
    shown = "entry 41 20 Nov 07:00–08:30, entry 42 running since 20 Nov 07:30, entry 43 running since 20 Nov 07:40"
    assert holds.within(four, local("08:00")) == (
        f"the clock-in of 20 Nov 08:00 lies within {shown}: change one of them, then retry or ignore"
    )
    assert holds.endless(four[1]).startswith("entry 42 runs in the tracker since 20 Nov 07:30, longer than a shift")


@pytest.mark.parametrize(
    ("items", "begin", "end", "words"),
    [
        ("in 02:50 waiting utc+2; out 02:10 waiting utc+1", "02:50", "02:10", "Proposal: enter 02:50–03:10, then"),
        (
            "in 02:10:05 waiting utc+2; out 03:10:40 waiting utc+1",
            "02:10",
            "02:10",
            "02:10:05–03:10:40: the clocks change",
        ),
        ("in 08:00 waiting; out 08:00 waiting", "08:00", "08:00", "08:00:00–08:00:00 is too short"),
        ("in 08:00:05 waiting; out 08:00:40 waiting", "08:00", "07:59", "08:00:00–07:59:00 is too short"),
    ],
)
def test_the_words_of_what_cannot_be_sent(items: str, begin: str, end: str, words: str) -> None:
    opens, closes = lane(items)
    assert words in holds.unsendable(Pair(opens, closes), local(begin), local(end))
