"""Punches of one employee -> intervals. Derived anew each time it is needed, never stored as truth.

    breaks = gap       in ──── break   resume ──── out      two intervals
    breaks = minutes   in ──── break   resume ──── out      one interval with break minutes
    projects split     in ──── project ──────────── out     two intervals, the second on the project (Goodtime)

An `in` after an `in` leaves the first one without an end: no time is invented for it. An `out` after a break ends
nothing, since the break already did.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clockd.core.delivery import State
from clockd.core.model import ClockQuality, Kind, Project


@dataclass(frozen=True, slots=True)
class Held:
    """Why a punch waits for a person."""

    code: str
    """For programs: missing-out, orphan-out, too-long, its-in, conflict, refused, uncertain, unsendable, forbidden …"""
    because: str
    """For people, with what to do."""
    blocks: bool = False
    """True when it concerns the employee as a whole: nothing else of theirs can be booked meanwhile."""


@dataclass(frozen=True, slots=True)
class Item:
    """A punch in a lane of the outbox: how it counts now, and how far its delivery is.

    Times that end in `_s` are CLOCK_BOOTTIME of the present boot; the store translates those of earlier boots. None of
    them is an age: an item stays true until its row changes.
    """

    seq: int
    username: str
    kind: Kind
    at: datetime
    offset_s: int
    state: State
    project: Project | None = None
    clock: ClockQuality = ClockQuality.SYNCHRONIZED
    voided: bool = False
    held: Held | None = None
    entry_ids: tuple[str, ...] = ()
    via: str | None = None
    """timer: booked by start/stop. entry: booked as a whole. adopted: somebody else's entry that says the same."""
    mark: str | None = None
    """rejected: the tracker said no, a look must show why. no-start: the timer was refused, wait for the `out`. said: a
    person said when this was, or that it is so.
    """
    attempts: int = 0
    sent_s: float | None = None
    first_sent_s: float | None = None
    """When the first attempt was; negative before this boot."""
    due_s: float = 0.0
    """Waiting: not before. Doubtful: the quarantine ends."""
    write: str | None = None
    """Name of the last write's class."""
    last_error: str | None = None
    done_s: float | None = None
    """When the delivery was proved; 0 for an earlier boot."""
    tapped_s: float = 0.0
    """When the tap was; negative before this boot."""
    elsewhere: bool = False
    """It is at another tracker or account than the one that is configured now."""
    same_boot: bool = True
    """The tap was in this boot, so that its age does not depend on a wall clock."""

    @property
    def local(self) -> datetime:
        """Wall clock at the terminal in whole seconds, as it is sent."""
        return (self.at + timedelta(seconds=self.offset_s)).replace(tzinfo=None, microsecond=0)


@dataclass(frozen=True, slots=True)
class Interval:
    """From one punch to the next that ends it."""

    opens: Item | None
    """None for a clock-out without a clock-in."""
    closes: Item | None
    """None while it runs, or when the clock-out is missing."""
    inside: tuple[Item, ...] = ()
    """Break and resume punches within, with `breaks = minutes`."""
    abandoned: bool = False
    """A later `in` shows that the clock-out was forgotten."""
    project: Project | None = None
    shared_close: bool = False
    """The closing punch is also the opening punch of the next interval (project switch)."""
    after_break: bool = False
    """A clock-out during a break: the break already ended the interval before."""

    @property
    def items(self) -> tuple[Item, ...]:
        """All punches that one request books: open, inside, close."""
        ends = () if self.closes is None or self.shared_close else (self.closes,)
        return (() if self.opens is None else (self.opens,)) + self.inside + ends

    @property
    def break_minutes(self) -> int:
        """Minutes between each break and what ended it, rounded to the nearest minute once."""
        total_s, since = 0.0, None
        for item in self.inside + (() if self.closes is None else (self.closes,)):
            if item.kind is Kind.BREAK:
                since = since or item.at
            elif since is not None:
                total_s += (item.at - since).total_seconds()
                since = None
        return int(total_s + 30) // 60


@dataclass(slots=True)
class _Draft:
    opens: Item
    project: Project | None = None
    inside: list[Item] = field(default_factory=list)


def intervals(items: Iterable[Item], *, breaks_in_minutes: bool, split_projects: bool) -> Iterator[Interval]:
    """Pair the punches of one employee's attendance lane, in order.

    Args:
        items: in order of `seq`; ignored and void ones are passed over.
        breaks_in_minutes: `breaks = "minutes"`.
        split_projects: a project switch ends one interval and begins the next.
    """
    draft: _Draft | None = None
    on_break = False
    for item in items:
        if item.state in (State.IGNORED, State.VOID):
            continue
        was_on_break, on_break = on_break, False
        match item.kind:
            case Kind.IN:
                if draft:
                    yield _close(draft, None, abandoned=True)
                draft = _Draft(item)
            case Kind.RESUME if breaks_in_minutes and draft:
                draft.inside.append(item)
            case Kind.RESUME:
                if draft:
                    yield _close(draft, None, abandoned=True)
                draft = _Draft(item)
            case Kind.BREAK if breaks_in_minutes and draft:
                draft.inside.append(item)
            case Kind.PROJECT if split_projects:
                if draft:
                    yield _close(draft, item, shared=True)
                draft = _Draft(item, item.project)
            case Kind.PROJECT:
                on_break = was_on_break
            case Kind.OUT | Kind.BREAK:
                if draft:
                    yield _close(draft, item)
                else:
                    yield Interval(None, item, after_break=was_on_break)
                draft = None
                on_break = item.kind is Kind.BREAK
    if draft:
        yield _close(draft, None)


def _close(draft: _Draft, closes: Item | None, *, abandoned: bool = False, shared: bool = False) -> Interval:
    return Interval(
        opens=draft.opens,
        closes=closes,
        inside=tuple(draft.inside),
        abandoned=abandoned,
        project=draft.project,
        shared_close=shared,
    )
