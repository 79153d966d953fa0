"""Every screen as a person sees it, pixel for pixel. The pictures in golden/ are made to be opened and looked at."""

import pytest

from clockd.panel.catalogue import LANGUAGES, tongue
from clockd.panel.drawing import Arrangement, draw
from tests.panel import pictures, sheets
from tests.panel.screens import CASES

FINISHED = [code for code in LANGUAGES if not tongue(code).draft]
"""Languages of which each screen has a picture of its own; of the others there are the sheets alone."""

needs_unifont = pytest.mark.skipif(not pictures.UNIFONT.exists(), reason="golden pictures are set in fonts-unifont")


@needs_unifont
@pytest.mark.parametrize("language", FINISHED)
@pytest.mark.parametrize("name", CASES)
def test_a_screen_looks_as_it_was_found_good(name: str, language: str) -> None:
    picture = draw(CASES[name], LANGUAGES[language], pictures.fonts())
    pictures.compare(f"{language}/{name}", pictures.enlarged(picture))


@needs_unifont
def test_the_sheet_of_all_screens_is_up_to_date() -> None:
    pictures.compare("all-screens", pictures.sheet())


def test_no_golden_picture_is_left_over() -> None:
    kept = {path.relative_to(pictures.GOLDEN).with_suffix("").as_posix() for path in pictures.GOLDEN.rglob("*.png")}
    assert kept == {f"{language}/{name}" for language in FINISHED for name in CASES} | {"all-screens"}


@needs_unifont
@pytest.mark.parametrize("form", Arrangement)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheets_in_hardware_are_what_is_drawn(language: str, form: Arrangement) -> None:
    assert not sheets.differing(language, form), "look at it; python -m tests.panel.sheets draws them anew"


def test_there_is_a_sheet_for_each_language_and_size_and_no_other() -> None:
    kept = {path.stem for path in sheets.FOLDER.iterdir()}
    assert kept == {sheets.sheet_name(language, form) for language in LANGUAGES for form in Arrangement}


@needs_unifont
def test_control_another_word_is_noticed_on_a_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    form = Arrangement.LOW
    monkeypatch.setitem(CASES, "starting", CASES["stopped"])
    assert sheets.differing("en", form) == ["starting"]


@needs_unifont
def test_a_single_pixel_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the comparison."""
    monkeypatch.delenv(pictures.REWRITE, raising=False)
    picture = draw(CASES["idle"], LANGUAGES["en"], pictures.fonts())
    picture.putpixel((64, 42), 255)
    with pytest.raises(AssertionError, match=r"idle\.png is drawn differently: .*CLOCKD_WRITE_GOLDEN=1"):
        pictures.compare("en/idle", pictures.enlarged(picture))
