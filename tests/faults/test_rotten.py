"""A cell that was damaged stops nobody: the terminal starts, everybody taps, and it is told and kept as it is."""

import logging
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clockd import config, control
from clockd.core import feedback
from clockd.core.model import Employee, Tap, Uid
from clockd.core.wire import NotSent, Request
from clockd.daemon.opening import Core, open_core, open_office
from clockd.flow import counter
from clockd.flow.line import Line
from clockd.flow.terminal import Terminal
from clockd.flow.timekeeper import Timekeeper
from clockd.store import badges
from tests.cli.test_looking import configured
from tests.faults.rotten import KINDS, Rot, Then

ADA, BOB = (Uid.of(bytes([4, 0xA2, 0, 0, n, 0, 0])) for n in (1, 2))
AT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


class Door:
    """A terminal as the daemon makes it, with what it does at its start."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.screens = list[feedback.Screen]()
        self.office = open_office(core)
        self.terminal = Terminal(
            core.store, core.fingerprints, core.door, lambda *_: None, lambda screen, _: self.screens.append(screen),
            lambda: None,
        )  # fmt: skip

    async def start(self) -> None:
        """What the daemon does before it takes taps."""
        await Timekeeper(self.core.store, self.core.door, self.core.read_clock, lambda: None).open()
        line = Line(self.core.store, nothing_sent, self.core.read_clock, 30)
        await line.open()
        assert line._sent_s == sorted(line._sent_s)
        assert all(sent_s <= self.core.read_clock().boottime_s for sent_s in line._sent_s)

    async def tap(self, uid: Uid, hours: float) -> feedback.Screen:
        reading = self.core.read_clock()
        moved = replace(reading, wall_at=AT + timedelta(hours=hours), boottime_s=reading.boottime_s + hours * 3600)
        await self.terminal.tapped(Tap(uid, "serial", moved))
        return self.screens[-1]

    async def ask(self, cmd: str, **words: Any) -> Any:
        sent: control.Command = {"cmd": cmd, **words}
        return await counter.answer(self.office, sent)


async def nothing_sent(request: Request) -> NotSent:
    return NotSent("no network")


def test_there_are_kinds_of_every_table() -> None:
    assert len(KINDS) >= 18
    assert len({rot.name for rot in KINDS}) == len(KINDS)


@pytest.mark.parametrize("rot", KINDS, ids=[rot.name for rot in KINDS])
async def test_a_rotten_cell_stops_nobody(tmp_path: Path, rot: Rot, caplog: pytest.LogCaptureFixture) -> None:
    loaded, secrets = config.load(configured(tmp_path)), config.Secrets(None, {})
    async with open_core(loaded, secrets) as core:
        door = Door(core)
        prints = {name: core.fingerprints.of(uid) for uid, name in ((ADA, "ada"), (BOB, "bob"))}
        for uid, name in ((ADA, "ada"), (BOB, "bob")):  # not by a command, whose row would be the first of the ledger
            give = partial(badges.add, fingerprint=prints[name], tail=uid.tail, employee=Employee(name, name), now_us=0)
            await core.store.run(give)
        assert isinstance(await door.tap(ADA, 0), feedback.Punched)
    database = tmp_path / "state" / "clockd.db"
    before = spoil(database, rot, prints)
    caplog.clear()
    async with open_core(loaded, secrets) as core:
        door = Door(core)
        await door.start()
        assert core.store.damaged == [], "the database is not given up for a cell"
        assert any(rot.told in row for row in core.store.unreadable), core.store.unreadable
        assert any(rot.told in r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR), "and in the log"
        assert isinstance(await door.tap(BOB, 1), feedback.Punched)
        wanted = feedback.Punched if rot.ada is Then.BOOKED else feedback.UnknownBadge
        assert isinstance(await door.tap(ADA, 2), wanted)
        assert isinstance(await door.tap(BOB, 3), feedback.Punched)
        await door.office.documents.summary()
        listed = await door.ask("punches")
        assert len(listed) == 4
        for punch in listed:
            await door.ask("punches.show", id=punch["id"])
        await door.ask("badges")
        verified = await door.ask("ledger.verify")
        assert verified["ok"] is not bool(rot.says), verified
        assert rot.says in (verified["wrong"] or "")
        held = [punch for punch in listed if punch["delivery"]["state"] == "held"]
        assert len(held) == (rot.ada is Then.STRANGER or rot.holds)
    assert rows(database, rot.kept.format(**prints)) == before, "byte for byte"
    async with open_core(loaded, secrets):
        pass


def spoil(database: Path, rot: Rot, prints: dict[str, str]) -> list[Any]:
    """Let a cell rot; return what must stay."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        for statement in rot.spoil.split("; "):
            db.execute(statement.replace("{{}}", "{}").format(**prints) if "{ada}" in statement else statement)
        trigger = "CREATE TRIGGER IF NOT EXISTS ledger_refuses_update BEFORE UPDATE ON ledger "
        db.execute(trigger + "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END")
    found = rows(database, rot.kept.format(**prints))
    assert found
    return found


def rows(database: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(query).fetchall()
