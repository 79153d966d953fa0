"""Every text of the page, in each language, and how times and numbers are written there."""

from collections.abc import Mapping

from clockd.web.words.english import ENGLISH
from clockd.web.words.german import GERMAN
from clockd.web.words.shapes import Texts

LANGUAGES: Mapping[str, Texts] = {"en": ENGLISH, "de": GERMAN}
"""By the value of `terminal.language`."""
