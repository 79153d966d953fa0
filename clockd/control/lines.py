"""Commands and answers as lines of bytes: how long they are, how deep, and how a long one is taken apart."""

import json
from collections.abc import Iterator, Sequence
from typing import TypeAlias, TypeGuard

from clockd.core.json import Json
from clockd.core.sentence import said_json, sentence
from clockd.errors import ClockdError, UsageError

LINE_BYTES = 64 * 1024
"""The longest line a caller may send: reading it keeps the loop for less than a thousandth of a second."""
DEEPEST_COMMAND = 32
"""Lists in lists of a command; what reads it further on has a stack of its own."""
BATCH_ROWS = 100
"""Rows of an answer that are written at once."""

Command: TypeAlias = dict[str, Json]


def read_command(line: bytes) -> Command:
    """Read a line of a caller.

    Raises:
        UsageError: it is no command.
    """
    try:
        command = json.loads(line)
    except RecursionError:
        raise UsageError("not understood: too many lists in lists") from None
    except ValueError as error:
        raise UsageError(sentence("not understood: {error}", error=str(error)[:200])) from None
    if not isinstance(command, dict) or not isinstance(command.get("cmd"), str):
        raise UsageError("a command is an object with “cmd”")
    if _deeper_than(command, DEEPEST_COMMAND):
        raise UsageError(sentence("not understood: more than {limit} lists in lists", limit=DEEPEST_COMMAND))
    return command


def _deeper_than(value: Json, levels: int) -> bool:
    here: list[Json] = [value]
    for _ in range(levels):
        inside: list[Json] = []
        for one in here:
            if isinstance(one, dict):
                inside += one.values()
            elif isinstance(one, list):
                inside += one
        if not inside:
            return False
        here = inside
    return True


def lines_of(command: Command) -> Iterator[bytes]:
    """Return a command as lines, each short enough; more than one where a list of it is long.

    Raises:
        UsageError: it cannot be said in such lines.
    """
    whole = _line(command)
    if len(whole) <= LINE_BYTES:
        yield whole
        return
    lists = {name: value for name, value in command.items() if isinstance(value, list)}
    name = max(lists, key=lambda name: len(lists[name]), default=None)
    if name is None:
        raise UsageError(
            sentence("this is longer than the daemon takes at once ({limit} KiB)", limit=LINE_BYTES // 1024)
        )
    head = {key: value for key, value in command.items() if key != name}
    room = LINE_BYTES - len(_line({**head, name: [], "more": True}))
    groups = list(_groups(lists[name], room))
    for number, group in enumerate(groups, 1):
        yield _line({**head, name: group} | ({"more": True} if number < len(groups) else {}))


def _groups(rows: Sequence[Json], room: int) -> Iterator[list[Json]]:
    group: list[Json] = []
    used = 0
    for row in rows:
        size = len(_line(row)) + 1
        if size > room:
            raise UsageError(
                sentence(
                    "a row of this is longer than the daemon takes at once ({limit} KiB)", limit=LINE_BYTES // 1024
                )
            )
        if used + size > room:
            yield group
            group, used = [], 0
        group.append(row)
        used += size
    yield group


def put_together(before: Command, more: Command) -> Command:
    """Add a further line of a long command to those before it; its lists are appended in place.

    Raises:
        UsageError: it is another command.
    """
    if before["cmd"] != more["cmd"]:
        raise UsageError("another command came before all of this one was there")
    for name, value in more.items():
        known = before.get(name)
        if isinstance(known, list) and isinstance(value, list):
            known += value
        else:
            before[name] = value
    return before


def answer_batches(answer: Json) -> Iterator[bytes]:
    """Write an answer as a line, in batches that are short enough to be made one after the other."""
    yield b'{"ok": '
    yield from _written(answer)
    yield b"}\n"


def _written(value: Json) -> Iterator[bytes]:
    """Write a value; a long list, or one in an object, in batches."""
    if _is_long(value):
        yield b"["
        for number, rows in enumerate(_batches(value)):
            yield (b", " if number else b"") + _bytes(rows)[1:-1]
        yield b"]"
    elif isinstance(value, dict) and any(map(_is_long, value.values())):
        for number, (name, part) in enumerate(value.items()):
            yield (b", " if number else b"{") + _bytes(name) + b": "
            yield from _written(part)
        yield b"}"
    else:
        yield _bytes(value)


def _is_long(value: Json) -> TypeGuard[list[Json]]:
    return isinstance(value, list) and len(value) > BATCH_ROWS


def _batches(rows: Sequence[Json]) -> Iterator[list[Json]]:
    return (list(rows[first : first + BATCH_ROWS]) for first in range(0, len(rows), BATCH_ROWS))


def error_line(error: ClockdError) -> bytes:
    """Write an error as the line that answers."""
    said: Json = {"message": said_json(error.message), "hint": said_json(error.hint)}
    told: dict[str, Json] = {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}
    return _line({"error": {**told, "said": said}})


def _line(value: Json) -> bytes:
    return _bytes(value) + b"\n"


def _bytes(value: Json) -> bytes:
    # what is no text (half a surrogate pair) comes out as the escape that JSON has for it
    return json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace")
