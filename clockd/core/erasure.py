"""Erasing an employee's data: what has to be done before, whose rows of the ledger are whose, and what is looked for.

Nothing here decides whether it may be erased: laws ask for records of working time to be kept (`LAWS`), and a person
says that their time is over.
"""

import html
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import quote

from clockd.core.chain import RESTORED, RawRow, is_discarded
from clockd.core.wire import canonical_user


@dataclass(frozen=True, slots=True)
class KeepingLaw:
    """For how long a law asks for records of working time to be kept."""

    country: str
    """ISO 3166."""
    law: str
    """Its name and paragraph."""
    years: int | None
    """None where the paragraph names no number of years."""


LAWS = (
    KeepingLaw("DE", "§ 16 Abs. 2 ArbZG", 2),
    KeepingLaw("DE", "§ 17 Abs. 1 MiLoG", 2),
    KeepingLaw("AT", "§ 26 AZG", None),
    KeepingLaw("ES", "art. 34.9 ET", 4),
)
"""A table for a lawyer to check; taxes, wages and disputes may ask for more."""


class Hindrance(StrEnum):
    """What has to be done before an employee's data is erased."""

    BADGE = "badge"
    """They have a badge in use."""
    UNFINISHED = "unfinished"
    """A punch of theirs waits, is on its way, in doubt or held."""
    PRESENT = "present"
    """They are clocked in."""
    CORRECTION = "correction"
    """A correction waits for an answer."""
    ACCOUNT = "account"
    """An account of the admin page is theirs."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """How somebody stands at this terminal."""

    badges: int = 0
    unfinished: int = 0
    is_in: bool = False
    asked: int = 0
    accounts: int = 0


def hindrances(whereabouts: Whereabouts) -> list[Hindrance]:
    """Return what has to be done first, in the order in which it is best done."""
    found = {
        Hindrance.UNFINISHED: whereabouts.unfinished,
        Hindrance.CORRECTION: whereabouts.asked,
        Hindrance.PRESENT: whereabouts.is_in,
        Hindrance.BADGE: whereabouts.badges,
        Hindrance.ACCOUNT: whereabouts.accounts,
    }
    return [each for each, many in found.items() if many]


class Mentions:
    """Finds names in texts, capitalised or not, and never as a part of a longer one: no ada in ada.lovelace."""

    def __init__(self, names: Collection[str]) -> None:
        words = "|".join(re.escape(_folded(name)) for name in sorted(names, key=len, reverse=True) if name.strip())
        self._pattern = re.compile(rf"(?<![\w@+-])(?<!\w\.)(?:{words})(?![\w@+-]|\.\w)") if words else None

    def are_in(self, text: str) -> bool:
        """Whether one of the names is in a text."""
        return self._pattern is not None and self._pattern.search(_folded(text)) is not None


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


@dataclass(slots=True)
class Trace:
    """Tells whose rows of the ledger are whose; it is shown all of them twice, in order: to learn, and to tell.

    Args:
        username: of whom, now.
        taken: usernames that somebody else has by now; an old name of theirs among them is not followed.
    """

    username: str
    taken: Collection[str] = ()
    _renames: list[tuple[str, str]] = field(default_factory=list)

    def learn(self, rows: Iterable[RawRow]) -> None:
        """Take note of the usernames that they had."""
        for row in rows:
            if row[1] == "rename":
                body = _body(row)
                self._renames.append((str(body.get("old")), str(body.get("new"))))

    def usernames(self) -> list[str]:
        """Return every username that they had, the one of now first."""
        found = [self.username]
        for old, new in reversed(self._renames):
            if new in found and old not in found and old not in self.taken:
                found.append(old)
        return found


def is_about_them(row: RawRow, usernames: Collection[str], named: Mentions) -> bool:
    """Whether a row, of the ledger and of no punch, is about somebody: more of it names them than its author.

    What is said of a punch belongs to the record of whoever has that punch.

    Args:
        row: of the ledger.
        usernames: all that they had.
        named: by these or by other names.
    """
    body = _body(row)
    if is_discarded(row) or row[1] in _STAY or row[2] != row[0] or RESTORED in str(body.get("text")):
        return False
    theirs = set(map(canonical_user, usernames))
    said = [str(body.get(key)) for key in _USERNAMES] + str(body.get("owners")).split(", ")
    return not theirs.isdisjoint(map(canonical_user, said)) or any(named.are_in(str(body.get(key))) for key in _TEXTS)


_USERNAMES = ("username", "from", "old", "new", "name")
"""Keys under which a row has one username or account, and nothing else."""
_TEXTS = ("text", "why")
"""Keys under which it has a text."""
_STAY = frozenset({"punch", "discard", "seal", "erase"})
"""Rows that are of a punch, or say what was discarded."""


def spellings(names: Iterable[str]) -> frozenset[bytes]:
    """Return how names may stand in a file whose bytes of ASCII were made lower case."""
    found = set[bytes]()
    for name in names:
        forms = {name, name.lower(), name.upper(), name.title(), name.casefold()}
        for form in {unicodedata.normalize(way, form) for form in forms for way in ("NFC", "NFD")}:
            written = (form, json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1], quote(form, safe=""))
            for text in {*written, html.escape(form)}:
                found |= {text.encode(way, "replace").lower() for way in ("utf-8", "utf-16-le", "utf-16-be")}
            found.add(form.encode("latin-1", "ignore").lower() if form.isascii() or _in_latin(form) else b"")
    return frozenset(spelling for spelling in found if len(spelling) >= SHORTEST_SOUGHT)


SHORTEST_SOUGHT = 3
"""Bytes of a name that is looked for: what is shorter is part of everything."""


def _in_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _body(row: RawRow) -> Mapping[str, object]:
    try:
        found = json.loads(str(row[7]))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def reason_names_them(texts: Sequence[str], names: Collection[str]) -> bool:
    """Whether what is said of an erasure says whose data it was, and would keep what it is to remove."""
    named = Mentions(names)
    return any(map(named.are_in, texts))
