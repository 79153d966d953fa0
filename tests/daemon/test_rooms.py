"""A real door carries nothing of the demo, nor of a page: what it does not load cannot break it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOREIGN = ("clockd.sim", "starlette", "uvicorn", "jinja2", "websockets")
"""What belongs to the demo, the simulators and the pages."""

COMPOSE = """
import asyncio, json, sys
from pathlib import Path
from clockd import config
from clockd.cli import running
from clockd.daemon.booking import open_booking
from clockd.daemon.devices import open_devices
from clockd.daemon.opening import open_core, open_office, open_terminal
from clockd.daemon.answering import Provenance
from clockd.daemon.running import Daemon

async def compose(loaded):
    secrets = config.Secrets(None, {})
    async with open_core(loaded, secrets) as core:
        booking = await open_booking(core, secrets)
        daemon = Daemon(core, booking, open_devices(loaded, core.read_clock), Provenance(secrets))
        open_office(core), open_terminal(core, lambda screen, seq: None)
        assert len(daemon.devices.readers) == len(loaded.reader)

asyncio.run(compose(config.load(Path(sys.argv[1]))))
print(json.dumps(sorted(sys.modules)))
"""

REAL = """
[[reader]]
kind = "pcsc"

[[reader]]
kind = "serial"
device = "/dev/ttyUSB9"

[panel]
oled = "ssd1306"
green_led = 17
red_led = 27
buzzer = 18

[[button]]
gpio = 5
action = "in"
"""
TRACKERS = {
    "timetrack": '[tracker]\nkind = "timetrack"\nurl = "https://timetrack.invalid/api"\n',
    "goodtime": '[tracker]\nkind = "goodtime"\nurl = "https://goodtime.invalid/goodtime-rs"\n',
    "none": "",
}
DESK = """
[[reader]]
kind = "desk"
socket = "/nowhere/desk.sock"

[panel]
oled = "desk"
desk_socket = "/nowhere/desk.sock"
"""


def foreign_modules(folder: Path, text: str) -> list[str]:
    """What a daemon with this configuration has loaded, once it is composed, that belongs to others."""
    state, control = json.dumps(str(folder)), json.dumps(str(folder / "control.sock"))
    file = folder / "clockd.toml"
    file.write_text(f'[terminal]\nname = "door"\nstate_dir = {state}\ncontrol_socket = {control}\n{text}')
    done = subprocess.run(
        [sys.executable, "-c", COMPOSE, str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout.splitlines()[-1])
    assert "clockd.daemon.answering" in loaded
    return [name for name in loaded if any(name == root or name.startswith(root + ".") for root in FOREIGN)]


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_real_door_loads_nothing_of_the_demo(tmp_path: Path, tracker: str) -> None:
    assert foreign_modules(tmp_path, TRACKERS[tracker] + REAL) == []


def test_control_a_demo_s_door_loads_the_desk(tmp_path: Path) -> None:
    assert "clockd.sim.desk.client" in foreign_modules(tmp_path, TRACKERS["none"] + DESK)
