"""Errors in words: the place as the file has it, and the nearest right word."""

import difflib
import json
import re
from collections.abc import Collection, Mapping
from datetime import date, time
from typing import get_args

import msgspec

from clockd.config.sections import (
    Button,
    Clock,
    Panel,
    ReaderSection,
    Relay,
    RulesSection,
    Section,
    TerminalSection,
    TrackerSection,
    Web,
)
from clockd.core.model import Action
from clockd.errors import ConfigError


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return a hint: the nearest of the known words, or which there are."""
    lower = {name.lower(): name for name in known}
    word = word[: 2 * LONGEST_SHOWN]
    close = difflib.get_close_matches(word.lower(), list(lower), n=1, cutoff=0.5)
    return f"did you mean {lower[close[0]]!r}?" if close else f"one of {', '.join(sorted(lower)[:12])}"


_SECTIONS: dict[str, tuple[type[Section], ...]] = {
    "terminal": (TerminalSection,),
    "clock": (Clock,),
    "rules": (RulesSection,),
    "tracker": get_args(TrackerSection),
    "reader": get_args(ReaderSection),
    "panel": (Panel,),
    "button": (Button,),
    "relay": (Relay,),
    "web": (Web,),
}


SYNTAX = 'one key = value on a line, texts in "quotes", sections in [brackets]; README.md has an example'
LONGEST_SHOWN = 60
"""Characters of somebody's text that an error repeats."""
LONGEST_WORD = 20
"""Characters of a text that is no secret yet."""
TRIMMED = (
    *("url", "state_dir", "control_socket", "device", "path", "socket", "desk_socket", "font", "bus", "listen"),
    *("time_zone", "oled", "proxy", "ca"),
)
"""Keys whose values never end in a blank; one that was pasted along is dropped."""


def trim(raw: Mapping[str, object]) -> None:
    """Drop the blanks around the values of such keys, in place."""
    for section in raw.values():
        for table in section if isinstance(section, list) else [section]:
            if not isinstance(table, dict):
                continue
            for key in TRIMMED:
                if isinstance(value := table.get(key), str):
                    table[key] = value.strip()


def short(text: str) -> str:
    """Return somebody's text as an error may repeat it: on one line, and not for ever."""
    plain = "".join(c if c.isprintable() else "�" for c in text)
    return plain if len(plain) <= LONGEST_SHOWN else plain[:LONGEST_SHOWN] + "…"


def shown(value: object) -> str:
    """Write a value as an error may repeat it. A long text that is no path may be a key in the wrong place."""
    if isinstance(value, str):
        is_plain = len(value) <= LONGEST_WORD or (value.startswith("/") and "@" not in value)
        return repr(short(value)) if is_plain else f"a text of {len(value)} characters"
    try:
        return short(str(value))
    except ValueError:  # a whole number of thousands of digits
        return "a number without end"


def explain(message: str, raw: Mapping[str, object], where: str) -> ConfigError:
    """Turn msgspec's sentence into ours: the place as the file has it, the reason, and what to write instead."""
    reason, _, path = message.partition(" - at `$")
    key = path.rstrip("`").lstrip(".")
    place = f"{where}: {short(key)}" if key else where
    if found := re.fullmatch(r"Object contains unknown field `(.+)`", reason, re.DOTALL):
        known = _fields_at(key, raw) if key else set(_SECTIONS)
        word = short(found[1])
        return ConfigError(f"{place}{'.' if key else ': '}{word}", "unknown key", hint=did_you_mean(word, known))
    if found := re.fullmatch(r"Object missing required field `(.+)`", reason):
        example = _example(f"{key}.{found[1]}", raw)
        return ConfigError(f"{place}{'.' if key else ': '}{found[1]}", "is missing", hint=f"add {example}")
    section = re.split(r"[.\[]", key, maxsplit=1)[0]
    value = _value_at(key, raw)
    if key.endswith(".kind") and section in _SECTIONS and isinstance(value, str):
        kinds = [str(kind.__struct_config__.tag) for kind in _SECTIONS[section]]
        return ConfigError(place, f"unknown kind {shown(value)}", hint=did_you_mean(value, kinds))
    choices = _choices(key, raw)
    if choices and isinstance(value, str):
        near = did_you_mean(value, choices)
        return ConfigError(place, f"{shown(value)} is none of {', '.join(choices)}", hint=near)
    is_plain = isinstance(value, (str, int, float, date, time))
    why = reason[0].lower() + reason[1:] + (f"; it is {shown(value)}" if is_plain else "")
    return ConfigError(place, why, hint=f"write {_example(key, raw)}")


def _example(key: str, raw: Mapping[str, object]) -> str:
    """Say how a key is written; what stands for a section shows how sections are."""
    field = key.rpartition(".")[2]
    if field == "kind":
        return f'kind = "{_section_types(key, {})[0].__struct_config__.tag}"'
    if "." not in key:
        name = re.split(r"\[", key, maxsplit=1)[0]
        return (
            f"[[{name}]] with its keys below"
            if name in ("reader", "button", "relay")
            else f"[{name}] with its keys below"
        )
    if choices := _choices(key, raw):
        return f"{field} = {json.dumps(choices[0], ensure_ascii=False)}"
    for section in _section_types(key, raw):
        for info in msgspec.structs.fields(section):
            if info.encode_name != field:
                continue
            known = EXAMPLES.get(field, info.default)
            if known is None or known is msgspec.NODEFAULT:
                known = 17  # the pin of something that may be missing
            return f"{field} = {json.dumps(known, ensure_ascii=False)}"
    return f"{field} = …"


EXAMPLES: Mapping[str, str | int | float] = {
    "url": "https://testaccount.timetrackenterprise.com/api/v2/ext",
    "proxy": "http://proxy:3128",
    "ca": "/etc/clockd/ca.pem",
    "latitude": 48.2082,
    "longitude": 16.3738,
    "device": "/dev/serial0",
    "socket": "/run/clockd/desk.sock",
    "font": "/usr/share/fonts/opentype/unifont/unifont.otf",
    "desk_socket": "/run/clockd/desk.sock",
    "gpio": 5,
    "client": "Client 006",
    "project": "Project 006_1",
    "time_type": "working hours",
}
"""Of keys whose default shows nothing."""


def _section_types(key: str, raw: Mapping[str, object]) -> tuple[type[Section], ...]:
    """Find the classes a key's section can be, narrowed by its `kind` where it has one."""
    name = re.split(r"[.\[]", key, maxsplit=1)[0]
    types = _SECTIONS.get(name, ())
    place = re.match(r"[a-z]+(\[\d+\]|\[\.\.\.\])?", key)
    section = _value_at(place[0] if place else name, raw)
    kind = section.get("kind") if isinstance(section, dict) else None
    return tuple(t for t in types if t.__struct_config__.tag == kind) or types


def _fields_at(key: str, raw: Mapping[str, object]) -> set[str]:
    return {field for t in _section_types(key, raw) for field in t.__struct_fields__}


def _choices(key: str, raw: Mapping[str, object]) -> tuple[str, ...]:
    """Return the words a key allows, or nothing when it is no closed set."""
    field = key.rpartition(".")[2]
    for section in _section_types(key, raw):
        for info in msgspec.structs.fields(section):
            if info.encode_name != field:
                continue
            if isinstance(info.type, type) and issubclass(info.type, Action):
                return tuple(action.value for action in Action)
            options = (info.type, *get_args(info.type))  # a choice that may be missing is a union with None
            return tuple(str(word) for option in options for word in get_args(option) if isinstance(word, str))
    return ()


def _value_at(key: str, raw: object) -> object:
    for part in re.findall(r"[A-Za-z_]+|\[\d+\]", key):
        if part.startswith("["):
            index = int(part[1:-1])
            raw = raw[index] if isinstance(raw, list) and index < len(raw) else None
        else:
            raw = raw.get(part) if isinstance(raw, dict) else None
    return raw
