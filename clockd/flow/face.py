"""What the panel shows when, and for how long: the idle screen, the answer to a tap, and back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from clockd.core import feedback
from clockd.core.model import Reading
from clockd.core.ports import Display, Lights
from clockd.core.updates import is_quiet
from clockd.errors import NotRecorded
from clockd.store import badges, outbox, view
from clockd.store.thread import Store


@dataclass(frozen=True, slots=True)
class Signs:
    """What the idle screen shows besides the time."""

    link: feedback.LinkSign
    reader_ok: bool
    in_memory: bool = False
    key_refused: bool = False
    """Whether it is the tracker's credentials that keep it from booking."""


@dataclass(frozen=True, slots=True)
class Introduction:
    """By what whoever sets a new terminal up knows it."""

    name: str
    address: Callable[[], str]
    """Says which address this machine has; empty: none."""


@dataclass(slots=True)
class Face:
    """Decides what the panel shows: the answer to a tap as long as it lasts, else the idle screen.

    Args:
        display: shows screens; None when there is none.
        lights: plays signals; None when there are none.
        store: counts what is unsent.
        read_clock: all clocks at once.
        zone: of the terminal.
        signs: how network and readers are.
    """

    display: Display | None
    lights: Lights | None
    store: Store
    read_clock: Callable[[], Reading]
    zone: ZoneInfo
    signs: Callable[[], Signs]
    sleeps: tuple[tuple[time, time], ...] = ()
    """The times of the day at which an idle display is dark."""
    introduction: Introduction | None = None
    """What is shown until the first punch, as long as something is missing; None: nothing."""
    _screen: feedback.Screen = field(default_factory=feedback.Starting)
    _until_s: float = 0.0
    _following: feedback.Screen | None = None
    """The page that comes after the screen; None where the idle screen does."""
    _seq: int | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, screen: feedback.Screen, seq: int | None = None) -> None:
        """Show a screen with its signal, at once; `seq` is that of the punch it tells."""
        self._screen, self._seq = screen, seq
        self._following = feedback.next_page(screen)
        self._until_s = self.read_clock().boottime_s + feedback.hold_s(screen)
        if self.lights is not None and (signal := feedback.signal_for(screen)) is not None:
            self.lights.signal(signal)
        if self.display is not None:
            self.display.show(screen)
        self._news.set()

    def booked(self, seq: int) -> None:
        """Show that the tracker has a punch, if that punch is the one on the screen."""
        if seq == self._seq and isinstance(self._screen, feedback.Punched) and not _is_read(self._screen):
            shown = self._screen
            self.show(feedback.Booked(shown.employee, shown.kind, shown.local))
        self._news.set()

    def code_used(self, code: str) -> None:
        """Let the idle screen come if this code is on the screen: it counts no more."""
        if isinstance(self._screen, feedback.Info) and self._screen.code == code:
            self.ready()

    def ready(self) -> None:
        """Let the idle screen come: taps are taken from now on."""
        self._until_s, self._following = 0.0, None
        self._news.set()

    def refresh(self) -> None:
        """Look again at what the idle screen shows: it may have changed."""
        self._news.set()

    async def run(self) -> None:
        """Come back to the idle screen when a screen has been seen, and keep it true."""
        while True:
            reading = self.read_clock()
            seen = reading.boottime_s >= self._until_s
            if seen and (following := self._following) is not None:
                self.show(following)
                wait_s = feedback.hold_s(following)
            elif seen:
                await self._idle(reading)
                wait_s = 60.0 - reading.wall_at.timestamp() % 60.0
            else:
                wait_s = self._until_s - reading.boottime_s
            self._news.clear()
            try:
                async with asyncio.timeout(max(0.05, min(wait_s, 60.0))):
                    await self._news.wait()
            except TimeoutError:
                pass

    async def _idle(self, reading: Reading) -> None:
        try:
            counts = await self.store.run(view.open_counts)
        except NotRecorded as failure:
            self._put(feedback.NothingRecorded(failure.message))
            return
        signs = self.signs()
        local: datetime = reading.wall_at.astimezone(self.zone).replace(tzinfo=None)
        if (new := await self._new(reading, signs)) is not None:
            self._put(new)
            return
        if reading.trusted and signs.reader_ok and is_quiet(self.sleeps, local.time()):
            self._put(feedback.Asleep())
            return
        self._put(
            feedback.Idle(
                local=local.replace(second=0, microsecond=0),
                clock_trusted=reading.trusted,
                link=signs.link,
                unsent=sum(counts[state] for state in view.UNSENT),
                held=counts["held"],
                reader_ok=signs.reader_ok,
                in_memory=signs.in_memory,
            )
        )

    async def _new(self, reading: Reading, signs: Signs) -> feedback.NewTerminal | None:
        """Return what a terminal shows at which nobody tapped yet; None when nothing is missing."""
        if self.introduction is None:
            return None
        used, some = await self.store.run(lambda db: (outbox.holds_any(db), badges.any_in_use(db)))
        if used:
            self.introduction = None
            return None
        address = self.introduction.address()
        lack = feedback.lack_of(
            signs.link,
            reader_ok=signs.reader_ok,
            address=address,
            clock_trusted=reading.trusted,
            key_refused=signs.key_refused,
            badges=some,
        )
        return None if lack is None else feedback.NewTerminal(self.introduction.name, address, lack)

    def _put(self, screen: feedback.Screen) -> None:
        """Show a screen nobody tapped for, if it is not what is seen already and nothing newer came."""
        if self.read_clock().boottime_s < self._until_s or screen == self._screen:
            return
        self._screen, self._seq, self._following = screen, None, None
        if self.display is not None:
            self.display.show(screen)


def _is_read(screen: feedback.Punched) -> bool:
    """Whether a screen says more than that the punch is saved, so that it stays until it was read."""
    return screen.asks or screen.news is not None
