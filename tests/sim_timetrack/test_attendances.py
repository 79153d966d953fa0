"""Attendances: list, search, get, create, update, delete, as documented."""

import pytest

from clockd.sim.timetrack.profile import profile_named
from tests.sim_timetrack.caller import caller, stamp

EVENING = {"hours": 12}


def test_a_row_has_the_documented_fields_and_nothing_is_lost() -> None:
    them = caller()
    them.later(**EVENING)
    made = them.pair("ada", "16T08:00:05", "16T16:30:10", minutesBreak=15, details="This is a test")
    assert made == {
        "ID": made["ID"],
        "user": "ada",
        "from": "2026-11-16T08:00:05.000Z",
        "to": "2026-11-16T16:30:10.000Z",
        "notes": "This is a test",
        "manual": True,
        "workedMinutes": 510 - 15,
        "breakMinutes": 15,
        "latitudeStart": None,
        "longitudeStart": None,
        "latitudeEnd": None,
        "longitudeEnd": None,
        "user_id": made["user_id"],
        "working_time_strategies": [],
    }
    assert them.get(f"/attendances/{made['ID']}") == made
    assert them.get("/attendances") == [made]
    assert them.get("/attendances/") == [made]


@pytest.mark.parametrize("missing", ["username", "from", "to"])
def test_create_needs_its_three_parameters(missing: str) -> None:
    them = caller()
    body = {"username": "ada", "from": stamp("16T07:00"), "to": stamp("16T08:00")}
    assert them.error("POST", "/attendances", {key: value for key, value in body.items() if key != missing}) == (
        422,
        15016,
    )
    assert them.sim.rows() == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": stamp("16T07:00")}, 15013),  # no length
        ({"to": stamp("16T06:00")}, 15013),  # backwards
        ({"to": "16.11.2026 08:00"}, 15017),
        ({"to": "2026-11-16T08:00:00+01:00"}, 15017),  # an offset is not what is asked for
        ({"to": 1795233546}, 15017),
        ({"to": stamp("16T08:06")}, 15012),  # more than five minutes ahead of the tracker's clock
        ({"minutesBreak": 61}, 15015),
        ({"minutesBreak": "ten"}, 15017),
        ({"username": ""}, 15016),
        ({"username": 7}, 15016),
    ],
)
def test_create_refuses_what_makes_no_sense(change: dict[str, object], code: int) -> None:
    them = caller()
    body = {"username": "ada", "from": stamp("16T07:00"), "to": stamp("16T08:00"), **change}
    assert them.error("POST", "/attendances", body) == (422, code)
    assert them.sim.rows() == []


def test_numbers_may_come_as_text_and_five_minutes_ahead_are_forgiven() -> None:
    them = caller()
    made = them.pair("ada", "16T07:00", "16T08:04:59", minutesBreak="5")
    assert (made["breakMinutes"], made["workedMinutes"]) == (5, 59)


def test_the_break_has_another_key_for_writing_than_for_reading() -> None:
    them = caller()
    assert them.pair("ada", "16T06:00", "16T07:00", breakMinutes=15)["breakMinutes"] == 0


def test_update_changes_only_what_is_given_and_never_the_person() -> None:
    them = caller()
    row = them.pair("ada", "16T06:00", "16T07:00", minutesBreak=5, details="before")
    path = f"/attendances/{row['ID']}"
    after = them.put(path, notes="This is one test note", to=stamp("16T07:30"), minutesBreak=0)
    assert (after["from"], after["to"], after["notes"]) == (row["from"], stamp("16T07:30"), "This is one test note")
    assert (after["breakMinutes"], after["workedMinutes"]) == (0, 90)
    assert them.put(path, from_=stamp("16T05:00"))["notes"] == "This is one test note"
    assert them.error("PUT", path, {"username": "grace"}) == (422, 15017)
    assert them.error("PUT", path, {"to": stamp("16T04:00")}) == (422, 15013)
    assert them.get("/attendances", **{"from": stamp("16T05:00"), "to": stamp("16T05:30")})[0]["ID"] == row["ID"]


def test_delete_only_marks_a_row_and_its_end_is_told_by_code_15020() -> None:
    them = caller()
    row = them.pair("ada", "16T06:00", "16T07:00")
    path = f"/attendances/{row['ID']}"
    assert them.reply("DELETE", path).status == 200
    assert them.error("GET", path) == (404, 15020)
    assert them.error("DELETE", path) == (404, 15020)
    assert them.error("PUT", path, {"notes": "x"}) == (404, 15020)
    assert them.get("/attendances") == []
    assert them.error("GET", "/attendances/1") == (404, 15000)
    assert them.error("GET", "/attendances/x") == (404, 15000)
    # the curl of the documents sends `{}` along
    again = them.pair("ada", "16T06:00", "16T07:00")
    assert them.reply("DELETE", f"/attendances/{again['ID']}", {}).status == 200


def test_filters_by_person_and_span_and_unknown_keys_change_nothing() -> None:
    them = caller()
    them.pair("ada", "15T08:00", "15T12:00")
    them.pair("grace", "15T08:00", "15T12:00")
    them.pair("ada", "16T06:00", "16T07:00")
    assert [row["user"] for row in them.get("/attendances", username="ada")] == ["ada", "ada"]
    assert len(them.get("/attendances", user="ada")) == 3  # the other spelling is not known here
    assert len(them.get("/attendances", page="1")) == 3
    assert them.get("/attendances", username="nobody") == []
    day = {"from": stamp("15T00:00"), "to": stamp("16T00:00")}
    assert len(them.get("/attendances", **day)) == 2
    assert len(them.get("/attendances", username="ada", **day)) == 1
    assert them.error("GET", "/attendances", **{"from": "yesterday"}) == (422, 15017)


def test_strict_spans_are_half_open_on_the_begin_and_alt_spans_touch() -> None:
    night = {"from": stamp("15T00:00"), "to": stamp("15T22:00")}
    strict, alt = caller(), caller(profile_named("alt", user_filter="username"))
    for them in (strict, alt):
        them.later(days=2)
        for begin, end in [("14T22:00", "15T00:00"), ("15T22:00", "15T23:00"), ("15T00:00", "15T01:00")]:
            them.reply("POST", "/attendances", {"username": "ada", "from": stamp(begin), "to": stamp(end)})
    assert len(strict.get("/attendances", **night)) == 1
    assert len(alt.get("/attendances", **night)) == 3


def test_a_long_row_and_a_running_one_are_found_by_the_days_they_touch() -> None:
    them = caller(profile_named("alt", midnight_split=False, empty_chance=0))
    them.later(days=3)
    them.pair("ada", "10T08:00", "14T08:00")
    them.post("/timers/attendance_timer/start", username="grace", date=stamp("11T08:00"))
    day = {"from": stamp("13T00:00"), "to": stamp("14T00:00")}
    assert {row["user"] for row in them.get("/attendances", **day)} == {"ada", "grace"}
    before = {"from": stamp("08T00:00"), "to": stamp("09T00:00")}
    assert them.get("/attendances", **before) == []


def test_seconds_are_kept_cut_or_rounded() -> None:
    found = {}
    for precision in ("second", "minute-down", "minute-round"):
        them = caller(profile_named("strict", precision=precision))
        row = them.pair("ada", "16T06:00:29", "16T07:00:31")
        found[precision] = (row["from"][11:19], row["to"][11:19])
    assert found == {
        "second": ("06:00:29", "07:00:31"),
        "minute-down": ("06:00:00", "07:00:00"),
        "minute-round": ("06:00:00", "07:01:00"),
    }


def test_overlaps_are_accepted_or_refused() -> None:
    accepting, refusing = caller(), caller(profile_named("strict", overlap="refuse"))
    for them in (accepting, refusing):
        them.pair("ada", "16T05:00", "16T06:00")
        them.pair("ada", "16T06:00", "16T06:30")  # touching is not overlapping
        them.pair("grace", "16T05:00", "16T06:00")
    again = {"username": "ada", "from": stamp("16T05:00"), "to": stamp("16T06:00")}
    assert accepting.reply("POST", "/attendances", again).status == 201
    assert refusing.error("POST", "/attendances", again) == (422, 15010)
    row = refusing.get("/attendances", username="ada")[1]
    assert refusing.error("PUT", f"/attendances/{row['ID']}", {"from": stamp("16T05:30")}) == (422, 15010)
    assert refusing.put(f"/attendances/{row['ID']}", to=stamp("16T06:45"))["to"] == stamp("16T06:45")


def test_a_row_over_midnight_can_become_one_row_a_day() -> None:
    them = caller(profile_named("strict", midnight_split=True))
    them.later(days=1)
    first = them.pair("ada", "14T22:00", "16T06:00", minutesBreak=10)
    rows = them.get("/attendances")
    assert [(row["from"][8:16], row["to"][8:16]) for row in rows] == [
        ("14T22:00", "15T00:00"),
        ("15T00:00", "16T00:00"),
        ("16T00:00", "16T06:00"),
    ]
    assert first == rows[0]
    assert [row["breakMinutes"] for row in rows] == [10, 0, 0]
    them.pair("grace", "14T22:00", "15T00:00")
    assert len(them.get("/attendances", username="grace")) == 1


def test_breaks_may_be_taken_by_the_tracker_itself() -> None:
    them = caller(profile_named("strict", auto_break=True))
    row = them.pair("ada", "16T00:00", "16T06:01")
    assert (row["breakMinutes"], row["workedMinutes"]) == (30, 331)
    assert them.pair("grace", "16T00:00", "16T06:00")["breakMinutes"] == 0


PLACE = {"latitudeStart": 48.2, "longitudeStart": "16.37", "latitudeEnd": "48.3", "longitudeEnd": "16.38"}


def test_coordinates_are_kept_and_shown_in_the_documented_types() -> None:
    them = caller()
    them.later(**EVENING)
    row = them.pair("ada", "16T08:00", "16T09:00", **PLACE)
    assert {key: row[key] for key in PLACE} == PLACE
    path = f"/attendances/{row['ID']}"
    assert them.put(path, notes="x")["latitudeEnd"] == "48.3"
    assert them.put(path, latitudeStart="47.0", longitudeStart=15)["latitudeStart"] == 47.0
    assert them.get("/attendances")[0]["longitudeStart"] == "15.0"


@pytest.mark.parametrize(
    "change", [{"latitudeStart": 90.5}, {"longitudeEnd": "-181"}, {"latitudeEnd": "north"}, {"longitudeStart": "nan"}]
)
def test_coordinates_that_are_none_are_refused(change: dict[str, object]) -> None:
    them = caller()
    body = {"username": "ada", "from": stamp("16T07:00"), "to": stamp("16T08:00"), **PLACE, **change}
    assert them.error("POST", "/attendances", body) == (422, 15017)
    assert them.sim.rows() == []
