"""The words of a plan: what may be done next for one employee, and what the planner is told.

Sync carries out `Send` and `Change`; `Look` becomes a wish that reconcile fulfils.
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
    """Start and stop timers at the live edge; else closed intervals only."""
    can_lock: bool = False
    """Entries may be locked against deletion."""
    can_stop: bool = True
    """The tracker has timers at all."""
    look_first: bool = True
    """Look before a whole interval is sent; off where a look serves one employee only, and the tracker refuses
    overlaps: then a refusal makes us look."""
    breaks_in_minutes: bool = False
    """Breaks are minutes within an entry; else each one is a gap between two."""
    split_projects: bool = False
    """A project switch ends one entry and begins the next."""
    whole_minutes: bool = False
    """The tracker keeps whole minutes only."""
    zone: tzinfo | None = None
    """Of the terminal; tells the two 02:30 of an autumn night apart. None: the wall clock's texts are all there is."""
    says_offset: bool = True
    """The tracker's times carry what is needed to say which of two equal wall-clock times is meant."""
    time_types: frozenset[str] = frozenset()
    """What a row of ours may say of its time type, by id or name; empty where there are none (Goodtime)."""
    max_shift_s: float = 14 * 3600
    """An interval that is longer is rather one whose clock-out was forgotten."""
    quarantine_s: float = 120
    """What was sent and not answered is looked for after this: it may still arrive."""
    fresh_live_s: float = 300
    """How old a look of one page may be for a start or stop of this very minute."""
    fresh_timer_s: float = 30
    """How old it may be for a start or stop that waited: somebody may have gone on in the web app since."""
    fresh_pair_s: float = 120
    """How old it may be for a whole interval."""
    most_fresh_pages: int = 5
    """A look of several pages may be as many times as old, but no more than this: it costs as much more."""
    horizon_s: float = 6 * 3600
    """An absent write older than this is not repeated: somebody may have deleted or moved the entry."""
    max_attempts: int = 5
    """After so many requests without a trace a person has to look."""
    local_filter: bool = True
    """Off only in a negative control: rows of other people then count as this employee's."""
    blind: bool = False
    """On only in a negative control: timers are stopped and doubtful writes repeated without looking."""


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
    """So much older than it should be a read may be: it took as long itself, and a write waits for its place."""

    whose: Mapping[str, str] = field(default_factory=dict)
    """Who owns each entry that was seen, of everybody, by its id; empty where only one employee was looked at."""

    def covers(self, from_local: datetime, to_local: datetime) -> bool:
        """Whether the read reached over this span."""
        return self.from_local <= from_local and to_local <= self.to_local


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


def found(items: Iterable[Item], rows: Sequence[Entry], via: Via) -> Change:
    """Say that these rows are what books these punches."""
    ids = tuple(row.id for row in rows)
    unfinished = (item for item in items if item.state not in FINISHED)
    return Change(tuple(Move(item.seq, Event.FOUND, entry_ids=ids, via=via) for item in unfinished))


@dataclass(frozen=True, slots=True)
class Waits:
    """An interval waits for its other half or for a person; the later ones of the lane go on."""


WAITS = Waits()
