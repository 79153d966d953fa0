"""Keeps a device open: runs it, and runs it again a little after it was lost, as long as the daemon lives."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

from clockd.errors import DeviceError

log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 5.0


@dataclass(slots=True)
class DeviceHealth:
    """How a device is, for the panel and `clockd status`."""

    kind: str
    name: str
    state: str = "starting"
    """One of starting, ok and lost."""
    detail: str | None = None


async def keep_open(
    health: DeviceHealth, run: Callable[[Callable[[], None]], Awaitable[None]], changed: Callable[[], None]
) -> NoReturn:
    """Run a device for ever.

    Args:
        health: what is told of the device; updated here.
        run: opens the device, calls its argument once it works, and raises DeviceError when it is lost.
        changed: called when `health` changed.
    """
    wait_s = FIRST_WAIT_S

    def ready() -> None:
        nonlocal wait_s
        wait_s = FIRST_WAIT_S
        if health.state == "lost":
            log.info("%s is back", health.name)
        health.state, health.detail = "ok", None
        changed()

    while True:
        try:
            await run(ready)
            raise DeviceError(f"{health.name} stopped without a reason")
        except DeviceError as error:
            if health.state != "lost":  # once when it goes, once when it is back
                log.warning("%s is lost: %s", health.name, error)
            health.state, health.detail = "lost", str(error)
            changed()
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)
