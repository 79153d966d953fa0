"""The daemon's Unix socket: the one door for the commands and the admin page.

One line of JSON in, one line of JSON out, as often as the caller likes:

    {"cmd": "punches", "limit": 10}
    {"ok": […]}                        or  {"error": {"message": "…", "hint": "…", "exit_code": 1}}

Who may open the socket may do everything; its file mode (0660, group of the daemon) is the permission.
"""

import asyncio
import json
import logging
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TypeAlias

from clockd.core.wire import Json
from clockd.errors import ClockdError, ConfigError, NoDaemon, Refused, TrackerUnreachable, UsageError

log = logging.getLogger(__name__)

LINE_BYTES = 64 * 1024 * 1024
"""The longest line either side takes: a whole outbox as JSON, or a badge list."""

PLACE = "terminal.control_socket"
"""Where the path of the socket is configured."""

Command: TypeAlias = dict[str, Json]
Handler: TypeAlias = Callable[[Command], Awaitable[Json]]


async def serve(path: Path, handler: Handler, ready: Callable[[], None] = lambda: None) -> None:
    """Answer commands until cancelled. A socket left behind by a dead daemon is replaced.

    Raises:
        ConfigError: somebody else answers on it, or the folder is missing or not ours.
    """
    _make_room(path)
    try:
        server = await asyncio.start_unix_server(lambda r, w: _talk(r, w, handler), path, limit=LINE_BYTES)
    except OSError as error:
        hint = "create its folder and give it to the user clockd runs as, or choose another path"
        raise ConfigError(PLACE, f"cannot listen on {path}: {error.strerror or error}", hint=hint) from error
    os.chmod(path, stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP)
    ready()
    try:
        async with server:
            await server.serve_forever()
    finally:
        path.unlink(missing_ok=True)


def _make_room(path: Path) -> None:
    if not path.exists():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            return
    raise ConfigError(PLACE, f"another clockd answers on {path}", hint="stop it first, or give this one its own path")


async def _talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
    try:
        while line := await reader.readline():
            working = _answer(line, handler)
            answer = await (_while_listening(reader, working) if _waits_for_a_person(line) else working)
            text = await asyncio.to_thread(json.dumps, answer, ensure_ascii=False)  # years of punches take a while
            writer.write(text.encode() + b"\n")
            await writer.drain()
    except (ConnectionError, ValueError, asyncio.CancelledError):
        pass  # the caller went away, or sent a line that has no end
    finally:
        writer.close()


def _waits_for_a_person(line: bytes) -> bool:
    return b"badges.enrol" in line


async def _while_listening(reader: asyncio.StreamReader, answer: Coroutine[object, object, Json]) -> Json:
    """Work on an answer while its caller listens: what waits for a person is given up when the caller hangs up.

    Raises:
        ConnectionError: the caller went away.
    """
    working = asyncio.ensure_future(answer)
    leaving = asyncio.ensure_future(reader.read(1))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ConnectionError("the caller went away")
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _answer(line: bytes, handler: Handler) -> Json:
    try:
        command = json.loads(line)
        if not isinstance(command, dict) or not isinstance(command.get("cmd"), str):
            raise UsageError("a command is an object with “cmd”")
        return {"ok": await handler(command)}
    except ClockdError as error:
        return {"error": {"message": error.message, "hint": error.hint, "exit_code": error.exit_code}}
    except ValueError as error:
        return {"error": {"message": f"not understood: {error}", "hint": "", "exit_code": 2}}
    except Exception:
        # one bad command must not end the terminal; the traceback goes to the journal
        log.exception("a command failed")
        return {"error": {"message": "an error inside the daemon", "hint": "see its log", "exit_code": 1}}


def ask(path: Path, command: Command, timeout_s: float = 60.0) -> Json:
    """Send one command to the daemon and return its answer.

    Raises:
        NoDaemon: nobody listens.
        Refused, UsageError, TrackerUnreachable: as the daemon says.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout_s)
            sock.connect(str(path))
            sock.sendall(json.dumps(command).encode() + b"\n")
            with sock.makefile("rb") as answers:
                line = answers.readline(LINE_BYTES)
    except TimeoutError:
        hint = "it may have done it: look before you repeat it; its log tells more (journalctl -u clockd)"
        raise NoDaemon(f"the daemon on {path} did not answer within {timeout_s:.0f} s", hint=hint) from None
    except PermissionError:
        hint = "use sudo, or join the group clockd"
        raise NoDaemon(f"not allowed to speak to the daemon on {path}", hint=hint) from None
    except (OSError, ValueError):
        hint = "systemctl status clockd; or name its socket with --socket"
        raise NoDaemon(f"no daemon answers on {path}", hint=hint) from None
    if not line:
        hint = "look before you repeat it; systemctl status clockd"
        raise NoDaemon(f"the daemon on {path} went away before it answered", hint=hint)
    answer = json.loads(line)
    if "ok" in answer:
        result: Json = answer["ok"]
        return result
    error = answer["error"]
    kinds: dict[int, type[ClockdError]] = {2: UsageError, 4: TrackerUnreachable}
    raise kinds.get(error["exit_code"], Refused)(error["message"], hint=error["hint"])
