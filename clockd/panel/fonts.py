"""Which font draws which character: no empty boxes, whatever name stands on the badge.

A chain of font files, best first. For each character the first font whose character map has it draws it. The main
one is GNU Unifont (Debian: `fonts-unifont`), which is made of pixels, knows the whole basic plane and is crisp at
16 rows. Without it (a desk, no root) a font package in the environment or what the system has is used, at the largest
size whose letters keep within the line; at the very last Pillow's own font, and plain letters or `?` for the rest.

A missing glyph is told by the font's character map (`cmap`), not by the look of what comes out: every font draws
something for a character it does not know.
"""

import io
import struct
import sysconfig
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageDraw, ImageFont

from clockd.errors import ConfigError
from clockd.panel.script import LEFT_VOWELS, RIGHT_VOWELS, clusters
from clockd.panel.shaping import SHAPED_SCRIPTS, can_shape, is_shaped, script_runs, shaped_word

LINE_HEIGHT = 16
"""Pixel rows of a line of text; no glyph reaches beyond it."""

_LONGEST = 400
"""Characters of a text that are drawn or measured: more than any display holds."""

_SMALL = 12
"""Size of an outline font for a text that is too long at its full size."""

_FILES = (
    # Debian, Raspberry Pi OS, Ubuntu
    "/usr/share/fonts/opentype/unifont/unifont.otf",
    "/usr/share/fonts/truetype/unifont/unifont.ttf",
    "~/.local/share/fonts/unifont.otf",
    # Fedora, Arch
    "/usr/share/fonts/unifont/unifont.otf",
    "/usr/share/fonts/Unifont/Unifont.otf",
    # Python packages, for a desk without root
    "{packages}/paperang_p2_fonts_cjk/fonts/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/noto/NotoSans-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "{packages}/noto_cjk_sans_sc_regular/NotoSansCJKsc-Regular.otf",
    "{packages}/noto_cjk_sans_jp_regular/NotoSansCJKjp-Regular.otf",
    "/System/Library/Fonts/Supplemental/Arial Unicode.ttf",
    # scripts whose letters are put together (Debian: fonts-noto-core)
    *(f"/usr/share/fonts/truetype/noto/NotoSans{script}-Regular.ttf" for script in SHAPED_SCRIPTS),
    # characters beyond the basic plane
    "/usr/share/fonts/opentype/unifont/unifont_upper.otf",
)

_PLAIN = str.maketrans("łŁøØđĐħĦıŧŦßæÆœŒþÞðÐĸŋŊ", "lLoOdDhHitTsaAoOtTdDknN")
"""Letters that Unicode does not take apart, for fonts that have hardly more than ASCII."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character (with its combining marks) as pixels in a line of `LINE_HEIGHT` rows."""

    ink: Image.Image
    """Mode 1, exactly as large as the ink; one empty pixel for a space."""
    top: int
    """Row of the ink's upper edge."""
    advance: int
    """Columns that the font gives it, its own margins included."""
    left: int
    """Column of the ink's left edge within the advance."""
    pixel: bool
    """Made of pixels with wide margins, which may be trimmed."""
    joins: bool
    """Drawn from edge to edge, to touch its neighbours: Arabic, and the scripts of India."""


class CharacterMap:
    """The characters a font file has, read from its `cmap` table (OpenType; formats 4 and 12)."""

    def __init__(self, file: BinaryIO) -> None:
        """Read the map.

        Raises:
            ValueError: no OpenType font, or one without a usable map.
        """
        self._ranges: list[tuple[int, int]] = []
        try:
            formats = self._tables(file)
            if 12 in formats:
                self._read_12(formats[12])
            elif 4 in formats:
                self._read_4(formats[4])
            else:
                raise ValueError("no character map for Unicode")
        except (struct.error, IndexError):
            raise ValueError("no OpenType font") from None

    def __contains__(self, character: str) -> bool:
        code = ord(character)
        low, high = 0, len(self._ranges)
        while low < high:
            middle = (low + high) // 2
            if self._ranges[middle][1] < code:
                low = middle + 1
            else:
                high = middle
        return low < len(self._ranges) and self._ranges[low][0] <= code

    def _tables(self, file: BinaryIO) -> dict[int, bytes]:
        """Find the Unicode maps, by format."""
        file.seek(0)
        start = 0
        if file.read(4) == b"ttcf":
            file.seek(12)
            (start,) = struct.unpack(">I", file.read(4))
        file.seek(start + 4)
        (count,) = struct.unpack(">H", file.read(2))
        file.seek(start + 12)
        records = [struct.unpack(">4sIII", file.read(16)) for _ in range(count)]
        places = [(offset, length) for tag, _, offset, length in records if tag == b"cmap"]
        file.seek(places[0][0])
        cmap = file.read(places[0][1])
        found = {}
        for n in range(struct.unpack_from(">H", cmap, 2)[0]):
            platform, encoding, offset = struct.unpack_from(">HHI", cmap, 4 + 8 * n)
            if platform == 0 or (platform, encoding) in ((3, 1), (3, 10)):
                found[struct.unpack_from(">H", cmap, offset)[0]] = cmap[offset:]
        return found

    def _read_12(self, table: bytes) -> None:
        for n in range(struct.unpack_from(">I", table, 12)[0]):
            first, last, glyph = struct.unpack_from(">III", table, 16 + 12 * n)
            self._add(first + (glyph == 0), last)

    def _read_4(self, table: bytes) -> None:
        count = struct.unpack_from(">H", table, 6)[0] // 2
        lasts = struct.unpack_from(f">{count}H", table, 14)
        firsts, deltas, offsets = (struct.unpack_from(f">{count}H", table, 16 + 2 * count * n) for n in (1, 2, 3))
        for n in range(count):
            if not offsets[n]:
                for code in range(firsts[n], lasts[n] + 1):
                    if (code + deltas[n]) & 0xFFFF:
                        self._add(code, code)
                continue
            place = 16 + 2 * count * 3 + 2 * n + offsets[n]
            for code in range(firsts[n], lasts[n] + 1):
                if struct.unpack_from(">H", table, place + 2 * (code - firsts[n]))[0]:
                    self._add(code, code)

    def _add(self, first: int, last: int) -> None:
        if self._ranges and self._ranges[-1][1] == first - 1:
            self._ranges[-1] = (self._ranges[-1][0], last)
        elif first <= last:
            self._ranges.append((first, last))


class FontFile:
    """One font at the size that fits a line."""

    def __init__(self, source: Path | io.BytesIO) -> None:
        """Open a font file, or one in memory.

        Raises:
            ValueError: it is no font that can be used; the message says why.
            OSError: it cannot be read.
        """
        self.path = source if isinstance(source, Path) else None
        if isinstance(source, Path):
            with source.open("rb") as file:
                self.characters = CharacterMap(file)
        else:
            self.characters = CharacterMap(source)
        self._font, self._baseline = self._fit(source)
        self.family = str(self._font.getname()[0])
        self.pixel = self.family.startswith("Unifont")
        self._small = self._font if self.pixel else _open(source, min(_SMALL, round(self._font.size) - 2))

    def _fit(self, source: Path | io.BytesIO) -> tuple[ImageFont.FreeTypeFont, int]:
        """Find the largest size whose letters stay within the line, and the row of its baseline."""
        sample = "ÅÖgjqpy|" if "Å" in self.characters else "Agjqpy|"
        for size in range(LINE_HEIGHT, 6, -1):
            font = _open(source, size)
            _, top, _, bottom = font.getbbox(sample, mode="1", anchor="ls")
            if bottom - top <= LINE_HEIGHT + 1:
                return font, min(LINE_HEIGHT - 2, LINE_HEIGHT - int(bottom))
        raise ValueError("its letters do not fit a line of 16 pixels")

    def draw(self, cluster: str, *, small: bool) -> Glyph | None:
        """Draw a character with its marks; None when there is nothing to see and it is no space."""
        font = self._small if small else self._font
        margin = 2 * LINE_HEIGHT
        sheet = Image.new("1", (4 * LINE_HEIGHT + 2 * margin, LINE_HEIGHT))
        pen = ImageDraw.Draw(sheet)
        pen.fontmode = "1"
        base, marks = cluster[0], cluster[1:]
        pen.text((margin, self._baseline), base, fill=255, font=font, anchor="ls")
        box = sheet.getbbox()
        advance = min(4 * LINE_HEIGHT, round(font.getlength(base, mode="1")))
        if box is None:
            return Glyph(Image.new("1", (1, 1)), 0, max(4, advance // 2), 0, False, False) if base.isspace() else None
        for mark in marks:
            self._add_mark(sheet, mark, box, font)
        box = sheet.getbbox() or box
        return Glyph(sheet.crop(box), box[1], max(1, advance), box[0] - margin, self.pixel, _joins(base))

    def _add_mark(
        self, sheet: Image.Image, mark: str, base: tuple[int, int, int, int], font: ImageFont.FreeTypeFont
    ) -> None:
        """Put a combining mark over the middle of its letter."""
        over = Image.new("1", (4 * LINE_HEIGHT, LINE_HEIGHT))
        pen = ImageDraw.Draw(over)
        pen.fontmode = "1"
        pen.text((2 * LINE_HEIGHT, self._baseline), mark, fill=255, font=font, anchor="ls")
        box = over.getbbox()
        if box is not None:
            ink = over.crop(box)
            sheet.paste(255, ((base[0] + base[2] - ink.width) // 2, box[1]), ink)


def _joins(c: str) -> bool:
    return c not in LEFT_VOWELS + RIGHT_VOWELS and (
        "\u0600" <= c <= "\u06ff" or "\u0900" <= c <= "\u0dff" or "\ufb50" <= c <= "\ufdff" or "\ufe70" <= c <= "\ufefc"
    )


def _open(source: Path | io.BytesIO, size: int) -> ImageFont.FreeTypeFont:
    """Open a font for drawing letter by letter: no shaping, which depends on libraries that may be missing."""
    if isinstance(source, io.BytesIO):
        source.seek(0)
        return ImageFont.truetype(source, size, layout_engine=ImageFont.Layout.BASIC)
    return ImageFont.truetype(str(source), size, layout_engine=ImageFont.Layout.BASIC)


@dataclass(slots=True, repr=False)
class Fonts:
    """The chain of fonts, best first, and what was drawn with them so far."""

    chain: tuple[FontFile, ...]
    _drawn: dict[tuple[str, bool], Glyph] = field(default_factory=dict)

    @classmethod
    def find(cls, configured: str = "", files: Iterable[str] = _FILES) -> "Fonts":
        """Collect the fonts of this machine, `configured` (a path, `panel.font`) first.

        Raises:
            ConfigError: the configured file is not there or is no usable font.
        """
        chain: list[FontFile] = []
        if configured:
            try:
                chain.append(FontFile(Path(configured).expanduser()))
            except OSError as error:
                raise ConfigError("panel.font", f"{configured}: {error.strerror or error}", hint=_HINT) from None
            except ValueError as error:
                raise ConfigError("panel.font", f"{configured} cannot be used: {error}", hint=_HINT) from None
        packages = sysconfig.get_path("purelib")
        for name in files:
            try:
                chain.append(FontFile(Path(name.format(packages=packages)).expanduser()))
            except (OSError, ValueError):
                continue
        built_in = ImageFont.load_default(LINE_HEIGHT)
        if isinstance(built_in, ImageFont.FreeTypeFont) and isinstance(built_in.path, io.BytesIO):
            chain.append(FontFile(built_in.path))
        return cls(tuple(chain))

    def __str__(self) -> str:
        """The fonts' families, best first, for people."""
        return ", ".join(dict.fromkeys(font.family for font in self.chain)) or "no font at all"

    def glyphs(self, text: str, *, small: bool = False) -> list[Glyph]:
        """Draw each character of a text; line breaks become spaces, invisible characters vanish.

        Args:
            text: what to draw.
            small: take outline fonts a little smaller; a pixel font has one size.
        """
        text = text[:_LONGEST]
        if not any(map(is_shaped, text)) or not can_shape():
            return [self._glyph(cluster, small) for cluster in clusters(text)]
        glyphs: list[Glyph] = []
        for word in script_runs(text):
            whole = self._whole(word, small) if is_shaped(word[0]) else None
            glyphs += [whole] if whole else [self._glyph(cluster, small) for cluster in clusters(word)]
        return glyphs

    def covers(self, text: str) -> bool:
        """Say whether every character is drawn as itself."""
        return all(self._font_for(cluster) is not None for cluster in clusters(text))

    def _whole(self, word: str, small: bool) -> Glyph | None:
        """A word whose letters are put together, as one glyph; None where no font here knows how."""
        if (word, small) not in self._drawn:
            font = next(
                (f for f in self.chain if f.path and not f.pixel and all(c in f.characters for c in word)), None
            )
            drawn = shaped_word(word, font.path, LINE_HEIGHT, 2 * small) if font and font.path else None
            if drawn is None:
                return None
            ink, top = drawn
            self._drawn[word, small] = Glyph(ink, top, ink.width + 1, 0, False, False)
        return self._drawn[word, small]

    def _glyph(self, cluster: str, small: bool) -> Glyph:
        glyph = self._drawn.get((cluster, small))
        if glyph is None:
            if len(self._drawn) > 1000:
                self._drawn.clear()
            glyph = self._drawn[cluster, small] = self._draw(cluster, small)
        return glyph

    def _draw(self, cluster: str, small: bool) -> Glyph:
        for candidate in (cluster, cluster[0], unicodedata.normalize("NFKD", cluster)[0].translate(_PLAIN), "?"):
            font = self._font_for(candidate)
            glyph = font.draw(candidate, small=small) if font else None
            if glyph is not None:
                return glyph
        return Glyph(Image.new("1", (4, 8), 255), 5, 6, 1, False, False)

    def _font_for(self, cluster: str) -> FontFile | None:
        """The first font that has all of it; none for what is no character (Unifont has a box for each of those)."""
        if any(unicodedata.category(c) in ("Cn", "Co") for c in cluster):
            return None
        for font in self.chain:
            if all(c in font.characters for c in cluster):
                return font
        return None


_HINT = "a TrueType or OpenType file, or leave it empty for the best one installed (Debian: fonts-unifont)"
