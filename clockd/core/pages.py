"""The pages of one look, put together so that no row can be missed.

A tracker counts pages, not rows: when a row appears or is deleted before the place where we read, all that follow move.
A row that moves down is seen twice, and then the look is worth nothing. A row that moves up is not seen at all, and
nothing would tell. So the pages are read without a pause. After a page that did not come, the page before it is read
once more, and must be what it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clockd.core.wire import Entry


@dataclass(slots=True)
class Pages:
    """What has come so far of one look.

    Args:
        began_s: CLOCK_BOOTTIME of the first page's request.
        tries: how often a page that does not come is asked for, before those that came are given up with it.
    """

    began_s: float
    tries: int = 3
    came: int = 0
    """How many pages came, one after the other."""
    whole: bool = False
    """Whether the last page came."""
    torn: bool = False
    """Whether rows moved, or a page did not come, so that everything has to be read anew."""
    _rows: dict[str, Entry] = field(default_factory=dict)
    _last: frozenset[str] = frozenset()
    """Ids of the rows of the last page that came."""
    _again: bool = False
    """Whether the last page that came is to be read once more."""
    _failures: int = 0

    @property
    def next(self) -> int:
        """The page to ask for, counted from 0."""
        return self.came - self._again

    @property
    def rows(self) -> tuple[Entry, ...]:
        """What came, in the tracker's order."""
        return tuple(self._rows.values())

    def add(self, rows: Sequence[Entry], *, last: bool) -> None:
        """Take the page that was asked for."""
        ids = frozenset(row.id for row in rows)
        if self._again:
            self._again, self.torn = False, ids != self._last
            return
        self.torn = not ids.isdisjoint(self._rows)
        if self.torn:
            return
        self._rows |= {row.id: row for row in rows}
        self._last, self.whole, self._failures = ids, last, 0
        self.came += 1

    def fail(self, *, answered: bool) -> None:
        """Note that the page that was asked for did not come.

        Args:
            answered: whether the tracker itself answered; it would do so again, so all is given up.
        """
        self._failures += 1
        self.torn = answered or not self.came or self._failures >= self.tries
        self._again = not self.torn
