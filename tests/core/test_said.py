"""Times as people write them, and what they are told of those that are none."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from clockd.core.timebase import BadTime, read_moment, read_time

VIENNA = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
"""Half past midnight of the 30th at the terminal."""


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("00:05", "2026-11-29 23:05"),
        ("8:05", "2026-11-30 07:05"),
        ("08:05:30", "2026-11-30 07:05:30"),
        ("today 00:00", "2026-11-29 23:00"),
        ("yesterday 17:05", "2026-11-29 16:05"),
        ("Gestern  17:05", "2026-11-29 16:05"),
        ("heute 00:10", "2026-11-29 23:10"),
        ("29.11.2026 17:05", "2026-11-29 16:05"),
        ("1.7.2026 7:05", "2026-07-01 05:05"),
        ("29. 11. 2026 17:05:09", "2026-11-29 16:05:09"),
        ("2026-11-29 17:05", "2026-11-29 16:05"),
        ("2026-11-29T17:05:09", "2026-11-29 16:05:09"),
        ("20261129T1705", "2026-11-29 16:05"),
        ("2026-11-29 17:05+02:00", "2026-11-29 15:05"),
        ("2026-10-25 02:30+01:00", "2026-10-25 01:30"),
        ("2026-11-29T16:05Z", "2026-11-29 16:05"),
        (" 2026-11-29 00:00 ", "2026-11-28 23:00"),
    ],
)
def test_a_moment(text: str, utc: str) -> None:
    assert read_moment(text, NOW, VIENNA) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("2026-11-29T10:00:00.000Z", "11:00", "10:00"),
        ("2026-11-29 10:00Z", "11:00", "10:00"),
        ("2026-11-29T10:00:00+02:00", "09:00", "09:00"),
        ("2026-11-29T10:00:00", "10:00", "10:00"),
    ],
)
def test_a_z_that_means_nothing(text: str, true: str, false: str) -> None:
    """TimeTrack writes the wall clock with a Z; pasted into a command about it, it means what it means there."""
    assert f"{read_time(text, NOW, VIENNA).local:%H:%M}" == true
    assert f"{read_time(text, NOW, VIENNA, false_z=True).local:%H:%M}" == false
    assert read_moment(text, NOW, VIENNA, false_z=True).astimezone(VIENNA).strftime("%H:%M") == false


@pytest.mark.parametrize("text", ["2026-11-29", "20261129", "yesterday", "29.11.2026", "2026-W48-7"])
def test_a_day_alone(text: str) -> None:
    """It begins a span, and is no moment of a punch."""
    assert read_time(text, NOW, VIENNA).local == datetime(2026, 11, 29)
    with pytest.raises(BadTime, match="a day without a time"):
        read_moment(text, NOW, VIENNA)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no time"),
        ("soon", "no time"),
        ("25:00", "no time"),
        ("08:60", "no time"),
        ("8", "no time"),
        ("08:5", "no time"),
        ("31.11.2026 08:00", "no time"),
        ("0.0.0000 08:00", "no time"),
        ("١٢:٠٠", "no time"),
        ("2026-10-25 02:30", "exists twice"),
        ("29.03.2026 02:30", "does not exist"),
        ("0001-01-01 00:00", "cannot be meant"),
        ("9999-12-31T23:59:59-12:00", "cannot be meant"),
        ("x" * 10_000, "no time"),
    ],
)
def test_no_moment(text: str, why: str) -> None:
    with pytest.raises(BadTime, match=why) as said:
        read_moment(text, NOW, VIENNA)
    assert said.value.hint
    assert len(said.value.why) < 150
