"""An apt source of one's own: what it signed is installed, and nothing else is."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.appliance.chroot import Chroot
from tests.appliance.offering import SOURCE, Source
from tests.appliance.test_dpkg import add_badge, people

pytestmark = pytest.mark.appliance

ONLY = ("-o", "Dir::Etc::SourceList=/dev/null", "-o", "Dir::Etc::SourceParts=/etc/apt/ours")


def apt(debian: Chroot, *words: str) -> subprocess.CompletedProcess[str]:
    """apt-get, with our source alone."""
    return debian.run("apt-get", "-y", "--no-install-recommends", *ONLY, *words)


def installed(debian: Chroot) -> str:
    return debian.run("dpkg-query", "-W", "-f", "${Version}", "clockd").stdout


@pytest.fixture
def source(debian: Chroot, package: Path, older: Path, tmp_path: Path) -> Path:
    """A source with two versions, known to a Debian that has an admin's badge in its older clockd."""
    source = Source(debian.file("/srv/clockd"), tmp_path / "gnupg")
    source.add(older, package)
    shutil.copy(source.folder / "clockd-archive-keyring.gpg", debian.file("/usr/share/keyrings"))
    debian.file("/etc/apt/ours").mkdir()
    debian.file("/etc/apt/ours/clockd.sources").write_text(SOURCE)
    return source.folder


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
