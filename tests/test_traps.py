"""Each number of a trap that a comment names stands on the page of traps, and each number of the page is named."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "clockd" / "trackers" / "TRAPS.md"
NUMBER = re.compile(r"\b[TU][0-9]{2}\b(?![:0-9])")


def explained(page: str) -> list[str]:
    """The numbers that have a row."""
    return re.findall(r"^\| ([TU][0-9]{2}) \| [^|]+ \| [^|]+ \|$", page, re.MULTILINE)


def test_every_number_is_explained_and_every_explanation_is_used() -> None:
    sources = [path for room in ("clockd", "tests") for path in (ROOT / room).rglob("*.py") if path != Path(__file__)]
    used = {number for path in sources for number in NUMBER.findall(path.read_text())}
    assert sorted(used) == explained(PAGE.read_text())


def test_control_what_is_no_number() -> None:
    assert NUMBER.findall("a look (traps T20 and U12), T07. At T08:00, T201, UT20, noqa: T201") == ["T20", "U12", "T07"]
