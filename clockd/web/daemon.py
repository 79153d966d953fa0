"""The daemon as the page asks it: one command, one answer, and never without an end."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from clockd import control
from clockd.control.peers import KEY
from clockd.core.json import Json
from clockd.core.sentence import sentence
from clockd.errors import NoDaemon

ANSWERS_WITHIN_S = 15.0
"""How long an answer may take; a daemon that hangs does not hang a page."""
ASKED_AT_ONCE = 4
"""Commands that are asked at the same time: the daemon has room for others."""
MOST_ANSWER_BYTES = 16 * 1024 * 1024
"""No answer that a page asks for is longer."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """The daemon behind its control socket.

    Args:
        socket_path: where it listens.
        key: returns what shows the daemon that this is the admin page, whose accounts it then believes; None without.
        answer_s: how long an answer may take, in seconds.
    """

    socket_path: Path
    key: Callable[[], str | None] = lambda: None
    answer_s: float = ANSWERS_WITHIN_S
    _desks: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ASKED_AT_ONCE))

    async def ask(self, command: str, /, *, by: str | None = None, **arguments: Json) -> Json:
        """Send one command and return its answer.

        Args:
            command: its name, as `punches.page`.
            by: the account that does it; None where nothing is changed.
            arguments: what else it needs.

        Raises:
            NoDaemon: nobody answers, or not in time: what was asked for may be done all the same.
            Refused, UsageError, TrackerUnreachable: as the daemon says.
        """
        try:
            async with asyncio.timeout(self.answer_s), self._desks:
                return await self._asked(command, by, arguments)
        except TimeoutError:
            raise self._silent(self.answer_s) from None

    async def wait(self, seconds: float, command: str, /, *, by: str | None = None, **arguments: Json) -> Json:
        """Send a command that waits for a person at the door, and takes no place of others meanwhile.

        Raises:
            NoDaemon: as for `ask`.
            Refused, UsageError: as the daemon says.
        """
        try:
            async with asyncio.timeout(seconds):
                return await self._asked(command, by, arguments)
        except TimeoutError:
            raise self._silent(seconds) from None

    async def _asked(self, command: str, by: str | None, arguments: dict[str, Json]) -> Json:
        sent: dict[str, Json] = {"cmd": command, **arguments}
        if by is not None:
            sent["by"] = by
        if (key := self.key()) is not None:
            sent[KEY] = key
        try:
            reader, writer = await asyncio.open_unix_connection(self.socket_path, limit=MOST_ANSWER_BYTES)
        except PermissionError:
            hint = "the user of this process has to be in the group clockd"
            raise NoDaemon(
                sentence("not allowed to speak to the daemon on {socket_path}", socket_path=str(self.socket_path)),
                hint=hint,
            ) from None
        except OSError:
            raise NoDaemon("the terminal's daemon does not answer", hint="systemctl status clockd") from None
        try:
            answer: Json = None
            for line in control.lines_of(sent):
                writer.write(line)
                await writer.drain()
                answer = control.result_of(await reader.readline(), self.socket_path)
            return answer
        except (OSError, ValueError):  # it went away, or its answer has no end
            raise control.went_away(self.socket_path) from None
        finally:
            writer.transport.abort()

    def _silent(self, seconds: float) -> NoDaemon:
        hint = "it may have done it: look before you repeat it"
        return NoDaemon(
            sentence("the terminal's daemon did not answer within {seconds:.0f} s", seconds=seconds), hint=hint
        )
