"""Looking for an entry of a Goodtime account, to learn from: who is asked, how, how often, and what came. Only reads.

How `start` and `end` of a question have to be written is not documented, so it is found by trying. A refusal may be
about that form, or about one user whose account is closed, and no status tells which; so it takes all users to say
that no form is understood.

A try reads little (`Effort`), because the account's requests are few and a person may need them too; the next one goes
on where it ended (`Gathered`), so that all users are read in turn.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from clockd.core.json import Json
from clockd.core.pieces import whole
from clockd.core.sentence import parted, phrase, sentence
from clockd.core.wire import Entry, Exchange, Forbidden, NoAnswer, NotApplied, Paused, Reply, Request, Rows, Throttled
from clockd.trackers.goodtime.wire.codec import look_request, read_entries, start_samples
from clockd.trackers.goodtime.wire.reading import Failure, read_failure, rows_of
from clockd.trackers.goodtime.wire.times import (
    TimeFormat,
)

RECENT = timedelta(days=31)
"""How far back it is looked at first, in everybody's entries."""
EARLIER = (timedelta(days=124), timedelta(days=400))
"""How far back it is looked, in two steps, where `RECENT` shows nothing.

The first step reaches over a long closure of the firm, the second over a whole winter.
"""
SPANS = (RECENT, *EARLIER)
"""The spans that are asked about. Each reaches back from where the one before begins, and the first from tomorrow."""
MOST_FOR_CONFIGURED = 3
"""A configured format is compared with an entry of one of so many users at most; if none has any, it is believed."""
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

AskTracker = Callable[[Request], Awaitable[Exchange]]
"""Sends a read, and returns what came of it."""
SearchStep = tuple[str, int]
"""A question names whose entries are asked for, and the index of the span in `SPANS`."""


@dataclass(frozen=True, slots=True)
class NotReady:
    """Nothing may be written yet."""

    state: Literal["offline", "paused"]
    """The state is *offline* when it is worth trying again soon, *paused* when a person has to do something first."""
    reason: str
    """The reason says what was found."""
    hint: str
    """The hint says what to do."""


def not_ready(failure: Failure) -> NotReady:
    """Say what a failed read means for the start."""
    match failure:
        case Paused(why=why):
            return NotReady("paused", *parted(why))
        case Throttled():
            return NotReady("offline", "Goodtime says: too many requests", "wait, it is tried again")
        case _:
            return NotReady("offline", failure.why, "it is tried again")


@dataclass(frozen=True, slots=True)
class Users:
    """The users whose entries may be read."""

    ours: tuple[str, ...]
    """These have a badge."""
    others: tuple[str, ...] = ()
    """These are known to Goodtime only."""

    @property
    def everybody(self) -> tuple[str, ...]:
        """Return all of them, ours first."""
        return (*self.ours, *self.others)

    @property
    def watched(self) -> tuple[str, ...]:
        """Return those whose new entries are looked for above all."""
        return self.ours or self.others


Share = Literal["new", "others", "earlier"]
"""A share is what a read is spent on.

*new* is the last month of those who are watched, *others* that of the others, and *earlier* is what lies further back.
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """What one try may cost."""

    reads: int
    """How many reads of entries it may cost, and a few more where an entry was found that leaves something open."""
    shares: tuple[Share, ...] = ("new", "new", "others", "new", "new", "earlier")
    """The reads are spent on these in turn."""
    hidden: int = 2
    """How many reads it counts as to ask about a user who is not shown.

    It takes two requests: after such a refusal the session makes sure that its login still works.
    """


WAITING = Effort(reads=6)
"""What a try may cost that is made once a minute, without anybody asking."""
ASKED = Effort(reads=20, shares=("new",))
"""What a try may cost that somebody asks for."""
CHECKING = Effort(reads=13, hidden=1)
"""What `clockd check` may cost. It runs beside a terminal that waits, and asks nothing twice."""


@dataclass(frozen=True, slots=True)
class Odd:
    """An answer about one user that could not be read: no proof of anything, and no reason to ask nobody else."""

    why: str
    """This says what is odd about it, for people."""
    kind: Literal["unreadable", "blank", "silence"] = "unreadable"
    """The kind is *blank* for nothing or null, as some servers say "none", and *silence* for no answer at all."""


Came = Literal["shown", "hidden", "refused"] | Odd
"""What came of a question.

The entries were *shown*; or they are *hidden* from this login; or Goodtime *refused*, because it does not understand
the question or does not want to answer it.
"""


@dataclass(slots=True)
class Gathered:
    """What the tries came to so far, so that the next one goes on from here."""

    look_form: TimeFormat | None = None
    """The form of `start` and `end` that was understood; None as long as none was."""
    found: SearchStep | None = None
    """Where an entry was found. It is read first, so that what is said of it does not change with each try."""
    came: dict[SearchStep, Came] = field(default_factory=dict)
    """What came of each question when it was asked last. What was asked longest ago stands first."""
    refused: set[tuple[str, TimeFormat]] = field(default_factory=set)
    """Who was asked about in which form in vain, before one was understood."""
    in_vain: bool = False
    """Whether everybody was asked about in every form."""

    def note(self, question: SearchStep, came: Came) -> None:
        """Remember an answer."""
        self.came.pop(question, None)
        self.came[question] = came

    def forget(self) -> None:
        """Begin anew."""
        self.look_form, self.found = None, None
        self.came.clear()
        self.refused.clear()

    def longest_ago(self, questions: Iterator[SearchStep]) -> list[SearchStep]:
        """Bring questions into the order of their turn. What was never asked comes first, in the order given."""
        turns = {question: turn for turn, question in enumerate(self.came, start=1)}
        return sorted(questions, key=lambda question: turns.get(question, 0))


@dataclass(frozen=True, slots=True)
class Found:
    """The entries that Goodtime shows of one user; there may be none."""

    username: str
    """The user who was asked about."""
    step: int
    """The index in `SPANS` of the span that was asked about."""
    begin: datetime
    """The span begins here, by the terminal's wall clock."""
    end: datetime
    """The span ends here, by the terminal's wall clock."""
    look_form: TimeFormat
    """The form in which `start` and `end` were asked for, and which Goodtime understood."""
    answer: Exchange
    """The answer as it came, so that it can be read once the format is known."""
    samples: tuple[Json, ...]
    """The start times, as Goodtime writes them."""

    def entries(self, form: TimeFormat, zone: ZoneInfo) -> tuple[Entry, ...]:
        """Read them all in this format; return none when one of them cannot be read."""
        rows = whole(read_entries(self.answer, form, zone, self.username))
        return rows.entries if isinstance(rows, Rows) else ()


@dataclass(slots=True)
class Search:
    """One try, which looks for entries and finds on the way how Goodtime wants to be asked.

    Args:
        ask: sends a read.
        zone: of the terminal.
        now_local: the terminal's wall clock; it is looked back from here.
        users: whose entries may be read.
        configured: the time format of the configuration; None when it has to be learned.
        effort: what this try may cost.
        gathered: what the tries before came to; this one adds to it.
    """

    ask: AskTracker
    zone: ZoneInfo
    now_local: datetime
    users: Users
    configured: TimeFormat | None
    effort: Effort
    gathered: Gathered
    _spent: int = 0
    """How many reads this try has cost."""
    _asked: set[SearchStep] = field(default_factory=set)
    """The questions that this try has asked."""

    async def entry(self) -> Found | Failure | None:
        """Look for an entry as far as the reads go; return None when there was none, or when nobody is shown."""
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
        """Yield what is to be tried, in order: what was configured with everybody, and only then other forms."""
        forms = [TimeFormat(text.removeprefix("utc:"), utc=text.startswith("utc:")) for text in TRIED]
        pairs = [(user, form) for user in self.users.everybody for form in forms if form != self.configured]
        if self.configured is not None:
            pairs = [*((user, self.configured) for user in self.users.everybody), *pairs]
        for user, form in pairs:
            if (user, form) not in self.gathered.refused and (user, 0) not in self.gathered.came:
                yield user, form

    def _next(self) -> SearchStep | None:
        """Choose what to ask next, once it is known how: each share has its turn, then what was asked longest ago."""
        if self.configured is not None and self._shown_now() >= MOST_FOR_CONFIGURED:
            return None
        share = self.effort.shares[len(self._asked) % len(self.effort.shares)]
        fitting = self._open(share) or self.gathered.longest_ago(
            question for each in ("new", "others", "earlier") for question in self._open(each)
        )
        return fitting[0] if fitting else None

    def _open(self, share: Share) -> list[SearchStep]:
        """Return what this try did not ask yet of a share, in the order of its turn."""
        questions: Iterator[SearchStep]
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

    async def telling(self, begun: Found, tells: Callable[[Json], bool]) -> Found | Failure | None:
        """Look further for an entry that tells what is asked.

        Args:
            begun: what was found before; all entries of this user are read first, and in any case.
            tells: whether a start time will do; what is found has such samples only.
        """
        gathered, first = self.gathered, begun.username
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
            found = await self._put(question, begun.look_form)
            if isinstance(found, Found):
                if samples := tuple(filter(tells, found.samples)):
                    gathered.found = question
                    return replace(found, samples=samples)
            elif found is not None:
                return found
        return None

    def _goes_on(self) -> bool:
        return self._spent < self.effort.reads

    async def _put(self, question: SearchStep, form: TimeFormat) -> Found | Failure | None:
        """Ask, and remember what came; return None when it was nothing to learn from and others can be asked."""
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
                    return NotApplied(sentence("asked about {username}: {why}", username=question[0], why=phrase(why)))
            case "hidden":
                gathered.note(question, came)
            case failure:
                return failure
        return None

    async def look(
        self, question: SearchStep, form: TimeFormat
    ) -> Found | Failure | Odd | Literal["hidden", "refused"]:
        """Ask once.

        Returns:
            What came of the question, as in `Came`. A failure concerns everybody.
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
                return Found(user, step, begin, end, form, answer, start_samples(answer))
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
    return phrase("too many requests") if isinstance(failure, Throttled) else failure.why


def _is_blank(answer: Exchange) -> bool:
    return isinstance(answer, Reply) and answer.body.strip() in (b"", b"null")
