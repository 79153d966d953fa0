"""Alerts go out by mail, by ntfy and by Gotify, each over its own protocol to a server of this machine."""

import email
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from clockd.config import Secret
from clockd.web.alerting import Alerting, Letter, checked

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Requiring AUTH:UserWarning")
"""The library of alerts is not ours; and a mail server on loopback may do without TLS."""
PASSWORD = "a-password-of-a-mailbox"
TOKEN = "AbCdEfGhIjKlMnO"
LETTER = Letter("front-door: needs a look", "2 Buchungen warten auf Sie – „Früh“ (seit 08:01)")


class Mailbox:
    """What came by SMTP, and who had signed in."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.signed_in: list[tuple[bytes, bytes]] = []

    async def handle_DATA(  # noqa: N802 - named by aiosmtpd
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(email.message_from_bytes(content, policy=default))
        return "250 taken"

    def signs_in(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: Any) -> AuthResult:
        self.signed_in.append((auth.login, auth.password))
        return AuthResult(success=auth.password == PASSWORD.encode())


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(
        mailbox, "127.0.0.1", port, authenticator=mailbox.signs_in, auth_required=True, auth_require_tls=False
    )
    server.start()
    try:
        yield mailbox, port
    finally:
        server.stop(no_assert=True)


@contextmanager
def web_server() -> Iterator[tuple[list[tuple[str, dict[str, str], Any]], int]]:
    """Takes whatever is posted: the path, the headers, the body as JSON."""
    came: list[tuple[str, dict[str, str], Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield came, server.server_port
        server.shutdown()


async def test_by_mail() -> None:
    with mail_server() as (mailbox, port):
        address = f"mailto://anna:{PASSWORD}@127.0.0.1:{port}?from=door@example.org&to=office@example.org&mode=insecure"
        assert await Alerting.of(Secret(address)).send(LETTER)
        (letter,) = mailbox.letters
    assert mailbox.signed_in == [(b"anna", PASSWORD.encode())]
    assert letter["Subject"] == LETTER.title
    assert "office@example.org" in letter["To"]
    body = letter.get_body(("plain",))
    assert body is not None
    assert LETTER.body in body.get_content()


async def test_control_a_mail_server_that_knows_another_password_takes_nothing() -> None:
    with mail_server() as (mailbox, port):
        address = f"mailto://anna:wrong@127.0.0.1:{port}?from=door@example.org&to=office@example.org&mode=insecure"
        assert not await Alerting.of(Secret(address)).send(LETTER)
    assert mailbox.letters == []


async def test_by_ntfy() -> None:
    with web_server() as (came, port):
        assert await Alerting.of(Secret(f"ntfy://:{TOKEN}@127.0.0.1:{port}/doors?auth=token")).send(LETTER)
        ((_, headers, body),) = came
    document = json.loads(body)
    assert document["topic"] == "doors"
    assert document["title"] == LETTER.title
    assert document["message"] == LETTER.body
    assert headers["authorization"] == f"Bearer {TOKEN}"


async def test_by_gotify() -> None:
    with web_server() as (came, port):
        assert await Alerting.of(Secret(f"gotify://127.0.0.1:{port}/{TOKEN}")).send(LETTER)
        ((path, headers, body),) = came
    assert path == "/message"
    assert headers["x-gotify-key"] == TOKEN
    assert json.loads(body)["message"] == LETTER.body


@pytest.mark.parametrize(
    ("line", "service"),
    [
        (f"ntfy://127.0.0.1/{TOKEN}", "ntfy"),
        (f"mailto://anna:{PASSWORD}@example.org", "E-Mail"),
        (f"nonsense://{TOKEN}@x", None),
        (f"slack://{TOKEN}", None),
        (TOKEN, None),
    ],
)
def test_an_address_is_checked_without_being_said(line: str, service: str | None) -> None:
    (found,) = Alerting.of(Secret(f"# a comment\n\n{line}\n")).check()
    assert found == service
    assert TOKEN not in str(found)


def test_each_bad_address_is_named_by_its_place(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(f"json://127.0.0.1:1/{TOKEN}\nnonsense://{TOKEN}\n\nslack://{TOKEN}")
    assert checked(secret) == [
        "alert address 1: JSON",
        "alert address 2: is none that is known; write it as the list of apprise says",
        "alert address 3: is none that is known; write it as the list of apprise says",
    ]
    assert TOKEN not in caplog.text


def test_the_command_says_it_and_serves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "clockd.toml"
    file.write_text('[terminal]\nname = "door"\ntime_zone = "Europe/Vienna"\n[tracker]\nkind = "none"\n')
    command = [sys.executable, "-m", "clockd", "web", "--check", "--config", str(file)]
    for urls, code, said in (
        (f"ntfy://127.0.0.1/{TOKEN}\nslack://{TOKEN}", 1, "alert address 2: is none that is known"),
        (f"ntfy://127.0.0.1/{TOKEN}", 0, "alert address 1: ntfy\n"),
        ("", 0, "no alert addresses\n"),
    ):
        env = {**os.environ, "CLOCKD_ALERT_URLS": urls}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, done.stderr
        assert said in done.stdout
        assert TOKEN not in done.stdout + done.stderr
