"""What is taken back: each row of the essay, and that only what we began is ever deleted."""

from dataclasses import replace

import pytest

from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.deletion import begun_before, ends_an_entry, plan_deletion, settle_unconfirmed
from clockd.core.planning.plan import Policy, Seen
from tests.core.lanes import ENTRIES, TIMER, because, lane, said, secs, seen

NOW = "12:00"
GOODTIME = replace(ENTRIES, split_projects=True, can_lock=True)
SPLIT = replace(ENTRIES, split_projects=True)

PAIR = "in 08:00 waiting taken-back entry #41; out 11:00 delivered entry #41"
OUT_OF_PAIR = "in 08:00 delivered entry #41; out 11:00 waiting taken-back entry #41"
NAMELESS = "in 08:00 waiting taken-back timer done@08:00:10"
CHAIN = "in 20:00-1 waiting taken-back entry #41,42; out 06:00 delivered entry #41,42"

CASES = [
    # nothing was taken back, or that is dealt with
    ("", "nothing", None, ENTRIES),
    ("in 08:00 waiting; out 11:00 delivered entry", "nothing", None, ENTRIES),
    ("in 08:00 void taken-back; out 11:00 ignored taken-back", "nothing", None, ENTRIES),
    ("in 08:00 sending taken-back; out 11:00 doubtful taken-back", "nothing", None, ENTRIES),
    ("in 08:00 held:not-deleted taken-back entry #41", "nothing", None, ENTRIES),
    # never booked
    ("in 08:00 waiting taken-back", "1 void", None, ENTRIES),
    ("in 08:00 held:conflict taken-back", "1 void", None, ENTRIES),
    ("out 11:00 waiting taken-back #41", "1 void", None, TIMER),  # it would have ended that one
    ("in 08:00 waiting; out 11:00 waiting taken-back", "2 void", None, ENTRIES),
    ("in 08:00 waiting taken-back; out 11:00 waiting taken-back", "1 void", None, ENTRIES),
    # it backs off
    ("in 08:00 waiting taken-back due@12:01", "rest until 12:01", None, ENTRIES),
    ("in 08:00 waiting taken-back due@12:00", "1 void", None, ENTRIES),
    # booked by us
    ("in 08:00 delivered taken-back entry #41", "1 take back", None, ENTRIES),
    (PAIR, "DeleteEntry 41 by 1 on 41", None, ENTRIES),
    (PAIR.replace("entry", "timer"), "DeleteEntry 41 by 1 on 41", None, TIMER),
    (OUT_OF_PAIR, "DeleteEntry 41 by 2 on 41", None, ENTRIES),
    (OUT_OF_PAIR.replace("entry", "timer"), "DeleteEntry 41 by 2 on 41", None, TIMER),
    (CHAIN, "DeleteEntry 41 by 1 on 41,42", None, ENTRIES),
    # a chain goes one by one, whatever became of the punches that began it
    ("in 20:00-1 waiting taken-back entry #42 DeleteEntry", "DeleteEntry 42 by 1 on 42", None, ENTRIES),
    ("in 20:00-1 waiting taken-back #42 DeleteEntry", "DeleteEntry 42 by 1 on 42", None, ENTRIES),
    ("in 20:00-1 held:refused taken-back #42 DeleteEntry", "1 release", None, ENTRIES),
    # booked by us, and the reply had no number: it is looked for among what nobody of ours owns
    (NAMELESS, "look 08:00..08:00 after 08:00:10.001", None, TIMER),
    (NAMELESS, "look 08:00..08:00 after 08:00:10.001", seen(at="08:00:10"), TIMER),
    (NAMELESS, "look 08:00..08:00 after 08:00:10.001", seen(at=NOW, over="08:01..12:00"), TIMER),
    (NAMELESS, "DeleteEntry 42 by 1 on 42", seen("41 07:00..; 42 08:00:59..; 43 08:01.."), TIMER),
    (NAMELESS, "1 hold not-deleted", seen("42 08:00:59..; 43 08:00.."), TIMER),
    (NAMELESS.replace("in 08", "out 08"), "DeleteEntry 41 by 1 on 41", seen("41 07:00..08:00"), TIMER),
    (f"{NAMELESS}; in 08:00:30 delivered timer #42", "1 void", seen("42 08:00:30.."), TIMER),
    (NAMELESS, "1 void", seen("41 08:01..; 42 07:00..07:59"), TIMER),
    # at another tracker or account
    ("in 08:00 waiting taken-back entry #41 elsewhere", "1 hold not-deleted", None, ENTRIES),
    ("in 08:00 waiting taken-back elsewhere", "1 void", None, ENTRIES),
    # the entry is another's: what we never made is never deleted
    ("in 08:00 waiting taken-back adopted #41", "1 void", None, ENTRIES),
    ("resume 08:00 waiting taken-back adopted #41", "1 void", None, ENTRIES),
    ("out 11:00 waiting taken-back adopted #41", "1 hold not-deleted", None, ENTRIES),
    ("break 11:00 waiting taken-back adopted #41", "1 hold not-deleted", None, ENTRIES),
    ("in 08:00 delivered adopted #41; out 11:00 waiting taken-back timer #41", "2 hold not-deleted", None, TIMER),
    ("out 11:00 waiting taken-back timer #41", "1 hold not-deleted", None, TIMER),
    ("out 11:00 waiting taken-back adopted", "1 void", None, TIMER),
    ("in 08:00 ignored timer #41; out 11:00 waiting taken-back timer #41", "DeleteEntry 41 by 2 on 41", None, TIMER),
]

LOCKS = [
    (PAIR, "look 08:00..08:00 after 11:58", None),
    (PAIR, "look 08:00..08:00 after 11:58", seen("41 08:00..11:00", "11:57:59")),
    (PAIR, "look 08:00..08:00 after 11:57:55", seen("41 08:00..11:00", "11:57:54", slack_s=5)),
    (PAIR, "look 08:00..08:00 after 11:58", seen("41 08:00..11:00", NOW, over="08:01..12:00")),
    (PAIR, "DeleteEntry 41 by 1 on 41", seen("41 08:00..11:00; 42 11:00..11:30 locked", "11:58")),
    (PAIR, "1 hold not-deleted", seen("41 08:00..11:00 locked")),
    (CHAIN, "1 hold not-deleted", seen("41 20:00-1..00:00; 42 00:00..06:00 locked")),
]

IN_P, OUT_P = "in 08:00 delivered entry #41", "out 11:00 delivered entry #42"
SWITCH = "project 10:00 waiting taken-back entry #42 on:Roof"
SWITCHES = [
    # its own entry, then the one that it ended; the ids of both stand with it from the first on
    (f"{IN_P}; {SWITCH}; {OUT_P}", "DeleteEntry 42 by 2 on 42,41"),
    (f"{IN_P}; {SWITCH.replace('waiting', 'delivered')}; {OUT_P}", "2 take back"),
    (f"{IN_P}; project 10:00 waiting taken-back on:Roof", "DeleteEntry 41 by 2 on 41"),
    (f"{IN_P}; project 10:00 held:conflict taken-back on:Roof", "2 release"),
    (f"{IN_P}; project 10:00 waiting taken-back due@12:05 on:Roof", "rest until 12:05"),
    (f"{IN_P}; project 10:00 waiting taken-back due@12:00 on:Roof", "DeleteEntry 41 by 2 on 41"),
    (f"{IN_P}; project 10:00 waiting taken-back entry #41 DeleteEntry on:Roof", "DeleteEntry 41 by 2 on 41"),
    # what it ended was of a minute and needed nothing: it is booked after all
    (f"in 09:59:50 delivered; {SWITCH}", "1 reopened"),
    # what it ended is not at the tracker, or not ours, or not here: there is nothing to make anew
    (f"in 08:00 waiting; {SWITCH}", "DeleteEntry 42 by 2 on 42"),
    (f"in 08:00 void; {SWITCH}", "DeleteEntry 42 by 2 on 42"),
    (f"in 08:00 delivered adopted #41; {SWITCH}", "DeleteEntry 42 by 2 on 42"),
    (f"in 08:00 delivered entry; {SWITCH}", "DeleteEntry 42 by 2 on 42"),
    (f"out 08:00 delivered entry #41; {SWITCH}", "DeleteEntry 42 by 2 on 42"),
    (f"{IN_P}; project 10:00 waiting taken-back adopted #42 on:Roof", "2 void"),
    (f"{IN_P} elsewhere; {SWITCH}", "DeleteEntry 42 by 2 on 42"),
    (f"{IN_P}; {SWITCH} elsewhere", "2 hold not-deleted"),
    # it is in doubt: then that is settled first, as it was sent
    (f"in 08:00 doubtful CreateEntry; {SWITCH}", "nothing"),
]


@pytest.mark.parametrize(("items", "plan", "look", "policy"), CASES)
def test_what_is_taken_back(items: str, plan: str, look: Seen | None, policy: Policy) -> None:
    assert said(plan_deletion(lane(items), look, policy, secs(NOW))) == plan


@pytest.mark.parametrize(("items", "plan", "look"), LOCKS)
def test_where_entries_can_be_locked_they_are_looked_at_first(items: str, plan: str, look: Seen | None) -> None:
    assert said(plan_deletion(lane(items), look, GOODTIME, secs(NOW))) == plan


@pytest.mark.parametrize(("items", "plan"), SWITCHES)
def test_a_project_switch_that_is_taken_back(items: str, plan: str) -> None:
    assert said(plan_deletion(lane(items), None, SPLIT, secs(NOW))) == plan


@pytest.mark.parametrize(
    ("items", "rows", "plan"),
    [
        (NAMELESS, "40 07:00..08:00; 41 08:00..", "DeleteEntry 41 by 1 on 41"),
        (NAMELESS, "40 07:00..08:00", "1 void"),
        (NAMELESS.replace("in 08", "out 08"), "41 08:00..09:00; 40 07:00..08:00", "DeleteEntry 40 by 1 on 40"),
    ],
)
def test_what_has_no_number_is_never_a_neighbour(items: str, rows: str, plan: str) -> None:
    assert said(plan_deletion(lane(items), seen(rows), TIMER, secs(NOW))) == plan


def test_where_projects_do_not_split_a_switch_ended_nothing() -> None:
    assert said(plan_deletion(lane(f"{IN_P}; {SWITCH}"), None, ENTRIES, secs(NOW))) == "DeleteEntry 42 by 2 on 42"


UNCONFIRMED = "in 08:00 doubtful unconfirmed DeleteEntry taken-back entry #41 sent@11:59 due@11:59; out 11:00 delivered"
SETTLED = [
    ("look 08:00..08:00 after 11:59", None, NOW),
    ("look 08:00..08:00 after 11:59", seen(at="11:58:59"), NOW),
    ("look 08:00..08:00 after 11:59", seen(at="11:59:30", over="08:01..12:00"), NOW),
    ("1 unbooked #; 2 reopened", seen("42 08:00..11:00", "11:59"), NOW),
    ("rest until 12:01", seen("41 08:00..11:00", "11:59:30"), NOW),
    ("look 08:00..08:00 after 12:01", seen("41 08:00..11:00", "12:00:59"), "12:01"),
    ("1 hold not-deleted", seen("41 08:00..11:00", "12:01"), "12:01"),
]


@pytest.mark.parametrize(("plan", "look", "now"), SETTLED)
def test_deleted_with_a_complaint(plan: str, look: Seen | None, now: str) -> None:
    items = lane(f"{UNCONFIRMED} entry #41")
    assert said(settle_unconfirmed(items[0], items, look, ENTRIES, secs(now))) == plan
    assert said(plan_attendance(items, look, ENTRIES, secs(now))) == plan


def test_of_a_chain_the_look_shows_the_first_only() -> None:
    items = lane(UNCONFIRMED.replace("#41", "#41,42"))
    found = settle_unconfirmed(items[0], items, seen("42 00:00..06:00", NOW), ENTRIES, secs(NOW))
    assert said(found) == "1 absent #42"


def test_a_look_before_anything_was_sent_in_this_boot_shows_it_too() -> None:
    items = lane(UNCONFIRMED.replace("sent@11:59 ", ""))
    assert said(settle_unconfirmed(items[0], items, seen(at="00:00"), ENTRIES, secs(NOW))) == "1 unbooked #"


@pytest.mark.parametrize(
    ("items", "look", "words"),
    [
        ("in 08:00 waiting taken-back entry #41 elsewhere", None, "tracker or account used before"),
        ("out 11:00 waiting taken-back adopted #41", None, "entry 41 was begun by somebody else"),
        (PAIR, seen("41 08:00..11:00 locked"), "entry 41 is locked in the tracker"),
    ],
)
def test_the_words(items: str, look: Seen | None, words: str) -> None:
    plan = plan_deletion(lane(items), look, GOODTIME, secs(NOW))
    assert plan
    assert words in because(plan)
    stays = settle_unconfirmed(
        lane(UNCONFIRMED)[0], lane(UNCONFIRMED), seen("41 08:00..", "12:01"), TIMER, secs("12:01")
    )
    assert "entry 41 is still in the tracker (no reason given)" in because(stays)


@pytest.mark.parametrize(
    ("items", "begun"),
    [
        ("in 08:00 delivered; project 10:00 waiting", 1),
        ("resume 08:00 delivered; project 10:00 waiting", 1),
        ("project 08:00 delivered; project 10:00 waiting", 1),
        ("out 08:00 delivered; project 10:00 waiting", None),
        ("in 07:00 delivered; break 08:00 delivered; project 10:00 waiting", None),
        ("in 08:00 delivered; in 09:00 void; project 10:00 waiting", 1),
        ("in 08:00 delivered; in 09:00 delivered taken-back; project 10:00 waiting", 1),
        ("project 10:00 waiting", None),
    ],
)
def test_what_a_switch_ended(items: str, begun: int | None) -> None:
    found = lane(items)
    before = begun_before(found[-1].seq, found)
    assert (before.seq if before else None) == begun


@pytest.mark.parametrize(
    ("items", "seq", "expected"),
    [
        *((f"in 08:00 {state}; project 10:00 waiting", 2, True) for state in ("sending", "doubtful", "delivered")),
        *((f"in 08:00 {state}; project 10:00 waiting", 2, False) for state in ("waiting", "held:conflict", "void")),
        ("in 08:00 delivered; out 10:00 waiting", 2, False),
        ("in 08:00 delivered; project 10:00 waiting", 1, False),
        ("out 08:00 delivered; project 10:00 waiting", 2, False),
        ("", 1, False),
    ],
)
def test_whether_a_switch_ended_an_entry(items: str, seq: int, *, expected: bool) -> None:
    assert ends_an_entry(seq, lane(items)) is expected
