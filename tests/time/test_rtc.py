"""What a machine kept of the time while it was off."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.host.rtc import battery_clock, saved_clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def clock(
    root: Path, device: str, shows: datetime | None, *, name: str = "rtc-ds1307 1-0068", hctosys: str = "1"
) -> None:
    """Lay out a clock as the kernel does; one whose oscillator stopped refuses to be read."""
    folder = root / device
    folder.mkdir()
    (folder / "name").write_text(f"{name}\n", encoding="ascii")
    (folder / "hctosys").write_text(f"{hctosys}\n", encoding="ascii")
    if shows is None:
        (folder / "since_epoch").mkdir()  # reading a folder fails as reading the attribute does, with an OSError
    else:
        (folder / "since_epoch").write_text(f"{int(shows.timestamp())}\n", encoding="ascii")


def test_a_machine_without_one(tmp_path: Path) -> None:
    assert battery_clock(root=tmp_path) is None
    assert battery_clock(root=tmp_path / "missing") is None


def test_a_good_one(tmp_path: Path) -> None:
    clock(tmp_path, "rtc0", NOON)
    found = battery_clock(NOON - timedelta(days=3), NOON + timedelta(seconds=2), root=tmp_path)
    assert found is not None
    assert (found.device, found.name, found.set_system_clock, found.at) == ("rtc0", "rtc-ds1307 1-0068", True, NOON)
    assert found.plausible


@pytest.mark.parametrize(
    ("shows", "words"),
    [
        pytest.param(None, "oscillator stopped", id="dead battery, the chip says so"),
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), "never set", id="a Pi 5 without a battery"),
        pytest.param(datetime(2000, 1, 1, 0, 5, tzinfo=UTC), "never set", id="dead battery, an older kernel"),
        pytest.param(datetime(2165, 1, 1, tzinfo=UTC), "never set", id="rubbish"),
        pytest.param(NOON - timedelta(days=30), "already past", id="stood still while the machine was off"),
        pytest.param(NOON + timedelta(hours=1), "3600 s ahead", id="runs in local time"),
        pytest.param(NOON - timedelta(minutes=5), "300 s behind", id="drifted"),
    ],
)
def test_a_bad_one_is_reported(tmp_path: Path, shows: datetime | None, words: str) -> None:
    clock(tmp_path, "rtc0", shows)
    found = battery_clock(NOON - timedelta(days=3), NOON, root=tmp_path)
    assert found is not None
    assert not found.plausible
    assert found.problem is not None
    assert words in found.problem


def test_before_time_arrives_only_the_past_is_known(tmp_path: Path) -> None:
    clock(tmp_path, "rtc0", NOON + timedelta(days=400))
    found = battery_clock(NOON, None, root=tmp_path)
    assert found is not None
    assert found.plausible


def test_the_one_that_set_the_wall_clock_is_meant(tmp_path: Path) -> None:
    clock(tmp_path, "rtc0", datetime(1970, 1, 1, tzinfo=UTC), name="rpi-rtc soc:rpi_rtc", hctosys="0")
    clock(tmp_path, "rtc1", NOON)
    found = battery_clock(NOON - timedelta(days=3), root=tmp_path)
    assert found is not None
    assert found.device == "rtc1"


# --- saved clocks -----------------------------------------------------------------------------------------------


def test_the_newest_saved_clock_counts(tmp_path: Path) -> None:
    assert saved_clock(tmp_path) is None
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/fake-hwclock.data").write_text("2026-11-21 11:17:01\n", encoding="ascii")
    assert saved_clock(tmp_path) == datetime(2026, 11, 21, 11, 17, 1, tzinfo=UTC)
    stamp = tmp_path / "var/lib/systemd/timesync/clock"
    stamp.parent.mkdir(parents=True)
    stamp.touch()
    os.utime(stamp, (NOON.timestamp(), NOON.timestamp()))
    assert saved_clock(tmp_path) == NOON


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-21", "2026-13-40 00:00:00"])
def test_a_damaged_saved_clock_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/fake-hwclock.data").write_text(text, encoding="ascii")
    assert saved_clock(tmp_path) is None
