"""Does a reply prove that what we sent was applied? A status never does; the row that comes back may.

    the reply shows                                               verdict
    our row, with an id or user and times as sent                 Accepted
    the id that was sent, after PUT, DELETE                       Accepted
    only an id, after everything else                             Unconfirmed: it may be that of any other row
    another person                                                Unknown: it may have gone wrong in any way
    other times (a timer that ran already, trap T61 b)            Unconfirmed: the look decides
    the first part of an interval that was split at midnight      Unconfirmed: the look finds the ids of all parts
    all parts of it                                               Accepted, with all ids
    nothing recognisable                                          Unconfirmed

Times count as the same when they are less than a minute apart, since a tracker may keep whole minutes (trap T46).
Minutes of break and work, notes and flags are never compared: trackers change them on their own (trap T48).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from clockd.core.json import Json
from clockd.core.planning.compare import near, tiling_rows
from clockd.core.wire import (
    Accepted,
    CreateEntry,
    DeleteEntry,
    PauseProject,
    ProjectWrite,
    ResumeProject,
    StartProject,
    StartTimer,
    StopProject,
    StopTimer,
    Unconfirmed,
    Unknown,
    UpdateEntry,
    Write,
    same_user,
)
from clockd.trackers.timetrack.attendances import is_blank, read_entry
from clockd.trackers.timetrack.timers import read_row, same_name
from clockd.trackers.timetrack.values import Nothing, Row, flag_of, id_of, objects, one_object, stamp_of, user_of

EchoVerdict = Accepted | Unconfirmed | Unknown

MOST_PARTS = 20
"""No interval that is booked at once is split into more rows."""
SILENT = Unconfirmed("the tracker said yes and showed nothing")


@dataclass(frozen=True, slots=True)
class Echo:
    """What an attendance row in a reply shows; None where it shows nothing."""

    id: str | None
    user: str | None
    begin: datetime | None
    end: datetime | None
    runs: bool
    """The row has no end yet: it is blank, or missing in a row that shows more than an id."""
    garbled: bool
    """A time is there and cannot be read."""


def prove(write: Write, document: Json | Nothing, zone: tzinfo) -> EchoVerdict:
    """Look for what was sent in the content of a success."""
    if isinstance(document, Nothing) or document is None:
        return SILENT
    several = objects(document)
    if several is not None and len(several) > MOST_PARTS:
        return Unconfirmed(f"the tracker said yes and showed {len(several)} rows")
    if several is not None and len(several) > 1:
        if isinstance(write, CreateEntry):
            return _prove_parts(write, several, zone)
        return Unconfirmed("the tracker said yes and showed several rows")
    row = one_object(document)
    if row is None:
        return SILENT
    if flag_of(row.get("success")) is False or flag_of(row.get("ok")) is False or row.get("error"):
        return Unconfirmed("the tracker said yes and no at once")
    if isinstance(write, StartProject | PauseProject | ResumeProject | StopProject):
        return _prove_project(write, row, zone)
    echo = _echo(row, zone)
    if echo.garbled:
        return Unconfirmed("the tracker said yes and showed times that cannot be read")
    match write:
        case StartTimer():
            return _prove_start(write, echo)
        case StopTimer():
            return _prove_stop(write, echo)
        case CreateEntry():
            return _prove_create(write, echo)
        case UpdateEntry():
            return _prove_update(write, echo)
        case DeleteEntry():
            return _same_row(write.entry_id, echo) or Accepted((write.entry_id.strip(),))


def _echo(row: Row, zone: tzinfo) -> Echo:
    begin, end = stamp_of(row.get("from"), zone), stamp_of(row.get("to"), zone)
    user, row_id = user_of(row), id_of(row)
    blank = is_blank(row.get("to"))
    shows_more = user is not None or begin is not None
    return Echo(
        id=row_id,
        user=user,
        begin=begin,
        end=end,
        runs=blank and ("to" in row or shows_more),
        garbled=(begin is None and not is_blank(row.get("from"))) or (end is None and not blank),
    )


def _prove_start(write: StartTimer, echo: Echo) -> EchoVerdict:
    if echo.user is not None and not same_user(echo.user, write.username):
        return _foreign()
    if echo.begin is not None and not near(echo.begin, write.at_local):
        return Unconfirmed(f"the tracker shows a timer that runs since {echo.begin.isoformat(sep=' ')}")
    if echo.end is not None and echo.end != echo.begin:  # equal: one more way to say that it runs (trap T36)
        return Unconfirmed("the tracker shows a timer that has ended")
    return _accept(echo) if echo.begin is not None and (echo.id or echo.user) else SILENT


def _prove_stop(write: StopTimer, echo: Echo) -> EchoVerdict:
    if echo.user is not None and not same_user(echo.user, write.username):
        return _foreign()
    if echo.runs:
        return Unconfirmed("the tracker shows a timer that still runs")
    if echo.end is not None and not near(echo.end, write.at_local):
        return Unconfirmed(f"the tracker shows a timer that ended at {echo.end.isoformat(sep=' ')}")
    if echo.begin is not None and echo.begin > write.at_local + timedelta(minutes=1):
        return Unconfirmed("the tracker shows a timer that began later")
    return _accept(echo) if echo.end is not None and (echo.id or echo.user) else SILENT


def _prove_create(write: CreateEntry, echo: Echo) -> EchoVerdict:
    if echo.user is not None and not same_user(echo.user, write.username):
        return _foreign()
    if echo.begin is not None and not near(echo.begin, write.from_local):
        return Unconfirmed("the tracker shows another begin")
    if echo.runs:
        return Unconfirmed("the tracker shows an entry without an end")
    if echo.end is not None and not near(echo.end, write.to_local):
        if echo.begin is not None and _is_first_part(echo.begin, echo.end, write.to_local):
            return Unconfirmed("the tracker split it at midnight and shows the first part")
        return Unconfirmed("the tracker shows another end")
    if echo.begin is None or echo.end is None:
        return SILENT if echo.id is None else Unconfirmed("the tracker said yes and showed an id only")
    return _accept(echo) if echo.id or echo.user else SILENT


def _prove_update(write: UpdateEntry, echo: Echo) -> EchoVerdict:
    if (wrong := _same_row(write.entry_id, echo)) is not None:
        return wrong
    if write.from_local is not None and echo.begin is not None and not near(echo.begin, write.from_local):
        return Unconfirmed("the tracker shows another begin")
    if write.to_local is not None:
        if echo.runs:
            return Unconfirmed("the tracker shows an entry without an end")
        if echo.end is not None and not near(echo.end, write.to_local):
            return Unconfirmed("the tracker shows another end")
    return Accepted((write.entry_id.strip(),))


def _prove_parts(write: CreateEntry, rows: list[Json], zone: tzinfo) -> EchoVerdict:
    """All parts of an interval that was split, in one reply."""
    parts = [entry for row in rows if (entry := read_entry(row, zone)) is not None]
    if any(not same_user(part.username, write.username) for part in parts):
        return _foreign()
    if len(parts) != len(rows) or len(tiling_rows(parts, write.from_local, write.to_local)) != len(rows):
        return Unconfirmed("the tracker said yes and showed several rows")
    return Accepted(tuple(part.id for part in parts))


def _prove_project(write: ProjectWrite, row: Row, zone: tzinfo) -> EchoVerdict:
    """The project timer has no id; its user and its state are all the proof there is."""
    user = user_of(row)
    if user is not None and not same_user(user, write.username):
        return _foreign()
    timer = read_row(row, zone)
    if timer is None or user is None:
        return SILENT
    wanted = {StartProject: "playing", ResumeProject: "playing", PauseProject: "paused", StopProject: "stopped"}
    if timer.state != wanted[type(write)]:
        return Unconfirmed(f"the tracker shows a project timer that is {timer.state}")
    if isinstance(write, StartProject):
        if not (same_name(timer.project, write.project) and same_name(timer.client, write.client)):
            return Unconfirmed("the tracker shows a timer of another project")
        if not near(timer.started_local, write.at_local):
            return Unconfirmed("the tracker shows a project timer that ran before")
    row_id = id_of(row)
    return Accepted(() if row_id is None else (row_id,))


# --- what they share --------------------------------------------------------------------------------------------


def _accept(echo: Echo) -> Accepted:
    return Accepted(() if echo.id is None else (echo.id,))


def _same_row(entry_id: str, echo: Echo) -> EchoVerdict | None:
    """Say what is wrong with the id of a row that was changed or deleted; None when it is the one."""
    if echo.id is None:
        return SILENT
    return None if echo.id == entry_id.strip() else Unknown("the tracker answers with another row")


def _is_first_part(begin: datetime, end: datetime, sent_end: datetime) -> bool:
    return begin < end < sent_end and (end.hour, end.minute) in ((0, 0), (23, 59))


def _foreign() -> Unknown:
    return Unknown("the tracker answers with somebody else's row")
