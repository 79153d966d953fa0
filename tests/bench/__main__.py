"""Measures clockd against floors that cannot be beaten, and prints one table.

python -m tests.bench [--short] [--runs N] [--only ROOM …] [--keep [MACHINE]] [--compare FILE]
"""

import argparse
import compileall
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import clockd
from tests.bench import busy, doors, drain, instructions, month, page, quiet, taps, written, years
from tests.bench.figures import Figure, Table, folder_name, medians, this_commit, this_machine
from tests.bench.picture import svg

ROOMS: dict[str, Callable[..., list[Figure]]] = {
    "taps": taps.figures,
    "doors": doors.figures,
    "written": written.figures,
    "instructions": instructions.figures,
    "drain": drain.figures,
    "month": month.figures,
    "busy": busy.figures,
    "page": page.figures,
    "years": years.figures,
}
RESULTS = Path(__file__).parent / "results"


def words() -> argparse.ArgumentParser:
    """Say what can be asked."""
    found = argparse.ArgumentParser(
        prog="deploy/test bench --",
        description="Measure clockd against its floors. Exit code 1 says that a bench broke, and nothing about speed.",
        epilog="example: deploy/test bench -- --runs 3 --keep",
    )
    found.add_argument("--short", action="store_true", help="fewer repetitions: minutes instead of half an hour")
    found.add_argument("--only", nargs="+", choices=ROOMS, default=list(ROOMS), help="only these rooms")
    found.add_argument(
        "--runs",
        type=int,
        default=1,
        metavar="N",
        help="measure everything N times, each room after a wait for quiet, and show least, median and most",
    )
    found.add_argument(
        "--keep",
        nargs="?",
        const=folder_name(),
        metavar="MACHINE",
        help="keep table and picture in results/MACHINE/DAY-COMMIT.json and .svg; MACHINE is made from the processor",
    )
    found.add_argument("--compare", metavar="FILE", type=Path, help="name what got worse by 20 %% since a kept table")
    return found


def run(rooms: Sequence[str], number: int, *, short: bool, patient: bool) -> tuple[list[Figure], list[str], bool]:
    """Measure once; return the figures, a note for each time that others disturbed, and whether nothing broke."""
    found, notes, whole = [], [], True
    with tempfile.TemporaryDirectory() as made:
        for name in rooms:
            if patient and not quiet.wait():
                notes.append(f"{name}, run {number}: no quiet in {quiet.PATIENCE_S / 60:.0f} minutes of waiting")
            print(f"measuring: {name} …", file=sys.stderr, flush=True)
            (Path(made) / name).mkdir()
            before = quiet.look()
            try:
                found += ROOMS[name](Path(made) / name / "bench", short=short)
            except Exception:  # noqa: BLE001 - the other rooms are measured all the same
                traceback.print_exc()
                print(f"broken: {name}", file=sys.stderr)
                whole = False
            share = quiet.others(before, quiet.look())
            if share > quiet.DISTURBED:
                notes.append(f"{name}, run {number}: others used {share:.0%} of the processors")
    return found, notes, whole


def main() -> int:
    """Measure, print, keep, compare; the exit code tells whether a bench broke, not how fast anything was."""
    asked = words().parse_args()
    # as on an installed terminal; where PYTHONDONTWRITEBYTECODE is set, each start would compile all of clockd again
    compileall.compile_dir(clockd.__path__[0], quiet=1)
    runs = [
        run(asked.only, n + 1, short=asked.short, patient=asked.runs > 1 and not asked.short)
        for n in range(max(1, asked.runs))
    ]
    notes = tuple(note for _, noted, _ in runs for note in noted)
    figures = medians([found for found, _, _ in runs])
    table = Table(this_machine(), datetime.now(UTC).date(), this_commit(), figures, notes, len(runs))
    print(table.text())
    if asked.keep:
        folder = RESULTS / asked.keep
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{table.day:%Y-%m-%d}-{table.commit}"
        table.write(folder / f"{name}.json")
        (folder / f"{name}.svg").write_text(svg(table))
    if asked.compare:
        worse = table.worse_than(Table.read(asked.compare))
        said = [f"worse by a fifth or more than {asked.compare.name}:", *worse]
        print("", *(said if worse else ["nothing got worse by a fifth"]), sep="\n")
    return 0 if all(whole for _, _, whole in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
