"""The words of a plan: what may be done next for one employee, and what the planner is told.

`core/plan_attendance.py` and `core/plan_project.py` make plans; sync carries out `Send`, reconcile `Look` and `Change`.
"""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from clockd.core.delivery import Event
from clockd.core.pairing import Held
from clockd.core.wire import Entry, Write

NOT_DELETED = "not-deleted"
"""Code of a punch that was taken back, and whose entry the tracker keeps."""
ITS_IN = "its-in"
"""Code of a clock-out that is held because its clock-in is."""
TOO_LONG = "too-long"
"""Code of a clock-out that is held because it comes longer than a shift after its clock-in."""
ORPHAN_OUT = "orphan-out"
"""Code of a clock-out that is held because there is no clock-in; it goes on when one is there after all."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How this tracker is served; made from the configuration."""

    timer: bool
    """Start and stop timers at the live edge; else closed intervals only."""
    can_lock: bool = False
    """Entries may be locked against deletion."""
    can_stop: bool = True
    """The tracker has timers at all."""
    look_first: bool = True
    """Look before a whole interval is sent; off where a look serves one employee only, and the tracker refuses
    overlaps: then a refusal makes us look."""
    breaks_in_minutes: bool = False
    split_projects: bool = False
    whole_minutes: bool = False
    zone: tzinfo | None = None
    """Tells the two 02:30 of an autumn night apart …"""
    says_offset: bool = True
    """… and the tracker's times carry what is needed to say which of them is meant."""
    time_types: frozenset[str] = frozenset()
    """What a row of ours may say of its time type, by id or name; empty where there are none (Goodtime)."""
    max_shift_s: float = 14 * 3600
    quarantine_s: float = 120
    fresh_live_s: float = 300
    """How old a look of one page may be for a start or stop of this very minute …"""
    fresh_timer_s: float = 30
    """… for one that waited: somebody may have gone on in the web app since …"""
    fresh_pair_s: float = 120
    """… and for a whole interval …"""
    most_fresh_pages: int = 5
    """… and so many times as old at most, where it took more pages: it would cost more than what it serves."""
    horizon_s: float = 6 * 3600
    """An absent write older than this is not repeated: somebody may have deleted or moved the entry."""
    max_attempts: int = 5
    local_filter: bool = True
    """Off only in a negative control: rows of other people then count as this employee's."""
    blind: bool = False
    """On only in a negative control: timers are stopped and doubtful writes repeated without looking."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the tracker held for one employee when it was last read, whole and filtered to this employee."""

    taken_s: float
    """CLOCK_BOOTTIME when the read began …"""
    at_local: datetime
    """… and the wall clock."""
    from_local: datetime
    to_local: datetime
    entries: tuple[Entry, ...]
    pages: int = 1
    """How many pages it takes to read everybody, where one read shows everybody."""
    slack_s: float = 0.0
    """What the read itself took, and a place on the line takes: it may be so much older than it should be, or no
    write would ever be in time after it."""

    def covers(self, from_local: datetime, to_local: datetime) -> bool:
        """Whether the read reached over this span."""
        return self.from_local <= from_local and to_local <= self.to_local


@dataclass(frozen=True, slots=True)
class Move:
    """One change of one delivery. None leaves a field as it is, except `held` and `mark`, which an event clears; what a
    person said stays.
    """

    seq: int
    event: Event
    entry_ids: tuple[str, ...] | None = None
    via: str | None = None
    held: Held | None = None
    mark: str | None = None
    due_s: float | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before `until_s`; None: not before something new happens."""

    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The tracker must be read over this span, by a read that begins at `after_s` or later."""

    from_local: datetime
    to_local: datetime
    after_s: float


@dataclass(frozen=True, slots=True)
class Change:
    """States to change without a request."""

    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """A write, and the punches it books."""

    write: Write
    covers: tuple[int, ...]
    target: tuple[str, ...] = ()
    """The entry a stop or an update acts on."""
    final: bool = True
    """False when the punch needs a further write after this one."""


Plan = Rest | Look | Change | Send
