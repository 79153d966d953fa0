"""The OLEDs of luma.oled as a `Canvas`. The only owner of luma; it is imported when a display is opened.

The small monochrome controllers (SSD1306, SSD1309, SSD1315, SH1106) are fed by pages: strips of eight rows, one byte
per column. Only pages that changed go over the bus; a full picture takes 23 ms at 400 kHz and 92 ms at the 100 kHz
a Raspberry Pi starts with. luma itself finds the changes for the grey ones.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from clockd import config
from clockd.core.sentence import phrase, sentence
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing, PackageMissing
from clockd.panel.gpio import open_pins
from clockd.panel.oled import Canvas
from clockd.panel.parts import HEIGHT, WIDTH

_NOTHING = 0xE3
"""NOP of all SSD13xx and SH110x: an address that does not answer is noticed before anything is set up."""
_COLUMNS, _PAGES = 0x21, 0x22
"""SSD1306: the window that the next data fills."""
_PAGE, _COLUMN_LOW, _COLUMN_HIGH = 0xB0, 0x00, 0x10
"""SH1106: where the next data begins; it has 132 columns, the glass begins at the third."""
_SH1106_LEFT = 2
_QUICK_HZ = 400_000
"""What these controllers take, by their datasheets; a Raspberry Pi starts with a quarter of it."""
_WHOLE_EVERY = 30
"""So many pictures after the last whole one everything is sent: a spark may have changed what the display holds."""
_BRIGHT = {"ssd1306": 0xCF, "ssd1309": 0xCF, "ssd1315": 0xCF}
_BRIGHT_OTHERS = 0x7F
_DIM = 0x08
_GREY = ("ssd1322", "ssd1325", "ssd1327", "ssd1362")


def open_luma(
    panel: config.Panel, *, bus: Any = None, open_pins: Callable[[], Any] = open_pins, dev: Path = Path("/dev")
) -> Canvas:
    """Open the display of a `[panel]` section. Blocks for some milliseconds, on a stuck bus for a second or two.

    Args:
        panel: with one of `config.OLED_DEVICES`.
        bus: stands in for smbus2's SMBus or spidev's SpiDev, in tests.
        open_pins: gives the pins of a display on SPI (data/command and reset).
        dev: where the system keeps its devices.

    Raises:
        DeviceMissing: no such bus, or nothing answers at the address.
        DeviceForbidden: this user may not use the bus.
        PackageMissing: luma or the bus library is not installed.
        DeviceError: anything else.
    """
    with _explained(panel, dev):
        from luma.oled import device as devices

        serial = _serial(panel, bus, open_pins)
        try:
            serial.command(_NOTHING)
            return _canvas(panel, getattr(devices, panel.oled), serial, dev)
        except BaseException:
            with contextlib.suppress(Exception):
                serial.cleanup()
            raise


def probe(panel: config.Panel, *, bus: Any = None, dev: Path = Path("/dev"), sys: Path = Path("/sys")) -> str:
    """Look for the display without touching what it shows.

    Raises:
        DeviceError: as `open_luma`.
    """
    with _explained(panel, dev):
        from luma.oled import device as devices

        assert hasattr(devices, panel.oled)
        if panel.bus.startswith("spi:"):
            import spidev  # noqa: F401 - whether it is there is the question

            node = _node(panel, dev)
            if not os.access(node, os.R_OK | os.W_OK):
                raise PermissionError if node.exists() else FileNotFoundError
            return f"{node} for {panel.oled} (a display on SPI does not answer)"
        serial = _serial(panel, bus, open_pins)
        try:
            serial.command(_NOTHING)
        finally:
            serial.cleanup()
        return f"{panel.oled} answers on {panel.bus}{_bus_speed(panel.bus, sys)}"


def _bus_speed(bus: str, sys: Path) -> str:
    """Say how fast an I2C bus is, and how it becomes faster; nothing where the device tree does not say it."""
    try:
        told = (sys / f"bus/i2c/devices/i2c-{bus.split(':')[1]}/of_node/clock-frequency").read_bytes()
    except OSError:
        return ""
    speed_hz = int.from_bytes(told, "big")
    advice = "" if speed_hz >= _QUICK_HZ else "; quicker with dtparam=i2c_arm_baudrate=400000 in config.txt"
    return f" at {speed_hz // 1000} kHz{advice}"


def _canvas(panel: config.Panel, make: Callable[..., Any], serial: Any, dev: Path) -> Canvas:
    options: dict[str, Any] = {"rotate": panel.rotate}
    options["width"], options["height"] = panel.pixels
    if panel.oled == "sh1107" and panel.pixels == (WIDTH, HEIGHT):
        # Its glass stands upright (64×128), and is mounted lying.
        options["rotate"] = (panel.rotate + 1) % 4
        options["width"], options["height"] = HEIGHT, WIDTH
    if panel.oled in _GREY:
        options["mode"] = "1"
    device = make(serial, **options)
    canvas = LumaCanvas(panel, device, serial, dev)
    if device.width < WIDTH:
        size = f"{device.width}×{device.height}"
        canvas.close(keep=False)
        raise DeviceError(
            sentence(
                "the display {name} turned by rotate = {rotate} is {size}",
                name=panel.oled,
                rotate=panel.rotate,
                size=size,
            ),
            hint="the pictures need 128 pixels from left to right: rotate = 0, or 2 for upside down",
        )
    return canvas


class LumaCanvas:
    """An open luma device; keeps `clockd.panel.oled.Canvas`."""

    def __init__(self, panel: config.Panel, device: Any, serial: Any, dev: Path) -> None:
        self._panel = panel
        self._dev = dev
        self._device = device
        self._serial = serial
        self._shown: list[bytes] | None = None
        """Pages that the display holds now."""
        self._count = 0
        self._send = {
            "ssd1306": self._send_window,
            "ssd1309": self._send_window,
            "ssd1315": self._send_window,
            "sh1106": self._send_page,
        }.get(panel.oled)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as it is mounted."""
        return (self._device.width, self._device.height)

    def put(self, picture: Image.Image) -> None:
        """See `Canvas.put`; sends only what changed."""
        with _explained(self._panel, self._dev):
            if self._send is None:
                self._device.display(picture)
                return
            pages = pages_of(self._device.preprocess(picture))
            self._count += 1
            shown, self._shown = self._shown, None
            if self._count % _WHOLE_EVERY == 0:
                shown = None
            for first, last in _runs(pages, shown):
                self._send(first, pages[first : last + 1], shown and shown[first : last + 1])
            self._shown = pages

    def dim(self, dimmed: bool) -> None:
        """See `Canvas.dim`."""
        with _explained(self._panel, self._dev):
            self._device.contrast(_DIM if dimmed else _BRIGHT.get(self._panel.oled, _BRIGHT_OTHERS))

    def close(self, *, keep: bool) -> None:
        """See `Canvas.close`."""
        self._device.persist = keep
        with contextlib.suppress(Exception):
            self._device.cleanup()
        with contextlib.suppress(Exception):
            self._serial.cleanup()  # a display that is lost fails in the lines above, with the bus still open
        # luma keeps each device it ever made until the process ends (atexit), some 130 KB; a display that comes
        # and goes would fill the memory. The empty object is all that stays.
        vars(self._device).clear()

    def _send_window(self, first: int, pages: list[bytes], shown: list[bytes] | None) -> None:
        left, right = _columns(pages, shown)
        self._device.command(_COLUMNS, left, right - 1, _PAGES, first, first + len(pages) - 1)
        self._device.data(list(b"".join(page[left:right] for page in pages)))

    def _send_page(self, first: int, pages: list[bytes], shown: list[bytes] | None) -> None:
        for number, page in enumerate(pages, first):
            self._device.command(_PAGE | number, _COLUMN_LOW | _SH1106_LEFT, _COLUMN_HIGH)
            self._device.data(list(page))


def _serial(panel: config.Panel, bus: Any, open_pins: Callable[[], Any]) -> Any:
    from luma.core.interface import serial

    match panel.bus.split(":"):
        case ["i2c", port, address]:
            if bus is not None:
                return serial.i2c(bus=bus, address=int(address, 0))
            return serial.i2c(port=int(port), address=int(address, 0))
        case ["spi", port, device]:
            return serial.spi(spi=bus, gpio=_Pins(open_pins()), port=int(port), device=int(device))
        case _:
            raise DeviceError(sentence("{bus} is no bus", bus=repr(panel.bus)), hint='as "i2c:1:0x3c" or "spi:0:0"')


class _Pins:
    """What luma's SPI needs of RPi.GPIO, made of gpiozero: RPi.GPIO knows no Raspberry Pi 5."""

    OUT = "out"
    LOW = False
    HIGH = True

    def __init__(self, factory: Any) -> None:
        self._factory = factory
        self._pins: dict[int, Any] = {}

    def setup(self, pin: int, mode: str) -> None:
        from gpiozero import DigitalOutputDevice

        self._pins[pin] = DigitalOutputDevice(pin, pin_factory=self._factory)

    def output(self, pin: int, value: bool) -> None:
        self._pins[pin].value = value

    def cleanup(self, pins: object = None) -> None:
        for pin in self._pins.values():
            pin.close()
        self._pins.clear()
        self._factory.close()


@contextlib.contextmanager
def _explained(panel: config.Panel, dev: Path) -> Iterator[None]:
    """Turn what luma and the system raise into a DeviceError that says what to do."""
    what = f"display {panel.oled}"
    try:
        yield
    except DeviceError:
        raise
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "spidev":
            raise PackageMissing(f"{what} on {panel.bus}", "spi") from None
        raise PackageMissing(what, "oled") from None
    except Exception as error:
        raise _explain(panel, what, error, dev) from error


def _node(panel: config.Panel, dev: Path) -> Path:
    kind, port, *rest = panel.bus.split(":")
    return dev / (f"i2c-{port}" if kind == "i2c" else f"spidev{port}.{''.join(rest)}")


def _explain(panel: config.Panel, what: str, error: Exception, dev: Path) -> DeviceError:
    kind, port, *_ = (*panel.bus.split(":"), "")
    node = _node(panel, dev)
    if isinstance(error, PermissionError) or type(error).__name__ == "DevicePermissionError":
        told = sentence("{device}: no permission for {file}", device=what, file=str(node))
        return DeviceForbidden(told, hint=sentence("add the user to the group {group}", group=kind))
    if not (isinstance(error, OSError) or type(error).__module__ == "luma.core.error"):
        told = sentence("{device} cannot be driven on {bus}: {reason}", device=what, bus=panel.bus, reason=repr(error))
        return DeviceError(told, hint="some displays are for SPI only")
    if not node.exists():
        order = "dtparam=i2c_arm=on" if kind == "i2c" else "dtparam=spi=on"
        return DeviceMissing(
            sentence("{device}: there is no {file}", device=what, file=str(node)),
            hint=sentence(
                "enable {bus}: {order} in /boot/firmware/config.txt, or raspi-config, and restart",
                bus=kind.upper(),
                order=order,
            ),
        )
    answer = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else phrase("no answer")
    look = sentence("check the wiring and the address: i2cdetect -y {port}", port=port)
    return DeviceMissing(
        sentence("{device}: nothing answers on {bus} ({why})", device=what, bus=panel.bus, why=phrase(answer)),
        hint=look if kind == "i2c" else "check the wiring",
    )


def pages_of(picture: Image.Image) -> list[bytes]:
    """Cut a picture of mode 1 into pages: strips of eight rows, a byte per column, the upper pixel in the low bit."""
    # Turned so that columns become rows, a row's bytes hold eight pixels of a column each.
    turned = picture.transpose(Image.Transpose.ROTATE_270).tobytes()
    count = picture.height // 8
    return [turned[count - 1 - page :: count] for page in range(count)]


def _columns(pages: list[bytes], shown: list[bytes] | None) -> tuple[int, int]:
    """First column that changed, and the one after the last."""
    if shown is None:
        return 0, len(pages[0])
    changed = [n for new, old in zip(pages, shown, strict=True) for n in range(len(new)) if new[n] != old[n]]
    return min(changed), max(changed) + 1


def _runs(pages: list[bytes], shown: list[bytes] | None) -> Iterator[tuple[int, int]]:
    """Yield first and last page of each stretch that changed."""
    first: int | None = None
    for n, page in enumerate(pages):
        changed = shown is None or shown[n] != page
        if changed and first is None:
            first = n
        if not changed and first is not None:
            yield first, n - 1
            first = None
    if first is not None:
        yield first, len(pages) - 1
