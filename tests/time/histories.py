"""Random lives of a door, by a model that knows the truth: boots, power cuts, late or missing time, wrong battery
clocks, saved clocks, hands that set the clock, crystals that drift.

The model hands out only what clockd would have on disk (`Lived`), and beside each tap the true moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from random import Random

from clockd.core.model import Reading
from clockd.core.timebase import Anchor, Life, agrees, began_at, never_ahead

T0 = datetime(2026, 11, 21, 6, tzinfo=UTC)
YEAR_S = 365.2425 * 86400
SHIPPED = datetime(2026, 10, 1, tzinfo=UTC)
CRYSTAL = 100e-6
"""The worst crystal of the model; the code allows for five times as much."""


class Keeper(Enum):
    """What a machine has to start its clock with."""

    NOTHING = auto()
    """1970."""
    FAKE_HWCLOCK = auto()
    """Saved each hour and at shutdown."""
    TIMESYNCD = auto()
    """Saved each minute, and at each synchronisation."""


@dataclass(frozen=True, slots=True)
class TrueTap:
    """A tap as clockd has it, and the truth."""

    seq: int
    reading: Reading
    true_at: datetime


@dataclass(slots=True)
class Lived:
    """What is on disk after a life, and the truth beside it."""

    taps: list[TrueTap] = field(default_factory=list)
    anchors: list[Anchor] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    off_s: dict[int, float] = field(default_factory=dict)
    """By boot: how long the machine was off before it, plus what the boot before lived after its last sign of life."""


@dataclass(slots=True)
class _Boot:
    seq: int
    began_s: float
    drift: float
    claim: datetime
    """When the boot began, as the wall clock tells it now."""
    claims: list[datetime]
    saved_at: datetime | None
    first_look_s: float = 0.0
    last_s: float = 0.0
    anchors: list[Anchor] = field(default_factory=list)


class Door:
    """One machine through its life; `_s` are true seconds since T0, or boot time where the name says so."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._now_s = 0.0
        self._keeper = random.choice(list(Keeper))
        # most doors have no battery clock; of those that have, some are wrong by anything
        self._battery_s = random.choice([None, None, None, 0.0, random.uniform(-56, 10) * YEAR_S])
        self._saved: datetime | None = None if self._keeper is Keeper.NOTHING else SHIPPED
        self._boot: _Boot | None = None
        self.lived = Lived()

    def live(self, boots: int) -> Lived:
        """Live through a number of boots."""
        for seq in range(1, boots + 1):
            self._power_on(seq)
            online = self._random.random() < 0.45
            for _ in range(self._random.randint(0, 6)):
                self._something(online=online)
            self._power_off()
        return self.lived

    # --- what can happen

    def _power_on(self, seq: int) -> None:
        off_s = self._random.choice([2.0, 30.0, 600.0, 8 * 3600.0, 3 * 86400.0]) * self._random.uniform(0.7, 1.5)
        self._now_s += off_s
        battery = None if self._battery_s is None else self._true_at() + timedelta(seconds=self._battery_s)
        wall = battery or datetime(1970, 1, 1, tzinfo=UTC)
        # a saved clock only ever moves the clock forward
        wall = max(wall, self._saved) if self._saved else wall
        drift = self._random.uniform(-CRYSTAL, CRYSTAL)
        self._boot = _Boot(seq, self._now_s, drift, wall, [], self._saved)
        self._advance(self._random.uniform(3, 40))
        boot = self._the_boot()
        boot.first_look_s = self._boottime_s()
        boot.claims.append(self._claim())
        self._alive()
        self.lived.off_s[seq] = self.lived.off_s.get(seq, 0.0) + off_s

    def _something(self, *, online: bool) -> None:
        self._advance(self._random.choice([1.0, 20.0, 900.0, 5 * 3600.0, 30 * 3600.0]) * self._random.uniform(0.3, 1))
        happening = self._random.random()
        if happening < 0.55:
            self._tap()
        elif happening < 0.85 and online:
            self._time_arrives()
        elif happening < 0.95:
            self._hand_sets_clock()
        else:
            self._alive()

    def _tap(self) -> None:
        boot = self._the_boot()
        wall_at, boottime_s = self._wall_at(), self._boottime_s()
        trusted = bool(boot.anchors) and agrees(boot.anchors[-1], wall_at, boottime_s)
        reading = Reading(wall_at, boottime_s, f"boot-{boot.seq}", boot.seq, trusted)
        self.lived.taps.append(TrueTap(len(self.lived.taps) + 1, reading, self._true_at()))
        self._alive()

    def _time_arrives(self) -> None:
        boot = self._the_boot()
        error_s = self._random.uniform(-0.4, 0.4)
        self._set_clock(self._true_at() + timedelta(seconds=error_s))
        if self._keeper is Keeper.TIMESYNCD:
            self._saved = self._wall_at()
        boot.anchors.append(Anchor(f"boot-{boot.seq}", boot.seq, self._boottime_s(), self._wall_at(), 0.5))
        if self._random.random() < 0.1:
            self._advance(self._random.uniform(0, 1))  # and the power may be cut within a second of it

    def _hand_sets_clock(self) -> None:
        size_s = self._random.choice([0.06, 2, 3600, 86400, 56 * YEAR_S]) * self._random.uniform(-1, 0.2)
        self._set_clock(self._wall_at() + timedelta(seconds=size_s))

    def _power_off(self) -> None:
        boot = self._the_boot()
        if self._random.random() < 0.5:  # a shutdown; else a power cut, and some time nobody knows of before it
            if self._keeper is not Keeper.NOTHING:
                self._saved = self._wall_at()
            self._alive()
        else:
            self._advance(self._random.choice([0.2, 60.0, 9 * 3600.0]) * self._random.random())
        self.lived.off_s[boot.seq + 1] = (self._boottime_s() - boot.last_s) / (1 + boot.drift)
        self.lived.anchors += boot.anchors
        self.lived.lives.append(
            Life(boot.seq, boot.last_s, boot.saved_at, never_ahead(boot.claims, boot.anchors), battery_clock=False)
        )
        self._boot = None

    # --- clocks

    def _advance(self, span_s: float) -> None:
        before_s = self._boottime_s()
        self._now_s += span_s
        every_s = {Keeper.NOTHING: None, Keeper.FAKE_HWCLOCK: 3600.0, Keeper.TIMESYNCD: 60.0}[self._keeper]
        if every_s is None:
            return
        tick_s = self._boottime_s() // every_s * every_s
        if tick_s > before_s:
            self._saved = self._the_boot().claim + timedelta(seconds=tick_s)

    def _set_clock(self, wall_at: datetime) -> None:
        boot = self._the_boot()
        boot.claim = wall_at - timedelta(seconds=self._boottime_s())
        boot.claims.append(self._claim())
        self._alive()

    def _claim(self) -> datetime:
        return began_at(self._wall_at(), self._boottime_s())

    def _alive(self) -> None:
        self._the_boot().last_s = self._boottime_s()

    def _boottime_s(self) -> float:
        boot = self._the_boot()
        return (self._now_s - boot.began_s) * (1 + boot.drift)

    def _wall_at(self) -> datetime:
        return self._the_boot().claim + timedelta(seconds=self._boottime_s())

    def _true_at(self) -> datetime:
        return T0 + timedelta(seconds=self._now_s)

    def _the_boot(self) -> _Boot:
        assert self._boot is not None
        return self._boot


def histories(count: int, first_seed: int = 0) -> Iterator[tuple[int, Lived]]:
    """Yield lives by their seed; a failing seed can be replayed alone."""
    for seed in range(first_seed, first_seed + count):
        random = Random(seed)
        yield seed, Door(random).live(boots=random.randint(1, 7))
