"""Goodtime's times: how they are written and read, and how the way is learned.

The documentation does not say how `starttime` looks. A `TimeFormat` is either configured or learned from an entry
that exists (`learn_format`); it writes what the account itself writes, and reads it back. Directives of a pattern:
`%Y %m %d %H %M %S`, `%f` (microseconds), `%L` (milliseconds), `%z` (+0100), `%:z` (+01:00), `%F %T %R`, `%%`;
everything else stands for itself. A pattern writes the terminal's wall clock; with `utc:` before it, the clock of UTC;
so a final `Z` is true with `utc:` and a mere letter without. `epoch_ms` and `epoch_s` count from 1970 UTC.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from clockd.core.json import Json

NOON = time(12)
"""The time of a day at which it is asked how far the zone is from UTC."""
ENTRY_YEARS = range(1, 2200)
"""Of times that are read; what is reckoned from them stays far from the ends of the calendar."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The moment that times as counts begin with."""
UNITS = {"epoch_ms": timedelta(milliseconds=1), "epoch_s": timedelta(seconds=1)}
"""What the counts from 1970 count, by the name of the format."""

_DIRECTIVE = re.compile(r"%(:z|.)", re.DOTALL)
_SHORT = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M"}
_READS = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d\d)",
    "d": r"(?P<d>\d\d)",
    "H": r"(?P<H>\d\d)",
    "M": r"(?P<M>\d\d)",
    "S": r"(?P<S>\d\d)",
    "f": r"\d{1,9}",
    "L": r"\d{1,9}",
    "z": r"(?P<z>Z|[+-]\d\d(?::?\d\d)?)",
    ":z": r"(?P<z>Z|[+-]\d\d(?::?\d\d)?)",
    "%": "%",
}
_NEEDED = ("Y", "m", "d", "H", "M")


class BadFormat(ValueError):
    """A configured time format that cannot be used; the message says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """One way to write a time. Build it with `parse` or `learn_format`."""

    pattern: str
    """The directives as in the module's text, or else `epoch_ms` or `epoch_s`."""
    utc: bool = False
    """Whether the digits show UTC instead of the terminal's wall clock."""
    quoted: bool = False
    """Whether a count from 1970 travels as text instead of as a number."""

    @classmethod
    def parse(cls, text: str) -> "TimeFormat":
        """Read a format as the configuration has it.

        Raises:
            BadFormat: no pattern, a directive that is not known, or a part of the time that is missing or doubled.
        """
        if text in UNITS:
            return cls(text)
        utc = text.startswith("utc:")
        pattern = _DIRECTIVE.sub(lambda d: _SHORT.get(d[1], d[0]), text.removeprefix("utc:"))
        if "%" not in pattern:
            raise BadFormat(f'{text!r} has no %-directive; write it as "%Y-%m-%dT%H:%M:%S"')
        found = [directive[1] for directive in _DIRECTIVE.finditer(pattern)]
        for directive in found:
            if directive not in _READS:
                raise BadFormat(f"%{directive} is not known; known are %Y %m %d %H %M %S %f %L %z %:z %F %T %R")
        for needed in _NEEDED:
            if needed not in found:
                raise BadFormat(f'{text!r} lacks %{needed}; write it as "%Y-%m-%dT%H:%M:%S"')
        parts = ["z" if directive == ":z" else directive for directive in found if directive != "%"]
        if len(parts) != len(set(parts)) or pattern.replace("%%", "").endswith("%"):
            raise BadFormat(f"{text!r} says a part of the time twice, or ends in a lone %")
        return cls(pattern, utc)

    @property
    def text(self) -> str:
        """Return the format as the configuration would have it."""
        return f"utc:{self.pattern}" if self.utc else self.pattern

    @property
    def says_offset(self) -> bool:
        """Whether a time that is written tells which of two 02:30 of an autumn night it is."""
        return self.utc or self.pattern in UNITS or any(d[1] in ("z", ":z") for d in _DIRECTIVE.finditer(self.pattern))

    def write(self, local: datetime, zone: tzinfo) -> str | int:
        """Say a wall-clock time of the terminal.

        Args:
            local: naive; its `fold` tells the two 02:30 of an autumn night apart where the format can.
            zone: the terminal's zone.
        """
        moment = local.replace(tzinfo=zone)
        unit = UNITS.get(self.pattern)
        if unit is not None:
            count = (moment.astimezone(UTC) - EPOCH) // unit
            return str(count) if self.quoted else count
        if self.utc:
            moment = moment.astimezone(UTC)
        return _DIRECTIVE.sub(lambda directive: _say(directive[1], moment), self.pattern)

    def read(self, value: Json, zone: tzinfo) -> datetime | None:
        """Read a time of the tracker as naive wall clock of the terminal; None when it cannot be read.

        Forgiving where the tracker may vary: missing seconds, a fraction, a space for the `T`, or another of the forms
        that `learn_format` knows.
        """
        try:
            found = self._read(value, zone)
            if found is None and (other := learn_format(value)) is not None:
                found = other._read(value, zone)
        except (ValueError, OverflowError):
            return None
        return found if found is not None and found.year in ENTRY_YEARS else None

    def fits(self, value: Json) -> bool:
        """Whether a time of the tracker is written this way."""
        try:
            return self._read(value, UTC) is not None
        except (ValueError, OverflowError):
            return False

    def _read(self, value: Json, zone: tzinfo) -> datetime | None:
        unit = UNITS.get(self.pattern)
        if unit is not None:
            count = _count(value)
            return None if count is None else _naive(EPOCH + count * unit, zone)
        if not isinstance(value, str):
            return None
        found = _regex(self.pattern).fullmatch(value.strip())
        if found is None:
            return None
        parts = found.groupdict()
        if any(key not in parts for key in _NEEDED):
            return None
        year, month, day, hour, minute = (int(parts[key]) for key in _NEEDED)
        at = datetime(year, month, day, hour, minute, int(parts.get("S") or 0))  # noqa: DTZ001 the wall clock
        offset = parts.get("z")
        if offset is not None:
            return _naive(at.replace(tzinfo=_offset(offset)), zone)
        return _naive(at.replace(tzinfo=UTC), zone) if self.utc else at


def _say(directive: str, moment: datetime) -> str:
    match directive:
        case "Y":
            return f"{moment.year:04}"
        case "m":
            return f"{moment.month:02}"
        case "d":
            return f"{moment.day:02}"
        case "H":
            return f"{moment.hour:02}"
        case "M":
            return f"{moment.minute:02}"
        case "S":
            return f"{moment.second:02}"
        case "f":
            return f"{moment.microsecond:06}"
        case "L":
            return f"{moment.microsecond // 1000:03}"
        case "z" | ":z":
            minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
            colon = ":" if directive == ":z" else ""
            return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{colon}{abs(minutes) % 60:02}"
        case _:
            return "%"


@lru_cache(maxsize=16)
def _regex(pattern: str) -> re.Pattern[str]:
    """Make a forgiving regular expression of a pattern."""
    out: list[str] = []
    at = 0
    for directive in _DIRECTIVE.finditer(pattern):
        literal = pattern[at : directive.start()]
        at = directive.end()
        name = directive[1]
        if name == "S" and literal == ":":
            rest = pattern[at:]
            out.append(rf"(?::{_READS['S']}{'' if rest.startswith('.%') else _FRACTION})?")
            continue
        if name in ("f", "L") and literal == ".":
            out.append(rf"(?:\.{_READS[name]})?")
            continue
        out.append(re.escape(literal) + _READS[name])
        if name == "M" and "%S" not in pattern:
            out.append(rf"(?::{_READS['S']}{_FRACTION})?")
    return re.compile("".join(out) + re.escape(pattern[at:]), re.ASCII)


_FRACTION = r"(?:[.,]\d{1,9})?"


def _count(value: Json) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value.strip(), re.ASCII):
        return int(value)
    return value if isinstance(value, int) else None


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if text[0] == "-" else size)


def _naive(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


# --- learning ---------------------------------------------------------------------------------------------------

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d)?(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_TWELVE = re.compile(r"\d\s*[ap]\.?\s?m\.?(?![a-z])", re.ASCII | re.IGNORECASE)
_DOTTED = re.compile(r"\d\d\.\d\d\.\d{4}( |T|, )\d\d:\d\d(:\d\d)?", re.ASCII)


def twelve_hours(sample: Json) -> bool:
    """Whether a time says AM or PM; no format here can write that."""
    return isinstance(sample, str) and _TWELVE.search(sample.strip()) is not None


def learn_format(sample: Json) -> TimeFormat | None:
    """Say how a time of the tracker is written, so that ours can be written alike; None for a form nobody knows.

    What the form leaves open, stays open: whether a `Z` is meant, see `zone_in_doubt`.
    """
    if isinstance(sample, str):
        text = sample.strip()
        if found := _ISO.fullmatch(text):
            return _proven(_learn_iso(found), text)
        if found := _DOTTED.fullmatch(text):
            return _proven(TimeFormat(f"%d.%m.%Y{found[1]}%H:%M{':%S' if found[2] else ''}"), text)
        if re.fullmatch(r"\d{10}|\d{13}", text, re.ASCII):
            return TimeFormat("epoch_ms" if len(text) == 13 else "epoch_s", quoted=True)
        return None
    count = _count(sample)
    if count is None:
        return None
    if 10**12 <= count < 10**13:
        return TimeFormat("epoch_ms")
    return TimeFormat("epoch_s") if 10**9 <= count < 10**10 else None


def _learn_iso(found: re.Match[str]) -> TimeFormat:
    pattern = f"%Y-%m-%d{found[1]}%H:%M"
    if found[2]:
        pattern += ":%S"
        if found[3]:
            pattern += ".%L" if len(found[3]) <= 3 else ".%f"
    offset = found[4] or ""
    if not offset:
        return TimeFormat(pattern)
    if offset == "Z":
        return TimeFormat(pattern + "Z", utc=True)
    zero = not offset[1:].replace(":", "").strip("0")
    return TimeFormat(pattern + ("%:z" if ":" in offset else "%z"), utc=zero)


def _proven(form: TimeFormat, text: str) -> TimeFormat | None:
    """Drop a form that cannot read the very text it was made of (the 31st of February)."""
    return form if form.fits(text) else None


def zone_in_doubt(form: TimeFormat, zone: tzinfo) -> bool:
    """Whether a learned format says "UTC" where a wall clock may be meant.

    TimeTrack writes local time and puts a `Z` behind it; who believes it books every punch an hour off. A learned
    UTC label is doubtful unless the terminal's own zone is UTC all year; then a person decides.
    """
    if not form.utc:
        return False
    return any(zone.utcoffset(datetime(2026, month, 15)) for month in (1, 7))  # noqa: DTZ001 the zone is asked here


def settle_offset(form: TimeFormat, sample: Json, zone: tzinfo) -> TimeFormat:
    """Take the label UTC from a format whose sample carries the offset that the zone itself had at that time.

    `+00:00` in a British winter is what the wall clock there would be given, and with its offset each time stays true
    in summer as well, whatever the tracker would have written.
    """
    offset, local = offset_in(sample), form.read(sample, zone)
    if form.utc and offset is not None and local is not None and local.replace(tzinfo=zone).utcoffset() == offset:
        return TimeFormat(form.pattern)
    return form


def tells_utc_from_wall(form: TimeFormat, sample: Json, zone: tzinfo) -> bool:
    """Whether a time with the label UTC would be another one if the wall clock was meant."""
    local = form.read(sample, zone)
    return local is not None and bool(local.replace(tzinfo=zone).utcoffset())


def latest_telling_day(zone: tzinfo, before: date, within: timedelta) -> date | None:
    """Return the latest day on which the wall clock differs from UTC.

    Args:
        zone: of the wall clock.
        before: the first day that is looked at, going back.
        within: how far back is looked.
    """
    days = (before - timedelta(days=n) for n in range(within.days))
    return next((day for day in days if datetime.combine(day, NOON, zone).utcoffset()), None)


def as_wall_clock(form: TimeFormat) -> TimeFormat:
    """Return the other reading of a format that says UTC: the wall clock, with the label as a mere ornament."""
    pattern = form.pattern.replace("%:z", "+00:00").replace("%z", "+0000")
    return TimeFormat(pattern)


def offset_in(sample: Json) -> timedelta | None:
    """Return the numeric offset that a time carries; None for one without, and for a bare `Z`."""
    found = _ISO.fullmatch(sample.strip()) if isinstance(sample, str) else None
    return None if found is None or found[4] in (None, "Z") else _offset(found[4]).utcoffset(None)
