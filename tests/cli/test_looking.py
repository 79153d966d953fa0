"""A look without a daemon changes nothing, whoever looks; what root changes stays the service's."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from clockd import config, daemon
from tests.e2e.conftest import Command
from tests.e2e.processes import toml

LOOKS: Sequence[Sequence[str]] = (
    ("punches",),
    ("punches", "--json"),
    ("punches", "export", "--format", "csv", "-"),
    ("punches", "export", "--format", "csv", "--from", "2026-01-01", "-"),
    ("hours",),
    ("hours", "--month", "--json"),
    ("badges", "list"),
    ("badges", "export", "-"),
    ("ledger", "verify"),
)
ADD = ("badges", "add", "--uid", "04A2B3C4D5E6F7", "--username", "ada")
NOBODY = 65534


def configured(folder: Path) -> Path:
    """A configuration of a terminal that no daemon runs."""
    file = folder / "clockd.toml"
    terminal = {
        "time_zone": "Europe/Vienna",
        "state_dir": str(folder / "state"),
        "control_socket": str(folder / "control.sock"),
    }
    file.write_text(toml({"terminal": terminal, "clock": {"trust": "always"}, "tracker": {"kind": "none"}}))
    return file


def everything(folder: Path) -> list[tuple[str, int, int, int, bytes]]:
    """Every file of a folder, and the folder itself: name, owner, mode, time of the last change, content."""
    found = [(path, path.stat()) for path in [folder, *sorted(folder.rglob("*"))]]
    return [
        (path.name, stat.st_uid, stat.st_mode, stat.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path, stat in found
    ]


def live_and_die(file: Path) -> None:
    """Leave what a terminal leaves that was killed: its last badge stands in the write-ahead log alone."""
    work = f"""
import asyncio, os
from pathlib import Path
from clockd import config, daemon
from clockd.flow.badge_desk import Enrolment
async def main():
    async with daemon.open_core(config.load(Path({str(file)!r})), config.Secrets(None, {{}})) as core:
        await daemon.open_office(core).badges.give(Enrolment("04A2B3C4D5E6F7", "ada", "Ada"), "me")
        os._exit(0)
asyncio.run(main())
"""
    subprocess.run([sys.executable, "-c", work], check=True)


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
async def test_a_look_changes_nothing(command: Command, tmp_path: Path, words: Sequence[str]) -> None:
    file = configured(tmp_path)
    live_and_die(file)
    (tmp_path / "state" / "badge-pepper").unlink()  # it may be a credential of the service's alone
    before = everything(tmp_path / "state")
    assert any(name.endswith("-wal") and content for name, *_, content in before)
    said = await command(*words, "--config", file)
    assert said.code == 0, said.err
    assert ("ada" in said.out) == (words[0] == "badges"), said.out
    assert everything(tmp_path / "state") == before


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
@pytest.mark.parametrize("what", ["text", "zeros", "empty", "gone", "another program's"])
async def test_a_look_at_a_damaged_database_says_so_and_puts_nothing_aside(
    command: Command, tmp_path: Path, words: Sequence[str], what: str
) -> None:
    file = configured(tmp_path)
    async with daemon.open_core(config.load(file), config.Secrets(None, {})):
        pass
    database = tmp_path / "state" / "clockd.db"
    data = database.read_bytes()
    database.unlink()
    match what:
        case "text":
            database.write_text("no database\n" * 1000)
        case "zeros":
            database.write_bytes(data[:4096] + bytes(len(data) - 4096))
        case "empty":
            database.touch()
        case "another program's":
            with closing(sqlite3.connect(database)) as other:
                other.execute("CREATE TABLE songs (title)")
        case _:
            pass
    before = everything(tmp_path / "state")
    said = await command(*words, "--config", file)
    assert said.code == 1
    assert str(database) in said.err, said.err
    assert "Traceback" not in said.err
    assert everything(tmp_path / "state") == before
    changed = await command(*ADD, "--config", file)
    assert changed.code == 1, "a command that changes something refuses it as well"
    assert str(database) in changed.err
    assert not list(database.parent.glob("*.damaged-*"))


async def test_a_look_where_nothing_is_makes_nothing(command: Command, tmp_path: Path) -> None:
    file = configured(tmp_path)
    said = await command("punches", "--config", file)
    assert (said.code, said.out) == (1, "")
    assert str(tmp_path / "state" / "clockd.db") in said.err
    assert not (tmp_path / "state").exists()


async def test_what_root_changes_stays_the_services(command: Command, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    file = configured(tmp_path)
    (tmp_path / "state").mkdir()
    os.chown(tmp_path / "state", NOBODY, NOBODY)
    said = await command(*ADD, "--config", file)
    assert said.code == 0, said.err
    found = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in (tmp_path / "state").iterdir()}
    assert {"clockd.db", "clockd.lock", "badge-pepper"} <= set(found)
    assert set(found.values()) == {(NOBODY, NOBODY)}, found
