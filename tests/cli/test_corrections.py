"""A correction where owners have to agree, as the office types it and as its owner answers at the keys."""

import asyncio
import re

import pytest

from clockd.core.ids import short_id
from tests.e2e.conftest import Command
from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.rig import DESK, Rig

pytestmark = pytest.mark.asyncio(loop_scope="module")

IN, OUT = 5, 6
BENCH = {
    "people": 2,
    "readers": [DESK],
    "panel": True,
    "rules": {"countersign": "agree", "repeat_s": 10},
    "tracker": {"quarantine_s": 1},
    "more": {"button": [{"gpio": IN, "action": "in"}, {"gpio": OUT, "action": "out"}]},
}


async def test_asked_at_the_door_withdrawn_and_agreed_to(rig: Rig, clockd: Command) -> None:
    desk, badge = rig.desk, uid_of(0).hex
    desk.terminal.tap(badge)
    (came,) = await rig.daemon.recorded(1)
    await until_state(rig, came["id"], "delivered")

    said = await clockd("punches", "void", came["id"], "--why", "was not here")
    assert re.fullmatch(rf"{short_id(came['id'])} is not changed yet: it waits for the yes of user000; .*\n", said.out)
    (waits,) = (await clockd("corrections", "--waiting", "--json")).json
    assert (waits["way"], waits["progress"], waits["was"]["kind"], waits["becomes"]) == ("void", "asked", "in", None)
    again = await clockd("punches", "amend", came["id"], "--username", "user001")
    assert again.code == 1
    assert f"clockd corrections withdraw {waits['number']}" in again.err
    listed = await clockd("corrections")
    assert re.search(r"void +user000 in .* nothing .* user000: not told yet +asked", listed.out)

    gone = await clockd("corrections", "withdraw", str(waits["number"]), "--why", "it was another day")
    assert gone.out == f"withdrawn: {waits['number']}\n"
    assert (await clockd("corrections", "--waiting")).out == "no correction waits for an answer\n"
    twice = await clockd("corrections", "withdraw", str(waits["number"]))
    assert (twice.code, twice.err.splitlines()[0]) == (1, "clockd: no such correction waits for an answer")

    await clockd("punches", "void", came["id"], "--why", "was not here")
    desk.terminal.press(OUT)
    await desk.says("now hold")
    desk.terminal.tap(badge)
    await desk.says("wants to change in on", "to answer")
    await asyncio.sleep(1.1)  # the badge is taken away in between
    desk.terminal.tap(badge)
    await desk.says("do you agree?", "Key in: yes")
    desk.terminal.press(IN)
    await desk.says("Yes is chosen")
    await asyncio.sleep(1.1)
    desk.terminal.tap(badge)
    await desk.says("agreed. Saved.")
    await until_state(rig, came["id"], "void")
    (agreed, withdrawn) = (await clockd("corrections", "--json")).json
    assert (agreed["progress"], withdrawn["progress"]) == ("agreed", "withdrawn")
    story = (await clockd("punches", "show", came["id"])).json["story"]
    assert [row["what"] for row in story][:7] == ["punch", "propose", "withdraw", "propose", "told", "agree", "void"]


async def until_state(rig: Rig, punch_id: str, state: str) -> None:
    async def look() -> bool:
        found = {each["id"]: each["delivery"]["state"] for each in await rig.daemon.punches()}
        return bool(found[punch_id] == state)

    await until(look)
