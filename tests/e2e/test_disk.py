"""The disk fails under a tap: the person is told so, nothing is claimed, and the next tap is kept."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Command
from tests.e2e.looking import until
from tests.e2e.people import uid_of, username_of
from tests.e2e.processes import mounted
from tests.e2e.rig import DESK, bench

RED, GREEN = (False, True), (True, False)


def require(why_not: str) -> None:
    """Skip with a reason; fail where CI runs."""
    if why_not:
        if os.environ.get("CI") == "true":
            pytest.fail(why_not)
        pytest.skip(why_not)


def _root() -> str:
    return "" if os.geteuid() == 0 else "mounting a file system needs root"


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Leave no byte free on a file system."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            for size in (65536, 4096, 1):
                while True:
                    try:
                        file.write(bytes(size))
                    except OSError:
                        break
            yield
        finally:
            filler.unlink()


async def test_disk_full(tmp_path: Path, command: Command) -> None:
    require(_root())
    tmp_path.joinpath("state").mkdir()
    with mounted(tmp_path / "state", "-t", "tmpfs", "-o", "size=800k", "small"):
        async with bench(tmp_path, readers=[DESK], rules={"repeat_s": 10}, panel=True) as rig:
            rig.desk.terminal.tap(uid_of(0).hex)
            await rig.desk.says("Person 0: in", "Saved")
            await rig.daemon.settled(1)
            with filled(rig.daemon.state):
                rig.desk.shone()
                rig.desk.terminal.tap(uid_of(1).hex)
                await rig.desk.says("Not recorded: disk full")
                assert GREEN not in rig.desk.shone()
                status = await rig.daemon.status()
                assert status["punches"]["total"] == 1
                assert status["disk"]["fault"] == "disk full"
                said = await command("status", "--socket", rig.daemon.socket)
                assert "disk full" in said.out
                assert said.code == 1
                assert [punch["username"] for punch in await rig.daemon.punches()] == [username_of(0)]

            async def well() -> bool:
                return (await rig.daemon.status())["disk"]["fault"] is None

            await until(well)  # by itself, and not with the next tap
            rig.desk.terminal.tap(uid_of(1).hex)
            await rig.desk.says("Person 1: in", "Saved")
            punches = await rig.daemon.settled(2)
            assert punches[1]["username"] == username_of(1)
            assert (await rig.daemon.status())["disk"]["fault"] is None
            assert not any("Person 1" in text for text in rig.desk.texts[: _first(rig.desk.texts, "Not recorded")])
            assert (await rig.daemon.ask("ledger.verify"))["ok"]
            assert rig.daemon.stop() == 0


async def test_a_start_on_a_full_disk_is_no_dark_door(tmp_path: Path) -> None:
    require(_root())
    tmp_path.joinpath("state").mkdir()
    with mounted(tmp_path / "state", "-t", "tmpfs", "-o", "size=800k", "small"):
        async with bench(tmp_path, readers=[DESK], rules={"repeat_s": 0}, panel=True) as rig:
            rig.desk.terminal.tap(uid_of(0).hex)
            await rig.desk.says("Person 0: in", "Saved")
            rig.daemon.kill()
            with filled(rig.daemon.state):
                rig.daemon.launch()
                await rig.desk.says("Not recorded: disk full")
                assert rig.daemon.ended() is None
            await rig.desk.says("Ready")
            rig.desk.terminal.tap(uid_of(1).hex)
            await rig.desk.says("Person 1: in", "Saved")
            assert len(await rig.daemon.punches()) == 2


def _first(texts: list[str], part: str) -> int:
    return next(n for n, text in enumerate(texts) if part in text)


def _image(path: Path) -> str:
    """Make an ext4 in a file; say why not, if it cannot be mounted here."""
    if _root():
        return _root()
    path.write_bytes(b"")
    os.truncate(path, 8 << 20)
    done = subprocess.run(["mkfs.ext4", "-q", "-F", path], check=False, capture_output=True, text=True)
    if done.returncode:
        return f"no ext4 here: {done.stderr.strip()}"
    if subprocess.run(["losetup", "--find"], check=False, capture_output=True).returncode:
        return "no loop devices here"
    return ""


def turn_read_only(folder: Path) -> None:
    """Let ext4 do what it does when a write to the card fails."""
    subprocess.run(["mount", "-o", "remount,abort", folder], check=True)


def repaired(image: Path) -> Path:
    """What a Pi does at its next start. A copy: somebody else's mount namespace may hold the broken one still."""
    copy = image.with_suffix(".repaired")
    shutil.copyfile(image, copy)
    subprocess.run(["e2fsck", "-p", "-f", copy], check=False, capture_output=True)
    return copy


async def test_a_disk_that_turns_read_only(tmp_path: Path) -> None:
    """As ext4 does after an error of the card; it comes back repaired, with the next start."""
    image, state = tmp_path / "card.img", tmp_path / "state"
    require(_image(image))
    state.mkdir()
    options: dict[str, Any] = {"readers": [DESK], "panel": True}
    async with bench(tmp_path, start=False, **options) as rig:
        rig.simulator.start()
        with mounted(state, "-o", "loop", str(image)):
            await rig.daemon.start()
            await rig.daemon.enrol(3)
            rig.desk.terminal.tap(uid_of(0).hex)
            await rig.daemon.settled(1)
            turn_read_only(state)
            rig.desk.terminal.tap(uid_of(1).hex)
            await rig.desk.says("Not recorded: disk is read-only")
            status = await rig.daemon.status()
            assert status["disk"]["fault"] == "disk is read-only"
            assert rig.daemon.stop() == 0
        with mounted(state, "-o", "loop", str(repaired(image))):
            await rig.daemon.start()
            assert [punch["username"] for punch in await rig.daemon.punches()] == [username_of(0)]
            rig.desk.terminal.tap(uid_of(1).hex)
            await rig.desk.says("Person 1: in", "Saved")
            await rig.daemon.settled(2)
            assert (await rig.daemon.ask("ledger.verify"))["ok"]
            assert rig.daemon.stop() == 0


async def test_what_is_damaged_is_told_by_the_status(tmp_path: Path, command: Command) -> None:
    async with bench(tmp_path) as rig:
        assert rig.daemon.stop() == 0
        with closing(sqlite3.connect(rig.daemon.state / "clockd.db", isolation_level=None)) as db:
            db.execute("UPDATE badge SET name = CAST(X'61ff' AS TEXT) WHERE username = ?", [username_of(0)])
        (rig.daemon.state / "clockd.db-wal").write_bytes(os.urandom(5000))
        await rig.daemon.start()
        rig.serial.tap(uid_of(0))
        (punch,) = await rig.daemon.settled(1)
        assert punch["username"] == username_of(0), "a damaged name stops nobody"
        disk = (await rig.daemon.status())["disk"]
        assert disk["damaged"] == ["clockd.db.damaged-1-wal"]
        assert [row.partition(":")[2] for row in disk["unreadable"]] == [" its name is no text"]
        said = await command("status", "--socket", rig.daemon.socket)
        assert "clockd.db.damaged-1-wal" in said.out
        assert "its name is no text" in said.out
        (rig.daemon.state / "clockd.db.damaged-1-wal").unlink()
