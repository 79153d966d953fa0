"""How often an account is looked at until it is understood, and what exists before it is."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clockd import config, daemon
from clockd.config import Secret
from clockd.daemon.booking import (
    PREPARE_EVERY_S,
    Booking,
    Known,
    NotKnownYet,
    open_booking,
    until_prepared,
    with_account,
)
from clockd.flow.line import LineState
from clockd.trackers.goodtime.session import Login
from clockd.trackers.goodtime.start import NotReady, Ready
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, Named, TimeFormat
from tests.e2e.looking import until
from tests.e2e.processes import toml
from tests.trackers_goodtime.rig import VIENNA, Rig, in_virtual_time, rig


def login(password: str) -> Login:
    return Login("admin@example.com", Secret(password))


@dataclass(slots=True)
class Setup:
    """An account that never gets ready, or does with the right password."""

    right: str = "-"
    password: str | None = "old"
    tries_s: list[float] = field(default_factory=list)
    asked_s: list[float] = field(default_factory=list)
    """The tries that somebody asked for."""

    async def attempt(self, somebody_asks: bool) -> bool:
        now_s = asyncio.get_running_loop().time()
        self.tries_s.append(now_s)
        if somebody_asks:
            self.asked_s.append(now_s)
        return self.password == self.right

    def find(self) -> Login | None:
        return None if self.password is None else login(self.password)


def test_other_credentials_are_tried_at_once_and_then_at_the_usual_pace() -> None:
    async def work() -> None:
        setup = Setup()
        trying = asyncio.create_task(until_prepared(setup.attempt, setup.find, asyncio.Event()))
        await asyncio.sleep(10)
        setup.password = "new"
        await asyncio.sleep(300)
        trying.cancel()
        first, second, *rest = setup.tries_s
        assert first == 0
        assert 10 <= second <= 12
        assert 4 <= len(rest) <= 5
        assert all(b - a >= PREPARE_EVERY_S for a, b in zip(setup.tries_s[1:], rest, strict=False))

    in_virtual_time(work)


def test_a_corrected_password_needs_no_minute() -> None:
    async def work() -> None:
        setup = Setup(right="new")
        trying = asyncio.create_task(until_prepared(setup.attempt, setup.find, asyncio.Event()))
        await asyncio.sleep(4)
        setup.password = None  # a file in the middle of being replaced is nothing to try
        await asyncio.sleep(4)
        setup.password = "new"
        await asyncio.wait_for(trying, 2)
        assert len(setup.tries_s) == 2

    in_virtual_time(work)


def test_who_asks_needs_no_minute_either() -> None:
    async def work() -> None:
        setup, asked = Setup(), asyncio.Event()
        trying = asyncio.create_task(until_prepared(setup.attempt, setup.find, asked))
        await asyncio.sleep(20.5)
        asked.set()
        await asyncio.sleep(30)
        trying.cancel()
        assert setup.tries_s == [0, 20.5]
        assert setup.asked_s == [20.5]

    in_virtual_time(work)


def test_another_password_while_the_token_is_good_is_no_reason_to_ask_every_second() -> None:
    async def work() -> None:
        them = rig()
        them.act("delete", username="ada@example.com")

        async def attempt(somebody_asks: bool) -> bool:
            return isinstance(await them.prepared(), Ready)

        trying = asyncio.create_task(until_prepared(attempt, lambda: them.login, asyncio.Event()))
        await asyncio.sleep(30)
        before = tries(them)
        them.login = login("another one")
        await asyncio.sleep(75)
        trying.cancel()
        assert tries(them) - before == 2
        assert them.session.fresh(), "nobody had to log in with it"
        assert isinstance(await them.prepared(), NotReady)

    in_virtual_time(work)


def tries(them: Rig) -> int:
    return them.paths().count("timetypes")


# --- what is known of the account, and what exists before it is -------------------------------------------------


@pytest.fixture
async def booking(tmp_path: Path) -> AsyncIterator[Booking]:
    """As the daemon makes it for Goodtime; there are no credentials, so the account stays unknown."""
    file = tmp_path / "clockd.toml"
    terminal = {"time_zone": "Europe/Vienna", "state_dir": str(tmp_path), "control_socket": str(tmp_path / "socket")}
    file.write_text(toml({"terminal": terminal, "tracker": {"kind": "goodtime", "url": "http://127.0.0.1:9"}}))
    secrets = config.Secrets(None, {})
    async with daemon.open_core(config.load(file), secrets) as core:
        made = await open_booking(core, secrets)
        assert made is not None
        yield made
        await made.http.aclose()


def account(time_type: str) -> Account:
    return Account(Named(time_type, "working hours"), TimeFormat("%Y-%m-%dT%H:%M"), TimeFormat("%Y-%m-%dT%H:%M"))


async def test_an_account_that_is_not_known_has_no_loops_and_everything_can_be_asked(booking: Booking) -> None:
    """A stand-in for the codec would have to raise, or to lie, when somebody asks it."""
    names = [name for name, _ in booking.tasks()]
    running = [asyncio.ensure_future(run()) for _, run in booking.tasks()]
    told = asyncio.Event()
    booking.line.changed = told.set
    await asyncio.wait_for(told.wait(), 10)
    assert booking.line.state is LineState.PAUSED
    assert names == ["prepare", "sync", "reconcile", "nightly"]
    assert isinstance(booking.account, NotKnownYet)
    assert (booking.runs, booking.rounds, booking.resting) == (False, 0, 0)
    assert booking.account.policy.whole_minutes
    booking.wake()
    booking.try_now()
    assert not any(task.done() for task in running)
    codec = GoodtimeCodec(account("T1"), VIENNA)
    booking.learn(codec, with_account(booking.account.policy, codec.account))
    await until(lambda: booking.rounds > 0)
    assert booking.runs
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_what_is_known_anew_reaches_every_loop_and_makes_no_second_one(booking: Booking) -> None:
    first, second = GoodtimeCodec(account("T1"), VIENNA), GoodtimeCodec(account("T2"), VIENNA)
    booking.learn(first, with_account(booking.account.policy, first.account))
    before = booking.account
    booking.learn(second, with_account(booking.account.policy, second.account))
    after = booking.account
    assert isinstance(before, Known)
    assert isinstance(after, Known)
    loops = after.loops
    assert loops is before.loops
    assert {id(each.codec) for each in (after, loops.sync, loops.reconcile, loops.nightly)} == {id(second)}
    assert {id(each.policy) for each in (after, loops.sync, loops.nightly)} == {id(after.policy)}
    assert after.policy.time_types == {"T1", "T2", "working hours"}, (
        "entries on the type of before are work of ours too"
    )
