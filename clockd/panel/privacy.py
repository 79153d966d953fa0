"""Initials in the place of names, where not everybody at the door is to read who comes and goes.

An admin who gives badges out, or enrols one, is shown whole names: two employees may have the same initials.
"""

import re
import unicodedata
from dataclasses import replace

from clockd.core import feedback
from clockd.core.model import Employee

MOST_INITIALS = 3


def initials(name: str) -> str:
    """Return the first letters of a name, as Ł. W.; of an address, those of what stands before the @."""
    words = [word for word in re.split(r"[\s._-]+", name.partition("@")[0]) if any(map(str.isalnum, word))]
    kept = [*words[: MOST_INITIALS - 1], words[-1]] if len(words) > MOST_INITIALS else words
    return " ".join(f"{_first(word)}." for word in kept) or "?"


def _first(word: str) -> str:
    """The first letter, with the marks that belong to it."""
    letters = unicodedata.normalize("NFC", word)
    begin = next(n for n, letter in enumerate(letters) if letter.isalnum())
    end = begin + 1
    while end < len(letters) and unicodedata.category(letters[end]).startswith("M"):
        end += 1
    upper = letters[begin:end].upper()
    return upper if len(upper) == end - begin else letters[begin:end]


def with_initials(screen: feedback.Screen) -> feedback.Screen:
    """Return the same screen without the name of whoever is at the door."""
    match screen:
        case (
            feedback.Punched(employee=employee)
            | feedback.Booked(employee=employee)
            | feedback.AlreadyRecorded(employee=employee)
            | feedback.Undone(employee=employee)
            | feedback.NothingToUndo(employee=employee)
            | feedback.AskLeft(employee=employee)
            | feedback.AskConsent(employee=employee)
            | feedback.AskProject(employee=employee)
            | feedback.NoProjects(employee=employee)
            | feedback.ConsentSaved(employee=employee)
            | feedback.Told(employee=employee)
            | feedback.TooLate(employee=employee)
            | feedback.Info(employee=employee)
            | feedback.NotValid(employee=employee)
        ):
            return replace(screen, employee=Employee(employee.username, initials(employee.name)))
        case _:
            return screen
