"""A device in a thread of its own, its taps in the event loop.

Libraries of readers block. Each open device therefore has one thread; what it sees crosses into the loop through its
`LoopLink`, and the loop's wish that it should end crosses back the same way.
"""

import asyncio
import logging
import select
import socket
import threading
from collections.abc import Callable

from clockd.core.model import Pin, Reading, Tap, Uid, Unread
from clockd.core.ports import TellUnread
from clockd.core.sentence import sentence
from clockd.errors import DeviceError

log = logging.getLogger(__name__)

RELEASE_S = 0.9
"""How long a cancelled reader may take to let go of its device; its contract says a second."""
NUDGE_S = 0.02
"""Pause between two attempts to get a thread out of a blocking call."""


class LoopLink:
    """The thread's end: what it may say to the loop, and how it learns that it must end.

    Everything here may be called in the device's thread.
    """

    def __init__(self, kind: str, tapped: Callable[[Tap], None], ready: Callable[[], None], unread: TellUnread) -> None:
        self._kind = kind
        self._tapped = tapped
        self._ready = ready
        self._unread = unread
        self._loop = asyncio.get_running_loop()
        self._listening = True
        self._stopping = threading.Event()
        self._bell, self._hammer = socket.socketpair()
        self.failed: asyncio.Future[None] = self._loop.create_future()
        """In the loop: done with the first error of the device or of a callback."""
        self.ended: asyncio.Future[None] = self._loop.create_future()
        """In the loop: done when the thread has nothing left to do."""

    @property
    def stopping(self) -> bool:
        """True once the thread must end."""
        return self._stopping.is_set()

    def ready(self) -> None:
        """Say that badges can be seen now."""
        self._in_loop(self._ready)

    def unread(self, reason: Unread) -> None:
        """Say that something was presented that could not be read."""
        self._in_loop(lambda: self._unread(reason))

    def tap(self, uid: Uid | Pin, reading: Reading) -> None:
        """Say that a badge was presented, at the moment of the reading."""
        tap = Tap(uid, self._kind, reading)
        self._in_loop(lambda: self._tapped(tap))

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the thread is wanted."""
        self._stopping.wait(seconds)

    def wait_readable(self, fileno: int, timeout_s: float | None = None) -> bool:
        """Block until there is something to read, or the thread must end, or the time is over.

        Returns:
            Whether there is something to read; look at `stopping` when there is not.
        """
        poll = select.poll()
        poll.register(fileno, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        found = poll.poll(None if timeout_s is None else timeout_s * 1000)
        return not self.stopping and any(number == fileno for number, _ in found)

    # --- the loop's end -----------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the thread to end, and say nothing more to the callbacks. Called in the loop."""
        self._listening = False
        if not self._stopping.is_set():
            self._stopping.set()
            self._hammer.send(b"\0")

    def close(self) -> None:
        """Give back what the link itself holds, after the thread has ended. Called in the loop."""
        self._bell.close()
        self._hammer.close()

    def run(self, work: Callable[["LoopLink"], None]) -> None:
        """Do the work, and report how it ended; the body of the thread."""
        error: BaseException
        try:
            work(self)
            error = DeviceError(sentence("the {kind} reader ended by itself", kind=self._kind))
        except Exception as raised:  # noqa: BLE001 - no error may die with the thread; `run_in_thread` raises it
            error = raised
        self._post(lambda: self._finish(error))

    def _finish(self, error: BaseException) -> None:
        self._fail(error)
        if not self.ended.done():
            self.ended.set_result(None)

    def _in_loop(self, call: Callable[[], None]) -> None:
        self._post(lambda: self._guarded(call))

    def _guarded(self, call: Callable[[], None]) -> None:
        if not self._listening:
            return
        try:
            call()
        except Exception as error:  # noqa: BLE001 - as above; a callback's error is the caller's to see
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        if not self.failed.done():
            self.failed.set_exception(error)
            self.failed.exception()  # marks it as seen: after a cancellation nobody else asks

    def _post(self, call: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: the process ends, and nobody listens any more
            log.debug("%s reader: the event loop is gone", self._kind)


async def run_in_thread(
    kind: str,
    work: Callable[[LoopLink], None],
    tapped: Callable[[Tap], None],
    ready: Callable[[], None],
    unread: TellUnread,
    *,
    nudge: Callable[[], None] = lambda: None,
) -> None:
    """Run `work` in a thread until it fails; the body of every reader's `run`.

    Args:
        kind: the reader's kind.
        work: opens the device, reads until `link.stopping`, closes it. It must look at `link.stopping` or wait with
            the link's methods wherever it can.
        tapped: as for `Reader.run`.
        ready: as for `Reader.run`.
        unread: as for `Reader.run`.
        nudge: gets `work` out of a blocking call of a library; called from another thread, again and again, until
            `work` has ended.

    Raises:
        DeviceError: what `work` raised. It has let go of its device then.
    """
    link = LoopLink(kind, tapped, ready, unread)
    # A daemon thread, and not an executor's: a device that hangs in its driver must not keep the process alive.
    thread = threading.Thread(target=link.run, args=(work,), name=f"reader-{kind}", daemon=True)
    thread.start()
    try:
        await asyncio.wait({link.failed})
        await link.failed
    finally:
        await _release(kind, link, thread, nudge)


async def _release(kind: str, link: LoopLink, thread: threading.Thread, nudge: Callable[[], None]) -> None:
    link.stop()
    if not link.ended.done():
        # In a thread as well: a nudge talks to the same driver that the work may hang in.
        nudger = threading.Thread(target=_nudge, args=(thread, nudge), name=f"reader-{kind}-nudge", daemon=True)
        nudger.start()
        await asyncio.wait({link.ended}, timeout=RELEASE_S)
        if link.ended.done():
            nudger.join(NUDGE_S)
    if link.ended.done():
        thread.join()
        link.close()
    else:
        link.ended.add_done_callback(lambda _: link.close())
        log.warning("the %s reader does not let go of its device; its thread is left behind", kind)


def _nudge(thread: threading.Thread, nudge: Callable[[], None]) -> None:
    while thread.is_alive():
        nudge()
        thread.join(NUDGE_S)
