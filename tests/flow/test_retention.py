"""What is older than `[keep] punches_days` goes by itself: no tap waits, and what is left is right as before."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clockd import config
from clockd.config import Config, Secret
from clockd.core import feedback
from clockd.core.chain import Because
from clockd.core.delivery import Held, HoldCode, State
from clockd.core.json import Json
from clockd.core.model import ClockQuality, Kind, Reading
from clockd.daemon.opening import BootClocks, Core, core_over, open_retention
from clockd.errors import Refused
from clockd.flow import counter
from clockd.flow.retention import Discarder, Retention
from clockd.host.timewatch import TimeWatch
from clockd.sim.goodtime.people import Person as GoodtimePerson
from clockd.sim.goodtime.profile import profile_named as goodtime_profile
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.profile import profile_named
from clockd.store import Database, archive, ledger, restoring, schema
from clockd.store.discarding import DiscardReason
from clockd.store.thread import Store
from tests import older
from tests.filled import Made, fill
from tests.flow.house import BEGIN_AT, House, in_virtual_time, simulator, username_of

DAYS = 90
TRACKERS = ("timetrack", "goodtime")


def year(employees: int = 2) -> Iterator[Made]:
    """A year of days, and the day before yesterday."""
    for days in (*range(364, 0, -7), 2):
        for n in range(employees):
            begin = BEGIN_AT - timedelta(days=days)
            yield Made(username_of(n), Kind.IN, begin)
            yield Made(username_of(n), Kind.OUT, begin + timedelta(hours=8))


def door_of(folder: Path, tracker: str) -> House:
    sim: Any = simulator(profile_named("strict"))
    if tracker == "goodtime":
        sim = GoodtimeSim(
            profile=goodtime_profile("strict"), users=tuple(GoodtimePerson(username_of(n)) for n in range(3))
        )
        return House(folder, sim, secret="sim-password")
    return House(folder, sim)


def retention_of(door: House, days: int = DAYS) -> Retention:
    core = replace_keep(door.core, days)
    return open_retention(core, Discarder(door.store, door.read_clock))


def replace_keep(core: Core, days: int) -> Core:
    return replace(core, config=msgspec.structs.replace(core.config, keep=config.Keep(punches_days=days)))


async def all_nights(retention: Retention) -> int:
    gone = 0
    while more := await retention.once():
        gone += more
    return gone


async def asked(door: House, cmd: str, **words: Json) -> Any:
    return await counter.answer(door.office, {"cmd": cmd, **words})


async def what_is_left(door: House) -> dict[str, Any]:
    """What people see of the last weeks."""
    today = door.now_at().date()
    span: dict[str, Json] = {"first": str(today - timedelta(days=38)), "last": str(today)}
    seen = await door.documents.summary()
    return {
        "hours": [await asked(door, "hours", username=username_of(n), **span) for n in range(2)],
        "people": await asked(door, "people"),
        "present": seen["present"],
        "missing": seen["missing_out"],
        "today": seen["punches"]["today"],  # type: ignore[index, call-overload]
        "held": await asked(door, "punches", state="held"),
    }


@pytest.mark.parametrize("tracker", TRACKERS)
def test_a_year_goes_and_what_is_left_is_right(tmp_path: Path, tracker: str) -> None:
    door = door_of(tmp_path, tracker)

    async def scene() -> None:
        await door.start()
        held = Held(HoldCode.REFUSED, "x")
        old = BEGIN_AT - timedelta(days=300)
        extra = [
            Made("user002", Kind.IN, old, held=held),
            Made("user002", Kind.OUT, old + timedelta(hours=8)),
            Made("user001", Kind.OUT, old + timedelta(hours=9), clock=ClockQuality.UNCERTAIN, state=State.IGNORED),
        ]
        await fill(door.core, [*year(), *extra])
        await asyncio.sleep(60)
        assert isinstance(await door.tap(0), feedback.Punched)
        await door.until_settled()
        before = await what_is_left(door)
        assert await retention_of(door, days=0).once() == 0, "the control: off"
        gone = await all_nights(retention_of(door))
        kept = [made for made in year() if BEGIN_AT - made.at <= timedelta(days=DAYS)]
        assert gone == len(list(year())) - len(kept)
        assert await what_is_left(door) == before
        verified: Any = await asked(door, "ledger.verify")
        assert (verified["ok"], verified["discarded"]) == (True, {"retention": gone})
        await asyncio.sleep(8 * 3600)
        assert isinstance(await door.tap(0), feedback.Punched)
        await door.until_settled()
        await door.loops.nightly.look()
        assert len(door.booked(0)) == 1, "nothing of before was sent again"
        left: Any = await asked(door, "punches")
        assert len(left) == len(kept) + 3 + 2
        await door.kill()

    in_virtual_time(scene)
    assert door.sim.violations() == []


def test_it_takes_a_month_a_night_and_a_wrong_clock_takes_nothing(tmp_path: Path) -> None:
    door = door_of(tmp_path, "timetrack")

    async def scene() -> None:
        await door.start()
        await fill(door.core, year(1))
        retention = retention_of(door)
        unsure = lambda: replace(door.read_clock(), trusted=False)  # noqa: E731
        assert await Retention(Discarder(door.store, unsure), retention.nights, DAYS).once() == 0
        assert [await retention.once() for _ in range(3)] == [10, 10, 10], "five weeks of which each has two punches"
        running = asyncio.create_task(retention.run())
        await asyncio.sleep(30 * 3600)
        running.cancel()
        assert (await asked(door, "ledger.verify"))["discarded"]["retention"] == 50
        await door.kill()

    in_virtual_time(scene)


def test_a_discarded_punch_cannot_be_named_and_its_story_is_gone(tmp_path: Path) -> None:
    door = door_of(tmp_path, "timetrack")

    async def scene() -> None:
        await door.start()
        await fill(door.core, year(1))
        listed: Any = await asked(door, "punches")
        first = listed[-1]["id"]
        await asked(door, "punches.void", ids=[first], why="seen by zaphod", by="office")
        await asked(door, "punches.void", ids=[listed[-2]["id"]], why="seen by zaphod", by="office")
        await door.until_settled()
        await all_nights(retention_of(door))
        for name in (first, first[-8:], first[:14]):
            with pytest.raises(Refused):
                await asked(door, "punches.show", id=name)
        log: Any = await asked(door, "ledger.log")
        assert {row["what"] for row in log["rows"]} == {"discard"}
        today = door.now_at().date()
        days: dict[str, Json] = {"first": str(today - timedelta(days=365)), "last": str(today - timedelta(days=340))}
        assert (await asked(door, "record", username="user000", **days))["changes"] == []
        await door.store.checkpoint()
        assert b"zaphod" not in (tmp_path / "clockd.db").read_bytes()
        await door.kill()

    in_virtual_time(scene)


# --- a cut between any two of its transactions ------------------------------------------------------------------------


class Snapping(Store):
    """A store whose files are copied after each transaction, as a cut would leave them."""

    copies: list[Path]

    async def run(self, work: Any) -> Any:
        done = await super().run(work)
        copy = self.path.with_name(f"cut-{len(self.copies)}")
        copy.mkdir()
        for suffix in ("", "-wal"):
            file = self.path.with_name(self.path.name + suffix)
            if file.exists():
                shutil.copy(file, copy / file.name)
        self.copies.append(copy)
        return done


async def test_a_cut_at_any_point_leaves_each_punch_whole_or_gone(tmp_path: Path) -> None:
    core = await filled_core(tmp_path, year(1))
    await core.store.close()
    store = Snapping(tmp_path / "clockd.db", inline=True)
    store.copies = []
    await store.open()
    retention = open_retention(replace_keep(replace(core, store=store), DAYS), Discarder(store, core.read_clock))
    gone = await retention.once()
    await store.close()
    assert gone == 10
    seen = set[int]()
    for copy in store.copies:
        again = Store(copy / "clockd.db", inline=True)
        await again.open()
        assert (await again.run(ledger.verify)).wrong is None
        assert await again.run(_halves) == []
        seen.add(sum((await again.run(ledger.verify)).discarded.values()))
        core = replace(core, store=again)
        rest = open_retention(replace_keep(core, DAYS), Discarder(again, core.read_clock))
        await rest.once()
        assert (await again.run(ledger.verify)).wrong is None
        await again.close()
    assert seen == {0, 10}


def _halves(db: Database) -> list[Any]:
    """Punches of which the outbox has no row and the ledger has a body, or the other way round."""
    return db.execute(
        "SELECT seq FROM ledger WHERE what = 'punch' AND (body = '') != (seq NOT IN (SELECT seq FROM outbox))"
    ).fetchall()


async def filled_core(folder: Path, punches: Iterator[Made]) -> Core:
    """A core with a history, and a clock that stands still."""
    store = Store(folder / "clockd.db", inline=True)
    await store.open()
    reading = Reading(BEGIN_AT, 1000.0, "boot", 1, trusted=True)
    clocks = BootClocks(lambda: reading, TimeWatch((), "boot", 1), None)
    door = config.TerminalSection(name="front-door", time_zone="Europe/Vienna", state_dir=str(folder))
    core = await core_over(store, Config(terminal=door), Secret("pepper"), clocks, 7)
    await fill(core, punches)
    return core


# --- rows of an older clockd ------------------------------------------------------------------------------------------


def an_older_ledger(folder: Path, rows: int = 8) -> list[str]:
    """A database as a clockd left it before m014, with punches of last year; return the hashes of its rows."""
    with closing(sqlite3.connect(folder / "clockd.db", isolation_level=None)) as connection:
        db = Database(connection, execute_plugins=False)
        db.execute("PRAGMA page_size = 2048")
        schema.migrations.apply(db, stop_before="m014_bodies_that_may_be_discarded")
        for n in range(rows):
            at = BEGIN_AT - timedelta(days=360 - n // 2, hours=-8 * (n % 2))
            reading = Reading(at, 1.0, "older", 1, trusted=True)
            body = {"username": "zaphod", "kind": "out" if n % 2 else "in", "badge": "f", "offset_s": 3600}
            seq = older.append(db, "punch", None, reading, body)
            db.execute(
                "INSERT INTO outbox (seq, lane, ord, username, kind, at_us, offset_s, clock, state) "
                "VALUES (?, 'attendance', ?, 'zaphod', ?, ?, 3600, 'synchronized', 'delivered')",
                [seq, seq << 16, body["kind"], ledger.to_us(at)],
            )
        return [row[0] for row in connection.execute("SELECT hash FROM ledger ORDER BY seq")]


async def test_an_older_ledger_is_sealed_once_and_then_loses_bodies(tmp_path: Path) -> None:
    hashes = an_older_ledger(tmp_path)
    core = await filled_core(tmp_path, year(1))
    store = core.store
    assert (await store.run(ledger.verify)).wrong is None
    retention = open_retention(replace_keep(core, DAYS), Discarder(store, core.read_clock))
    gone = await all_nights(retention)
    found = await store.run(ledger.verify)
    assert (found.wrong, sum(found.discarded.values())) == (None, gone)
    whats = await store.run(lambda db: [row.what for row in ledger.every_row(db) if row.what != "punch"])
    assert whats.count("seal") == 1
    kept = await store.run(lambda db: [ledger.hash_of(db, seq) for seq in range(1, len(hashes) + 1)])
    assert kept == hashes, "anchors of before hold"
    # an older clockd was here once more, and its new rows are sealed as well when their time comes
    reading = Reading(BEGIN_AT - timedelta(days=350), 1.0, "older", 1, trusted=True)
    late = await store.run(lambda db: older.append(db, "note", None, reading, {"text": "zaphod"}))
    await retention.discarder.bodies([late], _reason())
    found = await store.run(ledger.verify)
    assert (found.wrong, sum(found.discarded.values())) == (None, gone + 1)
    await store.close()
    assert b"zaphod" not in (tmp_path / "clockd.db").read_bytes()
    assert b"zaphod" in (tmp_path / "clockd.db.before-m014").read_bytes(), "a copy that is for a person alone"


async def test_a_backup_of_an_older_clockd_is_restored(tmp_path: Path) -> None:
    hashes = an_older_ledger(tmp_path)
    (tmp_path / "state").mkdir()
    archive.write(tmp_path / "older.backup", tmp_path / "clockd.db", {}, {})
    with archive.opened(tmp_path / "older.backup") as backup:
        done = restoring.restore(backup, tmp_path / "state" / "clockd.db", 0, None, None, older=False)
    assert (done.ledger.rows, done.ledger.last_hash) == (len(hashes), hashes[-1])
    core = await filled_core(tmp_path / "state", iter(()))
    retention = open_retention(replace_keep(core, DAYS), Discarder(core.store, core.read_clock))
    assert await retention.once() == len(hashes)
    assert (await core.store.run(ledger.verify)).wrong is None
    await core.store.close()
    # and one of a ledger that lost bodies is one as well
    archive.write(tmp_path / "new.backup", tmp_path / "state" / "clockd.db", {}, {})
    with archive.opened(tmp_path / "new.backup") as backup:
        backup.take_database(tmp_path / "again.db")


def _reason() -> DiscardReason:
    return DiscardReason(Because.ERASURE, "office", "asked for")


async def test_what_was_changed_is_never_sealed(tmp_path: Path) -> None:
    an_older_ledger(tmp_path)
    with closing(sqlite3.connect(tmp_path / "clockd.db", isolation_level=None)) as db:
        db.execute("DROP TRIGGER ledger_refuses_update")
        db.execute("UPDATE ledger SET wall_us = wall_us + 1 WHERE seq = 3")
        db.execute("CREATE TRIGGER ledger_refuses_update BEFORE UPDATE ON ledger BEGIN SELECT 1; END")
    core = await filled_core(tmp_path, iter(()))
    retention = open_retention(replace_keep(core, DAYS), Discarder(core.store, core.read_clock))
    with pytest.raises(Refused, match=r"the ledger was changed \(row 3 is not what was written\)"):
        await retention.once()
    assert await core.store.run(_halves) == []
    await core.store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET body = '', salt = NULL WHERE seq = 1",
        "UPDATE ledger SET body = '' WHERE seq = 2",
        "UPDATE ledger SET body = '{}', salt = NULL WHERE seq = 2",
        "UPDATE ledger SET body = '', salt = NULL, wall_us = 5 WHERE seq = 2",
        "UPDATE ledger SET body = '', salt = NULL, digest = x'00' WHERE seq = 2",
        "UPDATE ledger SET body = '', salt = NULL, hash = '' WHERE seq = 2",
        "DELETE FROM ledger WHERE seq = 2",
    ],
)
async def test_the_trigger_lets_nothing_else_through(tmp_path: Path, statement: str) -> None:
    core = await filled_core(tmp_path, iter([*year(1)][:4]))
    await core.store.run(lambda db: ledger.add(db, "discard", None, core.read_clock(), {}))
    await core.store.run(lambda db: db.execute("INSERT INTO discarded (seq, by_seq) VALUES (2, 5)").rowcount)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        await core.store.run(lambda db: db.execute(statement).rowcount)
    await core.store.run(lambda db: db.execute("UPDATE ledger SET body = '', salt = NULL WHERE seq = 2").rowcount)
    await core.store.close()


def test_the_last_day_is_a_day() -> None:
    """The year that the tests are made of reaches over a change of the clocks."""
    assert {made.at.date() for made in year(1)} >= {date(2025, 11, 21), date(2026, 11, 18)}


@pytest.mark.parametrize("first", [0, 1])
def test_a_shift_of_which_a_punch_is_under_way_stays_as_a_whole_and_the_others_go(tmp_path: Path, first: int) -> None:
    door = door_of(tmp_path, "timetrack")

    async def scene() -> None:
        await door.start()
        long_ago = BEGIN_AT - timedelta(days=300)
        shifts = [(username_of(n), long_ago + timedelta(days=n), 8) for n in range(2)]
        made = [
            Made(who, kind, begin + timedelta(hours=hours))
            for who, begin, length in shifts
            for kind, hours in ((Kind.IN, 0), (Kind.OUT, length))
        ]
        await fill(door.core, made)
        rows = await door.core.store.run(lambda db: db.execute("SELECT seq FROM outbox ORDER BY seq").fetchall())
        seqs = [seq for (seq,) in rows]
        pairs = [seqs[:2], seqs[2:4]]
        await door.core.store.run(
            lambda db: db.execute("UPDATE outbox SET state = 'waiting' WHERE seq = ?", [pairs[first][1]])
        )
        await retention_of(door).discarder.punches(pairs, DiscardReason(Because.RETENTION, "clockd", "old"))
        left = await door.core.store.run(lambda db: db.execute("SELECT seq FROM outbox ORDER BY seq").fetchall())
        assert [seq for (seq,) in left] == pairs[first]
        await door.kill()

    in_virtual_time(scene)
