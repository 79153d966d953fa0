"""Who says that the wall clock is right.

Asked in this order, and the first that has an answer decides:

1. systemd-timesyncd touches a file at each successful synchronisation.
2. chronyd answers `chronyc tracking`. Its "local" mode calls itself synchronised while it runs free: not believed.
3. systemd-timedated tells the kernel's flag over D-Bus (`NTPSynchronized`); ntpd and others set it.
4. The kernel's flags themselves. Inside a hardened unit the call is forbidden, hence last.

None of this is on the way of a tap. Each source is asked until the clock was found right once in a boot, and again
after a step (`timewatch.py`); D-Bus goes through `busctl`, which every systemd machine has, since a library for one
property that is read a few times per boot would weigh more than it gives.
"""

import asyncio
import contextlib
import ctypes
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from clockd.core.timebase.anchors import touched_since
from clockd.host.clocks import ClockLook

TIMESYNCD_ERROR_S = 0.5
"""timesyncd steps what is off by 0.4 s or more; less it leaves to slewing while it calls the clock synchronised."""

LARGEST_SLEW_S = 0.5
"""chronyd may work off an offset slowly; until it is smaller than this the clock is not right yet."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """What is known about the wall clock."""

    synchronized: bool
    source: str
    """Who says so, for people."""
    max_error_s: float | None
    """How far it may be off; None when the source does not say."""


class Source(Protocol):
    """Somebody who may know whether the wall clock is right."""

    async def ask(self, since_s: float, now: ClockLook) -> SyncState | None:
        """Say whether the clock was found right after a moment of boot time; None when this source cannot say.

        Args:
            since_s: the last moment (boot time) at which the clock was known as it was before; a source that only
                remembers an earlier synchronisation says no.
            now: a look at the clocks.
        """


@dataclass(frozen=True, slots=True)
class Always:
    """`clock.trust = "always"`: the admin vouches for this machine's clock."""

    async def ask(self, since_s: float, now: ClockLook) -> SyncState | None:
        """Say yes."""
        return SyncState(True, "configuration", 0.0)


@dataclass(frozen=True, slots=True)
class TimesyncFile:
    """systemd-timesyncd's own sign."""

    folder: Path = Path("/run/systemd/timesync")

    async def ask(self, since_s: float, now: ClockLook) -> SyncState | None:
        """Look at the file's time; the folder alone means that timesyncd runs and has not reached a server yet."""
        try:
            mtime = (self.folder / "synchronized").stat().st_mtime
        except FileNotFoundError:
            return SyncState(False, "timesyncd", None) if self.folder.is_dir() else None
        except OSError:
            return None
        touched_at = datetime.fromtimestamp(mtime, UTC)
        fresh = touched_since(touched_at, since_s, now.wall_at, now.boottime_s)
        return SyncState(fresh, "timesyncd", TIMESYNCD_ERROR_S if fresh else None)


@dataclass(frozen=True, slots=True)
class Chrony:
    """chronyd, through its own client."""

    command: Sequence[str] = ("chronyc", "-n", "-c", "tracking")
    timeout_s: float = 3.0

    async def ask(self, since_s: float, now: ClockLook) -> SyncState | None:
        """Read `tracking`; no chronyd, no answer."""
        text = await _output(self.command, self.timeout_s)
        return None if text is None else read_tracking(text, since_s, now)


def read_tracking(text: str, since_s: float, now: ClockLook) -> SyncState | None:
    """Read the line of `chronyc -c tracking`; None for anything else."""
    fields = text.strip().split(",")
    try:
        reference, leap = fields[0], fields[13]
        measured_s, offset_s, delay_s, dispersion_s = (float(fields[n]) for n in (3, 4, 10, 11))
    except (IndexError, ValueError):
        return None
    if leap == "Not synchronised" or reference.startswith(("7F7F01", "00000000")):
        return SyncState(False, "chrony", None)
    fresh = touched_since(datetime.fromtimestamp(measured_s, UTC), since_s, now.wall_at, now.boottime_s)
    right = fresh and abs(offset_s) <= LARGEST_SLEW_S
    return SyncState(right, "chrony", abs(offset_s) + delay_s / 2 + dispersion_s if right else None)


@dataclass(frozen=True, slots=True)
class TimedateBus:
    """systemd-timedated's `NTPSynchronized`. The kernel clears the flag when anybody sets the clock by hand."""

    address: str | None = None
    """Another bus than the system's, for tests."""
    timeout_s: float = 3.0

    async def ask(self, since_s: float, now: ClockLook) -> SyncState | None:
        """Read the property; no bus or no timedated, no answer."""
        bus = "--system" if self.address is None else f"--address={self.address}"
        name = "org.freedesktop.timedate1"
        command = ("busctl", bus, "get-property", name, "/org/freedesktop/timedate1", name, "NTPSynchronized")
        match await _output(command, self.timeout_s):
            case "b true":
                return SyncState(True, "timedated", None)
            case "b false":
                return SyncState(False, "timedated", None)
            case _:
                return None


STA_UNSYNC = 0x0040
MAX_ERROR_US = 16_000_000
"""From here on the kernel itself gives up on the clock."""


@dataclass(frozen=True, slots=True)
class Flags:
    """What the kernel thinks of its clock."""

    status: int
    max_error_us: int


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 40),  # more than the kernel writes
    )


def kernel_flags() -> Flags:
    """Read the kernel's flags (adjtimex(2)); changes nothing.

    Raises:
        OSError: forbidden, as inside a unit with ProtectClock=.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    timex = _Timex(modes=0)
    if libc.adjtimex(ctypes.byref(timex)) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return Flags(timex.status, timex.maxerror)


@dataclass(frozen=True, slots=True)
class KernelFlags:
    """The kernel's own opinion."""

    read: Callable[[], Flags] = kernel_flags

    async def ask(self, since_s: float, now: ClockLook) -> SyncState | None:
        """Read the flags; forbidden means no answer."""
        try:
            flags = self.read()
        except OSError:
            return None
        right = not flags.status & STA_UNSYNC and flags.max_error_us < MAX_ERROR_US
        return SyncState(right, "kernel", flags.max_error_us / 1e6 if right else None)


def sources(trust: str) -> tuple[Source, ...]:
    """Return the sources in the order in which they are asked.

    Args:
        trust: `clock.trust` of the configuration.
    """
    if trust == "always":
        return (Always(),)
    return TimesyncFile(), Chrony(), TimedateBus(), KernelFlags()


async def ask_sources(asked: Sequence[Source], since_s: float, now: ClockLook) -> SyncState:
    """Ask the sources in turn; the first that can say something decides."""
    for source in asked:
        if (sync := await source.ask(since_s, now)) is not None:
            return sync
    return SyncState(False, "no time service found", None)


async def _output(command: Sequence[str], timeout_s: float) -> str | None:
    """Run a command and return what it printed; None when it is missing, fails or takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=os.environ | {"LC_ALL": "C"},
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(timeout_s):
            out, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return out.decode("utf-8", "replace").strip() if process.returncode == 0 else None
