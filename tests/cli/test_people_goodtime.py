"""Whether the tracker knows somebody: Goodtime has a list of its users."""

import pytest

from tests.e2e.conftest import Command
from tests.e2e.people import EMAILS

pytestmark = pytest.mark.asyncio(loop_scope="module")

BENCH = {"people": 1, "goodtime": ()}


async def test_goodtime_says_whom_it_does_not_know(clockd: Command) -> None:
    said = await clockd("badges", "add", "--uid", "04C0FFEE112299", "-u", "nobody@example.com")
    assert said.code == 0
    assert said.err == "clockd: the tracker does not know nobody@example.com: their punches will be held\n"
    said = await clockd("badges", "add", "--uid", "04C0FFEE112299", "-u", EMAILS[0].upper())
    assert said.err == ""
