"""`clockd ledger …`: whether what was recorded is as it was recorded, for oneself and for somebody who asks."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from clockd.cli import inspection_file
from clockd.cli.asking import FROM_DAY, TO_DAY, AskDaemon, asks_store, object_of, print_json
from clockd.cli.saying import say
from clockd.core.chain import Head, RawRow
from clockd.core.extract import ExtractChoice, extracted
from clockd.core.json import Json
from clockd.errors import Refused, UsageError


@click.group()
def ledger() -> None:
    """Check the ledger: all that was ever recorded."""


class AnchorText(click.ParamType[Head]):
    """A head that was noted elsewhere, as ROWS:HASH."""

    name = "ROWS:HASH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        """Read it."""
        if isinstance(value, Head):
            return value
        found = re.fullmatch("([0-9]{1,10}):([0-9a-f]{64})", str(value).strip().lower())
        if found is None:
            self.fail("write it as clockd ledger head shows it, ROWS:HASH", param, ctx)
        return Head(int(found[1]), found[2])


@ledger.command(short_help="Check that nothing in the ledger was changed.")
@click.option("--export", "file", type=click.Path(dir_okay=False, path_type=Path), help="Check this archive instead.")
@click.option("--key", metavar="HEX", help="With --export: the key of the terminal, from clockd ledger head.")
@click.option("--anchor", "anchors", multiple=True, type=AnchorText(), help="A head that was noted earlier.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_store
def verify(ask: AskDaemon, file: Path | None, key: str | None, anchors: tuple[Head, ...], as_json: bool) -> None:
    """Check that no row of the ledger was changed, removed or moved. Exit code 1 when one was.

    With --export an archive of `clockd ledger export` is checked, without a database and without a daemon. With
    --anchor the ledger must still have a hash that was noted elsewhere: so it is noticed when all of it was rewritten.
    """
    if file is None and key is not None:
        raise UsageError("--key is for an archive", hint="clockd ledger verify --export FILE --key HEX")
    found = _of_archive(file, key, anchors) if file else _of_store(ask, anchors)
    if as_json:
        print_json(found)
    elif found["ok"]:
        say(f"{found['rows']} rows, all as they were written; last hash {found['hash']}")
        if discarded := found["discarded"]:
            say(_discarded(discarded))
        if file is not None and key is None:
            say(f"signed by the key {found['key']}: compare it with clockd ledger head at the terminal (or --key)")
    else:
        say(f"{'the ledger' if file is None else str(file)} was changed: {found['wrong']}", err=True)
    if not found["ok"]:
        raise click.exceptions.Exit(1)


def _discarded(many: Json) -> str:
    """Say how many bodies were discarded, and why."""
    assert isinstance(many, dict)
    counts = {because: int(str(count)) for because, count in many.items()}
    if "here" in counts:
        return f"{counts['here']} bodies of this part were discarded"
    told = ", ".join(f"by {because} {count}" for because, count in counts.items())
    return f"{sum(counts.values())} bodies were discarded ({told}); their hashes are as they were written"


def _of_store(ask: AskDaemon, anchors: tuple[Head, ...]) -> dict[str, Json]:
    sent: list[Json] = [f"{anchor.rows}:{anchor.hash}" for anchor in anchors]
    return object_of(ask({"cmd": "ledger.verify", "anchors": sent}))


def _of_archive(file: Path, key: str | None, anchors: tuple[Head, ...]) -> dict[str, Json]:
    members = inspection_file.read(file)
    wrong = inspection_file.what_is_wrong(members, None if key is None else key.strip().lower(), anchors)
    if wrong is not None:
        return {"ok": False, "wrong": wrong, "rows": None, "hash": None, "key": None, "discarded": {}}
    head = inspection_file.head_of(members)
    return {"ok": True, "wrong": None, "discarded": inspection_file.discarded_in(members), **_said(head)}


def _said(head: dict[str, Json]) -> dict[str, Json]:
    return {name: head[name] for name in ("rows", "hash", "key")}


@ledger.command(short_help="Show the last hash, signed by this terminal.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_store
def head(ask: AskDaemon, as_json: bool) -> None:
    """Show how long the ledger is and its last hash, with this terminal's signature: an anchor to note elsewhere.

    Written down on paper, it shows later whether the whole ledger was rewritten (clockd ledger verify --anchor).
    """
    found = object_of(ask({"cmd": "ledger.head"}))
    if as_json:
        print_json(found)
        return
    say(f"anchor     {found['rows']}:{found['hash']}")
    say(f"key        {found['key']}")
    say(f"signature  {found['signature']}")


@ledger.command(short_help="Write the record to a signed archive: all of it, or a part.")
@FROM_DAY
@TO_DAY
@click.option("--username", "-u", help="Only those of one employee, under every name that they had.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@asks_store
def export(ask: AskDaemon, file: Path, first: date | None, last: date | None, username: str | None) -> None:
    """Write the record to FILE, a ZIP for an inspection: tables, rows, their hashes and a signature.

    It says in plain words what is in it, and anybody can check it: clockd ledger verify --export FILE. The whole record
    proves by its hashes that nothing is missing; of a part the terminal says so, and signs what it says.
    """
    if first is not None and last is not None and last < first:
        raise UsageError("--to is before --from", hint="exchange them, or leave --to away")
    choice = ExtractChoice(username, first, last)
    for _ in range(EXPORT_TRIES):
        found, rows = _part(ask, choice)
        if inspection_file.is_of_one_moment(rows, found):
            break
    try:
        inspection_file.write(file, found, rows)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from error
    say(f"{file}: {len(rows)} rows, signed by the key {found['key']}")


def _part(ask: AskDaemon, choice: ExtractChoice) -> tuple[dict[str, Json], Sequence[RawRow]]:
    """Return the signed head of the ledger, or of a part of it, and the rows.

    Raises:
        Refused: there are none.
    """
    is_whole = choice == ExtractChoice(None, None, None)
    days = {
        name: None if day is None else day.isoformat() for name, day in (("first", choice.first), ("last", choice.last))
    }
    part: dict[str, Json] = {"cmd": "ledger.extract", "username": choice.username, **days}
    found = object_of(ask({"cmd": "ledger.head"} if is_whole else part))
    rows = _rows(ask, int(str(found["rows"])))
    if is_whole:
        return found, rows
    chosen = extracted(choice, ZoneInfo(str(found["zone"])), lambda: rows)
    if not chosen:
        raise Refused("the ledger holds nothing of this", hint="clockd people list shows who is known")
    return found, chosen


EXPORT_TRIES = 3
"""How often the ledger is read where bodies are discarded meanwhile; one that is damaged is written as it is."""


def _rows(ask: AskDaemon, count: int) -> Sequence[RawRow]:
    found: list[RawRow] = []
    cursor: Json = 1
    while cursor is not None and len(found) < count:
        page = object_of(ask({"cmd": "ledger.rows", "cursor": cursor}))
        listed = page["rows"]
        assert isinstance(listed, list)
        found += [row for row in listed if isinstance(row, list)]
        cursor = page["next"]
    return found[:count]
