"""The page over HTTP: three static files and one WebSocket, on loopback only."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from clockd.http_server import HttpServer
from clockd.sim.desk.bulletin import Bulletin
from clockd.sim.desk.scene import PageAct

STATIC = Path(__file__).parent / "static"
PAGES_GOODBYE_S = 2

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def application(bulletin: Bulletin, perform: Callable[[PageAct], Awaitable[None]]) -> Starlette:
    """Make the page.

    Args:
        bulletin: where its news come from.
        perform: does what a person did.
    """

    async def index(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers=HEADERS)

    async def live(websocket: WebSocket) -> None:
        if not _same_origin(websocket):
            await websocket.close(1008)
            return
        await websocket.accept()
        telling = asyncio.create_task(_tell(websocket, bulletin), name="page: tell")
        try:
            await _listen(websocket, perform)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    return Starlette(
        routes=[
            Route("/", index),
            WebSocketRoute("/live", live),
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        # a name that an attacker's DNS points at this machine is turned away
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )


def _same_origin(websocket: WebSocket) -> bool:
    """Whether the page itself is calling, and not another site that is open in the same browser."""
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")


async def _tell(websocket: WebSocket, bulletin: Bulletin) -> None:
    async for message in bulletin.read():
        await websocket.send_text(msgspec.json.encode(message).decode())


async def _listen(websocket: WebSocket, perform: Callable[[PageAct], Awaitable[None]]) -> None:
    while True:
        try:
            text = await websocket.receive_text()
        except WebSocketDisconnect:
            return
        try:
            act = msgspec.json.decode(text, type=PageAct)
        except msgspec.DecodeError:
            continue  # a page of another version; its reload is near
        await perform(act)


@asynccontextmanager
async def serving_page(app: Starlette, listener: socket.socket) -> AsyncIterator[None]:
    """Serve on a bound socket while the block runs; open pages are told good-bye."""
    server = HttpServer(app, PAGES_GOODBYE_S, ws="websockets-sansio")
    task = asyncio.create_task(server.serve(sockets=[listener]), name="page: serve")
    try:
        yield
    finally:
        server.should_exit = True
        await task
