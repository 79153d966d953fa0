"""What is written: one form, exactly."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clockd.core.wire import (
    CreateEntry,
    DeleteEntry,
    PauseProject,
    Position,
    Request,
    ResumeProject,
    StartProject,
    StartTimer,
    StopProject,
    UpdateEntry,
    Write,
)
from clockd.errors import UsageError
from clockd.trackers.timetrack import TimeTrackCodec, attendances, credentials, projects
from clockd.trackers.timetrack.projects import ProjectFields
from tests.trackers_timetrack.said import CODEC, IN, OUT, PAIR, START, STOP, VIENNA

T_IN, T_OUT = "2026-11-21T08:02:13.000Z", "2026-11-21T16:30:59.000Z"
WHO = "jörg+x & co"

WRITES: list[tuple[Write, str, str, object]] = [
    (START, "POST", "/attendance_timer/start", {"username": WHO, "date": T_IN}),
    (STOP, "POST", "/attendance_timer/stop", {"username": WHO, "date": T_OUT}),
    (
        PAIR,
        "POST",
        "/attendances",
        {
            "username": WHO,
            "from": T_IN,
            "to": T_OUT,
            "minutesBreak": 15,
            "details": "by the door",
            "notes": "by the door",
        },
    ),
    (
        CreateEntry("ada", IN, OUT, 0, ""),
        "POST",
        "/attendances",
        {"username": "ada", "from": T_IN, "to": T_OUT, "minutesBreak": 0},
    ),
    (UpdateEntry("4711", to_local=OUT), "PUT", "/attendances/4711", {"to": T_OUT}),
    (
        UpdateEntry("4711", IN, OUT, 0, ""),
        "PUT",
        "/attendances/4711",
        {"from": T_IN, "to": T_OUT, "minutesBreak": 0, "notes": ""},
    ),
    (DeleteEntry("4711"), "DELETE", "/attendances/4711", None),
    (DeleteEntry("a/b c?"), "DELETE", "/attendances/a%2Fb%20c%3F", None),
    (
        StartProject("ada", "Client 006", "Project 006_1", IN),
        "POST",
        "/timers/project_timer/start",
        {"username": "ada", "date": T_IN, "clientName": "Client 006", "projectName": "Project 006_1"},
    ),
    (PauseProject("ada", IN), "POST", "/timers/project_timer/pause", {"username": "ada", "date": T_IN}),
    (ResumeProject("ada", IN), "POST", "/timers/project_timer/resume", {"username": "ada", "date": T_IN}),
    (StopProject("ada", IN), "POST", "/timers/project_timer/stop", {"username": "ada", "date": T_IN}),
]


def check_writes(say: Callable[[Write], Request]) -> None:
    for write, method, path, body in WRITES:
        said = say(write)
        assert (said.method, said.path, said.query, said.body) == (method, path, (), body)


def test_writes_are_these() -> None:
    check_writes(CODEC.request)


def changed(**fields: object) -> Callable[[Write], Request]:
    """Sabotage: the codec's request with something of its body or path changed."""

    def say(write: Write) -> Request:
        said = CODEC.request(write)
        body = said.body
        if isinstance(body, dict) and "keep" in fields:
            body = {key: value for key, value in body.items() if key in str(fields["keep"])}
        if isinstance(body, dict) and "replace" in fields:
            text = json.dumps(body).replace(*fields["replace"])  # type: ignore[misc] # a pair of texts
            body = json.loads(text)
        return Request(said.method, said.path + str(fields.get("suffix", "")), said.query, body)

    return say


@pytest.mark.parametrize(
    "sabotage",
    [
        pytest.param(changed(replace=("T08:", "T07:")), id="UTC instead of the wall clock"),
        pytest.param(changed(replace=(".000Z", "Z")), id="the other form of a timestamp"),
        pytest.param(changed(replace=("13.000", "13.480")), id="a fraction that is not cut"),
        pytest.param(changed(replace=("minutesBreak", "breakMinutes")), id="the name for reading"),
        pytest.param(changed(replace=('"notes"', '"note"')), id="one name for the note"),
        pytest.param(changed(replace=("username", "user")), id="user"),
        pytest.param(changed(suffix="/"), id="a trailing slash"),
    ],
)
def test_control_every_deviation_is_seen(sabotage: Callable[[Write], Request]) -> None:
    with pytest.raises(AssertionError):
        check_writes(sabotage)


def test_paths_of_the_timers_are_configured() -> None:
    other = TimeTrackCodec("/timers/attendance_timer", "/project_timer", VIENNA)
    assert other.request(START).path == "/timers/attendance_timer/start"
    assert other.request(STOP).path == "/timers/attendance_timer/stop"
    assert other.request(PauseProject("ada", IN)).path == "/project_timer/pause"
    assert other.get_attendance_timer("ada", IN).path == "/timers/attendance_timer"
    assert other.get_project_timer("ada", IN).path == "/project_timer"


@pytest.mark.parametrize(
    ("said", "path", "query"),
    [
        (
            CODEC.look(("ada", "bob"), IN, OUT, 0),
            "/attendances",
            "from=2026-11-19T20:02:13.000Z to=2026-11-23T04:30:59.000Z page_number=0 limit=1000",
        ),
        (
            CODEC.look((), IN, IN, 3),
            "/attendances",
            "from=2026-11-19T20:02:13.000Z to=2026-11-22T20:02:13.000Z page_number=3 limit=1000",
        ),
        (
            CODEC.probe(IN),
            "/attendances",
            "from=2026-11-19T20:02:13.000Z to=2026-11-22T20:02:13.000Z page_number=0 limit=1",
        ),
        (CODEC.get_attendance_timer("ada", IN), "/attendance_timer", f"username=ada date={T_IN}"),
        (CODEC.get_project_timer("ada", IN), "/timers/project_timer", f"username=ada date={T_IN}"),
        (attendances.search(None, None, None), "/attendances", "page_number=0 limit=1000"),
        (
            attendances.search("ada", IN, OUT, 2, 50),
            "/attendances",
            f"username=ada user=ada from={T_IN} to={T_OUT} page_number=2 limit=50",
        ),
        (attendances.get("1"), "/attendances/1", ""),
        (projects.search(), "/projects", "page_number=0 limit=1000"),
        (projects.search("Test", "A"), "/projects", "projectName=Test clientName=A page_number=0 limit=1000"),
        (projects.get("7"), "/projects/7", ""),
    ],
)
def test_reads_are_gets_without_a_body(said: Request, path: str, query: str) -> None:
    assert (said.method, said.path, said.body) == ("GET", path, None)
    assert " ".join(f"{key}={value}" for key, value in said.query) == query
    assert not said.writes


@pytest.mark.parametrize(
    ("said", "method", "path", "body"),
    [
        (
            projects.create("Test company", "Test project 001"),
            "POST",
            "/projects",
            {"clientName": "Test company", "projectName": "Test project 001"},
        ),
        (
            projects.create("C", "P", ProjectFields(client="x", hour_rate=20.5, enabled=False)),
            "POST",
            "/projects",
            {"clientName": "C", "projectName": "P", "projectEnabled": False, "hourRate": 20.5},
        ),
        (
            projects.update("1", ProjectFields(hour_rate=50, notes="", time_estimated_minutes=90, budget_estimated=1)),
            "PUT",
            "/projects/1",
            {"hourRate": 50, "notes": "", "timeEstimated": 90, "budgetEstimated": 1},
        ),
        (projects.delete("1"), "DELETE", "/projects/1", None),
    ],
)
def test_projects_are_written_like_this(said: Request, method: str, path: str, body: object) -> None:
    assert (said.method, said.path, said.query, said.body) == (method, path, (), body)


@pytest.mark.parametrize("bad", ["", "  ", ".", "..", "...", "\ud800"])
def test_id_that_would_mean_another_page_is_refused(bad: str) -> None:
    with pytest.raises(UsageError):
        CODEC.request(DeleteEntry(bad))
    with pytest.raises(UsageError):
        projects.delete(bad)


@pytest.mark.parametrize(("page", "limit"), [(-1, 10), (0, 0), (0, 1001), (0, -1)])
def test_pages_that_are_not_defined_are_refused(page: int, limit: int) -> None:
    with pytest.raises(UsageError):
        attendances.search(None, None, None, page, limit)


def test_time_with_a_zone_is_a_mistake_of_ours() -> None:
    with pytest.raises(AssertionError):
        CODEC.request(StartTimer("ada", datetime(2026, 11, 21, 7, 2, 13, tzinfo=UTC)))


def test_credentials_are_two_headers() -> None:
    assert credentials("key\n", " secret\r\n") == {"X-TimeTrack-Api-Key": "key", "X-TimeTrack-Api-Secret": "secret"}


@pytest.mark.parametrize(
    ("place", "latitude", "longitude"),
    [
        (Position(48.2082, 16.3738), "48.2082", "16.3738"),
        (Position(-33.0, -0.00000001), "-33", "0"),
        (Position(0.00001, -179.12345678), "0.00001", "-179.1234568"),
    ],
)
def test_a_fixed_position_is_said_with_whole_entries_alone(place: Position, latitude: str, longitude: str) -> None:
    """As Number, Text, Text, Text: the table of the attendance object has these types. No timer takes them."""
    codec = replace(CODEC, place=place)
    body = codec.request(PAIR).body
    assert isinstance(body, dict)
    plain = CODEC.request(PAIR).body
    assert isinstance(plain, dict)
    assert {key: body[key] for key in body if key not in plain} == {
        "latitudeStart": float(latitude),
        "longitudeStart": longitude,
        "latitudeEnd": latitude,
        "longitudeEnd": longitude,
    }
    for write, *_ in WRITES:
        if not isinstance(write, CreateEntry):
            assert codec.request(write) == CODEC.request(write)
