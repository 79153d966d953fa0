"""Who worked how long: a week or a month, everybody or one, as a picture, on paper, or as a table for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from clockd.core.json import Json
from clockd.core.notices import NoticeWay
from clockd.core.roles import Role
from clockd.core.wire import same_user
from clockd.web.pages.anchor import anchor_of, signed_head, signed_words
from clockd.web.pages.people import csv_file
from clockd.web.pages.reading import DocumentRow, fields_of, objects_of
from clockd.web.pages.sheet import sheet_of
from clockd.web.pages.span import Span
from clockd.web.parts import Parts
from clockd.web.visit import EVERYBODY, Visit, go, page, refusal

PEOPLE_ON_A_PAGE = 40
"""People that are shown at once: each is reckoned anew."""
HOUR_CELLS = ("username", "name", "day", "what", "from", "to", "hours", "seconds", "project", "remark")


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [
        Route("/hours", page(parts, _everybody, EVERYBODY)),
        Route("/hours.csv", page(parts, _everybodys_csv)),
        Route("/hours/{username}", page(parts, _one, EVERYBODY)),
        Route("/hours/{username}/table.csv", page(parts, _ones_csv, EVERYBODY)),
    ]


async def _people(visit: Visit) -> tuple[list[str], Span]:
    """Return everybody who ever punched, and the days that are asked for."""
    known = fields_of(await visit.ask("hours.people"))
    today = datetime.fromisoformat(str(known["today"])).date()
    return [str(name) for name in known["people"]], Span.around(visit.text("view"), visit.text("day"), today)


async def _sheet(visit: Visit, username: str, span: Span) -> DocumentRow:
    first, last = span.first.isoformat(), span.last.isoformat()
    return fields_of(await visit.ask("hours", username=username, first=first, last=last))


async def _everybody(visit: Visit) -> Response:
    if visit.session.account.role is Role.EMPLOYEE:
        return go(f"/hours/{quote(visit.session.account.username, safe='')}")
    people, span = await _people(visit)
    number = int(visit.text("page")) if visit.text("page").isdecimal() and len(visit.text("page")) < 5 else 0
    shown = people[number * PEOPLE_ON_A_PAGE : (number + 1) * PEOPLE_ON_A_PAGE]
    now = visit.parts.clock.now_at().astimezone(visit.speech.zone).replace(tzinfo=None)
    documents = [await _sheet(visit, name, span) for name in shown]
    sheets = [(one["username"], one["name"], sheet_of(one, span, now), notices_of(visit, one)) for one in documents]
    return visit.page(
        "hours.html", sheets=sheets, span=span, number=number, last=(len(people) - 1) // PEOPLE_ON_A_PAGE, people=people
    )


async def _one(visit: Visit) -> Response:
    people, span = await _people(visit)
    username = _wanted(visit, people)
    if username is None:
        return refusal(visit, HTTPStatus.NOT_FOUND)
    document = await _sheet(visit, username, span)
    now = visit.parts.clock.now_at().astimezone(visit.speech.zone).replace(tzinfo=None)
    sheet = sheet_of(document, span, now)
    own = None
    if visit.session.account.role is Role.EMPLOYEE:
        first, last = span.first.isoformat(), span.last.isoformat()
        own = fields_of(await visit.ask("record", username=username, first=first, last=last))
    return visit.page(
        "hours_of.html",
        who=document["name"],
        username=username,
        sheet=sheet,
        span=span,
        own=own,
        short=notices_of(visit, document),
    )


def _wanted(visit: Visit, people: list[str]) -> str | None:
    """Return whose hours are asked for; None where there is nobody like this, or it is not for this account."""
    username, account = visit.request.path_params["username"], visit.session.account
    if account.role is Role.EMPLOYEE:
        return account.username if same_user(account.username, username) else None
    return next((name for name in people if same_user(name, username)), None)


async def _everybodys_csv(visit: Visit) -> Response:
    people, span = await _people(visit)
    sheets = [await _sheet(visit, name, span) for name in people]
    lines = [line for one in sheets for line in _lines(visit, one)]
    return csv_file(f"hours-{span.first}.csv", HOUR_CELLS, [*lines, *await _last_line(visit)])


async def _ones_csv(visit: Visit) -> Response:
    people, span = await _people(visit)
    username = _wanted(visit, people)
    if username is None:
        return refusal(visit, HTTPStatus.NOT_FOUND)
    lines = list(_lines(visit, await _sheet(visit, username, span)))
    return csv_file(f"hours-{span.first}.csv", HOUR_CELLS, [*lines, *await _last_line(visit)])


async def _last_line(visit: Visit) -> list[list[Json]]:
    """Return what the ledger was when a table was made, as its last line: so it is noted wherever the table is kept."""
    head = await signed_head(visit)
    if head is None:
        return []
    words = visit.speech.t.log
    return [[None, None, str(head["at"])[:10], words.anchor, anchor_of(head), *[None] * 4, signed_words(head)]]


def _lines(visit: Visit, sheet: DocumentRow) -> Iterator[list[Json]]:
    """Return a line for each stretch of work, each break, and whatever is missing."""
    t, who = visit.speech.t.hours, [sheet["username"], sheet["name"]]
    for day in objects_of(sheet["days"]):
        for row in objects_of(day["work"]):
            marks = ((t.running, row["running"]), (t.uncertain, row["uncertain"]), (t.held, row["held"]))
            remark = ", ".join(words for words, so in marks if so)
            yield [*who, day["day"], t.worked, *_ends(row), *_length(row["worked_s"]), row["project"], remark]
        for row in objects_of(day["breaks"]):
            yield [*who, day["day"], t.pause, *_ends(row), *_length(row["break_s"]), None, None]
    for short in notices_of(visit, sheet):
        yield [*who, short.day, t.notice, *[None] * 5, short.text]
    for lack in objects_of(sheet["missing"]):
        local = str(lack["local"])
        yield [*who, local[:10], t.missing, local.replace("T", " "), None, None, None, None, t.lacks[str(lack["what"])]]


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A legal break or rest that was short, in words."""

    day: str
    text: str


def notices_of(visit: Visit, sheet: DocumentRow) -> list[ToldNotice]:
    """Return what was short, in the words of a page."""
    words, length = visit.speech.t.hours.short, visit.speech.length
    return [
        ToldNotice(
            str(one["day"]),
            words[NoticeWay(str(one["what"]))].format(
                had=length(one["had_s"]), needed=length(one["needed_s"]), law=one["law"]
            ),
        )
        for one in objects_of(sheet.get("notices"))
    ]


def _ends(row: DocumentRow) -> list[Json]:
    return [str(row["from_local"]).replace("T", " "), str(row["to_local"] or "").replace("T", " ")]


def _length(seconds: int) -> list[Json]:
    return [f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}", seconds]
