"""clockd and the trackers as processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from clockd import control
from clockd.errors import NoDaemon
from tests.e2e.looking import PATIENCE_S, until
from tests.e2e.people import uid_of, username_of

CLOCKD = (sys.executable, "-m", "clockd")
KEY, SECRET = "sim-key", "sim-secret"
KEYS = {
    "CLOCKD_TIMETRACK_API_KEY": KEY,
    "CLOCKD_TIMETRACK_API_SECRET": SECRET,
    "CLOCKD_GOODTIME_LOGIN_EMAIL": "admin@example.com",
    "CLOCKD_GOODTIME_API_PASSWORD": "sim-password",
}
"""What the simulators ask for."""
Sections = Mapping[str, Any]


def environ(**more: str) -> dict[str, str]:
    """The environment of a terminal with the simulators' keys."""
    return {**os.environ, **KEYS, "PYTHONUNBUFFERED": "1", **more}


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


def toml(sections: Sections) -> str:
    """Write a configuration; a list of tables becomes `[[name]]`."""
    lines = []
    for name, section in sections.items():
        for table in section if isinstance(section, list) else [section]:
            lines.append(f"[[{name}]]" if isinstance(section, list) else f"[{name}]")
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


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

    def accept_key(self, key: str) -> None:
        """Take another API key from its next start on."""
        self._options = (*self._options, "--key", key)

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
