"""Ten thousand random lives of a door: nothing uncertain is called exact, and every bound holds the truth.

The controls show that the model would find out: whoever trusts the wall clock, a saved clock or a perfect crystal is
caught within a few hundred lives.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clockd.core.model import ClockQuality
from clockd.core.timebase import DRIFT, Anchor, Exact, Judgement, Life, Within, agrees, judge
from tests.time.histories import Lived, TrueTap, histories

Judge = Callable[[TrueTap, Lived], Judgement]


def honest(tap: TrueTap, lived: Lived) -> Judgement:
    return judge(tap.reading, lived.anchors, lived.lives)


def lies(lived: Lived, judged_by: Judge) -> list[str]:
    """Everything a judge says of a life that is not so."""
    found = []
    anchored = {anchor.boot_seq for anchor in lived.anchors}
    for tap in lived.taps:
        match judged_by(tap, lived):
            case Exact(at, quality, max_error_s):
                if tap.reading.boot_seq not in anchored:
                    found.append(f"tap {tap.seq}: called exact in a boot that never had time")
                if quality is ClockQuality.UNCERTAIN:
                    found.append(f"tap {tap.seq}: exact and uncertain")
                # a clock that was right and stays without network drifts with its crystal until it is set again
                own = [a for a in lived.anchors if a.boot_seq == tap.reading.boot_seq]
                if quality is ClockQuality.SYNCHRONIZED:
                    own = [a for a in own if agrees(a, tap.reading.wall_at, tap.reading.boottime_s)]
                away_s = min((abs(a.boottime_s - tap.reading.boottime_s) for a in own), default=0.0)
                off_s = abs((at - tap.true_at).total_seconds())
                if off_s > max_error_s + away_s * DRIFT + 1e-3:
                    found.append(f"tap {tap.seq}: off by {off_s} s")
            case Within(bounds, proposal_at):
                if bounds.earliest_at is not None and tap.true_at < bounds.earliest_at:
                    found.append(f"tap {tap.seq}: true {tap.true_at} before {bounds.earliest_at}")
                if bounds.latest_at is not None and tap.true_at > bounds.latest_at:
                    found.append(f"tap {tap.seq}: true {tap.true_at} after {bounds.latest_at}")
                if proposal_at is not None and not _between(bounds.earliest_at, proposal_at, bounds.latest_at):
                    found.append(f"tap {tap.seq}: the proposal lies outside the bounds")
    return found


def _between(low: datetime | None, at: datetime, high: datetime | None) -> bool:
    return (low is None or low <= at) and (high is None or at <= high)


def assert_truthful(count: int, first_seed: int = 0) -> None:
    seen = {"synchronized": 0, "corrected": 0, "both bounds": 0, "one bound": 0, "no bound": 0}
    for seed, lived in histories(count, first_seed):
        assert lies(lived, honest) == [], f"seed {seed}"
        for tap in lived.taps:
            match honest(tap, lived):
                case Exact(quality=quality):
                    seen[quality.value] += 1
                case Within(bounds):
                    ends = sum(end is not None for end in (bounds.earliest_at, bounds.latest_at))
                    seen[("no bound", "one bound", "both bounds")[ends]] += 1
    assert all(n > count / 50 for n in seen.values()), f"the model no longer makes every case: {seen}"


def test_10000_lives_every_bound_holds_the_truth_and_nothing_uncertain_is_exact() -> None:
    assert_truthful(10_000)


@pytest.mark.soak
def test_200000_lives() -> None:
    assert_truthful(200_000, first_seed=1_000_000)


def test_bounds_are_no_wider_than_what_nobody_can_know() -> None:
    """Between two boots with time: the time the machine was off, and what it lived after its last sign of life."""
    checked = 0
    for seed, lived in histories(2_000):
        anchored = sorted({anchor.boot_seq for anchor in lived.anchors})
        for tap in lived.taps:
            seq = tap.reading.boot_seq
            before, after = [s for s in anchored if s < seq], [s for s in anchored if s > seq]
            judged = honest(tap, lived)
            if not isinstance(judged, Within) or not before or not after:
                continue
            assert judged.bounds.earliest_at is not None
            assert judged.bounds.latest_at is not None
            width_s = (judged.bounds.latest_at - judged.bounds.earliest_at).total_seconds()
            unknown_s = sum(lived.off_s[s] for s in range(before[-1] + 1, after[0] + 1))
            lived_s = sum(life.last_s for life in lived.lives if before[-1] <= life.boot_seq <= after[0])
            assert width_s <= unknown_s + 2 * DRIFT * lived_s + 2.0, f"seed {seed}, tap {tap.seq}"
            checked += 1
    assert checked > 500


def test_a_saved_clock_narrows_bounds() -> None:
    """It is a bound where it cannot lie ahead; without this test it could be left out unnoticed."""
    narrowed = 0
    for _, lived in histories(2_000):
        without = replace_lives(lived, [replace(life, saved_at=None) for life in lived.lives])
        for tap in lived.taps:
            with_it, judged = honest(tap, lived), honest(tap, without)
            narrowed += with_it != judged
    assert narrowed > 20


def replace_lives(lived: Lived, lives: Sequence[Life]) -> Lived:
    return Lived(lived.taps, lived.anchors, list(lives), lived.off_s)


# --- the controls -----------------------------------------------------------------------------------------------


def trusts_the_wall_clock(tap: TrueTap, lived: Lived) -> Judgement:
    return judge(replace(tap.reading, trusted=True), [], lived.lives)


def trusts_fake_hwclock(tap: TrueTap, lived: Lived) -> Judgement:
    """As if the saved clock were the time at which the boot began."""
    saved = [
        Anchor(f"boot-{life.boot_seq}", life.boot_seq, 0.0, life.saved_at, 0.5)
        for life in lived.lives
        if life.saved_at is not None
    ]
    return judge(tap.reading, lived.anchors + saved, lived.lives)


def believes_every_saved_clock_is_past(tap: TrueTap, lived: Lived) -> Judgement:
    lives = [replace(life, never_ahead=True) for life in lived.lives]
    return judge(tap.reading, lived.anchors, lives)


def believes_in_perfect_anchors(tap: TrueTap, lived: Lived) -> Judgement:
    return judge(tap.reading, [replace(anchor, max_error_s=0.0) for anchor in lived.anchors], lived.lives)


def forgets_that_time_passes_while_off(tap: TrueTap, lived: Lived) -> Judgement:
    """As if a boot began when the one before it showed its last sign of life."""
    judged = honest(tap, lived)
    if isinstance(judged, Within) and judged.bounds.earliest_at is not None:
        bounds = replace(judged.bounds, latest_at=judged.bounds.earliest_at + timedelta(seconds=1))
        return Within(bounds, None)
    return judged


@pytest.mark.parametrize(
    "sabotaged",
    [
        trusts_the_wall_clock,
        trusts_fake_hwclock,
        believes_every_saved_clock_is_past,
        believes_in_perfect_anchors,
        forgets_that_time_passes_while_off,
    ],
)
def test_control_a_credulous_judge_is_caught(sabotaged: Judge) -> None:
    assert any(lies(lived, sabotaged) for _, lived in histories(1_000))


# --- order ------------------------------------------------------------------------------------------------------


def test_ledger_order_is_true_order_and_no_bounds_contradict_it() -> None:
    for seed, lived in histories(1_000):
        in_order = sorted(lived.taps, key=lambda tap: (tap.reading.boot_seq, tap.seq))
        assert [tap.true_at for tap in in_order] == sorted(tap.true_at for tap in lived.taps)
        reached = FAR_PAST
        for tap in in_order:
            low, high = span(honest(tap, lived))
            reached = max(reached, low)
            assert reached <= high, f"seed {seed}, tap {tap.seq}"


FAR_PAST, FAR_FUTURE = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def span(judged: Judgement) -> tuple[datetime, datetime]:
    match judged:
        case Exact(at, _, max_error_s):
            away = timedelta(seconds=max_error_s + 86400 * 10 * DRIFT)
            return at - away, at + away
        case Within(bounds):
            return bounds.earliest_at or FAR_PAST, bounds.latest_at or FAR_FUTURE


def test_control_the_wall_clock_knows_no_order() -> None:
    assert any(
        sorted(lived.taps, key=lambda tap: tap.reading.wall_at) != sorted(lived.taps, key=lambda tap: tap.seq)
        for _, lived in histories(200)
    )
