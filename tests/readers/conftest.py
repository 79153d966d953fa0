"""Benches for the suites of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.readers.air import Air
from tests.readers.benches import Bench, KeyboardBench, NfcBench, PcscBench, SerialBench
from tests.readers.pcscd import Pcscd
from tests.readers.pcscd import pcscd as pcscd

BENCHES = ("serial line", "serial rdm6300", "keyboard", "nfc", "pcsc")


@pytest.fixture
async def air() -> AsyncIterator[Air]:
    """A field with nothing in it."""
    field = Air()
    await field.open()
    yield field
    field.close()


@pytest.fixture(params=BENCHES)
async def bench(request: pytest.FixtureRequest, tmp_path: Path, air: Air) -> AsyncIterator[Bench]:
    """A bench of each kind, one after the other."""
    made: Bench
    match request.param:
        case "serial line":
            made = SerialBench(tmp_path)
        case "serial rdm6300":
            made = SerialBench(tmp_path, rdm6300=True)
        case "keyboard":
            made = KeyboardBench()
        case "nfc":
            made = NfcBench(air)
        case _:
            service: Pcscd = request.getfixturevalue("pcscd")
            made = PcscBench(service)
    yield made
    await made.close()
