"""Measures clockd against floors that cannot be beaten, and prints one table.

python -m tests.bench [--short] [--only ROOM …] [--keep NAME] [--compare FILE]
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import busy, doors, drain, page, taps, written, years
from tests.bench.figures import Figure, Table, this_machine
from tests.bench.picture import svg

ROOMS: dict[str, Callable[..., list[Figure]]] = {
    "taps": taps.figures,
    "doors": doors.figures,
    "written": written.figures,
    "drain": drain.figures,
    "busy": busy.figures,
    "page": page.figures,
    "years": years.figures,
}
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Measure, print, keep, compare; the exit code tells whether a bench broke, not how fast anything was."""
    words = argparse.ArgumentParser(prog="deploy/test bench --", description="Measure clockd against its floors.")
    words.add_argument(
        "--short", action="store_true", help="fewer repetitions: minutes instead of a quarter of an hour"
    )
    words.add_argument("--only", nargs="+", choices=ROOMS, default=list(ROOMS), help="only these rooms")
    words.add_argument("--keep", metavar="NAME", help="keep the table as results/NAME.json and .svg")
    words.add_argument("--compare", metavar="FILE", type=Path, help="name what got worse by 20 % since a kept table")
    asked = words.parse_args()
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as made:
        for name in asked.only:
            print(f"measuring: {name} …", file=sys.stderr, flush=True)
            (Path(made) / name).mkdir()
            found += ROOMS[name](Path(made) / name / "bench", short=asked.short)
    table = Table(this_machine(), datetime.now(UTC).date(), tuple(found))
    print(table.text())
    if asked.keep:
        RESULTS.mkdir(exist_ok=True)
        table.write(RESULTS / f"{asked.keep}.json")
        (RESULTS / f"{asked.keep}.svg").write_text(svg(table))
    if asked.compare:
        worse = table.worse_than(Table.read(asked.compare))
        print(
            "\n".join(
                ["", f"worse by a fifth or more than {asked.compare.name}:", *worse]
                if worse
                else ["", "nothing got worse by a fifth"]
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
