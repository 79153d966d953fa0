"""Who says that the clock is right: each source alone, and their order."""

import asyncio
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.host.clocks import ClockLook, look
from clockd.host.timesource import (
    MAX_ERROR_US,
    STA_UNSYNC,
    Always,
    Chrony,
    Flags,
    KernelFlags,
    Source,
    SyncState,
    TimedateBus,
    TimesyncFile,
    ask_sources,
    kernel_flags,
    read_tracking,
    sources,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = ClockLook(NOON, 1000.0)
TIMEDATED = Path("/usr/lib/systemd/systemd-timedated")


def at(boottime_s: float) -> float:
    """The wall clock, as a file's time, when boot time was that."""
    return NOON.timestamp() - NOW.boottime_s + boottime_s


# --- systemd-timesyncd ------------------------------------------------------------------------------------------


async def test_no_timesyncd_no_answer(tmp_path: Path) -> None:
    assert await TimesyncFile(tmp_path / "timesync").ask(0, NOW) is None


async def test_timesyncd_runs_and_has_reached_no_server(tmp_path: Path) -> None:
    assert await TimesyncFile(tmp_path).ask(0, NOW) == SyncState(False, "timesyncd", None)


@pytest.mark.parametrize(
    ("touched_s", "since_s", "synchronized"),
    [
        pytest.param(30, 0, True, id="once in this boot is enough while nobody sets the clock"),
        pytest.param(999.99, 900, True, id="touched after the step"),
        pytest.param(850, 900, False, id="touched before the step"),
        pytest.param(1000 + 3600, 900, False, id="touched before the clock was put back an hour"),
        pytest.param(-5000, 0, False, id="touched before the clock was put forward"),
    ],
)
async def test_timesyncds_file(tmp_path: Path, touched_s: float, since_s: float, *, synchronized: bool) -> None:
    (tmp_path / "synchronized").touch()
    os.utime(tmp_path / "synchronized", (at(touched_s), at(touched_s)))
    sync = await TimesyncFile(tmp_path).ask(since_s, NOW)
    assert sync == SyncState(synchronized, "timesyncd", 0.5 if synchronized else None)


async def test_a_file_touched_just_now_by_the_kernels_coarse_clock_counts(tmp_path: Path) -> None:
    for _ in range(50):
        before = look()
        (tmp_path / "synchronized").touch()
        sync = await TimesyncFile(tmp_path).ask(before.boottime_s, look())
        assert sync is not None
        assert sync.synchronized


# --- chrony -----------------------------------------------------------------------------------------------------

# as chronyc 4.3 printed it: synchronised; without a server; and running free in its "local" mode
TRACKING = (
    "7F000001,127.0.0.1,11,1795234065.305839389,-0.000002034,0.000000127,0.000000745,"
    "-0.256,0.012,0.781,0.000006321,0.000002616,0.3,Normal"
)
NOT_YET = (
    "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,"
    "0.000,0.000,0.000,1.000000000,1.000000000,0.0,Not synchronised"
)
LOCAL = (
    "7F7F0101,,10,1795234039.879443706,0.000000000,0.000000000,0.000000000,"
    "0.000,0.000,0.000,0.000000000,0.000000000,0.0,Normal"
)
MEASURED_AT = datetime.fromtimestamp(1795234065.3, UTC)
SOON = ClockLook(MEASURED_AT + timedelta(seconds=5), 1000.0)


def test_chrony_is_synchronised() -> None:
    sync = read_tracking(TRACKING, 900, SOON)
    assert sync is not None
    assert (sync.synchronized, sync.source) == (True, "chrony")
    assert sync.max_error_s == pytest.approx(0.000002034 + 0.000006321 / 2 + 0.000002616)


@pytest.mark.parametrize("text", [NOT_YET, LOCAL])
def test_chrony_without_a_server_is_not_believed(text: str) -> None:
    assert read_tracking(text, 0, SOON) == SyncState(False, "chrony", None)


def test_chrony_that_still_slews_an_offset_is_not_right_yet() -> None:
    slewing = TRACKING.replace("-0.000002034", "17.300000000")
    assert read_tracking(slewing, 900, SOON) == SyncState(False, "chrony", None)


def test_chrony_that_measured_before_the_step_says_nothing_about_now() -> None:
    assert read_tracking(TRACKING, 999, SOON) == SyncState(False, "chrony", None)


@pytest.mark.parametrize("text", ["", "506 Cannot talk to daemon", "a,b", TRACKING.replace("1795234065", "x")])
def test_rubbish_from_chronyc_is_no_answer(text: str) -> None:
    assert read_tracking(text, 0, SOON) is None


async def test_chronyc_is_run_and_read(tmp_path: Path) -> None:
    printed = Chrony((sys.executable, "-c", f"print({TRACKING!r})"))
    assert await printed.ask(900, SOON) == read_tracking(TRACKING, 900, SOON)


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("/nonexistent/chronyc",), id="not installed"),
        pytest.param((sys.executable, "-c", "import sys; print('506'); sys.exit(1)"), id="no chronyd"),
        pytest.param((sys.executable, "-c", "import time; time.sleep(600)"), id="hangs"),
    ],
)
async def test_no_chrony_no_answer_and_no_process_left(command: tuple[str, ...]) -> None:
    assert await Chrony(command, timeout_s=0.5).ask(0, SOON) is None
    assert children() == []


# --- D-Bus: a real systemd-timedated on a bus of its own --------------------------------------------------------

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><listen>{address}</listen><auth>EXTERNAL</auth>
<policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
</policy></busconfig>
"""

KERNEL_SAYS_SYNCHRONIZED = """
#include <sys/timex.h>
int adjtimex(struct timex *t) { t->status = 0; t->maxerror = 1000; return 0; }
"""


def compiled(folder: Path) -> Path:
    source, library = folder / "synchronized.c", folder / "synchronized.so"
    source.write_text(KERNEL_SAYS_SYNCHRONIZED, encoding="ascii")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    return library


@dataclass
class Bus:
    """A private bus, on which a test may start timedated."""

    address: str
    folder: Path
    started: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def start_timedated(self, *, synchronized: bool) -> None:
        environ = os.environ | {"DBUS_SYSTEM_BUS_ADDRESS": self.address}
        if synchronized:
            environ["LD_PRELOAD"] = str(compiled(self.folder))
        self.started.append(await asyncio.create_subprocess_exec(TIMEDATED, env=environ))
        async with asyncio.timeout(30):
            while await TimedateBus(self.address).ask(0, NOW) is None:
                pass


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    if not (shutil.which("dbus-daemon") and shutil.which("busctl") and TIMEDATED.exists()):
        pytest.skip("needs dbus-daemon, busctl and systemd-timedated")
    address = f"unix:path={tmp_path}/bus"
    (tmp_path / "bus.conf").write_text(BUS.format(address=address), encoding="ascii")
    daemon = await asyncio.create_subprocess_exec(
        "dbus-daemon",
        f"--config-file={tmp_path}/bus.conf",
        "--nofork",
        "--print-address",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert daemon.stdout is not None
    await daemon.stdout.readline()
    bus = Bus(address, tmp_path)
    yield bus
    for process in (*bus.started, daemon):
        process.terminate()
        await process.wait()


async def test_nobody_on_the_bus_no_answer(bus: Bus) -> None:
    assert await TimedateBus(bus.address).ask(0, NOW) is None
    assert await TimedateBus("unix:path=/nonexistent").ask(0, NOW) is None


@pytest.mark.parametrize("synchronized", [False, True])
async def test_timedated_tells_the_kernels_flag(bus: Bus, *, synchronized: bool) -> None:
    if not synchronized and not kernel_flags().status & STA_UNSYNC:
        pytest.skip("this machine is synchronised, so timedated says so")
    await bus.start_timedated(synchronized=synchronized)
    assert await TimedateBus(bus.address).ask(0, NOW) == SyncState(synchronized, "timedated", None)


# --- the kernel, and all of them --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (Flags(0, 250_000), SyncState(True, "kernel", 0.25)),
        (Flags(STA_UNSYNC, 250_000), SyncState(False, "kernel", None)),
        (Flags(0, MAX_ERROR_US), SyncState(False, "kernel", None)),
    ],
)
async def test_kernel_flags(flags: Flags, expected: SyncState) -> None:
    assert await KernelFlags(lambda: flags).ask(0, NOW) == expected


async def test_a_unit_that_may_not_ask_the_kernel_has_no_answer() -> None:
    def forbidden() -> Flags:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    assert await KernelFlags(forbidden).ask(0, NOW) is None


def test_the_true_kernel_answers() -> None:
    assert kernel_flags().max_error_us >= 0


class Silent:
    async def ask(self, since_s: float, now: ClockLook) -> SyncState | None:
        return None


async def test_the_first_that_can_say_something_decides() -> None:
    no, yes = KernelFlags(lambda: Flags(STA_UNSYNC, 0)), Always()
    asked: tuple[Source, ...] = (Silent(), no, yes)
    assert await ask_sources(asked, 0, NOW) == SyncState(False, "kernel", None)
    assert await ask_sources((Silent(), yes, no), 0, NOW) == SyncState(True, "configuration", 0.0)
    assert (await ask_sources((Silent(),), 0, NOW)).synchronized is False


def test_the_order() -> None:
    assert [type(source) for source in sources("auto")] == [TimesyncFile, Chrony, TimedateBus, KernelFlags]
    assert [type(source) for source in sources("always")] == [Always]


async def test_nothing_on_this_machine_takes_long_or_fails() -> None:
    async with asyncio.timeout(30):
        await ask_sources(sources("auto"), 0, look())
