"""Signing in and out, the account's page, and the choice of the language."""

import secrets
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from clockd.errors import ClockdError
from clockd.web.parts import Parts
from clockd.web.visit import (
    EVERYBODY,
    LANGUAGE_COOKIE,
    Visit,
    changing,
    client_of,
    cookie_name,
    go,
    is_same_origin,
    keep_cookie,
    local_path,
    page,
    same_text,
    session_of,
    speech_for,
)
from clockd.web.words import PAGE_LANGUAGES

FORM_COOKIE = "clockd-form"
FORM_S = 3600


def is_from_our_form(request: Request, token: str) -> bool:
    """Whether what was sent comes from a form that `strangers_form` showed in this browser."""
    return is_same_origin(request) and same_text(token, request.cookies.get(FORM_COOKIE, "-"))


def strangers_form(
    request: Request, parts: Parts, template: str, why: str, status: int, wait_s: int, **fields: object
) -> Response:
    """Show a form to somebody who is not signed in, with why the last one was refused, and when to try again."""
    token = secrets.token_urlsafe(24)
    text = parts.templates.render(
        template,
        speech_for(request, parts),
        path=request.url.path,
        account=None,
        notes=[("failed", why)] if why else [],
        terminal=parts.config.terminal.name,
        token=token,
        **fields,
    )
    answer = HTMLResponse(text, status, {"Retry-After": str(wait_s)} if wait_s else None)
    keep_cookie(answer, parts, FORM_COOKIE, token, FORM_S)
    return answer


LANGUAGE_S = 365 * 24 * 3600


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    signing = _Signing(parts)
    return [
        Route("/sign-in", signing.form, methods=["GET"]),
        Route("/sign-in", signing.sign_in, methods=["POST"]),
        Route("/sign-out", changing(parts, _sign_out, EVERYBODY), methods=["POST"]),
        Route("/account", page(parts, _account, EVERYBODY)),
        Route("/account/sign-out", changing(parts, _sign_out_everywhere, EVERYBODY), methods=["POST"]),
        Route("/language/{code}", signing.language),
    ]


class _Signing:
    """What is shown to somebody who is not signed in yet."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def form(self, request: Request) -> Response:
        if await session_of(request, self._parts) is not None:
            return go(local_path(request.query_params.get("next", "")) or "/")
        return self._form(request, request.query_params.get("next", ""))

    async def sign_in(self, request: Request) -> Response:
        """Look at a name and a password; each try counts before it is known how it ends."""
        parts, t = self._parts, speech_for(request, self._parts).t.sign_in
        async with request.form(max_files=0, max_fields=10) as form:
            name, password, wanted, token = (str(form.get(key, "")) for key in ("name", "password", "next", "token"))
        name = name.strip()[:128]
        if not is_from_our_form(request, token):
            return self._form(request, wanted, t.stale, name, HTTPStatus.FORBIDDEN)
        address = client_of(request, parts)
        if (wait_s := parts.attempts.wait_s(name, address)) > 0:
            why = t.wait.format(wait=speech_for(request, parts).wait(wait_s))
            return self._form(request, wanted, why, name, HTTPStatus.TOO_MANY_REQUESTS, int(wait_s) + 1)
        parts.attempts.begin(name, address)
        try:
            account = await parts.accounts.sign_in(name, password)
        except ClockdError:
            return self._form(request, wanted, t.busy, name, HTTPStatus.SERVICE_UNAVAILABLE)
        if account is None:
            return self._form(request, wanted, t.wrong, name, HTTPStatus.UNAUTHORIZED)
        parts.attempts.succeeded(name, address)
        cookie, _ = parts.sessions.begin(account)
        answer = go(local_path(wanted) or "/")
        keep_cookie(answer, parts, cookie_name(parts), cookie, None)
        return answer

    async def language(self, request: Request) -> Response:
        """Keep the language that was chosen in this browser."""
        answer = go(local_path(request.query_params.get("next", "")) or "/")
        code = request.path_params["code"]
        if code in PAGE_LANGUAGES:
            keep_cookie(answer, self._parts, LANGUAGE_COOKIE, code, LANGUAGE_S)
        return answer

    def _form(
        self, request: Request, wanted: str, why: str = "", name: str = "", status: int = 200, wait_s: int = 0
    ) -> Response:
        fields = {"wanted": local_path(wanted), "name": name, "own_record": self._parts.config.rules.own_record}
        return strangers_form(request, self._parts, "sign_in.html", why, status, wait_s, **fields)


async def _account(visit: Visit) -> Response:
    return visit.page("account.html", count=visit.parts.sessions.count_of(visit.session.account))


async def _sign_out(visit: Visit) -> Response:
    visit.parts.sessions.end(visit.session)
    return _signed_out(visit)


async def _sign_out_everywhere(visit: Visit) -> Response:
    visit.parts.sessions.end_all_of(visit.session.account)
    return _signed_out(visit)


def _signed_out(visit: Visit) -> Response:
    answer = go("/sign-in")
    answer.delete_cookie(cookie_name(visit.parts), path="/", secure=visit.parts.encrypted, httponly=True)
    return answer
