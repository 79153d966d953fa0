"""One boot: correction from boot time, whatever hands and services did to the wall clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from clockd.core.model import Bounds, ClockQuality, Reading
from clockd.core.timebase import (
    DRIFT,
    Anchor,
    Exact,
    Life,
    Within,
    age_s,
    agrees,
    corrected,
    elapsed_at_least_s,
    is_forgotten,
    judge,
    never_ahead,
    touched_since,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
YEAR_S = 365.2425 * 86400


def reading(boottime_s: float, wall_at: datetime, *, boot: int = 1, trusted: bool = False) -> Reading:
    return Reading(wall_at, boottime_s, f"boot-{boot}", boot, trusted)


def anchor(boottime_s: float, wall_at: datetime, *, boot: int = 1, max_error_s: float = 0.5) -> Anchor:
    return Anchor(f"boot-{boot}", boot, boottime_s, wall_at, max_error_s)


# --- 10,000 steps -----------------------------------------------------------------------------------------------


class Stepped:
    """A boot whose wall clock is set again and again; `true` is the truth."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.true_at = NOON
        self.boottime_s = 30.0
        self.off_s = self.random.uniform(-56, 10) * YEAR_S

    def pass_time(self) -> None:
        span_s = self.random.choice([0.001, 0.5, 5.0, 3600.0])
        self.true_at += timedelta(seconds=span_s)
        self.boottime_s += span_s

    def step(self) -> None:
        wall_off_s = self.random.choice([0.06, 1.0, 3600.0, YEAR_S]) * self.random.uniform(-1, 1)
        far = self.random.uniform(-56, 10) * YEAR_S
        self.off_s = self.random.choice([far, max(-56 * YEAR_S, min(10 * YEAR_S, self.off_s + wall_off_s))])

    def read(self, *, trusted: bool = False) -> Reading:
        return reading(self.boottime_s, self.true_at + timedelta(seconds=self.off_s), trusted=trusted)


def test_10000_steps_from_56_years_back_to_10_ahead_and_every_tap_is_corrected_within_50_ms() -> None:
    machine = Stepped(seed=5)
    taps: list[tuple[Reading, datetime]] = []
    for _ in range(10_000):
        machine.pass_time()
        machine.step()
        machine.pass_time()
        taps.append((machine.read(), machine.true_at))
    arrived = Anchor.of(reading(machine.boottime_s, machine.true_at + timedelta(milliseconds=20)), 0.03)
    walls_right = 0
    for tap, true_at in taps:
        judged = judge(tap, [arrived])
        assert isinstance(judged, Exact)
        assert judged.quality is ClockQuality.CORRECTED
        assert abs((judged.at - true_at).total_seconds()) <= 0.05
        walls_right += abs((tap.wall_at - true_at).total_seconds()) <= 0.05
    assert walls_right < 10  # control: the wall clock itself would not have passed


def test_10000_steps_after_time_arrived_and_a_trusted_flag_that_is_late_is_not_believed() -> None:
    """The watch says "trusted" for a reading that no anchor knows: somebody set the clock a moment ago."""
    machine = Stepped(seed=6)
    arrived = Anchor.of(reading(machine.boottime_s, machine.true_at), 0.0)
    believed = 0
    for _ in range(10_000):
        machine.pass_time()
        machine.step()
        tap = machine.read(trusted=True)
        judged = judge(tap, [arrived])
        assert isinstance(judged, Exact)
        assert abs((judged.at - machine.true_at).total_seconds()) <= 0.05
        believed += tap.wall_at == judged.at
    assert believed < 10


def test_10000_steps_leave_elapsed_time_alone() -> None:
    """Repeat guard and back-off live on this; control: differences of the wall clock do not."""
    machine = Stepped(seed=7)
    wall_wrong = 0
    for _ in range(10_000):
        first, first_true_at = machine.read(), machine.true_at
        machine.pass_time()
        machine.step()
        second = machine.read()
        true_s = (machine.true_at - first_true_at).total_seconds()
        assert elapsed_at_least_s(first, second) == pytest.approx(true_s, abs=1e-5)
        assert age_s(first, second) == pytest.approx(true_s, abs=1e-5)
        wall_wrong += abs((second.wall_at - first.wall_at).total_seconds() - true_s) > 1
    assert wall_wrong > 5_000


# --- judging ----------------------------------------------------------------------------------------------------


def test_a_trusted_reading_is_synchronized_as_it_is() -> None:
    tap = reading(100, NOON, trusted=True)
    assert judge(tap, [anchor(50, NOON - timedelta(seconds=50))]) == Exact(NOON, ClockQuality.SYNCHRONIZED, 0.5)


def test_a_clock_the_admin_vouches_for_needs_no_anchor() -> None:
    assert judge(reading(100, NOON, trusted=True), []) == Exact(NOON, ClockQuality.SYNCHRONIZED, 0.0)


def test_time_arrives_after_the_tap_and_the_raw_reading_stays() -> None:
    tap = reading(100, datetime(1970, 1, 1, 0, 1, tzinfo=UTC))
    before = replace(tap)
    judged = judge(tap, [anchor(700, NOON)])
    assert isinstance(judged, Exact)
    assert (judged.at, judged.quality) == (NOON - timedelta(minutes=10), ClockQuality.CORRECTED)
    assert judged.max_error_s == pytest.approx(0.5 + 600 * 500e-6)
    assert tap == before


def test_the_nearest_anchor_decides() -> None:
    """After days without network the clock had drifted and was set again: each anchor speaks for its own time."""
    anchors = [anchor(0, NOON), anchor(86_400, NOON + timedelta(days=1, seconds=15))]
    assert corrected(reading(10, NOON), anchors) == NOON + timedelta(seconds=10)
    assert corrected(reading(86_390, NOON), anchors) == NOON + timedelta(days=1, seconds=5)


def test_an_anchor_of_another_boot_dates_nothing() -> None:
    assert corrected(reading(10, NOON, boot=2), [anchor(10, NOON, boot=1)]) is None


def test_slewing_is_no_step() -> None:
    assert agrees(anchor(100, NOON), NOON + timedelta(seconds=9.96), 110)
    assert not agrees(anchor(100, NOON), NOON + timedelta(seconds=10.06), 110)


def test_two_boots_without_time_between_two_with_time() -> None:
    lives = [Life(1, 3600), Life(2, 900), Life(3, 1800), Life(4, 60)]
    anchors = [anchor(100, NOON, boot=1), anchor(50, NOON + timedelta(hours=5), boot=4)]
    first = judge(reading(600, NOON, boot=2), anchors, lives)
    second = judge(reading(660, NOON, boot=2), anchors, lives)
    third = judge(reading(60, NOON, boot=3), anchors, lives)
    assert isinstance(first, Within)
    assert isinstance(second, Within)
    assert isinstance(third, Within)

    def minutes(bounds: Bounds) -> list[float]:
        assert bounds.earliest_at is not None
        assert bounds.latest_at is not None
        return [(end - NOON).total_seconds() / 60 for end in (bounds.earliest_at, bounds.latest_at)]

    # boot 1 lived until 12:58:20; boot 4 began at 16:59:10
    assert minutes(first.bounds) == pytest.approx([68.3, 264.2], abs=0.2)
    # a minute later in the same boot is a minute later at both ends
    assert minutes(second.bounds) == pytest.approx([69.3, 265.2], abs=0.2)
    assert minutes(third.bounds) == pytest.approx([74.3, 270.2], abs=0.2)


def test_the_present_boot_has_no_later_bound_and_a_fresh_door_none_at_all() -> None:
    judged = judge(reading(60, NOON, boot=2), [anchor(100, NOON, boot=1)], [Life(1, 100), Life(2, 60)])
    assert isinstance(judged, Within)
    assert judged.bounds.latest_at is None
    assert judge(reading(60, NOON), [], [Life(1, 60)]) == Within(Bounds(None, None), None)


def test_a_saved_clock_counts_only_right_after_a_boot_that_told_no_future_time() -> None:
    saved_at = NOON + timedelta(hours=3)
    anchors = [anchor(100, NOON, boot=1)]

    def earliest(*lives: Life, boot: int) -> datetime:
        judged = judge(reading(0, NOON, boot=boot), anchors, lives)
        assert isinstance(judged, Within)
        assert judged.bounds.earliest_at is not None
        return judged.bounds.earliest_at

    right = Life(1, 100, never_ahead=True)
    assert saved_at - timedelta(seconds=10) < earliest(right, Life(2, 60, saved_at), boot=2) < saved_at
    assert earliest(Life(1, 100), Life(2, 60, saved_at), boot=2) < NOON
    # a boot in between, of which nothing is known, may have saved anything
    assert earliest(right, Life(3, 60, saved_at), boot=3) < NOON


def test_contradicting_anchors_bound_nothing() -> None:
    anchors = [anchor(100, NOON, boot=1), anchor(50, NOON - timedelta(days=3), boot=3)]
    assert judge(reading(60, NOON, boot=2), anchors) == Within(Bounds(None, None), None)


# --- proposals --------------------------------------------------------------------------------------------------

NARROW = [anchor(100, NOON, boot=1), anchor(50, NOON + timedelta(minutes=20), boot=3)]
WIDE = [anchor(100, NOON, boot=1), anchor(50, NOON + timedelta(hours=20), boot=3)]


def proposal(tap: Reading, anchors: list[Anchor], life: Life, settled: list[Anchor] | None = None) -> datetime | None:
    judged = judge(tap, anchors, [life], settled or [])
    assert isinstance(judged, Within)
    return judged.proposal_at


def test_close_bounds_propose_their_middle_and_wide_ones_nothing() -> None:
    tap = reading(60, datetime(1970, 1, 1, tzinfo=UTC), boot=2)
    middle = proposal(tap, NARROW, Life(2, 60))
    assert middle is not None
    assert abs(middle - (NOON + timedelta(minutes=10))) < timedelta(minutes=1)
    assert proposal(tap, WIDE, Life(2, 60)) is None


def test_a_battery_clock_proposes_what_it_showed_if_that_is_possible() -> None:
    tap = reading(60, NOON + timedelta(hours=7), boot=2)
    assert proposal(tap, WIDE, Life(2, 60, battery_clock=True)) == NOON + timedelta(hours=7)
    wrong = reading(60, NOON + timedelta(days=7), boot=2)
    assert proposal(wrong, WIDE, Life(2, 60, battery_clock=True)) is None


def test_a_time_a_person_set_proposes_the_others_of_that_boot() -> None:
    tap = reading(360, datetime(1970, 1, 1, tzinfo=UTC), boot=2)
    set_by_hand = anchor(60, NOON + timedelta(hours=8), boot=2, max_error_s=60)
    assert proposal(tap, WIDE, Life(2, 360), [set_by_hand]) == NOON + timedelta(hours=8, minutes=5)


# --- small rules ------------------------------------------------------------------------------------------------


def test_never_ahead() -> None:
    right = anchor(100, NOON)
    early, late = right.began_at - timedelta(days=20_000), right.began_at + timedelta(days=1)
    assert never_ahead([early, right.began_at], [right])
    assert not never_ahead([early, late, right.began_at], [right])
    assert never_ahead([early], []) is False


@pytest.mark.parametrize(
    ("touched_s", "moved_s", "fresh"),
    [
        (500, 0, True),  # touched after the moment, clock as it was
        (300, 0, False),  # touched before it
        (300, -3600, False),  # touched before, then the clock was put back: it seems to be touched in the future
        (300, 3600, False),  # touched before, then put forward: long ago
        (599.9, 0, True),
    ],
)
def test_touched_since(touched_s: float, moved_s: float, *, fresh: bool) -> None:
    mtime_at = NOON + timedelta(seconds=touched_s)
    now_at = NOON + timedelta(seconds=600 + moved_s)
    assert touched_since(mtime_at, 400, now_at, 600) is fresh


def test_an_open_shift_is_forgotten_by_boot_time_whatever_the_wall_clock_says() -> None:
    opened = reading(100, NOON)
    stepped_far = reading(100 + 3 * 3600, NOON + timedelta(days=900))
    assert not is_forgotten(opened, stepped_far, 14)
    assert is_forgotten(opened, reading(101 + 14 * 3600, NOON - timedelta(days=900)), 14)


def test_over_a_boot_both_times_must_be_known() -> None:
    opened, now = reading(100, NOON), reading(60, NOON + timedelta(days=2), boot=2)
    assert not is_forgotten(opened, now, 14)
    assert age_s(opened, now) is None
    assert is_forgotten(opened, now, 14, opened_at=NOON, now_at=NOON + timedelta(days=2))
    assert not is_forgotten(opened, now, 14, opened_at=NOON, now_at=NOON + timedelta(hours=9))
    # the present boot cannot be older than the time that passed
    assert age_s(opened, now, earlier_at=NOON, later_at=NOON + timedelta(seconds=5)) == 60
    assert is_forgotten(opened, reading(15 * 3600, NOON, boot=2), 14)  # this boot alone is longer than a shift


# --- to the second ----------------------------------------------------------------------------------------------


def bounds(tap: Reading, anchors: list[Anchor], *lives: Life) -> Bounds:
    judged = judge(tap, anchors, lives)
    assert isinstance(judged, Within)
    return judged.bounds


def passed(seconds: float) -> timedelta:
    """True time that passed at least while boot time says so much."""
    return timedelta(seconds=seconds * (1 - DRIFT))


def test_the_bounds_are_the_neighbours_with_their_errors() -> None:
    anchors = [anchor(0, NOON, boot=1, max_error_s=5), anchor(0, NOON + timedelta(hours=1), boot=3, max_error_s=7)]
    found = bounds(reading(0, NOON, boot=2), anchors)
    assert found == Bounds(NOON - timedelta(seconds=5), NOON + timedelta(hours=1, seconds=7))


def test_bounds_that_meet_are_no_contradiction() -> None:
    anchors = [anchor(0, NOON, boot=1, max_error_s=0), anchor(0, NOON, boot=3, max_error_s=0)]
    assert bounds(reading(0, NOON, boot=2), anchors) == Bounds(NOON, NOON)


def test_the_boots_may_be_named_in_any_order() -> None:
    anchors = [anchor(100, NOON, boot=1), anchor(50, NOON + timedelta(hours=5), boot=5)]
    lives = [Life(1, 3600), Life(2, 900), Life(3, 1800), Life(4, 700), Life(5, 60)]
    for boot in (2, 3, 4):
        tap = reading(60, NOON, boot=boot)
        assert bounds(tap, anchors, *lives) == bounds(tap, anchors[::-1], *lives[::-1])


SAVED_AT = NOON + timedelta(hours=3)


@pytest.mark.parametrize(
    ("anchors", "earliest_at"),
    [
        ([anchor(100, NOON, max_error_s=0)], NOON + passed(3 * 3600)),
        ([anchor(100, NOON, max_error_s=5)], NOON - timedelta(seconds=5) + passed(3 * 3600)),
        (  # the last anchor before it was saved is the best
            [anchor(100, NOON, max_error_s=0), anchor(3700, NOON + timedelta(hours=1), max_error_s=0)],
            NOON + timedelta(hours=1) + passed(2 * 3600),
        ),
        (  # another boot's says nothing of that clock
            [anchor(100, NOON, max_error_s=0), anchor(5000, NOON - timedelta(days=10), boot=0, max_error_s=0)],
            NOON + passed(3 * 3600),
        ),
    ],
)
def test_a_saved_clock_has_drifted_since_the_last_anchor(anchors: list[Anchor], earliest_at: datetime) -> None:
    lives = [Life(1, 3700, never_ahead=True), Life(2, 60, SAVED_AT)]
    assert bounds(reading(0, NOON, boot=2), anchors, *lives).earliest_at == earliest_at


def test_the_smallest_error_of_those_that_know_this_clock() -> None:
    anchors = [anchor(50, NOON - timedelta(seconds=50)), anchor(60, NOON - timedelta(seconds=40), max_error_s=0.1)]
    assert judge(reading(100, NOON, trusted=True), anchors) == Exact(NOON, ClockQuality.SYNCHRONIZED, 0.1)


@pytest.mark.parametrize(("apart_s", "proposed"), [(1799, True), (1800, True), (1801, False)])
def test_bounds_half_an_hour_apart_have_a_middle(apart_s: float, *, proposed: bool) -> None:
    end = anchor(0, NOON + timedelta(seconds=apart_s), boot=3, max_error_s=0)
    tap = reading(0, datetime(1970, 1, 1, tzinfo=UTC), boot=2)
    middle = NOON + timedelta(seconds=apart_s / 2)
    assert proposal(tap, [anchor(0, NOON, max_error_s=0), end], Life(2, 0)) == (middle if proposed else None)


@pytest.mark.parametrize(("shown_h", "possible"), [(-1, False), (0, True), (20, True), (21, False)])
def test_a_battery_clock_at_the_edge_of_what_is_possible(shown_h: int, *, possible: bool) -> None:
    anchors = [anchor(0, NOON, max_error_s=0), anchor(0, NOON + timedelta(hours=20), boot=3, max_error_s=0)]
    shown_at = NOON + timedelta(hours=shown_h)
    found = proposal(reading(0, shown_at, boot=2), anchors, Life(2, 0, battery_clock=True))
    assert found == (shown_at if possible else None)


def test_a_battery_clock_with_nothing_before_it() -> None:
    later = [anchor(0, NOON, boot=3)]
    before, after = NOON - timedelta(days=2), NOON + timedelta(days=2)
    assert proposal(reading(60, before, boot=2), later, Life(2, 60, battery_clock=True)) == before
    assert proposal(reading(60, after, boot=2), later, Life(2, 60, battery_clock=True)) is None


def test_a_difference_of_fifty_milliseconds_is_the_same_clock() -> None:
    assert agrees(anchor(100, NOON), NOON + timedelta(seconds=10, milliseconds=50), 110)
    assert not agrees(anchor(100, NOON), NOON + timedelta(seconds=10, milliseconds=51), 110)


@pytest.mark.parametrize(
    ("touched_s", "fresh"), [(398.5, False), (399.0, True), (400.0, True), (601.0, True), (601.5, False)]
)
def test_a_second_of_grace_for_a_files_coarse_time(touched_s: float, *, fresh: bool) -> None:
    assert touched_since(NOON + timedelta(seconds=touched_s), 400, NOON + timedelta(seconds=600), 600) is fresh


def test_a_claim_within_the_error_of_the_anchor_is_not_ahead() -> None:
    right = anchor(100, NOON, max_error_s=0.5)
    assert never_ahead([right.began_at + timedelta(seconds=0.5)], [right])
    assert not never_ahead([right.began_at + timedelta(seconds=0.6)], [right])


def test_after_days_without_network_the_later_anchor_vouches_for_the_clock_that_was_set_again() -> None:
    first, second = anchor(0, NOON), anchor(86_400, NOON + timedelta(days=1, seconds=15))
    claims = [first.began_at, second.began_at]
    assert never_ahead(claims, [first, second])
    assert never_ahead(claims, [second, first])
    assert not never_ahead([*claims, second.began_at + timedelta(seconds=1)], [first, second])


def test_a_shift_as_long_as_it_may_be_is_not_forgotten() -> None:
    opened = reading(100, NOON)
    assert not is_forgotten(opened, reading(100 + 14 * 3600, NOON), 14)
    assert is_forgotten(opened, reading(101 + 14 * 3600, NOON), 14)


def test_one_time_alone_makes_no_age() -> None:
    opened, now = reading(100, NOON), reading(60, NOON, boot=2)
    assert age_s(opened, now, earlier_at=NOON) is None
    assert age_s(opened, now, later_at=NOON) is None
