"""Golden pictures: where they lie, how they are compared, and the sheet of all screens."""

import os
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

from clockd.panel.catalogue import LANGUAGES
from clockd.panel.drawing import draw
from clockd.panel.fonts import Fonts
from clockd.panel.text import Lettering, set_line
from tests.panel.screens import CAPTIONS, CASES, SHEET

GOLDEN = Path(__file__).parent / "golden"
UNIFONT = Path("/usr/share/fonts/opentype/unifont/unifont.otf")
SCALE = 4
REWRITE = "CLOCKD_WRITE_GOLDEN"
HOW = f"look at the difference; if it is meant, {REWRITE}=1 pytest tests/panel/test_golden.py writes the new pictures"

LIT, DARK, CASE, TEXT = (214, 236, 255), (8, 11, 16), (30, 34, 42), (150, 160, 175)


def fonts() -> Fonts:
    """Unifont alone: what else is installed does not matter."""
    return Fonts.find(files=(str(UNIFONT),))


def enlarged(picture: Image.Image) -> Image.Image:
    """Large enough to be looked at."""
    return picture.resize((picture.width * SCALE, picture.height * SCALE), Image.Resampling.NEAREST)


def compare(name: str, picture: Image.Image) -> None:
    """Compare with the golden picture, pixel for pixel; or write it, when told to."""
    path = GOLDEN / f"{name}.png"
    if os.environ.get(REWRITE):
        path.parent.mkdir(exist_ok=True)
        picture.save(path, optimize=True)
        return
    with Image.open(path) as golden:
        same = golden.size == picture.size and golden.convert("RGB").tobytes() == picture.convert("RGB").tobytes()
    assert same, f"{path.name} is drawn differently: {HOW}"


def sheet(scale: int = 3, columns: int = 3) -> Image.Image:
    """All screens as they look on the wall, with captions."""
    chosen = fonts()
    wide, high, gap = 128 * scale + 24, 64 * scale + 52, 14
    rows = -(-len(SHEET) // columns)
    whole = Image.new("RGB", (columns * (wide + gap) + gap, rows * (high + gap) + gap), (255, 255, 255))
    pen = ImageDraw.Draw(whole)
    for n, (name, language) in enumerate(SHEET):
        x, y = gap + (n % columns) * (wide + gap), gap + (n // columns) * (high + gap)
        pen.rounded_rectangle((x, y, x + wide - 1, y + high - 1), radius=10, fill=CASE)
        whole.paste(_glowing(draw(CASES[name], LANGUAGES[language], chosen), scale), (x + 12, y + 12))
        caption = set_line(CAPTIONS[name], chosen, Lettering.THIN)
        whole.paste(TEXT, (x + (wide - caption.width) // 2, y + high - 28), caption)
    return whole


def _glowing(picture: Image.Image, scale: int) -> Image.Image:
    """Each pixel a little square of light with a dark seam, as under a lens."""
    image = Image.new("RGB", (picture.width * scale, picture.height * scale), DARK)
    light = picture.convert("L").resize(image.size, Image.Resampling.NEAREST).point(lambda level: level and 255)
    seams = Image.new("L", image.size, 255)
    pen = ImageDraw.Draw(seams)
    for x in range(scale - 1, image.width, scale):
        pen.line((x, 0, x, image.height), fill=150)
    for y in range(scale - 1, image.height, scale):
        pen.line((0, y, image.width, y), fill=150)
    image.paste(LIT, (0, 0), ImageChops.multiply(light, seams))
    return image
