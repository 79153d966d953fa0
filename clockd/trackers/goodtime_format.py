"""How a Goodtime account writes times: found by asking, learned from an entry, never guessed. Only reads.

    configured, or an entry of the last month -> one of the last year -> is UTC meant? -> the format, or what to do

`start` and `end` of a question are found by trying. A refusal may be about its form or about one user who is closed
(traps U18, U25) and no status tells which, so it takes all users to say that no form is understood.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from clockd.core.wire import Entry, Exchange, Forbidden, Json, Paused, Reply, Request, Rows, Throttled
from clockd.trackers.goodtime.codec import MARGIN, look_request, read_entries, start_samples
from clockd.trackers.goodtime.reading import Failure, read_failure, rows_of
from clockd.trackers.goodtime.times import (
    BadFormat,
    TimeFormat,
    as_wall_clock,
    latest_telling_day,
    learn_format,
    settle_offset,
    tells_utc_from_wall,
    twelve_hours,
    zone_in_doubt,
)

RECENT = timedelta(days=31)
EARLIER = (timedelta(days=124), timedelta(days=400))
"""So far back, in steps, where the last month shows nothing: over a long closure, and over a whole winter."""
MOST_LOOKED_BACK = 6
"""Entries of so many users are read at most for each of these steps."""
MOST_FOR_CONFIGURED = 3
"""A configured format is compared with an entry, if one of so many users has any."""
TRIED = (
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S%:z",
    "utc:%Y-%m-%dT%H:%M:%SZ",
    "epoch_ms",
    "%Y-%m-%dT%H:%M:%S.%L",
    "utc:%Y-%m-%dT%H:%M:%S.%LZ",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)
"""How `start` and `end` are asked for, until Goodtime understands one of them."""

Ask = Callable[[Request], Awaitable[Exchange]]


@dataclass(frozen=True, slots=True)
class NotReady:
    """Nothing may be written yet."""

    state: Literal["offline", "paused"]
    """offline: try again soon. paused: a person has to do something first."""
    reason: str
    hint: str


def not_ready(failure: Failure) -> NotReady:
    """Say what a failed read means for the start."""
    match failure:
        case Paused(why=why):
            return NotReady("paused", *_what_and_to_do(why))
        case Throttled():
            return NotReady("offline", "Goodtime says: too many requests", "wait, it is tried again")
        case _:
            return NotReady("offline", failure.why, "it is tried again")


def _what_and_to_do(why: str) -> tuple[str, str]:
    """Part what was found from what to do; Goodtime's own words stand in brackets, and may hold anything."""
    what = why.partition(" (")[0].rpartition(": ")[0]
    if not what and "): " in why:
        what = why.rpartition("): ")[0] + ")"
    return (what, why.removeprefix(f"{what}: ")) if what else (why, "")


# --- looking for an entry ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """Entries of one user."""

    username: str
    begin: datetime
    end: datetime
    """From `begin` to here was asked."""
    answer: Exchange
    samples: tuple[Json, ...]
    """The start times as Goodtime writes them."""

    def entries(self, form: TimeFormat, zone: ZoneInfo) -> tuple[Entry, ...]:
        """Read them all; empty when one of them cannot be read."""
        rows = read_entries(self.answer, form, zone, self.username)
        return rows.entries if isinstance(rows, Rows) else ()


@dataclass(slots=True)
class Search:
    """Looks for entries, and finds on the way how Goodtime wants to be asked."""

    ask: Ask
    zone: ZoneInfo
    now_local: datetime
    users: Sequence[str]
    configured: TimeFormat | None
    look_form: TimeFormat | None = None
    """The form of `start` and `end` that was understood."""
    refused: bool = False
    """Whether a question was refused as such, and not because of whose entries it asked for."""
    _shown: list[str] = field(default_factory=list)
    _hidden: set[str] = field(default_factory=set)

    async def recent(self) -> Found | Failure | None:
        """Look at the last month, one user after the other; None when nobody has an entry, or nobody is shown."""
        begin, end = self._ago(RECENT), self._ago(-timedelta(days=1))
        enough = len(self.users) if self.configured is None else MOST_FOR_CONFIGURED
        for user, form in self._questions():
            if user in self._shown or user in self._hidden or self.look_form not in (None, form):
                continue
            if len(self._shown) >= enough:
                break
            found = await self.look(user, form, begin, end)
            if isinstance(found, Found):
                self.look_form = form
                self._shown.append(user)
                if found.samples:
                    return found
            elif found == "hidden":
                self._hidden.add(user)
            elif found == "refused":
                self.refused = True
            else:
                return found
        return None

    def _questions(self) -> Iterator[tuple[str, TimeFormat]]:
        """What to try in which order: with everybody what was configured, and only then other forms."""
        forms = [TimeFormat(text.removeprefix("utc:"), utc=text.startswith("utc:")) for text in TRIED]
        if self.configured is not None:
            yield from ((user, self.configured) for user in self.users)
        yield from ((user, form) for user in self.users for form in forms if form != self.configured)

    async def earlier(self, first: str | None, tells: Callable[[Json], bool]) -> Found | Failure | None:
        """Look further back for an entry that tells what is asked.

        Args:
            first: whose entries to begin with.
            tells: whether a start time will do; what is found has such samples only.
        """
        assert self.look_form is not None
        users = sorted(self._shown, key=lambda user: user != first)[:MOST_LOOKED_BACK]
        end = self._ago(RECENT)
        for back in EARLIER:
            begin = self._ago(back)
            for user in users:
                found = await self.look(user, self.look_form, begin, end)
                if isinstance(found, str):
                    continue
                if not isinstance(found, Found):
                    return found
                if samples := tuple(filter(tells, found.samples)):
                    return Found(user, begin, end, found.answer, samples)
            end = begin
        return None

    async def look(
        self, user: str, form: TimeFormat, begin: datetime, end: datetime
    ) -> Found | Failure | Literal["hidden", "refused"]:
        """Ask once.

        Returns:
            hidden: this user's entries are not shown to us. refused: Goodtime does not understand, or does not want to.
        """
        answer = await self.ask(look_request(user, begin, end, form, self.zone))
        failure = read_failure(answer)
        if failure is None:
            rows = rows_of(answer)
            return Found(user, begin, end, answer, start_samples(answer)) if isinstance(rows, tuple) else rows
        if isinstance(failure, Forbidden):
            return "hidden"
        if isinstance(failure, Paused | Throttled) or not isinstance(answer, Reply) or answer.status > 500:
            return failure
        return "refused"

    def _ago(self, back: timedelta) -> datetime:
        return self.now_local.replace(second=0, microsecond=0) - back


# --- the format -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Learned:
    """The format that is used from now on."""

    form: TimeFormat
    look_form: TimeFormat
    sample: Json = None
    """The start time that it was learned from, or compared with."""
    entry: Entry | None = None
    """The entry that the sample stands in."""


async def find_format(
    ask: Ask, time_format: str, zone: ZoneInfo, users: Sequence[str], now_local: datetime
) -> Learned | NotReady:
    """Take the configured format, or learn it from an entry.

    Args:
        ask: sends a read.
        time_format: as configured; `auto`: to be learned.
        zone: the terminal's.
        users: whose entries may be read, the likely ones first.
        now_local: the terminal's wall clock.
    """
    configured = None
    if time_format != "auto":
        try:
            configured = TimeFormat.parse(time_format)
        except BadFormat as error:
            return NotReady("paused", f"tracker.time_format: {error}", LINE)
    search = Search(ask, zone, now_local, users, configured)
    found = await search.recent()
    if found is not None and not isinstance(found, Found):
        return not_ready(found)
    if search.look_form is None and users:
        if search.refused:
            return NotReady("paused", "Goodtime understands no question about time entries that clockd knows", LINE)
        return NotReady("paused", "Goodtime shows nobody's time entries to this login", "check the login's rights")
    if configured is None:
        return await _learn(search, found)
    if found is not None and (refusal := _misread(configured, found, zone)) is not None:
        return refusal
    sample = None if found is None else found.samples[0]
    return Learned(configured, search.look_form or configured, sample, _entry(found, sample, configured, zone))


async def _learn(search: Search, found: Found | None) -> Learned | NotReady:
    """Learn the format from an entry, unless something stays open."""
    zone = search.zone
    if found is None and search.look_form is not None:
        further = await search.earlier(None, lambda sample: True)
        if further is not None and not isinstance(further, Found):
            return not_ready(further)
        found = further
    if found is None:
        return _nothing_to_learn_from(search.look_form)
    sample = found.samples[0]
    learned = learn_format(sample)
    if learned is None:
        return _unknown_form(sample, found.username)
    form = settle_offset(learned, sample, zone)
    if zone_in_doubt(form, zone):
        return await _ask_about_zone(search, found, form)
    entry = _entry(found, sample, form, zone)
    return Learned(form, await _look_form(search, found, form, entry), sample, entry)


async def _look_form(search: Search, found: Found, form: TimeFormat, entry: Entry | None) -> TimeFormat:
    """Ask in the learned form too from now on, if the entry is found that way."""
    assert search.look_form is not None
    if form == search.look_form or entry is None:
        return search.look_form
    again = await search.look(found.username, form, found.begin, found.end)
    same = isinstance(again, Found) and any(row.id == entry.id for row in again.entries(form, search.zone))
    return form if same else search.look_form


def _entry(found: Found | None, sample: Json, form: TimeFormat, zone: ZoneInfo) -> Entry | None:
    if found is None:
        return None
    begins = form.read(sample, zone)
    return next((entry for entry in found.entries(form, zone) if entry.from_local == begins), None)


# --- what a person has to do ------------------------------------------------------------------------------------

LINE = 'write into [tracker] how Goodtime writes times, as: time_format = "%Y-%m-%dT%H:%M:%S"'


def _nothing_to_learn_from(look_form: TimeFormat | None) -> NotReady:
    """Offer the form that Goodtime understood in a question, if that form can be meant in one way only."""
    why = f"Goodtime has no time entry of the last {EARLIER[-1].days} days from which its time format could be learned"
    by_hand = "enter one by hand in Goodtime"
    if look_form is None or not _says_all(look_form):
        return NotReady("paused", why, by_hand)
    if look_form.utc:
        hint = f'{by_hand}: it shows whether the "Z" that Goodtime understands is UTC or the wall clock'
        return NotReady("paused", why, hint)
    return NotReady("paused", why, f"{by_hand}; or write into [tracker]: time_format = {quoted(look_form.text)}")


def _says_all(form: TimeFormat) -> bool:
    try:
        TimeFormat.parse(form.text)
    except BadFormat:
        return False
    return True


def _unknown_form(sample: Json, whose: str) -> NotReady:
    if twelve_hours(sample):
        return _no_twelve_hours(sample, whose)
    return NotReady("paused", f"clockd does not know the time format of {sample!r}", LINE)


def _no_twelve_hours(sample: Json, whose: str) -> NotReady:
    return NotReady(
        "paused",
        f"an entry of {whose} begins at {sample!r}; clockd cannot write times of twelve hours, so it writes nothing",
        "switch the account to 24 hours, if Goodtime can; the punches are kept meanwhile",
    )


async def _ask_about_zone(search: Search, found: Found, form: TimeFormat) -> NotReady:
    """Ask whether UTC is meant, with an entry that UTC and the wall clock show differently."""

    def tells(sample: Json) -> bool:
        return tells_utc_from_wall(form, sample, search.zone)

    sample = next(filter(tells, found.samples), None)
    if sample is None:
        further = await search.earlier(found.username, tells)
        if further is None:
            return _no_entry_tells(search, found)
        if not isinstance(further, Found):
            return not_ready(further)
        found, sample = further, further.samples[0]
    form = learn_format(sample) or form
    other = as_wall_clock(form)
    as_utc, as_wall = form.read(sample, search.zone), other.read(sample, search.zone)
    return NotReady(
        "paused",
        f"an entry of {found.username} begins at {sample!r}, and it is not clear whether that is UTC or the wall clock",
        f"look at it in Goodtime. If it shows {as_utc:%d %b %H:%M}, write into [tracker]: time_format = "
        f"{quoted(form.text)}; if it shows {as_wall:%d %b %H:%M}: time_format = {quoted(other.text)}",
    )


def _no_entry_tells(search: Search, found: Found) -> NotReady:
    day = latest_telling_day(search.zone, search.now_local.date() - timedelta(days=1), EARLIER[-1] - RECENT)
    example = f", such as {day:%d %b %Y}" if day else ""
    return NotReady(
        "paused",
        f"an entry of {found.username} begins at {found.samples[0]!r}, and no entry shows whether that is UTC or the "
        f"wall clock: on such days both are the same in {search.zone.key}",
        f"enter one by hand in Goodtime for {found.username} on a day when the clocks differ from UTC{example}; "
        "clockd finds it and asks what Goodtime shows; then it may be deleted",
    )


def _misread(form: TimeFormat, found: Found, zone: ZoneInfo) -> NotReady | None:
    """Refuse a configured format that reads Goodtime's own times wrongly, as with day and month in each other's place.

    A server that shows other days than it was asked for is no proof against the format; nor is an entry that began
    before the span and reaches into it. That it can be read as another day is one: as the form that it shows, or in
    the other order of day and month, where that lies within the span.
    """
    first, last = found.begin - MARGIN, found.end + MARGIN
    ends = {entry.from_local: entry.to_local for entry in found.entries(form, zone)}
    for sample in found.samples:
        if twelve_hours(sample):
            return _no_twelve_hours(sample, found.username)
        learned = learn_format(sample)
        other = None if learned is None else learned.read(sample, zone)
        read = form.read(sample, zone)
        hint = LINE if learned is None or learned.utc else _instead(learned)
        if read is None:
            if other is None:
                continue
            return NotReady("paused", f"tracker.time_format cannot read {sample!r}, an entry of {found.username}", hint)
        if read <= last and (ends.get(read) or read) >= first:
            continue
        swapped = read.replace(month=read.day, day=read.month) if read.day <= 12 else None
        misread = other is not None and abs(other - read) > timedelta(days=1)
        if misread or (other is None and swapped is not None and first <= swapped <= last):
            return NotReady(
                "paused",
                f"tracker.time_format reads {sample!r}, an entry of {found.username}, as {read:%d %b %Y %H:%M}; "
                f"asked was for {found.begin:%d %b %Y} to {found.end:%d %b %Y}",
                hint,
            )
    return None


def _instead(learned: TimeFormat) -> str:
    return f"write into [tracker]: time_format = {quoted(learned.text)}"


def quoted(text: str) -> str:
    """Write a text as TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
