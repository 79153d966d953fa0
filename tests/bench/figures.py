"""What a bench says: each figure beside a floor that cannot be beaten, taken in the same run, and beside its goal."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

WORSE = 1.2
"""A ratio that grew by this factor is flagged when two tables are compared."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        name: what is measured.
        unit: of `clockd` and `floor`.
        clockd: what clockd takes.
        floor: what the least that could do it takes, in the same run; None where there is none and `goal` is absolute.
        goal: the most that is wanted: of the ratio where there is a floor, else of `clockd`; None: it is only stated.
        at_least: `goal` is the least that is wanted.
        added: `goal` is what clockd may take more than its floor, in `unit`.
    """

    name: str
    unit: str
    clockd: float
    floor: float | None = None
    goal: float | None = None
    at_least: bool = False
    added: bool = False

    @property
    def value(self) -> float:
        """What the goal is about."""
        if self.floor is None:
            return self.clockd
        if self.added:
            return self.clockd - self.floor
        return self.clockd / self.floor if self.floor else float("inf")

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.at_least else self.value <= self.goal


@dataclass(frozen=True, slots=True)
class Table:
    """All figures of a run."""

    machine: str
    day: date
    figures: tuple[Figure, ...]

    def text(self) -> str:
        """A table for people."""
        rows = [("figure", "clockd", "floor", "ratio", "goal", "")]
        rows += [_cells(figure) for figure in self.figures]
        widths = [max(len(row[n]) for row in rows) for n in range(6)]
        lines = [f"{row[0]:<{widths[0]}}  " + "  ".join(f"{row[n]:>{widths[n]}}" for n in range(1, 6)) for row in rows]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join([f"{self.machine}, {self.day:%Y-%m-%d}", "", *(line.rstrip() for line in lines)])

    def write(self, file: Path) -> None:
        """Write it as JSON."""
        document = {"machine": self.machine, "day": self.day.isoformat(), "figures": [asdict(f) for f in self.figures]}
        file.write_text(json.dumps(document, indent=1) + "\n")

    @classmethod
    def read(cls, file: Path) -> "Table":
        """Read what `write` wrote."""
        found: dict[str, Any] = json.loads(file.read_text())
        figures = tuple(Figure(**figure) for figure in found["figures"])
        return cls(found["machine"], date.fromisoformat(found["day"]), figures)

    def worse_than(self, before: "Table") -> list[str]:
        """Name each figure whose value grew by `WORSE` (fell, where the goal is a least), in a sentence."""
        known = {figure.name: figure for figure in before.figures}
        found = []
        for now in self.figures:
            then = known.get(now.name)
            if then is None or not then.value:
                continue
            grew = now.value / then.value
            if (1 / grew if now.at_least and grew else grew) >= WORSE:
                found.append(f"{now.name}: {_number(then.value)} before, {_number(now.value)} now")
        return found


def _cells(figure: Figure) -> tuple[str, str, str, str, str, str]:
    sign = "≥" if figure.at_least else "≤"
    goal = "" if figure.goal is None else f"{sign} {'+' if figure.added else ''}{_number(figure.goal)}"
    if figure.floor is not None and not figure.added and goal:
        goal += "×"
    ratio = "" if figure.floor is None else f"+{_number(figure.value)}" if figure.added else f"{_number(figure.value)}×"
    floor = "" if figure.floor is None else f"{_number(figure.floor)} {figure.unit}"
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    return figure.name, f"{_number(figure.clockd)} {figure.unit}", floor, ratio, goal, verdict


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value else "0"


def this_machine() -> str:
    """What the figures were taken on: processor, cores, kernel and Python, and no name."""
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            model = line.partition(":")[2].strip()
            break
    python = platform.python_version()
    return f"{model or platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {python}"


def percentile(found: Sequence[float], share: float) -> float:
    """The value that a share (0 to 1) of them does not exceed."""
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
