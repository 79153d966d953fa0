"""What reaches a simulated tracker, what it replies, and how the reply leaves.

    SimRequest ──> Front.receive ──> Answered | Hangup | Silence | NotConnected

The model of a tracker only knows `SimRequest` and `SimReply`; the four outcomes belong to the wire and are made by
the front. Bodies are bytes throughout: a simulator must be able to send broken ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import msgspec


@dataclass(frozen=True, slots=True)
class SimRequest:
    """A request that reached the tracker's machine."""

    method: str
    path: str
    """Below the tracker's base URL, percent-encoded, beginning with `/`."""
    query: tuple[tuple[str, str], ...] = ()
    """Decoded."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    reused: bool = False
    """True when it is not the first request on its connection."""

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's parts, decoded one by one: an encoded slash stays inside its part."""
        return tuple(unquote(part) for part in self.path.split("/")[1:])

    @property
    def writes(self) -> bool:
        """True for everything that could change something."""
        return self.method not in ("GET", "HEAD", "OPTIONS")

    def param(self, name: str) -> str | None:
        """The first value of a query parameter."""
        for key, value in self.query:
            if key == name:
                return value
        return None

    def named(self, name: str) -> str | None:
        """A text of the query, or else of the body, by its name."""
        named: object = self.param(name)
        if named is None:
            named = (_object(self.body) or {}).get(name)
        return named if isinstance(named, str) else None

    def fields(self, *, always_said: bool = False) -> dict[str, object] | None:
        """The body's fields; None for a body that is no JSON object, or where nothing says that it is JSON.

        Args:
            always_said: a request without a body has to say it too.
        """
        needs_none = not self.writes or (not self.body and self.method == "DELETE")
        if (always_said or not needs_none) and "json" not in self.headers.get("content-type", ""):
            return None
        return {} if needs_none else _object(self.body)


class Problem(Exception):
    """A request, or somebody's act, that the tracker refuses; its text is for people.

    Args:
        status: the HTTP status it is refused with.
        text: may or may not be shown.
    """

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class SimReply:
    """What the tracker says, before anything happens to it on the way."""

    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case; without content-length and date, which the shell adds."""
    body: bytes

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


JSON_HEADERS = (("content-type", "application/json; charset=utf-8"),)
HTML_HEADERS = (("content-type", "text/html; charset=utf-8"),)


def json_reply(status: int, value: object, *more: tuple[str, str]) -> SimReply:
    """A JSON reply; `more` are further headers."""
    return SimReply(status, JSON_HEADERS + more, msgspec.json.encode(value))


def html_reply(status: int, title: str, *more: tuple[str, str]) -> SimReply:
    """A page, as web servers and proxies send when the application never saw the request."""
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return SimReply(status, HTML_HEADERS + more, page.encode())


def empty_reply(status: int = 204) -> SimReply:
    """A reply without a body."""
    return SimReply(status, (), b"")


def _object(body: bytes) -> dict[str, object] | None:
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return None
    return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply is sent."""

    reply: SimReply
    after_s: float = 0.0
    """Time until the first byte."""
    over_s: float = 0.0
    """Time over which the body trickles, byte by byte."""
    cut: bool = False
    """The body breaks off half-way and the connection is closed, though content-length promised all of it."""


@dataclass(frozen=True, slots=True)
class Hangup:
    """The connection is closed without a byte of reply."""

    after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Silence:
    """No byte is ever sent and the connection stays open: the client must give up by itself."""


@dataclass(frozen=True, slots=True)
class NotConnected:
    """The connection itself is refused; no byte of the request arrived. A socket can only close at once."""


Fate = Answered | Hangup | Silence | NotConnected
"""The closed set of things that can become of a request."""
