"""Answers become the files of a card, or an error that says which one is wrong; no secret is in a file that stays."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from clockd import config
from clockd.core.fingerprint_file import read_fingerprint_file
from clockd.core.json import Json
from clockd.errors import ConfigError
from clockd.provisioning.answers import OWN_TABLES, STANDARD, parse_answers
from clockd.provisioning.card import files_of, repeats_a_secret
from clockd.provisioning.first_run import with_first_run
from clockd.provisioning.wireless import netplan_text, network_manager_text
from tests.deploy.first_boot import ANSWERS, BADGE, SECRETS, answers_of, given_of, held
from tests.deploy.places import FIRST_CONFIGURATION, ROOT

FILES = files_of(answers_of(), given_of())
IN = "clockd-first-boot/files"


def test_only_files_that_are_overwritten_hold_a_secret() -> None:
    assert [path for path, data in FILES.plain.items() if held(data, SECRETS | {"badge": BADGE})] == []
    together = b"".join(FILES.secret.values())
    assert set(held(together, SECRETS)) == set(SECRETS)
    assert held(together, {"badge": BADGE}) == [], "of a badge only its fingerprint lies on the card"
    assert not FILES.plain.keys() & FILES.secret.keys()
    assert all(path.startswith("clockd-first-boot/secret/") for path in FILES.secret)


def test_a_secret_that_stands_in_a_comment_is_noticed() -> None:
    text = ANSWERS.replace("[tracker]", f"# {SECRETS['timetrack-api-key']}\n[tracker]")
    files = files_of(parse_answers(text, "a.toml"), given_of())
    assert repeats_a_secret(files, SECRETS) == "timetrack-api-key"
    assert repeats_a_secret(FILES, SECRETS) is None


def test_the_terminals_own_configuration() -> None:
    text = FILES.plain[f"{IN}/etc/clockd/clockd.toml"].decode()
    assert not set(tomllib.loads(text)) & {*OWN_TABLES, "secrets"}
    parsed = config.parse(text)
    first = config.parse(FIRST_CONFIGURATION.read_text())
    assert (parsed.reader, parsed.panel, parsed.button) == (first.reader, first.panel, first.button)
    assert isinstance(parsed.tracker, config.TimeTrack)
    mine = parse_answers(ANSWERS + '[panel]\noled = "none"\n', "a.toml")
    assert mine.config.panel == config.Panel()
    assert mine.config.button == first.button


def test_what_is_taken_where_nothing_is_said_is_the_first_configuration() -> None:
    raw = tomllib.loads(FIRST_CONFIGURATION.read_text())
    taken = tomllib.loads("\n".join(STANDARD.values()))
    assert taken["panel"] == raw["panel"]
    assert taken["button"] == raw["button"]
    assert [each["kind"] for each in taken["reader"]] == [each["kind"] for each in raw["reader"]]


WRONG = [
    ('time_zone = "Europe/Vienna"\n', "", "terminal.time_zone", "is missing"),
    ("Europe/Vienna", "Europe/Wien", "terminal.time_zone", "Europe/Vienna"),
    ("https://testaccount", "htp://testaccount", "tracker.url", ""),
    ("[wifi]", "[wify]", "wify", "did you mean 'wifi'"),
    ('ssid = "Office"', 'sid = "Office"', "wifi.sid", "did you mean 'ssid'"),
    ('ssid = "Office"', "", "wifi.ssid", "is missing"),
    ('ssid = "Office"', "ssid = 5", "wifi.ssid", "str"),
    ('ssid = "Office"', f'ssid = "{"x" * 33}"', "wifi.ssid", "32 bytes"),
    ('country = "AT"', 'country = "Austria"', "wifi.country", "capital"),
    ('name = "front-door"', 'name = "Tür 1"', "terminal.name", "[machine] host"),
    ("https://packages.your.firm", "https://me:pw@packages.your.firm", "package.source", "without a user"),
    ('source = "https://packages.your.firm/clockd"', "", "package", "names no place"),
    ('key = "clockd-archive-keyring.gpg"', "", "package.key", "is missing"),
    ('file = "badges.csv"', 'file = "badges.csv"\nformat = "hax"', "badges.format", "did you mean 'hex'"),
    ('store = "clockd-store"', 'store = "/dev/sda1"', "card.store", "label"),
    ("[card]", '[secrets]\ntimetrack-key = "x"\n[card]', "secrets.timetrack-key", "did you mean 'timetrack-api-key'"),
    ("[card]", "[secrets]\ntimetrack-api-key = 7\n[card]", "secrets.timetrack-api-key", "neither a text nor a file"),
    ("[card]", '[machine]\nuser = "root"\n[card]', "machine.user", "no user of yours"),
    ("[card]", '[machine]\nsystem = "windows"\n[card]', "machine.system", "windows"),
    ("[card]", "[card", "", "is not TOML"),
    ("[terminal]", 'wifi.country = "AT"\n[terminal]', "", "is not TOML|taken apart"),
]


@pytest.mark.parametrize(("old", "new", "place", "why"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_answer_is_named(old: str, new: str, place: str, why: str) -> None:
    assert old in ANSWERS
    with pytest.raises(ConfigError) as refused:
        parse_answers(ANSWERS.replace(old, new), "front-door.toml")
    assert refused.value.where.startswith("front-door.toml")
    assert place in refused.value.where
    assert re.search(why.replace("[", r"\["), str(refused.value)), str(refused.value)
    assert refused.value.hint


# --- what the operating system reads ------------------------------------------------------------------------------


def test_user_data_is_a_document_of_cloud_init(tmp_path: Path) -> None:
    text = FILES.plain["user-data"].decode()
    assert text.startswith("#cloud-config\n")
    document: Json = yaml.safe_load(text)
    assert isinstance(document, dict)
    assert document["hostname"] == "front-door"
    assert document["ssh_pwauth"] is False
    assert FILES.plain["meta-data"] == b"instance-id: clockd-0123456789abcdef\n"
    if shutil.which("cloud-init") is not None:
        (tmp_path / "user-data").write_text(text)
        words = ["cloud-init", "schema", "--config-file", str(tmp_path / "user-data")]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_system_before_cloud_init_has_a_script() -> None:
    files = files_of(answers_of('[machine]\nsystem = "bookworm"\n'), given_of())
    script = files.plain["firstrun.sh"].decode()
    assert "user-data" not in files.plain
    assert held(script.encode(), SECRETS) == []
    assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0
    if (shellcheck := shutil.which("shellcheck")) is not None:
        done = subprocess.run([shellcheck, "-"], input=script, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout
    assert "Suites: bookworm" in files.plain[f"{IN}/etc/apt/sources.list.d/clockd.sources"].decode()


def test_cmdline_stays_one_line_and_gets_its_words_once() -> None:
    once = with_first_run("console=tty1 root=PARTUUID=1-02 rootwait\n")
    assert once.count("\n") == 1
    assert once.endswith("systemd.unit=kernel-command-line.target\n")
    assert with_first_run(once) == once
    assert re.sub(" systemd.run.*", "", once) == "console=tty1 root=PARTUUID=1-02 rootwait\n"


NASTY = "a;b\\c 'd\" #e  "


def test_the_wifi_survives_signs_of_the_files_it_stands_in() -> None:
    wifi = parse_answers(ANSWERS.replace('"Office"', '"Büro; 5 GHz"'), "a.toml").wifi
    assert wifi is not None
    document = yaml.safe_load(netplan_text(wifi, NASTY))
    assert document["network"]["wifis"]["wlan0"]["access-points"] == {"Büro; 5 GHz": {"password": NASTY}}
    text = network_manager_text(wifi, NASTY)
    assert f"ssid={''.join(f'{byte};' for byte in 'Büro; 5 GHz'.encode())}\n" in text
    (psk,) = re.findall("(?m)^psk=(.*)$", text)
    assert re.sub(r"\\(.)", lambda found: {"s": " ", "\\": "\\"}[found[1]], psk.strip()) == NASTY
    assert "wifi-security" not in network_manager_text(wifi, None)
    assert json.loads(netplan_text(wifi, None))["network"]["wifis"]["wlan0"]["access-points"] == {"Büro; 5 GHz": {}}


# --- the units and settings that go along -------------------------------------------------------------------------


def analyzed(*words: object, path: Path | None = None) -> "subprocess.CompletedProcess[str]":
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed (Debian: systemd)")
    environ = os.environ | ({"SYSTEMD_UNIT_PATH": f"{path}:"} if path else {})
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False, env=environ)


def test_every_unit_is_read_by_systemd(tmp_path: Path) -> None:
    (tmp_path / "clockd.service").write_text("[Service]\nExecStart=/bin/true\n")
    (tmp_path / "clockd-first-boot.service").write_bytes(
        re.sub(rb"ExecStart=.*", b"ExecStart=/bin/true", FILES.plain["clockd-first-boot/clockd-first-boot.service"])
    )
    (tmp_path / "var-lib-clockd.mount").write_bytes(FILES.plain[f"{IN}/etc/systemd/system/var-lib-clockd.mount"])
    for name in ("clockd-first-boot.service", "var-lib-clockd.mount"):
        done = analyzed("verify", "--man=no", "--recursive-errors=no", tmp_path / name, path=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), name


def test_a_drop_in_with_a_wrong_word_is_seen(tmp_path: Path) -> None:
    """The control: the check above would notice a setting that systemd does not know."""
    text = FILES.plain[f"{IN}/etc/systemd/system/var-lib-clockd.mount"].decode()
    (tmp_path / "var-lib-clockd.mount").write_text(text.replace("Options=", "Optoins="))
    done = analyzed("verify", "--man=no", "--recursive-errors=no", tmp_path / "var-lib-clockd.mount", path=tmp_path)
    assert "Optoins" in done.stderr


def test_settings_of_the_card_lie_where_systemd_reads_them(tmp_path: Path) -> None:
    for folder, name in (("journald.conf.d", "systemd/journald.conf"), ("system.conf.d", "systemd/system.conf")):
        path = f"etc/systemd/{folder}/50-clockd-card.conf"
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_bytes(FILES.plain[f"{IN}/{path}"])
        done = analyzed("cat-config", f"--root={tmp_path}", name)
        assert FILES.plain[f"{IN}/{path}"].decode().splitlines()[-1] in done.stdout


def test_without_a_table_for_the_card_nothing_of_it_is_changed() -> None:
    files = files_of(parse_answers(ANSWERS.partition("[card]")[0], "a.toml"), given_of())
    assert not [path for path in files.plain if "card" in path or "mount" in path or "60-store" in path]
    settings = files.plain["clockd-first-boot/settings"].decode()
    assert settings == "country=AT\ni2c=yes\nreboot=yes\n"


def test_each_credential_is_loaded_by_the_unit_that_may_have_it() -> None:
    daemon = FILES.plain[f"{IN}/etc/systemd/system/clockd.service.d/50-first-boot.conf"].decode()
    page = FILES.plain[f"{IN}/etc/systemd/system/clockd-web.service.d/50-first-boot.conf"].decode()
    assert re.findall("Encrypted=(.*?):", daemon) == ["timetrack-api-key", "timetrack-api-secret", "badge-pepper"]
    assert re.findall("Encrypted=(.*)", page) == ["web-password:/etc/clockd/sealed/web-password"]


def test_another_address_of_the_page_reaches_its_socket() -> None:
    files = files_of(answers_of('[web]\nlisten = "0.0.0.0:8080"\n'), given_of())
    path = f"{IN}/etc/systemd/system/clockd-web.socket.d/50-first-boot.conf"
    assert files.plain[path] == b"[Socket]\nListenStream=\nListenStream=0.0.0.0:8080\n"
    assert path not in FILES.plain


# --- at the desk --------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    (tmp_path / "front-door.toml").write_text(ANSWERS + '[machine]\nssh_key = "id.pub"\n')
    (tmp_path / "id.pub").write_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 anna\n")
    (tmp_path / "clockd-archive-keyring.gpg").write_bytes(b"\x99KEYRING")
    (tmp_path / "badges.csv").write_text(f"uid,username,name\n{BADGE},ada,Ada Lovelace\n")
    return tmp_path


TYPED = "Wlan-0815-geheim\nkey-4711-of-the-firm\nsecret-2342-of-the-firm\n"


def provision(desk: Path, stdin: str = TYPED) -> "subprocess.CompletedProcess[str]":
    words = [
        sys.executable,
        "-m",
        "clockd.cli.provisioning",
        "--checkout",
        ROOT,
        desk / "front-door.toml",
        desk / "card",
    ]
    return subprocess.run(list(map(str, words)), input=stdin, capture_output=True, text=True, check=False, timeout=120)


def test_a_card_is_written_and_the_second_has_the_same_pepper(desk: Path) -> None:
    done = provision(desk)
    assert done.returncode == 0, done.stderr
    assert "badge-pepper is made: keep it" in done.stdout
    assert held((done.stdout + done.stderr).encode(), SECRETS) == []
    card = desk / "card/clockd-first-boot"
    pepper = (desk / "badge-pepper").read_text().strip()
    assert (desk / "badge-pepper").stat().st_mode & 0o777 == 0o600
    assert (card / "secret/credentials/badge-pepper").read_text() == pepper
    assert "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 anna" in (desk / "card/user-data").read_text()
    sums = subprocess.run(["sha256sum", "--quiet", "-c", "secret/sums"], cwd=card, check=False)
    assert sums.returncode == 0
    before, first = (card / "secret/badges.csv").read_text(), (card / "id").read_text()
    assert provision(desk).returncode == 0
    assert (card / "secret/badges.csv").read_text() == before
    assert (card / "id").read_text() != first
    (badge,), _ = read_fingerprint_file(before)
    assert (badge.username, badge.name, badge.tail) == ("ada", "Ada Lovelace", "2233")


def test_a_card_of_before_is_wiped_in_place(desk: Path) -> None:
    assert provision(desk).returncode == 0
    secret = desk / "card/clockd-first-boot/secret/credentials/timetrack-api-key"
    kept = desk / "kept"
    os.link(secret, kept)  # the same blocks
    assert provision(desk).returncode == 0
    assert set(kept.read_bytes()) == {0}


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        (lambda desk: (desk / "clockd-archive-keyring.gpg").unlink(), "no such file"),
        (lambda desk: (desk / "clockd-archive-keyring.gpg").write_text("-----BEGIN PGP"), "armoured"),
        (lambda desk: (desk / "id.pub").write_text("-----BEGIN OPENSSH PRIVATE KEY-----"), "no public key"),
        (lambda desk: (desk / "badges.csv").write_text("uid,username\nxx,ada\n"), "line 2"),
        (lambda desk: (desk / "card").rmdir(), "is no folder"),
        (lambda desk: (desk / "badge-pepper").write_text("short"), "others can read it"),
        (
            lambda desk: (desk / "front-door.toml").write_text(ANSWERS + "[secrets]\nweb-password = 'abcdefgh'\n"),
            "others",
        ),
        (
            lambda desk: (desk / "front-door.toml").write_text(ANSWERS + '[machine]\nsystem = "bookworm"\n'),
            "no cmdline.txt",
        ),
    ],
)
def test_what_is_wrong_at_the_desk_leaves_the_card_alone(desk: Path, prepare: object, why: str) -> None:
    assert callable(prepare)
    (desk / "front-door.toml").chmod(0o644)
    prepare(desk)
    done = provision(desk)
    assert done.returncode in (1, 2)
    assert why in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert not (desk / "card/clockd-first-boot/id").exists()


def test_a_password_that_can_be_none_is_not_repeated(desk: Path) -> None:
    done = provision(desk, TYPED.replace("Wlan-0815-geheim", "kurz123"))
    assert (done.returncode, "8 to 63" in done.stderr) == (2, True)
    assert "kurz123" not in done.stderr
    done = provision(desk, "one\ntwo\n")
    assert "one for each: wifi-password, timetrack-api-key, timetrack-api-secret" in done.stderr


def test_bookworms_card_has_its_words_for_the_kernel(desk: Path) -> None:
    (desk / "front-door.toml").write_text(ANSWERS + '[machine]\nsystem = "bookworm"\n')
    (desk / "card/cmdline.txt").write_text("console=tty1 rootwait")
    assert provision(desk).returncode == 0
    assert "systemd.run=/boot/firmware/firstrun.sh" in (desk / "card/cmdline.txt").read_text()


def test_a_card_that_is_full_is_told(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may mount")
    mount = 'mount -t tmpfs -o size=16k card "$1" && exec "$2" -c "$3" "$1"'
    code = (
        "import sys; from pathlib import Path; from tests.deploy.test_provision import FILES; "
        "from clockd.provisioning.writing import write_card; from clockd.errors import Refused\n"
        "try: write_card(Path(sys.argv[1]), FILES, first_run=False)\n"
        "except Refused as error: print(error)\n"
        "print(sorted(path.name for path in Path(sys.argv[1]).rglob('id')))"
    )
    words = ["unshare", "--mount", "sh", "-c", mount, "-", tmp_path, sys.executable, code]
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, cwd=ROOT)
    assert "No space left" in done.stdout, done.stdout + done.stderr
    assert done.stdout.endswith("[]\n")
