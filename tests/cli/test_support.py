"""A bundle for whoever helps: what is needed is in it, and no secret, badge, name or note, in whatever form."""

import asyncio
import base64
import gzip
import json
import stat
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from clockd.cli.support import _harmless_words
from clockd.core.scrub import Scrubber, forms
from tests.e2e.processes import KEY, SECRET, clockd
from tests.e2e.rig import bench
from tests.standins import StandIn

PROXY_PASSWORD = "proxy-pa55:wörd"
PEPPER = "pepper-of-this-door-0123456789"
NOTE = "Krankenstand Müllerbauer"
STRANGER = "Hildegunde Öztürkmann"
UID, UID_2 = "04F1D2C3B4A596", "DE4A91C7"
USERNAME, NAME = "jörg.testfrau", "Jörg Testfrau-Čapek"
E_MAIL = "chefin@zahnarzt-praxis.example"
CLIENT, PROJECT = "Kundschaft Huberova", "Geheimprojekt Xaver"
TERMINAL = "Praxis Dr. Zwetschke"
SECRETS = [SECRET, KEY, PROXY_PASSWORD, PEPPER]
PLANTED = [*SECRETS, NOTE, STRANGER, UID, UID_2, USERNAME, NAME, E_MAIL, CLIENT, PROJECT, TERMINAL]


def badge_forms(uid: str) -> Iterator[str]:
    raw = bytes.fromhex(uid)
    for data in (raw, raw[::-1]):
        text = data.hex()
        for form in (text, text.upper()):
            yield form
            yield from (between.join(form[n : n + 2] for n in range(0, len(form), 2)) for between in ":- ")
        yield str(int.from_bytes(data))
        yield base64.b64encode(data).decode()


def all_forms(text: str) -> set[str]:
    """Whatever a planted text may look like; of a name each part counts."""
    if text in (UID, UID_2):
        return set(badge_forms(text))
    parts = [text] if text in SECRETS else [text, *(part for part in text.split() if len(part) > 3)]
    found = {form for part in parts for form in (*forms(part), part.lower(), part.upper(), quote(part))}
    return (
        found | {part.encode().hex() for part in parts} | {base64.b64encode(part.encode()).decode() for part in parts}
    )


def journal() -> str:
    """Lines as a daemon and its libraries might write them on their worst day: every planted text, in every form."""
    lines = ["2026-11-29T10:00:00+0000 clockd[4711]: INFO clockd.daemon.running: pcsc takes taps"]
    for text in PLANTED:
        for form in sorted(all_forms(text)):
            lines += [
                f"2026-11-29T10:00:01+0000 clockd[4711]: WARNING clockd.flow.line: {form} is lost",
                f"2026-11-29T10:00:02+0000 clockd[4711]: ERROR x: user “{form}”={form};https://{quote(form)}@h/?k={form}",
            ]
    return "\n".join(lines)


def bundle(path: Path) -> dict[str, str]:
    with tarfile.open(path) as tar:
        members = tar.getmembers()
        assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", 0)}
        streams = [(m.name.removeprefix("clockd-support/"), tar.extractfile(m)) for m in members]
        return {name: stream.read().decode() for name, stream in streams if stream is not None}


def assert_nothing_in(path: Path) -> None:
    unpacked = gzip.decompress(path.read_bytes())
    found = [(text, form) for text in PLANTED for form in all_forms(text) if form.encode() in unpacked]
    assert found == []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    StandIn(folder, "journalctl", monkeypatch, [("--unit clockd", 0, journal())])
    StandIn(folder, "timedatectl", monkeypatch, [("show", 0, "Timezone=Europe/Vienna\nNTPSynchronized=yes")])
    monkeypatch.setenv("CLOCKD_TRACKER_PROXY_PASSWORD", PROXY_PASSWORD)
    monkeypatch.setenv("CLOCKD_BADGE_PEPPER", PEPPER)
    return tmp_path


async def test_nothing_of_what_was_planted_is_in_it(machine: Path) -> None:
    file = machine / "support.tar.gz"
    sections = {
        "button": [{"gpio": 5, "action": "project", "client": CLIENT, "project": PROJECT}],
    }
    async with bench(
        machine, people=1, panel=True, env={"CLOCKD_BADGE_PEPPER": PEPPER}, terminal={"name": TERMINAL}, more=sections
    ) as rig:
        config = rig.daemon.config
        config.write_text(f"# {NAME} {NOTE} {SECRET}\n" + config.read_text())
        await rig.daemon.ask("badges.add", uid=UID, username=USERNAME, name=NAME, by=STRANGER)
        rig.serial.raw(UID.encode() + b"\r\n" + UID_2.encode() + b"\r\n")
        punches = await rig.daemon.recorded(2)
        await rig.daemon.ask("punches.ignore", ids=[punches[1]["id"]], why=NOTE, by=STRANGER)
        said = await asyncio.to_thread(lambda: clockd("support", file, "--config", config, CLOCKD_BADGE_PEPPER=PEPPER))
    assert said.code == 0, said.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert_nothing_in(file)
    parts = bundle(file)
    status = json.loads(parts["status.json"])
    assert status["version"] in parts["system.txt"]
    assert status["schema"] >= 3
    assert status["punches"]["total"] == 2
    assert [person["username"] for person in status["present"]] == ["person-1"]
    assert json.loads(parts["configuration.json"])["tracker"]["kind"] == "timetrack"
    assert "ok   configuration: terminal this-terminal" in parts["check.txt"]
    assert "2026-11-29T10:00:00+0000 clockd[4711]: INFO clockd.daemon.running: pcsc takes taps" in parts["journal.txt"]
    assert "user “person-1”" in parts["journal.txt"]
    assert "NTPSynchronized=yes" in parts["clock.txt"]
    assert "bytes are free" in parts["disk.txt"]


def test_control_without_the_scrubber_all_of_it_is_found() -> None:
    unpacked = journal()
    assert all(form in unpacked for text in PLANTED for form in all_forms(text))


WRONG = f"""
# {STRANGER}
[terminal]
name = "{TERMINAL}"
state_dir = "STATE"
note = "{NOTE}"
[tracker]
kind = "timetrack"
url = "https://{E_MAIL}:{SECRET}@testaccount.example/{KEY}?token={SECRET}"
password = "{PROXY_PASSWORD}"
since = 2020-01-01
["{NAME}"]
"{USERNAME}" = "{UID}"
"""


@pytest.mark.parametrize("text", [WRONG, "[" + WRONG, "", None])
def test_it_is_made_when_nothing_works(text: str | None, machine: Path) -> None:
    """Neither daemon, nor store, nor a configuration that is one: just then help is needed."""
    config, file = machine / "clockd.toml", machine / "support.tar.gz"
    if text is not None:
        config.write_text(text.replace("STATE", str(machine)))
    said = clockd("support", file, "--config", config, "--socket", machine / "none", CLOCKD_BADGE_PEPPER=PEPPER)
    assert said.code == 0, said.err
    assert_nothing_in(file)
    parts = bundle(file)
    assert parts["journal.txt"].startswith("2026-11-29T10:00:00+0000 clockd")
    if text == WRONG:
        assert "clockd.toml: tracker" in parts["configuration-problem.txt"]
        assert json.loads(parts["configuration.json"])["tracker"]["url"].startswith("https://testaccount.example/")


def test_without_the_programs_it_says_so(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = machine / "support.tar.gz"
    monkeypatch.setenv("PATH", str(machine))
    said = clockd("support", file, "--config", machine / "none.toml", "--socket", machine / "none")
    assert said.code == 0
    assert "cannot be run here" in bundle(file)["journal.txt"]


def test_an_older_bundle_is_kept(machine: Path) -> None:
    file = machine / "support.tar.gz"
    file.write_text("mine")
    said = clockd("support", file, "--config", machine / "none.toml")
    assert (said.code, "exists already" in said.err) == (1, True)
    assert file.read_text() == "mine"


WORDS = _harmless_words({}, {})


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-29T10:00:00+0000 clockd[4711]: WARNING clockd.flow.devices: pcsc is lost: the reader is not there",
        "the certificate of localhost:45695 has expired: it has to be renewed there",
        "credential timetrack-api-key: holds a character that it cannot have (U+0020)",
        "the proxy wants a user and a password (407): tracker-proxy-password",
        "clockd.service: Main process exited, code=killed, status=9",
        "nothing can be recorded (No space left on device)",
        "clockd.toml: rules.repeat_s: expected number, got str",
        "/dev/i2c-1, /dev/spidev0.0, i2c:1:0x3c",
    ],
)
def test_what_clockd_says_itself_can_be_read(text: str) -> None:
    assert Scrubber([], {}, WORDS).text(text) == text


def test_pseudonyms_are_the_same_everywhere() -> None:
    scrub = Scrubber([], {"ada": "person-1", "Ada Lovelace": "person-1", "li": "person-2"}, WORDS)
    document: Any = {"username": "Ada", "detail": "ADA LOVELACE is lost, li is here", "n": 3, "ok": True, "x": None}
    assert scrub.document(document) == {
        "username": "person-1",
        "detail": "person-1 is lost, person-2 is here",
        "n": 3,
        "ok": True,
        "x": None,
    }
