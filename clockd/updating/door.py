"""A look at the daemon of this door: what it says itself, and what systemd says of it."""

import json
import socket
import subprocess
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clockd.core.updates import DoorLook
from clockd.updating.record import WISHES

TERMINAL_FILE = Path("/etc/clockd/clockd.toml")
UNIT = "clockd.service"
CONTROL_SOCKET = "/run/clockd/control.sock"
DAEMON_ANSWERS_S = 20.0
"""How many seconds an answer may take."""
LONGEST_ANSWER_BYTES = 4_000_000


def _section(name: str) -> Mapping[str, Any]:
    try:
        found = tomllib.loads(TERMINAL_FILE.read_text()).get(name, {})
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def quiet_times() -> str:
    """Return when nothing is to be updated, as the configuration has it."""
    return str(_section("update").get("not_between", ""))


def local_time(now: datetime) -> time:
    """Return the time of the day at this door; where its zone is not known, that of the machine."""
    try:
        return now.astimezone(ZoneInfo(str(_section("terminal").get("time_zone", "UTC")))).time()
    except (LookupError, ValueError, OSError):
        return now.astimezone().time()


def wish_folder() -> Path:
    """Return where the daemon leaves what it asks for: beside its socket, since it may write nowhere else."""
    return Path(str(_section("terminal").get("control_socket", CONTROL_SOCKET))).parent


def take_wishes(folder: Path) -> set[str]:
    """Take what the daemon asked for; whatever else it left under such a name hinders no update."""
    taken = set[str]()
    for wish in WISHES:
        with suppress(OSError):
            (folder / f"update-{wish}").unlink()
            taken.add(wish)
    return taken


def look_at_door() -> DoorLook:
    """Look at the daemon; where it does not answer, systemd still does."""
    shown = _systemd()
    numbers = {name: int(value) for name, value in shown.items() if value.isdecimal() and int(value) < 1 << 60}
    silent = DoorLook(
        restarts=numbers.get("NRestarts", 0),
        memory_bytes=numbers.get("MemoryCurrent"),
        limit_bytes=numbers.get("MemoryMax"),
    )
    status, rehearsed = _ask("status"), _ask("rehearse")
    if status is None or shown.get("ActiveState") not in (None, "active"):
        return silent
    try:
        readers = [each for each in status["readers"] if each["state"] == "ok"]
        working = frozenset(f"{each['kind']} {each['name']}".strip() for each in readers)
        tracker, fault = str(status["tracker"]["state"]), status["disk"]["fault"]
    except (KeyError, TypeError):
        return silent
    why = fault or ("it does not answer" if rehearsed is None else rehearsed.get("problem"))
    cannot = None if why is None else str(why)
    return replace(silent, answers=True, cannot_record=cannot, readers=working, tracker=tracker)


def _systemd() -> dict[str, str]:
    names = "--property=ActiveState,NRestarts,MemoryCurrent,MemoryMax"
    try:
        done = subprocess.run(  # noqa: S603
            ["systemctl", "show", names, UNIT],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
            timeout=DAEMON_ANSWERS_S,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


def _ask(command: str) -> Mapping[str, Any] | None:
    """Send the daemon a command; None where it does not answer, or refuses."""
    path = str(_section("terminal").get("control_socket", CONTROL_SOCKET))
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock, sock.makefile("rb") as answers:
            sock.settimeout(DAEMON_ANSWERS_S)
            sock.connect(path)
            sock.sendall(json.dumps({"cmd": command}).encode() + b"\n")
            answer = json.loads(answers.readline(LONGEST_ANSWER_BYTES))
    except (OSError, ValueError):
        return None
    found = answer.get("ok") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else None
