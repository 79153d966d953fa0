"""What a reader cannot read, and what a tap opens, as the status and the display tell it; with a daemon that runs."""

import pytest

from tests.e2e.conftest import Command
from tests.e2e.people import uid_of
from tests.e2e.rig import Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {
    "people": 2,
    "readers": ["serial", "desk"],
    "panel": True,
    "more": {"relay": [{"gpio": 22, "pulse_s": 0.05, "on": "in"}, {"gpio": 23, "pulse_s": 0.05, "on": "known"}]},
}


async def test_what_cannot_be_read_is_told_to_everybody(rig: Rig, clockd: Command) -> None:
    rig.serial.raw(b"hello, world\r\n")
    await rig.desk.says("Badge not readable. Try again.")
    status = (await clockd("status", "--json")).json
    [reader] = [each for each in status["readers"] if each["kind"] == "serial"]
    [unread] = reader["unread"]
    assert (unread["reason"], unread["count"]) == ("not in the reader's format", 1)
    assert unread["since_last_read"] is True
    assert "not readable: not in the reader's format" in (await clockd("status")).out
    assert "hello" not in rig.daemon.log.read_text()
    checked = await clockd("check", "--config", rig.daemon.config)
    assert "nothing was read since" in checked.out
    rig.serial.tap(uid_of(0))
    await rig.desk.says("Person 0: in", "Saved")
    status = (await clockd("status", "--json")).json
    [reader] = [each for each in status["readers"] if each["kind"] == "serial"]
    assert (reader["unread"][0]["since_last_read"], reader["last_read_at"] is None) == (False, False)


async def test_the_pulses_of_the_relays_are_counted(rig: Rig, clockd: Command) -> None:
    async def pulses() -> list[int]:
        return [relay["pulses"] for relay in (await clockd("status", "--json")).json["relays"]]

    before = await pulses()
    rig.desk.terminal.tap(uid_of(1).hex)
    await rig.desk.says("Person 1: in", "Saved")
    rig.desk.terminal.tap("04FFFFFFFFFF01")
    await rig.desk.says("Unknown badge")
    rig.desk.terminal.tap(uid_of(1).hex)
    await rig.desk.says("Person 1: out", "Saved")
    assert await pulses() == [before[0] + 1, before[1] + 2]
