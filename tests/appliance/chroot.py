"""A root file system to run commands in: the real dpkg, without a machine."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ENTER = """
set -e
mount --rbind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount --rbind /dev dev
mkdir -p run
mount -t tmpfs tmpfs run
shift
exec chroot . "$@"
"""
"""A mount and process namespace of its own: nothing that runs in it can outlive it or reach the host's processes."""


@dataclass(frozen=True)
class Chroot:
    """A folder that is a whole Debian."""

    path: Path

    def run(self, *command: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it, whatever comes of it; debconf asks nobody."""
        kept = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "sh", "-c", ENTER, "-", self.path, *command],
            capture_output=True,
            text=True,
            check=False,
            input=stdin,
            env=kept | environ,
            timeout=300,
        )

    def do(self, *command: str, stdin: str = "", **environ: str) -> str:
        """Run a command that must succeed; what it said."""
        done = self.run(*command, stdin=stdin, **environ)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def install(self, package: Path) -> str:
        """Install a Debian package by dpkg; what it said, warnings too."""
        shutil.copy(package, self.path / "tmp" / package.name)
        return self.do("sh", "-c", f"dpkg --install /tmp/{package.name} 2>&1")

    def file(self, path: str) -> Path:
        """A path of it, as seen from outside."""
        return self.path / path.lstrip("/")


def is_root() -> bool:
    """Whether namespaces and chroot are ours to use."""
    return os.geteuid() == 0
