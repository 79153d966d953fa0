"""A punch in a lane of the outbox, as a plan sees it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clockd.core.delivery import Held, Mark, State, Via
from clockd.core.model import ClockQuality, Kind, Project
from clockd.core.wire import WriteKind


@dataclass(frozen=True, slots=True)
class Item:
    """How a punch counts now, and how far its delivery is.

    Times that end in `_s` are CLOCK_BOOTTIME of the present boot; the store translates those of earlier boots. None of
    them is an age: an item stays true until its row changes.
    """

    seq: int
    username: str
    kind: Kind
    at: datetime
    offset_s: int
    state: State
    project: Project | None = None
    clock: ClockQuality = ClockQuality.SYNCHRONIZED
    voided: bool = False
    """A person took it back."""
    held: Held | None = None
    entry_ids: tuple[str, ...] = ()
    via: Via | None = None
    """How its entry came about; None while nothing of it is proved to be at the tracker."""
    mark: Mark | None = None
    attempts: int = 0
    sent_s: float | None = None
    first_sent_s: float | None = None
    """When the first attempt was; negative before this boot."""
    due_s: float = 0.0
    """Waiting: not before. Doubtful: the quarantine ends."""
    write: WriteKind | None = None
    """What the last request was."""
    last_error: str | None = None
    done_s: float | None = None
    """When the delivery was proved; 0 for an earlier boot."""
    retries: int = 0
    """How often it was held to be tried again by itself."""
    retry_s: float | None = None
    """Held: when it is tried again by itself; None: when a person says so."""
    tapped_s: float = 0.0
    """When the tap was; negative before this boot."""
    elsewhere: bool = False
    """It is at another tracker or account than the one that is configured now."""
    same_boot: bool = True
    """The tap was in this boot, so that its age does not depend on a wall clock."""

    @property
    def local(self) -> datetime:
        """Wall clock at the terminal in whole seconds, as it is sent."""
        return (self.at + timedelta(seconds=self.offset_s)).replace(tzinfo=None, microsecond=0)

    @property
    def counts(self) -> bool:
        """Whether it is paired with others: what is void or ignored is not."""
        return self.state not in DROPPED


DROPPED = frozenset({State.IGNORED, State.VOID})
"""States of punches that count for nothing any more."""
