"""What holds for every picture, whatever it shows."""

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
from clockd.panel.drawing import draw, layout
from clockd.panel.fonts import Fonts
from clockd.panel.parts import HEIGHT, WIDTH, Part
from tests.panel.screens import CASES, IDLE, NAMES, NOW, PUNCHED

CHAINS = {"what is installed": Fonts.find(), "nothing installed": Fonts.find(files=())}


def assert_sound(parts: tuple[Part, ...]) -> None:
    """Nothing leaves the display, and no part lies on another."""
    for part in parts:
        left, top, right, bottom = part.box
        assert 0 <= left < right <= WIDTH, part.box
        assert 0 <= top < bottom <= HEIGHT, part.box
    for a, b in combinations([part.box for part in parts], 2):
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], f"{a} lies on {b}"


def test_every_screen_is_among_the_cases() -> None:
    assert {type(screen) for screen in CASES.values()} == set(get_args(fb.Screen))


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CASES)
def test_nothing_overlaps_and_nothing_is_cut_off(name: str, language: str, chain: str) -> None:
    parts = layout(CASES[name], LANGUAGES[language], CHAINS[chain])
    assert_sound(parts)
    assert all(part.image.getbbox() for part in parts), "an empty part"


@pytest.mark.parametrize(("dx", "dy"), [(0, -1), (-200, 0)])
def test_an_overlap_and_an_overhang_are_noticed(dx: int, dy: int) -> None:
    """The negative control of the check above."""
    bar, name, *_ = layout(PUNCHED, LANGUAGES["en"], CHAINS["what is installed"])
    moved = replace(name, x=name.x + dx, y=bar.box[3] + dy)
    with pytest.raises(AssertionError):
        assert_sound((bar, moved))


def test_the_idle_screen_wanders_and_never_leaves_the_display() -> None:
    places = set()
    for minute in range(0, 24 * 60, 2):
        parts = layout(replace(IDLE, local=NOW + timedelta(minutes=minute), held=2), LANGUAGES["de"], Fonts.find())
        assert_sound(parts)
        places.add((parts[0].y, parts[-1].y))
    assert len(places) == 3


def test_the_same_screen_gives_the_same_pixels() -> None:
    first = draw(CASES["out-polish"], LANGUAGES["en"], Fonts.find())
    assert first.tobytes() == draw(CASES["out-polish"], LANGUAGES["en"], Fonts.find()).tobytes()
    assert first.mode == "1"


@pytest.mark.parametrize(
    ("size", "box"),
    [((256, 64), (64, 0, 192, 64)), ((128, 128), (0, 32, 128, 96)), ((256, 128), (0, 0, 256, 128))],
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
    assert heights["x" * 40] < 16, "one line, cut"


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
        assert_sound(layout(screen, LANGUAGES[language], CHAINS[chain]))
        assert draw(screen, LANGUAGES[language], CHAINS[chain]).size == (WIDTH, HEIGHT)
