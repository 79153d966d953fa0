"""How often an account is looked at until it is understood."""

import asyncio
from dataclasses import dataclass, field

from clockd.config import Secret
from clockd.daemon.booking import PREPARE_EVERY_S, until_prepared
from clockd.trackers.goodtime_session import Login
from clockd.trackers.goodtime_start import NotReady, Ready
from tests.trackers_goodtime.rig import Rig, in_virtual_time, rig


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
