"""The table of a bench says what is so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.bench import quiet
from tests.bench.figures import Figure, Table, medians, percentile
from tests.bench.picture import svg

DAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("figure", "value", "met"),
    [
        (Figure("a ratio", "ms", 3.0, 2.0, 1.5), 1.5, True),
        (Figure("a ratio that is missed", "ms", 3.2, 2.0, 1.5), 1.6, False),
        (Figure("absolute", "KiB", 7.0, None, 8.0), 7.0, True),
        (Figure("a least", "", 28.0, 30.0, 0.95, at_least=True), 28 / 30, False),
        (Figure("more than the floor", "ms", 4.0, 1.0, 3.0, added=True), 3.0, True),
        (Figure("only stated", "ms", 4.0, 1.0), 4.0, None),
        (Figure("none at all", "", 0.0, None, 0.0), 0.0, True),
    ],
    ids=lambda value: value.name if isinstance(value, Figure) else "",
)
def test_a_figure_is_held_against_its_goal(figure: Figure, value: float, met: bool | None) -> None:
    assert figure.value == pytest.approx(value)
    assert figure.met is met
    line = Table("desk", DAY, "abc", (figure,)).text().splitlines()[-1]
    assert line.endswith("MISSED") is (met is False)


def table(*figures: Figure) -> Table:
    return Table("desk", DAY, "abc", figures)


def test_what_got_worse_by_a_fifth_is_named(tmp_path: Path) -> None:
    before = table(Figure("tap", "ms", 1.0, 1.0, 2.0), Figure("drain", "", 30.0, 30.0, 0.9, at_least=True))
    before.write(tmp_path / "before.json")
    kept = Table.read(tmp_path / "before.json")
    assert kept == before
    assert table(Figure("tap", "ms", 1.19, 1.0, 2.0)).worse_than(kept) == []
    assert table(Figure("tap", "ms", 1.2, 1.0, 2.0)).worse_than(kept) == ["tap: 1 before, 1.2 now"]
    assert table(Figure("drain", "", 20.0, 30.0, 0.9, at_least=True)).worse_than(kept) == ["drain: 1 before, 0.667 now"]
    assert table(Figure("new", "ms", 9.0, 1.0, 2.0)).worse_than(kept) == []


def test_the_picture_has_every_goal() -> None:
    goals = Figure("tap <p50>", "ms", 1.0, 1.0, 2.0), Figure("slow", "ms", 9.0, 1.0, 2.0)
    drawn = svg(table(*goals, Figure("stated", "", 1.0)))
    assert "tap &lt;p50&gt;" in drawn
    assert "slow" in drawn
    assert drawn.count("#b3402e") == 1


@pytest.mark.parametrize(("share", "found"), [(0.0, 1), (0.5, 6), (0.99, 10), (1.0, 10)])
def test_percentiles(share: float, found: float) -> None:
    assert percentile([10, 1, 9, 2, 8, 3, 7, 4, 6, 5], share) == found


def test_of_several_runs_the_middle_one_counts_and_the_ends_are_shown(tmp_path: Path) -> None:
    runs = [[Figure("tap", "ms", took, 1.0, 2.0), Figure("stated", "", took)] for took in (3.0, 1.0, 1.5)]
    found = table(*medians(runs))
    assert found.figures[0] == Figure("tap", "ms", 1.5, 1.0, 2.0, least=1.0, most=3.0)
    assert "least" not in found.text()
    found = replace(found, runs=3, notes=("tap, run 2: others used 40 % of the processors",))
    found.write(tmp_path / "kept.json")
    assert Table.read(tmp_path / "kept.json") == found
    assert found.text().splitlines()[4].split() == ["tap", "1.5", "ms", "1", "ms", "1.5×", "1", "3", "≤", "2×", "met"]
    assert found.text().endswith("others used 40 % of the processors")
    assert "median of 3 runs" in found.text()
    assert svg(found).count('class="runs"') == 1


def test_a_single_run_is_its_own_median() -> None:
    run = [Figure("tap", "ms", 3.0, 1.0, 2.0)]
    assert medians([run]) == tuple(run)


def load(passed_s: float, busy_s: float, own_s: float) -> quiet.Load:
    return quiet.Load(passed_s, busy_s, own_s)


@pytest.mark.parametrize(
    ("after", "share"),
    [
        (load(20.0, 10.0, 10.0), 0.0),
        (load(20.0, 10.0, 5.0), 0.25),
        (load(20.0, 9.0, 10.0), 0.0),
        (load(0.0, 0.0, 0.0), 0.0),
    ],
    ids=["all of it ours", "half of it others'", "counted in other ticks", "no time"],
)
def test_what_others_use(after: quiet.Load, share: float) -> None:
    assert quiet.others(load(0.0, 0.0, 0.0), after) == pytest.approx(share)


@pytest.mark.parametrize(("busy_windows", "is_quiet"), [(0, True), (7, True), (10_000, False)])
def test_a_bench_waits_for_quiet_and_says_when_there_was_none(busy_windows: int, is_quiet: bool) -> None:
    passed_s = [0.0]

    def looks() -> Iterator[quiet.Load]:
        """The others work in so many windows, and then no more."""
        for _ in range(busy_windows):
            yield load(passed_s[0], passed_s[0], 0.0)
            yield load(passed_s[0], passed_s[0], 0.0)
        while True:
            yield load(passed_s[0], 0.0, 0.0)

    def pause(for_s: float) -> None:
        passed_s[0] += for_s

    seen = looks()
    assert quiet.wait(lambda: next(seen), pause) is is_quiet
    assert passed_s[0] <= quiet.PATIENCE_S


def test_this_machine_is_looked_at() -> None:
    before = quiet.look()
    sum(range(200_000))
    after = quiet.look()
    assert after.passed_s > before.passed_s
    assert after.own_s >= before.own_s
    assert quiet.others(before, after) >= 0.0
