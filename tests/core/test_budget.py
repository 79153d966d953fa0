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


@pytest.mark.parametrize("every_s", [12.0, 6.0, 4.0, 3.0])
def test_throttled_by_a_neighbour_settles_below_the_wall(every_s: float) -> None:
    """A neighbour takes 5, 10, 15 or 20 of the 30; after the first walls we hit at most one in 200 requests."""
    pace, now, ours, theirs = Pace.of(30), 0.0, list[float](), list[float]()
    ends, last, refused = list[float](), None, list[int]()
    sent = 0
    while now < 8 * 3600:
        at = next_send_s(pace.risen(now), ends[-60:], 0, last, now, urgent=False)
        pace = pace.risen(now)
        assert at is not None
        while not theirs or theirs[-1] + every_s <= at:
            theirs.append((theirs[-1] if theirs else -every_s) + every_s)
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
    assert 0 < len(refused) < 40
    assert len(settled) <= (sent - 300) / 200
    assert sent / (now / 60.0) > 0.7 * (30 - 60.0 / every_s)


@pytest.mark.parametrize("limit", [1, 2, 3, 10, 30, 60, 600])
@pytest.mark.parametrize("often", [True, False])
def test_alone_again_the_full_rate_comes_back_within_about_an_hour(limit: int, often: bool) -> None:
    """From the lowest wall of all, and whether or not anybody asked meanwhile."""
    pace, now = Pace.of(limit), 0.0
    for sent in (limit, limit // 2, limit // 4 + 1, limit // 4 + 1):
        pace = pace.throttled(now, sent, None).risen(now + 61.0)
        now += 61.0
    assert pace.allowed < max(limit, 3)
    for _ in range(66 if often else 0):
        now += 60.0
        pace = pace.risen(now)
    assert pace.risen(now + (0.0 if often else 66 * 60.0)).allowed == limit


def test_one_refusal_in_a_quiet_minute_says_nothing_of_a_wall() -> None:
    pace = Pace.of(30).throttled(0.0, 1, None)
    assert pace.frozen_until_s == 60.0
    assert pace.risen(61.0).allowed == 15
    assert pace.risen(61.0 + 5 * 60.0).allowed == 30


def test_refusals_without_end_never_leave_less_than_a_quarter() -> None:
    pace, now = Pace.of(30).throttled(0.0, 30, None), 0.0
    for _ in range(200):
        now = pace.frozen_until_s + 1.0
        pace = pace.risen(now).throttled(now, 1, None)
        assert pace.allowed >= 7
    assert pace.risen(now + 3600.0 + 6 * 60.0).allowed == 30


def test_those_under_way_together_are_refused_once() -> None:
    one = Pace.of(30).throttled(0.0, 10, None)
    both = one.throttled(0.1, 10, 90.0)
    assert (both.allowed, both.ceiling) == (one.allowed, one.ceiling)
    assert both.frozen_until_s == 90.1


@given(st.lists(st.tuples(st.floats(0.0, 4000.0), st.integers(0, 40), st.none() | st.floats(0.0, 3600.0))))
def test_what_the_tracker_asks_for_is_never_undercut(refusals: list[tuple[float, int, float | None]]) -> None:
    pace, now, told_s = Pace.of(30), 0.0, 0.0
    for after_s, sent, wait_s in refusals:
        now += after_s
        pace = pace.risen(now).throttled(now, sent, wait_s)
        told_s = max(told_s, now + min(wait_s or 0.0, budget.LONGEST_FREEZE_S))
        for urgent in (True, False):
            at = next_send_s(pace.risen(now), [], 0, None, now, urgent=urgent)
            assert at is not None
            assert at >= told_s
        assert pace.floor <= pace.allowed <= pace.ceiling <= 30


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
        ("901", budget.LONGEST_FREEZE_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", budget.LONGEST_FREEZE_S),
        ("Fri, 31 Dec 9999 23:59:59 -2359", budget.LONGEST_FREEZE_S),
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


@pytest.mark.parametrize(
    ("limit", "floor"), [(1, 1), (2, 2), (3, 2), (8, 2), (11, 2), (12, 3), (19, 4), (20, 5), (30, 7), (600, 150)]
)
def test_the_least_is_a_quarter_and_never_below_two(limit: int, floor: int) -> None:
    assert Pace.of(limit).floor == floor


@pytest.mark.parametrize(("wait_s", "until_s"), [(None, 60.0), (0.0, 1.0), (0.4, 1.0), (17.0, 17.0), (1e9, 900.0)])
def test_how_long_a_refusal_silences(wait_s: float | None, until_s: float) -> None:
    assert Pace.of(30).throttled(0.0, 30, wait_s).frozen_until_s == until_s


@pytest.mark.parametrize(
    ("allowed", "sent", "ceiling", "then"),
    [
        (30, 30, 28, 14),
        (30, 15, 13, 7),  # half of what we allow ourselves: it is the wall
        (30, 14, 30, 15),  # less: somebody else's doing
        (14, 8, 7, 7),
        (14, 7, 30, 15),  # no more than the floor is no proof of a wall
    ],
)
def test_what_a_refusal_teaches(allowed: int, sent: int, ceiling: int, then: int) -> None:
    pace = Pace(limit=30, allowed=allowed, ceiling=30).throttled(0.0, sent, None)
    assert (pace.ceiling, pace.allowed) == (ceiling, then)


@pytest.mark.parametrize(
    ("limit", "after_s", "ceiling"),
    [
        (30, 1199.0, 7),
        (30, 1200.0, 8),
        (30, 1679.0, 8),
        (30, 1680.0, 10),
        (30, 2160.0, 14),
        (30, 2640.0, 22),
        (30, 3120.0, 30),
        (30, 99_999.0, 30),
        (124, 1200.0, 34),
        (600, 1200.0, 165),
        (600, 1680.0, 195),
        (600, 3120.0, 600 - 450 + 15 * 31),
    ],
)
def test_the_ceiling_rises_in_steps_that_double(limit: int, after_s: float, ceiling: int) -> None:
    floor = Pace.of(limit).floor
    assert Pace(limit=limit, allowed=floor, ceiling=floor).risen(after_s).ceiling == min(limit, ceiling)


def test_who_has_the_whole_limit_has_nothing_to_try() -> None:
    assert Pace.of(30).risen(99_999.0).raises == 0


@pytest.mark.parametrize(
    ("limit", "after_s", "allowed"),
    [(30, 59.0, 7), (30, 60.0, 10), (30, 119.0, 10), (30, 120.0, 13), (30, 3600.0, 30), (5, 60.0, 3)],
)
def test_the_rate_rises_by_a_tenth_each_minute(limit: int, after_s: float, allowed: int) -> None:
    pace = Pace(limit=limit, allowed=Pace.of(limit).floor, ceiling=limit)
    assert pace.risen(after_s).allowed == allowed
    # however often somebody looks
    for now_s in range(int(after_s) + 1):
        pace = pace.risen(float(now_s))
    assert pace.allowed == allowed


@pytest.mark.parametrize(
    ("ends_s", "last_sent_s", "urgent", "wanted"),
    [
        ([], None, False, 30.0),
        ([], 29.5, False, 59.5),  # an even pace of two a minute
        ([], 29.5, True, 30.0),
        ([5.0], None, True, 30.0),
        ([20.0, 5.0], None, True, 65.25),  # in whatever order they ended
        ([5.0, 20.0, 12.0], None, True, 72.25),
        ([-30.0, 20.0], None, True, 30.25),  # over a minute ago, and within the margin of two clocks
        ([-30.25, 20.0], None, True, 30.0),
    ],
)
def test_when_the_next_may_leave(ends_s: list[float], last_sent_s: float | None, urgent: bool, wanted: float) -> None:
    assert next_send_s(Pace.of(2), ends_s, 0, last_sent_s, 30.0, urgent=urgent) == wanted


@pytest.mark.parametrize(
    ("header", "wanted_s"),
    [
        ("899", 899.0),
        ("901", 900.0),
        ("999999999", 900.0),
        ("1000000000", 900.0),
        ("Sat, 21 Nov 2026 08:14:59 GMT", 899.0),
        ("Sat, 21 Nov 2026 08:15:01 GMT", 900.0),
    ],
)
def test_nobody_is_silenced_for_more_than_a_quarter_of_an_hour(header: str, wanted_s: float) -> None:
    assert retry_after_s(header, datetime(2026, 11, 21, 8, 0, tzinfo=UTC)) == wanted_s


def test_a_date_without_a_zone_is_no_moment() -> None:
    assert retry_after_s("Sat, 21 Nov 2026 08:00:30 -0000", datetime(2026, 11, 21, 8, 0, tzinfo=UTC)) is None


def test_an_answer_before_its_time_ends_the_silence() -> None:
    silent = Pace(limit=30, allowed=15, ceiling=28, frozen_until_s=100.0, changed_s=100.0, raised_s=100.0)
    thawed = silent.thawed(50.0)
    assert (thawed.frozen_until_s, thawed.changed_s, thawed.raised_s) == (50.0, 50.0, 50.0)
    assert (thawed.allowed, thawed.ceiling) == (15, 28)


@pytest.mark.parametrize("now_s", [100.0, 170.0])
def test_an_answer_after_the_silence_changes_nothing(now_s: float) -> None:
    pace = Pace(limit=30, allowed=15, ceiling=28, frozen_until_s=100.0, changed_s=40.0, raised_s=40.0)
    assert pace.thawed(now_s) == pace
