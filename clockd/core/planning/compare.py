"""Is what the tracker holds what we sent? Compared by employee and exact times, and by nothing else.

Minutes of break and work, the manual flag, notes and the place in a list are never compared: trackers deduct breaks on
their own, edit notes and shuffle. A tracker may keep whole minutes only, cut off or rounded, hence the tolerance. Two
of our own intervals can still not be confused, because an id that another punch owns is never a candidate. Wall-clock
times are compared as they stand: in the hour that a zone repeats they are all there is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from clockd.core.wire import Entry

TOLERANCE = timedelta(seconds=60)
"""Times that differ by less count as the same."""


def near(a: datetime | None, b: datetime | None) -> bool:
    """Whether two wall-clock times are the same for a tracker that may keep minutes only."""
    return a is not None and b is not None and abs(a - b) < TOLERANCE


def stands_at(row: Entry, at_local: datetime) -> bool:
    """Whether a row began when something of ours did, and did not end before it."""
    return near(row.from_local, at_local) and (row.to_local is None or row.to_local > at_local)


def ends_at(row: Entry, at_local: datetime) -> bool:
    """Whether a row ended when something of ours did, and began before it."""
    return near(row.to_local, at_local) and row.from_local < at_local


def by_id(entry: Entry) -> tuple[int, str]:
    """Return what entries are sorted by: ids that are numbers by value, all others by text."""
    return (int(entry.id), "") if entry.id.isdigit() else (0, entry.id)


def equal_rows(rows: Iterable[Entry], from_local: datetime, to_local: datetime) -> list[Entry]:
    """Return the rows that are this interval, lowest id first."""
    return sorted((r for r in rows if near(r.from_local, from_local) and near(r.to_local, to_local)), key=by_id)


def tiling_rows(rows: Sequence[Entry], from_local: datetime, to_local: datetime) -> list[Entry]:
    """Return the rows that fill this interval without a gap (a tracker may split at midnight); empty when none do."""
    chain: list[Entry] = []
    at = from_local
    inside = sorted((r for r in rows if r.to_local is not None), key=lambda r: r.from_local)
    for row in inside:
        if not near(row.from_local, at) or row.to_local is None or row.to_local > to_local + TOLERANCE:
            continue
        chain.append(row)
        at = row.to_local
        if near(at, to_local):
            return chain if len(chain) > 1 else []
    return []


def overlapping_rows(rows: Iterable[Entry], from_local: datetime, to_local: datetime) -> list[Entry]:
    """Return the rows that share more than a rounding error with the interval; a running row goes on for ever."""
    return [
        row
        for row in rows
        if row.from_local < to_local - TOLERANCE and (row.to_local is None or row.to_local > from_local + TOLERANCE)
    ]


def running_rows(rows: Iterable[Entry]) -> list[Entry]:
    """Return the rows without an end, earliest first."""
    return sorted((r for r in rows if r.to_local is None), key=lambda r: r.from_local)


def booked_rows(rows: Sequence[Entry], from_local: datetime, to_local: datetime) -> list[Entry]:
    """Return what books this interval: the row that equals it, or the rows that fill it; empty when none do."""
    return equal_rows(rows, from_local, to_local)[:1] or tiling_rows(rows, from_local, to_local)


def squeezed_rows(rows: Iterable[Entry], from_local: datetime, to_local: datetime) -> list[Entry]:
    """Return the rows that may be this interval at a tracker of whole minutes, if it is shorter than a minute."""
    short = to_local - from_local < TOLERANCE
    return [row for row in rows if short and row.may_be_closed and near(row.from_local, from_local)]
