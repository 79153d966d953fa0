"""`deploy/provision`: a card for a new terminal, of one file of answers. It runs at a desk, in a checkout."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from clockd.cli.badges import read_numbers
from clockd.cli.saying import say
from clockd.cli.setting import LONGEST_SECRET_BYTES, checked_secret, typed_secrets
from clockd.config import NoTracker
from clockd.config.files import NoSmallFile, in_utf8, read_small
from clockd.errors import ConfigError
from clockd.host.wifi import why_no_wifi_password
from clockd.provisioning.answers import WIFI_PASSWORD, Answers, SecretFile, is_public_key, parse_answers
from clockd.provisioning.card import PARTS, Given, files_of, repeats_a_secret, seal_badges
from clockd.provisioning.writing import check_card, write_card
from clockd.store.badges import SHORTEST_PEPPER_BYTES

MOST_ANSWERS_BYTES = 64 * 1024
MOST_PACKAGE_BYTES = 512 * 1024 * 1024
MOST_KEY_BYTES = 1024 * 1024
OTHERS = 0o077
"""The rights of everybody but a file's owner."""


PROVISION_HELP = """Write a card for a new terminal: ANSWERS.toml says which one.

FOLDER is where the card's first partition is mounted; any other folder can be copied onto a card by hand. Secrets that
the answers do not hold are asked for, or read from standard input, a line each. They lie on the card only until its
first boot.

\b
deploy/provision front-door.toml /media/anna/bootfs
"""


@click.command(context_settings={"help_option_names": ["-h", "--help"]}, help=PROVISION_HELP)
@click.argument("answers_file", metavar="ANSWERS.toml", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@click.option("--checkout", hidden=True, required=True, type=click.Path(path_type=Path))
def provision(answers_file: Path, folder: Path, checkout: Path) -> None:
    """Write a card for a new terminal."""
    text = _text_of(answers_file, MOST_ANSWERS_BYTES)
    answers = parse_answers(text, answers_file.name)
    beside = answers_file.parent
    if any(isinstance(each, str) for each in answers.secrets.values()):
        _refuse_open(answers_file, "holds secrets")
    first_run = answers.machine.system == "bookworm"
    check_card(folder, first_run=first_run)
    given = _given(answers, beside, answers_file.name, checkout)
    files = files_of(answers, given)
    if name := repeats_a_secret(files, given.secrets):
        why = "its text stands in another place of the answers as well, perhaps in a comment"
        raise ConfigError(f"{answers_file.name}: secrets.{name}", why, hint="take it out there")
    write_card(folder, files, first_run=first_run)
    _say_what_is_next(answers, given, folder)


def _given(answers: Answers, beside: Path, where: str, checkout: Path) -> Given:
    """Read what belongs to the answers; what is missing is asked for last, when all else is right."""
    package = answers.package
    source_key = _bytes_of(_found(beside, package.key), MOST_KEY_BYTES) if package.source else b""
    if source_key.startswith(b"-----"):
        hint = "the binary one, clockd-archive-keyring.gpg, as deploy/apt-source made it"
        raise ConfigError(f"{where}: package.key", "is an armoured key, with which apt needs another ending", hint=hint)
    deb = _bytes_of(_found(beside, package.file), MOST_PACKAGE_BYTES) if package.file else b""
    if package.file and not deb.startswith(b"!<arch>"):
        raise ConfigError(f"{where}: package.file", "is no Debian package", hint="deploy/package builds one")
    ssh_key = _ssh_key(answers.machine.ssh_key, beside, where)
    listed = answers.badges
    lines = read_numbers(_found(beside, listed.file), listed.format or None) if listed else []
    found = _secrets(answers, beside, where)
    if listed:
        found["badge-pepper"] = _pepper(_found(beside, listed.pepper), where)
    badges = seal_badges(lines, found["badge-pepper"]) if listed else []
    parts = {name: (checkout / name).read_bytes() for name in PARTS}
    return Given(parts, found, ssh_key, source_key, deb, badges, secrets.token_hex(8))


def _secrets(answers: Answers, beside: Path, where: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, said in answers.secrets.items():
        if isinstance(said, SecretFile):
            path = _found(beside, said.file)
            _refuse_open(path, "is a secret")
            texts[name] = _text_of(path, LONGEST_SECRET_BYTES)
        else:
            texts[name] = said
    if missing := [name for name in answers.secrets_needed if name not in texts]:
        texts |= dict(zip(missing, typed_secrets(missing), strict=True))
    return {name: _checked(name, text, where) for name, text in texts.items()}


def _checked(name: str, text: str, where: str) -> str:
    if name != WIFI_PASSWORD:
        return checked_secret(name, text)
    password = text.strip("\r\n\0")
    if why := why_no_wifi_password(password):
        raise ConfigError(f"{where}: secrets.{name}", f"can be no password of a Wi-Fi network: {why}")
    return password


def _pepper(path: Path, where: str) -> str:
    """Read the badge-pepper, or make one: further terminals with the same badges take the same."""
    try:
        _refuse_open(path, "is a secret")
        pepper = in_utf8(read_small(path, LONGEST_SECRET_BYTES)).strip()
    except FileNotFoundError:
        pepper = secrets.token_hex(32)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(pepper + "\n")
        say(f"{path} is made: keep it with the backups, no badge is known without it")
    except NoSmallFile as error:
        raise ConfigError(f"{where}: badges.pepper", error.why, hint=error.hint) from None
    if len(pepper.encode()) < SHORTEST_PEPPER_BYTES:
        why = f"{path} is shorter than {SHORTEST_PEPPER_BYTES} bytes, and could be found by trying"
        raise ConfigError(f"{where}: badges.pepper", why, hint="make one: openssl rand -hex 32")
    return pepper


def _ssh_key(said: str, beside: Path, where: str) -> str:
    if said and not is_public_key(said):
        path = _found(beside, said)
        if path.is_file():
            said = _text_of(path, MOST_ANSWERS_BYTES).strip()
        if not is_public_key(said):
            hint = 'as ssh_key = "ssh-ed25519 AAAA… anna", or the file: ssh_key = "~/.ssh/id_ed25519.pub"'
            raise ConfigError(f"{where}: machine.ssh_key", "is no public key, and no file with one", hint=hint)
    return said.strip()


def _found(beside: Path, name: str) -> Path:
    """Return the file that a name in the answers means: it counts from their own folder."""
    return beside / Path(name).expanduser()


def _refuse_open(path: Path, what: str) -> None:
    """Refuse a file of secrets that others may read; one that is missing is told by whoever reads it."""
    if path.exists() and path.stat().st_mode & OTHERS:
        raise ConfigError(str(path), f"{what}, and others can read it", hint=f"chmod 600 {path}")


def _bytes_of(path: Path, most_bytes: int) -> bytes:
    try:
        return read_small(path, most_bytes)
    except FileNotFoundError:
        raise ConfigError(
            str(path), "no such file", hint="a name in the answers counts from their own folder"
        ) from None
    except NoSmallFile as error:
        raise ConfigError(str(path), error.why, hint=error.hint) from None


def _text_of(path: Path, most_bytes: int) -> str:
    try:
        return in_utf8(_bytes_of(path, most_bytes))
    except NoSmallFile as error:
        raise ConfigError(str(path), error.why, hint=error.hint) from None


def _say_what_is_next(answers: Answers, given: Given, folder: Path) -> None:
    listed = [name for name in given.secrets if name != WIFI_PASSWORD]
    secret = ", ".join([*(["the Wi-Fi password"] if answers.wifi else []), *listed]) or "none"
    say(f"{folder} is written for {answers.config.terminal.name} ({answers.host})")
    say(f"secrets on it, in plain text until the first boot: {secret}")
    if given.badges:
        say(f"badges on it, as fingerprints: {len(given.badges)}")
    for warning in _warnings(answers, given.secrets):
        say(f"note: {warning}", err=True)
    say("Next: eject the card, put it into the terminal, and plug that in. After some minutes:")
    say(f"  ssh {answers.machine.user}@{answers.host}.local sudo clockd status")


def _warnings(answers: Answers, found: Mapping[str, str]) -> Sequence[str]:
    told = []
    if isinstance(answers.config.tracker, NoTracker):
        told.append("no [tracker]: punches stay at the terminal until one is named")
    if not answers.machine.ssh_key:
        told.append("no [machine] ssh_key: nobody can sign in from elsewhere")
    if "web-password" not in found:
        told.append("no web-password: nobody can sign in at the admin page until one is given")
    if answers.machine.system == "ubuntu":
        told.append("Ubuntu: clockd's package needs the Python of Debian 13 (3.13)")
    return told


def run_provision() -> None:
    """Entry point of `deploy/provision`."""
    from clockd.cli import run_command

    run_command(provision, "deploy/provision")


if __name__ == "__main__":
    run_provision()
