"""The page as one ASGI application: its routes, and what stands around all of them."""

import logging
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from clockd.web import api, metrics, pages
from clockd.web.around import Around
from clockd.web.parts import Parts
from clockd.web.rendering import STATIC

log = logging.getLogger(__name__)


def application(parts: Parts) -> Starlette:
    """Make the page, the API and the metrics over their parts."""
    routes: list[BaseRoute] = [
        *pages.routes(parts),
        *api.routes(parts),
        *metrics.routes(parts),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Around, names=parts.config.web.names)],
        exception_handlers={HTTPException: _refused, ClientDisconnect: _gone, Exception: _mistake},
    )


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(f"{HTTPStatus(error.status_code).phrase}\n", error.status_code, error.headers)


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody reads it


async def _mistake(request: Request, error: Exception) -> Response:
    """Answer where this code made a mistake: the log has the traceback, and the browser none of it."""
    log.error("a mistake at %s %s", request.method, request.url.path, exc_info=error)
    return PlainTextResponse("Something went wrong here. The log of clockd-web says what.\n", 500)
