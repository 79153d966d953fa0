"""A whole machine in QEMU: clockd on its disk, and a badge reader that types, one on a serial line and one of PC/SC."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clockd.core.model import Uid
from tests.appliance import building
from tests.appliance.chroot import Chroot
from tests.e2e.looking import until
from tests.e2e.processes import Simulator, toml

BOOT_S = 600
"""A boot without KVM takes one to four minutes on a machine that does nothing else."""
COMMAND_S = 900
"""A command of clockd starts a Python there."""
TRIES, AGAIN_S = 8, 30.0
"""How often a badge is typed, and how long each time waits for its punch."""
KEYBOARD = "/dev/input/by-id/usb-QEMU_QEMU_USB_Keyboard_badges-event-kbd"
SERIAL = "/dev/serial/by-id/usb-QEMU_QEMU_USB_SERIAL_badges-if00-port0"

AGENT = """[Unit]
DefaultDependencies=no
After=sysinit.target
[Service]
ExecStart=/usr/bin/python3 /usr/local/lib/agent.py
[Install]
WantedBy=multi-user.target
"""
# A tracker's key goes over plain http only within a machine, so the simulator on the host has to seem to be in it.
TRACKER_SOCKET = "[Socket]\nListenStream=127.0.0.1:{port}\n[Install]\nWantedBy=sockets.target\n"
TRACKER = "[Service]\nExecStart=/usr/lib/systemd/systemd-socket-proxyd 10.0.2.2:{port}\n"
# An emulated processor, of which a busy host gives a fifth.
PATIENT = "[Service]\nTimeoutStartSec=10min\nWatchdogSec=2min\n"
NETWORK = "[Match]\nType=ether\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n"


def configuration(tracker: str) -> str:
    """A terminal with every reader that needs no hardware, booking on a simulator of the host."""
    return toml(
        {
            "terminal": {"name": "appliance", "time_zone": "Europe/Vienna"},
            # QEMU's clock is the host's.
            "clock": {"trust": "always"},
            "rules": {"repeat_s": 0},
            "tracker": {"kind": "timetrack", "url": tracker, "requests_per_minute": 600},
            "reader": [
                {"kind": "keyboard", "device": KEYBOARD, "format": "hex"},
                {"kind": "serial", "device": SERIAL, "format": "line"},
                {"kind": "pcsc", "name": "Virtual PCD"},
            ],
            "panel": {"oled": "none"},
        }
    )


@dataclass(frozen=True)
class Disk:
    """What the machine boots from."""

    image: Path
    kernel: Path
    initrd: Path


def make_disk(folder: Path, package: Path, tracker: Simulator) -> Disk:
    """A disk with the package installed by dpkg, as an admin would prepare an image."""
    root = Chroot(building.unpack(building.root_archive("trixie", building.MACHINE), folder / "root"))
    root.install(package)
    files = {
        "/etc/clockd/clockd.toml": configuration(tracker.url),
        "/etc/clockd/credentials/timetrack-api-key": "sim-key\n",
        "/etc/clockd/credentials/timetrack-api-secret": "sim-secret\n",
        "/etc/systemd/system/agent.service": AGENT,
        "/etc/systemd/system/tracker.socket": TRACKER_SOCKET.format(port=tracker.port),
        "/etc/systemd/system/tracker.service": TRACKER.format(port=tracker.port),
        "/etc/systemd/system/clockd.service.d/patient.conf": PATIENT,
        "/etc/systemd/network/ether.network": NETWORK,
        "/usr/local/lib/agent.py": (Path(__file__).parent / "agent.py").read_text(),
        "/etc/fstab": "/dev/vda / ext4 rw 0 1\n",
        "/etc/hostname": "appliance\n",
    }
    for path, text in files.items():
        root.file(path).parent.mkdir(parents=True, exist_ok=True)
        root.file(path).write_text(text)
    root.do("systemctl", "enable", "agent.service", "tracker.socket", "systemd-networkd.service")
    disk = Disk(folder / "disk.img", folder / "vmlinuz", folder / "initrd.img")
    (kernel,) = root.file("/boot").glob("vmlinuz-*")
    (initrd,) = root.file("/boot").glob("initrd.img-*")
    shutil.copy(kernel, disk.kernel)
    shutil.copy(initrd, disk.initrd)
    subprocess.run(["mke2fs", "-q", "-t", "ext4", "-d", root.path, disk.image, "3G"], check=True)
    shutil.rmtree(root.path)
    return disk


@dataclass(frozen=True)
class Said:
    """What a command in the machine answered."""

    code: int
    out: str
    err: str


class Machine:
    """The running machine; `async with` boots it, and pulls its plug at the end.

    Args:
        disk: what it boots from; changes stay on it.
        folder: for its sockets and its console.
        card_port: of the host, where a virtual badge can be laid on its PC/SC reader.
    """

    def __init__(self, disk: Disk, folder: Path, card_port: int) -> None:
        self._disk = disk
        self._folder = folder
        self._card_port = card_port
        self.console = folder / "console.log"

    def _command(self) -> list[str]:
        disk, folder = self._disk, self._folder
        words = f"""
            nice -n 10 qemu-system-x86_64 -accel tcg -cpu max -smp 1 -m 1024 -nodefaults -no-user-config -display none
            -kernel {disk.kernel} -initrd {disk.initrd}
            -drive file={disk.image},if=virtio,format=raw,cache=writeback
            -netdev user,id=net,hostfwd=tcp:127.0.0.1:{self._card_port}-:35963 -device virtio-net-pci,netdev=net
            -device virtio-serial -chardev socket,id=agent,path={folder}/agent,server=on,wait=on
            -device virtserialport,chardev=agent,name=agent
            -device qemu-xhci -device usb-kbd,serial=badges
            -chardev socket,id=line,path={folder}/line,server=on,wait=off
            -qmp unix:{folder}/qmp,server=on,wait=off -serial file:{self.console}
        """
        # On a busy host the timer's own check fails in a machine without KVM.
        append = "root=/dev/vda rw console=ttyS0 loglevel=4 systemd.show_status=1 no_timer_check nowatchdog panic=-1"
        return [*words.split(), "-append", append]

    def _start(self) -> None:
        self._errors = (self._folder / "qemu.log").open("w")
        words = self._command()
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self._errors, stderr=self._errors)

    async def __aenter__(self) -> "Machine":
        for name in ("agent", "line", "qmp"):
            (self._folder / name).unlink(missing_ok=True)
        self._start()
        self._agent = await self._connect("agent")
        self._qmp = await self._connect("qmp")
        await self._qmp[0].readline()
        await self.monitor("qmp_capabilities")
        await self.plug_serial()
        self._line = await self._connect("line")
        await self.booted()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._errors.close()
        for connection in (self._agent, self._qmp, self._line):
            connection[1].close()
            with suppress(OSError):
                await connection[1].wait_closed()

    def cut(self) -> None:
        """Pull the plug: what it did not write to its disk is gone."""
        self._process.kill()
        self._process.wait()

    async def booted(self) -> str:
        """Wait for a boot to get as far as the agent; the boot's id."""
        async with asyncio.timeout(BOOT_S):
            return str(json.loads(await self._agent[0].readline())["boot"])

    async def run(self, *command: str) -> Said:
        """Run a command in it as root, whatever comes of it."""
        answer = await self._tell({"run": command})
        return Said(answer["rc"], answer["out"], answer["err"])

    async def ask(self, cmd: str, **words: object) -> Any:
        """Send a command to the daemon; its answer, or None where no daemon answers."""
        return (await self._tell({"ask": {"cmd": cmd, **words}})).get("ok")

    async def _tell(self, words: object) -> Any:
        reader, writer = self._agent
        writer.write(json.dumps(words).encode() + b"\n")
        async with asyncio.timeout(COMMAND_S):
            return json.loads(await reader.readline())

    async def do(self, *command: str) -> str:
        """Run a command that must succeed; what it said."""
        said = await self.run(*command)
        assert said.code == 0, f"{command}\n{said.out}\n{said.err}"
        return said.out

    async def well(self) -> Any:
        """Wait until every reader works and the tracker answers; the status."""

        async def look() -> Any:
            status = await self.ask("status")
            good = status is not None and status["tracker"]["state"] == "ok"
            return status if good and all(reader["state"] == "ok" for reader in status["readers"]) else None

        try:
            await self.run("systemctl", "start", "clockd")
            return await until(look, within_s=BOOT_S)
        except (AssertionError, TimeoutError) as error:
            status, journal = await self.run("clockd", "status"), await self.run("journalctl", "-n30", "-uclockd")
            raise AssertionError(f"{status}\n{journal.out}") from error

    async def recorded(self, number: int, within_s: float = BOOT_S) -> list[Any]:
        """Wait until there are so many punches; oldest first."""

        async def look() -> list[Any]:
            found: list[Any] = await self.ask("punches") or []
            return list(reversed(found)) if len(found) >= number else []

        found: list[Any] = await until(look, within_s=within_s)
        return found

    # --- what a hand does ------------------------------------------------------------------------------------------

    async def type_badge(self, badge: Uid, number: int) -> list[Any]:
        """Hold a badge to the reader that types, until there are so many punches; oldest first.

        QEMU's keyboard forgets keys when the machine does not fetch them in time: then, as at a door, again.
        """
        for _ in range(TRIES):
            for key in [*badge.hex.lower(), "ret"]:
                await self.monitor("send-key", keys=[{"type": "qcode", "data": key}], **{"hold-time": 20})
                await asyncio.sleep(0.1)
            with suppress(AssertionError):
                return await self.recorded(number, within_s=AGAIN_S)
        raise AssertionError(f"{badge.hex} was typed {TRIES} times and never recorded")

    async def say_badge(self, badge: Uid) -> None:
        """Hold a badge to the reader on the serial line."""
        self._line[1].write(badge.hex.encode() + b"\r\n")
        await self._line[1].drain()

    async def plug_serial(self) -> None:
        """Plug the serial reader in."""
        await self.monitor("device_add", driver="usb-serial", id="reader", chardev="line", serial="badges")

    async def unplug_serial(self) -> None:
        """Pull the serial reader out."""
        await self.monitor("device_del", id="reader")

    async def monitor(self, command: str, **arguments: object) -> Any:
        """Tell QEMU to do something."""
        reader, writer = self._qmp
        writer.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        async with asyncio.timeout(COMMAND_S):
            while True:
                answer = json.loads(await reader.readline())
                if "event" not in answer:
                    break
        assert "return" in answer, answer
        return answer["return"]

    async def _connect(self, name: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        path = self._folder / name

        async def look() -> Sequence[Any] | None:
            assert self._process.poll() is None, (self._folder / "qemu.log").read_text()
            try:
                return await asyncio.open_unix_connection(path, limit=1 << 24)
            except OSError:
                return None

        reader, writer = await until(look)
        return reader, writer
