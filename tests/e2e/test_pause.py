"""A paused tracker is asked again by itself, on real clocks: at once with a new key, soon after a stray redirect."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.e2e.looking import until
from tests.e2e.people import uid_of
from tests.e2e.processes import SECRET
from tests.e2e.rig import Rig, bench


def state_is(rig: Rig, wanted: str) -> Callable[[], Awaitable[bool]]:
    async def found() -> bool:
        return bool((await rig.daemon.status())["tracker"]["state"] == wanted)

    return found


async def test_a_new_key_counts_without_a_restart(tmp_path: Path) -> None:
    credential = tmp_path / "credentials" / "timetrack-api-secret"
    credential.parent.mkdir()
    credential.write_text("an old secret\n")
    async with bench(tmp_path, people=1, env={"CREDENTIALS_DIRECTORY": str(credential.parent)}) as rig:
        rig.serial.tap(uid_of(0))
        await rig.daemon.recorded(1)
        await until(state_is(rig, "paused"))
        credential.write_text(SECRET)
        await rig.daemon.settled(1)
        assert len(await rig.simulator.rows()) == 1


async def test_a_stray_redirect_is_over_in_a_minute(tmp_path: Path) -> None:
    async with bench(tmp_path, people=1) as rig:
        await rig.simulator.faults("moved")
        rig.serial.tap(uid_of(0))
        await rig.daemon.recorded(1)
        await until(state_is(rig, "paused"))
        await rig.simulator.faults()
        await rig.daemon.settled(1, within_s=90)
        assert len(await rig.simulator.rows()) == 1
