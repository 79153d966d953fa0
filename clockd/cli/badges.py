"""`clockd badges …`: who a badge belongs to."""

import csv
import getpass
import sys
from pathlib import Path

import click

from clockd.cli.asking import Ask, asks_daemon, asks_store, print_columns, print_json, record, rows
from clockd.core.model import BadUid, Uid
from clockd.core.wire import Json
from clockd.errors import Refused, UsageError

COLUMNS = ["uid", "username", "name"]


@click.group()
def badges() -> None:
    """List, add, remove, enrol, import and export badges."""


@badges.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@asks_store
def list_(ask: Ask, as_json: bool) -> None:
    """List the badges. Identifiers are not stored, so only their last digits can be shown."""
    found = rows(ask({"cmd": "badges"}))
    if as_json:
        print_json(list[Json](found))
        return
    if not found:
        click.echo("no badges; clockd badges add, or clockd badges import FILE.csv")
        return
    keys = ("username", "name", "tail", "fingerprint", "added_at")
    titles = ("username", "name", "badge", "fingerprint", "since")
    print_columns(titles, [[str(badge[key]) for key in keys] for badge in found])


@badges.command()
@click.option(
    "--uid", required=True, metavar="HEX", help="The badge's whole identifier; - reads it from standard input."
)
@click.option("--username", "-u", required=True, metavar="U", help="As the tracker knows the employee.")
@click.option("--name", default="", metavar="TEXT", help="What the panel shows; else the username.")
@asks_store
def add(ask: Ask, uid: str, username: str, name: str) -> None:
    """Give a badge to an employee. Punches it made while it was nobody's are given along."""
    text = sys.stdin.readline() if uid == "-" else uid
    _say_added(_add(ask, text, username, name))


@badges.command()
@click.option("--username", "-u", required=True, metavar="U", help="As the tracker knows the employee.")
@click.option("--name", default="", metavar="TEXT", help="What the panel shows; else the username.")
@click.option("--timeout", type=click.IntRange(1, 30), default=30, show_default=True, help="Seconds to wait.")
@asks_daemon
def enrol(ask: Ask, username: str, name: str, timeout: int) -> None:
    """Give the next badge that is tapped to an employee."""
    click.echo(f"Tap the badge for {name or username} now …")
    sent: dict[str, Json] = {
        "cmd": "badges.enrol",
        "username": username,
        "name": name,
        "timeout_s": timeout,
        "by": getpass.getuser(),
    }
    _say_added(record(ask(sent)))


@badges.command()
@click.option("--uid", metavar="HEX", help="The badge's whole identifier; - reads it from standard input.")
@click.option("--fingerprint", metavar="HEX", help="Or the fingerprint that the list shows.")
@asks_store
def remove(ask: Ask, uid: str | None, fingerprint: str | None) -> None:
    """Take a badge away (lost, or the employee left). Its punches stay."""
    if (uid is None) == (fingerprint is None):
        raise UsageError("name the badge by --uid or by --fingerprint")
    text = sys.stdin.readline() if uid == "-" else uid
    ask({"cmd": "badges.remove", "uid": text, "fingerprint": fingerprint})
    click.echo("removed")


@badges.command("import")
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@asks_store
def import_(ask: Ask, file: Path) -> None:
    """Add all badges of a CSV file with the columns uid, username and name. All lines are checked before the first."""
    wanted = _read(file)
    taken = 0
    for uid, username, name in wanted:
        taken += _add(ask, uid, username, name)["taken_from"] is not None
    changed = f", {taken} of them belonged to somebody else before" if taken else ""
    click.echo(f"{len(wanted)} badges{changed}")


@badges.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@asks_store
def export(ask: Ask, file: Path) -> None:
    """Write the list to a CSV file: last digits and fingerprints, since identifiers are not stored."""
    found = rows(ask({"cmd": "badges"}))
    columns = ["username", "name", "tail", "fingerprint", "added_at"]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([[badge[column] for column in columns] for badge in found])
    click.echo(f"{len(found)} badges in {file}")


def _add(ask: Ask, uid: str, username: str, name: str) -> dict[str, Json]:
    by = getpass.getuser()
    return record(ask({"cmd": "badges.add", "uid": uid, "username": username, "name": name, "by": by}))


def _say_added(added: dict[str, Json]) -> None:
    click.echo(f"badge …{added['tail']} belongs to {added['name']} ({added['username']})")
    if added["taken_from"]:
        click.echo(f"before, it belonged to {added['taken_from']}; the punches made then stay theirs")
    if added["punches_given"]:
        click.echo(f"punches of this badge that are sent now: {added['punches_given']}")
    if added["punches_left_held"]:
        left = added["punches_left_held"]
        click.echo(f"punches of this badge that need your decision: {left} (clockd punches --state held)")


def _read(file: Path) -> list[tuple[str, str, str]]:
    """Read and check a whole badge file.

    Raises:
        Refused: with every bad line, its number and reason; nothing was imported.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{file} is not UTF-8", hint="save it as CSV UTF-8") from None
    dialect = "excel" if text.split("\n", 1)[0].count(",") else "excel-semicolon"
    csv.register_dialect("excel-semicolon", csv.excel, delimiter=";")
    lines = list(csv.DictReader(text.splitlines(), dialect=dialect))
    if not lines or not {"uid", "username"} <= {(k or "").strip().lower() for k in lines[0]}:
        raise Refused(f"{file} has no columns {', '.join(COLUMNS)}", hint="its first line: uid,username,name")
    wanted, wrong, seen = list[tuple[str, str, str]](), list[str](), dict[str, int]()
    for number, line in enumerate(lines, start=2):
        cells = {(k or "").strip().lower(): (v or "").strip() for k, v in line.items() if isinstance(v, str)}
        try:
            uid = Uid.parse(cells.get("uid", ""))
        except BadUid as error:
            wrong.append(f"line {number}: uid is {error}")
            continue
        if uid.is_random:
            wrong.append(f"line {number}: uid is random (it begins with 08): another one at each tap")
        elif not cells.get("username"):
            wrong.append(f"line {number}: no username")
        elif uid.hex in seen:
            wrong.append(f"line {number}: the same badge as line {seen[uid.hex]}")
        seen.setdefault(uid.hex, number)
        wanted.append((uid.hex, cells.get("username", ""), cells.get("name", "")))
    if wrong:
        raise Refused(f"{file}: nothing was imported\n  " + "\n  ".join(wrong[:20]), hint="correct these lines")
    return wanted
