"""The read-only JSON API under `/api/v1`, for programs with a token (`clockd accounts token`).

It shows the documents of the commands as they are (`clockd status --json` …), in pages where they have no end. What a
request may ask for stands in `api_document.py`; whatever is not named there is refused, so that a slip in a name is
never taken for "everything".
"""

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clockd.core.delivery import State
from clockd.core.json import Json
from clockd.errors import ClockdError, Refused, UsageError
from clockd.web.api_document import (
    DAYS_ASKED,
    LARGEST_CURSOR,
    LONGEST_NAME_ASKED,
    MOST_DAYS_ASKED,
    NAME_PATTERN,
    PREFIX_PATH,
    openapi,
)
from clockd.web.bearer import Gate, ReadOnly
from clockd.web.parts import Parts
from clockd.web.problems import document, problem, problem_of

SHEETS = 10
"""Employees whose hours make a page."""
WORK_YEARS = range(1990, 2199)
"""Outside of them nobody worked."""
Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that can be read."""

    path: str
    """Below `/api/v1`."""
    allowed: frozenset[str]
    """The parameters it takes."""
    answer: Callable[[Parts, Parameters], Awaitable[Json]]
    """Makes the document of the parameters and of what stands in the path."""


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the API."""
    gate = Gate(parts)

    async def describe(_request: Request) -> Response:
        return document(openapi())

    async def unknown(_request: Request) -> Response:
        return problem(HTTPStatus.NOT_FOUND, f"there is no such path; {PREFIX_PATH}/openapi.json names those there are")

    found = [Route(PREFIX_PATH + each.path, gate.around(_endpoint(parts, each))) for each in RESOURCES]
    found.append(Route(PREFIX_PATH + "/openapi.json", ReadOnly(describe)))
    found.append(Route("/api/{rest:path}", ReadOnly(unknown)))
    return found


def _endpoint(parts: Parts, resource: Resource) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            words = _words(request, resource.allowed)
            return document(await resource.answer(parts, {**words, **request.path_params}))
        except ClockdError as error:
            return problem_of(error, HTTPStatus.NOT_FOUND)

    return endpoint


def _words(request: Request, allowed: frozenset[str]) -> dict[str, str]:
    """Return the parameters of a request.

    Raises:
        UsageError: one is not known, or stands there twice.
    """
    pairs = request.query_params.multi_items()
    for name, _ in pairs:
        if name not in allowed:
            raise UsageError(f"unknown parameter {name[:60]!r}; there are {', '.join(sorted(allowed)) or 'none'}")
    if len({name for name, _ in pairs}) < len(pairs):
        raise UsageError("a parameter stands there twice")
    return dict(pairs)


async def _status(parts: Parts, _: Parameters) -> Json:
    return await parts.daemon.ask("status")


async def _punches(parts: Parts, words: Parameters) -> Json:
    order, state = words.get("order", "newest"), words.get("state")
    if order not in ("newest", "oldest"):
        raise UsageError("order is newest or oldest")
    if state is not None and state not in set(State):
        raise UsageError(f"state is one of {', '.join(State)}")
    page = await parts.daemon.ask(
        "punches.page",
        cursor=_cursor(words),
        newest_first=order == "newest",
        state=state,
        username=_name(words, "username"),
    )
    assert isinstance(page, dict)
    return {"punches": page["punches"], "next": page["next"]}


async def _punch(parts: Parts, words: Parameters) -> Json:
    return await parts.daemon.ask("punches.show", id=_name(words, "id"))


async def _people(parts: Parts, _: Parameters) -> Json:
    return {"people": await parts.daemon.ask("people")}


async def _hours(parts: Parts, words: Parameters) -> Json:
    """Return the hours of one employee, or of the next few of all."""
    first, days = _day(words, "from"), _whole(words, "days", 1, MOST_DAYS_ASKED) or DAYS_ASKED
    username, begin = _name(words, "username"), _cursor(words) or 0
    if first.year not in WORK_YEARS or (last := first + timedelta(days=days - 1)).year not in WORK_YEARS:
        raise Refused(f"nobody worked in {first.year}")
    if username is None:
        known = await parts.daemon.ask("hours.people")
        assert isinstance(known, dict)
        assert isinstance(known["people"], list)
        names = [str(name) for name in known["people"]]
    else:
        names = [username]
    sheets = [await _sheet(parts, name, first, last) for name in names[begin : begin + SHEETS]]
    return {"hours": list(sheets), "next": begin + SHEETS if begin + SHEETS < len(names) else None}


async def _sheet(parts: Parts, username: str, first: date, last: date) -> Json:
    return await parts.daemon.ask("hours", username=username, first=first.isoformat(), last=last.isoformat())


def _cursor(words: Parameters) -> int | None:
    return _whole(words, "cursor", 0, LARGEST_CURSOR)


def _whole(words: Parameters, name: str, least: int, most: int) -> int | None:
    text = words.get(name)
    if text is None:
        return None
    if not re.fullmatch("0|[1-9][0-9]{0,9}", text) or not least <= int(text) <= most:
        raise UsageError(f"{name} is a whole number from {least} to {most}")
    return int(text)


def _name(words: Parameters, name: str) -> str | None:
    text = words.get(name)
    if text is not None and not (len(text) <= LONGEST_NAME_ASKED and re.fullmatch(NAME_PATTERN, text)):
        raise UsageError(f"{name} has 1 to {LONGEST_NAME_ASKED} characters, and no blanks around them")
    return text


def _day(words: Parameters, name: str) -> date:
    text = words.get(name, "")
    with contextlib.suppress(ValueError):
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    raise UsageError(f"{name} is a day, as 2026-11-21")


RESOURCES = (
    Resource("/status", frozenset(), _status),
    Resource("/punches", frozenset({"order", "state", "username", "cursor"}), _punches),
    Resource("/punches/{id}", frozenset(), _punch),
    Resource("/people", frozenset(), _people),
    Resource("/hours", frozenset({"from", "days", "username", "cursor"}), _hours),
)
