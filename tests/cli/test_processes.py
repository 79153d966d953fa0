"""Commands among other processes: pipes, a closed or full output, two daemons, no daemon."""

import asyncio
import fcntl
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Command
from tests.e2e.looking import next_second, until
from tests.e2e.people import uid_of
from tests.e2e.processes import CLOCKD, Daemon, Said, clockd, environ
from tests.e2e.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 2, "readers": ["desk"]}
CLOCKD_WORDS = " ".join(CLOCKD)


async def shell(script: str, rig: Rig) -> Said:
    """Run a line of bash in which `$C` is clockd, and $CLOCKD_SOCKET leads to the bench."""
    env = environ(C=CLOCKD_WORDS, CLOCKD_SOCKET=str(rig.daemon.socket))
    done = await asyncio.to_thread(
        subprocess.run, ["bash", "-c", script], capture_output=True, text=True, env=env, timeout=60
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many badges that their list is more than a pipe holds."""
    file = tmp_path_factory.mktemp("crowd") / "badges.csv"
    lines = "".join(f"04{n:012X},user{n:05},Somebody with a rather long name\n" for n in range(3000))
    file.write_text("uid,username,name\n" + lines)
    return file


async def test_a_reader_who_has_enough_is_no_error(rig: Rig, crowd: Path) -> None:
    assert (await shell(f"$C badges import {crowd}", rig)).out == "3000 badges imported\n"
    whole = await shell("$C badges list | wc -c", rig)
    assert int(whole.out) > 100_000
    for command in ("badges list", "badges list --json", "badges export -"):
        said = await shell(f"set -o pipefail; $C {command} | head -1", rig)
        assert (said.code, len(said.out.splitlines()), said.err) == (0, 1, ""), said


@pytest.mark.parametrize("command", ["status", "status --json", "punches", "sync --wait"])
async def test_a_closed_or_full_output(rig: Rig, command: str) -> None:
    closed = await shell(f"$C {command} >&-", rig)
    assert closed.code == 0
    assert "Traceback" not in closed.err
    full = await shell(f"$C {command} >/dev/full", rig)
    assert full.code == 1
    assert "No space left on device" in full.err
    assert "Traceback" not in full.err
    assert "Exception ignored" not in full.err


async def test_an_export_that_goes_nowhere(rig: Rig) -> None:
    for where, why in ((">&-", "standard output is closed"), (">/dev/full", "No space left on device")):
        for command in ("badges export -", "punches export --format csv -"):
            said = await shell(f"$C {command} {where}", rig)
            assert (said.code, why in said.err, said.err.count("\n") <= 2) == (1, True, True), said


async def test_a_script_reads_the_error(rig: Rig) -> None:
    said = await shell("$C status --json --socket /nowhere", rig)
    assert (said.code, said.json["error"]["exit_code"]) == (3, 3)
    assert "no daemon answers on /nowhere" in said.json["error"]["message"]
    assert "--socket" in said.json["error"]["hint"]
    assert "no daemon answers" in said.err


async def test_one_document_and_nothing_else(rig: Rig) -> None:
    for command in ("status", "punches", "sync --wait", "sync", "badges list", "ledger verify"):
        said = await shell(f"$C {command} --json", rig)
        assert (said.code, said.err) == (0, ""), said
        assert said.json is not None


# --- two daemons ------------------------------------------------------------------------------------------------


def _second(rig: Rig, folder: Path, **terminal: str) -> Daemon:
    sections = {**rig.daemon.sections, "terminal": {**rig.daemon.sections["terminal"], **terminal}, "reader": []}
    return Daemon(folder, sections)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("control_socket", "is in use by another clockd"),
        ("state_dir", "terminal.control_socket: another clockd answers on"),
    ],
)
async def test_a_second_daemon_is_refused(rig: Rig, tmp_path: Path, what: str, why: str) -> None:
    """One has another socket and the same state, the other the same socket and another state."""
    second = _second(rig, tmp_path, **{what: str(tmp_path / "other")})
    second.launch()
    assert await until(lambda: second.ended()) == 2
    text = second.log.read_text()
    assert why in text
    assert "stop it" in text
    assert "Traceback" not in text
    assert (await rig.daemon.status())["terminal"] == "front-door"  # the first goes on


async def test_a_socket_that_cannot_be(rig: Rig, tmp_path: Path) -> None:
    for place, why in (("missing/control.sock", "No such file"), ("x" * 120, "too long")):
        folder = tmp_path / place[:5]
        folder.mkdir()
        second = _second(rig, folder, state_dir=str(folder / "state"), control_socket=str(folder / place))
        second.launch()
        assert await until(lambda s=second: s.ended()) == 2  # type: ignore[misc]
        assert "terminal.control_socket: cannot listen on" in second.log.read_text()
        assert why in second.log.read_text()


# --- a daemon that does not answer ------------------------------------------------------------------------------


async def test_the_store_is_used_while_no_daemon_runs(rig: Rig, command: Command, tmp_path: Path) -> None:
    """The same words with `--config`, with a daemon and without; and never beside one that holds the store."""
    config = rig.daemon.config
    await next_second()
    rig.desk.terminal.tap(uid_of(0).hex)
    (punch,) = await rig.daemon.settled(1)
    assert rig.daemon.stop() == 0
    assert (await command("status", "--socket", rig.daemon.socket)).code == 3
    assert [p["id"] for p in (await command("punches", "--config", config, "--json")).json] == [punch["id"]]
    added = await command("badges", "add", "--config", config, "--uid", uid_of(90).hex, "-u", "user000")
    assert (added.code, added.err) == (0, "")
    assert (await command("punches", "--config", config, "void", punch["id"], "--why", "no daemon")).code == 0
    assert (await command("ledger", "verify", "--config", config)).code == 0

    lock = os.open(rig.daemon.state / "clockd.lock", os.O_RDWR)  # a daemon that starts, and does not listen yet
    fcntl.flock(lock, fcntl.LOCK_EX)
    looked = await command("punches", "--config", config, "--json")
    said = await command("badges", "add", "--config", config, "--uid", uid_of(91).hex, "-u", "user000")
    os.close(lock)
    assert (looked.code, [p["id"] for p in looked.json]) == (0, [punch["id"]])
    assert (said.code, "is in use by another clockd" in said.err) == (2, True)

    await rig.daemon.start()
    badges = (await command("badges", "list", "--config", config, "--json")).json
    assert ("user000", "005A") in [(badge["username"], badge["tail"]) for badge in badges]

    async def voided() -> Any:
        return (await rig.daemon.punches())[0]["delivery"]["state"] == "void"

    await until(voided)  # and the daemon carries out what was said without it
    assert await rig.simulator.booked() == []


async def test_a_command_as_a_process() -> None:
    """The entry point itself, once."""
    assert clockd("--version").out == "clockd, version 0.1.0\n"
    assert clockd("nonsense").code == 2
