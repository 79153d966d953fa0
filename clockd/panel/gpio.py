"""Lights, buzzer and keys on the GPIO header, by gpiozero. Its only owner; imported when pins are opened.

Wiring: an LED with its resistor between pin and ground; the buzzer between pin and ground (over a transistor when it
draws more than a few mA); a key between pin and ground, the pull-up is inside the Raspberry Pi. A passive buzzer (a
piezo disc, "KY-006") is the better choice, because it plays three pitches; an active one works too.
"""

import asyncio
import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from clockd import config
from clockd.core.feedback import Signal
from clockd.core.model import KeyPress
from clockd.core.ports import ReadClock
from clockd.core.sentence import sentence
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing, PackageMissing
from clockd.panel.sounds import DARK, PATTERNS, LightsState, SignalStep

_CHIP_INFO_BYTES = 68
_CHIP_INFO = 2 << 30 | _CHIP_INFO_BYTES << 16 | 0xB4 << 8 | 1
"""GPIO_GET_CHIPINFO_IOCTL of the kernel."""
_HEADERS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")
"""The labels of the chip of the 40-pin header: Raspberry Pi 5; 4; all before."""
_LOUDEST = 0.5
"""The part of each wave for which a passive buzzer is on at full volume."""
BOUNCE_S = 0.05
"""A key's contacts bounce this long; and a press so soon after another of the same key is the same press."""


def open_pins() -> Any:
    """Open the pins of this Raspberry Pi: a gpiozero factory over lgpio.

    Raises:
        DeviceMissing: no GPIO here.
        DeviceForbidden: this user may not use it.
        PackageMissing: gpiozero or lgpio is not installed.
    """
    chips = sorted(Path("/dev").glob("gpiochip*"))
    if not chips:
        raise DeviceMissing("there is no /dev/gpiochip0", hint="lights and keys need a Raspberry Pi's GPIO header")
    if not any(os.access(chip, os.R_OK | os.W_OK) for chip in chips):
        raise DeviceForbidden(
            sentence("no permission for {file}", file=str(chips[0])), hint="add the user to the group gpio"
        )
    try:
        with _lgpio_somewhere():
            from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError:
        raise PackageMissing("the panel's lights and keys", "gpio") from None
    try:
        return LGPIOFactory(chip=_header_of_this_machine(chips))
    except Exception as error:
        raise DeviceMissing(
            sentence("the GPIO pins cannot be opened: {reason}", reason=str(error)), hint="is this a Raspberry Pi?"
        ) from error


def header_chip(labels: Mapping[int, str]) -> int | None:
    """Return the number of the chip to which the 40-pin header is wired; None where no label says so.

    It is found by its label, since the number depends on the kernel: the Raspberry Pi 5 had it at 4, then at 0, and
    some kernels count from 11 on.
    """
    return next((number for label in _HEADERS for number in sorted(labels) if labels[number] == label), None)


def label_in(info: bytes) -> str:
    """Return the label in what the kernel says of a chip: 32 bytes of name, 32 of label, the count of lines."""
    return info[32:64].partition(b"\0")[0].decode(errors="replace")


def _label_of(chip: Path) -> str:
    with chip.open("rb", buffering=0) as opened:
        return label_in(fcntl.ioctl(opened, _CHIP_INFO, bytes(_CHIP_INFO_BYTES)))


def _header_of_this_machine(chips: Sequence[Path], label_of: Callable[[Path], str] = _label_of) -> int | None:
    labels: dict[int, str] = {}
    for chip in chips:
        number = chip.name.removeprefix("gpiochip")
        if number.isdecimal():
            with contextlib.suppress(OSError):  # one that cannot be asked is not the header's for us
                labels[int(number)] = label_of(chip)
    return header_chip(labels)


def desk_pins() -> Any:
    """Make the pins of a desk: nothing is wired to them; `GpioLights.press` is the finger.

    Raises:
        PackageMissing: gpiozero is not installed.
    """
    try:
        from gpiozero.pins.mock import MockFactory, MockPWMPin
    except ImportError:
        raise PackageMissing("the desk's lights and keys", "demo") from None
    return MockFactory(pin_class=MockPWMPin)


def probe(panel: config.Panel, buttons: Sequence[config.Button], open_pins: Callable[[], Any] = open_pins) -> str:
    """Open all pins, say which, and give them back.

    Raises:
        DeviceError: as `GpioLights.run`.
    """
    opened = _open_all(panel, buttons, open_pins, lambda button, key: None)
    sound = ""
    if panel.buzzer is not None:
        sound = "buzzer with tones" if isinstance(opened.buzzer, _Tones) else "buzzer without tones"
    opened.close()
    lights = [name for name, pin in (("green", panel.green_led), ("red", panel.red_led)) if pin is not None]
    keys = [f"{button.action.value} (GPIO {button.gpio})" for button in buttons]
    found = [f"lights {' and '.join(lights)}" if lights else "", sound, f"keys {', '.join(keys)}" if keys else ""]
    return "; ".join(text for text in found if text)


@contextlib.contextmanager
def _lgpio_somewhere() -> Iterator[None]:
    """Import lgpio where it may write.

    When imported it makes a pipe in the working directory (or in $LG_WD, to which it changes the process), and a
    daemon's working directory is not writable. The pipe is open then and needs no name any more.
    """
    before, wish = os.getcwd(), os.environ.get("LG_WD")
    with tempfile.TemporaryDirectory(prefix="clockd-lgpio-") as folder:
        os.environ["LG_WD"] = folder
        try:
            yield
        finally:
            os.chdir(before)
            if wish is None:
                del os.environ["LG_WD"]
            else:
                os.environ["LG_WD"] = wish


@dataclass(slots=True)
class _Open:
    """What is open."""

    factory: Any
    green: Any = None
    red: Any = None
    buzzer: Any = None
    keys: tuple[Any, ...] = ()

    def set(self, state: LightsState) -> None:
        if self.green is not None:
            self.green.value = state.green
        if self.red is not None:
            self.red.value = state.red
        if self.buzzer is not None:
            self.buzzer(state.tone_hz)

    def close(self) -> None:
        """Turn everything off and give the pins back. Never raises."""
        with contextlib.suppress(Exception):
            self.set(DARK)
        parts = [self.green, self.red, self.buzzer, *self.keys, self.factory]
        for part in parts:
            if part is not None:
                with contextlib.suppress(Exception):
                    part.close()


class _Tones:
    """A buzzer that plays tones; a passive one."""

    def __init__(self, pin: int, factory: Any, volume: int) -> None:
        from gpiozero import TonalBuzzer
        from gpiozero.tones import Tone

        self._tone = Tone
        self._duty = _LOUDEST * (volume / 100) ** 2  # an ear hears half of the duty as much more than half as loud
        self._buzzer = TonalBuzzer(pin, mid_tone=Tone(note="A5"), octaves=2, pin_factory=factory)

    def __call__(self, tone_hz: int | None) -> None:
        if tone_hz is None:
            self._buzzer.stop()
        else:
            self._buzzer.play(self._tone(frequency=tone_hz))
            self._buzzer.pwm_device.value = self._duty

    def close(self) -> None:
        self._buzzer.close()


class _OnOff:
    """A buzzer that only sounds or is silent: pins without PWM, or an active one."""

    def __init__(self, pin: int, factory: Any) -> None:
        from gpiozero import Buzzer

        self._buzzer = Buzzer(pin, pin_factory=factory)

    def __call__(self, tone_hz: int | None) -> None:
        self._buzzer.value = tone_hz is not None

    def close(self) -> None:
        self._buzzer.close()


def open_output(factory: Any, gpio: int, *, active_high: bool) -> Any:
    """Open a pin that switches something, which is off from the first moment on."""
    from gpiozero import DigitalOutputDevice

    return DigitalOutputDevice(gpio, active_high=active_high, initial_value=False, pin_factory=factory)


class GpioLights:
    """Lights, buzzer and keys; keeps `clockd.core.ports.Lights`.

    Args:
        panel: the pins of lights and buzzer; each may be missing.
        buttons: the keys.
        read_clock: takes the reading of a key press.
        open_pins: gives the gpiozero factory; may raise DeviceError. With a MockFactory this is a desk.
        on_change: told each state of lights and sound as it begins, in the loop's thread.
    """

    def __init__(
        self,
        panel: config.Panel,
        buttons: Sequence[config.Button],
        read_clock: ReadClock,
        *,
        open_pins: Callable[[], Any] = open_pins,
        on_change: Callable[[LightsState], None] = lambda state: None,
    ) -> None:
        self._panel = panel
        self._buttons = tuple(buttons)
        self._read_clock = read_clock
        self._open_pins = open_pins
        self._on_change = on_change
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wanted: tuple[SignalStep, ...] = ()
        self._news = asyncio.Event()
        self._open: _Open | None = None

    def signal(self, signal: Signal) -> None:
        """See `clockd.core.ports.Lights.signal`; callable from any thread. Lost while the pins are not open."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there to see it
                loop.call_soon_threadsafe(self._want, PATTERNS[signal])

    def press(self, gpio: int) -> None:
        """Press and release a key of a desk: drives the mock pin, as a finger would.

        Raises:
            DeviceError: the pins are not open, or are real ones.
        """
        pin: Any = None if self._open is None else self._open.factory.pin(gpio)
        if not hasattr(pin, "drive_low"):
            raise DeviceError(sentence("the key on GPIO {gpio} is not a desk's", gpio=gpio))
        pin.drive_low()
        pin.drive_high()

    async def run(self, pressed: Callable[[KeyPress], None], ready: Callable[[], None]) -> None:
        """See `clockd.core.ports.Lights.run`.

        Raises:
            DeviceError: the pins cannot be opened or used; everything is off and given back then.
        """
        loop = asyncio.get_running_loop()
        work = asyncio.to_thread(_open_all, self._panel, self._buttons, self._open_pins, self._listen(pressed, loop))
        opening = asyncio.create_task(work, name="lights: open")
        try:
            opened = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_late)
            raise
        try:
            self._open, self._loop = opened, loop
            self._wanted = ()
            ready()
            while True:
                await self._play(opened)
        finally:
            self._open = self._loop = None
            opened.close()
            self._on_change(DARK)

    def _want(self, steps: tuple[SignalStep, ...]) -> None:
        self._wanted = steps
        self._news.set()

    async def _play(self, opened: _Open) -> None:
        """Play what is wanted until it is over, then wait; return when something else is wanted."""
        self._news.clear()
        for step in self._wanted:
            state = LightsState.of(step)
            self._set(opened, state if self._panel.volume else replace(state, tone_hz=None))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(step.duration_ms / 1000):
                    await self._news.wait()
            if self._news.is_set():
                return
        self._set(opened, DARK)
        self._wanted = ()
        await self._news.wait()

    def _set(self, opened: _Open, state: LightsState) -> None:
        try:
            opened.set(state)
        except Exception as error:
            raise DeviceError(sentence("lights and buzzer do not obey: {reason}", reason=str(error))) from error
        self._on_change(state)

    def _listen(
        self, pressed: Callable[[KeyPress], None], loop: asyncio.AbstractEventLoop
    ) -> Callable[[config.Button, Any], None]:
        def listen(button: config.Button, key: Any) -> None:
            key.when_pressed = _Key(button, self._read_clock, pressed, loop).down

        return listen


def _open_all(
    panel: config.Panel,
    buttons: Sequence[config.Button],
    open_pins: Callable[[], Any],
    listen: Callable[[config.Button, Any], None],
) -> _Open:
    """Open every pin, or none; in a thread."""
    opened = _Open(open_pins())
    try:
        _open_parts(panel, buttons, opened, listen)
    except Exception as error:
        opened.close()
        if isinstance(error, ImportError):
            raise PackageMissing("the panel's lights and keys", "gpio") from None
        raise DeviceError(
            sentence("a pin of lights, buzzer or keys cannot be used: {reason}", reason=str(error)),
            hint="does another program use it? (gpioinfo shows which)",
        ) from error
    return opened


def _open_parts(
    panel: config.Panel,
    buttons: Sequence[config.Button],
    opened: _Open,
    listen: Callable[[config.Button, Any], None],
) -> None:
    from gpiozero import LED, Button
    from gpiozero.exc import PinPWMError

    factory = opened.factory
    if panel.green_led is not None:
        opened.green = LED(panel.green_led, pin_factory=factory)
    if panel.red_led is not None:
        opened.red = LED(panel.red_led, pin_factory=factory)
    if panel.buzzer is not None:
        try:
            opened.buzzer = _Tones(panel.buzzer, factory, panel.volume)
        except PinPWMError:
            opened.buzzer = _OnOff(panel.buzzer, factory)
    for button in buttons:
        key = Button(button.gpio, pull_up=True, bounce_time=BOUNCE_S, pin_factory=factory)
        opened.keys = (*opened.keys, key)
        listen(button, key)


class _Key:
    """What happens when a key goes down; called in gpiozero's thread."""

    def __init__(
        self,
        button: config.Button,
        read_clock: ReadClock,
        pressed: Callable[[KeyPress], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._button = button
        self._read_clock = read_clock
        self._pressed = pressed
        self._loop = loop
        self._last_s = float("-inf")

    def down(self) -> None:
        reading = self._read_clock()
        if reading.boottime_s - self._last_s < BOUNCE_S:
            return
        self._last_s = reading.boottime_s
        button = self._button
        press = KeyPress(button.action, button.target, reading, button.time_type or None)
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process ends
            self._loop.call_soon_threadsafe(self._pressed, press)


def _close_late(opening: "asyncio.Task[_Open]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
