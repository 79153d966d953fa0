"""Where a week's bars stand, by documents as the daemon writes them."""

from datetime import date, datetime
from typing import Any

import pytest

from clockd.web.pages.png import png
from clockd.web.pages.sheet import MOST_H, sheet_of
from clockd.web.pages.span import Span, View

WEEK = Span.around("week", "2026-11-25", date(2026, 11, 29))
NOW = datetime(2026, 11, 27, 15, 0)


def work(begins: str, ends: str | None, **marks: bool) -> dict[str, Any]:
    known = {"running": ends is None, "uncertain": False, "held": False} | marks
    return {"from_local": begins, "to_local": ends, "worked_s": 3600, "project": None, "ids": [], **known}


def sheet(*days: tuple[str, list[dict[str, Any]], list[dict[str, Any]]], missing: Any = ()) -> Any:
    found = [
        {"day": day, "worked_s": 3600 * len(works), "break_s": 60, "work": works, "breaks": breaks}
        for day, works, breaks in days
    ]
    total = 3600 * sum(len(works) for _, works, _ in days)
    document = {"days": found, "missing": list(missing), "worked_s": total, "break_s": 60}
    return sheet_of(document, WEEK, NOW)


def test_a_day_with_a_break() -> None:
    pause = {"from_local": "2026-11-23T12:00:00", "to_local": "2026-11-23T12:30:00", "break_s": 1800}
    works = [
        work("2026-11-23T08:00:00", "2026-11-23T12:00:00"),
        work("2026-11-23T12:30:00", "2026-11-23T17:00:00", held=True),
    ]
    found = sheet(("2026-11-23", works, [pause]))
    bars = [(bar.what, bar.begins_min, bar.ends_min) for bar in found.days[0].bars]
    assert bars == [("work", 480, 720), ("break", 720, 750), ("held", 750, 1020)]
    assert (found.begins_min, found.ends_min) == (6 * 60, 20 * 60)
    assert [day.day for day in found.days] == WEEK.days


def test_a_night_shift_goes_on_beyond_midnight_and_a_running_one_ends_now() -> None:
    night = work("2026-11-23T22:00:00", "2026-11-24T06:00:00")
    found = sheet(("2026-11-23", [night], []), ("2026-11-27", [work("2026-11-27T05:10:00", None)], []))
    assert (found.days[0].bars[0].begins_min, found.days[0].bars[0].ends_min) == (22 * 60, 30 * 60)
    assert (found.days[4].bars[0].what, found.days[4].bars[0].ends_min) == ("running", 15 * 60)
    assert (found.begins_min, found.ends_min) == (4 * 60, 30 * 60)
    assert list(found.hours) == list(range(4, 31, 2))


def test_what_is_missing_is_marked_on_its_day_and_a_time_nobody_knows_is_not() -> None:
    lacks = [
        {"what": "out", "id": "A", "kind": "in", "local": "2026-11-24T08:00:00", "clock": "synchronized"},
        {"what": "time", "id": "B", "kind": "in", "local": "2026-11-24T09:00:00", "clock": "uncertain"},
        {"what": "out", "id": "C", "kind": "in", "local": "2026-12-24T08:00:00", "clock": "synchronized"},
    ]
    found = sheet(missing=lacks)
    assert [(mark.what, mark.at_min) for mark in found.days[1].marks] == [("out", 480)]
    assert len(found.missing) == 3


def test_nothing_is_drawn_beyond_the_edge() -> None:
    long = work("2026-11-23T08:00:00", "2026-11-29T08:00:00")
    found = sheet(("2026-11-23", [long], []))
    assert found.ends_min == MOST_H * 60 >= found.days[0].bars[0].ends_min


@pytest.mark.parametrize(
    ("view", "day", "first", "last"),
    [
        ("week", "2026-11-29", "2026-11-23", "2026-11-29"),
        ("week", "2026-11-30", "2026-11-30", "2026-12-06"),
        ("month", "2028-02-10", "2028-02-01", "2028-02-29"),
        ("month", "2026-12-31", "2026-12-01", "2026-12-31"),
        ("", "", "2026-11-23", "2026-11-29"),
        ("year", "no day", "2026-11-23", "2026-11-29"),
        ("week", "0001-01-01", "2026-11-23", "2026-11-29"),
        ("week", "9999-12-31", "2026-11-23", "2026-11-29"),
    ],
)
def test_the_days_of_a_span(view: str, day: str, first: str, last: str) -> None:
    span = Span.around(view, day, date(2026, 11, 29))
    assert (span.first.isoformat(), span.last.isoformat()) == (first, last)
    assert Span.around(span.view, span.before.isoformat(), span.last).last == span.before
    assert Span.around(span.view, span.after.isoformat(), span.last).first == span.after
    assert span.view in View


def test_the_display_is_a_picture_a_browser_reads() -> None:
    from io import BytesIO

    from PIL import Image

    drawn = Image.new("1", (128, 64))
    drawn.putpixel((3, 5), 1)
    drawn.putpixel((127, 63), 1)
    read = Image.open(BytesIO(png(128, 64, drawn.tobytes()))).convert("RGB")
    colours = read.getcolors() or []
    assert sorted(count for count, _ in colours) == [2, 128 * 64 - 2]
    assert read.getpixel((3, 5)) == read.getpixel((127, 63)) != read.getpixel((0, 0))
