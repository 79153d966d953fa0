"""NotSent means that the server saw nothing of the request; NoAnswer means that it may have."""

import asyncio
import gzip
import socket
import ssl
import zlib
from collections.abc import Callable
from contextlib import closing

import pytest

from clockd.core.wire import Exchange, NoAnswer, NotSent, Reply, Request
from clockd.trackers.http import MAX_REPLY_BYTES, TOTAL_S, Http
from tests.trackers_http.conftest import HEADERS, READ, WRITE, Certificates, certificates
from tests.trackers_http.servers import OK, Behaviour, hangs, resets, says, serve

QUICK_S = 0.8
"""For what ends by waiting only: long enough that a busy machine gets as far as the wait."""


async def ask(url: str, request: Request = WRITE, timeout_s: float = 5, tls: ssl.SSLContext | None = None) -> Exchange:
    return await Http(url, timeout_s=timeout_s, tls=tls).send(request, HEADERS)


# --- nothing was sent -------------------------------------------------------------------------------------------


async def test_refused_connection_is_not_sent() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    answer = await ask(f"http://127.0.0.1:{port}")
    assert isinstance(answer, NotSent)
    assert answer.why.startswith(f"127.0.0.1:{port} refuses connections")


async def test_unknown_host_is_not_sent() -> None:
    answer = await ask("http://no-such-host.invalid/base", timeout_s=10)
    assert isinstance(answer, NotSent)
    assert "no-such-host.invalid" in answer.why


async def test_connect_timeout_is_not_sent() -> None:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        try:
            for filler in fillers:  # the queue of a listener that never accepts is full after one or two
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            answer = await ask(f"http://127.0.0.1:{port}", timeout_s=QUICK_S)
        finally:
            for filler in fillers:
                filler.close()
    assert answer == NotSent(f"no connection to 127.0.0.1:{port} within {QUICK_S} s")


async def test_untrusted_certificate_is_not_sent(localhost: Certificates) -> None:
    async with serve(says(OK), tls=localhost.server) as server:
        answer = await ask(server.tls_url)
        assert isinstance(answer, NotSent)
        assert "certificate" in answer.why
        assert server.seen == b""


async def test_certificate_of_another_host_is_not_sent() -> None:
    other = certificates("other.example")
    async with serve(says(OK), tls=other.server) as server:
        answer = await ask(server.tls_url, tls=other.trusting)
        assert isinstance(answer, NotSent)
        assert "certificate" in answer.why
        assert server.seen == b""


async def test_trusted_certificate_is_served(localhost: Certificates) -> None:
    async with serve(says(OK), tls=localhost.server) as server:
        answer = await ask(server.tls_url, tls=localhost.trusting)
        assert isinstance(answer, Reply)
        assert answer.status == 200
        assert server.seen.startswith(b"POST /base/attendance_timer/start HTTP/1.1\r\n")


@pytest.mark.parametrize("behaviour", [hangs, resets, says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), says()])
async def test_port_without_tls_is_not_sent(behaviour: Behaviour) -> None:
    async with serve(behaviour, read=False) as server:
        timeout_s = QUICK_S if behaviour is hangs else 5
        assert isinstance(await ask(server.tls_url, timeout_s=timeout_s), NotSent)


async def test_tls_settings_that_verify_nothing_are_refused() -> None:
    careless = ssl.create_default_context()
    careless.check_hostname = False
    with pytest.raises(ValueError, match="does not verify"):
        Http("https://localhost", timeout_s=1, tls=careless)


async def test_after_closing_nothing_is_sent() -> None:
    async with serve(says(OK)) as server:
        http = Http(server.url, timeout_s=5)
        await http.aclose()
        assert isinstance(await http.send(WRITE, HEADERS), NotSent)
        assert server.connections == 0


# --- it may have been applied -----------------------------------------------------------------------------------

JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n\r\n"

BREAKS: dict[str, Behaviour] = {
    "closed after reading": says(),
    "reset after reading": resets,
    "silence": hangs,
    "half a status line": says(b"HTTP/1.1 20"),
    "half the headers": says(b"HTTP/1.1 200 OK\r\nContent-Ty"),
    "half the body": says(JSON + b'Content-Length: 20\r\n\r\n{"id":'),
    "reset in the body": says(JSON + b'Content-Length: 20\r\n\r\n{"id":', then=resets),
    "silence in the body": says(JSON + b'Content-Length: 20\r\n\r\n{"id":', then=hangs),
    "truncated chunk": says(CHUNKED + b'14\r\n{"id":'),
    "no last chunk": says(CHUNKED + b'6\r\n{"id":\r\n'),
    "chunk size that is none": says(CHUNKED + b"xyz\r\n{}"),
    "garbage": says(b"\x00\xff\x16\x03\x01 no such protocol\r\n\r\n"),
    "another protocol": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "endless headers": says(b"HTTP/1.1 200 OK\r\n", *[b"X-Filler: " + b"x" * 1000 + b"\r\n"] * 200),
    "only 100 Continue": says(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a length of 5,000 digits": says(JSON + b"Content-Length: " + b"1" * 5000 + b"\r\n\r\n{}"),
    "a chunk of 5,000 digits": says(CHUNKED + b"1" * 5000 + b"\r\n{}"),
    "a negative length": says(JSON + b"Content-Length: -1\r\n\r\n{}"),
    "headers with a null byte": says(b"HTTP/1.1 200 OK\r\nA: \x00b\r\nContent-Length: 2\r\n\r\n{}"),
    "a thousand interim replies": says(b"HTTP/1.1 100 Continue\r\n\r\n" * 2000, OK),
    "a switch to another protocol": says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
    "two lengths": says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}"),
    "truncated gzip": says(JSON + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}" * 99)[:-9]),
    "gzip that is none": says(JSON + b"Content-Encoding: gzip\r\n\r\n{}"),
}


@pytest.mark.parametrize("name", BREAKS)
async def test_break_after_the_request_is_no_answer(name: str) -> None:
    async with serve(BREAKS[name]) as server:
        answer = await ask(server.url, timeout_s=QUICK_S if name.startswith(("silence", "only")) else 5)
        assert isinstance(answer, NoAnswer)
        assert server.connections == 1, "it was repeated"
        assert len(server.requests) == 1


@pytest.mark.parametrize("behaviour", [says(), resets])
async def test_closed_before_reading_is_no_answer(behaviour: Behaviour) -> None:
    # The connection stood, so bytes may have left: the client cannot know how many of them were read.
    async with serve(behaviour, read=False) as server:
        assert isinstance(await ask(server.url), NoAnswer)
        assert server.connections == 1


async def test_break_of_a_tls_connection_is_no_answer(localhost: Certificates) -> None:
    for behaviour in (says(), resets, says(JSON + b"Content-Length: 20\r\n\r\n{")):
        async with serve(behaviour, tls=localhost.server) as server:
            assert isinstance(await ask(server.tls_url, tls=localhost.trusting), NoAnswer)
            assert len(server.requests) == 1


# --- bounds -----------------------------------------------------------------------------------------------------

BODY_DRIP = says(JSON + b"Content-Length: 22\r\n\r\n", *[b" "] * 20, b"{}", pause_s=0.1)
HEADER_DRIP = says(b"HTTP/1.1 200 OK\r\n", *[b"A: 1\r\n"] * 20, b"Content-Length: 2\r\n\r\n{}", pause_s=0.1)
CONTINUE_DRIP = says(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 20, OK, pause_s=0.1)


@pytest.mark.parametrize("drip", [BODY_DRIP, HEADER_DRIP, CONTINUE_DRIP], ids=["body", "header", "100 Continue"])
async def test_drip_ends_with_the_total(drip: Behaviour) -> None:
    async with serve(drip) as server:
        http = Http(server.url, timeout_s=QUICK_S)
        assert await http.send(WRITE, HEADERS) == NoAnswer(f"no whole answer within {http.total_s:g} s")


@pytest.mark.parametrize("drip", [BODY_DRIP, HEADER_DRIP, CONTINUE_DRIP], ids=["body", "header", "100 Continue"])
async def test_control_without_the_total_the_drip_is_awaited(drip: Behaviour) -> None:
    async with serve(drip) as server:
        http = Http(server.url, timeout_s=QUICK_S)
        http.total_s = 30
        answer = await http.send(WRITE, HEADERS)
        assert isinstance(answer, Reply)
        assert answer.body.strip() == b"{}"


@pytest.mark.parametrize(("timeout_s", "total_s"), [(1, 1.5), (10, TOTAL_S), (3600, TOTAL_S)])
def test_total_follows_the_timeout_up_to_15_s(timeout_s: float, total_s: float) -> None:
    assert Http("http://localhost", timeout_s=timeout_s).total_s == total_s <= 15


def bomb() -> bytes:
    return gzip.compress(bytes(MAX_REPLY_BYTES + 1))


HUGE: dict[str, Callable[[], bytes]] = {
    "announced": lambda: JSON + b"Content-Length: %d\r\n\r\n" % (MAX_REPLY_BYTES + 1) + bytes(MAX_REPLY_BYTES + 1),
    "until close": lambda: JSON + b"\r\n" + bytes(MAX_REPLY_BYTES + 1),
    "bomb": lambda: JSON + b"Content-Encoding: gzip\r\n\r\n" + bomb(),
    "behind a whole gzip": lambda: (
        JSON + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}") + bytes(MAX_REPLY_BYTES)
    ),
}


@pytest.mark.parametrize("make", HUGE.values(), ids=HUGE)
async def test_reply_that_is_too_long_is_no_answer(make: Callable[[], bytes]) -> None:
    async with serve(says(make())) as server:
        assert await ask(server.url, READ) == NoAnswer(f"the reply is longer than {MAX_REPLY_BYTES} bytes")


async def test_control_a_higher_limit_lets_the_bomb_in() -> None:
    async with serve(says(JSON + b"Content-Encoding: gzip\r\n\r\n" + bomb())) as server:
        answer = await Http(server.url, timeout_s=10, max_reply_bytes=MAX_REPLY_BYTES + 1).send(READ, HEADERS)
        assert isinstance(answer, Reply)
        assert len(answer.body) == MAX_REPLY_BYTES + 1


# --- whole replies ----------------------------------------------------------------------------------------------

WHOLE: dict[str, tuple[bytes, int, bytes]] = {
    "with a length": (OK, 200, b"{}"),
    "chunked": (CHUNKED + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 200, b"{}"),
    "until close": (JSON + b"\r\n{}", 200, b"{}"),
    "after 100 Continue": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, b"{}"),
    "packed": (JSON + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}"), 200, b"{}"),
    "packed nothing": (b"HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n", 204, b""),
    "packed otherwise": (JSON + b"Content-Encoding: br\r\n\r\n\x0b\x00", 200, b"\x0b\x00"),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "HTTP 1.0": (b"HTTP/1.0 422 Unprocessable\r\n\r\n{}", 422, b"{}"),
    "an error": (b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", 500, b"oops"),
    "an unknown status": (b"HTTP/1.1 799 What\r\nContent-Length: 0\r\n\r\n", 799, b""),
}


@pytest.mark.parametrize(("raw", "status", "body"), WHOLE.values(), ids=WHOLE)
async def test_whole_reply_arrives_as_it_is(raw: bytes, status: int, body: bytes) -> None:
    async with serve(says(raw)) as server:
        answer = await ask(server.url)
        assert isinstance(answer, Reply)
        assert (answer.status, answer.body) == (status, body)


async def test_names_of_headers_are_lower_case_and_the_date_is_there() -> None:
    async with serve(says(OK.replace(b"Content-Type", b"CONTENT-type"))) as server:
        answer = await ask(server.url)
        assert isinstance(answer, Reply)
        assert answer.headers["date"] == "Sat, 21 Nov 2026 07:02:13 GMT"
        assert answer.is_json


async def test_early_refusal_of_a_long_request_is_its_reply() -> None:
    # The server answers and closes without reading: the reply counts where it got through, else it is no answer.
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    async with serve(says(refusal), read=False) as server:
        answer = await ask(server.url, Request("POST", "/attendances", body={"notes": "x" * 3_000_000}))
        assert isinstance(answer, Reply | NoAnswer)


async def test_cancelling_ends_the_exchange_and_its_connection() -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        assert await reader.read() == b""
        gone.set()

    async with serve(waits) as server:
        task = asyncio.create_task(ask(server.url))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone.wait()


async def test_cancelling_in_the_tls_handshake_ends_the_connection() -> None:
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def waits(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        arrived.set()
        await reader.read()
        gone.set()

    async with serve(waits, read=False) as server:
        task = asyncio.create_task(ask(server.tls_url))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as kept:  # its traceback keeps the socket from the garbage collector
            await task
        await asyncio.wait_for(gone.wait(), 5)
        del kept


async def test_many_at_once_do_not_disturb_each_other() -> None:
    async with serve(says(OK)) as server:
        http = Http(server.url, timeout_s=5)
        answers = await asyncio.gather(*(http.send(READ, HEADERS) for _ in range(30)))
        assert all(isinstance(answer, Reply) for answer in answers)
        assert server.connections == 30


def test_the_bomb_is_one() -> None:
    assert len(bomb()) < MAX_REPLY_BYTES / 500
    assert len(zlib.decompress(bomb(), wbits=31)) > MAX_REPLY_BYTES
