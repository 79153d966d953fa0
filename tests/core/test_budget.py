"""Never more than the limit in any sliding minute as the server sees it, and nearly all of it while work waits."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core import budget
from clockd.core.budget import Pace, next_send_s, retry_after_s


def worst_window(times: list[float], span_s: float = 60.0) -> int:
    times = sorted(times)
    worst, first = 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - span_s:
            first += 1
        worst = max(worst, last - first + 1)
    return worst


def drain(
    count: int, latency_s: Callable[[], float], *, urgent: bool, seed: int = 1, margin: bool = True
) -> tuple[list[float], float]:
    """Send `count` requests one after the other; return when the server saw each, and when the last one was over."""
    rng = random.Random(seed)
    pace, ends, seen, now, last = Pace.of(30), list[float](), list[float](), 0.0, None
    for _ in range(count):
        at = next_send_s(pace, ends if margin else [e - 30 for e in ends], 0, last, now, urgent=urgent)
        assert at is not None
        last, took = at, latency_s()
        seen.append(at + rng.random() * took)
        now = at + took
        ends.append(now)
    return seen, now


@pytest.mark.parametrize("urgent", [True, False])
@pytest.mark.parametrize("seed", range(20))
def test_no_window_of_the_server_ever_holds_more(urgent: bool, seed: int) -> None:
    rng = random.Random(seed)
    seen, _ = drain(300, lambda: rng.choice([0.05, 0.3, 2.0, 9.0]), urgent=urgent, seed=seed)
    assert worst_window(seen) <= 30


def test_control_a_budget_that_counts_from_the_wrong_end_is_caught() -> None:
    seen, _ = drain(300, lambda: 0.05, urgent=True, margin=False)
    assert worst_window(seen) > 30


def test_nearly_all_of_the_budget_is_used() -> None:
    seen, end = drain(1400, lambda: 0.3, urgent=False)
    assert len(seen) / (end / 60.0) >= 0.97 * 30


def test_a_live_tap_finds_a_place_behind_a_backlog() -> None:
    ends = [2.0 * n for n in range(1, 31)]
    now = 60.5
    at = next_send_s(Pace.of(30), ends, 0, 60.0, now, urgent=True)
    assert at is not None
    assert at - now <= 2.5


def test_requests_in_flight_count() -> None:
    assert next_send_s(Pace.of(2), [], 2, None, 5.0, urgent=True) is None
    assert next_send_s(Pace.of(2), [], 1, None, 5.0, urgent=True) == 5.0
    assert next_send_s(Pace.of(2), [4.0], 1, None, 5.0, urgent=True) == pytest.approx(64.25)


def test_throttled_by_a_neighbour_settles_below_the_wall() -> None:
    """A neighbour takes 15 of the 30; after the first walls we hit at most one in 200 requests."""
    pace, now, ours, theirs = Pace.of(30), 0.0, list[float](), list[float]()
    ends, last, refused = list[float](), None, list[int]()
    sent = 0
    while now < 4 * 3600:
        at = next_send_s(pace.risen(now), ends[-60:], 0, last, now, urgent=False)
        pace = pace.risen(now)
        assert at is not None
        while not theirs or theirs[-1] + 4.0 <= at:
            theirs.append((theirs[-1] if theirs else -4.0) + 4.0)
        window = [t for t in (*ours[-60:], *theirs[-60:]) if t > at - 60.0]
        sent += 1
        last, now = at, at + 0.2
        ends.append(now)
        if len(window) >= 30:
            refused.append(sent)
            pace = pace.throttled(now, sum(1 for e in ends[-60:] if e > now - 60.0), None)
        else:
            ours.append(at)
    settled = [n for n in refused if n > 300]
    assert len(refused) < 20
    assert len(settled) <= (sent - 300) / 200
    assert sent / (now / 60.0) > 9.0


def test_alone_again_the_full_rate_comes_back() -> None:
    pace = Pace.of(30).throttled(0.0, 17, None)
    assert pace.allowed < 15
    assert pace.frozen_until_s == 60.0
    now = 0.0
    for _ in range(24 * 60):
        now += 60.0
        pace = pace.risen(now)
    assert pace.allowed == 30


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("17", 17.0),
        (" 0 ", 0.0),
        ("Sat, 21 Nov 2026 08:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("99999999999", budget.LONGEST_FREEZE_S),
        ("", None),
        ("²", None),
        ("٣", None),
        ("Sun, 06 Nov 1994 08:49:37 +99999999999999999999", None),
    ],
)
def test_retry_after(header: str | None, wanted: float | None) -> None:
    assert retry_after_s(header, datetime(2026, 11, 21, 8, 0, tzinfo=UTC)) == wanted


DATED = st.from_regex(
    r"\A(Sun, )?[0-9]{1,3} (Jan|Dec|May) ([0-9]{2}|0001|9999|[0-9]{1,30}) [0-9]{2}:[0-9]{2}(:[0-9]{2})? "
    r"(GMT|[+-][0-9]{1,25}|[A-Z]{1,4})\Z"
)


@given(st.text() | st.text("0123456789²٣½ +-:,GMTJan", max_size=40) | DATED)
def test_no_retry_after_raises(header: str) -> None:
    wait_s = retry_after_s(header, datetime(2026, 11, 21, 8, 0, tzinfo=UTC))
    assert wait_s is None or wait_s >= 0.0


def test_an_absurd_retry_after_does_not_stop_us_for_days() -> None:
    pace = Pace.of(30).throttled(0.0, 30, 1e9)
    assert pace.frozen_until_s == budget.LONGEST_FREEZE_S
