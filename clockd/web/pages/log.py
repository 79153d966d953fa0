"""Who changed what, and why; and whether the ledger is whole."""

from starlette.responses import Response
from starlette.routing import Route

from clockd.web.pages.anchor import signed_head
from clockd.web.pages.reading import DocumentRow, fields_of, objects_of
from clockd.web.parts import Parts
from clockd.web.visit import READERS, Visit, changing, go, page

CHANGES_ON_A_PAGE = 60
MOST_PIECES = 20
"""Stretches of the ledger that are looked through for one page: a tap waits for a piece of each."""


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [
        Route("/log", page(parts, _log)),
        Route("/log/verify", changing(parts, _verify, READERS), methods=["POST"]),
    ]


async def _log(visit: Visit) -> Response:
    text = visit.text("cursor")
    cursor = int(text) if text.isdecimal() and len(text) < 12 else None
    found = list[DocumentRow]()
    for _ in range(MOST_PIECES):
        answer = fields_of(await visit.ask("ledger.log", cursor=cursor))
        rows = objects_of(answer, "rows")
        room = CHANGES_ON_A_PAGE - len(found)
        found += rows[:room]
        if len(rows) > room:
            cursor = int(found[-1]["seq"]) if room else cursor
            break
        cursor = answer["next"]
        if cursor is None or len(found) == CHANGES_ON_A_PAGE:
            break
    return visit.page("log.html", rows=found, following=cursor, head=await signed_head(visit))


async def _verify(visit: Visit) -> Response:
    """Check every hash of the ledger; it changes nothing, and keeps the store busy for a moment."""
    answer, t = fields_of(await visit.ask("ledger.verify")), visit.speech.t.log
    if answer["ok"]:
        anchor = f"{answer['rows']}:{answer['hash']}"
        told = t.verified.format(rows=visit.speech.number(answer["rows"]), anchor=anchor)
        if gone := sum(int(str(many)) for many in fields_of(answer["discarded"]).values()):
            told = f"{told} {t.bodies_gone.format(count=visit.speech.number(gone))}"
        visit.note(told)
    else:
        visit.note(t.broken.format(wrong=answer["wrong"]), failed=True)
    return go("/log")
