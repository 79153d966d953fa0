"""Sheets of every screen in a language and a size, as they hang in hardware/screens.

python -m tests.panel.sheets [LANGUAGE ...]     draws them anew
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from clockd.panel.catalogue import LANGUAGES
from clockd.panel.drawing import Arrangement, pictures
from clockd.panel.fonts import Fonts
from clockd.panel.text import Lettering, set_line
from tests.panel.pictures import fonts
from tests.panel.screens import CASES

FOLDER = Path(__file__).parents[2] / "hardware" / "screens"
SCALE = 2
_BACK, _FRAME, _INK = 24, 150, 150
_GAP, _CAPTION = 10, 18


def sheet_name(language: str, form: Arrangement) -> str:
    return f"{language}-{form.size[0]}x{form.size[1]}"


def tiles(language: str, form: Arrangement, chosen: Fonts) -> Iterator[tuple[str, Image.Image]]:
    """Each picture of each screen with its name; the turns of one are numbered."""
    for name, screen in CASES.items():
        turns = pictures(screen, LANGUAGES[language], chosen, form.size)
        for number, picture in enumerate(turns, 1):
            yield f"{name} {number}/{len(turns)}" if len(turns) > 1 else name, picture


def boxes(form: Arrangement) -> Iterator[tuple[int, int, int, int]]:
    """Where the pictures of a sheet lie, one after the other."""
    width, height = (side * SCALE for side in form.size)
    columns = 1536 // width
    n = 0
    while True:
        x = _GAP + n % columns * (width + _GAP)
        y = _GAP + n // columns * (height + _CAPTION + _GAP)
        yield x, y, x + width, y + height
        n += 1


def contact_sheet(language: str, form: Arrangement) -> Image.Image:
    chosen = fonts()
    drawn = list(zip(tiles(language, form, chosen), boxes(form), strict=False))
    size = (max(box[2] for _, box in drawn) + _GAP, max(box[3] for _, box in drawn) + _CAPTION + _GAP)
    whole = Image.new("L", size, _BACK)
    for (name, picture), (x, y, right, bottom) in drawn:
        whole.paste(_FRAME, (x - 1, y - 1, right + 1, bottom + 1))
        whole.paste(picture.convert("L").resize((right - x, bottom - y), Image.Resampling.NEAREST), (x, y))
        whole.paste(_INK, (x, bottom + 2), set_line(name, chosen, Lettering.THIN))
    return whole


def differing(language: str, form: Arrangement) -> list[str]:
    """The pictures that are not as they are kept; all of them where the sheet has another size."""
    drawn = contact_sheet(language, form)
    with Image.open(FOLDER / f"{sheet_name(language, form)}.png") as file:
        kept = file.convert("L")
    named = zip(tiles(language, form, fonts()), boxes(form), strict=False)
    return [
        name
        for (name, _), box in named
        if kept.size != drawn.size or kept.crop(box).tobytes() != drawn.crop(box).tobytes()
    ]


def write(language: str, form: Arrangement) -> Path:
    path = FOLDER / f"{sheet_name(language, form)}.png"
    path.parent.mkdir(exist_ok=True)
    # four greys: a palette makes the file a third of the size
    contact_sheet(language, form).quantize(4).save(path, optimize=True, bits=2)
    return path


if __name__ == "__main__":
    for code in sys.argv[1:] or LANGUAGES:
        for each in Arrangement:
            print(write(code, each))  # noqa: T201 - a person runs it
