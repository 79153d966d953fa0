"""A part of the daemon that ends takes the daemon with it: half a terminal is worse than one that starts anew."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from clockd.daemon.running import start_task
from clockd.errors import ClockdError

Start = Callable[[asyncio.TaskGroup, str, Awaitable[None]], asyncio.Task[None]]


async def ends() -> None:
    """A loop that left itself by mistake."""


async def dies() -> None:
    raise ValueError("a mistake")


async def daemon(start: Start, part: Callable[[], Awaitable[None]]) -> None:
    """A whole of two parts, the other of which would go on for ever."""
    async with asyncio.timeout(0.5), asyncio.TaskGroup() as group:
        start(group, "taps", asyncio.Event().wait())  # type: ignore[arg-type]
        start(group, "sync", part())


@pytest.mark.parametrize("part", [ends, dies])
async def test_a_part_that_ends_ends_the_whole(part: Callable[[], Awaitable[None]]) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await daemon(start_task, part)
    (error,) = caught.value.exceptions
    assert isinstance(error, ValueError) or (isinstance(error, ClockdError) and "'sync'" in error.message)


async def test_control_a_plain_task_that_ends_is_not_missed() -> None:
    def plain(group: asyncio.TaskGroup, name: str, work: Awaitable[None]) -> asyncio.Task[None]:
        return group.create_task(work, name=name)  # type: ignore[arg-type]

    with pytest.raises(TimeoutError):
        await daemon(plain, ends)
