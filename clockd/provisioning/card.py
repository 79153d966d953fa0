"""Answers and what belongs to them -> the files of the card's open partition, and which of them are secret."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from clockd.config import Secret
from clockd.config.secrets import OF_DAEMON, OF_WEB
from clockd.config.sections import Web
from clockd.core.badge_file import BadgeLine
from clockd.core.fingerprint_file import SealedBadge, write_fingerprint_file
from clockd.core.model import Uid
from clockd.provisioning.answers import WIFI_PASSWORD, Answers, CardSection
from clockd.provisioning.first_run import CARD_FOLDER, first_run_script, user_data
from clockd.provisioning.wireless import netplan_text, network_manager_text
from clockd.store.badges import Fingerprints

SEALED = "/etc/clockd/sealed"
"""Where a terminal keeps its encrypted secrets."""
PARTS = (
    *("deploy/first-boot", "systemd/clockd-first-boot.service"),
    *(f"deploy/card/{name}" for name in ("journald.conf", "watchdog.conf", "swap.conf", "var-lib-clockd.mount")),
    "deploy/card/store.conf",
)
"""Files of the checkout that go onto a card."""
SECRET_FOLDER = f"{CARD_FOLDER}/secret"
ID = f"{CARD_FOLDER}/id"
SHORTEST_REPEATED = 6
"""Characters of a secret that is looked for in plain files; a shorter one would be found by chance."""
_SUITES = {"raspios": "trixie", "bookworm": "bookworm", "ubuntu": "trixie"}


@dataclass(frozen=True, slots=True)
class Given:
    """What stands beside the answers, in files of its own or in nobody's but a person's head."""

    parts: Mapping[str, bytes]
    """`PARTS`, by their names."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By name, the badge-pepper and the password of the Wi-Fi among them."""
    ssh_key: str = ""
    source_key: bytes = b""
    package: bytes = b""
    badges: Sequence[SealedBadge] = ()
    card_id: str = ""
    """Of this provisioning, and of no other."""


@dataclass(frozen=True, slots=True)
class CardFiles:
    """What is to be written, by path below the open partition."""

    plain: Mapping[str, bytes]
    """Anybody may read these; the last one says that all is there."""
    secret: Mapping[str, bytes] = field(repr=False)
    """These are overwritten at the first boot."""


def seal_badges(lines: Sequence[BadgeLine], pepper: str) -> list[SealedBadge]:
    """Return the badges of a list as fingerprints under a pepper."""
    prints, found = Fingerprints(Secret(pepper)), []
    for line in lines:
        uid = Uid.parse(line.uid)
        ends = tuple(prints.of(end) for end in uid.ends)
        days = (line.from_day, line.until_day)
        found.append(SealedBadge(prints.of(uid), uid.tail, ends, line.username, line.name, *days))
    return found


def files_of(answers: Answers, given: Given) -> CardFiles:
    """Return all files of the card.

    Args:
        answers: as they were checked.
        given: what belongs to them.
    """
    secret = {f"{SECRET_FOLDER}/{path}": data for path, data in _secret_files(answers, given)}
    plain = {f"{CARD_FOLDER}/{path}": data for path, data in _plain_files(answers, given)}
    sums = "".join(
        f"{sha256(data).hexdigest()}  {path.removeprefix(CARD_FOLDER + '/')}\n"
        for path, data in {**plain, **secret}.items()
    )
    secret[f"{SECRET_FOLDER}/sums"] = sums.encode()
    system: dict[str, bytes] = {}
    if answers.machine.system == "bookworm":
        system["firstrun.sh"] = first_run_script(answers, given.ssh_key).encode()
    else:
        system["user-data"] = user_data(answers, given.ssh_key).encode()
        system["meta-data"] = f"instance-id: clockd-{given.card_id}\n".encode()
    return CardFiles({**system, **plain, ID: f"{given.card_id}\n".encode()}, secret)


def repeats_a_secret(files: CardFiles, secrets: Mapping[str, str]) -> str | None:
    """Return the name of a secret that stands in a plain file as well, as in a comment; None: none does."""
    for name, text in secrets.items():
        if len(text) >= SHORTEST_REPEATED and any(text.encode() in data for data in files.plain.values()):
            return name
    return None


def _secret_files(answers: Answers, given: Given) -> Iterator[tuple[str, bytes]]:
    for name, text in given.secrets.items():
        if name != WIFI_PASSWORD:
            yield f"credentials/{name}", text.encode()
    if answers.wifi:
        password = None if answers.wifi.open else given.secrets.get(WIFI_PASSWORD)
        yield "wifi.nmconnection", network_manager_text(answers.wifi, password).encode()
        yield "wifi.yaml", netplan_text(answers.wifi, password).encode()
    if given.badges:
        check = Fingerprints(Secret(given.secrets["badge-pepper"])).check
        yield "badges.csv", write_fingerprint_file(given.badges, check).encode()


def _plain_files(answers: Answers, given: Given) -> Iterator[tuple[str, bytes]]:
    yield "first-boot", given.parts["deploy/first-boot"]
    yield "clockd-first-boot.service", given.parts["systemd/clockd-first-boot.service"]
    yield "settings", "".join(f"{key}={value}\n" for key, value in _settings(answers)).encode()
    yield "files/etc/clockd/clockd.toml", answers.config_text.encode()
    for unit, names in (("clockd", OF_DAEMON), ("clockd-web", OF_WEB)):
        if mine := [name for name in names if name in given.secrets]:
            yield f"files/etc/systemd/system/{unit}.service.d/50-first-boot.conf", _credentials(mine)
    if answers.config.web.listen != Web().listen:
        listen = f"[Socket]\nListenStream=\nListenStream={answers.config.web.listen}\n"
        yield "files/etc/systemd/system/clockd-web.socket.d/50-first-boot.conf", listen.encode()
    if answers.package.source:
        yield "files/usr/share/keyrings/clockd-archive-keyring.gpg", given.source_key
        yield "files/etc/apt/sources.list.d/clockd.sources", _source(answers)
    else:
        yield "clockd.deb", given.package
    if answers.card:
        yield from ((f"files/{path}", data) for path, data in _lasting(answers.card, given.parts))


def _credentials(names: Sequence[str]) -> bytes:
    lines = "".join(f"LoadCredentialEncrypted={name}:{SEALED}/{name}\n" for name in names)
    return f"# What the first boot encrypted for this machine; a new one: clockd set key\n[Service]\n{lines}".encode()


def _source(answers: Answers) -> bytes:
    return (
        f"Types: deb\nURIs: {answers.package.source}\nSuites: {_SUITES[answers.machine.system]}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/clockd-archive-keyring.gpg\n"
    ).encode()


def _settings(answers: Answers) -> Iterator[tuple[str, str]]:
    """What `deploy/first-boot` changes of the machine."""
    if answers.wifi:
        yield "country", answers.wifi.country
    panel = answers.config.panel
    if panel.oled != "none" and panel.bus.startswith("i2c:"):
        yield "i2c", "yes"
        yield "reboot", "yes"
    elif answers.card:
        yield "reboot", "yes"
    if card := answers.card:
        if not card.swap:
            yield "swap", "no"
        if card.noatime:
            yield "noatime", "yes"
        if card.store:
            yield "store", "yes"


def _lasting(card: CardSection, parts: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    if card.journal == "memory":
        yield "etc/systemd/journald.conf.d/50-clockd-card.conf", parts["deploy/card/journald.conf"]
    if card.watchdog:
        yield "etc/systemd/system.conf.d/50-clockd-card.conf", parts["deploy/card/watchdog.conf"]
    if not card.swap:
        yield "etc/rpi/swap.conf.d/50-clockd-card.conf", parts["deploy/card/swap.conf"]
    if card.store:
        mount = parts["deploy/card/var-lib-clockd.mount"].decode()
        mount = mount.replace("@LABEL@", card.store).replace("@ESCAPED@", card.store.replace("-", "\\x2d"))
        yield "etc/systemd/system/var-lib-clockd.mount", mount.encode()
        yield "etc/systemd/system/clockd.service.d/60-store.conf", parts["deploy/card/store.conf"]
