"""A long backlog costs what changes in it, not what it holds: a tap must not wait behind the planning of all of it."""

import asyncio
from pathlib import Path

import pytest

from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import House, in_virtual_time, simulator

EMPLOYEES = 60


@pytest.mark.parametrize("forgetful", [False, True], ids=["", "control"])
def test_each_request_reads_its_own_employee(tmp_path: Path, forgetful: bool) -> None:
    """The sabotage: nothing that was read is kept."""
    house = House(tmp_path, simulator(profile_named("strict"), employees=EMPLOYEES), employees=EMPLOYEES)
    read: list[int] = []

    async def day() -> None:
        await house.start()
        if forgetful:
            house.sync.lanes.believed = False
        house.link_down = True
        for _ in range(2):
            for n in range(EMPLOYEES):
                await house.tap(n)
                await asyncio.sleep(1.0)
            await asyncio.sleep(600.0)
        house.link_down = False
        await house.store.run(lambda db: db.conn.set_trace_callback(count))
        await house.until_settled()
        await house.store.run(lambda db: db.conn.set_trace_callback(None))
        await house.kill()

    def count(statement: str) -> None:
        if "JOIN ledger" in statement and "ORDER BY ord LIMIT" in statement:
            read.append(1)

    in_virtual_time(day)
    per_request = len(read) / len(house.requests)
    assert (per_request > 20) if forgetful else (per_request < 2), per_request
