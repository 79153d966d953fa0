"""What badges and people touch: a reader on a serial port, and the desk."""

import asyncio
import os
import pty
import termios
import time
import tty

from clockd.core.model import Uid
from clockd.readers.serial import ABSENT_S
from clockd.sim.desk import wire
from clockd.sim.desk.terminal import DeskTerminal
from tests.e2e.looking import PATIENCE_S, until


class SerialPort:
    """A pseudo terminal: whatever taps here is read by a `serial` reader with `format = "line"`."""

    def __init__(self) -> None:
        # the far end stays open, so that the port outlives the daemon
        self._near, self._far = pty.openpty()
        tty.setraw(self._far, termios.TCSANOW)
        self.path = os.ttyname(self._far)

    def tap(self, *badges: Uid) -> None:
        """Hold badges to the reader, one right after the other."""
        self.raw(b"".join(badge.hex.encode() + b"\r\n" for badge in badges))

    def raw(self, data: bytes) -> None:
        """Let the reader say something."""
        os.write(self._near, data)

    async def absent(self) -> None:
        """Wait until the reader takes a badge that lay here for a new one; what was tapped has been recorded before."""
        gone_s = time.monotonic() + ABSENT_S
        await until(lambda: time.monotonic() > gone_s)

    def close(self) -> None:
        """Pull the plug."""
        os.close(self._near)
        os.close(self._far)


class Desk:
    """The desk's side of the wire: taps, keys, and what the panel shows in words."""

    def __init__(self) -> None:
        self.terminal = DeskTerminal(self._heard)
        self.texts: list[str] = []
        """Every screen, in words."""
        self.lights: list[wire.BothLights] = []
        self._read = 0
        self._news = asyncio.Event()

    async def says(self, *parts: str) -> str:
        """Wait for a screen with all these words, newer than the one waited for before."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    while self._read < len(self.texts):
                        self._read += 1
                        if all(part in self.texts[self._read - 1] for part in parts):
                            return self.texts[self._read - 1]
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{parts} never seen; the last screens: {self.texts[-8:]}") from None

    def shone(self) -> set[tuple[bool, bool]]:
        """Which states (green, red) the lights had since this was asked last."""
        seen = {(light.green, light.red) for light in self.lights}
        self.lights.clear()
        return seen

    def _heard(self, up: wire.Up | None) -> None:
        if up is None:
            return
        if up.text is not None:
            self.texts.append(up.text)
        if up.lights is not None:
            self.lights.append(up.lights)
        self._news.set()
