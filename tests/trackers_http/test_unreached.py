"""Each kind of fault of name, line, proxy and TLS is told as what it is, and as nothing else; nothing was sent."""

import asyncio
import errno
import os
import socket
import ssl
import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from clockd.config import Secret, Secrets
from clockd.core.wire import Exchange, NoAnswer, NotSent, Reply
from clockd.trackers.http import Http
from tests.trackers_http.conftest import HEADERS, READ, SECRET, WRITE, Certificates, certificates
from tests.trackers_http.proxy import Proxy
from tests.trackers_http.servers import OK, Behaviour, Server, hangs, resets, says, serve

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
QUICK_S = 0.8
"""For what ends by waiting only."""

HINTS = {
    "expired": "has expired",
    "not valid yet": "clock right",
    "another name": "for another name",
    "unknown authority": "nobody this machine knows has signed it",
    "signed by itself": "signed by itself alone",
    "old version": "version of TLS",
    "no cipher": "no cipher that both accept",
    "no TLS": "does not speak TLS",
    "hangs up": "hangs up when TLS begins",
    "no name server": "no name server answers",
    "no such name": "check the host in tracker.url, and the network's name server",
    "refused": "check the port in tracker.url; or its service is down",
    "no network": "Is this machine in the network",
    "too slow": "no connection to",
    "proxy wants a login": "wants a user and a password (407)",
    "proxy refuses the login": "does not accept our user and password (407)",
    "proxy forbids": "has to allow CONNECT",
    "proxy cannot reach it": "the proxy's network",
    "proxy's other no": "it says 418",
    "proxy refused": "check the port in tracker.proxy; or its service is down",
    "proxy's name": "check the host in tracker.proxy",
    "proxy hangs up": "or speaks no HTTP",
    "proxy too slow": "gives no answer about",
}
"""Kind -> words that stand in its sentence and in no other's."""
LASTING = {
    *("expired", "another name", "unknown authority", "signed by itself", "old version", "no cipher", "no TLS"),
    *("no such name", "proxy wants a login", "proxy refuses the login", "proxy forbids", "proxy's other no"),
    "proxy's name",
}
"""Kinds that a person has to end; all others may be over in a minute."""


def kinds_in(why: str) -> set[str]:
    found = {kind for kind, words in HINTS.items() if words in why}
    # the general words stand in the special sentences as well
    return (
        found - ({"too slow"} if len(found) > 1 else set()) - ({"no network"} if "no name server" in found else set())
    )


def assert_kind(answer: Exchange, kind: str) -> None:
    assert isinstance(answer, NotSent), answer
    assert kinds_in(answer.why) == {kind}, answer.why
    assert answer.lasts == (kind in LASTING), answer.why
    assert SECRET not in answer.why


async def ask(url: str, timeout_s: float = 5, **more: object) -> Exchange:
    return await Http(url, timeout_s=timeout_s, **more).send(WRITE, HEADERS)  # type: ignore[arg-type] # as a test needs it


def tls_1_1() -> Certificates:
    found = certificates("localhost")
    with warnings.catch_warnings(action="ignore"):
        found.server.minimum_version = ssl.TLSVersion.TLSv1
        found.server.maximum_version = ssl.TLSVersion.TLSv1_1
    found.server.set_ciphers("ALL:@SECLEVEL=0")
    return found


def other_ciphers() -> Certificates:
    found = certificates("localhost")
    found.server.maximum_version = ssl.TLSVersion.TLSv1_2
    found.server.set_ciphers("AES128-SHA:@SECLEVEL=0")
    found.trusting.set_ciphers("ECDHE+AESGCM")
    return found


def strangers() -> Certificates:
    found = certificates("localhost")
    return Certificates(found.server, ssl.create_default_context(), b"")


def by_itself() -> Certificates:
    """As routers and captive portals have it: an authority's certificate that is the server's as well."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with authority.private_key_pem.tempfile() as key, authority.cert_pem.tempfile() as certificate:
        server.load_cert_chain(certificate, key)
    return Certificates(server, ssl.create_default_context(), b"")


@contextmanager
def blunt(tls: ssl.SSLContext) -> Iterator[int]:
    """A server on a blocking socket, which says why it refuses TLS as others do; that of asyncio just hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serves() -> None:
            with suppress(OSError):
                plain, _ = listener.accept()
                with tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as stream:
                    try:
                        stream.do_handshake()
                    except ssl.SSLError:  # what was said arrives only if all that was sent to us is read
                        with socket.socket(fileno=os.dup(stream.fileno())) as raw:
                            raw.shutdown(socket.SHUT_WR)
                            while raw.recv(65536):
                                pass

        thread = threading.Thread(target=serves)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


TLS: dict[str, Callable[[], Certificates]] = {
    "expired": lambda: certificates("localhost", since=NOW - 9 * DAY, until=NOW - DAY),
    "not valid yet": lambda: certificates("localhost", since=NOW + DAY, until=NOW + 9 * DAY),
    "another name": lambda: certificates("other.example"),
    "unknown authority": strangers,
    "signed by itself": by_itself,
}
ALERTS: dict[str, Callable[[], Certificates]] = {"old version": tls_1_1, "no cipher": other_ciphers}


@pytest.mark.parametrize("kind", ALERTS)
async def test_a_server_that_wants_another_tls_has_its_own_hint(kind: str) -> None:
    made = ALERTS[kind]()
    with blunt(made.server) as port:
        assert_kind(await ask(f"https://localhost:{port}", tls=made.trusting), kind)


@pytest.mark.parametrize("through_a_proxy", [False, True])
@pytest.mark.parametrize("kind", TLS)
async def test_each_fault_of_tls_has_its_own_hint(kind: str, through_a_proxy: bool) -> None:
    made = TLS[kind]()
    async with serve(says(OK), tls=made.server) as server:
        if through_a_proxy:
            async with proxied(server, tls=made.trusting) as way:
                answer = await way.ask(server.tls_url)
        else:
            answer = await ask(server.tls_url, tls=made.trusting)
        assert_kind(answer, kind)
        assert server.seen == b""


@pytest.mark.parametrize("page", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00" * 64])
async def test_a_port_without_tls_has_its_own_hint(page: bytes) -> None:
    async with serve(says(page), read=False) as server:
        assert_kind(await ask(server.tls_url), "no TLS")


async def test_a_server_that_hangs_up_on_tls_has_its_own_hint() -> None:
    async with serve(says(), read=False) as server:
        assert_kind(await ask(server.tls_url), "hangs up")


async def test_who_wants_a_certificate_of_ours_is_told() -> None:
    made = certificates("localhost")
    made.server.verify_mode = ssl.CERT_REQUIRED
    with blunt(made.server) as port:
        answer = await ask(f"https://localhost:{port}", tls=made.trusting)
    assert isinstance(answer, NoAnswer)
    assert "certificate of ours" in answer.why


# --- the line ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), "no name server"),
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "no such name"),
        (OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH)), "no network"),
    ],
)
async def test_a_name_that_cannot_be_resolved(error: OSError, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*args: object, **options: object) -> object:
        raise error

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fails)
    assert_kind(await ask("https://tracker.example/base"), kind)


async def test_a_port_that_nobody_has() -> None:
    assert_kind(await ask(f"https://127.0.0.1:{free_port()}"), "refused")


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port: int = listener.getsockname()[1]
    return port


async def test_who_never_begins_with_tls_is_too_slow() -> None:
    async with serve(hangs, read=False) as server:
        assert_kind(await ask(server.tls_url, timeout_s=QUICK_S), "too slow")


# --- the proxy --------------------------------------------------------------------------------------------------


@dataclass
class Way:
    """A way through a proxy."""

    proxy: Proxy
    port: int
    tls: ssl.SSLContext | None = None
    heard: list[bytes] = field(default_factory=list)

    async def ask(self, url: str, user: str = "", password: str | None = None, timeout_s: float = 5) -> Exchange:
        at = f"{user}@" if user else ""
        http = Http(
            url,
            timeout_s=timeout_s,
            proxy=f"http://{at}127.0.0.1:{self.port}",
            proxy_password=lambda: None if password is None else Secret(password),
            tls=self.tls,
        )
        return await http.send(WRITE, HEADERS)


@asynccontextmanager
async def proxied(
    server: Server, *, tls: ssl.SSLContext, user: str = "", password: str = "", knows: bool = True
) -> AsyncIterator[Way]:
    proxy = Proxy(server.port, user, password, knows=lambda host: knows)
    heard: list[bytes] = []

    async def serves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard[:] = listening.requests
        await proxy.behaviour(heard)(reader, writer)

    async with serve(serves) as listening:
        yield Way(proxy, listening.port, tls, heard)


PASSWORD = "p@ss:wörd-of-the-proxy"


async def test_a_proxy_leads_to_the_tracker_and_sees_no_secret(localhost: Certificates) -> None:
    async with (
        serve(says(OK), tls=localhost.server) as server,
        proxied(server, tls=localhost.trusting, user="clock", password=PASSWORD) as way,
    ):
        answer = await way.ask(server.tls_url, "clock", PASSWORD)
        assert isinstance(answer, Reply)
        assert answer.status == 200
        assert way.proxy.tunnels == [f"localhost:{server.port}"]
        assert b"Proxy-Authorization" not in server.seen
        assert SECRET.encode() in server.seen
        assert SECRET.encode() not in b"".join(way.heard)


@pytest.mark.parametrize(
    ("user", "password", "kind"),
    [
        ("", None, "proxy wants a login"),
        ("", PASSWORD, "proxy wants a login"),
        ("clock", None, "proxy wants a login"),
        ("clock", "another", "proxy refuses the login"),
        ("other", PASSWORD, "proxy refuses the login"),
    ],
)
async def test_a_proxy_that_wants_a_login(user: str, password: str | None, kind: str, localhost: Certificates) -> None:
    async with (
        serve(says(OK), tls=localhost.server) as server,
        proxied(server, tls=localhost.trusting, user="clock", password=PASSWORD) as way,
    ):
        answer = await way.ask(server.tls_url, user, password)
        assert_kind(answer, kind)
        assert isinstance(answer, NotSent)
        assert PASSWORD not in answer.why
        assert server.seen == b""


async def test_a_proxy_that_wants_a_login_for_plain_http_saw_nothing_of_ours_booked() -> None:
    async with serve(says(OK)) as server:
        proxy = Proxy(server.port, "clock", PASSWORD)
        heard: list[bytes] = []

        async def serves(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard[:] = listening.requests
            await proxy.behaviour(heard)(reader, writer)

        async with serve(serves) as listening:
            answer = await ask(server.url, proxy=f"http://127.0.0.1:{listening.port}")
        assert_kind(answer, "proxy wants a login")


async def test_a_proxy_that_cannot_reach_the_tracker(localhost: Certificates) -> None:
    async with (
        serve(says(OK), tls=localhost.server) as server,
        proxied(server, tls=localhost.trusting, knows=False) as way,
    ):
        assert_kind(await way.ask(server.tls_url), "proxy cannot reach it")


NOES: dict[str, tuple[Behaviour, str]] = {
    "403": (says(b"HTTP/1.1 403 Forbidden by policy\r\nContent-Length: 0\r\n\r\n"), "proxy forbids"),
    "504": (says(b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n"), "proxy cannot reach it"),
    "418": (says(f"HTTP/1.1 418 {SECRET}\r\nContent-Length: 0\r\n\r\n".encode()), "proxy's other no"),
    "hangs up": (says(), "proxy hangs up"),
    "resets": (resets, "proxy hangs up"),
    "no HTTP": (says(b"SSH-2.0-OpenSSH_9.2\r\n"), "proxy hangs up"),
    "silence": (hangs, "proxy too slow"),
}


@pytest.mark.parametrize("no", NOES)
async def test_each_no_of_a_proxy_has_its_own_hint(no: str) -> None:
    behaviour, kind = NOES[no]
    async with serve(behaviour) as proxy:
        timeout_s = QUICK_S if no == "silence" else 5
        answer = await ask("https://tracker.example", proxy=f"http://127.0.0.1:{proxy.port}", timeout_s=timeout_s)
    assert_kind(answer, kind)


async def test_a_proxy_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert_kind(await ask("https://tracker.example", proxy=f"http://127.0.0.1:{free_port()}"), "proxy refused")

    async def fails(*args: object, **options: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", fails)
    assert_kind(await ask("https://tracker.example", proxy="http://proxy.example:3128"), "proxy's name")


async def test_a_password_that_is_no_text_is_named_and_not_sent() -> None:
    secrets = Secrets(None, {"CLOCKD_TRACKER_PROXY_PASSWORD": "a\0b"})
    async with serve(says(OK)) as proxy:
        http = Http(
            "https://tracker.example",
            timeout_s=5,
            proxy=f"http://clock@127.0.0.1:{proxy.port}",
            proxy_password=lambda: secrets.find("tracker-proxy-password"),
        )
        answer = await http.send(READ, HEADERS)
        assert isinstance(answer, NotSent)
        assert "tracker-proxy-password" in answer.why
        assert proxy.connections == 0


async def test_a_proxy_that_mirrors_its_password_gets_it_into_no_reply() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"

    async def mirrors(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = next(line for line in proxy.requests[-1].split(b"\r\n") if line.startswith(b"Proxy-Auth"))
        writer.write(page + line[-100:].ljust(100))
        writer.close()

    async with serve(mirrors) as proxy:
        http = Http(
            "http://localhost/base",
            timeout_s=5,
            proxy=f"http://clock@127.0.0.1:{proxy.port}",
            proxy_password=lambda: Secret(PASSWORD),
        )
        answer = await http.send(READ, HEADERS)
    assert isinstance(answer, Reply)
    assert b"Basic (hidden)" in answer.body


# --- an authority of one's own ----------------------------------------------------------------------------------


def der(certificate: bytes) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.decode())


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda pem: pem,
    "Windows": lambda pem: b"\xef\xbb\xbf" + pem.replace(b"\n", b"\r\n"),
    "text around": lambda pem: "Zertifikat der Firma: Ü\n".encode() + pem + b"\0and more",
    "two": lambda pem: pem + trustme.CA().cert_pem.bytes(),
    "DER": der,
}


@pytest.mark.parametrize("form", FORMS)
async def test_an_authority_of_ones_own_is_believed(form: str, tmp_path: Path, localhost: Certificates) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(FORMS[form](localhost.authority))
    async with serve(says(OK), tls=localhost.server) as server:
        answer = await ask(server.tls_url, ca=path)
        assert isinstance(answer, Reply), answer


async def test_another_authority_is_not(tmp_path: Path, localhost: Certificates) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(trustme.CA().cert_pem.bytes())
    async with serve(says(OK), tls=localhost.server) as server:
        answer = await ask(server.tls_url, ca=path)
        assert_kind(answer, "unknown authority")
        assert isinstance(answer, NotSent)
        assert "The authority in tracker.ca is another one" in answer.why
        assert server.seen == b""


BAD_FILES: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "no such file"),
    "empty": (b"", "holds no certificate"),
    "a key": (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds a key"),
    "damaged": (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "damaged"),
    "no DER": (b"\x30\x82garbage", "damaged"),
    "UTF-16": ("-----BEGIN CERTIFICATE-----".encode("utf-16"), "UTF-16"),
}


@pytest.mark.parametrize("bad", BAD_FILES)
async def test_a_file_that_is_none_is_told_and_read_again(bad: str, tmp_path: Path, localhost: Certificates) -> None:
    path = tmp_path / "ca.pem"
    data, why = BAD_FILES[bad]
    if data is not None:
        path.write_bytes(data)
    async with serve(says(OK), tls=localhost.server) as server:
        http = Http(server.tls_url, timeout_s=5, ca=path)
        answer = await http.send(WRITE, HEADERS)
        assert isinstance(answer, NotSent)
        assert "tracker.ca" in answer.why
        assert why in answer.why
        path.write_bytes(localhost.authority)
        assert isinstance(await http.send(WRITE, HEADERS), Reply)
        assert len(server.requests) == 1
