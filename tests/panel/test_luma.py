"""The real luma drivers on a bus whose other end is a small OLED."""

import errno
import inspect
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image

from clockd import config
from clockd.core.feedback import Screen
from clockd.errors import DeviceError, DeviceForbidden, DeviceMissing
from clockd.panel.catalogue import LANGUAGES
from clockd.panel.drawing import draw, pictures
from clockd.panel.fonts import Fonts
from clockd.panel.gpio import desk_pins
from clockd.panel.luma_device import open_luma, pages_of, probe
from clockd.panel.oled import OledPanel
from tests.panel.glass import Glass
from tests.panel.screens import CASES, IDLE, PUNCHED
from tests.panel.test_oled import cancel, running

# luma.core still calls getdata(), which Pillow wants to rename in 2027.
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata:DeprecationWarning")

FONTS = Fonts.find()
PANEL = config.Panel(oled="ssd1306")


def picture(screen: Screen, size: tuple[int, int] = (128, 64)) -> Image.Image:
    return draw(screen, LANGUAGES["en"], FONTS, size)


@pytest.mark.parametrize("oled", ["ssd1306", "ssd1309", "ssd1315", "sh1106"])
def test_what_is_drawn_is_what_shines(oled: str) -> None:
    glass = Glass(pages_only=oled == "sh1106")
    canvas = open_luma(config.Panel(oled=oled), bus=glass)
    assert canvas.size == (128, 64)
    for name in ("idle", "idle-offline", "in-polish", "idle", "stopped"):
        canvas.put(picture(CASES[name]))
        assert glass.picture().tobytes() == picture(CASES[name]).tobytes(), name
    canvas.close(keep=True)
    assert glass.picture().tobytes() == picture(CASES["stopped"]).tobytes()


@pytest.mark.parametrize("oled", [oled for oled, sizes in config.OLED_SIZES.items() if "128x32" in sizes])
def test_a_display_of_half_the_height_shows_its_own_layout(oled: str) -> None:
    glass = Glass(pages_only=oled == "sh1106", height=32)
    canvas = open_luma(config.Panel(oled=oled, size="128x32"), bus=glass)
    assert canvas.size == (128, 32)
    for name in ("idle", "idle-paused", "in-polish", "stopped"):
        for turn in pictures(CASES[name], LANGUAGES["en"], FONTS, canvas.size):
            canvas.put(turn)
            assert glass.picture().tobytes() == turn.tobytes(), name
    canvas.close(keep=False)


def test_a_display_that_is_given_back_is_dark() -> None:
    glass = Glass()
    canvas = open_luma(PANEL, bus=glass)
    canvas.put(picture(PUNCHED))
    canvas.close(keep=False)
    assert not glass.lit


def test_a_display_mounted_upside_down() -> None:
    glass = Glass()
    canvas = open_luma(msgspec.structs.replace(PANEL, rotate=2), bus=glass)
    canvas.put(picture(PUNCHED))
    assert glass.picture().rotate(180).tobytes() == picture(PUNCHED).tobytes()
    canvas.close(keep=False)


def test_only_what_changed_goes_over_the_bus() -> None:
    glass = Glass()
    canvas = open_luma(PANEL, bus=glass)
    canvas.put(picture(IDLE))
    whole, glass.sent_bytes = glass.sent_bytes, 0
    canvas.put(picture(replace(IDLE, unsent=7)))
    assert 0 < glass.sent_bytes <= 260 < 1024 < whole
    glass.sent_bytes = 0
    canvas.put(picture(replace(IDLE, unsent=7)))
    assert glass.sent_bytes == 0
    canvas.close(keep=False)


def test_a_disturbed_display_heals() -> None:
    """What was changed behind our back is sent again after a while, although nothing new is shown."""
    glass = Glass()
    canvas = open_luma(PANEL, bus=glass)
    canvas.put(picture(IDLE))
    glass.memory[0][:] = bytes(132)
    glass.memory[7][5] ^= 0x55
    assert glass.picture().tobytes() != picture(IDLE).tobytes()
    for _ in range(30):
        canvas.put(picture(IDLE))
    assert glass.picture().tobytes() == picture(IDLE).tobytes()
    canvas.close(keep=False)


def test_dim_and_bright() -> None:
    glass = Glass()
    canvas = open_luma(PANEL, bus=glass)
    bright = glass.contrast
    canvas.dim(True)
    assert glass.contrast < bright / 4
    canvas.dim(False)
    assert glass.contrast == bright
    canvas.close(keep=False)


async def test_a_display_that_is_pulled_off_and_put_back_shows_the_last_screen(tmp_path: Path) -> None:
    """The whole way: OledPanel, luma's driver, the bus."""
    glass = Glass()
    (tmp_path / "i2c-1").touch()
    panel = OledPanel("ssd1306", lambda: open_luma(PANEL, bus=glass, dev=tmp_path), lambda s, size: [picture(s, size)])
    task = await running(panel)
    glass.gone = True
    panel.show(PUNCHED)
    with pytest.raises(DeviceMissing, match=r"nothing answers on i2c:1:0x3c .*i2cdetect -y 1"):
        await task
    with pytest.raises(DeviceMissing, match="nothing answers"):
        await panel.run(lambda: None)
    panel.show(CASES["stopped"])  # told while it is away
    glass.gone, glass.lit, glass.memory = False, False, [bytearray(b"\x55" * 132) for _ in range(8)]
    await cancel(await running(panel))
    assert glass.picture().tobytes() == picture(CASES["stopped"]).tobytes()


@pytest.mark.parametrize(
    ("oled", "size"), [(oled, size) for oled in config.OLED_SIZES for size in config.OLED_SIZES[oled]]
)
def test_every_display_of_the_configuration_can_be_driven(oled: str, size: str) -> None:
    if oled in ("ssd1322", "ssd1325"):
        pins = desk_pins()
        spi = _Spi(_NoGlass(), pins)
        panel = config.Panel(oled=oled, bus="spi:0:0", size=size)
        canvas = open_luma(panel, bus=spi, open_pins=lambda: pins)
    else:
        canvas = open_luma(config.Panel(oled=oled, size=size), bus=_Deaf())
    assert canvas.size == tuple(int(side) for side in size.split("x"))
    canvas.put(picture(PUNCHED, canvas.size))
    canvas.put(picture(IDLE, canvas.size))
    canvas.dim(True)
    canvas.close(keep=False)


@pytest.mark.parametrize("oled", config.OLED_DEVICES)
def test_the_usual_size_is_what_luma_takes_for_granted(oled: str) -> None:
    from luma.oled import device

    asked = inspect.signature(getattr(device, oled)).parameters
    usual = {asked["width"].default, asked["height"].default}
    assert usual == set(config.Panel(oled=oled).pixels)


class _NoGlass(Glass):
    def data(self, data: Sequence[int]) -> None:
        assert data

    def command(self, data: Sequence[int]) -> None:
        assert data


def test_a_display_for_spi_only_says_so_on_i2c() -> None:
    with pytest.raises(DeviceError, match=r"ssd1325 cannot be driven on i2c:1:0x3c.*for SPI only"):
        open_luma(config.Panel(oled="ssd1325"), bus=_Deaf())


class _Deaf:
    """A bus on which everything is acknowledged."""

    def write_i2c_block_data(self, address: int, mode: int, data: Sequence[int]) -> None:
        assert len(data) <= 32


def test_an_upright_display_is_refused_with_a_hint() -> None:
    with pytest.raises(DeviceError, match=r"rotate = 1 is 64×128 .*rotate = 0, or 2"):
        open_luma(msgspec.structs.replace(PANEL, rotate=1), bus=Glass())


class _Refusing:
    def __init__(self, error: OSError) -> None:
        self.error = error

    def write_i2c_block_data(self, address: int, mode: int, data: Sequence[int]) -> None:
        raise self.error


def test_errors_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DeviceMissing, match=r"there is no .*/i2c-1 \(enable I2C: dtparam=i2c_arm=on"):
        probe(PANEL, bus=_Refusing(FileNotFoundError(errno.ENOENT, "No such file")), dev=tmp_path)
    (tmp_path / "i2c-1").touch()
    with pytest.raises(DeviceForbidden, match=r"no permission .*add the user to the group i2c"):
        open_luma(PANEL, bus=_Refusing(PermissionError(errno.EACCES, "Permission denied")), dev=tmp_path)
    with pytest.raises(DeviceMissing, match=r"nothing answers .*timed out.*check the wiring"):
        open_luma(PANEL, bus=_Refusing(TimeoutError(errno.ETIMEDOUT, "Connection timed out")), dev=tmp_path)


@pytest.mark.skipif(Path("/dev/i2c-1").exists(), reason="this machine has an I2C bus")
def test_a_machine_without_i2c_says_how_to_enable_it() -> None:
    with pytest.raises(DeviceMissing, match=r"there is no /dev/i2c-1 \(enable I2C"):
        open_luma(PANEL)
    with pytest.raises(DeviceMissing, match=r"there is no /dev/i2c-1 \(enable I2C"):
        probe(PANEL)


def test_a_look_at_the_display_leaves_its_picture_alone() -> None:
    glass = Glass()
    canvas = open_luma(PANEL, bus=glass)
    canvas.put(picture(PUNCHED))
    assert probe(PANEL, bus=glass, sys=Path("/nowhere")) == "ssd1306 answers on i2c:1:0x3c"
    assert glass.picture().tobytes() == picture(PUNCHED).tobytes()
    canvas.close(keep=False)


@pytest.mark.parametrize(
    ("speed_hz", "told"),
    [(400_000, " at 400 kHz"), (100_000, " at 100 kHz; quicker with dtparam=i2c_arm_baudrate=400000 in config.txt")],
)
def test_a_look_at_the_display_says_how_fast_its_bus_is(speed_hz: int, told: str, tmp_path: Path) -> None:
    node = tmp_path / "bus" / "i2c" / "devices" / "i2c-1" / "of_node"
    node.mkdir(parents=True)
    (node / "clock-frequency").write_bytes(speed_hz.to_bytes(4, "big"))
    assert probe(PANEL, bus=Glass(), sys=tmp_path) == "ssd1306 answers on i2c:1:0x3c" + told


class _Spi:
    """The far end of an SPI bus: the data/command pin says what a byte is. Stands in for spidev's SpiDev."""

    def __init__(self, glass: Glass, pins: Any) -> None:
        self.glass = glass
        self.pins = pins
        self.opened: tuple[int, int] | None = None
        self.max_speed_hz = 0

    def open(self, port: int, device: int) -> None:
        self.opened = (port, device)

    def writebytes(self, data: Sequence[int]) -> None:
        assert self.pins.pin(25).state, "reset is released"
        if self.pins.pin(24).state:
            self.glass.data(data)
        else:
            self.glass.command(data)

    def close(self) -> None:
        self.opened = None


def test_a_display_on_spi() -> None:
    glass, pins = Glass(), desk_pins()
    spi = _Spi(glass, pins)
    canvas = open_luma(config.Panel(oled="ssd1306", bus="spi:0:1"), bus=spi, open_pins=lambda: pins)
    assert spi.opened == (0, 1)
    canvas.put(picture(PUNCHED))
    assert glass.picture().tobytes() == picture(PUNCHED).tobytes()
    canvas.close(keep=False)
    assert spi.opened is None


def test_pages_hold_eight_rows_with_the_upper_pixel_in_the_low_bit() -> None:
    image = Image.new("1", (128, 64))
    for x, y in ((0, 0), (0, 7), (127, 8), (5, 63)):
        image.putpixel((x, y), 255)
    pages = pages_of(image)
    assert [len(page) for page in pages] == [128] * 8
    assert (pages[0][0], pages[1][127], pages[7][5]) == (0x81, 0x01, 0x80)
    assert sum(map(sum, pages)) == 0x81 + 0x01 + 0x80
