"""How a Goodtime account writes times: found by asking, learned from an entry, never guessed. Only reads.

    configured, or an entry of the last month -> one of the last year -> is UTC meant? -> the format, or what to do

`start` and `end` of a question are found by trying. A refusal may be about its form or about one user who is closed
(traps U18, U25) and no status tells which, so it takes all users to say that no form is understood.

A try reads little (`Effort`), because the account's requests are few and a person may need them too; the next one goes
on where it ended (`Gathered`), so that all users are read in turn.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Literal
from zoneinfo import ZoneInfo

from clockd.core.wire import (
    Entry,
    Exchange,
    Forbidden,
    Json,
    NoAnswer,
    NotApplied,
    Paused,
    Reply,
    Request,
    Rows,
    Throttled,
)
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
SPANS = (RECENT, *EARLIER)
"""Each reaches back from where the one before begins; the first from tomorrow."""
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
Question = tuple[str, int]
"""Whose entries, and of which of `SPANS`."""


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
class Users:
    """Whose entries may be read."""

    ours: tuple[str, ...]
    """Who has a badge."""
    others: tuple[str, ...] = ()

    @property
    def everybody(self) -> tuple[str, ...]:
        """All of them, ours first."""
        return (*self.ours, *self.others)

    @property
    def watched(self) -> tuple[str, ...]:
        """Whose new entries are looked for above all."""
        return self.ours or self.others


Share = Literal["new", "others", "earlier"]
"""new: the last month of those who are watched. others: that of the others. earlier: what is further back."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What one try may cost."""

    reads: int
    """So many reads of entries; a few more where a first entry was found and leaves something open."""
    shares: tuple[Share, ...] = ("new", "new", "others", "new", "new", "earlier")
    """What is read in turn."""
    hidden: int = 2
    """Reads that a user costs who is not shown: the session makes sure that its login still works (trap U25)."""


WAITING = Effort(reads=6)
"""By itself, once a minute."""
ASKED = Effort(reads=20, shares=("new",))
"""Somebody asks for it."""
CHECKING = Effort(reads=13, hidden=1)
"""`clockd check`, beside a terminal that waits, and which asks nothing twice."""


@dataclass(frozen=True, slots=True)
class Odd:
    """An answer about one user that could not be read: no proof of anything, and no reason to ask nobody else."""

    why: str
    kind: Literal["unreadable", "blank", "silence"] = "unreadable"
    """blank: nothing, or null, as some servers say "none". silence: no answer at all."""


Came = Literal["shown", "hidden", "refused"] | Odd


@dataclass(slots=True)
class Gathered:
    """What the tries came to so far: the next one goes on from here."""

    look_form: TimeFormat | None = None
    """The form of `start` and `end` that was understood."""
    found: Question | None = None
    """Where an entry was found: read first, so that what is said of it does not change with each try."""
    came: dict[Question, Came] = field(default_factory=dict)
    """What came of each question when it was asked last; what was asked longest ago stands first."""
    refused: set[tuple[str, TimeFormat]] = field(default_factory=set)
    """Who was asked about in which form in vain, before one was understood."""
    in_vain: bool = False
    """Whether everybody was asked about in every form."""

    def note(self, question: Question, came: Came) -> None:
        """Remember an answer."""
        self.came.pop(question, None)
        self.came[question] = came

    def forget(self) -> None:
        """Begin anew."""
        self.look_form, self.found = None, None
        self.came.clear()
        self.refused.clear()

    def longest_ago(self, questions: Iterator[Question]) -> list[Question]:
        """Bring questions into the order of their turn; what was never asked comes first, in the order given."""
        turns = {question: turn for turn, question in enumerate(self.came, start=1)}
        return sorted(questions, key=lambda question: turns.get(question, 0))


@dataclass(frozen=True, slots=True)
class Found:
    """Entries of one user."""

    username: str
    step: int
    """Which of `SPANS` they are of."""
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
    """One try: looks for entries, and finds on the way how Goodtime wants to be asked."""

    ask: Ask
    zone: ZoneInfo
    now_local: datetime
    users: Users
    configured: TimeFormat | None
    effort: Effort
    gathered: Gathered
    _spent: int = 0
    _asked: set[Question] = field(default_factory=set)

    async def entry(self) -> Found | Failure | None:
        """Look for an entry as far as the reads go; None when there was none, or nobody is shown."""
        gathered = self.gathered
        if (again := gathered.found) is not None and gathered.look_form is not None:
            found = await self._put(again, gathered.look_form)
            if found is None or gathered.came.get(again) != "shown":
                gathered.found = None
        elif gathered.look_form is None:
            found = await self._find_form()
        else:
            found = None
        while found is None and self._goes_on() and gathered.look_form and (question := self._next()):
            found = await self._put(question, gathered.look_form)
        if isinstance(found, Found):
            gathered.found = found.username, found.step
        return found

    async def _find_form(self) -> Found | Failure | None:
        """Try one form after the other until one is understood."""
        if self.gathered.in_vain and not any(self._untried()):
            self.gathered.forget()
        for user, form in self._untried():
            if not self._goes_on() or self.gathered.look_form is not None:
                break
            found = await self._put((user, 0), form)
            if found is not None:
                return found
        if self.gathered.look_form is None and not any(self._untried()):
            self.gathered.in_vain = True
        return None

    def _untried(self) -> Iterator[tuple[str, TimeFormat]]:
        """What to try in which order: with everybody what was configured, and only then other forms."""
        forms = [TimeFormat(text.removeprefix("utc:"), utc=text.startswith("utc:")) for text in TRIED]
        pairs = [(user, form) for user in self.users.everybody for form in forms if form != self.configured]
        if self.configured is not None:
            pairs = [*((user, self.configured) for user in self.users.everybody), *pairs]
        for user, form in pairs:
            if (user, form) not in self.gathered.refused and (user, 0) not in self.gathered.came:
                yield user, form

    def _next(self) -> Question | None:
        """What to ask next, once it is known how: each share in its turn, or what was asked longest ago."""
        if self.configured is not None and self._shown_now() >= MOST_FOR_CONFIGURED:
            return None
        share = self.effort.shares[len(self._asked) % len(self.effort.shares)]
        fitting = self._open(share) or self.gathered.longest_ago(
            question for each in ("new", "others", "earlier") for question in self._open(each)
        )
        return fitting[0] if fitting else None

    def _open(self, share: Share) -> list[Question]:
        """What this try did not ask yet, in the order of its turn."""
        questions: Iterator[Question]
        match share:
            case "new":
                questions = ((user, 0) for user in self.users.watched)
            case "others":
                questions = ((user, 0) for user in self.users.others)
            case "earlier" if self.configured is None:
                shown = [user for user in self.users.everybody if self.gathered.came.get((user, 0)) == "shown"]
                questions = ((user, step) for step in range(1, len(SPANS)) for user in shown)
            case _:
                questions = iter(())
        return self.gathered.longest_ago(question for question in questions if question not in self._asked)

    def _shown_now(self) -> int:
        return sum(self.gathered.came.get(question) == "shown" for question in self._asked)

    async def telling(self, first: str, tells: Callable[[Json], bool]) -> Found | Failure | None:
        """Look further for an entry that tells what is asked.

        Args:
            first: whose entries to begin with; these are read in any case.
            tells: whether a start time will do; what is found has such samples only.
        """
        gathered, form = self.gathered, self.gathered.look_form
        assert form is not None
        steps = range(len(SPANS))
        others = (
            (user, step)
            for step in steps
            for user in self.users.everybody
            if user != first and gathered.came.get((user, 0), "shown") == "shown"
        )
        for question in [*((first, step) for step in steps), *gathered.longest_ago(others)]:
            if question in self._asked or not (question[0] == first or self._goes_on()):
                continue
            found = await self._put(question, form)
            if isinstance(found, Found):
                if samples := tuple(filter(tells, found.samples)):
                    gathered.found = question
                    return replace(found, samples=samples)
            elif found is not None:
                return found
        return None

    def _goes_on(self) -> bool:
        return self._spent < self.effort.reads

    async def _put(self, question: Question, form: TimeFormat) -> Found | Failure | None:
        """Ask, and remember what came; None when it was nothing to learn from, and others can be asked."""
        gathered = self.gathered
        came = await self.look(question, form)
        self._asked.add(question)
        match came:
            case Found():
                gathered.look_form, gathered.in_vain = form, False
                gathered.note(question, "shown")
                return came if came.samples else None
            case "refused" if gathered.look_form is None:
                gathered.refused.add((question[0], form))
            case "refused":
                gathered.note(question, came)
                if not any(gathered.came.get((user, 0)) == "shown" for user in self.users.everybody):
                    gathered.forget()
                    gathered.refused.add((question[0], form))
            case Odd(why=why, kind=kind):
                gathered.note(question, came)
                if kind == "silence" and not (self.configured is not None and self._shown_now()):
                    return NotApplied(f"asked about {question[0]}: {why}")
            case "hidden":
                gathered.note(question, came)
            case failure:
                return failure
        return None

    async def look(self, question: Question, form: TimeFormat) -> Found | Failure | Odd | Literal["hidden", "refused"]:
        """Ask once.

        Returns:
            hidden: this user's entries are not shown to us. refused: Goodtime does not understand, or does not want to.
            A failure concerns everybody.
        """
        user, step = question
        begin = self._ago(SPANS[step])
        end = self._ago(SPANS[step - 1] if step else -timedelta(days=1))
        self._spent += 1
        answer = await self.ask(look_request(user, begin, end, form, self.zone))
        failure = read_failure(answer)
        if failure is None:
            rows = rows_of(answer)
            if isinstance(rows, tuple):
                return Found(user, step, begin, end, answer, start_samples(answer))
            return Odd(_why(rows), "blank" if _is_blank(answer) else "unreadable")
        if isinstance(failure, Forbidden):
            self._spent += self.effort.hidden - 1
            return "hidden"
        if isinstance(answer, NoAnswer):
            return Odd(answer.why, "silence")
        if isinstance(failure, Paused | Throttled) or not isinstance(answer, Reply):
            return failure
        return Odd(_why(failure)) if answer.status > 500 else "refused"

    def _ago(self, back: timedelta) -> datetime:
        return self.now_local.replace(second=0, microsecond=0) - back


def _why(failure: Failure) -> str:
    return "too many requests" if isinstance(failure, Throttled) else failure.why


def _is_blank(answer: Exchange) -> bool:
    return isinstance(answer, Reply) and answer.body.strip() in (b"", b"null")


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
    ask: Ask,
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
        time_format: as configured; `auto`: to be learned.
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
            return NotReady("paused", f"tracker.time_format: {error}", LINE)
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
    look_form = search.gathered.look_form
    assert look_form is not None
    if form == look_form or entry is None:
        return look_form
    again = await search.look((found.username, found.step), form)
    same = isinstance(again, Found) and any(row.id == entry.id for row in again.entries(form, search.zone))
    return form if same else look_form


def _entry(found: Found | None, sample: Json, form: TimeFormat, zone: ZoneInfo) -> Entry | None:
    if found is None:
        return None
    begins = form.read(sample, zone)
    return next((entry for entry in found.entries(form, zone) if entry.from_local == begins), None)


# --- what a person has to do ------------------------------------------------------------------------------------

LINE = 'write into [tracker] how Goodtime writes times, as: time_format = "%Y-%m-%dT%H:%M:%S"'


def _nobody_shown(search: Search) -> NotReady:
    """Say why it is not known how to ask."""
    gathered, everybody = search.gathered, search.users.everybody
    asked = {user for user, _ in (*gathered.came, *gathered.refused)}
    so_far = "" if gathered.in_vain else f"; asked about so far: {len(asked)} of {len(everybody)} users"
    odd = _odd(gathered)
    if gathered.refused:
        why, hint = "Goodtime understands no question about time entries that clockd knows", LINE
        if not gathered.in_vain:
            why, hint = (
                "Goodtime did not understand yet how clockd asks about time entries",
                f"it is tried again; or {LINE}",
            )
        return NotReady("paused", f"{why}{so_far}" + (f"; {odd}" if odd else ""), hint)
    if not odd:
        why = f"Goodtime shows nobody's time entries to this login{so_far}"
        return NotReady("paused", why, "check the login's rights")
    why = f"Goodtime's answers about time entries could not be read{so_far}; {odd}"
    if all(came.kind == "blank" for came in gathered.came.values() if isinstance(came, Odd)):
        minutes = ceil(len(everybody) / WAITING.reads)
        return NotReady("paused", why, f"{_by_hand(search)}: {_noticed(minutes, at_once=False)}")
    return NotReady("offline", why, "it is tried again")


def _nothing_to_learn_from(search: Search) -> NotReady:
    """Offer the form that Goodtime understood in a question, if that form can be meant in one way only."""
    gathered, everybody, look_form = search.gathered, search.users.everybody, search.gathered.look_form
    shown = {question for question, came in gathered.came.items() if came == "shown"}
    recent = sum((user, 0) in shown for user in everybody)
    whole = sum(all((user, step) in shown for step in range(len(SPANS))) for user in everybody)
    hidden = sum(gathered.came.get((user, 0)) in ("hidden", "refused") for user in everybody)
    why = (
        "no time entry was found to learn Goodtime's time format from; looked at so far: the last "
        f"{RECENT.days} days of {recent} of {len(everybody)} users, the last {SPANS[-1].days} days of {whole}"
    )
    if hidden:
        why += f"; not shown to this login: {hidden}"
    if odd := _odd(gathered):
        why += f"; {odd}"
    watched = [gathered.came.get((user, 0)) for user in search.users.watched]
    cost = len(watched) + watched.count("hidden") * (WAITING.hidden - 1)
    minutes = ceil(cost * len(WAITING.shares) / (WAITING.reads * WAITING.shares.count("new")))
    hint = f"{_by_hand(search)}: {_noticed(minutes, at_once=cost <= ASKED.reads)}"
    if look_form is None or not _says_all(look_form):
        return NotReady("paused", why, hint)
    if look_form.utc:
        hint += '; it shows whether the "Z" that Goodtime understands is UTC or the wall clock'
        return NotReady("paused", why, hint)
    return NotReady("paused", why, f"{hint}; or write into [tracker]: time_format = {quoted(look_form.text)}")


def _by_hand(search: Search) -> str:
    whom = "any of our employees" if search.users.ours else "anybody"
    return f"enter one by hand in Goodtime, of the last {RECENT.days} days, for {whom}"


def _noticed(minutes: int, *, at_once: bool) -> str:
    """Say when a terminal that waits sees a new entry."""
    sync = "at once" if at_once else "sooner"
    return f"clockd notices it within about {max(1, minutes)} min, or {sync} with clockd sync"


NAMED = 3
"""So many users with an odd answer are named."""


def _odd(gathered: Gathered) -> str:
    """Say about whom what came that could not be read; empty when there was nothing."""
    odd = {user: came.why for (user, _), came in gathered.came.items() if isinstance(came, Odd)}
    said = [f"{user}: {why}" for user, why in list(odd.items())[:NAMED]]
    more = [f"and {len(odd) - NAMED} more"] if len(odd) > NAMED else []
    return ", ".join([*said, *more])


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
        further = await search.telling(found.username, tells)
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
        f"an entry of {found.username} begins at {found.samples[0]!r}, and no entry looked at so far shows whether "
        f"that is UTC or the wall clock: on such days both are the same in {search.zone.key}",
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
