"""Long work that stops now and then, so that a tap waits for a piece of it and never for the whole."""

from collections.abc import Generator
from typing import TypeVar

V = TypeVar("V")

Pieces = Generator[None, None, V]
"""Work of which each step does one piece; what it comes to is what the generator returns."""
ROWS_AT_ONCE = 25
"""Rows of a reply that are read at once: a quarter of a millisecond on a fast machine, some on a Raspberry Pi."""


def whole(work: Pieces[V]) -> V:
    """Do all the pieces at once, where nobody waits."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            found: V = done.value
            return found
