"""A step of the wall clock, at the moment it happens.

The kernel cancels an absolute timer on CLOCK_REALTIME when somebody sets that clock (timerfd_create(2),
TFD_TIMER_CANCEL_ON_SET); slewing does not. The size of the step is then read off wall and boot time, which only
differ from before by a step. Where no such timer can be had, and for a forged clock in tests, comparing the two
clocks now and then finds the same steps a little later.
"""

import asyncio
import ctypes
import errno
import os
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from clockd.core.timebase.anchors import SAME_CLOCK_S, began_at
from clockd.host.clocks import ClockLook

TFD_TIMER_ABSTIME = 1
TFD_TIMER_CANCEL_ON_SET = 2
CLOCK_REALTIME = 0
FAR_S = 9_000_000_000 if ctypes.sizeof(ctypes.c_long) == 8 else 2**31 - 1
"""2255, near the kernel's own end of time; on a 32-bit Raspberry Pi OS its `long` ends in 2038."""


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The wall clock was set."""

    size_s: float
    """Forward is positive."""
    before: ClockLook
    after: ClockLook


def step_between(before: ClockLook, after: ClockLook) -> ClockStep | None:
    """Compare two looks at the clocks; None when no more than time has passed."""
    moved = began_at(after.wall_at, after.boottime_s) - began_at(before.wall_at, before.boottime_s)
    size_s = moved.total_seconds()
    return ClockStep(size_s, before, after) if abs(size_s) > SAME_CLOCK_S else None


class StepTimer:
    """A timer that never fires and is cancelled by each step. Use it as a context, inside a running loop.

    Args:
        until_s: when it would fire after all, in seconds of CLOCK_REALTIME.
    """

    def __init__(self, until_s: int = FAR_S) -> None:
        self._until_s = until_s
        self._fd = -1
        self._woken = asyncio.Event()

    @property
    def works(self) -> bool:
        """False where the kernel gave no such timer, or it has fired; then only comparing finds a step."""
        return self._fd >= 0

    def __enter__(self) -> Self:
        try:
            self._fd = _create()
            _set(self._fd, self._until_s)
        except OSError:
            self._close()
        if self.works:
            asyncio.get_running_loop().add_reader(self._fd, self._readable)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.works:
            asyncio.get_running_loop().remove_reader(self._fd)
        self._close()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for a step; True when the kernel told of one, False after the timeout."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    def _readable(self) -> None:
        try:
            os.read(self._fd, 8)
            spent = True  # a clock beyond all reason; armed again, the timer would fire again at once
        except BlockingIOError:
            return
        except OSError as error:
            spent = error.errno != errno.ECANCELED  # a cancelled timer stays armed
        if spent:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._close()
        self._woken.set()

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
        self._fd = -1


# --- the system calls; Python has them from 3.13 on -------------------------------------------------------------


class _Timespec(ctypes.Structure):
    _fields_ = (("s", ctypes.c_long), ("ns", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


def _create() -> int:
    flags = os.O_NONBLOCK | os.O_CLOEXEC
    native = getattr(os, "timerfd_create", None)
    if native is not None:
        return int(native(CLOCK_REALTIME, flags=flags))
    return _checked(_libc().timerfd_create(CLOCK_REALTIME, flags))


def _set(fd: int, at_s: int) -> None:
    flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET
    native = getattr(os, "timerfd_settime_ns", None)
    if native is not None:
        native(fd, flags=flags, initial=at_s * 1_000_000_000)
        return
    spec = _Itimerspec(value=_Timespec(at_s, 0))
    _checked(_libc().timerfd_settime(fd, flags, ctypes.byref(spec), None))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
