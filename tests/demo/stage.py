"""A whole demo in the test's own loop, and a visitor without a browser: the page's WebSocket, spoken by hand."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from clockd.sim.desk.demo import DemoOptions, perform_demo
from tests.demo.fakes import FakeTracker, enrol_into_file

FAKE_DAEMON = Path(__file__).with_name("fake_daemon.py")
WAIT_S = 60.0

News = dict[str, dict[str, Any]]


def fake_command(*more: str) -> Callable[[Path], tuple[str, ...]]:
    return lambda config: (sys.executable, str(FAKE_DAEMON), str(config), *more)


def fake_options(*, sabotage: str = "", state_dir: Path | None = None, port: int | None = 0) -> DemoOptions:
    more = ("--sabotage", sabotage) if sabotage else ()
    return DemoOptions(
        tracker=FakeTracker,
        port=port,
        state_dir=state_dir,
        command=fake_command(*more),
        enrol=enrol_into_file,
        web=None,
        latency_s=0.0,
    )


@asynccontextmanager
async def playing(options: DemoOptions) -> AsyncIterator[str]:
    """Run a demo until it is ready; gives its URL, and ends it as Ctrl-C does."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(perform_demo(replace(options, announce=lambda url, _: ready.set_result(url))))
    try:
        await asyncio.wait((task, ready), timeout=WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        yield await asyncio.wait_for(ready, 1)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Visitor:
    """Knows the newest message of each topic, and everything a topic ever said."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.news: News = {}
        self.heard: list[dict[str, Any]] = []

    async def do(self, what: str, **more: Any) -> None:
        await self._socket.send(json.dumps({"do": what, **more}))

    async def say(self, text: str) -> None:
        await self._socket.send(text)

    async def until(self, seen: Callable[[News], object]) -> None:
        """Listen until something is seen."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not self._seen(seen):
                    message = json.loads(await self._socket.recv())
                    self.heard.append(message)
                    self.news[message["topic"]] = message
        except TimeoutError:
            raise AssertionError(f"never seen; the last news: {self.news}") from None

    async def hears(self, topic: str, said: Callable[[dict[str, Any]], object]) -> None:
        """Listen until a topic says something, or go on at once when it has said so before: lights go out again."""
        await self.until(lambda _: any(said(message) for message in self.heard if message["topic"] == topic))

    def _seen(self, seen: Callable[[News], object]) -> bool:
        try:
            return bool(seen(self.news))
        except (KeyError, IndexError, TypeError):
            return False


@asynccontextmanager
async def visitor(url: str) -> AsyncIterator[Visitor]:
    async with connect(url.replace("http", "ws") + "live", compression=None) as socket:
        yield Visitor(socket)


def states(news: News) -> list[str]:
    """The delivery states of all punches, newest first."""
    return [punch["delivery"]["state"] for punch in news["outbox"]["punches"]]


def booked(news: News) -> list[tuple[str, bool]]:
    """Who has which entries, newest first: (username, still running)."""
    return [(entry["username"], entry["to"] is None) for entry in news["books"]["books"]["entries"]]
