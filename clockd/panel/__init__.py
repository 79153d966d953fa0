"""The panel: a `Screen` becomes a picture, a `Signal` becomes light and sound, a key becomes a `KeyPress`.

    open_display, open_lights, probe_…  what the daemon and `clockd check` call
    drawing, employee_screens           pure: screen -> pictures, with parts, words, fonts, text, strokes and icons
    sayings, gist, low, broad           what a screen says, laid out for 128×32 and 256×64
    turning                             what is longer than its place
    script, shaping                     the order of letters, and scripts that put them together
    catalogue, languages/               what is said in each language; plurals
    oled, luma_device                   a display in a thread of its own; the OLEDs of luma
    privacy                             initials in the place of names
    gpio, sounds                        lights, buzzer and keys by gpiozero; what the six signals are
    relays                              what is switched for a while: a door's opener, a bell

Libraries are imported when a device is opened, and never before: a clockd without panel needs none of them.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from clockd import config
from clockd.core.feedback import Screen
from clockd.core.ports import Display, Lights, Picture, ReadClock
from clockd.errors import DeviceError, PackageMissing
from clockd.panel.privacy import with_initials
from clockd.panel.sounds import LightsState

if TYPE_CHECKING:
    from clockd.panel.relays import Relays

log = logging.getLogger(__name__)


class Absent:
    """A display whose library is not installed; keeps `clockd.core.ports.Display` by saying so."""

    def __init__(self, error: DeviceError) -> None:
        self._error = error

    def show(self, screen: Screen) -> None:
        """Nobody will see it."""

    def picture(self) -> Picture | None:
        """Nothing was drawn."""
        return None

    async def run(self, ready: Callable[[], None]) -> None:
        """Raise the error that says what is missing."""
        raise self._error


def open_display(panel: config.Panel, language: str, *, frames: Callable[[Any], None] | None = None) -> Display | None:
    """Make the display of a `[panel]` section. Nothing is opened before its `run`.

    Args:
        panel: the section.
        language: `terminal.language`.
        frames: with `oled = "desk"`, takes each frame, a `PIL.Image.Image` of 128×64 in mode 1; called in the
            display's own thread. The frames are those of the real display, pixel for pixel.

    Returns:
        The display; None when none is configured.

    Raises:
        ConfigError: `panel.font` is no font.
    """
    if panel.oled == "none" or (panel.oled == "desk" and frames is None):
        return None
    try:
        from clockd.panel import catalogue, drawing, fonts, luma_device, oled
    except ImportError:
        return Absent(PackageMissing(f'panel.oled = "{panel.oled}"', "oled"))
    chosen, told = fonts.Fonts.find(panel.font), catalogue.LANGUAGES[language]
    log.info("the panel draws names in %s", chosen)

    def paint(screen: Screen, size: tuple[int, int]) -> Any:
        shown = with_initials(screen) if panel.names == "initials" else screen
        return drawing.pictures(shown, told, chosen, size)

    if panel.oled == "desk":
        assert frames is not None
        return oled.OledPanel("desk", oled.open_frames(frames), paint)
    return oled.OledPanel(f"{panel.oled} on {panel.bus}", lambda: luma_device.open_luma(panel), paint)


def open_lights(
    panel: config.Panel,
    buttons: Sequence[config.Button],
    read_clock: ReadClock,
    *,
    open_pins: Callable[[], Any] | None = None,
    on_change: Callable[[LightsState], None] = lambda state: None,
) -> Lights | None:
    """Make lights, buzzer and keys. Nothing is opened before their `run`.

    Args:
        panel: the pins of lights and buzzer.
        buttons: the keys.
        read_clock: takes the reading of a key press.
        open_pins: gives a gpiozero factory; None for this machine's own pins. `gpio.desk_pins` for a desk.
        on_change: told each state of lights and sound as it begins, in the loop's thread.

    Returns:
        The lights; None when nothing is wired.
    """
    if not is_wired(panel, buttons):
        return None
    from clockd.panel import gpio

    return gpio.GpioLights(panel, buttons, read_clock, open_pins=open_pins or gpio.open_pins, on_change=on_change)


def open_relays(relays: Sequence[config.Relay], *, open_pins: Callable[[], Any] | None = None) -> "Relays | None":
    """Make the relays; None when there are none. Nothing is opened before their `run`."""
    if not relays:
        return None
    from clockd.panel import gpio
    from clockd.panel.relays import Relays

    return Relays(relays, open_pins=open_pins or gpio.open_pins)


def probe_relays(relays: Sequence[config.Relay]) -> str:
    """Look for the pins of the relays and say in one line what was found; nothing is switched.

    Raises:
        DeviceError: as `probe_lights`.
    """
    from clockd.panel import relays as switched

    return switched.probe(relays)


def desk_pins() -> Any:
    """Give `open_lights` the pins of a desk, to which nothing is wired."""
    from clockd.panel import gpio

    return gpio.desk_pins()


def desk_keys(lights: Lights) -> Callable[[int], None]:
    """Return the finger for the keys of a desk: called with a GPIO, it presses and releases that key."""
    from clockd.panel import gpio

    assert isinstance(lights, gpio.GpioLights)
    return lights.press


def probe_display(panel: config.Panel) -> str | None:
    """Look for the display of a `[panel]` section and say in one line what was found. Blocks up to some seconds.

    What the display shows is left alone.

    Returns:
        What was found, and the fonts it would draw with; None when no display is configured.

    Raises:
        DeviceMissing: no such bus, or nothing answers at the address.
        DeviceForbidden: this user may not use the bus.
        PackageMissing: its library is not installed.
        DeviceError: anything else.
        ConfigError: `panel.font` is no font.
    """
    if panel.oled in ("none", "desk"):
        return None
    try:
        from clockd.panel import fonts, luma_device
    except ImportError:
        raise PackageMissing(f'panel.oled = "{panel.oled}"', "oled") from None
    return f"{luma_device.probe(panel)}; names in {fonts.Fonts.find(panel.font)}"


def probe_font(panel: config.Panel) -> str | None:
    """Look for the fonts that the display of a `[panel]` section draws with; what shows them is not asked.

    Returns:
        Their names; None when no display is configured, or its library is missing.

    Raises:
        ConfigError: `panel.font` is no font.
    """
    if panel.oled == "none":
        return None
    try:
        from clockd.panel import fonts
    except ImportError:
        return None
    return f"names in {fonts.Fonts.find(panel.font)}"


def probe_lights(panel: config.Panel, buttons: Sequence[config.Button]) -> str | None:
    """Look for the pins of lights, buzzer and keys and say in one line what was found.

    Returns:
        What was found; None when nothing is wired, or all hangs on the demo's page.

    Raises:
        DeviceMissing: no GPIO here.
        DeviceForbidden: this user may not use it.
        PackageMissing: its library is not installed.
        DeviceError: a pin cannot be used; a running daemon has them all.
    """
    if panel.oled == "desk" or not is_wired(panel, buttons):
        return None
    from clockd.panel import gpio

    return gpio.probe(panel, buttons)


def is_wired(panel: config.Panel, buttons: Sequence[config.Button]) -> bool:
    """Say whether there is any light, buzzer or key."""
    return bool(buttons) or any(pin is not None for pin in (panel.green_led, panel.red_led, panel.buzzer))
