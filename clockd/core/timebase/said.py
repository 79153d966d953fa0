"""Times as an admin writes them: `08:00`, `yesterday 17:05`, `29.11.2026 17:05`, ISO 8601."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clockd.core.forms import TIME_FORMS
from clockd.core.sentence import sentence
from clockd.core.timebase.wall import local, moments

YEARS = range(1990, 2200)
"""Of times that somebody can mean; the calendar of Python ends."""
DAYS_AGO = {"today": 0, "yesterday": 1, "heute": 0, "gestern": 1}
_DAY = rf"((?P<word>{'|'.join(DAYS_AGO)})|(?P<day>\d{{1,2}})\.\s*(?P<month>\d{{1,2}})\.\s*(?P<year>\d{{4}}))"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(:(?P<second>\d{2}))?"
_WITH_DAY = re.compile(rf"{_DAY}(\s+{_TIME})?", re.ASCII | re.IGNORECASE)
_SAYS_A_TIME = re.compile(r"\d:\d|\dT\d", re.ASCII | re.IGNORECASE)
_TIME_ALONE = re.compile(_TIME, re.ASCII)


class BadTime(ValueError):
    """A text that is no time; the message says why.

    Args:
        why: in a sentence, with the text.
        hint: what to write instead.
    """

    def __init__(self, why: str, hint: str) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint


@dataclass(frozen=True, slots=True)
class SaidTime:
    """A time as it was said."""

    local: datetime
    """Naive wall clock of the zone."""
    at: datetime | None
    """UTC, where an offset was written with it."""


def read_time(text: str, now_at: datetime, zone: ZoneInfo, *, false_z: bool = False) -> SaidTime:
    """Read a time; a day that is not said is today, and a day alone is its midnight.

    Args:
        text: as somebody wrote it.
        now_at: aware; says which day today is.
        zone: whose wall clock is meant.
        false_z: a `Z` at the end is a mere letter, as where the tracker writes wall-clock times with it.

    Raises:
        BadTime: it is none, or in a year that cannot be meant.
    """
    shown = repr(text.strip()[:60])
    if false_z and _SAYS_A_TIME.search(text):
        text = text.strip().removesuffix("Z")
    found = _ours(text.strip(), local(now_at, zone).date())
    try:
        at = found or datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadTime(sentence("{shown} is no time", shown=shown), TIME_FORMS) from None
    if at.year not in YEARS:
        raise BadTime(
            sentence("{shown} cannot be meant", shown=shown),
            sentence("years from {first} to {last}", first=YEARS[0], last=YEARS[-1]),
        )
    if at.tzinfo is None:
        return SaidTime(at, None)
    return SaidTime(local(at, zone), at.astimezone(UTC))


def read_moment(text: str, now_at: datetime, zone: ZoneInfo, *, false_z: bool = False) -> datetime:
    """Read the moment of a time, as aware UTC.

    Raises:
        BadTime: as for `read_time`; or it is a day alone, or it does not exist, or exists twice (the nights
            the clocks change).
    """
    said = read_time(text, now_at, zone, false_z=false_z)
    if said.local.time() == time() and not _SAYS_A_TIME.search(text):
        raise BadTime(sentence("{shown} is a day without a time", shown=repr(text.strip()[:60])), TIME_FORMS)
    if said.at is not None:
        return said.at
    times = moments(said.local, zone)
    if len(times) == 1:
        return times[0]
    shown = repr(text.strip()[:60])
    if times:
        raise BadTime(
            sentence("{shown} exists twice: the clocks went back over it", shown=shown),
            "add an offset, as 2026-10-25 02:30+01:00",
        )
    raise BadTime(
        sentence("{shown} does not exist: the clocks went forward over it", shown=shown),
        "add an offset, as 2026-03-29 02:30+01:00",
    )


def _ours(text: str, today: date) -> datetime | None:
    """Read the forms that are not ISO 8601; None for a text that has another form, or says what is no time."""
    found = _WITH_DAY.fullmatch(text) or _TIME_ALONE.fullmatch(text)
    if found is None:
        return None
    said, day = found.groupdict(), today
    try:
        if said.get("word"):
            day = today - timedelta(days=DAYS_AGO[said["word"].lower()])
        elif said.get("day"):
            day = date(int(said["year"]), int(said["month"]), int(said["day"]))
        return datetime.combine(day, time()).replace(
            hour=int(said["hour"] or 0), minute=int(said["minute"] or 0), second=int(said["second"] or 0)
        )
    except ValueError:
        return None
