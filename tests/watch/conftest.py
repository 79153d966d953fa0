"""One terminal and one `clockd web` beside it for each module."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.cli.conftest import clockd as clockd
from tests.cli.conftest import rig as rig
from tests.e2e.conftest import command as command
from tests.e2e.rig import Rig
from tests.watch.process import Page, token_of, watching


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(rig: Rig) -> AsyncIterator[Page]:
    """The page's process, without alerts."""
    with watching(rig.daemon, rig.folder / "web") as page:
        yield page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def token(rig: Rig) -> str:
    """A token that the terminal knows."""
    return await token_of(rig.daemon, "test")
