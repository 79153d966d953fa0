"""What a person retries is looked at anew: they have changed something at the tracker, perhaps a moment ago."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.flow.house import VIENNA, House, username_of
from tests.flow.test_taken_back import ids, play, reasons

HOUR = 3600.0


def test_what_stood_in_the_way_and_is_gone_holds_nothing_any_more(tmp_path: Path) -> None:
    async def scene(door: House) -> None:
        await door.tap(0)
        await asyncio.sleep(HOUR)
        begin = door.now_at().astimezone(VIENNA).replace(tzinfo=None) - timedelta(minutes=20)
        words = {"act": "web-create", "username": username_of(0), "time_type": None}
        words |= {"begin": f"{begin:%Y-%m-%dT%H:%M}", "end": f"{begin + timedelta(minutes=5):%Y-%m-%dT%H:%M}"}
        door.sim.act(words, door.now_at().timestamp())
        await door.tap(0)
        while await door.states() != {"held": 2}:  # noqa: ASYNC110 - virtual time
            await asyncio.sleep(1)
        assert all("overlaps" in why for why in await reasons(door))
        for row in door.sim.rows(username_of(0)):
            row.deleted = True
        before = len(door.requests)
        await door.repairs.retry(await ids(door, "in", "out"), "it was a mistake", "admin")
        await door.until_settled()
        assert not door.requests[before][1].writes, "it is looked at first"
        assert await door.states() == {"delivered": 2}
        assert len(door.booked(0)) == 1

    play(tmp_path, scene)
