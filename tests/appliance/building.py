"""Builds what the tests stand on: packages, and root file systems. Both are kept in .deploy/appliance under a stamp."""

import hashlib
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".deploy" / "appliance"

DEPENDS = ("python3", "libpcsclite1", "libusb-1.0-0", "libstdc++6", "pcscd", "systemd-sysv", "debconf", "strace")
"""What a package needs before dpkg alone can install it."""

MACHINE = (
    *DEPENDS,
    *("linux-image-amd64", "initramfs-tools", "udev", "dbus", "kmod", "polkitd", "systemd-resolved"),
    *("iproute2", "procps", "libccid", "vsmartcard-vpcd", "fonts-unifont", "i2c-tools", "usbutils"),
)
"""What makes of it a machine that boots, with the virtual smart card reader beside it."""


def _run(*command: str | Path, **environ: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environ})
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def package(suite: str, version: str = "", folder: Path = KEPT) -> Path:
    """The Debian package of this checkout for a suite; under a version of one's own for upgrades."""
    words = ["--suite", suite, "--output", str(folder)] + (["--version", version] if version else [])
    return Path(_run(ROOT / "deploy" / "package", *words).splitlines()[-1])


def base_package(suite: str = "trixie") -> Path:
    """The package of this checkout; or one that was built already, $CLOCKD_PACKAGE."""
    built = os.environ.get("CLOCKD_PACKAGE")
    return Path(built) if built else package(suite)


def root_archive(suite: str, names: tuple[str, ...]) -> Path:
    """A Debian root file system with some packages, as an archive; made once for a list of packages."""
    stamp = hashlib.sha256(f"2 {suite} {names}".encode()).hexdigest()[:12]
    archive = KEPT / f"root-{suite}-{stamp}.tar"
    if not archive.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        part = archive.with_suffix(".part.tar")
        _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(names)}", suite, part)
        part.rename(archive)
    return archive


def unpack(archive: Path, folder: Path) -> Path:
    """A root file system that may be written to."""
    folder.mkdir(parents=True)
    _run("tar", "--extract", "--numeric-owner", "--file", archive, "--directory", folder)
    return folder
