"""What stands around every page: which hosts are ours, how much may be sent, and what browsers are told to refuse."""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_SENT_BYTES = 1_000_000
"""Of what a browser may send at once: a file of thousands of badges. Less than what would be put onto the disk."""
SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Around:
    """Refuses what is not for us or too much, and adds the headers.

    Args:
        app: what is inside.
        names: further host names that are ours.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = {"localhost", *own_names(), *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        told = _Sending(send)
        if not is_ours(headers.get("host", ""), self._names):
            why = "This name is not one of the page's own. Add it to [web] names in clockd.toml.\n"
            await PlainTextResponse(why, 421)(scope, receive, told.send)
            return
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > MOST_SENT_BYTES:
            await _too_much(scope, receive, told.send)
            return
        taken = 0

        async def receive_some() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MOST_SENT_BYTES:
                raise _TooMuch
            return message

        try:
            await self._app(scope, receive_some, told.send)
        except _TooMuch:
            if not told.began:
                await _too_much(scope, receive, told.send)


class _TooMuch(Exception):
    """More came than was said, or than may come."""


@dataclass(slots=True)
class _Sending:
    """Sends an answer with our headers."""

    _send: Send
    began: bool = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began = True
            headers = MutableHeaders(scope=message)
            for name, value in SAFE_HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
        await self._send(message)


async def _too_much(scope: Scope, receive: Receive, send: Send) -> None:
    answer = PlainTextResponse("This is more than the page takes at once.\n", 413, {"Connection": "close"})
    await answer(scope, receive, send)


def is_ours(host: str, names: Collection[str]) -> bool:
    """Whether a request's `Host` can only have been meant for us.

    An address always is: a foreign site can point a name of its own at this machine, and never an address.
    """
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        ip_address(name)
    except ValueError:
        return name.rstrip(".") in names
    return True


def own_names() -> set[str]:
    """Return this machine's own name, as it is and as its network knows it."""
    name = socket.gethostname().lower()
    short = name.partition(".")[0]
    return {name, short, f"{short}.local"}
