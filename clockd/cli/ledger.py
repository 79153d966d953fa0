"""`clockd ledger verify`."""

import click

from clockd.cli.asking import AskDaemon, asks_store, object_of, print_json
from clockd.cli.saying import say


@click.group()
def ledger() -> None:
    """Check the ledger: all that was ever recorded."""


@ledger.command(short_help="Check that nothing in the ledger was changed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_store
def verify(ask: AskDaemon, as_json: bool) -> None:
    """Check that no row of the ledger was changed, removed or moved. Exit code 1 when one was."""
    found = object_of(ask({"cmd": "ledger.verify"}))
    if as_json:
        print_json(found)
    elif found["ok"]:
        say(f"{found['rows']} rows, all as they were written; last hash {found['hash']}")
    else:
        say(f"the ledger was changed: {found['wrong']}", err=True)
    if not found["ok"]:
        raise click.exceptions.Exit(1)
