"""`clockd support FILE`: what somebody needs who helps, without secrets and without names."""

import asyncio
import gzip
import io
import json
import os
import sys
import tarfile
import tomllib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

import clockd
from clockd import config, control
from clockd.cli.asking import socket_path
from clockd.cli.saying import say
from clockd.cli.setting import CONFIG_FILE, SERVICE_CREDENTIALS
from clockd.config import Config, Secrets
from clockd.config.editing import read_text
from clockd.config.files import NoSmallFile, read_small
from clockd.config.secrets import SECRETS
from clockd.core.json import Json
from clockd.core.scrub import Scrubber, forms, lower_words
from clockd.errors import ClockdError, ConfigError, NoDaemon, Refused
from clockd.host import machine
from clockd.host.programs import NoProgram, run_program

LINES = 500
"""Lines of the journal, when nobody says how many."""
CHECK_S = 60.0
"""How long the checks may take."""
SYSTEM_WORDS = """
    Started Starting Stopped Stopping Reloading service process exited code status signal killed main scheduled restart
    job counter failed result exit watchdog timeout core dump dumped success consumed CPU time unit deactivated entered
    systemd python usr bin lib opt var run dev etc site packages true false yes no not none NTP synchronized timezone
    local RTC UTC available journal entries begin end since boot Debian Raspbian Raspberry Pi
"""
"""What systemd and its journal say, besides the words of clockd."""
MADE_UP = lower_words("ada lovelace grace anna bob tester")
"""Names in examples of clockd's own texts."""


@click.command("support")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@CONFIG_FILE
@click.option("--socket", metavar="PATH", help="The daemon's control socket; else that of the configuration.")
@click.option("--lines", type=click.IntRange(0, 100_000), default=LINES, show_default=True, help="Of the journal.")
@click.option("--no-check", is_flag=True, help="Do not open the devices, and ask the tracker nothing.")
def write_support(file: Path, config_file: Path, socket: str | None, lines: int, no_check: bool) -> None:
    """Write a bundle (FILE.tar.gz, mode 0600) for whoever helps: version, system, configuration, status, checks, the
    end of the journal, clock, disk, devices.

    Employees are person-1, person-2 in all of it; keys, badges, notes, e-mails and whatever clockd does not know to
    be harmless are left out. It works as well when the daemon does not run. Look into it before you send it.
    """
    if file.exists():
        raise Refused(f"{file} exists already", hint="choose another name")
    told = _Told(config_file, socket, lines, no_check)
    parts = told.parts()
    told.search(parts)
    _write(file, parts)
    say(f"{file} is written: {', '.join(parts)}")
    say(f"look into it before you send it: tar -xzOf {file} | less")


class _Told:
    """Gathers what is told; what cannot be found out is told as well, and stops nothing else.

    Args:
        file: the configuration.
        sock: the daemon's socket; None for the configuration's.
        lines: so many of the journal.
        no_check: nothing is opened, and the tracker is not asked.
    """

    def __init__(self, file: Path, sock: str | None, lines: int, no_check: bool) -> None:
        self._file, self._lines, self._no_check = file.absolute(), lines, no_check
        self._raw, self._loaded, self._wrong = _configuration(file)
        place = self._loaded.terminal.control_socket if self._loaded and not sock else sock
        self._place = socket_path(place)
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        self._secrets = Secrets(Path(folder) if folder else SERVICE_CREDENTIALS, os.environ)
        self._status, self._people = asyncio.run(self._asked())
        self._names = dict(_pseudonyms(self._raw, self._people))
        self._keys = list(_secret_texts(self._secrets, self._loaded))
        self._scrub = Scrubber(self._keys, self._names, _harmless_words(self._raw, self._status))

    def parts(self) -> dict[str, str]:
        """Return name -> text of each part."""
        scrub = self._scrub
        folder = Path(self._loaded.terminal.state_dir if self._loaded else "/var/lib/clockd")
        system = [f"clockd {clockd.__version__}", *machine.describe_system()]
        return {
            "system.txt": _facts(scrub, system),
            "configuration.json": _document(scrub, self._raw),
            "configuration-problem.txt": scrub.text(self._wrong) + "\n",
            "status.json": _document(scrub, self._status),
            "check.txt": self._check(),
            "journal.txt": self._journal(),
            "clock.txt": self._program("timedatectl", "show"),
            "disk.txt": _facts(scrub, machine.describe_disk(folder)),
            "devices.txt": _facts(scrub, machine.describe_devices()),
        }

    def search(self, parts: dict[str, str]) -> None:
        """See that none of what must not be told is in it.

        Raises:
            Refused: something is; nothing was written.
        """
        for name, text in parts.items():
            if any(form in text for key in self._keys for form in forms(key)):
                raise Refused(f"a secret would be in {name}, so nothing was written", hint="please report this")

    async def _asked(self) -> tuple[Json, Json]:
        """Ask the daemon, or look at the store itself, how everything is and who works here."""
        try:
            return await _both(lambda name: asyncio.to_thread(control.ask, self._place, {"cmd": name}))
        except NoDaemon as error:
            if self._loaded is None:
                return {"problem": error.message}, []
        from clockd import daemon

        try:
            async with daemon.open_look(self._loaded) as office:
                summary = await office.documents.summary()
                return {"daemon": "does not run", **summary}, await office.people.listed()
        except ClockdError as error:
            return {"daemon": "does not run", "problem": error.message}, []

    def _check(self) -> str:
        if self._no_check or self._loaded is None:
            return "not checked\n"
        # a process of its own, since a check becomes the service's user
        words = (sys.executable, "-m", "clockd", "check", "--config", str(self._file))
        try:
            ran = run_program(words, longest_s=CHECK_S)
        except NoProgram as error:
            return self._scrub.text(error.message) + "\n"
        told = ran.out or f"the check ends with {ran.code}: {ran.err}"
        return "".join(self._scrub.text(line) + "\n" for line in told.splitlines())

    def _journal(self) -> str:
        words = ("--unit", "clockd", "--lines", str(self._lines), "--output", "short-iso", "--no-hostname")
        return self._program("journalctl", "--no-pager", "--quiet", *words)

    def _program(self, *words: str) -> str:
        try:
            ran = run_program(words, longest_s=30)
        except NoProgram as error:
            return self._scrub.text(error.message) + "\n"
        told = ran.out if ran.code == 0 else f"{words[0]} ends with {ran.code}: {ran.err}"
        return "".join(self._scrub.text(line) + "\n" for line in told.splitlines())


async def _both(ask: Callable[[str], Awaitable[Json]]) -> tuple[Json, Json]:
    return await ask("status"), await ask("people")


def _configuration(file: Path) -> tuple[dict[str, Any], Config | None, str]:
    """Return a configuration as TOML reads it and as clockd does, as far as they can, and what is wrong with it."""
    raw: dict[str, Any] = {}
    try:
        text = read_text(file)
        raw = tomllib.loads(text.removeprefix("\ufeff"))
        return raw, config.parse(text, str(file)), "none"
    except ConfigError as error:
        return raw, None, str(error)
    except (ValueError, RecursionError) as error:
        return raw, None, f"no TOML: {error}"


def _pseudonyms(raw: dict[str, Any], people: Json) -> Iterator[tuple[str, str]]:
    """Yield (name, pseudonym) of the employees, of customers and projects, of this terminal and machine."""
    listed = [one for one in people if isinstance(one, dict)] if isinstance(people, list) else []
    for n, one in enumerate(listed, 1):
        for name in (one.get("username"), one.get("name")):
            if isinstance(name, str) and name:
                yield name, f"person-{n}"
                # a part of a name is one as well, be it a word that clockd uses itself
                yield from ((part, f"person-{n}") for part in name.split() if len(part) > 2)
    buttons = [one for one in raw.get("button", []) if isinstance(one, dict)] if "button" in raw else []
    for kind in ("client", "project"):
        for n, name in enumerate(dict.fromkeys(str(one[kind]) for one in buttons if one.get(kind)), 1):
            yield name, f"{kind}-{n}"
    terminal = raw.get("terminal")
    if isinstance(terminal, dict) and isinstance(terminal.get("name"), str):
        yield terminal["name"], "this-terminal"
    yield machine.hostname(), "this-machine"


def _secret_texts(secrets: Secrets, loaded: Config | None) -> Iterator[str]:
    """Yield every secret that can be found, so that it can be left out."""
    for name in SECRETS:
        try:
            if (secret := secrets.find(name)) is not None:
                yield from secret.reveal().splitlines()  # alert-urls has several
        except ConfigError:  # what cannot be one is nowhere else either
            continue
    if loaded is not None:
        try:
            pepper = read_small(Path(loaded.terminal.state_dir) / "badge-pepper", 4096)
            yield pepper.decode(errors="replace").strip()
        except (OSError, NoSmallFile):
            return


def _harmless_words(raw: dict[str, Any], status: Json) -> frozenset[str]:
    """Return the words that may stay: those of clockd's own texts, of the system, and of the devices here."""
    found = lower_words(SYSTEM_WORDS) | lower_words(" ".join(os.strerror(n) for n in range(1, 134)))
    for path in Path(clockd.__file__).parent.rglob("*.py"):
        if "sim" not in path.parts:  # whose texts are of made-up people
            found |= lower_words(path.read_text(encoding="utf-8"))
    found -= MADE_UP
    devices = [status.get("readers")] if isinstance(status, dict) else []
    devices += [raw.get("reader"), raw.get("panel")]
    found |= lower_words(json.dumps(devices, ensure_ascii=False))
    terminal, tracker = raw.get("terminal"), raw.get("tracker")
    if isinstance(terminal, dict):
        found |= lower_words(
            " ".join(str(terminal.get(key, "")) for key in ("time_zone", "state_dir", "control_socket"))
        )
    if isinstance(tracker, dict):
        found |= lower_words(" ".join(_host_of(str(tracker.get(key, ""))) for key in ("url", "proxy")))
    return found


def _host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _document(scrub: Scrubber, document: Any) -> str:
    plain: Json = json.loads(json.dumps(document, default=str))  # TOML has dates
    return json.dumps(scrub.document(plain), ensure_ascii=False, indent=1) + "\n"


def _facts(scrub: Scrubber, lines: Iterable[str]) -> str:
    return "".join(scrub.facts(line) + "\n" for line in lines)


def _write(file: Path, parts: dict[str, str]) -> None:
    """Write the bundle, whole or not at all; nothing in it says who made it, nor on which machine."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as tar,
    ):
        for name, text in parts.items():
            data = text.encode(errors="replace")
            member = tarfile.TarInfo(f"clockd-support/{name}")
            member.size, member.mode = len(data), 0o600
            tar.addfile(member, io.BytesIO(data))
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(packed.getvalue())
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from None
