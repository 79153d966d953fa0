"""`clockd badges decode`, `--format`, PINs, and badges that count for some days only; with a daemon that runs."""

import asyncio
from pathlib import Path

import pytest

from tests.e2e.conftest import Command
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 2, "readers": ["desk"], "panel": True}


async def test_a_number_is_shown_in_every_form(clockd: Command) -> None:
    said = await clockd("badges", "decode", "0042954749443")
    assert said.code == 0
    lines = {line.split()[0]: line for line in said.out.splitlines()}
    for form, printed in (("hex", "0A004D7603"), ("decimal", "0005076483"), ("facility-card", "077,30211")):
        assert printed in lines[form]
    assert "wiegand-26" in lines
    assert "paxton" in lines


async def test_a_number_that_can_be_two_badges_is_shown_as_each(clockd: Command) -> None:
    said = await clockd("badges", "decode", "0013748911")
    assert "Reading 1 of 2: badge 0013748911" in said.out
    assert "Reading 2 of 2: badge 00D1CAAF" in said.out
    told = await clockd("badges", "decode", "0013748911", "--format", "decimal", "--json")
    [badge] = told.json
    assert badge["uid"] == "00D1CAAF"
    assert {"format": "facility-card", "number": "209,51887"}.items() <= badge["notations"][5].items()


@pytest.mark.parametrize("words", [["decode"], ["decode", "--tap", "04AA0001"], ["decode", "hello"]])
async def test_what_is_no_number(clockd: Command, words: list[str]) -> None:
    said = await clockd("badges", *words)
    assert (said.code, said.out) == (2, "")


async def test_a_tap_is_shown_and_counts(rig: Rig, clockd: Command) -> None:
    decoding = asyncio.ensure_future(clockd("badges", "decode", "--tap", "--json"))
    while not decoding.done():  # whether the daemon waits already, nobody tells
        rig.desk.terminal.tap(uid_of(0).hex)
        await asyncio.sleep(0.1)
    said = await decoding
    assert said.json[0]["uid"] == uid_of(0).hex
    await rig.desk.says("Person 0: in", "Saved")
    assert {punch["username"] for punch in await rig.daemon.punches()} == {"user000"}


async def test_a_printed_number_is_asked_about_and_then_enrolled(rig: Rig, clockd: Command) -> None:
    said = await clockd("badges", "add", "--uid", "0013748911", "-u", "user001")
    assert (said.code, said.out) == (2, "")
    assert "0013748911 is the badge 0013748911 with --format hex" in said.err
    assert "0013748911 is the badge 00D1CAAF with --format decimal" in said.err
    added = await clockd("badges", "add", "--uid", "0013748911", "-u", "user001", "--format", "decimal")
    assert (added.code, added.out) == (0, "badge …CAAF belongs to user001 (user001)\n")
    rig.desk.terminal.tap("00D1CAAF")
    await rig.desk.says("user001: in", "Saved")
    rig.desk.terminal.tap("0100D1CAAF")  # the same badge at a reader that reads it whole
    await rig.desk.says("user001: out", "Saved")
    assert (await clockd("badges", "remove", "--uid", "209,51887")).code == 0
    assert (await clockd("badges", "remove", "--uid", "00D1CAAF")).code == 1


async def test_whoever_gets_a_badge_by_its_other_number_has_it_alone(clockd: Command) -> None:
    await clockd("badges", "add", "--uid", "0A004D7603", "-u", "user000")
    said = await clockd("badges", "add", "--uid", "077,30211", "-u", "user001")
    assert "before, it belonged to user000" in said.out
    assert [b["username"] for b in (await clockd("badges", "list", "--json")).json if b["tail"] == "7603"] == [
        "user001"
    ]
    await clockd("badges", "add", "--uid", "0B004D7603", "-u", "user000")
    await clockd("badges", "add", "--uid", "0A004D7603", "-u", "user001")
    refused = await clockd("badges", "add", "--uid", "077,30211", "-u", "user001")
    assert (refused.code, "user000 and user001 end so" in refused.err) == (1, True)
    for uid in ("0A004D7603", "0B004D7603"):
        assert (await clockd("badges", "remove", "--uid", uid)).code == 0


async def test_taps_of_any_form_come_along(rig: Rig, clockd: Command) -> None:
    rig.desk.terminal.tap("0C00ABCDEF")
    await rig.desk.says("Unknown badge")
    said = await clockd("badges", "add", "--uid", "0011259375", "--format", "decimal", "-u", "user000")
    assert "punches of this badge that are sent now: 1" in said.out
    await clockd("badges", "remove", "--uid", "0011259375", "--format", "decimal")


async def test_a_file_of_printed_numbers(clockd: Command, tmp_path: Path) -> None:
    file = tmp_path / "badges.csv"
    file.write_text("uid,username,from,until\n0013748911,user000,2026-11-01,\n0005076483,user001,,2099-12-31\n")
    said = await clockd("badges", "import", file)
    assert (said.code, said.out) == (2, "")
    assert "can be read in 2 ways" in said.err
    assert "00D1CAAF with --format decimal" in said.err
    assert "0013748911 with --format hex" in said.err
    done = await clockd("badges", "import", file, "--format", "decimal")
    assert (done.code, done.out) == (0, "2 badges imported\n")
    found = {b["tail"]: (b["from_day"], b["until_day"]) for b in (await clockd("badges", "list", "--json")).json}
    assert (found["CAAF"], found["7603"]) == (("2026-11-01", None), (None, "2099-12-31"))
    assert "until 2099-12-31" in (await clockd("badges", "list")).out
    file.write_text("uid,username,until\n00D1CAAF,user000,31.12.2026\n")
    bad = await clockd("badges", "import", file)
    assert "line 2: a day that is none; write it as 2026-11-30" in bad.err
    for uid in ("00D1CAAF", "004D7603"):
        await clockd("badges", "remove", "--uid", uid)


async def test_a_badge_that_does_not_count_any_more_waits_for_the_office(rig: Rig, clockd: Command) -> None:
    ended = ("badges", "add", "--uid", "04CAFE01", "-u", "user000", "--name", "Vera", "--until", "2026-01-31")
    said = await clockd(*ended)
    assert said.out == "badge …FE01 belongs to Vera (user000), until 2026-01-31\n"
    rig.desk.terminal.tap("04CAFE01")
    await rig.desk.says("Vera: this badge is not valid any more")
    held, *_ = (await clockd("punches", "--state", "held", "--json")).json
    assert "of user000 counts from … to 2026-01-31" in held["delivery"]["held_because"]
    again = await clockd("badges", "add", "--uid", "04CAFE01", "-u", "user000", "--until", "2099-01-31")
    assert "punches of this badge that are sent now: 1" in again.out
    coming = await clockd("badges", "add", "--uid", "04CAFE02", "-u", "user001", "--from", "2099-01-01")
    assert coming.code == 0
    rig.desk.terminal.tap("04CAFE02")
    await rig.desk.says("valid from 01 January")
    wrong = await clockd(
        "badges", "add", "--uid", "04CAFE02", "-u", "x", "--from", "2026-02-01", "--until", "2026-01-01"
    )
    assert (wrong.code, "end before it begins" in wrong.err) == (2, True)


async def test_a_pin_is_given_and_never_shown(clockd: Command) -> None:
    admin = await clockd("badges", "add", "--pin", "--admin", "-u", "user000", stdin="739164\n")
    assert admin.code == 2
    given = await clockd("badges", "add", "--pin", "-u", "user000", stdin="739164\n")
    assert (given.code, given.out) == (0, "the PIN belongs to user000 (user000)\n")
    taken = await clockd("badges", "add", "--pin", "-u", "user001", stdin="739164\n")
    assert (taken.code, "this PIN is taken" in taken.err) == (1, True)
    for digits, why in (
        ("12", "2 digits"),
        ("4444", "one of the first"),
        ("123456", "one of the first"),
        ("x", "not digits"),
    ):
        refused = await clockd("badges", "add", "--pin", "-u", "user001", stdin=f"{digits}\n")
        assert (refused.code, why in refused.err) == (2, True)
        assert len(digits) < 4 or digits not in refused.err
    listed = (await clockd("badges", "list", "--json")).json
    [pin] = [badge for badge in listed if badge["tail"] == "PIN"]
    assert (await clockd("badges", "remove", "--fingerprint", pin["fingerprint"])).code == 0
    assert (await clockd("badges", "add", "-u", "ada")).code == 2
