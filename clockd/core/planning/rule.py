"""Rules in an order: the first that has something to say decides. They are data, so the pages can draw them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from clockd.core.planning.plan import WAITS, Plan, Waits
from clockd.core.planning.situation import Situation

I = TypeVar("I")  # noqa: E741 - an interval, of one shape


@dataclass(frozen=True, slots=True)
class Rule(Generic[I]):
    """What is seen, what comes of it, and the function that decides whether it is so."""

    shows: str
    """What the lane or the tracker shows, for people."""
    plans: str
    """What comes of it, for people."""
    decide: Callable[[I, Situation], Plan | Waits | None]
    """Return the plan; None: this rule has nothing to say, the next one is asked."""


def first(rules: Sequence[Rule[I]], interval: I, situation: Situation) -> Plan | Waits:
    """Return what the first rule says that says anything; an interval of which none does waits."""
    for rule in rules:
        if (plan := rule.decide(interval, situation)) is not None:
            return plan
    return WAITS


def drawn(title: str, rules: Sequence[Rule[I]]) -> str:
    """Draw rules as rows of a table: what the lane has, what it or the tracker shows, what comes of it."""
    return "\n".join(f"    {title if n == 0 else '':<23}{rule.shows:<55}{rule.plans}" for n, rule in enumerate(rules))
