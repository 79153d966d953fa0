"""The open lanes of the outbox in memory: read when their rows changed, and believed until then.

Triggers tell whose rows changed (`store/touched.py`), so that no statement can forget to. A step of the wall clock
changes no row, but it changes how long ago a tap of an earlier boot was: then all lanes are read anew.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import partial

from clockd.core.delivery import Now
from clockd.core.model import Reading
from clockd.core.planning.item import Item
from clockd.store import Database, outbox, touched
from clockd.store.outbox import Lane
from clockd.store.thread import Store
from clockd.store.touched import Touched

AT_ONCE = 16
"""How many lanes are read in one go of the store: a tap waits for each."""

LaneKey = tuple[str, str]
"""Username and lane."""


@dataclass(slots=True)
class Lanes:
    """The lanes with something unfinished, and their punches: what sync plans with.

    Args:
        store: the outbox.
        least_step_us: the smallest step of the wall clock that is noticed, in microseconds.
        believed: off only in a negative control of the tests: everything is read again each time.
    """

    store: Store
    least_step_us: int = 1_000_000
    believed: bool = True
    open: dict[LaneKey, Lane] = field(default_factory=dict)
    """The lanes that have something unfinished, oldest first."""
    items: dict[LaneKey, tuple[Item, ...]] = field(default_factory=dict)
    """The punches of these lanes; those of a busy employee may be missing."""
    _mark: int = 0
    """The mark of `store/touched.py` up to which changes were read."""
    _apart_us: int = 0
    """Wall clock minus boot time when the lanes were last read anew, in microseconds."""
    _trusted: bool = False
    """Whether the wall clock was right then."""

    async def refresh(self, reading: Reading, busy: Set[str]) -> Set[LaneKey] | None:
        """Read the lanes that changed, except those of busy employees, which are read later.

        Returns:
            The lanes that were read; None when nothing changed at all.

        Raises:
            NotRecorded: the disk refuses; the next call reads what this one did not.
        """
        now = Now.of(reading)
        apart_us = now.wall_us - now.boottime_us
        stepped = abs(apart_us - self._apart_us) > self.least_step_us or reading.trusted != self._trusted
        if stepped or not self.believed:
            self._apart_us, self._trusted = apart_us, reading.trusted
            self.items.clear()
        mark = self._mark
        changed, lanes = await self.store.run(lambda db: _changed(db, mark))
        news = changed.everybody or bool(changed.usernames)
        if news:
            kept = {key: lane for key, lane in self.open.items() if not changed.concerns(key[0])}
            self.open = {lane.key: lane for lane in sorted((*kept.values(), *lanes), key=_first)}
            self.items = {key: items for key, items in self.items.items() if key in kept}
        wanted = [lane for key, lane in self.open.items() if key not in self.items and key[0] not in busy]
        for first in range(0, len(wanted), AT_ONCE):
            self.items |= await self.store.run(partial(_items, lanes=wanted[first : first + AT_ONCE], now=now))
        self._mark = changed.mark
        return frozenset(lane.key for lane in wanted) if wanted or news else None


def _first(lane: Lane) -> int:
    return lane.first


def _changed(db: Database, mark: int) -> tuple[Touched, list[Lane]]:
    """Return whose rows changed since a mark, and their lanes with something unfinished."""
    changed = touched.since(db, mark)
    if changed.everybody:
        return changed, outbox.lanes(db)
    return changed, [lane for name in changed.usernames for lane in outbox.lanes(db, name)]


def _items(db: Database, lanes: Sequence[Lane], now: Now) -> dict[LaneKey, tuple[Item, ...]]:
    return {lane.key: tuple(outbox.items(db, lane.username, lane.lane, now)) for lane in lanes}
