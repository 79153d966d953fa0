"""What scripts read: the JSON documents, exit codes, and errors."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pytest

from clockd.cli import cli
from clockd.cli.later import every
from clockd.core.ids import short_id
from tests.e2e.conftest import Command
from tests.e2e.looking import next_second
from tests.e2e.people import uid_of
from tests.e2e.rig import NO_SIMULATOR, Rig, bench

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"panel": True, "readers": ["serial", "desk"]}

STATUS = json.loads("""
{"terminal": "front-door", "version": "0.1.0",
 "clock": {"synchronized": true, "now_at": "2026-11-21T07:02:13Z"},
 "tracker": {"kind": "timetrack", "state": "ok", "detail": null, "last_success_at": "2026-11-21T07:02:14Z",
             "requests_last_minute": 3},
 "outbox": {"waiting": 0, "sending": 0, "doubtful": 0, "held": 0, "delivered": 412, "oldest_waiting_at": null},
 "punches": {"total": 412, "today": 12},
 "present": [{"username": "ada", "since_at": "2026-11-21T07:02:13Z"}],
 "readers": [{"kind": "pcsc", "name": "Virtual PCD 00 00", "state": "ok"}],
 "panel": {"oled": "ok", "lights": "ok"}}
""")
PUNCHES = json.loads("""
[{"id": "01JD", "username": "ada", "kind": "in", "at": "2026-11-21T07:02:13.480Z", "local": "2026-11-21T08:02:13.480",
  "zone": "Europe/Vienna", "clock": "synchronized", "explicit": false, "project": null, "terminal": "front-door",
  "reader": "pcsc",
  "delivery": {"state": "delivered", "entry_ids": ["4711"], "attempts": 1, "last_error": null, "held_because": null}}]
""")
"""The documents that are promised to scripts: a later clockd adds to them and takes nothing away."""


def lacking(promised: Any, found: Any, place: str = "") -> list[str]:
    """Say where a document is not as promised. It may hold more, never less, and nothing of another type."""
    if isinstance(promised, dict) and isinstance(found, dict):
        missing = [f"{place}.{name} is missing" for name in promised if name not in found]
        inside = (lacking(promised[name], found[name], f"{place}.{name}") for name in promised if name in found)
        return missing + [line for lines in inside for line in lines]
    if isinstance(promised, list) and isinstance(found, list):
        return [line for item in found for line in lacking(promised[0], item, f"{place}[]")]
    if isinstance(promised, str) and isinstance(found, str):
        return [] if _form(promised) == _form(found) else [f"{place}: {found!r} is not written as {promised!r}"]
    return [] if type(promised) is type(found) else [f"{place}: {found!r} is not like {promised!r}"]


def _form(text: str) -> str:
    """How a text is written, if it is a time."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return "text"
    return "".join("9" if c.isdigit() else c for c in text).replace(".999", "")


async def test_the_documents_are_as_promised(rig: Rig, clockd: Command) -> None:
    rig.serial.tap(uid_of(0))
    await rig.daemon.settled(1)
    await next_second()
    rig.desk.terminal.tap(uid_of(1).hex)
    await rig.daemon.settled(2)
    status, punches = await clockd("status", "--json"), await clockd("punches", "--json")
    assert (status.code, punches.code, status.err, punches.err) == (0, 0, "", "")
    assert lacking(STATUS, status.json) == []
    assert lacking(PUNCHES, punches.json) == []
    assert [punch["username"] for punch in punches.json] == ["user001", "user000"]  # newest first
    assert [(p["kind"], p["reader"]) for p in punches.json] == [("in", "desk"), ("in", "serial")]
    assert status.json["outbox"]["delivered"] == 2
    assert [person["username"] for person in status.json["present"]] == ["user000", "user001"]
    assert [reader["state"] for reader in status.json["readers"]] == ["ok", "ok"]


async def test_control_a_document_that_lacks_something_is_seen() -> None:
    less = {name: value for name, value in STATUS.items() if name != "present"}
    assert lacking(STATUS, {**less, "tracker": {**STATUS["tracker"], "state": None}}) == [
        ".present is missing",
        ".tracker.state: None is not like 'ok'",
    ]
    assert lacking(STATUS["clock"], {"synchronized": True, "now_at": "yesterday"}) != []
    assert lacking(STATUS["clock"], {"synchronized": 1, "now_at": "2026-11-21T07:02:13+00:00"}) != []


async def test_punches_can_be_filtered(rig: Rig, clockd: Command) -> None:
    everything = (await clockd("punches", "--json")).json
    assert (await clockd("punches", "--json", "--limit", 1)).json == everything[:1]
    assert (await clockd("punches", "--json", "--limit", 0)).json == []
    assert (await clockd("punches", "--json", "--state", "held")).json == []
    assert (await clockd("punches", "--json", "--state", "delivered", "-u", "user000")).json == everything[1:]
    assert (await clockd("punches", "--json", "--username", "user00")).json == []  # the whole name
    table = (await clockd("punches")).out.splitlines()
    assert [line.split()[0] for line in table] == ["id", *(short_id(punch["id"]) for punch in everything)]
    assert (await clockd("punches", "--state", "held")).out == "no punches are held\n"


async def test_what_a_person_reads(clockd: Command) -> None:
    said = await clockd("status")
    assert (said.code, said.err) == (0, "")
    assert "2 delivered" in said.out
    assert "present  user000 since " in said.out
    assert "reader   serial " in said.out


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (["status", "--socket", "/nowhere/control.sock"], 3, "no daemon answers on /nowhere/control.sock"),
        (["punches", "--config", "/nowhere/clockd.toml"], 2, "/nowhere/clockd.toml: no such file"),
        (["punches", "--state", "lost"], 2, "'lost' is not one of 'waiting'"),
        (["punches", "--state", "held", "retry", "X"], 2, "for the list alone"),
        (["punches", "show", "01JD"], 1, "no punch 01JD"),
        (["punches", "ignore", "01JD"], 2, "--why"),
        (["badges", "list", "--colour"], 2, "No such option"),
        (["nonsense"], 2, "No such command"),
        (["goodtime", "users"], 2, "books on timetrack, not on Goodtime"),
        (["run", "--config", "/nowhere/clockd.toml"], 2, "no such file"),
    ],
)
async def test_an_error_says_why(clockd: Command, words: list[str], code: int, part: str) -> None:
    said = await clockd(*words)
    assert (said.code, said.out) == (code, "")
    assert part in said.err
    for_a_script = await clockd(*words, "--json")
    assert for_a_script.code in (code, 2)  # 2 where there is no such option
    assert for_a_script.json["error"]["exit_code"] == for_a_script.code
    assert for_a_script.json["error"]["message"] in for_a_script.err


async def test_the_socket_is_found(rig: Rig, clockd: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await clockd("status")).code == 0  # by $CLOCKD_SOCKET
    monkeypatch.setenv("CLOCKD_SOCKET", "/nowhere/control.sock")
    assert (await clockd("status")).code == 3
    assert (await clockd("status", "--socket", rig.daemon.socket)).code == 0
    assert (await clockd("punches", "--socket", rig.daemon.socket, "export", "--format", "csv", "-")).code == 0
    monkeypatch.delenv("CLOCKD_SOCKET")
    assert "/run/clockd/control.sock" in (await clockd("status")).err


async def test_a_configuration_leads_to_its_daemon(rig: Rig, clockd: Command) -> None:
    config = rig.daemon.config
    assert len((await clockd("punches", "--config", config, "--json")).json) == 2
    assert len((await clockd("badges", "list", "--config", config, "--json")).json) == 3
    assert (await clockd("ledger", "verify", "--config", config)).code == 0
    assert (await clockd("punches", "--config", config, "show", "01JD")).code == 1


async def test_status_is_one_when_a_person_is_needed(tmp_path: Path, command: Command) -> None:
    sections = {"url": NO_SIMULATOR, "kind": "timetrack"}
    async with bench(tmp_path, tracker=sections) as rig:
        assert (await command("status", "--socket", rig.daemon.socket)).code == 0
        rig.serial.tap(uid_of(9))
        await rig.daemon.recorded(1)
        said = await command("status", "--socket", rig.daemon.socket)
        assert said.code == 1
        assert "clockd punches --state held" in said.out
        as_json = await command("status", "--socket", rig.daemon.socket, "--json")
        assert (as_json.code, as_json.json["outbox"]["held"]) == (1, 1)


# --- help -------------------------------------------------------------------------------------------------------

PROMISED = """
run · check · demo · simulate timetrack · simulate goodtime · status · punches · punches retry · punches ignore
· punches void · punches export · badges list · badges add · badges remove · badges enrol · badges import
· badges export · badges assign · badges ignore · people list · people rename · punches add-in · punches add-out
· punches amend · sync · timetrack attendances · timetrack projects · timetrack timer · goodtime timetypes
· goodtime users · goodtime projects · goodtime entries · ledger verify
"""


COMMANDS = dict(every(cli))


async def test_every_promised_command_is_there() -> None:
    promised = {" ".join(words.split()) for words in PROMISED.split("·")}
    assert promised - set(COMMANDS) == set()


@pytest.mark.parametrize("words", COMMANDS)
async def test_every_help_explains(command: Command, words: str) -> None:
    """Each command and each option has a sentence; no line is cut in the middle."""
    said = await command(*words.split(), "--help")
    assert (said.code, said.err) == (0, "")
    assert "..." not in said.out.replace("[ARGS]...", "")
    bare = [p.name for p in COMMANDS[words].params if isinstance(p, click.Option) and not p.help]
    assert bare == []


BY_HAND = [
    words
    for words in COMMANDS
    if words.startswith(("timetrack", "goodtime"))
    and words.rpartition(" ")[2] in ("create", "update", "delete", "start", "stop", "pause", "resume")
]


@pytest.mark.parametrize("words", BY_HAND)
async def test_every_write_by_hand_can_be_a_document(words: str) -> None:
    assert "--json" in {name for param in COMMANDS[words].params for name in param.opts}


async def test_the_version(command: Command) -> None:
    assert (await command("--version")).out == "clockd, version 0.1.0\n"
