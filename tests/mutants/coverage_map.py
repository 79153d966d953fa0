"""Which tests run which lines of which modules, from one run of all of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class CoverageMap:
    """What one run of the tests has shown."""

    lines: Mapping[str, Mapping[int, frozenset[str]]]
    """For each file and line, the tests that run it; the import of a module belongs to none."""
    seconds: Mapping[str, float]
    """How long each test took."""

    def tests_for(self, file: str, first: int, last: int) -> frozenset[str]:
        """The tests that run any of these lines, ends included.

        A line that only an import runs (a table, an enum) may matter to a test that runs no line of its file: then
        all tests beside those that do, and where there are none, all there are.
        """
        lines = self.lines.get(file, {})
        hit = frozenset[str]().union(*(lines.get(n, frozenset()) for n in range(first, last + 1)))
        if hit:
            return hit
        beside = {test.partition("::")[0] for tests in lines.values() for test in tests}
        return frozenset(test for test in self.seconds if not beside or test.partition("::")[0] in beside)


class Recorder:
    """A plugin of pytest that writes a map down.

    Args:
        files: the files of interest.
        target: takes the map, as JSON.
    """

    def __init__(self, files: Sequence[str], target: Path) -> None:
        import coverage

        self._files = files
        self._target = target
        self._coverage = coverage.Coverage(data_file=None, include=list(files), config_file=False, messages=False)
        self._seconds: dict[str, float] = {}
        self._coverage.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> object:
        """Note what runs as this test's."""
        self._coverage.switch_context(item.nodeid)
        yield
        self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up how long it took."""
        self._seconds[report.nodeid] = self._seconds.get(report.nodeid, 0.0) + report.duration

    def pytest_sessionfinish(self) -> None:
        """Write it down."""
        self._coverage.stop()
        data = self._coverage.get_data()
        lines = {
            file: {str(line): tests for line, tests in data.contexts_by_lineno(file).items()}
            for file in data.measured_files()
        }
        self._target.write_text(json.dumps({"lines": lines, "seconds": self._seconds}))


def read(path: Path) -> CoverageMap:
    """Read what a `Recorder` wrote."""
    raw = json.loads(path.read_text())
    return CoverageMap(
        {
            file: {int(line): frozenset(filter(None, tests)) for line, tests in lines.items()}
            for file, lines in raw["lines"].items()
        },
        raw["seconds"],
    )
