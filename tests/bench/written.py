"""What a tap writes, as the kernel sees it: syncs and bytes of the files in the state directory.

    python -m tests.bench.written '{"folder": "…", "taps": 50, "tracker": "http://…"}'    one life of a door

A life without taps is taken off; so the start, the stop and the last checkpoint do not count.
"""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from clockd import config
from clockd.config import Secrets
from clockd.core.model import Employee, Tap
from clockd.daemon.booking import open_booking
from clockd.daemon.opening import open_core, open_terminal
from clockd.store import badges
from tests.bench.beside import TOML
from tests.bench.figures import Figure
from tests.bench.taps import PEOPLE, uid_of
from tests.e2e.looking import until
from tests.e2e.processes import KEYS, Simulator

TRACKER = '[tracker]\nkind = "timetrack"\nurl = "{}"\nrequests_per_minute = 6000\n'
SYNC = re.compile(r"\bf(?:data)?sync\(\d+<[^>]*/clockd\.db[^>]*>\) += 0")
WRITE = re.compile(r"\bp?write(?:64|v)?\(\d+<[^>]*/clockd\.db(?:-wal|-journal)?>.* = (\d+)(?: |$)")


async def life(folder: Path, taps: int, tracker: str | None) -> None:
    """Tap so often, in and out in turns; with a tracker, each is booked before the next."""
    secrets = Secrets(None, KEYS)
    text = TOML.format(folder) + (TRACKER.format(tracker) if tracker else "")
    async with open_core(config.parse(text), secrets) as core:
        booking = await open_booking(core, secrets)

        def enrol(db: Any) -> None:
            for n in range(PEOPLE):
                uid = uid_of(n)
                fingerprint, employee = core.fingerprints.of(uid), Employee(f"user{n:03}", f"Person {n}")
                badges.add(db, fingerprint=fingerprint, tail=uid.tail, employee=employee, now_us=0)

        await core.store.run(enrol)
        wake = booking.wake if booking else lambda: None
        door = open_terminal(core, lambda *_: None, booking.board.presence if booking else None, wake)
        rooms = booking.tasks() if booking else ()
        loops = [asyncio.ensure_future(run()) for name, run in rooms if name != "nightly"]
        for n in range(taps):
            now = core.read_clock()
            ago = timedelta(hours=taps // 40 + 1) - timedelta(seconds=61 * n)  # nobody comes and goes within a minute
            await door.tapped(Tap(uid_of(n // 2), "serial", replace(now, wall_at=now.wall_at - ago)))
            if booking:
                await until(lambda: core.store.run(_delivered))
        for task in loops:
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        if booking:
            await booking.http.aclose()


def _delivered(db: Any) -> bool:
    waiting: int = db.execute("SELECT count(*) FROM outbox WHERE state != 'delivered'").fetchone()[0]
    return waiting == 0


def traced(folder: Path, taps: int, tracker: str | None) -> tuple[int, int]:
    """Return the syncs and the bytes of one life."""
    folder.mkdir()
    log = folder / "strace.log"
    job = json.dumps({"folder": str(folder), "taps": taps, "tracker": tracker})
    calls = "trace=fsync,fdatasync,write,pwrite64,pwritev,writev"
    strace = ["strace", "-f", "-y", "-qq", "-s", "0", "--seccomp-bpf", "-e", calls, "-o"]
    subprocess.run([*strace, str(log), sys.executable, "-m", "tests.bench.written", job], check=True)
    lines = log.read_text().splitlines()
    written = [int(found[1]) for line in lines if (found := WRITE.search(line))]
    return sum(1 for line in lines if SYNC.search(line)), sum(written)


def per_tap(folder: Path, taps: int, tracker: str | None) -> tuple[float, float]:
    """Return the syncs and the KiB of one tap."""
    syncs, size = traced(folder / "with", taps, tracker)
    no_syncs, no_size = traced(folder / "without", 0, tracker)
    return (syncs - no_syncs) / taps, (size - no_size) / taps / 1024


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """The record of a tap alone, and its whole life until it is delivered."""
    taps = 20 if short else 200
    for name in ("alone", "whole", "tracker"):
        (folder / name).mkdir(parents=True)
    alone_syncs, alone_kib = per_tap(folder / "alone", taps, None)
    simulator = Simulator(folder / "tracker", _names())
    simulator.start()
    try:
        syncs, kib = per_tap(folder / "whole", taps, simulator.url)
    finally:
        simulator.stop()
    return [
        Figure("syncs for the record of a tap", "", alone_syncs, None, 1.05),
        Figure("written for the record of a tap", "KiB", alone_kib, 4.3, None),
        Figure("written for the record of a tap, at most", "KiB", alone_kib, None, 8.0),
        Figure("syncs in the whole life of a tap", "", syncs, None, 3.0),
        Figure("written in the whole life of a tap", "KiB", kib, None, 16.0),
        Figure("written in a day of 200 taps", "KiB", kib * 200, None),
    ]


def _names() -> Sequence[str]:
    return [f"user{n:03}" for n in range(PEOPLE)]


if __name__ == "__main__":
    _job = json.loads(sys.argv[1])
    asyncio.run(life(Path(_job["folder"]), _job["taps"], _job["tracker"]))
