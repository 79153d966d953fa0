"""Steps of the wall clock: the kernel tells at once; and two looks at the clocks tell the size."""

import asyncio
import ctypes
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd.host import boottime_s, now_at
from clockd.host.clocks import ClockLook, Clocks, look
from clockd.host.steps import StepTimer, step_between
from clockd.host.timesource import STA_UNSYNC, kernel_flags

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def seen(boottime_s: float, off_s: float = 0.0) -> ClockLook:
    return ClockLook(NOON + timedelta(seconds=boottime_s + off_s), boottime_s)


@pytest.mark.parametrize("size_s", [0.06, -0.06, 1.0, -3600.0, 56 * 365 * 86400.0, -56 * 365 * 86400.0])
def test_the_size_of_a_step_is_what_time_alone_does_not_explain(size_s: float) -> None:
    step = step_between(seen(100), seen(5000, size_s))
    assert step is not None
    assert step.size_s == pytest.approx(size_s, abs=1e-5)


@pytest.mark.parametrize("noise_s", [0.0, 0.04, -0.04])
def test_no_step(noise_s: float) -> None:
    assert step_between(seen(100), seen(100_000, noise_s)) is None


def test_wall_and_boot_time_are_one_look() -> None:
    began = [(one.wall_at - timedelta(seconds=one.boottime_s)).timestamp() for one in (look() for _ in range(1_000))]
    assert sorted(began)[990] - sorted(began)[10] < 0.005


def test_a_reading_takes_all_clocks() -> None:
    before_s, before_at = boottime_s(), now_at()
    reading = Clocks("boot-1", 7, trusted=lambda: True).read()
    assert before_s <= reading.boottime_s <= boottime_s()
    assert before_at <= reading.wall_at <= now_at()
    assert (reading.boot_id, reading.boot_seq, reading.trusted) == ("boot-1", 7, True)


@pytest.mark.parametrize("answers", [[True, False], [False, True], [False, False]])
def test_a_clock_found_right_or_wrong_during_the_reading_is_not_trusted(answers: list[bool]) -> None:
    left = list(answers)
    assert not Clocks("boot-1", 1, trusted=lambda: left.pop(0)).read().trusted


# --- the kernel -------------------------------------------------------------------------------------------------


def move_the_machines_clock_by_a_nanosecond() -> None:
    """Set the real clock by as little as it can be set: for the kernel it is a step like any other."""
    adj_setoffset, adj_nano = 0x0100, 0x2000
    timex = (ctypes.c_long * 64)()
    # struct timex: modes, offset, freq, maxerror, esterror, status, constant, precision, tolerance, time
    timex[0], timex[9], timex[10] = adj_setoffset | adj_nano, 0, 1
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.adjtimex(timex) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def clock_may_be_set() -> bool:
    """Only as root, and only where no service keeps the clock: it would have to find it anew."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    cap_sys_time = int(status.partition("CapEff:")[2].split()[0], 16) & (1 << 25)
    return bool(cap_sys_time) and bool(kernel_flags().status & STA_UNSYNC) and ctypes.sizeof(ctypes.c_long) == 8


async def test_the_timer_is_quiet_while_nobody_sets_the_clock() -> None:
    with StepTimer() as timer:
        assert timer.works
        assert not await timer.wait(0.05)


@pytest.mark.skipif(not clock_may_be_set(), reason="needs CAP_SYS_TIME and a clock that no time service keeps")
async def test_the_kernel_tells_of_each_step_at_once() -> None:
    with StepTimer() as timer:
        for _ in range(3):
            waiting = asyncio.create_task(timer.wait(30))
            await asyncio.sleep(0)
            move_the_machines_clock_by_a_nanosecond()
            assert await waiting, "30 s without a word"
        assert not await timer.wait(0.05)


async def test_a_clock_beyond_the_end_of_the_timer_does_not_spin() -> None:
    """A rubbish clock can lie behind any date that the timer can wait for."""
    with StepTimer(until_s=1) as timer:
        assert await timer.wait(30)
        assert not timer.works
        assert not await timer.wait(0.05)


async def test_nothing_stays_open() -> None:
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with StepTimer():
            pass
    assert set(os.listdir("/proc/self/fd")) <= before
