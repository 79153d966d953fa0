"""The daemon's side: who is let in, how much they may take, and what is answered."""

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeAlias

from clockd.control import lines, peers, place
from clockd.control.lines import Command
from clockd.core.json import Json
from clockd.core.sentence import sentence
from clockd.errors import ClockdError, Refused, UsageError

log = logging.getLogger(__name__)

Handler: TypeAlias = Callable[[Command], Awaitable[Json]]

ENROL = "badges.enrol"
"""Waits for a person at the door, and is given up when its caller hangs up."""
OUTSIDE = frozenset({ENROL, "tracker.request", "people.known", "sync"})
"""What waits for somebody outside, and keeps nobody else from the store meanwhile."""
SAID_AGAIN_S = 3600.0
"""How often the log says the same of the callers."""
BETWEEN_TRIES_S = 1.0
"""Between two tries to let somebody in when the machine has no room for it."""
SLICE_BYTES = 64 * 1024
"""Of an answer that is handed to the kernel at once."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much all callers together may take."""

    clients: int = 64
    """How many callers may be connected; when one more comes, the one that was silent longest has to go."""
    grace_s: float = 1.0
    """How long a caller must have been silent before it has to go."""
    at_once: int = 2
    """Commands that are worked on at the same time, but for those of `OUTSIDE`; a tap waits for a piece of each."""
    idle_s: float = 60.0
    """How long a line may take to come."""
    stall_s: float = 30.0
    """How long a caller may take for each `SLICE_BYTES` of an answer."""
    kept_bytes: int = 2 * 1024 * 1024
    """Of commands of several lines whose end has not come."""
    waiting_bytes: int = 32 * 1024 * 1024
    """Of answers that nobody has read yet."""


async def _a_turn() -> None:
    """Let the loop go round once."""
    await asyncio.sleep(0)


async def serve(
    path: Path,
    handler: Handler,
    ready: Callable[[], None] = lambda: None,
    limits: Limits | None = None,
    web_key: Callable[[], str | None] = lambda: None,
    give_way: Callable[[], Awaitable[None]] = _a_turn,
) -> None:
    """Answer commands until cancelled. A socket left behind by a dead daemon is replaced.

    Args:
        path: where callers come to.
        handler: does what they ask for.
        ready: called as soon as they can come.
        limits: how many, how long and how much.
        web_key: returns the key by which the admin page is known.
        give_way: waited for between two pieces of a long answer, so that others have their turn.

    Raises:
        ConfigError: somebody else answers on it, something else stands there, or the folder is missing or not ours.
    """
    with place.listening(path) as sock:
        ready()
        await _Door(handler, limits or Limits(), web_key, give_way).serve(sock)


@dataclass(slots=True, eq=False)
class _Client:
    """One caller."""

    since_s: float
    """When it was heard last, in the loop's time."""
    uid: int
    """The user at the other end, as the kernel says."""
    name: str = ""
    """The name of that user; empty until it was needed."""
    task: asyncio.Task[None] | None = None
    working: bool = False
    """A command of it is being worked on."""
    kept: Command | None = None
    """What came so far of a command of several lines."""
    kept_bytes: int = 0
    """How many bytes these lines are together."""


@dataclass(slots=True)
class _Door:
    """All callers."""

    handler: Handler
    limits: Limits
    web_key: Callable[[], str | None]
    give_way: Callable[[], Awaitable[None]]
    _clients: set[_Client] = field(default_factory=set)
    _someone_left: asyncio.Event = field(default_factory=asyncio.Event)
    _kept_bytes: int = 0
    _waiting_bytes: int = 0
    _said_s: dict[str, float] = field(default_factory=dict)
    _desks: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._desks = asyncio.Semaphore(self.limits.at_once)

    async def serve(self, sock: socket.socket) -> None:
        """Let callers in until cancelled; nobody is left at the end."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                try:
                    connection, _ = await loop.sock_accept(sock)
                except OSError as error:
                    if error.errno != errno.ECONNABORTED:
                        self._say("nobody can be let in: %s", error.strerror)
                        await asyncio.sleep(BETWEEN_TRIES_S)
                    continue
                client = _Client(loop.time(), peers.uid_of(connection))
                self._clients.add(client)
                client.task = loop.create_task(self._talk(connection, client), name="control: a caller")
                client.task.add_done_callback(partial(self._left, client, connection))
                await self._make_room(client)
        finally:
            left = [client.task for client in self._clients if client.task]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _make_room(self, newest: _Client) -> None:
        """Let those go that have been silent longest, until nobody is too many; wait where everybody is worked for."""
        now_s = asyncio.get_running_loop().time
        while len(self._clients) > self.limits.clients:
            self._someone_left.clear()
            silent = [client for client in self._clients if not client.working and client is not newest]
            wait_s: float | None = None
            if silent:
                longest = min(silent, key=lambda client: client.since_s)
                wait_s = longest.since_s + self.limits.grace_s - now_s()
                if wait_s <= 0:
                    self._say("%d callers at once: who is silent longest is let go", self.limits.clients)
                    wait_s = None
                    assert longest.task is not None
                    longest.task.cancel()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._someone_left.wait(), wait_s)

    async def _talk(self, connection: socket.socket, client: _Client) -> None:
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_unix_connection(sock=connection, limit=lines.LINE_BYTES)
            writer.transport.set_write_buffer_limits(
                high=0
            )  # what is drained has left, so that nothing is to be flushed
            while line := await self._next_line(reader):
                client.working = True
                answer = await self._answer(line, reader, client)
                client.working = False
                del line
                await self._send(writer, answer)
                client.since_s = asyncio.get_running_loop().time()
        except _TooLong:
            self._say("a caller sent a line of more than %d KiB", lines.LINE_BYTES // 1024)
            await self._refuse(writer)
        except (OSError, TimeoutError, EOFError):
            pass  # the caller went away, or is silent, or does not read
        except asyncio.CancelledError:
            pass  # nobody waits for this task; it ends either way
        except Exception:
            log.exception("a caller of the control socket was lost")
        finally:
            if writer is not None:
                writer.transport.abort()

    def _left(self, client: _Client, connection: socket.socket, task: asyncio.Task[None]) -> None:
        """Forget a caller, who may have gone before its task began."""
        self._forget(client)
        self._clients.discard(client)
        self._someone_left.set()
        connection.close()

    async def _next_line(self, reader: asyncio.StreamReader) -> bytes:
        """Wait for a line; empty when the caller hung up.

        Raises:
            _TooLong: it has no end.
            TimeoutError: it does not come.
        """
        try:
            async with asyncio.timeout(self.limits.idle_s):
                return await reader.readline()
        except ValueError:
            raise _TooLong from None

    async def _refuse(self, writer: asyncio.StreamWriter | None) -> None:
        assert writer is not None
        error = UsageError(
            sentence("a line has at most {limit} KiB", limit=lines.LINE_BYTES // 1024),
            hint="send a long list in several, with “more”",
        )
        try:
            await self._send(writer, lines.error_line(error))
        except (OSError, TimeoutError, asyncio.CancelledError):
            return  # it does not listen either

    async def _send(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        self._waiting_bytes += len(answer)
        try:
            for first in range(0, len(answer), SLICE_BYTES):
                writer.write(answer[first : first + SLICE_BYTES])
                async with asyncio.timeout(self.limits.stall_s):
                    await writer.drain()
        finally:
            self._waiting_bytes -= len(answer)

    async def _answer(self, line: bytes, reader: asyncio.StreamReader, client: _Client) -> bytes:
        try:
            command = self._whole(line, client)
            if command is None:
                return b'{"ok": {"taken": true}}\n'
            client.name = client.name or await asyncio.to_thread(peers.user_name, client.uid)
            key = self.web_key() if peers.KEY in command else None
            return await self._written(await self._worked(peers.signed(command, client.name, key), reader))
        except ClockdError as error:
            return lines.error_line(error)
        except ConnectionError:
            raise
        except Exception:
            # one bad command must not end the terminal; the traceback goes to the journal
            log.exception("a command failed")
            return lines.error_line(Refused("an error inside the daemon", hint="see its log"))

    async def _worked(self, command: Command, reader: asyncio.StreamReader) -> Json:
        if command["cmd"] == ENROL:
            return await _while_listening(reader, self._handled(command))
        if command["cmd"] in OUTSIDE:
            return await self.handler(command)
        async with self._desks:
            return await self.handler(command)

    async def _handled(self, command: Command) -> Json:
        return await self.handler(command)

    async def _written(self, answer: Json) -> bytes:
        """Write an answer in batches: the loop is not kept for long."""
        found: list[bytes] = []
        size = self._waiting_bytes
        for batch in lines.answer_batches(answer):
            await self.give_way()
            found.append(batch)
            size += len(batch)
            if len(found) > 1 and size > self.limits.waiting_bytes:
                raise Refused("too many answers wait to be read", hint="try again in a minute, or ask for less")
        return b"".join(found)

    def _whole(self, line: bytes, client: _Client) -> Command | None:
        """Put the lines of a long command together; None while there is more to come.

        Raises:
            UsageError: it is none, or too long; what came of it so far is forgotten.
        """
        try:
            command = lines.read_command(line)
            more = command.pop("more", False)
            if client.kept is not None:
                command = lines.put_together(client.kept, command)
            if more is not True:
                self._forget(client)
                return command
            if self._kept_bytes + len(line) > self.limits.kept_bytes:
                most = self.limits.kept_bytes // (1024 * 1024)
                raise UsageError(
                    sentence("long commands have {most} MiB together", most=most), hint="send less at once, or later"
                )
        except UsageError:
            self._forget(client)
            raise
        client.kept = command
        client.kept_bytes += len(line)
        self._kept_bytes += len(line)
        return None

    def _forget(self, client: _Client) -> None:
        self._kept_bytes -= client.kept_bytes
        client.kept, client.kept_bytes = None, 0

    def _say(self, what: str, *words: object) -> None:
        """Log something of the callers, unless it was said lately: they must not fill the journal."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._said_s.get(what, -SAID_AGAIN_S) >= SAID_AGAIN_S:
            self._said_s[what] = now_s
            log.warning(what, *words)


class _TooLong(Exception):
    """A line has no end."""


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
