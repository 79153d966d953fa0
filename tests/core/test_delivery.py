"""The state table: what it must have, and that it is all there is."""

from pathlib import Path

import pytest

from clockd.core import delivery
from clockd.core.delivery import FINISHED, TRANSITIONS, Event, IllegalStep, State, step


def test_every_pair_either_moves_or_refuses() -> None:
    for state in State:
        for event in Event:
            if (state, event) in TRANSITIONS:
                assert step(state, event) is TRANSITIONS[state, event]
            else:
                with pytest.raises(IllegalStep):
                    step(state, event)


def test_every_event_and_state_is_used() -> None:
    assert {event for _, event in TRANSITIONS} == set(Event)
    reachable = {State.WAITING} | set(TRANSITIONS.values())
    assert reachable == set(State)


def test_a_sent_delivery_never_waits_again_without_certainty() -> None:
    back = {event for (state, event), to in TRANSITIONS.items() if state is State.SENDING and to is State.WAITING}
    assert back == {Event.NOT_APPLIED, Event.STEP_DONE}


def test_doubt_ends_by_a_look_or_a_person_only() -> None:
    ways = {event for (state, event) in TRANSITIONS if state is State.DOUBTFUL}
    assert ways == {Event.FOUND, Event.ABSENT, Event.HOLD, Event.UNBOOKED}


def test_every_unfinished_state_has_a_way_to_an_end() -> None:
    for start in set(State) - FINISHED:
        seen, todo = set(), {start}
        while todo:
            state = todo.pop()
            seen.add(state)
            todo |= {to for (source, _), to in TRANSITIONS.items() if source is state} - seen
        assert seen & FINISHED, start


def test_the_essay_draws_the_table() -> None:
    assert delivery.__doc__ is not None
    assert delivery.diagram() in delivery.__doc__
    for state, event in TRANSITIONS:
        assert event.value in delivery.diagram()
        assert state.value in delivery.diagram()


def test_the_architecture_page_draws_the_table() -> None:
    page = Path(delivery.__file__).parents[1] / "README.md"
    assert delivery.diagram() in page.read_text(encoding="utf-8")


def test_what_is_finished() -> None:
    assert {State.DELIVERED, State.IGNORED, State.VOID, State.STRANGER} == FINISHED
    assert {State.WAITING, State.SENDING, State.DOUBTFUL, State.HELD} == delivery.UNFINISHED


def test_the_drawing_says_where_it_ends() -> None:
    ends = [line.split()[0] for line in delivery.diagram().splitlines() if line.endswith("(an end)")]
    assert ends == ["ignored", "void"]
