"""Secrets: in systemd's credentials or in the environment, never in the TOML.

They are read anew each time they are asked for. So a key that changes in the folder is picked up without a restart; but
what systemd puts there (`LoadCredential=`) is a copy of its own, made when the service starts: a key that is rotated in
`/etc/clockd/credentials` is used from the next restart on.
"""

import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from clockd.config.files import NoSmallFile, in_utf8, read_small
from clockd.config.words import short
from clockd.errors import ConfigError

OF_DAEMON = (
    "timetrack-api-key",
    "timetrack-api-secret",
    "goodtime-login-email",
    "goodtime-api-password",
    "tracker-proxy-password",
    "badge-pepper",
    "ledger-key",
    "web-key",
)
"""What the daemon's unit is given."""
OF_WEB = ("web-password", "web-key", "alert-urls", "heartbeat-url")
"""What the admin page's unit is given. By `web-key` the daemon knows that it is the page."""
SECRETS = tuple(dict.fromkeys((*OF_DAEMON, *OF_WEB)))
"""All of them."""


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret's text; it shows itself to nobody but the code that calls `reveal`."""

    _text: str

    def reveal(self) -> str:
        """Return the text. Callers put it into a header or a hash and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where secrets are found: a credentials folder first, then the environment, then single files."""

    folder: Path | None
    environ: Mapping[str, str]
    files: Mapping[str, Path] = field(default_factory=dict)
    """From where a service gets them, for who looks without being started by it."""
    _kept: "Mapping[str, Secret | ConfigError | None] | None" = None
    """What was found, where it was asked for once and for all."""

    @classmethod
    def of_process(cls) -> "Secrets":
        """The secrets of this process, as systemd or a shell gave them."""
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        return cls(Path(folder) if folder else None, os.environ)

    def kept(self, files: Mapping[str, Path]) -> "Secrets":
        """Return what is found now, for a process that may soon read none of it any more.

        Args:
            files: single files to look into as well.
        """
        found: dict[str, Secret | ConfigError | None] = {}
        for name in SECRETS:
            try:
                found[name] = Secrets(self.folder, self.environ, files).find(name)
            except ConfigError as error:
                found[name] = error
        return Secrets(None, {}, {}, found)

    def proofs(self, nonce: str) -> dict[str, str]:
        """Return what `others` compares each secret of the daemon by; it tells a secret to nobody who lacks it."""
        return {name: _proof(nonce, secret) for name in OF_DAEMON if (secret := self._or_none(name)) is not None}

    def others(self, nonce: str, proofs: Mapping[str, object]) -> list[str]:
        """Return the names of the secrets that somebody has as well, and another one than this."""
        theirs = {name: str(each) for name, each in proofs.items() if name in OF_DAEMON and _is_plain(each)}
        ours = self.proofs(nonce) if _is_plain(nonce) else {}
        return [
            name
            for name, proof in theirs.items()
            if not hmac.compare_digest(ours.get(name, "").encode(), proof.encode())
        ]

    def _or_none(self, name: str) -> Secret | None:
        try:
            return self.find(name)
        except ConfigError:
            return None

    def find(self, name: str) -> Secret | None:
        """Look a secret up, anew at each call; None when there is none, or an empty one.

        What a paste or an editor leaves around it is dropped: line ends, a byte order mark, zero bytes; and blanks and
        a pair of quotes, but for those of a password. `alert-urls` may have several lines. The pepper is taken as it
        is, but for its line end: badges were made with it.

        Args:
            name: one of `SECRETS`.

        Raises:
            ConfigError: it is there and cannot be what it has to be. The text is not repeated.
        """
        assert name in SECRETS, name
        if self._kept is not None:
            if isinstance(kept := self._kept[name], ConfigError):
                raise kept
            return kept
        if self.folder is not None and (text := _plain(name, _read(name, self.folder / name))):
            return Secret(text)
        text = _plain(name, self.environ.get(variable(name), ""))
        if not text and name in self.files:
            text = _plain(name, _read(name, self.files[name]))
        return Secret(text) if text else None

    def need(self, name: str) -> Secret:
        """Look a secret up that must be there.

        Raises:
            ConfigError: it is nowhere.
        """
        secret = self.find(name)
        if secret is None:
            hint = f"LoadCredential={name}:… or {variable(name)}=…"
            raise ConfigError(f"credential {name}", "is missing", hint=hint)
        return secret


def variable(name: str) -> str:
    """Return the variable of the environment that may hold a secret."""
    return "CLOCKD_" + name.upper().replace("-", "_")


def _is_plain(text: object) -> bool:
    return isinstance(text, str) and text.isascii()


def _proof(nonce: str, secret: Secret) -> str:
    return hmac.new(nonce.encode(), secret.reveal().encode(), sha256).hexdigest()


def _read(name: str, path: Path) -> str:
    try:
        data = read_small(path, MOST_BYTES)
        if name == PEPPER and not data.startswith(_UTF16):
            return data.decode().rstrip("\r\n")
        return in_utf8(data)
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigError(f"credential {name}", "is not UTF-8", hint=f"{path}: save it as UTF-8") from None
    except NoSmallFile as error:
        raise ConfigError(f"credential {name}", error.why, hint=f"{path}: {error.hint}") from None


def _plain(name: str, text: str) -> str:
    """Take a secret out of its text.

    Raises:
        ConfigError: something in it can be in none.
    """
    if name == PEPPER:
        if any("\ud800" <= c <= "\udfff" for c in text):  # as Python shows bytes of the environment that are no text
            raise ConfigError(
                f"credential {name}", "is not UTF-8", hint="take letters and digits: openssl rand -hex 32"
            )
        return text
    if name == SEVERAL_LINES:
        return "\n".join(line for each in re.split("[\r\n]+", text) if (line := _plain_line(name, each)))
    return _plain_line(name, text)


def _plain_line(name: str, text: str) -> str:
    text = text.strip(_AROUND if name.endswith("-password") else _AROUND + _BLANKS)
    if not name.endswith("-password") and in_quotes(text):
        text = text[1:-1].strip(_AROUND + _BLANKS)
    allowed = _KEY if name.startswith("timetrack-") else _TEXT
    if odd := allowed.search(text):
        what = "more than one line" if odd[0] in "\r\n" else f"a character that it cannot have (U+{ord(odd[0]):04X})"
        raise ConfigError(f"credential {name}", f"holds {what}", hint="copy it anew, and nothing around it")
    return text


def in_quotes(text: str) -> bool:
    """Whether a text stands in a pair of plain quotes, as somebody writes it who takes the file for a program's."""
    return len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'"


PEPPER = "badge-pepper"
SEVERAL_LINES = "alert-urls"
"""The credential that has several lines, each of them a secret."""
MOST_BYTES = 64 * 1024
"""The longest credential."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_AROUND = "\t\r\n\0\ufeff\u200b\u200c\u200d\u2060"
_BLANKS = " \u00a0"
_KEY = re.compile(r"[^\x21-\x7e]")
"""What cannot stand in a key, which goes into a header."""
_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200d\u2028\u2029\u2060\ufeff\ud800-\udfff]")
"""What nobody types."""
_NAMES = re.compile(r"secret|password|passwort|pepper|api[_-]?key|credential|token$", re.IGNORECASE)


def refuse_secrets(raw: Mapping[str, object], where: str) -> None:
    """Refuse a file that holds a secret, in whatever section.

    Raises:
        ConfigError: with the key and where the secret belongs.
    """
    tables: list[tuple[str, object]] = [("", raw)]
    while tables:
        place, value = tables.pop()
        if isinstance(value, list):
            tables += [(f"{place}[{n}]", one) for n, one in enumerate(value) if isinstance(one, dict | list)]
        if not isinstance(value, dict):
            continue
        for key, inside in value.items():
            inner = f"{place}.{key}" if place else key
            if _NAMES.search(key):
                raise ConfigError(
                    f"{where}: {short(inner)}",
                    "a secret does not belong into this file",
                    hint="put it into a systemd credential or the environment (README.md, “Secrets”)",
                )
            if isinstance(inside, dict | list):
                tables.append((inner, inside))
