"""`Item`: a punch in a lane of the outbox, as a plan sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clockd.core.delivery import Held, Mark, State, Via, held_in_doubt
from clockd.core.model import ClockQuality, Kind, Project
from clockd.core.wire import WriteKind


@dataclass(frozen=True, slots=True)
class Item:
    """How a punch counts now, and how far its delivery is.

    Times that end in `_s` are seconds of this boot's CLOCK_BOOTTIME; the store translates those of earlier boots. None
    of them is an age, so an item stays true until its row changes.
    """

    seq: int
    username: str
    kind: Kind
    at: datetime
    offset_s: int
    state: State
    project: Project | None = None
    time_type: str | None = None
    """The time type that is worked on from then on (Goodtime), by name or id; None: the usual one."""
    clock: ClockQuality = ClockQuality.SYNCHRONIZED
    voided: bool = False
    """Whether a person took it back."""
    held: Held | None = None
    entry_ids: tuple[str, ...] = ()
    via: Via | None = None
    """How its entry came about; None while nothing of it is proved to be at the tracker."""
    mark: Mark | None = None
    """What the last request left to be remembered; None when that is nothing."""
    attempts: int = 0
    """How many requests may have reached the tracker."""
    sent_s: float | None = None
    """When the last request left; 0 for an earlier boot, None before the first."""
    first_sent_s: float | None = None
    """When the first request left; negative before this boot, None before the first."""
    due_s: float = 0.0
    """While it waits: the earliest moment to send it. While it is doubtful: when its quarantine ends."""
    write: WriteKind | None = None
    """The kind of the last request."""
    last_error: str | None = None
    done_s: float | None = None
    """When the delivery was proved; 0 for an earlier boot, None before that."""
    retries: int = 0
    """How often it was held with a time at which clockd tries it again."""
    retry_s: float | None = None
    """When clockd tries it again while it is held; None when only a person can."""
    tapped_s: float = 0.0
    """When the tap was; negative before this boot."""
    elsewhere: bool = False
    """Whether it belongs to another tracker or account than the one that is configured now."""
    look_after_s: float | None = None
    """Set where another life of this terminal may have booked it, of which this store, restored from a backup, knows
    nothing: before anything is sent for it the tracker has to be read, by a read that begins at this or later.
    """
    same_boot: bool = True
    """Whether the tap was in this boot, so that its age does not depend on a wall clock."""

    @property
    def held_in_doubt(self) -> bool:
        """Whether it may be at the tracker, and was held before a look could tell."""
        return held_in_doubt(self.state, self.held, self.attempts, self.via)

    @property
    def local(self) -> datetime:
        """The wall clock at the terminal in whole seconds, as it is sent."""
        return (self.at + timedelta(seconds=self.offset_s)).replace(tzinfo=None, microsecond=0)

    @property
    def counts(self) -> bool:
        """Whether it is paired with others; a punch that is void or ignored is not."""
        return self.state not in DROPPED


DROPPED = frozenset({State.IGNORED, State.VOID})
"""States of punches that count for nothing any more."""
