"""A door reduced to its clocks, for the forged machine: `python -m tests.time.door BOOT_SEQ`.

A line on standard input is a tap; its reading is printed as JSON. Changes of the clock are printed as they happen.
"""

import asyncio
import json
import sys

from clockd.core.model import Reading
from clockd.core.timebase import Anchor
from clockd.host import Clocks, boot_id
from clockd.host.timesource import sources
from clockd.host.timewatch import Anchored, ClockChange, Stepped, TimeWatch


def say(what: str, **fields: object) -> None:
    print(json.dumps({"what": what, **fields}), flush=True)  # noqa: T201 - the test reads it


def reading_fields(reading: Reading) -> dict[str, object]:
    return {
        "wall_at": reading.wall_at.isoformat(),
        "boottime_s": reading.boottime_s,
        "boot_id": reading.boot_id,
        "boot_seq": reading.boot_seq,
        "trusted": reading.trusted,
    }


def anchor_fields(anchor: Anchor) -> dict[str, object]:
    return {
        "boot_id": anchor.boot_id,
        "boot_seq": anchor.boot_seq,
        "boottime_s": anchor.boottime_s,
        "wall_at": anchor.wall_at.isoformat(),
        "max_error_s": anchor.max_error_s,
    }


async def changed(change: ClockChange) -> None:
    match change:
        case Anchored(anchor, source):
            say("anchored", source=source, **anchor_fields(anchor))
        case Stepped(step):
            say("stepped", size_s=step.size_s)


async def main(boot_seq: int) -> None:
    watch = TimeWatch(sources("auto"), boot_id(), boot_seq, unknown_poll_s=0.2, known_poll_s=0.2)
    clocks = Clocks(boot_id(), boot_seq, watch.trusted)
    watching = asyncio.create_task(watch.run(changed))
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    say("ready")
    while await lines.readline():
        say("tap", **reading_fields(clocks.read()))
    watching.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
