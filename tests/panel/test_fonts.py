"""No empty boxes: which font draws which character."""

import io
import struct
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from clockd.errors import ConfigError
from clockd.panel.fonts import LINE_HEIGHT, CharacterMap, FontFile, Fonts
from clockd.panel.script import clusters
from clockd.panel.shaping import can_shape, script_runs, shaped_word
from clockd.panel.text import ELLIPSIS, Lettering, cut, halves, set_line, width_of
from tests.panel.pictures import UNIFONT
from tests.panel.screens import NAMES

DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
needs_unifont = pytest.mark.skipif(not UNIFONT.exists(), reason="needs fonts-unifont")
needs_dejavu = pytest.mark.skipif(not DEJAVU.exists(), reason="needs fonts-dejavu-core")
BUILT_IN = Fonts.find(files=())


def built_in() -> io.BytesIO:
    font = ImageFont.load_default(16)
    assert isinstance(font, ImageFont.FreeTypeFont)
    assert isinstance(font.path, io.BytesIO)
    return font.path


def ink(fonts: Fonts, text: str) -> list[bytes]:
    return [glyph.ink.tobytes() for glyph in fonts.glyphs(text)]


@needs_unifont
@pytest.mark.parametrize("name", NAMES.values())
def test_unifont_has_the_names_that_have_to_read_well(name: str) -> None:
    fonts = Fonts.find(files=(str(UNIFONT),))
    assert fonts.covers(name)
    assert str(fonts) == "Unifont, Aileron"


@needs_unifont
@needs_dejavu
def test_a_character_that_the_first_font_lacks_is_taken_from_the_next() -> None:
    both = Fonts.find(files=(str(DEJAVU), str(UNIFONT)))
    assert ink(both, "李") == ink(Fonts.find(files=(str(UNIFONT),)), "李")
    assert ink(both, "Ł") == ink(Fonts.find(files=(str(DEJAVU),)), "Ł")


def test_what_no_font_has_becomes_a_plain_letter_or_a_question_mark() -> None:
    assert not BUILT_IN.covers("Ł李")
    assert ink(BUILT_IN, "Łś李") == ink(BUILT_IN, "Ls?")


def test_a_box_is_never_drawn() -> None:
    """What the font itself would draw for a character it lacks does not appear."""
    box = _plain("\U0010fffe")
    assert box.getbbox() is not None, "this font draws a box"
    assert _plain("李").tobytes() == box.tobytes()
    assert box.crop(box.getbbox()).tobytes() not in ink(BUILT_IN, "李\U0010fffe\ue000")


def _plain(text: str) -> Image.Image:
    sheet = Image.new("1", (64, 32))
    pen = ImageDraw.Draw(sheet)
    pen.fontmode = "1"
    pen.text((8, 8), text, fill=255, font=ImageFont.load_default(16))
    return sheet


@needs_unifont
@pytest.mark.parametrize("nobody", ["\u0378", "\ue000", "\uffff", "\U0010fffe"])
def test_codes_without_a_character_are_question_marks(nobody: str) -> None:
    """Unifont has a box with the number for each of them."""
    fonts = Fonts.find(files=(str(UNIFONT),))
    assert ink(fonts, nobody) == ink(fonts, "?")


@needs_dejavu
def test_the_character_map_agrees_with_freetype() -> None:
    """Two ways to tell a missing glyph: the font's map, and FreeType drawing its box."""
    font = ImageFont.truetype(str(DEJAVU), 24, layout_engine=ImageFont.Layout.BASIC)
    with DEJAVU.open("rb") as file:
        characters = CharacterMap(file)
    box = bytes(font.getmask("\U0010fffe", mode="L"))
    checked = 0
    for code in [*range(0x21, 0x3000, 7), *range(0x1D400, 0x1D800, 5), *range(0x1F600, 0x1F640)]:
        drawn = bytes(font.getmask(chr(code), mode="L"))
        assert (chr(code) in characters) == (drawn != box), hex(code)
        checked += 1
    assert checked > 1000


@needs_dejavu
def test_both_formats_of_the_map_say_the_same() -> None:
    """Format 12 is hidden, so that format 4 is read; the basic plane is the same."""
    whole = bytearray(DEJAVU.read_bytes())
    tables = struct.unpack_from(">H", whole, 4)[0]
    records = [struct.unpack_from(">4sIII", whole, 12 + 16 * n) for n in range(tables)]
    cmap = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    for n in range(struct.unpack_from(">H", whole, cmap + 2)[0]):
        place = cmap + 4 + 8 * n
        start = cmap + struct.unpack_from(">I", whole, place + 4)[0]
        if struct.unpack_from(">H", whole, start)[0] == 12:
            struct.pack_into(">H", whole, place, 9)
    short = CharacterMap(io.BytesIO(bytes(whole)))
    with DEJAVU.open("rb") as file:
        full = CharacterMap(file)
    assert [chr(c) in short for c in range(0x10000)] == [chr(c) in full for c in range(0x10000)]
    assert "\U0001f600" in full
    assert "\U0001f600" not in short


def test_the_configured_font_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "mine.otf"
    path.write_bytes(built_in().getvalue())
    fonts = Fonts.find(str(path))
    assert fonts.chain[0].path == path
    assert str(fonts).startswith("Aileron")


def test_a_configured_font_that_is_none_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"panel\.font: .*no-such\.otf: No such file"):
        Fonts.find(str(tmp_path / "no-such.otf"))
    text = tmp_path / "text.otf"
    for content in (b"", b"this is a text and no font " * 9, b"\0\1\0\0\0\1" + b"\0" * 40):
        text.write_bytes(content)
        with pytest.raises(ConfigError, match="cannot be used: no"):
            Fonts.find(str(text))


def test_a_broken_font_of_the_system_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"\0\1\0\0" + b"\xff" * 99)
    assert str(Fonts.find(files=(str(broken), "/no/such/font.ttf"))) == "Aileron"


@pytest.mark.parametrize("text", ["ÅÖgjpqy|", "Ǻ́ẄṎ̈ţģ", "ÄÖÜß"])
def test_a_glyph_keeps_within_its_line(text: str) -> None:
    for fonts in (Fonts.find(), BUILT_IN):
        for small in (False, True):
            for glyph in fonts.glyphs(text, small=small):
                assert glyph.top >= 0
                assert glyph.top + glyph.ink.height <= LINE_HEIGHT


def test_the_built_in_font_can_be_opened_more_than_once() -> None:
    assert FontFile(built_in()).family == FontFile(built_in()).family == "Aileron"


# --- lines ------------------------------------------------------------------------------------------------------


@needs_unifont
def test_bold_keeps_gaps_of_one_pixel() -> None:
    """A W stays a W; drawn twice without care it is a block."""
    fonts = Fonts.find(files=(str(UNIFONT),))
    thin, bold = (set_line("W", fonts, face).crop((0, 8, 9, 9)) for face in (Lettering.THIN, Lettering.BOLD))
    rows = ["".join(".#"[bool(line.getpixel((x, 0)))] for x in range(9)) for line in (thin, bold)]
    assert rows == ["#.##.#...", "#.##.##.."]


def test_a_text_that_is_too_long_ends_in_an_ellipsis_and_fits() -> None:
    fonts = Fonts.find()
    for text in ("x" * 99, "a b c " * 20, "李" * 30):
        short = cut(text, fonts, Lettering.THIN, 128)
        assert short.endswith(ELLIPSIS)
        assert width_of(short, fonts, Lettering.THIN) <= 128
        assert width_of(text[: len(short) + 1] + ELLIPSIS, fonts, Lettering.THIN) > 128, "not shorter than needed"
    assert cut("Ada", fonts, Lettering.THIN, 128) == "Ada"


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Łukasz Wiśniewski", ("Łukasz", "Wiśniewski")),
        ("Jürgen Öztürk-Maier", ("Jürgen", "Öztürk-Maier")),
        ("Anna-Maria Öz", ("Anna-Maria", "Öz")),
        ("Müller-Lüdenscheidt", ("Müller-", "Lüdenscheidt")),
        ("Wolfeschlegelsteinhausen", None),
    ],
)
def test_a_name_breaks_where_people_would_break_it(text: str, pair: tuple[str, str] | None) -> None:
    assert halves(text, Fonts.find(), Lettering.BOLD, 128) == pair


# --- the order of drawing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Ada", ["A", "d", "a"]),
        ("a\u0308b", ["ä", "b"]),
        ("q\u0303x", ["q\u0303", "x"]),
        ("a\tb\r\n", ["a", " ", "b", " ", " "]),
        ("a\u200d\ufe0f\x07b", ["a", "b"]),
        ("דוד לוי", list("יול דוד")),
        ("דוד 12", ["1", "2", " ", "ד", "ו", "ד"]),
        ("Ada דוד", ["A", "d", "a", " ", "ד", "ו", "ד"]),
        ("محمد", ["\ufeaa", "\ufee4", "\ufea4", "\ufee3"]),
        ("لا", ["\ufefb"]),
        ("سلام", ["\ufee1", "\ufefc", "\ufeb3"]),
        ("செல்வி", ["\u0bc6", "ச", "ல\u0bcd", "வ", "\u0bbf"]),
        ("கொடி", ["\u0bc6", "க", "\u0bbe", "ட", "\u0bbf"]),
        ("ꦏꦸꦭꦺꦴ", ["ꦏ\ua9b8", "\ua9ba", "ꦭ", "\ua9b4"]),
        ("\u0bc6", ["\u0bc6"]),
    ],
)
def test_clusters(text: str, drawn: list[str]) -> None:
    assert clusters(text) == drawn


# --- scripts whose letters are put together -----------------------------------------------------------------------

NOTO_TAMIL = Path("/usr/share/fonts/truetype/noto/NotoSansTamil-Regular.ttf")


@needs_unifont
def test_vowels_that_stand_left_of_their_letter_lie_on_nothing() -> None:
    """Letter by letter each has columns of its own."""
    line = set_line("கெ", Fonts.find(files=(str(UNIFONT),)), Lettering.THIN)
    vowel, letter = (set_line(part, Fonts.find(files=(str(UNIFONT),)), Lettering.THIN) for part in ("\u0bc6", "க"))
    assert line.width >= vowel.width + letter.width
    assert sum(map(int.bit_count, line.tobytes())) == sum(
        sum(map(int.bit_count, part.tobytes())) for part in (vowel, letter)
    )


def test_words_are_taken_apart_by_what_is_put_together() -> None:
    assert script_runs("Ravi கொடி-2") == ["Ravi ", "கொடி", "-2"]
    assert script_runs("क्\u200dष") == ["क्\u200dष"]
    assert script_runs("") == []


@needs_dejavu
@pytest.mark.skipif(not can_shape(), reason="this Pillow has no raqm")
@pytest.mark.parametrize("word", ["fjord", "ÅÄgq", "محمد"])
def test_a_word_that_is_drawn_as_a_whole_keeps_within_its_line(word: str) -> None:
    drawn = shaped_word(word, DEJAVU, LINE_HEIGHT)
    assert drawn is not None
    ink, top = drawn
    assert top >= 0
    assert top + ink.height <= LINE_HEIGHT
    assert shaped_word(word, DEJAVU, 6) is None, "too small to be read"


@needs_unifont
@pytest.mark.skipif(not NOTO_TAMIL.exists() or not can_shape(), reason="needs fonts-noto-core and raqm")
def test_tamil_is_drawn_by_a_font_that_knows_how() -> None:
    fonts = Fonts.find(files=(str(UNIFONT), str(NOTO_TAMIL)))
    (whole,) = fonts.glyphs("கொடி")
    assert whole.ink.width > 16
    assert len(fonts.glyphs("Ravi கொடி")) == len("Ravi ") + 1


@needs_unifont
def test_without_such_a_font_every_letter_is_drawn_by_itself() -> None:
    assert len(Fonts.find(files=(str(UNIFONT),)).glyphs("கொடி")) == 5
