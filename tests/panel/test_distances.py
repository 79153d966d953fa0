"""The table of distances in hardware/displays.md is what the layouts, the font and the glasses give."""

import pytest

from tests.panel import distances, pictures

pytestmark = pytest.mark.skipif(not pictures.UNIFONT.exists(), reason="letters are measured in fonts-unifont")


@pytest.mark.parametrize(
    ("height_mm", "distance_mm", "arcmin"),
    [(4.654, 1000, 16.0), (2.909, 500, 20.0), (1000, 57_290, 60.0), (0.2909, 1000, 1.0)],
)
def test_the_angle(height_mm: float, distance_mm: float, arcmin: float) -> None:
    assert distances.angle_arcmin(height_mm, distance_mm) == pytest.approx(arcmin, rel=1e-3)
    assert distances.distance_mm(height_mm, arcmin) == pytest.approx(distance_mm, rel=1e-3)


def test_a_pixel_of_the_glass_that_most_people_buy() -> None:
    """Its datasheet says 0.17 mm each way, and 21.74 mm for 128 of them."""
    small = next(glass for glass in distances.GLASSES if glass.inches == 0.96)
    assert small.pitch_mm * 128 == pytest.approx(21.74, abs=0.1)


def test_the_table_is_up_to_date() -> None:
    page = distances.PAGE.read_text()
    assert distances.with_table(page) == page, "python -m tests.panel.distances writes it anew"
    assert "| panel | device |" in page


def test_control_another_row_is_noticed() -> None:
    page = distances.PAGE.read_text()
    assert distances.with_table(page.replace("0.17 mm", "0.18 mm")) == page
