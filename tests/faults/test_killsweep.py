"""A door is killed at any call, again and again: nothing told is lost, nothing is booked twice."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.killsweep import GOODTIME, TIMETRACK, Point, Tracker, all_points, sweep

Record = Callable[[str, object], None]

SLICE = [
    Point(call, when, timers)
    for call, when in (
        ("pwrite64", 60),
        ("pwrite64", 75),
        ("fdatasync", 12),
        ("fdatasync", 16),
        ("sendto", 8),
        ("sendto", 13),
        ("recvfrom", 12),
        ("recvfrom", 19),
        ("connect", 2),
    )
    for timers in (True, False)
]

IN_FLIGHT = [Point("epoll_ctl", when, timers=False) for when in range(7, 21)]
"""While a reply is awaited or read: what was sent may be applied."""


async def test_killed_at_a_few_points(tmp_path: Path, record_testsuite_property: Record) -> None:
    result = await sweep(tmp_path, SLICE, lanes=3, taps=4)
    record_testsuite_property("kill sweep, slice", str(result))
    assert not result.wrong, str(result)
    assert len(result.killed) >= 10, str(result)


async def test_the_sweep_sees_an_intent_that_is_written_too_late(tmp_path: Path) -> None:
    result = await sweep(tmp_path, IN_FLIGHT, lanes=2, taps=4, late_intent=True, blind=True)
    assert any("doubled" in text for text in result.wrong), str(result)


GOODTIME_SLICE = [
    Point(call, when, timers)
    for call, when in (
        ("pwrite64", 60),
        ("pwrite64", 150),
        ("fdatasync", 16),
        ("fdatasync", 34),
        ("sendto", 13),
        ("sendto", 44),
        ("recvfrom", 75),
        ("connect", 1),
        ("connect", 6),
    )
    for timers in (True, False)
]
"""The first four requests of a life are the login and what must be known of the account."""
GOODTIME_IN_FLIGHT = [Point("epoll_ctl", when, timers=False) for when in range(27, 51, 2)]


async def test_goodtime_killed_at_a_few_points(tmp_path: Path, record_testsuite_property: Record) -> None:
    result = await sweep(tmp_path, GOODTIME_SLICE, lanes=3, taps=8, tracker=GOODTIME)
    record_testsuite_property("kill sweep, Goodtime, slice", str(result))
    assert not result.wrong, str(result)
    assert len(result.killed) >= 10, str(result)


async def test_goodtime_sees_an_intent_that_is_written_too_late(tmp_path: Path) -> None:
    points = GOODTIME_IN_FLIGHT
    result = await sweep(tmp_path, points, lanes=2, taps=8, tracker=GOODTIME, late_intent=True, blind=True)
    assert any("doubled" in text for text in result.wrong), str(result)


PARTS = 8


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("tracker", [TIMETRACK, GOODTIME], ids=["timetrack", "goodtime"])
async def test_killed_at_a_thousand_points(
    tracker: Tracker, part: int, tmp_path: Path, record_testsuite_property: Record
) -> None:
    lanes = 3 * (os.cpu_count() or 1)
    result = await sweep(tmp_path, all_points()[part::PARTS], lanes=lanes, taps=8, tracker=tracker)
    record_testsuite_property(f"kill sweep, {tracker.name}, part {part}", str(result))
    assert not result.wrong, str(result)
    assert len(result.killed) >= 1000 // PARTS, str(result)
