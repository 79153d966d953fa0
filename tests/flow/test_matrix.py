"""The fault matrix: nothing lost, nothing doubled, nobody else's rows touched; each guarantee with its sabotage.

A slice of some hundred punches runs always; `deploy/test soak` runs 20,000 punches a seed.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from clockd.core.plan import Policy
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
    assert result.clean, (result.lost[:3], result.doubled[:3], result.wrong[:3], result.held, result.touched)
    assert result.violations == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("seed", [1])
def test_nothing_lost_nothing_doubled(tmp_path: Path, profile: str, seed: int) -> None:
    result = run_matrix(tmp_path, seed=seed, punches=150, profile=profile, kill_chance=0.03)
    assert_clean(result)
    assert result.writes / result.punches <= 1.05


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


LATE = "late:5-60@write=25%"
LOST_REPLIES = "reply-lost@write=25%"
CONTROLS = {
    "no quarantine": {"policy": Policy(timer=True, quarantine_s=0.0), "faults": LATE, "always_offline": True},
    "blind retry": {"policy": Policy(timer=True, blind=True), "faults": LOST_REPLIES, "always_offline": True},
    "no local filter": {"policy": Policy(timer=True, local_filter=False), "profile": "alt", "faults": LOST_REPLIES},
    "real UTC on the wire": {"utc_on_the_wire": True},
    "pages from 1": {"first_page": 1, "faults": LOST_REPLIES, "always_offline": True},
}


@pytest.mark.parametrize("name", CONTROLS)
def test_control(tmp_path: Path, name: str) -> None:
    result = run_matrix(tmp_path, seed=3, punches=120, **CONTROLS[name])  # type: ignore[arg-type]
    assert not result.clean


@pytest.mark.soak
@pytest.mark.parametrize("profile", PROFILES[:2])
@pytest.mark.parametrize("seed", range(50))
def test_twenty_thousand_punches(tmp_path: Path, profile: str, seed: int) -> None:
    result = run_matrix(tmp_path, seed=100 + seed, punches=20_000, profile=profile)
    assert_clean(result)
    assert result.writes / result.punches <= 1.05
    assert result.reads / result.punches <= 0.15
