"""One employee's hours as a picture: what stands where. Pure; the template draws it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from clockd.web.pages.reading import DocumentRow, objects_of
from clockd.web.pages.span import Span

DAY_MIN = 24 * 60
EARLIEST_H, LATEST_H = 6, 20
"""A picture shows at least these hours."""
MOST_H = 48
STEP_H = 2
"""Between two lines."""
SHORTEST_MIN = 4
"""So wide is the narrowest bar, that it can be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of work, or a break; from and to in minutes after the day's midnight."""

    what: str
    """work, running, uncertain, held or break."""
    begins_min: float
    ends_min: float
    from_local: str
    to_local: str | None
    seconds: int
    project: str | None = None

    @property
    def width_min(self) -> float:
        """How wide it is drawn."""
        return max(SHORTEST_MIN, self.ends_min - self.begins_min)


@dataclass(frozen=True, slots=True)
class LackMark:
    """A punch that lacks something."""

    at_min: float
    what: str
    id: str
    local: str


@dataclass(slots=True)
class DayRow:
    """One row of the picture."""

    day: date
    bars: list[Bar] = field(default_factory=list)
    marks: list[LackMark] = field(default_factory=list)
    worked_s: int = 0
    break_s: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole picture."""

    days: Sequence[DayRow]
    begins_min: int
    """The left edge, and …"""
    ends_min: int
    """… the right one, in minutes after midnight."""
    hours: Sequence[int]
    """Where a line is drawn, in hours."""
    worked_s: int
    break_s: int
    missing: Sequence[DocumentRow]

    @property
    def width_min(self) -> int:
        """How wide it is."""
        return self.ends_min - self.begins_min


def sheet_of(document: DocumentRow, span: Span, now_local: datetime) -> Sheet:
    """Lay out what `clockd hours --json` says of one employee.

    Args:
        document: of these days.
        span: the days.
        now_local: where bars end that still run.
    """
    days = {day: DayRow(day) for day in span.days}
    for row in objects_of(document["days"]):
        day = days.get(date.fromisoformat(str(row["day"])))
        if day is not None:
            day.worked_s, day.break_s = int(row["worked_s"]), int(row["break_s"])
            day.bars += [_bar(one, day.day, now_local) for one in objects_of(row["work"])]
            day.bars += [_pause(one, day.day) for one in objects_of(row["breaks"])]
            day.bars.sort(key=lambda bar: bar.begins_min)
    missing = objects_of(document["missing"])
    for lack in missing:
        at = datetime.fromisoformat(str(lack["local"]))
        if lack["clock"] != "uncertain" and (day := days.get(at.date())) is not None:
            day.marks.append(LackMark(_minute(at, day.day), str(lack["what"]), str(lack["id"]), str(lack["local"])))
    edges = [edge for day in days.values() for bar in day.bars for edge in (bar.begins_min, bar.ends_min)]
    edges += [mark.at_min for day in days.values() for mark in day.marks]
    first_h = min(EARLIEST_H, *(int(edge // 60) for edge in edges)) if edges else EARLIEST_H
    last_h = max(LATEST_H, *(int(-(-edge // 60)) for edge in edges)) if edges else LATEST_H
    first_h, last_h = first_h - first_h % STEP_H, min(MOST_H, last_h + last_h % STEP_H)
    return Sheet(
        list(days.values()),
        first_h * 60,
        last_h * 60,
        range(first_h, last_h + 1, STEP_H),
        int(document["worked_s"]),
        int(document["break_s"]),
        missing,
    )


def _bar(row: DocumentRow, day: date, now_local: datetime) -> Bar:
    begins = datetime.fromisoformat(str(row["from_local"]))
    ends = now_local if row["to_local"] is None else datetime.fromisoformat(str(row["to_local"]))
    marks = ("held", "uncertain", "running")
    what = next((mark for mark in marks if row[mark]), "work")
    to_local = None if row["to_local"] is None else str(row["to_local"])
    return Bar(
        what,
        _minute(begins, day),
        _minute(ends, day),
        str(row["from_local"]),
        to_local,
        int(row["worked_s"]),
        row["project"],
    )


def _pause(row: DocumentRow, day: date) -> Bar:
    begins, ends = (datetime.fromisoformat(str(row[name])) for name in ("from_local", "to_local"))
    return Bar(
        "break",
        _minute(begins, day),
        _minute(ends, day),
        str(row["from_local"]),
        str(row["to_local"]),
        int(row["break_s"]),
    )


def _minute(at: datetime, day: date) -> float:
    """Return how long after a day's midnight this is on the wall clock."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the wall clock's
    return min(MOST_H * 60.0, max(0.0, (at - midnight).total_seconds() / 60))
