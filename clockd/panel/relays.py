"""Relays on the GPIO header: they open a door, or ring a bell, for so many seconds.

A relay is off when its pin is opened, when it is closed, and between pulses. A pulse ends in a thread of its own, so
that nothing that keeps the event loop can keep a door open. What comes while the pins are not open is lost, and never
made up for: a door that opens a minute late opens for somebody else.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from typing import Any

from clockd import config
from clockd.core.feedback import Screen, opens
from clockd.core.sentence import sentence
from clockd.errors import DeviceError, PackageMissing
from clockd.panel import gpio

BELL = "bell"


class Relays:
    """The relays of a door.

    Args:
        sections: the `[[relay]]` of the configuration.
        open_pins: gives the gpiozero factory; may raise DeviceError.
    """

    def __init__(self, sections: Sequence[config.Relay], *, open_pins: Callable[[], Any] = gpio.open_pins) -> None:
        self._sections = tuple(sections)
        self._open_pins = open_pins
        self._wanted: asyncio.Queue[frozenset[str]] = asyncio.Queue()
        self._open = False
        self._ends: dict[int, threading.Timer] = {}
        """What ends the pulse of each relay."""
        self.pulses = [0] * len(self._sections)
        """How often each was pulsed since the start, in the order of the configuration."""

    def told(self, screen: Screen) -> None:
        """Open what a tap that came to this screen may open: nothing, where nothing was recorded."""
        self._pulse(frozenset(each.value for each in opens(screen)))

    def ring(self) -> None:
        """Ring the bells."""
        self._pulse(frozenset({BELL}))

    def _pulse(self, causes: frozenset[str]) -> None:
        if self._open and causes:
            self._wanted.put_nowait(causes)

    async def run(self, ready: Callable[[], None]) -> None:
        """Drive the relays until they are lost, or this is cancelled; then all are off.

        Raises:
            DeviceError: the pins cannot be opened or used.
        """
        opening = asyncio.create_task(asyncio.to_thread(self._open_all), name="relays: open")
        try:
            parts = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_late)
            raise
        try:
            self._wanted = asyncio.Queue()
            self._open = True
            ready()
            while True:
                causes = await self._wanted.get()
                for n, (section, output) in enumerate(zip(self._sections, parts, strict=False)):
                    if section.on in causes:
                        self._start(n, section, output)
        finally:
            self._open = False
            for end in self._ends.values():
                end.cancel()
            _close(parts)

    def _start(self, n: int, section: config.Relay, output: Any) -> None:
        try:
            output.on()
        except Exception as error:
            told = sentence("the relay on GPIO {gpio} does not obey: {reason}", gpio=section.gpio, reason=str(error))
            raise DeviceError(told) from error
        self.pulses[n] += 1
        if n in self._ends:
            self._ends[n].cancel()  # it stays on for a whole pulse from now
        self._ends[n] = threading.Timer(section.pulse_s, output.off)
        self._ends[n].daemon = True
        self._ends[n].start()

    def _open_all(self) -> list[Any]:
        """Open every relay, or none, in a thread; the factory of their pins comes last."""
        factory = self._open_pins()
        outputs: list[Any] = []
        try:
            for section in self._sections:
                outputs += [gpio.open_output(factory, section.gpio, active_high=section.active == "high")]
        except Exception as error:
            _close([*outputs, factory])
            if isinstance(error, ImportError):
                raise PackageMissing("a relay", "gpio") from None
            raise DeviceError(
                sentence("the pin of a relay cannot be used: {reason}", reason=str(error)),
                hint="does another program use it? (gpioinfo shows which)",
            ) from error
        return [*outputs, factory]


def probe(sections: Sequence[config.Relay], open_pins: Callable[[], Any] = gpio.open_pins) -> str:
    """Open the pins, say which, and give them back; nothing is pulsed.

    Raises:
        DeviceError: as `Relays.run`.
    """
    _close(Relays(sections, open_pins=open_pins)._open_all())
    told = [f"GPIO {section.gpio} on {section.on}{_at_start(section)}" for section in sections]
    return "; ".join(told)


LAST_PULLED_UP = 8
"""While a Raspberry Pi starts, its pins up to this one are pulled up, and those above it down."""


def _at_start(section: config.Relay) -> str:
    """Warn of a pin that switches the relay while the machine starts, before anything of ours runs."""
    up = section.gpio <= LAST_PULLED_UP
    if up != (section.active == "high"):
        return ""
    better = "9 to 27" if up else "0 to 8"
    return f" (this pin is {'up' if up else 'down'} while the machine starts, and may switch the relay: take {better})"


def _close(parts: Sequence[Any]) -> None:
    """Switch everything off and give the pins back. Never raises."""
    for part in parts:
        for ended in ("off", "close"):
            with contextlib.suppress(Exception):
                getattr(part, ended)()


def _close_late(opening: "asyncio.Task[list[Any]]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        _close(opening.result())
