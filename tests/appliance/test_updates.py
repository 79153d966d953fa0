"""An update that is no good goes back by itself, whatever is cut meanwhile; punches stay, and are booked once."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.appliance import building
from tests.appliance.chroot import Chroot
from tests.appliance.container import Container
from tests.appliance.offering import SOURCE, Source, made_of
from tests.appliance.test_dpkg import version_of
from tests.appliance.test_machine import free_port
from tests.e2e.looking import until
from tests.e2e.people import uid_of, username_of
from tests.e2e.processes import Simulator, toml

pytestmark = pytest.mark.appliance

PEOPLE = 3
PATIENT_S = 45
"""How long a new version has there to become healthy."""
AT_REST = ("none", "done", "failed", "taken back", "not begun")

BROKEN = {
    "does not start": {"daemon/running.py": '\nraise RuntimeError("broken on purpose")\n'},
    "starts and cannot record": {
        "store/ledger.py": '\n\ndef add_punch(*_: object) -> int:\n    raise OSError(30, "broken on purpose")\n'
    },
    "is killed": {
        "daemon/running.py": """

import os, threading  # as the kernel does with a process that takes too much memory

def let_taps_through() -> None:
    threading.Timer(6, os.kill, (os.getpid(), 9)).start()
"""
    },
}
"""Ways to be broken, each as text at the end of a file."""


@dataclass
class Door:
    """A terminal with an apt source, and a tracker."""

    container: Container
    source: Source
    tracker: Simulator
    package: Path
    seen: dict[str, Any] = field(default_factory=dict)
    """Every punch that the daemon ever showed, by its id."""

    def installed(self) -> str:
        """The version that dpkg has."""
        return self.container.root.run("dpkg-query", "-W", "-f", "${Version}", "clockd").stdout

    def record(self) -> Any:
        """What the updater has written down."""
        file = self.container.root.file("/var/lib/clockd-update/state")
        return json.loads(file.read_text()) if file.exists() else {"stage": "none"}

    async def update(self, wish: str = "now") -> None:
        """Ask for an update, as `clockd update` does."""
        assert await self.container.ask("update", wish=wish) is not None, self.container.journal()

    async def reached(self, *stages: str, tapping: bool = False) -> Any:
        """Wait until the update is at a stage; the record. Somebody may be at the door all the time."""
        await asyncio.sleep(0)

        async def look() -> Any:
            if tapping:
                await self.tap()
            record = self.record()
            return record if record["stage"] in stages else None

        try:
            return await until(look, within_s=420)
        except AssertionError as error:
            raise AssertionError(f"{self.record()}\n{self.container.journal()}") from error

    async def tap(self) -> None:
        """Somebody taps; what the daemon shows afterwards is remembered."""
        await self.container.tap(uid_of(len(self.seen) % PEOPLE))
        await self.look()

    async def look(self) -> None:
        """Remember the punches that are there."""
        for punch in await self.container.ask("punches") or []:
            self.seen[punch["id"]] = punch

    async def kept(self) -> None:
        """Wait until all that was ever shown is booked, and nothing twice."""
        await self.container.well()
        await self.tap()

        async def all_booked() -> bool:
            punches = {punch["id"]: punch for punch in await self.container.ask("punches")}
            assert self.seen.keys() <= punches.keys()
            return {punch["delivery"]["state"] for punch in punches.values()} == {"delivered"}

        await until(all_booked, within_s=180)
        assert await self.tracker.violations() == []


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Simulator]:
    """TimeTrack, on the host."""
    simulator = Simulator(tmp_path, [username_of(n) for n in range(PEOPLE)])
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
async def door(tmp_path: Path, package: Path, tracker: Simulator) -> AsyncIterator[Door]:
    """A terminal that works, with badges, and its own version in the source."""
    root = Chroot(building.unpack(building.root_archive("trixie", building.MACHINE), tmp_path / "root"))
    port = free_port()
    root.install(package)
    files = {
        "/etc/clockd/clockd.toml": toml(
            {
                "terminal": {"name": "door", "time_zone": "Europe/Vienna"},
                "clock": {"trust": "always"},
                "rules": {"repeat_s": 0},
                "tracker": {"kind": "timetrack", "url": tracker.url, "requests_per_minute": 600},
                "reader": [{"kind": "pcsc", "name": "Virtual PCD"}],
                "panel": {"oled": "none"},
            }
        ),
        "/etc/clockd/credentials/timetrack-api-key": "sim-key\n",
        "/etc/clockd/credentials/timetrack-api-secret": "sim-secret\n",
        "/etc/apt/sources.list.d/clockd.sources": SOURCE,
        "/etc/reader.conf.d/vpcd": root.file("/etc/reader.conf.d/vpcd").read_text().replace("0x8C7B", f"{port:#06x}"),
        "/etc/systemd/system/clockd-update.service.d/hurry.conf": (
            f"[Service]\nEnvironment=CLOCKD_UPDATE_PATIENCE_S={PATIENT_S}\n"
        ),
    }
    for path, text in files.items():
        root.file(path).parent.mkdir(parents=True, exist_ok=True)
        root.file(path).write_text(text)
    # The host has a network of its own making, and perhaps a page on that port.
    root.do("systemctl", "disable", "clockd-web.socket", "systemd-networkd", "systemd-resolved", "apt-daily.timer")
    source = Source(root.file("/srv/clockd"), tmp_path / "gnupg")
    source.add(package)
    shutil.copy(source.folder / "clockd-archive-keyring.gpg", root.file("/usr/share/keyrings"))
    container = Container(root, port)
    await container.boot()
    try:
        await container.well()
        for n in range(PEOPLE):
            await container.ask("badges.add", uid=uid_of(n).hex, username=username_of(n), name="", by="test")
        yield Door(container, source, tracker, package)
    finally:
        container.cut()
        shutil.rmtree(root.path)


async def test_what_is_broken_goes_back_by_itself_and_what_is_good_stays(door: Door, tmp_path: Path) -> None:
    before = version_of(door.package)
    await door.tap()
    for number, (how, more) in enumerate(BROKEN.items(), 1):
        door.source.add(made_of(door.package, f"0.2.{number}", tmp_path, more))
        await door.update()
        record = await door.reached("failed", tapping=True)
        assert record["version"].startswith(f"0.2.{number}-"), how
        assert door.installed() == before, how
        await door.kept()
        assert (await door.container.ask("status"))["update"]["state"] == "failed"
    refused = door.record()["failed"]
    assert len(refused) == len(BROKEN)

    new = made_of(door.package, "0.3.0", tmp_path)
    door.source.add(new)
    await door.update()
    await door.reached("done", tapping=True)
    assert door.installed() == version_of(new)
    assert not door.container.root.file("/var/lib/clockd-update/updater").exists()
    await door.kept()
    await door.update("back")
    await door.reached("taken back", tapping=True)
    assert door.installed() == before
    await door.kept()
