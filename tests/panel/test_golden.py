"""Every screen as a person sees it, pixel for pixel. The pictures in golden/ are made to be opened and looked at."""

import pytest

from clockd.panel.catalogue import LANGUAGES, tongue
from clockd.panel.drawing import draw
from tests.panel import pictures
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
def test_a_single_pixel_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the comparison."""
    monkeypatch.delenv(pictures.REWRITE, raising=False)
    picture = draw(CASES["idle"], LANGUAGES["en"], pictures.fonts())
    picture.putpixel((64, 42), 255)
    with pytest.raises(AssertionError, match=r"idle\.png is drawn differently: .*CLOCKD_WRITE_GOLDEN=1"):
        pictures.compare("en/idle", pictures.enlarged(picture))
