"""What the wall clock at the door shows, and how much of it can be said to a tracker that knows no zones.

Both trackers want naive local time. Such times lose or gain an hour over a change of daylight saving, and once a year
an hour of them exists twice. So durations are computed in UTC, and the order is that of the ledger. An interval whose
naive times would say something else than what happened gets a note, or is held.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clockd.core.model import Kind
from clockd.core.sentence import sentence


def offset_s(at: datetime, zone: ZoneInfo) -> int:
    """Return the zone's UTC offset at a moment, in seconds."""
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def local(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the naive wall-clock time of a moment."""
    return at.astimezone(zone).replace(tzinfo=None)


def wire_local(at: datetime, offset: int) -> datetime:
    """Return the wall-clock time as it is sent: naive, with the punch's frozen offset, whole seconds (cut off)."""
    return (at.astimezone(UTC) + timedelta(seconds=offset)).replace(tzinfo=None, microsecond=0)


def moments(local_time: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the moments at which the wall clock shows a time, earliest first.

    One, as a rule; two in the hour that is repeated in autumn; none in the hour that is left out in spring.
    """
    found = []
    for fold in (0, 1):
        at = local_time.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if local(at, zone) == local_time.replace(fold=0) and at not in found:
            found.append(at)
    return tuple(sorted(found))


# --- intervals on the wire --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plain:
    """An interval whose naive times say what happened."""

    from_local: datetime
    to_local: datetime


@dataclass(frozen=True, slots=True)
class WithNote:
    """An interval whose naive times are off by the change of the clocks, and are sent with a note that says so."""

    from_local: datetime
    to_local: datetime
    text: str
    true_minutes: int
    """How many whole minutes truly passed."""


@dataclass(frozen=True, slots=True)
class Unsendable:
    """An interval whose naive times would end before or when they begin."""

    from_local: datetime
    reason: str
    proposal_to_local: datetime | None
    """The begin plus the true duration; None when both punches are of the same second."""


Wire = Plain | WithNote | Unsendable


def wire_interval(in_at: datetime, out_at: datetime, in_offset_s: int, out_offset_s: int) -> Wire:
    """Say how an interval looks in naive local time.

    Args:
        in_at: begin, true time.
        out_at: end, true time.
        in_offset_s: offset frozen with the first punch.
        out_offset_s: offset frozen with the second.
    """
    from_local, to_local = wire_local(in_at, in_offset_s), wire_local(out_at, out_offset_s)
    true = to_local - from_local - timedelta(seconds=out_offset_s - in_offset_s)
    if true <= timedelta(0):
        return Unsendable(from_local, "the interval is empty: both punches fall into the same second", None)
    true_minutes = int(true.total_seconds()) // 60
    if to_local <= from_local:
        reason = sentence(
            "the clock was put back in between: {minutes} min were worked, and on the wall the end ({end:%H:%M:%S}) is "
            "not after the begin ({begin:%H:%M:%S})",
            minutes=true_minutes,
            end=to_local,
            begin=from_local,
        )
        return Unsendable(from_local, reason, from_local + true)
    if in_offset_s == out_offset_s:
        return Plain(from_local, to_local)
    shift_min = round((in_offset_s - out_offset_s) / 60)
    text = f"DST {shift_min:+d} min: true duration {true_minutes} min"
    return WithNote(from_local, to_local, text, true_minutes)


# --- days -------------------------------------------------------------------------------------------------------


def local_day(local_time: datetime) -> date:
    """Return the day a wall-clock time belongs to."""
    return local_time.date()


def day_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a local day begins and when the next one does; 23 or 25 hours apart twice a year.

    Where midnight itself is left out, the day begins with the first moment after it.
    """
    midnights = (datetime.combine(d, time.min, tzinfo=zone) for d in (day, day + timedelta(days=1)))
    begin, end = (midnight.astimezone(UTC) for midnight in midnights)
    return begin, end


def week_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the week of a local day begins, on Monday, and when the next one does."""
    monday = day - timedelta(days=day.weekday())
    return day_span(monday, zone)[0], day_span(monday + timedelta(days=7), zone)[0]


def worked_today_s(
    events: Iterable[tuple[Kind, datetime, int]], now_at: datetime, zone: ZoneInfo, *, max_shift_h: float | None = None
) -> float:
    """Return the seconds one employee worked on the local day of `now_at`, up to now; as `worked_within_s`."""
    return worked_within_s(events, day_span(local_day(local(now_at, zone)), zone), now_at, max_shift_h=max_shift_h)


def worked_within_s(
    events: Iterable[tuple[Kind, datetime, int]],
    span: tuple[datetime, datetime],
    now_at: datetime,
    *,
    max_shift_h: float | None = None,
) -> float:
    """Return the seconds one employee worked within a span, up to now.

    Of a shift over midnight only what lies in the span counts. An `in` without its `out` counts for nothing once
    another `in` follows, or once it is older than `max_shift_h`: no time is invented.

    Args:
        events: the employee's punches that count, in their order, as kind, true time and frozen offset; they should
            reach back at least one shift before the span.
        span: when it begins and ends, as of `day_span`.
        now_at: true time now.
        max_shift_h: the longest shift; None: without limit.
    """
    begin, end = span
    total_s, since = 0.0, None
    for kind, at, _ in events:
        match kind:
            case Kind.IN | Kind.RESUME:
                since = at
            case Kind.PROJECT:
                since = since or at
            case Kind.OUT | Kind.BREAK:
                if since is not None:
                    total_s += _overlap_s(since, at, begin, end)
                since = None
    if since is not None and (max_shift_h is None or (now_at - since).total_seconds() <= max_shift_h * 3600):
        total_s += _overlap_s(since, now_at, begin, end)
    return total_s


def _overlap_s(from_at: datetime, to_at: datetime, begin: datetime, end: datetime) -> float:
    return max(0.0, (min(to_at, end) - max(from_at, begin)).total_seconds())
