"""What each library costs a door at its start, in time and in memory: `python -m tests.bench.imports [--svg FILE]`.

The libraries are imported one after the other in one interpreter, in the order in which they build on each other; so
each is charged with what it brings along and nobody before it had. `clockd.trackers` comes before httpx, whose command
line it leaves out. Times are those of the processor, which others disturb less.
"""

import compileall
import json
import subprocess
import sys
from html import escape
from pathlib import Path

import clockd

ORDER = (
    *(
        "asyncio",
        "ssl",
        "sqlite3",
        "zoneinfo",
        "logging.handlers",
        "click",
        "msgspec",
        "clockd.trackers",
        "httpx",
        "sqlite_utils",
    ),
    *("serial", "PIL.ImageFont", "luma.core", "clockd.core.body", "clockd.core.planning.plan", "clockd.store.view"),
    *("clockd.trackers.http", "clockd.trackers.timetrack", "clockd.trackers.goodtime", "clockd.flow.sync"),
    *("clockd.daemon.running", "clockd.cli"),
)
TIMES = 5
"""The least of several runs counts."""
CHILD = """
import importlib, json, sys, time
def pss():
    with open("/proc/self/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
found, before = [], pss()
for name in sys.argv[1:]:
    begun_s = time.process_time()
    importlib.import_module(name)
    took_s, now = time.process_time() - begun_s, pss()
    found.append((name, took_s * 1e3, (now - before) / 1024))
    before = now
print(json.dumps(found))
"""


def measure() -> list[tuple[str, float, float]]:
    """Return name, milliseconds (the least of several runs) and MiB of each."""
    compileall.compile_dir(clockd.__path__[0], quiet=1)
    runs = []
    for _ in range(TIMES):
        out = subprocess.run([sys.executable, "-c", CHILD, *ORDER], check=True, stdout=subprocess.PIPE).stdout
        runs.append(json.loads(out))
    return [(row[0][0], min(r[1] for r in row), min(r[2] for r in row)) for row in zip(*runs, strict=True)]


def svg(found: list[tuple[str, float, float]]) -> str:
    """Draw both as bars."""
    most_ms, most_mib = max(row[1] for row in found), max(row[2] for row in found)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="{len(found) * 24 + 60}" font-family="sans-serif"'
        ' font-size="13"><rect width="100%" height="100%" fill="#fff"/>',
        '<text x="230" y="24" fill="#2e5d8f">milliseconds of the processor</text>',
        '<text x="560" y="24" fill="#7d5a2e">MiB</text>',
    ]
    for number, (name, took_ms, mib) in enumerate(found):
        y = 40 + 24 * number
        lines += [
            f'<text x="220" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="230" y="{y + 2}" width="{took_ms / most_ms * 240:.1f}" height="15" fill="#2e5d8f"/>',
            f'<text x="{235 + took_ms / most_ms * 240:.1f}" y="{y + 14}">{took_ms:.1f}</text>',
            f'<rect x="560" y="{y + 2}" width="{max(0.0, mib) / most_mib * 220:.1f}" height="15" fill="#7d5a2e"/>',
            f'<text x="{565 + max(0.0, mib) / most_mib * 220:.1f}" y="{y + 14}">{mib:.1f}</text>',
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def main() -> None:
    """Print a table; draw it where that is asked for."""
    found = measure()
    for name, took_ms, mib in found:
        print(f"{name:28} {took_ms:7.1f} ms {mib:6.1f} MiB")
    print(f"{'all':28} {sum(r[1] for r in found):7.1f} ms {sum(r[2] for r in found):6.1f} MiB")
    if "--svg" in sys.argv:
        Path(sys.argv[sys.argv.index("--svg") + 1]).write_text(svg(found))


if __name__ == "__main__":
    main()
