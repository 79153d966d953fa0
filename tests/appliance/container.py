"""A real systemd on a root file system of its own, on this kernel: it boots in seconds, and its plug can be pulled.

It has no memory limits where the host's kernel counts memory in the older way (cgroup v1), and no disk that forgets:
the machine in QEMU has both.
"""

import asyncio
import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

from clockd.core.model import Uid
from tests.appliance.chroot import Chroot
from tests.e2e.looking import until
from tests.readers.virtual_card import VirtualCard

BOOT_S = 180.0
BEGIN = """
set -e
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
    umount --recursive --lazy /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
exec systemd-nspawn --quiet --register=no --keep-unit --link-journal=no --boot --directory="$1"
"""
ENVIRON = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8")


class Container:
    """A booted root file system, which shares the host's network.

    Args:
        root: with clockd installed.
        card_port: where a badge is laid on its virtual reader.
    """

    def __init__(self, root: Chroot, card_port: int) -> None:
        self.root = root
        self._card_port = card_port
        self._process: subprocess.Popen[bytes] | None = None

    async def boot(self) -> None:
        """Boot it, and wait until it runs what was asked for."""
        self._start()
        await until(self._first_process, within_s=BOOT_S)
        await until(lambda: self.run("systemctl", "is-active", "basic.target").returncode == 0, within_s=BOOT_S)

    def _start(self) -> None:
        command = ["unshare", "--mount", "sh", "-c", BEGIN, "-", str(self.root.path)]
        with self.root.path.with_name("console.log").open("ab") as console:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)

    def cut(self) -> None:
        """End everything in it at once."""
        if self._process is None:
            return
        first = self._first_process()
        if first is not None:
            with suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._process = None

    def _first_process(self) -> int | None:
        """The process that is number 1 in there."""
        assert self._process is not None
        assert self._process.poll() is None, self.root.path.with_name("console.log").read_text(errors="replace")[-3000:]
        found: int | None = self._process.pid
        children = [int(word) for word in Path(f"/proc/{found}/task/{found}/children").read_text().split()]
        return children[0] if children else None

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it as root, whatever comes of it."""
        enter = ["nsenter", "--all", f"--target={self._first_process()}", *ENVIRON]
        return subprocess.run([*enter, *command], capture_output=True, text=True, check=False, timeout=300)

    def do(self, *command: str) -> str:
        """Run a command that must succeed; what it said."""
        done = self.run(*command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}\n{self.journal()}"
        return done.stdout

    def journal(self) -> str:
        """What clockd and its updater said last."""
        return self.run("journalctl", "--no-pager", "-n60", "-uclockd", "-uclockd-update").stdout

    async def ask(self, cmd: str, **words: object) -> Any:
        """Send a command to the daemon; its answer, or None where no daemon answers."""
        path = self._socket()
        with suppress(OSError, ValueError):
            reader, writer = await asyncio.open_unix_connection(path, limit=1 << 24)
            try:
                writer.write(json.dumps({"cmd": cmd, **words}).encode() + b"\n")
                async with asyncio.timeout(60):
                    return json.loads(await reader.readline()).get("ok")
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
        return None

    def _socket(self) -> str:
        """The daemon's socket, in the container's own /run."""
        return f"/proc/{self._first_process()}/root/run/clockd/control.sock"

    async def well(self) -> Any:
        """Wait until the reader works and the tracker answers; the status."""

        async def look() -> Any:
            status = await self.ask("status")
            good = status is not None and status["tracker"]["state"] == "ok"
            return status if good and all(reader["state"] == "ok" for reader in status["readers"]) else None

        try:
            return await until(look, within_s=BOOT_S)
        except AssertionError as error:
            raise AssertionError(self.journal()) from error

    async def tap(self, badge: Uid) -> None:
        """Lay a badge on the reader until it was read, or for a moment where nobody reads it."""
        with suppress(OSError):
            async with VirtualCard(badge, port=self._card_port) as card:
                with suppress(AssertionError):
                    await until(lambda: card.apdus, within_s=2)
