"""Any cell of any table may rot: the terminal starts, Bob's taps are recorded, hers are told, and nobody's task ends.

Every column of every table that the schema makes is spoilt in turn, so that a table that is added later is tried as
well; `test_rotten.py` says of chosen ones what exactly is to happen.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clockd import config
from clockd.core import feedback
from clockd.core.model import Action, Employee, KeyPress, Reading, Tap, Uid
from clockd.daemon.opening import Core, open_core, open_office
from clockd.errors import ClockdError
from clockd.flow import counter
from clockd.flow.line import Line
from clockd.flow.terminal import Terminal
from clockd.flow.timekeeper import Timekeeper
from clockd.store import badges
from tests.e2e.processes import toml
from tests.faults.rotten import HUGE, NO_TEXT
from tests.faults.test_rotten import nothing_sent

ADA, BOB = (Uid.parse(uid) for uid in ("0104A2B3C4", "04A20000000002"))
VALUES = (NO_TEXT, "'rot'", "''", str(HUGE), "-1", "NULL")
"""What a cell turns into; a column refuses what its type does not allow, and that is no case then."""
RECORDED = (feedback.Punched, feedback.AlreadyRecorded)


class Place:
    """A terminal that has a row in every table; both employees have tapped."""

    def __init__(self, folder: Path, rule: str) -> None:
        terminal = {"time_zone": "Europe/Vienna", "state_dir": str(folder), "control_socket": str(folder / "c.sock")}
        rules = {"countersign": rule, "notices": "de", "repeat_s": 0}
        file = folder.parent / f"{folder.name}.toml"
        file.write_text(
            toml({"terminal": terminal, "clock": {"trust": "always"}, "rules": rules, "tracker": {"kind": "none"}})
        )
        self.config = config.load(file)
        self.screens: list[feedback.Screen] = []

    def at_the_door(self, core: Core) -> Terminal:
        desk = open_office(core).corrections
        show = lambda screen, _: self.screens.append(screen)  # noqa: E731
        return Terminal(core.store, core.fingerprints, core.door, lambda *_: None, show, lambda: None, desk)

    async def tap(self, core: Core, terminal: Terminal, uid: Uid, hours: float) -> feedback.Screen:
        await terminal.tapped(Tap(uid, "serial", later(core.read_clock(), hours)))
        return self.screens[-1]


def later(reading: Reading, hours: float) -> Reading:
    return replace(
        reading, wall_at=reading.wall_at + timedelta(hours=hours), boottime_s=reading.boottime_s + hours * 3600
    )


async def fill(place: Place) -> None:
    """Leave a row in every table."""
    async with open_core(place.config, config.Secrets(None, {})) as core:
        for uid, name in ((ADA, "ada"), (BOB, "bob")):
            print_, owner = core.fingerprints.of(uid), Employee(name, name)
            await core.store.run(partial(badges.add, fingerprint=print_, tail=uid.tail, employee=owner, now_us=0))
        await core.store.run(lambda db: badges.disown(db, "f" * 64, "FFFF", 1))
        await Timekeeper(core.store, core.door, core.read_clock, lambda: None).open()
        terminal, office = place.at_the_door(core), open_office(core)
        for hours, uid in enumerate((ADA, BOB, ADA, BOB)):
            await place.tap(core, terminal, uid, hours / 100)
        listed: Any = await counter.answer(office, {"cmd": "punches"})
        mine = [punch["id"] for punch in listed if punch["username"] == "ada"]
        said = {"time": None, "by": "office", "why": "tried"}
        await counter.answer(office, {"cmd": "punches.amend", "id": mine[0], "kind": "break", **said})
        account = {"name": "boss", "role": "admin", "hash": "h", "username": None, "by": "root"}
        for cmd, words in (("accounts.put", account), ("tokens.put", {"name": "t", "hash": "h", "role": "figures"})):
            with suppress(ClockdError):
                await counter.answer(office, {"cmd": cmd, **words})
        await core.store.run(fill_the_rest)


def fill_the_rest(db: Any) -> None:
    """Tables that only a tracker, a night or the page writes."""
    db.execute("INSERT OR IGNORE INTO account VALUES ('boss', 'admin', 'h', 'ada', 1)")
    db.execute("INSERT OR IGNORE INTO token VALUES ('t', 'h', 'viewer', 'figures', 1)")
    db.execute("INSERT INTO finding VALUES (1, 'missing', 'x', 1)")
    db.execute("INSERT INTO discarded (seq, by_seq) VALUES (4000000000, 4000000001)")
    db.execute("INSERT INTO request (boot_seq, sent_us) SELECT seq, 1 FROM boot")
    db.execute(
        "INSERT INTO anchor (boot_seq, boottime_us, wall_us, error_us) SELECT seq, 1, 1700000000000000, 1 FROM boot"
    )
    tries = '[[1700000000000000, "create", 200, "ok"]]'
    db.execute(
        "UPDATE outbox SET tries = ?, entry_ids = '[\"7\"]', last_error = 'x', via = NULL WHERE seq = 1", [tries]
    )


def cells(database: Path) -> list[tuple[str, str]]:
    """Every column of every table of ours that has a row."""
    with closing(sqlite3.connect(database)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        tables = [name for name in tables if not name.startswith(("sqlite_", "_"))]
        empty = [name for name in tables if db.execute(f"SELECT 1 FROM {name}").fetchone() is None]
        assert empty == [], "each table has a row to spoil"
        return [(name, row[1]) for name in tables for row in db.execute(f"PRAGMA table_info({name})")]


def spoil(database: Path, table: str, column: str, value: str) -> bool:
    """Let a cell rot in one row, as a card does: past the rules of the ledger; False where the type refuses it."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        key = db.execute(f"SELECT name FROM pragma_table_info('{table}') WHERE pk = 1").fetchone()
        which = f"WHERE {key[0]} = (SELECT max({key[0]}) FROM {table})" if key else ""
        if table == "badge":
            which = "WHERE username = 'ada'"
        elif table in ("ledger", "outbox"):
            which = "WHERE seq = (SELECT max(seq) FROM outbox WHERE username = 'ada')"
        try:
            db.execute(f"UPDATE {table} SET {column} = {value} {which}")
        except sqlite3.Error:
            return False
        finally:
            for _, sql in triggers:
                db.execute(sql)
        return True


TODAY = datetime.now(UTC).date()
SPAN = {"first": str(TODAY - timedelta(days=7)), "last": str(TODAY + timedelta(days=1))}
ASKED: Sequence[dict[str, Any]] = (
    *({"cmd": cmd} for cmd in ("punches", "badges", "people", "corrections", "accounts.list", "tokens.list")),
    {"cmd": "ledger.verify"},
    {"cmd": "ledger.log"},
    {"cmd": "hours.people"},
    {"cmd": "hours", "username": "ada", **SPAN},
    {"cmd": "record", "username": "ada", **SPAN},
    {"cmd": "ledger.extract", "username": "ada", **SPAN},
)


async def live(place: Place, what: str) -> None:
    """Start, tap, ask: nothing but a refusal may come of it."""
    try:
        async with asyncio.timeout(60), open_core(place.config, config.Secrets(None, {})) as core:
            await Timekeeper(core.store, core.door, core.read_clock, lambda: None).open()
            await Line(core.store, nothing_sent, core.read_clock, 30).open()
            terminal, office = place.at_the_door(core), open_office(core)
            for hours in (1.0, 1.1):
                assert isinstance(await place.tap(core, terminal, BOB, hours), RECORDED)
                await place.tap(core, terminal, ADA, hours)
                assert not isinstance(place.screens[-1], feedback.NothingRecorded)
                terminal.pressed(KeyPress(Action.INFO, None, later(core.read_clock(), hours)))
                assert isinstance(await place.tap(core, terminal, BOB, hours), feedback.Info)
                terminal.pressed(KeyPress(Action.INFO, None, later(core.read_clock(), hours)))
                await place.tap(core, terminal, ADA, hours)
            in_a_year = later(core.read_clock(), 24.0 * 365)
            await replace(office.corrections, read_clock=lambda: in_a_year).expire()
            for asked in ASKED:
                try:
                    await counter.answer(office, asked)
                except ClockdError:
                    continue  # a sentence
    except Exception as error:
        raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("filled")


async def spoil_all(folder: Path, rule: str, share: int, tables: str = "") -> list[str]:
    """Spoil each cell with one value in `share`, another one for each cell; return what went wrong.

    Args:
        folder: where the stores are.
        rule: for corrections.
        share: one value in so many.
        tables: only those whose name begins so.
    """
    await fill(Place(folder / "state", rule))
    found, number, tried = [], 0, 0
    for table, column in cells(folder / "state" / "clockd.db"):
        if not table.startswith(tables):
            continue
        for value in VALUES:
            number += 1
            if number % share:
                continue
            copy = folder / "copy"
            shutil.copytree(folder / "state", copy)
            if spoil(copy / "clockd.db", table, column, value):
                tried += 1
                try:
                    await live(Place(copy, rule), f"{table}.{column} = {value}")
                except AssertionError as error:
                    found.append(str(error))
            shutil.rmtree(copy)
    assert tried > number / share / 3, "most values can stand in most cells"
    return found


@pytest.mark.parametrize("rule", ["tell", "agree"])
async def test_a_share_of_all_cells(tmp_path: Path, rule: str) -> None:
    assert await spoil_all(tmp_path, rule, 13) == []


async def test_cells_of_a_correction_whose_time_is_over(tmp_path: Path) -> None:
    assert await spoil_all(tmp_path, "agree", 5, "correction") == []


@pytest.mark.soak
@pytest.mark.parametrize("rule", ["tell", "agree"])
async def test_all_cells(tmp_path: Path, rule: str) -> None:
    assert await spoil_all(tmp_path, rule, 1) == []
