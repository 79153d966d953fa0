"""`clockd punches …`: see what was recorded, and repair what is held."""

import json
import time
from collections.abc import Iterator
from datetime import date
from itertools import chain, islice
from pathlib import Path

import click

from clockd.cli.asking import (
    ALWAYS_JSON,
    ANY_FILE,
    FEW,
    FROM_DAY,
    TO_DAY,
    AskDaemon,
    asks_store,
    claimed_name,
    daemon_answers,
    newest_punches,
    object_of,
    oldest_punches,
    print_json,
    write_csv,
    write_head,
    writing,
)
from clockd.cli.completing import known_punches, known_usernames
from clockd.cli.corrections import say_what_waits
from clockd.cli.saying import say, say_columns
from clockd.core.forms import TIME_FORMS
from clockd.core.ids import short_id
from clockd.core.json import Json
from clockd.errors import UsageError

EXPORTED = ("id", "username", "kind", "at", "local", "zone", "clock", "explicit", "project", "terminal", "reader")
DELIVERY_STATES = ("waiting", "sending", "doubtful", "delivered", "held", "ignored", "void", "stranger")
"""Of a delivery, as in `core/delivery.py`."""
LISTED_PUNCHES = 20
"""Punches of a list for people."""
OUTCOME_S = 6.0
"""How long `retry` waits to see what comes of it."""
DELIVERY = ("state", "entry_ids", "attempts", "last_error", "held_because")
PAIR = ("name", "pair", "pair_s")
LATER = ("time_type",)
"""What an export says since later: behind the columns that were there."""


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON array, newest first.")
@click.option("--state", type=click.Choice(DELIVERY_STATES), help="Only these.")
@click.option("--username", "-u", metavar="U", shell_complete=known_usernames, help="Only this employee's.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help=f"At most so many; else {LISTED_PUNCHES}, with --json all.",
)
@click.pass_context
@asks_store
def punches(
    ask: AskDaemon, context: click.Context, as_json: bool, state: str | None, username: str | None, limit: int | None
) -> None:
    """List punches, newest first, with how far each is; repair held ones."""
    if context.invoked_subcommand is not None:
        if as_json or state is not None or username is not None or limit is not None:
            hint = f"clockd punches {context.invoked_subcommand} --help"
            raise UsageError("--json, --state, --username and --limit are for the list alone", hint=hint)
        return
    if as_json:
        likely = FEW + 1 if limit is None else limit
        print_json(list[Json](islice(newest_punches(ask, state=state, username=username, likely=likely), limit)))
        return
    most = LISTED_PUNCHES if limit is None else limit
    found = list(islice(newest_punches(ask, state=state, username=username, likely=most + 1), most + 1))
    is_cut, found = len(found) > most, found[:most]
    if not found:
        say("no punches" if state is None else f"no punches are {state}")
        return
    titles = ("id", "local time", "who", "what", "state", "entry")
    say_columns(titles, [_line(punch) for punch in found], [_reason(punch) for punch in found])
    if is_cut and limit is None:
        say(f"these are the newest {most}; --limit N shows more", err=True)


def _line(punch: dict[str, Json]) -> tuple[str, ...]:
    delivery = object_of(punch["delivery"])
    ids = delivery["entry_ids"]
    return (
        short_id(str(punch["id"])),
        str(punch["local"]).replace("T", " ")[:19] + ("" if punch["clock"] != "uncertain" else " ?"),
        str(punch["username"] or punch["badge"] or "?"),
        " ".join(str(punch[name]) for name in ("kind", "project", "time_type") if punch[name]) or "?",
        str(delivery["state"]),
        ", ".join(str(i) for i in ids) if isinstance(ids, list) else "",
    )


def _reason(punch: dict[str, Json]) -> str:
    """Why a punch is where it is, if that is not as it should be."""
    delivery = object_of(punch["delivery"])
    if delivery["state"] == "held":
        return str(delivery["held_because"] or "")
    return str(delivery["last_error"] or "") if delivery["state"] in ("waiting", "sending", "doubtful") else ""


@punches.command()
@click.argument("punch_id", metavar="ID", shell_complete=known_punches)
@ALWAYS_JSON
@asks_store
def show(ask: AskDaemon, punch_id: str) -> None:
    """Show one punch, as JSON, with everything that was done to it."""
    print_json(ask({"cmd": "punches.show", "id": punch_id}))


@punches.command(short_help="Send held punches again.")
@click.argument("ids", metavar="ID…", shell_complete=known_punches, nargs=-1, required=True)
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def retry(ask: AskDaemon, ids: tuple[str, ...], why: str) -> None:
    """Send held punches again, and tell what came of it within a few seconds."""
    done = _do(ask, "retry", ids, why)
    end_s = time.monotonic() + (OUTCOME_S if daemon_answers(ask) else 0)
    for punch_id in done:
        _say_outcome(ask, punch_id, end_s)


def _say_outcome(ask: AskDaemon, punch_id: str, end_s: float) -> None:
    while True:
        punch = object_of(ask({"cmd": "punches.show", "id": punch_id}))
        delivery = object_of(punch["delivery"])
        moves = delivery["state"] in ("waiting", "sending") and delivery["waits_for"] is None
        if not moves or time.monotonic() >= end_s:
            break
        time.sleep(0.2)
    entry = ", ".join(map(str, ids)) if isinstance(ids := delivery["entry_ids"], list) else ""
    state = "waiting for its out" if delivery["waits_for"] else str(delivery["state"])
    why = _reason(punch)
    say(f"{short_id(punch_id)} {state}{f' as {entry}' if entry else ''}{f': {why}' if why else ''}")


@punches.command()
@click.argument("ids", metavar="ID…", shell_complete=known_punches, nargs=-1, required=True)
@click.option("--why", required=True, help="Kept in the ledger.")
@asks_store
def ignore(ask: AskDaemon, ids: tuple[str, ...], why: str) -> None:
    """Leave punches unbooked for good. They stay in the ledger."""
    _do(ask, "ignore", ids, why)


@punches.command(short_help="Take punches back, at the tracker as well.")
@click.argument("ids", metavar="ID…", shell_complete=known_punches, nargs=-1, required=True)
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def void(ask: AskDaemon, ids: tuple[str, ...], why: str) -> None:
    """Take punches back; an entry that was booked is deleted at the tracker."""
    _do(ask, "void", ids, why)


@punches.command(short_help="Correct a punch: when, what, whose.")
@click.argument("ids", metavar="ID…", shell_complete=known_punches, nargs=-1, required=True)
@click.option("--at", metavar="TIME", help=f"When it truly was, {TIME_FORMS}.")
@click.option("--kind", metavar="KIND", help="What it truly was: in, out, break, resume.")
@click.option(
    "--username",
    "-u",
    metavar="U",
    shell_complete=known_usernames,
    help="Whose it truly was, as the tracker knows the employee.",
)
@click.option("--time-type", metavar="TYPE", help="Goodtime: the time type it is for; '' is the usual one.")
@click.option("--accept", is_flag=True, help="Take the time that is proposed where it is held.")
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def amend(
    ask: AskDaemon,
    ids: tuple[str, ...],
    at: str | None,
    kind: str | None,
    username: str | None,
    time_type: str | None,
    accept: bool,
    why: str,
) -> None:
    """Set time, kind or time type of a punch that was not sent yet, or the employee of any.

    Punches that are booked already go to another employee (badges were swapped) in one step: the entry is taken back
    under the old name, and booked anew, with the same time, under the new one. Name both ends of a shift at once.
    The fact as it was recorded stays in the ledger.
    """
    sent: dict[str, Json] = {"at": at, "kind": kind, "username": username, "accept": accept, "why": why}
    if time_type is not None:
        sent["time_type"] = time_type
    if accept:
        if len(ids) > 1:
            raise UsageError("a proposal is of one punch", hint="accept them one by one")
        done: list[Json] = [ask({"cmd": "punches.amend", "id": ids[0], **sent, "by": claimed_name()})]
    else:
        answer = ask({"cmd": "punches.amend", "ids": list(ids), **sent, "by": claimed_name()})
        done = answer if isinstance(answer, list) else []
    for punch_id in say_what_waits(ask, [str(punch_id) for punch_id in done]):
        say(f"amended {short_id(punch_id)}")


@punches.command("add-out", short_help="Add the clock-out that is missing.")
@click.argument("punch_id", metavar="ID", shell_complete=known_punches)
@click.option("--at", required=True, metavar="TIME", help=f"When they left, {TIME_FORMS}.")
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def add_out(ask: AskDaemon, punch_id: str, at: str, why: str) -> None:
    """Answer "when did they leave?": add the clock-out that is missing after the clock-in ID."""
    _add(ask, "add-out", punch_id, at, why)


@punches.command("add-in", short_help="Add the clock-in that is missing.")
@click.argument("punch_id", metavar="ID", shell_complete=known_punches)
@click.option("--at", required=True, metavar="TIME", help=f"When they came, {TIME_FORMS}.")
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def add_in(ask: AskDaemon, punch_id: str, at: str, why: str) -> None:
    """Answer "when did they come?": add the clock-in that is missing before the clock-out ID."""
    _add(ask, "add-in", punch_id, at, why)


def _add(ask: AskDaemon, what: str, punch_id: str, at: str, why: str) -> None:
    added = ask({"cmd": f"punches.{what}", "id": punch_id, "at": at, "why": why, "by": claimed_name()})
    for new in say_what_waits(ask, [str(added)]):
        say(f"added {short_id(new)}")


@punches.command(short_help="Write punches to a file, with names and pairs.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), required=True, help="For a spreadsheet, or for a program."
)
@FROM_DAY
@TO_DAY
@click.option("--with-head", is_flag=True, help="The ledger's head, signed, into FILE.head.json.")
@click.argument("file", type=ANY_FILE)
@asks_store
def export(ask: AskDaemon, form: str, first: date | None, last: date | None, with_head: bool, file: Path) -> None:
    """Write punches to FILE, in the order in which they were recorded; - is standard output.

    Each has the employee's name, the id of the punch it is paired with, and with the one that ends the pair the seconds
    between (pair_s).

    In csv a text that a spreadsheet would take for a formula has an apostrophe in front; jsonl has all as it is.
    """
    if first and last and last < first:
        raise UsageError("--to is before --from", hint="exchange them, or leave --to away")
    if with_head and str(file) == "-":
        raise UsageError("--with-head writes a second file beside FILE", hint="name a file")
    found = oldest_punches(ask, *(None if day is None else day.isoformat() for day in (first, last)))
    begun = list(islice(found, 1))  # whoever cannot be asked leaves the file as it was
    count = 0

    def counted() -> Iterator[dict[str, Json]]:
        nonlocal count
        for punch in chain(begun, found):
            count += 1
            yield punch

    with writing(file) as out:
        if form == "jsonl":
            out.writelines(json.dumps(punch, ensure_ascii=False) + "\n" for punch in counted())
        else:
            columns = [*EXPORTED, *(f"delivery_{name}" for name in DELIVERY), *PAIR, *LATER]
            write_csv(out, columns, map(_cells, counted()))
    say(f"{count} punches in {file}", err=str(file) == "-")
    if with_head:
        write_head(ask, file.with_name(f"{file.name}.head.json"))


def _cells(punch: dict[str, Json]) -> list[Json]:
    delivery = object_of(punch["delivery"])
    return [
        *(punch[name] for name in EXPORTED),
        *(delivery[name] for name in DELIVERY),
        *(punch[name] for name in (*PAIR, *LATER)),
    ]


def _do(ask: AskDaemon, what: str, ids: tuple[str, ...], why: str) -> list[str]:
    sent: dict[str, Json] = {"cmd": f"punches.{what}", "ids": list(ids), "why": why, "by": claimed_name()}
    done = ask(sent)
    assert isinstance(done, list)
    changed = [str(punch_id) for punch_id in done]
    if what != "retry":
        changed = say_what_waits(ask, changed)
    if changed:
        say(f"{what}: {len(changed)} punch{'' if len(changed) == 1 else 'es'}")
    return changed
