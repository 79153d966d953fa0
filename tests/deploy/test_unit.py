"""The units are as closed as they say, the door comes back for ever, and both start with whatever secrets there are."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from clockd.config import Config, Secrets
from clockd.config.secrets import OF_DAEMON, OF_WEB, SECRETS
from clockd.control.peers import WEB_USER
from clockd.daemon.running import WAITS_S
from clockd.host.service import read_service
from tests.cli.test_looking import configured
from tests.deploy.places import DEPLOY, UNIT, WEB_SOCKET, WEB_UNIT, settings
from tests.e2e.processes import clockd

LIMIT, WEB_LIMIT = "13", "11"
"""systemd's exposure, times ten: 1.3 of 10 for the door, 1.1 for its admin page."""


@pytest.fixture
def analyze() -> str:
    """The real systemd-analyze."""
    found = shutil.which("systemd-analyze")
    if found is None:
        missing = "systemd-analyze is not installed (Debian: systemd)"
        if os.environ.get("CLOCKD_REAL_PARTS") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def security(analyze: str, folder: Path, text: str, limit: str = LIMIT) -> subprocess.CompletedProcess[str]:
    (folder / "clockd.service").write_text(text)
    return subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={limit}", "--no-pager", str(folder / "clockd.service")],
        capture_output=True,
        text=True,
        check=False,
    )


def verify(analyze: str, folder: Path, text: str, name: str = "clockd.service") -> subprocess.CompletedProcess[str]:
    """Check the unit's grammar; its program is not installed here, so that another stands in."""
    (folder / name).write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text))
    # Not beside the original: systemd reads the same unit from the working directory as well.
    return subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", str(folder / name)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"},
    )


def test_exposure(analyze: str, tmp_path: Path) -> None:
    done = security(analyze, tmp_path, UNIT.read_text())
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "opened", ["PrivateUsers", "PrivateMounts", "SystemCallFilter", "DevicePolicy", "NoNewPrivileges"]
)
def test_exposure_sees_what_is_opened(analyze: str, tmp_path: Path, opened: str) -> None:
    text = re.sub(rf"(?m)^{opened}=.*\n", "", UNIT.read_text())
    assert security(analyze, tmp_path, text).returncode != 0


def test_grammar(analyze: str, tmp_path: Path) -> None:
    done = verify(analyze, tmp_path, UNIT.read_text())
    assert (done.returncode, done.stderr) == (0, "")


def test_grammar_sees_a_typo(analyze: str, tmp_path: Path) -> None:
    done = verify(analyze, tmp_path, UNIT.read_text().replace("PrivateTmp=", "PrivatTmp="))
    assert "PrivatTmp" in done.stderr


BACKUP = UNIT.with_name("clockd-backup.service")
TIMER = UNIT.with_name("clockd-backup.timer")


UPDATES = tuple(UNIT.with_name(f"clockd-update.{kind}") for kind in ("service", "timer", "path"))


def verify_together(analyze: str, tmp_path: Path, units: Sequence[Path]) -> None:
    """Check the grammar of units that name each other."""
    for unit in units:
        text = unit.read_text().replace("/opt/clockd/current/bin/clockd", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    for unit in units:
        done = subprocess.run(
            [analyze, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit.name)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        )
        assert (done.returncode, done.stderr) == (0, ""), unit.name


def test_updates_are_started_by_units_that_systemd_reads(analyze: str, tmp_path: Path) -> None:
    verify_together(analyze, tmp_path, UPDATES)
    service = settings(UPDATES[0].read_text())
    assert service["Type"] == ["oneshot"]
    assert "clockd" not in service["ExecStart"][0].split()[0], "Debian's own Python, whatever became of ours"


def test_the_daily_backup_is_made_by_a_timer(analyze: str, tmp_path: Path) -> None:
    verify_together(analyze, tmp_path, (BACKUP, TIMER))
    timer, service = settings(TIMER.read_text()), settings(BACKUP.read_text())
    assert timer["Persistent"] == ["true"]
    calendar = subprocess.run([analyze, "calendar", *timer["OnCalendar"]], capture_output=True, text=True, check=True)
    assert "Next elapse" in calendar.stdout
    # nothing is done, and nothing complains, until a person says where to
    assert timer["ConditionPathExists"] == service["ConditionPathExists"] == service["EnvironmentFile"]


def test_the_daily_backup_is_a_command_that_works(tmp_path: Path) -> None:
    program, *words = settings(BACKUP.read_text())["ExecStart"][0].split()
    assert program == settings(UNIT.read_text())["ExecStart"][0].split()[0]
    file = configured(tmp_path)
    assert clockd("badges", "add", "--uid", "04A2B3C4D5E6F7", "-u", "ada", "--config", file).code == 0
    (tmp_path / "nas").mkdir()
    done = clockd(*(word.replace("${TO}", str(tmp_path / "nas")) for word in words), "--config", file)
    assert done.code == 0, done
    assert len(list((tmp_path / "nas").iterdir())) == 1


def test_it_comes_back_for_ever() -> None:
    unit = settings(UNIT.read_text())
    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert 0 < float(unit["RestartSec"][0]) <= 5
    assert int(unit["TimeoutStartSec"][0]) > WAITS_S
    assert "RestartPreventExitStatus" not in unit  # what is in use, or a card that is away, may be well again by itself
    assert unit["Type"] == ["notify"]
    assert int(unit["WatchdogSec"][0]) > 0
    # Nothing that a dead network or a dead pcscd could hold up.
    assert "Requires" not in unit
    assert "network-online.target" not in UNIT.read_text()
    assert "time-sync.target" not in UNIT.read_text()


def test_what_it_holds_reaches_no_file_and_no_port() -> None:
    unit = settings(UNIT.read_text())
    assert unit["LimitCORE"] == ["0"]
    assert unit["SocketBindDeny"] == ["any"]


def test_its_folders() -> None:
    unit = settings(UNIT.read_text())
    assert unit["StateDirectory"] == unit["RuntimeDirectory"] == unit["ConfigurationDirectory"] == ["clockd"]
    assert unit["StateDirectoryMode"] == ["0700"]
    # lgpio makes a pipe where it stands.
    assert unit["WorkingDirectory"] == ["/run/clockd"]


def test_every_secret_is_loaded_and_may_be_missing(tmp_path: Path) -> None:
    unit = settings(UNIT.read_text())
    for found, wanted in ((unit, OF_DAEMON), (settings(WEB_UNIT.read_text()), OF_WEB)):
        assert found["LoadCredential"] == [f"{name}:/etc/clockd/credentials/{name}" for name in wanted]
        assert found["SetCredential"] == [f"{name}:\\n" for name in wanted]
    for name in SECRETS:
        (tmp_path / name).write_text("\n")
        assert Secrets(tmp_path, {}).find(name) is None


def test_a_check_reads_it_as_systemd_does(tmp_path: Path) -> None:
    """What is at /etc goes before what a package brought, drop-ins add to it, and an empty value takes back."""
    etc, usr, store = tmp_path / "etc", tmp_path / "usr", tmp_path / "credstore"
    for folder in (etc, usr, store, etc / "clockd.service.d"):
        folder.mkdir()
    (usr / "clockd.service").write_text(UNIT.read_text())
    found = read_service([etc, usr], [store])
    assert found is not None
    assert (found.user, found.config) == ("clockd", Path("/etc/clockd/clockd.toml"))
    assert found.credentials == {name: Path("/etc/clockd/credentials", name) for name in OF_DAEMON}
    assert Path("/var/lib/clockd") in found.folders
    assert Path("/run/clockd") in found.folders
    assert found.starts(Path("/etc/clockd/../clockd/clockd.toml"))
    assert not found.starts(tmp_path / "clockd.toml")
    (store / "timetrack-api-key").write_text("key")
    (etc / "clockd.service.d" / "override.conf").write_text(
        "[Unit]\nUser=nobody\n[Service]\nUser=door\nLoadCredential=\nLoadCredential=timetrack-api-key\n"
        "LoadCredentialEncrypted=badge-pepper:/etc/sealed\nExecStart=\nExecStart=/x run --config=/y\n"
    )
    found = read_service([etc, usr], [store])
    assert found is not None
    assert (found.user, found.config) == ("door", Path("/y"))
    assert found.credentials == {"timetrack-api-key": store / "timetrack-api-key"}
    assert found.encrypted == {"badge-pepper": Path("/etc/sealed")}
    assert read_service([tmp_path], [store]) is None


def test_the_pages_unit_is_read_as_well(tmp_path: Path) -> None:
    (tmp_path / WEB_UNIT.name).write_text(WEB_UNIT.read_text())
    found = read_service([tmp_path], [], WEB_UNIT.name)
    assert found is not None
    assert found.starts(Path("/etc/clockd/clockd.toml"))
    assert found.credentials["alert-urls"] == Path("/etc/clockd/credentials/alert-urls")


def test_it_runs_what_the_installer_installs() -> None:
    program, *words = settings(UNIT.read_text())["ExecStart"][0].split()
    install = (DEPLOY / "install").read_text()
    assert program == "/opt/clockd/current/bin/clockd"
    assert 'link "versions/$name" /opt/clockd/current' in install
    assert words == ["run", "--config", "/etc/clockd/clockd.toml"]


def test_the_page_is_more_closed_than_the_door_and_opens_no_device(analyze: str, tmp_path: Path) -> None:
    done = security(analyze, tmp_path, WEB_UNIT.read_text(), WEB_LIMIT)
    assert done.returncode == 0, done.stdout
    unit = settings(WEB_UNIT.read_text())
    assert "DeviceAllow" not in unit
    assert unit["PrivateDevices"] == ["yes"]
    opened = re.sub(r"(?m)^PrivateDevices=.*\n", "", WEB_UNIT.read_text())
    assert security(analyze, tmp_path, opened, WEB_LIMIT).returncode != 0


def test_the_page_yields_to_the_door() -> None:
    """It may be killed, starved or out of memory before the door is."""
    web, door = settings(WEB_UNIT.read_text()), settings(UNIT.read_text())
    assert int(web["CPUWeight"][0]) <= 10
    assert int(web["OOMScoreAdjust"][0]) > int(door["OOMScoreAdjust"][0])
    assert web["MemoryMax"] == ["220M"]
    assert "clockd-web" not in UNIT.read_text(), "the door waits for no page"


def test_the_page_has_a_user_of_its_own_who_may_speak_to_the_daemon() -> None:
    web = settings(WEB_UNIT.read_text())
    assert (web["User"], web["SupplementaryGroups"]) == ([WEB_USER], ["clockd"])
    sysusers = (UNIT.parent / "clockd.sysusers").read_text()
    assert f"u {WEB_USER} " in sysusers
    assert f"m {WEB_USER} clockd" in sysusers


def test_the_page_is_started_by_its_socket(analyze: str, tmp_path: Path) -> None:
    socket = settings(WEB_SOCKET.read_text())
    assert socket["ListenStream"] == [Config().web.listen]
    assert socket["WantedBy"] == ["sockets.target"]
    (tmp_path / "clockd-web.service").write_text(
        re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", WEB_UNIT.read_text())
    )
    done = verify(analyze, tmp_path, WEB_SOCKET.read_text(), "clockd-web.socket")
    assert (done.returncode, done.stderr) == (0, "")
    done = verify(analyze, tmp_path, WEB_UNIT.read_text(), "clockd-web.service")
    assert (done.returncode, done.stderr) == (0, "")
