"""Errors of the API as RFC 9457 has them (`application/problem+json`), and documents as JSON."""

import json
import math
from http import HTTPStatus

from starlette.responses import Response

from clockd.core.json import Json
from clockd.errors import ClockdError, NoDaemon, NotRecorded, Refused, UsageError

PROBLEM = "application/problem+json"
AWAY_AGAIN_S = 5
"""How soon a program may ask again when the daemon does not answer."""


def document(content: Json) -> Response:
    """Answer with a document."""
    return Response(_bytes(content), media_type="application/json")


def problem(status: HTTPStatus, detail: str, *, headers: dict[str, str] | None = None) -> Response:
    """Answer with an error; `detail` is a sentence for people."""
    content: Json = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return Response(_bytes(content), status, headers, PROBLEM)


def too_often(wait_s: float) -> Response:
    """Say that a caller asks too often, and when it may again."""
    wait = str(max(1, math.ceil(wait_s)))
    return problem(HTTPStatus.TOO_MANY_REQUESTS, f"try again in {wait} s", headers={"Retry-After": wait})


def problem_of(error: ClockdError, refused: HTTPStatus = HTTPStatus.CONFLICT) -> Response:
    """Answer with what the daemon said.

    Args:
        error: what it said.
        refused: what it means here that it understood and says no.
    """
    match error:
        case NoDaemon() | NotRecorded():
            again = {"Retry-After": str(AWAY_AGAIN_S)}
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, error.message, headers=again)
        case UsageError():
            return problem(HTTPStatus.BAD_REQUEST, error.message)
        case Refused():
            return problem(refused, error.message)
        case _:
            return problem(HTTPStatus.BAD_GATEWAY, error.message)


def _bytes(content: Json) -> bytes:
    # half a surrogate pair, which a damaged name may hold, comes out as the escape that JSON has for it
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")
