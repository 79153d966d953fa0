"""The pages: one module each, with its template of the same name."""

from starlette.routing import BaseRoute

from clockd.web.pages import now, punches, signing
from clockd.web.parts import Parts


def routes(parts: Parts) -> list[BaseRoute]:
    """Return the routes of all pages."""
    return [*signing.routes(parts), *now.routes(parts), *punches.routes(parts)]
