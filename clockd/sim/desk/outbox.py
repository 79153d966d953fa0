"""What the daemon says of itself: its status and its last punches, asked through its control socket."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from clockd.core.json import Json
from clockd.errors import ClockdError, NoDaemon, Refused

REPLY_S = 5.0
"""How long the daemon may think."""

REPLY_BYTES = 4_000_000
"""No honest answer is longer."""

PUNCHES = 30
"""How many of the last punches are shown."""


class Envelope(msgspec.Struct, frozen=True):
    """A reply of the control socket."""

    ok: Any = None
    """A JSON document."""
    error: "Trouble | None" = None


class Trouble(msgspec.Struct, frozen=True):
    """Why the daemon said no."""

    message: str
    hint: str = ""
    exit_code: int = 1


@dataclass(frozen=True, slots=True)
class Outbox:
    """One look at the daemon; its answers to `clockd status --json` and `clockd punches --json`."""

    status: Json
    punches: Json

    @property
    def ready(self) -> bool:
        """Whether the daemon takes taps and answers them: every device is open."""
        if not isinstance(self.status, dict):
            return False
        readers, panel = self.status.get("readers"), self.status.get("panel")
        if not isinstance(readers, list) or not isinstance(panel, dict):
            return False
        states = [reader.get("state") for reader in readers if isinstance(reader, dict)]
        return all(state == "ok" for state in (*states, *panel.values()))


async def look_at_daemon(control: Path) -> Outbox:
    """Ask the daemon how it is.

    Raises:
        NoDaemon: nobody listens, or the daemon ended in the middle.
        Refused: it did not like the question.
    """
    status = await ask_daemon(control, {"cmd": "status"})
    punches = await ask_daemon(control, {"cmd": "punches", "limit": PUNCHES})
    return Outbox(status, punches)


async def ask_daemon(control: Path, request: Json) -> Json:
    """Put one question to the control socket.

    Raises:
        NoDaemon: nobody listens, or the daemon ended in the middle.
        Refused: it said no.
    """
    gone = NoDaemon(f"no daemon answers at {control}")
    try:
        async with asyncio.timeout(REPLY_S):
            reader, writer = await asyncio.open_unix_connection(control, limit=REPLY_BYTES)
            try:
                writer.write(msgspec.json.encode(request) + b"\n")
                await writer.drain()
                text = await reader.readline()
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, ValueError):
        raise gone from None
    if not text:
        raise gone
    try:
        envelope = msgspec.json.decode(text, type=Envelope)
    except msgspec.DecodeError:
        raise ClockdError(
            "the daemon's answer makes no sense", hint="do desk and daemon have the same version?"
        ) from None
    if envelope.error is not None:
        raise Refused(envelope.error.message, hint=envelope.error.hint)
    answer: Json = envelope.ok
    return answer
