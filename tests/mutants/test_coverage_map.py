"""Which tests are run against a mutant."""

import pytest

from tests.mutants.coverage_map import CoverageMap

SEEN = CoverageMap(
    lines={"a.py": {1: frozenset(), 5: frozenset({"t/a::one"}), 6: frozenset({"t/a::one", "t/a::two"})}},
    seconds={"t/a::one": 1.0, "t/a::two": 1.0, "t/a::table": 1.0, "t/b::other": 1.0},
)


@pytest.mark.parametrize(
    ("file", "lines", "tests"),
    [
        ("a.py", (5, 5), {"t/a::one"}),
        ("a.py", (4, 6), {"t/a::one", "t/a::two"}),
        ("a.py", (1, 1), {"t/a::one", "t/a::two", "t/a::table"}),  # only the import runs it
        ("b.py", (1, 1), {"t/a::one", "t/a::two", "t/a::table", "t/b::other"}),  # a file without a function
    ],
)
def test_who_runs_a_line(file: str, lines: tuple[int, int], tests: set[str]) -> None:
    assert SEEN.tests_for(file, *lines) == tests
