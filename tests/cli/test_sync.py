"""`clockd sync` and `clockd check`: the tracker there, away, with another key; a reader that is missing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Command
from tests.e2e.looking import next_second, until
from tests.e2e.people import uid_of
from tests.e2e.processes import toml
from tests.e2e.rig import NO_SIMULATOR, Rig, bench

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 2, "readers": ["desk"], "tracker": {"timeout_s": 2}}


async def test_nothing_to_send(clockd: Command) -> None:
    for words in (["sync"], ["sync", "--wait"]):
        said = await clockd(*words)
        assert (said.code, said.out) == (0, "0 unsent, 0 held, tracker ok\n")
    assert (await clockd("sync", "--json")).json["outbox"]["waiting"] == 0


async def test_the_tracker_is_away_and_comes_back(rig: Rig, clockd: Command) -> None:
    rig.simulator.stop()
    rig.desk.terminal.tap(uid_of(0).hex)
    await rig.daemon.recorded(1)
    await until(rig.daemon.offline)
    for words in (["sync"], ["sync", "--wait"], ["sync", "--wait", "--json"]):
        said = await clockd(*words)
        assert said.code == 4
        if "--json" in words:
            assert (said.json["tracker"]["state"], said.err) == ("offline", "")
        else:
            assert "1 unsent, 0 held, tracker offline" in said.out
            assert "tracker offline: " in said.err
    status = (await clockd("status", "--json")).json
    assert (status["tracker"]["state"], status["outbox"]["waiting"]) == ("offline", 1)
    assert status["outbox"]["oldest_waiting_at"] is not None
    listed = await clockd("timetrack", "attendances", "list", "--json")
    assert (listed.code, listed.json["error"]["exit_code"]) == (4, 4)
    started = await clockd("timetrack", "timer", "start", "-u", "user001")
    assert (started.code, "nothing was changed" in started.err) == (4, True)

    rig.simulator.start()
    said = await clockd("sync", "--wait")
    assert (said.code, said.out) == (0, "0 unsent, 0 held, tracker ok\n")
    assert len(await rig.simulator.booked()) == 1
    assert (await clockd("punches", "--json")).json[0]["delivery"]["state"] == "delivered"


async def test_waiting_shows_how_far_it_is(rig: Rig, clockd: Command) -> None:
    await next_second()
    rig.simulator.stop()
    rig.desk.terminal.tap(uid_of(0).hex)
    await rig.daemon.recorded(2)
    await until(rig.daemon.offline)
    said = await clockd("sync", "--wait")
    assert ("sending" in said.err, "0/1" in said.err) == (True, True)  # beside the answer, not in it
    assert said.out == "1 unsent, 0 held, tracker offline\n"
    rig.simulator.start()
    assert (await clockd("sync", "--wait")).out == "0 unsent, 0 held, tracker ok\n"


# --- check ------------------------------------------------------------------------------------------------------


def _config(rig: Rig, folder: Path, **sections: Any) -> Path:
    """The bench's configuration for another terminal, with some sections replaced."""
    file = folder / "clockd.toml"
    own = {"state_dir": str(folder / "state"), "control_socket": str(folder / "control.sock")}
    terminal = {**rig.daemon.sections["terminal"], **own}
    base = {"terminal": terminal, "clock": {"trust": "always"}, "tracker": rig.daemon.sections["tracker"]}
    file.write_text(toml({**base, "reader": [{"kind": "serial", "device": rig.serial.path}], **sections}))
    return file


async def _findings(command: Command, file: Path) -> dict[str, Any]:
    said = await command("check", "--config", file, "--json")
    assert said.err == ""
    assert all(finding.keys() == {"what", "ok", "found", "hint"} for finding in said.json)
    assert said.code == (0 if all(finding["ok"] for finding in said.json) else 1)
    return {finding["what"]: finding for finding in said.json}


async def test_all_is_well(rig: Rig, command: Command, tmp_path: Path) -> None:
    found = await _findings(command, _config(rig, tmp_path))
    wrong = {what: finding for what, finding in found.items() if not finding["ok"] and what != "battery clock"}
    assert wrong == {}
    assert "the key is right" in found["tracker"]["found"]
    assert not (tmp_path / "state").exists()  # it changes nothing
    lines = (await command("check", "--config", tmp_path / "clockd.toml")).out.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == [
        "ok" if f["ok"] else "FAIL" for f in found.values()
    ]


@pytest.mark.parametrize(
    ("reader", "place", "part"),
    [
        ({"kind": "serial", "device": "/dev/ttyNOWHERE"}, "reader serial", "/dev/ttyNOWHERE"),
        ({"kind": "keyboard", "device": "/dev/input/nowhere"}, "reader keyboard", "/dev/input/nowhere"),
    ],
)
async def test_a_reader_is_missing(
    rig: Rig, command: Command, tmp_path: Path, reader: Any, place: str, part: str
) -> None:
    finding = (await _findings(command, _config(rig, tmp_path, reader=[reader])))[place]
    assert not finding["ok"]
    assert part in finding["found"]
    assert finding["hint"]


async def test_the_tracker_refuses_the_key(
    rig: Rig, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _config(rig, tmp_path)
    monkeypatch.setenv("CLOCKD_TIMETRACK_API_SECRET", "another-secret")
    finding = (await _findings(command, file))["tracker"]
    assert not finding["ok"]
    assert "timetrack-api-secret" in finding["found"]
    assert "another-secret" not in json.dumps(finding)
    monkeypatch.delenv("CLOCKD_TIMETRACK_API_SECRET")
    assert "missing" in (await _findings(command, file))["tracker"]["found"]


async def test_a_terminal_with_the_wrong_key_keeps_its_punches_and_says_who_is_needed(
    command: Command, tmp_path: Path
) -> None:
    async with bench(tmp_path, people=1, env={"CLOCKD_TIMETRACK_API_SECRET": "another-secret"}) as rig:
        rig.serial.tap(uid_of(0))
        await rig.daemon.recorded(1)
        await until(lambda: _paused(rig))
        said = await command("status", "--socket", rig.daemon.socket)
        assert said.code == 1
        assert "paused" in said.out
        assert "timetrack-api-secret" in said.out
        assert "another-secret" not in said.out
        assert await rig.daemon.states() == ["waiting"]


async def _paused(rig: Rig) -> bool:
    return bool((await rig.daemon.status())["tracker"]["state"] == "paused")


async def test_the_tracker_is_elsewhere(rig: Rig, command: Command, tmp_path: Path) -> None:
    away = {**rig.daemon.sections["tracker"], "url": NO_SIMULATOR}
    finding = (await _findings(command, _config(rig, tmp_path, tracker=away)))["tracker"]
    assert (finding["ok"], NO_SIMULATOR in finding["found"], bool(finding["hint"])) == (False, True, True)
    wrong = {**away, "url": rig.simulator.url + "/nowhere"}
    finding = (await _findings(command, _config(rig, tmp_path, tracker=wrong)))["tracker"]
    assert (finding["ok"], "tracker.url" in finding["found"]) == (False, True)


async def test_no_tracker(rig: Rig, command: Command, tmp_path: Path) -> None:
    finding = (await _findings(command, _config(rig, tmp_path, tracker={"kind": "none"})))["tracker"]
    assert (finding["ok"], finding["found"]) == (True, "none is configured: punches stay here")
