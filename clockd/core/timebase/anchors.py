"""How far a reading can be believed: its true time is known exactly, or only within bounds.

An anchor is a moment of a boot at which the wall clock was known to be right. Boot time leads from there to every
other moment of the same boot, also to earlier ones. A boot without an anchor lies somewhere between its neighbours:
after the last moment that is certain before it, and before the next boot with an anchor began. The boot times of its
signs of life narrow that, since a boot lasted at least until the last of them.

What a machine's clock said without being synchronised (fake-hwclock, timesyncd's saved time, a battery clock) is
never taken for the truth here. At best it is a bound (`Life.saved_at`) or a proposal for a person.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clockd.core.model import Bounds, ClockQuality, Reading

SAME_CLOCK_S = 0.05
"""When wall and boot time drift apart by more than this between two looks, the wall clock was set."""

DRIFT = 500e-6
"""How far boot time may run away from true time, as a fraction; the kernel corrects no worse crystal."""

PROPOSE_WITHIN_S = 1800.0
"""The middle of bounds that are closer than this is worth proposing."""

UNBOUNDED = Bounds(None, None)
"""Nothing is known of the true moment."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment at which the clock of a boot was known to be right."""

    boot_id: str
    boot_seq: int
    boottime_s: float
    wall_at: datetime
    max_error_s: float
    """How far `wall_at` may be from the truth, either way."""

    @classmethod
    def of(cls, reading: Reading, max_error_s: float) -> "Anchor":
        """Take a reading of a clock that is right; a trusted reading says as much as an anchor."""
        return cls(reading.boot_id, reading.boot_seq, reading.boottime_s, reading.wall_at, max_error_s)

    @property
    def began_at(self) -> datetime:
        """When the boot began."""
        return began_at(self.wall_at, self.boottime_s)


@dataclass(frozen=True, slots=True)
class Life:
    """How long a boot is known to have lasted, and what its wall clock started from."""

    boot_seq: int
    last_s: float
    """Boot time of its last sign of life."""
    saved_at: datetime | None = None
    """What fake-hwclock or timesyncd had saved, as found before anything in this boot could save again."""
    never_ahead: bool = False
    """Whether this boot's wall clock is known never to have been ahead of the truth, so that what it saved is past."""
    battery_clock: bool = False
    """Whether the wall clock came from a battery clock that looked plausible; then it is worth proposing."""


@dataclass(frozen=True, slots=True)
class Exact:
    """The time is known."""

    at: datetime
    quality: ClockQuality
    """SYNCHRONIZED or CORRECTED."""
    max_error_s: float


@dataclass(frozen=True, slots=True)
class Within:
    """Only bounds are known; a person decides."""

    bounds: Bounds
    proposal_at: datetime | None
    """A moment within the bounds with a reason for it; None where any choice would be invented."""


Judgement = Exact | Within


def began_at(wall_at: datetime, boottime_s: float) -> datetime:
    """Say when a boot began by a wall clock."""
    return wall_at - timedelta(seconds=boottime_s)


def agrees(anchor: Anchor, wall_at: datetime, boottime_s: float) -> bool:
    """Say whether wall and boot time of a reading of the anchor's boot fit the anchor."""
    return abs((began_at(wall_at, boottime_s) - anchor.began_at).total_seconds()) <= SAME_CLOCK_S


def touched_since(mtime_at: datetime, since_s: float, wall_at: datetime, boottime_s: float) -> bool:
    """Say whether a file was touched between a moment of boot time and now, by the wall clock as it runs now.

    If the clock was set since, the time of an older touch lies outside of that span.

    Args:
        mtime_at: the file's time.
        since_s: the moment, in boot time.
        wall_at: now.
        boottime_s: now.
    """
    slack_s = 1.0  # a file's time is coarse, and the step is seen a little after it happened
    touched_s = boottime_s - (wall_at - mtime_at).total_seconds()
    return since_s - slack_s <= touched_s <= boottime_s + slack_s


def corrected(reading: Reading, anchors: Sequence[Anchor]) -> datetime | None:
    """Date a reading by the nearest anchor of its own boot; None when the boot has none."""
    anchor = _nearest(reading, anchors)
    return None if anchor is None else _from_anchor(reading, anchor)


def judge(
    reading: Reading, anchors: Sequence[Anchor], lives: Sequence[Life] = (), settled: Sequence[Anchor] = ()
) -> Judgement:
    """Say how far the time of a punch can be believed.

    Args:
        reading: the raw clocks of the tap.
        anchors: those of all boots. The last trusted reading of a boot may be given too (`Anchor.of`), and narrows
            the bounds of the boots after it.
        lives: the boots, in any order.
        settled: other punches whose time a person has set, for proposals only.
    """
    anchor = _nearest(reading, anchors)
    if reading.trusted:
        own = [a for a in anchors if a.boot_id == reading.boot_id]
        # trusted, and yet no anchor knows this clock: somebody moved it and the watch had not noticed
        same = [a for a in own if agrees(a, reading.wall_at, reading.boottime_s)]
        if same or anchor is None:
            error_s = min((a.max_error_s for a in same), default=0.0)
            return Exact(reading.wall_at, ClockQuality.SYNCHRONIZED, error_s)
    if anchor is not None:
        drift_s = abs(reading.boottime_s - anchor.boottime_s) * DRIFT
        return Exact(_from_anchor(reading, anchor), ClockQuality.CORRECTED, anchor.max_error_s + drift_s)
    bounds = bounds_of(reading, anchors, lives)
    return Within(bounds, _proposal(reading, bounds, lives, settled))


def bounds_of(reading: Reading, anchors: Sequence[Anchor], lives: Sequence[Life]) -> Bounds:
    """Say between what the true moment of a reading must lie, from the boots before and after its own.

    Anchors that contradict each other, since one of them was wrong, bound nothing.
    """
    seq = reading.boot_seq
    known = _lives(anchors, lives)
    own = known.get(seq, Life(seq, reading.boottime_s))
    before = [known[s] for s in sorted(known) if s < seq]
    after = [known[s] for s in sorted(known, reverse=True) if s > seq]
    earliest = _later(_end_not_before(before, anchors), _saved_bound(own, before, anchors))
    latest = _begin_not_after(after, anchors)
    if earliest is not None:
        earliest += _at_least(reading.boottime_s)
    if latest is not None:
        latest -= _at_least(max(own.last_s, reading.boottime_s) - reading.boottime_s)
    if earliest is not None and latest is not None and earliest > latest:
        return UNBOUNDED
    return Bounds(earliest, latest)


def elapsed_at_least_s(earlier: Reading, later: Reading) -> float:
    """Say how much time has passed for certain between two readings, whatever any wall clock did."""
    if earlier.boot_id == later.boot_id:
        return later.boottime_s - earlier.boottime_s
    return later.boottime_s


def age_s(
    earlier: Reading, later: Reading, *, earlier_at: datetime | None = None, later_at: datetime | None = None
) -> float | None:
    """Say how much time lies between two readings; None when nothing can tell.

    Args:
        earlier: the older reading.
        later: the newer one.
        earlier_at: its true time where that is known (or its latest possible moment, for an age it has at least).
        later_at: the same for the newer one (or its earliest possible moment).
    """
    if earlier.boot_id == later.boot_id:
        return later.boottime_s - earlier.boottime_s
    if earlier_at is None or later_at is None:
        return None
    return max((later_at - earlier_at).total_seconds(), later.boottime_s)


def is_forgotten(
    opened: Reading,
    now: Reading,
    max_shift_h: float,
    *,
    opened_at: datetime | None = None,
    now_at: datetime | None = None,
) -> bool:
    """Say whether an `in` is too old to be still running, so that its `out` was forgotten.

    In the same boot, boot time decides. Otherwise both times must be known (see `age_s`); where they are not, only
    the uptime of this boot counts, and a shorter one leaves the shift open: a person looks at the punch anyway.
    """
    age = age_s(opened, now, earlier_at=opened_at, later_at=now_at)
    return (elapsed_at_least_s(opened, now) if age is None else age) > max_shift_h * 3600


# --- one boot ---------------------------------------------------------------------------------------------------


def _nearest(reading: Reading, anchors: Iterable[Anchor]) -> Anchor | None:
    own = [a for a in anchors if a.boot_id == reading.boot_id]
    return min(own, key=lambda a: abs(a.boottime_s - reading.boottime_s), default=None)


def _from_anchor(reading: Reading, anchor: Anchor) -> datetime:
    return anchor.wall_at + timedelta(seconds=reading.boottime_s - anchor.boottime_s)


def _proposal(reading: Reading, bounds: Bounds, lives: Iterable[Life], settled: Iterable[Anchor]) -> datetime | None:
    neighbour = _nearest(reading, settled)
    if neighbour is not None and _inside(at := _from_anchor(reading, neighbour), bounds):
        return at
    if any(life.battery_clock for life in lives if life.boot_seq == reading.boot_seq):
        return reading.wall_at if _inside(reading.wall_at, bounds) else None
    if bounds.earliest_at is None or bounds.latest_at is None:
        return None
    width = bounds.latest_at - bounds.earliest_at
    return bounds.earliest_at + width / 2 if width.total_seconds() <= PROPOSE_WITHIN_S else None


def _inside(at: datetime, bounds: Bounds) -> bool:
    return (bounds.earliest_at is None or at >= bounds.earliest_at) and (
        bounds.latest_at is None or at <= bounds.latest_at
    )


# --- the chain of boots -----------------------------------------------------------------------------------------


def _lives(anchors: Iterable[Anchor], lives: Iterable[Life]) -> dict[int, Life]:
    """Return one life per boot, also for boots that only an anchor speaks of."""
    known = {life.boot_seq: life for life in lives}
    for anchor in anchors:
        known.setdefault(anchor.boot_seq, Life(anchor.boot_seq, anchor.boottime_s))
    return known


def _end_not_before(boots: Sequence[Life], anchors: Sequence[Anchor]) -> datetime | None:
    """Walk forward through earlier boots; return the moment that was certainly reached when the last of them ended."""
    reached: datetime | None = None
    for n, life in enumerate(boots):
        reached = _later(reached, _saved_bound(life, boots[:n], anchors))
        if reached is not None:
            reached += _at_least(life.last_s)
        for a in anchors:
            if a.boot_seq == life.boot_seq:
                lived = _at_least(max(life.last_s - a.boottime_s, 0.0))
                reached = _later(reached, a.wall_at - timedelta(seconds=a.max_error_s) + lived)
    return reached


def _begin_not_after(boots: Sequence[Life], anchors: Sequence[Anchor]) -> datetime | None:
    """Walk backward through later boots; return the moment by which the first of them had certainly begun."""
    begun: datetime | None = None
    for life in boots:
        if begun is not None:
            begun -= _at_least(life.last_s)
        for a in anchors:
            if a.boot_seq == life.boot_seq:
                began = a.wall_at + timedelta(seconds=a.max_error_s) - _at_least(a.boottime_s)
                begun = began if begun is None else min(begun, began)
    return begun


def _saved_bound(life: Life, before: Sequence[Life], anchors: Sequence[Anchor]) -> datetime | None:
    """Return the saved clock as a bound; None where a clock that ran ahead may have saved it.

    The boot right before must be known never to have been ahead of the truth (`never_ahead`). Otherwise what was saved
    may lie in the future. Since its last anchor that clock may have drifted.
    """
    if life.saved_at is None or not before or before[-1].boot_seq != life.boot_seq - 1 or not before[-1].never_ahead:
        return None
    own = [a for a in anchors if a.boot_seq == before[-1].boot_seq and a.wall_at <= life.saved_at]
    if not own:
        return None
    last = max(own, key=lambda a: a.boottime_s)
    since_s = (life.saved_at - last.wall_at).total_seconds()
    return last.wall_at - timedelta(seconds=last.max_error_s) + _at_least(since_s)


def never_ahead(began: Iterable[datetime], anchors: Sequence[Anchor]) -> bool:
    """Say whether a boot's wall clock was never ahead of the truth, so that whatever it saved is past.

    Args:
        began: when the boot began as its wall clock told it (`began_at`): at the first look, and after each step.
        anchors: those of this boot; without any, nothing is known.
    """
    if not anchors:
        return False
    latest = max(anchor.began_at + timedelta(seconds=anchor.max_error_s) for anchor in anchors)
    return all(claim <= latest for claim in began)


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    return a if b is None else b if a is None else max(a, b)


def _at_least(boottime_s: float) -> timedelta:
    """Return the true time that passed at least during a span of boot time."""
    return timedelta(seconds=boottime_s * (1 - DRIFT))
