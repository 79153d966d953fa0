"""`clockd badges …`, with a daemon that runs."""

import asyncio
import csv
import socket
from pathlib import Path
from typing import Any

import pytest

from clockd.config import Secret
from clockd.core.badge_file import BadgeLine
from clockd.core.fingerprint_file import write_fingerprint_file
from clockd.provisioning.card import seal_badges
from clockd.store.badges import Fingerprints
from tests.e2e.conftest import Command
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 4, "readers": ["desk"], "panel": True}

SECRET = "04C0FFEE112233"
"""A badge's identifier, which nothing may repeat."""


UNSAID = "clockd: whether the tracker knows user000, user001, user002 is not known\n"


async def _badges(clockd: Command) -> dict[str, Any]:
    """Who has which last digits."""
    found = (await clockd("badges", "list", "--json")).json
    assert all(
        badge.keys() >= {"username", "name", "tail", "fingerprint", "added_at", "added_local"} for badge in found
    )
    return {badge["tail"]: (badge["username"], badge["name"]) for badge in found}


@pytest.mark.parametrize(
    "text", [SECRET, "04:c0:ff:ee:11:22:33", "0x04c0ffee112233", "04-C0-FF-EE-11-22-33", " 04 c0 ff ee 11 22 33 "]
)
async def test_a_badge_is_one_however_it_is_written(clockd: Command, text: str) -> None:
    added = await clockd("badges", "add", "--uid", text, "-u", "user003", "--name", "Żółć Ñandú")
    assert (added.code, added.out) == (0, "badge …2233 belongs to Żółć Ñandú (user003)\n")
    assert (await _badges(clockd))["2233"] == ("user003", "Żółć Ñandú")
    assert len(await _badges(clockd)) == 5
    removed = await clockd("badges", "remove", "--uid", SECRET.lower())
    assert (removed.code, removed.out) == (0, "removed: the badge …2233 of user003\n")
    assert "2233" not in await _badges(clockd)


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (["add", "--uid", "04C0", "-u", "ada"], 2, "2 bytes long"),
        (["add", "--uid", "04C0FFEG", "-u", "ada"], 2, "not hexadecimal"),
        (["add", "--uid", "08C0FFEE", "-u", "ada"], 2, "random"),
        (["add", "--uid", SECRET, "-u", " "], 2, "username is empty"),
        (["add", "--uid", SECRET], 2, "--username"),
        (["remove", "--uid", SECRET], 1, "belongs to nobody"),
        (["remove"], 2, "by --uid or by --fingerprint"),
        (["remove", "--fingerprint", "0123456789abcdef"], 1, "no badge"),
        (["remove", "--fingerprint", "0"], 2, "could be another badge's"),
        (["enrol", "-u", "ada", "--timeout", "31"], 2, "--timeout"),
    ],
)
async def test_what_is_wrong_is_said(clockd: Command, words: list[str], code: int, why: str) -> None:
    said = await clockd("badges", *words)
    assert (said.code, said.out) == (code, "")
    assert why in said.err
    assert "C0FF" not in said.err
    assert len(await _badges(clockd)) == 4


async def test_a_badge_changes_hands(clockd: Command) -> None:
    await clockd("badges", "add", "--uid", SECRET, "-u", "user001")
    said = await clockd("badges", "add", "--uid", SECRET, "-u", "user002")
    assert "before, it belonged to user001" in said.out
    assert (await _badges(clockd))["2233"] == ("user002", "user002")
    (badge,) = [b for b in (await clockd("badges", "list", "--json")).json if b["tail"] == "2233"]
    assert (await clockd("badges", "remove", "--fingerprint", badge["fingerprint"])).code == 0


async def test_one_person_keeps_one_spelling(rig: Rig, clockd: Command, tmp_path: Path) -> None:
    """To the tracker case says nothing; here each spelling would have punches of its own."""
    other = "04C0FFEE112244"
    await clockd("badges", "add", "--uid", SECRET, "-u", "Ada@x.org", "--name", "Ada")
    said = await clockd("badges", "add", "--uid", other, "-u", "ada@X.org")
    told = "ada@X.org is the same person, who is known here as Ada@x.org\n"
    assert said.out == f"badge …2244 belongs to Ada@x.org (Ada@x.org)\n{told}"
    file = tmp_path / "badges.csv"
    file.write_text(f"uid,username,name\n{other},ADA@x.org,Ada\n04C0FFEE112255,Bob@x.org,\n04C0FFEE112266,bob@x.org,\n")
    said = await clockd("badges", "import", file)
    assert "ADA@x.org is the same person, who is known here as Ada@x.org\n" in said.out
    assert "bob@x.org is the same person, who is known here as Bob@x.org\n" in said.out
    await clockd("badges", "remove", "--uid", other)
    enrolling = asyncio.ensure_future(clockd("badges", "enrol", "-u", "ada@X.org", "--name", "Ada L."))
    await rig.desk.says("Ada L.")
    rig.desk.terminal.tap(other)
    assert told in (await enrolling).out
    found = await _badges(clockd)
    assert [found[tail][0] for tail in ("2233", "2244", "2255", "2266")] == ["Ada@x.org"] * 2 + ["Bob@x.org"] * 2
    for uid in (SECRET, other, "04C0FFEE112255", "04C0FFEE112266"):
        await clockd("badges", "remove", "--uid", uid)
    said = await clockd("badges", "add", "--uid", other, "-u", "ada@x.org")
    assert "known here as Ada@x.org" in said.out  # by what was removed, too
    await clockd("badges", "remove", "--uid", other)


async def test_enrolling_at_the_door(rig: Rig, clockd: Command) -> None:
    enrolling = asyncio.ensure_future(clockd("badges", "enrol", "-u", "user003", "--name", "Zoë"))
    await rig.desk.says("Zoë")
    rig.desk.terminal.tap(SECRET)
    said = await enrolling
    assert (said.code, said.out) == (0, "Tap the badge for Zoë now …\nbadge …2233 belongs to Zoë (user003)\n")
    assert await rig.daemon.punches() == []  # it was no punch
    assert (await clockd("badges", "remove", "--uid", SECRET)).code == 0


async def test_enrolling_without_a_badge_or_with_a_random_one(rig: Rig, clockd: Command) -> None:
    said = await clockd("badges", "enrol", "-u", "user003", "--timeout", 1)
    assert said.code == 1
    assert "no new badge within 1 s" in said.err
    enrolling = asyncio.ensure_future(clockd("badges", "enrol", "-u", "user003", "--name", "Somebody"))
    await rig.desk.says("Somebody")
    rig.desk.terminal.tap("08C0FFEE")
    said = await enrolling
    assert said.code == 2
    assert "random" in said.err
    assert len(await _badges(clockd)) == 4


# --- files ------------------------------------------------------------------------------------------------------

GOOD = 'uid,username,name\n04:AA:00:01,user000,"Lovelace, Ada"\n\n04AA0002,user001,Ærøskøbing\n04AA0003,user002\n'


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig").replace(b"\n", b"\r\n"),
        b'Name;Username;UID\n"Lovelace, Ada";user000;04AA0001\n\xc3\x86r\xc3\xb8sk\xc3\xb8bing;user001;04 aa 00 02\n'
        b";user002;0x04AA0003\n",
    ],
    ids=["plain", "excel", "semicolons"],
)
async def test_a_file_is_imported(clockd: Command, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "badges.csv"
    file.write_bytes(data)
    said = await clockd("badges", "import", file)
    assert (said.code, said.out, said.err) == (0, "3 badges imported\n", UNSAID)
    found = await _badges(clockd)
    assert found["0001"][1] in ("Lovelace, Ada", "Person 1")  # the bench has such last digits too
    badges = [(b["username"], b["name"]) for b in (await clockd("badges", "list", "--json")).json]
    assert {("user000", "Lovelace, Ada"), ("user001", "Ærøskøbing"), ("user002", "user002")} <= set(badges)
    assert (await clockd("badges", "import", file)).code == 0  # once more changes nothing
    assert len((await clockd("badges", "list", "--json")).json) == 7
    for uid in ("04AA0001", "04AA0002", "04AA0003"):
        assert (await clockd("badges", "remove", "--uid", uid)).code == 0


async def test_a_list_of_fingerprints_is_that_of_their_numbers(rig: Rig, clockd: Command, tmp_path: Path) -> None:
    """Made at a desk under the pepper of this terminal; under another one none of it is taken."""
    pepper = (rig.daemon.config.parent / "state" / "badge-pepper").read_text()
    lines = [BadgeLine(2, "user000", "Ada, L.", SECRET), BadgeLine(3, "user001", "", "0A00BB00CC", "", "2099-12-31")]
    file = tmp_path / "sealed.csv"

    def write(under: str) -> None:
        file.write_text(write_fingerprint_file(seal_badges(lines, under), Fingerprints(Secret(under)).check))

    write("another pepper of 16 bytes")
    said = await clockd("badges", "import", file)
    assert (said.code, "another badge-pepper" in said.err) == (1, True)
    write(pepper)
    for _ in range(2):  # once more changes nothing
        said = await clockd("badges", "import", file)
        assert (said.code, said.out) == (0, "2 badges imported\n"), said
    sealed = (await clockd("badges", "list", "--json")).json
    by_number = await clockd("badges", "add", "--uid", SECRET, "-u", "user000", "--name", "Ada, L.")
    assert by_number.code == 0
    assert [each["fingerprint"] for each in sealed] == [
        each["fingerprint"] for each in (await clockd("badges", "list", "--json")).json
    ]
    shorter = await clockd("badges", "remove", "--uid", "00BB00CC")  # as a reader of the last four bytes has it
    assert (shorter.code, shorter.out) == (0, "removed: the badge …00CC of user001\n")
    file.write_text(file.read_text().replace("2233", "223"))
    said = await clockd("badges", "import", file)
    assert (said.code, "line 2" in said.err) == (2, True)
    assert (await clockd("badges", "remove", "--uid", SECRET)).code == 0


BAD = """\
uid,username,name
04AA0001,user000,Good
04C0FFEX,user001,X

"04AA0002",,Nobody
04AA0001,user001,Twice
08C0FFEE,user001,Random
4123457,user001,Zero dropped
4.12E+12,user001,Number
,user001,None
04AA0003,user001,Doe, Jane
"""


async def test_a_file_with_bad_lines_is_not_imported_by_half(clockd: Command, tmp_path: Path) -> None:
    file = tmp_path / "badges.csv"
    file.write_text(BAD)
    before = await _badges(clockd)
    said = await clockd("badges", "import", file)
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines() == [
        f"clockd: {file}: nothing was imported",
        "  line 3: uid is not hexadecimal; write it as 04A2B3C4D5E6F7 or 04:A2:B3:C4",
        "  line 5: no username; write it as the tracker knows the employee",
        "  line 6: the same badge as line 2; leave one of them out",
        "  line 7: uid is random (it begins with 08): another one at each tap; use a badge with a fixed one",
        "  line 8: uid is not hexadecimal; a digit is missing: a spreadsheet drops leading zeros, "
        "format the column as text",
        "  line 9: uid is not hexadecimal; a spreadsheet made a number of it: "
        "format the column as text and enter it again",
        "  line 10: no uid; write the badge's whole identifier, or leave the line out",
        "  line 11: 4 cells, but 3 columns; put quotes around a name with a comma",
        "        correct these lines and import it again",
    ]
    assert await _badges(clockd) == before


QUOTES = {
    '04AA0001,user000,"Ada': "line 2: a quote is not closed on its line",
    '04AA0001,user000,"Ada\n04AA0002,user001,Bob\n04AA0003,user002,"Eve"': "line 2: a quote is not closed on its line",
    '04AA0001,user000,"Ada" L.': "line 2: text after a closing quote",
    '04AA0001,user000,"Ada\nL."': "line 2: a quote is not closed on its line",
    '04AA0001,user000,A\n04AA0002,user001,"B\rC"\n': "line 3: a quote is not closed on its line",
}


@pytest.mark.parametrize(("rows", "why"), QUOTES.items())
async def test_a_quote_swallows_no_line(clockd: Command, tmp_path: Path, rows: str, why: str) -> None:
    file = tmp_path / "badges.csv"
    file.write_bytes(f"uid,username,name\n{rows}\n".encode())
    before = await _badges(clockd)
    said = await clockd("badges", "import", file)
    assert (said.code, said.out) == (1, "")
    assert said.err.splitlines()[1].startswith(f"  {why}"), said
    assert await _badges(clockd) == before


async def test_a_daemon_takes_all_badges_or_none(rig: Rig, clockd: Command) -> None:
    """The daemon does not rely on the command's checks."""
    good = {"uid": "04AA0009", "username": "user000", "name": ""}
    for bad in ({**good, "uid": "08AA0009"}, {**good, "username": " "}, {"uid": "04AA0008"}):
        with pytest.raises(Exception, match=r"random|username"):
            await rig.daemon.ask("badges.import", badges=[good, bad], by="test")
    assert len(await _badges(clockd)) == 4


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "does not begin with the names of its columns"),
        (b"04AA0001,user000,Ada\n", "does not begin with the names of its columns"),
        (b"uid,username,name\n", "holds no badges"),
        (b"uid,username,name\n04AA0001,user000,J\xf6rg\n", "not UTF-8"),
        (None, "No such file or directory"),
    ],
)
async def test_what_is_no_badge_file(clockd: Command, tmp_path: Path, data: bytes | None, why: str) -> None:
    file = tmp_path / "badges.csv"
    if data is not None:
        file.write_bytes(data)
    said = await clockd("badges", "import", file)
    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert len(await _badges(clockd)) == 4


async def test_the_list_as_a_file(clockd: Command, tmp_path: Path) -> None:
    await clockd("badges", "add", "--uid", SECRET, "-u", "user003", "--name", '=HYPERLINK("x"),"Ø"')
    file = tmp_path / "out.csv"
    said = await clockd("badges", "export", file)
    assert (said.code, said.out) == (0, f"5 badges in {file}\n")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["name"] for row in rows if row["tail"] == "2233"] == ['\'=HYPERLINK("x"),"Ø"']
    assert SECRET not in file.read_text().upper()
    on_stdout = await clockd("badges", "export", "-")
    assert (on_stdout.out.encode(), on_stdout.err) == (file.read_bytes(), "5 badges in -\n")
    refused = await clockd("badges", "export", tmp_path / "nowhere" / "out.csv")
    assert refused.code == 1
    assert "cannot be written: No such file or directory" in refused.err
    await clockd("badges", "remove", "--uid", SECRET)


async def test_the_next_tap_knows(rig: Rig, clockd: Command) -> None:
    """What is added counts at once, what is removed counts no more."""
    await clockd("badges", "add", "--uid", SECRET, "-u", "user003", "--name", "Zoë")
    rig.desk.terminal.tap(SECRET)
    await rig.desk.says("Zoë: in", "Saved")
    await rig.daemon.settled(1)
    await clockd("badges", "remove", "--uid", SECRET)
    rig.desk.terminal.tap(SECRET)
    await rig.desk.says("Unknown badge", "2 2 3 3")
    assert [p["username"] for p in await rig.daemon.punches()] == [None, "user003"]


async def test_who_hangs_up_while_enrolling_gives_nobody_s_badge_away(rig: Rig, clockd: Command) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.connect(str(rig.daemon.socket))
        caller.sendall(b'{"cmd": "badges.enrol", "username": "user003", "name": "Hasty"}\n')
        await rig.desk.says("Hasty")
    said = await clockd("badges", "enrol", "-u", "user003", "--timeout", 1)  # the first one waits no more
    assert "no new badge within 1 s" in said.err
    rig.desk.terminal.tap("04C0FFEE778899")
    await rig.desk.says("Unknown badge", "8 8 9 9")
    assert "8899" not in await _badges(clockd)


async def test_a_colleague_who_comes_while_a_badge_is_enrolled_clocks_in(rig: Rig, clockd: Command) -> None:
    before = len(await rig.daemon.punches())
    enrolling = asyncio.ensure_future(clockd("badges", "enrol", "-u", "user003", "--name", "Patience"))
    await rig.desk.says("Patience")
    rig.desk.terminal.tap(uid_of(1).hex)
    await rig.desk.says("Person 1: in", "Saved")
    rig.desk.terminal.tap("04C0FFEE445566")
    said = await enrolling
    assert said.code == 0
    assert (await _badges(clockd))["5566"][0] == "user003"
    assert len(await rig.daemon.punches()) == before + 1
    assert (await clockd("badges", "remove", "--uid", "04C0FFEE445566")).code == 0
