"""Reads the body of a reply. This is the one place where what a network sent becomes values, and it never raises.

A body is bounded in length and in depth. A body with NaN, an infinity or a number of thousands of digits is no JSON
here: read as null, these could pass for "there is nothing". A half of a surrogate pair becomes "?", a byte order mark
is passed over, and where a name stands twice in an object the last one counts. msgspec reads what is well formed; what
it refuses is read once more by the slower `json`.
"""

import json
import math
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from clockd.core.wire import Json

LONGEST_BYTES = 4 * 1024 * 1024
"""A longer body is no reply of a tracker: a thousand rows are about half a megabyte."""
SLOW_BYTES = 512 * 1024
"""A longer body that msgspec refuses is not read once more: the other reader is ten times slower."""
MOST_LEVELS = 8
"""How many levels a body may have; replies of trackers have three, or four with a wrapping."""


@dataclass(frozen=True, slots=True)
class NoJson:
    """A body that is not JSON."""

    why: str
    """What came instead, as the words that follow "the tracker answered with"."""
    empty: bool = False
    """Whether there is nothing in it but white space."""


def read_body(body: bytes) -> Json | NoJson:
    """Read the body of a reply as JSON, whatever its content type says; never raises."""
    if len(body) > LONGEST_BYTES:
        return NoJson(f"a reply that is longer than {LONGEST_BYTES} bytes")
    if not body.strip():
        return NoJson("an empty reply", empty=True)
    try:
        found: Json = _DECODER.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _read_slowly(body) if len(body) <= SLOW_BYTES else NO_JSON
    return found


NO_JSON: Final = NoJson("a reply that is not JSON, or only a part of it")


def _read_slowly(body: bytes) -> Json | NoJson:
    try:
        found = json.loads(body, parse_constant=_finite, parse_float=_finite)
        return _tidied(found, MOST_LEVELS)
    except (ValueError, RecursionError):
        return NO_JSON


def _finite(text: str) -> float:
    """Read a number with a fraction, or the name of one.

    Raises:
        ValueError: it is NaN or infinite.
    """
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number


def _tidied(value: Any, levels: int) -> Json:
    """Return a value without halves of surrogate pairs.

    Raises:
        ValueError: it has more levels than that.
    """
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case list() | dict() if not levels:
            raise ValueError("nested too deeply")
        case list():
            return [_tidied(item, levels - 1) for item in value]
        case dict():
            return {str(_tidied(name, 0)): _tidied(item, levels - 1) for name, item in value.items()}
        case _:
            found: Json = value
            return found


def _levels(levels: int) -> Any:
    """Make the type of a JSON value of so many levels; msgspec then refuses a deeper one while it reads."""
    kind: Any = None | bool | int | float | str
    for _ in range(levels):
        kind = None | bool | int | float | str | list[kind] | dict[str, kind]
    return kind


_DECODER = msgspec.json.Decoder(_levels(MOST_LEVELS))
