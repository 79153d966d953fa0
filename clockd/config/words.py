"""Errors in words: the place as the file has it, and the nearest right word."""

import difflib
import re
from collections.abc import Collection, Mapping
from typing import get_args

import msgspec

from clockd.config.sections import Button, Clock, Panel, Reader, Rules, Section, Terminal, Tracker, Web
from clockd.core.model import Action
from clockd.errors import ConfigError


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return a hint: the nearest of the known words, or which there are."""
    lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), list(lower), n=1, cutoff=0.5)
    return f"did you mean {lower[close[0]]!r}?" if close else f"one of {', '.join(sorted(lower)[:12])}"


_SECTIONS: dict[str, tuple[type[Section], ...]] = {
    "terminal": (Terminal,),
    "clock": (Clock,),
    "rules": (Rules,),
    "tracker": get_args(Tracker),
    "reader": get_args(Reader),
    "panel": (Panel,),
    "button": (Button,),
    "web": (Web,),
}


def explain(message: str, raw: Mapping[str, object], where: str) -> ConfigError:
    """Turn msgspec's sentence into ours: the place as the file has it, and the nearest right word."""
    reason, _, path = message.partition(" - at `$")
    key = path.rstrip("`").lstrip(".")
    if found := re.fullmatch(r"Object contains unknown field `(.+)`", reason):
        word = found[1]
        if not key:
            return ConfigError(f"{where}: {word}", "unknown key", hint=did_you_mean(word, set(_SECTIONS)))
        known = _fields_at(key, raw)
        return ConfigError(f"{where}: {key}.{word}", "unknown key", hint=did_you_mean(word, known))
    if found := re.fullmatch(r"Object missing required field `(.+)`", reason):
        return ConfigError(f"{where}: {key}.{found[1]}".replace(": .", ": "), "is missing", hint=f"add {found[1]} = …")
    if found := re.fullmatch(r"Invalid value '(.+)'", reason):
        section = key.split(".", 1)[0].split("[", 1)[0]
        if key.endswith(".kind") and section in _SECTIONS:
            kinds = [str(kind.__struct_config__.tag) for kind in _SECTIONS[section]]
            return ConfigError(f"{where}: {key}", f"unknown kind {found[1]!r}", hint=did_you_mean(found[1], kinds))
    value = _value_at(key, raw)
    shown = "" if value is None or isinstance(value, (dict, list)) else f"; it is {value!r}"
    hint = did_you_mean(value, _choices(key, raw)) if isinstance(value, str) and _choices(key, raw) else ""
    return ConfigError(f"{where}: {key}" if key else where, reason[0].lower() + reason[1:] + shown, hint=hint)


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
            return tuple(str(choice) for choice in get_args(info.type) if isinstance(choice, str))
    return ()


def _value_at(key: str, raw: object) -> object:
    for part in re.findall(r"[A-Za-z_]+|\[\d+\]", key):
        if part.startswith("["):
            index = int(part[1:-1])
            raw = raw[index] if isinstance(raw, list) and index < len(raw) else None
        else:
            raw = raw.get(part) if isinstance(raw, dict) else None
    return raw
