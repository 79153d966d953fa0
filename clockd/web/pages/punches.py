"""Punches: search and filter them, the whole story of one, and everything that can be done to it."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from starlette.responses import Response
from starlette.routing import Route

from clockd.core.delivery import State
from clockd.core.ids import seq_of
from clockd.core.json import Json
from clockd.core.sentence import sentence
from clockd.errors import UsageError
from clockd.web.pages.held import TELLS_MORE, Repair, code_of, endings, ways
from clockd.web.pages.reading import DocumentRow, fields_of, objects_of
from clockd.web.parts import Parts
from clockd.web.visit import Visit, changing, page

PUNCHES_ON_A_PAGE = 50
"""Punches that are shown at once where no days are named."""
MOST_FOUND = 400
"""… and at most where some are."""
MOST_PIECES = 20
"""Stretches of the ledger that are looked through for one page: a tap waits for a piece of each."""


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [
        Route("/punches", page(parts, _list)),
        Route("/punches/{id}", page(parts, _story), methods=["GET"]),
        Route("/punches/{id}/{doing}", changing(parts, _do), methods=["POST"]),
    ]


async def _list(visit: Visit) -> Response:
    wanted = {name: visit.text(name) for name in ("first", "last", "person", "state", "search", "cursor")}
    names = await visit.parts.names.of()
    if wanted["first"] or wanted["last"]:
        found, following = await _of_days(visit, wanted)
    else:
        found, following = await _newest(visit, wanted)
    return visit.page(
        "punches.html",
        punches=found,
        following=following,
        wanted=wanted,
        names=names,
        states=[state.value for state in State],
        most=MOST_FOUND,
        cut_short=len(found) >= MOST_FOUND,
    )


async def _newest(visit: Visit, wanted: Mapping[str, str]) -> tuple[list[DocumentRow], int | None]:
    """Return the newest punches that fit, from a cursor on, and the cursor of those before them."""
    cursor = int(wanted["cursor"]) if wanted["cursor"].isdecimal() and len(wanted["cursor"]) < 12 else None
    found = list[DocumentRow]()
    for _ in range(MOST_PIECES):
        answer = fields_of(
            await visit.ask(
                "punches.page",
                newest_first=True,
                cursor=cursor,
                state=wanted["state"] or None,
                username=wanted["person"] or None,
            )
        )
        rows = [row for row in objects_of(answer, "punches") if await _fits(visit, row, wanted["search"])]
        room = PUNCHES_ON_A_PAGE - len(found)
        found += rows[:room]
        if len(rows) > room:
            return found, seq_of(str(rows[room - 1]["id"])) if room else cursor
        cursor = answer["next"]
        if cursor is None or len(found) == PUNCHES_ON_A_PAGE:
            return found, cursor
    return found, cursor


async def _of_days(visit: Visit, wanted: Mapping[str, str]) -> tuple[list[DocumentRow], int | None]:
    """Return the punches of some days that fit, newest first."""
    days = {"first": _day(wanted["first"]), "last": _day(wanted["last"])}
    found, cursor = list[DocumentRow](), None
    for _ in range(MOST_PIECES):
        answer = fields_of(await visit.ask("punches.export", cursor=cursor, **days))
        for row in objects_of(answer, "punches"):
            fits = wanted["person"] in ("", row["username"]) and wanted["state"] in ("", row["delivery"]["state"])
            if fits and await _fits(visit, row, wanted["search"]):
                found.append(row)
        cursor = answer["next"]
        if cursor is None or len(found) >= MOST_FOUND:
            break
    return found[:MOST_FOUND][::-1], None


async def _fits(visit: Visit, row: DocumentRow, search: str) -> bool:
    """Whether a punch has this text in its id, its employee's name or username, or its badge's end."""
    if not search:
        return True
    names = await visit.parts.names.of()
    texts = (row["id"], row["username"] or "", names.get(str(row["username"]), ""), row["badge"] or "")
    return any(search.casefold().lstrip("…") in str(text).casefold() for text in texts)


def _day(text: str) -> str | None:
    """Read a day that a person typed.

    Raises:
        UsageError: it is none.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise UsageError(sentence("{text} is no day", text=repr(text[:40])), hint="as 2026-11-21") from None


async def _story(visit: Visit) -> Response:
    punch = fields_of(await visit.ask("punches.show", id=visit.request.path_params["id"]))
    return visit.page(
        "punch.html",
        punch=punch,
        story=objects_of(punch["story"]),
        tries=objects_of(punch["attempts"]),
        names=await visit.parts.names.of({str(punch["username"])}),
        code=code_of(punch) if punch["delivery"]["state"] == State.HELD else None,
        tells_more=TELLS_MORE,
        endings=endings(punch),
        ways=ways(punch),
    )


async def _do(visit: Visit) -> Response:
    """Do to a punch what a form says, and go back to where the form was."""
    punch_id = str(visit.request.path_params["id"])
    try:
        doing = Repair(visit.request.path_params["doing"])
    except ValueError:
        raise UsageError("there is nothing like this that could be done to a punch") from None
    answer = fields_of(await DOINGS[doing](visit, punch_id))
    act = getattr(visit.speech.t.acts, doing.words)
    t = visit.speech.t.people
    told = [act.done.format(name=answer.get("name", ""))]
    along = (("punches_given", t.given_along), ("punches_left_held", t.left_held))
    told += [words.format(count=answer[key]) for key, words in along if answer.get(key)]
    if doing in CORRECTS and await _waits(visit, punch_id):
        told = [visit.speech.t.corrections.asked]
    visit.note(" ".join(told))
    return visit.back(f"/punches/{punch_id}")


async def _waits(visit: Visit, punch_id: str) -> bool:
    """Whether a correction of this punch waits for its owner's yes, so that nothing is changed yet."""
    waiting = objects_of(await visit.ask("corrections", waiting=True))
    return any(str(each["punch"] or "").endswith(punch_id) for each in waiting)


async def _withdraw(visit: Visit, punch_id: str) -> Json:
    return await visit.do("corrections.withdraw", id=punch_id, why=visit.text("why"))


async def _simple(visit: Visit, punch_id: str, command: str) -> Json:
    return await visit.do(command, ids=[punch_id], why=visit.text("why"))


async def _amend(visit: Visit, punch_id: str) -> Json:
    said = {name: visit.text(name) or None for name in ("at", "kind", "username")}
    return await visit.do("punches.amend", ids=[punch_id], why=visit.text("why"), **said)


async def _accept(visit: Visit, punch_id: str) -> Json:
    return await visit.do("punches.amend", id=punch_id, accept=True, why=visit.text("why"))


async def _add(visit: Visit, punch_id: str, command: str) -> Json:
    return await visit.do(command, id=punch_id, at=visit.text("at"), why=visit.text("why"))


async def _assign(visit: Visit, punch_id: str) -> Json:
    return await visit.do("badges.assign", id=punch_id, username=visit.text("username"), name=visit.text("name"))


async def _disown(visit: Visit, punch_id: str) -> Json:
    return await visit.do("badges.ignore", id=punch_id, why=visit.text("why"))


DOINGS: Mapping[Repair, Callable[[Visit, str], Awaitable[Json]]] = {
    Repair.RETRY: lambda visit, punch_id: _simple(visit, punch_id, "punches.retry"),
    Repair.IGNORE: lambda visit, punch_id: _simple(visit, punch_id, "punches.ignore"),
    Repair.VOID: lambda visit, punch_id: _simple(visit, punch_id, "punches.void"),
    Repair.AMEND: _amend,
    Repair.ACCEPT: _accept,
    Repair.ADD_OUT: lambda visit, punch_id: _add(visit, punch_id, "punches.add-out"),
    Repair.ADD_IN: lambda visit, punch_id: _add(visit, punch_id, "punches.add-in"),
    Repair.ASSIGN: _assign,
    Repair.DISOWN: _disown,
    Repair.WITHDRAW: _withdraw,
}
"""What carries out each form."""
CORRECTS = frozenset(Repair) - {Repair.RETRY, Repair.DISOWN, Repair.WITHDRAW}
"""What changes somebody's record, so that they may have to agree."""
