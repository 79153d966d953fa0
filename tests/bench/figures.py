"""What a bench says: each figure beside a floor that cannot be beaten, taken in the same run, and beside its goal."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
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
        least, most: the smallest and the largest `value` of several runs; None of a single one.
    """

    name: str
    unit: str
    clockd: float
    floor: float | None = None
    goal: float | None = None
    at_least: bool = False
    added: bool = False
    least: float | None = None
    most: float | None = None

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
    """The figures of one run, or the medians of several.

    Args:
        machine: what they were taken on, as `this_machine` says it.
        day: when.
        commit: of which clockd.
        figures: the lines.
        notes: what a reader must know to trust them, a sentence each: when the machine was not quiet.
        runs: how many runs the medians are of.
    """

    machine: str
    day: date
    commit: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    runs: int = 1

    def about(self) -> str:
        """Say what was measured, when, on what, and how often."""
        times = f", median of {self.runs} runs" if self.runs > 1 else ""
        return f"{self.machine}, {self.day:%Y-%m-%d}, commit {self.commit}{times}"

    def text(self) -> str:
        """A table for people; of several runs it has the least and the most of each ratio too."""
        titles = ("figure", "clockd", "floor", "ratio", "least", "most", "goal", "")
        rows: list[tuple[str, ...]] = [titles, *map(cells, self.figures)]
        if self.runs == 1:
            rows = [row[:4] + row[6:] for row in rows]
        widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
        lines = [
            "  ".join([f"{row[0]:<{widths[0]}}", *(f"{row[n]:>{widths[n]}}" for n in range(1, len(row)))])
            for row in rows
        ]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join([self.about(), "", *(line.rstrip() for line in lines), *self._noted()])

    def _noted(self) -> list[str]:
        return ["", "The machine was not quiet:", *(f"  {note}" for note in self.notes)] if self.notes else []

    def write(self, file: Path) -> None:
        """Write it as JSON."""
        document = {**asdict(self), "day": self.day.isoformat()}
        file.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, file: Path) -> "Table":
        """Read what `write` wrote."""
        found: dict[str, Any] = json.loads(file.read_text())
        figures = tuple(Figure(**figure) for figure in found.pop("figures"))
        day, notes = date.fromisoformat(found.pop("day")), tuple(found.pop("notes"))
        return cls(**found, day=day, notes=notes, figures=figures)

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


def medians(runs: Sequence[Sequence[Figure]]) -> tuple[Figure, ...]:
    """For each figure that of the middle run (of two the smaller one), with the least and the most of all runs."""
    found: dict[str, list[Figure]] = {}
    for figure in (figure for run in runs for figure in run):
        found.setdefault(figure.name, []).append(figure)
    if len(runs) == 1:
        return tuple(runs[0])
    ordered = [sorted(same, key=lambda figure: figure.value) for same in found.values()]
    return tuple(replace(same[(len(same) - 1) // 2], least=same[0].value, most=same[-1].value) for same in ordered)


def cells(figure: Figure) -> tuple[str, str, str, str, str, str, str, str]:
    """Write a figure as a row: name, clockd, floor, ratio, least, most, goal, verdict."""
    sign = "≥" if figure.at_least else "≤"
    goal = "" if figure.goal is None else f"{sign} {'+' if figure.added else ''}{_number(figure.goal)}"
    if figure.floor is not None and not figure.added and goal:
        goal += "×"
    ratio = "" if figure.floor is None else f"+{_number(figure.value)}" if figure.added else f"{_number(figure.value)}×"
    floor = "" if figure.floor is None else f"{_number(figure.floor)} {figure.unit}"
    verdict = {True: "met", False: "MISSED", None: ""}[figure.met]
    least, most = ("" if value is None else _number(value) for value in (figure.least, figure.most))
    return figure.name, f"{_number(figure.clockd)} {figure.unit}", floor, ratio, least, most, goal, verdict


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value else "0"


def this_machine() -> str:
    """What the figures were taken on: processor, cores, kernel and Python, and no name."""
    python = platform.python_version()
    return f"{_model()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {python}"


def folder_name() -> str:
    """What this machine's folder is called: the model and the number of cores, as one word."""
    return "-".join(re.findall(r"[a-z0-9]+", f"{_model()} {os.cpu_count()} cores".lower()))


def _model() -> str:
    """The processor, or the board where the kernel names one, as a Raspberry Pi's does."""
    for line in reversed(Path("/proc/cpuinfo").read_text().splitlines()):
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return platform.machine()


def this_commit() -> str:
    """Which clockd is measured; a `-dirty` says that files were changed since."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def percentile(found: Sequence[float], share: float) -> float:
    """The value that a share (0 to 1) of them does not exceed."""
    ordered = sorted(found)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
