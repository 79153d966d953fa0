"""`/metrics`, as a monitoring system reads it, with a token (`clockd accounts token`)."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clockd.core.accounts import Reach
from clockd.errors import ClockdError
from clockd.web.bearer import Gate
from clockd.web.exposition import exposed
from clockd.web.parts import Parts


def routes(parts: Parts) -> list[Route]:
    """Return the route of the metrics."""

    async def scrape(request: Request) -> Response:
        try:
            found = await parts.daemon.ask("status")
        except ClockdError:  # it is down, which is what has to be told
            found = None
        text, kind = exposed(found if isinstance(found, dict) else None, request.headers.get("accept", ""))
        return Response(text, headers={"Content-Type": kind})

    return [Route("/metrics", Gate(parts).around(scrape, Reach.FIGURES))]
