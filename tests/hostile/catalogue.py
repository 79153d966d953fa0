"""More than a hundred ways to answer, each of which some server, proxy or attacker could use.

None of them is a lie that nobody could see through: a list that is well formed, in time and empty *is* the answer
"nothing is there", and a created row with the right name and times *is* a proof.
"""

import asyncio
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

DENIALS = (b"401", b"402", b"403", b"404", b"405", b"407", b"410", b"424", b"429", b"451", b"501", b"511")
NGINX = b"<html>\r\n<head><title>%d</title></head>\r\n<body><center><h1>%d</h1></center></body>\r\n</html>\r\n"
JSON = b"application/json; charset=utf-8"
MIRROR = b"@@MIRROR@@"
"""Stands where the server puts the head and the body of the request that it answers."""
STATUSES = [
    *(201, 202, 203, 205, 206, 207, 226, 299, 300, 301, 302, 303, 305, 306, 307, 308, 399),
    *range(400, 427), 428, 429, 431, 440, 444, 449, 450, 451, 460, 463, 494, 495, 496, 497, 498, 499,
    *range(500, 512), 520, 521, 522, 523, 524, 525, 526, 527, 529, 530, 561, 598, 599, 600, 777, 999,
]  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One way to answer."""

    name: str
    parts: tuple[bytes, ...]
    """What is written, one after the other; a part is never written together with the next."""
    then: str = "close"
    """close, reset, or hang: leave the connection open and say nothing more."""
    times: int = 1
    """How often the last part is written."""

    @property
    def denies(self) -> bool:
        """Whether it says for certain that nothing was done; a tracker that did it all the same is beyond help."""
        status = self.parts[0][9:12]
        return status in DENIALS or (status[:1] == b"3" and status != b"303")

    @property
    def slow(self) -> bool:
        """Whether only a time limit ends it."""
        return self.then == "hang" or self.times > 1


def reply(status: int, body: bytes, *headers: bytes, kind: bytes = JSON, length: int | None = None) -> bytes:
    """Write down a whole reply; a status or a length that lies is written as it is."""
    lines = [b"HTTP/1.1 %d Whatever" % status, b"Content-Type: " + kind, *headers]
    lines.append(b"Content-Length: %d" % (len(body) if length is None else length))
    return b"\r\n".join([*lines, b"", body])


def statuses() -> Iterator[Answer]:
    """Every status with bodies that are no JSON, or not what was asked for."""
    for status in STATUSES:
        yield Answer(f"{status} nginx", (reply(status, NGINX % (status, status), kind=b"text/html"),))
        yield Answer(f"{status} empty", (reply(status, b"", b"Location: http://portal.example/?to=@@MIRROR@@"),))
    for status in (200, 301, 400, 401, 403, 404, 405, 409, 422, 429, 500, 503):
        yield Answer(f"{status} mirror", (reply(status, b"you said " + MIRROR, kind=b"text/plain"),))
        yield Answer(f"{status} mirror as an error", (reply(status, b'{"errors":[{"title":"' + MIRROR + b'"}]}'),))
        yield Answer(f"{status} half of its JSON", (reply(status, b'{"errors": [{"title": "no'),))
        yield Answer(f"{status} errors that are none", (reply(status, b'{"errors": [null, 7, [], {"status": "x"}]}'),))


BODIES: dict[str, bytes] = {
    "no JSON at all": b"\x00\x01\xfe\xff",
    "deep list": b"[" * 100_000,
    "deep list that ends": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep in a row": b'[{"id": 1, "user": ' + b"[" * 5_000 + b"]" * 5_000 + b"}]",
    "4,301 digits": b"9" * 4_301,
    "id of 5,000 digits": b'[{"id": ' + b"9" * 5_000 + b"}]",
    "id of 4,000 digits": b'[{"id": ' + b"9" * 4_000 + b', "user": "x", "from": "2026-11-20T08:00:00Z"}]',
    "1e400": b'[{"id": 1e400}]',
    "NaN": b'[{"id": NaN, "workedMinutes": Infinity}]',
    "half a surrogate pair": b'[{"id": "\\ud800", "user": "\\udfff", "from": "\\ud83d"}]',
    "surrogates as UTF-8": b'[{"id": "\xed\xa0\x80"}]',
    "Latin-1": '[{"id": 7, "user": "jörg"}]'.encode("latin-1"),
    "UTF-16": '[{"id": 7}]'.encode("utf-16"),
    "byte order mark and nothing": b"\xef\xbb\xbf",
    "null": b"null",
    "true": b"true",
    "zero": b"0",
    "empty text": b'""',
    "a text": b'"ok"',
    "an empty object": b"{}",
    "a list of lists": b"[[]]",
    "a list of null": b"[null]",
    "a list of objects without anything": b"[{}]",
    "a list of numbers": b"[1, 2, 3]",
    "a list of texts": b'["ok", "1"]',
    "two lists": b'{"a": [], "b": []}',
    "wrapped a hundred times": b'{"data":' * 100 + b"{}" + b"}" * 100,
    "wrapped null": b'{"data": null}',
    "a login page": b'{"login": "required", "url": "http://portal.example"}',
    "a login page with an id": b'{"id": 1, "login": "required"}',
    "success that is none": b'{"success": false, "id": 1}',
    "an error that is true": b'{"error": true}',
    "errors that are empty": b'{"errors": []}',
    "errors that are a text": b'{"errors": "overlap"}',
    "an inner status of 999 digits": b'{"errors": [{"status": ' + b"4" * 999 + b"}]}",
    "ids alone": b'{"id": 1}',
    "a list of ids": b'[{"id": 1}]',
    "many ids": json.dumps([{"id": n + 1} for n in range(90_000)]).encode(),
    "a UUID with a W": b'[{"id": "0F8FAD5B-D9CB-469F-A165-70867728950W"}]',
    "many rows": json.dumps(
        [{"id": n, "user": "x", "from": "2026-11-20T08:00:00Z", "to": None} for n in range(1, 30_000)]
    ).encode(),
    "the same row a thousand times": json.dumps(
        [{"id": 1, "user": "x", "from": "2026-11-20T08:00:00Z", "to": None}] * 1_000
    ).encode(),
    "every name twice": b'{"id": 1, "id": 2, "user": "a", "user": "b", "errors": [], "errors": {}}',
    "longer than any reply": b"[" + b" " * 5_000_000 + b"]",
    "a long text": b'"' + b"x" * 3_000_000 + b'"',
    "a note of a megabyte": b'[{"id": 1, "user": "x", "from": "2026-11-20T08:00:00Z", "notes": "'
    + b"n" * 10**6
    + b'"}]',
    "a row that names nobody": b'[{"id": 1, "from": "2026-11-20T08:00:00Z"}]',
}
IDS = [
    "true",
    "0",
    "-1",
    "1.5",
    "1e300",
    '""',
    '" "',
    '"../.."',
    '"a/b?c"',
    '"\\u0000"',
    "[]",
    "{}",
    '"%s"' % ("x" * 10_000),
]
DATES = [
    *('"9999-12-31T23:59:59Z"', '"0001-01-01T00:00:00Z"', '"0000-00-00"', '"2026-02-31T08:00:00Z"', '"soon"', "true"),
    *('"2026-11-20T08:00:00+99:99"', '"9999-12-31T23:59:59-14:00"', "-1e18", "253402300799000", "[2026, 11, 20]", "{}"),
]


def bodies() -> Iterator[Answer]:
    """Successes, refusals and faults whose body is odd."""
    for name, body in BODIES.items():
        yield Answer(f"200 {name}", (reply(200, body),))
    for name in ("deep list", "5,000 digits", "NaN", "half a surrogate pair", "null", "a login page", "UTF-16"):
        for status in (400, 422, 500):
            body = BODIES.get(name, b"9" * 5_000)
            yield Answer(f"{status} {name}", (reply(status, body),))
    for id_ in IDS:
        row = f'[{{"id": {id_}, "user": "x", "from": "2026-11-20T08:00:00Z", "starttime": "2026-11-20T08:00:00"}}]'
        yield Answer(f"200 id {id_[:20]}", (reply(200, row.encode()),))
    for date in DATES:
        for names in (("from", "starttime"), ("to", "endtime")):
            row = '{"id": 5, "user": "x", "from": "2026-11-20T08:00:00Z", "starttime": "2026-11-20T08:00:00"'
            shown = "".join(f', "{name}": {date}' for name in names)
            yield Answer(f"200 {names[0]} {date}", (reply(200, f"[{row}{shown}}}, {{}}]".encode()),))


def framing() -> Iterator[Answer]:
    """Replies that are no HTTP, lie about their length, or never end."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    list_ = b'[{"id": 1, "user": "x"}]'
    for name, part in {
        "nothing": b"",
        "half a status line": b"HTTP/1.1 20",
        "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
        "a status that is a word": b"HTTP/1.1 OK 200\r\n\r\n",
        "a version nobody has": b"HTTP/7.3 200 OK\r\n\r\n{}",
        "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "garbage": bytes(range(256)) * 8,
        "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nxx",
        "a thousand interim replies": b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000 + reply(200, list_),
        "hints, then a page": b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
        + reply(502, b"<html>", kind=b"text/html"),
        "shorter than it says": reply(200, list_, length=len(list_) + 9),
        "longer than it says": reply(200, list_, length=3),
        "two lengths": head + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
        "a negative length": head + b"Content-Length: -1\r\n\r\n{}",
        "a length of 5,000 digits": head + b"Content-Length: " + b"1" * 5_000 + b"\r\n\r\n{}",
        "a length in words": head + b"Content-Length: two\r\n\r\n{}",
        "length and chunks": head + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "a chunk that is too long": chunked + b"ffffffffffff\r\n{}",
        "a chunk of 5,000 digits": chunked + b"1" * 5_000 + b"\r\n{}",
        "no last chunk": chunked + b"2\r\n{}\r\n",
        "one-byte chunks": chunked + b"".join(b"1\r\n%c\r\n" % byte for byte in b"[" * 3_000) + b"0\r\n\r\n",
        "a trailer": chunked + b"2\r\n{}\r\n0\r\nX: y\r\n\r\n",
        "endless headers": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
        "a header of a megabyte": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 1_000_000 + b"\r\n\r\n",
        "a folded header": b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\n{}",
        "a header without a colon": b"HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 2\r\n\r\n{}",
        "a null byte in a header": b"HTTP/1.1 200 OK\r\nA: \x00b\r\nContent-Length: 2\r\n\r\n{}",
        "bytes above 127 in a header": reply(302, b"", b"Location: http://\xe4\xff\xfe/\xc3\x28"),
        "gzip that is none": reply(200, b"{}", b"Content-Encoding: gzip"),
        "half a gzip": reply(200, gzip.compress(list_ * 99)[:-9], b"Content-Encoding: gzip"),
        "a gzip bomb": reply(200, gzip.compress(bytes(50_000_000)), b"Content-Encoding: gzip"),
        "gzip in gzip": reply(200, gzip.compress(gzip.compress(list_)), b"Content-Encoding: gzip"),
        "gzip that nobody announced": reply(200, gzip.compress(list_)),
        "deflate": reply(200, zlib.compress(list_), b"Content-Encoding: deflate"),
        "brotli": reply(200, b"\x0b\x00", b"Content-Encoding: br"),
        "another charset": reply(200, '{"id": "ü"}'.encode("latin-1"), kind=b"application/json; charset=iso-8859-1"),
        "JSON that is said to be a page": reply(200, list_, kind=b"text/html"),
        "a page that is said to be JSON": reply(200, b"<!DOCTYPE html><title>Hello</title>"),
        "two types": reply(200, b"{}", b"Content-Type: text/html"),
        "a head in UTF-16": "HTTP/1.1 200 OK\r\n\r\n{}".encode("utf-16"),
    }.items():
        yield Answer(name, (part,))
    yield Answer("reset after reading", (b"",), then="reset")
    yield Answer("reset in the body", (reply(200, list_, length=99),), then="reset")
    yield Answer("byte for byte", tuple(bytes([byte]) for byte in reply(200, b"[{}]")))
    yield Answer("silence", (b"",), then="hang")
    yield Answer("silence in the body", (reply(200, list_, length=99),), then="hang")
    yield Answer("an endless body", (head + b"\r\n", b" " * 65_536), times=200)
    yield Answer("endless interim replies", (b"HTTP/1.1 100 Continue\r\n\r\n" * 100,), times=200)


def headers() -> Iterator[Answer]:
    """Headers that say too much."""
    for status in (429, 503, 403):
        for value in (b"99999999999", b"-5", b"NaN", b"soon", b"Fri, 31 Dec 9999 23:59:59 GMT", b"1e9", "٣".encode()):
            name = f"{status} Retry-After {value.decode()}"
            yield Answer(name, (reply(status, b"too many requests", b"Retry-After: " + value, kind=b"text/plain"),))
    twice = reply(429, b"", b"Retry-After: 1", b"Retry-After: 7", b"Date: x", b"Date: Sat, 21 Nov 2026 07:02:13 GMT")
    yield Answer("429 with headers twice", (twice,))
    for date in (b"Fri, 31 Dec 9999 23:59:59 GMT", b"Mon, 01 Jan 0001 00:00:00 +2359", b"x" * 9_000, b"\xff\xfe"):
        yield Answer(f"200 Date {date[:16]!r}", (reply(200, b"{}", b"Date: " + date),))
    for place in (b"", b"https://[", b"//user:word@host:x/", b"javascript:alert(1)", b"x" * 9_000, b"\x1b[31m\x07"):
        yield Answer(f"302 Location {place[:16]!r}", (reply(302, b"", b"Location: " + place),))


CATALOGUE: tuple[Answer, ...] = (*statuses(), *bodies(), *framing(), *headers())


async def give(answer: Answer, request: bytes, writer: asyncio.StreamWriter) -> None:
    """Answer a request this way."""
    mirrored = json.dumps(request.decode("latin-1"))[1:-1].encode()
    for part in (*answer.parts, *[answer.parts[-1]] * (answer.times - 1)):
        in_head = part.replace(b"?to=" + MIRROR, b"?to=" + mirrored.replace(b"\\r\\n", b"%0D%0A")[:4_000])
        writer.write(in_head.replace(MIRROR, mirrored) if MIRROR in in_head else in_head)
        await writer.drain()
        if len(answer.parts) > 1:
            await asyncio.sleep(0)
