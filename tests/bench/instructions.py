"""How many instructions of the processor clockd takes, as valgrind counts them: the same however busy the machine is.

    python -m tests.bench.instructions '{"folder": "…", "what": "tap", "times": 50}'    one life, to be counted

Of a tap the difference between a long and a short life is taken, so that the start does not count.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from clockd.core.model import Tap
from tests.bench.figures import Figure
from tests.bench.taps import bare, busy_day, commit, told_by, uid_of
from tests.e2e.processes import environ

COUNTED = re.compile(r"I\s+refs:\s+([\d,]+)")
FEW, MANY = 20, 120
CLICK = ("-c", "import click; click.echo('x')")
COMMANDS = {"--help": ("--help",), "punches --help": ("punches", "--help"), "hours --help": ("hours", "--help")}


def count(words: Sequence[str], **env: str) -> int:
    """Run Python with these words under valgrind; return the instructions that it and its threads took."""
    counter = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
    done = subprocess.run(
        [*counter, sys.executable, *words], env=environ(PYTHONHASHSEED="0", **env), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    counted = COUNTED.search(done.stderr)
    assert counted, done.stderr
    return int(counted[1].replace(",", ""))


async def taps(folder: Path, times: int) -> None:
    """Tap so often at a terminal of a busy day."""
    async with busy_day(folder) as core:
        door, _ = told_by(core)
        for n in range(times):
            await door.tapped(Tap(uid_of(n), "serial", core.read_clock()))


def commits(folder: Path, times: int) -> None:
    """Commit so often as the floor does."""
    floor = bare(folder / "floor.db")
    for n in range(times):
        commit(floor, n)
    floor.close()


def each(folder: Path, what: str) -> float:
    """The instructions of one tap, or of one bare commit."""
    lives = []
    for times in (FEW, MANY):
        place = folder / f"{what}{times}"
        place.mkdir()
        job = json.dumps({"folder": str(place), "what": what, "times": times})
        lives.append(count(("-m", "tests.bench.instructions", job)))
    return (lives[1] - lives[0]) / (MANY - FEW)


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """A tap beside a bare commit, and commands beside a bare click; nothing where there is no valgrind."""
    if not shutil.which("valgrind"):
        print("no valgrind here: instructions are not counted", file=sys.stderr)
        return []
    folder.mkdir(parents=True)
    least = count(CLICK)
    found = [Figure("instructions of a tap", "thousand", each(folder, "tap") / 1e3, each(folder, "commit") / 1e3)]
    for name, words in list(COMMANDS.items())[: 1 if short else None]:
        found.append(
            Figure(f"instructions of clockd {name}", "million", count(("-m", "clockd", *words)) / 1e6, least / 1e6, 2.5)
        )
    return found


def main() -> None:
    """Live one life."""
    job = json.loads(sys.argv[1])
    folder, times = Path(job["folder"]), job["times"]
    if job["what"] == "tap":
        asyncio.run(taps(folder, times))
    else:
        commits(folder, times)


if __name__ == "__main__":
    main()
