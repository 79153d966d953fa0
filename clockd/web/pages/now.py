"""The first page: what needs a person, who is here, the display, and how the terminal is. It is live."""

import asyncio
import base64
import zlib
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from clockd.errors import ClockdError
from clockd.web.live import DaemonLook
from clockd.web.pages.held import TELLS_MORE, Repair, code_of, endings
from clockd.web.pages.png import png
from clockd.web.pages.reading import fields_of, objects_of
from clockd.web.parts import Parts
from clockd.web.visit import Visit, is_still_in, page

MOST_SHOWN = 20
"""Punches that wait for a person and are shown at once."""
BEAT_S = 15.0
"""So often an open page hears that it is still refreshed, and is looked at whether it may be."""
MOST_OPEN = 60
"""Pages that are refreshed at the same time."""


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [
        Route("/", page(parts, _now)),
        Route("/now/live", page(parts, _live)),
        Route("/now/display.png", page(parts, _display)),
    ]


async def _now(visit: Visit) -> Response:
    look = await look_now(visit)
    return visit.page("now.html", **await _context(visit, look))


async def _live(visit: Visit) -> Response:
    async def piece(look: DaemonLook) -> str:
        return visit.piece("now_live.html", **await _context(visit, look))

    return stream(visit, piece)


async def look_now(visit: Visit) -> DaemonLook:
    """Look at the daemon once, for a page that is just opened."""
    daemon = visit.parts.daemon
    status = await daemon.ask("status")
    pulse = fields_of(await daemon.ask("pulse"))
    return DaemonLook(0, fields_of(status), pulse.get("picture"))


def stream(visit: Visit, piece: Callable[[DaemonLook], Any]) -> Response:
    """Send a part of a page anew whenever the daemon shows something new, for as long as the session lives."""
    return StreamingResponse(_pieces(visit, piece), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _pieces(visit: Visit, piece: Callable[[DaemonLook], Any]) -> AsyncGenerator[str]:
    sent = ""
    async with aclosing(visit.parts.looker.watch()) as looks:
        coming = asyncio.ensure_future(anext(looks))
        try:
            while await is_still_in(visit.session, visit.parts):
                await asyncio.wait({coming}, timeout=BEAT_S)
                if not coming.done():
                    yield "event: beat\ndata:\n\n"
                    continue
                look = coming.result()
                coming = asyncio.ensure_future(anext(looks))
                try:
                    text = await piece(look)
                except ClockdError:
                    continue  # the daemon went away in between; the next look says so
                if text != sent:
                    sent = text
                    yield "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"
            yield "event: leave\ndata: /sign-in\n\n"
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def _display(visit: Visit) -> Response:
    """Draw what the display shows."""
    shown = fields_of(await visit.ask("pulse")).get("picture")
    if not shown:
        return Response(status_code=404)
    bits = base64.b64decode(str(shown["bits"]))
    return Response(png(int(shown["width"]), int(shown["height"]), bits), media_type="image/png")


async def _context(visit: Visit, look: DaemonLook) -> dict[str, Any]:
    """Say what the page shows of a look; the punches that wait are asked for only where there are some."""
    if look.status is None:
        return {"status": None, "error": look.error}
    status = look.status
    count = int(status["outbox"]["held"])
    held = list(objects_of(await visit.ask("punches", state="held", limit=MOST_SHOWN))) if count else []
    shown = {punch["id"] for punch in held}
    forgot = [one for one in objects_of(status["missing_out"]) if one["id"] not in shown][:MOST_SHOWN]
    names = await visit.parts.names.of(
        {str(one["username"]) for one in (*held, *forgot, *objects_of(status["present"]))}
    )
    return {
        "status": status,
        "picture": None if look.picture is None else zlib.crc32(str(look.picture["bits"]).encode()),
        "held": held,
        "held_count": count,
        "forgot": forgot,
        "add_out": Repair.ADD_OUT,
        "names": names,
        "code_of": code_of,
        "endings": endings,
        "tells_more": TELLS_MORE,
    }
