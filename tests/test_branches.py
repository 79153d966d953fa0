"""What share of the branches is counted, and which ways cannot be taken."""

import json
from pathlib import Path

import pytest

from tests import branches

MATCH = """match kind:
    case 1:
        a()
    case 2:
        b()
"""


@pytest.mark.parametrize(
    ("missing", "counted"),
    [
        ([[4, -1]], []),  # past the last case
        ([[4, 5]], [(4, 5)]),  # the last case itself
        ([[2, 3]], [(2, 3)]),
    ],
)
def test_the_way_past_the_last_case_does_not_count(missing: list[list[int]], counted: list[tuple[int, int]]) -> None:
    pairs = [(a, b) for a, b in missing]
    file = branches.File(branches.Summary(4, 4 - len(pairs)), pairs).possible(MATCH)
    assert file.missing_branches == counted
    assert file.summary.num_branches - file.summary.covered_branches == len(counted)


@pytest.mark.parametrize(
    ("core", "rest", "options", "code"),
    [
        ((98, 100), (80, 100), (), 1),  # 178 of 200 are 89 %
        ((98, 100), (82, 100), (), 0),
        ((97, 100), (100, 100), (), 1),
        ((1, 100), (1, 100), ("--only-show",), 0),
    ],
)
def test_goals(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    core: tuple[int, int],
    rest: tuple[int, int],
    options: tuple[str, ...],
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"clockd/core/a.py": core, "clockd/flow/b.py": rest, "clockd/sim/c.py": (0, 1000)}
    report: dict[str, object] = {}
    for name, (taken, all_of_them) in files.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
        report[name] = {"summary": {"num_branches": all_of_them, "covered_branches": taken}, "missing_branches": []}
    (tmp_path / "report.json").write_text(json.dumps({"files": report}))
    assert branches.main(["report.json", *options]) == code
