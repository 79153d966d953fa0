"""An apt source of one's own: what it signed is installed, and nothing else is."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.appliance.building import ROOT
from tests.appliance.chroot import Chroot
from tests.appliance.test_dpkg import add_badge, people

pytestmark = pytest.mark.appliance

SOURCE = """Types: deb
URIs: file:///srv/clockd
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/clockd-archive-keyring.gpg
"""
ONLY = ("-o", "Dir::Etc::SourceList=/dev/null", "-o", "Dir::Etc::SourceParts=/etc/apt/ours")


def apt(debian: Chroot, *words: str) -> subprocess.CompletedProcess[str]:
    """apt-get, with our source alone."""
    return debian.run("apt-get", "-y", "--no-install-recommends", *ONLY, *words)


def installed(debian: Chroot) -> str:
    return debian.run("dpkg-query", "-W", "-f", "${Version}", "clockd").stdout


@pytest.fixture
def source(debian: Chroot, package: Path, older: Path, tmp_path: Path) -> Path:
    """A source with two versions, known to a Debian that has an admin's badge in its older clockd."""
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    env = {**os.environ, "GNUPGHOME": str(home)}
    generate = [
        "gpg",
        "--batch",
        "--quiet",
        "--passphrase",
        "",
        "--quick-generate-key",
        "packages@example.com",
        "default",
        "sign",
        "never",
    ]
    subprocess.run(generate, check=True, env=env, capture_output=True)
    folder = debian.file("/srv/clockd")
    words = [
        str(ROOT / "deploy" / "apt-source"),
        str(folder),
        "--key",
        "packages@example.com",
        str(older),
        str(package),
    ]
    done = subprocess.run(words, check=False, env=env, capture_output=True, text=True)
    subprocess.run(["gpgconf", "--kill", "all"], check=False, env=env)
    assert done.returncode == 0, done.stderr
    shutil.copy(folder / "clockd-archive-keyring.gpg", debian.file("/usr/share/keyrings"))
    debian.file("/etc/apt/ours").mkdir()
    debian.file("/etc/apt/ours/clockd.sources").write_text(SOURCE)
    return folder


def test_install_upgrade_and_go_back(debian: Chroot, source: Path, package: Path) -> None:
    new = package.name.split("_")[1]
    for words in (("update",), ("install", "clockd=0.0.1-1~deb13")):
        done = apt(debian, *words)
        assert done.returncode == 0, done.stderr
    add_badge(debian, "04A1B2C3D4", "ada")
    assert apt(debian, "upgrade").returncode == 0
    assert installed(debian) == new
    refused = apt(debian, "install", "clockd=0.0.1-1~deb13")
    assert refused.returncode != 0
    assert installed(debian) == new
    assert apt(debian, "install", "--allow-downgrades", "clockd=0.0.1-1~deb13").returncode == 0
    assert installed(debian) == "0.0.1-1~deb13"
    assert people(debian) == ["ada"]


def test_what_is_unsigned_changed_or_cut_is_refused(debian: Chroot, source: Path, package: Path) -> None:
    assert apt(debian, "update").returncode == 0
    assert apt(debian, "install", "clockd=0.0.1-1~deb13").returncode == 0
    (offered,) = source.glob(f"pool/trixie/{package.name}")
    whole = offered.read_bytes()

    offered.write_bytes(whole[:-1000])
    assert apt(debian, "upgrade").returncode != 0
    offered.write_bytes(whole[:-1000] + bytes(1000))
    assert apt(debian, "upgrade").returncode != 0
    offered.write_bytes(whole)

    lists = source / "dists/trixie"
    signed = (lists / "InRelease").read_text()
    (lists / "InRelease").write_text(signed.replace("Label: clockd", "Label: others"))
    assert apt(debian, "-o", "APT::Update::Error-Mode=any", "update").returncode != 0
    (lists / "InRelease").unlink()
    (lists / "Release").write_text(signed.split("\n\n", 1)[1].split("-----BEGIN PGP")[0])
    assert apt(debian, "-o", "APT::Update::Error-Mode=any", "update").returncode != 0

    assert installed(debian) == "0.0.1-1~deb13"
    assert debian.do("clockd", "--version")
