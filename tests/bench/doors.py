"""A whole daemon with a desk for a panel: what a person at the door waits for, and what it takes at rest."""

import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

from clockd.core.model import Uid
from clockd.sim.desk import wire
from clockd.sim.desk.terminal import DeskTerminal
from tests.bench.figures import Figure, percentile
from tests.e2e.hands import SerialPort
from tests.e2e.looking import PATIENCE_S, until
from tests.e2e.people import uid_of, username_of
from tests.e2e.processes import Daemon, Sections, Simulator, environ
from tests.readers.pcscd import SOCKET, Pcscd
from tests.readers.virtual_card import VirtualCard

PEOPLE = 40
WARM = 10
SIGNAL_S = 0.6
"""A signal is over when the lights have been as they are for so long."""

BARE_LINE = """
import os, socket, sqlite3, sys
db = sqlite3.connect(sys.argv[2], isolation_level=None)
for pragma in ("page_size=2048", "locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
    db.execute("PRAGMA " + pragma)
db.execute("CREATE TABLE punch (id INTEGER PRIMARY KEY, who TEXT, kind TEXT, at INT, body TEXT)")
port, told = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY), socket.socket(socket.AF_UNIX)
told.connect(sys.argv[3])
line = b""
while True:
    line += os.read(port, 100)
    if line.endswith(b"\\n"):
        db.execute("INSERT INTO punch (who, kind, at, body) VALUES (?, 'in', 0, ?)", (line.decode(), "x" * 300))
        told.send(b"1")
        line = b""
"""
"""The floor of a serial reader: read a line, record one row, tell."""

BARE_CARD = """
import socket, sys
from smartcard.System import readers
from smartcard.scard import *
told = socket.socket(socket.AF_UNIX)
told.connect(sys.argv[1])
name = str(readers()[0])
_, context = SCardEstablishContext(SCARD_SCOPE_USER)
told.send(b"0")
state = SCARD_STATE_UNAWARE
while True:
    _, new = SCardGetStatusChange(context, INFINITE, [(name, state)])
    state = new[0][1]
    if state & SCARD_STATE_PRESENT:
        got, card, protocol = SCardConnect(context, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
        if got == 0:
            SCardTransmit(card, protocol, [0xFF, 0xCA, 0, 0, 0])
            told.send(b"1")
            SCardDisconnect(card, SCARD_LEAVE_CARD)
"""
"""The floor of a PC/SC reader: wait for a card, read its identifier, tell."""


class Lights:
    """The desk's end of the panel: when the green light or the red one went on."""

    def __init__(self) -> None:
        self.desk = DeskTerminal(self._heard)
        self._shone = asyncio.Event()
        self.at_s = 0.0
        self._changed_s = 0.0

    async def quiet(self) -> None:
        """Wait until the signal before is over: some light more than once."""
        rest_s = self._changed_s + SIGNAL_S - time.perf_counter()
        if rest_s > 0:
            await asyncio.sleep(rest_s)
            await self.quiet()

    async def lit(self) -> float:
        """Wait for a light that goes on from now; return when it did."""
        self._shone.clear()
        async with asyncio.timeout(PATIENCE_S):
            await self._shone.wait()
        return self.at_s

    def _heard(self, up: wire.Up | None) -> None:
        if up is None or up.lights is None:
            return
        self._changed_s = time.perf_counter()
        if up.lights.green or up.lights.red:
            self.at_s = time.perf_counter()
            self._shone.set()


@contextlib.asynccontextmanager
async def door(
    folder: Path, reader: Sections, *, tracker: Sections | None = None, env: Mapping[str, str] | None = None
) -> AsyncIterator[tuple[Daemon, Lights]]:
    """Run `clockd run` with one reader, a display, lights, and everybody enrolled."""
    folder.mkdir(parents=True)
    lights, place = Lights(), folder / "desk.sock"
    sections = {
        "terminal": {
            "name": "front-door",
            "time_zone": "Europe/Vienna",
            "state_dir": str(folder / "state"),
            "control_socket": str(folder / "control.sock"),
        },
        "clock": {"trust": "always"},
        "rules": {"repeat_s": 0},
        "tracker": tracker or {"kind": "none"},
        "panel": {"oled": "desk", "desk_socket": str(place), "green_led": 17, "red_led": 27},
        "reader": [reader],
    }
    daemon = Daemon(folder, sections, env=environ(**(env or {})))
    async with lights.desk.listening(place):
        try:
            await daemon.start()
            await daemon.enrol(PEOPLE)
            yield daemon, lights
        finally:
            daemon.close()


@contextlib.asynccontextmanager
async def bare(program: str, folder: Path, *words: str) -> AsyncIterator[Callable[[], "asyncio.Future[float]"]]:
    """Run a floor's program; what is handed out waits until it tells, and says when."""
    loop, place = asyncio.get_running_loop(), folder / "bare.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        process = subprocess.Popen([sys.executable, "-c", program, *words, str(place)])  # noqa: ASYNC220 - starts it only
        told = (await asyncio.to_thread(listening.accept))[0]
        told.setblocking(False)

    async def tells() -> float:
        await loop.sock_recv(told, 1)
        return time.perf_counter()

    try:
        yield lambda: asyncio.ensure_future(tells())
    finally:
        process.kill()
        process.wait()
        told.close()


async def serial(folder: Path, taps: int) -> list[Figure]:
    """From the line on a pseudo terminal to the light, beside a loop that reads it and commits."""
    ours, floors = SerialPort(), SerialPort()
    took: dict[str, list[float]] = {"clockd": [], "floor": []}
    reader = {"kind": "serial", "device": ours.path}
    async with door(folder, reader) as (_, lights), bare(BARE_LINE, folder, floors.path, str(folder / "f.db")) as told:
        for n in range(taps + WARM):
            begun_s = time.perf_counter()
            ours.tap(uid_of(n % PEOPLE))
            took["clockd"].append((await lights.lit() - begun_s) * 1e3)
            waiting = told()
            begun_s = time.perf_counter()
            floors.tap(uid_of(n % PEOPLE))
            took["floor"].append((await waiting - begun_s) * 1e3)
            await lights.quiet()
    ours.close()
    floors.close()
    quick, least = took["clockd"][WARM:], took["floor"][WARM:]
    return [
        Figure("serial line → light, whole daemon, p50", "ms", percentile(quick, 0.5), percentile(least, 0.5), 1.5),
        Figure("serial line → light, whole daemon, p99", "ms", percentile(quick, 0.99), percentile(least, 0.99)),
    ]


async def card(folder: Path, taps: int) -> list[Figure]:
    """From the badge's answer to the light, beside a loop that only reads it."""
    os.environ["PCSCLITE_CSOCK_NAME"] = str(SOCKET)
    service = Pcscd()
    service.start()
    least, quick = [], []
    try:
        folder.mkdir(parents=True)
        async with bare(BARE_CARD, folder) as told:
            await told()
            least = await _lay_down(service.port, taps, told)
        async with door(folder / "door", {"kind": "pcsc"}) as (_, lights):
            quick = await _lay_down(service.port, taps, lambda: asyncio.ensure_future(lights.lit()), lights.quiet)
    finally:
        service.close()
    clockd, floor = statistics.median(quick), statistics.median(least)
    return [Figure("PC/SC badge read → light, p50", "ms", clockd, floor, 3.0, added=True)]


async def _lay_down(
    port: int,
    taps: int,
    told: Callable[[], "asyncio.Future[float]"],
    quiet: Callable[[], Awaitable[None]] | None = None,
) -> list[float]:
    took = []
    for n in range(taps):
        if quiet:
            await quiet()
        answered: list[float] = []
        uid = uid_of(n % PEOPLE)

        def answer(uid: Uid = uid, answered: list[float] = answered) -> bytes:
            answered.append(time.perf_counter())
            return uid.raw + b"\x90\x00"

        waiting = told()
        async with VirtualCard(uid, port=port, answer=answer):
            took.append((await waiting - answered[0]) * 1e3)
    return took


async def at_rest(folder: Path, rest_s: float) -> list[Figure]:
    """What the daemon takes while nobody is there, and its memory, with the tracker in reach."""
    port = SerialPort()
    simulator = Simulator(folder, [username_of(n) for n in range(PEOPLE)])
    simulator.start()
    tracker = {"kind": "timetrack", "url": simulator.url, "requests_per_minute": 6000}
    try:
        async with door(folder / "door", {"kind": "serial", "device": port.path}, tracker=tracker) as (daemon, lights):
            for n in range(10):
                port.tap(uid_of(n))
                await lights.lit()
                await lights.quiet()
            await daemon.settled(10)
            await until(lambda: _quiet(daemon.pid), within_s=200)
            before = _used(daemon.pid)
            await asyncio.sleep(rest_s)
            after = _used(daemon.pid)
            pss_kib = _pss_kib(daemon.pid)
    finally:
        simulator.stop()
        port.close()
    wakes, written, cpu_ns = (after[name] - before[name] for name in ("wakes", "written", "cpu_ns"))
    return [
        Figure("at rest: wake-ups a second", "", wakes / rest_s, None, 2.0),
        Figure("at rest: written to disk in an hour", "KiB", written / 1024 * 3600 / rest_s, None, 0.0),
        Figure("at rest: share of a processor", "%", cpu_ns / 1e7 / rest_s, None, 0.3),
        Figure("memory (PSS), after ten taps", "MiB", pss_kib / 1024, _bare_memory_mib(), 1.15),
    ]


def _quiet(pid: int) -> bool:
    """Whether a second passes in which it writes nothing: the checkpoint after the last tap is done."""
    before = _used(pid)["written"]
    time.sleep(1.0)
    return _used(pid)["written"] == before


def _used(pid: int) -> dict[str, int]:
    """What a process has used up to now: voluntary and involuntary switches, bytes to disk, nanoseconds."""
    wakes = cpu_ns = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines())
        wakes += int(status["voluntary_ctxt_switches"])
        cpu_ns += int((task / "schedstat").read_text().split()[0])
    io = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return {"wakes": wakes, "cpu_ns": cpu_ns, "written": int(io["write_bytes"])}


def _pss_kib(pid: int | str) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise AssertionError("this kernel does not tell the PSS of a process")


LIBRARIES = "asyncio, ssl, sqlite3, zoneinfo, logging.handlers, click, httpx, msgspec, serial, PIL.ImageFont, luma.core"
"""What a door with a serial reader, a display and a tracker cannot do without."""


def _bare_memory_mib() -> float:
    code = f"import {LIBRARIES}\nprint(open('/proc/self/smaps_rollup').read())"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return next(int(line.split()[1]) for line in out.splitlines() if line.startswith("Pss:")) / 1024


async def starting(folder: Path, times: int) -> list[Figure]:
    """From exec to READY=1, with a reader open, beside the imports alone."""
    port = SerialPort()
    ours, floors = [], []
    for n in range(times):
        place = folder / f"{n}.notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(str(place))
            told.settimeout(PATIENCE_S)
            begun_s = time.perf_counter()
            async with door_process(folder / str(n), port.path, place):
                while b"READY=1" not in await asyncio.to_thread(told.recv, 1000):
                    pass
                ours.append((time.perf_counter() - begun_s) * 1e3)
        begun_s = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {LIBRARIES}"], check=True)  # noqa: ASYNC221 - it is timed
        floors.append((time.perf_counter() - begun_s) * 1e3)
    port.close()
    return [Figure("exec → READY=1, readers open", "ms", statistics.median(ours), statistics.median(floors), 1.3)]


@contextlib.asynccontextmanager
async def door_process(folder: Path, device: str, place: Path) -> AsyncIterator[None]:
    """Start a daemon with a serial reader and no tracker's answer to wait for."""
    folder.mkdir()
    terminal = {
        "name": "d", "time_zone": "Europe/Vienna", "state_dir": str(folder), "control_socket": str(folder / "c.sock"),
    }  # fmt: skip
    sections = {
        "terminal": terminal,
        "clock": {"trust": "always"},
        "tracker": {"kind": "timetrack", "url": "http://127.0.0.1:9/api/v2/ext"},
        "panel": {"oled": "none"},
        "reader": [{"kind": "serial", "device": device}],
    }
    daemon = Daemon(folder, sections, env=environ(NOTIFY_SOCKET=str(place)))
    daemon.launch()
    try:
        yield
    finally:
        daemon.close()


async def commands(folder: Path, times: int) -> list[Figure]:
    """What a command takes, beside an interpreter that imports click and prints."""
    port = SerialPort()
    asked = {
        "clockd --help": ["--help"],
        "clockd status": ["status", "--socket", str(folder / "door" / "control.sock")],
        "clockd punches": ["punches", "--socket", str(folder / "door" / "control.sock")],
    }
    floor: list[float] = []
    took: dict[str, list[float]] = {name: [] for name in (*asked, "clockd <TAB>")}
    async with door(folder / "door", {"kind": "serial", "device": port.path}):
        for _ in range(times):
            floor.append(_timed([sys.executable, "-c", "import click; click.echo('x')"]))
            for name, words in asked.items():
                took[name].append(_timed([sys.executable, "-m", "clockd", *words]))
            completing = environ(_CLOCKD_COMPLETE="bash_complete", COMP_WORDS="clockd pun", COMP_CWORD="1")
            took["clockd <TAB>"].append(_timed([str(Path(sys.executable).with_name("clockd"))], completing))
    port.close()
    least = statistics.median(floor)
    return [Figure(name, "ms", statistics.median(found), least, 2.5) for name, found in took.items()]


def _timed(command: list[str], env: Mapping[str, str] | None = None) -> float:
    begun_s = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=env or environ())
    return (time.perf_counter() - begun_s) * 1e3


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """Everything that needs a whole daemon."""

    async def all_of_it() -> list[Figure]:
        for name in ("rest", "starts", "commands"):
            (folder / name).mkdir(parents=True)
        return [
            *await serial(folder / "serial", 20 if short else 300),
            *await card(folder / "card", 5 if short else 40),
            *await starting(folder / "starts", 3 if short else 15),
            *await commands(folder / "commands", 3 if short else 15),
            *await at_rest(folder / "rest", 10.0 if short else 120.0),
        ]

    return asyncio.run(all_of_it())
