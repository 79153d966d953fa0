"""`clockd ledger verify`, its control, and the proposals for uncertain punches: on a store without a daemon."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clockd import config, daemon
from clockd.core import chain
from clockd.core.delivery import Now
from clockd.core.ids import short_id
from clockd.core.json import Json
from clockd.core.model import Bounds, ClockQuality, Kind
from clockd.daemon.opening import open_office
from clockd.store import archive, dating, ledger, outbox, signing
from tests.e2e.conftest import Command
from tests.e2e.processes import toml

AT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
VIENNA_S = 3600


@pytest.fixture
async def store(tmp_path: Path) -> Path:
    """A configuration whose ledger has five punches; the last one is of an uncertain time."""
    file = tmp_path / "clockd.toml"
    terminal = {
        "time_zone": "Europe/Vienna",
        "state_dir": str(tmp_path / "state"),
        "control_socket": str(tmp_path / "control.sock"),
    }
    file.write_text(toml({"terminal": terminal, "clock": {"trust": "always"}, "tracker": {"kind": "none"}}))
    async with daemon.open_core(config.load(file), config.Secrets(None, {})) as core:
        for n in range(5):
            reading = replace(core.read_clock(), wall_at=AT + timedelta(hours=n), trusted=n < 4)
            draft = ledger.Draft(
                "ada", Kind.OUT if n % 2 else Kind.IN, True, None, "f" * 64, "B3C4", reading, "Europe/Vienna",
                VIENNA_S, "front-door", "serial",
            )  # fmt: skip
            clock = ClockQuality.SYNCHRONIZED if n < 4 else ClockQuality.UNCERTAIN
            seq = await core.store.run(lambda db, draft=draft: ledger.add_punch(db, draft))  # type: ignore[misc]
            await core.store.run(
                lambda db, s=seq, d=draft, c=clock: outbox.put(  # type: ignore[misc]
                    db, s, d, lanes={outbox.ATTENDANCE: d.kind}, clock=c, tracker="none"
                )
            )
        bounds = Bounds(AT + timedelta(hours=3), AT + timedelta(hours=9))
        proposal = AT + timedelta(hours=5)
        await core.store.run(lambda db: dating.hold(db, 5, bounds, proposal, "no clock", Now.of(reading)))
    return file


def _edit(*statements: str) -> Callable[[Path], None]:
    def edit(database: Path) -> None:
        connection = sqlite3.connect(database)
        for trigger in ("ledger_refuses_update", "ledger_refuses_delete"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()

    return edit


def _byte(database: Path) -> None:
    """Change one byte of the file, in the third punch."""
    with closing(sqlite3.connect(database)) as connection:
        (hash_,) = connection.execute("SELECT hash FROM ledger WHERE seq = 3").fetchone()
    data = database.read_bytes()
    third = data.rindex(b'"username":"ada"', 0, data.index(hash_.encode()))  # the body stands before the hash
    database.write_bytes(data[: third + 12] + b"i" + data[third + 13 :])


async def test_a_whole_ledger(command: Command, store: Path) -> None:
    said = await command("ledger", "verify", "--config", store)
    assert (said.code, said.out.startswith("5 rows, all as they were written; last hash ")) == (0, True)
    document = (await command("ledger", "verify", "--config", store, "--json")).json
    assert (document["rows"], document["ok"], document["wrong"]) == (5, True, None)
    assert document["hash"] in said.out


@pytest.mark.parametrize(
    ("sabotage", "wrong"),
    [
        (_byte, "row 3 is not what was written"),
        (_edit("UPDATE ledger SET wall_us = wall_us + 1 WHERE seq = 2"), "row 2 is not what was written"),
        (_edit("DELETE FROM ledger WHERE seq = 4"), "row 4 is missing"),
        (_edit("DELETE FROM ledger WHERE seq = 5"), "rows after 4 are missing"),
        (_edit("DELETE FROM ledger WHERE seq = 1"), "row 1 is missing"),
        (
            _edit(
                "UPDATE ledger SET seq = 99 WHERE seq = 2",
                "UPDATE ledger SET seq = 2 WHERE seq = 3",
                "UPDATE ledger SET seq = 3 WHERE seq = 99",
            ),
            "row 2 is not what was written",
        ),
    ],
    ids=["byte", "field", "removed", "cut off", "first", "swapped"],
)
async def test_control_what_was_changed_is_named(
    command: Command, store: Path, sabotage: Callable[[Path], None], wrong: str
) -> None:
    sabotage(store.parent / "state" / "clockd.db")
    said = await command("ledger", "verify", "--config", store)
    assert (said.code, said.out) == (1, "")
    assert f"the ledger was changed: {wrong}" in said.err
    as_json = await command("ledger", "verify", "--config", store, "--json")
    assert (as_json.code, as_json.json["ok"], as_json.json["wrong"]) == (1, False, wrong)


async def test_the_triggers_refuse_what_is_no_sabotage(store: Path) -> None:
    connection = sqlite3.connect(store.parent / "state" / "clockd.db")
    for statement in ("UPDATE ledger SET wall_us = 0", "DELETE FROM ledger"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


async def test_a_proposed_time_is_accepted(command: Command, store: Path) -> None:
    (held,) = (await command("punches", "--config", store, "--state", "held", "--json")).json
    assert (held["clock"], held["bounds"]["earliest_at"]) == ("uncertain", "2026-03-02T10:00:00.000Z")
    retried = await command("punches", "--config", store, "retry", held["id"])
    assert (retried.code, "it is not known when this was" in retried.err) == (1, True)
    accepted = await command("punches", "--config", store, "amend", held["id"], "--accept", "--kind", "out")
    assert (accepted.code, accepted.out) == (0, f"amended {short_id(held['id'])}\n")
    shown = (await command("punches", "--config", store, "show", held["id"])).json
    assert (shown["at"], shown["local"]) == ("2026-03-02T12:00:00.000Z", "2026-03-02T13:00:00.000")
    assert (shown["kind"], shown["clock"], shown["delivery"]["state"]) == ("out", "corrected", "waiting")
    assert shown["story"][-1]["why"] == "accepted the proposal"
    again = await command("punches", "--config", store, "amend", held["id"], "--accept")
    assert (again.code, "no time is proposed" in again.err) == (1, True)


async def test_an_archive_for_an_inspection_proves_itself(
    command: Command, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever checks it has the file and the key, no database and no daemon; an anchor shows a chain made anew."""
    monkeypatch.setenv("CLOCKD_SOCKET", str(tmp_path / "none.sock"))
    file = tmp_path / "inspection.zip"
    head = (await command("ledger", "head", "--config", store, "--json")).json
    said = await command("ledger", "export", "--config", store, file)
    assert (said.code, said.out) == (0, f"{file}: 5 rows, signed by the key {head['key']}\n"), said.err
    checked = await command("ledger", "verify", "--export", file, "--key", head["key"])
    assert (checked.code, checked.out) == (0, f"5 rows, all as they were written; last hash {head['hash']}\n")
    assert (await command("ledger", "verify", "--export", file, "--key", "0" * 64)).code == 1
    (tmp_path / "short.zip").write_bytes(file.read_bytes()[:900])
    short = await command("ledger", "verify", "--export", tmp_path / "short.zip")
    assert (short.code, "is damaged" in short.err) == (1, True)

    anchor = f"{head['rows']}:{head['hash']}"
    assert (await command("ledger", "verify", "--config", store, "--anchor", anchor)).code == 0
    _rewrite(store.parent / "state" / "clockd.db")
    assert (await command("ledger", "verify", "--config", store)).code == 0, "the control"
    noticed = await command("ledger", "verify", "--config", store, "--anchor", anchor)
    assert noticed.code == 1
    assert "row 5 has another hash than was noted of it elsewhere: it was rewritten" in noticed.err
    await command("ledger", "export", "--config", store, file)
    assert (await command("ledger", "verify", "--export", file)).code == 0, "the control"
    assert (await command("ledger", "verify", "--export", file, "--anchor", anchor)).code == 1


async def test_a_backup_whose_ledger_was_written_anew_is_noticed(
    command: Command, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its hashes are right, and not those that the terminal signed; nor does the old signature fit to new ones."""
    monkeypatch.setenv("CLOCKD_SOCKET", str(tmp_path / "none.sock"))
    head = (await command("ledger", "head", "--config", store, "--json")).json
    database = store.parent / "state" / "clockd.db"
    good, old, anew, forged = (tmp_path / f"{name}.backup" for name in ("good", "old", "anew", "forged"))
    archive.write(good, database, {}, {"head": head})
    _rewrite(database)
    archive.write(old, database, {}, {})
    archive.write(anew, database, {}, {"head": head})
    with closing(sqlite3.connect(database)) as connection:
        last = connection.execute("SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()[0]
    archive.write(forged, database, {}, {"head": {**head, "hash": last}})
    for file, why in ((anew, "not the one that its terminal signed"), (forged, "not what its terminal signed")):
        checked = await command("restore", "--check", file)
        assert checked.code == 1
        assert why in checked.err
    unsigned = await command("restore", "--check", old)  # as an older clockd made it, or with its head taken out
    assert (unsigned.code, "it is not signed" in unsigned.err) == (0, True)
    said = await command("restore", "--check", good)
    assert (said.code, said.err) == (0, "")
    assert f"signed by the key {head['key']}: compare it" in said.out
    assert (await command("restore", "--check", good, "--key", str(head["key"]).upper())).code == 0
    short = tmp_path / "short.backup"
    archive.write(short, database, {}, {"head": _of_another_key(tmp_path, head, database)})
    said = await command("restore", "--check", short)
    assert (said.code, ", up to row 2: compare" in said.out) == (0, True)
    for file, why in ((old, "is not signed"), (short, "signed by another key")):
        new = tmp_path / "new.toml"
        said = await command("restore", file, "--config", new, "--key", head["key"])
        assert (said.code, why in said.err, new.exists()) == (1, True, False)


def _of_another_key(folder: Path, head: dict[str, Json], database: Path) -> dict[str, Json]:
    """A head of the first two rows, which somebody signed with a key of their own."""
    with closing(sqlite3.connect(database)) as connection:
        second = connection.execute("SELECT hash FROM ledger WHERE seq = 2").fetchone()[0]
    said = {name: value for name, value in head.items() if name not in ("key", "signature")}
    said |= {"rows": 2, "hash": second}
    (folder / "other").mkdir()
    made = signing.sign(folder / "other", chain.signed_text(said))
    return {**said, "key": made.public, "signature": made.value}


@pytest.mark.parametrize("rows", ["5", None, [5], 6, -1, 10**30, 5.5])
async def test_a_head_that_cannot_be_is_refused(command: Command, store: Path, tmp_path: Path, rows: Json) -> None:
    """Whoever has a key of their own can sign anything: also what no ledger can have."""
    (tmp_path / "other").mkdir()
    said: dict[str, Json] = {"rows": rows, "hash": "0" * 64}
    made = signing.sign(tmp_path / "other", chain.signed_text(said))
    file = tmp_path / "odd.backup"
    head = {**said, "key": made.public, "signature": made.value}
    archive.write(file, store.parent / "state" / "clockd.db", {}, {"head": head})
    checked = await command("restore", "--check", file)
    assert (checked.code, "not the one that its terminal signed" in checked.err) == (1, True)


async def test_a_part_of_the_record_proves_itself(
    command: Command, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal works out what it signs itself; and the rows that the command chose are the same."""
    monkeypatch.setenv("CLOCKD_SOCKET", str(tmp_path / "none.sock"))
    file, words = tmp_path / "part.zip", ("ledger", "export", "--config", store)
    key = (await command("ledger", "head", "--config", store, "--json")).json["key"]
    for options in (
        ("-u", "ada"),
        ("--from", "2026-03-02", "--to", "2026-03-02"),
        ("-u", "ada", "--from", "2026-03-02"),
    ):
        said = await command(*words, *options, file)
        assert (said.code, said.out) == (0, f"{file}: 5 rows, signed by the key {key}\n"), said.err
        assert (await command("ledger", "verify", "--export", file, "--key", key)).code == 0
    for options in (("-u", "bob"), ("--from", "2026-03-03")):
        refused = await command(*words, *options, tmp_path / "none.zip")
        assert (refused.code, "holds nothing of this" in refused.err) == (1, True)
    assert (await command(*words, "--from", "2026-03-03", "--to", "2026-03-02", file)).code == 2
    assert not (tmp_path / "none.zip").exists()


async def test_two_who_ask_first_are_answered_by_one_key(store: Path) -> None:
    """The heartbeat and a page at the same time: a key that signs and is written over proves nothing ever after."""
    async with daemon.open_core(config.load(store), config.Secrets(None, {})) as core:
        inspections = open_office(core).inspections
        first: list[Any] = await asyncio.gather(*(inspections.head() for _ in range(8)))
        later: Any = await inspections.head()
    assert {head["key"] for head in first} == {later["key"]}


async def test_an_export_has_the_head_beside_it(
    command: Command, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOCKD_SOCKET", str(tmp_path / "none.sock"))
    file = tmp_path / "out.csv"
    words = ("punches", "export", "--config", store, "--format", "csv")
    said = await command(*words, "--with-head", file)
    assert said.code == 0, said.err
    beside = tmp_path / "out.csv.head.json"
    assert said.err.endswith(f"the ledger's head, signed, in {beside}\n")
    assert json.loads(beside.read_text()).keys() >= {"rows", "hash", "key", "signature"}
    refused = await command(*words, "--with-head", "-")
    assert (refused.code, refused.out) == (2, "")
    hours = await command("hours", "--config", store, "--csv", "--head", tmp_path / "hours.head.json")
    assert hours.code == 0, hours.err
    assert hours.out.startswith("username,")
    assert json.loads((tmp_path / "hours.head.json").read_text())["hash"] == json.loads(beside.read_text())["hash"]


def _rewrite(database: Path) -> None:
    """Change the third punch, and every hash from there on."""
    _edit("UPDATE ledger SET wall_us = wall_us + 1 WHERE seq = 3")(database)
    with closing(sqlite3.connect(database)) as connection:
        columns = ", ".join((*chain.FIELDS, "digest", "hash"))
        rows = connection.execute(f"SELECT {columns} FROM ledger ORDER BY seq").fetchall()
        previous = rows[1][-1]
        for row in rows[2:]:
            previous = chain.link_digest(previous, row[:-2], row[-2].hex())
            connection.execute("UPDATE ledger SET hash = ? WHERE seq = ?", [previous, row[0]])
        connection.commit()
