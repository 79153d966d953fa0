"""The unit is as closed as it says, comes back for ever, and starts with whatever secrets there are."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from clockd.config import Secrets
from clockd.config.secrets import SECRETS
from tests.cli.test_looking import configured
from tests.deploy.places import DEPLOY, UNIT, settings
from tests.e2e.processes import clockd

LIMIT = "13"
"""systemd's exposure, times ten: 1.3 of 10."""


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


def security(analyze: str, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    (folder / "clockd.service").write_text(text)
    return subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={LIMIT}", "--no-pager", str(folder / "clockd.service")],
        capture_output=True,
        text=True,
        check=False,
    )


def verify(analyze: str, folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Check the unit's grammar; its program is not installed here, so that another stands in."""
    (folder / "clockd.service").write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text))
    # Not beside the original: systemd reads the same unit from the working directory as well.
    return subprocess.run(
        [analyze, "verify", "--man=no", "--recursive-errors=no", str(folder / "clockd.service")],
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


def test_the_daily_backup_is_made_by_a_timer(analyze: str, tmp_path: Path) -> None:
    for unit in (BACKUP, TIMER):
        text = unit.read_text().replace("/opt/clockd/current/bin/clockd", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    for unit in (BACKUP, TIMER):
        done = subprocess.run(
            [analyze, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit.name)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        )
        assert (done.returncode, done.stderr) == (0, ""), unit.name
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
    assert unit["Type"] == ["notify"]
    assert int(unit["WatchdogSec"][0]) > 0
    # Nothing that a dead network or a dead pcscd could hold up.
    assert "Requires" not in unit
    assert "network-online.target" not in UNIT.read_text()
    assert "time-sync.target" not in UNIT.read_text()


def test_its_folders() -> None:
    unit = settings(UNIT.read_text())
    assert unit["StateDirectory"] == unit["RuntimeDirectory"] == unit["ConfigurationDirectory"] == ["clockd"]
    assert unit["StateDirectoryMode"] == ["0700"]
    # lgpio makes a pipe where it stands.
    assert unit["WorkingDirectory"] == ["/run/clockd"]


def test_every_secret_is_loaded_and_may_be_missing(tmp_path: Path) -> None:
    unit = settings(UNIT.read_text())
    assert unit["LoadCredential"] == [f"{name}:/etc/clockd/credentials/{name}" for name in SECRETS]
    assert unit["SetCredential"] == [f"{name}:\\n" for name in SECRETS]
    for name in SECRETS:
        (tmp_path / name).write_text("\n")
        assert Secrets(tmp_path, {}).find(name) is None


def test_it_runs_what_the_installer_installs() -> None:
    program, *words = settings(UNIT.read_text())["ExecStart"][0].split()
    install = (DEPLOY / "install").read_text()
    assert program == "/opt/clockd/current/bin/clockd"
    assert 'link "versions/$name" /opt/clockd/current' in install
    assert words == ["run", "--config", "/etc/clockd/clockd.toml"]
