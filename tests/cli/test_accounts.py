"""`clockd accounts`: who may sign in, how a password comes in, and what is kept of it."""

import asyncio
import getpass
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from clockd import control
from clockd.cli.asking import socket_path
from clockd.store import copy
from clockd.web.passwords import is_password
from clockd.web.tokens import hash_token
from tests.cli.test_looking import configured
from tests.e2e.conftest import Command
from tests.e2e.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 2, "readers": ["desk"]}
PASSWORD = "four words from a book"


def everything_kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def noted(database: Path) -> list[dict[str, str]]:
    with copy.private(database) as look, closing(sqlite3.connect(look)) as db:
        rows = db.execute("SELECT body FROM ledger WHERE what = 'account' ORDER BY seq").fetchall()
    return [json.loads(body) for (body,) in rows]


async def test_an_account_is_made_changed_and_removed(rig: Rig, clockd: Command) -> None:
    made = await clockd("accounts", "add", "Ada", "--role", "admin", stdin=PASSWORD + "\n")
    assert (made.code, made.out) == (0, "ada may sign in as admin\n"), made
    twice = await clockd("accounts", "add", "ADA", "--role", "viewer", stdin=PASSWORD + "\n")
    assert (twice.code, "already" in twice.err) == (1, True)
    made = await clockd("accounts", "add", "grace", "--role", "employee", "-u", "user001", stdin=PASSWORD + "\n")
    assert "for the hours of user001" in made.out
    (ada, grace) = (await clockd("accounts", "list", "--json")).json
    assert (ada["name"], ada["role"], ada["username"]) == ("ada", "admin", None)
    assert (grace["role"], grace["username"]) == ("employee", "user001")
    assert "hash" not in ada
    assert (await clockd("accounts", "password", "ada", stdin="another four words\n")).code == 0
    first, second = [await hash_of(clockd, name) for name in ("ada", "grace")]
    assert is_password("another four words", first)
    assert is_password(PASSWORD, second)
    assert not is_password(PASSWORD, first)
    assert (await clockd("people", "rename", "user001", "user009")).code == 0
    assert (await clockd("accounts", "list", "--json")).json[1]["username"] == "user009"
    assert (await clockd("people", "rename", "user009", "user001")).code == 0
    for name in ("ada", "grace"):
        assert (await clockd("accounts", "remove", name)).code == 0
    assert (await clockd("accounts", "remove", "ada")).code == 1
    assert "no accounts" in (await clockd("accounts", "list")).out
    me = getpass.getuser()
    assert [(row["name"], row["change"], row["by"]) for row in noted(rig.daemon.state / "clockd.db")] == [
        ("ada", "added", me),
        ("grace", "added", me),
        ("ada", "password", me),
        ("ada", "removed", me),
        ("grace", "removed", me),
    ]
    assert (await clockd("ledger", "verify")).code == 0
    kept = everything_kept(rig.daemon.state)
    assert PASSWORD.encode() not in kept
    assert b"another four words" not in kept


async def hash_of(clockd: Command, name: str) -> str:
    found = control.ask(socket_path(None), {"cmd": "accounts.find", "name": name})
    assert isinstance(found, dict)
    return str(found["hash"])


@pytest.mark.parametrize(
    ("password", "name", "more", "code", "said"),
    [
        ("short", "eve", ("--role", "admin"), 2, "less than 12"),
        ("", "eve", ("--role", "admin"), 2, "less than 12"),
        ("abababababababab", "eve", ("--role", "admin"), 2, "repeats"),
        ("x" * 500, "eve", ("--role", "admin"), 2, "more than 256"),
        (PASSWORD, "e v e", ("--role", "admin"), 2, "cannot be the name"),
        (PASSWORD, "e\x1bve", ("--role", "admin"), 2, "cannot be the name"),
        (PASSWORD, "eve", ("--role", "king"), 2, "king"),
        (PASSWORD, "eve", ("--role", "viewer", "-u", "x"), 2, "--role employee"),
        (PASSWORD, "eve", (), 2, "--role"),
    ],
)
async def test_what_cannot_be_an_account_is_a_sentence(
    clockd: Command, password: str, name: str, more: tuple[str, ...], code: int, said: str
) -> None:
    answer = await clockd("accounts", "add", name, *more, stdin=password + "\n")
    assert (answer.code, said in answer.err) == (code, True), answer
    assert len(password) < 6 or password not in answer.err + answer.out
    assert (await clockd("accounts", "list", "--json")).json == []


async def test_an_unknown_name_is_refused_before_a_password_is_asked_for(clockd: Command) -> None:
    assert (await clockd("accounts", "password", "nobody", stdin="")).code == 1
    assert (await clockd("accounts", "remove", "nobody")).code == 1


async def test_a_token_is_shown_once_and_can_be_revoked(rig: Rig, clockd: Command) -> None:
    made = await clockd("accounts", "token", "prometheus")
    token = made.out.strip()
    assert re.fullmatch(r"clockd_[\w-]{43}", token)
    assert "shown this once" in made.err
    assert (await clockd("accounts", "token", "Prometheus")).code == 1
    (listed,) = (await clockd("accounts", "token", "--json")).json
    assert (listed["name"], listed["role"]) == ("prometheus", "viewer")
    assert "prometheus" in (await clockd("accounts", "token")).out
    ask = {"cmd": "tokens.find", "hash": hash_token(token)}
    assert control.ask(rig.daemon.socket, ask) == listed  # type: ignore[arg-type]
    assert control.ask(rig.daemon.socket, {"cmd": "tokens.find", "hash": hash_token("clockd_x")}) is None
    assert token.encode() not in everything_kept(rig.daemon.state)
    assert (await clockd("accounts", "token", "prometheus", "--revoke")).code == 0
    assert control.ask(rig.daemon.socket, ask) is None  # type: ignore[arg-type]
    assert (await clockd("accounts", "token", "prometheus", "--revoke")).code == 1
    assert (await clockd("accounts", "token", "--revoke")).code == 2
    assert [row["change"] for row in noted(rig.daemon.state / "clockd.db")][-2:] == ["token made", "token revoked"]


async def test_without_a_daemon_the_store_is_asked(tmp_path: Path, command: Command) -> None:
    file = configured(tmp_path)
    assert (
        await command("accounts", "add", "ada", "--role", "viewer", "--config", file, stdin=PASSWORD + "\n")
    ).code == 0
    assert (await command("accounts", "list", "--json", "--config", file)).json[0]["name"] == "ada"


async def test_a_person_types_it_twice_and_sees_nothing_of_it(rig: Rig) -> None:
    """On a terminal of its own, as a person sits at one."""
    words = ("accounts", "add", "eve", "--role", "viewer", "--socket", str(rig.daemon.socket))
    code, shown = await asyncio.to_thread(at_a_terminal, words, (b"Password", b"Repeat for confirmation"))
    assert code == 0, shown
    assert PASSWORD.encode() not in shown
    assert b"eve may sign in as viewer" in shown


def at_a_terminal(words: tuple[str, ...], asked: tuple[bytes, ...]) -> tuple[int, bytes]:
    """Run a command, and type the password whenever it asks for it; return its exit code and all that was seen."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "clockd", *words]
    shown = b""
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        for question in asked:
            while question not in shown:
                shown += os.read(ours, 1000)
            os.write(ours, PASSWORD.encode() + b"\n")
        with suppress(OSError):  # the other end was closed
            while more := os.read(ours, 1000):
                shown += more
        code = process.wait()
    os.close(ours)
    return code, shown
