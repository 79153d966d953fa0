"""Initials in the place of names."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core import feedback as fb
from clockd.core.model import Employee
from clockd.panel.catalogue import LANGUAGES
from clockd.panel.drawing import Arrangement, draw, pictures
from clockd.panel.fonts import Fonts
from clockd.panel.privacy import initials, with_initials
from tests.panel.screens import CASES


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ada Lovelace", "A. L."),
        ("Łukasz Wiśniewski", "Ł. W."),
        ("Jürgen Öztürk-Maier", "J. Ö. M."),
        ("Maximiliane Theodora von Sonnenschein-Bergmann", "M. T. B."),
        ("ada", "A."),
        ("ada.lovelace@example.com", "A. L."),
        ("李小龙", "李."),
        ("O\u0308zlem", "Ö."),
        ("ßüß", "ß."),
        ("  –  ", "?"),
        ("", "?"),
    ],
)
def test_initials(name: str, short: str) -> None:
    assert initials(name) == short


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=60))
def test_any_text_has_some(name: str) -> None:
    assert 0 < len(initials(name)) <= 60 + 8


OF_PEOPLE = {name: screen for name, screen in CASES.items() if isinstance(screen, fb.EmployeeScreen | fb.NotValid)}


@pytest.mark.parametrize("name", OF_PEOPLE)
def test_no_screen_of_whoever_taps_says_their_name(name: str) -> None:
    """Two people of the same initials look the same, pixel for pixel."""
    screen = OF_PEOPLE[name]
    other, one = (replace(screen, employee=Employee("x", text)) for text in ("Lars Wolf", "Lina Walter-Wu"[:11]))
    fonts = Fonts.find()
    for form in Arrangement:
        of_one, of_other = (pictures(with_initials(each), LANGUAGES["en"], fonts, form.size) for each in (one, other))
        assert of_one == of_other, form


def test_every_kind_of_screen_is_tried() -> None:
    assert {type(screen) for screen in OF_PEOPLE.values()} == {*get_args(fb.EmployeeScreen), fb.NotValid}


def test_control_whole_names_differ() -> None:
    screen = CASES["in-short"]
    assert isinstance(screen, fb.Punched)
    other = replace(screen, employee=Employee("x", "Abe"))
    assert draw(screen, LANGUAGES["en"], Fonts.find()) != draw(other, LANGUAGES["en"], Fonts.find())
