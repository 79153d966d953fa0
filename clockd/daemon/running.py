"""One running terminal: its tasks, what it answers, its end."""

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from clockd import __version__, control, host, panel, readers
from clockd.config import Config, DeskReader, Secrets, TimeTrack
from clockd.core import feedback
from clockd.core.model import KeyPress, Reading, Tap
from clockd.core.ports import Display, Lights, Reader
from clockd.core.timebase import Anchor, anchor_of_date, began_at, skew_report
from clockd.core.wire import Json
from clockd.daemon.booking import Booking, Known, open_booking
from clockd.daemon.opening import Core, open_core, open_office
from clockd.errors import ClockdError, NotRecorded, UsageError
from clockd.flow import counter
from clockd.flow.devices import DeviceHealth, keep_open
from clockd.flow.face import Face, Signs
from clockd.flow.line import LineState
from clockd.flow.office import Office
from clockd.flow.terminal import Terminal
from clockd.flow.timekeeper import Timekeeper
from clockd.host import rtc
from clockd.host.timewatch import Anchored, Change, Stepped
from clockd.panel.sounds import LightsState
from clockd.sim.desk.client import DeskLink, SpokenDisplay
from clockd.sim.desk.client import DeskReader as DeskReaderDevice
from clockd.trackers.goodtime.wire import GoodtimeCodec

log = logging.getLogger(__name__)

CHECKPOINT_EVERY_S = 60.0
TRY_AGAIN_S = 5.0
"""Between two tries to start on a disk that takes nothing."""
TRY_S = 12.0
"""How long `clockd sync` waits for the first try after the line was out of order."""
SWITCH_S = 0.0005
"""So long a thread that reckons keeps the others waiting for the interpreter. A tap takes it some ten times: with the
usual 5 ms it would wait for as long as a reply of thousands of rows is read.
"""
QUIET_S = 5.0
"""No checkpoint while somebody is at the door: it would make a tap wait for the card."""


@dataclass(slots=True)
class Daemon:
    """One running terminal."""

    core: Core
    booking: Booking | None
    readers: list[tuple[Reader, DeviceHealth]]
    display: Display | None
    lights: Lights | None
    background: list[tuple[str, Callable[[], Awaitable[None]]]]
    """Further tasks: name and what to run."""
    panel_health: dict[str, DeviceHealth] = field(default_factory=dict)
    last_tap_s: float = 0.0
    tracker_anchor: Anchor | None = None
    """Where the tracker's `Date` is taken as a time source (`clock.tracker_date`) and nothing better is there."""
    last_summary: dict[str, Json] | None = None
    opened: bool = False
    """Every reader was opened, or is known to be lost; until then the panel says that the terminal starts."""

    async def run(self) -> None:
        """Work until a signal comes or a task ends."""
        sys.setswitchinterval(SWITCH_S)
        core = self.core
        face = Face(self.display, self.lights, core.store, core.read_clock, core.door.zone, self._signs)
        face.show(feedback.Starting())
        wake = self.booking.wake if self.booking else _nothing
        presence = self.booking.board.presence if self.booking else _unknown_presence
        terminal = Terminal(core.store, core.fingerprints, core.door, presence, face.show, wake)
        taps: asyncio.Queue[Tap] = asyncio.Queue()
        office = open_office(core, wake)
        terminal.anchors = lambda: [anchor for anchor in (core.watch.anchor, self.tracker_anchor) if anchor]
        timekeeper = Timekeeper(core.store, core.door, core.read_clock, wake)
        await timekeeper.open()
        await self._summary(office)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        socket_path = Path(core.config.terminal.control_socket)
        async with asyncio.TaskGroup() as group:
            start = partial(start_task, group)
            tasks = [start(name, run()) for name, run in self.background]
            tasks.append(start("control", control.serve(socket_path, partial(self._answer, office, terminal))))
            tasks.append(start("taps", self._record(taps, terminal)))
            tasks.append(start("face", face.run()))
            tasks.append(start("time", core.watch.run(partial(_time_changed, timekeeper, face))))
            tasks.append(start("checkpoint", self._checkpoints(timekeeper)))
            if self.booking:
                self.booking.delivered = face.booked
                self.booking.line.changed = face.refresh
                if core.config.clock.tracker_date:
                    self.booking.line.dated = partial(self._take_date, group, timekeeper)
                tasks += [start(name, run()) for name, run in self.booking.tasks()]
            tasks += self._start_devices(start, taps, terminal, face)
            if not self.readers:
                face.ready()
            host.notify("READY=1")
            tasks.append(start("watchdog", self._watchdog()))
            await stopped.wait()
            host.notify("STOPPING=1")
            face.show(feedback.Stopped())
            await asyncio.sleep(0.05)  # the display's thread gets its last picture
            for task in tasks:
                task.cancel()

    def _take_date(
        self, group: asyncio.TaskGroup, timekeeper: Timekeeper, header: str, sent: Reading, received: Reading
    ) -> None:
        if self.core.watch.anchor is not None or self.tracker_anchor is not None:
            return
        self.tracker_anchor = anchor_of_date(header, sent, received)
        if self.tracker_anchor is not None:
            log.warning("the tracker's date is taken as the time: nothing else says that the clock is right")
            group.create_task(timekeeper.anchored(self.tracker_anchor), name="tracker's date")

    def _start_devices(
        self,
        start: Callable[[str, Awaitable[None]], asyncio.Task[None]],
        taps: asyncio.Queue[Tap],
        terminal: Terminal,
        face: Face,
    ) -> list[asyncio.Task[None]]:
        tasks = []
        for reader, health in self.readers:
            run = partial(reader.run, taps.put_nowait)
            tasks.append(start(f"reader {health.kind}", keep_open(health, run, partial(self._reader_changed, face))))
        if self.display is not None:
            health = self.panel_health["oled"] = DeviceHealth("oled", "display")
            tasks.append(start("display", keep_open(health, self.display.run, face.refresh)))
        if self.lights is not None:
            health = self.panel_health["lights"] = DeviceHealth("lights", "lights")

            def pressed(press: KeyPress) -> None:
                terminal.pressed(press)

            tasks.append(start("lights", keep_open(health, partial(self.lights.run, pressed), face.refresh)))
        return tasks

    def _reader_changed(self, face: Face) -> None:
        if not self.opened and all(health.state != "starting" for _, health in self.readers):
            self.opened = True
            face.ready()
            log.info("%s takes taps: %s", self.core.door.name, ", ".join(h.name for _, h in self.readers))
        face.refresh()

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
        """Feed systemd's watchdog on proof of progress only: the store answers, sync goes round, this loop runs."""
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

    def _signs(self) -> Signs:
        link = feedback.Link.NONE
        if self.booking:
            link = {
                LineState.OK: feedback.Link.OK,
                LineState.OFFLINE: feedback.Link.OFFLINE,
                LineState.PAUSED: feedback.Link.PAUSED,
            }[self.booking.line.state]
        return Signs(link, all(health.state == "ok" for _, health in self.readers))

    # --- what is asked through the control socket ---

    async def _answer(self, office: Office, terminal: Terminal, command: control.Command) -> Json:
        match command["cmd"]:
            case "badges.enrol":
                return await _enrol(office, terminal, command)
            case "tracker.info":
                return self._tracker_info()
            case "tracker.request":
                return await self._tracker_request(command)
            case "status":
                return await self._status(office)
            case "sync":
                return await self._sync_now(office)
            case _:
                return await office_answer(office, command)

    def _tracker_info(self) -> Json:
        """What a command needs to know to speak the tracker's language itself."""
        tracker = self.core.config.tracker
        info: dict[str, Json] = {"kind": self.core.door.tracker, "zone": self.core.door.zone.key}
        if isinstance(tracker, TimeTrack):
            info["attendance_timer_path"] = tracker.attendance_timer_path
            info["project_timer_path"] = tracker.project_timer_path
        account = self.booking.account if self.booking else None
        if isinstance(account, Known) and isinstance(account.codec, GoodtimeCodec):
            info["account"] = msgspec.to_builtins(account.codec.account)
        return info

    async def _tracker_request(self, command: control.Command) -> Json:
        """Send an admin's request within the budget; the command made it and reads the reply itself."""
        if self.booking is None:
            raise UsageError("no tracker is configured", hint="[tracker] in clockd.toml")
        request = counter.request_of(command)
        self.booking.try_login()
        exchange = await self.booking.line.ask(request)
        return {"exchange": type(exchange).__name__, **msgspec.to_builtins(exchange)}

    async def _sync_now(self, office: Office) -> Json:
        if self.booking is None:
            raise UsageError("no tracker is configured", hint="[tracker] in clockd.toml")
        line = self.booking.line
        before = line.exchanges
        self.booking.try_now()
        self.booking.wake()
        summary = await office.summary()
        if line.state is not LineState.OK and _unsent(summary) > self.booking.resting:
            with contextlib.suppress(TimeoutError):  # until it was tried, the line is as it was
                async with asyncio.timeout(TRY_S):
                    while line.exchanges == before:  # noqa: ASYNC110 - an exchange rings no bell of its own
                        await asyncio.sleep(0.05)
            summary = await office.summary()
        return {**summary, "tracker": self._tracker(), "unsendable_yet": self.booking.resting}

    async def _status(self, office: Office) -> Json:
        reading = self.core.read_clock()
        status: dict[str, Json] = {
            "terminal": self.core.door.name,
            "version": __version__,
            "clock": {
                "synchronized": reading.trusted,
                "now_at": ledger_iso(reading),
                "battery": await self._battery(reading),
            },
            "tracker": self._tracker(),
            **await self._summary(office),
            "readers": [
                {"kind": health.kind, "name": reader.name, "state": health.state, "detail": health.detail}
                for reader, health in self.readers
            ],
            "panel": {
                name: self.panel_health[name].state if name in self.panel_health else "none"
                for name in ("oled", "lights")
            },
            "disk": {
                "free_bytes": host.disk_free_bytes(Path(self.core.config.terminal.state_dir)),
                "fault": self.core.store.fault,
                "damaged": list(self.core.store.damaged),
            },
            "zone": self.core.door.zone.key,
            "unsendable_yet": self.booking.resting if self.booking else 0,
        }
        return status

    async def _battery(self, reading: Reading) -> Json:
        """How the battery clock is: none, ok, implausible, or dead; `detail` says what to do."""
        true_at = reading.wall_at if reading.trusted else None
        found = await asyncio.to_thread(rtc.battery_clock, rtc.NOT_BEFORE, true_at)
        if found is None:
            return {"state": "none", "name": None, "detail": None}
        if found.plausible and self.core.battery:
            # the kernel has set the chip by now; the battery that failed while the machine was off is the same
            return {"state": "dead", "name": found.name, "detail": f"when this machine started, {self.core.battery}"}
        return {"state": found.state, "name": found.name, "detail": found.problem}

    async def _summary(self, office: Office) -> dict[str, Json]:
        """What the store knows; what it knew last while the disk refuses, when an admin needs the rest most."""
        try:
            self.last_summary = await office.summary()
        except NotRecorded:
            if self.last_summary is None:
                raise
        return self.last_summary

    def _tracker(self) -> Json:
        if self.booking is None:
            return {
                "kind": "none",
                "state": "none",
                "detail": None,
                "needs_a_person": False,
                "last_success_at": None,
                "requests_last_minute": 0,
            }
        line = self.booking.line
        last = line.last_success_at
        return {
            "kind": self.core.door.tracker,
            "state": line.state.value,
            "detail": line.detail,
            "needs_a_person": line.state is LineState.PAUSED and line.reason != "throttled",
            "last_success_at": None if last is None else last.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "requests_last_minute": line.sent_last_minute(),
            "skew": None if line.skew_s is None else skew_report(line.skew_s),
        }


async def _enrol(office: Office, terminal: Terminal, command: control.Command) -> Json:
    username, name = str(command.get("username") or ""), str(command.get("name") or "")
    timeout_s = command.get("timeout_s", feedback.ENROL_S)
    if not isinstance(timeout_s, int | float) or not 0 < timeout_s <= feedback.ENROL_S:
        raise UsageError(f"timeout_s is a number up to {feedback.ENROL_S:.0f}")
    uid = await terminal.next_badge(name or username, float(timeout_s))
    return await counter.answer(office, {**command, "cmd": "badges.add", "uid": uid.hex})


async def _time_changed(timekeeper: Timekeeper, face: Face, change: Change) -> None:
    match change:
        case Anchored(anchor=anchor):
            await timekeeper.anchored(anchor)
        case Stepped(step=step):
            log.warning("the wall clock was set: %s", step)
            await timekeeper.stepped(began_at(step.after.wall_at, step.after.boottime_s))
    face.refresh()


def _unsent(summary: dict[str, Json]) -> int:
    outbox = summary["outbox"]
    assert isinstance(outbox, dict)
    return sum(int(str(outbox[state])) for state in ("waiting", "sending", "doubtful"))


def ledger_iso(reading: Reading) -> str:
    """Return a reading's wall clock as contract.md writes times."""
    return reading.wall_at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _nothing() -> None:
    return None


def _unknown_presence(username: str, last: object) -> None:
    return None


def start_task(group: asyncio.TaskGroup, name: str, work: Awaitable[None]) -> asyncio.Task[None]:
    """Start a part of the daemon; when it ends, in whatever way, the daemon ends too, and systemd starts it anew."""

    async def whole_or_dead() -> None:
        await work
        raise ClockdError(f"task {name!r} ended", hint="this is a mistake in clockd; systemd starts it anew")

    return group.create_task(whole_or_dead(), name=name)


async def office_answer(office: Office, command: control.Command) -> Json:
    """Answer the commands that need nothing but the store.

    Raises:
        UsageError: no such command, or an argument of the wrong kind.
    """
    return await counter.answer(office, command)


async def run(config: Config, secrets: Secrets) -> None:
    """Run a terminal until it is told to stop.

    Raises:
        ClockdError: it cannot start; the hint says what to do.
    """
    async with contextlib.AsyncExitStack() as stack:
        core = await _opened(stack, config, secrets)
        booking = await open_booking(core, secrets)
        daemon = _compose(core, booking)
        try:
            await daemon.run()
        finally:
            if booking:
                await booking.http.aclose()


async def _opened(stack: contextlib.AsyncExitStack, config: Config, secrets: Secrets) -> Core:
    """Open the store; while the disk takes nothing, say so at the door, where it would else stay dark."""
    while True:
        try:
            return await stack.enter_async_context(open_core(config, secrets))
        except NotRecorded as failure:
            log.error("nothing can be recorded (%s): %s", failure.message, failure.hint)
            await _tell(config, feedback.NotRecorded(failure.message))


async def _tell(config: Config, screen: feedback.Screen) -> None:
    """Show a screen for a moment, before there is a terminal."""
    desk = _Desk.of(config)
    display = panel.open_display(config.panel, config.terminal.language, frames=desk.frame if desk else None)
    shown = SpokenDisplay(display, desk.link) if display and desk else display
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(TRY_AGAIN_S), asyncio.TaskGroup() as group:
            if desk:
                group.create_task(desk.link.run())
            if shown:
                shown.show(screen)
                group.create_task(keep_open(DeviceHealth("oled", "display"), shown.run, _nothing))
            await asyncio.Event().wait()


def _compose(core: Core, booking: Booking | None) -> Daemon:
    """Make the devices of the configuration."""
    config, read_clock = core.config, core.read_clock
    desk = _Desk.of(config)
    opened: list[tuple[Reader, DeviceHealth]] = []
    for section in config.reader:
        if isinstance(section, DeskReader):
            assert desk is not None
            reader: Reader = DeskReaderDevice(desk.link, read_clock)
        else:
            reader = readers.open_reader(section, read_clock)
        opened.append((reader, DeviceHealth(reader.kind, f"reader {reader.kind} {reader.name}".rstrip())))
    frames = desk.frame if desk else None
    display = panel.open_display(config.panel, config.terminal.language, frames=frames)
    if desk is None:
        lights = panel.open_lights(config.panel, config.button, read_clock)
        return Daemon(core, booking, opened, display, lights, [])
    lights = panel.open_lights(
        config.panel, config.button, read_clock, open_pins=panel.desk_pins, on_change=desk.lights
    )
    desk.link.pressed = None if lights is None else panel.desk_keys(lights)
    told = None if display is None else SpokenDisplay(display, desk.link)
    return Daemon(core, booking, opened, told, lights, [("desk", desk.link.run)])


@dataclass(slots=True)
class _Desk:
    """The demo's page in place of wires: the same panel code, drawn and sounded elsewhere."""

    link: DeskLink

    @classmethod
    def of(cls, config: Config) -> "_Desk | None":
        sockets = [section.socket for section in config.reader if isinstance(section, DeskReader)]
        path = config.panel.desk_socket or (sockets[0] if sockets else "")
        return cls(DeskLink(path)) if path else None

    def frame(self, picture: Any) -> None:
        """Send a picture of the display."""
        self.link.send_frame(picture.tobytes(), picture.size)

    def lights(self, state: LightsState) -> None:
        """Send what shines and sounds."""
        self.link.send_lights(green=state.green, red=state.red)
        self.link.send_sound(state.tone_hz)
