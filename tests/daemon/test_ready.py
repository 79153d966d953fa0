"""Ready means that taps are taken: every reader was opened, or is known to be lost."""

import asyncio
import os
import pty
import signal
import socket
import subprocess
import tty
from pathlib import Path
from typing import Any

import pytest

from clockd.daemon.running import extend_start, why_not_started
from clockd.errors import ClockdError, ConfigError, StoreInUse, StoreUnusable
from tests.e2e.looking import PATIENCE_S, until
from tests.e2e.processes import CLOCKD, clockd, environ, toml
from tests.e2e.rig import DESK, bench


def configured(folder: Path, *devices: str) -> Path:
    file = folder / "clockd.toml"
    terminal = {
        "name": "door",
        "time_zone": "Europe/Vienna",
        "state_dir": str(folder / "state"),
        "control_socket": str(folder / "control.sock"),
    }
    readers = [{"kind": "serial", "device": device, "format": "line"} for device in devices]
    file.write_text(
        toml({"terminal": terminal, "clock": {"trust": "always"}, "tracker": {"kind": "none"}, "reader": readers})
    )
    return file


@pytest.mark.parametrize("beside", [[], ["/dev/serial/by-id/nothing-there"]], ids=["alone", "beside a lost one"])
async def test_what_is_held_to_a_reader_that_said_ready_is_recorded(tmp_path: Path, beside: list[str]) -> None:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    file = configured(tmp_path, os.ttyname(theirs), *beside)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(PATIENCE_S)
        command = [*CLOCKD, "run", "--config", str(file)]
        door = subprocess.Popen(  # noqa: ASYNC220 - nothing else goes on here
            command, env=environ(NOTIFY_SOCKET=str(tmp_path / "notify")), stderr=subprocess.DEVNULL
        )
        try:
            while b"READY=1" not in told.recv(1000):
                pass
            os.write(ours, b"04A1B2C3\r\n")
            states = {reader["state"] for reader in status(file)["readers"]}
            assert states == ({"ok", "lost"} if beside else {"ok"})
            await until(lambda: status(file)["punches"]["total"] == 1)
        finally:
            door.send_signal(signal.SIGTERM)
            door.wait(PATIENCE_S)
            os.close(ours)
            os.close(theirs)


def status(file: Path) -> Any:
    said = clockd("status", "--json", "--socket", file.parent / "control.sock")
    return said.json


async def test_a_long_start_asks_for_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(PATIENCE_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        at_work = asyncio.create_task(extend_start(every_s=0.01))
        for _ in range(2):
            assert await asyncio.to_thread(told.recv, 1000) == b"EXTEND_TIMEOUT_USEC=30000"
        at_work.cancel()


FAILURES = [
    (ConfigError("terminal.control_socket", "is taken"), "settings wrong"),
    (StoreInUse("another one"), "database in use"),
    (StoreUnusable("cannot be opened"), "disk error"),
    (ExceptionGroup("tasks", [ExceptionGroup("one", [ConfigError("x", "y")])]), "settings wrong"),
    (ExceptionGroup("tasks", [ClockdError("task ended")]), None),
    (ValueError("a mistake of ours"), None),
]


@pytest.mark.parametrize(("error", "said"), FAILURES)
def test_the_panel_says_what_a_person_has_to_mend(error: Exception, said: str | None) -> None:
    assert why_not_started(error) == said


async def test_a_start_that_fails_is_shown_at_the_door(tmp_path: Path) -> None:
    async with bench(tmp_path, readers=(DESK,), panel=True, start=False) as rig:
        rig.daemon.state.mkdir()
        (rig.daemon.state / "badge-pepper").mkdir()
        rig.daemon.launch()
        await rig.desk.says("Not recorded: disk error")
        assert await until(rig.daemon.ended) == 1


@pytest.mark.parametrize("spoil", ["text", "start"])
def test_under_systemd_what_a_person_has_to_mend_is_not_tried_again_at_once(tmp_path: Path, spoil: str) -> None:
    """It says why, to systemd too, and stays a while, which a stop ends."""
    file = configured(tmp_path)
    if spoil == "text":
        file.write_text("[terminal")
    else:
        (tmp_path / "state").write_text("no folder")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        told.settimeout(PATIENCE_S)
        command = [*CLOCKD, "run", "--config", str(file)]
        env = environ(NOTIFY_SOCKET=str(tmp_path / "notify"))
        with subprocess.Popen(command, env=env, stderr=subprocess.PIPE) as door:
            while not (said := told.recv(1000)).startswith(b"STATUS="):
                pass
            assert (b"is not TOML" if spoil == "text" else b"no folder") in said
            assert door.poll() is None
            door.terminate()
            assert door.wait(PATIENCE_S) != 0
