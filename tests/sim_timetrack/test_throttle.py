"""The sliding window is exact, counts every arrival, and tells when to come back as the profile says."""

import random
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clockd.sim.throttle import SlidingWindow
from clockd.sim.timetrack.profile import ALT, ALT2, profile_named
from tests.sim_timetrack.caller import Caller, caller


def test_exactly_thirty_fit_into_any_sixty_seconds() -> None:
    them = caller(requests_per_minute=30, count_refused=False)
    for _ in range(30):
        assert them.reply("GET", "/users").status == 200
        them.later(seconds=1)
    assert them.reply("GET", "/users").status == 429
    them.later(seconds=29.999)
    assert them.reply("GET", "/users").status == 429
    them.later(seconds=0.001)  # exactly 60 s after the first
    assert them.reply("GET", "/users").status == 200
    assert them.reply("GET", "/users").status == 429
    assert them.sim.front.journal.throttled == 3


def test_a_fixed_minute_would_let_a_burst_over_its_border_pass_and_ours_does_not() -> None:
    them = caller(requests_per_minute=30)
    them.later(seconds=59)
    assert [them.reply("GET", "/users").status for _ in range(30)] == [200] * 30
    them.later(seconds=2)
    assert them.reply("GET", "/users").status == 429


def test_refused_requests_count_so_that_hammering_locks_out() -> None:
    them = caller(requests_per_minute=3)
    statuses = []
    for _ in range(12):
        statuses.append(them.reply("GET", "/users").status)
        them.later(seconds=15)
    assert statuses == [200, 200, 200] + [429] * 9


def test_everything_that_arrives_is_counted_wrong_keys_and_wrong_paths_too() -> None:
    them = caller(requests_per_minute=3)
    Caller(them.sim, headers={"x": "y"}).reply("GET", "/attendances")
    them.reply("GET", "/nowhere")
    them.reply("POST", "/attendances", {})
    assert them.reply("GET", "/attendances").status == 429


def test_what_the_refusal_says_depends_on_the_profile() -> None:
    def refused(them: Caller) -> tuple[int, str | None]:
        them.reply("GET", "/users")
        them.later(seconds=20.5)
        reply = them.reply("GET", "/users")
        assert b'"errors"' in reply.body
        return reply.status, reply.headers.get("retry-after")

    once: dict[str, Any] = {"requests_per_minute": 1, "count_refused": False}
    assert refused(caller(**once)) == (429, "40")
    assert refused(caller(ALT, **once)) == (429, None)
    them = caller(ALT2, **once)
    status, date = refused(them)
    assert status == 503
    assert date is not None
    assert 39 <= (parsedate_to_datetime(date) - them.now).total_seconds() <= 42
    status, absurd = refused(caller(profile_named("strict", retry_after="absurd"), **once))
    assert absurd is not None
    assert int(absurd) > 10**8


def test_a_neighbour_on_the_same_key_eats_the_budget_and_is_not_our_fault() -> None:
    them = caller(requests_per_minute=30)
    them.sim.act({"act": "neighbour", "requests": 29}, them.now_s)
    assert them.reply("GET", "/users").status == 200
    assert them.reply("GET", "/users").status == 429
    assert them.sim.violations() == []
    assert them.sim.invariants(them.now_s)["busiest_60_s"] == 2


@settings(max_examples=200)
@given(gaps=st.lists(st.floats(0, 40), max_size=80), limit=st.integers(1, 6), count_refused=st.booleans())
def test_the_window_agrees_with_counting_by_hand(gaps: list[float], limit: int, count_refused: bool) -> None:
    window = SlidingWindow(limit, count_refused=count_refused)
    now_s, busiest = 0.0, 0
    arrived: list[float] = []
    counted: list[float] = []
    for gap in gaps:
        now_s += gap
        arrived.append(now_s)
        busiest = max(busiest, sum(1 for at in arrived if at > now_s - 60))
        free = sum(1 for at in counted if at > now_s - 60) < limit
        wait_s = window.admit(now_s)
        assert (wait_s is None) is free
        if free or count_refused:
            counted.append(now_s)
        if wait_s is not None:
            # a moment earlier there would still be no place, then there is
            assert len([at for at in counted if at > now_s + wait_s - 60 + 1e-6]) < limit
            assert len([at for at in counted if at > now_s + wait_s - 60 - 1e-6]) >= limit
    assert window.busiest == busiest


@pytest.mark.parametrize("seed", range(3))
def test_a_client_that_obeys_retry_after_never_waits_in_vain(seed: int) -> None:
    dice = random.Random(seed)
    them = caller(requests_per_minute=5)
    refused = 0
    for _ in range(100):
        reply = them.reply("GET", "/users")
        if reply.status == 429:
            refused += 1
            them.later(seconds=int(reply.headers["retry-after"]))
            assert them.reply("GET", "/users").status == 200
        them.later(seconds=dice.uniform(0, 10))
    assert refused
