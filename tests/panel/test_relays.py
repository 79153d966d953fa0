"""Relays on mock pins: what pulses them, for how long, and that they are off whenever they should be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime
from typing import Any, get_args

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from clockd import config
from clockd.core import feedback as fb
from clockd.core.feedback import Opens, opens
from clockd.core.model import Employee, Kind
from clockd.errors import DeviceError
from clockd.panel.relays import Relays, probe

ADA = Employee("ada", "Ada")
AT = datetime(2026, 11, 21, 8, 2)
DOOR, GATE, BELL = (
    config.Relay(gpio=22, pulse_s=0.05, on="in"),
    config.Relay(gpio=23, pulse_s=0.05, on="known"),
    config.Relay(gpio=24, pulse_s=0.05, on="bell", at=("07:00",)),
)


def punched(kind: Kind) -> fb.Punched:
    return fb.Punched(ADA, kind, AT, True, None, None, None)


OPENS: dict[fb.Screen, set[Opens]] = {
    punched(Kind.IN): {Opens.IN, Opens.KNOWN},
    punched(Kind.RESUME): {Opens.IN, Opens.KNOWN},
    punched(Kind.OUT): {Opens.KNOWN},
    punched(Kind.BREAK): {Opens.KNOWN},
    punched(Kind.PROJECT): {Opens.KNOWN},
    fb.AlreadyRecorded(ADA, Kind.IN, AT): {Opens.KNOWN},
    fb.NothingRecorded("disk full"): set(),
    fb.UnknownBadge("1234"): set(),
    fb.RandomBadge(): set(),
    fb.NotValid(ADA, date(2026, 12, 1)): set(),
    fb.NotReadable(): set(),
    fb.WrongPin(): set(),
    fb.PinLocked(30): set(),
    fb.PageFingerprint("AB:CD"): set(),
    fb.Undone(ADA, Kind.IN, AT): set(),
    fb.NothingToUndo(ADA): set(),
    fb.Info(ADA, None, 0): set(),
    fb.KeyArmed("in"): set(),
    fb.Enrol("Ada"): set(),
    fb.Enrolled("Ada"): set(),
    fb.Booked(ADA, Kind.IN, AT): set(),
    fb.Starting(): set(),
    fb.Asleep(): set(),
    fb.Stopped(): set(),
    fb.Idle(AT, True, fb.LinkSign.OK, 0, 0, True): set(),
    fb.NewTerminal("front-door", "10.0.0.7", fb.StillMissing.KEY): set(),
    fb.AskLeft(ADA, AT, AT, 16, None, False): set(),
    fb.Told(ADA, AT, AT): set(),
    fb.TooLate(ADA): set(),
    fb.AskProject(ADA, None, 0, 3): set(),
    fb.NoProjects(ADA): set(),
    fb.AskBadge(ADA): set(),
    fb.AskOwner(ADA, 1, 3, None): set(),
    fb.AskLost(ADA, True, True): set(),
    fb.Revoked("Ada", 1): set(),
    fb.AskConsent(ADA, fb.News(None, None, "ada.l", AT), None): set(),
    fb.ConsentSaved(ADA, True): set(),
}


@pytest.mark.parametrize(("screen", "causes"), OPENS.items(), ids=lambda each: type(each).__name__)
def test_what_opens_a_door(screen: fb.Screen, causes: set[Opens]) -> None:
    assert opens(screen) == causes


def test_every_screen_is_judged() -> None:
    assert {type(screen) for screen in OPENS} == set(get_args(fb.Screen))


class Pins:
    """Mock pins that stay readable after their factory is closed."""

    def __init__(self) -> None:
        self.factory = MockFactory()
        self._pins: dict[int, Any] = {gpio: self.factory.pin(gpio) for gpio in (22, 23, 24)}

    def pulses(self, gpio: int) -> int:
        """How often a pin went up."""
        return sum(1 for state in self._pins[gpio].states if state.state)

    def is_on(self, gpio: int) -> bool:
        return bool(self._pins[gpio].state)


@asynccontextmanager
async def running(relays: Relays) -> AsyncIterator[asyncio.Task[None]]:
    ready = asyncio.Event()
    task = asyncio.create_task(relays.run(ready.set))
    async with asyncio.timeout(10):
        await ready.wait()
    yield task
    task.cancel()
    with suppress(asyncio.CancelledError, DeviceError):
        await task


async def until(told: Any) -> None:
    async with asyncio.timeout(10):
        while not told():  # noqa: ASYNC110 - the thread that ends a pulse rings no bell
            await asyncio.sleep(0.005)


async def test_each_is_pulsed_by_its_own_cause_and_ends_by_itself() -> None:
    pins = Pins()
    relays = Relays((DOOR, GATE, BELL), open_pins=lambda: pins.factory)
    async with running(relays):
        assert not any(map(pins.is_on, (22, 23, 24)))
        relays.told(punched(Kind.IN))
        await until(lambda: relays.pulses == [1, 1, 0])
        await until(lambda: not pins.is_on(22) and not pins.is_on(23))
        relays.told(fb.AlreadyRecorded(ADA, Kind.IN, AT))
        relays.told(fb.UnknownBadge("1234"))
        relays.told(fb.NothingRecorded("disk full"))
        await until(lambda: relays.pulses == [1, 2, 0])
        relays.ring()
        await until(lambda: relays.pulses == [1, 2, 1])
        await until(lambda: not any(map(pins.is_on, (22, 23, 24))))
        assert [pins.pulses(gpio) for gpio in (22, 23, 24)] == [1, 2, 1]


async def test_all_are_off_when_it_is_stopped_in_the_middle_of_a_pulse() -> None:
    pins = Pins()
    relays = Relays((config.Relay(gpio=22, pulse_s=60, on="in"),), open_pins=lambda: pins.factory)
    async with running(relays):
        relays.told(punched(Kind.IN))
        await until(lambda: pins.is_on(22))
    assert not pins.is_on(22)


async def test_what_came_while_they_were_closed_opens_nothing_later() -> None:
    pins = Pins()
    relays = Relays((DOOR,), open_pins=lambda: pins.factory)
    relays.told(punched(Kind.IN))
    async with running(relays):
        relays.told(punched(Kind.OUT))
        relays.told(punched(Kind.IN))
        await until(lambda: relays.pulses == [1])
    assert pins.pulses(22) == 1


class Stuck(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin that can be switched off, and never on."""

    def _set_state(self, value: float) -> None:
        if value:
            raise OSError(5, "Input/output error")
        super()._set_state(value)


async def test_a_pin_that_does_not_obey_is_told() -> None:
    relays = Relays((DOOR,), open_pins=lambda: MockFactory(pin_class=Stuck))
    async with running(relays) as task:
        relays.told(punched(Kind.IN))
        await asyncio.wait({task}, timeout=10)
        assert isinstance(task.exception(), DeviceError)
    assert relays.pulses == [0]


async def test_a_pin_that_is_taken_is_an_error_and_nothing_stays_open() -> None:
    pins = Pins()
    relays = Relays((DOOR, config.Relay(gpio=22, pulse_s=1, on="known")), open_pins=lambda: pins.factory)
    with pytest.raises(DeviceError, match="a relay cannot be used"):
        await relays.run(lambda: None)


async def test_a_relay_that_switches_on_low_is_off_high() -> None:
    pins = Pins()
    low = config.Relay(gpio=22, pulse_s=0.05, on="in", active="low")
    relays = Relays((low,), open_pins=lambda: pins.factory)
    async with running(relays):
        assert pins.is_on(22)
        relays.told(punched(Kind.IN))
        await until(lambda: not pins.is_on(22))
        await until(lambda: pins.is_on(22))


def test_probe_switches_nothing_and_warns_of_a_pin_that_is_on_while_the_machine_starts() -> None:
    pins = Pins()
    told = probe(
        (DOOR, config.Relay(gpio=5, on="known"), config.Relay(gpio=23, on="in", active="low")), lambda: pins.factory
    )
    assert told.startswith("GPIO 22 on in; GPIO 5 on known (this pin is up while the machine starts")
    assert "GPIO 23 on in (this pin is down" in told
    assert pins.pulses(22) == 0
