"""Keeps a device open: runs it, and runs it again a little after it was lost, as long as the daemon lives."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import NoReturn

from clockd.core.model import Kind, Reading, Unread
from clockd.core.sentence import phrase, sentence
from clockd.errors import DeviceError, PackageMissing

log = logging.getLogger(__name__)

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 1.5
"""A reader that is plugged in again works within two seconds."""


@dataclass(frozen=True, slots=True)
class Misread:
    """How often a reader could not read something for one reason, and when last."""

    count: int
    last: Reading


@dataclass(slots=True)
class DeviceHealth:
    """How a device is, for the panel and `clockd status`."""

    kind: str
    name: str
    state: str = "starting"
    """One of starting, ok and lost."""
    detail: str | None = None
    direction: Kind | None = None
    """What a badge at a reader means, where it stands for the way in or the way out."""
    read: Reading | None = None
    """When a reader has read a badge last; None when it never did since the start."""
    unread: dict[Unread, Misread] = field(default_factory=dict)
    """What a reader could not read since the start."""


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
            raise DeviceError(sentence("{device} stopped without a reason", device=health.name))
        except DeviceError as error:
            if health.state != "lost":  # once when it goes, once when it is back
                log.warning("%s is lost: %s", health.name, error)
            health.state, health.detail = "lost", loss_told(error)
            changed()
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def loss_told(error: DeviceError) -> str:
    """Say why a device is lost and what can be done about it, in the same words as the error itself."""
    message, hint = error.message, error.hint
    if isinstance(error, PackageMissing):
        message = sentence("{device} needs a package that is not installed", device=error.device)
        hint = sentence("pip install 'clockd[{extra}]'", extra=error.extra)
    if not hint:
        return phrase(message)
    return sentence("{message} ({hint})", message=phrase(message), hint=phrase(hint))
