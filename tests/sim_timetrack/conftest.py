"""Simulators on real sockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from clockd.sim.shell import Served, SimClock, serving
from clockd.sim.timetrack.profile import STRICT, Profile
from tests.sim_timetrack.caller import MONDAY, caller


@dataclass(frozen=True, slots=True)
class Rig:
    """A simulator that listens, and a plain httpx client with the right keys."""

    served: Served
    client: httpx.AsyncClient

    @property
    def sim(self) -> Any:
        return self.served.simulator

    async def control(self, page: str, words: object = None) -> Any:
        """Ask or tell the simulator itself."""
        url = f"{self.served.control_url}/{page}".rstrip("/")
        # a connection of its own, so that the tracker's client alone decides about reuse
        async with httpx.AsyncClient() as other:
            reply = await (other.get(url) if words is None else other.post(url, json=words))
        assert reply.status_code == 200, reply.text
        return reply.json()


@pytest.fixture(scope="session", autouse=True)
def _no_stray_loop() -> None:
    """Up to Python 3.13 asking for "the" loop makes one; pytest-asyncio asks, and nobody would close it."""
    asyncio.set_event_loop(None)


@pytest.fixture
async def listening() -> AsyncIterator[Callable[..., Any]]:
    """Make rigs; all end with the test."""
    async with AsyncExitStack() as stack:

        async def make(profile: Profile = STRICT, *, timeout_s: float = 5.0, **options: Any) -> Rig:
            sim = caller(profile, **options).sim
            clock = SimClock(source=MONDAY.timestamp)
            served = await stack.enter_async_context(serving(sim, clock=clock, secrets=(sim.key, sim.secret)))
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=served.url, headers=sim.headers(), timeout=timeout_s)
            )
            return Rig(served, client)

        yield make
