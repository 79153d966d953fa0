"""Waiting until something is so, and looking at what came of it.

Nothing here waits for a fixed time: `until` looks again until something is so, and says what it saw when it never was.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

PATIENCE_S = 90.0
"""How long `until` looks. Generous: a busy machine is no failure."""
LOOK_EVERY_S = 0.03


async def until(look: Callable[[], Any], *, within_s: float = PATIENCE_S) -> Any:
    """Look until what is seen (or awaited) is true, and return it."""
    end_s = time.monotonic() + within_s
    while True:
        seen = look()
        found = await seen if isinstance(seen, Awaitable) else seen
        if found:
            return found
        if time.monotonic() > end_s:
            raise AssertionError(f"never so; last seen: {found!r}")
        await asyncio.sleep(LOOK_EVERY_S)


async def next_second() -> None:
    """Wait until the wall clock shows another second than now."""
    now = int(time.time())
    await until(lambda: int(time.time()) > now)


def wall_texts(punches: Sequence[Any]) -> list[tuple[str, str, str | None]]:
    """The rows that a tracker must hold for these punches (oldest first): each `in` with the `out` after it."""
    rows: list[tuple[str, str, str | None]] = []
    for punch in punches:
        second = punch["local"][:19]
        if punch["kind"] in ("in", "resume"):
            rows.append((punch["username"], second, None))
        else:
            last = max(n for n, row in enumerate(rows) if row[0] == punch["username"])
            rows[last] = (*rows[last][:2], second)
    return sorted(rows, key=lambda row: (row[1], row[0]))


def busiest_minute(requests: Sequence[Mapping[str, Any]]) -> int:
    """The most requests that arrived within any 60 s."""
    times = [request["at_s"] for request in requests]
    return max((sum(begin <= at < begin + 60 for at in times) for begin in times), default=0)


def local_now(zone: Any) -> datetime:
    """The wall clock of a zone, in whole seconds."""
    return datetime.now(zone).replace(tzinfo=None, microsecond=0)
