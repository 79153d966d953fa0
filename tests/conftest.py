"""What all tests share."""

import asyncio

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def no_stray_loop() -> None:
    """Keep pytest-asyncio from making a loop that nobody closes, before the first asynchronous test (Python < 3.12)."""
    asyncio.set_event_loop(None)
