"""Punches of one employee -> what was worked on which day, and what is missing of it.

Durations are true ones, in UTC and in whole seconds as they are sent, whatever the wall clock did meanwhile. A shift
belongs to the day on which it began, with everything that follows it over breaks and project switches. No time is
invented: a clock-in without its clock-out counts for nothing and is listed, as is every punch that waits for a person.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from clockd.core.delivery import Mark, State
from clockd.core.model import ClockQuality, Kind, Project
from clockd.core.planning.item import Item
from clockd.core.planning.pairing import BEGINS, ENDS, Interval, OrphanOut, Pair, Running, intervals

_WENT_ON = frozenset({Kind.RESUME, Kind.PROJECT})
"""What may end a break."""


class Lack(StrEnum):
    """What is missing, as `missing[].what` says it."""

    OUT = "out"
    """A clock-in, and nobody said when they left."""
    IN = "in"
    """A clock-out, and nobody said when they came."""
    TOO_LATE = "too-late"
    """A clock-out longer than a shift after its clock-in, and nobody said that it is so."""
    ORDER = "order"
    """A clock-out that counts at an earlier time than its clock-in."""
    TIME = "time"
    """Nobody knows when it was."""
    HELD = "held"
    """It waits for a person."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Work from one punch to the next."""

    begins: Item
    ends: Item | None
    """None while it runs."""
    worked_s: int
    """While it runs: up to now."""
    project: Project | None = None

    @property
    def uncertain(self) -> bool:
        """Whether the time of one of its ends is not known for certain."""
        return any(map(_uncertain, self._known))

    @property
    def held(self) -> bool:
        """Whether one of its ends waits for a person."""
        return any(item.state is State.HELD for item in self._known)

    @property
    def _known(self) -> tuple[Item, ...]:
        return (self.begins,) if self.ends is None else (self.begins, self.ends)


@dataclass(frozen=True, slots=True)
class Pause:
    """A break."""

    begins: Item
    ends: Item
    break_s: int


@dataclass(frozen=True, slots=True)
class Lacking:
    """A punch that somebody has to see to."""

    what: Lack
    item: Item
    because: str = ""
    """Why it is held, for people."""


@dataclass(slots=True)
class WorkDay:
    """The shifts that began on one day."""

    day: date
    stretches: list[Stretch] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)

    @property
    def worked_s(self) -> int:
        """Seconds worked."""
        return sum(stretch.worked_s for stretch in self.stretches)

    @property
    def break_s(self) -> int:
        """Seconds of breaks within the shifts."""
        return sum(pause.break_s for pause in self.pauses)


@dataclass(frozen=True, slots=True)
class Hours:
    """One employee over a span of days."""

    days: tuple[WorkDay, ...]
    """Those on which a shift began, in order."""
    missing: tuple[Lacking, ...]


def reckon(items: Sequence[Item], first: date, last: date, now_at: datetime, max_shift_s: float) -> Hours:
    """Say what an employee worked.

    Args:
        items: their attendance lane in order, without what was taken back; it has to reach beyond the span on both
            sides by more than a shift.
        first: the first day.
        last: the last day.
        now_at: true time; what still runs is counted up to here.
        max_shift_s: what is longer is rather a forgotten clock-out.
    """
    sheet = _Sheet(now_at, max_shift_s)
    for interval in intervals(items, breaks_in_minutes=False, split_projects=True):
        sheet.add(interval)
    told = {missing.item.seq for missing in sheet.missing}
    missing = [*sheet.missing, *(_waiting(items, told))]
    return Hours(
        tuple(day for _, day in sorted(sheet.days.items()) if first <= day.day <= last),
        tuple(m for m in missing if _uncertain(m.item) or first <= m.item.local.date() <= last),
    )


def _uncertain(item: Item) -> bool:
    return item.clock is ClockQuality.UNCERTAIN


def _waiting(items: Sequence[Item], told: set[int]) -> Iterator[Lacking]:
    for item in items:
        if item.seq in told or not item.counts:
            continue
        if _uncertain(item):
            yield Lacking(Lack.TIME, item, item.held.because if item.held else "")
        elif item.state is State.HELD:
            yield Lacking(Lack.HELD, item, item.held.because if item.held else "")


@dataclass(slots=True)
class _Sheet:
    now_at: datetime
    max_shift_s: float
    days: dict[date, WorkDay] = field(default_factory=dict)
    missing: list[Lacking] = field(default_factory=list)
    _today: WorkDay | None = None
    """The day of the shift that the last stretch belongs to …"""
    _ended: Item | None = None
    """… and the punch that ended it."""

    def add(self, interval: Interval) -> None:
        match interval:
            case Pair(opens=opens, closes=closes) if is_too_long(opens.at, closes, self.max_shift_s):
                self._lacks(Lacking(Lack.OUT, opens))
                if not interval.shared_close:
                    self._lacks(Lacking(Lack.TOO_LATE, closes))
            case Pair(opens=opens, closes=closes) if seconds(opens.at, closes.at) < 0:
                self._lacks(Lacking(Lack.ORDER, closes))
            case Pair(opens=opens, closes=closes, project=project):
                self._work(Stretch(opens, closes, seconds(opens.at, closes.at), project))
            case Running(opens=opens, project=project):
                age_s = (self.now_at - opens.at).total_seconds()
                if interval.abandoned or age_s > self.max_shift_s:
                    self._lacks(Lacking(Lack.OUT, opens))
                else:
                    self._work(Stretch(opens, None, max(0, seconds(opens.at, self.now_at)), project))
            case OrphanOut(closes=closes, after_break=False):
                self._lacks(Lacking(Lack.IN, closes))
            case OrphanOut():
                self._ended = None

    def _lacks(self, missing: Lacking) -> None:
        self.missing.append(missing)
        self._ended = None

    def _work(self, stretch: Stretch) -> None:
        before, begins = self._ended, stretch.begins
        went_on = before is not None and before.seq == begins.seq
        pause_s = seconds(before.at, begins.at) if before is not None else -1
        rested = before is not None and before.kind is Kind.BREAK and begins.kind in _WENT_ON
        rested = rested and 0 <= pause_s <= self.max_shift_s
        if self._today is None or not (went_on or rested):
            self._today = self.days.setdefault(begins.local.date(), WorkDay(begins.local.date()))
        elif rested and before is not None:
            self._today.pauses.append(Pause(before, begins, pause_s))
        self._today.stretches.append(stretch)
        self._ended = stretch.ends


def seconds(from_at: datetime, to_at: datetime) -> int:
    """Return the true duration between two moments, each cut to its second, as it is sent."""
    return (to_at.replace(microsecond=0) - from_at.replace(microsecond=0)) // timedelta(seconds=1)


def is_too_long(from_at: datetime, closes: Item, max_shift_s: float) -> bool:
    """Whether what ends with this punch is longer than a shift, and nobody said that it is so."""
    return closes.mark is not Mark.SAID and (closes.at - from_at).total_seconds() > max_shift_s


@dataclass(frozen=True, slots=True)
class Paired:
    """The other half of a punch."""

    other: Item
    worked_s: int | None
    """With the punch that ends it, so that a column of these can be added up."""


def pair_of(item: Item, before: Item | None, after: Item | None, max_shift_s: float) -> Paired | None:
    """Return what a punch is paired with, by its neighbours alone; a project switch with what it ends.

    Args:
        item: a punch of an attendance lane that counts.
        before: the one before it that counts.
        after: the one after it.
        max_shift_s: what is longer is no pair.
    """
    if before is not None and _are_two(before, item, max_shift_s):
        return Paired(before, seconds(before.at, item.at))
    if after is not None and _are_two(item, after, max_shift_s):
        return Paired(after, None)
    return None


def _are_two(begins: Item, ends: Item, max_shift_s: float) -> bool:
    fit = begins.kind in BEGINS and (ends.kind in ENDS or ends.kind is Kind.PROJECT)
    return fit and seconds(begins.at, ends.at) >= 0 and not is_too_long(begins.at, ends, max_shift_s)
