"""Ten taps on a real PC/SC reader become the right entries at a tracker that runs by itself."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.looking import local_now, until, wall_texts
from tests.e2e.people import uid_of, username_of
from tests.e2e.rig import Rig, bench
from tests.readers.pcscd import Pcscd
from tests.readers.virtual_card import VirtualCard

VIENNA = ZoneInfo("Europe/Vienna")
ELSEWHERE = {"TZ": "America/New_York"}
"""The operating system's own zone."""

Span = tuple[datetime, datetime]


def assert_at_the_door(texts: Sequence[str], seen: Sequence[Span]) -> None:
    """Each of these wall-clock texts was on the clock at the door while the badge was held to the reader."""
    for text, (first, last) in zip(texts, seen, strict=True):
        assert first <= datetime.fromisoformat(text) <= last


async def test_ten_taps_of_three_employees(tmp_path: Path, pcscd: Pcscd) -> None:
    reader = {"kind": "pcsc", "name": "Virtual PCD 00 00"}
    taps = [0, 1, 2, 0, 1, 0, 2, 0, 2, 1]
    seen: list[Span] = []
    last: dict[int, int] = {}
    async with bench(tmp_path, readers=[reader], env=ELSEWHERE) as rig:
        assert b"TZ=America/New_York" in Path(f"/proc/{rig.daemon.pid}/environ").read_bytes()
        for n, who in enumerate(taps):
            await until(partial(_is_past, last.get(who, 0)))  # in and out are not the same second
            before = local_now(VIENNA)
            async with VirtualCard(uid_of(who), port=pcscd.port):
                await rig.daemon.recorded(n + 1)
                last[who] = int(time.time())
                seen.append((before, local_now(VIENNA)))
        punches = await rig.daemon.settled(len(taps))
        assert [punch["username"] for punch in punches] == [username_of(who) for who in taps]
        assert_at_the_door([punch["local"][:19] for punch in punches], seen)
        booked = await rig.simulator.booked()
        assert booked == wall_texts(punches)
        assert sorted(who for who, _, to in booked if to is None) == [username_of(1), username_of(2)]
        assert len([to for _, _, to in booked if to is not None]) == 4
        assert {row["origin"] for row in await rig.simulator.rows()} == {"api"}
        assert await rig.simulator.violations() == []
        present = (await rig.daemon.status())["present"]
        assert sorted(person["username"] for person in present) == [username_of(1), username_of(2)]
        assert rig.daemon.stop() == 0


@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/New_York"])
async def test_the_zone_is_the_configured_one(tmp_path: Path, zone: str) -> None:
    """The control: with another configured zone the check above would fail."""
    async with bench(tmp_path, people=1, terminal={"time_zone": zone}, env=ELSEWHERE) as rig:
        row, seen = await _one_tap(rig)
        if zone == "Europe/Vienna":
            assert_at_the_door([row["from"]], [seen])
        else:
            with pytest.raises(AssertionError):
                assert_at_the_door([row["from"]], [seen])


def _is_past(second: int) -> bool:
    return int(time.time()) > second


async def _one_tap(rig: Rig) -> tuple[dict[str, Any], Span]:
    before = local_now(VIENNA)
    rig.serial.tap(uid_of(0))
    await rig.daemon.settled(1)
    (row,) = await rig.simulator.rows()
    return row, (before, local_now(VIENNA))
