"""An account whose rows of three days fill several pages: who waits alone is asked for alone, all others come whole."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clockd.core.delivery import State, Via
from clockd.core.model import Kind
from clockd.core.planning.attendance import plan_attendance
from clockd.core.planning.item import Item
from clockd.core.planning.plan import Look, Policy, Seen, Send
from clockd.core.wire import Entry, Exchange, Reply, Request
from clockd.sim.faults import parse_rules
from clockd.sim.timetrack.profile import profile_named
from tests.flow.house import House, in_virtual_time, simulator, username_of

PAGES = 5
ONE_PAGE = 1
IN_VAIN = {"username": 0, "user": 0, "none": PAGES, "nobody": 1 + PAGES}
"""Pages read beyond the one that is needed, for each filter that a tracker may have."""
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


@pytest.mark.parametrize("page_tries", [3, 1], ids=["", "control"])
def test_a_page_that_did_not_come_is_asked_for_again_and_not_all_of_them(tmp_path: Path, page_tries: int) -> None:
    sim = simulator(profile_named("strict"), foreign_rows=(PAGES - 1) * 1000 + 500)
    door = House(tmp_path, sim)

    async def day() -> None:
        await door.start()
        door.reconcile.page_tries = page_tries
        while len(door.requests) < 2:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.01)
        sim.front.faults.replace(parse_rules("lost@read*1"))
        await asyncio.sleep(300)
        assert (reads(door, 0) == PAGES + 2) is (page_tries > 1)  # it, and the one before it once more
        await door.kill()

    in_virtual_time(day)


@pytest.mark.parametrize("live_waits_s", [20.0, 0.0], ids=["", "control"])
@pytest.mark.parametrize("page_s", [1.0, 8.0])
def test_nothing_of_ours_moves_rows_between_the_pages_and_nobody_waits_long_for_that(
    tmp_path: Path, page_s: float, live_waits_s: float
) -> None:
    """A row that moves to a later page makes all that were read worthless."""
    sim = simulator(profile_named("strict"), foreign_rows=(PAGES - 1) * 1000 + 500)
    door = House(tmp_path, sim)

    async def day() -> None:
        await door.start()
        door.sync.live_waits_s = live_waits_s
        await asyncio.sleep(1100)
        await door.tap(0)
        await asyncio.sleep(500)
        sim.front.latency_s = (page_s, page_s)
        before = len(door.requests) + 1  # asked for alone nothing is found of the second employee
        await door.tap(1)
        while len(door.requests) <= before:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(0.1)
        at_s = door.now_s()
        await door.tap(0)  # its own start is known, so no look is needed
        await asyncio.sleep(100)
        writes = [n for n, (_, request, _) in enumerate(door.requests[before:]) if request.writes]
        assert len(writes) == 2
        waited_s = door.requests[before + writes[0]][0] - page_s - at_s
        assert (waited_s > 2) is (live_waits_s > 0)
        assert waited_s < 21
        assert (writes[0] >= PAGES) is (live_waits_s > 0 and page_s < 4)
        await door.kill()

    in_virtual_time(day)


def test_a_page_that_never_comes_stops_nobody(tmp_path: Path) -> None:
    """A tracker that gives up on high pages: what needs no look goes on, and people are asked for one by one."""
    sim = simulator(profile_named("strict"), employees=14, foreign_rows=(PAGES - 1) * 1000 + 500)
    door = Bottomless(tmp_path, sim, employees=14)

    async def day() -> None:
        await door.start()
        for n in (*range(12), *range(12)):
            await door.tap(n)
            await asyncio.sleep(60)
        await door.until_settled()
        found = await door.documents.punches(limit=None, state=None, username=username_of(0))
        await door.kill()
        door.bottomless = True
        await door.start()
        await door.repairs.void([str(p["id"]) for p in found if isinstance(p, dict)], "a mistake", "admin")
        for n in range(1, 12):
            await door.tap(n)
            await asyncio.sleep(240)
        assert door.booked(0) == []
        running = sum(until == "" for _, _, until in door.booked())
        assert running > 5
        await door.kill()

    in_virtual_time(day)


class Bottomless(House):
    """Behind a proxy that fails at pages after the second."""

    bottomless = False

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        if self.bottomless and int(dict(request.query).get("page_number", "0")) >= 2:
            await asyncio.sleep(1.0)
            reply = Reply(503, {}, b"<html>gateway timeout</html>")
            self.requests.append((self.now_s(), request, reply))
            return reply
        return await super().send(request, headers)


FRESH = {"a tap of this minute": (0, 300), "one that waited": (600, 30), "a whole interval": (600, 120)}


@pytest.mark.parametrize(("pages", "times"), [(1, 1), (3, 3), (5, 5), (10, 5)])
@pytest.mark.parametrize("name", FRESH)
def test_a_look_of_many_pages_serves_longer(name: str, pages: int, times: int) -> None:
    tapped_ago_s, lasts_s = FRESH[name]
    now_s = 100_000.0
    at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    whole = name == "a whole interval"
    state = State.WAITING if whole else State.DELIVERED
    comes = Item(1, "ada", Kind.IN, at, 0, state, entry_ids=() if whole else ("7",), via=None if whole else Via.TIMER)
    goes = Item(2, "ada", Kind.OUT, at.replace(hour=9), 0, State.WAITING, tapped_s=now_s - tapped_ago_s)
    day = datetime(2026, 11, 20), datetime(2026, 11, 21)
    rows = () if whole else (Entry("7", "ada", at.replace(tzinfo=None), None),)
    for older_s, kind in ((-1, Send), (1, Look)):
        seen = Seen(now_s - lasts_s * times - older_s, day[0], *day, rows, pages)
        assert type(plan_attendance((comes, goes), seen, Policy(timer=True), now_s)) is kind
