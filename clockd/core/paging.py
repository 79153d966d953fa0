"""Choosing one of a list with keys, as a project at the door: a key shows the next or the one before, a badge confirms.

Nothing is chosen before a key was pressed, so the badge alone never answers. After the last one comes the first.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from clockd.core.model import Project

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paging(Generic[T]):
    """What there is to choose from, and what is shown of it; each key makes a new one of it."""

    options: tuple[T, ...]
    index: int | None = None
    """Which one is shown, counted from 0; None before a key was pressed."""

    @property
    def chosen(self) -> T | None:
        """What the badge would confirm; None before a key was pressed."""
        return None if self.index is None else self.options[self.index]

    @property
    def number(self) -> int:
        """Which one is shown, counted from 1 as people do; 0 before a key was pressed."""
        return 0 if self.index is None else self.index + 1

    def pressed(self, *, later: bool) -> "Paging[T]":
        """Show the next one, or the one before."""
        if not self.options:
            return self
        if self.index is None:
            return replace(self, index=0 if later else len(self.options) - 1)
        return replace(self, index=(self.index + (1 if later else -1)) % len(self.options))


def projects_to_page(
    seen: Iterable[Project], recent: Sequence[Project], running: Project | None
) -> tuple[Project, ...]:
    """Put projects in the order in which keys page through them.

    What somebody worked on lately comes first, since that is what they want most often; then the others by client and
    name. What they work on already comes last: hardly anybody switches to that. Each client's project stands for
    itself, also where another client has one of the same name.

    Args:
        seen: the projects that the tracker showed last.
        recent: what this employee worked on, the latest first; what the tracker does not show any more is left out.
        running: what they work on now; None when that is no project.
    """
    known = dict.fromkeys(sorted(seen, key=lambda each: (each.client.casefold(), each.name.casefold(), str(each))))
    first = [each for each in dict.fromkeys(recent) if each in known and each != running]
    others = [each for each in known if each not in first and each != running]
    return (*first, *others, *(each for each in known if each == running))
