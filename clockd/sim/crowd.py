"""What the other people of an account do, on whichever tracker: acts in words, and acts that go on all the time."""

import contextlib
import random
from collections.abc import Callable, Mapping
from datetime import datetime
from types import UnionType
from typing import Any, TypeVar

import msgspec

from clockd.errors import UsageError
from clockd.sim.front import Front

Crowd = TypeVar("Crowd", bound=msgspec.Struct)


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


def read_crowd(text: str, kind: type[Crowd]) -> Crowd:
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


def check_noise(rows: int, noise: bool) -> None:
    """Refuse foreign rows where nobody could own them: they would silently not be there.

    Raises:
        UsageError: there is no noise user.
    """
    if rows and not noise:
        raise UsageError("foreign rows need a user marked noise", hint="add noise to the users, or leave the rows away")


def gather(
    crowd: msgspec.Struct, front: Front, dice: random.Random, act: Callable[[str, float], None], now_s: float
) -> None:
    """Let each kind of act happen again and again from now on.

    Args:
        crowd: rates per minute of the tracker's clock, by kind.
        front: plans what is due later.
        dice: when it is due.
        act: does one of a kind, at a moment.
        now_s: the tracker's clock, Unix time in seconds.
    """

    def plan(kind: str, per_minute: float, after_s: float) -> None:
        def happens(at_s: float) -> None:
            act(kind, at_s)
            plan(kind, per_minute, at_s)

        front.plan(after_s + dice.expovariate(per_minute / 60.0), happens)

    for kind in crowd.__struct_fields__:
        if (rate := getattr(crowd, kind)) > 0:
            plan(kind, rate, now_s)
