"""`clockd backup` and `clockd restore`: of a daemon that works, of a store that nobody runs, and on a new card."""

import asyncio
import json
import os
import stat
import zipfile
from datetime import date, timedelta
from pathlib import Path

import click
import pytest

from clockd import config, daemon
from clockd.core.chain import signed_text
from clockd.store.signing import Signature, is_signed
from tests.cli.test_looking import configured, everything
from tests.e2e.conftest import Command
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig, bench

PASSPHRASE = "correct horse battery staple"
ADD = ("badges", "add", "--uid", "04A2B3C4D5E6F7", "--username", "ada", "--name", "Ada")


def contents(file: Path) -> dict[str, bytes]:
    """The parts of a backup."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def answers(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """Somebody types this at every prompt."""
    monkeypatch.setattr(click.termui, "visible_prompt_func", lambda _: words)
    monkeypatch.setattr(click.termui, "hidden_prompt_func", lambda _: words)


async def door(folder: Path, command: Command) -> Path:
    """The configuration of a door that knows one badge."""
    folder.mkdir(exist_ok=True)
    file = configured(folder)
    assert (await command(*ADD, "--config", file)).code == 0
    return file


async def test_a_backup_of_a_store_changes_nothing_of_it(command: Command, tmp_path: Path) -> None:
    file = await door(tmp_path / "door", command)
    before = everything(tmp_path / "door" / "state")
    said = await command("backup", tmp_path / "b", "--config", file, "--json")
    assert said.code == 0, said.err
    assert everything(tmp_path / "door" / "state") == before
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "door"]
    parts = contents(tmp_path / "b")
    assert set(parts) == {"clockd.db", "clockd.toml", "manifest.json"}
    assert parts["clockd.toml"] == file.read_bytes()
    manifest = json.loads(parts["manifest.json"])
    assert manifest == said.json
    assert manifest["head"] is None, "who only looks signs nothing"
    assert (manifest["format"], manifest["pepper"], manifest["terminal"]) == (1, "left out", "clockd")
    assert {part["name"]: part["bytes"] for part in manifest["parts"]} == {
        name: len(parts[name]) for name in ("clockd.db", "clockd.toml")
    }


async def test_no_badge_and_no_secret_is_in_it(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await door(tmp_path / "door", command)
    pepper = (tmp_path / "door" / "state" / "badge-pepper").read_bytes()
    answers(monkeypatch, PASSPHRASE)
    said = await command("backup", tmp_path / "b", "--config", file, "--with-pepper")
    assert said.code == 0, said.err
    inside = b"".join(contents(tmp_path / "b").values())
    for secret in (pepper, bytes.fromhex("04A2B3C4D5E6F7"), b"04A2B3C4D5E6F7", PASSPHRASE.encode()):
        assert secret not in inside
    assert PASSPHRASE not in said.out + said.err
    answers(monkeypatch, "short")
    said = await command("backup", tmp_path / "c", "--config", file, "--with-pepper")
    assert (said.code, (tmp_path / "c").exists()) == (1, False)
    assert "at least 12 characters" in said.err


async def test_a_new_card_takes_up_work_where_the_backup_ends(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await door(tmp_path / "door", command)
    answers(monkeypatch, PASSPHRASE)
    await command("backup", tmp_path / "b", "--config", file, "--with-pepper")
    pepper = (tmp_path / "door" / "state" / "badge-pepper").read_bytes()
    (tmp_path / "door").rename(tmp_path / "dead")
    (tmp_path / "door").mkdir()
    assert (await command("restore", tmp_path / "b", "--check")).code == 0
    answers(monkeypatch, "something else")
    said = await command("restore", tmp_path / "b", "--config", file)
    assert (said.code, "not the passphrase" in said.err) == (1, True)
    assert not (tmp_path / "door" / "state" / "clockd.db").exists()
    answers(monkeypatch, PASSPHRASE)
    said = await command("restore", tmp_path / "b", "--config", file)
    assert said.code == 0, said.err
    state = tmp_path / "door" / "state"
    assert (state / "badge-pepper").read_bytes() == pepper
    assert stat.S_IMODE((state / "badge-pepper").stat().st_mode) == 0o600
    assert file.read_bytes() == (tmp_path / "dead" / "clockd.toml").read_bytes()
    assert sorted(path.name for path in state.iterdir()) == ["badge-pepper", "clockd.db", "clockd.lock"]
    assert "Ada" in (await command("badges", "list", "--config", file)).out
    async with daemon.open_core(config.load(file), config.Secrets(None, {})):
        pass  # the pepper is theirs, and the store says once that it was restored
    assert (await command("ledger", "verify", "--config", file)).code == 0


async def test_without_the_pepper_it_says_what_is_missing(command: Command, tmp_path: Path) -> None:
    file = await door(tmp_path / "door", command)
    said = await command("backup", tmp_path / "b", "--config", file)
    assert "--with-pepper" in said.out
    (tmp_path / "door" / "state").rename(tmp_path / "dead")
    said = await command("restore", tmp_path / "b", "--config", file)
    assert said.code == 0, said.err
    assert "every badge is a stranger" in said.err
    exported = await command("badges", "export", "-", "--config", file)
    assert "ada" in exported.out
    assert (await command("punches", "export", "--format", "csv", "-", "--config", file)).code == 0


async def test_what_is_there_is_put_aside_or_stays(command: Command, tmp_path: Path) -> None:
    file = await door(tmp_path / "door", command)
    state = tmp_path / "door" / "state"
    await command("backup", tmp_path / "b", "--config", file)
    said = await command("restore", tmp_path / "b", "--config", file)
    assert said.code == 0, said.err
    assert (state / "clockd.db.replaced-1").exists()
    async with daemon.open_core(config.load(file), config.Secrets(None, {})):
        said = await command("restore", tmp_path / "b", "--config", file)
        assert (said.code, "in use by another clockd" in said.err) == (2, True)
    # the restored store wrote into its ledger that it is one
    said = await command("restore", tmp_path / "b", "--config", file)
    assert (said.code, "not in this backup" in said.err) == (1, True)
    assert not (state / "clockd.db.replaced-2").exists()
    said = await command("restore", tmp_path / "b", "--config", file, "--older")
    assert said.code == 0, said.err
    assert (state / "clockd.db.replaced-2").exists()
    assert not list(state.glob("*.restoring*"))


@pytest.mark.parametrize("what", ["text", "cut", "bit", "ledger", "foreign"])
async def test_a_damaged_backup_is_refused(command: Command, tmp_path: Path, what: str) -> None:
    file = await door(tmp_path / "door", command)
    await command("backup", tmp_path / "b", "--config", file)
    data = bytearray((tmp_path / "b").read_bytes())
    match what:
        case "text":
            data = bytearray(b"no backup\n" * 100)
        case "cut":
            data = data[: len(data) // 2]
        case "bit":
            data[len(data) // 3] ^= 4
        case "foreign":
            with zipfile.ZipFile(tmp_path / "b", "w") as other:
                other.writestr("photo.txt", "x")
            data = bytearray((tmp_path / "b").read_bytes())
        case _:
            parts = contents(tmp_path / "b")
            with zipfile.ZipFile(tmp_path / "b", "w") as other:
                for name, part in parts.items():
                    other.writestr(name, part.replace(b"Ada", b"Eve") if name == "clockd.db" else part)
            data = bytearray((tmp_path / "b").read_bytes())
    (tmp_path / "b").write_bytes(data)
    before = everything(tmp_path / "door" / "state")
    for words in (("restore", tmp_path / "b", "--config", file), ("restore", tmp_path / "b", "--check")):
        said = await command(*words)
        assert said.code == 1
        assert str(tmp_path / "b") in said.err or "this backup" in said.err
    assert everything(tmp_path / "door" / "state")[1:] == before[1:]  # what came and went stands in its times alone


async def test_one_a_day_is_kept(command: Command, tmp_path: Path) -> None:
    file = await door(tmp_path / "door", command)
    place = tmp_path / "mounted"
    words = ("backup", "--to", place, "--daily", "--keep", "3", "--config", file)
    said = await command(*words)
    assert (said.code, "is it mounted?" in said.err) == (1, True)
    place.mkdir()
    today = date.today()  # noqa: DTZ011 - as the command
    old = [place / f"clockd-clockd-{today - timedelta(days=n)}.backup" for n in range(1, 6)]
    for path in [*old, place / "clockd-other-2020-01-01.backup", place / "photo.jpg"]:
        path.touch()
    for _ in range(2):
        assert (await command(*words)).code == 0
    assert {path.name for path in place.iterdir()} == {
        f"clockd-clockd-{today}.backup",
        *(path.name for path in old[:2]),
        "clockd-other-2020-01-01.backup",
        "photo.jpg",
    }
    for wrong in (("backup",), ("backup", tmp_path / "b", "--daily"), ("backup", "--to", place)):
        assert (await command(*wrong, "--config", file)).code == 2


async def test_of_a_daemon_that_works(command: Command, tmp_path: Path) -> None:
    async with bench(tmp_path, readers=["desk"]) as rig:
        assert (await rig.daemon.status())["backup"]["last_at"] is None
        said = await command("status", "--socket", rig.daemon.socket)
        assert "clockd backup --to DIR --daily" in said.out
        tapping = asyncio.create_task(taps(rig))
        for n in range(3):
            said = await command("backup", tmp_path / "b", "--config", rig.daemon.config)
            assert said.code == 0, said.err
            assert (await command("restore", tmp_path / "b", "--check")).code == 0, n
        await tapping
        manifest = json.loads(contents(tmp_path / "b")["manifest.json"])
        head = dict(manifest["head"])
        assert head["rows"] <= manifest["ledger"]["rows"]
        assert is_signed(Signature(head.pop("key"), head.pop("signature")), signed_text(head))
        backup = (await rig.daemon.status())["backup"]
        assert backup["place"] == str(tmp_path / "b")
        assert backup["off_device"] is False
        assert backup["last_at"] is not None
        said = await command("status", "--socket", rig.daemon.socket)
        assert "on the same disk as the database" in said.out
        said = await command("restore", tmp_path / "b", "--config", rig.daemon.config)
        assert (said.code, "in use" in said.err) == (2, True)
        assert not [path for path in os.listdir(tmp_path) if path.startswith(".clockd-backup")]


async def taps(rig: Rig) -> None:
    """People come while the backup is made."""
    for n in range(3):
        rig.desk.terminal.tap(uid_of(n).hex)
        await rig.daemon.recorded(n + 1)
