"""Programs of the operating system: run one, with words and an input, and read what it says."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from clockd.errors import ClockdError

WAITED_FOR_S = 90.0
"""No program is waited for any longer."""


class NoProgram(ClockdError):
    """A program is not installed."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended."""

    code: int
    """Its exit code; -1 when it took too long."""
    out: str
    err: str


def run_program(words: Sequence[str], *, given: str = "", longest_s: float = WAITED_FOR_S) -> Ran:
    """Run a program of the PATH, in English, and wait for its end.

    Args:
        words: its name and its arguments; everybody on this machine can read them while it runs.
        given: its standard input; a secret goes here.
        longest_s: it is ended after so many seconds.

    Raises:
        NoProgram: it is not installed, or may not be run.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell reads these words
            words,
            input=given.encode(),
            capture_output=True,
            timeout=longest_s,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(-1, "", f"{words[0]} did not end within {longest_s:g} s")
    except OSError as error:
        raise NoProgram(f"{words[0]} cannot be run here: {error.strerror}") from None
    return Ran(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
