"""The file of answers: TOML, with the tables of `clockd.toml` as they are, and some of its own beside them."""

import re
import tomllib
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from clockd import config
from clockd.config import Config
from clockd.config.secrets import SECRETS
from clockd.config.sections import Section
from clockd.config.words import SYNTAX, did_you_mean, short
from clockd.core.numbers import NOTATIONS
from clockd.errors import ConfigError
from clockd.host.wifi import why_no_ssid

WIFI_PASSWORD = "wifi-password"
SECRET_NAMES = (WIFI_PASSWORD, *SECRETS)
"""What `[secrets]` may hold."""


class MachineSection(Section, frozen=True):
    """`[machine]`: the computer below clockd."""

    system: Literal["raspios", "bookworm", "ubuntu"] = "raspios"
    """raspios: Raspberry Pi OS of Trixie. bookworm: the one before, which has no cloud-init. ubuntu: Ubuntu Server."""
    host: str = ""
    """Its name in the network; empty: the terminal's."""
    user: str = "admin"
    """Who may sign in by the key below, and use sudo."""
    ssh_key: str = ""
    """The public key, or the file with it; empty: nobody can sign in from elsewhere."""


class WifiSection(Section, frozen=True):
    """`[wifi]`: the network to join; without it there is a cable."""

    ssid: str
    country: str
    """Of the law for radio, as AT."""
    hidden: bool = False
    open: bool = False
    """Whether it has no password."""


class PackageSection(Section, frozen=True):
    """`[package]`: where clockd comes from: a source of one's own, or a file that is put on the card."""

    source: str = ""
    """The address that `deploy/apt-source` was served at."""
    key: str = ""
    """The file `clockd-archive-keyring.gpg` of that source."""
    file: str = ""
    """A package that `deploy/package` built."""


class BadgesSection(Section, frozen=True):
    """`[badges]`: who has which badge from the beginning."""

    file: str
    """A list as `clockd badges import` takes it; only fingerprints go onto the card."""
    format: str = ""
    """How its numbers are written, where they can be read in two ways."""
    pepper: str = "badge-pepper"
    """The file with the badge-pepper; made where there is none."""


class CardSection(Section, frozen=True):
    """`[card]`: what lets a card last."""

    journal: Literal["memory", "disk"] = "memory"
    swap: bool = False
    watchdog: bool = True
    noatime: bool = True
    store: str = ""
    """The label of the partition that holds the store; empty: it is on the card's own."""


class SecretFile(Section, frozen=True):
    """A secret that stands in a file of its own."""

    file: Annotated[str, Meta(min_length=1)]


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """All answers, checked."""

    config: Config
    config_text: str
    """The terminal's own configuration, as it was written."""
    machine: MachineSection
    package: PackageSection
    wifi: WifiSection | None = None
    badges: BadgesSection | None = None
    card: CardSection | None = None
    secrets: Mapping[str, str | SecretFile] = {}
    """By name: the text itself, or its file."""

    @property
    def host(self) -> str:
        """The machine's name in the network."""
        return self.machine.host or self.config.terminal.name.lower()

    @property
    def secrets_needed(self) -> tuple[str, ...]:
        """The secrets without which this terminal would not book."""
        tracker: tuple[str, ...] = ()
        match self.config.tracker:
            case config.TimeTrack():
                tracker = ("timetrack-api-key", "timetrack-api-secret")
            case config.Goodtime():
                tracker = ("goodtime-login-email", "goodtime-api-password")
            case config.NoTracker():
                pass
        return (*((WIFI_PASSWORD,) if self.wifi and not self.wifi.open else ()), *tracker)


OWN_TABLES: Mapping[str, type[Section]] = {
    "machine": MachineSection,
    "wifi": WifiSection,
    "package": PackageSection,
    "badges": BadgesSection,
    "card": CardSection,
}
STANDARD = {
    "reader": '[[reader]]\nkind = "pcsc"\n',
    "panel": '[panel]\noled = "ssd1306"\nbus = "i2c:1:0x3c"\ngreen_led = 17\nred_led = 27\nbuzzer = 18\n',
    "button": '[[button]]\ngpio = 5\naction = "in"\n\n[[button]]\ngpio = 6\naction = "out"\n',
}
"""What is taken where a table is not answered: as the first configuration has it."""
_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_-]+)")
OwnTable = TypeVar("OwnTable", bound=Section)


def parse_answers(text: str, where: str) -> Answers:
    """Read and check a file of answers.

    Args:
        text: of the file.
        where: its name in errors.

    Raises:
        ConfigError: with the key, the reason and what to write instead. No secret is repeated.
    """
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(where, f"is not TOML: {short(str(error))}", hint=SYNTAX) from None
    known = {*Config.__struct_fields__, *OWN_TABLES, "secrets"}
    for name in raw:
        if name not in known:
            raise ConfigError(f"{where}: {short(name)}", "unknown table", hint=did_you_mean(name, known))
    for key in ("name", "time_zone"):
        terminal = raw.get("terminal", {})
        if isinstance(terminal, dict) and key not in terminal:
            hint = 'add time_zone = "Europe/Vienna"' if key == "time_zone" else 'add name = "front-door"'
            raise ConfigError(f"{where}: terminal.{key}", "is missing", hint=hint)
    own = {name: _table(raw[name], kind, f"{where}: {name}") for name, kind in OWN_TABLES.items() if name in raw}
    config_text = _config_text(text, raw, where)
    for name, standard in STANDARD.items():
        if name not in raw:
            config_text += f"\n{standard}"
    answers = Answers(
        config=config.parse(config_text, where),
        config_text=config_text,
        secrets=_secrets(raw.get("secrets", {}), where),
        **{"machine": MachineSection(), "package": PackageSection(), **own},  # type: ignore[arg-type] # by their names
    )
    for key, why, hint in _impossible(answers):
        raise ConfigError(f"{where}: {key}", why, hint=hint)
    return answers


def _config_text(text: str, raw: Mapping[str, object], where: str) -> str:
    """Cut our own tables out of the text, and look whether TOML means just that."""
    kept, ours = [], False
    for line in text.splitlines():
        if header := _HEADER.match(line):
            ours = header[1] in OWN_TABLES or header[1] == "secrets"
        if not ours:
            kept.append(line)
    found = "\n".join(kept).strip() + "\n"
    wanted = {name: value for name, value in raw.items() if name in Config.__struct_fields__}
    try:
        means = tomllib.loads(found)
    except ValueError:
        means = {}
    if means != wanted:
        why = "is written in a way in which it cannot be taken apart"
        raise ConfigError(where, why, hint="write each table with a line of its own, as [wifi], and its keys below")
    return found


def _table(value: object, kind: type[OwnTable], where: str) -> OwnTable:
    if not isinstance(value, dict):
        raise ConfigError(where, "is a table", hint=f"[{where.rpartition(' ')[2]}] with its keys below")
    for key in value:
        if key not in kind.__struct_fields__:
            raise ConfigError(f"{where}.{short(key)}", "unknown key", hint=did_you_mean(key, kind.__struct_fields__))
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        missing = re.fullmatch(r"Object missing required field `(.+)`", reason)
        if missing:
            raise ConfigError(f"{where}.{missing[1]}", "is missing", hint="deploy/README.md has an example") from None
        why = reason[0].lower() + reason[1:]
        raise ConfigError(where + path.rstrip("`"), why, hint="deploy/README.md has an example") from None


def _secrets(value: object, where: str) -> Mapping[str, str | SecretFile]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: secrets", "is a table", hint="[secrets] with its keys below")
    found: dict[str, str | SecretFile] = {}
    for name, each in value.items():
        place = f"{where}: secrets.{short(name)}"
        if name not in SECRET_NAMES:
            raise ConfigError(place, "there is no secret of this name", hint=did_you_mean(name, SECRET_NAMES))
        try:
            found[name] = msgspec.convert(each, str | SecretFile)
        except msgspec.ValidationError:
            hint = f'{name} = "…", or {name} = {{ file = "…" }}; or leave it out, and it is asked for'
            raise ConfigError(place, "is neither a text nor a file", hint=hint) from None
    return found


_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,16}")
_KEY_BEGINS = ("ssh-", "ecdsa-", "sk-")


def _impossible(answers: Answers) -> list[tuple[str, str, str]]:
    """Return what cannot be although its type is right: key, reason, and what to write instead."""
    return [*_impossible_machine(answers), *_impossible_package(answers.package), *_impossible_more(answers)]


def _impossible_machine(answers: Answers) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    machine, wifi = answers.machine, answers.wifi
    if not _HOST.fullmatch(answers.host):
        key = "machine.host" if machine.host else "terminal.name"
        why = "can be no name in a network: small letters, digits and - alone"
        found.append((key, why, 'a name of its own for the network: [machine] host = "front-door"'))
    if not _USER.fullmatch(machine.user) or machine.user in ("root", "clockd", "clockd-web"):
        found.append(("machine.user", "can be no user of yours", 'small letters and digits, as user = "admin"'))
    if "PRIVATE KEY" in machine.ssh_key:
        found.append(("machine.ssh_key", "is a private key", "the public one, of the file that ends with .pub"))
    if wifi:
        if why := why_no_ssid(wifi.ssid):
            found.append(("wifi.ssid", why, "as the network is called"))
        if not re.fullmatch("[A-Z]{2}", wifi.country):
            found.append(("wifi.country", "is no country of two capital letters", 'as country = "AT"'))
    return found


def _impossible_package(package: PackageSection) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if bool(package.source) == bool(package.file):
        hint = '[package] with source = "https://…" and key = "…gpg", or with file = "clockd_….deb"'
        found.append(("package", "names no place that clockd comes from, or two", hint))
    if package.source and not re.fullmatch(r"https?://[^\s@\"'\\]+", package.source):
        why = "is no address of a source without a user and a password in it"
        found.append(("package.source", why, 'as source = "https://packages.your.firm/clockd"'))
    if package.source and not package.key:
        found.append(("package.key", "is missing", "the file clockd-archive-keyring.gpg that deploy/apt-source made"))
    return found


def _impossible_more(answers: Answers) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    badges, card = answers.badges, answers.card
    forms = [each.form.value for each in NOTATIONS if each.whole]
    if badges and badges.format and badges.format not in forms:
        found.append(("badges.format", "there is no such format", did_you_mean(badges.format, forms)))
    if badges and "badge-pepper" in answers.secrets:
        found.append(("secrets.badge-pepper", "stands beside [badges] pepper", "name the one file there"))
    if card and card.store and not _LABEL.fullmatch(card.store):
        found.append(("card.store", "is no label of a partition", 'as store = "clockd-store": mkfs.ext4 -L'))
    return found


def is_public_key(text: str) -> bool:
    """Whether a text is one public SSH key."""
    words = text.strip().split(" ")
    return "\n" not in text.strip() and len(words) >= 2 and words[0].startswith(_KEY_BEGINS)
