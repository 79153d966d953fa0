"""The battery clock and the saved clock: what a machine kept of the time while it was off.

Both are hints. A battery clock that looks plausible is worth proposing to a person who dates a held punch; the saved
clock of a machine without one is a moment that has passed. Neither makes a punch exact.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOT_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
"""clockd is younger than this; a clock that says otherwise was never set."""

NOT_AFTER = datetime(2100, 1, 1, tzinfo=UTC)
"""The chips count two digits of years; beyond lies the overflow."""

TOLERANCE_S = 60.0
"""A DS3231 drifts a minute a year; a cheap DS1307 a minute in a few weeks."""


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
        return f"it shows {at:%Y-%m-%d}, so it was never set or lost its power: check the battery"
    if at < past_at - timedelta(seconds=TOLERANCE_S):
        return f"it shows {at:%Y-%m-%d %H:%M} UTC, which was already past when this machine was off: check the battery"
    if true_at is not None and abs((at - true_at).total_seconds()) > TOLERANCE_S:
        off_s = round((at - true_at).total_seconds())
        return (
            f"it is {abs(off_s)} s {'ahead' if off_s > 0 else 'behind'}: check that it runs in UTC (hwclock --systohc)"
        )
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


def saved_clock(root: Path = Path("/")) -> datetime | None:
    """Return the newest time that fake-hwclock or systemd-timesyncd has saved; None when neither has.

    Only what is read before this boot could save anything itself speaks of the past (`Life.saved_at`): timesyncd
    saves after a minute at the earliest, fake-hwclock after an hour.
    """
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
    return max(found, default=None)
