"""One case of a rule: what is known, which rule is to decide it, and the plan that is to come of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from clockd.core.delivery import FINISHED
from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.pairing import Interval, Running, intervals
from clockd.core.planning.plan import Plan, Policy, Seen, Waits
from clockd.core.planning.rule import Rule
from clockd.core.planning.situation import Situation
from tests.core.lanes import TIMER, lane, said, secs


@dataclass(frozen=True, slots=True)
class Case:
    """A lane, what was seen and when, and what is right."""

    rule: str
    """What the rule that decides shows."""
    items: str
    plan: str
    """As `said` says it; `waits` where the interval waits, and so all of the lane rests."""
    seen: Seen | None = None
    now: str = "12:00:10"
    policy: Policy = TIMER
    trusted: bool = True
    which: int = -1
    """The interval that is asked about, as a place in the lane's."""

    def __str__(self) -> str:
        return f"{self.rule}: {self.items}"


def check(case: Case, rules: Sequence[Rule[Any]]) -> None:
    """Make sure that the planner says what is right, and that it is this rule of these that decides."""
    plan = planned(case)
    assert said(plan) == ("rest" if case.plan == "waits" else case.plan)
    interval, situation = _asked(case)
    rule, decided = decides(rules, interval, situation)
    assert (rule.shows, said(decided)) == (case.rule, case.plan)


def planned(case: Case) -> Plan:
    """What the planner says."""
    return plan_attendance(lane(case.items), case.seen, case.policy, secs(case.now), trusted=case.trusted)


def decides(rules: Sequence[Rule[Any]], interval: Interval, situation: Situation) -> tuple[Rule[Any], Plan | Waits]:
    """Walk rules in their order; return the first that says something, and what."""
    for rule in rules:
        if (plan := rule.decide(interval, situation)) is not None:
            return rule, plan
    raise AssertionError("no rule decides")


def _asked(case: Case) -> tuple[Interval, Situation]:
    policy, items = case.policy, lane(case.items)
    found = [*intervals(items, breaks_in_minutes=policy.breaks_in_minutes, split_projects=policy.split_projects)]
    situation = Situation(items, case.seen, policy, secs(case.now), case.trusted)
    situation.left_running = any(
        isinstance(one, Running) and all(item.state in FINISHED for item in one.items) for one in found[: case.which]
    )
    return found[case.which], situation


def undecided(rules: Sequence[Rule[Any]], cases: Iterable[Case]) -> set[str]:
    """The rules that no case is decided by."""
    return {rule.shows for rule in rules} - {case.rule for case in cases}


def under(policy: Policy, cases: Iterable[Case]) -> list[Case]:
    """The same cases under another policy."""
    return [replace(case, policy=policy) for case in cases]
