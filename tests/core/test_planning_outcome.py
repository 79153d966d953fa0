"""What an answer means: each verdict for each kind of write, as the table of the essay has it."""

from dataclasses import replace

import pytest

from clockd.core.delivery import TRANSITIONS, Event, State
from clockd.core.planning.outcome import deleted, outcome_of
from clockd.core.planning.plan import Send
from clockd.core.wire import (
    Accepted,
    CreateEntry,
    DeleteEntry,
    Forbidden,
    Gone,
    NotApplied,
    Paused,
    Rejected,
    StartProject,
    StartTimer,
    StopTimer,
    Throttled,
    Unconfirmed,
    Unknown,
    UpdateEntry,
    Verdict,
)
from tests.core.lanes import NAME, TIMER, lane, local, moves_said, secs

LANE = lane("in 08:00 sending; out 12:00 sending")
START = Send(StartTimer(NAME, local("08:00")), (1,))
STOP = Send(StopTimer(NAME, local("12:00")), (2,), ("41",))
PAIR = Send(CreateEntry(NAME, local("08:00"), local("12:00"), 0, ""), (1, 2))
PUT = Send(UpdateEntry("41", to_local=local("12:00")), (2,), ("41",))
PROJECT = Send(StartProject(NAME, "Client", "Roof", local("08:00")), (1,))
STEP = replace(PROJECT, final=False)
DELETE = Send(DeleteEntry("41"), (1,), ("41",))

NAMED, UNNAMED = Accepted(("51",)), Accepted(())
ECHOLESS, SILENT = Unconfirmed("204"), Unknown("502")
NO, NO_PAGE = Rejected("422", envelope=True), Rejected("400", envelope=False)
GONE, FORBIDDEN = Gone("404", deleted=True), Forbidden("403")
UNKNOWN_USER = Forbidden("404", about="employee")
UNSENT, PAUSED, THROTTLED = NotApplied("refused"), Paused("credentials", "401"), Throttled("30")

SOON = "due@12:02:10"
CASES: list[tuple[Send, Verdict, str]] = [
    (START, NAMED, "1 proved #51 timer"),
    (START, UNNAMED, "1 proved # timer"),
    (START, ECHOLESS, f"1 unproved unconfirmed {SOON} error:204"),
    (START, SILENT, f"1 unproved {SOON} error:502"),
    (START, NO, "1 unproved rejected due@12:00:10 error:422"),
    (START, NO_PAGE, f"1 unproved rejected {SOON} error:400"),
    (START, GONE, "1 hold deleted error:404"),
    (START, FORBIDDEN, "1 hold forbidden! error:403 again:600.0"),
    (START, UNKNOWN_USER, "1 hold forbidden error:404 again:600.0"),
    (START, UNSENT, "1 not applied error:refused"),
    (START, PAUSED, "1 not applied error:401"),
    (START, THROTTLED, "1 not applied error:throttled"),
    (STOP, NAMED, "2 proved #51 timer"),
    (STOP, UNNAMED, "2 proved #41 timer"),
    (STOP, ECHOLESS, f"2 unproved unconfirmed {SOON} error:204"),
    (STOP, SILENT, f"2 unproved {SOON} error:502"),
    (STOP, NO, "2 unproved rejected due@12:00:10 error:422"),
    (STOP, GONE, "2 unproved rejected due@12:00:10 error:404"),
    (STOP, FORBIDDEN, "2 hold forbidden! error:403 again:600.0"),
    (STOP, UNSENT, "2 not applied error:refused"),
    (PAIR, NAMED, "1 proved #51 entry; 2 proved #51 entry"),
    (PAIR, UNNAMED, "1 proved # entry; 2 proved # entry"),
    (PAIR, ECHOLESS, f"1 unproved unconfirmed {SOON} error:204; 2 unproved unconfirmed {SOON} error:204"),
    (PAIR, SILENT, f"1 unproved {SOON} error:502; 2 unproved {SOON} error:502"),
    (PAIR, NO, "1 unproved rejected due@12:00:10 error:422; 2 unproved rejected due@12:00:10 error:422"),
    (PAIR, GONE, "1 hold deleted error:404; 2 hold deleted error:404"),
    (PAIR, FORBIDDEN, "1 hold forbidden! error:403 again:600.0; 2 hold forbidden! error:403 again:600.0"),
    (PAIR, PAUSED, "1 not applied error:401; 2 not applied error:401"),
    (PUT, NAMED, "2 proved #51 timer"),
    (PUT, UNNAMED, "2 proved #41 timer"),
    (PUT, ECHOLESS, f"2 unproved unconfirmed {SOON} error:204"),
    (PUT, SILENT, "2 unproved due@12:00:25 error:502"),  # doing it twice is doing it once
    (PUT, NO, "2 hold refused error:422"),
    (PUT, NO_PAGE, "2 hold refused error:400"),
    (PUT, GONE, "2 hold deleted error:404"),
    (PUT, FORBIDDEN, "2 hold forbidden! error:403 again:600.0"),
    (PUT, THROTTLED, "2 not applied error:throttled"),
    (PROJECT, UNNAMED, "1 proved # timer"),
    (STEP, UNNAMED, "1 step done # timer"),
    (STEP, SILENT, f"1 unproved {SOON} error:502"),
    (DELETE, UNNAMED, "1 unbooked #"),
    (DELETE, GONE, "1 unbooked #"),
    (DELETE, ECHOLESS, "1 unproved unconfirmed due@12:00:10 error:204"),
    (DELETE, SILENT, "1 unproved due@12:00:25 error:502"),
    (DELETE, NO, "1 hold not-deleted error:422"),
    (DELETE, NO_PAGE, "1 hold not-deleted error:400"),
    (DELETE, FORBIDDEN, "1 hold not-deleted error:403"),
    (DELETE, UNSENT, "1 not applied error:refused"),
    (DELETE, PAUSED, "1 not applied error:401"),
    (DELETE, THROTTLED, "1 not applied error:throttled"),
]


@pytest.mark.parametrize(("send", "verdict", "moves"), CASES)
def test_what_an_answer_means(send: Send, verdict: Verdict, moves: str) -> None:
    found = outcome_of(send, verdict, LANE, TIMER, secs("12:00:10"))
    assert moves_said(found) == moves
    assert all((State.SENDING, move.event) in TRANSITIONS for move in found)


def test_every_verdict_is_judged_for_a_deletion_and_for_all_else() -> None:
    verdicts = {type(verdict) for verdict in (NAMED, ECHOLESS, SILENT, NO, GONE, FORBIDDEN, UNSENT, PAUSED, THROTTLED)}
    assert {type(verdict) for send, verdict, _ in CASES if send is DELETE} == verdicts
    assert {type(verdict) for send, verdict, _ in CASES if send is START} == verdicts


@pytest.mark.parametrize("attempts", [0, 1, 4])
def test_a_refusal_of_a_repeat_is_looked_at_after_the_quarantine(attempts: int) -> None:
    """An earlier attempt may still be on its way; the lane is as it was before this one was sent."""
    items = tuple(replace(item, attempts=attempts) for item in LANE)
    moves = outcome_of(PAIR, NO, items, TIMER, secs("12:00:10"))
    assert {move.due_s for move in moves} == {secs("12:02:10" if attempts else "12:00:10")}
    other = (*LANE, replace(LANE[0], seq=3, attempts=9))
    assert {move.due_s for move in outcome_of(PAIR, NO, other, TIMER, secs("12:00:10"))} == {secs("12:00:10")}
    mixed = (LANE[0], replace(LANE[1], attempts=attempts))
    assert {move.due_s for move in outcome_of(PAIR, NO, mixed, TIMER, secs("12:00:10"))} == {
        move.due_s for move in moves
    }


CLAIMED = "1 unproved unconfirmed due@12:02:10 error:the tracker names entry 51, which another punch has already"


@pytest.mark.parametrize(
    ("send", "others", "taken", "moves"),
    [
        (START, "; in 13:00 delivered #51", (), CLAIMED),
        (START, "; in 13:00 held:conflict #51", (), CLAIMED),
        (START, "; in 13:00 void #51", (), "1 proved #51 timer"),
        (START, "; in 13:00 delivered #52", (), "1 proved #51 timer"),
        (START, "", ("51",), CLAIMED),
        (START, "", ("52",), "1 proved #51 timer"),
        # what it acted on is its own, though its clock-in has it too
        (replace(STOP, target=("51",)), "; in 13:00 delivered #51", ("51",), "2 proved #51 timer"),
        # and so is what it has already
        (replace(START, covers=(3,)), "; in 13:00 sending #51", (), "3 proved #51 timer"),
    ],
)
def test_an_id_that_another_punch_owns_proves_nothing(
    send: Send, others: str, taken: tuple[str, ...], moves: str
) -> None:
    items = lane(f"in 08:00 sending; out 12:00 sending{others}")
    assert moves_said(outcome_of(send, NAMED, items, TIMER, secs("12:00:10"), taken)) == moves


@pytest.mark.parametrize(("retries", "again"), [((0, 0), 600), ((1, 2), 3600), ((2, 3), 86400), ((3, 3), None)])
def test_who_is_forbidden_is_tried_again_as_often_as_any(retries: tuple[int, int], again: int | None) -> None:
    items = tuple(replace(item, retries=n) for item, n in zip(LANE, retries, strict=True))
    assert {move.retry_in_s for move in outcome_of(PAIR, FORBIDDEN, items, TIMER, 0.0)} == {again}


def test_what_holds_says_why() -> None:
    held = [
        outcome_of(send, verdict, LANE, TIMER, 0.0)[0].held for send, verdict in ((PUT, NO), (DELETE, NO), (PAIR, GONE))
    ]
    words = [one.because for one in held if one]
    assert words[0] == "the tracker refuses it: 422"
    assert words[1] == "the tracker does not delete entry 41: 422. Delete it there, then retry this"
    assert words[2] == "its entry is gone from the tracker and is not made again: 404"


DELETED = [
    # who shared the entry and stays is booked anew; who owns another one is left alone
    ("in 08:00 sending #41; out 12:00 delivered entry #41", "1 unbooked #; 2 reopened"),
    ("in 08:00 sending #41; out 12:00 delivered entry #42", "1 unbooked #"),
    ("in 08:00 sending #41; out 12:00 held:conflict #41", "1 unbooked #"),
    ("in 08:00 sending #41; out 12:00 waiting #41", "1 unbooked #"),
    (
        "in 08:00 sending #41; break 10:00 delivered timer #41; out 12:00 delivered timer #41,42",
        "1 unbooked #; 2 reopened; 3 reopened",
    ),
    # taken back as well: it is gone with it, unless it has a further one
    ("in 08:00 sending #41; out 12:00 waiting taken-back #41", "1 unbooked #; 2 void"),
    ("in 08:00 sending #41; out 12:00 held:not-deleted taken-back #41", "1 unbooked #; 2 void"),
    ("in 08:00 sending #41; out 12:00 delivered taken-back #41", "1 unbooked #; 2 take back forgets"),
    ("in 08:00 sending #41; out 12:00 waiting taken-back #41,42", "1 unbooked #"),
    ("in 08:00 sending #41; out 12:00 delivered taken-back #41,42", "1 unbooked #"),
    ("in 08:00 sending #41; out 12:00 doubtful taken-back #41", "1 unbooked #"),
    # a chain: what is left of it stays with the punch that is taken back
    ("in 20:00-1 sending #41,42; out 06:00 delivered entry #41,42", "1 step done #42; 2 reopened"),
]


@pytest.mark.parametrize(("items", "moves"), DELETED)
def test_an_entry_is_gone(items: str, moves: str) -> None:
    found = lane(items)
    ids = found[0].entry_ids
    assert moves_said(deleted((1,), ids, "41", found, proved=Event.STEP_DONE)) == moves
    assert moves_said(outcome_of(Send(DeleteEntry("41"), (1,), ids), NAMED, found, TIMER, 0.0)) == moves


def test_which_event_proves_a_part_of_it() -> None:
    found = lane(DELETED[-1][0])
    assert moves_said(deleted((1,), ("41", "42"), "41", found, proved=Event.ABSENT)) == "1 absent #42; 2 reopened"
