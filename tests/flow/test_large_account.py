"""An account whose rows of three days fill several pages: who waits alone is asked for alone."""

import asyncio
from pathlib import Path

import pytest

from clockd.sim.faults import parse_rules
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import House, in_virtual_time, simulator, username_of

PAGES = 5
ONE_PAGE = 1
IN_VAIN = {"username": 0, "user": 0, "none": PAGES, "nobody": 1 + PAGES}
"""Pages read beyond the one that is needed, for each filter that a tracker may have (trap T20)."""
LOST = "reply-lost@write*1"


def reads(door: House, since: int) -> int:
    return sum(not request.writes for _, request, _ in door.requests[since:])


@pytest.mark.parametrize("user_filter", IN_VAIN)
def test_doubt_about_one_costs_a_page_and_not_the_whole_account(tmp_path: Path, user_filter: str) -> None:
    doubt_about_one(tmp_path, user_filter, LOST, IN_VAIN[user_filter])


@pytest.mark.parametrize("fault", ["lost@read*1", "fail-before:503@read*1"])
def test_a_look_that_did_not_come_says_nothing_about_the_filter(tmp_path: Path, fault: str) -> None:
    doubt_about_one(tmp_path, "username", f"{LOST},{fault}", 1)


def doubt_about_one(folder: Path, user_filter: str, faults: str, in_vain: int) -> None:
    """One employee's interval is booked and the reply lost; so many pages may be read beyond the one that is needed."""
    sim = simulator(profile_named("strict", user_filter=user_filter), foreign_rows=(PAGES - 1) * 1000 + 500)
    door = House(folder, sim)

    async def day() -> None:
        await door.start()
        await asyncio.sleep(300)
        assert reads(door, 0) == PAGES
        for _ in ("earlier", "and now without the network"):
            await door.tap(0)
            await asyncio.sleep(600)
            await door.tap(0)
            await asyncio.sleep(600)
            door.link_down = True
        sim.front.faults.replace(parse_rules(faults))
        door.link_down = False
        while not (await door.states()).get("doubtful"):  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(1)
        before = len(door.requests)
        await door.until_settled()
        assert reads(door, before) <= ONE_PAGE + in_vain
        assert [delivery.state for _, delivery in await door.deliveries()] == ["delivered"] * 4
        assert len(door.booked(0)) == 2
        await door.kill()

    in_virtual_time(day)
    assert sim.violations() == []


def test_many_in_doubt_cost_little_more_than_a_page_each(tmp_path: Path) -> None:
    people = 4 * PAGES
    sim = simulator(profile_named("strict"), employees=people, foreign_rows=(PAGES - 1) * 1000 + 500)
    door = House(tmp_path, sim, employees=people)

    async def day() -> None:
        await door.start()
        await asyncio.sleep(300)
        door.link_down = True
        for n in (*range(people), *range(people)):
            await door.tap(n)
            await asyncio.sleep(15)
        sim.front.faults.replace(parse_rules("reply-lost@write"))
        door.link_down = False
        await asyncio.sleep(60)
        before = len(door.requests)
        await door.until_settled()
        assert reads(door, before) <= people + 2 * PAGES
        assert sorted(user for user, _, _ in door.booked() if user != "somebody") == [
            username_of(n) for n in range(people)
        ]
        await door.kill()

    in_virtual_time(day)
    assert sim.violations() == []
