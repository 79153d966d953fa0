"""A machine at its first boot: a folder with a card, real encryption, and stand-ins for what would change this one."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clockd.core.badge_file import BadgeLine
from clockd.provisioning.answers import Answers, parse_answers
from clockd.provisioning.card import PARTS, CardFiles, Given, files_of, seal_badges
from clockd.provisioning.writing import write_card
from tests.deploy.places import ROOT

SECRETS = {
    "wifi-password": "Wlan-0815-geheim",
    "timetrack-api-key": "key-4711-of-the-firm",
    "timetrack-api-secret": "secret-2342-of-the-firm",
    "badge-pepper": "c0ffee" * 10,
    "web-password": "page-password-1789",
}
BADGE = "04C0FFEE112233"
ANSWERS = """
[terminal]
name = "front-door"
time_zone = "Europe/Vienna"
[tracker]
kind = "timetrack"
url = "https://testaccount.timetrackenterprise.com/api/v2/ext"
[wifi]
ssid = "Office"
country = "AT"
[package]
source = "https://packages.your.firm/clockd"
key = "clockd-archive-keyring.gpg"
[badges]
file = "badges.csv"
[card]
store = "clockd-store"
"""
LINE = BadgeLine(2, "ada", "Ada Lovelace", BADGE)
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 anna"
COUNTED = (
    *("basename", "cat", "chmod", "cmp", "cp", "dd", "dirname", "find", "head", "mkdir", "mv", "printf", "rm", "sed"),
    *("sha256sum", "systemd-creds", "wc"),
)
"""Programs that are the real ones, behind a count of their calls."""
STANDINS = ("dpkg", "fstrim", "iw", "netplan", "nmcli", "raspi-config", "rfkill", "swapoff", "sync", "systemctl")
_SHIM = """#!/bin/sh
echo "${{0##*/}} $*" >>"{state}/calls"
n=0
while read -r _; do n=$((n + 1)); done <"{state}/calls"
[ "$CUT" -eq 0 ] || [ "$n" -lt "$CUT" ] || kill -9 -"$FIRST"
exec {program} "$@"
"""
_APT = """[ "$*" != "update -q" ] && [ -e "{state}/network" ] && touch "{state}/installed"; [ -e "{state}/network" ]"""
_PROGRAMS = {
    "apt-get": _APT,
    "dpkg-query": '[ ! -e "{state}/installed" ] || printf installed',
    "clockd": 'cat "$3" >>"{state}/imported"',
}


def answers_of(more: str = "") -> Answers:
    """The answers of these tests."""
    return parse_answers(ANSWERS + more, "front-door.toml")


def given_of(card_id: str = "0123456789abcdef", secrets: Mapping[str, str] = SECRETS) -> Given:
    """What belongs to them."""
    parts = {name: (ROOT / name).read_bytes() for name in PARTS}
    badges = seal_badges([LINE], SECRETS["badge-pepper"])
    return Given(parts, secrets, SSH_KEY, b"\x99KEYRING", b"", badges, card_id)


@dataclass
class FirstBoot:
    """A machine below a folder.

    Args:
        folder: an empty one.
        script: what runs, should it be another one than the checkout's.
    """

    folder: Path
    script: Path = ROOT / "deploy" / "first-boot"
    files: CardFiles = field(default_factory=lambda: files_of(answers_of(), given_of()))

    def __post_init__(self) -> None:
        """Make what an operating system has."""
        for path in ("boot/firmware", "etc/NetworkManager/system-connections", "var/lib/systemd", "var/lib/cloud"):
            (self.root / path).mkdir(parents=True)
        (self.root / "etc/fstab").write_text(
            "PARTUUID=1 /boot/firmware vfat defaults 0 2\nPARTUUID=2 / ext4 ro,noatime 0 1\n"
        )
        self.state.mkdir()
        self.has_network(True)
        (self.folder / "bin").mkdir()
        for name in COUNTED:
            self._shim(name, str(shutil.which(name)))
        for name in STANDINS:
            self._shim(name, "true")
        for name, text in _PROGRAMS.items():
            program = self.folder / f"{name}-itself"
            program.write_text("#!/bin/sh\n" + text.format(state=self.state) + "\n")
            program.chmod(0o755)
            self._shim(name, str(program))

    def _shim(self, name: str, program: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(_SHIM.format(state=self.state, program=program))
        path.chmod(0o755)

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def card(self) -> Path:
        """The open partition."""
        return self.root / "boot/firmware"

    @property
    def sealed(self) -> Path:
        return self.root / "etc/clockd/sealed"

    @property
    def environ(self) -> dict[str, str]:
        key = self.root / "var/lib/systemd/credential.secret"
        return {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "SYSTEMD_CREDENTIAL_SECRET": str(key)}

    def has_network(self, yes: bool) -> None:
        """Plug the network in, or pull it."""
        (self.state / "network").unlink(missing_ok=True)
        if yes:
            (self.state / "network").touch()

    def write(self) -> None:
        """Write the card."""
        write_card(self.card, self.files, first_run=False)

    def boot(self, *words: str, cut: int = 0, before: str = "", after: str = "") -> "subprocess.CompletedProcess[str]":
        """Let the first boot run; power is cut in front of the n-th program that it calls, where that is not 0."""
        (self.state / "calls").write_text("")
        run = (
            f'{before}\nFIRST=$$ sh "$0" "$@"\ncode=$?\n{after}\nexit $code' if before else 'FIRST=$$ exec sh "$0" "$@"'
        )
        return subprocess.run(
            [*(("unshare", "--mount") if before else ()), "sh", "-c", run, self.script, *words, "--root", self.root],
            env=os.environ | self.environ | {"CUT": str(cut)},
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,
            timeout=60,
        )

    def calls(self) -> list[str]:
        """What the last boot called."""
        return [call.strip() for call in (self.state / "calls").read_text().splitlines()]

    def opened(self, name: str) -> str | None:
        """What an encrypted secret says; None: it says nothing."""
        done = subprocess.run(
            ["systemd-creds", "decrypt", f"--name={name}", self.sealed / name, "-"],
            env=os.environ | {"SYSTEMD_CREDENTIAL_SECRET": self.environ["SYSTEMD_CREDENTIAL_SECRET"]},
            capture_output=True,
            check=False,
        )
        return done.stdout.decode() if done.returncode == 0 else None


def holders(folder: Path, texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Every file below a folder that holds one of these texts: the text's name, and the file."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield from ((name, str(path.relative_to(folder))) for name in held(path.read_bytes(), texts))


def held(data: bytes, texts: Mapping[str, str]) -> list[str]:
    """The names of the texts that these bytes hold, as text or as UTF-16."""
    return [name for name, text in texts.items() if text.encode() in data or text.encode("utf-16-le") in data]
