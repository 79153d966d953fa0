"""The nightly look: whether what we booked is still there, where it was, and once.

It reports, and never makes a row again that had an id: somebody may have deleted it on purpose. It names for deletion
only what is provably our own surplus. That is a row of the same employee with exactly the times of an interval that we
sent more than once, to the second and not on the minute (people write whole minutes, and so does Goodtime), which
nobody locked. It never names more such rows than we repeated the request.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from clockd.core.delivery import State, Via
from clockd.core.planning.compare import by_id, near, overlapping_rows
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import Pair, intervals
from clockd.core.planning.plan import Policy
from clockd.core.planning.span import span
from clockd.core.sentence import Sentence, sentence
from clockd.core.wire import Entry


@dataclass(frozen=True, slots=True)
class EntryGone:
    """A booked entry is not in the tracker any more."""

    seq: int
    entry_id: str


@dataclass(frozen=True, slots=True)
class EntryMoved:
    """A booked entry has other times than we sent."""

    seq: int
    entry_id: str
    was: Sentence
    now: Sentence


@dataclass(frozen=True, slots=True)
class EntryDoubled:
    """Beside a booked entry there is another one that is exactly the same."""

    seq: int
    entry_id: str
    surplus: tuple[str, ...]
    """Ids of the other rows that are ours for certain, and may be deleted."""
    foreign: tuple[str, ...]
    """Ids of the other rows that may be somebody else's, and are only reported."""


Finding = EntryGone | EntryMoved | EntryDoubled


def audit(items: Sequence[Item], rows: Sequence[Entry], policy: Policy) -> Iterator[Finding]:
    """Compare an employee's delivered, closed intervals with the rows the tracker shows.

    Args:
        items: the attendance lane over the audited days, in order.
        rows: every row of this employee over the same days, and a margin around them.
        policy: how this tracker is served.
    """
    owned = {entry_id for item in items for entry_id in item.entry_ids}
    by_entry = {row.id: row for row in rows}
    for interval in intervals(items, breaks_in_minutes=policy.breaks_in_minutes, split_projects=policy.split_projects):
        if not isinstance(interval, Pair) or interval.opens.state is not State.DELIVERED:
            continue
        if interval.shared_close or interval.closes.state is State.DELIVERED:
            yield from _audit_pair(interval, by_entry, [r for r in rows if r.id not in owned], policy)


def _audit_pair(pair: Pair, by_entry: dict[str, Entry], strangers: list[Entry], policy: Policy) -> Iterator[Finding]:
    opens, closes = pair.opens, pair.closes
    ids = tuple(dict.fromkeys(opens.entry_ids + (() if pair.shared_close else closes.entry_ids)))
    if not ids or opens.via is Via.ADOPTED:
        return
    yield from (EntryGone(opens.seq, entry_id) for entry_id in ids if entry_id not in by_entry)
    found = sorted((by_entry[entry_id] for entry_id in ids if entry_id in by_entry), key=lambda r: r.from_local)
    if len(found) != len(ids):
        return
    begin, end = span(pair, policy)
    if near(found[0].from_local, begin) and near(found[-1].to_local, end):
        yield from _doubled(pair, found, strangers, policy)
    elif len(ids) == 1 or not overlapping_rows(strangers, begin, end):
        was, now = _shown(begin, end), _shown(found[0].from_local, found[-1].to_local)
        yield EntryMoved(opens.seq, ids[0], was, now)


def _doubled(pair: Pair, found: Sequence[Entry], strangers: list[Entry], policy: Policy) -> Iterator[Finding]:
    """Find the rows that nobody owns and that have the very times of what was booked.

    Args:
        pair: what was booked.
        found: its rows, in order.
        strangers: rows that none of our punches owns.
        policy: how this tracker is served.
    """
    opens, closes, first, last = pair.opens, pair.closes, found[0], found[-1]
    work = (row for row in strangers if policy.is_of(row, opens.time_type))
    same = sorted((r for r in work if (r.from_local, r.to_local) == (first.from_local, last.to_local)), key=by_id)
    if not same:
        return
    on_the_minute = first.from_local.second == 0 and (last.to_local is None or last.to_local.second == 0)
    repeats = 0 if on_the_minute else max(opens.attempts, closes.attempts) - 1
    ours = tuple(row.id for row in same if not row.locked)[-repeats:] if repeats > 0 else ()
    ids = opens.entry_ids + (() if pair.shared_close else closes.entry_ids)
    yield EntryDoubled(opens.seq, ids[0], ours, tuple(row.id for row in same if row.id not in ours))


def _shown(begin: datetime, end: datetime | None) -> Sentence:
    if end is None:
        return sentence("{begin:%d %b %H:%M:%S}– (running)", begin=begin)
    return sentence("{begin:%d %b %H:%M:%S}–{end:%H:%M:%S}", begin=begin, end=end)
