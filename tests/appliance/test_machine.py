"""On a machine that boots: badges, the sandbox, a cut of the power. Few boots, each doing much."""

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.appliance.chroot import Chroot
from tests.appliance.conftest import PEOPLE
from tests.appliance.machine import Disk, Machine, make_disk
from tests.e2e.looking import until
from tests.e2e.people import uid_of, username_of
from tests.e2e.processes import Simulator
from tests.readers.virtual_card import VirtualCard

pytestmark = pytest.mark.appliance


def free_port() -> int:
    """A port of the host that nobody uses now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.fixture
def disk(tmp_path: Path, package: Path, tracker: Simulator) -> Iterator[Disk]:
    """A disk that has clockd on it and was never booted."""
    disk = make_disk(tmp_path, package, tracker)
    yield disk
    disk.image.unlink()


async def booked(tracker: Simulator, number: int) -> list[str]:
    """Wait until the tracker has so many rows; whose they are."""

    async def look() -> list[str]:
        rows = await tracker.booked()
        return sorted(who for who, _, _ in rows) if len(rows) >= number else []

    found: list[str] = await until(look, within_s=300)
    return found


def on_the_disk(disk: Disk, folder: Path, *words: str) -> str:
    """What a command of clockd says of a disk that was cut from its machine, without a boot."""
    folder.mkdir()
    subprocess.run(["mount", "-o", "loop", disk.image, folder], check=True)
    try:
        return Chroot(folder).do("clockd", *words, "--config", "/etc/clockd/clockd.toml", "--json")
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


async def enrol(machine: Machine) -> None:
    """Give everybody a badge."""
    for n in range(PEOPLE):
        await machine.ask("badges.add", uid=uid_of(n).hex, username=username_of(n), name=f"Person {n}", by="test")


async def tap_each_reader(machine: Machine, card_port: int) -> list[str]:
    """One tap of another person at each reader; which readers the punches name."""
    await machine.type_badge(uid_of(0), 1)
    await machine.say_badge(uid_of(1))
    await machine.recorded(2)
    async with VirtualCard(uid_of(2), port=card_port):
        punches = await machine.recorded(3)
    assert [punch["username"] for punch in punches] == [username_of(n) for n in range(3)]
    return [punch["reader"] for punch in punches]


async def test_one_boot(disk: Disk, tmp_path: Path, tracker: Simulator) -> None:
    card_port = free_port()
    async with Machine(disk, tmp_path, card_port) as machine:
        status = await machine.well()
        assert [reader["kind"] for reader in status["readers"]] == ["keyboard", "serial", "pcsc"]
        await enrol(machine)
        assert await tap_each_reader(machine, card_port) == ["keyboard", "serial", "pcsc"]
        assert await booked(tracker, 3) == [username_of(n) for n in range(3)]
        exposed = await machine.run("systemd-analyze", "security", "--threshold=13", "--no-pager", "clockd.service")
        assert exposed.code == 0, exposed.out
        assert "clockd" in await machine.do("ps", "-o", "user=", "-C", "python")
        for n in range(PEOPLE):
            acknowledged = await machine.type_badge(uid_of(n), 4 + n)
        machine.cut()
    left = json.loads(on_the_disk(disk, tmp_path / "mounted", "punches"))
    assert {punch["id"] for punch in acknowledged} <= {punch["id"] for punch in left}
    assert on_the_disk(disk, tmp_path / "mounted", "ledger", "verify")
    assert await tracker.violations() == []


async def restarts(machine: Machine) -> int:
    """How often systemd has started the daemon anew in this boot."""
    return int((await machine.do("systemctl", "show", "--property=NRestarts", "--value", "clockd")).strip())


@pytest.mark.soak
async def test_a_long_day(disk: Disk, tmp_path: Path, tracker: Simulator) -> None:
    """A reader pulled out and plugged in, a daemon that hangs, a reboot, and a cut after which all is booked once."""
    card_port = free_port()
    async with Machine(disk, tmp_path, card_port) as machine:
        await machine.well()
        await enrol(machine)
        await tap_each_reader(machine, card_port)

        await machine.unplug_serial()
        await until(lambda: reader_state(machine, "serial", "lost"), within_s=300)
        await machine.type_badge(uid_of(3), 4)
        await machine.plug_serial()
        await machine.well()
        await machine.say_badge(uid_of(4))
        await machine.recorded(5)

        await machine.do("systemctl", "kill", "--signal=STOP", "clockd")
        await until(lambda: restarted(machine), within_s=300)
        await machine.well()
        await machine.type_badge(uid_of(5), 6)

        before = (await machine.do("cat", "/proc/sys/kernel/random/boot_id")).strip()
        await machine.do("systemctl", "--no-block", "reboot")
        assert await machine.booted() != before
        await machine.well()
        assert len(await machine.recorded(6)) == 6
        for n in range(PEOPLE):
            acknowledged = await machine.type_badge(uid_of(n), 7 + n)
        machine.cut()
    async with Machine(disk, tmp_path, card_port) as machine:
        await machine.well()
        left = await machine.recorded(len(acknowledged))
        assert {punch["id"] for punch in acknowledged} <= {punch["id"] for punch in left}

        async def all_booked() -> bool:
            states = {punch["delivery"]["state"] for punch in await machine.ask("punches")}
            return states == {"delivered"}

        await until(all_booked, within_s=600)
        assert await booked(tracker, PEOPLE) == [username_of(n) for n in range(PEOPLE)]
    assert await tracker.violations() == []


async def reader_state(machine: Machine, kind: str, state: str) -> bool:
    """Whether a reader is in a state now."""
    readers = (await machine.ask("status"))["readers"]
    return any(reader["kind"] == kind and reader["state"] == state for reader in readers)


async def restarted(machine: Machine) -> bool:
    """Whether the watchdog has ended a daemon that hangs."""
    return await restarts(machine) > 0
