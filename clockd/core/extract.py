"""A part of the ledger for an inspection: some days, or one employee, and no row of anybody else. Pure.

A part cannot show by its hashes alone that nothing is missing from it, as the whole ledger does: the hash of a row
covers the row before it, which may be somebody else's. So the terminal works out the part itself and signs its digest.
Each row carries its own hash, by which it is found in the whole ledger.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from clockd.core.chain import RawRow

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ExtractChoice:
    """Which part."""

    username: str | None
    """Of one employee, under every name that they had; None: of all."""
    first: date | None
    """Punches of no earlier day …"""
    last: date | None
    """… and of no later one, as they were recorded or as they count."""


@dataclass(slots=True)
class Extract:
    """Chooses rows; it is shown all of them twice, in order: once to learn, and once to choose.

    Args:
        choice: which part.
        zone: of the terminal.
    """

    choice: ExtractChoice
    zone: ZoneInfo
    _names: set[str] = field(default_factory=set)
    _renames: list[tuple[str, str]] = field(default_factory=list)
    _named: dict[int, set[str]] = field(default_factory=dict)
    """By punch: everybody whose it ever was."""
    _days: dict[int, set[date]] = field(default_factory=dict)
    """By punch: the days on which it was recorded, and on which it counted."""

    def learn(self, rows: Iterable[RawRow]) -> None:
        """Take note of whose each punch is, and of which days."""
        for row in rows:
            seq, what, punch_seq, wall_us, *_, text = row[:8]
            body, about = _body(text), _number(punch_seq)
            if what == "rename":
                self._renames.append((str(body.get("old")), str(body.get("new"))))
            elif what in ("punch", "amend", "assign", "correct"):
                about = _number(seq) if what == "punch" else about
                moment = wall_us if what == "punch" else body.get("at_us")
                if isinstance(moment, int):
                    days = self._days.setdefault(about, set())
                    with suppress(OverflowError, ValueError):  # a cell that was damaged holds no day
                        days.add((_EPOCH + timedelta(microseconds=moment)).astimezone(self.zone).date())
                if isinstance(name := body.get("username"), str):
                    self._named.setdefault(about, set()).add(name)

    def choose(self, rows: Iterable[RawRow]) -> Iterator[RawRow]:
        """Return the rows that belong to the part."""
        self._learn_names()
        for row in rows:
            if row[1] == "rename":
                body = _body(row[7])
                if self.choice.username is None or body.get("new") in self._names:
                    yield row
            elif self._is_chosen(_number(row[2])):
                yield row

    def _learn_names(self) -> None:
        if self.choice.username is not None:
            self._names = {self.choice.username}
            for old, new in reversed(self._renames):
                if new in self._names:
                    self._names.add(old)

    def _is_chosen(self, punch: int) -> bool:
        if punch not in self._days:
            return False
        first, last = self.choice.first, self.choice.last
        days = self._days[punch]
        in_time = any((first is None or first <= day) and (last is None or day <= last) for day in days)
        in_time = in_time or (first is None and last is None)
        return in_time and (not self._names or bool(self._names & self._named.get(punch, set())))


def extract_line(row: RawRow) -> str:
    """Return a row as it stands in an archive."""
    return json.dumps(list(row), ensure_ascii=False, separators=(",", ":")) + "\n"


def digest_of(rows: Iterable[RawRow]) -> str:
    """Return the SHA-256 of a part, as the terminal signs it."""
    found = sha256()
    for row in rows:
        found.update(extract_line(row).encode())
    return found.hexdigest()


def extracted(choice: ExtractChoice, zone: ZoneInfo, rows: Callable[[], Iterable[RawRow]]) -> Sequence[RawRow]:
    """Return the part of a ledger.

    Args:
        choice: which part.
        zone: of the terminal.
        rows: all rows, each time it is called.
    """
    part = Extract(choice, zone)
    part.learn(rows())
    return list(part.choose(rows()))


def _body(text: object) -> Mapping[str, object]:
    try:
        found = json.loads(str(text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
