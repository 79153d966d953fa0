"""Ready means that taps are taken: every reader was opened, or is known to be lost."""

import os
import pty
import signal
import socket
import subprocess
import tty
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.looking import PATIENCE_S, until
from tests.e2e.processes import CLOCKD, clockd, environ, toml


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
