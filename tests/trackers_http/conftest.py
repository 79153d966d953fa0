import ssl
from dataclasses import dataclass
from datetime import datetime

import pytest
import trustme

from clockd.core.wire import Request

SECRET = "s3cr3t-0815-of-the-whole-company"
HEADERS = {"X-TimeTrack-Api-Key": "key-4711", "X-TimeTrack-Api-Secret": SECRET}
NAME = "ada-lovelace-in-the-query"
READ = Request("GET", "/attendances", (("username", NAME), ("limit", "1000")))
WRITE = Request("POST", "/attendance_timer/start", body={"username": NAME, "date": "2026-11-21T08:02:13.000Z"})


@dataclass(frozen=True)
class Certificates:
    server: ssl.SSLContext
    """For a server that calls itself localhost."""
    trusting: ssl.SSLContext
    """For a client that knows the authority of that server."""
    authority: bytes
    """The certificate of that authority, in PEM."""


def certificates(host: str, *, since: datetime | None = None, until: datetime | None = None) -> Certificates:
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host, not_before=since, not_after=until).configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    return Certificates(server, trusting, authority.cert_pem.bytes())


@pytest.fixture(scope="session")
def localhost() -> Certificates:
    return certificates("localhost")
