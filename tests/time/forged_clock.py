"""A machine with a forged clock, for end-to-end tests: it boots in 1970, or in the future, and gets the time later.

`ForgedClock` moves the wall clock (and boot time) of the processes started with its `environ`, while they run.
`ForgedMachine` adds what the rest of the machine would say: its own boot id and its own systemd-timesyncd, in a
private mount namespace. It needs root, or a kernel that lets users have namespaces.

    machine = ForgedMachine(tmp_path, build_preload(tmp_path))
    machine.boot(wall_at=datetime(1970, 1, 1, tzinfo=UTC))
    process = subprocess.Popen(machine.command("clockd", "run", …), env=machine.environ)
    …                                                                    # three people tap
    machine.synchronize(datetime(2026, 11, 21, 7, tzinfo=UTC))           # time arrives
    machine.boot(wall_at=…)                                              # a power cut, and the next boot

A step made this way does not cancel a timerfd, so clockd sees it by its own looks: wait up to ten seconds. libfaketime
is no substitute: it moves the clocks that sleeping and waiting use as well.
"""

import os
import struct
import subprocess
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

SOURCE = Path(__file__).with_name("realtime_shift.c")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

# a folder of the machine is laid over the true one; what else is in /run/systemd is hidden
ENTER = """
set -e
if [ -d /run/systemd ]; then mount -t tmpfs forged /run/systemd; else mount -t tmpfs forged /run; fi
mkdir -p /run/systemd/timesync
mount --bind "$0/timesync" /run/systemd/timesync
mount --bind "$0/boot_id" /proc/sys/kernel/random/boot_id
if [ -d "$0/rtc" ]; then
    mount -t tmpfs forged /sys/class
    mkdir /sys/class/rtc
    mount --bind "$0/rtc" /sys/class/rtc
fi
exec "$@"
"""


def build_preload(folder: Path) -> Path:
    """Compile the preload with the machine's C compiler."""
    library = folder / "realtime_shift.so"
    subprocess.run(["cc", "-Wall", "-Werror", "-O1", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
    return library


class ForgedClock:
    """Wall and boot time of a group of processes, as far off as a test wants."""

    def __init__(self, folder: Path, library: Path) -> None:
        self._file = folder / "forged_clock"
        self._library = library
        self._write(0, 0)

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment for a process whose clock is forged."""
        return os.environ | {"LD_PRELOAD": str(self._library), "FORGED_CLOCK": str(self._file)}

    def now_at(self) -> datetime:
        """What the processes read from the wall clock."""
        return EPOCH + timedelta(microseconds=(time.time_ns() + self._read()[0]) // 1000)

    def boottime_s(self) -> float:
        """What they read as boot time."""
        return (time.clock_gettime_ns(time.CLOCK_BOOTTIME) + self._read()[1]) / 1e9

    def set_wall(self, at: datetime) -> None:
        """Set the wall clock, as `date -s` would."""
        self._write((at - EPOCH) // MICROSECOND * 1000 - time.time_ns(), self._read()[1])

    def set_boottime(self, uptime_s: float) -> None:
        """Let the processes believe that the machine has been up for so long; only before they start."""
        self._write(self._read()[0], int(uptime_s * 1e9) - time.clock_gettime_ns(time.CLOCK_BOOTTIME))

    def _read(self) -> tuple[int, int]:
        realtime_ns, boottime_ns = struct.unpack("=qq", self._file.read_bytes())
        return realtime_ns, boottime_ns

    def _write(self, realtime_ns: int, boottime_ns: int) -> None:
        # written in place: the file is mapped by the processes, and eight aligned bytes change at once
        with open(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644), "wb", buffering=0) as file:
            file.write(struct.pack("=qq", realtime_ns, boottime_ns))


class ForgedMachine:
    """A forged clock, a boot id and a systemd-timesyncd that has found a server or not."""

    def __init__(self, folder: Path, library: Path) -> None:
        self._folder = folder
        self.clock = ForgedClock(folder, library)
        (folder / "timesync").mkdir()
        (folder / "boot_id").touch()
        self.boot(wall_at=EPOCH)

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment for the machine's processes."""
        return self.clock.environ

    @property
    def boot_id(self) -> str:
        """The present boot."""
        return (self._folder / "boot_id").read_text(encoding="ascii").strip()

    def command(self, *argv: str) -> list[str]:
        """Return the command that runs a program on this machine."""
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        return ["unshare", "--mount", "--propagation", "private", *user, "sh", "-c", ENTER, str(self._folder), *argv]

    def boot(self, wall_at: datetime, uptime_s: float = 20.0) -> None:
        """Begin a new boot with another boot id, without synchronisation; end the processes of the old one before."""
        (self._folder / "timesync" / "synchronized").unlink(missing_ok=True)
        (self._folder / "boot_id").write_text(f"{uuid.uuid4()}\n", encoding="ascii")
        self.clock.set_boottime(uptime_s)
        self.clock.set_wall(wall_at)

    def fit_battery_clock(self, shows: datetime | None) -> None:
        """Let the processes that start from now on see a DS3231; None: its battery is dead."""
        device = self._folder / "rtc" / "rtc0"
        device.mkdir(parents=True)
        (device / "name").write_text("rtc-ds1307 1-0068\n", encoding="ascii")
        (device / "hctosys").write_text("1\n", encoding="ascii")
        if shows is None:
            (device / "since_epoch").mkdir()  # reading it fails, as reading the attribute does
        else:
            (device / "since_epoch").write_text(f"{int(shows.timestamp())}\n", encoding="ascii")

    def synchronize(self, at: datetime) -> None:
        """Let timesyncd reach a server: it sets the clock, then touches its file, in that order."""
        self.clock.set_wall(at)
        sign = self._folder / "timesync" / "synchronized"
        sign.touch()
        now_s = (self.clock.now_at() - EPOCH).total_seconds()
        os.utime(sign, (now_s, now_s))


def namespaces_work() -> bool:
    """Whether this machine lets us have a mount namespace."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    command = ["unshare", "--mount", "--propagation", "private", *user, "mount", "-t", "tmpfs", "try", "/mnt"]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
