"""`clockd check` says no wherever a start would end, looks as the service would, and asks the daemon what it holds."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from clockd.errors import NoDaemon
from clockd.store import schema
from tests.cli.test_looking import NOBODY, everything, live_and_die
from tests.e2e.hands import SerialPort
from tests.e2e.looking import until
from tests.e2e.processes import CLOCKD, KEYS, Said, mounted, toml
from tests.e2e.rig import Rig, bench

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may be somebody else")
CHECKED_ELSEWHERE = ("battery clock",)
"""What depends on the machine that runs the tests."""


@dataclass
class World:
    """A terminal before its start, in which one thing may be wrong."""

    folder: Path
    user: int | None = None
    """Whom it runs as; None: who runs the tests."""
    env: dict[str, str] = field(default_factory=dict)
    sections: dict[str, Any] = field(default_factory=dict)
    until_the_end: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.serial = self.until_the_end.enter_context(closing(SerialPort()))
        os.chmod(self.serial.path, 0o666)
        self.sections = {
            "terminal": {
                "state_dir": str(self.state),
                "state_in_memory": True,
                "control_socket": str(self.socket),
            },
            "clock": {"trust": "always"},
            "reader": [{"kind": "serial", "device": self.serial.path}],
        }

    @property
    def file(self) -> Path:
        return self.folder / "clockd.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def socket(self) -> Path:
        return self.folder / "run" / "control.sock"

    def change(self, section: str, **keys: object) -> None:
        self.sections[section] = {**self.sections.get(section, {}), **keys}

    def write(self) -> None:
        if not self.file.exists():
            self.file.write_text(toml(self.sections))

    def _given(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name not in KEYS}
        return {**clean, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **self.env}

    def _as_user(self) -> Sequence[str]:
        if self.user is None:
            return ()
        return (*reachable(), "setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups")

    def launch(self) -> "subprocess.Popen[str]":
        self.write()
        words = [*self._as_user(), *CLOCKD, "run", "--config", str(self.file)]
        return subprocess.Popen(words, env=self._given(), stderr=subprocess.PIPE, text=True, cwd=self.folder)

    def check(self, *before: str) -> Said:
        self.write()
        words = [*self._as_user(), *before, *CLOCKD, "check", "--config", str(self.file), "--json"]
        done = subprocess.run(words, env=self._given(), capture_output=True, text=True, timeout=120, cwd=self.folder)
        return Said(done.returncode, done.stdout, done.stderr)


PRIVATE = ("unshare", "--mount", "--propagation", "private")
UNCOVER = 'p="$0"; c="$1"; shift; t=$(mktemp -d); mount --bind "$p" "$t"; mount -t tmpfs -o mode=755 cover "$c"; '
UNCOVER += 'mkdir -p "$p"; mount --move "$t" "$p"; rmdir "$t" 2>&-; exec "$@"'


def reachable() -> Sequence[str]:
    """What stands before a command that runs as nobody, where the Python of the tests is in somebody's closed home."""
    python = Path(sys.base_prefix)
    closed = next((part for part in reversed(python.parents) if not part.stat().st_mode & 0o001), None)
    return () if closed is None else (*PRIVATE, "sh", "-c", UNCOVER, str(python), str(closed))


def wrong(said: Said) -> dict[str, Any]:
    """The lines that say no, by what they are about."""
    return {line["what"]: line for line in said.json if not line["ok"] and line["what"] not in CHECKED_ELSEWHERE}


@pytest.fixture
def world() -> Iterator[World]:
    """A terminal that would start, in a folder that everybody may look into."""
    folder = Path(tempfile.mkdtemp(prefix="clockd-world-"))
    folder.chmod(0o777)
    (folder / "run").mkdir()
    (folder / "run").chmod(0o777)
    found = World(folder)
    try:
        with found.until_the_end:
            yield found
    finally:
        shutil.rmtree(folder)


def lived(world: World) -> None:
    """It has a store with a badge; all of it belongs to whom it runs as."""
    world.write()
    live_and_die(world.file)
    if world.user is not None:
        for file in [world.state, *world.state.iterdir()]:
            os.chown(file, world.user, world.user)


def _state_is_a_file(world: World) -> None:
    world.state.write_text("")


def _state_cannot_be_made(world: World) -> None:
    world.user = NOBODY
    (world.folder / "closed").mkdir(mode=0o700)
    world.change("terminal", state_dir=str(world.folder / "closed" / "state"))


def _state_belongs_to_somebody_else(world: World) -> None:
    world.user = NOBODY
    world.state.mkdir(mode=0o755)


def _store_belongs_to_somebody_else(world: World) -> None:
    lived(world)
    world.user = NOBODY
    os.chown(world.state, NOBODY, NOBODY)
    os.chown(world.state / "badge-pepper", NOBODY, NOBODY)


def _state_is_read_only(world: World) -> None:
    lived(world)
    world.until_the_end.enter_context(mounted(world.state, "--bind", str(world.state)))
    subprocess.run(["mount", "-o", "remount,bind,ro", str(world.state)], check=True)


def _disk_is_full(world: World) -> None:
    world.until_the_end.enter_context(mounted(world.state, "-t", "tmpfs", "-o", "size=8k", "full"))
    (world.state / "much").write_bytes(b"-" * 8192)


def _store_is_too_new(world: World) -> None:
    lived(world)
    with closing(sqlite3.connect(world.state / "clockd.db")) as db, db:
        db.execute("UPDATE meta SET value = ? WHERE key = 'oldest_schema'", [str(schema.newest() + 1)])


def _store_is_in_use(world: World) -> None:
    lived(world)
    lock = os.open(world.state / "clockd.lock", os.O_RDWR)
    world.until_the_end.callback(os.close, lock)
    fcntl.flock(lock, fcntl.LOCK_EX)


def _pepper_is_gone(world: World) -> None:
    lived(world)
    (world.state / "badge-pepper").unlink()


def _pepper_is_a_folder(world: World) -> None:
    lived(world)
    (world.state / "badge-pepper").unlink()
    (world.state / "badge-pepper").mkdir()


def _pepper_belongs_to_somebody_else(world: World) -> None:
    world.user = NOBODY
    lived(world)
    os.chown(world.state / "badge-pepper", 0, 0)


def _pepper_is_short(world: World) -> None:
    world.env["CLOCKD_BADGE_PEPPER"] = "short"


def _pepper_is_no_text(world: World) -> None:
    credentials = world.folder / "credentials"
    credentials.mkdir()
    (credentials / "badge-pepper").write_bytes(b"\xff" * 32)
    world.env["CREDENTIALS_DIRECTORY"] = str(credentials)


def _a_file_stands_at_the_socket(world: World) -> None:
    world.socket.write_text("precious")


def _the_socket_has_no_folder(world: World) -> None:
    world.change("terminal", control_socket=str(world.folder / "nowhere" / "control.sock"))


def _the_socket_cannot_be_made(world: World) -> None:
    world.user = NOBODY
    world.socket.parent.chmod(0o755)


def _another_one_answers(world: World) -> None:
    listener = world.until_the_end.enter_context(socket.socket(socket.AF_UNIX))
    listener.bind(str(world.socket))
    listener.listen()


def _the_font_is_none(world: World) -> None:
    font = world.folder / "font.ttf"
    font.write_text("no font")
    world.change("panel", oled="ssd1306", font=str(font))


def _the_file_is_no_toml(world: World) -> None:
    world.file.write_text("[terminal")


def _the_file_is_closed(world: World) -> None:
    world.user = NOBODY
    world.write()
    world.file.chmod(0o600)


NOT_A_DOCUMENT = ""
"""The configuration itself cannot be read: an error instead of lines."""
STOPS: Mapping[Callable[[World], None], str] = {
    _state_is_a_file: "state",
    _state_cannot_be_made: "state",
    _state_belongs_to_somebody_else: "state",
    _store_belongs_to_somebody_else: "state",
    _state_is_read_only: "state",
    _disk_is_full: "state",
    _store_is_too_new: "store",
    _store_is_in_use: "store",
    _pepper_is_gone: "store",
    _pepper_is_a_folder: "store",
    _pepper_belongs_to_somebody_else: "store",
    _pepper_is_short: "credential badge-pepper",
    _pepper_is_no_text: "credential badge-pepper",
    _a_file_stands_at_the_socket: "control socket",
    _the_socket_has_no_folder: "control socket",
    _the_socket_cannot_be_made: "control socket",
    _another_one_answers: "control socket",
    _the_font_is_none: "display",
    _the_file_is_no_toml: NOT_A_DOCUMENT,
    _the_file_is_closed: NOT_A_DOCUMENT,
}
"""Each way in which a start ends, and the line that says so."""


@ROOT
@pytest.mark.parametrize("spoil", STOPS, ids=lambda spoil: spoil.__name__.strip("_"))
async def test_what_stops_a_start_stops_a_check(world: World, spoil: Callable[[World], None]) -> None:
    spoil(world)
    said = world.check()
    assert (said.code != 0, said.err.count("Traceback")) == (True, 0), said
    if STOPS[spoil] == NOT_A_DOCUMENT:
        assert said.code == 2
    else:
        line = wrong(said)[STOPS[spoil]]
        assert (said.code, len(line["found"]) > 10) == (1, True)
    process = world.launch()
    try:
        assert await until(process.poll) in (1, 2)
    finally:
        process.kill()
        process.communicate()


@ROOT
@pytest.mark.parametrize("user", [None, NOBODY])
@pytest.mark.parametrize("has_lived", [False, True])
async def test_control_what_starts_passes(world: World, user: int | None, has_lived: bool) -> None:
    world.user = user
    if has_lived:
        lived(world)
    before = everything(world.folder)
    said = world.check()
    assert (wrong(said), said.err) == ({}, "")
    assert [one for one in everything(world.folder) if one[0] != "clockd.toml"] == [
        one for one in before if one[0] != "clockd.toml"
    ] or not has_lived  # it changes nothing
    assert world.state.exists() is has_lived
    process = world.launch()
    try:
        await until(world.socket.exists)
        assert process.poll() is None
    finally:
        process.terminate()
        process.communicate()


# --- beside a daemon --------------------------------------------------------------------------------------------


def _lines(said: Said) -> dict[str, Any]:
    return {line["what"]: line for line in said.json}


def _check(rig: Rig, **env: str) -> Said:
    done = subprocess.run(
        [*CLOCKD, "check", "--config", str(rig.daemon.config), "--json"],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def _write(rig: Rig, **sections: object) -> None:
    rig.daemon.config.write_text(toml({**rig.daemon.sections, **sections}))


async def test_a_healthy_terminal_passes_while_it_runs(tmp_path: Path) -> None:
    """What it holds is asked of it: the port can be open only once. One request leaves, within its budget."""
    async with bench(tmp_path, people=1, limit=30) as rig:
        before = len(await rig.simulator.requests())
        counted = (await rig.daemon.status())["tracker"]["requests_last_minute"]
        said = await asyncio.to_thread(_check, rig)  # without a credential of its own
        assert (wrong(said), said.code) == ({}, 0)
        lines = _lines(said)
        assert lines["reader serial"]["found"] == "works, says the clockd that runs"
        assert "the key is right" in lines["tracker"]["found"]
        assert f"process {rig.daemon.pid}" in lines["looked at"]["found"]
        assert len(await rig.simulator.requests()) == before + 1
        assert (await rig.daemon.status())["tracker"]["requests_last_minute"] == counted + 1


async def test_what_changed_is_opened_and_what_is_held_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, people=1) as rig:
        held = {"kind": "serial", "device": rig.serial.path, "baud": 19200}
        _write(rig, reader=[held, {"kind": "serial", "device": "/dev/ttyNOWHERE"}])
        said = await asyncio.to_thread(_check, rig)
        (first, second) = [line for line in said.json if line["what"] == "reader serial"]
        assert (first["ok"], "tried by a restart" in first["found"]) == (True, True)
        assert (second["ok"], "/dev/ttyNOWHERE is not there" in second["found"]) == (False, True)


async def test_a_device_that_the_daemon_lost_is_told(tmp_path: Path) -> None:
    async with bench(tmp_path, readers=({"kind": "serial", "device": "/dev/ttyNOWHERE"},), start=False) as rig:
        rig.daemon.launch()

        async def lost() -> bool:
            with contextlib.suppress(NoDaemon):
                return bool((await rig.daemon.status())["readers"][0]["state"] == "lost")
            return False

        await until(lost)
        said = await asyncio.to_thread(_check, rig)
        assert "is lost, says the clockd that runs" in wrong(said)["reader serial"]["found"]


async def test_another_key_is_tried_within_the_daemons_budget(tmp_path: Path) -> None:
    async with bench(tmp_path, people=1, limit=30) as rig:
        counted = (await rig.daemon.status())["tracker"]["requests_last_minute"]
        said = await asyncio.to_thread(_check, rig, **{**KEYS, "CLOCKD_TIMETRACK_API_KEY": "another"})
        lines = _lines(said)
        assert "another one than the clockd that runs" in lines["credential timetrack-api-key"]["found"]
        assert "restart" in lines["credential timetrack-api-key"]["hint"]
        assert "credentials" in wrong(said)["tracker"]["found"]
        assert (await rig.daemon.status())["tracker"]["requests_last_minute"] == counted + 1
        assert (await rig.daemon.status())["tracker"]["state"] == "ok"


async def test_a_pepper_that_a_restart_would_miss(tmp_path: Path) -> None:
    async with bench(tmp_path, people=1) as rig:
        (rig.daemon.state / "badge-pepper").unlink()
        assert "badge-pepper is gone" in wrong(await asyncio.to_thread(_check, rig))["store"]["found"]


# --- as the unit would ------------------------------------------------------------------------------------------

UNIT = """[Service]
ExecStart=/opt/clockd/current/bin/clockd run --config {file}
User=nobody
{more}
"""
IN_A_MACHINE_OF_ITS_OWN = (
    'mount -t tmpfs units /etc/systemd/system && cp "$0" /etc/systemd/system/clockd.service && "$@"'
)


def _as_unit(world: World, more: Sequence[str] = ()) -> Said:
    """Check as root on a machine whose service has this configuration and runs as nobody."""
    unit = world.folder / "unit"
    unit.write_text(UNIT.format(file=world.file, more="\n".join(more)))
    return world.check(*PRIVATE, "sh", "-c", IN_A_MACHINE_OF_ITS_OWN, str(unit), *reachable())


@ROOT
def test_root_looks_as_the_services_user(world: World) -> None:
    """Root may open everything; the service may not."""
    os.chmod(world.serial.path, 0o600)
    assert wrong(world.check()) == {}
    said = _as_unit(world)
    assert "as nobody, whom the service runs as" in _lines(said)["looked at"]["found"]
    assert "may not be opened by this user" in wrong(said)["reader serial"]["found"]


@ROOT
async def test_credentials_are_found_where_the_unit_gets_them(world: World, tmp_path: Path) -> None:
    """They are files of root's, which a shell of root's does not have in its environment."""
    async with bench(tmp_path, people=1) as rig:
        rig.daemon.kill()
        world.sections["tracker"] = rig.daemon.sections["tracker"]
        assert "credentials timetrack-api-key" in wrong(_as_unit(world))["tracker"]["found"]
        more = []
        for name, value in {"timetrack-api-key": "sim-key", "timetrack-api-secret": "sim-secret"}.items():
            (tmp_path / name).write_text(value + "\n")
            (tmp_path / name).chmod(0o600)
            more.append(f"LoadCredential={name}:{tmp_path / name}")
        said = await asyncio.to_thread(_as_unit, world, more)
        assert wrong(said) == {}
        assert "the key is right" in _lines(said)["tracker"]["found"]


@ROOT
def test_folders_that_systemd_makes_need_not_be_there(world: World) -> None:
    world.change("terminal", state_dir="/var/lib/clockd-is-not-there", control_socket="/run/clockd-is-not-there/c.sock")
    made = ("StateDirectory=clockd-is-not-there", "RuntimeDirectory=clockd-is-not-there")
    assert set(wrong(_as_unit(world))) == {"state", "control socket"}
    world.file.unlink()
    assert wrong(_as_unit(world, made)) == {}
