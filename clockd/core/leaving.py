"""When did you leave? Asked at the door after a forgotten clock-out, answered with two keys and the badge.

    flagged   the same badge again                    --:--
    hour      key out: later, key in: earlier         16:--
              the badge                               on to the minutes
    minute    the same keys, five minutes each        16:45
              the badge                               answered

Nothing is chosen before a key was pressed, so no time is proposed, and the badge alone never answers. Whoever walks
away has said nothing. The keys offer the times between the clock-in and the next one, but not beyond the longest shift.
They leave out the hour that a night in autumn has twice, since no key can tell which of the two was meant: that one is
left to the office.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from clockd.core.timebase import local, moments

STEP_MIN = 5
"""How many minutes a key goes on."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """How far the answer is; each key and each badge makes a new one of it."""

    in_at: datetime
    """The clock-in that lacks its clock-out."""
    until_at: datetime
    """The moment that the answer lies before."""
    zone: ZoneInfo
    hour: datetime | None = None
    """The full hour that is chosen, at the wall clock; None before one was."""
    hour_is_said: bool = False
    """Whether the badge has confirmed the hour, so that the keys now choose the minute."""
    at: datetime | None = None
    """The moment that is chosen; None before one was."""

    @property
    def chosen(self) -> bool:
        """Whether there is something that the badge would confirm."""
        return (self.at if self.hour_is_said else self.hour) is not None

    def pressed(self, *, later: bool) -> "Question":
        """Choose the next later or earlier hour or minute; after the last one comes the first."""
        if self.hour_is_said and self.hour is not None:
            return replace(self, at=_next(_moments(self, self.hour), self.at, later=later))
        return replace(self, hour=_next(_hours(self), self.hour, later=later))

    def confirmed(self) -> "Question | datetime":
        """Take the badge for a yes: go on to the minutes, or return when they left. Nothing chosen changes nothing."""
        if not self.chosen:
            return self
        return replace(self, hour_is_said=True) if self.at is None else self.at


def question(in_at: datetime, next_at: datetime, max_shift_s: float, zone: ZoneInfo) -> Question:
    """Ask when somebody left.

    Args:
        in_at: the clock-in that lacks its clock-out.
        next_at: the clock-in after it.
        max_shift_s: the longest shift.
        zone: of the terminal.
    """
    return Question(in_at, min(next_at, in_at + timedelta(seconds=max_shift_s)), zone)


def _hours(asked: Question) -> list[datetime]:
    """Every full hour of the wall clock in which they may have left."""
    hours: list[datetime] = []
    at = asked.in_at
    while at < asked.until_at + timedelta(hours=1):
        hour = local(at, asked.zone).replace(minute=0, second=0, microsecond=0)
        if hour not in hours and _moments(asked, hour):
            hours.append(hour)
        at += timedelta(minutes=30)  # some zones are half an hour off, and Lord Howe's clocks change by as much
    return hours


def _moments(asked: Question, hour: datetime) -> list[datetime]:
    found = (moments(hour + timedelta(minutes=n), asked.zone) for n in range(0, 60, STEP_MIN))
    return [times[0] for times in found if len(times) == 1 and asked.in_at < times[0] < asked.until_at]


def _next(options: list[T], chosen: T | None, *, later: bool) -> T | None:
    if not options:
        return None
    if chosen is None:
        return options[0 if later else -1]
    return options[(options.index(chosen) + (1 if later else -1)) % len(options)]
