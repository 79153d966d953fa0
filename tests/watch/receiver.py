"""Somebody on this machine to whom alerts and signs of life come, over real HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """Takes letters (POST) and beats (GET)."""

    port: int = 0
    status: int = 200
    """What it answers."""
    letters: list[dict[str, Any]] = field(default_factory=list)
    beats: list[str] = field(default_factory=list)
    """Paths that were asked for."""
    agents: list[str] = field(default_factory=list)
    """What each beat said that it is."""
    heads: list[str | None] = field(default_factory=list)
    """The ledger's head that came with each beat."""

    def address(self, secret: str = "token") -> str:
        """Return its address for alerts, as a line of the credential."""
        return f"json://me:{secret}@127.0.0.1:{self.port}/{secret}"

    def bodies(self) -> list[str]:
        """Return the texts that came."""
        return [str(letter["message"]) for letter in self.letters]


@contextmanager
def receiving(port: int = 0, to: Receiver | None = None) -> Iterator[Receiver]:
    """Listen until the end; on a port that was used before, as somebody who was away."""
    receiver = to or Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.status < 300:
                receiver.letters.append(json.loads(body))
            self._answer()

        def do_GET(self) -> None:
            receiver.agents.append(self.headers["User-Agent"])
            receiver.heads.append(self.headers.get("Clockd-Ledger"))
            receiver.beats.append(self.path)
            self._answer()

        def _answer(self) -> None:
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    receiver.port = server.server_port
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
