"""The fault matrix: nothing lost, nothing doubled, nobody else's rows touched; each guarantee with its sabotage.

A slice of some hundred punches runs always, fifty seeds of 20,000 punches in hours:
`deploy/test soak -- tests/flow/test_matrix.py --dist load`.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flow.matrix import Result, run_matrix

PROFILES = ["strict", "alt", "alt2"]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of faults are thousands of warnings; other tests want theirs."""
    log = logging.getLogger("clockd")
    level = log.level
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(level)


def assert_clean(result: Result) -> None:
    assert result.clean, (
        *(result.lost[:3], result.doubled[:3], result.wrong[:3], result.held, result.touched),
        result.hours_differ[:3],
    )
    assert result.violations == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", [1])
def test_nothing_lost_nothing_doubled(tmp_path: Path, profile: str, seed: int) -> None:
    result = run_matrix(tmp_path, seed=seed, punches=150, profile=profile, kill_chance=0.03)
    assert_clean(result)
    assert result.writes / result.punches <= 1.05


def test_few_requests(tmp_path: Path) -> None:
    result = run_matrix(tmp_path, seed=2, punches=600)
    assert_clean(result)
    assert result.writes / result.punches <= 1.05
    assert result.reads / result.punches <= 0.15


def test_everything_that_can_go_wrong_at_once(tmp_path: Path) -> None:
    """Portals, half replies, slow drips, throttling, redirected pages: more may wait, nothing may be wrong."""
    result = run_matrix(tmp_path, seed=5, punches=150, profile="strict", faults="everything")
    assert not result.lost
    assert not result.doubled
    assert not result.touched


def test_closed_offline_intervals_take_little_more_than_half_a_request_each_punch(tmp_path: Path) -> None:
    result = run_matrix(tmp_path, seed=7, punches=300, offline_share=1.0, always_offline=True, faults="", kill_chance=0)
    assert_clean(result)
    assert (result.writes + result.reads) / result.punches <= 0.55


def test_control_hours_that_differ_by_a_second_are_seen(tmp_path: Path) -> None:
    result = run_matrix(tmp_path, seed=3, punches=20, faults="", kill_chance=0, truth_off_s=1)
    assert len(result.hours_differ) > 5
    assert not result.clean


LATE = "late:5-60@write=25%"
LOST_REPLIES = "reply-lost@write=25%"
CONTROLS = {
    "no quarantine": {"spoil": {"quarantine_s": 0.0}, "faults": LATE, "always_offline": True},
    "blind retry": {"spoil": {"blind": True}, "faults": LOST_REPLIES, "always_offline": True},
    "no local filter": {"spoil": {"local_filter": False}, "profile": "alt", "faults": LOST_REPLIES},
    "real UTC on the wire": {"utc_on_the_wire": True},
    "pages from 1": {"first_page": 1, "faults": LOST_REPLIES, "always_offline": True},
}


@pytest.mark.parametrize("name", CONTROLS)
def test_control(tmp_path: Path, name: str) -> None:
    result = run_matrix(tmp_path, seed=3, punches=120, **CONTROLS[name])  # type: ignore[arg-type]
    assert not result.clean


GOODTIME = {
    "strict": {"profile": "strict"},
    "strict, overlaps allowed": {"profile": "strict", "answers": {"overlap": "accept"}},
    "alt": {"profile": "alt"},
    "alt2": {"profile": "alt2"},
    "alt2, everybody shown": {"profile": "alt2", "answers": {"look_filter": "ignored"}},
}


@pytest.mark.parametrize("name", GOODTIME)
def test_goodtime_loses_and_doubles_nothing(tmp_path: Path, name: str) -> None:
    result = run_matrix(tmp_path, tracker="goodtime", seed=1, punches=240, kill_chance=0.02, **GOODTIME[name])  # type: ignore[arg-type]
    assert_clean(result)
    assert result.writes / result.punches <= 1.05


def test_goodtime_with_everything_that_can_go_wrong(tmp_path: Path) -> None:
    result = run_matrix(tmp_path, tracker="goodtime", seed=5, punches=150, faults="everything")
    assert not result.lost
    assert not result.doubled
    assert not result.touched


ACCEPTS = {"overlap": "accept"}
GOODTIME_CONTROLS = {
    "no quarantine": {"spoil": {"quarantine_s": 0.0}, "faults": LATE, "answers": ACCEPTS},
    "blind retry": {"spoil": {"blind": True}, "faults": LOST_REPLIES, "answers": ACCEPTS},
    "no local filter": {
        "spoil": {"local_filter": False},
        "faults": "lost@write=25%",
        "answers": {"look_filter": "ignored"},
    },
    "real UTC on the wire": {"utc_on_the_wire": True},
}


@pytest.mark.parametrize("name", GOODTIME_CONTROLS)
def test_goodtime_control(tmp_path: Path, name: str) -> None:
    result = run_matrix(tmp_path, tracker="goodtime", seed=3, punches=120, **GOODTIME_CONTROLS[name])  # type: ignore[arg-type]
    assert not result.clean


SEEDS = range(50)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_twenty_thousand_punches(tmp_path: Path, seed: int, record_property: Callable[[str, object], None]) -> None:
    """Thirty hours at a tap every five seconds; every other seed with each profile."""
    result = run_matrix(tmp_path, seed=100 + seed, punches=20_000, profile=PROFILES[seed % 2])
    assert_clean_and_few(result, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_twenty_thousand_punches_at_goodtime(
    tmp_path: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    """The same; each of the five readings with ten seeds."""
    name = list(GOODTIME)[seed % len(GOODTIME)]
    result = run_matrix(tmp_path, tracker="goodtime", seed=100 + seed, punches=20_000, **GOODTIME[name])  # type: ignore[arg-type]
    assert_clean_and_few(result, record_property)


def assert_clean_and_few(result: Result, record_property: Callable[[str, object], None]) -> None:
    writes, reads = result.writes / result.punches, result.reads / result.punches
    record_property("matrix", f"{result.punches} punches, {writes:.3f} writes and {reads:.3f} reads each")
    assert_clean(result)
    assert writes <= 1.05
    assert reads <= 0.15
