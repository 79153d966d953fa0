"""The text of a badge file -> its lines, each fine or with the reason why it is not.

Its columns are uid, username and name, separated by commas, semicolons or tabs; its first line names them. A row is one
line: a quote that is not closed would else swallow all that follows it. No reason repeats a badge's identifier.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from clockd.core.harmless import why_no_name
from clockd.core.model import BadUid, Uid


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
    wrong: str = ""
    """Why it cannot be imported; empty when it can."""
    suggestion: str = ""

    @property
    def tail(self) -> str:
        """What may be shown of the identifier."""
        return self.uid[-4:]


def read_badge_file(text: str) -> list[BadgeLine]:
    """Read a whole badge file; its lines in order, without the first one and without those that are empty.

    Raises:
        NoBadgeFile: it does not begin with the names of its columns, or holds nothing else.
    """
    rows = list(_rows(text))
    first = rows[0].cells if rows else []
    titles = [title.lower() for title in first]
    if not {"uid", "username"} <= set(titles):
        raise NoBadgeFile("does not begin with the names of its columns", "its first line: uid,username,name")
    seen: dict[str, int] = {}
    found = [_line(row, titles, seen) for row in rows[1:]]
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


def _line(row: _Row, titles: list[str], seen: dict[str, int]) -> BadgeLine:
    """Read one row; `seen` says on which line each badge stood before."""
    if row.wrong[0]:
        return BadgeLine(row.number, wrong=row.wrong[0], suggestion=row.wrong[1])
    cells = dict(zip_longest(titles, row.cells[: len(titles)], fillvalue=""))
    username, name = cells["username"], cells.get("name", "")
    uid, why, suggestion = _uid(cells["uid"], seen)
    if len(row.cells) > len(titles):
        why = f"{len(row.cells)} cells, but {len(titles)} columns"
        suggestion = "put quotes around a name with a comma"
    elif not why and not username:
        why, suggestion = "no username", "write it as the tracker knows the employee"
    for column, value in (("username", username), ("name", name)):
        if not why and (odd := why_no_name(value)):
            why, suggestion = f"the {column} {odd}", "write it as the tracker shows it"
    if why:
        return BadgeLine(row.number, username, name, wrong=why, suggestion=suggestion)
    seen[uid] = row.number
    return BadgeLine(row.number, username, name, uid)


def _uid(text: str, seen: dict[str, int]) -> tuple[str, str, str]:
    """Read an identifier; return it, or why it is none and what to do."""
    if not text:
        return "", "no uid", "write the badge's whole identifier, or leave the line out"
    try:
        uid = Uid.parse(text)
    except BadUid as error:
        return "", f"uid is {error}", _suggestion(text)
    if uid.is_random:
        why = "uid is random (it begins with 08): another one at each tap"
        return "", why, "use a badge with a fixed one"
    if uid.hex in seen:
        return "", f"the same badge as line {seen[uid.hex]}", "leave one of them out"
    return uid.hex, "", ""


def _suggestion(text: str) -> str:
    if re.fullmatch(r"\d+([.,]\d+)?[eE]\+?\d+", text):
        return "a spreadsheet made a number of it: format the column as text and enter it again"
    if re.fullmatch(r"[0-9A-Fa-f]+", text) and len(text) % 2:
        return "a digit is missing: a spreadsheet drops leading zeros, format the column as text"
    return "write it as 04A2B3C4D5E6F7 or 04:A2:B3:C4"
