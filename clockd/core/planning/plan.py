"""The words of a plan: what may be done next for one employee, and what the planner is told.

Sync (`flow/sync.py`) sends a `Send` and applies a `Change`; a `Look` it puts on the board as a wish, which reconcile
(`flow/reconcile.py`) fulfils.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from clockd.core.delivery import FINISHED, Event, Move, Via
from clockd.core.planning.item import Item
from clockd.core.wire import Entry, Write


@dataclass(frozen=True, slots=True)
class Policy:
    """How this tracker is served; made from the configuration."""

    timer: bool
    """Whether timers are started and stopped for what happens now; otherwise only closed intervals are sent."""
    can_lock: bool = False
    """Whether entries may be locked against deletion."""
    can_stop: bool = True
    """Whether the tracker has timers at all."""
    look_first: bool = True
    """Whether to look before a whole interval is sent. It is off where a look serves one employee only and the tracker
    refuses overlaps: then a refusal makes us look."""
    breaks_in_minutes: bool = False
    """Whether breaks are minutes within an entry; otherwise each one is a gap between two entries."""
    split_projects: bool = False
    """Whether a project switch ends one entry and begins the next."""
    whole_minutes: bool = False
    """Whether the tracker keeps whole minutes only."""
    zone: tzinfo | None = None
    """The zone of the terminal, which tells the two 02:30 of an autumn night apart; None: they count as the same."""
    says_offset: bool = True
    """Whether the tracker's times can say which of two equal wall-clock times is meant."""
    time_types: frozenset[str] = frozenset()
    """Ids and names of the usual time type, as rows of ours have it (Goodtime); empty where there are none."""
    named_types: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The same of every other time type, by the id or name that a punch may have it by, in small letters."""
    max_shift_s: float = 14 * 3600
    """The longest shift; in a longer interval a clock-out was likely forgotten."""
    quarantine_s: float = 120
    """How long after a request without an answer it is looked for: until then it may still arrive."""
    fresh_live_s: float = 300
    """How old a look of one page may be to start or stop a timer for a tap of this minute."""
    fresh_timer_s: float = 30
    """How old it may be to start or stop a timer for a punch that waited: its owner may have gone on by phone."""
    fresh_pair_s: float = 120
    """How old it may be to send a whole interval."""
    most_fresh_pages: int = 5
    """A look of several pages costs as much more, and may be as many times as old; this limits how many times."""
    horizon_s: float = 6 * 3600
    """A write that left no trace is not repeated after this: somebody may have deleted or moved the entry."""
    max_attempts: int = 5
    """How many requests without a trace are sent before a person has to look."""
    local_filter: bool = True
    """Off only in a negative control of the tests: rows of other people then count as this employee's."""
    blind: bool = False
    """On only in a negative control of the tests: timers are stopped and doubtful writes repeated without a look."""

    def is_of(self, row: Entry, time_type: str | None) -> bool:
        """Whether a row can be work of a punch's time type, as far as the row says."""
        name = time_type.casefold() if time_type else ""
        types = self.named_types.get(name, frozenset({time_type})) if time_type else self.time_types
        return not types or not row.time_type or row.time_type in types


@dataclass(frozen=True, slots=True)
class Seen:
    """What the tracker held for one employee when it was last read, whole and filtered to this employee."""

    taken_s: float
    """CLOCK_BOOTTIME when the read began."""
    at_local: datetime
    """The wall clock when the read began."""
    from_local: datetime
    """Begin of the span that was read."""
    to_local: datetime
    """End of the span that was read."""
    entries: tuple[Entry, ...]
    pages: int = 1
    """How many pages it takes to read everybody, where one read shows everybody."""
    slack_s: float = 0.0
    """By how many seconds the read may be too old: it took as long itself, and a write waits for its place."""
    whose: Mapping[str, str] = field(default_factory=dict)
    """The username of each entry that was seen, of everybody, by its id; empty where one employee was looked at."""

    def covers(self, from_local: datetime, to_local: datetime) -> bool:
        """Whether the read reached over this span."""
        return self.from_local <= from_local and to_local <= self.to_local


@dataclass(frozen=True, slots=True)
class Rest:
    """There is nothing to do before `until_s` (CLOCK_BOOTTIME); None: before something new happens."""

    until_s: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The tracker must be read over this span, by a read that begins at `after_s` or later."""

    from_local: datetime
    to_local: datetime
    after_s: float


@dataclass(frozen=True, slots=True)
class Change:
    """States of deliveries are to be changed, without a request."""

    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """A write is to be sent."""

    write: Write
    covers: tuple[int, ...]
    """Seqs of the punches that it books, or deletes."""
    target: tuple[str, ...] = ()
    """Ids of the entries that it stops, updates or deletes."""
    final: bool = True
    """Whether it is the last write that these punches need."""


Plan = Rest | Look | Change | Send


def booked_by(items: Iterable[Item], rows: Sequence[Entry], via: Via) -> Change:
    """Say that these rows book these punches."""
    ids = tuple(row.id for row in rows)
    unfinished = (item for item in items if item.state not in FINISHED)
    return Change(tuple(Move(item.seq, Event.FOUND, entry_ids=ids, via=via) for item in unfinished))


@dataclass(frozen=True, slots=True)
class Waits:
    """An interval waits for its other half or for a person; the later ones of the lane go on."""


WAITS = Waits()
