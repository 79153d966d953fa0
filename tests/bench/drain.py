"""How fast a backlog leaves: a whole terminal in virtual time, within thirty requests a minute."""

import asyncio
from pathlib import Path

from clockd.sim.timetrack.profile import profile_named
from tests.bench.figures import Figure
from tests.flow.house import House, in_virtual_time, simulator

PEOPLE = 40


def figures(folder: Path, *, short: bool) -> list[Figure]:
    """Tap in and out while the tracker is away, and count what is sent when it is back."""
    folder.mkdir(parents=True)
    days = 2 if short else 10
    house = House(folder, simulator(profile_named("strict"), employees=PEOPLE), employees=PEOPLE)
    sent: dict[str, float] = {}

    async def outage() -> None:
        await house.start()
        house.link_down = True
        for _ in range(days):
            for _ in ("in", "out"):
                for n in range(PEOPLE):
                    await house.tap(n)
                    await asyncio.sleep(5.0)
                await asyncio.sleep(3600.0)
        before = len(house.requests)
        house.link_down = False
        await house.until_settled()
        drained = house.requests[before:]
        minutes = (drained[-1][0] - drained[0][0]) / 60
        sent["per_minute"] = (len(drained) - 1) / minutes
        sent["count"] = len(drained)
        sent["refused"] = sum(1 for _, _, answer in drained if getattr(answer, "status", 0) == 429)
        await house.kill()

    in_virtual_time(outage)
    punches = PEOPLE * days * 2
    return [
        Figure("backlog: requests a minute, of 30", "", sent["per_minute"], 30.0, 0.95, at_least=True),
        Figure("backlog: answered with 429", "", sent["refused"], None, 0.0),
        Figure("backlog: requests for each punch", "", sent["count"] / punches, None, 0.55),
    ]
