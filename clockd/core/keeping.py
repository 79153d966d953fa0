"""Which punches are old enough to be discarded, where `[keep] punches_days` says for how long they are kept. Pure.

A punch goes when all that depends on it has come to an end, and with its whole shift: from a clock-in to the last punch
before the next one. So no clock-out is left without its clock-in, nobody is in who was not before, and nobody lacks a
clock-out. Of an employee's last shift nothing goes before it has its clock-out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clockd.core.model import Kind

LEAST_DAYS = 45
"""What must be kept at least: the nightly look, a month's payroll and lists of clock changes reach so far back."""
NIGHTS_SHARE = timedelta(days=31)
"""So much of what may go goes in one night: a clock that is wrong by years takes no years before somebody sees it."""


@dataclass(frozen=True, slots=True)
class AgedPunch:
    """A punch, as far as it matters for how long it is kept."""

    seq: int
    kind: Kind | None
    """None where nobody knows, as of an unknown badge."""
    at: datetime | None
    """When it counts, in UTC; None where its time is not known for certain."""
    is_settled: bool
    """Whether each of its deliveries has come to an end, and no correction of it waits for an answer."""
    counts: bool
    """Whether it is paired with others: it is neither void nor ignored, and somebody's."""


Shift = Sequence[AgedPunch]
"""Punches that go together or not at all: a clock-in with all up to the next one, or one that counts for nothing."""


def may_go(punches: Iterable[AgedPunch], before: datetime) -> list[Shift]:
    """Return the shifts of one employee, or of nobody, that may be discarded.

    Args:
        punches: from the oldest on, in their order; later ones are missing only behind a whole shift.
        before: what counts at this time or later is kept, in UTC.
    """
    found, shifts = list[Shift](), list[list[AgedPunch]]()
    for punch in punches:
        if not punch.counts:
            found += [(punch,)] if _is_old(punch, before) else []
        elif punch.kind is Kind.IN or not shifts:
            shifts.append([punch])
        else:
            shifts[-1].append(punch)
    for number, shift in enumerate(shifts, 1):
        if all(_is_old(punch, before) for punch in shift) and (number < len(shifts) or _is_over(shift)):
            found.append(shift)
    return found


def nights_share(found: Iterable[Shift]) -> list[Shift]:
    """Return what goes of it in one night: the oldest shifts, oldest first, each by its first punch."""
    dated = sorted((shift[0].at, shift[0].seq, shift) for shift in found if shift[0].at is not None)
    return [shift for at, _, shift in dated if at <= dated[0][0] + NIGHTS_SHARE]


def _is_old(punch: AgedPunch, before: datetime) -> bool:
    return punch.is_settled and punch.at is not None and punch.at < before


def _is_over(shift: Shift) -> bool:
    kinds = [punch.kind for punch in shift if punch.kind is not Kind.PROJECT]
    return bool(kinds) and kinds[-1] is Kind.OUT
