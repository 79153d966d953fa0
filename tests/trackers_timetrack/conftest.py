import asyncio

import pytest


@pytest.fixture(scope="package", autouse=True)
def _no_loop_of_nobody() -> None:
    """Keep pytest-asyncio from making a loop that it saves, restores and never closes (with Python before 3.14)."""
    asyncio.set_event_loop(None)
