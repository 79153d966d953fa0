"""The other people of an account, on whichever tracker: somebody in the web app, the admin, a second terminal.

What they do is an act, one small frozen class, read from words. `Others` lets acts happen: now, after a while, or all
the time as a `Crowd` says, seeded.
"""

import contextlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from clockd.errors import UsageError
from clockd.sim.front import Front
from clockd.sim.message import Problem


class Act(msgspec.Struct, frozen=True, kw_only=True, tag_field="act", forbid_unknown_fields=True):
    """What somebody does."""


class WebStart(Act, frozen=True, tag="web-start"):
    """A person starts the clock in the web app: an entry without an end."""

    username: str
    at: datetime | None = None


class WebStop(Act, frozen=True, tag="web-stop"):
    """A person stops the clock in the web app."""

    username: str
    at: datetime | None = None


class Rename(Act, frozen=True, tag="rename"):
    """The admin gives a user another name to be known by: username or login e-mail."""

    username: str
    to: str


class Neighbour(Act, frozen=True, tag="neighbour"):
    """A second terminal sends so many requests with the same key or login."""

    requests: int = 1


class Foreign(Act, frozen=True, tag="foreign"):
    """So many entries of people who are nobody's badge, all within the last hours."""

    rows: int = 1
    hours: float = 10.0


class Copy(Act, frozen=True, tag="copy"):
    """A foreign entry at the very times of our person's newest entry (trap T20)."""

    username: str


class Crowd(msgspec.Struct, frozen=True):
    """What goes on all the time, per minute of the tracker's clock."""

    neighbour: float = 0.0
    """Requests of a second terminal."""
    foreign: float = 0.0
    """New entries of people who are nobody's badge."""
    copy: float = 0.0
    """Foreign entries at the times of the newest entry of one of our people."""
    web: float = 0.0
    """Starts and stops of our people in the web app."""


NOBODY = Crowd()
"""An account where only the client under test does anything."""

Rates = TypeVar("Rates", bound=Crowd)


def read_act(words: Mapping[str, object], acts: UnionType) -> tuple[Any, float]:
    """Read one of these acts, and in how many seconds it happens.

    Raises:
        ValueError: with what cannot be read.
    """
    plain = dict(words)
    in_s = plain.pop("in_s", 0.0)
    if not isinstance(in_s, (int, float)) or isinstance(in_s, bool) or in_s < 0:
        raise ValueError('"in_s" is a number of seconds')
    for key in ("at", "begin", "end", "until"):
        value = plain.get(key)
        if isinstance(value, str):
            # msgspec wants the seconds to be there; people leave them out
            with contextlib.suppress(ValueError):
                plain[key] = datetime.fromisoformat(value)
    try:
        return msgspec.convert(plain, acts), float(in_s)
    except msgspec.ValidationError as error:
        tags = sorted(str(kind.__struct_config__.tag) for kind in acts.__args__)
        raise ValueError(f"{error}; the acts are {', '.join(tags)}") from None


def naive(at: datetime | None) -> datetime | None:
    """A wall clock text; a `Z` means nothing here either."""
    return None if at is None else at.replace(tzinfo=None)


def read_crowd(text: str, kind: type[Rates]) -> Rates:
    """Read how often things happen, as `neighbour=10,foreign=2`.

    Raises:
        UsageError: there are no such people, or a rate is no number.
    """
    rates: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, rate = part.partition("=")
        rates[name] = rate
    unknown = set(rates) - set(kind.__struct_fields__)
    if unknown:
        raise UsageError(f"no such people: {', '.join(sorted(unknown))}", hint=", ".join(kind.__struct_fields__))
    try:
        return msgspec.convert(rates, kind, strict=False)
    except msgspec.ValidationError:
        raise UsageError(f"{text!r} needs a number per minute for each", hint='as "neighbour=10"') from None


class Entries(Protocol):
    """What can be asked of an account about a person's entries."""

    def newest(self, username: str, /) -> object | None:
        """The entry that began last."""

    def running(self, username: str, /) -> object | None:
        """The entry that has no end yet."""


def next_act(
    kind: str, ours: Sequence[str], entries: Entries, dice: random.Random
) -> Neighbour | Foreign | Copy | WebStart | WebStop | None:
    """Roll one act of a crowd; None when there is nobody to do it.

    Args:
        kind: a field of `Crowd`.
        ours: the people of the account who have a badge.
        entries: theirs.
        dice: who of them it is.
    """
    match kind:
        case "neighbour":
            return Neighbour()
        case "foreign":
            return Foreign()
        case "copy":
            busy = [name for name in ours if entries.newest(name)]
            return Copy(username=dice.choice(busy)) if busy else None
        case "web" if ours:
            name = dice.choice(ours)
            return WebStop(username=name) if entries.running(name) else WebStart(username=name)
    return None


Doing = TypeVar("Doing", bound=Act)
"""The closed set of acts on one tracker; those above are in it."""


@dataclass(frozen=True, slots=True)
class Others(Generic[Doing]):
    """Lets acts happen on one account."""

    acts: UnionType
    """The set that words may name."""
    perform: Callable[[Doing | Foreign, float], dict[str, object]]
    """Does one at a moment of the tracker's clock; raises Problem or ValueError where it cannot be done."""
    roll: Callable[[str], Doing | None]
    """The next act of a kind that goes on all the time; None: nobody is there to do it."""
    front: Front
    """Does what was due before, and plans what is due later."""
    dice: random.Random
    """When the next act of a crowd is due."""

    def hear(self, words: Mapping[str, object], now_s: float) -> dict[str, object]:
        """Let somebody do something, in words.

        Raises:
            ValueError: the words cannot be read, or the tracker refuses the act.
        """
        act, in_s = read_act(words, self.acts)
        if in_s:
            self.front.plan(now_s + in_s, lambda at_s: self._try(act, at_s))
            return {"planned_s": now_s + in_s}
        return self.do(act, now_s)

    def do(self, act: Doing, now_s: float) -> dict[str, object]:
        """Let somebody do something now.

        Raises:
            ValueError: it cannot be done; the message says why.
        """
        self.front.advance(now_s)
        try:
            return self.perform(act, now_s)
        except Problem as problem:
            raise ValueError(f"{problem.status} {problem}") from None

    def begin(self, crowd: Crowd, foreign_rows: int, now_s: float) -> None:
        """Let foreign entries be there, and each kind of act happen again and again from now on.

        Args:
            crowd: rates per minute of the tracker's clock, by kind.
            foreign_rows: so many entries of people who are nobody's badge.
            now_s: the tracker's clock, Unix time in seconds.
        """
        if foreign_rows:
            self._try(Foreign(rows=foreign_rows), now_s)
        for kind in crowd.__struct_fields__:
            if (rate := getattr(crowd, kind)) > 0:
                self._plan(kind, rate, now_s)

    def _plan(self, kind: str, per_minute: float, after_s: float) -> None:
        def happens(at_s: float) -> None:
            if (act := self.roll(kind)) is not None:
                self._try(act, at_s)
            self._plan(kind, per_minute, at_s)

        self.front.plan(after_s + self.dice.expovariate(per_minute / 60.0), happens)

    def _try(self, act: Doing | Foreign, at_s: float) -> None:
        """Do what was planned; what cannot be done any more is dropped, as a person would shrug."""
        with contextlib.suppress(Problem, ValueError):
            self.perform(act, at_s)
