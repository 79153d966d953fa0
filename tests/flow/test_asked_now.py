"""What a tracker or a network makes us wait for has an end, and a person who says "now" ends it. In virtual time."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from clockd.core.budget import LONGEST_FREEZE_S
from clockd.core.model import Action, Project
from clockd.core.wire import Reply, Request, Throttled
from clockd.flow.line import Line, LineState
from tests.flow.house import House
from tests.flow.test_one_stops_no_other import faults
from tests.flow.test_scenes import play

JOB = Project("Client 001", "Test")


def sent(door: House, since: int) -> list[Request]:
    return [request for _, request, _ in door.requests[since:]]


@pytest.mark.parametrize("header", ["99999999999", "901", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_no_tracker_silences_us_for_longer_than_a_quarter_of_an_hour(tmp_path: Path, header: str) -> None:
    async def scene(door: House) -> None:
        door.line.judge(Throttled(header), Reply(429, {}, b""))
        assert door.line._pace.frozen_until_s == pytest.approx(door.now_s() + LONGEST_FREEZE_S, abs=1.0)
        await door.tap(0, Action.IN)
        await asyncio.sleep(LONGEST_FREEZE_S - 10.0)
        assert door.booked() == []
        await asyncio.sleep(60.0)
        assert len(door.booked()) == 1

    play(tmp_path, scene)


def test_sync_sends_one_request_although_we_are_throttled_and_its_success_ends_the_silence(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        door.line.judge(Throttled("800"), Reply(429, {}, b""))
        for n in range(3):
            await door.tap(n, Action.IN)
        before = len(door.requests)
        await asyncio.sleep(60.0)
        assert len(door.requests) == before
        door.line.try_now()
        await asyncio.sleep(60.0)
        assert len(door.booked()) == 3
        assert door.line.state is LineState.OK

    play(tmp_path, scene)


def test_sync_sends_no_more_than_one_request_for_each_time_somebody_asks(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        async def refused(request: Request) -> Reply:
            asked.append(request)
            return Reply(429, {"retry-after": "800"}, b"")

        asked: list[Request] = []
        door.line.transport = refused
        door.line.judge(Throttled("800"), Reply(429, {}, b""))
        for n in range(3):
            await door.tap(n, Action.IN)
        for times in (1, 2, 3):
            door.line.try_now()
            await asyncio.sleep(30.0)
            assert len(asked) == times
        door.line.resume()  # a new key does not count as somebody who asks
        await asyncio.sleep(30.0)
        assert len(asked) == 3

    play(tmp_path, scene)


def test_what_is_asked_for_stays_within_our_own_budget(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        full = [door.now_s()] * door.line.limit
        door.line._ends_s = list(full)
        door.line.judge(Throttled("800"), Reply(429, {}, b""))
        door.line.try_now()
        free_s = door.line.free_at_s(urgent=True, asked=True)
        assert free_s is not None
        assert free_s > door.now_s() + 59.0

    play(tmp_path, scene)


async def outage(door: House) -> None:
    door.link_down = True


async def over(door: House) -> None:
    door.link_down = False


async def down(door: House) -> None:
    faults(door, "fail-before:503")


async def up(door: House) -> None:
    faults(door)


@pytest.mark.parametrize(("begin", "end"), [(outage, over), (down, up)], ids=["link down", "every request 503"])
def test_project_timers_leave_an_outage_with_attendance(
    tmp_path: Path, begin: Callable[[House], Awaitable[None]], end: Callable[[House], Awaitable[None]]
) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await door.tap(1, Action.IN)
        await door.until_settled()
        await begin(door)
        await door.tap(0, Action.PROJECT, JOB)
        await asyncio.sleep(20.0)
        await door.tap(1, Action.OUT)
        await asyncio.sleep(255.0)
        await end(door)
        door.line.well()  # as after anybody's success
        assert door.reconcile.projects is not None
        assert door.reconcile.projects.due_s(door.now_s()) <= door.now_s() + 0.01
        door.line.resume()
        await asyncio.sleep(240.0)
        states = [delivery.state for _, delivery in await door.deliveries()]
        assert states == ["delivered"] * len(states)

    play(tmp_path, scene)


def test_a_person_hurries_a_project_timer_that_could_not_be_read(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0, Action.IN)
        await door.until_settled()
        faults(door, {"rule": "fail-before:503", "path": "project_timer"})
        await door.tap(0, Action.PROJECT, JOB)
        await asyncio.sleep(20.0)
        faults(door)
        before = len(door.requests)
        await asyncio.sleep(20.0)
        assert not any("project_timer" in request.path for request in sent(door, before))
        door.line.try_now()
        await asyncio.sleep(20.0)
        assert any("project_timer" in request.path for request in sent(door, before))

    play(tmp_path, scene)


def test_a_codec_that_stumbles_gives_a_verdict(caplog: pytest.LogCaptureFixture) -> None:
    def stumbles() -> Throttled:
        raise KeyError("the whole reply of the tracker")

    line: Line = object.__new__(Line)
    verdict, answered = line.read(stumbles, Reply(418, {}, b"<html>"), Throttled)
    assert isinstance(verdict, Throttled)
    assert answered
    assert "stumbles" in caplog.text
    assert "the whole reply" not in caplog.text
