"""How long a tap takes while hours are reckoned or a backup is made, of 100,000 punches, or badges are imported.

`python -m tests.bench.hours [FOLDER]`. Days of 48 people are written into a real database in FOLDER (default: a
temporary one); taps go through the real terminal. Wanted: the longest tap at most three times the 99th percentile of
those without, and the hours of everybody within seconds.
"""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clockd.config import Secrets
from clockd.control import lines
from clockd.core.model import Kind
from clockd.daemon.opening import open_office
from clockd.flow import counter
from clockd.flow.counter import Office
from tests.bench.beside import idle, run, show, taps_beside, terminal
from tests.filled import Made, fill

VIENNA = ZoneInfo("Europe/Vienna")
PUNCHES = 100_000
PEOPLE = 48
LIST_BADGES = 5_000
FIRST = datetime(2024, 1, 1, tzinfo=VIENNA)
DAY_OF = ((7.5, Kind.IN), (12.0, Kind.BREAK), (12.5, Kind.RESUME), (16.25, Kind.OUT))
DAYS = PUNCHES // (PEOPLE * len(DAY_OF))


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
    for _ in lines.answer_batches(answer):
        await office.timesheets.store.give_way()
    return answer


async def week(office: Office) -> None:
    """A week of everybody, a year back."""
    first = (FIRST + timedelta(days=100)).date()
    for name in (await ask(office, "hours.people"))["people"]:
        last = first + timedelta(days=6)
        sheet = await ask(office, "hours", username=name, first=first.isoformat(), last=last.isoformat())
        assert name.startswith("ada") or sheet["worked_s"] == 7 * 8.25 * 3600, (name, sheet["worked_s"])


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


async def import_list(office: Office) -> None:
    """Import a list of badges; every one of them once more after the first time."""
    rows = [{"uid": f"04B2{n:010X}", "username": f"new{n:04}", "name": "Somebody"} for n in range(LIST_BADGES)]
    await ask(office, "badges.import", badges=rows, by="bench")


LOADS: Mapping[str, Callable[[Office], Awaitable[None]]] = {
    "hours of a week": week,
    "hours of everything": all_of_it,
    "export of a month": export,
    "backup": backup,
    "list of badges": import_list,
}


async def main(folder: Path) -> None:
    """Measure, and print a table."""
    async with terminal(folder, Secrets(None, {})) as core:
        await fill(core, history())
        office = open_office(core)
        show("nothing (control)", await taps_beside(core, idle))
        for name, load in LOADS.items():
            begun_s = time.perf_counter()
            await load(office)
            took_s = time.perf_counter() - begun_s
            show(name, await taps_beside(core, partial(load, office)), f"; by itself {took_s:.1f} s")
    print(f"at {datetime.now():%Y-%m-%d %H:%M}, {DAYS * PEOPLE * len(DAY_OF):,} punches")  # noqa: DTZ005 - for people


if __name__ == "__main__":
    run(main)
