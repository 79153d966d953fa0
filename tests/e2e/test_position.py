"""A terminal with a fixed position says it where the tracker takes it, and is disturbed by no position in a look."""

from pathlib import Path

from tests.e2e.looking import next_second, until
from tests.e2e.people import uid_of
from tests.e2e.rig import bench

HERE = {"latitude": 48.2082, "longitude": 16.3738}


async def test_whole_entries_say_where_also_when_their_reply_is_lost(tmp_path: Path) -> None:
    tracker = {"delivery": "entries", "quarantine_s": 1}
    async with bench(tmp_path, people=1, terminal=HERE, tracker=tracker) as rig:
        await rig.simulator.faults("garbled@write")
        for punches in (1, 2):
            rig.serial.tap(uid_of(0))
            await rig.daemon.recorded(punches)
            await next_second()
            await rig.serial.absent()
        await until(lambda: rig.simulator.requests("POST"))
        await rig.simulator.faults()
        await rig.daemon.settled(2)
        (row,) = await rig.simulator.rows()
        assert (row["latitudeStart"], row["longitudeStart"]) == (48.2082, 16.3738)
        assert (row["latitudeEnd"], row["longitudeEnd"]) == (48.2082, 16.3738)
        assert len(await rig.simulator.requests("POST")) == 1


async def test_a_timer_takes_no_position_and_gets_none(tmp_path: Path) -> None:
    async with bench(tmp_path, people=1, terminal=HERE) as rig:
        rig.serial.tap(uid_of(0))
        await rig.daemon.settled(1)
        (row,) = await rig.simulator.rows()
        assert row["latitudeStart"] is None
        assert await rig.simulator.violations() == []
