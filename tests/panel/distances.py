"""From how far a panel can be read: worked out of its size, its pixels and the letters that clockd draws on it.

python -m tests.panel.distances     writes the table in hardware/displays.md anew
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import atan, degrees, hypot, radians, tan
from pathlib import Path

from clockd.panel import broad, drawing, low, parts
from clockd.panel.drawing import Arrangement, layout_for
from clockd.panel.text import Lettering, set_line
from tests.panel.pictures import fonts

PAGE = Path(__file__).parents[2] / "hardware" / "displays.md"
LEAST_ARCMIN = 16
"""What must be read is at least so high: the least that ISO 9241-303 allows; 20 to 22 read with ease."""
MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Glass:
    """A panel as it is sold."""

    inches: float
    """Diagonal of the lit area."""
    pixels: tuple[int, int]
    devices: str

    @property
    def pitch_mm(self) -> float:
        """From one pixel to the next."""
        return self.inches * MM_PER_INCH / hypot(*self.pixels)


GLASSES = (
    Glass(0.91, (128, 32), "SSD1306"),
    Glass(0.96, (128, 64), "SSD1306, SSD1315"),
    Glass(1.3, (128, 64), "SH1106"),
    Glass(1.54, (128, 64), "SSD1309"),
    Glass(2.42, (128, 64), "SSD1309"),
    Glass(2.8, (256, 64), "SSD1322"),
    Glass(3.12, (256, 64), "SSD1322"),
)


def angle_arcmin(height_mm: float, distance_mm: float) -> float:
    """How high something is to the eye, in minutes of arc."""
    return degrees(2 * atan(height_mm / 2 / distance_mm)) * 60


def distance_mm(height_mm: float, arcmin: float = LEAST_ARCMIN) -> float:
    """From how far something is just so high to the eye."""
    return height_mm / 2 / tan(radians(arcmin / 60) / 2)


def rows_of(pixels: tuple[int, int]) -> tuple[int, int, int]:
    """Rows of a capital of a name, of the word and the time of a punch, and of the clock when nobody is there."""
    box = set_line("H", fonts(), Lettering.THIN).getbbox()
    assert box is not None
    name = box[3] - box[1]
    match layout_for(pixels):
        case Arrangement.USUAL:
            return name, parts.HEADLINES[0].height, drawing.IDLE_CLOCK.height
        case Arrangement.LOW:
            return name, low.LOW_PENS[0].height, low.LOW_CLOCK.height
        case Arrangement.BROAD:
            return name, broad.BROAD_PENS[0].height, broad.BROAD_CLOCK.height


def rows() -> Iterator[str]:
    yield "| panel | device | a pixel | names, lines | word and time | the clock |"
    yield "|---|---|---|---|---|---|"
    for glass in GLASSES:
        told = [f"{distance_mm(count * glass.pitch_mm) / 10:.0f} cm" for count in rows_of(glass.pixels)]
        width, height = glass.pixels
        yield (
            f'| {glass.inches}", {width}×{height} | {glass.devices} | {glass.pitch_mm:.2f} mm | {" | ".join(told)} |'
        )


def with_table(page: str) -> str:
    """The page, with its table worked out anew."""
    return re.sub(r"(?m)^\| panel \| device .*\n(?:\|.*\n)*", "".join(f"{row}\n" for row in rows()), page)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
