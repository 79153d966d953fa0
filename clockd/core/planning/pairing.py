"""Punches of one employee -> intervals. Derived anew each time it is needed, never stored as truth.

    breaks = gap       in ──── break   resume ──── out      two intervals
    breaks = minutes   in ──── break   resume ──── out      one interval with break minutes
    projects split     in ──── project ──────────── out     two intervals, the second on the project (Goodtime)

An `in` after an `in` leaves the first one without an end: no time is invented for it. An `out` after a break ends
nothing, since the break already did.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from clockd.core.delivery import Delivery, State
from clockd.core.model import Kind, Project
from clockd.core.planning.item import Item

BEGINS = frozenset({Kind.IN, Kind.RESUME, Kind.PROJECT})
"""Kinds of punches that begin an interval."""
ENDS = frozenset({Kind.OUT, Kind.BREAK})
"""Kinds of punches that end an interval and begin none."""


@dataclass(frozen=True, slots=True)
class Running:
    """An interval that nothing ends."""

    opens: Item
    inside: tuple[Item, ...] = ()
    """Break and resume punches within, with `breaks = "minutes"`."""
    project: Project | None = None
    abandoned: bool = False
    """Whether a later `in` shows that the clock-out was forgotten; otherwise the employee may still be in."""

    @property
    def items(self) -> tuple[Item, ...]:
        """All punches of the interval, in order."""
        return (self.opens, *self.inside)


@dataclass(frozen=True, slots=True)
class Pair:
    """An interval from one punch to the one that ends it."""

    opens: Item
    closes: Item
    inside: tuple[Item, ...] = ()
    """Break and resume punches within, with `breaks = "minutes"`."""
    project: Project | None = None
    shared_close: bool = False
    """Whether the closing punch opens the next interval as well (a project switch), and is booked with that one."""

    @property
    def items(self) -> tuple[Item, ...]:
        """All punches that one request books, in order."""
        return (self.opens, *self.inside, *(() if self.shared_close else (self.closes,)))

    @property
    def break_minutes(self) -> int:
        """Minutes between each break and what ended it, rounded to the nearest minute once."""
        total_s, since = 0.0, None
        for item in (*self.inside, self.closes):
            if item.kind is Kind.BREAK:
                since = since or item.at
            elif since is not None:
                total_s += (item.at - since).total_seconds()
                since = None
        return int(total_s + 30) // 60


@dataclass(frozen=True, slots=True)
class OrphanOut:
    """A clock-out without a clock-in."""

    closes: Item
    after_break: bool = False
    """Whether the break before it ended the interval already, so that it needs nothing."""

    @property
    def items(self) -> tuple[Item, ...]:
        """The clock-out alone."""
        return (self.closes,)


Interval = Running | Pair | OrphanOut


def ends_after_all(gone: tuple[Kind, Delivery], after: tuple[Kind, Delivery]) -> bool:
    """Whether a clock-out after a break, which needed nothing, ends the interval now that the break counts no more.

    It does not where a person leaves the break's entry at the tracker.

    Args:
        gone: the punch that counts no more, or not as it did.
        after: the next one that counts.
    """
    stays = gone[1].voided and gone[1].state is State.IGNORED
    needed_nothing = after[1].state is State.DELIVERED and not after[1].is_booked
    return gone[0] is Kind.BREAK and not stays and after[0] in ENDS and needed_nothing


@dataclass(slots=True)
class _Draft:
    opens: Item
    project: Project | None = None
    inside: list[Item] = field(default_factory=list)

    def running(self, *, abandoned: bool) -> Running:
        return Running(self.opens, tuple(self.inside), self.project, abandoned)

    def closed(self, closes: Item, *, shared: bool = False) -> Pair:
        return Pair(self.opens, closes, tuple(self.inside), self.project, shared)


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
        if not item.counts:
            continue
        was_on_break, on_break = on_break, False
        match item.kind:
            case Kind.BREAK | Kind.RESUME if breaks_in_minutes and draft:
                draft.inside.append(item)
            case Kind.IN | Kind.RESUME:
                if draft:
                    yield draft.running(abandoned=True)
                draft = _Draft(item)
            case Kind.PROJECT if split_projects:
                if draft:
                    yield draft.closed(item, shared=True)
                draft = _Draft(item, item.project)
            case Kind.PROJECT:
                on_break = was_on_break
            case Kind.OUT | Kind.BREAK:
                yield draft.closed(item) if draft else OrphanOut(item, was_on_break)
                draft = None
                on_break = item.kind is Kind.BREAK
    if draft:
        yield draft.running(abandoned=False)
