"""`clockd hours`: who worked how long, with breaks, and what is missing."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import click

from clockd.cli.asking import (
    ANY_FILE,
    FROM_DAY,
    TO_DAY,
    AskDaemon,
    asks_store,
    object_of,
    print_json,
    rows,
    write_csv,
    write_head,
    writing,
)
from clockd.cli.completing import known_usernames
from clockd.cli.saying import say, say_columns, say_styled, say_table
from clockd.core.harmless import harmless
from clockd.core.json import Json
from clockd.core.notices import NoticeWay
from clockd.errors import UsageError

PART_DAYS = 31
"""So many days are asked for at once."""
CELLS = (
    *("username", "name", "day", "what", "from", "to", "hours", "seconds"),
    *("project", "running", "uncertain", "held", "because", "ids", "time_type"),
)
WORDS = {
    "out": "no clock-out after this clock-in",
    "in": "no clock-in before this clock-out",
    "too-late": "this clock-out came longer than a shift after its clock-in",
    "order": "this clock-out counts earlier than its clock-in",
    "time": "nobody knows when this was",
    "held": "this waits for you",
}


@click.command("hours")
@click.option("--week", is_flag=True, help="This week, from Monday on; so it is when no span is named.")
@click.option("--month", is_flag=True, help="This month.")
@FROM_DAY
@TO_DAY
@click.option("--username", "-u", metavar="U", shell_complete=known_usernames, help="Only this employee.")
@click.option("--csv", "as_csv", is_flag=True, help="One line for each stretch of work, break and lack.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--head", metavar="FILE", type=ANY_FILE, help="The ledger's head, signed, into FILE.")
@asks_store
def show_hours(
    ask: AskDaemon,
    week: bool,
    month: bool,
    first: date | None,
    last: date | None,
    username: str | None,
    as_csv: bool,
    as_json: bool,
    head: Path | None,
) -> None:
    """Show who worked how long on which day, with breaks, and which punches are missing or held.

    A night shift belongs to the day on which it began. Durations are true ones, also in the nights in which the clocks
    are changed. What still runs counts up to now; a clock-in without a clock-out counts for nothing and is listed.
    """
    if as_csv and as_json:
        raise UsageError("--csv or --json, not both", hint="leave one of them out")
    known = object_of(ask({"cmd": "hours.people"}))
    begin, end = _span(date.fromisoformat(str(known["today"])), week, month, first, last)
    names = known["people"]
    assert isinstance(names, list)
    if username is not None and username not in names:
        raise UsageError(f"there is no punch of {username} here", hint="clockd people list shows who is known")
    sheets = (_sheet(ask, str(name), begin, end) for name in ([username] if username else names))
    found = (sheet for sheet in sheets if sheet["days"] or sheet["missing"] or username)
    span: dict[str, Json] = {"from": begin.isoformat(), "to": end.isoformat(), "zone": known["zone"]}
    if as_csv:
        with writing(Path("-")) as out:
            write_csv(out, CELLS, (line for sheet in found for line in _lines(sheet)))
    elif as_json:
        print_json({**span, "employees": list[Json](found)})
    elif sys.stdout.isatty():
        _show(span, found)
    else:
        lines = [[*map(str, line[:3]), *_plain(line)] for sheet in found for line in _lines(sheet)]
        say_columns(("who", "name", "day", "what", "from", "to", "hours", "of note"), lines)
    if head is not None:
        write_head(ask, head)


def _span(today: date, week: bool, month: bool, first: date | None, last: date | None) -> tuple[date, date]:
    if week + month + bool(first or last) > 1:
        raise UsageError("--week, --month, or --from and --to: one of them", hint="as clockd hours --month")
    if month:
        begin = today.replace(day=1)
        return begin, (begin + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if first is None and last is None:
        begin = today - timedelta(days=today.weekday())
        return begin, begin + timedelta(days=6)
    if first is None:
        raise UsageError("--to needs --from", hint="as --from 2026-11-01 --to 2026-11-30")
    end = last or max(today, first)
    if end < first:
        raise UsageError("--to is before --from", hint="exchange them, or leave --to away")
    return first, end


def _sheet(ask: AskDaemon, username: str, begin: date, end: date) -> dict[str, Json]:
    """AskDaemon for one employee's days in parts, and put them together."""
    whole: dict[str, Json] = {}
    while begin <= end:
        until = min(end, begin + timedelta(days=PART_DAYS - 1))
        sent: dict[str, Json] = {"cmd": "hours", "username": username}
        part = object_of(ask({**sent, "first": begin.isoformat(), "last": until.isoformat()}))
        whole = part if not whole else {name: _with(whole[name], part[name]) for name in whole}
        begin = until + timedelta(days=1)
    # of a punch of which nobody knows the day, each part tells
    missing = {str(each["id"]): each for each in rows(whole["missing"])}
    return {**whole, "missing": list[Json](missing.values())}


def _with(a: Json, b: Json) -> Json:
    if isinstance(a, list) and isinstance(b, list):
        return [*a, *b]
    return a + b if isinstance(a, int) and isinstance(b, int) else a


def _lines(sheet: dict[str, Json]) -> Iterator[list[Json]]:
    """Return every stretch of work, break and lack of an employee, as `CELLS` has them."""
    who = [sheet["username"], sheet["name"]]
    for day in rows(sheet["days"]):
        spans = [*(("work", row) for row in rows(day["work"])), *(("break", row) for row in rows(day["breaks"]))]
        for what, row in sorted(spans, key=lambda span: str(span[1]["from_at"])):
            worked = int(str(row[f"{'worked' if what == 'work' else what}_s"]))
            marks = [row.get(name) for name in ("project", "running", "uncertain", "held")]
            end = row["to_local"]
            more = [*marks, None, row.get("ids"), row.get("time_type")]
            yield [*who, day["day"], what, row["from_local"], end, _clock(worked), worked, *more]
    for short in rows(sheet.get("notices") or []):
        yield [*who, short["day"], "notice", *[None] * 8, _short(short), None, None]
    for lack in rows(sheet["missing"]):
        because = ": ".join([WORDS[str(lack["what"])], *([str(lack["because"])] if lack["because"] else [])])
        at, uncertain = str(lack["local"]), lack["clock"] == "uncertain"
        ends = [None, at] if lack["kind"] in ("out", "break") else [at, None]
        yield [*who, at[:10], "missing", *ends, None, None, None, None, uncertain, None, because, [lack["id"]], None]


def _short(notice: dict[str, Json]) -> str:
    """Say which legal break or rest was short."""
    had, needed = (_clock(int(str(notice[name]))) for name in ("had_s", "needed_s"))
    match NoticeWay(str(notice["what"])):
        case NoticeWay.BREAK:
            told = f"breaks of {had}, {needed} are due"
        case NoticeWay.UNBROKEN:
            told = f"{had} of work in a row, a break is due after {needed}"
        case NoticeWay.REST:
            told = f"{had} of rest before it, {needed} are due"
    return f"{told} ({notice['law']})"


def _plain(line: Sequence[Json]) -> list[str]:
    """Return what a line shows after who and when."""
    what, begin, end, worked, _, project, running, uncertain, held, because, _, time_type = line[3:]
    notes = [
        str(project or ""),
        str(time_type or ""),
        *("running" for _ in [0] if running),
        *("time uncertain" for _ in [0] if uncertain),
    ]
    notes += ["held"] if held else []
    notes += [str(because)] if because else []
    shown = [str(at or "").replace("T", " ") for at in (begin, end)]
    return [str(what), *shown, str(worked or ""), "; ".join(note for note in notes if note)]


def _clock(worked_s: int) -> str:
    """Hours, minutes and seconds, as `7:30:00`."""
    return f"{worked_s // 3600}:{worked_s // 60 % 60:02d}:{worked_s % 60:02d}"


def _show(span: dict[str, Json], sheets: Iterator[dict[str, Json]]) -> None:
    from rich.table import Table
    from rich.text import Text

    say(f"{span['from']} to {span['to']}, {span['zone']}")
    nobody = True
    for sheet in sheets:
        nobody = False
        worked, rest = (_clock(int(str(sheet[name]))) for name in ("worked_s", "break_s"))
        title = f"{sheet['name']} ({sheet['username']})"
        table = Table(title=None, show_footer=True)
        for heading, footer in (("day", "in all"), ("what", ""), ("from", ""), ("to", ""), ("hours", worked), ("", "")):
            table.add_column(heading, footer, justify="right" if heading == "hours" else "left")
        before = ""
        for line in _lines(sheet):
            what, begin, end, length, note = _plain(line)
            day = str(line[2])
            style = {"break": "dim", "missing": "bold red"}.get(what)
            shown = "" if day == before else day, what, _of_day(begin, day), _of_day(end, day), length, note
            table.add_row(*(Text(harmless(cell)) for cell in shown), style=style)
            before = day
        say_styled((title, "bold"))
        say_table(table)
        if sheet["break_s"]:
            say_styled((f"breaks {rest}", "dim"))
        for short in rows(sheet.get("notices") or []):
            say_styled((f"{short['day']}: {_short(short)}", "dim"))
    if nobody:
        say("nobody worked, and nothing is missing")


def _of_day(shown: str, day: str) -> str:
    """Leave the day out where it is that of the line."""
    return shown.removeprefix(f"{day} ")
