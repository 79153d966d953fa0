"""The rule for a tracker that keeps whole minutes (Goodtime, traps U14 and U15)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WholeMinutes:
    """An interval as a tracker of whole minutes can hold it."""

    from_local: datetime
    to_local: datetime
    extended: bool
    """In and out lay in the same minute, and the out was moved to the next."""


@dataclass(frozen=True, slots=True)
class NoWholeMinutes:
    """An interval that cannot be held so; it is kept and a person decides."""

    why: str


def whole_minutes(
    from_local: datetime, to_local: datetime, next_local: datetime | None = None
) -> WholeMinutes | NoWholeMinutes:
    """Bring an interval to whole minutes so that two consecutive intervals never overlap.

    Both ends are cut down to the minute. Cutting keeps order: an out at 12:00:40 and the next in at 12:00:50 both
    become 12:00 and touch. An interval within one minute would be empty, which is refused; its out moves to the
    next minute, but only if the next in does not lie in this same minute, because it would then begin before that end.

    Args:
        from_local: the in.
        to_local: the out.
        next_local: the employee's next in, or the present moment when there is none yet. None: it is known that nothing
            follows in the same minute.
    """
    start, end = _floor(from_local), _floor(to_local)
    if to_local < from_local:
        return NoWholeMinutes("the out is earlier than the in by the wall clock (a night in which the clocks go back)")
    if start < end:
        return WholeMinutes(start, end, extended=False)
    if next_local is not None and _floor(next_local) <= start:
        return NoWholeMinutes("in, out and the next in lie within one minute: the tracker books whole minutes")
    return WholeMinutes(start, (start + MINUTE).replace(fold=start.fold), extended=True)


def _floor(local: datetime) -> datetime:
    return local.replace(second=0, microsecond=0)
