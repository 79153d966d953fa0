"""`clockd set …`: URL, key and Wi-Fi are changed by one command each, and no secret is ever an argument."""

import os
import pty
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from clockd.cli import setting
from clockd.config import Secrets, TimeTrack, load
from clockd.errors import Refused
from clockd.host.sealing import open_sealed, seal_secret
from tests.deploy.places import UNIT
from tests.e2e.processes import CLOCKD, Said, clockd, environ
from tests.standins import StandIn

SECRET = "s3cr3t-0815 of the company"
KEY = "key-of-the-company-4711"
NEW = "https://new.example/api/v2/ext"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "clockd.toml"
    path.write_text(
        "# our door\n[tracker]\nkind = 'timetrack'\nurl = 'https://old.example/api/v2/ext'  # since 2020\n"
        "delivery = 'entries'\n"
    )
    return path


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    return StandIn(tmp_path / "bin", "systemctl", monkeypatch)


# --- the URL ----------------------------------------------------------------------------------------------------


def test_another_url(config: Path, systemctl: StandIn) -> None:
    before = config.read_text()
    said = clockd("set", "tracker-url", f" {NEW} ", "--config", config)
    assert said.code == 0, said.err
    tracker = load(config).tracker
    assert isinstance(tracker, TimeTrack)
    assert tracker.url == NEW
    assert config.read_text() == before.replace("'https://old.example/api/v2/ext'", f'"{NEW}"')
    assert config.with_name("clockd.toml.before").read_text() == before
    assert "until it is started anew" in said.out
    assert "will be held" in said.out
    assert systemctl.calls == []


def test_it_restarts_when_told_so(config: Path, systemctl: StandIn) -> None:
    said = clockd("set", "tracker-url", NEW, "--config", config, "--restart")
    assert said.code == 0
    assert systemctl.calls == [["restart", "clockd"]]
    assert "was restarted" in said.out


def test_a_restart_that_fails_is_told(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    StandIn(tmp_path / "bin", "systemctl", monkeypatch, [("restart", 1, "Job for clockd.service failed.")])
    said = clockd("set", "tracker-url", NEW, "--config", config, "--restart")
    assert said.code == 1
    assert "was not restarted: Job for clockd.service failed." in said.err
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    said = clockd("set", "tracker-url", NEW + "/x", "--config", config, "--restart")
    assert said.code == 1
    assert "systemctl cannot be run here" in said.err


@pytest.mark.parametrize(
    "url", ["http://new.example", "https://user:pw@new.example", "new.example", "", "https://a/?q"]
)
def test_a_url_that_is_none_changes_nothing(url: str, config: Path) -> None:
    before = config.read_text()
    said = clockd("set", "tracker-url", url, "--config", config)
    assert said.code == 2
    assert "tracker.url" in said.err
    assert config.read_text() == before
    assert [path.name for path in config.parent.iterdir()] == ["clockd.toml"]


def test_a_url_that_is_wrong_now_can_be_mended(config: Path) -> None:
    config.write_text("[tracker]\nkind = 'timetrack'\nurl = 'htp://wrong'\n")
    assert clockd("set", "tracker-url", NEW, "--config", config).code == 0
    assert getattr(load(config).tracker, "url", None) == NEW


def test_the_same_url_is_no_change(config: Path) -> None:
    clockd("set", "tracker-url", NEW, "--config", config)
    before = config.with_name("clockd.toml.before").read_text()
    said = clockd("set", "tracker-url", NEW, "--config", config)
    assert (said.code, "nothing was changed" in said.out) == (0, True)
    assert config.with_name("clockd.toml.before").read_text() == before


def test_who_books_nowhere_is_asked_for_the_kind(config: Path) -> None:
    config.write_text("[tracker]\nkind = 'none'  # yet\n")
    said = clockd("set", "tracker-url", NEW, "--config", config)
    assert (said.code, "--kind" in said.err) == (2, True)
    assert clockd("set", "tracker-url", NEW, "--kind", "timetrack", "--config", config).code == 0
    assert isinstance(load(config).tracker, TimeTrack)
    assert "# yet" in config.read_text()


def test_no_file_is_told(tmp_path: Path) -> None:
    said = clockd("set", "tracker-url", NEW, "--config", tmp_path / "none.toml")
    assert (said.code, "no such file" in said.err) == (2, True)


# --- a key ------------------------------------------------------------------------------------------------------


def set_key(config: Path, *words: object, stdin: str) -> Said:
    folder = config.parent / "credentials"
    return clockd("set", "key", *words, "--config", config, "--credentials", folder, stdin=stdin)


def test_both_keys_of_the_tracker_a_line_each(config: Path) -> None:
    said = set_key(config, stdin=f"\ufeff{KEY}\r\n\r\nanother-secret\r\n")
    assert said.code == 0, said.err
    folder = config.parent / "credentials"
    secrets = Secrets(folder, {})
    assert secrets.need("timetrack-api-key").reveal() == KEY
    assert secrets.need("timetrack-api-secret").reveal() == "another-secret"
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "takes it without a restart" in said.out
    assert KEY not in said.out + said.err


def test_the_service_has_to_be_started_anew(capsys: pytest.CaptureFixture[str]) -> None:
    setting._begin_anew(False, "the old one is used until then", is_service=True)
    assert "until then: sudo systemctl restart clockd" in capsys.readouterr().out


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("systemd-creds") is None, reason="root, and systemd-creds")
def test_what_the_first_boot_encrypted_is_encrypted_anew(tmp_path: Path) -> None:
    """In a mount namespace of its own: the unit's drop-in is where systemd reads it."""
    units, sealed = tmp_path / "units", tmp_path / "timetrack-api-key"
    (units / "clockd.service.d").mkdir(parents=True)
    (units / "clockd.service").write_text(UNIT.read_text())
    line = f"[Service]\nLoadCredentialEncrypted=timetrack-api-key:{sealed}\n"
    (units / "clockd.service.d/50-first-boot.conf").write_text(line)
    env = {"SYSTEMD_CREDENTIAL_SECRET": str(tmp_path / "host.secret")}
    run = 'mount --bind "$1" /etc/systemd/system && shift && exec "$@"'
    words = [*CLOCKD, "set", "key", "timetrack-api-key"]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", run, "-", str(units), *words],
        input=f"{KEY}\n",
        capture_output=True,
        text=True,
        check=False,
        env=environ(**env),
    )
    assert done.returncode == 0, done.stderr
    assert f"{sealed} is encrypted anew" in done.stdout
    assert KEY.encode() not in sealed.read_bytes()
    assert "is written" not in done.stdout, "it would lie in plain text where no unit looks"
    opened = subprocess.run(
        ["systemd-creds", "decrypt", "--name=timetrack-api-key", sealed, "-"],
        env=os.environ | env,
        capture_output=True,
        check=True,
    )
    assert opened.stdout.decode() == KEY


@pytest.mark.skipif(shutil.which("systemd-creds") is None, reason="there is no systemd-creds")
def test_a_secret_that_cannot_be_encrypted_leaves_the_one_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEMD_CREDENTIAL_SECRET", str(tmp_path / "host.secret"))
    path = tmp_path / "timetrack-api-key"
    seal_secret("timetrack-api-key", KEY, path)
    assert open_sealed({"timetrack-api-key": path, "web-key": path}) == {"timetrack-api-key": KEY}
    StandIn(tmp_path / "bin", "systemd-creds", monkeypatch, [("encrypt", 1, "no space")])
    with pytest.raises(Refused, match="no space") as refused:
        seal_secret("timetrack-api-key", "another", path)
    assert "another" not in str(refused.value)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["bin", "host.secret", "timetrack-api-key"]
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(Refused, match="cannot be run here"):
        seal_secret("timetrack-api-key", "another", path)
    assert open_sealed({"timetrack-api-key": path}) == {}


def test_one_by_its_name_and_its_blanks(config: Path) -> None:
    said = set_key(config, "tracker-proxy-password", stdin=f"{SECRET} \n")
    assert said.code == 0
    found = Secrets(config.parent / "credentials", {}).need("tracker-proxy-password")
    assert found.reveal() == f"{SECRET} "


@pytest.mark.parametrize(
    ("words", "stdin", "why"),
    [
        (["timetrack-api-key", SECRET], "", "a secret is no argument"),
        ([SECRET], "", "no secret of this name"),
        (["badge-pepper"], SECRET, "every badge is a stranger's"),
        (["timetrack-api-key"], "", "nothing was given"),
        (["timetrack-api-key"], f"{KEY}\n{KEY}\n", "more than one line"),
        (["timetrack-api-key"], f"{SECRET}\u200b\u00e9", "a character that it cannot have"),
        ([], f"{KEY}\n", "1 lines were read"),
    ],
)
def test_what_cannot_be_a_key_changes_nothing_and_is_not_repeated(
    words: list[str], stdin: str, why: str, config: Path
) -> None:
    said = set_key(config, *words, stdin=stdin)
    assert said.code == 2
    assert why in said.err
    assert SECRET not in said.out + said.err
    assert KEY not in said.out + said.err
    assert not (config.parent / "credentials").exists()


def test_a_person_types_it_and_sees_nothing(config: Path) -> None:
    master, terminal = pty.openpty()
    words = [*CLOCKD, "set", "key", "timetrack-api-key", "--config", str(config)]
    words += ["--credentials", str(config.parent / "credentials")]
    with subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True) as process:
        os.close(terminal)
        shown = b""
        while b"timetrack-api-key: " not in shown:
            shown += os.read(master, 1024)
        os.write(master, KEY.encode() + b"\n")
        try:
            while more := os.read(master, 1024):
                shown += more
        except OSError:  # the other end is gone
            pass
        os.close(master)
    assert process.returncode == 0
    assert KEY.encode() not in shown
    assert Secrets(config.parent / "credentials", {}).need("timetrack-api-key").reveal() == KEY


# --- the Wi-Fi --------------------------------------------------------------------------------------------------

PASSWORD = "wifi-pa55 word$`'\""


def wifi(*words: object, stdin: str = PASSWORD + "\n") -> Said:
    return clockd("set", "wifi", *words, stdin=stdin)


def test_a_network_is_joined_and_its_password_is_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nmcli = StandIn(tmp_path / "bin", "nmcli", monkeypatch, [("-t -f NAME", 0, "Wired\nclockd-Old")])
    said = wifi("Office 5 GHz")
    assert said.code == 0, said.err
    assert "joined Office 5 GHz" in said.out
    _, add, up, name = nmcli.calls
    assert add[: add.index("connection.autoconnect")] == [
        *("connection", "add", "type", "wifi", "ifname", "*"),
        *("con-name", "clockd-Office 5 GHz-new", "ssid", "Office 5 GHz"),
    ]
    assert up[-5:] == ["up", "id", "clockd-Office 5 GHz-new", "passwd-file", "/dev/stdin"]
    assert name[-1] == "clockd-Office 5 GHz"
    assert nmcli.given == [f"802-11-wireless-security.psk:{PASSWORD}\n"]
    assert PASSWORD not in str(nmcli.calls) + said.out + said.err


def test_an_open_and_hidden_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nmcli = StandIn(tmp_path / "bin", "nmcli", monkeypatch)
    assert wifi("guests", "--open", "--hidden", stdin="").code == 0
    assert nmcli.given == []
    add = nmcli.calls[1]
    assert add[add.index("802-11-wireless.hidden") + 1] == "yes"
    assert "wpa-psk" not in add


def test_the_same_network_with_a_new_password_replaces_its_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nmcli = StandIn(tmp_path / "bin", "nmcli", monkeypatch, [("-t -f NAME", 0, "clockd-Office\nclockd-Office-new")])
    assert wifi("Office").code == 0
    assert [call[1] for call in nmcli.calls if "--wait" not in call] == ["-f", "delete", "add", "delete", "modify"]
    assert nmcli.calls[1][-1] == "clockd-Office-new"
    assert nmcli.calls[4][-1] == "clockd-Office"


def test_a_wrong_password_takes_the_new_profile_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said_by_it = f"Error: Connection activation failed: secrets {PASSWORD}"
    nmcli = StandIn(tmp_path / "bin", "nmcli", monkeypatch, [("connection up", 4, said_by_it)])
    said = wifi("Office")
    assert said.code == 1
    assert "the network of before stays" in said.err
    assert PASSWORD not in said.err
    assert nmcli.calls[-1] == ["connection", "delete", "id", "clockd-Office-new"]


@pytest.mark.parametrize(
    ("code", "words", "why"),
    [(8, "not running", "NetworkManager does not run"), (1, "Error: Insufficient privileges", "sudo is needed")],
)
def test_a_no_of_nmcli_is_told(
    code: int, words: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    StandIn(tmp_path / "bin", "nmcli", monkeypatch, [("connection", code, words)])
    said = wifi("Office")
    assert (said.code, why in said.err) == (1, True), said.err


def test_without_networkmanager_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = wifi("Office")
    assert said.code == 1
    assert "nmcli cannot be run here" in said.err
    assert "raspi-config" in said.err


@pytest.mark.parametrize(
    ("ssid", "password"),
    [("x" * 33, PASSWORD), ("", PASSWORD), ("a\nb", PASSWORD), ("Office", "short"), ("Office", "ü" * 9)],
)
def test_what_can_be_no_network_is_not_tried(
    ssid: str, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nmcli = StandIn(tmp_path / "bin", "nmcli", monkeypatch)
    said = wifi(ssid, stdin=password)
    assert said.code == 2
    assert password not in said.err
    assert nmcli.calls == []
