"""What was changed of one employee's record, out of what the ledger says of a punch. Pure.

Whoever looks at their own record reads every change of a punch while it was theirs, with its author and the reason;
of the time before and after, when it was somebody else's, they read nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from clockd.core.correction import CorrectionWay
from clockd.core.model import Kind
from clockd.core.timebase import local


class ChangeWay(StrEnum):
    """What can be said of a punch that its owner is shown, by the ledger's own words."""

    ADDED = "added"
    """Not a word of the ledger: a punch that nobody tapped, and the row that says its time."""
    AMEND = "amend"
    ASSIGN = "assign"
    CORRECT = "correct"
    IGNORE = "ignore"
    VOID = "void"
    PROPOSE = "propose"
    AGREE = "agree"
    REFUSE = "refuse"
    SILENCE = "silence"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


@dataclass(frozen=True, slots=True)
class SaidOfPunch:
    """A row of the ledger about a punch, or (the first one) the punch itself."""

    what: str
    made_at: datetime
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class OwnCounted:
    """How a punch counts in somebody's record."""

    kind: Kind | None
    at_local: datetime
    """On the wall clock at the terminal."""


@dataclass(frozen=True, slots=True)
class OwnChange:
    """One change of a record, as its owner reads it."""

    way: ChangeWay
    made_at: datetime
    by: str
    why: str
    was: OwnCounted | None
    """None: there was nothing."""
    becomes: OwnCounted | None
    """How it counts after it, or would count after what is proposed; None: not at all."""
    leaves: bool = False
    """Whether the punch is somebody else's from then on."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Whose a punch is, and how it counts."""

    username: str | None
    counted: OwnCounted


_ANSWERS = frozenset({ChangeWay.AGREE, ChangeWay.REFUSE, ChangeWay.SILENCE})
"""What one owner said; where a correction has two, each reads their own answer."""
_NO_MORE = frozenset({CorrectionWay.VOID, CorrectionWay.IGNORE})
_ADDS = {CorrectionWay.ADD_OUT: Kind.OUT, CorrectionWay.ADD_IN: Kind.IN}


def own_changes(
    username: str, has_it: str | None, rows: Sequence[SaidOfPunch], zone: ZoneInfo, *, tapped: bool
) -> list[OwnChange]:
    """Return what was changed of a punch while it was this employee's, oldest first.

    Args:
        username: who looks.
        has_it: whose the punch is now; None while it is nobody's.
        rows: the punch as it was recorded, and all that was said of it, oldest first.
        zone: of the terminal.
        tapped: whether a badge made it; else somebody added it.
    """
    mine = frozenset({username, _named_in(rows)} if has_it == username else {username})
    found, before = list[OwnChange](), _recorded(rows[0])
    for number, row in enumerate(rows[1:]):
        way = ChangeWay.ADDED if number == 0 and not tapped and row.what == "amend" else _way(row.what)
        after = _after(before, row, zone)
        had, has = before.username in mine, after.username in mine
        theirs = _text(row.body.get("username")) in mine if way in _ANSWERS else had or has
        if way is not None and theirs:
            by, why = _text(row.body.get("by")) or "clockd", _text(row.body.get("why")) or ""
            was, becomes = before.counted if had else None, after.counted if has else None
            was, becomes = _seen(way, row, was, becomes)
            found.append(OwnChange(way, row.made_at, by, why, was, becomes, leaves=had and not has))
        if way is not ChangeWay.PROPOSE:
            before = after
    return found


def _seen(
    way: ChangeWay, row: SaidOfPunch, was: OwnCounted | None, becomes: OwnCounted | None
) -> tuple[OwnCounted | None, OwnCounted | None]:
    """Return what is shown as before and after: what is added was nothing, and what is taken back becomes nothing."""
    asked = row.body.get("way") if way is ChangeWay.PROPOSE else None
    if way is ChangeWay.ADDED or asked in _ADDS:
        was = None
    if way in (ChangeWay.VOID, ChangeWay.IGNORE) or asked in _NO_MORE:
        becomes = None
    return was, becomes


def _named_in(rows: Sequence[SaidOfPunch]) -> str | None:
    """Return whose a punch is by its own rows: under the name that they had then."""
    said = [_text(row.body.get("username")) for row in rows if row.what in ("punch", "amend", "assign")]
    return next((name for name in reversed(said) if name is not None), None)


def _recorded(row: SaidOfPunch) -> _Held:
    at_local = _moved(row.made_at, _number(row.body.get("offset_s"))) or _wall(row.made_at)
    counted = OwnCounted(_kind(row.body.get("kind")), at_local)
    return _Held(_text(row.body.get("username")), counted)


def _after(before: _Held, row: SaidOfPunch, zone: ZoneInfo) -> _Held:
    """Return how a punch counts after something was said of it, or would count after what is proposed."""
    if row.what not in ("amend", "assign", "correct", "propose"):
        return before
    at_us, offset_s, at_local = row.body.get("at_us"), row.body.get("offset_s"), before.counted.at_local
    if isinstance(at_us, int) and (at := _at(at_us)) is not None:
        at_local = (local(at, zone) if offset_s is None else _moved(at, _number(offset_s))) or at_local
    way = row.body.get("way")
    kind = _ADDS[CorrectionWay(str(way))] if way in _ADDS else _kind(row.body.get("kind")) or before.counted.kind
    return _Held(_text(row.body.get("username")) or before.username, OwnCounted(kind, at_local))


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _at(us: int) -> datetime | None:
    """Return a moment; None for a number that is none, as a damaged cell may hold it."""
    try:
        found = _EPOCH + timedelta(microseconds=us)
    except OverflowError:
        return None
    return found if found.year in range(2, 9999) else None


def _moved(at: datetime, offset_s: int) -> datetime | None:
    """Return the wall clock of a moment; None for an offset that is none."""
    return _wall(at + timedelta(seconds=offset_s)) if abs(offset_s) <= _DAY_S else None


_DAY_S = 86_400


def _wall(at: datetime) -> datetime:
    return at.replace(tzinfo=None)


def _way(what: str) -> ChangeWay | None:
    return ChangeWay(what) if what in _IN_THE_LEDGER else None


_IN_THE_LEDGER = frozenset(ChangeWay) - {ChangeWay.ADDED}


def _kind(value: object) -> Kind | None:
    return Kind(value) if isinstance(value, str) and value in set(Kind) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
