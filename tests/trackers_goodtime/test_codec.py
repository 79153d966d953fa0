"""Bookings: what each write says, what each answer means, how rows are read."""

import json
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clockd.core.pieces import whole
from clockd.core.wire import (
    Accepted,
    Codec,
    CreateEntry,
    DeleteEntry,
    Entry,
    Exchange,
    Forbidden,
    Gone,
    NoAnswer,
    NotApplied,
    NotSent,
    Paused,
    Rejected,
    Reply,
    Request,
    Rows,
    StartTimer,
    Throttled,
    Unconfirmed,
    Unknown,
    Verdict,
)
from clockd.trackers.goodtime.wire import Account, GoodtimeCodec, Named, TimeFormat
from clockd.trackers.goodtime.wire.reading import own_answer
from tests.trackers_goodtime.said import html, plain, said

VIENNA = ZoneInfo("Europe/Vienna")
TYPE = "56941EEE-86A7-4A8D-8AF1-F78B0A688F32"


def codec(time_format: str = "%Y-%m-%dT%H:%M:%S", look_format: str = "", type_id: str = TYPE) -> GoodtimeCodec:
    form = TimeFormat.parse(time_format)
    look_form = TimeFormat.parse(look_format) if look_format else form
    return GoodtimeCodec(Account(Named(type_id, "working hours"), form, look_form), VIENNA)


def create(**more: object) -> CreateEntry:
    plain_entry: dict[str, object] = {
        "username": "anna+clock@x.de",
        "from_local": datetime(2026, 11, 20, 8, 0, 41, 500_000),
        "to_local": datetime(2026, 11, 20, 12, 0, 59),
        "break_minutes": 0,
        "note": "",
    }
    return CreateEntry(**(plain_entry | more))  # type: ignore[arg-type] # the fields above


DELETE = DeleteEntry("AB-1")


def test_it_is_a_codec() -> None:
    found: Codec = codec()
    assert found.probe(datetime(2026, 11, 20)) == Request("GET", "/api/time-v2.1/timetypes")


def test_create() -> None:
    assert codec().request(create()) == Request(
        "POST",
        "/api/time-v2.1/createtimeentry",
        body={
            "starttime": "2026-11-20T08:00:00",
            "endtime": "2026-11-20T12:00:00",
            "useremail": "anna+clock@x.de",
            "timetypeid": TYPE,
        },
    )


def test_create_with_all_there_is() -> None:
    body = codec("epoch_ms").request(create(note="DST +60 min", project="Roof", username=" Jörg@Müller.de ")).body
    assert body == {
        "starttime": 1795158000000,
        "endtime": 1795172400000,
        "useremail": "Jörg@Müller.de",
        "timetypeid": TYPE,
        "projectid": "Roof",
        "comment": "DST +60 min",
    }


def test_a_time_type_stands_by_name_only_where_its_id_is_not_known() -> None:
    home = Named("H-1", "home office")
    known = replace(codec(), account=replace(codec().account, time_types=(Named(TYPE, "working hours"), home)))
    for wanted, sent in (
        (None, {"timetypeid": TYPE}),
        ("Home Office", {"timetypeid": "H-1"}),
        ("h-1", {"timetypeid": "H-1"}),
        ("errand", {"timetype": "errand"}),
    ):
        body = known.request(create(time_type=wanted)).body
        assert isinstance(body, dict)
        assert {key: value for key, value in body.items() if key.startswith("timetype")} == sent


def test_the_comment_says_which_terminal_it_was() -> None:
    said = replace(codec(), comment="front-door")
    for note, comment in (("", "front-door"), ("DST +60 min", "DST +60 min, front-door")):
        body = said.request(create(note=note)).body
        assert isinstance(body, dict)
        assert body["comment"] == comment


def test_an_interval_within_a_minute_is_sent_with_a_minute() -> None:
    """An empty one would be refused for ever (trap U15); whether it may be sent is asked of `whole_minutes` before."""
    body = codec().request(create(to_local=datetime(2026, 11, 20, 8, 0, 42))).body
    assert isinstance(body, dict)
    assert (body["starttime"], body["endtime"]) == ("2026-11-20T08:00:00", "2026-11-20T08:01:00")


def test_writes_of_the_other_tracker_do_not_exist() -> None:
    with pytest.raises(AssertionError, match="StartTimer"):
        codec().request(StartTimer("ada", datetime(2026, 11, 20)))
    with pytest.raises(AssertionError, match="gap"):
        codec().request(create(break_minutes=30))


@pytest.mark.parametrize(
    ("entry_id", "path"), [("AB-1", "AB-1"), ("a/b?c", "a%2Fb%3Fc"), ("{56941EEE}", "%7B56941EEE%7D")]
)
def test_delete(entry_id: str, path: str) -> None:
    found = codec().request(DeleteEntry(entry_id))
    assert found == Request("DELETE", f"/api/time-v2.1/deletetimeentry/{path}")


def test_look_is_36_hours_wider_and_asks_for_the_first() -> None:
    found = codec(look_format="%Y-%m-%d %H:%M").look(
        ("anna+clock@x.de", "b@x.de"), datetime(2026, 11, 20, 8), datetime(2026, 11, 20, 12), 0
    )
    assert found == Request(
        "GET",
        "/api/time-v2.1/timeentries",
        query=(("useremail", "anna+clock@x.de"), ("start", "2026-11-18 20:00"), ("end", "2026-11-22 00:00")),
    )
    counted = codec("epoch_ms").look(("a@x.de",), datetime(2026, 11, 20, 8), datetime(2026, 11, 20, 12), 0)
    assert dict(counted.query)["start"].isdigit()


CREATED: list[tuple[Exchange, Verdict]] = [
    (said(200, [{"id": "AB-1"}]), Accepted(("AB-1",))),
    (said(201, [{"id": "ab-1"}, {"id": "AB-2"}]), Accepted(("ab-1", "AB-2"))),
    (said(200, [{"ID": 7, "starttime": "2026-11-20T08:00:00"}]), Accepted(("7",))),
    (said(200, ["AB-1", "AB-1", "AB-2"]), Accepted(("AB-1", "AB-2"))),
    (said(200, {"id": "AB-1"}), Accepted(("AB-1",))),
    (said(200, "AB-1"), Accepted(("AB-1",))),
    (Reply(200, {"content-type": "text/plain"}, b'[{"id":"AB-1"}]'), Accepted(("AB-1",))),
    (said(200, []), Unconfirmed("a yes with an empty list of ids")),
    (Reply(204, {}, b""), Unconfirmed("a yes without an id")),
    (said(200, [{"id": "AB-1"}, {}]), Unconfirmed("a yes without an id that could be read")),
    (said(200, {"errors": ["overlap"], "id": "x"}), Unconfirmed("a yes without an id that could be read")),
    (said(200, None), Unconfirmed("a yes without an id that could be read")),
    (said(200, "0F8FAD5B-D9CB-469F-A165-70867728950E"), Accepted(("0F8FAD5B-D9CB-469F-A165-70867728950E",))),
    (said(200, [{"id": "x9", "success": True, "error": None, "status": "open"}]), Accepted(("x9",))),
    (html(200, "Hotel WiFi"), Unknown("HTTP 200 with a page instead of JSON")),
    (Reply(200, {}, b'[{"id":"AB'), Unknown("HTTP 200 with a reply that is not JSON, or only a part of it")),
]


@pytest.mark.parametrize(("exchange", "verdict"), CREATED)
def test_a_yes_to_a_create(exchange: Exchange, verdict: Verdict) -> None:
    assert codec(type_id="T-1").verdict(create(), exchange) == verdict


UUIDS = ("0F8FAD5B-D9CB-469F-A165-70867728950E", "1f8fad5b-d9cb-469f-a165-70867728950e")


@pytest.mark.parametrize("type_id", [TYPE, "T-1"])
def test_well_formed_new_ids_are_believed(type_id: str) -> None:
    answer = said(201, [{"id": each} for each in UUIDS])
    assert codec(type_id=type_id).verdict(create(), answer) == Accepted(UUIDS)


@pytest.mark.parametrize("type_id", [TYPE, "T-1"])
@pytest.mark.parametrize(
    "id_",
    [
        "0F8FAD5B-D9CB-469F-A165-70867728950W",
        "0F8FAD5B-D9CB-469F-A165-70867728950",
        "{0F8FAD5B-D9CB-469F-A165-70867728950E}",
        "0F8FAD5B-D9CB-469F-A165-70867728950E0F8FAD5B-D9CB-469F-A165-70867728950E",
        "9" * 4000,
    ],
)
def test_what_only_looks_like_a_uuid_is_no_proof(type_id: str, id_: str) -> None:
    if type_id == "T-1" and len(id_) == 35:
        return  # a shorter word may be an id, where ids are words
    found = codec(type_id=type_id).verdict(create(), said(201, [{"id": id_}]))
    assert found == Unconfirmed("a yes without an id that could be read")


@pytest.mark.parametrize("id_", ["1", 1, "AB-1", True, 1.5, [UUIDS[0]], {"id": UUIDS[0]}, None, ""])
def test_an_id_of_another_shape_than_those_that_were_seen_is_no_proof(id_: object) -> None:
    found = codec().verdict(create(), said(201, [{"id": id_}]))
    assert found == Unconfirmed("a yes without an id that could be read")


@pytest.mark.parametrize(
    ("beside", "kind"),
    [
        ({}, Accepted),
        ({"useremail": "ANNA+clock@x.de"}, Accepted),
        ({"useremail": "eve@x.de"}, Unknown),
        ({"user": {"email": "eve@x.de"}}, Unknown),
        ({"user": "Anna"}, Accepted),
        ({"starttime": "2026-11-20T08:00:00", "endtime": "2026-11-20T12:00"}, Accepted),
        ({"starttime": "2026-11-20T08:00:41", "endtime": None}, Accepted),
        ({"starttime": "2026-11-20T06:00:00"}, Unconfirmed),
        ({"endtime": "2026-11-21T12:00:00"}, Unconfirmed),
        ({"starttime": "9999-12-31T23:59:59"}, Unconfirmed),
        ({"starttime": {"hour": 8}}, Unconfirmed),
    ],
)
def test_what_stands_beside_an_id_must_not_contradict_what_was_sent(beside: dict[str, object], kind: type) -> None:
    assert type(codec().verdict(create(), said(201, [{"id": UUIDS[0]} | beside]))) is kind


def test_more_entries_than_an_interval_can_become_are_no_proof() -> None:
    many = [{"id": n + 1} for n in range(90_000)]
    assert codec(type_id="T-1").verdict(create(), said(201, many)) == Unconfirmed("a yes with 90000 entries")


@pytest.mark.parametrize(
    "body",
    [
        "OverlappingTimeEntryFault",
        ["user is closed"],
        "Error-500",
        0,
        [0],
        -1,
        "-1",
        {"id": 0},
        [{"id": "null"}],
        {"id": "00000000-0000-0000-0000-000000000000"},
        {"id": "x9", "success": False},
        {"id": "x9", "ok": "false"},
        {"id": "x9", "status": "rejected"},
        {"id": "x9", "status": 409},
        [{"id": "x9"}, {"id": "x8", "fault": "overlap"}],
    ],
)
def test_a_yes_that_says_why_not_is_no_proof(body: object) -> None:
    """Nothing is booked then; believed, it would be lost. Not believed, it costs a look."""
    found = codec(type_id="T-1").verdict(create(), said(200, body))
    assert found == Unconfirmed("a yes without an id that could be read")


DELETED: list[tuple[Exchange, type[object]]] = [
    (Reply(204, {}, b""), Accepted),
    (Reply(200, {}, b""), Accepted),
    (said(200, None), Accepted),
    (said(200, {}), Accepted),
    (plain(200, "deleted"), Unconfirmed),
    (said(200, {"id": "ab-1"}), Accepted),
    (said(200, "AB-1"), Accepted),
    (said(200, {"id": "AB-2"}), Unconfirmed),
    (said(200, {"login": "required"}), Unconfirmed),
    (said(200, [1, 2]), Unconfirmed),
    (said(200, False), Unconfirmed),
    (said(200, {"error": "locked"}), Unconfirmed),
    (said(200, {"success": False}), Unconfirmed),
    (html(200, "Hotel WiFi"), Unknown),
    (html(404, "Not Found"), Gone),
    (Reply(410, {}, b""), Gone),
    (plain(403, "The entry is locked"), Forbidden),
]


@pytest.mark.parametrize(("exchange", "kind"), DELETED)
def test_answers_to_a_delete(exchange: Exchange, kind: type[object]) -> None:
    found = codec().verdict(DELETE, exchange)
    assert type(found) is kind
    if isinstance(found, Accepted):
        assert found.entry_ids == ("AB-1",)


REFUSED: list[tuple[Exchange, type[object]]] = [
    (NotSent("connection refused"), NotApplied),
    (NoAnswer("timed out"), Unknown),
    (html(400, "Bad Request"), Rejected),
    (plain(409, "OverlappingTimeEntryFault"), Rejected),
    (Reply(415, {}, b""), Rejected),
    (said(422, {"message": "overlap"}), Rejected),
    (html(401, "Unauthorized"), Paused),
    (Reply(301, {"location": "https://x.example"}, b""), Paused),
    (Reply(304, {}, b""), Paused),
    (html(405, "Method Not Allowed"), Paused),
    (html(403, "Forbidden"), Forbidden),
    (plain(403, "Too many requests"), Throttled),
    (Reply(429, {"retry-after": "7"}, b""), Throttled),
    (html(408, "Request Timeout"), Unknown),
    (html(500, "Overlap"), Unknown),
    (html(502, "Bad Gateway"), Unknown),
    (Reply(503, {"retry-after": "7"}, b""), Unknown),
    (Reply(100, {}, b""), Unknown),
]


@pytest.mark.parametrize("write", [create(), DELETE])
@pytest.mark.parametrize(("exchange", "kind"), REFUSED)
def test_refusals(exchange: Exchange, kind: type[object], write: CreateEntry | DeleteEntry) -> None:
    assert type(codec().verdict(write, exchange)) is kind


def test_a_create_for_nobody_concerns_that_employee_only() -> None:
    found = codec().verdict(create(), plain(404, "no such user"))
    assert found == Forbidden(
        "Goodtime does not book for anna+clock@x.de: unknown, closed, or without permission (HTTP 404: no such user)",
        about="employee",
    )


@pytest.mark.parametrize(
    ("reply", "envelope"),
    [(plain(400, "overlap"), True), (said(400, {}), True), (html(400, "Bad"), False), (Reply(400, {}, b""), False)],
)
def test_only_goodtimes_own_words_spare_the_quarantine(reply: Reply, envelope: bool) -> None:
    found = codec().verdict(create(), reply)
    assert isinstance(found, Rejected)
    assert found.envelope is envelope


def test_what_the_session_answers_is_told_as_it_is() -> None:
    why = "among the projects of ada none is called 'Roof'; " + "there are 'x', " * 20
    found = codec().verdict(create(), own_answer(422, why))
    assert found == Rejected(why, envelope=True)
    assert codec().verdict(create(), own_answer(401, "try")) == Paused("credentials", "try")
    assert codec().verdict(create(), own_answer(405, "gone")) == Paused("path", "gone")


def test_a_message_quotes_a_page_without_its_tags() -> None:
    page = (
        "<html><head><style>p{}</style><title>t</title></head><body><p>HTTP&nbsp;Status</p> \x1b[2J 400</body></html>"
    )
    found = codec().verdict(create(), Reply(400, {"content-type": "text/html"}, page.encode()))
    assert found == Rejected("HTTP 400: HTTP&nbsp;Status [2J 400", envelope=False)


# --- rows -------------------------------------------------------------------------------------------------------

ROW = {
    "id": "AB-1",
    "starttime": "2026-11-20T08:00:00",
    "endtime": "2026-11-20T12:00:00",
    "useremail": "Ada@x.de",
    "timetypeid": TYPE,
    "projectid": "P-1",
    "comment": "by hand",
    "locked": True,
}
ENTRY = Entry(
    id="AB-1",
    username="Ada@x.de",
    from_local=datetime(2026, 11, 20, 8),
    to_local=datetime(2026, 11, 20, 12),
    note="by hand",
    locked=True,
    time_type=TYPE,
    project="P-1",
)
BARE = Entry("AB-1", "asked@x.de", datetime(2026, 11, 20, 8), None)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (ROW, ENTRY),
        (dict(reversed([(key.upper(), value) for key, value in ROW.items()])), ENTRY),
        (
            {"Id": "AB-1", "startTime": ROW["starttime"], "end_time": ROW["endtime"], "userEmail": "Ada@x.de"}
            | {"timeTypeId": TYPE, "projectId": "P-1", "Comment": "by hand", "Locked": "true", "breaks": [{}]},
            ENTRY,
        ),
        ({"id": "AB-1", "starttime": "2026-11-20 08:00"}, BARE),
        ({"id": "AB-1", "starttime": "2026-11-20T08:00:00", "endtime": None, "comment": None}, BARE),
        ({"id": "AB-1", "starttime": "2026-11-20T08:00:00", "endtime": ""}, BARE),
        ({"id": "AB-1", "starttime": 1795158000000, "endtime": None, "locked": None}, BARE),
    ],
)
def test_a_row_is_read_whatever_its_properties_are_called(row: object, expected: Entry) -> None:
    assert whole(codec().rows(said(200, [row]), asked="asked@x.de")) == Rows((expected,), last=True)


@pytest.mark.parametrize(
    ("whose", "expected"),
    [
        ({"user": "Ada Lovelace"}, "asked@x.de"),
        ({"user": "Ada"}, "asked@x.de"),
        ({"user": 17}, "asked@x.de"),
        ({"userEmail": "Ada Lovelace", "user": 17}, "asked@x.de"),
        ({"user": {"id": 17, "name": "Ada"}}, "asked@x.de"),
        ({"user": "Asked@X.de"}, "Asked@X.de"),
        ({"user": "bob@x.de"}, "bob@x.de"),
        ({"user": {"id": 18, "Email": "bob@x.de"}}, "bob@x.de"),
        ({"user": "Ada", "email": "bob@x.de"}, "bob@x.de"),
        ({"useremail": "bob"}, "bob"),
    ],
)
def test_only_an_e_mail_says_that_a_row_is_somebody_elses(whose: dict[str, object], expected: str) -> None:
    """A booking whose row is taken for another's looks absent, and is made again."""
    found = whole(
        codec().rows(said(200, [{"id": "AB-1", "starttime": "2026-11-20T08:00:00"} | whose]), asked="asked@x.de")
    )
    assert isinstance(found, Rows)
    assert [entry.username for entry in found.entries] == [expected]


@pytest.mark.parametrize("names", [("Ada", "Bob"), (17, 18), ("asked", "bob")])
def test_rows_of_several_people_without_an_e_mail_are_nobodys(names: tuple[object, object]) -> None:
    rows = [{"id": f"AB-{n}", "starttime": "2026-11-20T08:00:00", "user": name} for n, name in enumerate(names)]
    assert isinstance(whole(codec().rows(said(200, rows), asked="asked")), NotApplied)


@pytest.mark.parametrize(
    ("time_format", "start", "end"),
    [
        ("%Y-%m-%dT%H:%M:%S", "2026-11-20T08:00:00", "0001-01-01T00:00:00"),
        ("%Y-%m-%dT%H:%M:%S%:z", "2026-11-20T08:00:00+01:00", "0001-01-01T00:00:00+01:00"),
        ("%Y-%m-%d %H:%M:%S", "2026-11-20 08:00:00", "0000-00-00 00:00:00"),
        ("%d.%m.%Y %H:%M", "20.11.2026 08:00", "01.01.1900 00:00"),
        ("epoch_ms", 1795158000000, 0),
        ("epoch_ms", 1795158000000, -62135596800000),
    ],
)
def test_an_end_that_is_no_date_is_none(time_format: str, start: object, end: object) -> None:
    """Taken for a closed row it would overlap nothing, and what it hides would be booked again."""
    row = {"id": "AB-1", "starttime": start, "endtime": end}
    assert whole(codec(time_format).rows(said(200, [row]), asked="asked@x.de")) == Rows((BARE,), last=True)


@pytest.mark.parametrize(
    ("time_format", "start", "end"),
    [
        ("%Y-%m-%dT%H:%M:%S", "2026-11-20T08:00:30", "2026-11-20T08:00:00"),
        ("%Y-%m-%dT%H:%M:%S", "2026-10-25T02:50:00", "2026-10-25T02:10:00"),
        ("%Y-%m-%dT%H:%M:%S", "2026-03-29T01:50:00", "2026-03-29T02:30:00"),
        ("%Y-%m-%dT%H:%M:%S%:z", "2026-10-25T02:59:00+02:00", "2026-10-25T02:00:00+01:00"),
    ],
)
def test_an_end_may_look_earlier_where_minutes_are_whole_or_an_hour_comes_twice(
    time_format: str, start: str, end: str
) -> None:
    found = whole(codec(time_format).rows(said(200, [{"id": "AB-1", "starttime": start, "endtime": end}])))
    assert isinstance(found, Rows)
    assert found.entries[0].to_local == datetime.fromisoformat(end).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), (False, False), ("false", False), (1, True), (None, None)]
)
def test_locked_that_is_not_said_is_not_false(value: object, expected: bool | None) -> None:
    row = {"id": "AB-1", "starttime": "2026-11-20T08:00:00", "locked": value}
    found = whole(codec().rows(said(200, [row])))
    assert isinstance(found, Rows)
    assert found.entries[0].locked is expected


@pytest.mark.parametrize(
    "row",
    [
        {"starttime": "2026-11-20T08:00:00"},
        {"id": "", "starttime": "2026-11-20T08:00:00"},
        {"id": "AB-1"},
        {"id": "AB-1", "starttime": "yesterday"},
        {"id": "AB-1", "starttime": "2026-11-20T08:00:00", "endtime": "later"},
        {"id": "AB-1", "starttime": None},
        {"id": "AB-1", "starttime": "2026-11-20T22:00:00", "endtime": "2026-11-20T06:00:00"},
        {"id": "AB-1", "starttime": "2026-10-25T03:10:00", "endtime": "2026-10-25T02:50:00"},
    ],
)
def test_one_row_that_cannot_be_read_spoils_the_look(row: object) -> None:
    """Else a booked interval would look absent and be sent again."""
    assert isinstance(whole(codec().rows(said(200, [ROW, row]))), NotApplied)


def test_an_empty_look_is_a_look() -> None:
    assert whole(codec().rows(said(200, []))) == Rows((), last=True)


@pytest.mark.parametrize(
    ("exchange", "kind"),
    [
        (html(200, "Hotel WiFi"), NotApplied),
        (said(200, {"message": "ok"}), Paused),
        (said(200, {"error": "user closed", "entries": []}), NotApplied),
        (said(200, {"success": False, "entries": []}), NotApplied),
        (said(200, {"status": "error", "entries": []}), NotApplied),
        (Reply(200, {}, b'[{"id":'), NotApplied),
        (Reply(204, {}, b""), NotApplied),
        (html(500, "x"), NotApplied),
        (html(400, "x"), NotApplied),
        (html(403, "closed"), Forbidden),
        (html(404, "unknown"), Forbidden),
        (Reply(401, {}, b""), Paused),
        (Reply(302, {}, b""), Paused),
        (Reply(429, {}, b""), Throttled),
        (NotSent("x"), NotApplied),
        (NoAnswer("x"), NotApplied),
    ],
)
def test_a_look_that_shows_nothing(exchange: Exchange, kind: type[object]) -> None:
    assert type(whole(codec().rows(exchange))) is kind


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("2026-11-20T08:00:00"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "ID", "starttime", "endTime", "locked", "errors", "useremail"]), inner)
    ),
    max_leaves=12,
)
REPLIES = st.builds(
    Reply,
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["content-type", "location", "retry-after"]), st.text(max_size=20), max_size=3),
    st.binary(max_size=80) | VALUES.map(lambda value: json.dumps(value).encode()),
)


@given(REPLIES)
def test_no_answer_of_a_tracker_raises(reply: Reply) -> None:
    codec().verdict(create(), reply)
    codec().verdict(DELETE, reply)
    found = whole(codec().rows(reply))
    if isinstance(found, Rows):
        assert all(entry.id and entry.from_local.tzinfo is None for entry in found.entries)


@given(REPLIES.filter(lambda reply: not 200 <= reply.status < 300))
def test_only_a_2xx_is_ever_accepted(reply: Reply) -> None:
    assert not isinstance(codec().verdict(create(), reply), Accepted | Unconfirmed)
    assert not isinstance(codec().verdict(DELETE, reply), Accepted | Unconfirmed)
