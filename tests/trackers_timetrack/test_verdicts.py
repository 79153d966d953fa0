"""What may be believed of an answer: the whole table, and the reasons a person reads."""

import re
from dataclasses import replace

import pytest

from clockd.core.wire import (
    Accepted,
    DeleteEntry,
    Exchange,
    Forbidden,
    Gone,
    NoAnswer,
    NotApplied,
    NotSent,
    Paused,
    PauseProject,
    Rejected,
    Reply,
    ResumeProject,
    StartProject,
    StopProject,
    Throttled,
    Unconfirmed,
    Unknown,
    UpdateEntry,
    Verdict,
    Write,
)
from clockd.trackers.timetrack import TrackerError, as_error
from clockd.trackers.timetrack.hear import errors_in
from tests.trackers_timetrack.said import CODEC, HTML, IN, JSON, OUT, PAGE, PAIR, START, STOP, at, error, raw, row, says

WHO = START.username
CHANGE = UpdateEntry("4711", to_local=OUT)
REMOVE = DeleteEntry("4711")
P_START = StartProject(WHO, "Client 006", "Project 006_1", IN)
P_PAUSE, P_RESUME, P_STOP = PauseProject(WHO, OUT), ResumeProject(WHO, OUT), StopProject(WHO, OUT)
ALL: tuple[Write, ...] = (START, STOP, PAIR, CHANGE, REMOVE, P_START, P_PAUSE, P_RESUME, P_STOP)


def kind(verdict: Verdict) -> str:
    """The verdict without its reasons."""
    match verdict:
        case Accepted(ids):
            return f"Accepted {' '.join(ids)}".strip()
        case Rejected(_, envelope):
            return f"Rejected {'by the tracker' if envelope else 'by somebody'}"
        case Gone(_, deleted):
            return "Deleted" if deleted else "Gone"
        case Paused(reason, _):
            return f"Paused {reason}"
        case Throttled(retry_after):
            return f"Throttled {retry_after}"
        case _:
            return type(verdict).__name__


# --- statuses ---------------------------------------------------------------------------------------------------

NOTHINGS: list[object] = [None, {}, [], True, 1, 4711, "OK", [[]], {"data": None}]
BY_STATUS: list[tuple[Exchange, str]] = [
    (NotSent("refused"), "NotApplied"),
    (NoAnswer("timed out"), "Unknown"),
    # a success that shows nothing
    (raw(204), "Unconfirmed"),
    (raw(200), "Unconfirmed"),
    (raw(201, b" \r\n"), "Unconfirmed"),
    (raw(200, headers={}), "Unconfirmed"),
    *((says(nothing), "Unconfirmed") for nothing in NOTHINGS),
    (says({"success": True}), "Unconfirmed"),
    (says({"message": "created"}), "Unconfirmed"),
    (says({"data": {"data": {"data": {"data": {"data": {"id": 4711}}}}}}), "Unconfirmed"),
    # a success of somebody else
    (raw(200, PAGE, HTML), "Unknown"),
    (raw(200, PAGE), "Unknown"),
    (raw(200, b"", HTML), "Unknown"),
    (raw(200, b'{"id": 47'), "Unknown"),
    (raw(200, b"OK"), "Unknown"),
    (raw(200, b"\xff\xfe\x00"), "Unknown"),
    (raw(200, b"[" * 100_000), "Unknown"),
    (raw(200, b"9" * 10_000), "Unknown"),
    # errors inside of a success (T07)
    (error(422, inside=200), "Rejected by the tracker"),
    (error(401, inside=200), "Paused credentials"),
    (error(403, inside=201), "Forbidden"),
    (error(429, inside=200), "Throttled None"),
    (error(500, inside=200), "Unknown"),
    (says({"errors": [{"title": "what?"}]}), "Unknown"),
    (says({"errors": [{"status": 422}, {"status": 500}]}), "Unknown"),
    (says({"errors": [{"status": "422"}]}), "Rejected by the tracker"),
    (says({"errors": [17]}), "Unknown"),
    (says({"errors": "no"}), "Unknown"),
    (says({"errors": {"status": 422, "title": "no"}}), "Rejected by the tracker"),
    (says({"data": {"errors": [{"status": 422}]}}), "Rejected by the tracker"),
    (says({"errors": []}), "Unconfirmed"),
    # the tracker as a whole
    *(
        (raw(status, headers={"location": "https://login.example/x?username=ada"}), "Paused redirect")
        for status in (300, 301, 302, 304, 307, 308)
    ),
    # "see the other page" is what a server says after it did what it was asked for
    (raw(303, headers={"location": "https://login.example/x?username=ada"}), "Unknown"),
    (raw(301), "Paused redirect"),
    (error(401), "Paused credentials"),
    (raw(401, PAGE, HTML), "Paused credentials"),
    (raw(402), "Paused credentials"),
    (raw(403, PAGE, HTML), "Paused path"),
    (raw(404, PAGE, HTML), "Paused path"),
    (raw(404), "Paused path"),
    (says({"message": "no route"}, 404), "Paused path"),
    (raw(405, headers={"allow": "GET"}), "Paused path"),
    (error(405), "Paused path"),
    (raw(407), "Paused path"),
    (raw(410), "Paused path"),
    (raw(451), "Paused path"),
    # throttled (T06)
    (raw(429), "Throttled None"),
    (raw(429, b"", {"retry-after": "17"}), "Throttled 17"),
    (raw(429, b"", {"retry-after": "Sat, 21 Nov 2026 07:02:13 GMT"}), "Throttled Sat, 21 Nov 2026 07:02:13 GMT"),
    (error(403, title="Too many requests"), "Throttled None"),
    (raw(403, b"Rate limit exceeded", {"content-type": "text/plain"}), "Throttled None"),
    (error(503, title="Request limit reached", detail="Requests are throttled"), "Throttled None"),
    (replace(error(503, title="Too many requests"), headers=JSON | {"retry-after": "30"}), "Throttled 30"),
    # this employee
    (error(403, title="Action not allowed"), "Forbidden"),
    (raw(403), "Forbidden"),
    (says({"message": "no"}, 403), "Forbidden"),
    # refused
    *((error(status), "Rejected by the tracker") for status in (400, 406, 409, 411, 413, 415, 417, 422, 499)),
    *((raw(status, PAGE, HTML), "Rejected by somebody") for status in (400, 409, 413, 414, 415, 422, 431)),
    (says({"errors": []}, 422), "Rejected by somebody"),
    (error(422, 15020), "Deleted"),
    (error(404, 15020), "Deleted"),
    (error(404, 15020, inside=200), "Deleted"),
    # who knows
    *((error(status), "Unknown") for status in (408, 421, 425, 500, 501, 502, 503, 504, 507, 599)),
    *((raw(status, PAGE, HTML), "Unknown") for status in (500, 502, 503, 504, 520, 524)),
    (raw(503, b"", {"retry-after": "5"}), "Unknown"),
    (raw(503, b"Too many requests", {"content-type": "text/plain"}), "Unknown"),
    *((raw(status), "Unknown") for status in (0, 100, 101, 199, 600, 999)),
    (raw(511, PAGE, HTML), "NotApplied"),
]


@pytest.mark.parametrize(("exchange", "expected"), BY_STATUS)
def test_status_and_envelope_decide_for_every_write(exchange: Exchange, expected: str) -> None:
    assert {kind(CODEC.verdict(write, exchange)) for write in ALL} == {expected}


def test_success_with_a_404_inside_is_a_404() -> None:
    assert kind(CODEC.verdict(STOP, error(404, inside=200))) == "Gone"


MISSING = {START: "Forbidden", PAIR: "Forbidden", P_START: "Rejected by the tracker"}


@pytest.mark.parametrize("write", [START, PAIR], ids=lambda write: type(write).__name__)
def test_only_a_403_may_be_a_matter_of_the_key(write: Write) -> None:
    """Three employees whom the tracker does not know say nothing of anybody's rights."""
    assert CODEC.verdict(write, error(404)) == Forbidden("404 No (code 15001)", about="employee")
    for exchange in (error(403), raw(403), error(403, inside=200)):
        verdict = CODEC.verdict(write, exchange)
        assert isinstance(verdict, Forbidden)
        assert verdict.about == "key"


@pytest.mark.parametrize("write", ALL, ids=lambda write: type(write).__name__)
def test_404_in_the_trackers_words_depends_on_the_write(write: Write) -> None:
    assert kind(CODEC.verdict(write, error(404))) == MISSING.get(write, "Gone")
    assert kind(CODEC.verdict(write, error(410))) == MISSING.get(write, "Gone")
    assert kind(CODEC.verdict(write, error(404, 15020))) == "Deleted"


# --- echoes -----------------------------------------------------------------------------------------------------

OPEN: dict[str, object] = {"from": "2026-11-21T08:02:13.000Z", "to": None}
THIN = {"id": 4711}

ECHOES: list[tuple[str, Write, object, str]] = [
    # START
    ("running row", START, row(to=None), "Accepted 4711"),
    ("end is blank", START, row(to=""), "Accepted 4711"),
    ("end is missing", START, row(to=...), "Accepted 4711"),
    ("end is the begin", START, row(to="2026-11-21T08:02:13.000Z"), "Accepted 4711"),
    ("only an id", START, THIN, "Unconfirmed"),
    ("id and user", START, {"id": 4711, "user": WHO, "to": None}, "Unconfirmed"),
    ("id and begin", START, {"id": 4711} | OPEN, "Accepted 4711"),
    ("without an id", START, row(to=None, id=...), "Accepted"),
    ("without id and user", START, row(to=None, id=..., user=...), "Unconfirmed"),
    ("without id and begin", START, {"user": WHO, "to": None}, "Unconfirmed"),
    ("id 0", START, row(to=None, id=0), "Accepted"),
    ("whole minutes", START, row(to=None, **{"from": "2026-11-21T08:02:00.000Z"}), "Accepted 4711"),
    ("rounded up", START, row(to=None, **{"from": "2026-11-21T08:03:00Z"}), "Accepted 4711"),
    ("a timer that ran before", START, row(to=None, **{"from": "2026-11-21T08:01:00.000Z"}), "Unconfirmed"),
    ("our time as UTC", START, row(to=None, **{"from": "2026-11-21T07:02:13.000Z"}), "Unconfirmed"),
    ("a closed row", START, row(), "Unconfirmed"),
    ("somebody else", START, row(to=None, user="joerg"), "Unknown"),
    ("another case", START, row(to=None, user="JÖRG+x & co"), "Unknown"),
    ("decomposed umlaut", START, row(to=None, user="jo\u0308rg+x & co "), "Accepted 4711"),
    ("begin is nonsense", START, row(to=None, **{"from": "now"}), "Unconfirmed"),
    ("end is nonsense", START, row(to="later"), "Unconfirmed"),
    # STOP
    ("closed row", STOP, row(), "Accepted 4711"),
    ("only an id", STOP, THIN, "Unconfirmed"),
    ("id and end", STOP, {"id": 4711, "to": "2026-11-21T16:30:59.000Z"}, "Accepted 4711"),
    ("without an id", STOP, row(id=...), "Accepted"),
    ("still running", STOP, row(to=None), "Unconfirmed"),
    ("end is missing", STOP, row(to=...), "Unconfirmed"),
    ("whole minutes", STOP, row(to="2026-11-21T16:30:00.000Z"), "Accepted 4711"),
    ("stopped by somebody before", STOP, row(to="2026-11-21T12:00:00.000Z"), "Unconfirmed"),
    ("ended at midnight by the tracker", replace(STOP, at_local=at("02:00:00")), row(to="2026-11-21T00:00:00Z"),
     "Unconfirmed"),
    ("began later", STOP, row(**{"from": "2026-11-21T17:00:00.000Z"}), "Unconfirmed"),
    ("same minute", replace(STOP, at_local=at("08:02:50")),
     row(**{"from": "2026-11-21T08:02:00Z", "to": "2026-11-21T08:02:00Z"}), "Accepted 4711"),
    ("somebody else", STOP, row(user="ada"), "Unknown"),
    # PAIR
    ("the row", PAIR, row(), "Accepted 4711"),
    ("ID", PAIR, row(id=..., ID=4711), "Accepted 4711"),
    ("id as text", PAIR, row(id=" 4711 "), "Accepted 4711"),
    ("id as a float", PAIR, row(id=4711.0), "Accepted 4711"),
    ("id is a flag", PAIR, row(id=True), "Accepted"),
    ("username", PAIR, row(user=..., username=WHO), "Accepted 4711"),
    ("only an id", PAIR, THIN, "Unconfirmed"),
    ("only an id, wrapped", PAIR, {"data": THIN}, "Unconfirmed"),
    ("id and user", PAIR, {"id": 4711, "user": WHO}, "Unconfirmed"),
    ("without an id", PAIR, row(id=...), "Accepted"),
    ("without id and user", PAIR, row(id=..., user=...), "Unconfirmed"),
    ("in a list", PAIR, [row()], "Accepted 4711"),
    ("in data", PAIR, {"data": row()}, "Accepted 4711"),
    ("in data with more", PAIR, {"data": row(), "meta": {"page": 0}}, "Accepted 4711"),
    ("in data in a list", PAIR, {"data": [row()]}, "Accepted 4711"),
    ("under a name", PAIR, {"attendance": row()}, "Accepted 4711"),
    ("more than the documents", PAIR, row(user_id=7, working_time_strategies=[]), "Accepted 4711"),
    ("whole minutes", PAIR, row(**{"from": "2026-11-21T08:02:00", "to": "2026-11-21T16:31:00"}), "Accepted 4711"),
    ("with the offset of the zone", PAIR,
     row(**{"from": "2026-11-21T07:02:13+00:30", "to": "2026-11-21T16:30:59+01:00"}), "Unconfirmed"),
    ("with an offset", PAIR,
     row(**{"from": "2026-11-21T08:02:13+01:00", "to": "2026-11-21T10:30:59-05:00"}), "Accepted 4711"),
    ("break deducted, note lost", PAIR, row(breakMinutes=45, workedMinutes=1, notes=None), "Accepted 4711"),
    ("another begin", PAIR, row(**{"from": "2026-11-21T07:02:13.000Z"}), "Unconfirmed"),
    ("another end", PAIR, row(to="2026-11-21T15:30:59.000Z"), "Unconfirmed"),
    ("without an end", PAIR, row(to=None), "Unconfirmed"),
    ("somebody else", PAIR, row(user="ada"), "Unknown"),
    ("yes and no", PAIR, row(success=False), "Unconfirmed"),
    ("yes and no as text", PAIR, row(ok="0"), "Unconfirmed"),
    ("an error beside it", PAIR, row(error="not saved"), "Unconfirmed"),
    ("two rows", PAIR, [row(), row(id=4712)], "Unconfirmed"),
    # PUT, DELETE
    ("the row", CHANGE, row(), "Accepted 4711"),
    ("only an id", CHANGE, {"ID": "4711"}, "Accepted 4711"),
    ("another row", CHANGE, row(id=4712), "Unknown"),
    ("unchanged", CHANGE, row(to="2026-11-21T12:00:00Z"), "Unconfirmed"),
    ("still running", CHANGE, row(to=None), "Unconfirmed"),
    ("no id", CHANGE, row(id=...), "Unconfirmed"),
    ("begin unchanged", UpdateEntry("4711", from_local=IN), row(**{"from": "2026-11-21T09:00:00Z"}), "Unconfirmed"),
    ("a break in a running row", UpdateEntry("4711", break_minutes=30), row(to=None), "Accepted 4711"),
    ("the row", REMOVE, row(), "Accepted 4711"),
    ("only an id", REMOVE, THIN, "Accepted 4711"),
    ("another row", REMOVE, row(id=4712), "Unknown"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("write", "document", "expected"),
    [pytest.param(*rest, id=f"{type(rest[0]).__name__} {name}") for name, *rest in ECHOES],
)
def test_echo_decides(write: Write, document: object, expected: str) -> None:
    for status in (200, 201, 202, 299):
        assert kind(CODEC.verdict(write, says(document, status))) == expected


NIGHT = replace(PAIR, from_local=at("22:00:00"), to_local=at("23:00:00").replace(day=22, hour=6))
FIRST = row(**{"from": "2026-11-21T22:00:00Z", "to": "2026-11-22T00:00:00Z"})
REST = row(id=4712, **{"from": "2026-11-22T00:00:00Z", "to": "2026-11-22T06:00:00Z"})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([FIRST, REST], "Accepted 4711 4712"),
        ({"data": [REST, FIRST]}, "Accepted 4712 4711"),
        ([FIRST, REST | {"user": "ada"}], "Unknown"),
        ([FIRST, REST | {"from": "2026-11-22T01:00:00Z"}], "Unconfirmed"),
        ([FIRST, REST, REST | {"id": 4713}], "Unconfirmed"),
        ([FIRST, "rest"], "Unconfirmed"),
        (FIRST, "Unconfirmed"),
        (THIN, "Unconfirmed"),
        (FIRST | {"to": "2026-11-22T06:00:00Z"}, "Accepted 4711"),
    ],
)
def test_interval_that_was_split_is_accepted_with_all_parts_only(document: object, expected: str) -> None:
    assert kind(CODEC.verdict(NIGHT, says(document))) == expected


@pytest.mark.parametrize("end", ["2026-11-22T00:00:00Z", "2026-11-21T23:59:59.999Z", "2026-11-21T23:59:00Z"])
def test_first_part_says_why_it_is_looked_for(end: str) -> None:
    verdict = CODEC.verdict(NIGHT, says(FIRST | {"to": end}))
    assert verdict == Unconfirmed("the tracker split it at midnight and shows the first part")


# --- project timers ---------------------------------------------------------------------------------------------


def timer(**changes: object) -> dict[str, object]:
    shown: dict[str, object] = {
        "username": WHO,
        "startedAt": "2026-11-21T08:02:13.000Z",
        "workedSeconds": 0,
        "breakSeconds": 0,
        "playing": True,
        "stopped": False,
        "paused": False,
        "clientName": "Client 006",
        "projectName": "Project 006_1",
    } | changes
    return {key: value for key, value in shown.items() if value is not ...}


PAUSED_TIMER = timer(playing=False, paused="1")
STOPPED_TIMER = timer(playing=0, stopped="true")


@pytest.mark.parametrize(
    ("write", "document", "expected"),
    [
        (P_START, timer(), "Accepted"),
        (P_START, {"data": timer(stopped=True)}, "Accepted"),
        (P_START, timer(id=9), "Accepted 9"),
        (P_START, timer(startedAt="2026-11-21T08:02:00Z"), "Accepted"),
        (P_START, timer(startedAt="2026-11-21T07:00:00Z"), "Unconfirmed"),
        (P_START, timer(projectName="Project 006"), "Unconfirmed"),
        (P_START, timer(clientName="client 006"), "Unconfirmed"),
        (P_START, PAUSED_TIMER, "Unconfirmed"),
        (P_START, timer(username="ada"), "Unknown"),
        (P_START, timer(username=...), "Unconfirmed"),
        (P_START, {"username": WHO}, "Unconfirmed"),
        (P_PAUSE, PAUSED_TIMER, "Accepted"),
        (P_PAUSE, timer(), "Unconfirmed"),
        (P_PAUSE, timer(paused=True), "Unconfirmed"),
        (P_RESUME, timer(), "Accepted"),
        (P_RESUME, PAUSED_TIMER, "Unconfirmed"),
        (P_STOP, STOPPED_TIMER, "Accepted"),
        (P_STOP, timer(playing=False, stopped=False), "Accepted"),
        (P_STOP, PAUSED_TIMER, "Unconfirmed"),
        (P_STOP, STOPPED_TIMER | {"username": "ada"}, "Unknown"),
    ],
)
def test_project_timer_is_proved_by_user_and_state(write: Write, document: object, expected: str) -> None:
    assert kind(CODEC.verdict(write, says(document))) == expected


# --- controls ---------------------------------------------------------------------------------------------------


def believes_the_status(write: Write, exchange: Exchange) -> Verdict:
    """Sabotage: what most clients do."""
    if isinstance(exchange, Reply) and 200 <= exchange.status < 300:
        return Accepted(())
    return CODEC.verdict(write, exchange)


def believes_any_row(write: Write, exchange: Exchange) -> Verdict:
    """Sabotage: a row came back, so it will be ours."""
    verdict = CODEC.verdict(write, exchange)
    shows_a_row = isinstance(exchange, Reply) and b'"id"' in exchange.body
    return Accepted(()) if isinstance(verdict, Unconfirmed | Unknown) and shows_a_row else verdict


def test_control_believing_the_status_breaks_the_table() -> None:
    wrong = [e for e, expected in BY_STATUS if kind(believes_the_status(START, e)) != expected]
    assert any(isinstance(e, Reply) and e.body == PAGE for e in wrong)
    assert any(isinstance(e, Reply) and b"errors" in e.body for e in wrong)


def test_control_believing_any_row_breaks_the_table() -> None:
    wrong = {name for name, write, doc, expected in ECHOES if kind(believes_any_row(write, says(doc))) != expected}
    assert {"somebody else", "a timer that ran before", "another end", "still running"} <= wrong


# --- words ------------------------------------------------------------------------------------------------------


def test_envelope_is_read_item_by_item() -> None:
    document = {
        "errors": [
            {"title": "TimeEntry exist but it is deleted", "status": 404, "code": 15020, "detail": "Is deleted."},
            {"title": "x", "status": "422", "code": "7"},
            {},
        ]
    }
    assert errors_in(document) == (  # type: ignore[arg-type] # dict is invariant
        TrackerError("TimeEntry exist but it is deleted", 404, 15020, "Is deleted."),
        TrackerError("x", 422, 7, ""),
        TrackerError("", None, None, ""),
    )


def test_reason_is_the_trackers_own_words() -> None:
    verdict = CODEC.verdict(START, error(422, 15011, "Conflict", "Timer is already running."))
    assert verdict == Rejected("422 Conflict (code 15011): Timer is already running.", envelope=True)


def test_words_of_a_tracker_cannot_disturb_a_log_or_a_terminal() -> None:
    verdict = CODEC.verdict(START, error(422, title="a\x1b[31m\r\nb\x00\x9b" + "x" * 9999, detail="\ud800"))
    assert isinstance(verdict, Rejected)
    assert verdict.why.isprintable()
    assert len(verdict.why) < 500
    assert verdict.why.encode()


def test_reason_of_a_pause_says_what_to_do_and_tells_no_query() -> None:
    moved = CODEC.verdict(START, raw(302, headers={"location": "https://me:pw@portal.example/login?username=ada"}))
    assert isinstance(moved, Paused)
    assert "portal.example" in moved.why
    assert not re.search("ada|pw|login\\?", moved.why)
    for exchange, word in ((error(401), "timetrack-api-key"), (raw(404), "attendance_timer_path"), (moved, "url")):
        paused = exchange if isinstance(exchange, Paused) else CODEC.verdict(START, exchange)
        assert isinstance(paused, Paused)
        assert word in paused.why


@pytest.mark.parametrize(
    ("verdict", "exit_code"),
    [
        (NotApplied("offline"), 4),
        (Unknown("timed out"), 4),
        (Unconfirmed("silent"), 1),
        (Rejected("422", True), 1),
        (Gone("404", False), 1),
        (Forbidden("403"), 1),
        (Paused("path", "404"), 1),
        (Throttled("17"), 1),
        (Throttled(None), 1),
    ],
)
def test_commands_end_with_the_right_code(verdict: Verdict, exit_code: int) -> None:
    assert as_error(verdict).exit_code == exit_code


def test_doubtful_outcome_is_told_as_such() -> None:
    assert "may have been done" in str(as_error(Unknown("timed out")))
