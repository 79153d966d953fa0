"""What was sent and not answered: each kind of write, and what the look shows of it."""

from dataclasses import replace

import pytest

from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.plan import Policy, Seen
from tests.core.lanes import ENTRIES, TIMER, because, lane, said, secs, seen

DUE = "sent@12:00:10 first@12:00:10 due@12:02:10 x1"
START = f"in 12:00 doubtful StartTimer {DUE}"
STOP = f"in 08:00 delivered timer #41; out 12:00 doubtful StopTimer #41 {DUE}"
CREATE = f"in 08:00 doubtful CreateEntry {DUE}; out 12:00 doubtful CreateEntry {DUE}"
UPDATE = STOP.replace("StopTimer", "UpdateEntry")
ORPHAN = f"out 12:00 doubtful StopTimer {DUE}"
DELETE = f"in 08:00 doubtful DeleteEntry taken-back entry #41 {DUE}"
NIGHT = f"in 20:00-1 doubtful CreateEntry {DUE}; out 06:00 doubtful CreateEntry {DUE}"

OVER = "12:02:10"
EMPTY = seen(at=OVER)
BOTH_ABSENT = "1 absent; 2 absent"


SHORT = f"in 12:00 doubtful CreateEntry {DUE}; out 12:00:30 doubtful CreateEntry {DUE}"


def marked(items: str, mark: str) -> str:
    return items.replace("doubtful", f"doubtful {mark}")


def shows(rows: str) -> Seen:
    return seen(rows, OVER)


RESTS = [
    # the quarantine: it may still arrive, so that no look tells anything
    *(
        (items, "rest until 12:02:10", seen("41 12:00..", "12:02"), "12:02:09")
        for items in (START, STOP, CREATE, ORPHAN)
    ),
    *((marked(items, "rejected"), "rest until 12:02:10", None, "12:02:09") for items in (START, STOP, CREATE)),
    # what is absolute rests as well, and needs no look
    (UPDATE, "rest until 12:02:10", None, "12:02:09"),
    (DELETE, "rest until 12:02:10", None, "12:02:09"),
    (UPDATE, "2 absent", None, OVER),
    (DELETE, "1 absent", None, OVER),
    # then a look that began after it, over all of the interval
    (START, "look 12:00..12:00 after 12:02:10", None, OVER),
    (START, "look 12:00..12:00 after 12:02:10", seen("41 12:00..", "12:02:09"), "12:03"),
    (STOP, "look 08:00..12:00 after 12:02:10", None, OVER),
    (STOP, "look 08:00..12:00 after 12:02:10", seen(at=OVER, over="08:01..12:00"), OVER),
    (CREATE, "look 08:00..12:00 after 12:02:10", seen(at=OVER, over="08:00..11:59"), OVER),
    (ORPHAN, "look 12:00..12:00 after 12:02:10", None, OVER),
    # a break that was sent as a gap: what ends the interval now is later
    (f"{START}; break 12:10 waiting", "look 12:00..12:10 after 12:02:10", None, "12:11"),
    # in the night in which the clocks go back, the end may look earlier than the begin
    (
        f"in 02:50 doubtful StartTimer utc+2 {DUE}; out 02:10 waiting utc+1",
        "look 02:10..02:50 after 12:02:10",
        None,
        OVER,
    ),
    # a yes without an echo may be looked at at once
    (marked(START, "unconfirmed"), "look 12:00..12:00 after 12:00:10", None, "12:00:11"),
    (marked(START, "unconfirmed"), "look 12:00..12:00 after 12:02:10", seen(at="12:00:11"), OVER),
    (marked(START, "unconfirmed"), "1 found #41 timer", seen("41 12:00..", "12:00:11"), "12:00:12"),
    (marked(START, "unconfirmed"), "rest until 12:02:10", seen(at="12:00:11"), "12:00:12"),
    (marked(CREATE, "unconfirmed"), "rest until 12:02:10", seen("41 11:00..11:30", "12:00:11"), "12:00:12"),
]

PROOFS = [
    (START, "1 found #41 timer", "41 12:00.."),
    (START, "1 found #42 timer", "41 12:00:59..; 42 12:00.."),
    (START, "1 hold conflict", "41 12:00:59..; 42 12:00:10.."),
    (START, "1 found #41 timer", "41 12:00..12:01"),
    (START, "1 absent", "41 12:01.."),
    (f"in 11:59 delivered timer #41; out 11:59:30 delivered timer #41; {START}", "3 absent", "41 11:59:01.."),
    (f"{START}; out 12:02 waiting", "1 found #41 timer", "41 12:00.."),
    (STOP, "2 found #41 timer", "41 08:00..12:00"),
    (STOP, "2 absent", "41 08:00.."),
    (STOP, "2 absent", "41 08:00..11:00"),
    (STOP, "2 absent", "42 08:00..11:59"),
    (STOP, "2 found #42 adopted", "42 07:00..12:00"),  # ours is gone, and theirs ends then
    (STOP.replace("#41", ""), "2 found #42 timer", "42 08:00..12:00"),
    (STOP.replace("#41", ""), "2 absent", "42 08:00.."),
    (STOP, "2 found #41,42 timer", "41 08:00..10:00; 42 10:00..12:00"),
    (ORPHAN, "1 found #41 adopted", "41 08:00..12:00; 42 09:00..12:00"),
    (ORPHAN.replace("StopTimer", "StopTimer #42"), "1 found #42 timer", "41 08:00..12:00; 42 09:00..12:00"),
    (ORPHAN, "1 absent", "41 08:00.."),
    (CREATE, "1 found #41 entry; 2 found #41 entry", "41 08:00..12:00"),
    (CREATE, "1 found #41 entry; 2 found #41 entry", "51 08:00..12:00; 41 08:00..12:00"),
    (CREATE, "1 found #41,42 adopted; 2 found #41,42 adopted", "41 08:00..10:00; 42 10:00..12:00"),
    (NIGHT, "1 found #41,42 entry; 2 found #41,42 entry", "41 20:00-1..00:00; 42 00:00..06:00"),
    (marked(CREATE, "rejected"), "1 found #41 adopted; 2 found #41 adopted", "41 08:00..12:00"),
    (CREATE, BOTH_ABSENT, "41 07:00..08:00"),
    # of less than a minute a tracker of whole minutes may show no end; and what began with it stands in its place
    (SHORT, "1 found #41 adopted; 2 found #41 adopted", "41 12:00.. may-be-closed; 42 12:00.. may-be-closed"),
    (SHORT, "1 hold conflict>2; 2 hold conflict>1", "41 12:00.."),
    (SHORT, "1 hold conflict>2; 2 hold conflict>1", "41 12:00..12:02"),
    (SHORT, BOTH_ABSENT, "41 11:00..12:00"),
    # the kind of what was sent has no proof where its interval is another one by now
    (f"in 12:00 doubtful CreateEntry {DUE}", "1 absent", "41 11:00..11:30"),
    # something else is in its place
    (CREATE, "1 hold conflict>2; 2 hold conflict>1", "41 08:00..12:01"),
    (marked(CREATE, "rejected"), "1 hold conflict>2; 2 hold conflict>1", "41 10:00..11:00"),
    (STOP, "2 absent", "41 08:00..; 42 09:00..11:00"),
    # refused, and the look does not show why: held, and tried again by itself
    (marked(START, "rejected"), "1 hold not-started again:600.0", ""),
    (marked(STOP, "rejected"), "2 hold refused>1 again:600.0", "41 08:00.."),
    (marked(CREATE, "rejected"), "1 hold refused>2 again:600.0; 2 hold refused>1 again:600.0", ""),
    (marked(ORPHAN, "rejected"), "1 hold refused again:600.0", ""),
]


@pytest.mark.parametrize(("items", "plan", "look", "now"), RESTS)
def test_before_anything_is_believed(items: str, plan: str, look: Seen | None, now: str) -> None:
    assert said(plan_attendance(lane(items), look, TIMER, secs(now))) == plan


@pytest.mark.parametrize(("items", "plan", "rows"), PROOFS)
def test_what_a_look_shows(items: str, plan: str, rows: str) -> None:
    assert said(plan_attendance(lane(items), shows(rows), TIMER, secs(OVER))) == plan


@pytest.mark.parametrize("items", [START, STOP, UPDATE, CREATE, DELETE])
def test_what_is_absent_is_sent_again_unless_too_often_or_too_long_ago(items: str) -> None:
    """The fifth request, or a first one six hours ago, is the last; before, there is a next one."""
    code = "not-deleted" if items == DELETE else "gave-up"

    def after(was: str, becomes: str, now: str = OVER, *, trusted: bool = True) -> str:
        found = lane(items.replace(was, becomes))
        rows = "41 08:00.." if items == STOP else ""
        return said(plan_attendance(found, seen(rows, now), TIMER, secs(now), trusted=trusted))

    assert "absent" in after("x1", "x4")
    assert after("x1", "x5").startswith(("1 hold " + code, "2 hold " + code))
    assert "absent" in after("x1", "x1", "18:00:10")
    assert code in after("x1", "x1", "18:00:11")
    assert "absent" in after("first@12:00:10", "", "18:00:11")
    # of an earlier boot: how long ago it was only a clock that is right can tell
    assert after("first@12:00:10", "first@00:00", trusted=False) == "rest"
    assert code in after("first@12:00:10", "first@00:00")
    assert "absent" in after("first@12:00:10", "first@11:00", trusted=False)


def test_the_words_say_what_came_last() -> None:
    tried = plan_attendance(lane(CREATE.replace("x1", "x5")), EMPTY, TIMER, secs(OVER))
    assert because(tried).startswith("sent 5 times without a trace; last: no answer")
    answered = tuple(replace(one, last_error="502") for one in lane(CREATE.replace("x1", "x5")))
    assert "last: 502" in because(plan_attendance(answered, EMPTY, TIMER, secs(OVER)))
    refused = lane(marked(CREATE, "rejected"))
    assert "refuses it: no reason given" in because(plan_attendance(refused, EMPTY, TIMER, secs(OVER)))
    refused = tuple(replace(one, last_error="422") for one in refused)
    assert "refuses it: 422" in because(plan_attendance(refused, EMPTY, TIMER, secs(OVER)))
    old = plan_attendance(lane(CREATE), seen(at="19:00"), TIMER, secs("19:00"))
    assert because(old).startswith("sent hours ago and not there now")
    old = plan_attendance(lane(DELETE), seen(at="19:00"), TIMER, secs("19:00"))
    assert because(old).startswith("asked hours ago to delete it")


@pytest.mark.parametrize("policy", [replace(TIMER, blind=True), replace(ENTRIES, blind=True)])
def test_control_blindly_repeated_without_a_look(policy: Policy) -> None:
    assert said(plan_attendance(lane(START), None, policy, secs("12:00:11"))) == "1 absent"
    assert said(plan_attendance(lane(marked(DELETE, "unconfirmed")), None, policy, secs(OVER))) == "1 absent"


def test_a_holiday_at_the_same_times_is_no_proof_and_stands_in_its_place() -> None:
    policy = replace(ENTRIES, time_types=frozenset({"work"}))
    plan = plan_attendance(lane(CREATE), shows("41 08:00..12:00 type:holiday"), policy, secs(OVER))
    assert said(plan) == "1 hold conflict>2; 2 hold conflict>1"
