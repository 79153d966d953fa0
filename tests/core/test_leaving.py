"""When did you leave: what two keys and a badge can say, and what they cannot."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.leaving import Question, question
from clockd.core.timebase import local, moments

VIENNA = ZoneInfo("Europe/Vienna")
SHIFT_S = 14 * 3600.0
FRIDAY = datetime(2026, 11, 20, 6, 58, 13, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 7, 2, tzinfo=UTC)
NIGHT = datetime(2026, 10, 24, 20, tzinfo=UTC)


def asked(in_at: datetime = FRIDAY, next_at: datetime = SATURDAY, zone: ZoneInfo = VIENNA) -> Question:
    return question(in_at, next_at, SHIFT_S, zone)


def press(start: Question, keys: str) -> Question | datetime:
    """Play `+` and `-` for the keys, `b` for the badge."""
    now: Question | datetime = start
    for key in keys:
        assert isinstance(now, Question), f"answered before {key}"
        now = now.confirmed() if key == "b" else now.pressed(later=key == "+")
    return now


@pytest.mark.parametrize("keys", ["", "b", "bbbb", "+b", "+bb", "-bbb"])
def test_nothing_is_said_before_hour_and_minute_were_chosen_by_keys(keys: str) -> None:
    said = press(asked(), keys)
    assert isinstance(said, Question)
    assert said.at is None


@pytest.mark.parametrize(
    ("keys", "local_time"),
    [
        pytest.param("+b+b", "2026-11-20T08:00", id="the first hour, the first minute"),
        pytest.param("-b-b", "2026-11-20T21:55", id="the last hour, the last minute"),
        pytest.param("+" * 9 + "b" + "-" * 3 + "b", "2026-11-20T16:45", id="a quarter to five"),
        pytest.param("---" + "+" + "b" + "+" * 4 + "b", "2026-11-20T20:15", id="too far, and back"),
        pytest.param("+" * 15 + "b+b", "2026-11-20T08:00", id="round"),
        pytest.param("+b" + "+" * 13 + "b", "2026-11-20T08:00", id="round the minutes"),
    ],
)
def test_keys_choose_and_the_badge_confirms(keys: str, local_time: str) -> None:
    """In at 07:58 for 14 hours at most: 07 offers nothing any more, 21 is the last hour."""
    said = press(asked(), keys)
    assert isinstance(said, datetime)
    assert local(said, VIENNA) == datetime.fromisoformat(local_time)


def test_a_night_shift_goes_on_after_midnight() -> None:
    said = press(asked(datetime(2026, 11, 20, 21, 30, tzinfo=UTC), SATURDAY + timedelta(days=1)), "+" * 9 + "b+b")
    assert isinstance(said, datetime)
    assert local(said, VIENNA) == datetime(2026, 11, 21, 6, 0)


def test_the_hour_that_comes_twice_is_left_to_the_office() -> None:
    start, hours = asked(NIGHT, NIGHT + timedelta(hours=16)), []
    now = start
    for _ in range(13):
        now = now.pressed(later=True)
        assert now.hour is not None
        hours.append(now.hour.hour)
    assert hours[:6] == [22, 23, 0, 1, 3, 4]


def test_a_clock_in_just_before_the_next_offers_nothing() -> None:
    said = press(asked(FRIDAY, FRIDAY + timedelta(seconds=20)), "++b--b")
    assert isinstance(said, Question)
    assert not said.chosen


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2037, 12, 1)),
    st.integers(60, 40 * 3600),
    st.sampled_from(sorted(available_timezones() - {"localtime"})),  # a link of the system's, in no package
    st.text("+-", min_size=1, max_size=30),
    st.text("+-", min_size=1, max_size=15),
)
def test_every_answer_lies_in_the_shift_and_exists_once(
    begin: datetime, gap_s: int, name: str, hour_keys: str, minute_keys: str
) -> None:
    in_at, zone = begin.replace(tzinfo=UTC), ZoneInfo(name)
    next_at = in_at + timedelta(seconds=gap_s)
    said = press(asked(in_at, next_at, zone), f"{hour_keys}b{minute_keys}b")
    if isinstance(said, Question):
        assert not said.chosen  # nothing was offered
        return
    assert in_at < said < min(next_at, in_at + timedelta(seconds=SHIFT_S))
    assert moments(local(said, zone), zone) == (said,)
