"""One running bench for each module, and the commands as they are typed."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.e2e.conftest import Command
from tests.e2e.conftest import command as command
from tests.e2e.rig import Rig, bench


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    """A bench that the tests of a module share; its `BENCH` says how it is set up."""
    async with bench(tmp_path_factory.mktemp("bench"), **getattr(request.module, "BENCH", {})) as rig:
        yield rig


@pytest.fixture
def clockd(rig: Rig, command: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command that finds the bench's daemon by $CLOCKD_SOCKET."""
    monkeypatch.setenv("CLOCKD_SOCKET", str(rig.daemon.socket))
    return command
