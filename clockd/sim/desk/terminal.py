"""The desk's side of the wire: listens for the daemon, hands it taps and key presses, hears what it shows."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from clockd.config.files import kind_of
from clockd.errors import UsageError
from clockd.sim.desk import wire


class DeskTerminal:
    """The body of the terminal. Without a daemon on the line it is dead: dark, and deaf to taps.

    Args:
        heard: called with each message of the daemon, and with None when the daemon is gone.
    """

    def __init__(self, heard: Callable[[wire.Up | None], None]) -> None:
        self._heard = heard
        self._daemon: asyncio.StreamWriter | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self._open = False

    @property
    def alive(self) -> bool:
        """Whether a daemon is connected."""
        return self._daemon is not None

    def tap(self, uid: str) -> bool:
        """Hold a badge to the reader; False when nobody is there to see it."""
        return self._tell(wire.Down(tap=uid))

    def press(self, gpio: int) -> bool:
        """Press a key; False when nobody is there to notice."""
        return self._tell(wire.Down(press=gpio))

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        """Listen at a Unix socket for as long as the block runs; the socket is gone afterwards."""
        _clear(path)
        server = await asyncio.start_unix_server(self._accept, path, limit=wire.DESK_LINE_BYTES)
        os.chmod(path, 0o600)
        self._open = True
        try:
            yield
        finally:
            self._open = False
            server.close()
            if self._daemon is not None:
                self._daemon.transport.abort()
            if self._lines:
                await asyncio.wait(self._lines)
            _clear(path)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.transport.abort()  # it came while the door was being closed
            return
        if self._daemon is not None:
            self._daemon.transport.abort()  # the newest daemon owns the terminal
        self._daemon = writer
        line = asyncio.create_task(self._serve(reader, writer), name="desk: line")
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while text := await reader.readline():
                message = wire.up(text)
                if message is not None and self._daemon is writer:
                    self._heard(message)
        except (OSError, ValueError):
            pass  # killed in the middle of a line
        finally:
            writer.transport.abort()
            if self._daemon is writer:
                self._daemon = None
                self._heard(None)

    def _tell(self, message: wire.Down) -> bool:
        if self._daemon is None:
            return False
        self._daemon.write(wire.line(message))
        return True


def _clear(path: Path) -> None:
    """Remove a socket that nobody listens at, as a killed demo leaves it; the folder's lock keeps others away.

    Raises:
        UsageError: something else stands there, and is left as it is.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise UsageError(f"{path} is {kind_of(mode)}, and no socket", hint="name another --state-dir, or move it away")
    path.unlink(missing_ok=True)
