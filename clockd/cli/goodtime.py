"""`clockd goodtime …`: Goodtime's whole API by hand, through the daemon's own login and request budget."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NoReturn

import click
import msgspec

from clockd.cli.asking import AskDaemon, asks_daemon, newest_punches, object_of
from clockd.cli.link import AS_JSON, TrackerLink, builtins_of, check_words, say_done, show_rows
from clockd.cli.saying import say
from clockd.core import wire
from clockd.core.json import Json
from clockd.core.pieces import whole
from clockd.errors import ClockdError, Refused, TrackerUnreachable, UsageError
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, calls
from clockd.trackers.goodtime.wire.calls import Named

BACK = timedelta(days=31)
"""How far back an entry is looked for, when nobody says when it was."""
MOST_ASKED_PUNCHES = 5000


class GoodtimeLink(TrackerLink):
    """Goodtime, as a command sees it."""

    def __init__(self, ask: AskDaemon) -> None:
        super().__init__(ask, "goodtime", "Goodtime")

    def punched(self, entry_id: str) -> tuple[str, datetime] | None:
        """Whose entry this is and when, as far as this terminal made it; the newest entries are looked through."""
        wanted = entry_id.strip().casefold()
        for punch in islice(newest_punches(self.ask), MOST_ASKED_PUNCHES):
            ids = object_of(punch["delivery"])["entry_ids"]
            if isinstance(ids, list) and wanted in (str(each).casefold() for each in ids) and punch["username"]:
                return str(punch["username"]), datetime.fromisoformat(str(punch["local"]))
        return None

    @property
    def false_z(self) -> bool:
        """Whether this account writes wall-clock times with a `Z`."""
        return not self.codec.account.form.says_offset

    def codec_for(self, time_type: str | None) -> GoodtimeCodec:
        """Return the language of this account, for entries of another time type.

        Raises:
            Refused: there is none of that name.
            TrackerUnreachable: the time types could not be read.
        """
        codec = self.codec
        if time_type is None:
            return codec
        found = calls.read_named(self.send(calls.timetypes()))
        if not isinstance(found, tuple):
            _fail(found)
        picked = calls.pick(time_type, found)
        if isinstance(picked, str):
            raise Refused(f"of Goodtime's time types {picked}", hint="clockd goodtime timetypes")
        return replace(codec, account=replace(codec.account, time_type=picked))

    def named(self, entries: Sequence[wire.Entry], username: str) -> Iterator[Json]:
        """Return entries of one employee, with the names of time type and project; the id where a name is not told."""
        types = self._names(calls.timetypes(), [entry.time_type for entry in entries])
        jobs = self._names(calls.projects(username), [entry.project for entry in entries])
        for entry in entries:
            names = {
                "time_type_name": types.get((entry.time_type or "").casefold(), entry.time_type),
                "project_name": jobs.get((entry.project or "").casefold(), entry.project),
            }
            yield {**object_of(builtins_of(entry)), **names}

    def _names(self, request: wire.Request, wanted: Sequence[str | None]) -> dict[str, str]:
        """Return names by id; nothing is asked where nobody wants one."""
        if not any(wanted):
            return {}
        found = calls.read_named(self.send(request))
        return {each.id.casefold(): each.name for each in found} if isinstance(found, tuple) else {}

    @property
    def codec(self) -> GoodtimeCodec:
        """The language of this account; known once the daemon has got to know it."""
        account = self.info.get("account")
        if account is None:
            raise Refused("the account is not understood yet", hint="clockd status says what is missing")
        return GoodtimeCodec(msgspec.convert(account, Account), self.zone)


def asks_goodtime(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command Goodtime as its first argument."""

    def with_tracker(ask: AskDaemon, *args: Any, **kwargs: Any) -> None:
        check_words(kwargs)
        command(GoodtimeLink(ask), *args, **kwargs)

    with_tracker.__doc__ = command.__doc__
    with_tracker.__name__ = command.__name__
    with_tracker.__click_params__ = list(getattr(command, "__click_params__", []))  # type: ignore[attr-defined]
    return asks_daemon(with_tracker)


EMAIL = click.option("--username", "-u", metavar="E-MAIL", help="The employee's login e-mail.")


@click.group()
def goodtime() -> None:
    """Goodtime by hand: time types, users, projects and entries, within the terminal's request budget."""


@goodtime.command()
@AS_JSON
@asks_goodtime
def timetypes(tracker: GoodtimeLink, as_json: bool) -> None:
    """List the time types."""
    _show_named(calls.read_named(tracker.send(calls.timetypes())), as_json)


@goodtime.command()
@AS_JSON
@asks_goodtime
def users(tracker: GoodtimeLink, as_json: bool) -> None:
    """List the login e-mails of all users."""
    found = calls.read_users(tracker.send(calls.users()))
    if not isinstance(found, tuple):
        _fail(found)
    show_rows([{"loginemail": email} for email in found], as_json=as_json, columns=("loginemail",))


@goodtime.command()
@EMAIL
@AS_JSON
@asks_goodtime
def projects(tracker: GoodtimeLink, username: str | None, as_json: bool) -> None:
    """List all projects, or those of one employee."""
    _show_named(calls.read_named(tracker.send(calls.projects(username))), as_json)


@goodtime.group()
def entries() -> None:
    """Time entries: list, create, delete."""


@entries.command("list")
@click.option("--username", "-u", required=True, metavar="E-MAIL", help="The employee's login e-mail.")
@click.option("--from", "begin", required=True, metavar="TIME", help='As "2026-11-21 08:00" at the terminal.')
@click.option("--to", "end", required=True, metavar="TIME", help="As --from.")
@AS_JSON
@asks_goodtime
def list_entries(tracker: GoodtimeLink, username: str, begin: str, end: str, as_json: bool) -> None:
    """List an employee's entries that touch a span."""
    since, until = tracker.span(begin, end)
    assert since is not None
    assert until is not None
    codec = tracker.codec
    found = whole(codec.rows(tracker.send(codec.look((username,), since, until, 0)), username))
    if not isinstance(found, wire.Rows):
        _fail(found)
    own = [row for row in found.entries if row.from_local <= until and (row.to_local is None or row.to_local >= since)]
    columns = ("id", "username", "from_local", "to_local", "time_type_name", "project_name", "note", "locked")
    show_rows(list(tracker.named(own, username)), as_json=as_json, columns=columns)


@entries.command("create")
@click.option("--username", "-u", required=True, metavar="E-MAIL", help="The employee's login e-mail.")
@click.option("--from", "begin", required=True, metavar="TIME", help='As "2026-11-21 08:00" at the terminal.')
@click.option("--to", "end", required=True, metavar="TIME", help="As --from.")
@click.option("--project", metavar="NAME", help="A project, by its whole name.")
@click.option("--time-type", metavar="NAME", help="Another time type than that of the terminal, by name or id.")
@click.option("--comment", default="", help="For people.")
@AS_JSON
@asks_goodtime
def create_entry(
    tracker: GoodtimeLink,
    username: str,
    begin: str,
    end: str,
    project: str | None,
    time_type: str | None,
    comment: str,
    as_json: bool,
) -> None:
    """Create an entry, in whole minutes."""
    since, until = (tracker.moment(text).replace(second=0, microsecond=0) for text in (begin, end))
    if until <= since:
        raise UsageError("--to is not after --from", hint="an entry ends after it begins: exchange them")
    codec, write = tracker.codec_for(time_type), wire.CreateEntry(username, since, until, 0, comment, project)
    about = f"{tracker.times_of(write)}, {codec.account.time_type.name}"
    _say(codec.verdict(write, tracker.send(codec.request(write))), about, as_json=as_json)


@entries.command("delete")
@click.argument("entry_id", metavar="ID")
@click.option("--username", "-u", metavar="E-MAIL", help="Whose it is, when clockd did not make it.")
@click.option("--at", metavar="TIME", help="When it was; else it is looked for in the last 31 days.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@AS_JSON
@asks_goodtime
def delete_entry(
    tracker: GoodtimeLink, entry_id: str, username: str | None, at: str | None, yes: bool, as_json: bool
) -> None:
    """Delete an entry, after a look at it.

    What cannot be found is not deleted, nor what is locked. It is found by the punches of this terminal,
    or with --username.
    """
    entry = _find(tracker, entry_id, username, None if at is None else tracker.time(at))
    if entry.locked:
        raise Refused("the entry is locked", hint="unlock it in Goodtime first; nothing was sent")
    (row,) = map(object_of, tracker.named([entry], entry.username))
    end = "…" if entry.to_local is None else f"{entry.to_local:%Y-%m-%d %H:%M}"
    what = (entry.username, f"{entry.from_local:%Y-%m-%d %H:%M} to {end}", row["time_type_name"], row["project_name"])
    say("  ".join(str(part) for part in (*what, entry.note) if part), err=as_json)
    if not (yes or (_is_asked_by_a_person() and click.confirm("Delete it?", err=as_json))):
        raise Refused("nothing was deleted", hint="--yes deletes without asking")
    codec, write = tracker.codec, wire.DeleteEntry(entry.id)
    _say(codec.verdict(write, tracker.send(codec.request(write))), as_json=as_json)


def _is_asked_by_a_person() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _find(tracker: GoodtimeLink, entry_id: str, username: str | None, at: datetime | None) -> wire.Entry:
    """Look at an entry before it is deleted; Goodtime has no look by id, so somebody's entries are read.

    Raises:
        Refused: it is not among those.
        TrackerUnreachable: its employee's entries could not be read.
    """
    since, until = (tracker.now_local() - BACK, tracker.now_local()) if at is None else (at, at)
    if username is None:
        made = tracker.punched(entry_id)
        if made is None:
            raise Refused("it is not known whose it is, and nothing was deleted", hint="name them with --username")
        username, since = made
        until = since
    found = whole(tracker.codec.rows(tracker.send(tracker.codec.look((username,), since, until, 0)), username))
    if not isinstance(found, wire.Rows):
        _fail(found)
    entry = next((row for row in found.entries if row.id.casefold() == entry_id.strip().casefold()), None)
    if entry is None:
        span = f"from {since:%Y-%m-%d} to {until:%Y-%m-%d}"
        raise Refused(
            f"it is not among the entries of {username} {span}, and nothing was deleted",
            hint="--at says on which day it was",
        )
    return entry


def _show_named(found: tuple[Named, ...] | wire.LookVerdict, as_json: bool) -> None:
    if not isinstance(found, tuple):
        _fail(found)
    show_rows([builtins_of(row) for row in found], as_json=as_json, columns=("id", "name"))


def _say(verdict: wire.Verdict, about: str = "", *, as_json: bool) -> None:
    if not isinstance(verdict, wire.Accepted):
        _fail(verdict)
    say_done(verdict.entry_ids, about, as_json=as_json)


def _fail(verdict: wire.Verdict | wire.LookVerdict) -> NoReturn:
    """End with what a verdict that is no success means for the person at the command."""
    error: ClockdError
    match verdict:
        case wire.NotApplied(why):
            error = TrackerUnreachable(why, hint="nothing was changed; try again")
        case wire.Unknown(why):
            error = TrackerUnreachable(why, hint="it may have been done: look before you repeat it")
        case wire.Unconfirmed(why):
            error = Refused(f"no proof that it was done: {why}", hint="look before you repeat it")
        case wire.Throttled():
            error = Refused("the tracker has had too many requests", hint="try again in a minute")
        case wire.Rejected(why) | wire.Gone(why) | wire.Forbidden(why) | wire.Paused(_, why):
            error = Refused(why)
        case wire.Accepted() | wire.Rows():
            raise AssertionError("a success is no failure")
    raise error
