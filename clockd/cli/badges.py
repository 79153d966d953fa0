"""`clockd badges …`: who a badge belongs to."""

import csv
import getpass
import io
import re
import sys
from itertools import zip_longest
from pathlib import Path

import click

from clockd.cli.asking import (
    ANY_FILE,
    AskDaemon,
    asks_daemon,
    asks_store,
    object_of,
    print_columns,
    print_json,
    rows,
    write_csv,
    writing,
)
from clockd.core.model import BadUid, Uid
from clockd.core.wire import Json
from clockd.errors import Refused, UsageError
from clockd.store.badges import spelt_twice

MOST_SHOWN = 20
"""Bad lines of a file that are listed."""
TWICE = (
    "{} are one person to the tracker and two here, each with badges and punches of their own: while they are out, "
    "add the badges of one again with the username of the other"
)


@click.group()
def badges() -> None:
    """List, add, remove, enrol, import and export badges."""


@badges.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@asks_store
def list_(ask: AskDaemon, as_json: bool) -> None:
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
    for names in spelt_twice(str(badge["username"]) for badge in found):
        click.echo(f"clockd: {TWICE.format(' and '.join(names))}", err=True)


@badges.command()
@click.option(
    "--uid", required=True, metavar="HEX", help="The badge's whole identifier; - reads it from standard input."
)
@click.option("--username", "-u", required=True, metavar="U", help="As the tracker knows the employee.")
@click.option("--name", default="", metavar="TEXT", help="What the panel shows; else the username.")
@asks_store
def add(ask: AskDaemon, uid: str, username: str, name: str) -> None:
    """Give a badge to an employee. Punches it made while it was nobody's are given along."""
    text = sys.stdin.readline() if uid == "-" else uid
    by = getpass.getuser()
    _say_added(object_of(ask({"cmd": "badges.add", "uid": text, "username": username, "name": name, "by": by})))


@badges.command()
@click.option("--username", "-u", required=True, metavar="U", help="As the tracker knows the employee.")
@click.option("--name", default="", metavar="TEXT", help="What the panel shows; else the username.")
@click.option("--timeout", type=click.IntRange(1, 30), default=30, show_default=True, help="Seconds to wait.")
@asks_daemon
def enrol(ask: AskDaemon, username: str, name: str, timeout: int) -> None:
    """Give the next new badge to an employee.

    A badge that has an owner is left as it is: it clocks them in.
    """
    click.echo(f"Tap the badge for {name or username} now …")
    sent: dict[str, Json] = {
        "cmd": "badges.enrol",
        "username": username,
        "name": name,
        "timeout_s": timeout,
        "by": getpass.getuser(),
    }
    _say_added(object_of(ask(sent)))


@badges.command()
@click.option("--uid", metavar="HEX", help="The badge's whole identifier; - reads it from standard input.")
@click.option("--fingerprint", metavar="HEX", help="Or the fingerprint that the list shows.")
@asks_store
def remove(ask: AskDaemon, uid: str | None, fingerprint: str | None) -> None:
    """Take a badge away (lost, or the employee left). Its punches stay."""
    if (uid is None) == (fingerprint is None):
        raise UsageError("name the badge by --uid or by --fingerprint")
    text = sys.stdin.readline() if uid == "-" else uid
    ask({"cmd": "badges.remove", "uid": text, "fingerprint": fingerprint})
    click.echo("removed")


@badges.command("import", short_help="Add all badges of a CSV file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@asks_store
def import_(ask: AskDaemon, file: Path) -> None:
    """Add all badges of a CSV file, or none of them when a line is wrong.

    Its columns are uid, username and name (which may be empty), separated by commas or semicolons; its first line
    names them. A badge that somebody has already goes to the new employee.
    """
    wanted = _read(file)
    sent: list[Json] = [{"uid": uid, "username": username, "name": name} for uid, username, name in wanted]
    added = rows(ask({"cmd": "badges.import", "badges": sent, "by": getpass.getuser()}))
    click.echo(f"{len(added)} badge{'' if len(added) == 1 else 's'} imported")
    for badge in added:
        if _has_news(badge):
            _say_added(badge)


@badges.command(short_help="Write the list to a CSV file.")
@click.argument("file", type=ANY_FILE)
@asks_store
def export(ask: AskDaemon, file: Path) -> None:
    """Write the list to a CSV file (- is standard output): last digits and fingerprints.

    Identifiers are not stored, so the file is no backup that could be imported: keep the file you imported.
    """
    found = rows(ask({"cmd": "badges"}))
    columns = ["username", "name", "tail", "fingerprint", "added_at"]
    with writing(file) as out:
        write_csv(out, columns, ([badge[column] for column in columns] for badge in found))
    click.echo(f"{len(found)} badges in {file}", err=str(file) == "-")


def _has_news(added: dict[str, Json]) -> bool:
    return bool(added["given_as"] or added["taken_from"] or added["punches_given"] or added["punches_left_held"])


def _say_added(added: dict[str, Json]) -> None:
    click.echo(f"badge …{added['tail']} belongs to {added['name']} ({added['username']})")
    if added["given_as"]:
        click.echo(f"{added['given_as']} is the same person, who is known here as {added['username']}")
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
        UsageError: it is no such file.
        Refused: with every bad line, its number, the reason and a suggestion; nothing was imported.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8", hint="save it as “CSV UTF-8”") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise UsageError(f"{file}, line {reader.line_num}: {error}", hint="save it as CSV") from None
    titles = [title.lower() for title in lines[0][1]] if lines else []
    if not {"uid", "username"} <= set(titles):
        raise UsageError(
            f"{file} does not begin with the names of its columns", hint="its first line: uid,username,name"
        )
    wanted, wrong, seen = list[tuple[str, str, str]](), list[str](), dict[str, int]()
    for number, cells in lines[1:]:
        badge = dict(zip_longest(titles, cells[: len(titles)], fillvalue=""))
        try:
            if len(cells) > len(titles):
                raise _BadLine(
                    f"{len(cells)} cells, but {len(titles)} columns", "put quotes around a name with a comma"
                )
            uid = _uid(badge["uid"], seen)
            if not badge["username"]:
                raise _BadLine("no username", "write it as the tracker knows the employee")
            seen[uid] = number
            wanted.append((uid, badge["username"], badge.get("name", "")))
        except _BadLine as error:
            wrong.append(f"line {number}: {error.why}; {error.suggestion}")
    if wrong:
        more = [f"and {len(wrong) - MOST_SHOWN} lines more"] if len(wrong) > MOST_SHOWN else []
        listed = "\n  ".join([*wrong[:MOST_SHOWN], *more])
        raise Refused(f"{file}: nothing was imported\n  {listed}", hint="correct these lines and import it again")
    if not wanted:
        raise UsageError(f"{file} holds no badges", hint="below its first line, one line for each badge")
    return wanted


class _BadLine(Exception):
    """A line that cannot be imported. Neither text repeats the badge's identifier."""

    def __init__(self, why: str, suggestion: str) -> None:
        super().__init__(why)
        self.why = why
        self.suggestion = suggestion


def _delimiter(text: str) -> str:
    first = text.lstrip().split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _uid(text: str, seen: dict[str, int]) -> str:
    """Read the identifier of a line; `seen` says on which line each one stood before."""
    if not text:
        raise _BadLine("no uid", "write the badge's whole identifier, or leave the line out")
    try:
        uid = Uid.parse(text)
    except BadUid as error:
        raise _BadLine(f"uid is {error}", _suggestion(text)) from None
    if uid.is_random:
        raise _BadLine("uid is random (it begins with 08): another one at each tap", "use a badge with a fixed one")
    if uid.hex in seen:
        raise _BadLine(f"the same badge as line {seen[uid.hex]}", "leave one of them out")
    return uid.hex


def _suggestion(text: str) -> str:
    if re.fullmatch(r"\d+([.,]\d+)?[eE]\+?\d+", text):
        return "a spreadsheet made a number of it: format the column as text and enter it again"
    if re.fullmatch(r"[0-9A-Fa-f]+", text) and len(text) % 2:
        return "a digit is missing: a spreadsheet drops leading zeros, format the column as text"
    return "write it as 04A2B3C4D5E6F7 or 04:A2:B3:C4"
