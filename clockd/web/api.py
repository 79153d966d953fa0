"""The read-only JSON API under `/api/v1`."""

from starlette.routing import Route

from clockd.web.parts import Parts


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the API: none yet."""
    return []
