"""`clockd hours` and the pairs of an export: of a store that is looked at, and of a daemon that runs."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clockd import config, daemon
from clockd.core.delivery import Held, HoldCode
from clockd.core.model import ClockQuality, Kind
from tests.cli.test_looking import configured, everything
from tests.e2e.conftest import Command
from tests.e2e.looking import next_second
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig
from tests.filled import Made, fill

BENCH = {"readers": ["desk"]}
VIENNA = ZoneInfo("Europe/Vienna")
MONDAY = date(2025, 3, 24)
"""Of a week in which the clocks are changed."""


def at(day: int, hour: float, second: int = 0) -> datetime:
    """A wall-clock time of that week."""
    wall = datetime.combine(MONDAY, datetime.min.time()) + timedelta(days=day, hours=hour, seconds=second)
    return wall.replace(tzinfo=VIENNA).astimezone(UTC)


def history() -> Iterator[Made]:
    """Two years of one employee, and a week in it of two others."""
    begin = at(-364, 0)
    for day in range(-364, 364):
        if day == 0:
            yield from week()
        yield Made("zoe", Kind.IN, begin + timedelta(days=day + 364, hours=7))
        yield Made("zoe", Kind.OUT, begin + timedelta(days=day + 364, hours=15))


def week() -> Iterator[Made]:
    """What is in it: a break, a night over the change of the clocks, what is missing, and what is held."""
    yield Made("ada", Kind.IN, at(0, 8, 13))
    yield Made("ada", Kind.BREAK, at(0, 12))
    yield Made("ada", Kind.RESUME, at(0, 12.5))
    yield Made("ada", Kind.OUT, at(0, 16, 45))
    yield Made("ada", Kind.OUT, at(1, 16), held=Held(HoldCode.ORPHAN_OUT, "say when they came"))
    yield Made("bob", Kind.IN, at(2, 8), held=Held(HoldCode.MISSING_OUT, "say when they left"))
    yield Made("bob", Kind.IN, at(3, 8), held=Held(HoldCode.REFUSED, "the tracker refuses it"))
    yield Made("bob", Kind.OUT, at(3, 9))
    yield Made("=bob", Kind.IN, datetime(1970, 1, 1, 0, 5, tzinfo=UTC), clock=ClockQuality.UNCERTAIN)
    yield Made("bob", Kind.IN, at(5, 22))
    yield Made("bob", Kind.OUT, at(6, 6))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("door")


@pytest.fixture
async def door(place: Path) -> Path:
    """The configuration of a door without a daemon, with that history."""
    file = configured(place)
    if not (place / "state").exists():
        async with daemon.open_core(config.load(file), config.Secrets(None, {})) as core:
            await fill(core, history())
    return file


SPAN = ("--from", MONDAY, "--to", MONDAY + timedelta(days=6))


async def test_a_week_of_years_back(command: Command, door: Path) -> None:
    before = everything(door.parent / "state")
    said = await command("hours", "--config", door, *SPAN, "--json")
    assert said.code == 0, said.err
    assert everything(door.parent / "state") == before
    found = {sheet["username"]: sheet for sheet in said.json["employees"]}
    assert list(found) == ["=bob", "ada", "bob", "zoe"]
    ada, bob = found["ada"], found["bob"]
    assert (ada["worked_s"], ada["break_s"]) == (4 * 3600 - 13 + 3.5 * 3600 + 45, 1800)
    assert [(lack["what"], lack["because"]) for lack in ada["missing"]] == [("in", None)]
    assert [(day["day"], day["worked_s"]) for day in bob["days"]] == [
        ("2025-03-27", 3600),
        ("2025-03-29", 7 * 3600),  # the wall shows eight
    ]
    assert [row["held"] for row in bob["days"][0]["work"]] == [True]
    assert [lack["what"] for lack in bob["missing"]] == ["out", "held"]
    assert [(lack["what"], lack["clock"]) for lack in found["=bob"]["missing"]] == [("out", "uncertain")]
    assert found["zoe"]["worked_s"] == 7 * 8 * 3600


async def test_a_long_span_is_asked_for_in_parts(command: Command, door: Path) -> None:
    span = ("--from", MONDAY - timedelta(days=365), "--to", MONDAY + timedelta(days=365))
    whole = (await command("hours", "--config", door, *span, "--json")).json
    assert {sheet["username"]: len(sheet["days"]) for sheet in whole["employees"]}["zoe"] == 728
    assert {sheet["username"]: len(sheet["missing"]) for sheet in whole["employees"]} == {
        "=bob": 1,
        "ada": 1,
        "bob": 2,
        "zoe": 0,
    }


async def test_as_a_table_and_as_csv(command: Command, door: Path) -> None:
    table = (await command("hours", "--config", door, *SPAN)).out
    assert "7:00:00" in table
    assert "no clock-in before this clock-out" in table
    lines = list(csv.DictReader(io.StringIO((await command("hours", "--config", door, *SPAN, "--csv")).out)))
    assert {line["username"] for line in lines} == {"'=bob", "ada", "bob", "zoe"}
    assert sum(int(line["seconds"]) for line in lines if line["what"] == "work" and line["username"] == "bob") == 28800
    only = (await command("hours", "--config", door, *SPAN, "-u", "bob", "--json")).json
    assert [sheet["username"] for sheet in only["employees"]] == ["bob"]


async def test_short_breaks_are_told_with_their_law_and_change_nothing(command: Command, door: Path) -> None:
    german = door.with_name("german.toml")
    german.write_text(door.read_text() + '\n[rules]\nnotices = "de"\n')
    plain = (await command("hours", "--config", door, *SPAN, "--json")).json["employees"]
    told = (await command("hours", "--config", german, *SPAN, "--json")).json["employees"]
    assert [each.pop("notices") for each in plain] == [[]] * len(plain), "the control"
    found = {each["username"]: each.pop("notices") for each in told}
    assert told == plain
    assert (found["ada"], {each["law"] for each in found["zoe"]}) == ([], {"ArbZG § 4"})
    (night,) = found["bob"]
    assert night == {"day": "2025-03-29", "what": "break", "law": "ArbZG § 4", "needed_s": 1800, "had_s": 0}
    lines = list(csv.DictReader(io.StringIO((await command("hours", "--config", german, *SPAN, "--csv")).out)))
    (line,) = (line for line in lines if line["what"] == "notice" and line["username"] == "bob")
    assert (line["day"], line["because"]) == ("2025-03-29", "breaks of 0:00:00, 0:30:00 are due (ArbZG § 4)")
    assert "0:30:00 are due" in (await command("hours", "--config", german, *SPAN)).out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--week", "--month"), "one of them"),
        (("--week", "--from", "2025-03-24"), "one of them"),
        (("--to", "2025-03-24"), "--to needs --from"),
        (("--from", "2025-03-24", "--to", "2025-03-23"), "--to is before --from"),
        (("--from", "yesterday"), "is no day"),
        (("-u", "nobody"), "there is no punch of"),
        (("--csv", "--json"), "not both"),
    ],
)
async def test_what_cannot_be_meant(command: Command, door: Path, words: tuple[str, ...], why: str) -> None:
    said = await command("hours", "--config", door, *words)
    assert said.code == 2
    assert why in said.err + said.out


async def exported(command: Command, door: Path, *words: object) -> list[dict[str, Any]]:
    """The punches of an export."""
    said = await command("punches", "--config", door, "export", "--format", "jsonl", *words, "-")
    assert said.code == 0, said.err
    return [json.loads(line) for line in said.out.splitlines()]


async def test_an_export_of_a_week_has_names_and_pairs(command: Command, door: Path) -> None:
    found = await exported(command, door, *SPAN)
    assert {punch["username"] for punch in found} == {"=bob", "ada", "bob", "zoe"}
    assert {punch["local"][:10] for punch in found if punch["clock"] != "uncertain"} == {
        (MONDAY + timedelta(days=day)).isoformat() for day in range(7)
    }
    by_id = {punch["id"]: punch for punch in found}
    for punch in found:
        if punch["pair"] is not None:
            assert by_id[punch["pair"]]["pair"] == punch["id"]
    own = [(p["kind"], p["pair"] is not None, p["pair_s"]) for p in found if p["username"] == "ada"]
    assert own == [
        ("in", True, None),
        ("break", True, 4 * 3600 - 13),
        ("resume", True, None),
        ("out", True, int(3.5 * 3600) + 45),
        ("out", False, None),
    ]
    sheets = (await command("hours", "--config", door, *SPAN, "--json")).json["employees"]
    assert sum(punch["pair_s"] or 0 for punch in found) == sum(sheet["worked_s"] for sheet in sheets)


async def test_an_export_of_all(command: Command, door: Path) -> None:
    assert len(await exported(command, door)) == 728 * 2 + 11
    said = await command("punches", "--config", door, "export", "--format", "csv", *SPAN, "-")
    header, *lines = csv.reader(io.StringIO(said.out))
    assert header[-4:] == ["name", "pair", "pair_s", "time_type"]
    assert {line[1] for line in lines} >= {"'=bob"}


@pytest.mark.asyncio(loop_scope="module")
async def test_of_a_daemon_that_runs(rig: Rig, clockd: Command) -> None:
    rig.desk.terminal.tap(uid_of(0).hex)
    await rig.daemon.settled(1)
    await next_second()
    rig.desk.terminal.tap(uid_of(0).hex)
    await rig.daemon.settled(2)
    rig.desk.terminal.tap(uid_of(1).hex)
    (came, left, in_) = await rig.daemon.settled(3)
    for words in ((), ("--month",), ("--from", came["local"][:10])):
        said = await clockd("hours", *words, "--json")
        assert said.code == 0, said.err
        first, second = said.json["employees"]
        seconds = [datetime.fromisoformat(punch["at"]).replace(microsecond=0) for punch in (came, left)]
        assert first["worked_s"] == (seconds[1] - seconds[0]).total_seconds()
        assert (first["name"], first["missing"]) == ("Person 0", [])
        assert [row["ids"] for row in first["days"][0]["work"]] == [[came["id"], left["id"]]]
        assert [(row["running"], row["ids"]) for row in second["days"][0]["work"]] == [(True, [in_["id"]])]
