"""How a Goodtime account writes times: learned from an entry, never guessed; or what a person has to do. Only reads.

configured, or an entry of the last month -> one of the last year -> is UTC meant? -> the format, or what to do
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from clockd.core.json import Json
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import Entry
from clockd.trackers.goodtime.search import (
    ASKED,
    EARLIER,
    RECENT,
    SPANS,
    WAITING,
    AskTracker,
    Effort,
    Found,
    Gathered,
    NotReady,
    Odd,
    Search,
    Users,
    not_ready,
)
from clockd.trackers.goodtime.wire.codec import MARGIN
from clockd.trackers.goodtime.wire.times import (
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


@dataclass(frozen=True, slots=True)
class Learned:
    """The formats that are used from now on, and what they were learned from."""

    form: TimeFormat
    """How `starttime` and `endtime` of an entry are written."""
    look_form: TimeFormat
    """How `start` and `end` of a look are written."""
    sample: Json = None
    """The start time that the format was learned from, or compared with, as Goodtime writes it; None without one."""
    entry: Entry | None = None
    """The entry that the sample was read from; None when there is none, or when it cannot be read."""


async def find_format(
    ask: AskTracker,
    time_format: str,
    zone: ZoneInfo,
    users: Users,
    now_local: datetime,
    effort: Effort = WAITING,
    gathered: Gathered | None = None,
) -> Learned | NotReady:
    """Take the configured format, or learn it from an entry.

    Args:
        ask: sends a read.
        time_format: as configured; `auto` when it has to be learned.
        zone: the terminal's.
        users: whose entries may be read.
        now_local: the terminal's wall clock.
        effort: what this try may cost.
        gathered: what the tries before came to.
    """
    configured = None
    if time_format != "auto":
        try:
            configured = TimeFormat.parse(time_format)
        except BadFormat as error:
            return NotReady("paused", sentence("tracker.time_format: {mistake}", mistake=str(error)), LINE)
    search = Search(ask, zone, now_local, users, configured, effort, gathered or Gathered())
    found = await search.entry()
    if found is not None and not isinstance(found, Found):
        return not_ready(found)
    look_form = search.gathered.look_form
    if look_form is None and users.everybody:
        return _nobody_shown(search)
    if configured is None:
        return await _learn(search, found)
    if found is not None and (refusal := _misread(configured, found, zone)) is not None:
        return refusal
    sample = None if found is None else found.samples[0]
    return Learned(configured, look_form or configured, sample, _entry(found, sample, configured, zone))


async def _learn(search: Search, found: Found | None) -> Learned | NotReady:
    """Learn the format from an entry, unless something stays open."""
    zone = search.zone
    if found is None:
        return _nothing_to_learn_from(search)
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
    if form == found.look_form or entry is None:
        return found.look_form
    again = await search.look((found.username, found.step), form)
    same = isinstance(again, Found) and any(row.id == entry.id for row in again.entries(form, search.zone))
    return form if same else found.look_form


def _entry(found: Found | None, sample: Json, form: TimeFormat, zone: ZoneInfo) -> Entry | None:
    if found is None:
        return None
    begins = form.read(sample, zone)
    return next((entry for entry in found.entries(form, zone) if entry.from_local == begins), None)


# --- what a person has to do ------------------------------------------------------------------------------------

LINE = 'write into [tracker] how Goodtime writes times, as: time_format = "%Y-%m-%dT%H:%M:%S"'
"""The hint where only a person can say what the format is."""


def _nobody_shown(search: Search) -> NotReady:
    """Say why it is not known how to ask."""
    gathered, everybody = search.gathered, search.users.everybody
    asked = {user for user, _ in (*gathered.came, *gathered.refused)}
    so_far = sentence("asked about so far: {count} of {all} users", count=len(asked), all=len(everybody))
    more = [*([] if gathered.in_vain else [so_far]), *_odd(gathered)]
    if gathered.refused:
        if gathered.in_vain:
            why = "Goodtime understands no question about time entries that clockd knows"
            hint: str = LINE
        else:
            why = "Goodtime did not understand yet how clockd asks about time entries"
            hint = sentence("it is tried again; or {to_do}", to_do=phrase(LINE))
        return NotReady("paused", _with(why, more), hint)
    if not _odd(gathered):
        why = "Goodtime shows nobody's time entries to this login"
        return NotReady("paused", _with(why, more), "check the login's rights")
    why = _with(phrase("Goodtime's answers about time entries could not be read"), more)
    if all(came.kind == "blank" for came in gathered.came.values() if isinstance(came, Odd)):
        minutes = ceil(len(everybody) / WAITING.reads)
        return NotReady("paused", why, _by_hand(search, minutes, at_once=False))
    return NotReady("offline", why, "it is tried again")


def _with(why: str, more: Sequence[str]) -> str:
    """Say something, and more about it behind it."""
    return sentence("{why}; {more}", why=phrase(why), more=_with(more[0], more[1:])) if more else why


def _nothing_to_learn_from(search: Search) -> NotReady:
    """Offer the form that Goodtime understood in a question, if that form can be meant in one way only."""
    gathered, everybody, look_form = search.gathered, search.users.everybody, search.gathered.look_form
    shown = {question for question, came in gathered.came.items() if came == "shown"}
    recent = sum((user, 0) in shown for user in everybody)
    whole = sum(all((user, step) in shown for step in range(len(SPANS))) for user in everybody)
    hidden = sum(gathered.came.get((user, 0)) in ("hidden", "refused") for user in everybody)
    none = sentence(
        "no time entry was found to learn Goodtime's time format from; looked at so far: the last {days} days of "
        "{recent} of {all} users, the last {many_days} days of {whole}",
        days=RECENT.days,
        recent=recent,
        all=len(everybody),
        many_days=SPANS[-1].days,
        whole=whole,
    )
    not_shown = [sentence("not shown to this login: {count}", count=hidden)] if hidden else []
    why = _with(none, [*not_shown, *_odd(gathered)])
    watched = [gathered.came.get((user, 0)) for user in search.users.watched]
    cost = len(watched) + watched.count("hidden") * (WAITING.hidden - 1)
    minutes = ceil(cost * len(WAITING.shares) / (WAITING.reads * WAITING.shares.count("new")))
    hint = _by_hand(search, minutes, at_once=cost <= ASKED.reads)
    if look_form is None or not _says_all(look_form):
        return NotReady("paused", why, hint)
    if look_form.utc:
        shows = phrase('it shows whether the "Z" that Goodtime understands is UTC or the wall clock')
        return NotReady("paused", why, _with(hint, [shows]))
    instead = sentence("or {to_do}", to_do=phrase(_instead(look_form)))
    return NotReady("paused", why, _with(hint, [instead]))


def _by_hand(search: Search, minutes: int, *, at_once: bool) -> str:
    """Ask for an entry, and say when a terminal that waits sees it.

    Args:
        search: whose entries are looked at.
        minutes: within how many it is noticed.
        at_once: whether it is noticed at once where a person asks for it.
    """
    return sentence(
        "enter one by hand in Goodtime, of the last {days} days, for {whom}: clockd notices it within about {minutes} "
        "min, or {sooner} with clockd sync",
        days=RECENT.days,
        whom=phrase("any of our employees" if search.users.ours else "anybody"),
        minutes=max(1, minutes),
        sooner=phrase("at once" if at_once else "sooner"),
    )


NAMED = 3
"""How many users with an odd answer are named in a message; the others are counted."""


def _odd(gathered: Gathered) -> list[str]:
    """Say what came that could not be read, and about whom: in one text, or none when there was nothing."""
    odd = {user: came.why for (user, _), came in gathered.came.items() if isinstance(came, Odd)}
    said = [sentence("{username}: {why}", username=user, why=phrase(why)) for user, why in list(odd.items())[:NAMED]]
    more = [sentence("and {count} more", count=len(odd) - NAMED)] if len(odd) > NAMED else []
    return [sentence("{answers}", answers=(*said, *more))] if said else []


def _says_all(form: TimeFormat) -> bool:
    try:
        TimeFormat.parse(form.text)
    except BadFormat:
        return False
    return True


def _unknown_form(sample: Json, whose: str) -> NotReady:
    if twelve_hours(sample):
        return _no_twelve_hours(sample, whose)
    why = sentence("clockd does not know the time format of {sample}", sample=repr(sample))
    return NotReady("paused", why, LINE)


def _no_twelve_hours(sample: Json, whose: str) -> NotReady:
    return NotReady(
        "paused",
        sentence(
            "an entry of {username} begins at {sample}; clockd cannot write times of twelve hours, so it writes "
            "nothing",
            username=whose,
            sample=repr(sample),
        ),
        "switch the account to 24 hours, if Goodtime can; the punches are kept meanwhile",
    )


async def _ask_about_zone(search: Search, found: Found, form: TimeFormat) -> NotReady:
    """Ask whether UTC is meant, with an entry that UTC and the wall clock show differently."""

    def tells(sample: Json) -> bool:
        return tells_utc_from_wall(form, sample, search.zone)

    sample = next(filter(tells, found.samples), None)
    if sample is None:
        further = await search.telling(found, tells)
        if further is None:
            return _no_entry_tells(search, found)
        if not isinstance(further, Found):
            return not_ready(further)
        found, sample = further, further.samples[0]
    form = learn_format(sample) or form
    other = as_wall_clock(form)
    as_utc, as_wall = form.read(sample, search.zone), other.read(sample, search.zone)
    assert as_utc is not None
    assert as_wall is not None
    return NotReady(
        "paused",
        sentence(
            "an entry of {username} begins at {sample}, and it is not clear whether that is UTC or the wall clock",
            username=found.username,
            sample=repr(sample),
        ),
        sentence(
            "look at it in Goodtime. If it shows {as_utc:%d %b %H:%M}, write into [tracker]: time_format = {format}; "
            "if it shows {as_wall:%d %b %H:%M}: time_format = {other}",
            as_utc=as_utc,
            format=quoted(form.text),
            as_wall=as_wall,
            other=quoted(other.text),
        ),
    )


def _no_entry_tells(search: Search, found: Found) -> NotReady:
    day = latest_telling_day(search.zone, search.now_local.date() - timedelta(days=1), EARLIER[-1] - RECENT)
    why = sentence(
        "an entry of {username} begins at {sample}, and no entry looked at so far shows whether that is UTC or the "
        "wall clock: on such days both are the same in {zone}",
        username=found.username,
        sample=repr(found.samples[0]),
        zone=search.zone.key,
    )
    when = phrase("on a day when the clocks differ from UTC")
    if day:
        example = datetime.combine(day, time())
        when = sentence("on a day when the clocks differ from UTC, such as {day:%d %b %Y}", day=example)
    hint = sentence(
        "enter one by hand in Goodtime for {username} {when}; clockd finds it and asks what Goodtime shows; then it "
        "may be deleted",
        username=found.username,
        when=when,
    )
    return NotReady("paused", why, hint)


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
            unread = sentence(
                "tracker.time_format cannot read {sample}, an entry of {username}",
                sample=repr(sample),
                username=found.username,
            )
            return NotReady("paused", unread, hint)
        if read <= last and (ends.get(read) or read) >= first:
            continue
        swapped = read.replace(month=read.day, day=read.month) if read.day <= 12 else None
        misread = other is not None and abs(other - read) > timedelta(days=1)
        if misread or (other is None and swapped is not None and first <= swapped <= last):
            return NotReady(
                "paused",
                sentence(
                    "tracker.time_format reads {sample}, an entry of {username}, as {read:%d %b %Y %H:%M}; asked was "
                    "for {begin:%d %b %Y} to {end:%d %b %Y}",
                    sample=repr(sample),
                    username=found.username,
                    read=read,
                    begin=found.begin,
                    end=found.end,
                ),
                hint,
            )
    return None


def _instead(learned: TimeFormat) -> str:
    return sentence("write into [tracker]: time_format = {format}", format=quoted(learned.text))


def quoted(text: str) -> str:
    """Write a text as TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
