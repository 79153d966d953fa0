"""`clockd people …`: the employees, by their usernames at the tracker."""

import click

from clockd.cli.asking import AskDaemon, asks_store, claimed_name, minutes, object_of, print_json, rows
from clockd.cli.completing import known_usernames
from clockd.cli.saying import say, say_columns
from clockd.core.json import Json


@click.group()
def people() -> None:
    """Employees: who is known here, and a new username."""


@people.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@asks_store
def list_(ask: AskDaemon, as_json: bool) -> None:
    """List everybody who has a badge or ever punched."""
    found = rows(ask({"cmd": "people"}))
    if as_json:
        print_json(list[Json](found))
        return
    if not found:
        say("nobody; clockd badges enrol at the door, or clockd badges import FILE.csv")
        return
    titles = ("username", "name", "badges", "held", "last punch")
    say_columns(titles, [_line(person) for person in found])


@people.command(short_help="Follow a new username at the tracker.")
@click.argument("old", metavar="OLD", shell_complete=known_usernames)
@click.argument("new", metavar="NEW")
@click.option("--merge", is_flag=True, help="NEW is known here already, and is the same person.")
@asks_store
def rename(ask: AskDaemon, old: str, new: str, merge: bool) -> None:
    """Let badges and punches of OLD be those of NEW, when the tracker renamed the employee.

    What was held since the tracker did not know the old name is sent. The ledger keeps the old name where it was
    recorded.
    """
    sent: dict[str, Json] = {"cmd": "people.rename", "old": old, "new": new, "merge": merge, "by": claimed_name()}
    done = object_of(ask(sent))
    if done.get("asked"):
        say(f"{old} is asked first, since corrections need a yes here: clockd corrections --waiting")
        return
    say(f"{old} is {done['username']} now: {done['badges']} badges, {done['punches']} punches")
    if done["released"]:
        say(f"punches that were held and are sent now: {done['released']}")


def _line(person: dict[str, Json]) -> list[str]:
    return [str(person[key]) for key in ("username", "name", "badges", "held")] + [minutes(person["last_local"])]
