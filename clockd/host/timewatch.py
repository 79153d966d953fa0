"""Whether the wall clock can be trusted at this moment, and an anchor for each clock that was found right.

    unknown ── a source vouches ──▶ anchored ── step ──▶ unknown ── a source vouches again, after the step ──▶ …
                                        ▲                   │
                                        └─ stepped back ────┘

Once a boot is anchored nothing needs to be asked any more: `wall - boottime` stays the same until the clock is set.
So `trusted()` compares a fresh look with the anchor, which is true even in the microsecond after a step, and the
sources are asked only while the clock is not the anchor's. Slewing moves both clocks alike and is no step.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from clockd.core.timebase.anchors import Anchor, agrees
from clockd.host import timesource
from clockd.host.clocks import ClockLook, look
from clockd.host.steps import ClockStep, StepTimer, step_between
from clockd.host.timesource import Source, SyncState

UNKNOWN_ERROR_S = 0.5
"""Assumed where a source does not say how good the clock is."""

AFTER_STEP_S = (0.1, 0.2, 0.4, 0.8, 1.6)
"""The service that set the clock says so a moment later; these are the pauses between the looks meanwhile."""

UNKNOWN_POLL_S = 5.0
KNOWN_POLL_S = 10.0


@dataclass(frozen=True, slots=True)
class Anchored:
    """The clock was found right: punches of this boot can be dated from here."""

    anchor: Anchor
    source: str


@dataclass(frozen=True, slots=True)
class Stepped:
    """The wall clock was set, by whomever; `Anchored` follows if it was for the better."""

    step: ClockStep


ClockChange = Anchored | Stepped


class TimeWatch:
    """Watches the wall clock of one boot.

    Args:
        sources: who is asked, see `timesource.sources`.
        boot_id: the kernel's id of this boot.
        boot_seq: our count of it.
        known: anchors of this boot from before a restart of the daemon.
        look: reads the clocks.
        unknown_poll_s: how often the sources are asked while the clock is not known to be right.
        known_poll_s: how often the clocks are compared otherwise; the kernel tells of steps without it.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        boot_id: str,
        boot_seq: int,
        *,
        known: Sequence[Anchor] = (),
        look: Callable[[], ClockLook] = look,
        unknown_poll_s: float = UNKNOWN_POLL_S,
        known_poll_s: float = KNOWN_POLL_S,
    ) -> None:
        self._sources = tuple(sources)
        self._boot_id = boot_id
        self._boot_seq = boot_seq
        own = [anchor for anchor in known if anchor.boot_id == boot_id]
        self._anchor = max(own, key=lambda a: a.boottime_s, default=None)
        self._look = look
        self._unknown_poll_s = unknown_poll_s
        self._known_poll_s = known_poll_s
        self._seen = look()
        self._good_s = self._anchor.boottime_s if self._anchor else 0.0
        self._sync = SyncState(False, "not asked yet", None)

    @property
    def sync(self) -> SyncState:
        """The last answer of the sources, for the status page."""
        return self._sync

    @property
    def anchor(self) -> Anchor | None:
        """The newest anchor of this boot."""
        return self._anchor

    def trusted(self) -> bool:
        """Say whether the wall clock is right at this moment; safe from any thread, and asks nobody."""
        anchor, now = self._anchor, self._look()
        return anchor is not None and agrees(anchor, now.wall_at, now.boottime_s)

    async def run(self, changed: Callable[[ClockChange], Awaitable[None]]) -> None:
        """Watch until cancelled.

        Args:
            changed: told of each step and each new anchor, one after the other.
        """
        hurry: list[float] = []
        with StepTimer() as timer:
            while True:
                stepped = self._notice()
                if stepped is not None:
                    hurry = list(AFTER_STEP_S)
                    await changed(stepped)
                anchored = await self._confirm()
                if anchored is not None:
                    await changed(anchored)
                if self.trusted():
                    await timer.wait(self._known_poll_s)
                elif await timer.wait(hurry.pop(0) if hurry else self._unknown_poll_s):
                    hurry = list(AFTER_STEP_S)

    def _notice(self) -> Stepped | None:
        now = self._look()
        step, self._seen = step_between(self._seen, now), now
        return None if step is None else Stepped(step)

    async def _confirm(self) -> Anchored | None:
        """Ask the sources if the clock is not the one that is known to be right."""
        before = self._look()
        if self._anchor is not None and agrees(self._anchor, before.wall_at, before.boottime_s):
            self._good_s = before.boottime_s
            return None
        sync = await timesource.ask_sources(self._sources, self._good_s, before)
        self._sync = sync
        now = self._look()
        if not sync.synchronized or step_between(before, now) is not None:
            return None  # a clock that was set during the question is asked about again
        error_s = UNKNOWN_ERROR_S if sync.max_error_s is None else sync.max_error_s
        self._anchor = Anchor(self._boot_id, self._boot_seq, now.boottime_s, now.wall_at, error_s)
        self._good_s = now.boottime_s
        return Anchored(self._anchor, sync.source)
