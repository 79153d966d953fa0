"""Which project? Asked at one door of whoever pressed a project key that names none, then showed their badge.

The first badge only says whose projects the keys page through; it writes nothing, and the display says so by asking.
The badge again confirms what a key chose. Whoever taps again without having chosen, once it cannot be the same tap any
more, wants an ordinary tap, and gets it.
"""

from dataclasses import dataclass, replace

from clockd.core import feedback
from clockd.core.decide import ASIDE_S
from clockd.core.model import Action, Employee, KeyPress, Project, Reading
from clockd.core.paging import Paging

_TURNS = {Action.PROJECT: True, Action.OUT: True, Action.IN: False}
"""The keys that page, and whether each shows the next one."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked, and how far their answer is."""

    fingerprint: str
    """The fingerprint of their badge."""
    employee: Employee
    paging: Paging[Project]
    touched_s: float
    """CLOCK_BOOTTIME of the last key or badge."""


@dataclass(slots=True)
class ProjectAtTheDoor:
    """The question that is open at this door; in memory only."""

    repeat_s: float
    _asked: Asking | None = None

    def ask(
        self, fingerprint: str, employee: Employee, offered: tuple[Project, ...], reading: Reading
    ) -> feedback.Screen:
        """Ask somebody; where nothing is known to choose from, say that."""
        if not offered:
            return feedback.NoProjects(employee)
        return self._ask_on(Asking(fingerprint, employee, Paging(offered), reading.boottime_s), reading)

    def pressed(self, press: KeyPress) -> feedback.AskProject | None:
        """Take a key for the next project or the one before; None when nobody is asked, or the key means else."""
        asked, turn = self._open(press.reading), _TURNS.get(press.action)
        names_one = press.project is not None or press.time_type is not None
        if asked is None or turn is None or names_one:
            self._asked = None
            return None
        return self._ask_on(replace(asked, paging=asked.paging.pressed(later=turn)), press.reading)

    def tapped(
        self, fingerprint: str, reading: Reading, seen_s_ago: float | None
    ) -> feedback.AskProject | Project | None:
        """Take a badge for a confirmation: the project; the question still; None where the tap is an ordinary one."""
        asked = self._open(reading)
        chosen = None if asked is None else asked.paging.chosen
        away_s = float("inf") if seen_s_ago is None else seen_s_ago
        if asked is None or asked.fingerprint != fingerprint or (chosen is None and away_s >= self.repeat_s):
            self._asked = None
            return None
        if chosen is None or away_s < ASIDE_S:
            return self._ask_on(asked, reading)
        self._asked = None
        return chosen

    def _open(self, reading: Reading) -> Asking | None:
        if self._asked is None or reading.boottime_s - self._asked.touched_s > feedback.ANSWER_S:
            return None
        return self._asked

    def _ask_on(self, asked: Asking, reading: Reading) -> feedback.AskProject:
        self._asked = replace(asked, touched_s=reading.boottime_s)
        paging = asked.paging
        return feedback.AskProject(asked.employee, paging.chosen, paging.number, len(paging.options))
