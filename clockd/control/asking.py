"""The caller's side: one command, one answer."""

import json
import socket
import time
from pathlib import Path

from clockd.control.lines import Command, lines_of
from clockd.core.json import Json
from clockd.core.sentence import read_said, sentence
from clockd.errors import ClockdError, NoDaemon, NotLetIn, Refused, TrackerUnreachable, UsageError

ANSWER_BYTES = 64 * 1024 * 1024
"""No honest answer is longer."""
KNOCK_EVERY_S = 0.05
"""Between two tries while others wait to be let in."""


def ask(path: Path, command: Command, timeout_s: float = 60.0) -> Json:
    """Send one command to the daemon and return its answer.

    Args:
        path: the socket.
        command: what to do; a long one is sent in several lines.
        timeout_s: how long each line may wait for its answer.

    Raises:
        NoDaemon: nobody listens, or nobody who makes sense; NotLetIn: this user may not ask.
        Refused, UsageError, TrackerUnreachable: as the daemon says.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout_s)
            _connect(sock, path, timeout_s)
            result: Json = None
            with sock.makefile("rb") as answers:
                for line in lines_of(command):
                    sock.sendall(line)
                    result = result_of(answers.readline(ANSWER_BYTES), path)
            return result
    except TimeoutError:
        hint = "it may have done it: look before you repeat it; its log tells more (journalctl -u clockd)"
        raise NoDaemon(
            sentence(
                "the daemon on {path} did not answer within {timeout_s:.0f} s", path=str(path), timeout_s=timeout_s
            ),
            hint=hint,
        ) from None
    except PermissionError:
        hint = "use sudo, or join the group clockd"
        raise NotLetIn(f"not allowed to speak to the daemon on {path}", hint=hint) from None
    except ConnectionResetError:
        raise went_away(path) from None
    except (OSError, ValueError):
        hint = "systemctl status clockd; or name its socket with --socket"
        raise NoDaemon(sentence("no daemon answers on {path}", path=str(path)), hint=hint) from None


def _connect(sock: socket.socket, path: Path, timeout_s: float) -> None:
    end_s = time.monotonic() + timeout_s
    while True:
        try:
            return sock.connect(str(path))
        except BlockingIOError:  # so many wait already that this one was not even put into the row
            if time.monotonic() > end_s:
                raise TimeoutError from None
            time.sleep(KNOCK_EVERY_S)


def result_of(line: bytes, path: Path) -> Json:
    """Read the line that answers a command.

    Args:
        line: what came; without its end the daemon went away in the middle.
        path: the socket, for the error.

    Raises:
        NoDaemon: it is cut off, or makes no sense.
        Refused, UsageError, TrackerUnreachable: as the daemon says.
    """
    if not line.endswith(b"\n"):
        raise went_away(path)
    try:
        answer = json.loads(line)
        if "ok" in answer:
            result: Json = answer["ok"]
            return result
        error = answer["error"]
        said = error.get("said") or {}
        message, hint = (read_said(said.get(name), str(error[name])) for name in ("message", "hint"))
        exit_code = error["exit_code"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        hint = "do it and this command have the same version? clockd --version"
        raise NoDaemon(sentence("what answers on {path} makes no sense", path=str(path)), hint=hint) from None
    kinds: dict[object, type[ClockdError]] = {2: UsageError, 4: TrackerUnreachable}
    raise kinds.get(exit_code, Refused)(message, hint=hint)


def went_away(path: Path) -> NoDaemon:
    """Return the error of a daemon that ended before it answered."""
    hint = "look before you repeat it; systemctl status clockd"
    return NoDaemon(sentence("the daemon on {path} went away before it answered", path=str(path)), hint=hint)
