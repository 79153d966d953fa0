"""Runs inside the machine: takes commands from the host by a virtio-serial port, one JSON object a line, one at a time.

Sent at the start: {"boot": boot id}. For {"run": [word, …]}: {"rc": exit code, "out": text, "err": text}.
"""

import json
import subprocess
import time
from pathlib import Path

PORT = Path("/dev/virtio-ports/agent")

while not PORT.exists():
    time.sleep(0.1)
with PORT.open("r+b", buffering=0) as port:

    def say(answer: dict[str, object]) -> None:
        """Send one line."""
        port.write(json.dumps(answer).encode() + b"\n")

    say({"boot": Path("/proc/sys/kernel/random/boot_id").read_text().strip()})
    while line := port.readline():
        done = subprocess.run(json.loads(line)["run"], capture_output=True, text=True, check=False)
        say({"rc": done.returncode, "out": done.stdout, "err": done.stderr})
