"""Erasing somebody's data: what the law asks to be kept, what they are given first, and what is left of them where."""

from starlette.responses import Response
from starlette.routing import Route

from clockd.core.erasure import LAWS
from clockd.core.json import Json
from clockd.errors import Refused
from clockd.web.pages.reading import fields_of, objects_of
from clockd.web.parts import Parts
from clockd.web.visit import ADMINS, Visit, changing, go, page


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [
        Route("/people/erase", page(parts, _ask, ADMINS), methods=["GET"]),
        Route("/people/erase", changing(parts, _erase), methods=["POST"]),
        Route("/people/erased", page(parts, _erased, ADMINS)),
    ]


async def _ask(visit: Visit) -> Response:
    username = visit.text("username")
    found = next((one for one in objects_of(await visit.ask("people")) if one["username"] == username), None)
    if found is None:
        raise Refused("nobody here has this username")
    return visit.page("erase.html", one=found, laws=LAWS)


async def _erase(visit: Visit) -> Response:
    """Begin, if the username was typed once more; the page that follows shows how far it is."""
    username = visit.text("username")
    if visit.text("again") != username:
        visit.note(visit.speech.t.erasure.other_name, failed=True)
        return visit.back("/people")
    await visit.do("people.erase", username=username, why=visit.text("why"), copies=bool(visit.text("copies")))
    return go("/people/erased")


async def _erased(visit: Visit) -> Response:
    answer = fields_of(await visit.ask("people.erasure"))
    report: Json = answer["report"]
    return visit.page("erased.html", stage=answer["stage"], report=report)
