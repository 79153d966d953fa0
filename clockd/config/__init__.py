"""TOML -> frozen objects, or an error that says where, why and what to write instead (contract.md, "Configuration").

Everything is checked here, once; nothing behind this package sees an impossible value.
"""

import tomllib
from pathlib import Path

import msgspec

from clockd.config.checks import impossible
from clockd.config.secrets import Secret, Secrets, refuse_secrets
from clockd.config.sections import (
    OLED_DEVICES,
    Button,
    Clock,
    Config,
    DeskReader,
    Goodtime,
    KeyboardReader,
    NfcReader,
    NoTracker,
    Panel,
    PcscReader,
    Reader,
    Rules,
    SerialReader,
    Terminal,
    TimeTrack,
    Tracker,
    Web,
)
from clockd.config.words import explain
from clockd.errors import ConfigError

__all__ = [
    "OLED_DEVICES",
    "Button",
    "Clock",
    "Config",
    "DeskReader",
    "Goodtime",
    "KeyboardReader",
    "NfcReader",
    "NoTracker",
    "Panel",
    "PcscReader",
    "Reader",
    "Rules",
    "Secret",
    "Secrets",
    "SerialReader",
    "Terminal",
    "TimeTrack",
    "Tracker",
    "Web",
    "load",
    "parse",
]


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: with the file, the place, the reason and what to write instead.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(str(path), "no such file", hint="see README.md for a first configuration") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), f"cannot be read: {error}") from None
    return parse(text, str(path))


def parse(text: str, where: str = "clockd.toml") -> Config:
    """Check the text of a configuration; `where` names it in errors.

    Raises:
        ConfigError: as for `load`.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(where, f"is not TOML: {error}") from None
    refuse_secrets(raw, where)
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise explain(str(error), raw, where) from None
    for place, why, hint in impossible(config):
        raise ConfigError(f"{where}: {place}", why, hint=hint)
    return config
