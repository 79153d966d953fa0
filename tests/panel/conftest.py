"""What the tests of this folder share."""

import asyncio

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_stray_loop() -> None:
    """Keep pytest-asyncio from making a loop that nobody closes, before the first asynchronous test (Python < 3.12)."""
    asyncio.set_event_loop(None)
