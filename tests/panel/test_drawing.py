"""What holds for every picture, whatever it shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from clockd.core import feedback as fb
from clockd.core.model import Employee, Kind
from clockd.panel.catalogue import LANGUAGES
from clockd.panel.drawing import Arrangement, draw, layout, pictures
from clockd.panel.fonts import Fonts, Glyph
from clockd.panel.parts import FACES, WIDTH, Part
from clockd.panel.text import ELLIPSIS, fit
from tests.panel.screens import CASES, IDLE, NAMES, NOW, PUNCHED

CHAINS = {"what is installed": Fonts.find(), "nothing installed": Fonts.find(files=())}


def assert_sound(parts: tuple[Part, ...], form: Arrangement = Arrangement.USUAL) -> None:
    """Nothing leaves the display, no part lies on another, and what takes turns is of one size."""
    width, height = form.size
    for part in parts:
        left, top, right, bottom = part.box
        assert 0 <= left < right <= width, part.box
        assert 0 <= top < bottom <= height, part.box
        assert all(turn.size == part.image.size for turn in part.turns)
        assert len(part.turns) != 1
    for a, b in combinations([part.box for part in parts], 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], f"{a} lies on {b}"


def test_every_screen_is_among_the_cases() -> None:
    assert {type(screen) for screen in CASES.values()} == set(get_args(fb.Screen))


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", Arrangement)
def test_nothing_overlaps_and_nothing_is_cut_off(form: Arrangement, language: str, chain: str) -> None:
    for name, screen in CASES.items():
        parts = layout(screen, LANGUAGES[language], CHAINS[chain], form)
        with said_of(name):
            assert_sound(parts, form)
            assert all(turn.getbbox() for part in parts for turn in part.turns or (part.image,)), "an empty part"


@contextmanager
def said_of(name: str) -> Iterator[None]:
    """Name the screen of what fails."""
    try:
        yield
    except AssertionError as error:
        error.add_note(f"the screen {name}")
        raise


class Watched(Fonts):
    """Fonts that remember what was to be drawn, or measured, with an ellipsis at its end."""

    def __init__(self, fonts: Fonts) -> None:
        super().__init__(fonts.chain)
        self.cut: list[str] = []
        self.longest = 0

    def glyphs(self, text: str, *, small: bool = False) -> list[Glyph]:
        if text.endswith(ELLIPSIS) and not text.endswith(" " + ELLIPSIS):  # as in "starting …", which is said so
            self.cut.append(text)
        glyphs = super().glyphs(text, small=small)
        self.longest = max(self.longest, len(glyphs))
        return glyphs


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", Arrangement)
def test_no_text_is_cut_in_the_middle_of_a_word(form: Arrangement, language: str) -> None:
    watched = Watched(CHAINS["what is installed"])
    for name, screen in CASES.items():
        layout(screen, LANGUAGES[language], watched, form)
        assert not watched.cut, name


def test_control_a_cut_text_is_noticed() -> None:
    watched = Watched(CHAINS["what is installed"])
    fit("x" * 99, watched, WIDTH, FACES)
    assert watched.cut


@pytest.mark.parametrize("form", Arrangement)
@pytest.mark.parametrize("text", ["x" * 100_000, "ab " * 30_000])
def test_a_text_without_end_is_measured_as_far_as_it_is_shown(form: Arrangement, text: str) -> None:
    fonts = Watched(CHAINS["what is installed"])
    screen = replace(PUNCHED, employee=Employee("x", text), project=text)
    assert 2 <= len(pictures(screen, LANGUAGES["en"], fonts, form.size)) <= 3 * 6
    assert fonts.longest < 1000


@pytest.mark.parametrize("form", Arrangement)
def test_whatever_is_longer_than_its_place_is_shown_in_turns(form: Arrangement) -> None:
    """Every turn is another picture, and none of them is lost."""
    name = Employee("m", "Maximiliane Theodora Elisabeth Magdalena von Sonnenschein-Bergmann zu Oberammergau")
    turns = pictures(replace(PUNCHED, employee=name), LANGUAGES["en"], Fonts.find(), form.size)
    assert len({turn.tobytes() for turn in turns}) == len(turns) >= 2


@pytest.mark.parametrize(("dx", "dy"), [(0, -1), (-200, 0)])
def test_an_overlap_and_an_overhang_are_noticed(dx: int, dy: int) -> None:
    """The negative control of the check above."""
    bar, name, *_ = layout(PUNCHED, LANGUAGES["en"], CHAINS["what is installed"])
    moved = replace(name, x=name.x + dx, y=bar.box[3] + dy)
    with pytest.raises(AssertionError):
        assert_sound((bar, moved))


@pytest.mark.parametrize("reader_ok", [True, False])
@pytest.mark.parametrize("form", Arrangement)
def test_the_idle_screen_wanders_and_never_leaves_the_display(form: Arrangement, reader_ok: bool) -> None:
    places = set()
    idle = replace(IDLE, held=2, unsent=120, reader_ok=reader_ok)
    for minute in range(0, 24 * 60, 2):
        parts = layout(replace(idle, local=NOW + timedelta(minutes=minute)), LANGUAGES["de"], Fonts.find(), form)
        assert_sound(parts, form)
        places.add((parts[0].x - parts[0].image.width // 2, parts[0].y))
    assert len(places) >= 6


def test_the_same_screen_gives_the_same_pixels() -> None:
    first = draw(CASES["out-polish"], LANGUAGES["en"], Fonts.find())
    assert first.tobytes() == draw(CASES["out-polish"], LANGUAGES["en"], Fonts.find()).tobytes()
    assert first.mode == "1"


@pytest.mark.parametrize(
    ("size", "box"),
    [((128, 128), (0, 32, 128, 96)), ((256, 128), (0, 0, 256, 128))],
)
def test_a_larger_display_shows_the_same_picture(size: tuple[int, int], box: tuple[int, int, int, int]) -> None:
    small = draw(CASES["stopped"], LANGUAGES["en"], Fonts.find())
    large = draw(CASES["stopped"], LANGUAGES["en"], Fonts.find(), size)
    assert large.size == size
    shown = large.crop(box)
    assert shown.resize(small.size, Image.Resampling.NEAREST).tobytes() == small.tobytes()
    large.paste(0, box)
    assert large.getbbox() is None


def test_a_name_is_drawn_larger_when_there_is_room() -> None:
    fonts = CHAINS["what is installed"]
    heights = {
        name: layout(replace(PUNCHED, employee=Employee("x", name)), LANGUAGES["en"], fonts)[-1].image.height
        for name in ("Ada", NAMES["polish"], "x" * 40)
    }
    assert heights["Ada"] > 16
    assert heights[NAMES["polish"]] > 20, "two lines"
    assert heights["x" * 40] > 20, "two lines, in turns"


def test_an_untrusted_clock_shows_no_time() -> None:
    """The picture does not depend on the time that is not known."""
    fonts = Fonts.find()
    doubtful = replace(PUNCHED, clock_trusted=False)
    later = replace(doubtful, local=NOW + timedelta(hours=1))
    assert draw(doubtful, LANGUAGES["en"], fonts) == draw(later, LANGUAGES["en"], fonts)
    idle = replace(IDLE, clock_trusted=False)
    assert draw(idle, LANGUAGES["en"], fonts) == draw(
        replace(idle, local=NOW + timedelta(minutes=36)), LANGUAGES["en"], fonts
    ), "the same place of the wandering, another time"


# --- any text that may come from a tracker, an admin or a badge ------------------------------------------------

ANY = st.text(alphabet=st.characters(exclude_categories=[]), max_size=60)
NAMELIKE = st.text(alphabet=st.characters(categories=["L", "M", "Nd", "Pd", "Zs", "So"]), max_size=40)


def _screens(text: str, number: int) -> list[fb.Screen]:
    person = Employee("someone", text)
    return [
        replace(PUNCHED, employee=person),
        replace(PUNCHED, employee=person, kind=Kind.OUT, worked_today_s=number),
        replace(PUNCHED, employee=person, kind=Kind.PROJECT, project=text),
        replace(PUNCHED, employee=person, clock_trusted=False),
        fb.Booked(person, Kind.RESUME, NOW),
        fb.AlreadyRecorded(person, Kind.BREAK, NOW),
        fb.Undone(person, Kind.OUT, NOW),
        fb.NothingToUndo(person),
        fb.Info(person, NOW, number),
        fb.Enrol(text),
        fb.Enrolled(text),
        fb.PageFingerprint(text),
        fb.KeyArmed(text),
        fb.NothingRecorded(text),
        fb.NotValid(person, None),
        fb.NotValid(person, NOW.date()),
        fb.UnknownBadge(text),
        replace(IDLE, unsent=abs(number), held=abs(number)),
    ]


@settings(max_examples=60)
@given(
    text=st.one_of(ANY, NAMELIKE),
    number=st.integers(-10, 10**9),
    language=st.sampled_from(sorted(LANGUAGES)),
    chain=st.sampled_from(sorted(CHAINS)),
)
@example(text="", number=0, language="en", chain="what is installed")
@example(text=" \t\n", number=0, language="de", chain="what is installed")
@example(text="\ud800", number=0, language="en", chain="what is installed")
@example(text="﷽" * 9, number=0, language="en", chain="what is installed")
@example(text="Z" + "\u0301\u0323\u20dd" * 9, number=0, language="en", chain="what is installed")
@example(text="👩‍👩‍👧 -–- 李" * 3, number=0, language="de", chain="nothing installed")
def test_no_text_breaks_a_picture(text: str, number: int, language: str, chain: str) -> None:
    for screen in _screens(text, number):
        for form in Arrangement:
            assert_sound(layout(screen, LANGUAGES[language], CHAINS[chain], form), form)
            assert draw(screen, LANGUAGES[language], CHAINS[chain], form.size).size == form.size
