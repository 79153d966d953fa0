"""Rules in an order, of which the first that says something decides. They are data, so that a table can be drawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from clockd.core.planning.plan import WAITS, Plan, Waits
from clockd.core.planning.situation import Situation

I = TypeVar("I")  # noqa: E741 - an interval, of one shape


@dataclass(frozen=True, slots=True)
class Rule(Generic[I]):
    """One rule: a case in words, what comes of it in words, and the function that recognises the case."""

    shows: str
    """What the lane or the tracker shows, for people."""
    plans: str
    """What comes of it, for people."""
    decide: Callable[[I, Situation], Plan | Waits | None]
    """Returns the plan, or None when this is not the case, and the next rule is asked."""


def first_plan(rules: Sequence[Rule[I]], interval: I, situation: Situation) -> Plan | Waits:
    """Return the plan of the first rule whose case it is; without one the interval waits."""
    for rule in rules:
        if (plan := rule.decide(interval, situation)) is not None:
            return plan
    return WAITS


def drawn(title: str, rules: Sequence[Rule[I]]) -> str:
    """Draw rules as rows of a table: what the lane has, what it or the tracker shows, what comes of it."""
    return "\n".join(f"    {title if n == 0 else '':<23}{rule.shows:<55}{rule.plans}" for n, rule in enumerate(rules))
