"""Attendance rows, and the attendance timer: one thing seen twice, a timer is a row without an end (trap T29)."""

from datetime import datetime, tzinfo

from clockd.core.json import Json
from clockd.core.pieces import ROWS_AT_ONCE, Pieces
from clockd.core.wire import (
    PORTAL,
    CreateEntry,
    DeleteEntry,
    Entry,
    Exchange,
    NotApplied,
    Paused,
    Position,
    Request,
    Rows,
    StartTimer,
    StopTimer,
    UpdateEntry,
)
from clockd.trackers.timetrack.hear import Missing, ReadFailure, Said, failed, hear
from clockd.trackers.timetrack.values import (
    Nothing,
    Row,
    flag_of,
    id_of,
    id_segment,
    number_of,
    objects,
    one_object,
    paging,
    stamp_of,
    text_of,
    user_of,
    wall_text,
    whole_of,
)

PATH = "/attendances"
PAGE_ROWS = 1000
"""The most rows a page can have."""
MOST_ROWS_TAKEN = 4 * PAGE_ROWS
"""A page of more is not what was asked for, and would be long work."""
DEFAULT_PAGE_ROWS = 50
"""What comes when nobody says how many: a page of just so many rows may be one whose limit got lost on the way."""


# --- requests ---------------------------------------------------------------------------------------------------


def search(
    username: str | None, from_local: datetime | None, to_local: datetime | None, page: int = 0, limit: int = PAGE_ROWS
) -> Request:
    """List rows. What comes back has to be filtered here again: the tracker may know none of these words (T20, T34).
    The documents call the person `user` in the list of parameters and `username` in the example, so both are said.

    Raises:
        UsageError: no such page.
    """
    query: list[tuple[str, str]] = []
    if username is not None:
        query += [("username", username), ("user", username)]
    if from_local is not None:
        query.append(("from", wall_text(from_local)))
    if to_local is not None:
        query.append(("to", wall_text(to_local)))
    return Request("GET", PATH, (*query, *paging(page, limit)))


def get(entry_id: str) -> Request:
    """Read one row.

    Raises:
        UsageError: no id.
    """
    return Request("GET", f"{PATH}/{id_segment(entry_id)}")


def timer(path: str, username: str, now_local: datetime) -> Request:
    """Read the running timer of one employee; `date` is needed and means now (trap T42)."""
    return Request("GET", path, (("username", username), ("date", wall_text(now_local))))


def create(write: CreateEntry, place: Position | None = None) -> Request:
    """Book a whole interval. The note goes under both names the documents use for it (trap T22).

    Args:
        write: the interval.
        place: where it began and ended; None: nothing is said of that.
    """
    body: dict[str, Json] = {
        "username": write.username,
        "from": wall_text(write.from_local),
        "to": wall_text(write.to_local),
        "minutesBreak": write.break_minutes,
    }
    if write.note:
        body |= {"details": write.note, "notes": write.note}
    if place is not None:  # documented as Number, Text, Text, Text (trap T25)
        latitude, longitude = degrees(place.latitude), degrees(place.longitude)
        body |= {"latitudeStart": float(latitude), "longitudeStart": longitude}
        body |= {"latitudeEnd": latitude, "longitudeEnd": longitude}
    return Request("POST", PATH, body=body)


def degrees(value: float) -> str:
    """Write a coordinate to a centimetre, without an exponent."""
    text = f"{value:.7f}".rstrip("0").removesuffix(".")
    return "0" if text == "-0" else text


def update(write: UpdateEntry) -> Request:
    """Change what is given, and leave the rest (trap T64)."""
    body: dict[str, Json] = {}
    if write.from_local is not None:
        body["from"] = wall_text(write.from_local)
    if write.to_local is not None:
        body["to"] = wall_text(write.to_local)
    if write.break_minutes is not None:
        body["minutesBreak"] = write.break_minutes
    if write.note is not None:
        body["notes"] = write.note
    return Request("PUT", f"{PATH}/{id_segment(write.entry_id)}", body=body)


def delete(write: DeleteEntry) -> Request:
    """Mark a row as deleted."""
    return Request("DELETE", f"{PATH}/{id_segment(write.entry_id)}")


def start(path: str, write: StartTimer) -> Request:
    """Start the timer at the punch's own time."""
    return Request("POST", f"{path}/start", body={"username": write.username, "date": wall_text(write.at_local)})


def stop(path: str, write: StopTimer) -> Request:
    """Stop the timer at the punch's own time."""
    return Request("POST", f"{path}/stop", body={"username": write.username, "date": wall_text(write.at_local)})


# --- replies ----------------------------------------------------------------------------------------------------


def read_entry(row: Json, zone: tzinfo) -> Entry | None:
    """Read one row; None when it has no id, user or begin, or an end that cannot be read.

    An end that is null, empty, absent or equal to the begin means that the row runs (trap T36). The last of these
    could be a closed row of no length; taking it for a running one makes somebody look twice, the other way round
    it would show an employee as gone who is there.
    """
    if not isinstance(row, dict):
        return None
    entry_id, user, begin = id_of(row), user_of(row), stamp_of(row.get("from"), zone)
    if entry_id is None or user is None or begin is None:
        return None
    end = None
    if not is_blank(row.get("to")):
        end = stamp_of(row.get("to"), zone)
        if end is None:
            return None
    minutes = whole_of(row["breakMinutes"] if "breakMinutes" in row else row.get("minutesBreak"))
    return Entry(
        id=entry_id,
        username=user,
        from_local=begin,
        to_local=None if end == begin else end,
        may_be_closed=end == begin,
        note=_note(row),
        break_minutes=minutes or 0,
        worked_minutes=whole_of(row.get("workedMinutes")),
        manual=flag_of(row.get("manual")),
        latitude_start=number_of(row.get("latitudeStart")),
        longitude_start=number_of(row.get("longitudeStart")),
        latitude_end=number_of(row.get("latitudeEnd")),
        longitude_end=number_of(row.get("longitudeEnd")),
    )


def is_blank(value: Json) -> bool:
    """Whether an end is not there yet; the first and the last years of the calendar say so too."""
    return value is None or (
        isinstance(value, str) and (value.strip().lower() in ("", "null") or value.strip().startswith(NO_YEARS))
    )


NO_YEARS = ("0000-", "0001-", "9999-")
"""How a date begins that stands for none."""


def read_page(exchange: Exchange, zone: tzinfo) -> Pieces[Rows | ReadFailure]:
    """Read a page, some rows at a time.

    One row that cannot be read spoils the page: it might be the one that is looked for.
    """
    heard = hear(exchange)
    if not isinstance(heard, Said):
        return failed(heard)
    found = None if isinstance(heard.document, Nothing) else objects(heard.document)
    if found is None:
        return no_list(heard.document)
    if len(found) > MOST_ROWS_TAKEN:
        return NotApplied(f"{len(found)} rows came where {PAGE_ROWS} were asked for")
    entries = []
    for n, row in enumerate(found, 1):
        entry = read_entry(row, zone)
        if entry is None:
            return NotApplied(f"row {n} of {len(found)} cannot be read: no id, user or begin that makes sense")
        entries.append(entry)
        if n % ROWS_AT_ONCE == 0:
            yield
    return Rows(tuple(entries), last=is_last(len(found)))


def no_list(document: Json | Nothing) -> NotApplied | Paused:
    """Say what a success without a list means: JSON that has nothing of one is not the tracker's."""
    if isinstance(document, Nothing) or document is None or document == {}:
        return NotApplied("an empty answer came where a list was asked for")
    if isinstance(document, dict) and any(isinstance(value, list | dict) for value in document.values()):
        return NotApplied("an answer without a list that can be told from others came where a list was asked for")
    return Paused("portal", PORTAL)


def is_last(rows: int) -> bool:
    """Whether a page of so many rows is the last one."""
    return rows < PAGE_ROWS and rows != DEFAULT_PAGE_ROWS


def read_one(exchange: Exchange, zone: tzinfo) -> Entry | ReadFailure:
    """Read the reply to `get`."""
    heard = hear(exchange)
    if not isinstance(heard, Said):
        return failed(heard)
    row = None if isinstance(heard.document, Nothing) else one_object(heard.document)
    entry = None if row is None else read_entry(dict(row), zone)
    return NotApplied("the tracker's row cannot be read") if entry is None else entry


def read_timer(exchange: Exchange, zone: tzinfo) -> Entry | ReadFailure | None:
    """Read the reply to `timer`: the running row, or None when none runs.

    "None" is said in many ways: 404 in the tracker's words, nothing, null, `{}`, `[]`, or the last closed row.
    """
    heard = hear(exchange)
    if isinstance(heard, Missing):
        return None
    if not isinstance(heard, Said):
        return failed(heard)
    if is_nothing(heard.document):
        return None
    row = None if isinstance(heard.document, Nothing) else one_object(heard.document)
    entry = None if row is None else read_entry(dict(row), zone)
    if entry is None:
        return NotApplied("the tracker's timer cannot be read")
    return entry if entry.to_local is None else None


def is_nothing(document: Json | Nothing) -> bool:
    """Whether a success says that there is nothing: no content, null, `[]`, an empty object, also inside of `data`."""
    for _ in range(4):
        match document:
            case {"data": inner, **rest} if not rest:
                document = inner
            case [inner]:
                document = inner
            case _:
                break
    if isinstance(document, dict):  # also an object all of whose fields are empty
        return all(value in (None, "", {}, []) for value in document.values())
    return isinstance(document, Nothing) or document is None or document == []


def _note(row: Row) -> str:
    for name in ("notes", "details", "note"):
        if text := text_of(row.get(name)):
            return text
    return ""
