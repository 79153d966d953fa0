"""An apt source of one's own, as `deploy/apt-source` makes it, and packages made of another one for it."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from hashlib import md5
from pathlib import Path

from tests.appliance.building import ROOT

SOURCE = """Types: deb
URIs: file:///srv/clockd
Suites: trixie
Components: main
Signed-By: /usr/share/keyrings/clockd-archive-keyring.gpg
"""
KEY = "packages@example.com"


class Source:
    """A source with a key of its own.

    Args:
        folder: what a web server would serve.
        home: gpg's folder, with the key.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        home.mkdir(mode=0o700)
        self._env = {**os.environ, "GNUPGHOME": str(home)}
        words = ("--batch", "--quiet", "--passphrase", "", "--quick-generate-key", KEY, "default", "sign", "never")
        subprocess.run(["gpg", *words], check=True, env=self._env, capture_output=True)

    def add(self, *packages: Path) -> None:
        """Offer packages, beside those that are there."""
        words = [str(ROOT / "deploy" / "apt-source"), str(self.folder), "--key", KEY, *map(str, packages)]
        done = subprocess.run(words, check=False, env=self._env, capture_output=True, text=True)
        subprocess.run(["gpgconf", "--kill", "all"], check=False, env=self._env)
        assert done.returncode == 0, done.stderr


def made_of(package: Path, version: str, folder: Path, more: Mapping[str, str] | None = None) -> Path:
    """The same package under another version, in much less time than building it takes.

    Args:
        package: what it is made of.
        version: the new one, without the release of Debian.
        folder: where to.
        more: text that is added at the end of files of the program, by their paths below `clockd`.
    """
    old = package.name.split("_")[1]
    new = f"{version}-1~{old.rpartition('~')[2]}"
    tree = folder / f"tree-{version}"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    home = tree / "usr/lib/clockd"
    (home / old).rename(home / new)
    (home / "current").unlink()
    (home / "current").symlink_to(new)
    for file in [*(tree / "DEBIAN").iterdir(), home / new / "bin/clockd"]:
        file.write_text(file.read_text().replace(old, new))
    (site,) = (home / new / "lib").glob("python3.*/site-packages")
    for name, text in (more or {}).items():
        with (site / "clockd" / name).open("a") as program:
            program.write(text)
    _sum_up(tree)
    made = folder / package.name.replace(old, new)
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, made], check=True, capture_output=True
    )
    shutil.rmtree(tree)
    return made


def _sum_up(tree: Path) -> None:
    """Write down anew what dpkg checks installed files against."""
    sums = tree / "DEBIAN/md5sums"
    names = [line.split(maxsplit=1)[1] for line in sums.read_text().splitlines()]
    found = [f"{md5((tree / name).read_bytes(), usedforsecurity=False).hexdigest()}  {name}\n" for name in names]
    sums.write_text("".join(found))
