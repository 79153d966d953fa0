"""What leaves the machine, byte by byte, and what never leaves it."""

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from clockd import __version__
from clockd.core.wire import Exchange, NoAnswer, NotSent, Reply, Request
from clockd.errors import ConfigError
from clockd.trackers.http import Http, _Progress
from tests.trackers_http.conftest import HEADERS, NAME, READ, SECRET, WRITE, Certificates
from tests.trackers_http.servers import OK, hangs, keeps_open, resets, says, serve

Sender = Callable[[str, Request], Awaitable[object]]


async def ours(url: str, request: Request) -> Exchange:
    return await Http(url, timeout_s=5).send(request, HEADERS)


async def naive(url: str, request: Request) -> object:
    """A client as one writes it in five minutes: the negative control of the checks below."""
    async with httpx.AsyncClient(follow_redirects=True) as client:
        return await client.request(request.method, url + request.path, params=request.query, headers=HEADERS)


# --- what is sent -----------------------------------------------------------------------------------------------


async def test_read_is_a_get_without_body() -> None:
    async with serve(says(OK)) as server:
        await ours(server.url, READ)
    assert server.requests == [
        f"GET /base/attendances?username={NAME}&limit=1000 HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{server.port}\r\n"
        "Accept: application/json\r\n"
        "Accept-Encoding: gzip\r\n"
        "Connection: close\r\n"
        "Content-Type: application/json\r\n"
        f"User-Agent: clockd/{__version__}\r\n"
        "X-TimeTrack-Api-Key: key-4711\r\n"
        f"X-TimeTrack-Api-Secret: {SECRET}\r\n"
        "\r\n".encode()
    ]


async def test_write_carries_json_in_utf_8() -> None:
    body = {"username": "jörg+x & co", "notes": "naïve 李小龙 \u2028 \x00", "minutesBreak": 15}
    async with serve(says(OK)) as server:
        await ours(server.url, Request("POST", "/attendances", body=body))  # type: ignore[arg-type] # dict is invariant
    head, _, content = server.requests[0].partition(b"\r\n\r\n")
    assert b"Content-Type: application/json" in head
    assert b"Content-Length: %d" % len(content) in head
    assert "jörg+x & co".encode() in content
    assert json.loads(content) == body


async def test_a_request_without_a_body_says_json_too() -> None:
    """As each request in TimeTrack's documents does."""
    async with serve(says(OK)) as server:
        await ours(server.url, Request("DELETE", "/attendances/1"))
    assert server.requests[0].endswith(b"\r\n\r\n")
    assert b"\r\nContent-Type: application/json\r\n" in server.requests[0]
    assert b"Content-Length" not in server.requests[0]


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("jörg+x & co", "j%C3%B6rg%2Bx%20%26%20co"),
        ("a=b;c?d#e/f\\g", "a%3Db%3Bc%3Fd%23e%2Ff%5Cg"),
        ("100% sure", "100%25%20sure"),
        ("%2B", "%252B"),
        ("'\"<>[]{}|^`!$()*,:@", "%27%22%3C%3E%5B%5D%7B%7D%7C%5E%60%21%24%28%29%2A%2C%3A%40"),
        ("-._~", "-._~"),
        ("李", "%E6%9D%8E"),
        ("", ""),
        ("a\r\nX-Injected: 1", "a%0D%0AX-Injected%3A%201"),
    ],
)
async def test_query_values_are_encoded_strictly(value: str, encoded: str) -> None:
    async with serve(says(OK)) as server:
        await ours(server.url, Request("GET", "/x", (("username", value),)))
    assert server.requests[0].startswith(f"GET /base/x?username={encoded} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("path", ["/users/anna%2Bclock%40x.de", "/a%2Fb", "/a/%2E%2E", "/x'y(z)!$&*,;=:@", "/"])
async def test_path_is_sent_as_it_is(path: str) -> None:
    async with serve(says(OK)) as server:
        await ours(server.url, Request("GET", path))
    assert server.requests[0].startswith(f"GET /base{path} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("base", ["", "/", "/goodtime-rs", "/goodtime-rs/", "/api/v2/ext"])
async def test_path_of_the_base_url_is_kept(base: str) -> None:
    async with serve(says(OK)) as server:
        await ours(f"http://127.0.0.1:{server.port}{base}", Request("GET", "/api/time"))
    assert server.requests[0].startswith(f"GET {base.rstrip('/')}/api/time HTTP/1.1\r\n".encode())


async def test_user_agent_can_be_configured() -> None:
    async with serve(says(OK)) as server:
        await Http(server.url, timeout_s=5, user_agent="Mozilla/5.0").send(READ, {})
    assert b"User-Agent: Mozilla/5.0\r\n" in server.requests[0]


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "no-slash"),
        Request("GET", "/räume"),
        Request("GET", "/a b"),
        Request("GET", "/a?b=c"),
        Request("GET", "/a\r\nX: y"),
        Request("GET", "/a", (("username", "\udcff"),)),
        Request("POST", "/a", body={"username": "\udcff"}),
        Request("POST", "/a", body={"hourRate": float("nan")}),
    ],
)
async def test_what_cannot_be_written_down_is_not_sent(request_: Request) -> None:
    async with serve(says(OK)) as server:
        assert isinstance(await ours(server.url, request_), NotSent)
        assert server.connections == 0


@pytest.mark.parametrize("bad", [SECRET + "\n", SECRET + "\x00", SECRET + "ü", SECRET + "\r\nX-Injected: 1"])
async def test_credential_that_no_header_can_carry_is_not_sent_and_not_shown(bad: str) -> None:
    async with serve(says(OK)) as server:
        answer = await Http(server.url, timeout_s=5).send(WRITE, {"X-TimeTrack-Api-Secret": bad})
        assert isinstance(answer, NotSent)
        assert SECRET not in answer.why
        assert server.connections == 0


@pytest.mark.parametrize("url", ["", "x", "ftp://x/y", "https://", "https://a:b@x/", "https://x/?q", "https://x/#f"])
def test_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        Http(url, timeout_s=1)


# --- where it is sent -------------------------------------------------------------------------------------------


async def secret_reaches_the_second_host(send: Sender, status: int) -> bool:
    async with serve(says(OK)) as second:
        target = f"HTTP/1.1 {status} Moved\r\nLocation: {second.url}/login\r\nContent-Length: 0\r\n\r\n"
        async with serve(says(target.encode())) as first:
            answer = await send(first.url, WRITE)
        if isinstance(answer, Reply):
            assert answer.status == status
        return SECRET.encode() in second.seen


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    assert not await secret_reaches_the_second_host(ours, status)


async def test_control_a_client_that_follows_redirects_shows_the_secret() -> None:
    assert await secret_reaches_the_second_host(naive, 301)


async def proxy_of_the_environment_sees_something(send: Sender, monkeypatch: pytest.MonkeyPatch) -> bool:
    async with serve(says(OK)) as proxy, serve(says(OK)) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        await send(server.url, WRITE)
        return bool(proxy.requests)


async def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not await proxy_of_the_environment_sees_something(ours, monkeypatch)


async def test_control_a_naive_client_uses_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await proxy_of_the_environment_sees_something(naive, monkeypatch)


async def test_netrc_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password mine\n", encoding="ascii")
    monkeypatch.setenv("NETRC", str(netrc))
    async with serve(says(OK)) as server:
        await ours(server.url, WRITE)
    assert b"Authorization" not in server.seen


async def test_cookies_are_not_kept() -> None:
    async with serve(says(OK.replace(b"\r\n", b"\r\nSet-Cookie: a=b\r\n", 1))) as server:
        http = Http(server.url, timeout_s=5)
        await http.send(READ, HEADERS)
        await http.send(READ, HEADERS)
    assert b"a=b" not in server.seen


async def test_no_connection_is_used_twice() -> None:
    async with serve(says(OK, then=keeps_open)) as server:
        http = Http(server.url, timeout_s=5)
        for _ in range(3):
            assert isinstance(await http.send(READ, HEADERS), Reply)
        assert server.connections == 3


async def test_control_a_pooling_client_uses_one_connection() -> None:
    async with serve(says(OK, then=keeps_open)) as server, httpx.AsyncClient() as client:
        for _ in range(3):
            await client.get(server.url)
        assert server.connections == 1


# --- through a proxy that was asked for -------------------------------------------------------------------------


async def test_proxy_that_was_asked_for_is_used() -> None:
    async with serve(says(OK)) as proxy:
        http = Http("http://tracker.example/base", timeout_s=5, proxy=f"http://127.0.0.1:{proxy.port}")
        assert isinstance(await http.send(WRITE, HEADERS), Reply)
    assert proxy.requests[0].startswith(b"POST http://tracker.example/base/attendance_timer/start HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "behaviour",
    [
        says(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
        says(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"),
        says(),
        resets,
        hangs,
        says(b"HTTP/1.1 200 Connection established\r\n\r\n", then=hangs),
    ],
)
async def test_tunnel_that_does_not_come_about_is_not_sent(behaviour: object) -> None:
    async with serve(behaviour) as proxy:  # type: ignore[arg-type] # parametrize forgets the type
        http = Http("https://tracker.example", timeout_s=0.8, proxy=f"http://user:{SECRET}@127.0.0.1:{proxy.port}")
        answer = await http.send(WRITE, HEADERS)
        assert isinstance(answer, NotSent)
        assert SECRET not in answer.why
        assert b"X-TimeTrack-Api-Secret" not in proxy.seen


async def test_break_behind_the_tunnel_is_no_answer(localhost: Certificates) -> None:
    async with serve(says(), tls=localhost.server) as tracker:

        async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", tracker.port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

            async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
                while data := await source.read(65536):
                    sink.write(data)
                sink.close()

            try:
                await asyncio.gather(pump(reader, back), pump(there, writer))
            finally:
                back.close()
                await back.wait_closed()

        async with serve(tunnel) as proxy:
            url = f"http://127.0.0.1:{proxy.port}"
            http = Http(tracker.tls_url, timeout_s=5, proxy=url, tls=localhost.trusting)
            assert isinstance(await http.send(WRITE, HEADERS), NoAnswer)
            assert SECRET.encode() in tracker.seen
            assert SECRET.encode() not in proxy.seen


@pytest.mark.parametrize("proxy", ["socks4://x:1", f"nonsense:{SECRET}", ""])
def test_proxy_that_is_none_is_refused_without_repeating_it(proxy: str) -> None:
    with pytest.raises(ConfigError) as error:
        Http("https://tracker.example", timeout_s=1, proxy=proxy)
    assert SECRET not in "".join(traceback.format_exception(error.value))


# --- what is said about it --------------------------------------------------------------------------------------


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything logs at DEBUG, as somebody does who looks for a fault."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.NOTSET)
    caplog.set_level(logging.DEBUG)
    return caplog


ECHO = f"HTTP/1.1 200 OK\r\n{SECRET} {NAME}\r\nContent-Length: 2\r\n\r\n{{}}".encode()


@pytest.mark.parametrize(
    "behaviour", [says(OK), says(), resets, hangs, says(ECHO), says(SECRET.encode() + b"\r\n\r\n")]
)
async def test_secret_and_query_are_never_told(behaviour: object, loud: pytest.LogCaptureFixture) -> None:
    async with serve(behaviour) as server:  # type: ignore[arg-type] # parametrize forgets the type
        http = Http(server.url, timeout_s=0.8)
        answer = await http.send(READ, HEADERS)
        told = f"{http!r} {http!s} {loud.text}" + ("" if isinstance(answer, Reply) else answer.why)
        assert SECRET in server.seen.decode()
    assert SECRET not in told
    assert NAME not in told


async def test_control_a_naive_client_tells_the_query(loud: pytest.LogCaptureFixture) -> None:
    async with serve(says(OK)) as server:
        await naive(server.url, READ)
    assert NAME in loud.text


# --- the evidence -----------------------------------------------------------------------------------------------


async def test_step_that_nobody_knows_counts_as_sending() -> None:
    progress = _Progress()
    await progress("connection.connect_tcp.started", {})
    assert (progress.connecting, progress.begun) == (True, False)
    await progress("something.new.started", {})
    assert progress.begun


async def test_silence_about_the_steps_is_no_evidence() -> None:
    progress = _Progress()
    assert (progress.connecting, progress.begun) == (False, False)


@pytest.mark.parametrize("form", ["{}", '{{"errors": [{{"title": "no such key {}"}}]}}', "<a href='/login?for={}'>"])
async def test_a_server_that_mirrors_a_secret_gets_it_into_no_reply(form: str) -> None:
    secret = 'a "quoted" s3cret/word'
    for mirrored in (secret, json.dumps(secret)[1:-1], quote(secret)):
        page = form.format(mirrored).encode()
        head = f"HTTP/1.1 401 No\r\nX-Mirror: {mirrored}\r\nContent-Length: {len(page)}\r\n\r\n".encode()
        async with serve(says(head + page)) as server:
            answer = await Http(server.url, timeout_s=5).send(READ, {"Authorization": f"Bearer {secret}"})
        assert isinstance(answer, Reply)
        assert mirrored not in str(answer)
        assert len(answer.body) == len(page) - len(mirrored) + len("(hidden)")


async def test_the_password_of_a_login_is_mirrored_into_no_reply() -> None:
    login = Request("POST", "/api/login", body={"loginemail": "a@x.de", "apipassword": SECRET})
    page = f"no login with {SECRET}".encode()
    async with serve(says(b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n" % len(page) + page)) as server:
        answer = await Http(server.url, timeout_s=5).send(login, {})
    assert isinstance(answer, Reply)
    assert answer.body == b"no login with (hidden)"
