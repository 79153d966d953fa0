"""A terminal that is full of years answers like a new one: no statement of a tap or a delivery walks through a table.

Nor does one of `clockd status`, which counts in pieces, or of the idle screen.
"""

import asyncio
import sqlite3
from pathlib import Path

from clockd.core.model import Action
from clockd.sim.timetrack.profile import profile_named
from clockd.store import view
from tests.flow.house import House, in_virtual_time, simulator

WALKS = ("SCAN ledger", "SCAN outbox")
"""As SQLite explains a plan. `USING INDEX outbox_open` holds only what is unfinished, and is no walk."""


def walks(connection: sqlite3.Connection, statement: str) -> list[str]:
    """The steps of a statement that take longer the more was ever recorded."""
    if not statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
        return []
    steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    found = [step for step in steps if step.startswith(WALKS) and "outbox_open" not in step]
    return found[statement.count("ORDER BY seq DESC LIMIT 1") :]  # those begin at the newest row and stop early


def test_no_tap_walks_through_a_table(tmp_path: Path) -> None:
    house = House(tmp_path, simulator(profile_named("strict")))
    statements: set[str] = set()

    async def day() -> None:
        await house.start()
        await asyncio.sleep(1.0)
        await house.store.run(lambda db: db.conn.set_trace_callback(statements.add))
        for action in (None, None, Action.IN, Action.BREAK, Action.RESUME, Action.OUT, Action.UNDO):
            await house.tap(0, action)
            await asyncio.sleep(40.0)
        assert len(statements) > 50
        await house.documents.summary()
        await house.store.run(view.open_counts)
        await house.store.run(lambda db: db.conn.set_trace_callback(None))
        found = await house.store.run(lambda db: {s: walked for s in statements if (walked := walks(db.conn, s))})
        by_age = await house.store.run(lambda db: walks(db.conn, "SELECT seq FROM ledger WHERE punch_seq = 1"))
        await house.kill()
        assert found == {}
        assert by_age, "the control: this one does"

    in_virtual_time(day)


DAYS = 40


def test_a_tap_of_somebody_with_a_history_takes_no_more_steps(tmp_path: Path) -> None:
    """A statement that searches by an index can still read a row for each day that somebody was ever here."""
    house = House(tmp_path, simulator(profile_named("strict")))
    took: list[int] = []

    async def days() -> None:
        await house.start()
        await asyncio.sleep(1.0)
        for _ in range(DAYS):
            steps = 0
            for after_s in (0.0, 4 * 3600.0, 3600.0, 4 * 3600.0):
                await asyncio.sleep(after_s)
                steps += await steps_of(house)
            took.append(steps)
            await asyncio.sleep(15 * 3600.0)
        await house.kill()

    in_virtual_time(days)
    assert max(took[-7:]) <= 1.02 * max(took[7:14]), took


async def steps_of(house: House) -> int:
    """Tap; return how many steps SQLite's machine did for it, which no other load of this computer changes."""
    counted = [0]

    def count() -> None:
        counted[0] += 1

    await house.store.run(lambda db: db.conn.set_progress_handler(count, 1))
    await house.tap(0)
    await house.store.run(lambda db: db.conn.set_progress_handler(None, 1))
    return counted[0]


def test_no_statement_of_a_tap_is_prepared_anew(tmp_path: Path) -> None:
    """SQLite asks its authorizer while it prepares a statement; a partial index can make it do so at each call."""
    house = House(tmp_path, simulator(profile_named("strict")))
    asked: list[tuple[object, ...]] = []

    def allow(*what: object) -> int:
        asked.append(what)
        return sqlite3.SQLITE_OK

    async def day() -> None:
        await house.start()
        await asyncio.sleep(1.0)
        await house.store.run(lambda db: db.conn.set_authorizer(allow))  # which forgets all that was prepared
        for _ in range(3):
            asked.clear()
            for action in (Action.IN, Action.BREAK, Action.RESUME, Action.OUT):
                await house.tap(0, action)
                await asyncio.sleep(40.0)
        await house.kill()

    in_virtual_time(day)
    assert asked == []
