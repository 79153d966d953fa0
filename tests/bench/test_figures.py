"""The table of a bench says what is so."""

from datetime import date
from pathlib import Path

import pytest

from tests.bench.figures import Figure, Table, percentile
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
    line = Table("desk", DAY, (figure,)).text().splitlines()[-1]
    assert line.endswith("MISSED") is (met is False)


def table(*figures: Figure) -> Table:
    return Table("desk", DAY, figures)


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
