"""Punches to intervals: each kind after each kind, under each way of pairing."""

from itertools import product

import pytest

from clockd.core.delivery import Delivery, State, Via
from clockd.core.model import Kind, Project
from clockd.core.planning.pairing import Interval, OrphanOut, Pair, Running, ends_after_all, intervals
from tests.core.lanes import lane


def shape(interval: Interval) -> str:
    """`1..` runs, `1..!` is abandoned, `1-2` a pair, `1-2*` ended by a switch, `?2` an out alone, `?2b` after a break.

    Breaks within are in brackets, a project behind.
    """
    match interval:
        case Running(opens=opens, inside=inside, project=project, abandoned=abandoned):
            return f"{opens.seq}..{_inside(inside)}{'!' * abandoned}{_on(project)}"
        case Pair(opens=opens, closes=closes, inside=inside, project=project, shared_close=shared):
            return f"{opens.seq}-{closes.seq}{_inside(inside)}{'*' * shared}{_on(project)}"
        case OrphanOut(closes=closes, after_break=after_break):
            return f"?{closes.seq}{'b' * after_break}"


def _inside(items: object) -> str:
    seqs = ",".join(str(item.seq) for item in items)  # type: ignore[attr-defined]
    return f"({seqs})" if seqs else ""


def _on(project: Project | None) -> str:
    return f"@{project.name}" if project else ""


def shapes(items: str, *, minutes: bool = False, split: bool = False) -> str:
    return " ".join(map(shape, intervals(lane(items), breaks_in_minutes=minutes, split_projects=split)))


SECONDS = {
    "in": "in 10:00 waiting",
    "out": "out 10:00 waiting",
    "break": "break 10:00 waiting",
    "resume": "resume 10:00 waiting",
    "project": "project 10:00 waiting on:Roof",
}
FIRSTS = {kind: text.replace("10:00", "08:00") for kind, text in SECONDS.items()}

GRIDS = {
    (False, False): """
                in         out     break   resume     project
        in      1..! 2..   1-2     1-2     1..! 2..   1..
        out     ?1 2..     ?1 ?2   ?1 ?2   ?1 2..     ?1
        break   ?1 2..     ?1 ?2b  ?1 ?2b  ?1 2..     ?1
        resume  1..! 2..   1-2     1-2     1..! 2..   1..
        project 2..        ?2      ?2      2..        -
    """,
    (True, False): """
                in         out     break   resume     project
        in      1..! 2..   1-2     1..(2)  1..(2)     1..
        out     ?1 2..     ?1 ?2   ?1 ?2   ?1 2..     ?1
        break   ?1 2..     ?1 ?2b  ?1 ?2b  ?1 2..     ?1
        resume  1..! 2..   1-2     1..(2)  1..(2)     1..
        project 2..        ?2      ?2      2..        -
    """,
    (False, True): """
                in              out       break     resume          project
        in      1..! 2..        1-2       1-2       1..! 2..        1-2* 2..@Roof
        out     ?1 2..          ?1 ?2     ?1 ?2     ?1 2..          ?1 2..@Roof
        break   ?1 2..          ?1 ?2b    ?1 ?2b    ?1 2..          ?1 2..@Roof
        resume  1..! 2..        1-2       1-2       1..! 2..        1-2* 2..@Roof
        project 1..!@Roof 2..   1-2@Roof  1-2@Roof  1..!@Roof 2..   1-2*@Roof 2..@Roof
    """,
    (True, True): """
                in              out       break        resume          project
        in      1..! 2..        1-2       1..(2)       1..(2)          1-2* 2..@Roof
        out     ?1 2..          ?1 ?2     ?1 ?2        ?1 2..          ?1 2..@Roof
        break   ?1 2..          ?1 ?2b    ?1 ?2b       ?1 2..          ?1 2..@Roof
        resume  1..! 2..        1-2       1..(2)       1..(2)          1-2* 2..@Roof
        project 1..!@Roof 2..   1-2@Roof  1..(2)@Roof  1..(2)@Roof     1-2*@Roof 2..@Roof
    """,
}
"""By breaks in minutes and projects that split: the row comes first, the column after it."""


def grid(text: str) -> dict[tuple[str, str], str]:
    lines = [line[8:] for line in text.splitlines() if line.strip()]
    starts = [lines[0].index(f" {kind}") + 1 for kind in SECONDS]
    ends = [*starts[1:], None]
    return {
        (first, second): line[start:end].strip()
        for first, line in zip(FIRSTS, lines[1:], strict=True)
        for second, start, end in zip(SECONDS, starts, ends, strict=True)
    }


@pytest.mark.parametrize(("first", "second", "policy"), [*product(FIRSTS, SECONDS, GRIDS)])
def test_each_kind_after_each_kind(first: str, second: str, policy: tuple[bool, bool]) -> None:
    found = shapes(f"{FIRSTS[first]}; {SECONDS[second]}", minutes=policy[0], split=policy[1])
    assert (found or "-") == grid(GRIDS[policy])[first, second]


DAYS = [
    ("in 08:00; break 10:00; resume 10:30; out 12:00", False, "1-2 3-4"),
    ("in 08:00; break 10:00; resume 10:30; out 12:00", True, "1-4(2,3)"),
    ("in 08:00; break 10:00; out 12:00", False, "1-2 ?3b"),
    ("in 08:00; break 10:00; out 12:00", True, "1-3(2)"),
    ("in 08:00; break 10:00 void; out 12:00", False, "1-3"),
    ("in 08:00; break 10:00 ignored; resume 10:30; out 12:00", True, "1-4(3)"),
    ("in 08:00; break 10:00 held:conflict; out 12:00", False, "1-2 ?3b"),
    ("in 08:00; break 10:00; project 10:10 on:Roof; out 12:00", False, "1-2 ?4b"),  # a project ends no break
    ("in 08:00; break 10:00; project 10:10 void; out 12:00", False, "1-2 ?4b"),
    ("in 08:00; break 10:00; resume 10:30 void; out 12:00", False, "1-2 ?4b"),
    ("in 08:00; break 10:00; out 11:00; out 12:00", False, "1-2 ?3b ?4"),
    ("in 08:00; break 09:00; in 10:00; out 12:00", True, "1..(2)! 3-4"),
    ("in 08:00; out 12:00; in 13:00", False, "1-2 3.."),
    ("in 08:00 void; out 12:00", False, "?2"),
]


@pytest.mark.parametrize(("items", "minutes", "expected"), DAYS)
def test_a_day(items: str, minutes: bool, expected: str) -> None:
    assert shapes(items, minutes=minutes) == expected


BREAKS = [
    ("in 08:00; break 10:00; resume 10:30; out 12:00", 30),
    ("in 08:00; break 10:00; resume 10:29:30; out 12:00", 30),
    ("in 08:00; break 10:00; resume 10:29:29; out 12:00", 29),
    ("in 08:00; break 10:00; resume 10:10:20; break 11:00; resume 11:10:20; out 12:00", 21),  # rounded once
    ("in 08:00; break 10:00; out 10:20", 20),  # the out ends it
    ("in 08:00; break 10:00; break 10:10; resume 10:30; out 12:00", 30),
    ("in 08:00; resume 10:00; out 12:00", 0),
    ("in 08:00; break 10:00; resume 10:30; resume 10:50; out 12:00", 30),
    ("in 08:00; out 12:00", 0),
]


@pytest.mark.parametrize(("items", "minutes"), BREAKS)
def test_break_minutes(items: str, minutes: int) -> None:
    (pair,) = intervals(lane(items), breaks_in_minutes=True, split_projects=False)
    assert isinstance(pair, Pair)
    assert pair.break_minutes == minutes


def test_what_one_request_books() -> None:
    one, two, three = lane("in 08:00; break 10:00; out 12:00")
    assert Running(one, (two,)).items == (one, two)
    assert Pair(one, three, (two,)).items == (one, two, three)
    assert Pair(one, three, (two,), shared_close=True).items == (one, two)
    assert OrphanOut(three).items == (three,)


NEEDED_NOTHING = Delivery(State.DELIVERED)
GONE = Delivery(State.VOID)


@pytest.mark.parametrize(
    ("gone", "after", "expected"),
    [
        ((Kind.BREAK, GONE), (Kind.OUT, NEEDED_NOTHING), True),
        ((Kind.BREAK, GONE), (Kind.BREAK, NEEDED_NOTHING), True),
        ((Kind.BREAK, Delivery(State.IGNORED)), (Kind.OUT, NEEDED_NOTHING), True),
        ((Kind.BREAK, Delivery(State.VOID, voided=True)), (Kind.OUT, NEEDED_NOTHING), True),
        # a person leaves its entry where it is
        ((Kind.BREAK, Delivery(State.IGNORED, voided=True)), (Kind.OUT, NEEDED_NOTHING), False),
        ((Kind.OUT, GONE), (Kind.OUT, NEEDED_NOTHING), False),
        ((Kind.IN, GONE), (Kind.OUT, NEEDED_NOTHING), False),
        ((Kind.BREAK, GONE), (Kind.IN, NEEDED_NOTHING), False),
        ((Kind.BREAK, GONE), (Kind.RESUME, NEEDED_NOTHING), False),
        ((Kind.BREAK, GONE), (Kind.OUT, Delivery(State.DELIVERED, via=Via.TIMER)), False),
        ((Kind.BREAK, GONE), (Kind.OUT, Delivery(State.WAITING)), False),
    ],
)
def test_an_out_that_needed_nothing_ends_the_interval_after_all(
    gone: tuple[Kind, Delivery],
    after: tuple[Kind, Delivery],
    expected: bool,
) -> None:
    assert ends_after_all(gone, after) is expected
