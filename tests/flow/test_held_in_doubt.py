"""What was in doubt when it was held is in doubt when it is let go: a look comes before anything is sent again."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from clockd.core.model import Action, Kind, Project
from clockd.errors import Refused
from clockd.flow.punch_repairs import Amendment
from clockd.sim.faults import FalseForbidden, FaultRule, parse_rules
from tests.flow.house import House, username_of
from tests.flow.test_taken_back import ids, play, reasons

HOUR = 3600.0
PROJECT = Project("Client 001", "Test")


async def hold_in_doubt(door: House) -> None:
    """Lose the reply to what was applied, and let the tracker not show this employee to any look after it."""
    await door.tap(0)
    await asyncio.sleep(HOUR - 120)  # the token lives an hour
    hidden = FaultRule(FalseForbidden(), on="read", username=username_of(0))
    lost = tuple(replace(rule, username=username_of(0)) for rule in parse_rules("reply-lost@write*1"))
    door.sim.front.faults.replace((*lost, hidden))
    await door.tap(0)
    await asyncio.sleep(HOUR)
    assert any("does not show this employee" in why for why in await reasons(door))


def test_tried_again_it_is_booked_once(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await hold_in_doubt(door)
        door.sim.front.faults.replace(())
        await door.repairs.retry(await ids(door, "in", "out"), "it shows them again", "admin")
        await door.until_settled()
        assert len(door.booked(0)) == 1
        assert set(await door.states()) == {"delivered"}

    play(tmp_path, scene, overlap="accept")


def test_taken_back_it_is_gone(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await hold_in_doubt(door)
        door.sim.front.faults.replace(())
        await door.repairs.void(await ids(door, "in", "out"), "wrong", "admin")
        await asyncio.sleep(HOUR)
        assert door.booked(0) == []
        assert set(await door.states()) == {"void"}

    play(tmp_path, scene)


def test_it_is_not_amended_before_a_look(tmp_path: Path) -> None:
    """Else the time that it was sent with would stay at the tracker."""

    async def scene(door: House) -> None:
        await hold_in_doubt(door)
        [out] = await ids(door, "out")
        with pytest.raises(Refused, match="may be at the tracker already"):
            await door.repairs.amend_all([out], Amendment(kind=Kind.BREAK), "it was lunch", "admin")

    play(tmp_path, scene)


def test_a_project_timer_is_started_once(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(60)
        lost = tuple(replace(rule, path="project_timer") for rule in parse_rules("reply-lost@write*1"))
        door.sim.front.faults.replace(lost)
        await door.tap(0, Action.PROJECT, PROJECT)
        await asyncio.sleep(5)  # it is read before it is started
        door.sim.front.faults.replace([FaultRule(FalseForbidden(), on="read", path="project_timer")])
        await asyncio.sleep(HOUR)
        assert any("does not show this employee" in why for why in await reasons(door))
        door.sim.front.faults.replace(())
        before = len(door.requests)
        await door.repairs.retry(await ids(door, "project"), "it shows them again", "admin")
        await door.until_settled()
        assert [request for _, request, _ in door.requests[before:] if request.writes] == []
        assert set(await door.states()) == {"delivered"}

    play(tmp_path, scene, "timer")


@pytest.mark.parametrize("which", [("in", "out"), ("out",), ("in",)])
def test_what_was_proved_and_is_taken_back_days_later_is_in_no_doubt(tmp_path: Path, which: tuple[str, ...]) -> None:
    """It was held since the tracker did not show them; tried again its entry goes, and does not stay unseen."""

    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await door.until_settled()
        await asyncio.sleep(3 * 24 * HOUR)
        door.sim.front.faults.replace((FaultRule(FalseForbidden(), on="read", username=username_of(0)),))
        await door.repairs.void(await ids(door, *which), "wrong", "admin")
        await asyncio.sleep(HOUR)
        door.sim.front.faults.replace(())
        held = [
            str(p["id"])
            for p in await door.documents.punches(limit=None, state="held", username=username_of(0))
            if isinstance(p, dict)
        ]
        assert held
        await door.repairs.retry(held, "it shows them again", "admin")
        await asyncio.sleep(6 * HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        await door.tap(0)
        await asyncio.sleep(HOUR)
        assert [begin[:2] for _, begin, _ in door.booked(0)] == ["23"]

    play(tmp_path, scene)
