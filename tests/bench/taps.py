"""A tap, from the reader to the success signal, beside a bare commit of one row, one after the other in one process.

    python -m tests.bench.taps '{"folder": "…", "taps": 1000}'      prints both lists as JSON, in ms

The daemon's own parts, with 40 people who have four punches each today already.
"""

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from clockd.config import Secrets
from clockd.core import feedback
from clockd.core.model import Employee, Kind, Tap, Uid
from clockd.daemon.opening import Core
from clockd.flow.terminal import Terminal
from clockd.store import badges
from tests.bench.beside import terminal
from tests.bench.figures import Figure, percentile
from tests.filled import Made, fill

PEOPLE = 40
WARM = 100
"""Taps before those that count."""
HISTORY = (Kind.IN, Kind.BREAK, Kind.RESUME, Kind.OUT)


def uid_of(n: int) -> Uid:
    """The badge of a person."""
    return Uid.of(bytes([4, 0xA2, 0, 0, 0, 1, n % PEOPLE]))


def bare(file: Path) -> sqlite3.Connection:
    """Open the floor: the same settings as clockd's store, and one table."""
    db = sqlite3.connect(file, isolation_level=None)
    for pragma in ("page_size=2048", "locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
        db.execute(f"PRAGMA {pragma}")
    db.execute("CREATE TABLE punch (id INTEGER PRIMARY KEY, who TEXT, kind TEXT, at INT, body TEXT)")
    return db


def commit(db: sqlite3.Connection, n: int) -> None:
    """Record one row; it is on disk when this returns."""
    db.execute("INSERT INTO punch (who, kind, at, body) VALUES (?, 'in', ?, ?)", (f"u{n % PEOPLE}", n, "x" * 300))


@contextlib.asynccontextmanager
async def busy_day(folder: Path) -> AsyncIterator[Core]:
    """Open a terminal whose people have been in, at lunch and out today already."""
    async with terminal(folder, Secrets(None, {})) as core:

        def enrol(db: Any) -> None:
            for n in range(PEOPLE):
                uid, employee = uid_of(n), Employee(f"u{n}", f"Employee {n}")
                badges.add(db, fingerprint=core.fingerprints.of(uid), tail=uid.tail, employee=employee, now_us=0)

        await core.store.run(enrol)
        now = core.read_clock().wall_at
        morning = max(now.replace(hour=0, minute=5, second=0, microsecond=0), now - timedelta(hours=6))
        step = (now - morning) / (len(HISTORY) + 1)
        await fill(
            core,
            (Made(f"u{n}", kind, morning + step * part) for part, kind in enumerate(HISTORY) for n in range(PEOPLE)),
        )
        yield core


def told_by(core: Core) -> tuple[Terminal, list[feedback.Screen]]:
    """A terminal as the daemon has it, and what it tells."""
    screens: list[feedback.Screen] = []
    say = lambda screen, seq: screens.append(screen)  # noqa: E731
    return Terminal(core.store, core.fingerprints, core.door, lambda *_: None, say, lambda: None), screens


async def measure(folder: Path, taps: int) -> dict[str, list[float]]:
    """Tap and commit in turns; return what each took, in ms."""
    floor = bare(folder / "floor.db")
    took: dict[str, list[float]] = {"clockd": [], "floor": []}
    (folder / "door").mkdir()
    async with busy_day(folder / "door") as core:
        door, screens = told_by(core)
        for n in range(taps + WARM):
            begun_s = time.perf_counter()
            await door.tapped(Tap(uid_of(n), "serial", core.read_clock()))
            tapped_s = time.perf_counter()
            commit(floor, n)
            done_s = time.perf_counter()
            took["clockd"].append((tapped_s - begun_s) * 1e3)
            took["floor"].append((done_s - tapped_s) * 1e3)
        good = sum(isinstance(screen, feedback.Punched) for screen in screens)
        assert good == taps + WARM, f"{good} of {taps + WARM} taps were recorded: {screens[-1]}"
    floor.close()
    return {name: found[WARM:] for name, found in took.items()}


def run(folder: Path, taps: int, before: Sequence[str] = ()) -> dict[str, list[float]]:
    """Measure in a process of its own, which `before` may start."""
    folder.mkdir()
    words = json.dumps({"folder": str(folder), "taps": taps})
    done = subprocess.run(
        [*before, sys.executable, "-m", "tests.bench.taps", words], check=True, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """A tap on this disk as it is, and with a slow card's syncs."""
    folder.mkdir(parents=True)
    quick = run(folder / "taps", 200 if short else 1000)
    clockd, floor = quick["clockd"], quick["floor"]
    found = [
        Figure("tap → signal, p50", "ms", percentile(clockd, 0.5), percentile(floor, 0.5), 2.3),
        Figure("tap → signal, p99", "ms", percentile(clockd, 0.99), percentile(floor, 0.99), 3.0),
    ]
    for delay_ms in (20,) if short else (5, 20, 50):
        strace = f"strace -f -qq --seccomp-bpf -e trace=fdatasync -e inject=fdatasync:delay_enter={delay_ms * 1000}"
        log = str(folder / f"slow{delay_ms}.log")
        slow = run(folder / f"slow{delay_ms}", 50 if short else 200, [*strace.split(), "-o", log])["clockd"]
        goal = {5: None, 20: 1.05, 50: None}[delay_ms]
        found += [
            Figure(f"tap, {delay_ms} ms in each sync, p50", "ms", percentile(slow, 0.5), float(delay_ms), goal),
            Figure(
                f"tap, {delay_ms} ms in each sync, p99", "ms", percentile(slow, 0.99), float(delay_ms), 5.0, added=True
            ),
        ]
    return found


if __name__ == "__main__":
    _job = json.loads(sys.argv[1])
    print(json.dumps(asyncio.run(measure(Path(_job["folder"]), _job["taps"]))))
