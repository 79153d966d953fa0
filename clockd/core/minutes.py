"""The rule for a tracker that keeps whole minutes (Goodtime)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class WholeMinutes:
    """An interval as a tracker of whole minutes can hold it."""

    from_local: datetime
    to_local: datetime
    extended: bool
    """Whether in and out lay in the same minute, so that the out was moved to the next."""


@dataclass(frozen=True, slots=True)
class NoWholeMinutes:
    """An interval that cannot be said in whole minutes; it is held, and a person decides."""

    why: str


def whole_minutes(
    from_local: datetime, to_local: datetime, next_local: datetime | None = None, zone: tzinfo | None = None
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
        zone: of the wall clock; then `fold` tells the two 02:30 of an autumn night apart, and what counts is true time.
            None: what the wall clock shows counts.
    """
    start, end = _floor(from_local), _floor(to_local)
    if moment(to_local, zone) < moment(from_local, zone):
        return NoWholeMinutes("the out is earlier than the in by the wall clock (a night in which the clocks go back)")
    if moment(start, zone) < moment(end, zone):
        return WholeMinutes(start, end, extended=False)
    if next_local is not None and moment(_floor(next_local), zone) <= moment(start, zone):
        return NoWholeMinutes("in, out and the next in lie within one minute: the tracker books whole minutes")
    return WholeMinutes(start, _a_minute_later(start, zone), extended=True)


def moment(local: datetime, zone: tzinfo | None) -> datetime:
    """Return what wall-clock times are compared and subtracted by: UTC where the zone is known, else the time itself.

    Args:
        local: naive, with its `fold`.
        zone: of the wall clock.
    """
    return local if zone is None else local.replace(tzinfo=zone).astimezone(UTC)


def _a_minute_later(start: datetime, zone: tzinfo | None) -> datetime:
    """Return the end of a minute; where the clocks change just then, the wall shows it an hour off."""
    if zone is None:
        return (start + MINUTE).replace(fold=start.fold)
    return (moment(start, zone) + MINUTE).astimezone(zone).replace(tzinfo=None)


def _floor(local: datetime) -> datetime:
    return local.replace(second=0, microsecond=0)
