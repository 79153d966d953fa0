"""How long a tap takes while hours are reckoned, and a backup is made, of 100,000 punches.

`python -m tests.bench.hours [FOLDER]`. Days of 48 people are written into a real database in FOLDER (default: a
temporary one); taps go through the real terminal. Wanted: the longest tap at most three times the 99th percentile of
those without, and the hours of everybody within seconds.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clockd import config
from clockd.config import Secrets
from clockd.core.model import Employee, Kind
from clockd.daemon.opening import Core, open_core, open_office
from clockd.daemon.running import SWITCH_S
from clockd.flow import counter
from clockd.flow.counter import Office
from clockd.store import badges
from tests.bench.long_reply import ADA, taps
from tests.filled import Made, fill

VIENNA = ZoneInfo("Europe/Vienna")
PUNCHES = 100_000
PEOPLE = 48
FIRST = datetime(2024, 1, 1, tzinfo=VIENNA)
DAY_OF = ((7.5, Kind.IN), (12.0, Kind.BREAK), (12.5, Kind.RESUME), (16.25, Kind.OUT))
DAYS = PUNCHES // (PEOPLE * len(DAY_OF))
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
"""


def history() -> Iterator[Made]:
    """Everybody, every day: in, a break, out."""
    for day in range(DAYS):
        for hour, kind in DAY_OF:
            for n in range(PEOPLE):
                at = FIRST + timedelta(days=day, hours=hour, seconds=7 * n)
                yield Made(f"user{n:03d}", kind, at.astimezone(VIENNA))


async def ask(office: Office, cmd: str, **words: Any) -> Any:
    """As through the socket: an answer is written as JSON."""
    answer = await counter.answer(office, {"cmd": cmd, **words})
    json.dumps(answer)
    return answer


async def week(office: Office) -> None:
    """A week of everybody, a year back."""
    first = (FIRST + timedelta(days=100)).date()
    for name in (await ask(office, "hours.people"))["people"]:
        last = first + timedelta(days=6)
        sheet = await ask(office, "hours", username=name, first=first.isoformat(), last=last.isoformat())
        assert name == "ada" or sheet["worked_s"] == 7 * 8.25 * 3600, (name, sheet["worked_s"])


async def all_of_it(office: Office) -> None:
    """All hours of everybody, in parts of a month."""
    total = 0
    for name in (await ask(office, "hours.people"))["people"]:
        for part in range(0, DAYS, 31):
            first = (FIRST + timedelta(days=part)).date()
            last = min(first + timedelta(days=30), (FIRST + timedelta(days=DAYS - 1)).date())
            sheet = await ask(office, "hours", username=name, first=first.isoformat(), last=last.isoformat())
            total += sheet["worked_s"]
    assert total >= DAYS * PEOPLE * 8.25 * 3600, total


async def export(office: Office) -> None:
    """An export of a month, with names and pairs."""
    cursor = None
    first, last = (FIRST + timedelta(days=100)).date(), (FIRST + timedelta(days=130)).date()
    while True:
        page = await ask(office, "punches.export", cursor=cursor, first=first.isoformat(), last=last.isoformat())
        if (cursor := page["next"]) is None:
            return


async def backup(office: Office) -> None:
    """A backup, piece by piece."""
    begun = await ask(office, "backup.begin")
    for offset in range(0, begun["bytes"], begun["piece_bytes"]):
        await ask(office, "backup.piece", edition=begun["edition"], offset=offset)


LOADS: Mapping[str, Callable[[Office], Awaitable[None]]] = {
    "hours of a week": week,
    "hours of everything": all_of_it,
    "export of a month": export,
    "backup": backup,
}


async def main(folder: Path) -> None:
    """Measure, and print a table."""
    sys.setswitchinterval(SWITCH_S)
    async with open_core(config.parse(TOML.format(folder)), Secrets(None, {})) as core:
        await fill(core, history())
        employee, fingerprint = Employee("ada", "Ada"), core.fingerprints.of(ADA)
        add = lambda db: badges.add(db, fingerprint=fingerprint, tail=ADA.tail, employee=employee, now_us=0)  # noqa: E731
        await core.store.run(add)
        office = open_office(core)
        alone = await taps(core)
        p99 = alone[len(alone) * 99 // 100]
        print(f"{'without':22} median {alone[len(alone) // 2]:6.1f} ms  p99 {p99:6.1f} ms  longest {alone[-1]:6.1f} ms")
        for name, load in LOADS.items():
            await _measure(core, office, name, load, p99)
    print(f"at {datetime.now():%Y-%m-%d %H:%M}, {DAYS * PEOPLE * len(DAY_OF):,} punches")  # noqa: DTZ005 - for people


async def _measure(
    core: Core, office: Office, name: str, load: Callable[[Office], Awaitable[None]], p99: float
) -> None:
    begun_s = time.perf_counter()
    await load(office)
    took_s = time.perf_counter() - begun_s

    async def again() -> None:
        while True:
            await load(office)

    working = asyncio.create_task(again())
    found = await taps(core)
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    ninety, longest = found[len(found) * 99 // 100], found[-1]
    verdict = f"{longest / p99:4.1f} times the p99 without"
    median = found[len(found) // 2]
    print(
        f"{name:22} median {median:6.1f} ms  p99 {ninety:6.1f} ms  longest {longest:6.1f} ms  {verdict}; "
        f"alone {took_s:.1f} s"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(main(Path(sys.argv[1])))
    else:
        with tempfile.TemporaryDirectory() as made:
            asyncio.run(main(Path(made)))
