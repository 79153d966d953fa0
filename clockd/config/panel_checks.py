"""What cannot be in [panel], and pins that have two jobs, although all of it has the right type."""

import re
from collections.abc import Iterator

from clockd.config.sections import OLED_DEVICES, OLED_SIZES, Config, Panel
from clockd.config.words import did_you_mean, shown
from clockd.core.updates import spans_of


def bad_panel(panel: Panel) -> Iterator[tuple[str, str, str]]:
    """Yield (place, reason, suggestion) for a display or a bus that cannot be."""
    try:
        spans_of(panel.sleep)
    except ValueError:
        why = f"{shown(panel.sleep)} is no time of the day from when to when"
        yield "panel.sleep", why, 'as "20:00-05:00", or "12:00-13:00, 20:00-05:00"'
    if panel.oled == "none":
        return
    if panel.oled == "desk":
        if not panel.desk_socket:
            yield "panel.desk_socket", 'is needed with oled = "desk"', "clockd demo writes it"
        return
    if panel.oled not in OLED_DEVICES:
        yield "panel.oled", f"unknown display {shown(panel.oled)}", did_you_mean(panel.oled, OLED_DEVICES)
    elif panel.size and panel.size not in OLED_SIZES[panel.oled]:
        why = f"{shown(panel.size)} is no size of {panel.oled}"
        yield "panel.size", why, f"one of {', '.join(OLED_SIZES[panel.oled])}; or leave it away"
    match panel.bus.split(":"):
        case ["i2c", port, address] if _is_small(port) and _i2c_address(address) is not None:
            pass
        case ["i2c", _, address]:
            yield "panel.bus", f"{shown(address)} is no I2C address (0x03 to 0x77)", 'as "i2c:1:0x3c"'
        case ["spi", port, device] if _is_small(port) and _is_small(device):
            pass
        case _:
            yield "panel.bus", f"{shown(panel.bus)} is no bus", 'as "i2c:1:0x3c" or "spi:0:0"'


def _is_small(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,3}", text))


def _i2c_address(text: str) -> int | None:
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{1,4}|[0-9]{1,4}", text):
        return None
    address = int(text, 16) if text.lower().startswith("0x") else int(text)
    return address if 0x03 <= address <= 0x77 else None


def bad_pins(config: Config) -> Iterator[tuple[str, str, str]]:
    """A pin has one job, and the pins of the display's bus are taken."""
    pins: list[tuple[str, int | None]] = [
        ("panel.green_led", config.panel.green_led),
        ("panel.red_led", config.panel.red_led),
        ("panel.buzzer", config.panel.buzzer),
        *((f"button[{n}].gpio", button.gpio) for n, button in enumerate(config.button)),
        *((f"relay[{n}].gpio", relay.gpio) for n, relay in enumerate(config.relay)),
    ]
    taken: dict[int, str] = {}
    if config.panel.oled in OLED_DEVICES:
        bus = config.panel.bus.split(":")
        numbers = {"i2c": (2, 3), "spi": (8, 9, 10, 11, 24, 25)}[bus[0]] if bus[0] in ("i2c", "spi") else ()
        if bus[:2] == ["i2c", "0"]:
            numbers = (0, 1)
        taken = dict.fromkeys(numbers, f"panel.bus ({shown(config.panel.bus)})")
    for place, pin in pins:
        if pin is None:
            continue
        if pin in taken:
            yield place, f"GPIO {pin} is used by {taken[pin]} already", "give each its own pin (hardware/README.md)"
        taken[pin] = place
