"""An update that is no good goes back by itself, whatever is cut meanwhile; punches stay, and are booked once."""

import json
import shutil
from collections.abc import AsyncIterator
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

pytestmark = [pytest.mark.appliance, pytest.mark.soak]

PEOPLE = 3
PATIENT_S = 45
"""How long a new version has there to become healthy."""

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

    async def reached(self, stage: str, package: Path | None = None, *, tapping: bool = False) -> Any:
        """Wait until an update is at a stage, to a package; the record. Somebody may be at the door all the time."""

        async def look() -> Any:
            if tapping:
                await self.tap()
            record = self.record()
            wanted = package is None or record["version"] == version_of(package)
            return record if record["stage"] == stage and wanted else None

        try:
            return await until(look, within_s=420)
        except AssertionError as error:
            raise AssertionError(f"{self.record()}\n{self.container.journal()}") from error

    def forget(self) -> None:
        """Let the record be as if there never was an update."""
        self.container.root.file("/var/lib/clockd-update/state").unlink()

    async def unpacking(self, version: str) -> None:
        """Wait until dpkg has begun to write the files of a version, and has not ended."""
        home = self.container.root.file("/usr/lib/clockd") / version / "lib"
        await until(home.exists, within_s=300)
        assert self.container.run("pgrep", "--exact", "dpkg").returncode == 0, "it was not cut in the middle"

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
    try:
        await container.boot()
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
        broken = made_of(door.package, f"0.2.{number}", tmp_path, more)
        door.source.add(broken)
        await door.update()
        await door.reached("failed", broken, tapping=True)
        assert door.installed() == before, how
        await door.kept()
        assert (await door.container.ask("status"))["update"]["state"] == "failed"
    refused = door.record()["failed"]
    assert len(refused) == len(BROKEN)

    new = made_of(door.package, "0.3.0", tmp_path)
    door.source.add(new)
    await door.update()
    await door.reached("done", new, tapping=True)
    assert door.installed() == version_of(new)
    assert not door.container.root.file("/var/lib/clockd-update/updater").exists()
    await door.kept()
    await door.update("back")
    await door.reached("taken back", tapping=True)
    assert door.installed() == before
    await door.kept()


async def test_what_the_source_did_not_sign_what_is_cut_and_what_is_older_is_refused(
    door: Door, tmp_path: Path
) -> None:
    before = version_of(door.package)
    newer, older = (made_of(door.package, version, tmp_path) for version in ("0.3.0", "0.0.1"))

    async def refused() -> str:
        await door.update()
        record = await door.reached("not begun")
        assert door.installed() == before
        door.forget()
        return str(record["detail"])

    door.source.add(older)
    assert "no newer version" in await refused()

    door.source.add(newer)
    offered = door.source.folder / "pool/trixie" / newer.name
    whole = offered.read_bytes()
    offered.write_bytes(whole[:-1000])
    assert "apt-get" in await refused()
    offered.write_bytes(whole[:-1000] + bytes(1000))
    assert "apt-get" in await refused()
    offered.write_bytes(whole)

    lists = door.source.folder / "dists/trixie"
    signed = (lists / "InRelease").read_text()
    (lists / "InRelease").write_text(signed.replace("Label: clockd", "Label: others"))
    assert "apt-get" in await refused()
    (lists / "InRelease").unlink()
    (lists / "Release").write_text(signed.split("\n\n", 1)[1].split("-----BEGIN PGP")[0])
    assert "apt-get" in await refused()
    (lists / "InRelease").write_text(signed)
    Source(tmp_path / "others", tmp_path / "their-gnupg").add(newer)
    shutil.copy(tmp_path / "others/dists/trixie/InRelease", lists / "InRelease")
    assert "apt-get" in await refused()

    (lists / "InRelease").write_text(signed)
    await door.update()
    await door.reached("done")
    assert door.installed() == version_of(newer)
    await door.kept()


async def test_a_cut_anywhere_in_it_leaves_one_that_works(door: Door, tmp_path: Path) -> None:
    before = version_of(door.package)
    await door.tap()
    broken = made_of(door.package, "0.2.0", tmp_path, BROKEN["starts and cannot record"])
    door.source.add(broken)

    async def cut_and_boot() -> None:
        await door.look()
        door.container.cut()
        await door.container.boot()

    await door.update()
    await door.unpacking(version_of(broken))
    await cut_and_boot()
    await door.reached("trying")
    await cut_and_boot()
    await door.reached("returning")
    await door.unpacking(before)
    await cut_and_boot()
    await door.reached("failed", tapping=True)
    assert door.installed() == before
    await door.kept()
