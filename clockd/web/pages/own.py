"""My hours: a code from the terminal opens one's own record, and what asks for an answer is answered there."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clockd.core.correction import Consent
from clockd.core.roles import Role
from clockd.errors import ClockdError
from clockd.web.accounts import PageAccount
from clockd.web.pages.reading import fields_of
from clockd.web.pages.signing import is_from_our_form, strangers_form
from clockd.web.parts import Parts
from clockd.web.sessions import network_of
from clockd.web.visit import (
    Visit,
    changing,
    client_of,
    cookie_name,
    go,
    keep_cookie,
    session_of,
    speech_for,
)

OWN_IDLE_S = 900.0
"""A record that a code opened is closed when nobody looked at it for so long: the browser may be anybody's."""
MOST_TYPED = 40
"""Characters of what may be a code, with the spaces that people write."""


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page; a terminal that shows no codes has no place to type one."""
    own = _OwnRecord(parts)
    answer = Route(
        "/my-hours/answers/{number:int}", changing(parts, _answer, frozenset({Role.EMPLOYEE})), methods=["POST"]
    )
    if not parts.config.rules.own_record:
        return [answer]
    return [
        Route("/my-hours", own.form, methods=["GET"]),
        Route("/my-hours", own.open, methods=["POST"]),
        answer,
    ]


class _OwnRecord:
    """What is shown to somebody who has a code and nothing else."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def form(self, request: Request) -> Response:
        session = await session_of(request, self._parts)
        if session is not None and session.account.role is Role.EMPLOYEE:
            return go("/hours")
        return self._form(request)

    async def open(self, request: Request) -> Response:
        """Let the terminal look at a code; it counts what is wrong."""
        parts, t = self._parts, speech_for(request, self._parts).t
        async with request.form(max_files=0, max_fields=10) as form:
            typed, token = (str(form.get(name, "")) for name in ("code", "token"))
        if not is_from_our_form(request, token):
            return self._form(request, t.sign_in.stale, HTTPStatus.FORBIDDEN)
        code, address = "".join(typed[:MOST_TYPED].split()), network_of(client_of(request, parts))
        try:
            found = fields_of(await parts.daemon.ask("record.open", code=code, address=address))
        except ClockdError:
            return self._form(request, t.sign_in.busy, HTTPStatus.SERVICE_UNAVAILABLE)
        if (wait_s := float(found.get("wait_s") or 0)) > 0:
            why = t.sign_in.wait.format(wait=speech_for(request, parts).wait(wait_s))
            return self._form(request, why, HTTPStatus.TOO_MANY_REQUESTS, int(wait_s) + 1)
        if not isinstance(username := found.get("username"), str):
            return self._form(request, t.own.wrong, HTTPStatus.UNAUTHORIZED)
        cookie, _ = parts.sessions.begin(PageAccount.by_code(username), address, OWN_IDLE_S)
        answer = go("/hours")
        keep_cookie(answer, parts, cookie_name(parts), cookie, None)
        return answer

    def _form(self, request: Request, why: str = "", status: int = 200, wait_s: int = 0) -> Response:
        return strangers_form(request, self._parts, "own.html", why, status, wait_s)


async def _answer(visit: Visit) -> Response:
    """Say yes or no to a correction of one's own record; a no has a reason."""
    t, consent, why = visit.speech.t.own, visit.text("consent"), visit.text("why")
    if consent == Consent.NO and not why:
        visit.note(t.no_reason, failed=True)
        return visit.back("/hours")
    number = visit.request.path_params["number"]
    await visit.ask("record.answer", number=number, username=visit.session.account.username, consent=consent, why=why)
    visit.note(t.agreed if consent == Consent.YES else t.refused)
    return visit.back("/hours")
