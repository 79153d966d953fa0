"""Years of punches go through the door in pages: all of them, in order, and never more than a page at once."""

import asyncio
import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

import pytest
from sqlite_utils import Database

from clockd import config, daemon
from clockd.cli.asking import newest_punches, oldest_punches, writing
from clockd.control import Command as Sent
from clockd.core.json import Json
from clockd.core.model import ClockQuality, Kind, Reading
from clockd.errors import NoDaemon, UsageError
from clockd.flow import counter
from clockd.flow.documents import EXPORT_ROWS, SHOWN_ROWS
from clockd.store import ledger, outbox
from clockd.store.thread import Store
from tests.e2e.conftest import Command
from tests.e2e.processes import toml

T = TypeVar("T")
AT = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
COUNT = 4 * EXPORT_ROWS + 7
"""Punches of the terminal; every tenth row of its ledger is none."""


def _fill(db: Database, now: Reading) -> None:
    for n in range(COUNT):
        reading = replace(now, wall_at=AT + timedelta(minutes=n))
        draft = ledger.Draft(
            f"user{n % 3}", Kind.OUT if n % 2 else Kind.IN, True, None, "f" * 64, "B3C4", reading, "UTC",
            0, "front-door", "serial",
        )  # fmt: skip
        seq = ledger.add_punch(db, draft)
        outbox.put(
            db, seq, draft, lanes={outbox.ATTENDANCE: draft.kind}, clock=ClockQuality.SYNCHRONIZED, tracker="none"
        )
        if n % 9 == 8:
            ledger.add(db, "note", seq, reading, {"text": "no punch"})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of a terminal with so many punches."""
    folder = tmp_path_factory.mktemp("years")
    file = folder / "clockd.toml"
    terminal = {"state_dir": str(folder / "state"), "control_socket": str(folder / "c.sock")}
    file.write_text(toml({"terminal": terminal, "clock": {"trust": "always"}, "tracker": {"kind": "none"}}))

    async def fill() -> None:
        async with daemon.open_core(config.load(file), config.Secrets(None, {})) as core:
            await core.store.run(lambda db: _fill(db, core.read_clock()))

    asyncio.run(fill())
    return file


def _minutes(times: list[str]) -> list[int]:
    return [round((datetime.fromisoformat(at) - AT) / timedelta(minutes=1)) for at in times]


async def test_an_export_has_all_oldest_first(file: Path, command: Command, tmp_path: Path) -> None:
    for form in ("jsonl", "csv"):
        out = tmp_path / f"all.{form}"
        said = await command("punches", "export", "--config", file, "--format", form, out)
        assert (said.code, said.out, said.err) == (0, f"{COUNT} punches in {out}\n", "")
        text = out.read_text()
        found = list(csv.DictReader(io.StringIO(text))) if form == "csv" else list(map(json.loads, text.splitlines()))
        assert _minutes([row["at"] for row in found]) == list(range(COUNT))


@pytest.mark.parametrize("limit", [0, 1, 20, 999, 1000, 1001, COUNT, COUNT + 1])
async def test_a_list_is_as_long_as_was_asked_for(file: Path, command: Command, limit: int) -> None:
    said = await command("punches", "--config", file, "--json", "--limit", limit)
    assert _minutes([punch["at"] for punch in said.json]) == list(range(COUNT))[::-1][:limit]


async def test_a_list_of_one_employee(file: Path, command: Command) -> None:
    said = await command("punches", "--config", file, "--json", "--limit", COUNT, "-u", "user1")
    assert _minutes([punch["at"] for punch in said.json]) == [n for n in range(COUNT) if n % 3 == 1][::-1]


async def test_the_pages_themselves(file: Path) -> None:
    async with daemon.open_core(config.load(file), config.Secrets(None, {})) as core:
        office = daemon.open_office(core)
        for newest_first in (False, True):
            cursor: Json = None
            found: list[Json] = []
            while True:
                page = await counter.answer(
                    office, {"cmd": "punches.page", "cursor": cursor, "newest_first": newest_first}
                )
                assert isinstance(page, dict)
                punches = page["punches"]
                assert isinstance(punches, list)
                assert len(punches) <= EXPORT_ROWS
                found += punches
                if (cursor := page["next"]) is None:
                    break
            assert len(found) == len({json.dumps(punch) for punch in found}) == COUNT
        for cursor in (10**9, 10**40, 0):
            page = await counter.answer(office, {"cmd": "punches.page", "cursor": cursor})
            assert isinstance(page, dict)
            assert page["newest"]
        wrongs: list[Json] = [-1, "1", 1.5, True, [1], float("nan")]
        for wrong in wrongs:
            with pytest.raises(UsageError, match="cursor is a whole number"):
                await counter.answer(office, {"cmd": "punches.page", "cursor": wrong})
        with pytest.raises(UsageError, match="at most 1000 punches at once"):
            await counter.answer(office, {"cmd": "punches"})


class Counting(Store):
    """Notes how many punches each go of the store brought."""

    def __init__(self, inner: Store) -> None:
        self.inner = inner
        self.rows: list[int] = []

    async def run(self, work: Callable[[Database], T]) -> T:
        found = await self.inner.run(work)
        if isinstance(found, tuple) and found and isinstance(found[0], list):
            self.rows.append(len(found[0]))
        return found


async def test_a_tap_waits_for_some_rows_at_most(file: Path) -> None:
    async with daemon.open_core(config.load(file), config.Secrets(None, {})) as core:
        documents = daemon.open_office(core).documents
        counting = Counting(core.store)
        page = await replace(documents, store=counting).page(cursor=None, newest_first=True, state=None, username=None)
        assert isinstance(page["punches"], list)
        assert sum(counting.rows) == len(page["punches"]) > SHOWN_ROWS
        assert max(counting.rows) == SHOWN_ROWS


class Endless:
    """A terminal with punches without end; counts how often it is asked, and goes away when it was asked often."""

    def __init__(self, until: int = 10**9) -> None:
        self.asked = 0
        self.until = until

    def ask(self, sent: Sent) -> Json:
        self.asked += 1
        if self.asked > self.until:
            raise NoDaemon("the daemon went away", hint="systemctl status clockd")
        return {"punches": [{"n": self.asked}] * 10, "next": self.asked, "newest": 10**6}


def test_no_page_is_asked_for_before_it_is_needed() -> None:
    """So both sides hold one page, however many there are."""
    for pages in (oldest_punches, lambda ask: newest_punches(ask, likely=10**6)):
        terminal = Endless()
        assert len(list(islice(pages(terminal.ask), 25))) == 25
        assert terminal.asked == 3


def test_an_export_that_breaks_off_says_so(tmp_path: Path) -> None:
    out = tmp_path / "all.jsonl"
    with pytest.raises(NoDaemon) as caught, writing(out) as file:
        file.writelines(json.dumps(punch) + "\n" for punch in oldest_punches(Endless(until=3).ask))
    assert f"what stands in {out} now is not complete" in caught.value.hint
    assert "systemctl status" in caught.value.hint
    assert caught.value.exit_code == 3


async def test_a_terminal_that_cannot_be_asked_leaves_the_file_as_it_was(command: Command, tmp_path: Path) -> None:
    out = tmp_path / "all.csv"
    out.write_text("of yesterday")
    said = await command("punches", "export", "--socket", tmp_path / "nobody", "--format", "csv", out)
    assert said.code == 3
    assert out.read_text() == "of yesterday"
