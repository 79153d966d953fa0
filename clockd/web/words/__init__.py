"""Every text of the page, in each language, and how times and numbers are written there."""

from collections.abc import Mapping

from clockd.web.words.english import ENGLISH_TEXTS
from clockd.web.words.german import GERMAN_TEXTS
from clockd.web.words.shapes import PageTexts

PAGE_LANGUAGES: Mapping[str, PageTexts] = {"en": ENGLISH_TEXTS, "de": GERMAN_TEXTS}
"""By the value of `terminal.language`."""
