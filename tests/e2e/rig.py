"""Real processes on one bench: `clockd run`, `clockd simulate`, a serial port, a desk.

    async with bench(tmp_path) as rig:
        rig.simulator.start()
        await rig.daemon.start()
        rig.serial.tap(uid_of(0))
        await until(lambda: …)

Nothing here waits for a fixed time: `until` looks again until something is so, and says what it saw when it never was.
"""

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
import tty
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from clockd import control
from clockd.core.model import Uid
from clockd.errors import NoDaemon
from clockd.readers.serial import ABSENT_S
from clockd.sim.desk import wire
from clockd.sim.desk.terminal import DeskTerminal

CLOCKD = (sys.executable, "-m", "clockd")
KEY, SECRET = "sim-key", "sim-secret"
KEYS = {
    "CLOCKD_TIMETRACK_API_KEY": KEY,
    "CLOCKD_TIMETRACK_API_SECRET": SECRET,
    "CLOCKD_GOODTIME_LOGIN_EMAIL": "admin@example.com",
    "CLOCKD_GOODTIME_API_PASSWORD": "sim-password",
}
"""What the simulators ask for."""
PATIENCE_S = 90.0
"""How long `until` looks. Generous: a busy machine is no failure."""
LOOK_EVERY_S = 0.03

Sections = Mapping[str, Any]


def uid_of(n: int) -> Uid:
    """The badge of the n-th employee: seven bytes, no byte pattern of which is likely elsewhere."""
    return Uid.of(bytes([0x04, 0xA7, 0xC3, 0x9E, 0x5B, n // 256, n % 256]))


def username_of(n: int) -> str:
    return f"user{n:03}"


async def until(look: Callable[[], Any], *, within_s: float = PATIENCE_S) -> Any:
    """Look until what is seen (or awaited) is true, and return it."""
    end_s = time.monotonic() + within_s
    while True:
        seen = look()
        found = await seen if isinstance(seen, Awaitable) else seen
        if found:
            return found
        if time.monotonic() > end_s:
            raise AssertionError(f"never so; last seen: {found!r}")
        await asyncio.sleep(LOOK_EVERY_S)


async def next_second() -> None:
    """Wait until the wall clock shows another second than now."""
    now = int(time.time())
    await until(lambda: int(time.time()) > now)


EMAILS = ("ada@example.com", "anna+clock@x.de", "jürgen@müller-söhne.example")
"""Login e-mails for a bench with Goodtime: a careless client cannot spell them."""


def environ(**more: str) -> dict[str, str]:
    """The environment of a terminal with the simulators' keys."""
    return {**os.environ, **KEYS, "PYTHONUNBUFFERED": "1", **more}


# --- the tracker ------------------------------------------------------------------------------------------------


class Simulator:
    """`clockd simulate`, which keeps its port and its account over restarts.

    Args:
        folder: where its users and its account are kept.
        names: its users.
        tracker: timetrack, or goodtime.
        requests_per_minute: what it allows in any sliding minute.
        options: further options of the command.
    """

    def __init__(
        self,
        folder: Path,
        names: Sequence[str],
        *,
        tracker: str = "timetrack",
        requests_per_minute: int = 6000,
        options: Sequence[str] = (),
    ):
        self.tracker = tracker
        self._users = folder / "users.csv"
        self._users.write_text("username\n" + "".join(f"{name}\n" for name in names))
        self._account = folder / "account.json"
        self._limit = requests_per_minute
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self.port = 0
        self.url = ""
        """The tracker's base URL, as it stands in a configuration."""

    def start(self) -> None:
        """Start it; returns once it listens."""
        self._process = subprocess.Popen(
            [
                *(*CLOCKD, "simulate", self.tracker, "--port", str(self.port), "--users", str(self._users)),
                *("--state", str(self._account), "--requests-per-minute", str(self._limit), *self._options),
            ],
            stdout=subprocess.PIPE,
            env=environ(),
            text=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert " at http" in line, line
        self.url = line.split(" at ")[1].split(" ")[0]
        self.port = httpx.URL(self.url).port or 0

    def stop(self) -> None:
        """Stop it as Ctrl-C does; its account is on disk afterwards."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.communicate(timeout=PATIENCE_S)
            self._process = None

    async def page(self, name: str) -> Any:
        """One of its own pages, as `state`, `invariants`, `requests`."""
        return await self._talk("GET", name)

    async def act(self, act: str, **words: object) -> Any:
        """Let somebody do something at the tracker, as `web-start`."""
        return await self._talk("POST", "actors", {"act": act, **words})

    async def faults(self, *rules: object) -> None:
        """Let things go wrong."""
        await self._talk("POST", "faults", {"rules": list(rules)})

    async def rows(self) -> list[dict[str, Any]]:
        """The living attendance rows, by begin and then by user."""
        state = await self.page("state")
        rows = state["entries" if self.tracker == "goodtime" else "rows"]
        return sorted((r for r in rows if not r["deleted"]), key=lambda r: (r["from"], r["user"]))

    async def booked(self) -> list[tuple[str, str, str | None]]:
        """The living rows as (who, from, to), with the wall-clock texts as they came."""
        return [(row["user"], row["from"], row["to"]) for row in await self.rows()]

    async def requests(self, method: str | None = None) -> list[dict[str, Any]]:
        """What arrived, oldest first."""
        found = await self.page("requests")
        return [request for request in found if method in (None, request["method"])]

    async def violations(self) -> list[str]:
        """The rules that were broken, in sentences."""
        found: list[str] = (await self.page("invariants"))["violations"]
        return found

    async def _talk(self, method: str, page: str, words: object = None) -> Any:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}/_sim/", trust_env=False) as client:
            reply = await client.request(method, page, json=words)
        assert reply.status_code == 200, reply.text
        return reply.json()


# --- the terminal -----------------------------------------------------------------------------------------------


def toml(sections: Sections) -> str:
    """Write a configuration; a list of tables becomes `[[name]]`."""
    lines = []
    for name, section in sections.items():
        for table in section if isinstance(section, list) else [section]:
            lines.append(f"[[{name}]]" if isinstance(section, list) else f"[{name}]")
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


@dataclass
class Daemon:
    """`clockd run --config FILE`.

    Args:
        folder: where configuration, log, socket and state are.
        sections: the configuration.
        env: its environment; `environ()` with something more.
        command: what stands before `run`, for a terminal in a forged world.
    """

    folder: Path
    sections: Sections
    env: Mapping[str, str] = field(default_factory=environ)
    command: Sequence[str] = CLOCKD
    _process: subprocess.Popen[bytes] | None = None

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.folder / "clockd.toml"

    @property
    def state(self) -> Path:
        """The state directory."""
        return Path(self.sections["terminal"]["state_dir"])

    @property
    def socket(self) -> Path:
        """The control socket."""
        return Path(self.sections["terminal"]["control_socket"])

    @property
    def log(self) -> Path:
        """What it wrote to standard error, over all its lives."""
        return self.folder / "clockd.log"

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def launch(self, *options: str) -> None:
        """Start the process."""
        self.config.write_text(toml(self.sections))
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, "run", "--config", str(self.config), *options], stderr=log, stdout=log, env=self.env
            )

    async def start(self, *options: str) -> None:
        """Start it; returns once it takes taps and every device works."""
        self.launch(*options)
        await until(self._ready)

    async def _ready(self) -> bool:
        assert self._process is not None
        if (code := self._process.poll()) is not None:
            raise AssertionError(f"clockd ended with {code}: {self.log.read_text()}")
        try:
            status = await self.status()
        except NoDaemon:
            return False
        devices = [reader["state"] for reader in status["readers"]] + list(status["panel"].values())
        return all(state in ("ok", "none") for state in devices)

    def kill(self) -> None:
        """Let it die without a farewell, as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Stop it as systemd does; return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE_S)

    def ended(self) -> int | None:
        """Its exit code; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    async def ask(self, cmd: str, **words: Any) -> Any:
        """Send a command through its control socket."""
        return await asyncio.to_thread(control.ask, self.socket, {"cmd": cmd, **words})

    async def status(self) -> Any:
        """The document of `clockd status --json`."""
        return await self.ask("status")

    async def punches(self, **words: Any) -> list[Any]:
        """The document of `clockd punches --json`, newest first."""
        found: list[Any] = await self.ask("punches", **words)
        return found

    async def offline(self) -> bool:
        """Whether it found out that the tracker cannot be reached."""
        return bool((await self.status())["tracker"]["state"] == "offline")

    async def states(self) -> list[str]:
        """The delivery states of all punches, oldest first."""
        return [punch["delivery"]["state"] for punch in reversed(await self.punches())]

    async def settled(self, punches: int, within_s: float = PATIENCE_S) -> list[Any]:
        """Wait until there are so many punches and all are delivered; return them, oldest first."""

        async def look() -> list[Any]:
            found = await self.punches()
            done = len(found) == punches and all(p["delivery"]["state"] == "delivered" for p in found)
            return list(reversed(found)) if done else []

        settled: list[Any] = await until(look, within_s=within_s)
        return settled

    async def recorded(self, punches: int) -> list[Any]:
        """Wait until there are so many punches; return them, oldest first."""

        async def look() -> list[Any]:
            found = await self.punches()
            return list(reversed(found)) if len(found) >= punches else []

        recorded: list[Any] = await until(look)
        return recorded

    async def enrol(self, people: int, names: Sequence[str] = ()) -> None:
        """Give a badge to each of so many employees."""
        for n in range(people):
            username = names[n] if names else username_of(n)
            await self.ask("badges.add", uid=uid_of(n).hex, username=username, name=f"Person {n}", by="test")

    def close(self) -> None:
        """Leave no process behind."""
        if self._process is not None and self._process.poll() is None:
            self.kill()


# --- what badges and people touch -------------------------------------------------------------------------------


class SerialPort:
    """A pseudo terminal: whatever taps here is read by a `serial` reader with `format = "line"`."""

    def __init__(self) -> None:
        # the far end stays open, so that the port outlives the daemon
        self._near, self._far = pty.openpty()
        tty.setraw(self._far, termios.TCSANOW)
        self.path = os.ttyname(self._far)

    def tap(self, *badges: Uid) -> None:
        """Hold badges to the reader, one right after the other."""
        self.raw(b"".join(badge.hex.encode() + b"\r\n" for badge in badges))

    def raw(self, data: bytes) -> None:
        """Let the reader say something."""
        os.write(self._near, data)

    async def absent(self) -> None:
        """Wait until the reader takes a badge that lay here for a new one; what was tapped has been recorded before."""
        gone_s = time.monotonic() + ABSENT_S
        await until(lambda: time.monotonic() > gone_s)

    def close(self) -> None:
        """Pull the plug."""
        os.close(self._near)
        os.close(self._far)


class Desk:
    """The desk's side of the wire: taps, keys, and what the panel shows in words."""

    def __init__(self) -> None:
        self.terminal = DeskTerminal(self._heard)
        self.texts: list[str] = []
        """Every screen, in words."""
        self.lights: list[wire.Lights] = []
        self._read = 0
        self._news = asyncio.Event()

    async def says(self, *parts: str) -> str:
        """Wait for a screen with all these words, newer than the one waited for before."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    while self._read < len(self.texts):
                        self._read += 1
                        if all(part in self.texts[self._read - 1] for part in parts):
                            return self.texts[self._read - 1]
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{parts} never seen; the last screens: {self.texts[-8:]}") from None

    def shone(self) -> set[tuple[bool, bool]]:
        """Which states (green, red) the lights had since this was asked last."""
        seen = {(light.green, light.red) for light in self.lights}
        self.lights.clear()
        return seen

    def _heard(self, up: wire.Up | None) -> None:
        if up is None:
            return
        if up.text is not None:
            self.texts.append(up.text)
        if up.lights is not None:
            self.lights.append(up.lights)
        self._news.set()


# --- all of it --------------------------------------------------------------------------------------------------


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
            "terminal": {
                "name": "front-door",
                "time_zone": "Europe/Vienna",
                "state_dir": str(folder / "state"),
                "control_socket": str(folder / "control.sock"),
            }
            | dict(terminal or {}),
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


# --- looking at what came of it ---------------------------------------------------------------------------------


def wall_texts(punches: Sequence[Any]) -> list[tuple[str, str, str | None]]:
    """The rows that a tracker must hold for these punches (oldest first): each `in` with the `out` after it."""
    rows: list[tuple[str, str, str | None]] = []
    for punch in punches:
        second = punch["local"][:19]
        if punch["kind"] in ("in", "resume"):
            rows.append((punch["username"], second, None))
        else:
            last = max(n for n, row in enumerate(rows) if row[0] == punch["username"])
            rows[last] = (*rows[last][:2], second)
    return sorted(rows, key=lambda row: (row[1], row[0]))


def busiest_minute(requests: Sequence[Mapping[str, Any]]) -> int:
    """The most requests that arrived within any 60 s."""
    times = [request["at_s"] for request in requests]
    return max((sum(begin <= at < begin + 60 for at in times) for begin in times), default=0)


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its standard output as the one JSON document it has to be."""
        return json.loads(self.out)


def clockd(*words: object, stdin: str = "", **env: str) -> Said:
    """Run a command as a person does, in a process of its own."""
    done = subprocess.run(
        [*CLOCKD, *map(str, words)], capture_output=True, text=True, input=stdin, env=environ(**env), timeout=120
    )
    return Said(done.returncode, done.stdout, done.stderr)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount something over a folder, and take it away at the end, in use or not."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def local_now(zone: Any) -> datetime:
    """The wall clock of a zone, in whole seconds."""
    return datetime.now(zone).replace(tzinfo=None, microsecond=0)
