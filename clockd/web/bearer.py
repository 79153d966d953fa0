"""Programs that read: each shows a token, and none may keep the terminal busy."""

import asyncio
import hmac
import math
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from clockd.core.accounts import Reach
from clockd.core.roles import Role
from clockd.errors import ClockdError
from clockd.web.parts import Parts
from clockd.web.problems import problem, problem_of, too_often
from clockd.web.sessions import network_of
from clockd.web.tokens import PREFIX, hash_token
from clockd.web.turnstile import Turnstile
from clockd.web.visit import client_of

READS = frozenset({Role.ADMIN, Role.VIEWER})
"""Roles that may read everything."""
BELIEVED_S = 5.0
"""How long a token is believed to be as it was: so soon it opens nothing after it was revoked."""
FAMILIAR_S = 86400.0
"""How long a token that was proved is not taken for one that is tried out, and is let in while the daemon is silent:
that it is silent is all that it is told then.
"""
MOST_FAMILIAR = 64
WRONG_EVERY_S = 2.0
WRONG_AT_ONCE = 10
"""Unknown tokens that one address may show together, each of which the daemon is asked about."""
ASKS_EVERY_S = 0.2
ASKS_AT_ONCE = 60
"""Requests that one token may send together."""
WORKS_AT_ONCE = 2
"""Requests of programs that the daemon is asked for at the same time; pages go beside them."""
_TOKEN = re.compile(re.escape(PREFIX) + "[A-Za-z0-9_-]{43}")

Respond = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Proved:
    """A token that the daemon knew."""

    at_s: float
    reach: Reach


class Gate:
    """Lets those in who show a token that the daemon knows.

    Args:
        parts: of the page.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._now_s = parts.clock.monotonic_s
        self._asks = Turnstile(self._now_s, ASKS_EVERY_S, ASKS_AT_ONCE)
        self._wrong = Turnstile(self._now_s, WRONG_EVERY_S, WRONG_AT_ONCE)
        self._proved = dict[str, _Proved]()
        """What the daemon said last, by the hash of a token."""
        self._desks = asyncio.Semaphore(WORKS_AT_ONCE)

    def around(self, answer: Respond, reach: Reach = Reach.ALL) -> "ReadOnly":
        """Return an endpoint that answers nobody else.

        Args:
            answer: what answers.
            reach: the least that a token has to open.
        """

        async def answered(request: Request) -> Response:
            if refusal := await self._refusal(request, reach):
                return refusal
            async with self._desks:
                return await answer(request)

        return ReadOnly(answered)

    async def _refusal(self, request: Request, reach: Reach) -> Response | None:
        """Say why this request is not answered; None when it is."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not _TOKEN.fullmatch(token):
            return _unknown()
        kept = hash_token(token)
        since_s = self._proved_since(kept)
        if since_s > BELIEVED_S:
            if since_s > FAMILIAR_S and (wait_s := self._wrong.take(network_of(client_of(request, self._parts)))):
                return too_often(wait_s)
            try:
                found = await self._parts.daemon.ask("tokens.find", hash=kept)
            except ClockdError as error:
                if since_s > FAMILIAR_S:
                    return problem_of(error, HTTPStatus.SERVICE_UNAVAILABLE)
            else:
                if not isinstance(found, dict) or found.get("role") not in READS:
                    self._proved.pop(kept, None)
                    return _unknown()
                self._prove(kept, Reach(str(found["reach"])))
        if reach is Reach.ALL and self._proved[kept].reach is not Reach.ALL:
            return problem(HTTPStatus.FORBIDDEN, "this token opens /metrics alone")
        wait_s = self._asks.take(kept)
        return too_often(wait_s) if wait_s else None

    def _proved_since(self, kept: str) -> float:
        """Say how long ago a token was proved; each is compared in the same time, whatever they have in common."""
        since_s, now_s = math.inf, self._now_s()
        for other, proved in self._proved.items():
            if hmac.compare_digest(kept, other):
                since_s = now_s - proved.at_s
        return since_s

    def _prove(self, kept: str, reach: Reach) -> None:
        self._proved.pop(kept, None)
        while len(self._proved) >= MOST_FAMILIAR:
            del self._proved[next(iter(self._proved))]
        self._proved[kept] = _Proved(self._now_s(), reach)


@dataclass(frozen=True, slots=True)
class ReadOnly:
    """An endpoint that answers to GET and HEAD, and refuses every other method as a program understands it."""

    answer: Respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        request = Request(scope, receive)
        if request.method in ("GET", "HEAD"):
            response = await self.answer(request)
        else:
            response = problem(HTTPStatus.METHOD_NOT_ALLOWED, "this is read only", headers={"Allow": "GET, HEAD"})
        await response(scope, receive, send)


def _unknown() -> Response:
    detail = "show a token of this terminal: Authorization: Bearer …; clockd accounts token NAME makes one"
    return problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="clockd"'})
