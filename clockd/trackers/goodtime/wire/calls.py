"""Goodtime's calls besides bookings: hello, login, time types, users, projects. Requests out, values in; pure.

Paths stand below the base URL, which ends before `/api`. The HTTP layer joins the two as text: joined as URLs are, a
path that begins with a slash would drop the context path, as `/goodtime-rs`.
"""

import base64
import re
from dataclasses import dataclass
from urllib.parse import quote

from clockd.core.body import read_body
from clockd.core.json import Json
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import (
    Exchange,
    Forbidden,
    NoAnswer,
    NoJson,
    NotApplied,
    NotSent,
    Paused,
    Reply,
    Request,
    Throttled,
)
from clockd.trackers.goodtime.wire.reading import (
    COMPLAINT,
    Failure,
    complains,
    first,
    is_page,
    json_of,
    login_refused,
    no_such_path,
    plain_names,
    read_failure,
    redirected,
    rows_of,
    says_throttled,
    text,
    unknown_paths,
    with_status,
)

BASE = "/api/time-v2.1"
"""What every path of version 2.1 begins with."""
OLD_TIME_CATEGORIES = Request("GET", "/api/time/timecategories")
"""Ask for the time types as version 1.1 calls them.

It is sent only to explain why version 2.1 is not there: an account can have the older version alone.
"""

JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)
"""What a JSON web token looks like; its signature may be empty."""


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A JSON web token. It shows itself to nobody; `text` goes into the request header and nowhere else."""

    text: str
    """The token as the request header wants it, without a prefix."""
    lifetime_s: float | None
    """How long it claims to live: `exp` minus `iat`, unverified. None when the token does not say both."""

    def __repr__(self) -> str:
        return "Token(…)"


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Goodtime does not accept the login; asking again with the same password only risks a lock-out."""

    why: str
    """What to check, and Goodtime's own words, for people."""


@dataclass(frozen=True, slots=True)
class LoginUnclear:
    """There was neither token nor refusal, but a page, an empty yes or a 500.

    It may be the tracker's way to refuse, or pass by itself.
    """

    why: str
    """What came instead, for people."""


@dataclass(frozen=True, slots=True)
class Named:
    """A time type or a project."""

    id: str
    """The id, in Goodtime's own spelling."""
    name: str
    """The name that people know it by; empty when Goodtime names none."""


def hello() -> Request:
    """Ask for a sign of life, without login."""
    return Request("GET", "/api/hello/sayhello")


def secured_hello() -> Request:
    """Ask for a sign of life that needs a login."""
    return Request("GET", "/api/hello/securedSayhello")


def login(email: str, password: str) -> Request:
    """Ask for a token. The body holds the password and does not show it."""
    return Request("POST", "/api/login", body=_Hidden({"loginemail": email, "apipassword": password}))


class _Hidden(dict[str, Json]):
    """A body that no log and no traceback can show."""

    def __repr__(self) -> str:
        return "{…}"


def timetypes() -> Request:
    """Ask for the time types."""
    return Request("GET", f"{BASE}/timetypes")


def users() -> Request:
    """Ask for the login e-mails of all users."""
    return Request("GET", f"{BASE}/users")


def projects(useremail: str | None = None) -> Request:
    """Ask for all projects, or for those of one user."""
    return Request("GET", f"{BASE}/projects" + (f"/{segment(useremail)}" if useremail is not None else ""))


def segment(value: str) -> str:
    """Encode a value as one segment of a path.

    An e-mail may hold `+` and `/`, which would be read as a space and as the next segment; so these are encoded too.
    """
    return quote(value.strip(), safe="")


def read_hello(exchange: Exchange) -> str | Failure:
    """Read the text of either hello."""
    if isinstance(exchange, Reply) and exchange.status in (404, 410):
        # nobody's employee is asked about here, so it can only be the address
        return Paused("path", unknown_paths(f"HTTP {exchange.status}"))
    failure = read_failure(exchange)
    if isinstance(failure, Forbidden) and isinstance(exchange, Reply):
        shown = phrase(with_status(exchange))
        return Forbidden(sentence("Goodtime refuses even a greeting ({shown})", shown=shown))
    if failure is not None:
        return failure
    assert isinstance(exchange, Reply)
    if is_page(exchange):
        return NotApplied("a page instead of a greeting: another server, or a login page in between (captive portal)")
    found = json_of(exchange)
    return found if isinstance(found, str) else exchange.body.decode("utf-8", "replace").strip()


def read_login(
    exchange: Exchange, token_header: str
) -> Token | LoginRefused | LoginUnclear | NotApplied | Paused | Throttled:
    """Read the answer to a login.

    In which form the token comes is not documented: bare, quoted, in an object or in a header; each of them is read.
    """
    match exchange:
        case NotSent(why) | NoAnswer(why):
            return NotApplied(why)
        case Reply(status):
            pass
    if says_throttled(exchange):
        return Throttled(exchange.headers.get("retry-after"))
    if 300 <= status < 400:
        return redirected(exchange)
    if status in (404, 405, 501):
        return no_such_path(exchange)
    if 400 <= status < 500 and status not in (408, 425):
        return LoginRefused(login_refused(with_status(exchange)))
    if status == 500:
        return LoginUnclear(sentence("the login failed: {shown}", shown=phrase(with_status(exchange))))
    if not 200 <= status < 300:
        return NotApplied(sentence("the login failed: {shown}", shown=phrase(with_status(exchange))))
    for candidate in _candidates(exchange, token_header):
        bare = _bare(candidate)
        if JWT.fullmatch(bare):
            return Token(bare, _lifetime_s(bare))
    if is_page(exchange):
        return LoginUnclear(
            "the login was answered with a page: wrong tracker.url, wrong credentials, or a captive portal"
        )
    holds_none = phrase("the login's answer holds no token")
    return LoginUnclear(sentence("{found}; if it stays so: {to_do}", found=holds_none, to_do=login_refused()))


def _candidates(reply: Reply, token_header: str) -> list[str]:
    found: list[str] = []
    body = json_of(reply)
    if isinstance(body, NoJson):
        found.append(reply.body.decode("utf-8-sig", "replace"))  # bare, whatever it is said to be
    elif isinstance(body, str):
        found.append(body)
    else:
        found += _in_object(body, depth=2)
    found += [reply.headers.get(name, "") for name in ("authorization", token_header.lower(), "x-auth-token")]
    if not isinstance(body, NoJson) and not complains(body):
        texts = {_bare(text) for text in _texts(body, depth=3)}
        alike = {text for text in texts if JWT.fullmatch(text)}
        if len(alike) == 1 and not any(COMPLAINT.search(text) for text in texts - alike):
            found += alike
    return found


def _bare(text: str) -> str:
    return re.sub(r"(?i)^bearer\s+", "", text.strip(" \t\r\n\"'"))


def _texts(body: Json, depth: int) -> list[str]:
    """Return all texts of a reply, whatever their names."""
    if isinstance(body, str):
        return [body]
    inner = list(body.values()) if isinstance(body, dict) else body if isinstance(body, list) else []
    return [text for value in inner for text in _texts(value, depth - 1)] if depth else []


def _in_object(body: Json, depth: int) -> list[str]:
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if isinstance(body, str):
        return [body]
    if not isinstance(body, dict):
        return []
    row = plain_names(body)
    named = [row.get(name) for name in ("token", "jwt", "accesstoken", "idtoken", "jsonwebtoken", "authorization")]
    found = [value for value in named if isinstance(value, str)]
    inner = [value for value in row.values() if isinstance(value, (dict, list))]
    return found + ([text for value in inner for text in _in_object(value, depth - 1)] if depth else [])


def _lifetime_s(token: str) -> float | None:
    """Read how long a token lives, without verifying it: a clock of ours need not be right for this."""
    payload = token.split(".")[1]
    try:
        claims = read_body(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return None
    if not isinstance(claims, dict):
        return None
    until, since = claims.get("exp"), claims.get("iat")
    if isinstance(until, bool) or isinstance(since, bool):
        return None
    if not isinstance(until, (int, float)) or not isinstance(since, (int, float)):
        return None
    return float(until - since) if 0 < until - since < 10**9 else None


def read_named(exchange: Exchange) -> tuple[Named, ...] | Failure:
    """Read time types or projects."""
    rows = rows_of(exchange)
    if not isinstance(rows, tuple):
        return rows
    found: list[Named] = []
    for row in rows:
        id_ = text(first(row, "id", "uuid", "timetypeid", "projectid"))
        if not id_:
            return NotApplied("Goodtime answered with a row without id")
        found.append(Named(id_, text(first(row, "name", "title", "timetype", "project"))))
    return tuple(found)


def read_users(exchange: Exchange) -> tuple[str, ...] | Failure:
    """Read the login e-mails of all users."""
    rows = rows_of(exchange)
    if not isinstance(rows, tuple):
        return rows
    found = (text(first(row, "loginemail", "useremail", "email", "login", "")) for row in rows)
    return tuple(email for email in found if email)


def pick(wanted: str, among: tuple[Named, ...]) -> Named | str:
    """Find a time type or project by id or by name.

    The id decides first, then the exact name, then the name whatever its case; a name that fits twice fits none.

    Returns:
        What was found, or in words why nothing was.
    """
    wanted = wanted.strip()
    by_id = [each for each in among if each.id.casefold() == wanted.casefold()]
    exact = [each for each in among if each.name == wanted]
    loose = [each for each in among if each.name.casefold() == wanted.casefold()]
    for found in (by_id, exact, loose):
        if len(found) == 1:
            return found[0]
        if found:
            return sentence(
                "{count} are called {name}; write the id: {ids}",
                count=len(found),
                name=repr(wanted),
                ids=tuple(each.id for each in found),
            )
    if not among:
        return sentence("none is called {name}; there are none", name=repr(wanted))
    names = tuple(repr(each.name) for each in among[:12])
    if len(among) == 1:
        return sentence("none is called {name}; there is {names}", name=repr(wanted), names=names)
    return sentence("none is called {name}; there are {names}", name=repr(wanted), names=names)
