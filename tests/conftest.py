"""What all tests share."""

import asyncio

import pytest
from hypothesis import HealthCheck, settings

LONGEST_FIRST = (
    *("flow/test_any_days", "faults/test_powercut", "cli/test_examples", "e2e/test_goodtime", "cli/test_check"),
    *("web/test_pages", "web/test_signing", "panel/test_drawing", "flow/test_neighbour", "cli/test_keys"),
    *("e2e/test_time", "faults/test_killsweep", "flow/test_scenes", "deploy/test_scripts", "web/test_door"),
    *("panel/test_words", "e2e/test_pause", "web/test_harmless", "flow/test_matrix", "web/test_work"),
    *("demo/test_for_everybody", "watch/test_api", "cli/test_newcomer", "web/test_own", "demo/test_page"),
)
"""Files that take long, as they took: the short ones fill the gaps in the end, so that no process waits for another."""

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; processes take whole files, in this order."""
    places = {f"{name}.py": place for place, name in enumerate(LONGEST_FIRST)}

    def place_of(item: pytest.Item) -> int:
        return places.get("/".join(item.path.parts[-2:]), len(places))

    items.sort(key=place_of)


@pytest.fixture(scope="session", autouse=True)
def no_stray_loop() -> None:
    """Keep pytest-asyncio from making a loop that nobody closes, before the first asynchronous test (Python < 3.12)."""
    asyncio.set_event_loop(None)
