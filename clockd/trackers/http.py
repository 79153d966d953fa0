"""The only user of httpx: one request out, one exchange back, and never a lie about what may have been applied.

What is deliberately absent, since each of it has booked something twice or shown a key to a stranger elsewhere:

* **No reuse of connections.** Each request opens its own. A connection that rested can be dead without our knowing,
  and a write on it is neither sent nor not sent.
* **No redirects.** A 301 turns a POST into a GET and hands the key to another host (trap T02).
* **No repetition.** Whether to send again is decided in `core/planning`, which knows what it would cost.
* **No environment.** Proxy variables, netrc and cookies do not exist here. TLS is always verified.
* **No endless waiting.** Each phase and the whole exchange have a limit, the reply has a size.
* **No long work in one go.** A reply is read in sips and unpacked in pieces, and whoever waits has a turn in between.

`NotSent` is claimed only on positive evidence: httpcore reports each step it begins, and as long as these were steps
of connecting, no byte of the request has left. Everything later is `NoAnswer`. A step with an unknown name counts as
later, so a new version of the library can make us too careful, and never too bold.

No text made here holds a header, a query or a byte of the reply; and a server that mirrors what it was sent gets no
secret into our journal, because a reply that holds one of ours is changed.
"""

import asyncio
import base64
import json
import logging
import re
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpcore
import httpx

from clockd import __version__
from clockd.config import Secret
from clockd.core.body import LONGEST_BYTES
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import Exchange, NoAnswer, NotSent, Reply, Request
from clockd.errors import ConfigError
from clockd.trackers.authorities import believing
from clockd.trackers.unreached import WANTS_CERTIFICATE, WANTS_ONE, Obstacle, Way, causes, lasts, why

TOTAL_S = 15.0
"""No exchange takes longer, whatever is configured: a lane must not be held by a slow tracker."""
MAX_REPLY_BYTES = LONGEST_BYTES
MAX_HEAD_BYTES = 32 * 1024
"""Of status line and headers, with all the interim replies before them."""
PROXY_WANTS_LOGIN = 407
SHORTEST_SECRET = 8
"""What is shorter may be a word of the reply."""
VEIL = "(hidden)"
SIP_BYTES = 4096
"""So much of a reply is taken at once: made of nothing but one-byte chunks it costs a Pi some ten milliseconds."""
PIECE_BYTES = 64 * 1024
"""So much is unpacked at once."""

_CONNECTING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*")


def _no_password() -> Secret | None:
    return None


class Http:
    """Sends requests to one tracker. Several may be under way at once; they share nothing but the TLS settings.

    Args:
        base_url: everything before the codec's paths; they are appended as text, never joined (trap U01).
        timeout_s: the longest wait for each of: connecting, writing, the next byte.
        user_agent: what we call ourselves.
        proxy: `http://user@host:port` of a proxy, or None. The environment is not asked.
        proxy_password: looks up the password of that user, anew for each request.
        ca: a file with the certificates of authorities that are believed besides the system's; read with the first
            request, and again until it can be read.
        tls: other settings than these, as from `ssl.create_default_context(cafile=…)`.
        max_reply_bytes: a longer reply, as sent or unpacked, is no answer.

    Raises:
        ConfigError: a base URL or proxy that cannot be used.
        ValueError: `tls` does not verify.
    """

    def __init__(
        self,
        base_url: str,
        *,
        timeout_s: float,
        user_agent: str = f"clockd/{__version__}",
        proxy: str | None = None,
        proxy_password: Callable[[], Secret | None] = _no_password,
        ca: Path | None = None,
        tls: ssl.SSLContext | None = None,
        max_reply_bytes: int = MAX_REPLY_BYTES,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._host = _host_of(self._base_url)
        self._proxy: httpx.Proxy | None = None
        self._proxy_user = ""
        if proxy is not None:
            self._proxy, self._proxy_user = _proxy(proxy)
        self._proxy_password = proxy_password
        self._ca = ca
        self._tls = ssl.create_default_context() if tls is None and ca is None else tls
        if self._tls and (self._tls.verify_mode is not ssl.CERT_REQUIRED or not self._tls.check_hostname):
            raise ValueError("a TLS context that does not verify the tracker's certificate")
        self._user_agent = user_agent
        self._max_reply_bytes = max_reply_bytes
        self.total_s = min(TOTAL_S, 1.5 * timeout_s)
        """The longest an exchange can take, from the look-up of the host's name to the last byte."""
        self._phase_s = min(timeout_s, self.total_s)
        self._closed = False
        # At INFO and DEBUG these two write addresses with their queries, and replies' headers, into our journal.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    def __repr__(self) -> str:
        return f"Http({self._host})"

    async def send(self, request: Request, headers: Mapping[str, str]) -> Exchange:
        """Send one request and wait for its whole reply, at most `total_s` seconds.

        Never raises for anything that host, network or reply do. A cancelled call says nothing about whether the
        request was applied: whoever cancels keeps the delivery in the state *sending*.

        Args:
            request: from a codec.
            headers: credentials; they reach the configured host and nothing else.
        """
        if self._closed:
            return NotSent("clockd is stopping")
        try:
            message = self._message(request, headers)
            proxy = self._proxy_with_password()
            if self._tls is None and self._ca is not None:
                self._tls = believing(self._ca)
        except (ValueError, ConfigError) as error:
            return NotSent(str(error), lasts=True)
        progress = _Progress()
        message.extensions = {"timeout": httpx.Timeout(self._phase_s).as_dict(), "trace": progress}
        try:
            async with asyncio.timeout(self.total_s):
                reply = await self._exchange(message, progress, proxy)
                if reply.status == PROXY_WANTS_LOGIN and self._proxy is not None:  # no tracker says so; it saw nothing
                    return _not_sent(self._way_by(proxy), Obstacle((), tcp=True, proxy_status=reply.status))
                return _veiled(reply, _secrets_of(request, headers, proxy))
        except Exception as error:  # noqa: BLE001 - whatever a network sends, and however a library stumbles over it
            if not progress.begun and (progress.connecting or isinstance(error, _CONNECTING)):
                return self._not_sent(error, progress, self._way_by(proxy))
            return NoAnswer(self._why_no_answer(error))
        finally:
            if progress.stream is not None:  # httpcore forgets it when cancelled in the middle of a TLS handshake
                await progress.stream.aclose()

    async def aclose(self) -> None:
        """Send nothing any more. Requests under way are not touched: cancel them where they were started."""
        self._closed = True

    # --- out ----------------------------------------------------------------------------------------------------

    def _message(self, request: Request, headers: Mapping[str, str]) -> httpx.Request:
        """Make the HTTP request.

        Raises:
            ValueError: it cannot be written down; the text says why and holds no secret.
        """
        if not _PATH.fullmatch(request.path):
            raise ValueError(f"the path {request.path!r} is not percent-encoded")
        for name, value in headers.items():
            if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
                raise ValueError("a credential holds a character that no HTTP header can carry; enter it anew")
        fields = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            "Content-Type": "application/json",  # TimeTrack's documents show it on every request, reads too
            "User-Agent": self._user_agent,
            **headers,
        }
        try:
            url = httpx.URL(self._base_url + request.path + _query(request.query))
            content = None
            if request.body is not None:
                text = json.dumps(request.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
                content = text.encode()
        except (ValueError, httpx.InvalidURL) as error:
            raise ValueError(f"the request cannot be written down: {type(error).__name__}") from None
        return httpx.Request(request.method, url, headers=fields, content=content)

    def _proxy_with_password(self) -> httpx.Proxy | None:
        """Return the proxy as it is asked now.

        Raises:
            ConfigError: its password is there, and cannot be one.
        """
        if self._proxy is None or not self._proxy_user or (password := self._proxy_password()) is None:
            return self._proxy
        return httpx.Proxy(self._proxy.url, auth=(self._proxy_user, password.reveal()))

    def _way_by(self, proxy: httpx.Proxy | None) -> Way:
        with_password = proxy is not None and proxy.auth is not None
        named = None if proxy is None else proxy.url.netloc.decode("ascii")
        return Way(self._host, named, with_password=with_password, own_authority=self._ca is not None)

    async def _exchange(self, message: httpx.Request, progress: "_Progress", proxy: httpx.Proxy | None) -> Reply:
        assert self._tls is not None
        # A transport of its own for each request: there is no pool in which a connection could survive.
        transport = httpx.AsyncHTTPTransport(
            verify=self._tls,
            trust_env=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=0),
            proxy=proxy,
            retries=0,
        )
        pool = transport._pool  # httpx has no other way to its connections
        pool._network_backend = _Sipping(pool._network_backend, progress)
        async with transport:
            response = await transport.handle_async_request(message)
            try:
                headers = {name.lower(): value for name, value in response.headers.items()}
                assert isinstance(response.stream, httpx.AsyncByteStream)
                body = await self._body(response.stream, headers)
                return Reply(response.status_code, headers, body)
            finally:
                await response.aclose()

    # --- in -----------------------------------------------------------------------------------------------------

    async def _body(self, stream: AsyncIterable[bytes], headers: dict[str, str]) -> bytes:
        """Read a body to its end and unpack it, both within the limit."""
        packed = headers.get("content-encoding", "").strip().lower() in ("gzip", "x-gzip")
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16) if packed else None
        received = 0
        body = bytearray()
        chunks = aiter(stream)
        try:
            async for chunk in chunks:
                received += len(chunk)
                packed_bytes, piece = chunk, b""
                while True:
                    await asyncio.sleep(0)
                    if unpack is None:
                        body += chunk
                    elif not unpack.eof:
                        piece = unpack.decompress(packed_bytes, PIECE_BYTES)
                        body += piece
                        packed_bytes = unpack.unconsumed_tail
                    if max(received, len(body)) > self._max_reply_bytes:
                        raise _Unreadable(sentence("the reply is longer than {most} bytes", most=self._max_reply_bytes))
                    if unpack is None or unpack.eof or not (packed_bytes or len(piece) == PIECE_BYTES):
                        break
        finally:
            if isinstance(chunks, AsyncGenerator):  # else the loop would close it later, in a task of nobody
                await chunks.aclose()
        if unpack is not None and received:
            if not unpack.eof:
                raise _Unreadable("the reply ends in the middle")
            del headers["content-encoding"]
        return bytes(body)

    # --- why ----------------------------------------------------------------------------------------------------

    def _not_sent(self, error: Exception, progress: "_Progress", way: Way) -> NotSent:
        found = tuple(causes(error))
        timed_out = any(isinstance(cause, TimeoutError | httpx.TimeoutException) for cause in found)
        refused = next((str(cause) for cause in found if isinstance(cause, httpx.ProxyError)), None)
        status = None if refused is None else re.match(r"[0-9]{3}", refused)
        return _not_sent(
            way,
            Obstacle(
                found,
                tcp=progress.stream is not None,
                too_slow_s=self._phase_s if timed_out else None,
                proxy_status=None if status is None else int(status[0]),
                tunnel=progress.tunnel and not progress.securing,
            ),
        )

    def _why_no_answer(self, error: Exception) -> str:
        # in TLS 1.3 a server says so when it has our request already
        if any(isinstance(cause, ssl.SSLError) and cause.reason in WANTS_CERTIFICATE for cause in causes(error)):
            return sentence("{host} {what}", host=self._host, what=phrase(WANTS_ONE))
        match error:
            case _Unreadable():
                return error.why
            case zlib.error():
                return "the reply cannot be unpacked"
            case httpx.TimeoutException():
                return sentence("no answer within {too_slow_s:g} s", too_slow_s=self._phase_s)
            case httpx.RemoteProtocolError():
                return "the connection ended without a whole HTTP reply"
            case TimeoutError():
                return sentence("no whole answer within {too_slow_s:g} s", too_slow_s=self.total_s)
            case ValueError():
                return "the reply is no HTTP"
            case _:
                return "the connection broke before the reply was whole"


class _Sipping(httpcore.AsyncNetworkBackend):
    """Connects as httpcore does, and lets a reply be read in sips only.

    Args:
        inner: connects.
        progress: knows whether the head of the reply is over.
    """

    def __init__(self, inner: httpcore.AsyncNetworkBackend, progress: "_Progress") -> None:
        self._inner = inner
        self._progress = progress

    async def connect_tcp(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        """Connect."""
        return _Sips(await self._inner.connect_tcp(*args, **options), self._progress)


class _Sips(httpcore.AsyncNetworkStream):
    """A connection of which only a sip is read at once, and no endless head."""

    def __init__(self, inner: httpcore.AsyncNetworkStream, progress: "_Progress") -> None:
        self._inner = inner
        self._progress = progress
        self._head_bytes = 0

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's name
        """Read a sip, and let others have their turn.

        Raises:
            _Unreadable: the head of the reply has no end.
        """
        await asyncio.sleep(0)
        found = await self._inner.read(min(max_bytes, SIP_BYTES), timeout)
        self._head_bytes += 0 if self._progress.head_over else len(found)
        if self._head_bytes > MAX_HEAD_BYTES:
            raise _Unreadable(sentence("the head of the reply is longer than {most} bytes", most=MAX_HEAD_BYTES))
        return found

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's name
        """Write."""
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close."""
        await self._inner.aclose()

    async def start_tls(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        """Begin TLS."""
        return _Sips(await self._inner.start_tls(*args, **options), self._progress)

    def get_extra_info(self, info: str) -> Any:
        """Tell what the connection knows of itself."""
        return self._inner.get_extra_info(info)


class _Unreadable(Exception):
    """A reply that must not or cannot be read to its end; `why` says it for people."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _not_sent(way: Way, obstacle: Obstacle) -> NotSent:
    return NotSent(why(way, obstacle), lasts(obstacle))


@dataclass(slots=True)
class _Progress:
    """How far httpcore came with a request; it is called at the begin and the end of each of its steps."""

    connecting: bool = False
    """Seen: a step of connecting."""
    begun: bool = False
    """Seen: a step that is not one of connecting. From then on the request may be applied."""
    securing: bool = False
    """Seen: the begin of TLS behind a proxy, which has thus said yes."""
    tunnel: bool = False
    """The messages belong to the CONNECT with which a proxy is asked for a tunnel, not to our request."""
    stream: Any = None
    """The TCP connection."""
    head_over: bool = False
    """Status and headers of the reply are there."""

    async def __call__(self, name: str, info: Mapping[str, Any]) -> None:
        if name == "connection.connect_tcp.complete":
            self.stream = info.get("return_value")
        if name.startswith(("connection.", "http_proxy.")):
            self.connecting = True
            return
        self.securing |= name == "proxy.start_tls.started"
        request = info.get("request")
        if request is not None:
            self.tunnel = request.method == b"CONNECT"
        if not self.tunnel:
            self.begun = True
            self.head_over |= name.endswith("receive_response_headers.complete")


def _host_of(base_url: str) -> str:
    """Return host and port of a base URL, for people.

    Raises:
        ConfigError: it has none, or is not http.
    """
    try:
        parts = urlsplit(base_url)
        url = httpx.URL(base_url)
    except (ValueError, httpx.InvalidURL):
        raise ConfigError("tracker.url", "is not a URL") from None
    if url.scheme not in ("http", "https") or not url.host or parts.query or parts.fragment or url.userinfo:
        raise ConfigError("tracker.url", "must be http:// or https://, a host, and a path at most")
    return url.netloc.decode("ascii")


def _proxy(text: str) -> tuple[httpx.Proxy, str]:
    """Read the address of a proxy, and the user that stands in it.

    Raises:
        ConfigError: it is none; the text is not repeated, it may hold a password.
    """
    try:
        url = httpx.URL(text)
        return httpx.Proxy(url.copy_with(userinfo=b"")), url.username
    except (ValueError, httpx.InvalidURL):
        raise ConfigError("tracker.proxy", "is not http://host:port") from None


def _query(pairs: tuple[tuple[str, str], ...]) -> str:
    """Encode a query so that only letters, digits and `-._~` stand for themselves (trap T66)."""
    if not pairs:
        return ""
    return "?" + "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)


def _secrets_of(request: Request, headers: Mapping[str, str], proxy: httpx.Proxy | None) -> tuple[str, ...]:
    """Return what of a request nobody may ever see: its credentials, and the password of a login or of a proxy."""
    found = {word for value in headers.values() for word in (value, value.partition(" ")[2])}
    if isinstance(request.body, dict):
        found |= {value for name, value in request.body.items() if "password" in name and isinstance(value, str)}
    if proxy is not None and proxy.auth is not None:
        found |= {proxy.auth[1], base64.b64encode(":".join(proxy.auth).encode()).decode()}
    return tuple(sorted((secret for secret in found if len(secret) >= SHORTEST_SECRET), key=len, reverse=True))


def _veiled(reply: Reply, secrets: tuple[str, ...]) -> Reply:
    """Return a reply that holds none of our secrets, not even as JSON or an address writes them."""
    written = [form for secret in secrets for form in dict.fromkeys((secret, json.dumps(secret)[1:-1], quote(secret)))]
    body, headers = reply.body, dict(reply.headers)
    for form in written:
        body = body.replace(form.encode(), VEIL.encode())
        headers = {name: value.replace(form, VEIL) for name, value in headers.items()}
    return Reply(reply.status, headers, body)
