"""What the office changed or wants to change of somebody's record, and what they said to it."""

from starlette.responses import Response
from starlette.routing import Route

from clockd.web.pages.reading import objects_of
from clockd.web.parts import Parts
from clockd.web.visit import Visit, page

CORRECTIONS_ON_A_PAGE = 100


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [Route("/corrections", page(parts, _corrections))]


async def _corrections(visit: Visit) -> Response:
    found = objects_of(await visit.ask("corrections"))[:CORRECTIONS_ON_A_PAGE]
    return visit.page("corrections.html", corrections=found, names=await visit.parts.names.of())
