"""One running terminal: its tasks, and its end."""

import asyncio
import contextlib
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from clockd import host
from clockd.config import Config, Secrets
from clockd.control.serving import serve
from clockd.core import bells, feedback
from clockd.core.model import Reading, Tap
from clockd.core.timebase import Anchor, anchor_of_date, began_at
from clockd.core.updates import spans_of
from clockd.daemon.answering import Answering, Provenance
from clockd.daemon.booking import Booking, open_booking
from clockd.daemon.devices import Devices, open_devices, show_for
from clockd.daemon.opening import Core, memory_of, open_core, open_office, open_retention, open_terminal
from clockd.errors import ClockdError, ConfigError, NotRecorded, StoreInUse, StoreUnusable
from clockd.flow.face import Face, Introduction, Signs
from clockd.flow.line import LineState
from clockd.flow.misreads import Misreads
from clockd.flow.terminal import Terminal
from clockd.flow.timekeeper import Timekeeper
from clockd.host.machine import own_address
from clockd.host.timewatch import Anchored, ClockChange, Stepped

if TYPE_CHECKING:
    from clockd.panel.relays import Relays

log = logging.getLogger(__name__)

CHECKPOINT_EVERY_S = 60.0
SHOWN_S = 10.0
"""Seconds for which the panel shows why a start failed."""
WAITS_S = 30.0
"""So long a start that failed for what a person has to mend waits under systemd, which would try it again at once."""
EXTEND_EVERY_S = 10.0
LONGEST_START_S = 1200.0
"""A start that takes longer is stuck, and systemd may end it."""
TRY_AGAIN_S = 5.0
"""Seconds between two tries to start on a disk that takes nothing."""
SWITCH_S = 0.0005
"""So long a thread that reckons keeps the others waiting for the interpreter: a tap asks for it at each statement."""
OPENED_WITHIN_S = 5.0
"""So long the start waits for readers that neither open nor fail."""
BELL_EVERY_S = 5.0
REWRITE_QUIET_S = 120.0
"""So long nobody was at the door before the file is written anew, for which a tap would wait."""
QUIET_S = 5.0
"""No checkpoint while somebody is at the door: it would make a tap wait for the card."""


def let_taps_through() -> None:
    """Set the interpreter up so that no tap waits for what else is done in this process.

    What was loaded by now stays for good. Looking through it for garbage, again and again, would take ten times as long
    as a tap takes.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()


@dataclass(slots=True)
class Daemon:
    """One running terminal."""

    core: Core
    booking: Booking | None
    devices: Devices
    origin: Provenance = field(default_factory=Provenance)
    in_memory: bool = False
    """Whether what is saved here is gone with the power."""
    last_tap_s: float = 0.0
    tracker_anchor: Anchor | None = None
    """The anchor from the tracker's `Date`, if that may tell the time (`clock.tracker_date`) and nothing else does."""

    async def run(self) -> None:
        """Work until a signal comes or a task ends."""
        let_taps_through()
        core, booking, devices = self.core, self.booking, self.devices
        face = self._face()
        face.show(feedback.Starting())
        wake = booking.wake if booking else _nothing
        terminal = self._terminal(face, wake)
        office = open_office(core, wake, booking.look_anew) if booking else open_office(core)
        answering = Answering(core, booking, devices, office, terminal, self.origin)
        office.erasing.is_quiet = lambda: host.boottime_s() - self.last_tap_s > REWRITE_QUIET_S
        timekeeper = Timekeeper(core.store, core.door, core.read_clock, wake)
        await timekeeper.open()
        await answering.summary()
        taps, stopped = asyncio.Queue[Tap](), asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        socket_path = Path(core.config.terminal.control_socket)
        async with asyncio.TaskGroup() as group:
            start = partial(start_task, group)
            tasks = [
                start(
                    "control",
                    serve(socket_path, answering.answer, web_key=self._web_key, give_way=core.store.give_way),
                ),
                start("taps", self._record(taps, terminal)),
                start("face", face.run()),
                start("time", core.watch.run(partial(_time_changed, timekeeper, face))),
                start("checkpoint", self._checkpoints(timekeeper)),
                start("disk", core.store.keep_trying()),
                start("corrections", office.corrections.run()),
                start("keep", open_retention(core, office.erasing.discarder).run()),
                start("erase", office.erasing.run()),
            ]
            if booking:
                booking.delivered = face.booked
                booking.line.changed = face.refresh
                if core.config.clock.tracker_date:
                    booking.line.dated = partial(self._take_date, group, timekeeper)
                tasks += [start(name, run()) for name, run in booking.tasks()]
            opened = asyncio.Event()
            misreads = Misreads(face.show, core.read_clock)
            of_devices = devices.tasks(
                taps.put_nowait, misreads, terminal.pressed, partial(self._opened, face, opened), face.refresh
            )
            tasks += [start(name, run()) for name, run in of_devices]
            if devices.relays is not None:
                terminal.unlock = devices.relays.told
                tasks.append(start("bells", self._bells(devices.relays)))
            if not devices.readers:
                self._opened(face, opened)
            tasks.append(start("ready", _tell_ready(opened)))
            tasks.append(start("watchdog", self._watchdog()))
            await stopped.wait()
            host.notify("STOPPING=1")
            face.show(feedback.Stopped())
            await asyncio.sleep(0.05)  # the display's thread gets its last picture
            for task in tasks:
                task.cancel()

    def _face(self) -> Face:
        """Make what shows and sounds."""
        core, devices = self.core, self.devices
        sleeps, introduction = spans_of(core.config.panel.sleep), Introduction(core.door.name, own_address)
        return Face(
            devices.display,
            devices.lights,
            core.store,
            core.read_clock,
            core.door.zone,
            self._signs,
            sleeps,
            introduction,
        )

    def _terminal(self, face: Face, wake: Callable[[], None]) -> Terminal:
        """Make the door, told by the face, the clocks and the tracker."""
        core, booking = self.core, self.booking
        terminal = open_terminal(core, face.show, booking.board.presence if booking else None, wake)
        if booking and booking.lists:
            terminal.want_projects = booking.lists.want
        terminal.anchors = lambda: [anchor for anchor in (core.watch.anchor, self.tracker_anchor) if anchor]
        if terminal.own_codes is not None:
            terminal.own_codes.used = face.code_used
        return terminal

    def _opened(self, face: Face, opened: asyncio.Event) -> None:
        """End the screen that says that the terminal starts, since every reader is open, or known to be lost."""
        face.ready()
        opened.set()
        names = ", ".join(health.name for _, health in self.devices.readers)
        log.info("%s takes taps: %s", self.core.door.name, names)

    def _take_date(
        self, group: asyncio.TaskGroup, timekeeper: Timekeeper, header: str, sent: Reading, received: Reading
    ) -> None:
        if self.core.watch.anchor is not None or self.tracker_anchor is not None:
            return
        self.tracker_anchor = anchor_of_date(header, sent, received)
        if self.tracker_anchor is not None:
            log.warning("the tracker's date is taken as the time: nothing else says that the clock is right")
            group.create_task(timekeeper.anchored(self.tracker_anchor), name="tracker's date")

    async def _record(self, taps: asyncio.Queue[Tap], terminal: Terminal) -> None:
        while True:
            tap = await taps.get()
            self.last_tap_s = tap.reading.boottime_s
            await terminal.tapped(tap)

    async def _checkpoints(self, timekeeper: Timekeeper) -> None:
        """Move the WAL into the database when nobody is at the door, so that its errors are seen."""
        while True:
            await asyncio.sleep(CHECKPOINT_EVERY_S)
            if host.boottime_s() - self.last_tap_s < QUIET_S or not self.core.store.dirty:
                continue
            with contextlib.suppress(NotRecorded):  # kept in store.fault, and shown
                await timekeeper.alive()
                await self.core.store.checkpoint()

    async def _watchdog(self) -> None:
        """Feed systemd's watchdog only when the store answers, sync goes on, and this loop runs."""
        every_s = host.watchdog_s()
        while True:
            await asyncio.sleep(every_s / 3 if every_s else 60.0)
            rounds = self.booking.rounds if self.booking else 0
            with contextlib.suppress(NotRecorded):  # a disk that refuses is told at the door; a restart cures nothing
                await self.core.store.run(lambda _: None)
            if self.booking and self.booking.runs:
                self.booking.wake()
                while self.booking.rounds == rounds:  # noqa: ASYNC110 - a sign of life, not an event
                    await asyncio.sleep(0.1)
            host.notify("WATCHDOG=1")

    def _web_key(self) -> str | None:
        """Return the key by which the admin page is known; one that cannot be read is none."""
        with contextlib.suppress(ConfigError):
            found = self.origin.secrets.find("web-key")
            return None if found is None else found.reveal()
        return None

    async def _bells(self, relays: "Relays") -> None:
        """Ring the bells at their times, once the time is known."""
        core = self.core
        at = [each for relay in core.config.relay for each in relay.times]
        before = core.read_clock()
        while True:
            await asyncio.sleep(BELL_EVERY_S)
            now = core.read_clock()
            then_local, now_local = (
                each.wall_at.astimezone(core.door.zone).replace(tzinfo=None) for each in (before, now)
            )
            if now.trusted and bells.rings(then_local, now_local, at):
                relays.ring()
            before = now

    def _signs(self) -> Signs:
        link = feedback.LinkSign.NONE
        if self.booking and self.booking.line.needs_a_person:
            link = feedback.LinkSign.PAUSED
        elif self.booking:
            link = {
                LineState.OK: feedback.LinkSign.OK,
                LineState.OFFLINE: feedback.LinkSign.OFFLINE,
                LineState.PAUSED: feedback.LinkSign.PAUSED,
            }[self.booking.line.state]
        refused = self.booking is not None and self.booking.line.lacks_credentials
        return Signs(link, self.devices.read, self.in_memory, refused)


async def _tell_ready(opened: asyncio.Event) -> None:
    """Tell systemd that taps are taken: not before the readers are open, or what was held to them would be lost."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(OPENED_WITHIN_S):
            await opened.wait()
    host.notify("READY=1")
    await asyncio.Event().wait()


async def _time_changed(timekeeper: Timekeeper, face: Face, change: ClockChange) -> None:
    match change:
        case Anchored(anchor=anchor):
            await timekeeper.anchored(anchor)
        case Stepped(step=step):
            log.warning("the wall clock was set: %s", step)
            await timekeeper.stepped(began_at(step.after.wall_at, step.after.boottime_s))
    face.refresh()


def _nothing() -> None:
    return None


def start_task(group: asyncio.TaskGroup, name: str, work: Awaitable[None]) -> asyncio.Task[None]:
    """Start a part of the daemon; when it ends, in whatever way, the daemon ends too, and systemd starts it anew."""

    async def whole_or_dead() -> None:
        await work
        raise ClockdError(f"task {name!r} ended", hint="this is a mistake in clockd; systemd starts it anew")

    return group.create_task(whole_or_dead(), name=name)


async def run(config: Config, secrets: Secrets, file: Path | None = None) -> None:
    """Run a terminal until it is told to stop.

    Args:
        config: the configuration.
        secrets: where secrets are found, anew each time.
        file: where the configuration came from.

    Raises:
        ClockdError: it cannot start; the hint says what to do.
    """
    try:
        await _run(config, Provenance(secrets, file))
    except (ConfigError, StoreUnusable, ExceptionGroup) as error:
        if (why := why_not_started(error)) is not None:
            await _tell_at_the_door(config, error, why)
        raise


async def _run(config: Config, source: Provenance) -> None:
    async with contextlib.AsyncExitStack() as stack:
        extending = asyncio.create_task(extend_start(), name="long start")
        try:
            core = await _open(stack, config, source.secrets)
            booking = await open_booking(core, source.secrets)
        finally:
            extending.cancel()
        try:
            devices = open_devices(config, core.read_clock)
            await Daemon(core, booking, devices, source, in_memory=memory_of(config) is not None).run()
        finally:
            if booking:
                await booking.http.aclose()


async def extend_start(every_s: float = EXTEND_EVERY_S) -> None:
    """Let systemd wait longer for a start that is at work: a large database on a slow card takes its time.

    Args:
        every_s: seconds from one sign to the next.
    """
    for _ in range(round(LONGEST_START_S / every_s)):
        host.notify(f"EXTEND_TIMEOUT_USEC={round(3 * every_s * 1_000_000)}")
        await asyncio.sleep(every_s)


def why_not_started(error: Exception) -> str | None:
    """Say for the panel what a person has to mend before a start can go well; None for what a new start may mend."""
    match error:
        case StoreInUse():
            return "database in use"
        case ConfigError():
            return "settings wrong"
        case StoreUnusable():
            return "disk error"
        case ExceptionGroup(exceptions=inside):
            return next((why for each in inside if (why := why_not_started(each)) is not None), None)
        case _:
            return None


async def _tell_at_the_door(config: Config, error: Exception, why: str) -> None:
    """Show why nothing is recorded, where there is a panel, and say it to systemd; `clockd check` says the whole."""
    begun_s = host.boottime_s()
    host.notify(f"STATUS={error}")
    if config.panel.oled != "none":
        with contextlib.suppress(Exception):  # the display may be what is configured wrongly
            await show_for(config, feedback.NothingRecorded(why), WAITS_S if host.is_under_systemd() else SHOWN_S)
    if host.is_under_systemd():
        await asyncio.sleep(begun_s + WAITS_S - host.boottime_s())


async def _open(stack: contextlib.AsyncExitStack, config: Config, secrets: Secrets) -> Core:
    """Open the store; while the disk takes nothing, show that at the door, which would otherwise stay dark."""
    while True:
        try:
            return await stack.enter_async_context(open_core(config, secrets))
        except NotRecorded as failure:
            log.error("nothing can be recorded (%s): %s", failure.message, failure.hint)
            await show_for(config, feedback.NothingRecorded(failure.message), TRY_AGAIN_S)
