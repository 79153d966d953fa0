"""A list of badges that are fingerprints already: made at a desk under the pepper of a terminal, read at that terminal.

So a list can travel, on a card that anybody may read, without the number of any badge. It is CSV; every line names the
pepper as well, by a value that tells one pepper from another and says nothing else of it.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from clockd.core.badge_file import NoBadgeFile
from clockd.core.json import Json

FINGERPRINT_COLUMNS = ("fingerprint", "tail", "ends", "username", "name", "from", "until", "pepper")
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_TAIL = re.compile("[0-9A-F]{4}")


@dataclass(frozen=True, slots=True)
class SealedBadge:
    """A badge without its number."""

    fingerprint: str
    tail: str
    """The last four digits of its number."""
    ends: tuple[str, ...]
    """The fingerprints of its shorter numbers, as other readers give them."""
    username: str
    name: str = ""
    from_day: str = ""
    """From which day on it counts; empty: always."""
    until_day: str = ""
    """Until which day, which is included."""

    @property
    def document(self) -> dict[str, Json]:
        """As `badges.import` wants it."""
        wanted: dict[str, Json] = {"fingerprint": self.fingerprint, "tail": self.tail, "ends": list[Json](self.ends)}
        days = {"from_day": self.from_day, "until_day": self.until_day}
        return wanted | {"username": self.username, "name": self.name} | {key: day for key, day in days.items() if day}


def write_fingerprint_file(badges: Sequence[SealedBadge], pepper_check: str) -> str:
    """Return the text of a list.

    Args:
        badges: at least one.
        pepper_check: of the pepper that they were made under (`store/badges.py`).
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FINGERPRINT_COLUMNS)
    for badge in badges:
        named = (badge.username, badge.name, badge.from_day, badge.until_day)
        writer.writerow((badge.fingerprint, badge.tail, " ".join(badge.ends), *named, pepper_check))
    return out.getvalue()


def is_fingerprint_file(text: str) -> bool:
    """Whether a text is meant to be such a list, and no list of badge numbers."""
    return text.startswith(FINGERPRINT_COLUMNS[0] + ",")


def read_fingerprint_file(text: str) -> tuple[list[SealedBadge], str]:
    """Return the badges of a list, and the check of their pepper.

    Raises:
        NoBadgeFile: it is damaged, or is no such list; none of it is taken.
    """
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(rows[0]) != FINGERPRINT_COLUMNS or len(rows) < 2:
        raise NoBadgeFile("is no list of fingerprints", "make it anew: deploy/provision")
    peppers = {row[-1] for row in rows[1:] if row}
    if len(peppers) != 1:
        raise NoBadgeFile("holds fingerprints of more than one pepper", "make it anew: deploy/provision")
    return [_badge_of(number, row) for number, row in enumerate(rows[1:], 2)], peppers.pop()


def _badge_of(number: int, row: Sequence[str]) -> SealedBadge:
    if len(row) != len(FINGERPRINT_COLUMNS):
        raise NoBadgeFile(f"is damaged in line {number}", "copy it anew")
    fingerprint, tail, ends, username, name, from_day, until_day, _ = row
    if not all(_FINGERPRINT.fullmatch(each) for each in (fingerprint, *ends.split())) or not _TAIL.fullmatch(tail):
        raise NoBadgeFile(f"is damaged in line {number}", "copy it anew")
    return SealedBadge(fingerprint, tail, tuple(ends.split()), username, name, from_day, until_day)
