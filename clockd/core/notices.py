"""Legal breaks and rests that were short: told, and never enforced. Pure; the tables are for a lawyer to check.

    law  what                                                            where it stands
    de   more than 6 h of work: breaks of 30 min, more than 9 h: 45      ArbZG § 4, in sections of 15 min or more
    de   no more than 6 h in a row without a break                       ArbZG § 4
    de   11 h of rest between two days' work                             ArbZG § 5 Abs. 1
    at   more than 6 h of work: a break of 30 min                        AZG § 11 Abs. 1, in sections of 10 min or more
    at   11 h of rest between two days' work                             AZG § 12 Abs. 1
    es   more than 6 h of work: a break of 15 min                        ET art. 34.4
    es   12 h of rest between two days' work                             ET art. 34.3

Exceptions (of trades, of collective agreements, of the young) are not known here, so a notice says what was short, and
never that something is unlawful. Nothing is changed or deducted. Of work whose times are not certain nothing is said.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from clockd.core.hours import Stretch, seconds

HOUR_S, MINUTE_S = 3600, 60
ALWAYS_REST_S = 6 * HOUR_S
"""A pause as long as this is no break of one day's work: it lies between two days' work."""
NIGHT_REST_S = 3 * HOUR_S
"""… and so is one of this length in which the night is over, at …"""
NIGHT_ENDS = time(4)
"""… this hour: a split shift has its pause by day, and who works at night has no break of hours."""


class NoticeLaw(StrEnum):
    """The values of `notices` in `[rules]`."""

    NONE = "none"
    DE = "de"
    AT = "at"
    ES = "es"


class NoticeWay(StrEnum):
    """What was short."""

    BREAK = "break"
    """All breaks of a day's work together."""
    UNBROKEN = "unbroken"
    """The first break: it came too late."""
    REST = "rest"
    """The time between two days' work."""


@dataclass(frozen=True, slots=True)
class BreakRule:
    """More work than this needs breaks as long as that."""

    law: str
    over_s: int
    break_s: int
    section_s: int
    """A shorter pause counts for none."""


@dataclass(frozen=True, slots=True)
class UnbrokenRule:
    """So long, and no longer, is worked in a row without a break."""

    law: str
    longest_s: int
    section_s: int


@dataclass(frozen=True, slots=True)
class RestRule:
    """So long is the rest between two days' work."""

    law: str
    rest_s: int


NoticeRule = BreakRule | UnbrokenRule | RestRule

NOTICE_RULES: Mapping[NoticeLaw, tuple[NoticeRule, ...]] = {
    NoticeLaw.NONE: (),
    NoticeLaw.DE: (
        BreakRule("ArbZG § 4", 9 * HOUR_S, 45 * MINUTE_S, 15 * MINUTE_S),
        BreakRule("ArbZG § 4", 6 * HOUR_S, 30 * MINUTE_S, 15 * MINUTE_S),
        UnbrokenRule("ArbZG § 4", 6 * HOUR_S, 15 * MINUTE_S),
        RestRule("ArbZG § 5 Abs. 1", 11 * HOUR_S),
    ),
    NoticeLaw.AT: (
        BreakRule("AZG § 11 Abs. 1", 6 * HOUR_S, 30 * MINUTE_S, 10 * MINUTE_S),
        RestRule("AZG § 12 Abs. 1", 11 * HOUR_S),
    ),
    NoticeLaw.ES: (
        BreakRule("ET art. 34.4", 6 * HOUR_S, 15 * MINUTE_S, 15 * MINUTE_S),
        RestRule("ET art. 34.3", 12 * HOUR_S),
    ),
}
"""Of each law what is looked at; of several rules of breaks the first that concerns a day is told."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was short."""

    way: NoticeWay
    day: date
    """On which the work began; of a rest, the work after it."""
    law: str
    needed_s: int
    """What the law says; with `UNBROKEN` after how much work a break is due …"""
    had_s: int
    """… and what was; with `UNBROKEN` how long was worked in a row."""


@dataclass(frozen=True, slots=True)
class _Spell:
    """One day's work, with the breaks within it."""

    stretches: tuple[Stretch, ...]

    @property
    def is_known(self) -> bool:
        return not any(stretch.uncertain for stretch in self.stretches)

    @property
    def day(self) -> date:
        return self.stretches[0].begins.local.date()

    @property
    def worked_s(self) -> int:
        return sum(stretch.worked_s for stretch in self.stretches)

    def pauses_s(self, section_s: int) -> int:
        """Return how long the pauses were together that are breaks."""
        return sum(pause_s for pause_s in map(_pause_s, self.stretches, self.stretches[1:]) if pause_s >= section_s)

    def longest_s(self, section_s: int) -> int:
        """Return how long was worked in a row, where shorter pauses are none."""
        longest_s = row_s = self.stretches[0].worked_s
        for before, after in pairwise(self.stretches):
            row_s = after.worked_s if _pause_s(before, after) >= section_s else row_s + after.worked_s
            longest_s = max(longest_s, row_s)
        return longest_s


def notices(stretches: Iterable[Stretch], law: NoticeLaw, *, clock_is_right: bool) -> list[Notice]:
    """Return what was short, oldest first.

    Args:
        stretches: of one employee, in order; what runs counts as far as it has come.
        law: whose rules.
        clock_is_right: else nobody knows how far that is, and it is left out.
    """
    rules = NOTICE_RULES[law]
    if not rules:
        return []
    spells = list(_spells(stretch for stretch in stretches if clock_is_right or stretch.ends is not None))
    found = [notice for spell in spells if spell.is_known for notice in _within(spell, rules)]
    for before, after in pairwise(spells):
        if before.is_known and after.is_known:
            found += _between(before, after, rules)
    return sorted(found, key=lambda notice: notice.day)


def _within(spell: _Spell, rules: Sequence[NoticeRule]) -> Iterator[Notice]:
    due = next((rule for rule in rules if isinstance(rule, BreakRule) and spell.worked_s > rule.over_s), None)
    if due is not None and (had_s := spell.pauses_s(due.section_s)) < due.break_s:
        yield Notice(NoticeWay.BREAK, spell.day, due.law, due.break_s, had_s)
        return  # who had too few breaks is told that, and not that they came late as well
    for rule in rules:
        if isinstance(rule, UnbrokenRule) and (row_s := spell.longest_s(rule.section_s)) > rule.longest_s:
            yield Notice(NoticeWay.UNBROKEN, spell.day, rule.law, rule.longest_s, row_s)


def _between(before: _Spell, after: _Spell, rules: Sequence[NoticeRule]) -> Iterator[Notice]:
    had_s = _pause_s(before.stretches[-1], after.stretches[0])
    for rule in rules:
        if isinstance(rule, RestRule) and had_s < rule.rest_s:
            yield Notice(NoticeWay.REST, after.day, rule.law, rule.rest_s, had_s)


def _spells(stretches: Iterable[Stretch]) -> Iterator[_Spell]:
    held = list[Stretch]()
    for stretch in stretches:
        if held and _is_rest(held[-1], stretch):
            yield _Spell(tuple(held))
            held = []
        held.append(stretch)
    if held:
        yield _Spell(tuple(held))


def _pause_s(before: Stretch, after: Stretch) -> int:
    return 0 if before.ends is None else seconds(before.ends.at, after.begins.at)


def _is_rest(before: Stretch, after: Stretch) -> bool:
    pause_s = _pause_s(before, after)
    if before.ends is None or pause_s < NIGHT_REST_S:
        return False
    ended, began = before.ends.local, after.begins.local
    night = datetime.combine(ended.date(), NIGHT_ENDS)
    over = night if night >= ended else night + timedelta(days=1)
    return pause_s >= ALWAYS_REST_S or over <= began
