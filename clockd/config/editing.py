"""A value of a configuration changed in its text: comments, order and everything else stay as they are.

The line is found by its looks, and what it means by reading the file again: a change counts only if TOML says that
exactly this value is another one. So no way of writing TOML can make it change anything else; at worst it says that
it cannot.
"""

import copy
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from clockd.config.files import NoSmallFile, read_small
from clockd.errors import ConfigError, Refused

_LONGEST_BYTES = 64 * 1024
_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]\s*(#.*)?$")
_ANY_HEADER = re.compile(r"\s*\[")
_VALUE = r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#"']+)"""


def with_values(text: str, section: str, values: Mapping[str, str | float]) -> str:
    """Return a configuration in which keys of a section have other values.

    Args:
        text: the configuration, which is TOML.
        section: the name of a table, as `tracker`.
        values: key -> value; a key that is not there yet is added at the end of the section.

    Raises:
        Refused: the file is written in a way in which this cannot be done; a person has to.
    """
    if _means(text) is None:
        raise Refused("this file is no TOML, so nothing in it can be changed for you", hint="clockd check says where")
    for key, value in values.items():
        text = _with_value(text, section, key, value)
    return text


def _with_value(text: str, section: str, key: str, value: str | float) -> str:
    mark, text = text[: text.startswith("\ufeff")], text.removeprefix("\ufeff")
    wanted = copy.deepcopy(tomllib.loads(text))
    table = wanted.setdefault(section, {})
    if isinstance(table, dict):
        table[key] = value
        for candidate in _candidates(text, section, key, json.dumps(value, ensure_ascii=False)):
            if _means(candidate) == wanted:
                return mark + candidate
    hint = f"write it by hand: {key} = {json.dumps(value, ensure_ascii=False)}, below [{section}]"
    raise Refused(f"this file is written in a way in which {section}.{key} cannot be changed for you", hint=hint)


def _means(text: str) -> object:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _candidates(text: str, section: str, key: str, written: str) -> Iterator[str]:
    """Yield texts in which this value may be changed, the likeliest first."""
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    name = rf'(?:{section}\s*\.\s*)?["\']?{re.escape(key)}["\']?'
    for n, line in enumerate(lines):
        if found := re.match(rf"(\s*{name}\s*=\s*){_VALUE}", line):
            yield "".join([*lines[:n], found[1], written, line[found.end() :], *lines[n + 1 :]])
    for n, line in enumerate(lines):
        if (found := _HEADER.match(line.rstrip("\r\n"))) and found[1] == section:
            last = n
            for m in range(n + 1, len(lines)):
                if _ANY_HEADER.match(lines[m]):
                    break
                if lines[m].strip() and not lines[m].lstrip().startswith("#"):
                    last = m
            before = [*lines[:last], lines[last].rstrip("\r\n") + end]
            yield "".join([*before, f"{key} = {written}{end}", *lines[last + 1 :]])
    if text and not text.endswith("\n"):
        text += end
    yield f"{text}{end}[{section}]{end}{key} = {written}{end}"


def read_text(path: Path) -> str:
    """Read a configuration as it is, with its byte order mark and its line ends.

    Raises:
        ConfigError: there is none, or it is no text.
    """
    try:
        return read_small(path, _LONGEST_BYTES).decode()
    except FileNotFoundError:
        raise ConfigError(str(path), "no such file", hint="--config FILE names another") from None
    except NoSmallFile as error:
        raise ConfigError(str(path), error.why, hint=error.hint) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), f"is not UTF-8 (byte {error.start + 1})", hint="save it as UTF-8") from None


def replace_file(path: Path, text: str) -> Path:
    """Write a configuration anew, whole or not at all, and return where the one of before is kept.

    Owner and mode stay as they are. A link stays one: what it leads to is changed.

    Raises:
        Refused: it may not be written, or the disk refuses; nothing was changed.
    """
    path = path.resolve()
    before = path.with_name(path.name + ".before")
    try:
        like = path.stat()
        _write_beside(before, path.read_bytes(), like)
        _write_beside(path, text.encode(), like)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise Refused(f"{path} cannot be changed: {error.strerror}", hint=_hint_of(error)) from None
    return before


def write_secret(folder: Path, name: str, text: str) -> Path:
    """Write a credential for the service, whole or not at all: mode 0600, in a folder that is its owner's alone.

    Raises:
        Refused: it may not be written, or the disk refuses; the one of before is as it was.
    """
    path = folder / name
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True)
        _write_beside(path, (text + "\n").encode(), None)
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}", hint=_hint_of(error)) from None
    return path


def _hint_of(error: OSError) -> str:
    return "sudo is needed" if isinstance(error, PermissionError) else "look at the disk: df -h, dmesg"


def _write_beside(path: Path, data: bytes, like: os.stat_result | None) -> None:
    """Write a file under another name and rename it; `like` has the owner and mode it shall have."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            if like is not None:
                if os.geteuid() == 0 or (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(handle, like.st_uid, like.st_gid)
                os.fchmod(handle, like.st_mode & 0o7777)
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        draft.rename(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
