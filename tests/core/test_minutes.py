"""Whole minutes never make two intervals overlap."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.minutes import NoWholeMinutes, WholeMinutes, whole_minutes


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-20T{text}")


@pytest.mark.parametrize(
    ("begin", "end", "following", "expected"),
    [
        ("08:00:40", "12:00:40", None, ("08:00", "12:00", False)),
        ("08:00:00", "12:00:00", "12:00:50", ("08:00", "12:00", False)),
        ("12:00:05", "12:00:40", None, ("12:00", "12:01", True)),
        ("12:00:05", "12:00:40", "12:01:00", ("12:00", "12:01", True)),
        ("12:00:05", "12:00:05", "13:00:00", ("12:00", "12:01", True)),
        ("12:00:59", "12:01:00", None, ("12:00", "12:01", False)),
    ],
)
def test_whole_minutes(begin: str, end: str, following: str | None, expected: tuple[str, str, bool]) -> None:
    found = whole_minutes(at(begin), at(end), at(following) if following else None)
    assert found == WholeMinutes(at(expected[0]), at(expected[1]), expected[2])


@pytest.mark.parametrize(
    ("begin", "end", "following"),
    [
        ("12:00:05", "12:00:20", "12:00:50"),  # the next in lies in the same minute
        ("12:00:05", "12:00:20", "12:00:30"),  # … or the present moment does: wait until the minute is over
        ("12:00:30", "11:59:00", None),  # the clocks went back
        ("12:00:30", "12:00:10", None),
    ],
)
def test_what_has_no_whole_minutes_is_held(begin: str, end: str, following: str | None) -> None:
    assert isinstance(whole_minutes(at(begin), at(end), at(following) if following else None), NoWholeMinutes)


@given(st.lists(st.integers(0, 7200), min_size=2, max_size=24).map(sorted))
def test_a_day_of_punches_never_overlaps(seconds: list[int]) -> None:
    """Whatever the punches: what is sent is whole, not empty, and begins when the one before has ended or later."""
    day = at("08:00:00")
    punches = [day + timedelta(seconds=s) for s in seconds[: len(seconds) // 2 * 2]]
    pairs = list(zip(punches[::2], punches[1::2], strict=True))
    last_end = None
    for n, (begin, end) in enumerate(pairs):
        following = pairs[n + 1][0] if n + 1 < len(pairs) else None
        found = whole_minutes(begin, end, following)
        if isinstance(found, NoWholeMinutes):
            continue
        assert found.from_local < found.to_local
        assert found.from_local.second == found.to_local.second == 0
        assert last_end is None or last_end <= found.from_local
        last_end = found.to_local


def test_without_looking_at_the_next_in_two_intervals_overlap() -> None:
    """Negative control of the test above: the rule needs to know the next in."""
    first = whole_minutes(at("12:00:05"), at("12:00:20"))
    second = whole_minutes(at("12:00:30"), at("12:30:00"))
    assert isinstance(first, WholeMinutes)
    assert isinstance(second, WholeMinutes)
    assert first.to_local > second.from_local
