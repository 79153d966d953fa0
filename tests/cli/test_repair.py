"""What a person decides about punches: whose, when, whether; and that the ledger says who and why."""

import csv
import getpass
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clockd.core.ids import short_id
from tests.e2e.conftest import Command
from tests.e2e.looking import next_second, until
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

STRANGERS = 10
"""From here on badges are nobody's, and usernames unknown to the tracker."""
BENCH = {"people": 6, "readers": ["desk"], "tracker": {"quarantine_s": 1}}


class Door:
    """Taps, one at a time, and what became of each."""

    def __init__(self, rig: Rig, clockd: Command) -> None:
        self._rig = rig
        self._clockd = clockd

    async def tap(self, n: int) -> str:
        """Hold a badge to the reader; return the id of the punch."""
        count = len(await self._rig.daemon.punches())
        await next_second()  # in and out are not the same second
        self._rig.desk.terminal.tap(uid_of(n).hex)
        return str((await self._rig.daemon.recorded(count + 1))[-1]["id"])

    async def becomes(self, punch_id: str, state: str) -> Any:
        """Wait until a punch is in a state; return it with its story."""

        async def look() -> Any:
            said = await self._clockd("punches", "show", punch_id)
            assert said.code == 0, said.err
            return said.json if said.json["delivery"]["state"] == state else None

        return await until(look)


@pytest.fixture
def door(rig: Rig, clockd: Command) -> Door:
    return Door(rig, clockd)


def told(punch: Any, what: str) -> Any:
    """The row of a punch's story that says so."""
    (row,) = [row for row in punch["story"] if row["what"] == what]
    return row


async def test_an_unknown_badge_is_held_until_it_is_somebodys(rig: Rig, clockd: Command, door: Door) -> None:
    first, second = await door.tap(STRANGERS), await door.tap(STRANGERS)
    held = (await clockd("punches", "--json", "--state", "held")).json
    assert [punch["id"] for punch in held] == [second, first]
    assert {(punch["username"], punch["kind"]) for punch in held} == {(None, None)}
    assert "clockd badges assign" in held[0]["delivery"]["held_because"]
    assert (await clockd("status")).code == 1
    assert (await clockd("sync", "--wait")).code == 1
    refused = await clockd("punches", "retry", first)
    assert (refused.code, "belongs to nobody" in refused.err) == (1, True)

    added = await clockd("badges", "add", "--uid", uid_of(STRANGERS).hex, "-u", "user000")
    assert "punches of this badge that are sent now: 2" in added.out
    assert [(await door.becomes(punch, "delivered"))["kind"] for punch in (first, second)] == ["in", "out"]
    assert (await clockd("status")).code == 0
    punches = (await clockd("punches", "--json", "-u", "user000")).json
    begin, end = (punch["local"][:19] for punch in reversed(punches))
    assert await rig.simulator.booked() == [("user000", begin, end)]


async def test_a_stray_before_other_punches_needs_a_person(clockd: Command, door: Door) -> None:
    """In or out would be a guess, so it is asked."""
    stray = await door.tap(STRANGERS + 1)
    known = await door.tap(1)
    added = await clockd("badges", "add", "--uid", uid_of(STRANGERS + 1).hex, "-u", "user001")
    assert "need your decision: 1" in added.out
    shown = (await clockd("punches", "--state", "held")).out
    assert "clockd punches amend ID --kind in|out" in shown
    assert (await clockd("punches", "retry", stray)).code == 1
    await clockd("punches", "void", known, "--why", "held to the reader once more")
    amended = await clockd("punches", "amend", stray, "--kind", "in", "--why", "she came first")
    assert (amended.code, amended.out) == (0, f"amended {short_id(stray)}\n")
    assert told(await door.becomes(stray, "delivered"), "amend")["why"] == "she came first"
    await door.becomes(known, "void")


async def test_ignore_and_retry_keep_the_reason(rig: Rig, clockd: Command, door: Door) -> None:
    """The tracker does not know this employee."""
    await clockd("badges", "add", "--uid", uid_of(STRANGERS + 2).hex, "-u", "nobody")
    punch = await door.tap(STRANGERS + 2)
    assert "User not found" in (await door.becomes(punch, "held"))["delivery"]["held_because"]
    again = await clockd("punches", "retry", punch, "--why", "account made")
    assert again.code == 0
    assert re.match(r"retry: 1 punch\n\w{7,} held: .*User not found", again.out), again
    story = await door.becomes(punch, "held")
    assert (told(story, "retry")["why"], told(story, "retry")["by"]) == ("account made", getpass.getuser())
    done = await clockd("punches", "ignore", punch, "--why", "Prüfung – a test")
    assert (done.code, done.out) == (0, "ignore: 1 punch\n")
    story = await door.becomes(punch, "ignored")
    assert told(story, "ignore")["why"] == "Prüfung – a test"
    assert (await clockd("punches", "--state", "ignored", "--json")).json[0]["id"] == punch
    twice = await clockd("punches", "retry", punch)
    assert (twice.code, "this punch is ignored; retry is for held ones" in twice.err) == (1, True)


async def test_several_at_once_are_all_or_none(clockd: Command, door: Door) -> None:
    booked = await door.tap(5)
    await door.becomes(booked, "delivered")
    first, second = await door.tap(STRANGERS + 3), await door.tap(STRANGERS + 3)
    for wrong in ("01JD", booked):
        said = await clockd("punches", "ignore", first, wrong, second, "--why", "x")
        assert (said.code, said.out) == (1, "")
        assert wrong in said.err
        states = [(await clockd("punches", "show", punch)).json["delivery"]["state"] for punch in (first, second)]
        assert states == ["held", "held"]
    said = await clockd("punches", "ignore", first, second, first, "--why", "x")
    assert said.out == "ignore: 2 punches\n"


async def test_what_is_taken_back_is_deleted_at_the_tracker(rig: Rig, clockd: Command, door: Door) -> None:
    punch = await door.tap(2)
    await door.becomes(punch, "delivered")
    assert "user002" in {user for user, _, _ in await rig.simulator.booked()}
    said = await clockd("punches", "void", punch, "--why", "not today")
    assert (said.code, said.out) == (0, "void: 1 punch\n")
    story = await door.becomes(punch, "void")
    assert told(story, "void")["why"] == "not today"
    assert "user002" not in {user for user, _, _ in await rig.simulator.booked()}
    twice = await clockd("punches", "void", punch)
    assert (twice.code, "taken back already" in twice.err) == (1, True)


async def test_amending(rig: Rig, clockd: Command, door: Door) -> None:
    stray = await door.tap(STRANGERS + 4)
    recorded = (await clockd("punches", "show", stray)).json
    earlier = datetime.fromisoformat(recorded["local"]).replace(microsecond=0) - timedelta(hours=1)
    for words, code, why in (
        ([], 2, "nothing to amend"),
        (["--at", "soon"], 2, "'soon' is no time"),
        (["--at", "yesterday"], 2, "a day without a time"),
        (["--at", "2026-03-29 02:30"], 2, "does not exist"),
        (["--at", "2025-10-26 02:30"], 2, "exists twice"),
        (["--at", "2099-01-01 08:00"], 2, "is in the future"),
        (["--kind", "off"], 2, "unknown kind 'off'"),
        (["--kind", "project"], 2, "cannot become one on a project"),
        (["--username", ""], 2, "username is empty"),
        (["--accept"], 1, "no time is proposed"),
        (["--accept", "--at", "2026-01-01 08:00"], 2, "leave one of them out"),
    ):
        said = await clockd("punches", "amend", stray, *words)
        assert (said.code, said.out) == (code, ""), said
        assert why in said.err
    assert (await clockd("punches", "amend", stray, "--at", str(earlier), "-u", "user003")).code == 0
    half = (await clockd("punches", "show", stray)).json
    assert half["delivery"]["state"] == "held"
    assert "amend ID --kind" in half["delivery"]["held_because"]  # what is lacking now
    said = await clockd("punches", "amend", stray, "--kind", "in", "--why", "asked her")
    assert said.code == 0
    amended = await door.becomes(stray, "delivered")
    assert (amended["username"], amended["kind"], amended["local"][:19]) == ("user003", "in", earlier.isoformat())
    assert amended["clock"] == "corrected"
    assert ("user003", earlier.isoformat(), None) in await rig.simulator.booked()
    assert told(recorded, "punch") == told(amended, "punch")  # the fact itself stays
    late = await clockd("punches", "amend", stray, "--kind", "out")
    assert (late.code, "something of this punch is at the tracker already" in late.err) == (1, True)


async def test_a_missing_out_is_added(rig: Rig, clockd: Command, door: Door) -> None:
    punch = await door.tap(4)
    came = datetime.fromisoformat((await door.becomes(punch, "delivered"))["local"])
    for wrong, code, why in (
        (came - timedelta(hours=1), 2, "not after the clock-in"),
        (came + timedelta(hours=1), 2, "in the future"),
    ):
        said = await clockd("punches", "add-out", punch, "--at", wrong.isoformat(" ", "seconds"))
        assert (said.code, said.out) == (code, ""), said
        assert why in said.err
    await next_second()
    await next_second()
    at = (came + timedelta(seconds=1)).isoformat(" ", "seconds")
    said = await clockd("punches", "add-out", punch, "--at", at, "--why", "she says so")
    assert re.fullmatch(r"added [0-9A-Z]{7,8}\n", said.out), said
    added = await door.becomes(said.out.split()[1], "delivered")
    assert (added["kind"], added["reader"], told(added, "amend")["why"]) == ("out", "admin", "she says so")
    assert ("user004", came.isoformat()[:19], at.replace(" ", "T")) in await rig.simulator.booked()
    twice = await clockd("punches", "add-out", punch, "--at", at)
    assert (twice.code, "a clock-out follows already" in twice.err) == (1, True)
    assert (await clockd("punches", "add-out", added["id"], "--at", at)).code == 1  # an out lacks no out


async def test_the_whole_ledger_as_a_file(clockd: Command, door: Door, tmp_path: Path) -> None:
    formula, name = '=1+2,"x"', "Łukasz “Ø”; 李"
    await clockd("badges", "add", "--uid", uid_of(STRANGERS + 5).hex, "-u", formula)
    await clockd("badges", "add", "--uid", uid_of(STRANGERS + 6).hex, "-u", name)
    for n in (5, 6):
        await door.becomes(await door.tap(STRANGERS + n), "held")
    punches = list(reversed((await clockd("punches", "--json", "--limit", 1000)).json))

    file = tmp_path / "out.jsonl"
    said = await clockd("punches", "export", "--format", "jsonl", file)
    assert (said.code, said.out) == (0, f"{len(punches)} punches in {file}\n")
    lines = file.read_text(encoding="utf-8").splitlines()
    exported = [json.loads(line) for line in lines]
    assert [{key: punch[key] for key in punches[0]} for punch in exported] == punches  # oldest first, as they are
    assert name in file.read_text(encoding="utf-8")

    file = tmp_path / "out.csv"
    assert (await clockd("punches", "export", "--format", "csv", file)).code == 0
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert [row["id"] for row in rows] == [punch["id"] for punch in punches]
    assert [row["username"] for row in rows[-2:]] == [f"'{formula}", name]
    assert rows[0]["delivery_state"] == "delivered"
    assert rows[0]["delivery_entry_ids"] == punches[0]["delivery"]["entry_ids"][0]
    for cell in (cell for row in rows for cell in row.values()):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))

    for place, why in ((tmp_path / "nowhere" / "x", "No such file"), (Path("/dev/full"), "No space left")):
        refused = await clockd("punches", "export", "--format", "csv", place)
        assert (refused.code, refused.out) == (1, "")
        assert f"{place} cannot be written: {why}" in refused.err
    piped = await clockd("punches", "export", "--format", "csv", "-")
    assert piped.out.encode() == file.read_bytes()
    assert f"{len(punches)} punches" in piped.err
