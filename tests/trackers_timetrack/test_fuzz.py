"""Whatever a tracker, a proxy or an attacker sends: an answer comes back, and it is never bolder than the bytes."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from clockd.core.pieces import whole
from clockd.core.wire import (
    Accepted,
    CreateEntry,
    DeleteEntry,
    Entry,
    Forbidden,
    Gone,
    NotApplied,
    Paused,
    PauseProject,
    ProjectTimer,
    Rejected,
    Reply,
    ResumeProject,
    Rows,
    StartProject,
    StartTimer,
    StopProject,
    StopTimer,
    Throttled,
    Unconfirmed,
    Unknown,
    UpdateEntry,
    Write,
)
from clockd.trackers.timetrack import ProjectRow, ProjectRows, projects, route_exists
from tests.trackers_timetrack.said import CODEC, IN, JSON, OUT

WRITES: list[Write] = [
    StartTimer("ada", IN),
    StopTimer("ada", OUT),
    CreateEntry("ada", IN, OUT, 0, ""),
    UpdateEntry("1", IN, OUT),
    DeleteEntry("1"),
    StartProject("ada", "C", "P", IN),
    PauseProject("ada", IN),
    ResumeProject("ada", IN),
    StopProject("ada", IN),
]
KEYS = [
    "id",
    "ID",
    "user",
    "username",
    "from",
    "to",
    "notes",
    "details",
    "note",
    "manual",
    "workedMinutes",
    "breakMinutes",
    "minutesBreak",
    "errors",
    "title",
    "status",
    "code",
    "detail",
    "data",
    "success",
    "ok",
    "error",
    "startedAt",
    "workedSeconds",
    "breakSeconds",
    "playing",
    "stopped",
    "paused",
    "clientName",
    "projectName",
    "name",
    "projectEnabled",
    "hourRate",
    "x",
]
STAMPS = ["2026-11-21T08:02:13.000Z", "2026-11-21T16:30:59Z", "2026-11-22T00:00:00", "2026-11-21T08:02:13+99:99", "Z"]
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(399, 504),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["ada", "1", "true", "15020", "Too many requests", "\ud800", "..", *STAMPS]),
)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner),
    max_leaves=25,
)
bodies = st.one_of(
    st.binary(max_size=200),
    documents.map(lambda document: json.dumps(document).encode()),
    documents.map(lambda document: json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")[:-1]),
    st.sampled_from(
        [b"", b" ", b"null", b"[]", b"{}", b"<html>", b"[" * 5000, b'{"a":' * 5000, b"1" * 5000, b'"\xff"']
    ),
)
headers = st.dictionaries(
    st.sampled_from(["content-type", "location", "retry-after", "date"]),
    st.text(max_size=30) | st.sampled_from(["text/html", "application/json", "https://[", "//x@y:z/"]),
)
statuses = st.one_of(st.sampled_from([200, 201, 204, 301, 401, 403, 404, 422, 429, 500, 503]), st.integers(-1, 1200))
replies = st.builds(Reply, statuses, headers, bodies)
VERDICTS = (Accepted, Unconfirmed, Unknown, NotApplied, Rejected, Gone, Forbidden, Paused, Throttled)
FAILURES = (NotApplied, Rejected, Gone, Forbidden, Paused, Throttled)


def storable(verdict: object) -> None:
    """The reason may go to a log, a database and a terminal."""
    why = getattr(verdict, "why", "")
    assert why.isprintable()
    assert len(why) < 1000
    why.encode()


@settings(max_examples=300)
@given(st.sampled_from(WRITES), replies)
def test_verdict_never_stumbles(write: Write, reply: Reply) -> None:
    verdict = CODEC.verdict(write, reply)
    assert isinstance(verdict, VERDICTS)
    storable(verdict)
    if not 200 <= reply.status < 300:
        assert not isinstance(verdict, Accepted | Unconfirmed)
    if isinstance(verdict, Accepted):
        json.loads(reply.body)
        assert all(entry_id and entry_id.isprintable() for entry_id in verdict.entry_ids)
        for entry_id in verdict.entry_ids:
            CODEC.request(DeleteEntry(entry_id))


READERS: list[Callable[[Reply], object]] = [
    lambda reply: whole(CODEC.rows(reply)),
    CODEC.attendance,
    CODEC.attendance_timer,
    lambda reply: CODEC.project_timer(reply, OUT, "ada"),
    CODEC.project_timer,
    projects.read_page,
    projects.read_one,
]


@settings(max_examples=300)
@given(st.sampled_from(READERS), replies)
def test_reading_never_stumbles(read: Callable[[Reply], object], reply: Reply) -> None:
    answer = read(reply)
    allowed = (Rows, Entry, ProjectTimer, ProjectRow, ProjectRows, *FAILURES)
    assert answer is None or isinstance(answer, allowed)
    storable(answer)
    if isinstance(answer, Rows):
        assert isinstance(json.loads(reply.body), list | dict)


@given(replies)
def test_route_probe_and_project_writes_never_stumble(reply: Reply) -> None:
    assert route_exists(reply) in (True, False)
    assert isinstance(projects.written(reply, "7"), VERDICTS)


@settings(max_examples=200)
@given(documents)
def test_create_is_accepted_only_with_something_of_ours(document: object) -> None:
    write = CreateEntry("ada", IN, OUT, 0, "")
    reply = Reply(200, JSON, json.dumps(document).encode())
    verdict = CODEC.verdict(write, reply)
    if verdict == Accepted(()):
        assert b"ada" in reply.body
    elif isinstance(verdict, Accepted):
        assert b'"id"' in reply.body.lower()


seconds = st.integers(-59, 59)
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 1, 1))


@given(moments, st.integers(2, 3000), st.text(min_size=1).filter(str.strip), seconds, seconds)
def test_own_row_is_recognised_under_every_rounding(begin: datetime, minutes: int, who: str, a: int, b: int) -> None:
    end = begin + timedelta(minutes=minutes)
    first, last = begin + timedelta(seconds=a), end + timedelta(seconds=b)
    shown = {"id": 5, "user": who, "from": first.isoformat() + "Z", "to": last.isoformat() + "Z"}
    write = CreateEntry(who, begin, end, 0, "")
    assert CODEC.verdict(write, Reply(201, JSON, json.dumps(shown).encode())) == Accepted(("5",))
