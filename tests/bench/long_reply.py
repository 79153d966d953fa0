"""How long a tap takes while a reply of thousands of rows is being read: `python -m tests.bench.long_reply [FOLDER]`.

Taps go through the real terminal and a real database in FOLDER (default: a temporary one); the replies come one after
the other, as from a tracker that answers every look so. Wanted: the longest tap at most three times the 99th percentile
of those without.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from clockd import config
from clockd.config import Secrets
from clockd.core import wire
from clockd.core.model import Employee, Tap, Uid
from clockd.daemon.booking import open_booking
from clockd.daemon.opening import Core, open_core
from clockd.daemon.running import SWITCH_S
from clockd.flow.terminal import Terminal
from clockd.store import badges
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, Named, TimeFormat
from clockd.trackers.timetrack import TimeTrackCodec

VIENNA = ZoneInfo("Europe/Vienna")
TAPS = 400
ADA = Uid.of(bytes([4, 0xA2, 0, 0, 0, 0, 1]))
FORM = TimeFormat.parse("%Y-%m-%dT%H:%M:%S")
TIMETRACK = TimeTrackCodec("/attendance_timer", "/timers/project_timer", VIENNA)
GOODTIME = GoodtimeCodec(Account(Named("T-1", "working hours"), FORM, FORM), VIENNA)
TOML = """
[terminal]
name = "door"
time_zone = "Europe/Vienna"
state_dir = "{0}"
control_socket = "{0}/control.sock"
[clock]
trust = "always"
[rules]
repeat_s = 0
[tracker]
kind = "timetrack"
url = "http://127.0.0.1:9/api/v2/ext"
"""


def timetrack(rows: int) -> wire.Reply:
    """A page of attendances."""
    times = {"from": "2026-11-20T08:00:00.000Z", "to": "2026-11-20T16:00:00.000Z"}
    row = {"user": "ada", "notes": "", "manual": False, "workedMinutes": 480, "breakMinutes": 0} | times
    return wire.Reply(200, {}, json.dumps([{"id": n + 1, **row} for n in range(rows)]).encode())


def goodtime(rows: int) -> wire.Reply:
    """A list of time entries."""
    row = {"starttime": "2026-11-20T08:00:00", "endtime": "2026-11-20T16:00:00", "useremail": "ada@example.com"}
    return wire.Reply(200, {}, json.dumps([{"id": f"E-{n + 1}", **row} for n in range(rows)]).encode())


LOADS: dict[str, tuple[Callable[[wire.Exchange], object], wire.Reply]] = {
    "TimeTrack, 1,000 rows": (TIMETRACK.rows, timetrack(1_000)),
    "TimeTrack, 4,000 rows": (TIMETRACK.rows, timetrack(4_000)),
    "TimeTrack, 20,000 rows": (TIMETRACK.rows, timetrack(20_000)),
    "TimeTrack, 90,000 rows": (TIMETRACK.rows, timetrack(90_000)),
    "Goodtime, 5,000 rows": (GOODTIME.rows, goodtime(5_000)),
    "Goodtime, 30,000 rows": (GOODTIME.rows, goodtime(30_000)),
}


async def taps(core: Core) -> list[float]:
    """Tap again and again; return how long each took, in ms, shortest first."""
    terminal = Terminal(
        core.store, core.fingerprints, core.door, lambda name, item, ours: None, lambda screen, seq: None, _nothing
    )
    took = []
    for _ in range(TAPS):
        await asyncio.sleep(0.002)
        begun_s = time.perf_counter()
        await terminal.tapped(Tap(ADA, "pcsc", core.read_clock()))
        took.append((time.perf_counter() - begun_s) * 1e3)
    return sorted(took)


def _nothing() -> None:
    """Nobody waits for news."""


async def main(folder: Path) -> None:
    """Measure, and print a table."""
    sys.setswitchinterval(SWITCH_S)
    secrets = Secrets(None, {"CLOCKD_TIMETRACK_API_KEY": "k", "CLOCKD_TIMETRACK_API_SECRET": "s"})
    async with open_core(config.parse(TOML.format(folder)), secrets) as core:
        employee, fingerprint = Employee("ada", "Ada"), core.fingerprints.of(ADA)
        add = lambda db: badges.add(db, fingerprint=fingerprint, tail=ADA.tail, employee=employee, now_us=0)  # noqa: E731
        await core.store.run(add)
        booking = await open_booking(core, secrets)
        assert booking is not None
        line = booking.line
        alone = await taps(core)
        p99 = alone[len(alone) * 99 // 100]
        print(
            f"{'without':28} median {alone[len(alone) // 2]:6.1f} ms   p99 {p99:6.1f} ms   longest {alone[-1]:6.1f} ms"
        )
        for name, (read, reply) in LOADS.items():

            async def look(read: Callable[[wire.Exchange], object] = read, reply: wire.Reply = reply) -> None:
                while True:
                    await line.read(lambda: read(reply), reply, lambda why: None)
                    await asyncio.sleep(0.01)

            looking = asyncio.create_task(look())
            found = await taps(core)
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking
            median, longest = found[len(found) // 2], found[-1]
            verdict = f"{longest / p99:4.1f} times the p99 without"
            print(f"{name:28} median {median:6.1f} ms   {'':14}   longest {longest:6.1f} ms   {verdict}")
    print(f"at {datetime.now():%Y-%m-%d %H:%M}, {TAPS} taps each")  # noqa: DTZ005 - for people


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory() as made:
            asyncio.run(main(Path(made)))
