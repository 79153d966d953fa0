"""`clockd timetrack …`: TimeTrack's whole API by hand, through the daemon's own request budget.

The command makes the request and reads the reply; the daemon only sends it, with the key it alone has.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, NoReturn

import click

from clockd.cli.asking import ALWAYS_JSON, AskDaemon, asks_daemon, object_of, print_json
from clockd.cli.completing import known_usernames
from clockd.cli.link import AS_JSON, TrackerLink, builtins_of, check_words, say_done, show_rows
from clockd.cli.saying import say
from clockd.core import wire
from clockd.core.json import Json
from clockd.core.pieces import whole
from clockd.errors import ClockdError, Refused, UsageError
from clockd.trackers.timetrack import TimeTrackCodec, as_error, attendances, exact_projects, projects
from clockd.trackers.timetrack.projects import ProjectFields, ProjectRow, ProjectRows

MOST_LIST_PAGES = 100
CommandBody = Callable[..., None]
USERNAME = click.option(
    *("--username", "-u"),
    required=True,
    metavar="U",
    shell_complete=known_usernames,
    help="As TimeTrack knows the employee.",
)


class TimeTrackLink(TrackerLink):
    """TimeTrack, as a command sees it."""

    @property
    def false_z(self) -> bool:
        """Its `Z` means nothing."""
        return True

    def __init__(self, ask: AskDaemon) -> None:
        super().__init__(ask, "timetrack", "TimeTrack")
        paths = str(self.info["attendance_timer_path"]), str(self.info["project_timer_path"])
        self.codec = TimeTrackCodec(*paths, self.zone)

    def do(self, write: wire.Write) -> wire.Accepted:
        """Carry out a write, or end with the reason why not."""
        return self.proved(self.codec.verdict(write, self.send(self.codec.request(write))))

    def proved(self, verdict: wire.Verdict) -> wire.Accepted:
        """Take an accepted write, or end with the reason why it is not."""
        if isinstance(verdict, wire.Accepted):
            return verdict
        raise as_error(verdict)


def asks_tracker(command: CommandBody) -> CommandBody:
    """Give a command the tracker as its first argument."""

    @asks_daemon
    def with_tracker(ask: AskDaemon, *args: Any, **kwargs: Any) -> None:
        check_words(kwargs)
        command(TimeTrackLink(ask), *args, **kwargs)

    with_tracker.__doc__ = command.__doc__
    with_tracker.__name__ = command.__name__
    with_tracker.__click_params__ = [  # type: ignore[attr-defined]  # click keeps a command's options on the function
        *getattr(command, "__click_params__", []),
        *getattr(with_tracker, "__click_params__", []),
    ]
    return with_tracker


@click.group()
def timetrack() -> None:
    """TimeTrack by hand: attendances, projects and timers, within the terminal's request budget.

    Times are wall-clock times at the terminal, as "2026-11-21 08:00", or as TimeTrack writes them, with a Z that means
    nothing: "2026-11-21T08:00:00.000Z".
    """


# --- attendances ------------------------------------------------------------------------------------------------


@timetrack.group("attendances")
def attendances_() -> None:
    """Attendance entries: list, show, create, update, delete."""


@attendances_.command("list")
@click.option(
    "--username",
    "-u",
    metavar="U",
    shell_complete=known_usernames,
    help="Only this employee's; compared exactly.",
)
@click.option("--from", "begin", metavar="TIME", help="Entries that touch the span from here …")
@click.option("--to", "end", metavar="TIME", help="… to here.")
@AS_JSON
@asks_tracker
def list_attendances(
    tracker: TimeTrackLink, username: str | None, begin: str | None, end: str | None, as_json: bool
) -> None:
    """List entries, all pages."""
    since, until = tracker.span(begin, end)
    rows = [
        entry
        for entry in sorted(_all_pages(tracker, username, since, until), key=lambda e: (e.from_local, e.id))
        if (username is None or wire.same_user(entry.username, username))
        and (until is None or entry.from_local <= until)
        and (since is None or entry.to_local is None or entry.to_local >= since)
    ]
    shown = [builtins_of(row) for row in rows]
    columns: tuple[str, ...] = ("id", "username", "from_local", "to_local", "break_minutes", "worked_minutes", "note")
    if not as_json and any(_placed(row) for row in rows):
        columns += ("begun_at", "ended_at")
        shown = [{**object_of(row), **_placed(entry)} for row, entry in zip(shown, rows, strict=True)]
    show_rows(shown, as_json=as_json, columns=columns)


def _all_pages(
    tracker: TimeTrackLink, username: str | None, since: datetime | None, until: datetime | None
) -> Collection[wire.Entry]:
    found: dict[str, wire.Entry] = {}
    asked_from = None if since is None else since - attendances_margin()
    asked_to = None if until is None else until + attendances_margin()
    for page in range(MOST_LIST_PAGES):
        exchange = tracker.send(attendances.search(username, asked_from, asked_to, page))
        verdict = whole(attendances.read_page(exchange, tracker.zone))
        if not isinstance(verdict, wire.Rows):
            _fail(verdict)
        found |= {entry.id: entry for entry in verdict.entries}
        if verdict.last:
            return found.values()
    _say_that_more_may_follow("--from and --to ask for less")
    return found.values()


def _placed(entry: wire.Entry) -> dict[str, Json]:
    """Say where an entry begun and ended, where the tracker knows; empty where it knows neither."""
    ends = {
        "begun_at": (entry.latitude_start, entry.longitude_start),
        "ended_at": (entry.latitude_end, entry.longitude_end),
    }
    if all(value is None for pair in ends.values() for value in pair):
        return {}
    return {name: _degrees_of(*pair) for name, pair in ends.items()}


def _degrees_of(*pair: float | None) -> str:
    known = ["?" if value is None else attendances.degrees(value) for value in pair]
    return "" if known == ["?", "?"] else ", ".join(known)


def attendances_margin() -> Any:
    """Return how much wider than asked a span is read: it is not documented which rows a filter takes in."""
    from clockd.trackers.timetrack.codec import MARGIN

    return MARGIN


@attendances_.command("show")
@click.argument("entry_id", metavar="ID")
@ALWAYS_JSON
@asks_tracker
def show_attendance(tracker: TimeTrackLink, entry_id: str) -> None:
    """Show one entry, as JSON."""
    found = attendances.read_one(tracker.send(attendances.get(entry_id)), tracker.zone)
    print_json(builtins_of(found) if isinstance(found, wire.Entry) else _fail(found))


@attendances_.command("create")
@USERNAME
@click.option("--from", "begin", required=True, metavar="TIME", help="When it begins.")
@click.option("--to", "end", required=True, metavar="TIME", help="When it ends.")
@click.option("--break-minutes", type=click.IntRange(min=0), default=0, help="Of it, not worked.")
@click.option("--note", default="", help="For people.")
@AS_JSON
@asks_tracker
def create_attendance(
    tracker: TimeTrackLink, username: str, begin: str, end: str, break_minutes: int, note: str, as_json: bool
) -> None:
    """Create an entry."""
    since, until = tracker.moment(begin), tracker.moment(end)
    if until <= since:
        raise UsageError("--to is not after --from", hint="an entry ends after it begins: exchange them")
    _write(tracker, wire.CreateEntry(username, since, until, break_minutes, note), as_json=as_json)


@attendances_.command("update")
@click.argument("entry_id", metavar="ID")
@click.option("--from", "begin", metavar="TIME", help="Another begin.")
@click.option("--to", "end", metavar="TIME", help="Another end.")
@click.option("--break-minutes", type=click.IntRange(min=0), help="Other break minutes.")
@click.option("--note", help="Another note.")
@AS_JSON
@asks_tracker
def update_attendance(
    tracker: TimeTrackLink,
    entry_id: str,
    begin: str | None,
    end: str | None,
    break_minutes: int | None,
    note: str | None,
    as_json: bool,
) -> None:
    """Change an entry; what is not named stays."""
    since, until = (None if text is None else tracker.moment(text) for text in (begin, end))
    if since is not None and until is not None and until <= since:
        raise UsageError("--to is not after --from", hint="an entry ends after it begins: exchange them")
    write = wire.UpdateEntry(entry_id, since, until, break_minutes, note)
    if write == wire.UpdateEntry(entry_id):
        raise UsageError("nothing to change", hint="--from, --to, --break-minutes, --note")
    _write(tracker, write, as_json=as_json)


@attendances_.command("delete")
@click.argument("entry_id", metavar="ID")
@AS_JSON
@asks_tracker
def delete_attendance(tracker: TimeTrackLink, entry_id: str, as_json: bool) -> None:
    """Mark an entry as deleted."""
    write = wire.DeleteEntry(entry_id)
    _done(tracker.codec.verdict(write, tracker.send(attendances.delete(write))), entry_id, as_json=as_json)


# --- projects ---------------------------------------------------------------------------------------------------


@timetrack.group("projects")
def projects_() -> None:
    """Projects: list, show, create, update, delete."""


def project_fields(command: CommandBody) -> CommandBody:
    """Give a command the options that describe a project."""
    for option in (
        click.option("--enabled/--disabled", default=None, help="Whether it can be booked on."),
        click.option("--notes", help="For people."),
        click.option("--hour-rate", type=float, help="Price of an hour."),
        click.option("--estimated-minutes", type=float, help="How long it should take."),
        click.option("--budget", type=float, help="What it may cost."),
    ):
        command = option(command)
    return command


@projects_.command("list")
@click.option("--name", default="", help="A part of the name.")
@click.option("--client", default="", help="A part of the client's name.")
@click.option("--exact", is_flag=True, help="The whole names, compared here.")
@AS_JSON
@asks_tracker
def list_projects(tracker: TimeTrackLink, name: str, client: str, exact: bool, as_json: bool) -> None:
    """List projects, all pages."""
    found: dict[str, ProjectRow] = {}
    for page in range(MOST_LIST_PAGES):
        verdict = projects.read_page(tracker.send(projects.search(name, client, page)))
        if not isinstance(verdict, ProjectRows):
            _fail(verdict)
        found |= {row.id: row for row in verdict.projects}
        if verdict.last:
            break
    else:
        _say_that_more_may_follow("--name and --client ask for less")
    rows = tuple(found.values())
    shown = exact_projects(rows, client, name) if exact else rows
    show_rows(
        [builtins_of(row) for row in shown], as_json=as_json, columns=("id", "client", "name", "enabled", "notes")
    )


@projects_.command("show")
@click.argument("project_id", metavar="ID")
@ALWAYS_JSON
@asks_tracker
def show_project(tracker: TimeTrackLink, project_id: str) -> None:
    """Show one project, as JSON."""
    found = projects.read_one(tracker.send(projects.get(project_id)))
    print_json(builtins_of(found) if isinstance(found, ProjectRow) else _fail(found))


@projects_.command("create")
@click.option("--client", required=True, help="The client it is for.")
@click.option("--name", required=True, help="How it is called.")
@project_fields
@AS_JSON
@asks_tracker
def create_project(tracker: TimeTrackLink, client: str, name: str, as_json: bool, **fields: Any) -> None:
    """Create a project."""
    exchange = tracker.send(projects.create(client, name, _fields(**fields)))
    _say(tracker.proved(projects.written(exchange, None)), as_json=as_json)


@projects_.command("update")
@click.argument("project_id", metavar="ID")
@click.option("--client", help="Another client; it has to exist.")
@click.option("--name", help="Another name.")
@project_fields
@AS_JSON
@asks_tracker
def update_project(
    tracker: TimeTrackLink, project_id: str, client: str | None, name: str | None, as_json: bool, **fields: Any
) -> None:
    """Change a project; what is not named stays."""
    wanted = _fields(client=client, name=name, **fields)
    if not wanted.body():
        raise UsageError("nothing to change", hint="clockd timetrack projects update --help")
    _say(
        tracker.proved(projects.written(tracker.send(projects.update(project_id, wanted)), project_id)), as_json=as_json
    )


@projects_.command("delete")
@click.argument("project_id", metavar="ID")
@AS_JSON
@asks_tracker
def delete_project(tracker: TimeTrackLink, project_id: str, as_json: bool) -> None:
    """Delete a project."""
    _done(projects.written(tracker.send(projects.delete(project_id)), project_id), project_id, as_json=as_json)


# --- timers -----------------------------------------------------------------------------------------------------


@timetrack.group("timer")
def timer_() -> None:
    """The attendance timer of an employee: show, start, stop."""


AT = click.option("--at", metavar="TIME", help="Now, when left out.")


@timer_.command("show")
@USERNAME
@ALWAYS_JSON
@asks_tracker
def show_timer(tracker: TimeTrackLink, username: str) -> None:
    """Show the running attendance timer, as JSON. Exit code 1 when none runs."""
    found = tracker.codec.attendance_timer(
        tracker.send(tracker.codec.get_attendance_timer(username, tracker.now_local()))
    )
    if found is None:
        _none(f"no timer runs for {username}")
    print_json(builtins_of(found) if isinstance(found, wire.Entry) else _fail(found))


@timer_.command("start")
@USERNAME
@AT
@AS_JSON
@asks_tracker
def start_timer(tracker: TimeTrackLink, username: str, at: str | None, as_json: bool) -> None:
    """Start the attendance timer: the employee comes."""
    _write(tracker, wire.StartTimer(username, tracker.moment(at) if at else tracker.now_local()), as_json=as_json)


@timer_.command("stop")
@USERNAME
@AT
@AS_JSON
@asks_tracker
def stop_timer(tracker: TimeTrackLink, username: str, at: str | None, as_json: bool) -> None:
    """Stop the attendance timer: the employee goes."""
    _write(tracker, wire.StopTimer(username, tracker.moment(at) if at else tracker.now_local()), as_json=as_json)


@timetrack.group("project-timer", short_help="An employee's project timer.")
def project_timer_() -> None:
    """The project timer of an employee: show, start, pause, resume, stop."""


@project_timer_.command("show", short_help="Show the project timer.")
@USERNAME
@ALWAYS_JSON
@asks_tracker
def show_project_timer(tracker: TimeTrackLink, username: str) -> None:
    """Show the project timer, as JSON, with worked and break seconds as of now. Exit code 1 when there is none."""
    now = tracker.now_local()
    found = tracker.codec.project_timer(tracker.send(tracker.codec.get_project_timer(username, now)), now, username)
    if found is None:
        _none(f"no project timer for {username}")
    print_json(builtins_of(found) if isinstance(found, wire.ProjectTimer) else _fail(found))


@project_timer_.command("start")
@USERNAME
@click.option("--client", required=True, help="The whole name of the project's client.")
@click.option("--project", required=True, help="The whole name of the project.")
@AT
@AS_JSON
@asks_tracker
def start_project(
    tracker: TimeTrackLink, username: str, client: str, project: str, at: str | None, as_json: bool
) -> None:
    """Start the project timer on a project."""
    moment = tracker.moment(at) if at else tracker.now_local()
    _write(tracker, wire.StartProject(username, client, project, moment), as_json=as_json)


def _project_verb(name: str, kind: type[wire.PauseProject | wire.ResumeProject | wire.StopProject]) -> None:
    @project_timer_.command(name, help=f"{name.capitalize()} the project timer.")
    @USERNAME
    @AT
    @AS_JSON
    @asks_tracker
    def verb(tracker: TimeTrackLink, username: str, at: str | None, as_json: bool) -> None:
        _write(tracker, kind(username, tracker.moment(at) if at else tracker.now_local()), as_json=as_json)


_project_verb("pause", wire.PauseProject)
_project_verb("resume", wire.ResumeProject)
_project_verb("stop", wire.StopProject)


# --- small parts ------------------------------------------------------------------------------------------------


def _fields(
    *,
    client: str | None = None,
    name: str | None = None,
    enabled: bool | None,
    notes: str | None,
    hour_rate: float | None,
    estimated_minutes: float | None,
    budget: float | None,
) -> ProjectFields:
    return ProjectFields(client, name, enabled, notes, hour_rate, estimated_minutes, budget)


def _say_that_more_may_follow(hint: str) -> None:
    say(f"clockd: stopped after {MOST_LIST_PAGES} pages, there may be more", err=True)
    say(f"        {hint}", err=True)


def _none(why: str) -> NoReturn:
    """There is nothing to be shown, which is no error of anybody's."""
    print_json(None)
    say(why, err=True)
    raise click.exceptions.Exit(1)


def _fail(verdict: Any) -> NoReturn:
    if isinstance(verdict, wire.Rows):
        raise Refused("the tracker sent a list where one was asked for")
    error: ClockdError = as_error(verdict)
    raise error


def _write(tracker: TimeTrackLink, write: wire.Write, *, as_json: bool) -> None:
    """Carry out a write, and say which times were meant."""
    _say(tracker.do(write), tracker.times_of(write), as_json=as_json)


def _say(accepted: wire.Accepted, times: str = "", *, as_json: bool) -> None:
    say_done(accepted.entry_ids, times, as_json=as_json)


def _done(verdict: wire.Verdict, deleted: str, *, as_json: bool) -> None:
    """A deletion is done when the tracker says yes, with or without words."""
    if not isinstance(verdict, wire.Accepted | wire.Unconfirmed):
        raise as_error(verdict)
    if as_json:
        say_done([deleted], as_json=True)
    else:
        say("deleted")
