"""What a move notes: attempts, moments, marks, reasons. And what a crash, a switch, a faster person make of one."""

from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from clockd.core.delivery import (
    TRANSITIONS,
    Delivery,
    Event,
    FirstSent,
    Held,
    HoldCode,
    IllegalStep,
    Mark,
    Moment,
    Move,
    Now,
    State,
    Via,
    crashed,
    moved,
    overtaken,
    switched,
)
from clockd.core.model import Reading
from clockd.core.wire import WriteKind
from tests.core.lanes import moves_said, now, secs

NOW = now("12:00")
THEN = Moment(7_000_000, 1)
FIRST = FirstSent(3, Moment(5_000_000, 1))
REASON, OTHER = Held(HoldCode.CONFLICT, "before"), Held(HoldCode.REFUSED, "after")

FULL = Delivery(
    State.WAITING,
    held=REASON,
    entry_ids=("41",),
    via=Via.ENTRY,
    mark=Mark.REJECTED,
    attempts=3,
    sent=THEN,
    first_sent=FIRST,
    due=THEN,
    write=WriteKind.CREATE_ENTRY,
    last_error="502",
    done=THEN,
    retries=2,
    retry_us=9,
)
"""Something of everything."""

CLEARED: dict[str, object] = {"held": None, "mark": None, "retry_us": None}
"""What most events clear."""
ANEW: dict[str, object] = {**CLEARED, "attempts": 0, "first_sent": None}
PROOF: dict[str, object] = {**CLEARED, "done": NOW.moment, "retries": 0, "last_error": None}
FORGOT: dict[str, object] = {"entry_ids": (), "via": None}
SENT: dict[str, object] = {"attempts": 4, "sent": NOW.moment, "write": None, "retry_us": None}

NOTES: dict[Event, dict[str, object]] = {
    Event.WAIT: CLEARED,
    Event.SEND: SENT,
    Event.PROVED: PROOF,
    Event.STEP_DONE: ANEW,
    Event.NOT_APPLIED: {**CLEARED, "attempts": 2},
    Event.UNPROVED: CLEARED,
    Event.CRASHED: {"retry_us": None},
    Event.FOUND: PROOF,
    Event.ABSENT: CLEARED,
    Event.HOLD: CLEARED,
    Event.RELEASE: {**ANEW, "due": None},
    Event.NOTHING_TO_SEND: PROOF,
    Event.RETRY: {**ANEW, "due": None, "retries": 0},
    Event.LOOK_FIRST: CLEARED,
    Event.IGNORE: {"retry_us": None},
    Event.VOID: CLEARED,
    Event.TAKE_BACK: CLEARED,
    Event.UNBOOKED: CLEARED,
    Event.ASSIGN: CLEARED,
    Event.DISOWN: CLEARED,
    Event.REOPENED: {**ANEW, **FORGOT},
}
"""What else changes with each event, when the move says nothing more."""


@pytest.mark.parametrize(("state", "event"), [*TRANSITIONS])
def test_what_a_bare_move_notes(state: State, event: Event) -> None:
    before = replace(FULL, state=state)
    expected = replace(before, state=TRANSITIONS[state, event], **NOTES[event])  # type: ignore[arg-type]
    assert moved(before, Move(1, event), NOW) == expected


def test_a_step_that_the_table_does_not_know_changes_nothing() -> None:
    for state in State:
        for event in Event:
            if (state, event) not in TRANSITIONS:
                with pytest.raises(IllegalStep, match=f"'{event.value}' cannot happen to a delivery that is {state}"):
                    moved(replace(FULL, state=state), Move(1, event), NOW)


def test_what_a_move_says_is_noted() -> None:
    doubtful = replace(FULL, state=State.DOUBTFUL)
    found = moved(doubtful, Move(1, Event.FOUND, entry_ids=("51", "52"), via=Via.TIMER), NOW)
    assert (found.entry_ids, found.via) == (("51", "52"), Via.TIMER)
    assert moved(doubtful, Move(1, Event.FOUND, entry_ids=()), NOW).entry_ids == ()
    held = moved(doubtful, Move(1, Event.HOLD, held=OTHER, error="422", mark=Mark.WITH_OUT), NOW)
    assert (held.held, held.last_error, held.mark) == (OTHER, "422", Mark.WITH_OUT)
    sending = replace(FULL, state=State.SENDING)
    unproved = moved(sending, Move(1, Event.UNPROVED, mark=Mark.UNCONFIRMED, due_s=1.5, error="204"), NOW)
    assert (unproved.mark, unproved.due, unproved.last_error) == (Mark.UNCONFIRMED, Moment(1_500_000, 1), "204")
    assert moved(sending, Move(1, Event.UNPROVED, due_s=0.0, error=""), NOW).due == Moment(0, 1)
    assert moved(sending, Move(1, Event.UNPROVED, error=""), NOW).last_error == ""


def test_what_a_person_said_stays() -> None:
    said = replace(FULL, state=State.SENDING, mark=Mark.SAID)
    assert moved(said, Move(1, Event.UNPROVED), NOW).mark is Mark.SAID
    assert moved(said, Move(1, Event.UNPROVED, mark=Mark.REJECTED), NOW).mark is Mark.REJECTED
    assert moved(replace(said, state=State.HELD), Move(1, Event.RETRY), NOW).mark is Mark.SAID


@pytest.mark.parametrize("event", [Event.SEND, Event.CRASHED, Event.IGNORE])
def test_what_was_marked_and_why_it_was_held_stays_to_be_seen(event: Event) -> None:
    state = next(state for state, known in TRANSITIONS if known is event)
    after = moved(replace(FULL, state=state), Move(1, event, held=OTHER, mark=Mark.WITH_OUT), NOW)
    assert (after.held, after.mark) == (REASON, Mark.REJECTED)


def test_a_request_is_counted_from_the_first_on() -> None:
    fresh = Delivery(State.WAITING)
    once = moved(fresh, Move(1, Event.SEND, write=WriteKind.START_TIMER), NOW)
    assert (once.attempts, once.sent, once.first_sent) == (1, NOW.moment, FirstSent(NOW.wall_us, NOW.moment))
    assert once.write is WriteKind.START_TIMER
    later = now("12:05")
    again = replace(once, state=State.WAITING)
    twice = moved(again, Move(1, Event.SEND, write=WriteKind.CREATE_ENTRY), later)
    assert (twice.attempts, twice.sent, twice.first_sent) == (2, later.moment, once.first_sent)
    assert twice.write is WriteKind.CREATE_ENTRY


def test_a_deletion_is_an_errand_of_its_own() -> None:
    first = moved(FULL, Move(1, Event.SEND, write=WriteKind.DELETE_ENTRY), NOW)
    assert (first.attempts, first.first_sent) == (1, FirstSent(NOW.wall_us, NOW.moment))
    second = moved(replace(first, state=State.WAITING), Move(1, Event.SEND, write=WriteKind.DELETE_ENTRY), now("12:05"))
    assert (second.attempts, second.first_sent) == (2, first.first_sent)


@pytest.mark.parametrize(("attempts", "first"), [(1, None), (2, FIRST)])
def test_what_never_left_is_no_attempt(attempts: int, first: FirstSent | None) -> None:
    sending = replace(FULL, state=State.SENDING, attempts=attempts)
    after = moved(sending, Move(1, Event.NOT_APPLIED), NOW)
    assert (after.attempts, after.first_sent) == (attempts - 1, first)


def test_it_is_tried_again_by_itself() -> None:
    doubtful = replace(FULL, state=State.DOUBTFUL)
    held = moved(doubtful, Move(1, Event.HOLD, held=OTHER, retry_in_s=600.5), NOW)
    assert (held.retries, held.retry_us) == (3, NOW.wall_us + 600_500_000)
    assert moved(doubtful, Move(1, Event.HOLD, held=OTHER), NOW).retry_us is None
    assert moved(doubtful, Move(1, Event.HOLD, retry_in_s=0.0), NOW).retry_us == NOW.wall_us
    assert moved(held, Move(1, Event.RELEASE), NOW).retries == 3
    assert moved(held, Move(1, Event.RETRY), NOW).retries == 0


PROVING = [
    (State.SENDING, Event.PROVED),
    (State.DOUBTFUL, Event.FOUND),
    (State.WAITING, Event.NOTHING_TO_SEND),
    (State.HELD, Event.FOUND),
]


@pytest.mark.parametrize(("state", "event"), PROVING)
def test_taken_back_meanwhile_it_waits_to_be_deleted(state: State, event: Event) -> None:
    before = replace(FULL, state=state, voided=True)
    after = moved(before, Move(1, event, entry_ids=("51",), via=Via.TIMER), NOW)
    assert (after.state, after.entry_ids, after.via, after.done) == (State.WAITING, ("51",), Via.TIMER, NOW.moment)
    assert moved(replace(before, voided=False), Move(1, event), NOW).state is State.DELIVERED


def test_what_is_gone_from_the_tracker_is_forgotten() -> None:
    back = moved(replace(FULL, state=State.DELIVERED, voided=True), Move(1, Event.TAKE_BACK, forgets=True), NOW)
    assert (back.state, back.entry_ids, back.via) == (State.WAITING, (), None)
    kept = moved(replace(FULL, state=State.DELIVERED, voided=True), Move(1, Event.TAKE_BACK), NOW)
    assert (kept.entry_ids, kept.via) == (("41",), Via.ENTRY)


OVERTAKEN = {
    Event.REOPENED: {State.DELIVERED},
    Event.TAKE_BACK: {State.DELIVERED},
    Event.VOID: {State.WAITING, State.HELD},
}


@pytest.mark.parametrize("event", [*Event])
def test_a_person_was_faster(event: Event) -> None:
    """Only with punches that share an entry: the one that was sent is locked."""
    for state in State:
        expected = event in OVERTAKEN and state not in OVERTAKEN[event]
        assert overtaken(Delivery(state), Move(1, event)) is expected


def test_a_crash_while_sending_is_doubt_for_the_quarantine() -> None:
    (move,) = crashed(4, 120, NOW)
    assert (move.seq, move.event, move.due_s, move.error) == (
        4,
        Event.CRASHED,
        secs("12:02"),
        "clockd ended while sending",
    )
    after = moved(replace(FULL, state=State.SENDING), move, NOW)
    assert (after.state, after.attempts, after.due) == (State.DOUBTFUL, 3, now("12:02").moment)


TO_DELETE = replace(FULL, voided=True, via=None, write=WriteKind.DELETE_ENTRY)
SWITCHES: list[tuple[Delivery, State, bool, str]] = [
    # what may be at the old one is held in any case
    *((FULL, State.DOUBTFUL, send, "1 hold switched") for send in (True, False)),
    (FULL, State.SENDING, True, "1 crashed error:clockd ended while sending; 1 hold switched"),
    # what was never sent goes to the new one, or a person is asked
    (FULL, State.WAITING, True, ""),
    (FULL, State.WAITING, False, "1 hold switched"),
    *((FULL, state, False, "") for state in (State.HELD, State.DELIVERED, State.IGNORED, State.VOID)),
    # what is to be deleted there stays a matter of that one
    (replace(FULL, voided=True), State.WAITING, False, ""),
    (TO_DELETE, State.WAITING, False, ""),
    (TO_DELETE, State.HELD, False, ""),
    (TO_DELETE, State.DOUBTFUL, True, "1 hold not-deleted"),
    (TO_DELETE, State.SENDING, True, "1 crashed error:clockd ended while sending; 1 hold not-deleted"),
    # taken back before anything was booked: nothing of it is there
    (replace(FULL, voided=True, via=None), State.WAITING, False, "1 hold switched"),
]


@pytest.mark.parametrize(("delivery", "state", "send", "moves"), SWITCHES)
def test_another_tracker_is_configured(delivery: Delivery, state: State, moves: str, *, send: bool) -> None:
    found = switched(1, replace(delivery, state=state), send=send)
    assert moves_said(found) == moves
    after = replace(delivery, state=state)
    for move in found:
        after = moved(after, move, NOW)
    assert after.state is (State.HELD if found else state)


def test_the_words_of_a_switch_say_what_to_do() -> None:
    found = [switched(1, replace(delivery, state=state), send=send) for delivery, state, send, _ in SWITCHES]
    words = {moves[-1].held.because for moves in found if moves and moves[-1].held}
    assert len(words) == 3
    assert all("used before" in text and ("then" in text or "retry" in text) for text in words)


@pytest.mark.parametrize(
    ("delivery", "booked", "back"),
    [
        (Delivery(State.DELIVERED), False, False),
        (Delivery(State.DELIVERED, via=Via.ADOPTED), True, False),
        (Delivery(State.WAITING, voided=True), False, False),
        (Delivery(State.WAITING, voided=True, via=Via.TIMER), True, True),
        (Delivery(State.WAITING, voided=True, write=WriteKind.DELETE_ENTRY), False, True),
        (Delivery(State.WAITING, write=WriteKind.DELETE_ENTRY), False, False),
    ],
)
def test_what_is_there_and_what_comes_back(delivery: Delivery, *, booked: bool, back: bool) -> None:
    assert (delivery.is_booked, delivery.comes_back) == (booked, back)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (State, "waiting sending doubtful delivered held ignored void"),
        (Via, "timer entry adopted none"),
        (Mark, "rejected unconfirmed no-start said"),
        (
            HoldCode,
            "missing-out orphan-out too-long its-in conflict refused not-started gave-up deleted renamed not-deleted "
            "forbidden unsendable uncertain switched unknown-badge direction internal rotten",
        ),
    ],
)
def test_words_that_stand_in_databases_never_change(words: type[StrEnum], expected: str) -> None:
    assert {word.value for word in words} >= {*expected.split()}


def test_a_moment_is_taken_from_a_reading() -> None:
    reading = Reading(datetime(2026, 11, 20, 11, tzinfo=UTC), 43200.0000004, "boot", 1, trusted=True)
    assert Now.of(reading) == NOW


@pytest.mark.parametrize("event", [Event.RETRY, Event.RELEASE])
@pytest.mark.parametrize("code", HoldCode)
@pytest.mark.parametrize("attempts", [0, 1])
def test_what_was_in_doubt_when_it_was_held_is_looked_at_first(event: Event, code: HoldCode, attempts: int) -> None:
    in_doubt = attempts > 0 and code in (HoldCode.FORBIDDEN, HoldCode.INTERNAL)
    held = replace(FULL, state=State.HELD, held=Held(code, "why"), attempts=attempts, via=None)
    after = moved(held, Move(1, event), NOW)
    assert held.held_in_doubt == in_doubt
    assert not replace(held, via=Via.ENTRY).held_in_doubt, "it was proved, and is taken back"
    assert after.state is (State.DOUBTFUL if in_doubt else State.WAITING)
    assert (after.attempts, after.due, after.first_sent) == ((1, THEN, FIRST) if in_doubt else (0, None, None))
    assert (after.held, after.retry_us, after.retries) == (None, None, 0 if event is Event.RETRY else 2)


def test_who_is_turned_away_by_name_was_not_booked() -> None:
    sending = replace(FULL, state=State.SENDING, attempts=1, via=None)
    refused = moved(sending, Move(1, Event.HOLD, held=Held(HoldCode.FORBIDDEN, "403")), NOW)
    assert (refused.attempts, refused.first_sent, refused.held_in_doubt) == (0, None, False)
    assert moved(refused, Move(1, Event.RETRY), NOW).state is State.WAITING
    after_a_doubt = moved(replace(sending, attempts=2), Move(1, Event.HOLD, held=Held(HoldCode.FORBIDDEN, "403")), NOW)
    assert after_a_doubt.held_in_doubt
