"""No row is missed between the pages of one look."""

from datetime import datetime

import pytest

from clockd.core.pages import Pages
from clockd.core.wire import Entry

PER_PAGE = 10


def entries(*ids: int) -> tuple[Entry, ...]:
    return tuple(Entry(str(n), "ada", datetime(2026, 11, 20, 8), None) for n in ids)


def page(table: list[int], number: int) -> tuple[tuple[Entry, ...], bool]:
    """Return a page of the tracker's table, and whether it is the last one."""
    ids = table[number * PER_PAGE : (number + 1) * PER_PAGE]
    return entries(*ids), len(ids) < PER_PAGE


def read(table: list[int], *, fails_at: int, meanwhile: int, forgetful: bool = False) -> Pages:
    """Read all pages; one does not come at first, and meanwhile a row is deleted.

    Args:
        forgetful: the sabotage: the page before is not read again.
    """
    pages, failed = Pages(0.0), False
    while not (pages.whole or pages.torn):
        if pages.next == fails_at and not failed:
            failed = True
            pages.fail(answered=False)
            pages._again &= not forgetful
            table.remove(meanwhile)
            continue
        rows, last = page(table, pages.next)
        pages.add(rows, last=last)
    return pages


def test_pages_come_one_after_the_other() -> None:
    pages = Pages(0.0)
    for number in range(3):
        assert (pages.next, pages.whole) == (number, False)
        pages.add(*page(list(range(25)), number)[:1], last=number == 2)
    assert (pages.whole, pages.torn, pages.came) == (True, False, 3)
    assert [row.id for row in pages.rows] == [str(n) for n in range(25)]


@pytest.mark.parametrize("forgetful", [False, True], ids=["", "control"])
def test_a_row_deleted_while_a_page_did_not_come_hides_no_other(*, forgetful: bool) -> None:
    hidden = whole = 0
    for fails_at in (1, 2, 3):
        for deleted in range(35):
            pages = read(list(range(35)), fails_at=fails_at, meanwhile=deleted, forgetful=forgetful)
            whole += pages.whole
            hidden += pages.whole and not {str(n) for n in range(35)} - {str(deleted)} <= {r.id for r in pages.rows}
    assert (hidden > 0) is forgetful
    assert whole  # what is deleted further on costs nothing


def test_a_row_that_is_seen_twice_makes_all_worthless() -> None:
    pages = Pages(0.0)
    pages.add(entries(1, 2), last=False)
    pages.add(entries(2, 3), last=True)
    assert (pages.torn, pages.whole) == (True, False)


@pytest.mark.parametrize(
    ("came", "answered", "times", "torn"),
    [(1, False, 1, False), (1, False, 2, False), (1, False, 3, True), (0, False, 1, True), (1, True, 1, True)],
)
def test_it_is_asked_for_again_three_times_unless_it_was_refused(
    came: int, times: int, *, answered: bool, torn: bool
) -> None:
    pages = Pages(0.0)
    for number in range(came):
        pages.add(entries(number), last=False)
    for _ in range(times):
        pages.fail(answered=answered)
    assert pages.torn is torn
    if not torn:
        pages.add(entries(came - 1), last=False)  # the page before, once more
        assert (pages.torn, pages.next) == (False, came)
