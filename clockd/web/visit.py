"""One request of somebody who is signed in: who they are, in which language, and what they may do."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from clockd.core.json import Json
from clockd.core.roles import Role
from clockd.errors import ClockdError, NoDaemon, Refused, UsageError
from clockd.web.parts import Parts
from clockd.web.sessions import PageSession
from clockd.web.words.speech import Speech

READERS = frozenset({Role.ADMIN, Role.VIEWER})
ADMINS = frozenset({Role.ADMIN})
EVERYBODY = frozenset(Role)
LANGUAGE_COOKIE = "clockd-language"


@dataclass(frozen=True)
class Visit:
    """A request and who makes it."""

    request: Request
    parts: Parts
    session: PageSession
    form: FormData
    """What a form sent; empty for a page that is only looked at."""

    @cached_property
    def speech(self) -> Speech:
        """The language of this browser."""
        return speech_for(self.request, self.parts)

    @property
    def may_change(self) -> bool:
        """Whether this account changes anything."""
        return self.session.account.role in ADMINS

    async def ask(self, command: str, /, **arguments: Json) -> Json:
        """Ask the daemon something that changes nothing.

        Raises:
            ClockdError: as `Daemon.ask`.
        """
        return await self.parts.daemon.ask(command, by=None, **arguments)

    async def do(self, command: str, /, **arguments: Json) -> Json:
        """Let the daemon change something in the name of this account.

        Raises:
            ClockdError: as `Daemon.ask`.
        """
        self.parts.names.forget()
        return await self.parts.daemon.ask(command, by=self.session.account.name, **arguments)

    def text(self, name: str) -> str:
        """Return a text of the form, or of the address; empty without one."""
        value = self.form.get(name, self.request.query_params.get(name, ""))
        return "" if isinstance(value, UploadFile) else value.strip()

    def page(self, template: str, http_status: int = 200, **context: object) -> Response:
        """Show a page; what was noted for it is shown first, once."""
        notes = list(self.session.notes)
        self.session.notes.clear()
        return HTMLResponse(self.piece(template, notes=notes, **context), http_status)

    def piece(self, template: str, **context: object) -> str:
        """Return a page, or a part of one, as text."""
        return self.parts.templates.render(
            template,
            self.speech,
            path=self.request.url.path,
            account=self.session.account,
            csrf=self.session.csrf,
            may_change=self.may_change,
            terminal=self.parts.config.terminal.name,
            **context,
        )

    def note(self, text: str, *, failed: bool = False) -> None:
        """Let the next page say something first."""
        self.session.notes.append(("failed" if failed else "done", text))

    def back(self, default: str) -> Response:
        """Go where the form says that it came from, if that is a page of ours."""
        return go(local_path(self.text("back")) or default)


PageHandler = Callable[[Visit], Awaitable[Response]]
PageEndpoint = Callable[[Request], Awaitable[Response]]


def page(parts: Parts, handler: PageHandler, may: frozenset[Role] = READERS) -> PageEndpoint:
    """Make an endpoint that shows something to those who may see it."""

    async def endpoint(request: Request) -> Response:
        session = await session_of(request, parts)
        if session is None:
            return _sign_in_first(request)
        visit = Visit(request, parts, session, FormData())
        if session.account.role not in may:
            return refusal(visit, HTTPStatus.FORBIDDEN)
        try:
            return await handler(visit)
        except ClockdError as error:
            return trouble(visit, error)

    return endpoint


def changing(parts: Parts, handler: PageHandler, may: frozenset[Role] = ADMINS) -> PageEndpoint:
    """Make an endpoint that changes something, by a form of ours and for those who may."""

    async def endpoint(request: Request) -> Response:
        session = await session_of(request, parts)
        if session is None:
            return _sign_in_first(request)
        if not is_same_origin(request):
            return refusal(Visit(request, parts, session, FormData()), HTTPStatus.FORBIDDEN)
        async with request.form(max_files=1, max_fields=200) as form:
            visit = Visit(request, parts, session, form)
            if session.account.role not in may or not same_text(visit.text("csrf"), session.csrf):
                return refusal(visit, HTTPStatus.FORBIDDEN)
            try:
                return await handler(visit)
            except ClockdError as error:
                visit.note(visit.speech.error(error), failed=True)
                return visit.back("/")

    return endpoint


async def session_of(request: Request, parts: Parts) -> PageSession | None:
    """Return the session of a request; an account that is gone or has another password has none."""
    cookie = request.cookies.get(cookie_name(parts))
    session = None if cookie is None else parts.sessions.find(cookie, client_of(request, parts))
    return session if session is not None and await is_still_in(session, parts) else None


async def is_still_in(session: PageSession, parts: Parts) -> bool:
    """Whether a session goes on: it is not over, and its account is there with the same password."""
    if not parts.sessions.is_alive(session):
        return False
    if parts.sessions.needs_asking(session):
        try:
            account = await parts.accounts.still(session.account)
        except ClockdError:
            return True  # the daemon is away; the page that is wanted says so
        if account is None:
            parts.sessions.end_all_of(session.account)
            return False
        session.account = account
    return True


def cookie_name(parts: Parts) -> str:
    """Return the name of the session's cookie; with https one that no other host and no http can set."""
    return "__Host-clockd" if parts.encrypted else "clockd"


def client_of(request: Request, parts: Parts) -> str:
    """Return the address that asks; behind a proxy the last one that the proxy wrote, which nobody else can forge."""
    if parts.config.web.behind_proxy and (told := request.headers.get("x-forwarded-for")):
        return told.rpartition(",")[2].strip()[:64]
    return request.client.host if request.client else ""


def keep_cookie(answer: Response, parts: Parts, name: str, value: str, seconds: int | None) -> None:
    """Let the browser keep a cookie that no script reads and no other site sends; None: until it is closed."""
    secure = parts.encrypted
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")


def is_same_origin(request: Request) -> bool:
    """Whether a form of our own page was sent, as the browser says; where it does not say, the form's token decides."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()


def local_path(text: str) -> str:
    """Return a path below our own root as it is; empty when it could lead anywhere else."""
    plain = text.isprintable() and text.startswith("/") and not text.startswith("//") and "\\" not in text
    return text if plain and len(text) <= 500 else ""


def go(path: str) -> Response:
    """Let the browser go to a page."""
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)


def refusal(visit: Visit, status: HTTPStatus) -> Response:
    """Say that this is not for this account, or that there is no such page."""
    return visit.page("refusal.html", status, words=visit.speech.t.refusals[status.value])


def trouble(visit: Visit, error: ClockdError) -> Response:
    """Say why a page cannot be shown."""
    match error:
        case NoDaemon():
            status = HTTPStatus.SERVICE_UNAVAILABLE
        case UsageError():
            status = HTTPStatus.BAD_REQUEST
        case Refused():
            status = HTTPStatus.NOT_FOUND
        case _:
            status = HTTPStatus.BAD_GATEWAY
    return visit.page("trouble.html", status, error=visit.speech.error(error))


def speech_for(request: Request, parts: Parts) -> Speech:
    """Return the language that this browser chose, or asks for; else the terminal's."""
    terminal = parts.config.terminal
    wanted = [request.cookies.get(LANGUAGE_COOKIE, "")]
    wanted += [
        part.partition(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")
    ]
    return Speech.of([*wanted, terminal.language], terminal.zone, parts.clock.now_at())


def _sign_in_first(request: Request) -> Response:
    url = request.url
    wanted = url.path + (f"?{url.query}" if url.query else "") if request.method == "GET" else "/"
    return go("/sign-in" if wanted == "/" else f"/sign-in?next={quote(wanted, safe='')}")


def same_text(a: str, b: str) -> bool:
    """Compare secrets without telling by the time it takes where they differ."""
    return hmac.compare_digest(a.encode(errors="replace"), b.encode(errors="replace"))
