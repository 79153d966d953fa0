"""Every promise of a reader, over every reader."""

import pytest

from tests.readers.benches import Bench
from tests.readers.contract import PATIENCE_S, PROMISES


@pytest.mark.parametrize("promise", PROMISES)
async def test_reader_keeps(promise: str, bench: Bench) -> None:
    await PROMISES[promise](bench, PATIENCE_S)
