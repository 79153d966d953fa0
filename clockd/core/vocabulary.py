"""Words that people meet at the door and on the admin page alike, in each language, so that both say the same.

A language is one `Vocabulary`; a word that is missing in one is an error of the type checker and of Python.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from clockd.core.model import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The shared words of one language."""

    weekdays: tuple[str, str, str, str, str, str, str]
    """Monday first, short."""
    months: tuple[str, str, str, str, str, str, str, str, str, str, str, str]
    """Short."""
    kinds: Mapping[Kind, str]
    """A punch, as it stands within a line."""
    clock_not_set: str
    reader_fault: str
    unknown_badge: str
    no_in: str
    """Somebody left who never came."""
    new_badge: str
    hold_it_here: str
    """The badge, to the reader."""


ENGLISH_VOCABULARY = Vocabulary(
    weekdays=("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    kinds={
        Kind.IN: "in",
        Kind.OUT: "out",
        Kind.BREAK: "break",
        Kind.RESUME: "back",
        Kind.PROJECT: "project",
    },
    clock_not_set="clock not set",
    reader_fault="reader fault",
    unknown_badge="unknown badge",
    no_in="IN missing",
    new_badge="NEW BADGE",
    hold_it_here="hold it here",
)

GERMAN_VOCABULARY = Vocabulary(
    weekdays=("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"),
    months=("Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sep", "Okt", "Nov", "Dez"),
    kinds={
        Kind.IN: "Kommen",
        Kind.OUT: "Gehen",
        Kind.BREAK: "Pause",
        Kind.RESUME: "Weiter",
        Kind.PROJECT: "Projekt",
    },
    clock_not_set="keine Uhrzeit",
    reader_fault="Leser gestört",
    unknown_badge="Badge unbekannt",
    no_in="Kommen fehlt",
    new_badge="NEUER BADGE",
    hold_it_here="hier vorhalten",
)

VOCABULARIES: Mapping[str, Vocabulary] = {"en": ENGLISH_VOCABULARY, "de": GERMAN_VOCABULARY}
"""By the value of `terminal.language`."""
