"""What is known of one employee's lane when a plan is made."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from clockd.core.delivery import HoldCode, State, Via
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Look, Policy, Seen
from clockd.core.wire import Entry, WriteKind

THIS_MINUTE_S = 60.0
"""A tap younger than this says what the person wants now."""


@dataclass(slots=True)
class Situation:
    """What every rule of a plan may ask.

    Args:
        items: the lane in order.
        seen: the last read of the tracker for this employee; None when there was none since the start.
        policy: how this tracker is served.
        now_s: CLOCK_BOOTTIME.
        trusted: whether the wall clock is right; if not, nobody knows how long ago an earlier boot was.
        failed_s: CLOCK_BOOTTIME when the tracker last kept everybody waiting.
        anew_s: CLOCK_BOOTTIME when a person last retried something of theirs; what was tapped before is looked at.
    """

    items: Sequence[Item]
    seen: Seen | None
    policy: Policy
    now_s: float
    trusted: bool = True
    failed_s: float = -math.inf
    anew_s: float = -math.inf
    rows: tuple[Entry, ...] = field(init=False)
    """Every row of this employee that was seen."""
    owned: frozenset[str] = field(init=False)
    """Ids of entries that punches of this lane own."""
    foreign: list[Entry] = field(init=False)
    """Rows that none of our punches owns."""
    kept: frozenset[str] = field(init=False)
    """Ids of entries that were to be deleted and are still there: they are in the way, and no punch owns them."""
    left_running: Item | None = None
    """The clock-in of an earlier interval of ours that was never ended at the tracker."""

    restored_s: float = field(init=False)
    """When a look must have been taken at the earliest, since the store was restored; -inf where it was not."""

    def __post_init__(self) -> None:
        looks = (item.look_after_s for item in self.items if item.look_after_s is not None)
        self.restored_s = max(looks, default=-math.inf)
        self.kept = frozenset(i for item in self.items if is_kept(item) for i in item.entry_ids)
        self.owned = self.kept.union(*(item.entry_ids for item in self.items if item.counts))
        self.rows = self.seen.entries if self.seen else ()
        self.foreign = [row for row in self.rows if row.id not in self.owned]

    @property
    def in_the_way(self) -> list[Entry]:
        """Rows that what we send may overlap: those that no punch owns, and those that the tracker keeps."""
        return [row for row in self.rows if row.id not in self.owned or row.id in self.kept]

    def work(self, time_type: str | None) -> list[Entry]:
        """Return the rows that no punch owns and that may be work of this time type; a holiday at its times is not."""
        return [row for row in self.foreign if self.policy.is_of(row, time_type)]

    def age_s(self, item: Item) -> float:
        """Return how many seconds ago the tap was."""
        return self.now_s - item.tapped_s

    def knows_age(self, item: Item) -> bool:
        """Whether `age_s` is true: after a loss of power the wall clock is wrong until somebody tells it the time."""
        return item.same_boot or self.trusted

    def fresh_s(self, item: Item) -> float:
        """Return when a look must have been taken at the earliest, to start or stop a timer for this punch.

        The look must be newer for a punch that waited for the tracker: its owner may have gone on by phone.
        """
        waited_since_s = max(self.failed_s if self.failed_s >= item.tapped_s else -math.inf, item.sent_s or -math.inf)
        live = self.knows_age(item) and self.age_s(item) < THIS_MINUTE_S and waited_since_s == -math.inf
        fresh_s = self._oldest_s(self.policy.fresh_live_s if live else self.policy.fresh_timer_s)
        return max(fresh_s, waited_since_s, self.restored_s)

    def fresh_pair_s(self) -> float:
        """Return when a look must have been taken at the earliest, to send a whole interval."""
        return max(self._oldest_s(self.policy.fresh_pair_s), self.restored_s)

    def _oldest_s(self, one_page_s: float) -> float:
        if self.seen is None:
            return self.now_s - one_page_s
        return self.now_s - one_page_s * min(self.seen.pages, self.policy.most_fresh_pages) - self.seen.slack_s

    def needs_look(self, from_local: datetime, to_local: datetime, after_s: float) -> Look | None:
        """Return the look that is needed first; None when what was seen is new and wide enough."""
        if self.seen and self.seen.taken_s >= after_s and self.seen.covers(from_local, to_local):
            return None
        return Look(from_local, to_local, after_s)


def is_kept(item: Item) -> bool:
    """Whether an entry that was to be deleted for this punch stays at the tracker, as long as a person leaves it."""
    if item.state is State.IGNORED:
        return item.voided and item.via is not Via.ADOPTED and bool(item.entry_ids)
    return item.state is State.HELD and item.held is not None and item.held.code is HoldCode.NOT_DELETED


def is_deleting(item: Item) -> bool:
    """Whether a deletion was sent for this punch, so that its ids are what is to be deleted, not what books it."""
    return item.write is WriteKind.DELETE_ENTRY and bool(item.entry_ids)
