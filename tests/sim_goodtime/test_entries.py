"""Entries: each feature of an account, on and off."""

import itertools
from dataclasses import replace
from datetime import datetime

import pytest

from clockd.core.json import Json
from clockd.sim.faults import parse_rules
from clockd.sim.goodtime.forms import FORMS
from clockd.sim.goodtime.profile import PROFILES, Profile, profile_named
from tests.sim_goodtime.caller import ADA, ANNA, CLOSED, V2, Caller, caller


def made(name: str = "strict", **changes: object) -> Caller:
    return caller(profile_named(name, **changes))


def test_create_read_delete() -> None:
    them = made()
    (entry_id,) = them.create(comment="by a badge")
    assert entry_id == entry_id.upper()
    assert them.entries() == [
        {
            "id": entry_id,
            "starttime": "2026-11-16T06:00:00",
            "timetypeid": them.type_id,
            "projectid": None,
            "endtime": "2026-11-16T07:00:00",
            "useremail": ADA,
            "comment": "by a badge",
        }
    ]
    assert them.delete(entry_id) == 204
    assert them.entries() == []
    assert them.delete(entry_id) == 404
    assert them.delete("nobody") == 404
    assert them.sim.violations() == []


@pytest.mark.parametrize("gone_status", [404, 410])
@pytest.mark.parametrize("deleted", ["200", "204"])
def test_answers_to_a_delete(gone_status: int, deleted: str) -> None:
    them = made(gone_status=gone_status, deleted=deleted)
    (entry_id,) = them.create()
    reply = them.reply("DELETE", f"{V2}/deletetimeentry/{entry_id}")
    assert (reply.status, reply.body) == (int(deleted), b"")
    assert them.delete(entry_id) == gone_status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"endtime": "2026-11-16T06:00:00"}, 400),
        ({"endtime": "2026-11-16T05:00:00"}, 400),
        ({"endtime": None}, 400),
        ({"endtime": ...}, 400),
        ({"endtime": "2026-11-24T06:00:00"}, 400),
        ({"timetypeid": "working hours"}, 400),
        ({"timetypeid": ...}, 400),
        ({"useremail": ...}, 400),
        ({"useremail": "nobody@example.com"}, 404),
        ({"useremail": ADA.upper()}, 200),
        ({"starttime": 5}, 400),
        ({"starttime": "0001-01-01T08:00:00", "endtime": "0001-01-01T09:00:00"}, 400),
        ({"starttime": "9999-12-31T08:00:00", "endtime": "9999-12-31T09:00:00"}, 400),
        ({"comment": None}, 200),
    ],
)
def test_a_create_that_is_wrong(changes: dict[str, Json], status: int) -> None:
    them = made()
    assert them.status(**changes) == status
    assert len(them.sim.rows()) == (1 if status == 200 else 0)


@pytest.mark.parametrize("name", FORMS)
def test_only_the_account_s_own_form_of_times_is_read(name: str) -> None:
    them = made(time_form=name)
    form = FORMS[name]  # type: ignore[index] # one of its keys
    zone = them.sim.api.zone
    times = [datetime(2026, 11, 16, 6), datetime(2026, 11, 16, 7)]
    for other in FORMS.values():
        begin, end = (other.write(at, zone) for at in times)
        same = other.shape == form.shape  # iso-z and wall-z look alike, and mean other times
        assert (them.status(starttime=begin, endtime=end) == 200) is same
        if same and other.name == name:
            assert (them.sim.rows()[-1].from_local, them.sim.rows()[-1].to_local) == tuple(times)
        for row in them.sim.rows():
            them.act("delete", id=row.id)


def test_the_two_meanings_of_z() -> None:
    for form, hour in (("iso-z", 7), ("wall-z", 6)):
        them = made(time_form=form)
        assert them.status(starttime="2026-11-16T06:00:00Z", endtime="2026-11-16T06:30:00Z") == 200
        assert them.sim.rows()[0].from_local.hour == hour


@pytest.mark.parametrize(("look_form", "status"), [("same", 400), ("any", 200), ("iso-minutes", 200), ("space", 400)])
def test_how_a_question_may_be_asked(look_form: str, status: int) -> None:
    them = made(look_form=look_form)
    query = {"useremail": ADA, "start": "2026-11-16T00:00", "end": "2026-11-17T00:00"}
    assert them.reply("GET", f"{V2}/timeentries", None, **query).status == status
    del query["end"]
    assert them.reply("GET", f"{V2}/timeentries", None, **query).status == 400


@pytest.mark.parametrize(("seconds", "status"), [("truncate", 200), ("refuse", 400)])
def test_seconds(seconds: str, status: int) -> None:
    them = made(seconds=seconds)
    assert them.status(ADA, "16T06:00:40", "16T07:00:20") == status
    if status == 200:
        assert them.entries()[0]["starttime"] == "2026-11-16T06:00:00"
    assert "1 creates had seconds" in str(them.sim.violations())


@pytest.mark.parametrize("overlap_status", [400, 409, 422, 500])
@pytest.mark.parametrize("overlap", ["refuse", "accept"])
@pytest.mark.parametrize(
    ("begin", "end", "overlaps"),
    [
        ("16T06:00", "16T07:00", True),
        ("16T06:30", "16T06:31", True),
        ("16T05:00", "16T08:00", True),
        ("16T07:00", "16T08:00", False),
        ("16T05:00", "16T06:00", False),
    ],
)
def test_overlap(begin: str, end: str, overlaps: bool, overlap: str, overlap_status: int) -> None:
    them = made(overlap=overlap, overlap_status=overlap_status)
    them.create()
    status = them.status(ADA, begin + ":00", end + ":00")
    assert status == (overlap_status if overlaps and overlap == "refuse" else 200)
    assert them.status(ANNA, begin + ":00", end + ":00") == 200
    assert bool(them.sim.violations()) is (overlaps and overlap == "accept")


def test_a_running_web_clock_overlaps_everything_after_it() -> None:
    them = made()
    them.act("web-start", username=ADA, at="2026-11-16T06:30")
    assert them.status() == 400
    assert them.status(ADA, "16T05:00:00", "16T06:30:00") == 200
    them.act("web-stop", username=ADA)
    assert them.status() == 400


@pytest.mark.parametrize(("split", "ids"), [(True, 3), (False, 1)])
def test_midnight(split: bool, ids: int) -> None:
    them = made(midnight_split=split)
    assert len(them.create(ADA, "15T22:00:00", "17T06:00:00")) == ids
    rows = them.sim.rows(ADA)
    assert (rows[0].from_local, rows[-1].to_local) == (datetime(2026, 11, 15, 22), datetime(2026, 11, 17, 6))
    assert all(a.to_local == b.from_local for a, b in itertools.pairwise(rows))
    assert them.sim.violations() == []


@pytest.mark.parametrize("locking", [True, False])
def test_locking(locking: bool) -> None:
    them = made(locking=locking)
    (entry_id,) = them.create()
    them.act("lock", until="2026-11-17T00:00")
    row = them.entries()[0]
    assert row.get("locked") is (True if locking else None)
    assert them.delete(entry_id) == (403 if locking else 204)
    assert bool(them.sim.violations()) is locking
    them.act("unlock")
    assert them.delete(entry_id) == (204 if locking else 404)


@pytest.mark.parametrize("comments", [True, False])
def test_comments(comments: bool) -> None:
    them = made(comments=comments)
    them.create(comment="x")
    assert them.entries()[0].get("comment") == ("x" if comments else None)
    assert them.sim.rows()[0].comment == ("x" if comments else "")


def test_projects() -> None:
    them = made()
    by_name = {job.name: job.id for job in them.sim.api.world.projects}
    assert them.status(ANNA, projectid=by_name["Roof"]) == 200
    assert them.status(ANNA, "16T07:00:00", "16T08:00:00", projectid=by_name["Test"]) == 400
    assert them.status(ADA, projectid=by_name["Test"]) == 200
    assert them.status(ADA, "16T07:00:00", "16T08:00:00", projectid="Test") == 400
    off = made(projects=False)
    assert off.status(projectid=by_name["Roof"]) == 400
    assert off.status() == 200


@pytest.mark.parametrize(("null_project", "status"), [("accept", 200), ("refuse", 400)])
def test_null_for_a_project(null_project: str, status: int) -> None:
    assert made(null_project=null_project).status(projectid=None) == status


@pytest.mark.parametrize("closed_status", [400, 403, 404])
@pytest.mark.parametrize("closed_look", ["shown", "refused"])
def test_closed_users(closed_status: int, closed_look: str) -> None:
    them = made(closed_status=closed_status, closed_look=closed_look)
    assert them.status(CLOSED) == closed_status
    query = {"useremail": CLOSED, "start": "2026-11-16T00:00:00", "end": "2026-11-17T00:00:00"}
    found = them.reply("GET", f"{V2}/timeentries", None, **query).status
    assert found == (200 if closed_look == "shown" else closed_status)
    them.act("reopen", username=CLOSED)
    assert them.status(CLOSED) == 200
    them.act("close", username=CLOSED)
    assert them.status(CLOSED, "16T07:00:00", "16T08:00:00") == closed_status


@pytest.mark.parametrize(
    ("range_", "start", "end", "found"),
    [
        ("half-open", "16T06:00:00", "16T07:00:00", True),
        ("half-open", "16T06:01:00", "16T09:00:00", False),
        ("half-open", "16T05:00:00", "16T06:00:00", False),
        ("overlap", "16T06:30:00", "16T06:40:00", True),
        ("overlap", "16T07:00:00", "16T08:00:00", True),
        ("overlap", "16T07:01:00", "16T08:00:00", False),
    ],
)
def test_range(range_: str, start: str, end: str, found: bool) -> None:
    them = made(range=range_)
    them.create()
    assert bool(them.entries(ADA, start, end)) is found


@pytest.mark.parametrize(("open_end", "expected"), [("null", None), ("blank", ""), ("absent", "-")])
def test_a_running_entry(open_end: str, expected: str | None) -> None:
    them = made(open_end=open_end)
    them.act("web-start", username=ADA)
    assert them.entries()[0].get("endtime", "-") == expected
    them.act("web-stop", username=ADA)
    assert them.entries()[0]["endtime"] == "2026-11-16T08:01:00"  # not empty: the next minute


@pytest.mark.parametrize(("style", "key"), [("lower", "starttime"), ("camel", "startTime"), ("upper", "StartTime")])
def test_key_styles(style: str, key: str) -> None:
    them = made(key_style=style)
    them.create()
    assert them.entries()[0][key] == "2026-11-16T06:00:00"


def test_rows_need_not_say_whose_they_are() -> None:
    them = made(rows_say_user=False, shuffled=True)
    them.create()
    assert "useremail" not in them.entries()[0]
    assert "costcenter" in them.entries()[0]


@pytest.mark.parametrize(("chance", "empty"), [(1.0, True), (0.0, False)])
def test_an_empty_list_of_ids(chance: float, empty: bool) -> None:
    them = made(empty_chance=chance)
    assert (them.create() == []) is empty
    assert len(them.sim.rows()) == 1


def test_a_dropped_time_type_can_be_booked_no_more() -> None:
    them = made()
    kind = them.type_id
    them.act("drop-type", name="working hours")
    assert them.status(timetypeid=kind) == 400
    them.act("add-type", name="working hours")
    assert them.status(timetypeid=kind) == 400
    assert them.status(timetypeid=them.sim.api.world.time_types[-1].id) == 200


def test_a_stale_read_shows_what_was() -> None:
    them = made()
    (first,) = them.create()
    them.later(seconds=60)
    them.delete(first)
    (second,) = them.create(ADA, "16T07:00:00", "16T07:30:00")
    them.later(seconds=10)
    assert [row["id"] for row in them.entries()] == [second]
    them.sim.front.faults.replace(parse_rules("stale:30*1"))
    assert [row["id"] for row in them.entries()] == [first]


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_whole_round_under_every_profile(profile: Profile) -> None:
    them = caller(replace(profile, empty_chance=0.0))
    form, zone = FORMS[profile.time_form], them.sim.api.zone
    begin, end = (form.write(datetime(2026, 11, 16, hour), zone) for hour in (6, 7))
    reply = them.reply("POST", f"{V2}/createtimeentry", them.body(starttime=begin, endtime=end))
    assert reply.status in profile.created
    start, stop = (str(form.write(datetime(2026, 11, day), zone)) for day in (15, 18))
    (row,) = them.get("/timeentries", useremail=ADA, start=start, end=stop)
    plain = {key.lower(): value for key, value in row.items()}
    assert (plain["starttime"], plain["endtime"]) == (begin, end)
    assert them.delete(plain["id"]) in profile.deleted
    assert them.sim.rows() == []
