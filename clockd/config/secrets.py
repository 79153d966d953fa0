"""Secrets: in systemd's credentials or in the environment, never in the TOML.

They are read anew each time they are asked for, so that a rotated key is picked up without a restart.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clockd.errors import ConfigError

SECRETS = (
    "timetrack-api-key",
    "timetrack-api-secret",
    "goodtime-login-email",
    "goodtime-api-password",
    "badge-pepper",
    "web-password",
)


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
    """Where secrets are found: a credentials folder first, then the environment."""

    folder: Path | None
    environ: Mapping[str, str]

    @classmethod
    def of_process(cls) -> "Secrets":
        """The secrets of this process, as systemd or a shell gave them."""
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        return cls(Path(folder) if folder else None, os.environ)

    def find(self, name: str) -> Secret | None:
        """Look a secret up, anew at each call. A trailing line end in a credential file is dropped.

        Args:
            name: one of `SECRETS`.
        """
        assert name in SECRETS, name
        if self.folder is not None:
            try:
                text = (self.folder / name).read_text(encoding="utf-8").rstrip("\r\n")
            except FileNotFoundError:
                text = ""
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(f"credential {name}", f"cannot be read: {type(error).__name__}") from None
            if text:
                return Secret(text)
        text = self.environ.get("CLOCKD_" + name.upper().replace("-", "_"), "")
        return Secret(text) if text else None

    def need(self, name: str) -> Secret:
        """Look a secret up that must be there.

        Raises:
            ConfigError: it is nowhere.
        """
        secret = self.find(name)
        if secret is None:
            env = "CLOCKD_" + name.upper().replace("-", "_")
            raise ConfigError(f"credential {name}", "is missing", hint=f"LoadCredential={name}:… or {env}=…")
        return secret


def refuse_secrets(raw: Mapping[str, object], where: str) -> None:
    """Refuse a file that holds a secret.

    Raises:
        ConfigError: with the key and where the secret belongs.
    """
    tracker = raw.get("tracker")
    if not isinstance(tracker, dict):
        return
    for key in tracker:
        if re.search(r"secret|password|api_?key|token$", key, re.IGNORECASE):
            raise ConfigError(
                f"{where}: tracker.{key}",
                "a secret does not belong into this file",
                hint="put it into a systemd credential or the environment (README.md, “Secrets”)",
            )
