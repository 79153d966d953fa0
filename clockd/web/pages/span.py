"""Which days a page of hours shows: a week or a month around a day, and those before and after it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class View(StrEnum):
    """How much is shown at once."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """A week from Monday on, or a month."""

    view: View
    first: date
    last: date

    @classmethod
    def around(cls, view_text: str, day_text: str, today: date) -> "Span":
        """Return what an address asks for; this week where it cannot be meant."""
        view = View(view_text) if view_text in set(View) else View.WEEK
        try:
            day = date.fromisoformat(day_text)
        except ValueError:
            day = today
        if day.year not in range(1991, 2199):
            day = today
        if view is View.WEEK:
            first = day - timedelta(days=day.weekday())
            return cls(view, first, first + timedelta(days=6))
        first = day.replace(day=1)
        return cls(view, first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> date:
        """A day of the span before."""
        return self.first - timedelta(days=1)

    @property
    def after(self) -> date:
        """A day of the span after."""
        return self.last + timedelta(days=1)

    @property
    def week(self) -> int:
        """The number of the week."""
        return self.first.isocalendar().week
