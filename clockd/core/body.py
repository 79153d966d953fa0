"""Reads the body of a reply. This is the one place where what a network sent becomes values, and it never raises.

A body is bounded in length and in depth. A body with NaN, an infinity or a number of thousands of digits is no JSON
here: read as null, these could pass for "there is nothing". A half of a surrogate pair becomes "?", a byte order mark
is passed over, and where a name stands twice in an object the last one counts.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, Final

import msgspec

from clockd.core.json import Json
from clockd.core.pieces import Pieces, whole
from clockd.core.sentence import sentence
from clockd.core.wire import NoJson, Reply

LONGEST_BYTES = 4 * 1024 * 1024
"""A longer body is no reply of a tracker: a thousand rows are about half a megabyte."""
READ_BYTES = 32 * 1024
"""About so much of a body is read at once; in a longer one it is first looked where its parts are."""
MOST_LEVELS = 8
"""How many levels a body may have, and a piece of a long one; replies of trackers have three, or four with a wrapping.
Each more doubles the time in which this module is loaded (with 16 it was more than half a second of every command).
"""
MOST_MEMBERS = 10_000
"""Of a list or an object with more members it is only told how many they are: nobody can have asked for them."""


def document_of(reply: Reply) -> Json | NoJson:
    """Return what the body of a reply says, as JSON, whatever its content type says; never raises."""
    return read_body(reply.body) if reply.document is None else reply.document.says


def read_body(body: bytes) -> Json | NoJson:
    """Read a body at once; never raises."""
    return whole(in_pieces(body))


def in_pieces(body: bytes) -> Pieces[Json | NoJson]:
    """Read a body, a long one in pieces; never raises."""
    if len(body) > LONGEST_BYTES:
        return NoJson(sentence("a reply that is longer than {most} bytes", most=LONGEST_BYTES))
    if not body.strip():
        return NoJson("an empty reply", empty=True)
    body = body.removeprefix(BOM_UTF8)
    with suppress(*_REFUSED):
        return (yield from _read(body, MOST_LEVELS))
    with suppress(*_REFUSED):
        return (yield from _read((yield from _mended(body)), MOST_LEVELS))
    return NO_JSON


_REFUSED = (msgspec.MsgspecError, ValueError, RecursionError)
NO_JSON: Final = NoJson("a reply that is not JSON, or only a part of it")


def _read(text: bytes, levels: int) -> Pieces[Json]:
    """Read a value; a long list or object one part after the other.

    Raises:
        MsgspecError, ValueError, RecursionError: it is no JSON, or has more levels than that.
    """
    if len(text) <= READ_BYTES or text.lstrip()[:1] not in (b"[", b"{"):
        return _read_at_once(text)
    if not levels:
        raise ValueError("nested too deeply")
    outer = _OUTER.decode(text)
    yield
    if len(outer) > MOST_MEMBERS:
        return [None] * len(outer)
    if isinstance(outer, list):
        return (yield from _read_all(outer, levels - 1))
    return dict(zip(outer, (yield from _read_all(outer.values(), levels - 1)), strict=True))


def _read_all(parts: Iterable[msgspec.Raw], levels: int) -> Pieces[list[Json]]:
    found, read = list[Json](), 0
    for part in parts:
        text = bytes(part)
        found.append(_read_at_once(text) if len(text) <= READ_BYTES else (yield from _read(text, levels)))
        read += len(text)
        if read >= READ_BYTES:
            yield
            read = 0
    return found


def _mended(body: bytes) -> Pieces[bytes]:
    """Write a "?" for each half of a surrogate pair; no piece ends within an escape, since each ends in a quote."""
    found, begin = bytearray(), 0
    while begin < len(body):
        end = body.find(b'"', begin + READ_BYTES) + 1 or len(body)
        found += _LONE_HALF.sub(b"?", body[begin:end])
        begin = end
        yield
    return bytes(found)


def _read_at_once(text: bytes) -> Json:
    found: Json = _DECODER.decode(text)
    return found


def _levels(levels: int) -> Any:
    """Make the type of a JSON value of so many levels; msgspec then refuses a deeper one while it reads."""
    kind: Any = None | bool | int | float | str
    for _ in range(levels):
        kind = None | bool | int | float | str | list[kind] | dict[str, kind]
    return kind


_DECODER = msgspec.json.Decoder(_levels(MOST_LEVELS))
_OUTER = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw])
"""Shows where the parts of a long body are, without reading them."""
_LONE_HALF = re.compile(
    rb"(?<!\\)(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|\\u[dD][c-fC-F][0-9a-fA-F]{2}(?<!\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}))"
)
"""Half of a surrogate pair, as a tracker writes it that cut a text in the middle of a letter."""
