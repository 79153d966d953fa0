"""Real processes on one bench: `clockd run`, `clockd simulate`, a serial port, a desk.

async with bench(tmp_path) as rig:
    rig.simulator.start()
    await rig.daemon.start()
    rig.serial.tap(uid_of(0))
    await until(lambda: …)
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.hands import Desk, SerialPort
from tests.e2e.people import EMAILS, username_of
from tests.e2e.processes import Daemon, Sections, Simulator, environ


@dataclass
class Rig:
    """A tracker, a terminal, a serial port and a desk."""

    folder: Path
    simulator: Simulator
    daemon: Daemon
    serial: SerialPort
    desk: Desk


SERIAL, DESK = "serial", "desk"
"""Readers of a bench."""
NO_SIMULATOR = "http://127.0.0.1:9/api/v2/ext"


@asynccontextmanager
async def bench(
    folder: Path,
    *,
    people: int = 3,
    readers: Sequence[str | Sections] = (SERIAL,),
    limit: int = 6000,
    terminal: Sections | None = None,
    rules: Sections | None = None,
    tracker: Sections | None = None,
    more: Sections | None = None,
    env: Mapping[str, str] | None = None,
    panel: bool = False,
    start: bool = True,
    goodtime: Sequence[str] | None = None,
) -> AsyncIterator[Rig]:
    """Set up a bench, and leave nothing of it behind.

    Args:
        folder: a folder of its own.
        people: how many employees have badges (`uid_of`) and accounts (`username_of`).
        readers: SERIAL, DESK, or a whole section.
        limit: requests per minute that the tracker allows and the terminal takes.
        terminal: keys of [terminal] that differ.
        rules: keys of [rules]; `repeat_s = 0` when left out, so that in and out may follow each other.
        tracker: keys of [tracker] that differ.
        more: further sections.
        env: further variables of the terminal's environment.
        panel: the desk shows and says what the panel would; makes the start slower.
        start: start tracker and terminal, and enrol everybody.
        goodtime: the tracker is Goodtime, the employees are `EMAILS`; further options of the simulator.
    """
    folder.mkdir(parents=True, exist_ok=True)
    serial, desk = SerialPort(), Desk()
    names = [username_of(n) for n in range(people)] if goodtime is None else EMAILS[:people]
    kind = "timetrack" if goodtime is None else "goodtime"
    simulator = Simulator(folder, names, tracker=kind, requests_per_minute=limit, options=goodtime or ())
    place = folder / "desk.sock"
    known: dict[str | None, Sections] = {
        SERIAL: {"kind": "serial", "device": serial.path},
        DESK: {"kind": "desk", "socket": str(place)},
    }
    daemon = Daemon(folder, {}, env=environ(**(env or {})))
    try:
        simulator.start()
        daemon.sections = {
            "terminal": _terminal(folder) | dict(terminal or {}),
            "clock": {"trust": "always"},
            "rules": {"repeat_s": 0} | dict(rules or {}),
            "tracker": {"kind": kind, "url": simulator.url, "requests_per_minute": limit} | dict(tracker or {}),
            "panel": {"oled": "desk", "desk_socket": str(place), "green_led": 17, "red_led": 27} if panel else {},
            "reader": [known[r] if isinstance(r, str) else r for r in readers],
            **(more or {}),
        }
        if not start:
            simulator.stop()
        async with desk.terminal.listening(place):
            if start:
                await daemon.start()
                await daemon.enrol(people, names)
            yield Rig(folder, simulator, daemon, serial, desk)
            daemon.close()
    finally:
        daemon.close()
        simulator.stop()
        serial.close()


def _terminal(folder: Path) -> dict[str, object]:
    return {
        "name": "front-door",
        "time_zone": "Europe/Vienna",
        "state_dir": str(folder / "state"),
        "state_in_memory": True,
        "control_socket": str(folder / "control.sock"),
    }
