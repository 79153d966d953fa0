"""When a bell rings: once at its time, and not for a clock that was set."""

from datetime import datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clockd.core.bells import rings

SEVEN = (time(7, 0), time(15, 30))


def test_at_its_time() -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-11-30T{text}")

    assert rings(at("06:59:58"), at("07:00:03"), SEVEN)
    assert not rings(at("07:00:03"), at("07:00:08"), SEVEN)
    assert rings(at("06:59:55"), at("07:00:00"), SEVEN)
    assert not rings(at("07:00:00"), at("07:00:05"), SEVEN)
    assert not rings(at("06:00:00"), at("08:00:00"), SEVEN), "the clock was set"
    assert not rings(at("07:00:05"), at("06:59:58"), SEVEN), "the clock was set back"
    assert rings(datetime(2026, 11, 30, 23, 59, 58), datetime(2026, 12, 1, 0, 0, 1), (time(0, 0),))


@given(steps=st.lists(st.floats(0.5, 60), min_size=200, max_size=300))
def test_each_time_of_a_day_rings_once(steps: list[float]) -> None:
    now, rung = datetime(2026, 11, 30, 6, 58), 0
    for step in steps:
        before, now = now, now + timedelta(seconds=step)
        rung += rings(before, now, (time(7, 0),))
    assert rung == (now >= datetime(2026, 11, 30, 7, 0))
