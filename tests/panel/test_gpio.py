"""Lights, buzzer and keys, driven electrically: gpiozero's mock pins stand in for the header."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from gpiozero.pins.mock import MockFactory

from clockd import config
from clockd.core.feedback import Signal
from clockd.core.model import Action, KeyPress, Project, Reading
from clockd.errors import DeviceError, DeviceMissing
from clockd.panel import open_lights, probe_lights
from clockd.panel.gpio import (
    BOUNCE_S,
    GpioLights,
    _header_of_this_machine,
    desk_pins,
    header_chip,
    label_in,
    open_pins,
    probe,
)
from clockd.panel.sounds import DARK, LOW_HZ, MIDDLE_HZ, PATTERNS, LightsState

PANEL = config.Panel(green_led=17, red_led=27, buzzer=18)
BUTTONS = (
    config.Button(gpio=5, action=Action.IN),
    config.Button(gpio=6, action=Action.PROJECT, client="Acme", project="Website"),
)


@dataclass
class Clock:
    """A boot-time clock that only moves when it is told to."""

    boottime_s: float = 100.0
    threads: list[str] = field(default_factory=list)

    def read(self) -> Reading:
        self.threads.append(threading.current_thread().name)
        return Reading(datetime(2026, 11, 21, 7, 2, tzinfo=UTC), self.boottime_s, "boot", 1, True)


class Bench:
    """Lights on mock pins, and what is seen, heard and pressed."""

    def __init__(self, pins: Any = None, panel: config.Panel = PANEL) -> None:
        self.pins = pins or desk_pins()
        self.clock = Clock()
        self.states: list[LightsState] = []
        self.measured: list[LightsState] = []
        """What the pins themselves do at each change."""
        self.presses: list[KeyPress] = []
        self.news = asyncio.Event()
        self.lights = GpioLights(panel, BUTTONS, self.clock.read, open_pins=lambda: self.pins, on_change=self._changed)
        self.task: asyncio.Task[None] | None = None

    def _changed(self, state: LightsState) -> None:
        self.states.append(state)
        buzzer = self.pins.pin(18)
        tone = buzzer.frequency if buzzer.state else None
        green, red = bool(self.pins.pin(17).state), bool(self.pins.pin(27).state)
        self.measured.append(LightsState(green, red, None if tone is None else round(tone)))
        self.news.set()

    def _pressed(self, press: KeyPress) -> None:
        self.presses.append(press)
        self.news.set()

    async def __aenter__(self) -> "Bench":
        ready = asyncio.Event()
        self.task = asyncio.create_task(self.lights.run(self._pressed, ready.set))
        async with asyncio.timeout(10):
            await ready.wait()
            await self.until(lambda: self.states == [DARK])
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self.task is not None
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def until(self, told: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(20):
            while not told():
                self.news.clear()
                await self.news.wait()


# --- the signals -------------------------------------------------------------------------------------------------


async def _play(signal: Signal) -> None:
    async with Bench() as bench:
        bench.lights.signal(signal)
        wanted = [DARK, *(LightsState.of(step) for step in PATTERNS[signal]), DARK]
        await bench.until(lambda: len(bench.states) == len(wanted))
        assert bench.states == wanted
        assert bench.measured == wanted, "the pins do what the observer is told"


async def test_each_signal_is_played_as_the_table_says() -> None:
    await asyncio.gather(*(_play(signal) for signal in Signal))


async def test_a_running_signal_is_replaced() -> None:
    async with Bench() as bench:
        bench.lights.signal(Signal.PROBLEM)
        await bench.until(lambda: bench.states[-1].red)
        bench.lights.signal(Signal.IN)
        await bench.until(lambda: bench.states[-1].green)
        assert bench.states == [DARK, LightsState(False, True, LOW_HZ), LightsState(True, False, MIDDLE_HZ)]
        assert bench.measured == bench.states


async def test_a_signal_may_come_from_any_thread() -> None:
    async with Bench() as bench:
        await asyncio.to_thread(bench.lights.signal, Signal.IN)
        await bench.until(lambda: bench.states[-1].green)


@pytest.mark.parametrize(("volume", "duty"), [(100, 0.5), (50, 0.125), (10, 0.005)])
async def test_a_buzzer_is_as_loud_as_it_is_told(volume: int, duty: float) -> None:
    async with Bench(panel=msgspec.structs.replace(PANEL, volume=volume)) as bench:
        bench.lights.signal(Signal.IN)
        await bench.until(lambda: bench.states[-1].tone_hz is not None)
        assert bench.pins.pin(18).state == pytest.approx(duty)


async def test_a_buzzer_that_is_off_is_silent_and_the_lights_are_not() -> None:
    async with Bench(panel=msgspec.structs.replace(PANEL, volume=0)) as bench:
        bench.lights.signal(Signal.DONE)
        await bench.until(lambda: len(bench.states) == len(PATTERNS[Signal.DONE]) + 2)
        assert all(each.tone_hz is None for each in (*bench.states, *bench.measured))
        assert any(each.green for each in bench.measured)


async def test_a_buzzer_without_tones_keeps_the_rhythm() -> None:
    async with Bench(MockFactory()) as bench:
        assert not hasattr(bench.pins.pin(18), "_frequency")
        bench.lights.signal(Signal.AGAIN)
        wanted = [False, *(step.tone_hz is not None for step in PATTERNS[Signal.AGAIN]), False]
        sounded: list[bool] = []

        def listen() -> bool:
            if len(sounded) < len(bench.states):
                sounded.append(bool(bench.pins.pin(18).state))
            return len(sounded) == len(wanted)

        sounded.append(bool(bench.pins.pin(18).state))
        await bench.until(listen)
        assert sounded == wanted


async def test_everything_is_off_and_given_back_at_the_end() -> None:
    bench = Bench()
    async with bench:
        bench.lights.signal(Signal.PROBLEM)
        await bench.until(lambda: bench.states[-1].red)
    assert bench.states[-1] == DARK
    assert bench.pins.pin(27).function == "input"
    async with Bench(bench.pins) as again:
        again.lights.signal(Signal.IN)
        await again.until(lambda: again.states[-1].green)


async def test_a_signal_from_before_is_not_made_up_for() -> None:
    bench = Bench()
    bench.lights.signal(Signal.PROBLEM)
    async with bench:
        bench.lights.signal(Signal.IN)
        await bench.until(lambda: bench.states[-1].green)
        assert not any(state.red for state in bench.states)


async def test_a_panel_of_one_light() -> None:
    async with Bench(panel=config.Panel(green_led=17)) as bench:
        bench.lights.signal(Signal.IN)
        await bench.until(lambda: bool(bench.pins.pin(17).state))


# --- keys -------------------------------------------------------------------------------------------------------


async def test_a_key_is_a_press_with_the_moment_of_the_finger() -> None:
    async with Bench() as bench:
        bench.clock.boottime_s = 123.5
        bench.lights.press(5)
        bench.clock.boottime_s = 200.0
        await bench.until(lambda: bool(bench.presses))
        (press,) = bench.presses
        assert (press.action, press.project) == (Action.IN, None)
        assert press.reading.boottime_s == 123.5, "taken at the press, not when the loop heard of it"
        bench.lights.press(6)
        await bench.until(lambda: len(bench.presses) == 2)
        assert bench.presses[1].project == Project("Acme", "Website")


async def test_a_press_in_another_thread_is_told_in_the_loop() -> None:
    """gpiozero calls from its own thread."""
    async with Bench() as bench:
        await asyncio.to_thread(bench.lights.press, 5)
        await bench.until(lambda: bool(bench.presses))
        assert bench.clock.threads != [threading.current_thread().name]


async def test_bouncing_contacts_are_one_press() -> None:
    async with Bench() as bench:
        for _ in range(5):
            bench.lights.press(5)
            bench.clock.boottime_s += BOUNCE_S / 10
        bench.clock.boottime_s += BOUNCE_S
        bench.lights.press(5)
        bench.lights.press(6)  # another key does not wait
        await bench.until(lambda: len(bench.presses) >= 3)
        assert [press.action for press in bench.presses] == [Action.IN, Action.IN, Action.PROJECT]


async def test_a_key_held_down_is_one_press() -> None:
    async with Bench() as bench:
        pin = bench.pins.pin(5)
        pin.drive_low()
        bench.clock.boottime_s += 60
        pin.drive_low()
        pin.drive_high()
        bench.lights.press(6)
        await bench.until(lambda: len(bench.presses) >= 2)
        assert [press.action for press in bench.presses] == [Action.IN, Action.PROJECT]


async def test_a_finger_needs_open_pins() -> None:
    with pytest.raises(DeviceError, match="GPIO 5 is not a desk's"):
        Bench().lights.press(5)


# --- faults -----------------------------------------------------------------------------------------------------


async def test_pins_that_do_not_obey_are_a_lost_device() -> None:
    bench = Bench()
    async with bench:
        bench.pins.pin(17).close()  # an output no more: writing fails
        bench.lights.signal(Signal.IN)
        assert bench.task is not None
        with pytest.raises(DeviceError, match="do not obey"):
            await asyncio.wait_for(asyncio.shield(bench.task), 10)
        bench.task = asyncio.create_task(asyncio.sleep(0))


async def test_a_pin_that_is_in_use_is_an_error_with_a_hint() -> None:
    async with Bench() as bench:
        other = GpioLights(PANEL, (), bench.clock.read, open_pins=lambda: bench.pins)
        with pytest.raises(DeviceError, match=r"cannot be used: .*GPIO17.* \(does another program use it"):
            await other.run(lambda press: None, lambda: None)


@pytest.mark.skipif(any(Path("/dev").glob("gpiochip*")), reason="this machine has pins")
async def test_a_machine_without_pins_says_so() -> None:
    with pytest.raises(DeviceMissing, match="no /dev/gpiochip0"):
        open_pins()
    with pytest.raises(DeviceMissing, match="no /dev/gpiochip0"):
        await GpioLights(PANEL, (), Clock().read).run(lambda press: None, lambda: None)


async def test_cancelled_while_the_pins_open_they_are_given_back() -> None:
    opening, go_on = threading.Event(), threading.Event()
    pins = desk_pins()

    def slow() -> Any:
        opening.set()
        go_on.wait()
        return pins

    lights = GpioLights(PANEL, (), Clock().read, open_pins=slow)
    task = asyncio.create_task(lights.run(lambda press: None, lambda: None))
    await asyncio.to_thread(opening.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    async with Bench(pins):
        pass  # the pins are free


PI5 = {11: "gpio-brcmstb@107d508500", 12: "gpio-brcmstb@107d508520", 15: "pinctrl-rp1"}


@pytest.mark.parametrize(
    ("labels", "chip"),
    [
        pytest.param(PI5, 15, id="Raspberry Pi 5, counted from 11"),
        pytest.param({0: "pinctrl-rp1", 10: "gpio-brcmstb@107d508500"}, 0, id="Raspberry Pi 5, a newer kernel"),
        pytest.param({4: "pinctrl-rp1", 0: "gpio-brcmstb@107d508500"}, 4, id="Raspberry Pi 5, an older kernel"),
        pytest.param({0: "pinctrl-bcm2711", 1: "raspberrypi-exp-gpio"}, 0, id="Raspberry Pi 4"),
        pytest.param({0: "pinctrl-bcm2835", 1: "raspberrypi-exp-gpio"}, 0, id="Raspberry Pi Zero 2 W and 3"),
        pytest.param({0: "ch341", 3: "pinctrl-bcm2711"}, 3, id="something on USB that came first"),
        pytest.param({0: "gpio-sim"}, None, id="no header: as gpiozero thinks"),
        pytest.param({}, None, id="none"),
    ],
)
def test_the_chip_of_the_header_is_found_by_its_label(labels: dict[int, str], chip: int | None) -> None:
    assert header_chip(labels) == chip


def test_every_chip_is_asked_and_one_that_refuses_hides_no_other() -> None:
    def label_of(chip: Path) -> str:
        number = int(chip.name.removeprefix("gpiochip"))
        if number == 12:
            raise PermissionError(chip)
        return PI5[number]

    names = ("gpiochip11", "gpiochip12", "gpiochip15", "gpiochip-odd")
    assert _header_of_this_machine([Path("/dev") / name for name in names], label_of) == 15
    assert _header_of_this_machine([Path("/dev/null"), Path("/dev/gpiochip99")]) is None


def test_what_the_kernel_says_of_a_chip() -> None:
    info = b"gpiochip15".ljust(32, b"\0") + b"pinctrl-rp1".ljust(32, b"\0") + (54).to_bytes(4, "little")
    assert label_in(info) == "pinctrl-rp1"


def test_lgpio_can_be_imported_where_nothing_can_be_written() -> None:
    """A daemon's working directory is not writable; lgpio makes a pipe there when it is imported."""
    code = (
        "import os\n"
        "from clockd.panel.gpio import _lgpio_somewhere\n"
        "with _lgpio_somewhere():\n"
        "    import lgpio\n"
        "print(os.getcwd(), os.environ.get('LG_WD'))\n"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code], cwd="/proc", capture_output=True, text=True, env={"PYTHONPATH": root}, check=False
    )
    assert done.stdout == "/proc None\n", done.stderr
    plain = subprocess.run([sys.executable, "-c", "import lgpio"], cwd="/proc", capture_output=True, check=False)
    assert plain.returncode != 0, "the negative control: without care it fails"


# --- what the daemon and `clockd check` call ----------------------------------------------------------------------


def test_a_panel_without_wires_has_no_lights() -> None:
    assert open_lights(config.Panel(), (), Clock().read) is None
    assert probe_lights(config.Panel(), ()) is None
    assert open_lights(config.Panel(), BUTTONS, Clock().read) is not None
    assert probe_lights(config.Panel(oled="desk", desk_socket="/x", green_led=17), BUTTONS) is None, (
        "a desk has nothing to look for"
    )


def test_a_look_says_what_is_wired() -> None:
    found = probe(PANEL, BUTTONS, desk_pins)
    assert found == "lights green and red; buzzer with tones; keys in (GPIO 5), project (GPIO 6)"
    assert probe(PANEL, (), MockFactory) == "lights green and red; buzzer without tones"
