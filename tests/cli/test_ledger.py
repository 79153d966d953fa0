"""`clockd ledger verify`, its control, and the proposals for uncertain punches: on a store without a daemon."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clockd import config, daemon
from clockd.core.delivery import Now
from clockd.core.model import Bounds, ClockQuality, Kind
from clockd.store import dating, ledger, outbox
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
                    db, s, d, lanes=[outbox.ATTENDANCE], clock=c, tracker="none"
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
    data = database.read_bytes()
    places = [n for n in range(len(data)) if data.startswith(b'"username":"ada"', n)]
    assert len(places) == 5
    third = sorted(places)[2]  # rows grow downwards within a page: the third of five either way
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
    assert (accepted.code, accepted.out) == (0, f"amended {held['id']}\n")
    shown = (await command("punches", "--config", store, "show", held["id"])).json
    assert (shown["at"], shown["local"]) == ("2026-03-02T12:00:00.000Z", "2026-03-02T13:00:00.000")
    assert (shown["kind"], shown["clock"], shown["delivery"]["state"]) == ("out", "corrected", "waiting")
    assert shown["story"][-1]["why"] == "accepted the proposal"
    again = await command("punches", "--config", store, "amend", held["id"], "--accept")
    assert (again.code, "no time is proposed" in again.err) == (1, True)
