"""What a reply says before anybody looks into it: the status, the errors envelope, or a page that is not TimeTrack's.

    reply                                  heard as                     for a write          for a read
    2xx, JSON or nothing, no errors        Said                         echo.py decides      the reader decides
    2xx, a page, torn JSON                 Unknown                      look                 read again
    2xx with errors inside                 as the inner status says (trap T07)
    3xx                                    Paused("redirect")           not applied, the whole tracker rests
    401, 402                               Paused("credentials")        same
    403 in the tracker's words             Forbidden                    this employee        this employee
    403 as a web page, 405, 407, 451       Paused("path")               not applied, the whole tracker rests
    403, 429, 503 in words of throttling   Throttled                    not applied, the whole tracker waits
    404, 410 in the tracker's words        Missing                      by write: see codec  nothing there
    404, 410 otherwise                     Paused("path")               not applied, the whole tracker rests
    15020 in any refusal                   Missing(deleted)             gone, never made again
    400, 409, 415, 422, other 4xx          Rejected                     look, then decide    read again
    408, 421, 425, 5xx, 1xx, above         Unknown                      look                 read again
    511                                    NotApplied                   a login page of the network said so

A 503 with `Retry-After` alone stays Unknown: proxies send it when the server behind them was too slow, and then the
request may well have been applied. Only the tracker's own words make it a throttle.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from clockd.core.json import Json
from clockd.core.sentence import phrase, sentence
from clockd.core.wire import (
    Accepted,
    Exchange,
    Forbidden,
    Gone,
    NoAnswer,
    NoJson,
    NotApplied,
    NotSent,
    Paused,
    Rejected,
    Reply,
    Throttled,
    Unconfirmed,
    Unknown,
    Verdict,
)
from clockd.errors import ClockdError, Refused, TrackerUnreachable
from clockd.trackers.timetrack.values import NOTHING, Nothing, decode, plain_words, whole_of

DELETED = 15020
"""The one code the documents name: the row was there and is deleted."""

_THROTTLED = re.compile(r"throttl|rate.?limit|too many|request limit|requests? per minute|zu viele anfragen", re.I)


@dataclass(frozen=True, slots=True)
class TrackerError:
    """One item of the errors envelope."""

    title: str
    status: int | None
    code: int | None
    detail: str

    def __str__(self) -> str:
        code = f" (code {self.code})" if self.code is not None else ""
        return f"{self.title or 'an error without a title'}{code}{': ' if self.detail else ''}{self.detail}"


@dataclass(frozen=True, slots=True)
class Said:
    """A success, with content that is still to be understood."""

    document: Json | Nothing


@dataclass(frozen=True, slots=True)
class Missing:
    """404 in the tracker's own words; what is missing depends on what was asked (trap T04)."""

    why: str
    deleted: bool


Refusal = Unknown | NotApplied | Rejected | Missing | Forbidden | Paused | Throttled
ReadFailure = NotApplied | Rejected | Gone | Forbidden | Paused | Throttled
"""Why a read shows nothing. A read whose outcome is unclear is NotApplied: reading again harms nobody."""


def hear(exchange: Exchange) -> Said | Refusal:
    """Listen to an exchange; never raises, whatever was sent."""
    match exchange:
        case NotSent(why):
            return NotApplied(why)
        case NoAnswer(why):
            return Unknown(why)
        case Reply():
            return _hear(exchange)


def errors_in(document: Json | Nothing) -> tuple[TrackerError, ...]:
    """Read the errors envelope; nothing when the document is none."""
    match document:
        case {"errors": list() as found}:
            pass
        case {"errors": dict() | str() as error} if error:
            found = [error]
        case {"data": {"errors": list() as found}}:
            pass
        case _:
            return ()
    return tuple(_error(item) for item in found)


def failed(refusal: Refusal) -> ReadFailure:
    """Say what a refusal means for a read."""
    match refusal:
        case Unknown(why):
            return NotApplied(why)
        case Missing(why, deleted):
            return Gone(why, deleted)
        case _:
            return refusal


def names_nobody(exchange: Exchange) -> bool:
    """Whether the answer about somebody's timer is the refusal that there is no such employee.

    That no timer runs comes in the same envelope; only the words tell one from the other.
    """
    heard = hear(exchange)
    words = heard.why.casefold() if isinstance(heard, Missing) else ""
    return "user" in words and "timer" not in words


def as_error(verdict: Verdict) -> ClockdError:
    """Turn a verdict that is no success into the error a command ends with."""
    match verdict:
        case NotApplied(why):
            return TrackerUnreachable(why, hint="nothing was changed; try again")
        case Unknown(why):
            return TrackerUnreachable(why, hint="it may have been done: look before you repeat it")
        case Unconfirmed(why):
            return Refused(
                sentence("no proof that it was done: {why}", why=phrase(why)), hint="look before you repeat it"
            )
        case Throttled(retry_after):
            wait = f"in {retry_after} s" if retry_after and re.fullmatch("[0-9]+", retry_after) else "in a minute"
            return Refused("the tracker has had too many requests", hint=f"try again {wait}")
        case Rejected(why) | Gone(why):
            return Refused(why, hint="nothing was changed; the lists (… list) show what is there")
        case Forbidden(why) | Paused(_, why):
            return Refused(why, hint="clockd status says what the tracker lets us do")
        case Accepted():
            raise AssertionError("a success is no error")


# --- a reply ----------------------------------------------------------------------------------------------------


def _hear(reply: Reply) -> Said | Refusal:
    document = decode(reply)
    errors = () if isinstance(document, NoJson) else errors_in(document)
    if not 200 <= reply.status < 300:
        return _refusal(reply.status, errors, reply)
    if errors:
        return _refusal(_inner_status(errors), errors, reply)
    if isinstance(document, NoJson):
        return Unknown(
            sentence(
                "{status} with {what}",
                status=reply.status,
                what=phrase("a web page" if _is_page(reply) else "something that is not JSON"),
            )
        )
    if document is NOTHING and _is_page(reply):
        return Unknown(sentence("{status} with an empty web page", status=reply.status))
    return Said(document)


def _refusal(status: int, errors: Sequence[TrackerError], reply: Reply) -> Refusal:
    shown = status if any(error.status == status for error in errors) else reply.status
    said = "; ".join(plain_words(str(error)) for error in errors[:3])
    why = f"{shown} {said}" if errors else sentence("{status} without an explanation", status=shown)
    if status == 429 or (status in (403, 503) and _tells_of_throttling(status, errors, reply)):
        return Throttled(plain_words(reply.headers["retry-after"], 64) if "retry-after" in reply.headers else None)
    match status:
        case 401 | 402:
            return Paused(
                "credentials",
                sentence(
                    "the tracker does not accept App Key and App Secret ({why}): put the ones of "
                    "TimeTrack's Settings / General / API into the credentials timetrack-api-key and "
                    "timetrack-api-secret",
                    why=phrase(why),
                ),
            )
        case 403 if not _is_page(reply):
            return Forbidden(why)
        case 403 | 405 | 407 | 451:
            return Paused(
                "path",
                sentence(
                    "somebody on the way to the tracker refuses us ({why}): a proxy, a firewall, or a wrong "
                    "tracker.url or timer path",
                    why=phrase(why),
                ),
            )
        case 404 | 410 if errors:
            return Missing(why, deleted=_is_deleted(errors))
        case 404 | 410:
            return Paused(
                "path",
                sentence(
                    "the tracker has no such page ({why}): check tracker.url, tracker.attendance_timer_path and "
                    "tracker.project_timer_path",
                    why=phrase(why),
                ),
            )
        case 408 | 421 | 425:
            return Unknown(why)
        case 511:
            return NotApplied("the network wants a login before it lets us out")
        case _ if 300 <= status < 400:
            return Paused(
                "redirect",
                sentence(
                    "the tracker sends us away ({where}): either the network wants a login, or tracker.url is not the "
                    "tracker's own address",
                    where=f"{status}{_to(reply)}",
                ),
            )
        case _ if 400 <= status < 500:
            if _is_deleted(errors):
                return Missing(why, deleted=True)
            return Rejected(why, envelope=bool(errors))
        case _:
            return Unknown(why)


def _inner_status(errors: Sequence[TrackerError]) -> int:
    """Return the status that errors inside of a success name; 500, so "unknown", where they name none or several."""
    statuses = {error.status for error in errors}
    only = statuses.pop() if len(statuses) == 1 else None
    return only if only is not None and 400 <= only < 600 else 500


def _is_deleted(errors: Sequence[TrackerError]) -> bool:
    return any(error.code == DELETED for error in errors)


def _is_page(reply: Reply) -> bool:
    return "html" in reply.headers.get("content-type", "").lower() or reply.body.lstrip()[:1] == b"<"


def _tells_of_throttling(status: int, errors: Sequence[TrackerError], reply: Reply) -> bool:
    text = " ".join(f"{error.title} {error.detail}" for error in errors)
    if status == 403 and not errors:
        text = reply.body[:4096].decode("utf-8", "replace")
    return _THROTTLED.search(text) is not None


def _to(reply: Reply) -> str:
    """Say where a redirect leads: the host alone, since portals write the whole request behind it."""
    try:
        host = urlsplit(reply.headers.get("location", "")).netloc.rpartition("@")[2]
    except ValueError:
        host = ""
    return f" to {plain_words(host, 80)}" if host else ""


def _error(item: Json) -> TrackerError:
    match item:
        case dict():
            title, detail = item.get("title") or item.get("message"), item.get("detail")
            return TrackerError(
                plain_words(title) if isinstance(title, str) else "",
                whole_of(item.get("status")),
                whole_of(item.get("code")),
                plain_words(detail) if isinstance(detail, str) else "",
            )
        case str():
            return TrackerError(plain_words(item), None, None, "")
        case _:
            return TrackerError("", None, None, "")
