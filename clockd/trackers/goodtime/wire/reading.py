"""Tolerant reading of what Goodtime answers: its JSON, its rows, and what a reply without rows means.

Nothing here raises on what a tracker sent. Goodtime's errors are pages or plain text and never JSON, so only the status
counts; the text of a body is shown to people, and used for one thing more: to tell a throttle from a refusal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from clockd.core.body import document_of
from clockd.core.json import Json
from clockd.core.sentence import advised, phrase, said_text, sentence, told_text
from clockd.core.wire import (
    PORTAL,
    Exchange,
    Forbidden,
    NoAnswer,
    NoJson,
    NotApplied,
    NotSent,
    Paused,
    Reply,
    Throttled,
)

MOST_ROWS = 5000
"""Rows of a list; a year of one busy person is a third of it."""
SHOWN = 160
"""How many characters of a body a message may quote."""

Failure = NotApplied | Paused | Throttled | Forbidden
"""What a read can come to when it brought no rows."""

OWN = "x-clockd-own"
"""The header that marks an answer which we gave ourselves in the tracker's place; its text is whole and ours.

It holds of which sentence the text is made, if it is one.
"""

BASE_URL = 'tracker.url must be everything before /api, as "https://getgoodtime.com/goodtime-rs"'
"""What to say where the address seems to be wrong."""


CHECK_LOGIN = (
    "check the credentials goodtime-login-email and goodtime-api-password, and that the REST API is switched on "
    "(Goodtime: settings, tab Security)"
)
"""What to say of a login that is refused, or seems to be."""


def login_refused(shown: str | None = None) -> str:
    """Say that a login is refused, and what to check.

    Args:
        shown: what Goodtime answered; None where that says nothing.
    """
    to_do = phrase(CHECK_LOGIN)
    if shown is not None:
        to_do = sentence("{to_do} ({shown})", to_do=to_do, shown=phrase(shown))
    return advised("Goodtime refuses our login", to_do)


def json_of(reply: Reply) -> Json | NoJson:
    """Read a body as JSON, whatever its content type says; but a page is never JSON."""
    return NoJson("a page instead of JSON") if is_page(reply) else document_of(reply)


def is_page(reply: Reply) -> bool:
    """Whether a reply is HTML: an error page, or one of a captive portal or a proxy, which even says 200."""
    kind = reply.headers.get("content-type", "").lower()
    return "html" in kind or reply.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


def words_of(reply: Reply) -> str:
    """Quote a reply for people: the first words of its text, without tags; empty for an empty body."""
    if OWN in reply.headers:
        return told_text(reply.headers[OWN] or None, reply.body.decode())
    text = reply.body[:4096].decode("utf-8", "replace")
    text = re.sub(r"(?is)<(script|style|head)\b.*?</\1\s*>", " ", text)
    text = " ".join(re.sub(r"<[^>]*>?", " ", text).split())
    text = "".join(c for c in text if c.isprintable())
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def own_answer(status: int, why: str) -> Reply:
    """Answer in the tracker's place, where it is known what it would say; `why` is told as it is."""
    return Reply(status, {"content-type": "text/plain; charset=utf-8", OWN: said_text(phrase(why)) or ""}, why.encode())


def says_throttled(reply: Reply) -> bool:
    """Whether a refusal is about too many requests.

    How Goodtime says so is not documented: by a 429, or by a 403 with such words.
    """
    if reply.status == 429:
        return True
    return reply.status == 403 and bool(
        re.search(r"too many|rate.?limit|throttl|zu viele anfragen", words_of(reply), re.IGNORECASE)
    )


def with_status(reply: Reply) -> str:
    """Say a reply's status and first words."""
    words = words_of(reply)
    if OWN in reply.headers:
        return words
    return f"HTTP {reply.status}: {words}" if words else f"HTTP {reply.status}"


def refused_as_a_whole(reply: Reply) -> Paused | Throttled | None:
    """Read a status that concerns every request alike, writes and reads; None where it does not.

    A 403 or 404 is not among these: it may concern one employee or one row only.
    """
    if says_throttled(reply):
        return Throttled(reply.headers.get("retry-after"))
    if reply.status == 401:
        return Paused("credentials", words_of(reply) if OWN in reply.headers else login_refused("HTTP 401"))
    if 300 <= reply.status < 400:
        return redirected(reply)
    if reply.status in (405, 501):
        return no_such_path(reply)
    if reply.status == 424 and OWN in reply.headers:
        return Paused("setup", words_of(reply))
    return None


def redirected(reply: Reply) -> Paused:
    """Explain a redirect. It is never followed, because that would repeat a POST as a GET and look like a success."""
    to = "".join(c for c in reply.headers.get("location", "somewhere else") if c.isprintable())
    found = sentence("Goodtime redirects to {address}", address=to[:SHOWN])
    return Paused("redirect", advised(found, "write that address into tracker.url"))


def no_such_path(reply: Reply) -> Paused:
    """Explain an answer of a server that does not know the path."""
    if OWN in reply.headers:
        return Paused("path", words_of(reply))
    return Paused("path", unknown_paths(with_status(reply)))


def unknown_paths(shown: str) -> str:
    """Say that a server is not Goodtime's, or that the address is wrong.

    Args:
        shown: what it answered.
    """
    return advised(sentence("this server does not know Goodtime's paths ({shown})", shown=phrase(shown)), BASE_URL)


def read_failure(exchange: Exchange) -> Failure | None:
    """Say what stands in the way of a read; None for a 2xx reply."""
    match exchange:
        case NotSent(why) | NoAnswer(why):
            return NotApplied(why)
        case Reply():
            pass
    if 200 <= exchange.status < 300:
        return None
    if (whole := refused_as_a_whole(exchange)) is not None:
        return whole
    if exchange.status == 503 and "retry-after" in exchange.headers:
        return Throttled(exchange.headers["retry-after"])
    if exchange.status in (403, 404, 410):
        shown = phrase(with_status(exchange))
        return Forbidden(sentence("Goodtime does not show this employee ({shown})", shown=shown))
    return NotApplied(with_status(exchange))


def rows_of(exchange: Exchange) -> tuple[Mapping[str, Json], ...] | Failure:
    """Read a short list of objects at once; see `list_of` and `Spelling.row`."""
    rows = list_of(exchange)
    if not isinstance(rows, list):
        return rows
    spelling = Spelling()
    found = tuple(spelling.row(row) for row in rows)
    named = tuple(row for row in found if row is not None)
    return named if len(named) == len(found) else NO_ROW


def list_of(exchange: Exchange) -> list[Json] | Failure:
    """Return the rows of a list, bare or alone in a wrapper, as they were sent."""
    failure = read_failure(exchange)
    if failure is not None:
        return failure
    assert isinstance(exchange, Reply)
    found = json_of(exchange)
    if isinstance(found, NoJson):
        return NotApplied(sentence("Goodtime answered with {what}", what=phrase(found.why)))
    if complains(found):
        return NotApplied(sentence("Goodtime answered with a complaint: {words}", words=words_of(exchange)))
    rows = _list_in(found)
    if rows is None:
        inside = found.values() if isinstance(found, dict) else []
        if found in (None, {}) or any(isinstance(value, list | dict) for value in inside):
            return NotApplied("Goodtime answered with JSON that is no list")
        return Paused("portal", PORTAL)
    if len(rows) > MOST_ROWS:
        return NotApplied(
            sentence("Goodtime answered with {count} rows, more than anybody can have asked for", count=len(rows))
        )
    return rows


NO_ROW: Final = NotApplied("Goodtime answered with a list of something that is no row")


@dataclass(frozen=True, slots=True)
class Spelling:
    """Brings the property names of all rows of a list to one spelling, as `plain_names` does, each name once."""

    _plain: dict[str, str] = field(default_factory=dict)

    def row(self, row: Json) -> Mapping[str, Json] | None:
        """Return a row with plain names; a bare text becomes `{"": text}`, and what is no row None."""
        if isinstance(row, dict):
            plain = self._plain
            return {plain.get(key) or plain.setdefault(key, plain_name(key)): row[key] for key in row}
        return {"": row} if isinstance(row, str) else None


def _list_in(found: Json) -> list[Json] | None:
    if isinstance(found, dict) and len(lists := [value for value in found.values() if isinstance(value, list)]) == 1:
        return lists[0]
    return found if isinstance(found, list) else None


COMPLAINT = re.compile(r"error|fault|exception|fail|refuse|reject|denied|invalid", re.IGNORECASE)
"""Words that stand where something went wrong; none of them fits into a UUID."""


def complains(found: Json) -> bool:
    """Whether an object says that something went wrong, whatever its status was and whatever stands beside it."""
    if not isinstance(found, dict):
        return False
    row = plain_names(found)
    if any(row.get(name) for name in ("error", "errors", "exception", "fault")):
        return True
    if any(flag(row.get(name)) is False for name in ("success", "successful", "ok")):
        return True
    status = text(row.get("status"))
    return COMPLAINT.search(status) is not None or re.fullmatch(r"[45]\d\d", status) is not None


def plain_names(row: Mapping[str, Json]) -> dict[str, Json]:
    """Bring property names to one spelling: `startTime`, `start_time` and `STARTTIME` are one."""
    return {plain_name(key): value for key, value in row.items()}


def plain_name(name: str) -> str:
    """Bring one property's name to that spelling."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def first(row: Mapping[str, Json], *names: str) -> Json:
    """Return the first of several properties that says something."""
    for name in names:
        if (value := row.get(name)) is not None and value != "":
            return value
    return None


def text(value: Json) -> str:
    """Return a text or a number as text, and an empty text for anything else.

    The spelling is kept, because an id is opaque: it is a UUID in whatever case Goodtime writes it.
    """
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def flag(value: Json) -> bool | None:
    """Read a yes or no, also as text or number; None when it says neither."""
    if isinstance(value, bool):
        return value
    word = text(value).lower()
    if word in ("true", "1", "yes"):
        return True
    return False if word in ("false", "0", "no") else None
