"""The tracker is gone, people tap, the terminal loses its power: everything is booked afterwards, once."""

from pathlib import Path

from tests.e2e.looking import next_second, until, wall_texts
from tests.e2e.people import uid_of
from tests.e2e.rig import bench

PEOPLE = 10


async def test_twenty_taps_offline_and_a_power_cut(tmp_path: Path) -> None:
    async with bench(tmp_path, people=PEOPLE) as rig:
        rig.simulator.stop()
        rig.serial.tap(*map(uid_of, range(PEOPLE)))
        await rig.daemon.recorded(PEOPLE)
        await next_second()
        await rig.serial.absent()
        rig.serial.tap(*map(uid_of, range(PEOPLE)))
        recorded = await rig.daemon.recorded(2 * PEOPLE)
        assert await rig.daemon.states() == ["waiting"] * 2 * PEOPLE
        rig.daemon.kill()
        await rig.daemon.start()
        await until(rig.daemon.offline)
        rig.simulator.start()
        punches = await rig.daemon.settled(2 * PEOPLE)
        assert [(p["id"], p["local"]) for p in punches] == [(p["id"], p["local"]) for p in recorded]
        assert await rig.simulator.booked() == wall_texts(punches)
        assert len(await rig.simulator.rows()) == PEOPLE
        writes = await rig.simulator.requests("POST")
        assert [write["path"] for write in writes] == ["/attendances"] * PEOPLE
        assert len(await rig.simulator.requests()) <= PEOPLE + 3
        assert await rig.simulator.violations() == []
