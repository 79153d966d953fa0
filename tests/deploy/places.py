"""Where the files under test are, and how they are read."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNIT = ROOT / "systemd" / "clockd.service"
WEB_UNIT = ROOT / "systemd" / "clockd-web.service"
WEB_SOCKET = ROOT / "systemd" / "clockd-web.socket"
FIRST_CONFIGURATION = ROOT / "systemd" / "clockd.toml"


def settings(unit: str) -> dict[str, list[str]]:
    """The assignments of a unit file, in order, by key."""
    found: dict[str, list[str]] = {}
    for line in unit.splitlines():
        if match := re.fullmatch(r"([A-Za-z]+)=(.*)", line):
            found.setdefault(match[1], []).append(match[2])
    return found
