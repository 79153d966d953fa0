"""A database that a newer clockd left: opened where it says so, and else refused with nothing touched."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd.core import feedback
from clockd.core.model import Action, Employee
from clockd.errors import StoreUnusable
from clockd.flow.badge_desk import Enrolment
from clockd.sim.timetrack.profile import profile_named
from clockd.store import badges, schema, spare
from clockd.store.thread import Store
from tests.cli.test_looking import configured, everything
from tests.e2e.conftest import Command
from tests.e2e.conftest import command as command
from tests.flow.house import House, in_virtual_time, simulator

TABLES = ("meta", "boot", "anchor", "ledger", "outbox", "badge", "finding", "request")


def later(folder: Path, *, oldest: int | None) -> None:
    """Let a newer clockd have been here: in each table a column more, and a table more."""
    with closing(sqlite3.connect(folder / "clockd.db", isolation_level=None)) as db:
        for table in TABLES:
            db.execute(f"ALTER TABLE {table} ADD COLUMN of_later TEXT")
            db.execute(f"ALTER TABLE {table} ADD COLUMN counted INTEGER NOT NULL DEFAULT 0")
        db.execute("CREATE TABLE of_later (n INTEGER) STRICT")
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('clockd', 'm999_x', '')")
        if oldest is None:
            db.execute("DELETE FROM meta WHERE key = 'oldest_schema'")
        else:
            db.execute("UPDATE meta SET value = ? WHERE key = 'oldest_schema'", [str(oldest)])
            db.execute("UPDATE meta SET value = '9.1' WHERE key = 'oldest_clockd'")


def test_what_a_newer_clockd_added_stops_nothing(tmp_path: Path) -> None:
    async def days() -> None:
        door = House(tmp_path, simulator(profile_named("strict")))
        await door.start()
        await door.tap(0)
        await door.until_settled()
        await door.kill()
        later(tmp_path, oldest=schema.newest())
        await door.start()
        for n, action in ((0, Action.OUT), (1, Action.IN), (1, Action.OUT), (2, None), (2, None)):
            await asyncio.sleep(600)
            assert isinstance(await door.tap(n, action), feedback.Punched | feedback.Info | feedback.Undone)
        await door.until_settled()
        assert len(door.booked()) >= 3
        summary = await door.documents.summary()
        listed = await door.documents.punches(limit=None, state=None, username=None)
        assert isinstance(listed[0], dict)
        await door.documents.story(str(listed[0]["id"]))
        await door.badge_desk.listed()
        await door.badge_desk.give(Enrolment("04AABBCCDDEEFF", "user001"), "me")
        await door.badge_desk.give(Enrolment("04AABBCCDDEEFF", "user002"), "me")
        await door.loops.nightly.look()
        assert (await door.documents.verify())["ok"] is True  # type: ignore[index, call-overload]
        assert summary["punches"]
        await door.kill()

    in_virtual_time(days)


@pytest.mark.parametrize(("oldest", "said"), [(999, "clockd 9.1 or newer"), (None, "a newer clockd")])
async def test_what_is_too_new_is_refused_and_not_touched(
    tmp_path: Path, command: Command, oldest: int | None, said: str
) -> None:
    file, state = configured(tmp_path), tmp_path / "state"
    store = await opened(state)
    await fill(store, 1)
    await store.close()
    later(state, oldest=oldest)
    before = everything(state)
    with pytest.raises(StoreUnusable, match=said):
        await Store(state / "clockd.db").open()
    assert everything(state) == before
    for words in (("punches",), ("badges", "add", "--uid", "04A2B3C4D5E6F7", "--username", "ada")):
        (state / "badge-pepper").write_text("pepper")
        answer = await command(*words, "--config", file)
        (state / "badge-pepper").unlink()
        assert (answer.code, said in answer.err, "Traceback" in answer.err) == (1, True, False), answer.err
        assert everything(state)[1:] == before[1:]


async def opened(folder: Path) -> Store:
    folder.mkdir(exist_ok=True)
    store = Store(folder / "clockd.db", inline=True)
    await store.open()
    return store


async def fill(store: Store, n: int) -> None:
    await store.run(lambda db: badges.add(db, f"{n:064}", "0000", Employee(f"user{n}", "x" * 1500), n) and None)


# --- the copy before a migration ------------------------------------------------------------------------------------


def forget_the_last(folder: Path) -> str:
    """Let the last migration not have been; return its short name."""
    last = max((known.name for known in schema.migrations._migrations), key=schema.migration_number)
    with closing(sqlite3.connect(folder / "clockd.db", isolation_level=None)) as db:
        db.execute("DELETE FROM _sqlite_migrations WHERE name = ?", [last])
        UNDO[last](db)
    return last.partition("_")[0]


def _without_first_sent(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE outbox DROP COLUMN first_sent_boot")
    db.execute("ALTER TABLE outbox DROP COLUMN first_sent_boottime_us")


def _without_strangers(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE stranger")


def _without_ends(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE badge_end")
    db.execute("ALTER TABLE badge DROP COLUMN from_day")
    db.execute("ALTER TABLE badge DROP COLUMN until_day")


def _without_accounts(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE account")
    db.execute("DROP TABLE token")


def _without_time_types(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE outbox DROP COLUMN time_type")


def _without_sentences_and_attempts(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE outbox DROP COLUMN held_said")
    db.execute("ALTER TABLE outbox DROP COLUMN error_said")
    db.execute("ALTER TABLE outbox DROP COLUMN tries")


def _without_corrections(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE correction_owner")
    db.execute("DROP TABLE correction")


def _without_projects_by_employee(db: sqlite3.Connection) -> None:
    db.execute("DROP INDEX outbox_of_projects")


def _without_what_was_said(db: sqlite3.Connection) -> None:
    db.execute("DROP INDEX ledger_about")


def _without_digests(db: sqlite3.Connection) -> None:
    db.execute("DROP TRIGGER ledger_refuses_update")
    db.execute("DROP TABLE discarded")
    for column in ("salt", "digest"):
        db.execute(f"ALTER TABLE ledger DROP COLUMN {column}")
    db.execute(
        "CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger "
        "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
    )


UNDO: dict[str, Callable[[sqlite3.Connection], None]] = {
    "m003_when_it_was_first_sent_in_boot_time": _without_first_sent,
    "m006_cards_that_are_nobodys": _without_strangers,
    "m007_badges_by_a_part_of_their_number": _without_ends,
    "m008_accounts_of_the_page": _without_accounts,
    "m009_time_types": _without_time_types,
    "m010_sentences_and_attempts": _without_sentences_and_attempts,
    "m011_corrections_and_what_their_owners_say": _without_corrections,
    "m012_projects_by_employee": _without_projects_by_employee,
    "m013_what_was_said_of_a_punch": _without_what_was_said,
    "m014_bodies_that_may_be_discarded": _without_digests,
}
"""How the tables were before a migration; the last one of all must be here."""


async def test_a_migration_is_made_on_a_database_that_was_copied(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    assert not list(tmp_path.glob("*.before-*")), "a new database has no before"
    await fill(store, 1)
    await store.close()
    coming = forget_the_last(tmp_path)
    store = await opened(tmp_path)
    await fill(store, 2)
    await store.close()
    copies = [path.name for path in tmp_path.glob("*.before-*")]
    assert copies == [f"clockd.db.before-{coming}"]
    with closing(sqlite3.connect(tmp_path / copies[0])) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT username FROM badge").fetchall() == [("user1",)]
        assert ("clockd", coming) not in copy.execute("SELECT migration_set, name FROM _sqlite_migrations").fetchall()
    again = await opened(tmp_path)
    assert len(await again.run(badges.all_badges)) == 2, "nothing is ever put back over newer punches"
    await again.close()


async def test_a_copy_has_what_is_in_the_log_alone(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    await fill(store, 1)
    assert (tmp_path / "clockd.db-wal").stat().st_size
    path = spare.make(_connection(store), tmp_path / "clockd.db", "m007")
    assert path is not None
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("SELECT username FROM badge").fetchall() == [("user1",)]
    for coming in ("m008", "m010"):
        spare.make(_connection(store), tmp_path / "clockd.db", coming)
    assert sorted(path.name for path in tmp_path.glob("*.before-*")) == [
        "clockd.db.before-m008",
        "clockd.db.before-m010",
    ]
    await store.close()


def _connection(store: Store) -> Database:
    assert store._db is not None
    return store._db


def test_a_migrations_name_begins_with_its_number() -> None:
    numbers = [schema.migration_number(known.name) for known in schema.migrations._migrations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == len([name for name in vars(schema) if schema.migration_number(name)]), "one is not applied"
    assert schema.OLDEST.schema <= schema.newest()


def test_a_migration_only_adds(tmp_path: Path) -> None:
    """What an older clockd reads and writes stays, and what is new needs no value from it."""
    db = Database(sqlite3.connect(tmp_path / "m.db"))
    before = dict[tuple[str, str], tuple[str, int]]()
    for n, known in enumerate(schema.migrations._migrations):
        stop = [later.name for later in schema.migrations._migrations[n + 1 :]]
        schema.migrations.apply(db, stop_before=stop)
        now = {
            (table, column): (kind, needs)
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for column, kind, needs in db.execute(
                'SELECT name, type, "notnull" AND dflt_value IS NULL AND pk = 0 FROM pragma_table_info(?)', [table]
            ).fetchall()
        }
        tables = {table for table, _ in before}
        for key, shape in before.items():
            assert now.get(key) == shape, f"{known.name}: {key}"
        for (table, column), (_, needs) in now.items():
            assert (table, column) in before or table not in tables or not needs, f"{known.name}: {table}.{column}"
        before = now
    db.conn.close()
