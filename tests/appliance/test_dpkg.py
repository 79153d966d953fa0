"""Installing, upgrading, going back, removing and purging do what a Debian user expects; punches outlive all of it."""

import json
import os
import shutil
import signal
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from clockd import config
from tests.appliance.chroot import Chroot

pytestmark = pytest.mark.appliance

CONFIG = ("--config", "/etc/clockd/clockd.toml")
STORE = "/var/lib/clockd/clockd.db"


def add_badge(debian: Chroot, uid: str, username: str) -> None:
    """Something in the store that must still be there afterwards."""
    debian.do("clockd", "badges", "add", "--uid", uid, "--username", username, *CONFIG)


def people(debian: Chroot) -> list[str]:
    """Who has a badge, as the installed program reads it in the store."""
    return sorted(badge["username"] for badge in json.loads(debian.do("clockd", "badges", "list", "--json", *CONFIG)))


def versions(debian: Chroot) -> list[str]:
    return sorted(
        path.name for path in debian.file("/usr/lib/clockd").iterdir() if path.is_dir() and not path.is_symlink()
    )


def state(debian: Chroot) -> str:
    return debian.run("dpkg-query", "-W", "-f", "${db:Status-Status}", "clockd").stdout


def test_install(debian: Chroot, package: Path) -> None:
    said = debian.install(package)
    assert "rror" not in said
    assert debian.do("clockd", "--version").strip().endswith(config_version())
    assert "input" in debian.do("id", "-nG", "clockd").split()
    assert stat.S_IMODE(debian.file("/etc/clockd/credentials").stat().st_mode) == 0o700
    assert 'name = "front-door"' in debian.file("/etc/clockd/clockd.toml").read_text()
    config.load(debian.file("/etc/clockd/clockd.toml"))
    assert debian.run("systemctl", "is-enabled", "clockd.service").stdout.strip() == "enabled"
    units = ("clockd.service", "clockd-web.service", "clockd-web.socket")
    assert debian.do("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units) == ""
    assert debian.do("dpkg", "--verify", "clockd") == ""
    assert list(debian.file("/usr/lib/clockd").rglob("clockd/core/__pycache__/*.pyc"))
    assert not debian.file("/usr/bin/gcc").exists()


def config_version() -> str:
    """What pyproject.toml calls this clockd."""
    (line,) = (
        line
        for line in (Path(__file__).parents[2] / "pyproject.toml").read_text().splitlines()
        if line.startswith("version")
    )
    return line.split('"')[1]


def test_every_library_of_a_terminal_loads(debian: Chroot, package: Path) -> None:
    debian.install(package)
    names = "smartcard.scard, nfc, evdev, serial, luma.oled.device, PIL.ImageFont, gpiozero, lgpio, cryptography.fernet"
    program = f"import {names}, httpx"
    debian.do("/usr/lib/clockd/current/bin/python", "-I", "-W", "ignore", "-c", program)


def test_upgrade_and_downgrade_keep_store_and_configuration(debian: Chroot, package: Path, older: Path) -> None:
    debian.install(older)
    toml = debian.file("/etc/clockd/clockd.toml")
    toml.write_text(toml.read_text().replace('name = "front-door"', 'name = "lab"') + "\n[rules]\nundo_s = 20\n")
    mine = toml.read_bytes()
    add_badge(debian, "04A1B2C3D4", "ada")
    said = debian.install(package)
    assert "warning" not in said
    assert toml.read_bytes() == mine
    assert people(debian) == ["ada"]
    add_badge(debian, "04A1B2C3D5", "bob")
    debian.install(older)
    assert people(debian) == ["ada", "bob"]
    assert versions(debian) == ["0.0.1-1~deb13"]
    assert debian.do("dpkg", "--verify", "clockd") == ""


def test_a_configuration_that_was_taken_away_does_not_come_back(debian: Chroot, package: Path, older: Path) -> None:
    debian.install(older)
    debian.file("/etc/clockd/clockd.toml").unlink()
    debian.file("/etc/clockd/credentials/web-key").unlink()
    debian.install(package)
    assert debian.file("/etc/clockd/credentials/web-key").stat().st_size == 64
    assert not debian.file("/etc/clockd/clockd.toml").exists()


def test_remove_keeps_and_a_purge_without_an_answer_keeps_the_punches(debian: Chroot, package: Path) -> None:
    debian.install(package)
    add_badge(debian, "04A1B2C3D4", "ada")
    pepper = debian.file("/etc/clockd/credentials/badge-pepper")
    pepper.write_text("a pepper of the admin's own, long enough\n")
    (pepper.parent / "timetrack-api-key").write_text("a key\n")
    debian.do("dpkg", "--remove", "clockd")
    assert state(debian) == "config-files"
    assert not debian.file("/usr/lib/clockd").exists()
    assert debian.file("/etc/clockd/clockd.toml").exists()
    debian.do("dpkg", "--purge", "clockd")
    assert state(debian) != "config-files"
    assert debian.file(STORE).exists()
    assert [path.name for path in pepper.parent.iterdir()] == ["badge-pepper"]
    assert not debian.file("/etc/clockd/clockd.toml").exists()
    pepper.unlink()
    debian.install(package)
    assert people(debian) == ["ada"]


def test_a_purge_with_a_yes_leaves_nothing(debian: Chroot, package: Path) -> None:
    debian.install(package)
    add_badge(debian, "04A1B2C3D4", "ada")
    debian.do("debconf-set-selections", stdin="clockd clockd/delete-punches boolean true\n")
    debian.do("dpkg", "--purge", "clockd")
    for path in ("/var/lib/clockd", "/etc/clockd", "/usr/lib/clockd", "/usr/bin/clockd"):
        assert not debian.file(path).exists()
    assert debian.run("debconf-show", "clockd").stdout == ""


def test_a_checkout_in_the_way_is_told_and_left_alone(debian: Chroot, package: Path) -> None:
    unit = debian.file("/etc/systemd/system/clockd.service")
    unit.write_text("[Service]\n")
    debian.file("/opt/clockd").mkdir(parents=True)
    debian.file("/opt/clockd/current").symlink_to("versions/one")
    debian.file("/opt/clockd/versions/one").mkdir(parents=True)
    debian.file(f"/tmp/{package.name}").write_bytes(package.read_bytes())
    refused = debian.run("dpkg", "--install", f"/tmp/{package.name}")
    assert refused.returncode != 0
    assert "deploy/uninstall" in refused.stderr
    assert unit.read_text() == "[Service]\n"
    assert not debian.file("/usr/bin/clockd").exists()


OLD = "/usr/lib/clockd/0.0.1-1~deb13/lib/python3.13/site-packages"

CUTS = {
    "while the new files are written": ("rename", "{new}/httpx/_status_codes.py.dpkg-tmp"),
    "while they get their names": ("rename", "{new}/httpx/_status_codes.py.dpkg-new"),
    "before the switch": ("rename", "/usr/lib/clockd/current.dpkg-new"),
    "while the old ones are removed": ("unlink", OLD + "/httpx/_status_codes.py"),
    "before dpkg wrote down that it is unpacked": ("rename", "/var/lib/dpkg/status-new"),
}
"""Moments of an upgrade, each as a call of dpkg."""


def cut(debian: Chroot, package: Path, call: str, path: str) -> None:
    """Begin an upgrade, and kill dpkg and all that it started when it makes a call."""
    trace = [
        "strace",
        "-f",
        "-o",
        "/dev/null",
        "-P",
        path,
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:signal=KILL:when=1",
    ]
    done = debian.run(*trace, "dpkg", "--install", f"/tmp/{package.name}")
    assert done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), f"it was not cut\n{done.stdout}\n{done.stderr}"


@pytest.mark.soak
def test_a_cut_in_an_upgrade_leaves_one_that_works(debian: Chroot, package: Path, older: Path) -> None:
    debian.install(older)
    add_badge(debian, "04A1B2C3D4", "ada")
    shutil.copy(package, debian.file("/tmp"))
    ran = {}
    for moment, (call, path) in CUTS.items():
        trial = Chroot(debian.path.with_name("trial"))
        subprocess.run(["cp", "--archive", "--reflink=auto", debian.path, trial.path], check=True)
        cut(trial, package, call, path.format(new=OLD.replace("0.0.1-1~deb13", version_of(package))))
        ran[moment] = os.readlink(trial.file("/usr/lib/clockd/current"))
        assert people(trial) == ["ada"], moment
        trial.do("dpkg", "--configure", "--pending")
        trial.install(package)
        assert people(trial) == ["ada"], moment
        assert versions(trial) == [version_of(package)], moment
        shutil.rmtree(trial.path)
    assert set(ran.values()) == {"0.0.1-1~deb13", version_of(package)}, "all cuts fell on one side of the switch"


def version_of(package: Path) -> str:
    """The Debian version in a package's file name."""
    return package.name.split("_")[1]


def test_what_is_inside(package: Path) -> None:
    listing = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True).stdout
    archive = package.with_suffix(".tar")
    archive.write_bytes(listing)
    with tarfile.open(archive) as tar:
        names = tar.getnames()
        owners = {(member.uid, member.gid) for member in tar}
    archive.unlink()
    assert owners == {(0, 0)}
    # The switch between versions is made last.
    order = [name for name in names if name.startswith("./usr/lib/clockd/")]
    assert order[-1] == "./usr/lib/clockd/current"
    assert not any(name.endswith((".pyc", "direct_url.json")) for name in names)


def test_lintian(package: Path) -> None:
    done = subprocess.run(
        ["lintian", "--fail-on", "error,warning", package], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
