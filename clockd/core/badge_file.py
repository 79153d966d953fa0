"""The text of a badge file -> its lines, each fine or with the reason why it is not.

Its columns are uid, username, name, from and until, separated by commas, semicolons or tabs; its first line names them,
and the last three may be missing. A row is one
line: a quote that is not closed would else swallow all that follows it. No reason repeats a badge's identifier.
"""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

from clockd.core.harmless import why_no_name
from clockd.core.json import Json
from clockd.core.model import BadUid, Uid
from clockd.core.numbers.reading import ROUNDED
from clockd.core.sentence import phrase, sentence


class NoBadgeFile(Exception):
    """It is no badge file at all.

    Args:
        why: what is missing, to follow the file's name in a sentence.
        hint: what to do about it.
    """

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


@dataclass(frozen=True, slots=True)
class BadgeLine:
    """One line of a badge file."""

    number: int
    """As an editor counts it: the first line is 1."""
    username: str = ""
    name: str = ""
    uid: str = field(default="", repr=False)
    """The whole identifier, in hex; empty where the line is wrong."""
    from_day: str = ""
    """From which day on the badge counts; empty: always."""
    until_day: str = ""
    """Until which day, which is included."""
    wrong: str = ""
    """Why it cannot be imported; empty when it can."""
    suggestion: str = ""

    @property
    def document(self) -> dict[str, Json]:
        """As `badges.import` wants it."""
        days = {"from_day": self.from_day, "until_day": self.until_day}
        wanted: dict[str, Json] = {"uid": self.uid, "username": self.username, "name": self.name}
        return wanted | {key: day for key, day in days.items() if day}

    @property
    def tail(self) -> str:
        """What may be shown of the identifier."""
        return self.uid[-4:]


ReadColumn = Callable[[Sequence[str]], Sequence[Uid | BadUid]]
"""Reads the numbers of a file, all of them in one notation; each that is none is the error."""


def read_badge_file(text: str, read_column: ReadColumn) -> list[BadgeLine]:
    """Read a whole badge file; its lines in order, without the first one and without those that are empty.

    Args:
        text: of the file.
        read_column: reads its numbers; what it raises is raised.

    Raises:
        NoBadgeFile: it does not begin with the names of its columns, or holds nothing else.
    """
    rows = list(_rows(text))
    first = rows[0].cells if rows else []
    titles = [title.lower() for title in first]
    if not {"uid", "username"} <= set(titles):
        raise NoBadgeFile("does not begin with the names of its columns", "its first line: uid,username,name")
    seen: dict[str, int] = {}
    place = titles.index("uid")
    uids = read_column([row.cells[place] if place < len(row.cells) else "" for row in rows[1:]])
    found = [_line(row, titles, uid, seen) for row, uid in zip(rows[1:], uids, strict=True)]
    if not found:
        raise NoBadgeFile("holds no badges", "below its first line, one line for each badge")
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: list[str] = field(default_factory=list)
    wrong: tuple[str, str] = ("", "")


def _rows(text: str) -> Iterator[_Row]:
    delimiter = max(",;\t", key=text.lstrip().split("\n", 1)[0].count)
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), 1):
        if line.count('"') % 2:
            why = "a quote is not closed on its line"
            yield _Row(number, wrong=(why, 'close it; a quote in a name is written as ""'))
            continue
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            why = "text after a closing quote"
            yield _Row(number, wrong=(why, 'a quote in a name is written as "", in quotes'))
            continue
        if any(map(str.strip, cells)):
            yield _Row(number, [cell.strip() for cell in cells])


def _line(row: _Row, titles: list[str], read: Uid | BadUid, seen: dict[str, int]) -> BadgeLine:
    """Check one row; `seen` says on which line each badge stood before."""
    if row.wrong[0]:
        return BadgeLine(row.number, wrong=row.wrong[0], suggestion=row.wrong[1])
    cells = dict(zip_longest(titles, row.cells[: len(titles)], fillvalue=""))
    username, name = cells["username"], cells.get("name", "")
    try:
        if len(row.cells) > len(titles):
            why = sentence("{cells} cells, but {columns} columns", cells=len(row.cells), columns=len(titles))
            raise _Wrong(why, "put quotes around a name with a comma")
        uid = _uid(cells["uid"], read, seen)
        if not username:
            raise _Wrong("no username", "write it as the tracker knows the employee")
        for column, value in (("username", username), ("name", name)):
            if odd := why_no_name(value):
                raise _Wrong(
                    sentence("the {column} {odd}", column=phrase(column), odd=odd), "write it as the tracker shows it"
                )
        from_day, until_day = _day(cells.get("from", "")), _day(cells.get("until", ""))
    except _Wrong as error:
        return BadgeLine(row.number, username, name, wrong=error.why, suggestion=error.suggestion)
    seen[uid] = row.number
    return BadgeLine(row.number, username, name, uid, from_day, until_day)


class _Wrong(Exception):
    """A line that cannot be imported. Neither text repeats the badge's identifier."""

    def __init__(self, why: str, suggestion: str) -> None:
        super().__init__(why)
        self.why = why
        self.suggestion = suggestion


def _day(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _Wrong("a day that is none", "write it as 2026-11-30") from None


def _uid(text: str, uid: Uid | BadUid, seen: dict[str, int]) -> str:
    if not text:
        raise _Wrong("no uid", "write the badge's whole identifier, or leave the line out")
    if isinstance(uid, BadUid):
        raise _Wrong(sentence("uid is {what}", what=phrase(uid.args[0])), _suggestion(text))
    if uid.is_random:
        raise _Wrong("uid is random (it begins with 08): another one at each tap", "use a badge with a fixed one")
    if uid.hex in seen:
        raise _Wrong(sentence("the same badge as line {line}", line=seen[uid.hex]), "leave one of them out")
    return uid.hex


def _suggestion(text: str) -> str:
    if re.fullmatch(r"\d+([.,]\d+)?[eE]\+?\d+", text):
        return "a spreadsheet made a number of it: format the column as text and enter it again"
    if re.fullmatch(r"[0-9A-Fa-f]+", text) and len(text) % 2:
        return "a digit is missing: a spreadsheet drops leading zeros, format the column as text"
    if ROUNDED.fullmatch(text):
        return "its last digits are lost: format the column as text and enter it again"
    return "write it as 04A2B3C4D5E6F7 or 04:A2:B3:C4"
