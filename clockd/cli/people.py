"""`clockd people …`: the employees, by their usernames at the tracker."""

import sys
from collections.abc import Iterator

import click

from clockd.cli.asking import AskDaemon, asks_store, claimed_name, minutes, object_of, print_json, rows
from clockd.cli.completing import known_usernames
from clockd.cli.saying import say, say_columns
from clockd.core.erasure import LAWS
from clockd.core.json import Json
from clockd.errors import Refused


@click.group()
def people() -> None:
    """Employees: who is known here, a new username, and erasing what is kept of one."""


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


@people.command(short_help="Erase an employee's data, and say what is left of it where.")
@click.argument("username", metavar="USERNAME", shell_complete=known_usernames)
@click.option("--why", required=True, help="For the ledger; without the name.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--copies", is_flag=True, help="Delete clockd's own copies of databases that name them as well.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@asks_store
def erase(ask: AskDaemon, username: str, why: str, yes: bool, copies: bool, as_json: bool) -> None:
    """Erase all that is kept of USERNAME here: punches, corrections, badges, and what the ledger says of them.

    The ledger keeps when there was a punch, and hashes; it says that an erasure was made, by whom and why. First give
    them what is theirs: clockd ledger export -u USERNAME FILE. They must have no badge, nothing that waits, and be out.
    Exit code 1 when something still names them; what and where is shown. Again with --copies, or for a name that is
    gone, it looks through all files once more.
    """
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise Refused("nothing was erased", hint="--yes erases without asking")
        for line in _laws():
            say(line, err=True)
        if str(click.prompt("Type the username again", err=True)).strip() != username:
            raise Refused("this is another name; nothing was erased")
    sent: dict[str, Json] = {"cmd": "people.erase", "username": username, "why": why, "copies": copies}
    done = object_of(ask({**sent, "by": claimed_name()}))
    while done["stage"] == "at work":
        done = object_of(ask({"cmd": "people.erasure"}))
    report = object_of(done["report"])
    if done["stage"] != "done":
        raise Refused(str(report["because"]), hint="it goes on by itself when that has ended")
    if as_json:
        print_json(report)
    else:
        _say_report(report)
    if report["files"] or report["tables"] or report["unread"] or not report["rewritten"]:
        raise click.exceptions.Exit(1)


def _laws() -> Iterator[str]:
    yield "Laws ask for records of working time to be kept; clockd does not know which of them holds for you:"
    for law in LAWS:
        years = "no number of years is named" if law.years is None else f"{law.years} years"
        yield f"  {law.country}  {law.law}: {years}"
    yield "Give them what is theirs first: clockd ledger export -u USERNAME FILE"


def _say_report(report: dict[str, Json]) -> None:
    if report["punches"] or report["bodies"]:
        say(f"{report['punches']} punches and {report['bodies']} rows of the ledger were erased")
    else:
        say("nobody here has this username, so nothing was erased; all files were looked through for it")
    say(str(report["rewritten_because"]))
    for name in texts_of(report["deleted"]):
        say(f"{name} was deleted")
    for table in rows(report["tables"]):
        shown = ", ".join(texts_of(table["rows"]))
        say(f"still named in {table['table']}: {table['count']} rows of others' record ({shown})")
    for file in rows(report["files"]):
        say(f"still named in {file['file']}, {file['times']} times: {file['what']}")
    for unread in rows(report["unread"]):
        say(f"not looked through: {unread['file']}: {unread['why']}")
    say("not looked through: what is not on this disk: backups elsewhere, the system's log, the tracker, printed pages")


def texts_of(value: Json) -> list[str]:
    """Return a list of texts."""
    assert isinstance(value, list)
    return [str(each) for each in value]


def _line(person: dict[str, Json]) -> list[str]:
    return [str(person[key]) for key in ("username", "name", "badges", "held")] + [minutes(person["last_local"])]
