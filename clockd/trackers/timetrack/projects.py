"""Projects: the documented API for the admin, and the search that decides by the whole name."""

from dataclasses import dataclass

from clockd.core.json import Json
from clockd.core.wire import Accepted, Exchange, Gone, NotApplied, Rejected, Request, Unconfirmed, Verdict
from clockd.trackers.timetrack.attendances import MOST_ROWS_TAKEN, PAGE_ROWS, is_last, no_list
from clockd.trackers.timetrack.hear import Missing, ReadFailure, Said, failed, hear
from clockd.trackers.timetrack.timers import same_name
from clockd.trackers.timetrack.values import (
    Nothing,
    flag_of,
    id_of,
    id_segment,
    number_of,
    objects,
    one_object,
    paging,
    text_of,
)

PATH = "/projects"


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project as TimeTrack holds it."""

    id: str
    client: str
    name: str
    enabled: bool | None = None
    """None when the reply does not say."""
    notes: str = ""
    hour_rate: float | None = None
    time_estimated_minutes: float | None = None
    budget_estimated: float | None = None


@dataclass(frozen=True, slots=True)
class ProjectRows:
    """A page of projects."""

    projects: tuple[ProjectRow, ...]
    last: bool
    """True when there is no further page."""


@dataclass(frozen=True, slots=True)
class ProjectFields:
    """What can be said of a project; None leaves a field as it is."""

    client: str | None = None
    name: str | None = None
    enabled: bool | None = None
    notes: str | None = None
    hour_rate: float | None = None
    time_estimated_minutes: float | None = None
    budget_estimated: float | None = None

    def body(self) -> dict[str, Json]:
        """Write the fields that are given."""
        fields: dict[str, Json] = {
            "clientName": self.client,
            "projectName": self.name,
            "projectEnabled": self.enabled,
            "notes": self.notes,
            "hourRate": self.hour_rate,
            "timeEstimated": self.time_estimated_minutes,
            "budgetEstimated": self.budget_estimated,
        }
        return {name: value for name, value in fields.items() if value is not None}


# --- requests ---------------------------------------------------------------------------------------------------


def search(name: str = "", client: str = "", page: int = 0, limit: int = PAGE_ROWS) -> Request:
    """List projects; both words are parts of a name for the tracker (trap T28).

    Raises:
        UsageError: no such page.
    """
    words = (("projectName", name), ("clientName", client))
    return Request("GET", PATH, (*((key, word) for key, word in words if word), *paging(page, limit)))


def get(project_id: str) -> Request:
    """Read one project.

    Raises:
        UsageError: no id.
    """
    return Request("GET", f"{PATH}/{id_segment(project_id)}")


def create(client: str, name: str, more: ProjectFields | None = None) -> Request:
    """Make a project; client and name of `more` are not looked at."""
    rest = {} if more is None else more.body()
    return Request("POST", PATH, body={**rest, "clientName": client, "projectName": name})


def update(project_id: str, fields: ProjectFields) -> Request:
    """Change what is given; a client has to exist.

    Raises:
        UsageError: no id.
    """
    return Request("PUT", f"{PATH}/{id_segment(project_id)}", body=fields.body())


def delete(project_id: str) -> Request:
    """Delete a project.

    Raises:
        UsageError: no id.
    """
    return Request("DELETE", f"{PATH}/{id_segment(project_id)}")


# --- replies ----------------------------------------------------------------------------------------------------


def read_project(row: Json) -> ProjectRow | None:
    """Read one project; None when it has no id or no name."""
    if not isinstance(row, dict):
        return None
    project_id, name = id_of(row), text_of(row.get("projectName") or row.get("name"))
    if project_id is None or not name:
        return None
    return ProjectRow(
        id=project_id,
        client=text_of(row.get("clientName")),
        name=name,
        enabled=flag_of(row.get("projectEnabled")),
        notes=text_of(row.get("notes")),
        hour_rate=number_of(row.get("hourRate")),
        time_estimated_minutes=number_of(row.get("timeEstimated")),
        budget_estimated=number_of(row.get("budgetEstimated")),
    )


def read_page(exchange: Exchange) -> ProjectRows | ReadFailure:
    """Read a page of projects; one that cannot be read spoils it, as with attendances."""
    heard = hear(exchange)
    if not isinstance(heard, Said):
        return failed(heard)
    found = None if isinstance(heard.document, Nothing) else objects(heard.document)
    if found is None:
        return no_list(heard.document)
    if len(found) > MOST_ROWS_TAKEN:
        return NotApplied(f"{len(found)} rows came where {PAGE_ROWS} were asked for")
    projects = [project for row in found if (project := read_project(row)) is not None]
    if len(projects) != len(found):
        return NotApplied(f"{len(found) - len(projects)} of {len(found)} projects cannot be read")
    return ProjectRows(tuple(projects), last=is_last(len(found)))


def read_one(exchange: Exchange) -> ProjectRow | ReadFailure:
    """Read the reply to `get`."""
    heard = hear(exchange)
    if not isinstance(heard, Said):
        return failed(heard)
    row = None if isinstance(heard.document, Nothing) else one_object(heard.document)
    project = None if row is None else read_project(dict(row))
    return NotApplied("the tracker's project cannot be read") if project is None else project


def written(exchange: Exchange, project_id: str | None) -> Verdict:
    """Read the reply to `create` (no id yet), `update` or `delete`; accepted when it shows the project's id."""
    heard = hear(exchange)
    match heard:
        case Missing(why, deleted):
            return Rejected(why, envelope=True) if project_id is None else Gone(why, deleted)
        case Said():
            row = None if isinstance(heard.document, Nothing) else one_object(heard.document)
            found = None if row is None else id_of(row)
            if found is None or (project_id is not None and found != project_id.strip()):
                return Unconfirmed("the reply does not show the project")
            return Accepted((found,))
        case _:
            return heard


def exact_projects(rows: tuple[ProjectRow, ...], client: str, name: str) -> tuple[ProjectRow, ...]:
    """Return the projects with exactly this name and client; an empty client means any (trap T28).

    Not one but several: two clients may have a project of the same name, and then nobody may guess.
    """
    return tuple(row for row in rows if same_name(row.name, name) and (not client or same_name(row.client, client)))
