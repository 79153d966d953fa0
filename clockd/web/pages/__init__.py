"""The pages: one module each, with its template of the same name."""

from starlette.routing import BaseRoute

from clockd.web.pages import signing
from clockd.web.parts import Parts


def routes(parts: Parts) -> list[BaseRoute]:
    """Return the routes of all pages."""
    return [*signing.routes(parts)]
