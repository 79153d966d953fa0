"""A list of badges: none of it where a line would be refused, taps between its pieces, and what a full disk leaves."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from sqlite_utils import Database

from clockd import config, daemon
from clockd.config import Secrets
from clockd.core.model import Uid
from clockd.daemon.opening import Core
from clockd.errors import NotRecorded, Refused
from clockd.flow.badge_desk import BadgeDesk, Enrolment
from clockd.flow.badge_list import PIECE, WantedBadge, pieces
from clockd.store import badges, ledger
from clockd.store.thread import Store

T = TypeVar("T")
ADA = "ada@example.org"
WHOLE = "0104A2B3C4"
"""A badge of 125 kHz by its whole number."""
END = "A2B3C4"
"""The same as some readers tell it: its last three bytes."""
OTHER_WHOLE = "0204A2B3C4"
"""Another badge that ends so."""


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[Core, BadgeDesk]]:
    text = f'[terminal]\nstate_dir = "{folder}/state"\ncontrol_socket = "{folder}/c.sock"\n[clock]\ntrust = "always"\n'
    async with daemon.open_core(config.parse(text), Secrets(None, {})) as core:
        yield core, daemon.open_office(core).badges


def crowd(count: int) -> list[Enrolment]:
    return [Enrolment(f"04{n:012X}", f"user{n}") for n in range(count)]


async def owners(core: Core) -> list[str]:
    return [badge.username for badge in await core.store.run(badges.all_badges)]


async def test_taps_have_their_turn_between_the_pieces(tmp_path: Path) -> None:
    count = 640
    async with opened(tmp_path) as (core, desk):
        importing = asyncio.create_task(desk.give_all(crowd(count), "test"))
        turns = 0
        while not importing.done():
            await core.store.run(ledger.newest_seq)
            turns += 1
        assert len(await importing) == count
        assert turns > 40, "a tap waits for a piece, and not for the list"
        log = await core.store.run(lambda db: [row.what for row in ledger.every_row(db)])
        assert log == ["badge"] * count + ["badges"]


LISTS = {
    "a line that is no more than the end of two badges": [
        Enrolment(WHOLE, "ada"),
        Enrolment(OTHER_WHOLE, "bob"),
        Enrolment(END, "ada"),
    ],
    "the end and the whole of one badge, for two people": [Enrolment(END, "ada"), Enrolment(WHOLE, "bob")],
    "the whole and the end of one badge, for two people": [Enrolment(WHOLE, "ada"), Enrolment(END, "bob")],
    "one PIN for two people": [Enrolment("274951", "ada", pin=True), Enrolment("274951", "bob", pin=True)],
    "somebody's PIN": [Enrolment("913408", "bob", pin=True)],
    "the end of two badges that are here": [Enrolment("0C0D0E", "ada")],
}


@pytest.mark.parametrize("name", LISTS)
async def test_where_a_line_is_refused_nothing_is_given(tmp_path: Path, name: str) -> None:
    async with opened(tmp_path) as (core, desk):
        for one in (
            Enrolment("913408", "ada", pin=True),
            Enrolment("010B0C0D0E", "ada"),
            Enrolment("020B0C0D0E", "bob"),
        ):
            await desk.give(one, "test")
        before = await owners(core)
        with pytest.raises(Refused):
            await desk.give_all([*crowd(2 * PIECE), *LISTS[name]], "test")
        assert await owners(core) == before


async def test_a_list_that_is_fine_is_given_whole(tmp_path: Path) -> None:
    """Two forms of one badge for one person; a PIN that stays whose it is; a badge that changes hands; 4 bytes."""
    wanted = [
        Enrolment(WHOLE, ADA),
        Enrolment(END, "Ada@example.org"),
        Enrolment("913408", ADA, pin=True),
        Enrolment("04000000000000", "bob"),
        Enrolment("A1B2C3D4", "eve"),
    ]
    async with opened(tmp_path) as (core, desk):
        await desk.give(wanted[2], "test")
        await desk.give(Enrolment("04000000000000", ADA), "test")
        given = await desk.give_all(wanted, "test")
        assert [one["taken_from"] for one in given if isinstance(one, dict)] == [
            None,
            None,
            None,
            ADA,
            None,
        ]
        assert sorted(await owners(core)) == [ADA, ADA, "bob", "eve"], "the whole number gave way to its end"
        assert await desk.give_all([], "test") == []


class FullAfter:
    """A store whose disk is full after so many transactions; only what the desk uses of a store."""

    def __init__(self, store: Store, count: int) -> None:
        self._store = store
        self._left = count

    async def run(self, work: Callable[[Database], T]) -> T:
        self._left -= 1
        if self._left < 0:
            raise NotRecorded("disk full")
        return await self._store.run(work)

    async def give_way(self) -> None:
        await self._store.give_way()


async def test_a_disk_that_is_full_in_the_middle_is_told_and_the_list_once_more_completes_it(tmp_path: Path) -> None:
    wanted = crowd(3 * PIECE)
    async with opened(tmp_path) as (core, desk):
        store = desk.store
        desk.store = FullAfter(store, 1 + 1 + 3 + 2)  # type: ignore[assignment]
        with pytest.raises(NotRecorded, match=f"{2 * PIECE} of {3 * PIECE} badges were given, then: disk full"):
            await desk.give_all(wanted, "test")
        assert len(await owners(core)) == 2 * PIECE
        desk.store = store
        assert len(await desk.give_all(wanted, "test")) == 3 * PIECE
        assert len(set(await owners(core))) == len(await owners(core)) == 3 * PIECE


def test_a_piece_is_bounded_by_its_work() -> None:
    def listed(numbers: Sequence[str]) -> list[int]:
        return [len(piece) for piece in pieces([WantedBadge(n, n, None, Uid.parse(n)) for n in numbers])]  # type: ignore[arg-type]

    long = [f"04{n:012X}" for n in range(PIECE + 1)]
    assert listed(long) == [PIECE, 1]
    assert listed(["A1B2C3D4", "A1B2C3D5", *long[:2], "A1B2C3D6"]) == [1, 1, 2, 1], "each of these is tried 256 times"
    assert [n for n, _ in itertools.groupby(listed([]))] == []
