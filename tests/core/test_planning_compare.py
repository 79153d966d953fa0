"""Is it the same? The tolerances at their edges."""

import pytest

from clockd.core.planning.compare import (
    booked_rows,
    by_id,
    equal_rows,
    near,
    overlapping_rows,
    running_rows,
    tiling_rows,
)
from tests.core.lanes import local, rows


def ids(found: object) -> str:
    return ",".join(row.id for row in found)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [("08:00", "08:00", True), ("08:00", "08:00:59", True), ("08:00:59", "08:00", True), ("08:00", "08:01", False)],
)
def test_near(a: str, b: str, *, expected: bool) -> None:
    assert near(local(a), local(b)) is near(local(b), local(a)) is expected
    assert not near(None, local(b))
    assert not near(local(a), None)


def test_ids_are_sorted_by_value_where_they_are_numbers() -> None:
    assert sorted((row.id for row in sorted(rows("100 08:00..; 9 08:00..; 20 08:00.."), key=by_id)), key=len) == [
        "9",
        "20",
        "100",
    ]
    assert ids(sorted(rows("b 08:00..; a 08:00..; c 08:00.."), key=by_id)) == "a,b,c"


EQUAL = [
    ("41 08:00..12:00", "41"),
    ("41 08:00:59..11:59:01", "41"),
    ("41 08:01..12:00", ""),
    ("41 08:00..11:59", ""),
    ("41 08:00..", ""),
    ("100 08:00..12:00; 9 08:00..12:00", "9,100"),
]


@pytest.mark.parametrize(("there", "found"), EQUAL)
def test_equal_rows(there: str, found: str) -> None:
    assert ids(equal_rows(rows(there), local("08:00"), local("12:00"))) == found


TILES = [
    ("41 08:00..10:00; 42 10:00..12:00", "41,42"),
    ("42 10:00..12:00; 41 08:00..10:00", "41,42"),
    ("41 08:00..09:00; 42 09:00..11:00; 43 11:00..12:00", "41,42,43"),
    ("41 08:00:59..10:00; 42 10:00:59..12:00:59", "41,42"),
    ("41 08:00..10:00; 42 10:01..12:00", ""),  # a gap
    ("41 08:01..10:00; 42 10:00..12:00", ""),
    ("41 08:00..10:00; 42 10:00..12:01", ""),
    ("41 08:00..10:00; 42 10:00..11:59", ""),
    ("41 08:00..10:00; 42 10:00..", ""),
    ("41 08:00..12:00", ""),  # it is the interval itself, and no tiles
    ("41 07:00..07:30; 42 08:00..10:00; 43 10:00..12:00; 44 13:00..14:00", "42,43"),
    ("40 08:00..13:00; 41 08:00:30..10:00; 42 10:00..12:00", "41,42"),  # a longer one is passed over
    ("40 08:00..12:01:01; 41 08:00:30..10:00; 42 10:00..12:00", "41,42"),
    ("41 08:00..10:00; 42 09:00..10:00; 43 10:00..12:00", "41,43"),
]


@pytest.mark.parametrize(("there", "found"), TILES)
def test_tiling_rows(there: str, found: str) -> None:
    assert ids(tiling_rows(rows(there), local("08:00"), local("12:00"))) == found


OVERLAPS = [
    ("41 09:00..10:00", "41"),
    ("41 07:00..13:00", "41"),
    ("41 07:00..08:01", ""),
    ("41 07:00..08:01:01", "41"),
    ("41 11:59..13:00", ""),
    ("41 11:58:59..13:00", "41"),
    ("41 07:00..", "41"),
    ("41 11:59..", ""),
    ("41 07:00..08:00; 42 10:00..11:00; 43 12:00..", "42"),
]


@pytest.mark.parametrize(("there", "found"), OVERLAPS)
def test_overlapping_rows(there: str, found: str) -> None:
    assert ids(overlapping_rows(rows(there), local("08:00"), local("12:00"))) == found


def test_running_rows_come_earliest_first() -> None:
    assert ids(running_rows(rows("41 09:00..; 42 07:00..08:00; 43 08:00.."))) == "43,41"


@pytest.mark.parametrize(
    ("there", "found"),
    [
        ("100 08:00..12:00; 41 08:00..10:00; 42 10:00..12:00; 9 08:00..12:00", "9"),
        ("41 08:00..10:00; 42 10:00..12:00", "41,42"),
        ("41 08:00..10:00", ""),
    ],
)
def test_what_books_an_interval_is_one_row_or_its_tiles(there: str, found: str) -> None:
    assert ids(booked_rows(rows(there), local("08:00"), local("12:00"))) == found
