"""Runs the tests of mutants: a fork for each, in which the mutant takes the place of its module.

The parent has pytest and what the tests need in memory, but never the modules that are mutated; a child imports those
anew, so that tables, enums and classes are changed as well as functions. It collects only the files with tests that
run the changed lines, quickest test first, and ends at the first failure.
"""

import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import CodeType, ModuleType
from typing import NoReturn

import hypothesis
import pytest

from tests.mutants.coverage_map import CoverageMap, Recorder, read
from tests.mutants.mutations import Mutant

ROOT = Path(__file__).parents[2]

LEAST_S = 20.0
"""How long a mutant may take in any case."""

TIMES = 4.0
"""How many times as long as without the mutation the tests of a mutant may take."""

OPTIONS = (
    *("-q", "-x", "--no-header", "-m", "not soak"),
    *("-p", "no:xdist", "-p", "no:faulthandler"),
    # the parent has Hypothesis in memory already
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


class Verdict(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMED_OUT = "timed out"
    """A test that never ends would be seen."""
    UNTESTED = "untested"
    """There is no test at all."""


@dataclass(frozen=True, slots=True)
class MutantLoader(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports a mutant where its module is asked for."""

    mutant: Mutant
    file: str

    def find_spec(
        self, fullname: str, path: object, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Only the one module."""
        if fullname != self.mutant.module:
            return None
        return importlib.util.spec_from_file_location(
            fullname,
            self.file,
            loader=self,
            submodule_search_locations=[str(Path(self.file).parent)] if self.is_package(fullname) else None,
        )

    def is_package(self, fullname: str) -> bool:
        """As the file says."""
        return self.file.endswith("__init__.py")

    def get_source(self, fullname: str) -> str:
        """The changed text."""
        return self.mutant.source

    def get_code(self, fullname: str) -> CodeType:
        """Of the changed text."""
        return compile(self.mutant.source, self.file, "exec")

    def exec_module(self, module: ModuleType) -> None:
        """Run it."""
        exec(self.get_code(module.__name__), module.__dict__)


class Chosen:
    """A plugin of pytest that runs some tests, quickest first; tests that the map has never seen are run too."""

    def __init__(self, wanted: frozenset[str], seconds: CoverageMap) -> None:
        self._wanted = wanted
        self._seconds = seconds.seconds

    def pytest_sessionstart(self) -> None:
        """Let Hypothesis try the same examples each time, and not look for the smallest one that fails."""
        plain = hypothesis.settings.get_profile("any machine")
        hypothesis.settings.register_profile(
            "mutants",
            plain,
            derandomize=True,
            database=None,
            phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        )
        hypothesis.settings.load_profile("mutants")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Choose and order."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self._wanted or item.nodeid not in self._seconds),
            key=lambda item: self._seconds.get(item.nodeid, 0.0),
        )


def warm() -> None:
    """Import pytest's plugins and what they need, once for all children; nothing of clockd."""
    pytest.main([*OPTIONS, "-qq", "--collect-only", __file__])
    assert not any(name.partition(".")[0] == "clockd" for name in sys.modules), "a child must import it anew"


def recorded(files: Sequence[str], tests: Sequence[str], target: Path) -> CoverageMap:
    """Run all tests once, unchanged, and say which line each of them runs.

    Raises:
        SystemExit: a test fails without any mutant.
    """
    warm()

    def run() -> int:
        return int(pytest.main([*OPTIONS, *tests], plugins=[Recorder(files, target)]))

    child = _forked(run, quiet=False)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("the tests fail without any mutant")
    return read(target)


def check_unchanged(modules: dict[str, str], seen: CoverageMap, jobs: int) -> None:
    """Test each module as it is, in the way of a mutant.

    Args:
        modules: the file of each.
        seen: which tests run which lines.
        jobs: how many at a time.

    Raises:
        SystemExit: a test fails: every mutant would be killed, whatever it changes.
    """
    same = [Mutant(name, "", "", "", 1, 10**6, Path(file).read_text()) for name, file in modules.items()]
    for mutant, verdict in tried(same, modules, seen, jobs):
        if verdict in (Verdict.KILLED, Verdict.TIMED_OUT):
            raise SystemExit(
                f"the tests of {mutant.module} fail without any change when they run alone ({verdict.value})"
            )


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant that is being tested."""

    mutant: Mutant
    until_s: float


def tried(
    mutants: Sequence[Mutant], files: dict[str, str], seen: CoverageMap, jobs: int
) -> Iterator[tuple[Mutant, Verdict]]:
    """Test mutants, several at a time; each comes with its verdict when that is known.

    Args:
        mutants: what to test.
        files: the file of each module.
        seen: which tests run which lines.
        jobs: how many at a time.
    """
    waiting = list(reversed(mutants))
    running: dict[int, Trial] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                mutant = waiting.pop()
                wanted = seen.tests_for(files[mutant.module], mutant.first_line, mutant.last_line)
                if not wanted:
                    yield mutant, Verdict.UNTESTED
                    continue
                limit_s = LEAST_S + TIMES * sum(seen.seconds.get(test, 0.0) for test in wanted)
                child = _forked(_trial_of(mutant, files[mutant.module], wanted, seen))
                running[child] = Trial(mutant, time.monotonic() + limit_s)
            for child in list(running):
                done, status = os.waitpid(child, os.WNOHANG)
                late = time.monotonic() > running[child].until_s
                if done:
                    trial = running.pop(child)
                    survived = os.waitstatus_to_exitcode(status) == pytest.ExitCode.OK
                    yield trial.mutant, Verdict.SURVIVED if survived else Verdict.KILLED
                elif late:
                    _kill(child)
                    yield running.pop(child).mutant, Verdict.TIMED_OUT
            time.sleep(0.005)
    finally:
        for child in running:
            _kill(child)


def _trial_of(mutant: Mutant, file: str, wanted: frozenset[str], seen: CoverageMap) -> Callable[[], int]:
    def run() -> int:
        sys.meta_path.insert(0, MutantLoader(mutant, file))
        files = sorted({test.partition("::")[0] for test in wanted})
        return int(pytest.main([*OPTIONS, *files], plugins=[Chosen(wanted, seen)]))

    return run


def _forked(work: Callable[[], int], *, quiet: bool = True) -> int:
    """Do something in a child that has a process group of its own; return its process id."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.setsid()
        _perform(work, quiet)
    return child


def _perform(work: Callable[[], int], quiet: bool) -> NoReturn:
    code = 70
    try:
        if quiet:
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
        code = work()
    except BaseException:  # noqa: BLE001 - a child must end here, whatever happened
        traceback.print_exc()
    finally:
        os._exit(code)


def _kill(child: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
