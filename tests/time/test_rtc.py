"""What a machine kept of the time while it was off."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.host.clocks import ClockLook
from clockd.host.rtc import battery_clock, saved_clock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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


@pytest.mark.parametrize(("off_s", "runs"), [(0.0, True), (1.9, True), (-3600.0, False)])
def test_whether_the_wall_clock_was_taken_from_it(tmp_path: Path, off_s: float, runs: bool) -> None:
    clock(tmp_path, "rtc0", NOON)
    found = battery_clock(root=tmp_path)
    assert found is not None
    assert found.runs(ClockLook(NOON + timedelta(seconds=off_s), 20.0)) is runs


@pytest.mark.parametrize(("shows", "state"), [(NOON, "ok"), (NOON + timedelta(hours=1), "implausible"), (None, "dead")])
def test_its_state_in_a_word(tmp_path: Path, shows: datetime | None, state: str) -> None:
    clock(tmp_path, "rtc0", shows)
    found = battery_clock(true_at=NOON, root=tmp_path)
    assert found is not None
    assert found.state == state


# --- saved clocks -----------------------------------------------------------------------------------------------

EARLY = ClockLook(datetime(2026, 11, 21, 12, 0, 20, tzinfo=UTC), 20.0)
STARTED = timedelta(seconds=20)


def save(root: Path, fake_hwclock: str) -> None:
    (root / "etc").mkdir()
    (root / "etc/fake-hwclock.data").write_text(fake_hwclock, encoding="ascii")


def test_the_newest_saved_clock_counts(tmp_path: Path) -> None:
    assert saved_clock(EARLY, None, tmp_path) is None
    save(tmp_path, "2026-11-21 11:17:01\n")
    assert saved_clock(EARLY, None, tmp_path) == datetime(2026, 11, 21, 11, 17, 1, tzinfo=UTC) - STARTED
    stamp = tmp_path / "var/lib/systemd/timesync/clock"
    stamp.parent.mkdir(parents=True)
    stamp.touch()
    os.utime(stamp, (NOON.timestamp(), NOON.timestamp()))
    assert saved_clock(EARLY, None, tmp_path) == NOON - STARTED


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-21", "2026-13-40 00:00:00"])
def test_a_damaged_saved_clock_is_none(tmp_path: Path, text: str) -> None:
    save(tmp_path, text)
    assert saved_clock(EARLY, None, tmp_path) is None


def test_what_may_have_been_saved_in_this_boot_is_not_past(tmp_path: Path) -> None:
    """timesyncd saves after a minute; cron may save for fake-hwclock at once, which the time since the start covers."""
    save(tmp_path, "2026-11-21 12:00:19\n")  # a second ago
    assert saved_clock(EARLY, None, tmp_path) == datetime(2026, 11, 21, 11, 59, 59, tzinfo=UTC)
    assert saved_clock(ClockLook(NOON, 60.0), None, tmp_path) is None


@pytest.mark.parametrize(("shows", "past"), [(NOON + timedelta(days=900), False), (None, True), (EPOCH, True)])
def test_beside_a_battery_clock_that_runs_it_may_lie_ahead(tmp_path: Path, shows: datetime | None, past: bool) -> None:
    save(tmp_path, "2026-11-21 11:17:01\n")
    (tmp_path / "rtc").mkdir()
    clock(tmp_path / "rtc", "rtc0", shows)
    found = saved_clock(EARLY, battery_clock(root=tmp_path / "rtc"), tmp_path)
    assert (found is not None) is past
