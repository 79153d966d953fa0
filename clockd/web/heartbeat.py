"""A sign of life for a service that raises the alarm when it stops coming: one GET, without a library.

It leaves only while the daemon answers and can record, so that a terminal that is dark, stuck or cut off is missed.
With it goes the head of the ledger: its anchor in `User-Agent`, which such services keep.
The address is a secret, since whoever knows it can say that all is well; it reaches no log.
"""

import asyncio
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from clockd import __version__
from clockd.config import Secret
from clockd.core.json import Json
from clockd.errors import ConfigError

log = logging.getLogger(__name__)

HEARTBEAT_URL = "heartbeat-url"
LEDGER_HEADER = "Clockd-Ledger"
"""The header with the ledger's head as JSON, in ASCII."""
BEAT_EVERY_S = 60.0
"""Between two signs of life."""
BEAT_WITHIN_S = 15.0
NEXT_ADDRESS_S = 0.25
"""After that the next address of a host is tried beside the first: one of two kinds may lead nowhere."""


def heartbeat_url(secret: Secret) -> SplitResult:
    """Take an address out of the credential.

    Raises:
        ConfigError: it is none.
    """
    try:
        url = urlsplit(secret.reveal())
        plain = secret.reveal().isascii() and secret.reveal().isprintable() and " " not in secret.reveal()
        if plain and url.scheme in ("http", "https") and url.hostname and url.port != 0 and url.username is None:
            return url
    except ValueError:
        pass
    raise ConfigError(f"credential {HEARTBEAT_URL}", "is no address", hint="as https://hc-ping.com/…, in one line")


@dataclass(slots=True)
class Heartbeat:
    """Says that a terminal is alive.

    Args:
        url: where to.
        tls: how certificates are checked.
        within_s: how long an answer may take.
    """

    url: SplitResult
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    within_s: float = BEAT_WITHIN_S
    _heard: bool | None = None

    def __repr__(self) -> str:
        return "Heartbeat(…)"

    async def beat(self, head: Mapping[str, Json] | None = None) -> bool:
        """Say it once; whether it was heard. Told in the log when that changes.

        Args:
            head: of the ledger, signed: whoever keeps what is heard has an anchor, out of reach of the terminal.
        """
        try:
            async with asyncio.timeout(self.within_s):
                why = await self._get(head)
        except TimeoutError:
            why = f"no answer within {self.within_s:.0f} s"
        except ssl.SSLError as error:
            why = f"its certificate is not believed: {error.reason}"
        except (OSError, ValueError, EOFError) as error:
            why = f"it cannot be reached ({type(error).__name__})"
        heard = not why
        if heard is not self._heard:
            self._heard = heard
            if heard:
                log.info("the heartbeat is heard")
            else:
                log.warning("the heartbeat is not heard: %s", why)
        return heard

    async def _get(self, head: Mapping[str, Json] | None) -> str:
        """Send the request; return why it was not heard, empty when it was."""
        encrypted, host = self.url.scheme == "https", self.url.hostname
        port = self.url.port or (443 if encrypted else 80)
        tls = self.tls if encrypted else None
        reader, writer = await asyncio.open_connection(host, port, ssl=tls, happy_eyeballs_delay=NEXT_ADDRESS_S)
        try:
            path = (self.url.path or "/") + (f"?{self.url.query}" if self.url.query else "")
            lines = [f"GET {path} HTTP/1.1", f"Host: {self.url.netloc}", *_headers(head)]
            writer.write("\r\n".join([*lines, "Accept: */*", "Connection: close", "", ""]).encode("ascii"))
            words = (await reader.readline()).split(None, 2)
        finally:
            writer.transport.abort()
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            return "what answers there speaks no HTTP"
        status = int(words[1])
        if 300 <= status < 400:
            return f"it answers {status}: write the address that it leads to"
        return "" if status < 300 else f"it answers {status}"


def _headers(head: Mapping[str, Json] | None) -> list[str]:
    """Return who beats, and the ledger's head: the anchor where services keep it, and all of it beside."""
    agent = f"User-Agent: clockd/{__version__}"
    if head is None:
        return [agent]
    return [f"{agent} ledger/{head['rows']}:{head['hash']}", f"{LEDGER_HEADER}: {json.dumps(dict(head))}"]
