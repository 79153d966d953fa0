"""Somebody else uses the same key and takes half of the requests: we give way, and go on without guessing."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from clockd.core.budget import Pace
from clockd.core.wire import Reply, Request
from clockd.sim.direct import exchange
from clockd.sim.timetrack.profile import profile_named
from clockd.trackers.timetrack import credentials
from tests.flow.house import House, in_virtual_time, simulator

EMPLOYEES, SHIFTS = 60, 10
EVERY_S = 4.0
SETTLED_S = 900.0

NEIGHBOUR = Request("GET", "/attendances", (("page_number", "0"), ("page_limit", "1")))


def play(folder: Path, learn: Callable[[Pace], Pace]) -> list[int]:
    """Deliver a backlog beside a neighbour; return the statuses we got once settled."""
    house = House(folder, simulator(profile_named("strict"), employees=EMPLOYEES), employees=EMPLOYEES)
    back_s: list[float] = []

    async def neighbour() -> None:
        while True:
            exchange(house.sim.front, NEIGHBOUR, credentials("sim-key", house.secret), house.now_at().timestamp())
            house.line._pace = learn(house.line._pace)
            await asyncio.sleep(EVERY_S)

    async def day() -> None:
        await house.start()
        house.link_down = True
        for _ in range(2 * SHIFTS):
            for n in range(EMPLOYEES):
                await house.tap(n)
                await asyncio.sleep(1.0)
            await asyncio.sleep(600.0)
        house.link_down = False
        back_s.append(house.now_s())
        beside = asyncio.create_task(neighbour())
        await house.until_settled(6 * 3600.0)
        beside.cancel()
        assert len(house.booked()) == EMPLOYEES * SHIFTS
        await house.kill()

    in_virtual_time(day)
    return [came.status for at_s, _, came in house.requests if isinstance(came, Reply) and at_s > back_s[0] + SETTLED_S]


def test_at_most_one_in_two_hundred_is_refused(tmp_path: Path) -> None:
    statuses = play(tmp_path, lambda pace: pace)
    assert len(statuses) > 300
    assert statuses.count(429) <= len(statuses) / 200


def test_control_who_learns_nothing_is_refused_again_and_again(tmp_path: Path) -> None:
    statuses = play(tmp_path, lambda pace: replace(pace, allowed=pace.limit, ceiling=pace.limit))
    assert statuses.count(429) > len(statuses) / 200
