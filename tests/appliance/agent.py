"""Runs inside the machine: takes commands from the host by a virtio-serial port, one JSON object a line, one at a time.

Sent at the start: {"boot": boot id}. For {"run": [word, …]}: {"rc": exit code, "out": text, "err": text}. For {"ask":
command}: the answer of clockd's control socket, or {} where there is none. (A command of clockd starts a Python, which
takes ten seconds there.)
"""

import json
import socket
import subprocess
import time
from pathlib import Path

PORT = Path("/dev/virtio-ports/agent")

SOCKET = "/run/clockd/control.sock"


def ask(command: object) -> object:
    """Send one command to the daemon."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock, sock.makefile("rb") as answers:
            sock.connect(SOCKET)
            sock.sendall(json.dumps(command).encode() + b"\n")
            return json.loads(answers.readline())
    except (OSError, ValueError):
        return {}


while not PORT.exists():
    time.sleep(0.1)
with PORT.open("r+b", buffering=0) as port:

    def say(answer: object) -> None:
        """Send one line."""
        port.write(json.dumps(answer).encode() + b"\n")

    say({"boot": Path("/proc/sys/kernel/random/boot_id").read_text().strip()})
    while line := port.readline():
        wanted = json.loads(line)
        if "ask" in wanted:
            say(ask(wanted["ask"]))
            continue
        done = subprocess.run(wanted["run"], capture_output=True, text=True, check=False)
        say({"rc": done.returncode, "out": done.stdout, "err": done.stderr})
