"""Looking for an entry of a Goodtime account, to learn from: who is asked, how, how often, and what came. Only reads.

`start` and `end` of a question are found by trying. A refusal may be about its form or about one user who is closed
(traps U18, U25) and no status tells which, so it takes all users to say that no form is understood.

A try reads little (`Effort`), because the account's requests are few and a person may need them too; the next one goes
on where it ended (`Gathered`), so that all users are read in turn.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
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
from clockd.trackers.goodtime.wire.codec import look_request, read_entries, start_samples
from clockd.trackers.goodtime.wire.reading import Failure, read_failure, rows_of
from clockd.trackers.goodtime.wire.times import (
    TimeFormat,
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
