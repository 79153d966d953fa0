"""People and badges: who carries which, who has none, unknown badges, enrolling, importing, exporting, renaming."""

import csv
import io
from collections.abc import Iterable, Sequence
from functools import partial

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import Route

from clockd.core.badge_file import BadgeLine, NoBadgeFile, read_badge_file
from clockd.core.harmless import no_formula
from clockd.core.json import Json
from clockd.core.model import BadUid, Uid
from clockd.core.numbers import NOTATIONS, Ambiguous, NumberForm, read_all, read_as
from clockd.core.sentence import phrase, sentence
from clockd.errors import UsageError
from clockd.web.pages.held import Repair
from clockd.web.pages.reading import DocumentRow, fields_of, objects_of
from clockd.web.parts import Parts
from clockd.web.visit import Visit, changing, go, page

MOST_STRAYS = 200
"""Taps of unknown badges that are looked through."""
NOTATIONS_SHOWN = tuple(each.form.value for each in NOTATIONS if each.whole)
"""How the numbers of a file may be written."""
PREVIEW = "badge file"
"""What the session keeps between the preview and the import; it reaches no disk."""
SPREADSHEET = "\ufeff"
"""A byte order mark, by which a spreadsheet knows that a file is UTF-8."""


def routes(parts: Parts) -> list[Route]:
    """Return the routes of this page."""
    return [
        Route("/people", page(parts, _people)),
        Route("/people/badges.csv", page(parts, _export)),
        Route("/people/revoke", changing(parts, _revoke), methods=["POST"]),
        Route("/people/rename", changing(parts, _rename), methods=["POST"]),
        Route("/people/import", changing(parts, _preview), methods=["POST"]),
        Route("/people/import/all", changing(parts, _import), methods=["POST"]),
    ]


async def _people(visit: Visit) -> Response:
    people, badges = objects_of(await visit.ask("people")), objects_of(await visit.ask("badges"))
    of = {str(one["username"]): [badge for badge in badges if badge["username"] == one["username"]] for one in people}
    taps = objects_of(await visit.ask("punches", state="held", limit=MOST_STRAYS))
    return visit.page(
        "people.html",
        people=sorted(people, key=lambda one: str(one["name"]).casefold()),
        without=[one for one in people if not one["badges"]],
        badges_of=of,
        strays=_strays(taps),
        notations=NOTATIONS_SHOWN,
        assign_acts=(Repair.ASSIGN, Repair.DISOWN),
        names={str(one["username"]): str(one["name"]) for one in people},
    )


def _strays(taps: Sequence[DocumentRow]) -> list[dict[str, object]]:
    """Return the unknown badges that were tapped: the last tap of each, and how many there were."""
    found: dict[str, dict[str, object]] = {}
    for tap in taps:
        if tap["username"] is None and tap["badge"]:
            one = found.setdefault(str(tap["badge"]), {"punch": tap, "count": 0})
            one["count"] = int(str(one["count"])) + 1
    return list(found.values())


async def _export(visit: Visit) -> Response:
    columns = ("username", "name", "tail", "fingerprint", "added_at")
    badges = objects_of(await visit.ask("badges"))
    return csv_file("badges.csv", columns, ([badge[column] for column in columns] for badge in badges))


def csv_file(name: str, columns: Sequence[str], rows: Iterable[Iterable[Json]]) -> Response:
    """Answer with a table for a spreadsheet; no cell of it is a formula."""
    out = io.StringIO()
    out.write(SPREADSHEET)
    lines = csv.writer(out)
    lines.writerow(columns)
    lines.writerows([no_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


async def _revoke(visit: Visit) -> Response:
    await visit.do("badges.remove", fingerprint=visit.text("fingerprint"))
    visit.note(visit.speech.t.people.revoked.format(tail=visit.text("tail")))
    return go("/people")


async def _rename(visit: Visit) -> Response:
    old, merge = visit.text("old"), bool(visit.text("merge"))
    answer = fields_of(await visit.do("people.rename", old=old, new=visit.text("new"), merge=merge))
    asked = visit.speech.t.corrections.asked
    visit.note(asked if answer.get("asked") else visit.speech.t.people.renamed.format(old=old, new=answer["username"]))
    return go("/people")


async def _preview(visit: Visit) -> Response:
    """Show what each line of a badge file would do; nothing is done yet."""
    t, file = visit.speech.t.people, visit.form.get("file")
    if not isinstance(file, UploadFile) or not file.size:
        visit.note(t.no_file, failed=True)
        return go("/people")
    try:
        lines = read_badge_file(
            (await file.read()).decode("utf-8-sig"), partial(_numbers, written=visit.text("notation"))
        )
    except UnicodeDecodeError:
        visit.note(t.not_utf8, failed=True)
        return go("/people")
    except NoBadgeFile as error:
        raise UsageError(sentence("the file {why}", why=phrase(error.why)), hint=error.hint) from None
    wrong = [line for line in lines if line.wrong]
    visit.session.kept.pop(PREVIEW, None)
    if not wrong:
        visit.session.kept[PREVIEW] = lines
    owners = {str(one["username"]): str(one["name"]) for one in objects_of(await visit.ask("people"))}
    return visit.page(
        "import.html", lines=[*wrong, *(line for line in lines if not line.wrong)], wrong=wrong, owners=owners
    )


def _numbers(texts: Sequence[str], *, written: str) -> list[Uid | BadUid]:
    """Read the numbers of a file in the notation that was chosen, else in the one that fits all of them.

    Raises:
        UsageError: several fit.
    """
    if written not in NOTATIONS_SHOWN:
        try:
            return read_all(texts)
        except Ambiguous as unsure:
            forms = ", ".join(each.form.value for each in unsure.found)
            raise UsageError(
                "the numbers of this file can be read in several ways",
                hint=sentence("choose one: {forms}", forms=forms),
            ) from None
    found: list[Uid | BadUid] = []
    for text in texts:
        try:
            found.append(read_as(text, NumberForm(written)))
        except BadUid as error:
            found.append(error)
    return found


async def _import(visit: Visit) -> Response:
    """Give the badges of the file that was shown, all of them or none."""
    t, lines = visit.speech.t.people, visit.session.kept.pop(PREVIEW, None)
    if not isinstance(lines, list):
        visit.note(t.nothing_kept, failed=True)
        return go("/people")
    wanted: list[Json] = [line.document for line in lines if isinstance(line, BadgeLine)]
    added = objects_of(await visit.do("badges.import", badges=wanted))
    told = [t.imported.format(count=visit.speech.number(len(added)))]
    for key, words in (("punches_given", t.given_along), ("punches_left_held", t.left_held)):
        if count := sum(int(one[key]) for one in added):
            told.append(words.format(count=visit.speech.number(count)))
    visit.note(" ".join(told))
    return go("/people")
