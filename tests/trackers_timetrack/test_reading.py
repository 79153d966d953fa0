"""What is read: every form of a value, whole pages or none of them, timers by state."""

from datetime import datetime

import pytest

from clockd.core.pieces import whole
from clockd.core.wire import (
    Entry,
    Exchange,
    Forbidden,
    Gone,
    NoAnswer,
    NotApplied,
    NotSent,
    Paused,
    ProjectTimer,
    Rejected,
    Rows,
    Throttled,
)
from clockd.trackers.timetrack import ProjectRow, ProjectRows, attendances, exact_projects, projects, route_exists
from tests.trackers_timetrack.said import CODEC, HTML, PAGE, VIENNA, at, error, raw, row, says

# --- attendance rows --------------------------------------------------------------------------------------------

FULL = Entry(
    id="4711",
    username="jörg+x & co",
    from_local=at("08:02:13"),
    to_local=at("16:30:59"),
    note="by the door",
    break_minutes=15,
    worked_minutes=493,
    manual=False,
)


def test_row_of_the_documents() -> None:
    assert attendances.read_entry(row(), VIENNA) == FULL  # type: ignore[arg-type] # dict is invariant


@pytest.mark.parametrize(
    "shown",
    [
        row(id=..., ID="4711"),
        row(user=..., username="jörg+x & co"),
        row(notes=..., details="by the door"),
        row(notes="", note="by the door"),
        row(breakMinutes=..., minutesBreak="15"),
        row(breakMinutes="15", workedMinutes="493", manual="0"),
        row(manual=0, latitudeStart=None, latitudeEnd=["?"], color="#fff"),
        row(**{"from": "2026-11-21T08:02:13", "to": "2026-11-21T16:30:59Z"}),
    ],
)
def test_row_in_other_clothes_is_the_same(shown: dict[str, object]) -> None:
    assert attendances.read_entry(shown, VIENNA) == FULL  # type: ignore[arg-type] # dict is invariant


@pytest.mark.parametrize("end", [None, "", " ", "null", ..., "2026-11-21T08:02:13.000Z", "2026-11-21T08:02:13"])
def test_row_without_an_end_runs(end: object) -> None:
    entry = attendances.read_entry(row(to=end, workedMinutes=None, manual="?"), VIENNA)  # type: ignore[arg-type] # dict is invariant
    assert entry is not None
    assert entry.to_local is None
    assert entry.worked_minutes is None
    assert entry.manual is None


UNREADABLE: list[object] = [
    row(id=...),
    row(id=None),
    row(user=...),
    row(user=""),
    row(**{"from": ...}),
    row(**{"from": "yesterday"}),
    row(to="later"),
    row(to=5),
    {},
    None,
    1,
    "row",
    [],
]


@pytest.mark.parametrize("shown", UNREADABLE)
def test_row_that_cannot_be_read_spoils_its_page(shown: object) -> None:
    answer = whole(CODEC.rows(says([row(id=1), shown, row(id=2)])))
    assert isinstance(answer, NotApplied)
    assert "row 2 of 3" in answer.why


def test_control_skipping_such_a_row_would_show_a_punch_as_absent() -> None:
    shown = [row(id=1), row(user=""), row(id=2)]
    skipped = [entry for item in shown if (entry := attendances.read_entry(item, VIENNA))]  # type: ignore[arg-type] # dict is invariant
    assert len(skipped) == 2  # this is what the page would have looked like


@pytest.mark.parametrize(
    ("count", "last"), [(0, True), (1, True), (49, True), (50, False), (51, True), (999, True), (1000, False)]
)
def test_last_page(count: int, last: bool) -> None:
    answer = whole(CODEC.rows(says([row(id=n + 1) for n in range(count)])))
    assert isinstance(answer, Rows)
    assert (len(answer.entries), answer.last) == (count, last)


@pytest.mark.parametrize("wrapped", [[row()], {"data": [row()]}, {"attendances": [row()]}])
def test_list_may_be_wrapped(wrapped: object) -> None:
    assert whole(CODEC.rows(says(wrapped))) == Rows((FULL,), last=True)


FAILURES: list[tuple[Exchange, type]] = [
    (NotSent("refused"), NotApplied),
    (NoAnswer("timed out"), NotApplied),
    (raw(204), NotApplied),
    (raw(200), NotApplied),
    (says(None), NotApplied),
    (says({}), NotApplied),
    (says({"a": [], "b": {}}), NotApplied),
    (says(row()), Paused),
    (says("rows"), Paused),
    (says({"login": "required", "url": "http://portal.example"}), Paused),
    (raw(200, PAGE, HTML), NotApplied),
    (raw(200, b'[{"id": 1,'), NotApplied),
    (error(500), NotApplied),
    (raw(503, PAGE, HTML), NotApplied),
    (error(422), NotApplied),
    (error(404), NotApplied),
    (error(422, inside=200), NotApplied),
    (raw(301), Paused),
    (error(401), Paused),
    (raw(404, PAGE, HTML), Paused),
    (raw(405), Paused),
    (raw(403, PAGE, HTML), Paused),
    (error(403), Forbidden),
    (raw(429), Throttled),
    (error(403, title="Too many requests"), Throttled),
]


@pytest.mark.parametrize(("exchange", "expected"), FAILURES)
def test_list_that_did_not_come_is_no_empty_list(exchange: Exchange, expected: type) -> None:
    assert type(whole(CODEC.rows(exchange))) is expected


@pytest.mark.parametrize("shape", [row(), [row()], {"data": row()}])
def test_single_row_is_read(shape: object) -> None:
    assert CODEC.attendance(says(shape)) == FULL


def test_single_row_that_is_not_there() -> None:
    assert CODEC.attendance(error(404, 15020, "Deleted")) == Gone("404 Deleted (code 15020)", deleted=True)
    assert isinstance(CODEC.attendance(error(422)), Rejected)
    assert isinstance(CODEC.attendance(raw(204)), NotApplied)
    assert isinstance(CODEC.attendance(says({"id": 1})), NotApplied)


# --- timers -----------------------------------------------------------------------------------------------------

NO_TIMER: list[Exchange] = [
    error(404),
    raw(204),
    raw(200),
    says(None),
    says({}),
    says([]),
    says({"data": None}),
    says([None]),
    says({"data": []}),
    says({"id": None, "from": None, "to": ""}),
]


@pytest.mark.parametrize("exchange", [*NO_TIMER, says(row())])
def test_no_attendance_timer(exchange: Exchange) -> None:
    assert CODEC.attendance_timer(exchange) is None


@pytest.mark.parametrize("shape", [row(to=None), [row(to="")], {"data": row(to=...)}])
def test_attendance_timer(shape: object) -> None:
    entry = CODEC.attendance_timer(says(shape))
    assert isinstance(entry, Entry)
    assert (entry.id, entry.to_local) == ("4711", None)


@pytest.mark.parametrize("exchange", [raw(200, PAGE, HTML), says({"id": 1}), error(500), NoAnswer(""), error(422)])
def test_attendance_timer_that_cannot_be_read_is_not_none(exchange: Exchange) -> None:
    assert isinstance(CODEC.attendance_timer(exchange), NotApplied)


def timer(**changes: object) -> dict[str, object]:
    shown: dict[str, object] = {
        "username": "ada",
        "startedAt": "2026-11-21T08:00:00.000Z",
        "workedSeconds": 600,
        "breakSeconds": "300",
        "playing": True,
        "stopped": False,
        "paused": False,
        "clientName": "Client 006",
        "projectName": "Project 006_1",
        "taskName": None,
        "note": "n",
    } | changes
    return {key: value for key, value in shown.items() if value is not ...}


@pytest.mark.parametrize(
    ("changes", "state", "worked_s", "break_s"),
    [
        ({}, "playing", 3300, 300),
        ({"stopped": True}, "playing", 3300, 300),
        ({"paused": True}, "playing", 3300, 300),
        ({"playing": "1", "breakSeconds": 0}, "playing", 3600, 0),
        ({"playing": 0, "paused": "true"}, "paused", 600, 3000),
        ({"playing": False, "paused": True, "stopped": True}, "paused", 600, 3000),
        ({"playing": False, "stopped": True}, "stopped", 600, 300),
        ({"playing": False}, "stopped", 600, 300),
        ({"breakSeconds": 9999}, "playing", 0, 9999),
        ({"workedSeconds": None, "breakSeconds": "x"}, "playing", 3600, 0),
        ({"workedSeconds": -5, "playing": False}, "stopped", 0, 300),
        ({"startedAt": "2026-11-21T08:00:00"}, "playing", 3300, 300),
    ],
)
def test_project_timer_counts_by_state(changes: dict[str, object], state: str, worked_s: int, break_s: int) -> None:
    found = CODEC.project_timer(says(timer(**changes)), at("09:00:00"), "ada")
    assert isinstance(found, ProjectTimer)
    assert (found.state, found.worked_s, found.break_s) == (state, worked_s, break_s)


def test_project_timer_as_last_saved() -> None:
    assert CODEC.project_timer(says({"data": timer()})) == ProjectTimer(
        "ada", at("08:00:00"), 600, 300, "playing", "Client 006", "Project 006_1", "", "n"
    )


def test_project_timer_of_before_the_clocks_changed_counts_wall_clock() -> None:
    begin = {"startedAt": "2026-10-24T22:00:00Z", "breakSeconds": 0}
    found = CODEC.project_timer(says(timer(**begin)), datetime(2026, 10, 25, 6), "ada")
    assert isinstance(found, ProjectTimer)
    assert found.worked_s == 8 * 3600  # nine hours passed, and the tracker says eight


@pytest.mark.parametrize("exchange", NO_TIMER)
def test_no_project_timer(exchange: Exchange) -> None:
    assert CODEC.project_timer(exchange) is None


@pytest.mark.parametrize(
    "exchange",
    [
        says(timer(username="bob")),
        says(timer(startedAt=None)),
        says(timer(startedAt="x", playing=False)),
        says(timer(playing=..., paused=..., stopped=...)),
        says({"message": "?"}),
        raw(200, PAGE, HTML),
        error(422),
        error(500),
        NotSent(""),
    ],
)
def test_project_timer_that_cannot_be_read_is_not_none(exchange: Exchange) -> None:
    assert isinstance(CODEC.project_timer(exchange, None, "ada"), NotApplied)


def test_stopped_timer_without_a_begin_is_one() -> None:
    found = CODEC.project_timer(says(timer(playing=False, startedAt=None)), at("09:00:00"))
    assert isinstance(found, ProjectTimer)
    assert (found.state, found.started_local, found.worked_s) == ("stopped", None, 600)


@pytest.mark.parametrize(
    ("exchange", "exists"),
    [
        (says(row(to=None)), True),
        (says(None), True),
        (raw(204), True),
        (error(404, title="Timer not found"), True),
        (error(422, title="date is required"), True),
        (error(422, inside=200), True),
        (raw(404, PAGE, HTML), False),
        (says({"message": "no route"}, 404), False),
        (raw(200, PAGE, HTML), False),
        (raw(405), False),
        (raw(301), False),
        (error(401), False),
        (error(401, inside=200), False),
        (error(403), False),
        (error(429), False),
        (error(500), False),
        (raw(502, b"\xff"), False),
        (NotSent(""), False),
        (NoAnswer(""), False),
    ],
)
def test_route_probe(exchange: Exchange, exists: bool) -> None:
    assert route_exists(exchange) is exists


# --- projects ---------------------------------------------------------------------------------------------------

PROJECT = {
    "ID": 7,
    "projectName": "Test",
    "clientName": "Müller",
    "projectEnabled": 1,
    "notes": None,
    "hourRate": "50",
    "timeEstimated": 90,
    "budgetEstimated": None,
    "color": [],
}
READ = ProjectRow("7", "Müller", "Test", True, "", 50.0, 90.0, None)


def test_projects_are_read() -> None:
    assert projects.read_page(says([PROJECT])) == ProjectRows((READ,), last=True)
    assert projects.read_one(says({"data": PROJECT})) == READ
    assert projects.read_one(says([PROJECT | {"projectName": "", "name": "Test"}])) == READ


@pytest.mark.parametrize("bad", [{"ID": 7}, {"projectName": "x"}, None, 7])
def test_project_that_cannot_be_read_spoils_its_page(bad: object) -> None:
    assert isinstance(projects.read_page(says([PROJECT, bad])), NotApplied)
    assert isinstance(projects.read_one(says(bad)), NotApplied)


@pytest.mark.parametrize(("exchange", "expected"), FAILURES)
def test_projects_that_did_not_come_are_no_empty_list(exchange: Exchange, expected: type) -> None:
    refused = {404: Gone, 422: Rejected}
    answer = projects.read_page(exchange)
    assert type(answer) in {expected, *refused.values()}
    assert not isinstance(answer, ProjectRows)


def test_search_is_by_parts_of_names_and_the_choice_by_whole_ones() -> None:
    rows = (
        READ,
        ProjectRow("8", "Müller", "Test 2"),
        ProjectRow("9", "Mueller", "Test"),
        ProjectRow("10", "Müller", "test"),
    )
    assert [row.id for row in exact_projects(rows, "Mu\u0308ller", " Test ")] == ["7"]
    assert [row.id for row in exact_projects(rows, "", "Test")] == ["7", "9"]
    assert exact_projects(rows, "Müller", "Tes") == ()


@pytest.mark.parametrize(
    ("exchange", "project_id", "expected"),
    [
        (says(PROJECT, 201), None, "Accepted"),
        (says({"data": {"id": 7}}), "7", "Accepted"),
        (says(PROJECT), "8", "Unconfirmed"),
        (raw(204), "7", "Unconfirmed"),
        (raw(200, PAGE, HTML), "7", "Unknown"),
        (error(404), "7", "Gone"),
        (error(404), None, "Rejected"),
        (error(422), "7", "Rejected"),
        (error(401), "7", "Paused"),
        (NoAnswer(""), "7", "Unknown"),
    ],
)
def test_projects_are_written_when_the_reply_shows_them(
    exchange: Exchange, project_id: str | None, expected: str
) -> None:
    assert type(projects.written(exchange, project_id)).__name__ == expected


def test_where_a_row_began_and_ended_is_read_and_makes_no_other_row_of_it() -> None:
    shown = row(latitudeEnd="-48.25", longitudeEnd=16)
    found = attendances.read_entry(shown, VIENNA)  # type: ignore[arg-type] # dict is invariant
    assert found is not None
    assert (found.latitude_start, found.longitude_start) == (48.2, 16.37)
    assert (found.latitude_end, found.longitude_end) == (-48.25, 16)
    odd = row(latitudeStart="nan", longitudeStart={}, latitudeEnd=True, longitudeEnd="1e400")
    blank = attendances.read_entry(odd, VIENNA)  # type: ignore[arg-type] # dict is invariant
    assert blank is not None
    assert (blank.latitude_start, blank.longitude_start, blank.latitude_end, blank.longitude_end) == (None,) * 4
    assert found == blank
