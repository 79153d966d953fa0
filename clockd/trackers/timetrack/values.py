"""Single values of TimeTrack: read in every form they may have (traps T23, T26, T36, T40, T41), written in one."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final
from urllib.parse import quote

from clockd.core.body import document_of
from clockd.core.json import Json
from clockd.core.wire import NoJson, Reply
from clockd.errors import UsageError

Row = Mapping[str, Json]
"""One JSON object."""

LARGEST = 2**53
"""A number above this is none that TimeTrack gives; JavaScript would have lost its last digits already."""

ROW_YEARS = range(1970, 2200)
"""Of times that are read; what is reckoned from them stays far from the ends of the calendar."""

_STAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:[.,]([0-9]{1,9}))?"
    r"\s?(?:Z|z|([+-])([0-9]{2}):?([0-9]{2})?)?"
)


# --- reading ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Nothing:
    """A body without content."""


NOTHING: Final = Nothing()


def decode(reply: Reply) -> Json | Nothing | NoJson:
    """Read the body of a reply; never raises."""
    found = document_of(reply)
    return NOTHING if isinstance(found, NoJson) and found.empty else found


def one_object(document: Json) -> Row | None:
    """Take a single object out of its wrapping: bare, `[{…}]`, `{"data": {…}}`, `{"attendance": {…}}` (trap T24)."""
    for _ in range(4):
        match document:
            case [inner]:
                document = inner
            case dict():
                wrapped = _wrapped(document)
                if wrapped is None:
                    return document
                document = wrapped
            case _:
                return None
    return None


def objects(document: Json) -> list[Json] | None:
    """Take a list out of its wrapping; None when there is none."""
    if isinstance(document, dict):
        document = _wrapped(document)
    return document if isinstance(document, list) else None


def _wrapped(document: Row) -> dict[str, Json] | list[Json] | None:
    """Return what an object only wraps: what stands in `data`, or in its only field; None when it is no wrapping."""
    inner = document.get("data")
    if inner is None and len(document) == 1:
        inner = next(iter(document.values()))
    return inner if isinstance(inner, dict | list) else None


def id_of(row: Row) -> str | None:
    """Return `id` or `ID` as text; None when there is none, or it is 0 as in rows that were never stored."""
    for name in ("id", "ID"):
        match row.get(name):
            case bool():
                continue
            case int() | float() as number if 0 < number < LARGEST and number == int(number):
                return str(int(number))
            case str() as text if 0 < len(text := text.strip()) <= 64 and text.isprintable() and text.strip(".0"):
                return text
            case _:
                continue
    return None


def user_of(row: Row) -> str | None:
    """Return `user` or `username` (trap T20)."""
    for name in ("user", "username"):
        if text := text_of(row.get(name)):
            return text
    return None


def text_of(value: Json) -> str:
    """Return a text; empty for what is none. Halves of surrogate pairs are replaced: nothing could store them."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case bool() | None:
            return ""
        case int() | float():
            return str(value)
        case _:
            return ""


def number_of(value: Json) -> float | None:
    """Return a number, also one that came as text (trap T26)."""
    if isinstance(value, str):
        try:
            value = float(value.strip()) if len(value) < 40 else None
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < LARGEST and math.isfinite(value) else None


def whole_of(value: Json) -> int | None:
    """Return a whole number; a broken one is cut."""
    number = number_of(value)
    return None if number is None else int(number)


def flag_of(value: Json) -> bool | None:
    """Return a boolean: true, 1, "1", "true", and the same for false (trap T26)."""
    match value:
        case bool():
            return value
        case int() | float() if value in (0, 1):
            return value == 1
        case str():
            return {"true": True, "1": True, "false": False, "0": False}.get(value.strip().lower())
        case _:
            return None


def stamp_of(value: Json, zone: tzinfo) -> datetime | None:
    """Read a timestamp as naive wall-clock time; None when it cannot be read, or nobody can have worked then.

    `Z`, `+00:00` and nothing mean the wall clock itself (trap T40). Any other offset is believed and converted.

    Args:
        value: what stands in the row.
        zone: the configured zone.
    """
    match = _STAMP.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    date, minutes, seconds, fraction, sign, hours, rest = match.groups()
    try:
        wall = datetime.fromisoformat(f"{date}T{minutes}{seconds or ':00'}")
        if fraction:
            wall = wall.replace(microsecond=int(fraction[:6].ljust(6, "0")))
        if sign and (offset := timedelta(hours=int(hours), minutes=int(rest or 0))):
            offset = -offset if sign == "-" else offset
            wall = wall.replace(tzinfo=timezone(offset)).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return wall if wall.year in ROW_YEARS else None


def plain_words(text: str, longest: int = 200) -> str:
    """Make a tracker's words fit for a log line and a terminal: one line of printable characters, not too long."""
    printable = "".join(c if c.isprintable() else " " for c in text_of(text[: 4 * longest]))
    text = " ".join(printable.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


# --- writing ----------------------------------------------------------------------------------------------------


def wall_text(local: datetime) -> str:
    """Write a naive wall-clock time: full seconds as punched, a fraction cut off, and the false `Z` (trap T40)."""
    assert local.tzinfo is None, "TimeTrack is told wall-clock time"
    return local.replace(microsecond=0).isoformat() + ".000Z"


def id_segment(entry_id: str) -> str:
    """Write an id as one segment of a path.

    Raises:
        UsageError: it is empty, or would mean another page.
    """
    text = entry_id.strip()
    try:
        written = quote(text, safe="")
    except UnicodeEncodeError:
        written = ""
    if written.strip(".") == "":
        raise UsageError(f"{entry_id!r} is no id", hint="the list shows the ids")
    return written


def paging(page: int, limit: int) -> tuple[tuple[str, str], ...]:
    """Write which page is wanted; pages count from 0 (trap T30).

    Raises:
        UsageError: no such page, or a limit that TimeTrack does not define (trap T32).
    """
    if page < 0 or not 1 <= limit <= 1000:
        raise UsageError(f"page {page} of {limit} rows", hint="pages count from 0, with 1 to 1000 rows each")
    return (("page_number", str(page)), ("limit", str(limit)))
