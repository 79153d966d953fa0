"""TOML -> frozen objects, or an error that says where, why and what to write instead.

Everything is checked here, once; nothing behind this package sees an impossible value.
"""

import re
import tomllib
from pathlib import Path

import msgspec

from clockd.config.checks import impossible
from clockd.config.files import NoSmallFile, in_utf8, read_small
from clockd.config.secrets import Secret, Secrets, refuse_secrets
from clockd.config.sections import (
    LANGUAGE_CODES,
    OLED_DEVICES,
    OLED_SIZES,
    Button,
    Clock,
    Config,
    DeskReader,
    Goodtime,
    Keep,
    KeyboardReader,
    NfcReader,
    NoTracker,
    Panel,
    PcscReader,
    ReaderSection,
    Relay,
    RulesSection,
    SerialReader,
    TerminalSection,
    TimeTrack,
    TrackerSection,
    Web,
)
from clockd.config.words import SYNTAX, explain, short, trim
from clockd.errors import ConfigError

__all__ = [
    "LANGUAGE_CODES",
    "OLED_DEVICES",
    "OLED_SIZES",
    "Button",
    "Clock",
    "Config",
    "DeskReader",
    "Goodtime",
    "Keep",
    "KeyboardReader",
    "NfcReader",
    "NoTracker",
    "Panel",
    "PcscReader",
    "ReaderSection",
    "Relay",
    "RulesSection",
    "Secret",
    "Secrets",
    "SerialReader",
    "TerminalSection",
    "TimeTrack",
    "TrackerSection",
    "Web",
    "load",
    "parse",
]


MOST_BYTES = 64 * 1024
"""The longest configuration; a whole one has two or three thousand."""


def load(path: Path) -> Config:
    """Read and check a configuration file.

    Raises:
        ConfigError: with the file, the place, the reason and what to write instead.
    """
    try:
        text = in_utf8(read_small(path, MOST_BYTES))
    except FileNotFoundError:
        raise ConfigError(str(path), "no such file", hint="see README.md for a first configuration") from None
    except NoSmallFile as error:
        raise ConfigError(str(path), error.why, hint=error.hint) from None
    return parse(text, str(path))


def parse(text: str, where: str = "clockd.toml") -> Config:
    """Check the text of a configuration; `where` names it in errors.

    Raises:
        ConfigError: as for `load`.
    """
    if odd := re.search("[\ud800-\udfff]", text):
        raise ConfigError(where, f"is no text (U+{ord(odd[0]):04X} at character {odd.start() + 1})", hint=SYNTAX)
    try:
        raw = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(where, "is not TOML that can be read: too many brackets in brackets", hint=SYNTAX) from None
    except ValueError as error:  # TOMLDecodeError is one; a number of thousands of digits is another
        raise ConfigError(where, f"is not TOML: {short(str(error))}", hint=SYNTAX) from None
    refuse_secrets(raw, where)
    trim(raw)
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise explain(str(error), raw, where) from None
    except RecursionError:
        raise ConfigError(where, "too many tables in tables", hint=SYNTAX) from None
    for place, why, hint in impossible(config):
        raise ConfigError(f"{where}: {place}", why, hint=hint)
    return config
