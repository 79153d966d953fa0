"""Which readers, display and lights a configuration asks for, and how each of them is."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from clockd import panel, readers
from clockd.config import Config, DeskReader
from clockd.core.feedback import Screen
from clockd.core.model import KeyPress, Kind, Tap
from clockd.core.ports import Display, Lights, ReadClock, Reader
from clockd.flow.devices import DeviceHealth, keep_open
from clockd.flow.misreads import Misreads

if TYPE_CHECKING:
    from clockd.daemon.desk import Desk
    from clockd.panel.relays import Relays


@dataclass(slots=True)
class Devices:
    """The devices of one door."""

    readers: list[tuple[Reader, DeviceHealth]]
    display: Display | None
    lights: Lights | None
    link: Callable[[], Awaitable[None]] | None = None
    """Keeps the connection to the demo's page; None at a real door."""
    relays: "Relays | None" = None
    panel: dict[str, DeviceHealth] = field(init=False)
    """How the display (`oled`) and the lights (`lights`) are, if there are any."""

    def __post_init__(self) -> None:
        self.panel = {}
        if self.display is not None:
            self.panel["oled"] = DeviceHealth("oled", "display")
        if self.lights is not None:
            self.panel["lights"] = DeviceHealth("lights", "lights")
        if self.relays is not None:
            self.panel["relays"] = DeviceHealth("relays", "relays")

    @property
    def read(self) -> bool:
        """Whether every reader works."""
        return all(health.state == "ok" for _, health in self.readers)

    def tasks(
        self,
        tapped: Callable[[Tap], None],
        misreads: Misreads,
        pressed: Callable[[KeyPress], None],
        opened: Callable[[], None],
        changed: Callable[[], None],
    ) -> list[tuple[str, Callable[[], Awaitable[None]]]]:
        """Return what has to run, by name.

        Args:
            tapped: takes each badge.
            misreads: is told of what was read, and of what could not be.
            pressed: takes each key.
            opened: called once, when every reader was opened or is known to be lost.
            changed: called when a device was opened or is lost.
        """
        tasks: list[tuple[str, Callable[[], Awaitable[None]]]] = []
        if self.link is not None:
            tasks.append(("desk", self.link))
        told = False

        def reader_changed() -> None:
            nonlocal told
            if not told and all(health.state != "starting" for _, health in self.readers):
                told = True
                opened()
            changed()

        for reader, health in self.readers:
            run = partial(_run, reader, health, tapped, misreads)
            tasks.append((f"reader {health.kind}", partial(keep_open, health, run, reader_changed)))
        if self.display is not None:
            tasks.append(("display", partial(keep_open, self.panel["oled"], self.display.run, changed)))
        if self.lights is not None:
            run_lights = partial(self.lights.run, pressed)
            tasks.append(("lights", partial(keep_open, self.panel["lights"], run_lights, changed)))
        if self.relays is not None:
            tasks.append(("relays", partial(keep_open, self.panel["relays"], self.relays.run, changed)))
        return tasks


async def _run(
    reader: Reader,
    health: DeviceHealth,
    tapped: Callable[[Tap], None],
    misreads: Misreads,
    ready: Callable[[], None],
) -> None:
    """Run a reader; whatever it reads passes by here."""

    def read(tap: Tap) -> None:
        misreads.read(health, tap)
        tapped(replace(tap, direction=health.direction))

    await reader.run(read, ready, partial(misreads.unread, health))


def open_devices(config: Config, read_clock: ReadClock) -> Devices:
    """Make the devices of a configuration. Nothing is opened before their tasks run."""
    desk = _desk(config)
    opened: list[tuple[Reader, DeviceHealth]] = []
    for section in config.reader:
        if isinstance(section, DeskReader):
            assert desk is not None
            reader = desk.reader(read_clock)
        else:
            reader = readers.open_reader(section, read_clock)
        direction = None if section.direction is None else Kind(section.direction)
        opened.append(
            (reader, DeviceHealth(reader.kind, f"reader {reader.kind} {reader.name}".rstrip(), direction=direction))
        )
    display = _display(config, desk)
    if desk is None:
        lights = panel.open_lights(config.panel, config.button, read_clock)
        return Devices(opened, display, lights, relays=panel.open_relays(config.relay))
    relays = panel.open_relays(config.relay, open_pins=panel.desk_pins)
    return Devices(opened, display, desk.lights(config, read_clock), desk.run, relays)


async def show_for(config: Config, screen: Screen, lasts_s: float) -> None:
    """Show a screen for some seconds, while there is no terminal yet."""
    desk = _desk(config)
    display = _display(config, desk)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(lasts_s), asyncio.TaskGroup() as group:
            if desk:
                group.create_task(desk.run())
            if display:
                display.show(screen)
                group.create_task(keep_open(DeviceHealth("oled", "display"), display.run, lambda: None))
            await asyncio.Event().wait()


def _desk(config: Config) -> "Desk | None":
    """Return the demo's page, if the configuration names one."""
    sockets = [section.socket for section in config.reader if isinstance(section, DeskReader)]
    path = config.panel.desk_socket or (sockets[0] if sockets else "")
    if not path:
        return None
    from clockd.daemon.desk import Desk  # a real door knows nothing of the demo

    return Desk.at(path)


def _display(config: Config, desk: "Desk | None") -> Display | None:
    if desk is not None:
        return desk.display(config)
    return panel.open_display(config.panel, config.terminal.language)
