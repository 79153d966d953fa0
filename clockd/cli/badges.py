"""`clockd badges …`: who a badge belongs to."""

import sys
from collections.abc import Iterable
from datetime import date
from functools import partial
from pathlib import Path

import click

from clockd.cli.asking import (
    ANY_FILE,
    AskDaemon,
    DayType,
    asks_daemon,
    asks_store,
    claimed_name,
    minutes,
    object_of,
    print_json,
    rows,
    write_csv,
    writing,
)
from clockd.cli.badge_numbers import NUMBER_FORMAT, meanings, notations_of, read_column, read_number
from clockd.cli.completing import known_punches, known_usernames
from clockd.cli.saying import say, say_columns
from clockd.core.badge_file import BadgeLine, NoBadgeFile, read_badge_file
from clockd.core.fingerprint_file import is_fingerprint_file, read_fingerprint_file
from clockd.core.json import Json
from clockd.core.model import Uid
from clockd.errors import Refused, TrackerUnreachable, UsageError

MOST_SHOWN = 20
"""Bad lines of a file that are listed."""
TWICE = (
    "{} are one person to the tracker and two here, each with badges and punches of their own: while they are out, "
    "clockd people rename ONE OTHER --merge puts them together"
)


EMPLOYEE_NAME = click.option(
    *("--username", "-u"),
    required=True,
    metavar="U",
    shell_complete=known_usernames,
    help="As the tracker knows the employee.",
)
NAME = click.option("--name", default="", metavar="TEXT", help="What the panel shows; else the username.")
WHY = click.option("--why", default="", metavar="TEXT", help="Kept in the ledger.")


@click.group()
def badges() -> None:
    """Badges: who carries which, and whose an unknown one is."""


@badges.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array.")
@asks_store
def list_(ask: AskDaemon, as_json: bool) -> None:
    """List the badges. Identifiers are not stored, so only their last digits can be shown."""
    from clockd.store.badges import spelt_twice

    found = rows(ask({"cmd": "badges"}))
    if as_json:
        print_json(list[Json](found))
        return
    if not found:
        say("no badges; clockd badges enrol at the door, or clockd badges import FILE.csv")
        return
    keys = ("username", "name", "tail", "fingerprint")
    titles = ("username", "name", "badge", "fingerprint", "since", "counts")
    lines = [[*(str(badge[key]) for key in keys), minutes(badge["added_local"]), _counts(badge)] for badge in found]
    dated = any(line[-1] for line in lines)
    say_columns(titles[: None if dated else -1], [line[: None if dated else -1] for line in lines])
    for names in spelt_twice(str(badge["username"]) for badge in found):
        say(f"clockd: {TWICE.format(' and '.join(names))}", err=True)


FROM = click.option("--from", "first", metavar="DAY", type=DayType(), help="It counts from this day on.")
UNTIL = click.option("--until", "last", metavar="DAY", type=DayType(), help="It counts until this day, included.")


@badges.command()
@click.option("--uid", metavar="NUMBER", help="The badge's number in any form; - reads it from standard input.")
@click.option(
    "--pin", is_flag=True, help="A PIN in the place of a badge: it is asked for, or read from standard input."
)
@click.option("--admin", is_flag=True, help="Let it give badges out at the door: keys IN OUT IN OUT, then this badge.")
@EMPLOYEE_NAME
@NAME
@WHY
@NUMBER_FORMAT
@FROM
@UNTIL
@asks_store
def add(
    ask: AskDaemon,
    uid: str | None,
    pin: bool,
    admin: bool,
    username: str,
    name: str,
    why: str,
    written: str | None,
    first: date | None,
    last: date | None,
) -> None:
    """Give a badge to an employee. Punches it made while it was nobody's are given along.

    A number that can be read in two ways is refused with both, until --format says which it is.
    """
    if (uid is None) == (not pin):
        raise UsageError("a badge by --uid, or a PIN by --pin", hint="clockd badges add --help")
    sent: dict[str, Json] = {"cmd": "badges.add", "username": username, "name": name, "why": why, "by": claimed_name()}
    if admin:
        sent["admin"] = True
    if uid is None:
        sent["pin"] = _asked_pin()
    else:
        sent["uid"] = read_number(sys.stdin.readline().strip() if uid == "-" else uid, written)
    added = object_of(ask({**sent, **_days(first, last)}))
    _say_added(added)
    _warn_unknown(ask, [added["username"]])


def _asked_pin() -> str:
    """Ask for a PIN twice without showing it; a script writes it into standard input once."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return str(click.prompt("PIN", hide_input=True, confirmation_prompt=True)).strip()


def _days(first: date | None, last: date | None) -> dict[str, Json]:
    days = {"from_day": first, "until_day": last}
    return {key: day.isoformat() for key, day in days.items() if day is not None}


@badges.command("decode", short_help="Show a badge's number in every form.")
@click.argument("text", metavar="NUMBER", required=False)
@click.option("--tap", is_flag=True, help="Of the next badge that is held to the reader, whoever's it is.")
@click.option("--timeout", type=click.IntRange(1, 30), default=30, show_default=True, help="Seconds to wait for it.")
@NUMBER_FORMAT
@click.option("--json", "as_json", is_flag=True, help="One JSON array, with one object for each badge it can be.")
@asks_daemon
def decode_(ask: AskDaemon, text: str | None, tap: bool, timeout: int, written: str | None, as_json: bool) -> None:
    """Show a badge's number in every form, to find the one that is printed on it.

    A number that can be read in several ways is shown in each of them. - reads it from standard input.
    A tap counts as every tap does.
    """
    if (text is None) == (not tap):
        raise UsageError("name a number, or --tap", hint="clockd badges decode --help")
    if text is None:
        say("Hold the badge to the reader now …", err=as_json)
        found = [Uid.parse(str(object_of(ask({"cmd": "badges.read", "timeout_s": timeout}))["uid"]))]
    else:
        found = meanings(sys.stdin.readline().strip() if text == "-" else text, written)
    if as_json:
        print_json(list[Json]({"uid": uid.hex, "notations": [*notations_of(uid)]} for uid in found))
        return
    for nth, uid in enumerate(found):
        if len(found) > 1:
            say(f"{'' if nth == 0 else chr(10)}Reading {nth + 1} of {len(found)}: badge {uid.hex}")
        if uid.is_random:
            say("it shows another number at each tap, so that it cannot be enrolled", err=True)
        lines = [[str(each[key]) for key in ("format", "number", "what")] for each in notations_of(uid)]
        say_columns(("format", "number", "where it is found"), lines)


@badges.command()
@EMPLOYEE_NAME
@NAME
@WHY
@click.option("--timeout", type=click.IntRange(1, 30), default=30, show_default=True, help="Seconds to wait.")
@asks_daemon
def enrol(ask: AskDaemon, username: str, name: str, why: str, timeout: int) -> None:
    """Give the next new badge to an employee.

    A badge that has an owner is left as it is: it clocks them in.
    """
    say(f"Tap the badge for {name or username} now …")
    sent: dict[str, Json] = {
        "cmd": "badges.enrol",
        "username": username,
        "name": name,
        "timeout_s": timeout,
        "why": why,
        "by": claimed_name(),
    }
    added = object_of(ask(sent))
    _say_added(added)
    _warn_unknown(ask, [added["username"]])


@badges.command(short_help="Give the badge that made a punch to an employee.")
@click.argument("punch_id", metavar="PUNCH-ID", shell_complete=known_punches)
@EMPLOYEE_NAME
@NAME
@WHY
@asks_store
def assign(ask: AskDaemon, punch_id: str, username: str, name: str, why: str) -> None:
    """Give the badge that made this punch to an employee, with all punches it made while it was nobody's.

    Nobody needs to know its identifier. The tap of a phone or bank card is given alone: the next time it shows another
    identifier, so that it cannot be enrolled.
    """
    sent: dict[str, Json] = {"cmd": "badges.assign", "id": punch_id, "username": username, "name": name, "why": why}
    given = object_of(ask({**sent, "by": claimed_name()}))
    if given["tail"] is not None:
        _say_added(given)
    else:
        say(f"the tap belongs to {given['username']}; the card shows another identifier each time and is not enrolled")
        _say_what_came_along(given)
    _warn_unknown(ask, [given["username"]])


@badges.command(short_help="Say that the card that made a punch is nobody's.")
@click.argument("punch_id", metavar="PUNCH-ID", shell_complete=known_punches)
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
@click.option("--uid", metavar="NUMBER", help="The badge's number in any form; - reads it from standard input.")
@click.option("--fingerprint", metavar="HEX", help="Or the fingerprint that the list shows.")
@NUMBER_FORMAT
@WHY
@asks_store
def remove(ask: AskDaemon, uid: str | None, fingerprint: str | None, written: str | None, why: str) -> None:
    """Take a badge away (lost, or the employee left). Its punches stay."""
    if (uid is None) == (fingerprint is None):
        raise UsageError("name the badge by --uid or by --fingerprint", hint="clockd badges list shows them")
    text = sys.stdin.readline().strip() if uid == "-" else uid
    text = None if text is None else read_number(text, written)
    sent: dict[str, Json] = {"uid": text, "fingerprint": fingerprint, "why": why, "by": claimed_name()}
    done = object_of(ask({"cmd": "badges.remove", **sent}))
    say(f"removed: the badge …{done['tail']} of {done['username']}")


@badges.command("import", short_help="Add all badges of a CSV file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@NUMBER_FORMAT
@WHY
@asks_store
def import_(ask: AskDaemon, file: Path, written: str | None, why: str) -> None:
    """Add all badges of a CSV file, or none of them when a line is wrong.

    Its columns are uid, username, name, from and until (of which the last three may be empty or missing), separated by
    commas or semicolons; its first line names them. A badge that somebody has already goes to the new employee. Numbers
    that can be read in two ways are refused with both, until --format says how they are written.

    A list of fingerprints, as deploy/provision makes it, is taken as well.
    """
    text = _text_of(file)
    more: dict[str, Json] = {}
    if is_fingerprint_file(text):
        try:
            sealed, more["pepper"] = read_fingerprint_file(text)
        except NoBadgeFile as error:
            raise UsageError(f"{file} {error.why}", hint=error.hint) from None
        sent: list[Json] = [badge.document for badge in sealed]
    else:
        sent = [line.document for line in _read(file, text, written)]
    added = rows(ask({"cmd": "badges.import", "badges": sent, "why": why, "by": claimed_name(), **more}))
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


def _counts(badge: dict[str, Json]) -> str:
    """Say from when until when a badge counts, and whether it is an admin's; nothing where it is like most."""
    words = [f"{word} {badge[key]}" for word, key in (("from", "from_day"), ("until", "until_day")) if badge.get(key)]
    return " ".join([*words, "admin"] if badge.get("admin") else words)


def _has_news(added: dict[str, Json]) -> bool:
    return bool(added["given_as"] or added["taken_from"] or any(added[key] for key in _ALONG))


_ALONG = ("punches_given", "punches_asked", "punches_left_held")
"""What becomes of the punches that a badge made while it was nobody's."""


def _say_added(added: dict[str, Json]) -> None:
    what = "the PIN" if added["tail"] == "PIN" else f"badge …{added['tail']}"
    counts = f", {_counts(added)}" if _counts(added) else ""
    say(f"{what} belongs to {added['name']} ({added['username']}){counts}")
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
    if added["punches_asked"]:
        say(f"punches of this badge that wait for a yes of {added['username']}: {added['punches_asked']}")
    if added["punches_left_held"]:
        left = added["punches_left_held"]
        say(f"punches of this badge that need your decision: {left} (clockd punches --state held)")


def _text_of(file: Path) -> str:
    """Read a badge file as text.

    Raises:
        UsageError: it cannot be read, or is no text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8", hint="save it as “CSV UTF-8”") from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="is the name right? ls shows them") from None


def read_numbers(file: Path, written: str | None) -> list[BadgeLine]:
    """Read and check a whole badge file, as `clockd badges import` does.

    Raises:
        UsageError: it is no such file; or its numbers can be read in two ways.
        Refused: with every bad line, its number, the reason and a suggestion.
    """
    return _read(file, _text_of(file), written)


def _read(file: Path, text: str, written: str | None) -> list[BadgeLine]:
    try:
        found = read_badge_file(text, partial(read_column, written=written))
    except NoBadgeFile as error:
        raise UsageError(f"{file} {error.why}", hint=error.hint) from None
    told = [f"line {line.number}: {line.wrong}; {line.suggestion}" for line in found if line.wrong]
    if told:
        more = [f"and {len(told) - MOST_SHOWN} lines more"] if len(told) > MOST_SHOWN else []
        listed = [*told[:MOST_SHOWN], *more]
        hint = "correct these lines and import it again"
        raise Refused(f"{file}: nothing was imported", hint=hint, details=listed)
    return found
