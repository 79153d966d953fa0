"""Words of scripts whose letters are put together: drawn as a whole, by a font that knows how and by Pillow's raqm.

Where one of the two is missing, they are drawn letter by letter as others are (`clockd.panel.script`): legible for
Tamil, and a makeshift for the scripts that stack or join their letters.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, features

_RANGES = (
    (0x0900, 0x0DFF),  # the scripts of India and Sri Lanka
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x1B00, 0x1B7F),  # Balinese
    (0xA980, 0xA9DF),  # Javanese
)
SHAPED_SCRIPTS = (
    "Balinese", "Bengali", "Devanagari", "Gujarati", "Gurmukhi", "Javanese", "Kannada", "Khmer", "Malayalam", "Myanmar",
    "Oriya", "Sinhala", "Tamil", "Telugu",
)  # fmt: skip
"""As the font files of Noto call them."""
_SMALLEST = 11
"""A word that needs less, since much stands above or below its line, is read better letter by letter."""


def is_shaped(character: str) -> bool:
    """Say whether a character belongs to a script whose letters are put together."""
    return any(first <= ord(character) <= last for first, last in _RANGES)


def can_shape() -> bool:
    """Say whether this Pillow has raqm."""
    return bool(features.check("raqm"))


def script_runs(text: str) -> list[str]:
    """Take a text apart into words of such scripts, and what is between them."""
    found: list[str] = []
    for c in text:
        belongs = is_shaped(c) or (c in "\u200c\u200d" and bool(found) and is_shaped(found[-1][0]))
        if (found and belongs and is_shaped(found[-1][0])) or (found and not belongs and not is_shaped(found[-1][0])):
            found[-1] += c
        else:
            found.append(c)
    return found


def shaped_word(word: str, font: Path, rows: int, smaller_by: int = 0) -> tuple[Image.Image, int] | None:
    """Draw a word at the largest size at which it keeps within some rows.

    Returns:
        Its ink, and the row of its upper edge; None where it fits at no size that can be read.
    """
    for size in range(rows, _SMALLEST - 1, -1):
        face = ImageFont.truetype(str(font), size, layout_engine=ImageFont.Layout.RAQM)
        left, top, right, bottom = face.getbbox(word, mode="1", anchor="ls")
        if bottom - top > rows - smaller_by:
            continue
        sheet = Image.new("1", (int(right - left) + 2, rows))
        pen = ImageDraw.Draw(sheet)
        pen.fontmode = "1"
        baseline = min(rows - 3, rows - int(bottom))
        pen.text((1 - left, max(baseline, -int(top))), word, fill=255, font=face, anchor="ls")
        box = sheet.getbbox()
        return (sheet.crop(box), box[1]) if box else None
    return None
