"""The pages: one module each, with its template of the same name."""

from starlette.routing import BaseRoute

from clockd.web.pages import corrections, enrolling, erasing, health, hours, log, now, own, people, punches, signing
from clockd.web.parts import Parts


def routes(parts: Parts) -> list[BaseRoute]:
    """Return the routes of all pages."""
    rooms = (signing, own, now, punches, people, enrolling, erasing, hours, log, corrections, health)
    return [route for room in rooms for route in room.routes(parts)]
