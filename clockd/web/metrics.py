"""`/metrics`, as a monitoring system reads it."""

from starlette.routing import Route

from clockd.web.parts import Parts


def routes(parts: Parts) -> list[Route]:
    """Return the route of the metrics: none yet."""
    return []
