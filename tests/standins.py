"""Programs of the operating system that stand in for the real ones: they write down how they were called."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

_SCRIPT = """#!{python}
import json, os, sys
given = ""
words = sys.argv[1:]
if any(word == "/dev/stdin" for word in words):
    with open("/dev/stdin") as stream:
        given = stream.read()
with open({record!r}, "a") as out:
    out.write(json.dumps({{"words": words, "given": given}}) + "\\n")
for part, code, said in json.loads({answers!r}):
    if part in " ".join(words):
        print(said, file=sys.stderr if code else sys.stdout)
        sys.exit(code)
"""


class StandIn:
    """A program on the PATH.

    Args:
        folder: where it is put; it comes first in the PATH.
        name: its name.
        answers: (a part of the words, exit code, what it says), the first that fits; else it says nothing and ends
            with 0.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        monkeypatch: pytest.MonkeyPatch,
        answers: list[tuple[str, int, str]] | None = None,
    ) -> None:
        self._record = folder / f"{name}.calls"
        folder.mkdir(exist_ok=True)
        path = folder / name
        values = {"python": sys.executable, "record": str(self._record), "answers": json.dumps(answers or [])}
        path.write_text(_SCRIPT.format(**values))
        path.chmod(0o755)
        if (before := os.environ["PATH"]).split(":")[0] != str(folder):
            monkeypatch.setenv("PATH", f"{folder}:{before}")

    @property
    def calls(self) -> list[list[str]]:
        """The words of each call."""
        return [call["words"] for call in self._read()]

    @property
    def given(self) -> list[str]:
        """What was read from standard input, by each call that read it."""
        return [call["given"] for call in self._read() if call["given"]]

    def _read(self) -> list[dict[str, Any]]:
        if not self._record.exists():
            return []
        return [json.loads(line) for line in self._record.read_text().splitlines()]
