"""What goes wrong between a client and a tracker, seeded and in words.

A `FaultRule` says which fault strikes which requests how often; `Faults` rolls one die per request, so that the chances
of several rules add up and never stack. `parse_rules` reads the words of the command line:

    mix                                   a bad day at a tracker (see PRESETS)
    lost=3%,reply-lost=3%                 a name and a chance; without a chance it strikes always
    late:0-20@write=1%                    an argument after a colon; `@write` or `@read` limits it
    fail-after:502=0.5%, throttled:date=1%, drip:30=1%, moved:http://127.0.0.1:9/x=1%
    lost@write*1                          once: the next write

The faults are listed with their arguments in `KINDS`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from clockd.sim.message import SimRequest


@dataclass(frozen=True, slots=True)
class Refuse:
    """The connection is refused: no byte arrives, nothing is counted by the throttle."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Dropped before it is applied; the connection closes, or (silent) nothing ever comes."""

    silent: bool = False


@dataclass(frozen=True, slots=True)
class ReplyLost:
    """Applied, and the reply never arrives; the connection closes, or (silent) nothing ever comes."""

    silent: bool = False


@dataclass(frozen=True, slots=True)
class Late:
    """Kept by a proxy and applied between `min_s` and `max_s` later; the client hears nothing."""

    min_s: float = 15.0
    max_s: float = 100.0


@dataclass(frozen=True, slots=True)
class FailAfter:
    """Applied, then 5xx."""

    status: int = 500


@dataclass(frozen=True, slots=True)
class FailBefore:
    """Not applied, 5xx."""

    status: int = 500


@dataclass(frozen=True, slots=True)
class Portal:
    """Not applied: a captive portal answers 200 with a page of its own."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """Applied; the reply is whole as HTTP and broken as JSON."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Applied; the connection closes in the middle of the reply."""


@dataclass(frozen=True, slots=True)
class Drip:
    """Applied; the reply trickles over `over_s` seconds."""

    over_s: float = 30.0


RetryAfter = Literal["none", "seconds", "date", "absurd"]


@dataclass(frozen=True, slots=True)
class FalseThrottled:
    """Not applied: 429, with `Retry-After` in one of its forms."""

    retry_after: RetryAfter = "seconds"
    wait_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Redirected:
    """Not applied: 301 to another place; without a location, to the shell's trap port."""

    location: str = ""


@dataclass(frozen=True, slots=True)
class FalseUnauthorized:
    """Not applied: 401 although the key is right (a rotation in progress)."""


@dataclass(frozen=True, slots=True)
class FalseForbidden:
    """Not applied: 403; together with `FaultRule.username` one person cannot be booked."""


@dataclass(frozen=True, slots=True)
class CloseReused:
    """On a reused connection only: the request is read, applied or not, and the connection closed."""

    applied: bool = False


@dataclass(frozen=True, slots=True)
class IdOnly:
    """Applied; the reply holds nothing but the id."""


@dataclass(frozen=True, slots=True)
class NoBody:
    """Applied; the reply has no body."""

    status: int = 204


@dataclass(frozen=True, slots=True)
class Stale:
    """Reads only: the answer shows what was true `lag_s` seconds ago."""

    lag_s: float = 60.0


Fault = (
    Refuse
    | Lost
    | ReplyLost
    | Late
    | FailAfter
    | FailBefore
    | Portal
    | Garbled
    | Cut
    | Drip
    | FalseThrottled
    | Redirected
    | FalseUnauthorized
    | FalseForbidden
    | CloseReused
    | IdOnly
    | NoBody
    | Stale
)
"""The closed set of faults."""

On = Literal["any", "read", "write"]


@dataclass(frozen=True, slots=True)
class FaultRule:
    """Which requests a fault strikes, and how often."""

    fault: Fault
    chance: float = 1.0
    on: On = "any"
    username: str | None = None
    """Only requests about this person."""
    path: str = ""
    """Only paths that contain this text."""
    from_s: float = float("-inf")
    """Only requests from this moment on, by the simulator's clock."""
    until_s: float = float("inf")
    """Only requests before this moment, by the simulator's clock."""
    times: int | None = None
    """At most so often; None without end."""

    def matches(self, request: SimRequest, username: str | None, now_s: float) -> bool:
        """Whether this rule has a say about a request."""
        if (self.on == "write") is not request.writes and self.on != "any":
            return False
        if isinstance(self.fault, CloseReused) and not request.reused:
            return False
        if isinstance(self.fault, Stale) and request.writes:
            return False
        if self.username is not None and self.username != username:
            return False
        return self.path in request.path and self.from_s <= now_s < self.until_s


@dataclass(slots=True)
class Faults:
    """The rules in force and the die they share.

    Each request costs exactly one roll, whatever the rules: adding a rule does not move the other chances' dice.
    """

    rules: tuple[FaultRule, ...] = ()
    seed: int = 0
    struck: dict[str, int] = field(default_factory=dict)
    """How often each kind struck."""
    _die: random.Random = field(init=False)
    _used: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._die = random.Random(f"faults {self.seed}")  # noqa: S311 - a simulator's die

    def draw(self, request: SimRequest, username: str | None, now_s: float) -> Fault | None:
        """Say what goes wrong with this request, if anything."""
        roll = self._die.random()
        edge = 0.0
        for n, rule in enumerate(self.rules):
            if rule.times is not None and self._used.get(n, 0) >= rule.times:
                continue
            if not rule.matches(request, username, now_s):
                continue
            edge += rule.chance
            if roll < edge:
                self._used[n] = self._used.get(n, 0) + 1
                name = fault_name(rule.fault)
                self.struck[name] = self.struck.get(name, 0) + 1
                return rule.fault
        return None

    def span(self, low_s: float, high_s: float) -> float:
        """Roll a duration."""
        return self._die.uniform(low_s, high_s)

    def replace(self, rules: tuple[FaultRule, ...]) -> None:
        """Put other rules in force; the counts start anew, the die rolls on."""
        self.rules = rules
        self._used.clear()


# --- in words ---------------------------------------------------------------------------------------------------


class BadFault(ValueError):
    """Words that name no fault; the message says what would."""


def _span(text: str) -> Fault:
    low, dash, high = text.partition("-")
    return Late(float(low), float(high)) if dash else Late(0.0, float(low))


def _throttled(text: str) -> Fault:
    form, _, wait = text.partition("/")
    if form not in ("none", "seconds", "date", "absurd"):
        raise ValueError(form)
    return FalseThrottled(form, float(wait) if wait else 30.0)  # type: ignore[arg-type] # one of the four, checked above


KINDS: dict[str, tuple[Fault, Callable[[str], Fault] | None]] = {
    "refuse": (Refuse(), None),
    "lost": (Lost(), lambda text: Lost(silent=_word(text, "silent"))),
    "reply-lost": (ReplyLost(), lambda text: ReplyLost(silent=_word(text, "silent"))),
    "late": (Late(), _span),
    "fail-after": (FailAfter(), lambda text: FailAfter(int(text))),
    "fail-before": (FailBefore(), lambda text: FailBefore(int(text))),
    "portal": (Portal(), None),
    "garbled": (Garbled(), None),
    "cut": (Cut(), None),
    "drip": (Drip(), lambda text: Drip(float(text))),
    "throttled": (FalseThrottled(), _throttled),
    "moved": (Redirected(), Redirected),
    "unauthorized": (FalseUnauthorized(), None),
    "forbidden": (FalseForbidden(), None),
    "close-reused": (CloseReused(), lambda text: CloseReused(applied=_word(text, "applied"))),
    "id-only": (IdOnly(), None),
    "no-body": (NoBody(), lambda text: NoBody(int(text))),
    "stale": (Stale(), lambda text: Stale(float(text))),
}
"""Each fault's name, its plain form, and how its argument is read."""

PRESETS: dict[str, str] = {
    "none": "",
    "mix": "lost=3%,reply-lost=3%,fail-after@write=2%,late:0-20@write=1%",
    "everything": (
        "lost=1%,lost:silent=1%,reply-lost=1%,reply-lost:silent=1%,fail-after=1%,fail-before=1%,late:0-20@write=1%,"
        "portal=1%,garbled=1%,cut=1%,throttled:seconds=0.3%,throttled:none=0.3%,throttled:date=0.3%,"
        "close-reused=1%,close-reused:applied=1%,id-only@write=1%,no-body@write=1%,fail-before:503=0.5%"
    ),
}
"""Lists of faults by name; `mix` is what a bad day at a tracker looks like."""


def fault_name(fault: Fault) -> str:
    """The word for a fault, as in `KINDS`."""
    for name, (plain, _) in KINDS.items():
        if type(plain) is type(fault):
            return name
    raise AssertionError(fault)


def parse_rules(text: str) -> tuple[FaultRule, ...]:
    """Read rules from words, presets included; empty text is no rule.

    Raises:
        BadFault: with the part that could not be read and what would be possible.
    """
    rules: list[FaultRule] = []
    for part in (part.strip() for part in text.split(",")):
        if part in PRESETS:
            rules += parse_rules(PRESETS[part])
        elif part:
            rules.append(_rule(part))
    return tuple(rules)


def _rule(part: str) -> FaultRule:
    # from the right, so that a location may hold any of the signs
    head, chance = part, 1.0
    before, equals, after = part.rpartition("=")
    if equals and after.removesuffix("%").replace(".", "", 1).isdigit():
        head = before
        chance = float(after.removesuffix("%")) / (100.0 if after.endswith("%") else 1.0)
    if not 0.0 <= chance <= 1.0:
        raise BadFault(f"{part!r}: a chance lies between 0% and 100%")
    times: int | None = None
    before, star, after = head.rpartition("*")
    if star and after.isdigit():
        head, times = before, int(after)
    on: On = "any"
    for word in ("read", "write"):
        if head.endswith(f"@{word}"):
            head, on = head.removesuffix(f"@{word}"), "read" if word == "read" else "write"
    name, colon, argument = head.partition(":")
    if name not in KINDS:
        raise BadFault(f"{name!r} is no fault; there are {', '.join([*KINDS, *PRESETS])}")
    plain, read = KINDS[name]
    if not colon:
        return FaultRule(plain, chance, on, times=times)
    if read is None:
        raise BadFault(f"{name!r} takes no argument")
    try:
        return FaultRule(read(argument), chance, on, times=times)
    except ValueError:
        raise BadFault(f"{argument!r} is no argument of {name!r}") from None


def _word(text: str, word: str) -> bool:
    if text != word:
        raise ValueError(text)
    return True
