"""Each legal break and rest at its limit: one minute less is told, with its law, and what is exactly enough is not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from clockd.core.delivery import State
from clockd.core.hours import Stretch, seconds
from clockd.core.model import ClockQuality, Kind
from clockd.core.notices import NOTICE_RULES, Notice, NoticeLaw, NoticeWay, notices
from clockd.core.planning.item import Item

MONDAY = date(2026, 11, 23)
NOW = datetime(2026, 12, 1, tzinfo=UTC)
DE, AT, ES, NONE = NoticeLaw.DE, NoticeLaw.AT, NoticeLaw.ES, NoticeLaw.NONE


def at(clock: str) -> datetime:
    """A moment on the wall of Vienna in winter; `1 06:00` is the day after Monday's."""
    day, _, text = clock.rpartition(" ")
    hour, minute = map(int, text.split(":"))
    return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(days=int(day or 0), hours=hour - 1, minutes=minute)


def worked(*spans: str) -> list[Stretch]:
    """Stretches, each as `08:00-12:00`."""
    found = list[Stretch]()
    for span in spans:
        begin, _, end = span.partition("-")
        ends = None if not end else item(Kind.OUT, at(end))
        begins = item(Kind.IN, at(begin))
        found.append(Stretch(begins, ends, seconds(begins.at, ends.at if ends else NOW)))
    return found


def item(kind: Kind, moment: datetime) -> Item:
    return Item(1, "ada", kind, moment, 3600, State.DELIVERED)


def told(law: NoticeLaw, *spans: str) -> list[tuple[str, str, int, int]]:
    """What, by which law, how many minutes it should be, and how many it was."""
    found = notices(worked(*spans), law, clock_is_right=True)
    return [(each.way.value, each.law, each.needed_s // 60, each.had_s // 60) for each in found]


@pytest.mark.parametrize(
    ("law", "spans", "wanted"),
    [
        # Germany: 30 minutes beyond six hours, 45 beyond nine, in sections of a quarter of an hour
        (DE, ("08:00-14:00",), []),
        (DE, ("08:00-14:01",), [("break", "ArbZG § 4", 30, 0)]),
        (DE, ("08:00-12:00", "12:30-14:31"), []),
        (DE, ("08:00-12:00", "12:29-14:31"), [("break", "ArbZG § 4", 30, 29)]),
        (DE, ("08:00-10:00", "10:15-12:00", "12:15-15:00"), []),
        (DE, ("08:00-10:00", "10:14-12:00", "12:15-15:00"), [("break", "ArbZG § 4", 30, 15)]),
        (DE, ("08:00-13:00", "13:30-17:30"), []),
        (DE, ("08:00-13:00", "13:30-17:31"), [("break", "ArbZG § 4", 45, 30)]),
        (DE, ("08:00-13:00", "13:45-18:00"), []),
        # … and none later than after six hours in a row
        (DE, ("07:00-13:01", "13:31-14:31"), [("unbroken", "ArbZG § 4", 360, 361)]),
        (DE, ("07:00-10:00", "10:10-13:11", "13:41-14:31"), [("unbroken", "ArbZG § 4", 360, 361)]),
        (DE, ("07:00-10:00", "10:15-13:16", "13:31-14:31"), []),
        # … and eleven hours of rest
        (DE, ("12:00-18:00", "1 05:00-1 10:00"), []),
        (
            DE,
            ("12:00-18:01", "1 05:00-1 10:00"),
            [("break", "ArbZG § 4", 30, 0), ("rest", "ArbZG § 5 Abs. 1", 660, 659)],
        ),
        # Austria: half an hour beyond six, whole or in parts of ten minutes
        (AT, ("08:00-14:00",), []),
        (AT, ("08:00-14:01",), [("break", "AZG § 11 Abs. 1", 30, 0)]),
        (AT, ("08:00-12:00", "12:30-18:30"), []),
        (AT, ("08:00-10:00", "10:10-12:00", "12:10-14:00", "14:10-16:00"), []),
        (AT, ("08:00-10:00", "10:09-12:00", "12:10-14:00", "14:10-16:00"), [("break", "AZG § 11 Abs. 1", 30, 20)]),
        (AT, ("07:00-13:30", "14:00-15:00"), []),
        (AT, ("20:00-23:00", "1 09:59-1 12:00"), [("rest", "AZG § 12 Abs. 1", 660, 659)]),
        # Spain: a quarter of an hour beyond six, and twelve hours of rest
        (ES, ("08:00-14:00",), []),
        (ES, ("08:00-12:00", "12:15-15:00"), []),
        (ES, ("08:00-12:00", "12:14-15:00"), [("break", "ET art. 34.4", 15, 0)]),
        (ES, ("16:00-21:00", "1 09:00-1 12:00"), []),
        (ES, ("16:00-21:00", "1 08:59-1 12:00"), [("rest", "ET art. 34.3", 720, 719)]),
        # what is a break, and what a rest
        (ES, ("09:00-13:00", "18:00-22:00"), []),  # a split shift
        (DE, ("06:00-10:00", "16:00-20:00"), [("rest", "ArbZG § 5 Abs. 1", 660, 360)]),
        (DE, ("20:00-1 02:00", "1 07:00-1 09:00"), [("rest", "ArbZG § 5 Abs. 1", 660, 300)]),
        (DE, ("22:00-1 03:45", "1 04:15-1 07:00"), []),  # a break at night
        # no law, nothing is said
        (NONE, ("06:00-23:00", "1 01:00-1 20:00"), []),
        (DE, (), []),
    ],
)
def test_each_rule_at_its_limit(
    law: NoticeLaw, spans: tuple[str, ...], wanted: list[tuple[str, str, int, int]]
) -> None:
    assert told(law, *spans) == wanted


def test_each_notice_names_the_day_on_which_the_work_began() -> None:
    found = notices(worked("22:00-1 05:00", "1 15:00-1 18:00"), DE, clock_is_right=True)
    assert found == [
        Notice(NoticeWay.BREAK, MONDAY, "ArbZG § 4", 1800, 0),
        Notice(NoticeWay.REST, date(2026, 11, 24), "ArbZG § 5 Abs. 1", 39600, 36000),
    ]


def test_of_work_whose_times_are_not_certain_nothing_is_said() -> None:
    one, two = worked("08:00-15:00", "1 01:00-1 03:00")
    assert len(notices([one, two], DE, clock_is_right=True)) == 2, "the control"
    unsure = replace(one, begins=replace(one.begins, clock=ClockQuality.UNCERTAIN))
    assert notices([unsure, two], DE, clock_is_right=True) == []


def test_what_runs_counts_as_far_as_it_has_come() -> None:
    now_at = at("14:01")
    running = [replace(stretch, worked_s=seconds(stretch.begins.at, now_at)) for stretch in worked("08:00")]
    assert [notice.way for notice in notices(running, DE, clock_is_right=True)] == [NoticeWay.BREAK]


def test_of_what_runs_nothing_is_said_while_no_clock_is_right() -> None:
    done, running = worked("08:00-15:00", "1 01:00")
    assert [notice.way for notice in notices([done, running], DE, clock_is_right=True)] == [NoticeWay.BREAK] * 2 + [
        NoticeWay.REST
    ]
    assert [notice.way for notice in notices([done, running], DE, clock_is_right=False)] == [NoticeWay.BREAK], (
        "what is over is known"
    )


def test_every_law_has_breaks_and_rests() -> None:
    for law, rules in NOTICE_RULES.items():
        assert {type(rule).__name__ for rule in rules} >= ({"BreakRule", "RestRule"} if law is not NONE else set())
    assert NOTICE_RULES.keys() == set(NoticeLaw)
