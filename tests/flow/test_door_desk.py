"""An admin gives badges out at the door, and takes lost ones away; and no ordinary tap is lost for it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from clockd.config import Button
from clockd.core import feedback
from clockd.core.model import Action, KeyPress, Kind, Tap, Uid
from clockd.flow.badge_desk import Enrolment
from clockd.sim.timetrack.profile import profile_named
from clockd.store import badges, ledger, view
from tests.flow.house import House, in_virtual_time, simulator, uid_of, username_of

KEYS = tuple(Button(gpio=n, action=each) for n, each in enumerate((Action.IN, Action.OUT), 5))
NEW = Uid("04AA00B1")
TUNE = {"i": Action.IN, "o": Action.OUT, "-": Action.IN, "+": Action.OUT}
BADGES = {"a": uid_of(0), "b": uid_of(1), "c": uid_of(2), "n": NEW, "p": Uid("08123456"), "u": Uid("04AA00FF")}


async def play(door: House, words: str) -> feedback.Screen:
    """Play keys, and badges: of the admin (a), two employees (b, c), a new one (n), an unknown one (u), a phone (p)."""
    for word in words:
        await asyncio.sleep(1.5)
        if word in BADGES:
            await door.terminal.tapped(Tap(BADGES[word], "pcsc", door.read_clock()))
        else:
            door.terminal.pressed(KeyPress(TUNE[word], None, door.read_clock()))
    return door.screens[-1]


def at_a_door(folder: Path, work: Callable[[House], Awaitable[None]], *, admin: bool = True) -> None:
    """The first employee is an admin; the names are Employee 0 to 2."""

    async def whole() -> None:
        door = House(folder, simulator(profile_named("strict")), buttons=KEYS)
        await door.start()
        wanted = Enrolment(uid_of(0).hex, username_of(0), "Employee 0", admin=admin)
        await door.badge_desk.give(wanted, "root")
        await work(door)
        door.check_alive()
        await door.kill()

    in_virtual_time(whole)


async def recorded(door: House) -> list[tuple[str | None, str]]:
    found = await door.store.run(lambda db: list(view.punches(db, 7)))
    return [(punch.username, punch.kind.value if punch.kind else "?") for punch, _ in reversed(found)]


async def owners(door: House) -> dict[str, str]:
    found = await door.store.run(badges.all_badges)
    return {badge.tail: badge.username for badge in found}


def test_a_lost_badge_is_replaced(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        await play(door, "b")
        assert isinstance(await play(door, "ioioa"), feedback.AskBadge)
        asked = await play(door, "n")
        assert isinstance(asked, feedback.AskOwner)
        assert (asked.employee, asked.count, asked.tail) == (None, 3, NEW.tail)
        chosen = await play(door, "++")
        assert isinstance(chosen, feedback.AskOwner)
        assert chosen.employee is not None
        assert chosen.employee.username == username_of(1)
        assert isinstance(await play(door, "a"), feedback.AskLost)
        assert isinstance(await play(door, "+a"), feedback.Enrolled)
        assert await recorded(door) == [(username_of(1), "in")]
        assert NEW.tail in await owners(door)
        assert uid_of(1).tail not in await owners(door)
        await asyncio.sleep(60)
        done = await play(door, "n")
        assert isinstance(done, feedback.Punched)
        assert (done.employee.username, done.kind) == (username_of(1), Kind.OUT)
        assert isinstance(await play(door, "b"), feedback.UnknownBadge)
        rows = await door.store.run(lambda db: [r for r in ledger.every_row(db) if r.what in ("badge", "revoke")])
        assert [(r.what, r.body["username"], r.body["by"]) for r in rows[1:]] == [
            ("revoke", username_of(1), username_of(0)),
            ("badge", username_of(1), username_of(0)),
        ]
        assert "door" in str(rows[-1].body["why"])

    at_a_door(tmp_path, work)


def test_a_badge_is_lost_and_there_is_no_new_one(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        done = await play(door, "ioioa++a+a")
        assert done == feedback.Revoked("Employee 1", 1)
        assert username_of(1) not in (await owners(door)).values()
        asked = await play(door, "ioioan+")  # and whoever has none comes first
        assert isinstance(asked, feedback.AskOwner)
        assert asked.employee is not None
        assert asked.employee.username == username_of(1)

    at_a_door(tmp_path, work)


@pytest.mark.parametrize(
    ("words", "punches"),
    [
        pytest.param("a", [(0, "in")], id="the admin comes"),
        pytest.param("ia", [(0, "in")], id="with a key"),
        pytest.param("ioia", [(0, "in")], id="who is undecided"),
        pytest.param("ioiob", [(1, "out")], id="whoever is no admin punches with the last key"),
        pytest.param("ioioa", [], id="the desk is no punch"),
        pytest.param("ioioab", [(1, "in")], id="who comes while it is open"),
        pytest.param("ioioa+b", [(1, "in")], id="and while an employee is chosen: the key is the desk's"),
        pytest.param("ioioanu", [(None, "?")], id="an unknown badge while another is given"),
        pytest.param("ioioap", [], id="a phone is none"),
        pytest.param("ioioaaaaaa", [], id="a badge that lies there"),
    ],
)
def test_no_ordinary_tap_is_lost(tmp_path: Path, words: str, punches: list[tuple[int | None, str]]) -> None:
    async def work(door: House) -> None:
        await play(door, words)
        wanted = [(None if n is None else username_of(n), kind) for n, kind in punches]
        assert await recorded(door) == wanted
        await asyncio.sleep(feedback.ANSWER_S + 5)
        await play(door, "c")
        assert (await recorded(door))[-1] == (username_of(2), "in")

    at_a_door(tmp_path, work)


def test_an_admin_who_does_nothing_there_clocks_in_with_the_next_tap(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        await play(door, "ioioa")
        await asyncio.sleep(11)
        assert isinstance(await play(door, "a"), feedback.Punched)

    at_a_door(tmp_path, work)


def test_an_ordinary_badge_opens_nothing(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        assert isinstance(await play(door, "ioioa"), feedback.Punched)
        await play(door, "n")
        assert NEW.tail not in await owners(door)

    at_a_door(tmp_path, work, admin=False)


def test_who_gets_an_admins_badge_is_none(tmp_path: Path) -> None:
    async def work(door: House) -> None:
        fingerprint = door.core.fingerprints.of(uid_of(0))
        assert await door.store.run(lambda db: badges.is_admin(db, fingerprint))
        await door.badge_desk.give(Enrolment(uid_of(0).hex, username_of(2)), "root")
        assert not await door.store.run(lambda db: badges.is_admin(db, fingerprint))
        await door.badge_desk.give(Enrolment(uid_of(0).hex, username_of(2), admin=True), "root")
        await door.badge_desk.remove(uid_of(0).hex, None, "root")
        await door.badge_desk.give(Enrolment(uid_of(0).hex, username_of(0)), "root")
        assert await door.store.run(badges.admins) == frozenset()

    at_a_door(tmp_path, work)
