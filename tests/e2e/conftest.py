"""What the tests of the whole share."""

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable

import pytest

from clockd import cli
from tests.e2e.processes import KEYS, Said
from tests.readers.pcscd import pcscd as pcscd

Command = Callable[..., Awaitable[Said]]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command as `clockd` does, in a thread of this process: the same words and exit code, without its start."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "80")

    def call(words: tuple[object, ...], stdin: str) -> Said:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        monkeypatch.setattr(sys, "argv", ["clockd", *map(str, words)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert isinstance(end.value.code, int)
        return Said(end.value.code, out, err)

    async def run(*words: object, stdin: str = "") -> Said:
        return await asyncio.to_thread(call, words, stdin)

    return run
