"""`clockd badges …`: who a badge belongs to."""

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from clockd.cli.asking import (
    ANY_FILE,
    AskDaemon,
    asks_daemon,
    asks_store,
    claimed_name,
    minutes,
    object_of,
    print_columns,
    print_json,
    rows,
    write_csv,
    writing,
)
from clockd.cli.saying import say
from clockd.core.badge_file import BadgeLine, NoBadgeFile, read_badge_file
from clockd.core.wire import Json
from clockd.errors import Refused, TrackerUnreachable, UsageError
from clockd.store.badges import spelt_twice

MOST_SHOWN = 20
"""Bad lines of a file that are listed."""
TWICE = (
    "{} are one person to the tracker and two here, each with badges and punches of their own: while they are out, "
    "clockd people rename ONE OTHER --merge puts them together"
)


@click.group()
def badges() -> None:
    """Badges: who carries which, and whose an unknown one is."""


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
        say("no badges; clockd badges enrol at the door, or clockd badges import FILE.csv")
        return
    keys = ("username", "name", "tail", "fingerprint")
    titles = ("username", "name", "badge", "fingerprint", "since")
    print_columns(titles, [[*(str(badge[key]) for key in keys), minutes(badge["added_local"])] for badge in found])
    for names in spelt_twice(str(badge["username"]) for badge in found):
        say(f"clockd: {TWICE.format(' and '.join(names))}", err=True)


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
    by = claimed_name()
    added = object_of(ask({"cmd": "badges.add", "uid": text, "username": username, "name": name, "by": by}))
    _say_added(added)
    _warn_unknown(ask, [added["username"]])


@badges.command()
@click.option("--username", "-u", required=True, metavar="U", help="As the tracker knows the employee.")
@click.option("--name", default="", metavar="TEXT", help="What the panel shows; else the username.")
@click.option("--timeout", type=click.IntRange(1, 30), default=30, show_default=True, help="Seconds to wait.")
@asks_daemon
def enrol(ask: AskDaemon, username: str, name: str, timeout: int) -> None:
    """Give the next new badge to an employee.

    A badge that has an owner is left as it is: it clocks them in.
    """
    say(f"Tap the badge for {name or username} now …")
    sent: dict[str, Json] = {
        "cmd": "badges.enrol",
        "username": username,
        "name": name,
        "timeout_s": timeout,
        "by": claimed_name(),
    }
    added = object_of(ask(sent))
    _say_added(added)
    _warn_unknown(ask, [added["username"]])


@badges.command(short_help="Give the badge that made a punch to an employee.")
@click.argument("punch_id", metavar="PUNCH-ID")
@click.option("--username", "-u", required=True, metavar="U", help="As the tracker knows the employee.")
@click.option("--name", default="", metavar="TEXT", help="What the panel shows; else the username.")
@asks_store
def assign(ask: AskDaemon, punch_id: str, username: str, name: str) -> None:
    """Give the badge that made this punch to an employee, with all punches it made while it was nobody's.

    Nobody needs to know its identifier. The tap of a phone or bank card is given alone: the next time it shows another
    identifier, so that it cannot be enrolled.
    """
    sent: dict[str, Json] = {"cmd": "badges.assign", "id": punch_id, "username": username, "name": name}
    given = object_of(ask({**sent, "by": claimed_name()}))
    if given["tail"] is not None:
        _say_added(given)
    else:
        say(f"the tap belongs to {given['username']}; the card shows another identifier each time and is not enrolled")
        _say_what_came_along(given)
    _warn_unknown(ask, [given["username"]])


@badges.command(short_help="Say that the card that made a punch is nobody's.")
@click.argument("punch_id", metavar="PUNCH-ID")
@click.option("--undo", is_flag=True, help="It may be somebody's after all: its next taps are held again.")
@click.option("--why", default="", help="Kept in the ledger.")
@asks_store
def ignore(ask: AskDaemon, punch_id: str, undo: bool, why: str) -> None:
    """Say that the card that made this punch is nobody's here.

    Its taps are recorded as a stranger's from then on, and wait for no person. `badges assign` and `badges add` give
    the card, with all its taps, to an employee all the same.
    """
    sent: dict[str, Json] = {"cmd": "badges.ignore", "id": punch_id, "undo": undo, "why": why, "by": claimed_name()}
    done = object_of(ask(sent))
    if undo:
        say(f"taps of the card …{done['tail']} are held again")
        return
    say(f"the card …{done['tail']} is a stranger's; taps that wait for nobody now: {done['punches']}")


@badges.command()
@click.option("--uid", metavar="HEX", help="The badge's whole identifier; - reads it from standard input.")
@click.option("--fingerprint", metavar="HEX", help="Or the fingerprint that the list shows.")
@asks_store
def remove(ask: AskDaemon, uid: str | None, fingerprint: str | None) -> None:
    """Take a badge away (lost, or the employee left). Its punches stay."""
    if (uid is None) == (fingerprint is None):
        raise UsageError("name the badge by --uid or by --fingerprint")
    text = sys.stdin.readline() if uid == "-" else uid
    ask({"cmd": "badges.remove", "uid": text, "fingerprint": fingerprint, "by": claimed_name()})
    say("removed")


@badges.command("import", short_help="Add all badges of a CSV file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@asks_store
def import_(ask: AskDaemon, file: Path) -> None:
    """Add all badges of a CSV file, or none of them when a line is wrong.

    Its columns are uid, username and name (which may be empty), separated by commas or semicolons; its first line
    names them. A badge that somebody has already goes to the new employee.
    """
    wanted = _read(file)
    sent: list[Json] = [{"uid": line.uid, "username": line.username, "name": line.name} for line in wanted]
    added = rows(ask({"cmd": "badges.import", "badges": sent, "by": claimed_name()}))
    say(f"{len(added)} badge{'' if len(added) == 1 else 's'} imported")
    for badge in added:
        if _has_news(badge):
            _say_added(badge)
    _warn_unknown(ask, (badge["username"] for badge in added))


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
    say(f"{len(found)} badges in {file}", err=str(file) == "-")


def _has_news(added: dict[str, Json]) -> bool:
    return bool(added["given_as"] or added["taken_from"] or added["punches_given"] or added["punches_left_held"])


def _say_added(added: dict[str, Json]) -> None:
    say(f"badge …{added['tail']} belongs to {added['name']} ({added['username']})")
    _say_what_came_along(added)


def _warn_unknown(ask: AskDaemon, usernames: Iterable[Json]) -> None:
    """Say whom the tracker does not know, where it can tell; nothing where no daemon runs that could ask it."""
    wanted: list[Json] = [*dict.fromkeys(usernames)]
    try:
        answer = object_of(ask({"cmd": "people.known", "usernames": wanted}))
    except (UsageError, Refused, TrackerUnreachable):
        return
    unknown = [name for name, known in answer.items() if known is False]
    untold = [name for name, known in answer.items() if known is None]
    for name in unknown[:MOST_SHOWN]:
        say(f"clockd: the tracker does not know {name}: their punches will be held", err=True)
    if untold:
        names = ", ".join(untold[:MOST_SHOWN]) + (" and more" if len(untold) > MOST_SHOWN else "")
        say(f"clockd: whether the tracker knows {names} is not known", err=True)


def _say_what_came_along(added: dict[str, Json]) -> None:
    if added["given_as"]:
        say(f"{added['given_as']} is the same person, who is known here as {added['username']}")
    if added["taken_from"]:
        say(f"before, it belonged to {added['taken_from']}; the punches made then stay theirs")
    if added["punches_given"]:
        say(f"punches of this badge that are sent now: {added['punches_given']}")
    if added["punches_left_held"]:
        left = added["punches_left_held"]
        say(f"punches of this badge that need your decision: {left} (clockd punches --state held)")


def _read(file: Path) -> list[BadgeLine]:
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
    try:
        found = read_badge_file(text)
    except NoBadgeFile as error:
        raise UsageError(f"{file} {error.why}", hint=error.hint) from None
    told = [f"line {line.number}: {line.wrong}; {line.suggestion}" for line in found if line.wrong]
    if told:
        more = [f"and {len(told) - MOST_SHOWN} lines more"] if len(told) > MOST_SHOWN else []
        listed = [*told[:MOST_SHOWN], *more]
        hint = "correct these lines and import it again"
        raise Refused(f"{file}: nothing was imported", hint=hint, details=listed)
    return found
