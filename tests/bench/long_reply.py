"""How long a tap takes while a reply of thousands of rows is being read: `python -m tests.bench.long_reply [FOLDER]`.

Taps go through the real terminal and a real database in FOLDER (default: a temporary one); the replies come one after
the other, as from a tracker that answers every look so, and are noted, read, and put on the board. Wanted: the longest
tap at most three times the 99th percentile of those without.
"""

import asyncio
import json
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from clockd.config import Secrets
from clockd.core import wire
from clockd.core.planning.plan import Seen
from clockd.daemon.booking import Booking, open_booking
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, Named, TimeFormat
from clockd.trackers.timetrack import TimeTrackCodec
from tests.bench.beside import ROUNDS, TAPS, idle, run, show, taps_beside, terminal

VIENNA = ZoneInfo("Europe/Vienna")
BEGIN = datetime(2026, 11, 20)
FORM = TimeFormat.parse("%Y-%m-%dT%H:%M:%S")
TIMETRACK = TimeTrackCodec("/attendance_timer", "/timers/project_timer", VIENNA)
GOODTIME = GoodtimeCodec(Account(Named("T-1", "working hours"), FORM, FORM), VIENNA)
TRACKER = """
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


LOADS: dict[str, tuple[wire.Codec, wire.Reply]] = {
    "TimeTrack, 1,000 rows": (TIMETRACK, timetrack(1_000)),
    "TimeTrack, 4,000 rows": (TIMETRACK, timetrack(4_000)),
    "TimeTrack, 20,000 rows": (TIMETRACK, timetrack(20_000)),
    "TimeTrack, 90,000 rows": (TIMETRACK, timetrack(90_000)),
    "Goodtime, 5,000 rows": (GOODTIME, goodtime(5_000)),
    "Goodtime, 30,000 rows": (GOODTIME, goodtime(30_000)),
}
"""Those that are not taken have more than 5,000 rows, or more than 4 MiB."""


async def main(folder: Path) -> None:
    """Measure, and print a table."""
    secrets = Secrets(None, {"CLOCKD_TIMETRACK_API_KEY": "k", "CLOCKD_TIMETRACK_API_SECRET": "s"})
    async with terminal(folder, secrets, TRACKER) as core:
        booking = await open_booking(core, secrets)
        assert booking is not None
        show("nothing (control)", await taps_beside(core, idle))
        for name, (codec, reply) in LOADS.items():
            show(name, await taps_beside(core, partial(look, booking, codec, reply)))
    print(f"at {datetime.now():%Y-%m-%d %H:%M}, {ROUNDS * TAPS} taps each")  # noqa: DTZ005 - for people


async def look(booking: Booking, codec: wire.Codec, reply: wire.Reply) -> None:
    """Send a request that is answered so, read the answer as a look does, and rest a moment."""

    async def answer(request: wire.Request) -> wire.Exchange:
        return reply

    line, board = booking.line, booking.board
    line.transport = answer
    exchange = await line.exchange(wire.Request("GET", "/"))
    verdict, _ = await line.read_in_pieces(lambda: codec.rows(exchange, "ada"), exchange, wire.NotApplied)
    if isinstance(verdict, wire.Rows):
        board.saw_everybody(Seen(line.now_s(), BEGIN, BEGIN, BEGIN, verdict.entries))
    await asyncio.sleep(0.01)


if __name__ == "__main__":
    run(main)
