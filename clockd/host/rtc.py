"""The battery clock and the saved clock: what a machine kept of the time while it was off.

Both are hints. A battery clock that looks plausible is worth proposing to a person who dates a held punch; the saved
clock of a machine without one is a moment that has passed. Neither makes a punch exact.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clockd.core.sentence import sentence
from clockd.host.clocks import ClockLook

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
"""clockd is younger than this; a clock that says otherwise was never set."""

NOT_AFTER = datetime(2100, 1, 1, tzinfo=UTC)
"""The chips count two digits of years; beyond lies the overflow."""

TOLERANCE_S = 60.0
"""A DS3231 drifts a minute a year; a cheap DS1307 a minute in a few weeks."""

WHOLE_SECONDS_S = 2.0
"""The chip tells whole seconds, and the kernel took them some time ago."""

SAVE_EARLIEST_S = 60.0
"""timesyncd saves the time that often, and for the first time that long after its own start."""


@dataclass(frozen=True, slots=True)
class BatteryClock:
    """A battery-backed clock, as the kernel found it."""

    device: str
    """As `rtc0`."""
    name: str
    """The chip or driver, as `rtc-ds1307 1-0068`."""
    set_system_clock: bool
    """The kernel took the wall clock from it at boot."""
    at: datetime | None
    """What it shows; None when it cannot be read."""
    problem: str | None
    """None when it is plausible; else what is wrong and what to do, for the admin."""

    @property
    def plausible(self) -> bool:
        """Whether its time is worth proposing."""
        return self.problem is None

    @property
    def state(self) -> str:
        """ok, implausible, or dead."""
        return "dead" if self.at is None else "ok" if self.plausible else "implausible"

    def runs(self, look: ClockLook) -> bool:
        """Say whether the wall clock is the one that was taken from this clock."""
        if not self.set_system_clock or self.at is None:
            return False
        return abs((look.wall_at - self.at).total_seconds()) <= WHOLE_SECONDS_S


def battery_clock(
    past_at: datetime = NOT_BEFORE, true_at: datetime | None = None, root: Path = Path("/sys/class/rtc")
) -> BatteryClock | None:
    """Look at the battery clock; None when the machine has none.

    Args:
        past_at: a moment that is certainly past, as the last time known before.
        true_at: the present moment, when it is known; then the chip is compared with it.
        root: the kernel's list of such clocks.
    """
    try:
        devices = sorted(entry for entry in root.iterdir() if entry.name.startswith("rtc"))
    except OSError:
        return None
    if not devices:
        return None
    # the one the wall clock came from; a Pi 5 has a second one of its own, often without a battery
    device = next((d for d in devices if _text(d / "hctosys") == "1"), devices[0])
    at = _time(device)
    return BatteryClock(
        device=device.name,
        name=_text(device / "name") or "unknown chip",
        set_system_clock=_text(device / "hctosys") == "1",
        at=at,
        problem=_problem(at, max(past_at, NOT_BEFORE), true_at),
    )


def _problem(at: datetime | None, past_at: datetime, true_at: datetime | None) -> str | None:
    if at is None:
        return (
            "its oscillator stopped, the time is lost: replace the battery (CR2032); it is set again once time arrives"
        )
    if at < NOT_BEFORE or at >= NOT_AFTER:
        return sentence("it shows {at:%Y-%m-%d}, so it was never set or lost its power: check the battery", at=at)
    if at < past_at - timedelta(seconds=TOLERANCE_S):
        return sentence(
            "it shows {at:%Y-%m-%d %H:%M} UTC, which was already past when this machine was off: check the battery",
            at=at,
        )
    if true_at is not None and abs((at - true_at).total_seconds()) > TOLERANCE_S:
        off_s = round((at - true_at).total_seconds())
        if off_s > 0:
            return sentence("it is {length} s ahead: check that it runs in UTC (hwclock --systohc)", length=off_s)
        return sentence("it is {length} s behind: check that it runs in UTC (hwclock --systohc)", length=-off_s)
    return None


def _time(device: Path) -> datetime | None:
    """Read the chip. The kernel refuses (EINVAL) when the chip says that its oscillator stopped."""
    try:
        return datetime.fromtimestamp(int((device / "since_epoch").read_text(encoding="ascii")), UTC)
    except (OSError, ValueError, OverflowError):
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def saved_clock(look: ClockLook, battery: BatteryClock | None, root: Path = Path("/")) -> datetime | None:
    """Return a moment that was past when this boot began, by what fake-hwclock or systemd-timesyncd had saved.

    What was saved in this boot says nothing of the past, so this is for the first minute of a boot alone, and the time
    that has passed since is taken off: cron may have saved for fake-hwclock already. That holds only where the clock
    of this boot began with a saved one; a battery clock may have run ahead, and nothing is said beside one that runs.

    Args:
        look: now.
        battery: the battery clock.
        root: the root of the file system.

    Returns:
        None when nothing was saved, or it cannot be known to be past. Past it is only where the boot before told no
        future time (`core.timebase.Life.saved_at`).
    """
    if look.boottime_s >= SAVE_EARLIEST_S or (battery and battery.at and battery.at >= NOT_BEFORE):
        return None
    found = []
    try:
        text = (root / "etc/fake-hwclock.data").read_text(encoding="ascii").strip()
        found.append(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    except (OSError, ValueError):
        pass
    try:
        mtime = (root / "var/lib/systemd/timesync/clock").stat().st_mtime
        found.append(datetime.fromtimestamp(mtime, UTC))
    except (OSError, ValueError, OverflowError):
        pass
    return max(found) - timedelta(seconds=look.boottime_s) if found else None
