"""`clockd demo`: the real daemon, its devices and the tracker's simulator, and the page, in one process tree."""

import asyncio
import csv
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from clockd.errors import ClockdError, UsageError
from clockd.sim.desk.books import DeskTracker
from clockd.sim.desk.bulletin import Bulletin
from clockd.sim.desk.cable import HOST, Cable
from clockd.sim.desk.cast import CAST
from clockd.sim.desk.office import DeskOffice, WebCommand, serving_office, web_command
from clockd.sim.desk.outbox import look_at_daemon
from clockd.sim.desk.page import application, serving_page
from clockd.sim.desk.place import (
    REPEAT_S,
    TERMINAL,
    PanelLanguage,
    Place,
    configuration,
    keep_configuration,
    local_zone,
    place_for,
)
from clockd.sim.desk.power import Power, daemon_command
from clockd.sim.desk.scene import Parts, Scene, SceneFacts
from clockd.sim.desk.timetrack import timetrack_desk

PORT = 8620
"""Where the page is when nobody asks for another port and this one is free."""

WEB_PORT = 8621
"""Where the admin page is then."""

LATENCY_S = 0.12
"""One way from the terminal to the tracker: about what the internet costs, and long enough to be seen."""

START_S = 60.0
"""How long the daemon may take until it sees badges; a small machine with a slow card needs its time."""

READY_LOOK_S = 0.05
"""Between two looks whether the daemon is ready."""

ENROLLING_S = 60.0
"""How long enrolling the badges may take."""

EnrolBadges = Callable[[Path, Path], Awaitable[None]]
"""Enrols the badges of a CSV file (`uid,username,name`) for a configuration file."""


async def enrol_by_command(badges: Path, config: Path) -> None:
    """EnrolBadges by `clockd badges import`, as an admin would.

    Raises:
        ClockdError: the command failed; the message has its words.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "clockd", "badges", "import", str(badges), "--config", str(config)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(ENROLLING_S):
            output, _ = await process.communicate()
    except TimeoutError:
        raise ClockdError(f"the badges could not be enrolled within {ENROLLING_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise ClockdError(f"the badges could not be enrolled: {output.decode('utf-8', 'replace').strip()}")


def announce_ready(url: str, office: DeskOffice | None = None) -> None:
    """Print where the demo is, and the admin page."""
    sys.stdout.write(f"clockd demo: open {url} in a browser (Ctrl-C ends it)\n")
    if office is not None:
        sys.stdout.write(f"the admin page: {office.url} (sign in as admin, password {office.password})\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What can be asked of the demo."""

    tracker: Callable[[str, Path | None], DeskTracker] = timetrack_desk
    """Opens the tracker's simulator: its zone, and the folder it keeps its books in, if they are kept."""
    port: int | None = None
    """Of the page; 0 takes any free one, None prefers `PORT`."""
    state_dir: Path | None = None
    """Keeps ledger and configuration there; None: a temporary folder that is removed at the end."""
    announce: Callable[[str, DeskOffice | None], None] = announce_ready
    """Takes the URL when everything is ready, and where the admin page is."""
    web: WebCommand | None = web_command
    """The admin page; None leaves it out."""
    command: Callable[[Path], tuple[str, ...]] = daemon_command
    """The daemon, for a configuration file."""
    enrol: EnrolBadges = enrol_by_command
    latency_s: float = LATENCY_S
    repeat_s: float = REPEAT_S


async def perform_demo(options: DemoOptions) -> None:
    """Run the demo until Ctrl-C or SIGTERM, or until cancelled; nothing of it is left afterwards.

    Raises:
        UsageError: the port is taken, or the state directory cannot be used.
        ClockdError: the daemon did not start; the message has its last words.
    """
    stop = asyncio.Event()
    async with _signals(stop.set):
        with ExitStack() as stack:
            listener, place = (
                stack.enter_context(_listener(options.port)),
                stack.enter_context(place_for(options.state_dir)),
            )
            web = stack.enter_context(_listener(WEB_PORT if options.port is None else 0))
            stage = asyncio.create_task(_perform(options, place, listener, web), name="demo: stage")
            stopped = asyncio.create_task(stop.wait(), name="demo: stop")
            try:
                await asyncio.wait((stage, stopped), return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopped.cancel()
                stage.cancel()
                await asyncio.wait((stage,))
            if not stage.cancelled() and (error := stage.exception()) is not None:
                raise _plain(error)


def _plain(error: BaseException) -> BaseException:
    """Unwrap the one error of a task group."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


async def _perform(options: DemoOptions, place: Place, listener: socket.socket, web: socket.socket) -> None:
    """Put everything on the stage, from the far end of the cable to the page, and keep it there until cancelled."""
    zone = local_zone()
    tracker = options.tracker(zone, place.state if place.kept else None)
    async with tracker.serving() as tracker_port:
        cable = Cable(tracker_port, latency_s=options.latency_s)
        async with cable.plugged_in():

            def configure(language: PanelLanguage) -> None:
                settings = tracker.settings(cable.port)
                keep_configuration(place, configuration(place, settings, zone, options.repeat_s, language))

            configure("en")
            await _enrol_cast(options, place)
            bulletin = Bulletin()
            power = Power(options.command(place.config), _environ(tracker), place.log)

            def set_language(language: PanelLanguage) -> None:
                configure(language)
                power.restart()

            async def start_over() -> None:
                power.pull()
                await power.dark()
                place.empty()
                await _enrol_cast(options, place)
                tracker.reset()
                power.plug()

            async with _office(options, place, web, _environ(tracker)) as office:
                facts = SceneFacts(
                    terminal=TERMINAL,
                    repeat_s=options.repeat_s,
                    control_socket=place.control,
                    now_local=lambda: datetime.now(ZoneInfo(zone)).replace(tzinfo=None),
                    set_language=set_language,
                    start_over=None if place.kept else start_over,
                    office=office,
                )
                scene = Scene(facts, bulletin, Parts(cable, power, tracker))
                async with scene.terminal.listening(place.desk), asyncio.TaskGroup() as group:
                    group.create_task(power.run(), name="demo: power")
                    power.plug()
                    await _ready(place, power)
                    async with serving_page(application(bulletin, scene.perform), listener):
                        options.announce(f"http://{HOST}:{listener.getsockname()[1]}/", office)
                        await scene.watch()


@asynccontextmanager
async def _office(
    options: DemoOptions, place: Place, listener: socket.socket, environ: Mapping[str, str]
) -> AsyncIterator[DeskOffice | None]:
    """Serve the admin page, if it is wanted."""
    if options.web is None:
        yield None
        return
    async with serving_office(options.web, place.config, environ, listener, place.web_log) as office:
        yield office


async def _ready(place: Place, power: Power) -> None:
    """Wait until the daemon takes taps."""
    try:
        async with asyncio.timeout(START_S):
            while True:
                if power.trouble is not None:
                    raise ClockdError(power.trouble)
                try:
                    if (await look_at_daemon(place.control)).ready:
                        return
                except ClockdError:
                    pass  # not there yet
                await asyncio.sleep(READY_LOOK_S)
    except TimeoutError:
        raise ClockdError(f"clockd was not ready within {START_S:.0f} s; it wrote:\n{power.last_words()}") from None


async def _enrol_cast(options: DemoOptions, place: Place) -> None:
    """EnrolBadges every badge of the cast but the stranger's. The file with the identifiers is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="clockd-demo-") as folder:
        badges = Path(folder) / "badges.csv"
        with badges.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(("uid", "username", "name"))
            rows.writerows((player.uid, player.id, player.name) for player in CAST if player.known)
        await options.enrol(badges, place.config)


def _environ(tracker: DeskTracker) -> dict[str, str]:
    """Make the daemon's environment: ours, without systemd's, and with the tracker's secrets."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CLOCKD_")}
    for name in ("CREDENTIALS_DIRECTORY", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        environ.pop(name, None)
    for name, secret in tracker.secrets.items():
        environ["CLOCKD_" + name.upper().replace("-", "_")] = secret
    return environ


def _listener(port: int | None) -> socket.socket:
    """Bind a page's socket."""
    choices = {None: (PORT, 0), WEB_PORT: (WEB_PORT, 0)}.get(port, (port or 0,))
    for choice in choices:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, choice))
            listener.listen(64)
        except OSError:
            listener.close()
        else:
            listener.setblocking(False)
            return listener
    raise UsageError(f"--port {port}: cannot be used; another program may have it", hint="--port 0 takes a free one")


@asynccontextmanager
async def _signals(stop: Callable[[], None]) -> AsyncIterator[None]:
    """Call `stop` on Ctrl-C and SIGTERM while the block runs."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
