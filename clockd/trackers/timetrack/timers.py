"""The project timer: start, pause, resume, stop, and how much of it was work."""

import unicodedata
from dataclasses import replace
from datetime import datetime, tzinfo

from clockd.core.json import Json
from clockd.core.wire import (
    Exchange,
    NoJson,
    NotApplied,
    PauseProject,
    ProjectTimer,
    ProjectWrite,
    Reply,
    Request,
    ResumeProject,
    StartProject,
    StopProject,
    same_user,
)
from clockd.trackers.timetrack.attendances import is_nothing
from clockd.trackers.timetrack.hear import Missing, ReadFailure, Said, errors_in, failed, hear
from clockd.trackers.timetrack.values import (
    Nothing,
    Row,
    decode,
    flag_of,
    one_object,
    stamp_of,
    text_of,
    user_of,
    wall_text,
    whole_of,
)


def get(path: str, username: str, now_local: datetime) -> Request:
    """Read the project timer of one employee; `date` is needed and means now (trap T42)."""
    return Request("GET", path, (("username", username), ("date", wall_text(now_local))))


def change(path: str, write: ProjectWrite) -> Request:
    """Start, pause, resume or stop the timer at the punch's own time."""
    body: dict[str, Json] = {"username": write.username, "date": wall_text(write.at_local)}
    match write:
        case StartProject():
            verb = "start"
            body |= {"clientName": write.client, "projectName": write.project}
        case PauseProject():
            verb = "pause"
        case ResumeProject():
            verb = "resume"
        case StopProject():
            verb = "stop"
    return Request("POST", f"{path}/{verb}", body=body)


def state_of(row: Row) -> str | None:
    """Return playing, paused or stopped; playing wins over paused over everything (trap T44); None without a flag."""
    flags = {name: flag_of(row.get(name)) for name in ("playing", "paused", "stopped")}
    if all(flag is None for flag in flags.values()):
        return None
    return "playing" if flags["playing"] else "paused" if flags["paused"] else "stopped"


def read_row(row: Row, zone: tzinfo) -> ProjectTimer | None:
    """Read a project timer with its seconds as last saved; None when state or begin make no sense."""
    state = state_of(row)
    started = row.get("startedAt")
    begin = stamp_of(started, zone)
    if state is None or (begin is None and (started not in (None, "") or state != "stopped")):
        return None
    return ProjectTimer(
        username=user_of(row) or "",
        started_local=begin,
        worked_s=max(0, whole_of(row.get("workedSeconds")) or 0),
        break_s=max(0, whole_of(row.get("breakSeconds")) or 0),
        state=state,
        client=text_of(row.get("clientName")),
        project=text_of(row.get("projectName")),
        task=text_of(row.get("taskName")),
        note=text_of(row.get("note") or row.get("notes")),
    )


def as_of(timer: ProjectTimer, now_local: datetime) -> ProjectTimer:
    """Compute the seconds as of a moment: what the tracker tells is what it last saved (trap T43).

    While it plays, everything since the begin that was no break was work; while it is paused, everything that was
    no work is break. Wall-clock times, as the tracker counts: in a night in which the clocks change both are off by
    that change.
    """
    if timer.started_local is None:
        return timer
    since_s = int((now_local - timer.started_local).total_seconds())
    match timer.state:
        case "playing":
            return replace(timer, worked_s=max(0, since_s - timer.break_s))
        case "paused":
            return replace(timer, break_s=max(0, since_s - timer.worked_s))
        case _:
            return timer


def read(exchange: Exchange, zone: tzinfo, username: str | None) -> ProjectTimer | ReadFailure | None:
    """Read the reply to `get`; None when there is no timer.

    Args:
        exchange: what came back.
        zone: the configured zone.
        username: who was asked about; a timer of somebody else is no answer. None: not checked.
    """
    heard = hear(exchange)
    if isinstance(heard, Missing):
        return None
    if not isinstance(heard, Said):
        return failed(heard)
    if is_nothing(heard.document):
        return None
    row = None if isinstance(heard.document, Nothing) else one_object(heard.document)
    timer = None if row is None else read_row(row, zone)
    if timer is None:
        return NotApplied("the tracker's project timer cannot be read")
    if username is not None and timer.username and not same_user(timer.username, username):
        return NotApplied("the tracker shows the project timer of somebody else")
    return timer


def same_name(a: str, b: str) -> bool:
    """Compare names of projects and clients: Unicode NFC, no space around; case counts."""
    return unicodedata.normalize("NFC", a.strip()) == unicodedata.normalize("NFC", b.strip())


def route_exists(exchange: Exchange) -> bool:
    """Whether the GET of a timer met a timer (trap T03): a success that is no web page, or an error in the envelope.

    An error that is about us and not about the page (401, 403, 429, 5xx) proves nothing.
    """
    if not isinstance(exchange, Reply):
        return False
    if isinstance(hear(exchange), Said):
        return True
    document = decode(exchange)
    errors = () if isinstance(document, NoJson) else errors_in(document)
    inner = [error.status for error in errors if error.status is not None]
    status = inner[0] if 200 <= exchange.status < 300 and inner else exchange.status
    return bool(errors) and status in (400, 404, 409, 422)
