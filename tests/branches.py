"""`./deploy/test coverage`: what share of the branches the tests took, and whether that is enough.

    python -m tests.branches REPORT             prints the shares, and fails below the goals
    python -m tests.branches REPORT --only-show for a run of some tests: prints which branches of the core are missing

REPORT is what `coverage json` writes. The way past the last `case` of a `match` does not count: mypy sees to it that
every `match` is exhaustive.
"""

import ast
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec


class Summary(msgspec.Struct, frozen=True):
    """The counts of one file."""

    num_branches: int
    covered_branches: int


class File(msgspec.Struct, frozen=True):
    """What `coverage json` says of one file."""

    summary: Summary
    missing_branches: list[tuple[int, int]] = []
    """From which line to which the run never went; a negative one is the end of its function."""

    def possible(self, source: str) -> "File":
        """The same without the ways past the last `case` of a `match`.

        Args:
            source: the text of the file.
        """
        last = last_cases(source)
        missing = [(a, b) for a, b in self.missing_branches if a not in last or b in last[a]]
        gone = len(self.missing_branches) - len(missing)
        return File(Summary(self.summary.num_branches - gone, self.summary.covered_branches), missing)


def last_cases(source: str) -> dict[int, range]:
    """The line of the last case of each `match`, with the lines of its body."""
    matches = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Match))
    return {
        case.pattern.lineno: range(case.body[0].lineno, (case.body[-1].end_lineno or case.body[-1].lineno) + 1)
        for case in (match.cases[-1] for match in matches)
        if case.guard is None
    }


class Report(msgspec.Struct, frozen=True):
    """What `coverage json` writes, as far as it is needed."""

    files: dict[str, File]


@dataclass(frozen=True, slots=True)
class Goal:
    """How many of the branches of a part of clockd must be taken."""

    words: str
    inside: str
    without: tuple[str, ...]
    share: float

    def counts(self, path: str) -> bool:
        """Whether a file belongs to the part."""
        return path.startswith(self.inside) and not path.startswith(self.without)


CORE = Goal("clockd/core", "clockd/core/", (), 0.98)
GOALS = (CORE, Goal("clockd without sim", "clockd/", ("clockd/sim/",), 0.90))


def share_of(report: Report, goal: Goal) -> tuple[int, int]:
    """The branches of a part: taken, and all."""
    mine = [file.summary for path, file in report.files.items() if goal.counts(path)]
    return sum(file.covered_branches for file in mine), sum(file.num_branches for file in mine)


def missing(report: Report, goal: Goal) -> list[str]:
    """The branches of a part that were not taken, a line for each file."""
    return [
        f"{path}: {', '.join(f'{a}->{b}' if b > 0 else f'{a}->exit' for a, b in file.missing_branches)}"
        for path, file in sorted(report.files.items())
        if goal.counts(path) and file.missing_branches
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the shares; 1 below a goal."""
    path, *options = arguments
    raw = msgspec.json.decode(Path(path).read_bytes(), type=Report)
    report = Report({name: file.possible(Path(name).read_text()) for name, file in raw.files.items()})
    judged = "--only-show" not in options
    failed = False
    lines = missing(report, CORE)
    for goal in GOALS:
        taken, all_of_them = share_of(report, goal)
        share = taken / all_of_them if all_of_them else 1.0
        failed = failed or share < goal.share
        lines.append(f"{goal.words}: {taken} of {all_of_them} branches, {share:.1%} (goal {goal.share:.0%})")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(failed and judged)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
