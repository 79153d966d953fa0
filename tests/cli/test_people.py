"""Whose a tap is: unknown badges, phones, swapped badges, new usernames, and how a punch is named."""

import getpass
import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from clockd.core.ids import short_id
from tests.cli.test_repair import Door, told
from tests.e2e.conftest import Command
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

STRANGERS = 20
PHONE = "08C0FFEE"
BENCH = {"people": 8, "readers": ["desk"], "tracker": {"quarantine_s": 1}}


@pytest.fixture
def door(rig: Rig, clockd: Command) -> Door:
    return Door(rig, clockd)


async def tap(rig: Rig, uid: str) -> str:
    count = len(await rig.daemon.punches())
    rig.desk.terminal.tap(uid)
    return str((await rig.daemon.recorded(count + 1))[-1]["id"])


async def outbox(clockd: Command) -> Any:
    return (await clockd("status", "--json")).json["outbox"]


async def test_a_badge_is_given_by_a_punch_it_made(rig: Rig, clockd: Command, door: Door) -> None:
    first, second = await door.tap(STRANGERS), await door.tap(STRANGERS)
    held = (await clockd("punches", "show", first)).json["delivery"]["held_because"]
    for way in ("clockd badges assign", "clockd badges enrol", "clockd badges ignore"):
        assert way in held
    given = await clockd("badges", "assign", second, "-u", "user000", "--name", "Ada")
    assert given.code == 0, given
    assert "belongs to Ada (user000)" in given.out
    assert "punches of this badge that are sent now: 2" in given.out
    assert [(await door.becomes(punch, "delivered"))["kind"] for punch in (first, second)] == ["in", "out"]
    assert told((await clockd("punches", "show", first)).json, "assign")["by"] == getpass.getuser()
    assert (await door.becomes(await door.tap(STRANGERS), "delivered"))["username"] == "user000"
    again = await clockd("badges", "assign", first, "-u", "user001")
    assert (again.code, "is user000's" in again.err) == (1, True)
    assert (await clockd("badges", "assign", first, "-u", " ")).code == 2


async def test_a_phone_waits_for_nobody_and_its_tap_can_be_given(rig: Rig, clockd: Command, door: Door) -> None:
    phone, card = await tap(rig, PHONE), await tap(rig, "08C0FFEF")
    for punch in (phone, card):
        assert (await door.becomes(punch, "stranger"))["username"] is None
    assert (await outbox(clockd))["stranger"] == 2
    assert (await outbox(clockd))["held"] == 0
    assert (await clockd("status")).code == 0
    assert "2 stranger" in (await clockd("status")).out
    assert (await clockd("sync", "--wait")).code == 0
    assert len((await clockd("punches", "--state", "stranger", "--json")).json) == 2
    refused = await clockd("badges", "ignore", phone)
    assert (refused.code, "another identifier at each tap" in refused.err) == (1, True)
    before = len((await clockd("badges", "list", "--json")).json)
    given = await clockd("badges", "assign", phone, "-u", "user001")
    assert "is not enrolled" in given.out
    assert (await door.becomes(phone, "delivered"))["username"] == "user001"
    assert len((await clockd("badges", "list", "--json")).json) == before
    assert (await clockd("badges", "assign", phone, "-u", "user002")).code == 1
    await door.becomes(await tap(rig, PHONE), "stranger")
    amended = await clockd("punches", "amend", card, "-u", "user002")
    assert amended.code == 0, amended
    assert "amend ID --kind" in (await door.becomes(card, "held"))["delivery"]["held_because"]
    assert (await clockd("punches", "ignore", card, "--why", "nobody")).code == 0


async def test_a_card_can_be_nobodys_for_good(clockd: Command, door: Door) -> None:
    first, second = await door.tap(STRANGERS + 1), await door.tap(STRANGERS + 1)
    assert (await outbox(clockd))["held"] == 2
    said = await clockd("badges", "ignore", first, "--why", "the postman")
    assert (said.code, said.out) == (0, "the card …0015 is a stranger's; taps that wait for nobody now: 2\n")
    await door.becomes(second, "stranger")
    assert told((await clockd("punches", "show", first)).json, "disown")["why"] == "the postman"
    later = await door.tap(STRANGERS + 1)
    await door.becomes(later, "stranger")
    assert (await clockd("status")).code == 0
    assert (await clockd("badges", "ignore", first, "--undo")).code == 0
    again = await door.tap(STRANGERS + 1)
    await door.becomes(again, "held")
    assert (await clockd("badges", "ignore", again)).code == 0
    given = await clockd("badges", "assign", later, "-u", "user003")
    assert "sent now: 4" in given.out
    for punch in (first, second, later, again):
        await door.becomes(punch, "delivered")


async def test_a_missing_in_is_added(rig: Rig, clockd: Command, door: Door) -> None:
    stray = await door.tap(STRANGERS + 2)
    assert (await clockd("punches", "amend", stray, "-u", "user004", "--kind", "out")).code == 0
    left = datetime.fromisoformat((await door.becomes(stray, "held"))["local"])
    came = (left - timedelta(hours=2)).replace(microsecond=0)
    late = await clockd("punches", "add-in", stray, "--at", (left + timedelta(seconds=1)).isoformat())
    assert (late.code, late.out) == (2, ""), late
    said = await clockd("punches", "add-in", short_id(stray), "--at", f"{came:%d.%m.%Y %H:%M:%S}", "--why", "asked")
    assert re.fullmatch(r"added [0-9A-Z]{7,10}\n", said.out), said
    added = await door.becomes(said.out.split()[1], "delivered")
    assert (added["kind"], added["reader"], added["local"][:19]) == ("in", "admin", came.isoformat())
    await door.becomes(stray, "delivered")
    assert ("user004", came.isoformat(), left.isoformat()[:19]) in await rig.simulator.booked()
    twice = await clockd("punches", "add-in", stray, "--at", came.isoformat())
    assert twice.code == 1, twice


async def test_swapped_badges_change_hands(rig: Rig, clockd: Command, door: Door) -> None:
    """Booked under one name; taken back there, and booked anew under the other with the same times."""
    came, left = await door.tap(5), await door.tap(5)
    for punch in (came, left):
        await door.becomes(punch, "delivered")
    (before,) = [row for row in await rig.simulator.booked() if row[0] == "user005"]
    both = await clockd("punches", "amend", came, left, "--kind", "in")
    assert (both.code, "name several for --username alone" in both.err) == (2, True)
    said = await clockd("punches", "amend", came, left, "-u", "user006", "--why", "swapped badges")
    assert said.code == 0, said
    new = re.findall(r"amended ([0-9A-Z]{7,10})\b", said.out)
    assert len(new) == 2
    for punch in new:
        assert (await door.becomes(punch, "delivered"))["username"] == "user006"
    for punch in (came, left):
        story = await door.becomes(punch, "void")
        assert told(story, "move")["username"] == "user006"
        assert told(story, "void")["why"] == "swapped badges"
    booked = [row for row in await rig.simulator.booked() if row[0] in ("user005", "user006")]
    assert booked == [("user006", *before[1:])]
    same = await clockd("punches", "amend", new[0], "-u", "user006")
    assert (same.code, "user006's already" in same.err) == (1, True)


async def test_a_new_username_brings_everything_along(rig: Rig, clockd: Command, door: Door) -> None:
    await clockd("badges", "add", "--uid", uid_of(STRANGERS + 3).hex, "-u", "old", "--name", "Grace")
    punch = await door.tap(STRANGERS + 3)
    assert "User not found" in (await door.becomes(punch, "held"))["delivery"]["held_because"]
    listed = {person["username"]: person for person in (await clockd("people", "list", "--json")).json}
    assert (listed["old"]["badges"], listed["old"]["held"], listed["old"]["name"]) == (1, 1, "Grace")
    for words, code in (
        (("nobody-here", "x"), 1),
        (("old", "user000"), 1),
        (("old", "old"), 1),
        (("old", "a\x1bb"), 2),
    ):
        assert (await clockd("people", "rename", *words)).code == code
    said = await clockd("people", "rename", "old", "user007")
    assert said.code == 1  # user007 has a badge here
    said = await clockd("people", "rename", "old", "user007", "--merge")
    assert (said.code, "sent now: 1" in said.out) == (0, True), said
    assert (await door.becomes(punch, "delivered"))["username"] == "user007"
    assert "old" not in (await clockd("people", "list")).out.split()


async def test_the_tracker_says_whom_it_does_not_know(clockd: Command) -> None:
    said = await clockd("badges", "add", "--uid", "04C0FFEE112299", "-u", "nobody-there")
    assert "the tracker does not know nobody-there" in said.err
    said = await clockd("badges", "add", "--uid", "04C0FFEE112299", "-u", "user001")
    assert "whether the tracker knows user001 is not known" in said.err


async def test_any_part_of_an_id_that_is_one_punchs_names_it(rig: Rig, clockd: Command) -> None:
    for n in range(10):
        await tap(rig, f"08C0FF{n:02X}")
    ids = [punch["id"] for punch in (await clockd("punches", "--json")).json]
    assert len(ids) > 20  # nothing was cut
    shown = (await clockd("punches", "--limit", "1000")).out.splitlines()
    for punch_id in ids:
        assert any(line.split()[0] == short_id(punch_id) for line in shown)
        assert (await clockd("punches", "show", short_id(punch_id))).json["id"] == punch_id
    for punch_id in ids[:3]:
        length = next(n for n in range(1, 27) if sum(other.startswith(punch_id[:n]) for other in ids) == 1)
        assert (await clockd("punches", "show", punch_id[:length].lower())).json["id"] == punch_id
    several = await clockd("punches", "void", ids[0][:2])
    assert (several.code, " could be " in several.err, " and more" in several.err) == (1, True, True)
    for nothing in ("", "01", "ZZZZZZZ", "…", "%", "0" * 26):
        assert (await clockd("punches", "show", nothing)).code in (1, 2)
    cut = await clockd("punches")
    assert len([line for line in cut.out.splitlines() if not line.startswith("    ")]) == 21
    assert "the newest 20" in cut.err


async def test_sync_has_no_bar_where_nothing_waits(clockd: Command) -> None:
    said = await clockd("sync", "--wait")
    assert "0/0" not in said.err
