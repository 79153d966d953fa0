"""apt and dpkg: what is installed, what the source of one's own offers, and one package put in the place of another.

Only what the source has signed comes in (apt sees to that), only from that source, and never an older version.
"""

import os
import shutil
import subprocess
from pathlib import Path

from clockd.core.sentence import phrase, sentence
from clockd.errors import Refused
from clockd.updating import record

PACKAGE = "clockd"
SOURCE = Path("/etc/apt/sources.list.d/clockd.sources")
"""What `deploy/apt-source` tells an admin to write."""
CACHE = Path("/var/cache/apt/archives")
APT_S = 1800.0
"""How many seconds apt or dpkg may take on a slow card."""
PATIENT = (
    "-o",
    "DPkg::Lock::Timeout=600",
    "-o",
    "Dpkg::Options::=--force-confdef",
    "-o",
    "Dpkg::Options::=--force-confold",
)
"""Waits for another apt; a file that the admin changed stays as it is."""


def _run(*command: str | Path, cwd: Path | None = None) -> str:
    environ = {**os.environ, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(  # noqa: S603 - fixed words
            command, capture_output=True, text=True, check=False, cwd=cwd, env=environ, timeout=APT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Refused(sentence("{program}: {why}", program=str(command[0]), why=str(error))) from error
    if done.returncode != 0:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        told = [line for line in lines if line.startswith(("E:", "dpkg: error"))] or lines[-1:]
        said = " ".join(told)[:300] or str(done.returncode)
        raise Refused(sentence("{program}: {why}", program=Path(command[0]).name, why=said))
    return done.stdout


def _ours() -> tuple[str, ...]:
    """Return the options that let apt know our source alone, and leave the lists of the others as they are."""
    only = (
        f"Dir::Etc::SourceList={SOURCE}",
        "Dir::Etc::SourceParts=-",
        "APT::Get::List-Cleanup=0",
        "Acquire::Retries=2",
    )
    return tuple(word for option in (*only, "APT::Update::Error-Mode=any") for word in ("-o", option))


def installed() -> str:
    """Return the version that dpkg has on this machine, whole or in pieces; empty where there is none."""
    try:
        return _run("dpkg-query", "--show", "--showformat=${Version}", PACKAGE)
    except Refused:
        return ""


def is_whole(version: str) -> bool:
    """Whether a version is installed and configured."""
    try:
        return (
            _run("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", PACKAGE)
            == f"installed {version}"
        )
    except Refused:
        return False


def offered() -> str:
    """Ask the source, and return the newest version that it offers; empty where that is not newer than ours.

    Raises:
        Refused: there is no source, it cannot be reached, or it is not signed as it should be.
    """
    if not SOURCE.exists():
        raise Refused(sentence("{file} is missing: deploy/apt-source says what belongs into it", file=str(SOURCE)))
    _run("apt-get", *_ours(), "update")
    words = _run("apt-cache", *_ours(), "policy", PACKAGE)
    candidate = next((line.split()[1] for line in words.splitlines() if line.strip().startswith("Candidate:")), "")
    return candidate if candidate not in ("", "(none)") and is_newer(candidate, installed()) else ""


def is_newer(version: str, other: str) -> bool:
    """Compare two versions as dpkg does."""
    return subprocess.run(["dpkg", "--compare-versions", version, "gt", other], check=False).returncode == 0  # noqa: S603, S607


def fetch(version: str, to: Path) -> None:
    """Get the package of a version from the source, and put it on disk.

    Raises:
        Refused: the source does not have it, or has another one under its name, or was cut.
    """
    folder = to.parent / "fetched"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        _run("apt-get", *_ours(), "-o", "APT::Sandbox::User=root", "download", f"{PACKAGE}={version}", cwd=folder)
        found = [file for file in folder.iterdir() if file.suffix == ".deb"]
        if len(found) != 1 or version_of(found[0]) != version:
            raise Refused(sentence("the source gave no package of version {version}", version=version))
        record.put_file(to, found[0].read_bytes())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_installed(to: Path) -> None:
    """Have the package of the version that is installed, so that there is a way back.

    Raises:
        Refused: it is neither here nor at the source.
    """
    version = installed()
    if to.exists() and version_of(to) == version:
        return
    for file in sorted(CACHE.glob(f"{PACKAGE}_*.deb")):
        if version_of(file) == version:
            record.put_file(to, file.read_bytes())
            return
    try:
        fetch(version, to)
    except Refused as why:
        told = sentence("there would be no way back to {version} ({why})", version=version, why=phrase(why.message))
        raise Refused(told) from why


def version_of(package: Path) -> str:
    """Return the version of a package that is whole; empty where it is not, or is another one."""
    try:
        _run("dpkg-deb", "--contents", package)
        name, version = _run("dpkg-deb", "--show", "--showformat=${Package} ${Version}", package).split()
    except (Refused, ValueError):
        return ""
    return version if name == PACKAGE else ""


def finish() -> None:
    """Let dpkg end what a cut has left in pieces."""
    try:
        _run("dpkg", "--force-confdef", "--force-confold", "--configure", "--pending")
    except Refused:
        return  # what is installed next says whether that matters


def install(package: Path, version: str) -> None:
    """Install a package, with what it depends on from all sources of this machine.

    Raises:
        Refused: it is not installed as a whole.
    """
    finish()
    _run("apt-get", *PATIENT, "--yes", "--no-install-recommends", "--no-remove", "install", package)
    if not is_whole(version):
        raise Refused(sentence("dpkg did not install {version} as a whole", version=version))


def put_back(package: Path, version: str) -> None:
    """Install the package of the version before, over whatever is there; that needs no source and no network.

    Raises:
        Refused: it is not installed as a whole.
    """
    finish()
    try:
        _run("apt-get", *PATIENT, "--yes", "--allow-downgrades", "--no-install-recommends", "install", package)
    except Refused:
        _run("dpkg", "--force-confdef", "--force-confold", "--force-downgrade", "--install", package)
    if not is_whole(version):
        raise Refused(sentence("dpkg did not install {version} as a whole", version=version))
