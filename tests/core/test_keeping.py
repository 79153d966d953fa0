"""Which punches are discarded once they are old enough: by shifts, at an end, never what presence depends on."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from clockd.core.keeping import NIGHTS_SHARE, AgedPunch, may_go, nights_share
from clockd.core.model import Kind

BEGIN = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)
BEFORE = BEGIN + timedelta(days=50)
KINDS = {"i": Kind.IN, "o": Kind.OUT, "b": Kind.BREAK, "r": Kind.RESUME, "p": Kind.PROJECT, "?": None}


def lane(text: str) -> Iterator[AgedPunch]:
    """Punches as letters: `i9` a clock-in on day 9. Behind it: `*` not settled, `~` of no certain time, `x` void."""
    for seq, word in enumerate(text.split(), 1):
        marks = set(word) & set("*~x")
        number = word.strip("*~x")[1:]
        at = None if "~" in marks else BEGIN + timedelta(days=float(number), minutes=seq)
        yield AgedPunch(seq, KINDS[word[0]], at, "*" not in marks, "x" not in marks)


@pytest.mark.parametrize(
    ("text", "going"),
    [
        ("", []),
        ("i1 o1", [1, 2]),
        ("i1 o1 i60 o60", [1, 2]),
        ("i49 o51", []),  # the other half is younger
        ("i49 b49 r51 o51 i60", []),
        ("i1 o1 i49 o50.1", [1, 2]),
        ("i1", []),  # still in
        ("i1 b1", []),  # in a break
        ("i1 b1 r1", []),
        ("i1 o1 i2", [1, 2]),
        ("i1 i2 o2", [1, 2, 3]),  # a clock-out was forgotten, and nothing waits for it
        ("i1 i60", [1]),
        ("i1* o1", []),  # held, waiting, in doubt, or a correction is asked for
        ("i1 o1*", []),
        ("i1* o1 i2 o2", [3, 4]),  # one that is held keeps its own shift alone
        ("i1 o1* i2 o2 i3 o3*", [3, 4]),
        ("i1~ o1", []),  # nobody knows when
        ("i1 p1 p1 o1", [1, 2, 3, 4]),
        ("i1 o1 p1", [1, 2, 3]),
        ("p1", []),  # may still run
        ("p1 i2 o2", [1, 2, 3]),
        ("o1 i2 o2", [1, 2, 3]),
        ("o1", [1]),
        ("b1 i60", [1]),
        ("i1x o1 i2 o2", [1, 2, 3, 4]),  # void counts for nobody
        ("i1x i49 o51", [1]),
        ("i49 o49x", [2]),
        ("i1 o1x i60", [1, 2]),
        ("i1x*", []),
        ("i1x~", []),
        ("i60x", []),
        ("?1x ?60x ?2x*", [1]),  # strangers' taps
        ("i1 ?1 o1", [1, 2, 3]),
    ],
)
def test_what_goes(text: str, going: Sequence[int]) -> None:
    assert sorted(punch.seq for shift in may_go(lane(text), BEFORE) for punch in shift) == going


def test_the_moment_itself_is_kept() -> None:
    at = BEFORE - timedelta(microseconds=1)
    punches = [AgedPunch(1, Kind.OUT, at, True, True), AgedPunch(2, Kind.OUT, BEFORE, True, False)]
    assert [[punch.seq for punch in shift] for shift in may_go(punches, BEFORE)] == [[1]]


def test_a_night_takes_the_oldest_month_alone() -> None:
    punches = [
        AgedPunch(n, Kind.OUT, BEGIN + timedelta(days=days), True, True) for n, days in enumerate((90, 0, 31, 32))
    ]
    assert [shift[0].seq for shift in nights_share([punch] for punch in punches)] == [1, 2]
    assert nights_share([]) == []
    night = BEGIN + NIGHTS_SHARE - timedelta(hours=2)
    over_it = [AgedPunch(7, Kind.IN, night, True, True), AgedPunch(8, Kind.OUT, night + timedelta(hours=8), True, True)]
    assert nights_share([[punches[1]], over_it]) == [[punches[1]], over_it], "a shift goes as a whole"
    assert timedelta(days=31) == NIGHTS_SHARE
