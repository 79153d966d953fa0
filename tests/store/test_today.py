"""What an employee did of late is read from their newest punch back, and not through the years before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd.core.delivery import Now
from clockd.core.model import ClockQuality, Kind
from clockd.host import Clocks
from clockd.store import ledger, outbox
from clockd.store.outbox import OLDER_ROWS
from clockd.store.thread import Store

FIRST = datetime(2026, 11, 1, 8, tzinfo=UTC)
BY_TIME = "SELECT kind FROM outbox WHERE username = ? AND lane = 'attendance' AND at_us >= ? ORDER BY ord"
"""How it was read before: the negative control."""


async def filled(folder: Path, days: int) -> Store:
    """A store with four punches of one employee on each of so many days, the last one after that of the day before."""
    store = Store(folder / f"{days}.db", inline=True)
    await store.open()
    reading = Clocks(boot_id="b", boot_seq=1, trusted=lambda: True).read()

    def fill(db: Database) -> None:
        for n in range(4 * days):
            at = FIRST - timedelta(days=days - 1 - n // 4) + timedelta(hours=2 * (n % 4))
            kind = Kind.OUT if n % 2 else Kind.IN
            draft = ledger.Draft(
                "ada", kind, False, None, "f" * 64, "B3C4", replace(reading, wall_at=at), "UTC", 0, "door", "pcsc"
            )
            lanes = {outbox.ATTENDANCE: kind}
            outbox.put(
                db, ledger.add_punch(db, draft), draft, lanes=lanes, clock=ClockQuality.SYNCHRONIZED, tracker="none"
            )

    await store.run(fill)
    return store


def steps(db: Database, read: Callable[[], object]) -> int:
    """Count the steps that SQLite's machine takes for a read."""
    count = 0

    def step() -> int:
        nonlocal count
        count += 1
        return 0

    db.conn.set_progress_handler(step, 1)
    read()
    db.conn.set_progress_handler(None, 1)
    return count


async def test_two_days_cost_the_same_after_a_month_and_after_years(tmp_path: Path) -> None:
    since_us = ledger.to_us(FIRST - timedelta(days=1))
    took = []
    for days in (30, 600):
        store = await filled(tmp_path, days)

        def count(db: Database) -> tuple[int, ...]:
            now = Now(2, 10**12, ledger.to_us(FIRST))
            reads: list[Callable[[], object]] = [
                lambda: outbox.counted(db, "ada", since_us),
                lambda: outbox.history(db, "ada", outbox.ATTENDANCE, since_us, now),
                lambda: db.execute(BY_TIME, ["ada", since_us]).fetchall(),
            ]
            assert len(outbox.counted(db, "ada", since_us)) == 8
            assert len(outbox.history(db, "ada", outbox.ATTENDANCE, since_us, now)) == 8
            return tuple(steps(db, read) for read in reads)

        took.append(await store.run(count))
        await store.close()
    (counted, history, by_time), (counted_later, history_later, by_time_later) = took
    assert (counted, history) == (counted_later, history_later)
    assert by_time_later > 10 * by_time


@pytest.mark.parametrize(
    ("old", "clock", "found"),
    [
        (OLDER_ROWS - 1, ClockQuality.SYNCHRONIZED, 40 - OLDER_ROWS + 1),
        (OLDER_ROWS, ClockQuality.SYNCHRONIZED, 10),
        (20, ClockQuality.UNCERTAIN, 20),
    ],
)
async def test_some_punches_that_were_moved_to_another_year_hide_nothing(
    tmp_path: Path, old: int, clock: ClockQuality, found: int
) -> None:
    store = await filled(tmp_path, 10)

    def count(db: Database) -> int:
        db.execute("UPDATE outbox SET at_us = 0, clock = ? WHERE seq > ? AND seq <= 30", [clock.value, 30 - old])
        return len(outbox.counted(db, "ada", ledger.to_us(FIRST - timedelta(days=60))))

    assert await store.run(count) == found
    await store.close()
