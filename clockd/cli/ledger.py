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
        if file is not None and key is None:
            say(f"signed by the key {found['key']}: compare it with clockd ledger head at the terminal (or --key)")
    else:
        say(f"{'the ledger' if file is None else str(file)} was changed: {found['wrong']}", err=True)
    if not found["ok"]:
        raise click.exceptions.Exit(1)


def _of_store(ask: AskDaemon, anchors: tuple[Head, ...]) -> dict[str, Json]:
    sent: list[Json] = [f"{anchor.rows}:{anchor.hash}" for anchor in anchors]
    return object_of(ask({"cmd": "ledger.verify", "anchors": sent}))


def _of_archive(file: Path, key: str | None, anchors: tuple[Head, ...]) -> dict[str, Json]:
    members = inspection_file.read(file)
    wrong = inspection_file.what_is_wrong(members, None if key is None else key.strip().lower(), anchors)
    if wrong is not None:
        return {"ok": False, "wrong": wrong, "rows": None, "hash": None, "key": None}
    head = inspection_file.head_of(members)
    return {"ok": True, "wrong": None, "rows": head["rows"], "hash": head["hash"], "key": head["key"]}


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
    is_whole = choice == ExtractChoice(None, None, None)
    days = {"first": None if first is None else first.isoformat(), "last": None if last is None else last.isoformat()}
    part: dict[str, Json] = {"cmd": "ledger.extract", "username": username, **days}
    found = object_of(ask({"cmd": "ledger.head"} if is_whole else part))
    rows = every = _rows(ask, int(str(found["rows"])))
    if not is_whole:
        rows = extracted(choice, ZoneInfo(str(found["zone"])), lambda: every)
        if not rows:
            raise Refused("the ledger holds nothing of this", hint="clockd people list shows who is known")
    try:
        inspection_file.write(file, found, rows)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}") from error
    say(f"{file}: {len(rows)} rows, signed by the key {found['key']}")


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
