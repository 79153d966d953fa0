"""A project key that names none: the keys page through the tracker's projects, and the badge confirms."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from sqlite_utils import Database

from clockd.config import Button
from clockd.core import feedback
from clockd.core.model import Action, KeyPress, Kind
from clockd.sim.goodtime.people import Person as GoodtimePerson
from clockd.sim.goodtime.profile import profile_named as goodtime_profile
from clockd.sim.goodtime.simulator import GoodtimeSim
from clockd.sim.timetrack.people import OpeningProject
from clockd.sim.timetrack.profile import profile_named
from clockd.sim.timetrack.simulator import TimeTrackSim
from clockd.store import projects, view
from tests.flow.house import House, in_virtual_time, simulator, username_of
from tests.flow.matrix import TIME_FORMS

KEYS = tuple(Button(gpio=n, action=each) for n, each in enumerate((Action.PROJECT, Action.IN, Action.OUT), 5))
OPENED = (
    OpeningProject("Acme", "Web"),
    OpeningProject("Acme", "Shop"),
    OpeningProject("Bolts", "Web"),
    OpeningProject("Acme", "Old shop", enabled=False),
)
TUNE = {"p": Action.PROJECT, "+": Action.OUT, "-": Action.IN, "?": Action.INFO}


async def press(door: House, keys: str, n: int = 0) -> feedback.Screen:
    """Play keys, `b` for the badge of an employee; one and a half seconds each."""
    for key in keys:
        await asyncio.sleep(1.5)
        if key == "b":
            await door.tap(n)
        else:
            door.terminal.pressed(KeyPress(TUNE[key], None, door.read_clock()))
    return door.screens[-1]


def with_projects(folder: Path, work: Callable[[House], Awaitable[None]], sim: TimeTrackSim | None = None) -> House:
    """Ada is in since an hour, and the tracker has shown its projects."""
    door = House(folder, sim or simulator(profile_named("strict"), projects=OPENED), buttons=KEYS)

    async def whole() -> None:
        await door.start()
        await asyncio.sleep(60)
        await door.tap(0)
        await asyncio.sleep(3600)
        await work(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
    assert door.sim.violations() == []
    return door


def asked(screen: feedback.Screen) -> tuple[str, int, int]:
    assert isinstance(screen, feedback.AskProject), screen
    return str(screen.project or ""), screen.number, screen.count


def damage(db: Database, text: str) -> None:
    db.execute("UPDATE meta SET value = ? WHERE key = 'projects'", [text])


async def recorded(door: House) -> list[tuple[str, str]]:
    """Kind and project of each punch, oldest first."""
    found = await door.store.run(lambda db: list(view.punches(db, 7)))
    return [(p.kind.value if p.kind else "?", str(p.project or "")) for p, _ in reversed(found)]


def test_keys_page_and_the_badge_confirms(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        assert asked(await press(door, "pb")) == ("", 0, 3)
        shown = [asked(await press(door, key)) for key in "ppp+-"]
        assert [name for name, *_ in shown] == [
            "Acme / Shop",
            "Acme / Web",
            "Bolts / Web",
            "Acme / Shop",
            "Bolts / Web",
        ]
        assert await recorded(door) == [("in", "")]
        done = await press(door, "b")
        assert isinstance(done, feedback.Punched)
        assert (done.kind, done.project) == (Kind.PROJECT, "Bolts / Web")
        assert asked(await press(door, "pbp")) == ("Acme / Shop", 1, 3)  # what runs comes last
        await door.until_settled()
        timer = door.sim.api.world.timers[username_of(0)]
        assert (timer.client, timer.project) == ("Bolts", "Web")  # and not the Web of another client

    with_projects(tmp_path, work)


def test_without_a_network_and_after_a_restart_it_offers_what_it_saw(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        door.link_down = True
        await door.kill()
        await door.start()
        assert asked(await press(door, "pbp")) == ("Acme / Shop", 1, 3)
        await press(door, "b")
        assert await recorded(door) == [("in", ""), ("project", "Acme / Shop")]
        door.link_down = False
        await door.until_settled()

    with_projects(tmp_path, work)


def test_who_is_not_in_is_clocked_in_on_it(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        done = await press(door, "pbppb", n=1)
        assert isinstance(done, feedback.Punched)
        assert (done.kind, done.project) == (Kind.IN, "Acme / Web")

    with_projects(tmp_path, work)


@pytest.mark.parametrize("keys", ["pb", "pbp", "pb?", "pbbb"])
def test_whoever_walks_away_has_recorded_nothing_and_the_next_tap_is_an_ordinary_one(tmp_path: Path, keys: str) -> None:
    async def work(door: House) -> None:
        await press(door, keys)
        assert await recorded(door) == [("in", "")]
        await asyncio.sleep(feedback.ANSWER_S + 1)
        screen = await door.tap(0)
        assert isinstance(screen, feedback.Punched)
        assert screen.kind is Kind.OUT

    with_projects(tmp_path, work)


def test_a_second_tap_without_a_choice_is_an_ordinary_one_once_it_cannot_be_the_same(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        await press(door, "pbb")
        assert asked(door.screens[-1]) == ("", 0, 3)
        await asyncio.sleep(11)
        await press(door, "b")
        assert await recorded(door) == [("in", ""), ("out", "")]

    with_projects(tmp_path, work)


def test_a_badge_left_on_the_reader_confirms_nothing(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        await press(door, "pb")
        for _ in range(20):
            await asyncio.sleep(0.5)
            await door.tap(0)
        door.terminal.pressed(KeyPress(Action.PROJECT, None, door.read_clock()))
        for _ in range(20):
            await asyncio.sleep(0.5)
            await door.tap(0)
        assert asked(door.screens[-1]) == ("Acme / Shop", 1, 3)
        assert await recorded(door) == [("in", "")]

    with_projects(tmp_path, work)


def test_who_comes_next_is_not_kept_waiting(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        await press(door, "pbp")
        await asyncio.sleep(6)
        screen = await door.tap(1)
        assert isinstance(screen, feedback.Punched)
        assert (screen.employee.username, screen.kind) == (username_of(1), Kind.IN)
        await press(door, "b")  # and Ada's question is over
        assert (await recorded(door))[-1] == ("out", "")

    with_projects(tmp_path, work)


def test_an_unknown_badge_with_such_a_key_is_recorded_as_any(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        screen = await press(door, "pb", n=9)
        assert isinstance(screen, feedback.UnknownBadge)
        assert (await recorded(door))[-1] == ("?", "")

    with_projects(tmp_path, work)


def test_where_no_project_was_seen_that_is_told_as_a_failure(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        screen = await press(door, "pb")
        assert isinstance(screen, feedback.NoProjects)
        assert feedback.signal_for(screen) is feedback.Signal.PROBLEM
        assert await recorded(door) == [("in", "")]

    with_projects(tmp_path, work, simulator(profile_named("strict"), projects=()))


def test_a_list_of_another_account_or_a_damaged_one_is_none(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        account = door.core.door.account

        kept = await door.store.run(lambda db: projects.shown_last(db, account, None))
        assert kept is not None
        assert len(kept) == 3
        assert await door.store.run(lambda db: projects.shown_last(db, "goodtime elsewhere", None)) is None
        for damaged in ("", "{", "[]", "3", '{"account": 1}', f'{{"account": "{account}", "projects": [1]}}'):
            await door.store.run(partial(damage, text=damaged))
            assert await door.store.run(lambda db: projects.shown_last(db, account, None)) is None
        assert isinstance(await press(door, "pb"), feedback.NoProjects)

    with_projects(tmp_path, work)


def test_goodtime_offers_ones_own(tmp_path: Path) -> None:
    profile = goodtime_profile("strict")
    users = (GoodtimePerson(username_of(0), projects=("Roof",)), GoodtimePerson(username_of(1)))
    sim = GoodtimeSim(profile=profile, users=users)
    door = House(tmp_path, sim, employees=2, secret="sim-password", buttons=KEYS)
    door.time_format = TIME_FORMS[profile.time_form]

    async def whole() -> None:
        await door.start()
        await asyncio.sleep(60)
        await door.tap(0)
        await asyncio.sleep(3600)
        first = asked(await press(door, "pb"))
        await asyncio.sleep(120)  # the first time their own were asked for
        assert asked(await press(door, "pbp")) == ("Roof", 1, 1)
        assert first[2] > 1
        await press(door, "b")
        await asyncio.sleep(3600)
        await door.tap(0)
        await door.until_settled()
        assert await recorded(door) == [("in", ""), ("project", "Roof"), ("out", "")]
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)
