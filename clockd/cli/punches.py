"""`clockd punches …`: see what was recorded, and repair what is held."""

import getpass
import json
from collections.abc import Iterator
from datetime import date
from itertools import chain, islice
from pathlib import Path

import click

from clockd.cli.asking import (
    ALWAYS_JSON,
    ANY_FILE,
    FROM_DAY,
    TO_DAY,
    AskDaemon,
    asks_store,
    newest_punches,
    object_of,
    oldest_punches,
    print_columns,
    print_json,
    write_csv,
    writing,
)
from clockd.core.delivery import State
from clockd.core.wire import Json
from clockd.errors import UsageError

EXPORTED = ("id", "username", "kind", "at", "local", "zone", "clock", "explicit", "project", "terminal", "reader")
DELIVERY = ("state", "entry_ids", "attempts", "last_error", "held_because")
PAIR = ("name", "pair", "pair_s")


@click.group(invoke_without_command=True, short_help="List punches, and repair those that are held.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, newest first.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only these.")
@click.option("--username", "-u", metavar="U", help="Only this employee's.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=20, show_default=True, metavar="N", help="At most so many."
)
@click.pass_context
@asks_store
def punches(
    ask: AskDaemon, context: click.Context, as_json: bool, state: str | None, username: str | None, limit: int
) -> None:
    """List punches, newest first, with how far each is; repair held ones."""
    if context.invoked_subcommand is not None:
        if as_json or state is not None or username is not None:
            hint = f"clockd punches {context.invoked_subcommand} --help"
            raise UsageError("--json, --state and --username are for the list alone", hint=hint)
        return
    found = list(islice(newest_punches(ask, state=state, username=username, likely=limit), limit))
    if as_json:
        print_json(list[Json](found))
        return
    if not found:
        click.echo("no punches" if state is None else f"no punches are {state}")
        return
    titles = ("id", "local time", "who", "what", "state", "entry")
    print_columns(titles, [_line(punch) for punch in found], [_reason(punch) for punch in found])


def _line(punch: dict[str, Json]) -> tuple[str, ...]:
    delivery = object_of(punch["delivery"])
    ids = delivery["entry_ids"]
    return (
        str(punch["id"]),
        str(punch["local"]).replace("T", " ")[:19] + ("" if punch["clock"] != "uncertain" else " ?"),
        str(punch["username"] or punch["badge"] or "?"),
        f"{punch['kind'] or '?'}{' ' + str(punch['project']) if punch['project'] else ''}",
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
@click.argument("punch_id", metavar="ID")
@ALWAYS_JSON
@asks_store
def show(ask: AskDaemon, punch_id: str) -> None:
    """Show one punch, as JSON, with everything that was done to it."""
    print_json(ask({"cmd": "punches.show", "id": punch_id}))


@punches.command()
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def retry(ask: AskDaemon, ids: tuple[str, ...], why: str) -> None:
    """Send held punches again."""
    _do(ask, "retry", ids, why)


@punches.command()
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@click.option("--why", required=True, help="Kept in the ledger.")
@asks_store
def ignore(ask: AskDaemon, ids: tuple[str, ...], why: str) -> None:
    """Leave punches unbooked for good. They stay in the ledger."""
    _do(ask, "ignore", ids, why)


@punches.command(short_help="Take punches back, at the tracker as well.")
@click.argument("ids", metavar="ID…", nargs=-1, required=True)
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def void(ask: AskDaemon, ids: tuple[str, ...], why: str) -> None:
    """Take punches back; an entry that was booked is deleted at the tracker."""
    _do(ask, "void", ids, why)


@punches.command(short_help="Correct a punch that was not sent yet.")
@click.argument("punch_id", metavar="ID")
@click.option("--at", metavar="TIME", help='When it truly was, as "2026-11-21 17:05" at the terminal.')
@click.option("--kind", metavar="KIND", help="What it truly was: in, out, break, resume.")
@click.option("--username", "-u", metavar="U", help="Whose it truly was, as the tracker knows the employee.")
@click.option("--accept", is_flag=True, help="Take the time that is proposed where it is held.")
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def amend(
    ask: AskDaemon, punch_id: str, at: str | None, kind: str | None, username: str | None, accept: bool, why: str
) -> None:
    """Set the time, the kind or the employee of a punch that was not sent yet.

    The fact as it was recorded stays in the ledger.
    """
    sent: dict[str, Json] = {
        "cmd": "punches.amend",
        "id": punch_id,
        "at": at,
        "kind": kind,
        "username": username,
        "accept": accept,
        "why": why,
        "by": getpass.getuser(),
    }
    click.echo(f"amended {ask(sent)}")


@punches.command("add-out", short_help="Add the clock-out that is missing.")
@click.argument("punch_id", metavar="ID")
@click.option("--at", required=True, metavar="TIME", help='When they left, as "2026-11-20 17:05" at the terminal.')
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def add_out(ask: AskDaemon, punch_id: str, at: str, why: str) -> None:
    """Answer "when did they leave?": add the clock-out that is missing after the clock-in ID."""
    by = getpass.getuser()
    click.echo(f"added {ask({'cmd': 'punches.add-out', 'id': punch_id, 'at': at, 'why': why, 'by': by})}")


@punches.command()
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), required=True, help="For a spreadsheet, or for a program."
)
@FROM_DAY
@TO_DAY
@click.argument("file", type=ANY_FILE)
@asks_store
def export(ask: AskDaemon, form: str, first: date | None, last: date | None, file: Path) -> None:
    """Write punches to FILE, in the order in which they were recorded; - is standard output.

    Each has the employee's name, the id of the punch it is paired with, and with the one that ends the pair the seconds
    between (pair_s).

    In csv a text that a spreadsheet would take for a formula has an apostrophe in front; jsonl has all as it is.
    """
    if first and last and last < first:
        raise UsageError("--to is before --from")
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
            columns = [*EXPORTED, *(f"delivery_{name}" for name in DELIVERY), *PAIR]
            write_csv(out, columns, map(_cells, counted()))
    click.echo(f"{count} punches in {file}", err=str(file) == "-")


def _cells(punch: dict[str, Json]) -> list[Json]:
    delivery = object_of(punch["delivery"])
    return [
        *(punch[name] for name in EXPORTED),
        *(delivery[name] for name in DELIVERY),
        *(punch[name] for name in PAIR),
    ]


def _do(ask: AskDaemon, what: str, ids: tuple[str, ...], why: str) -> None:
    sent: dict[str, Json] = {"cmd": f"punches.{what}", "ids": list(ids), "why": why, "by": getpass.getuser()}
    done = ask(sent)
    assert isinstance(done, list)
    click.echo(f"{what}: {len(done)} punch{'' if len(done) == 1 else 'es'}")
