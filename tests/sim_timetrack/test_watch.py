"""The simulator's own rules: a client that behaves breaks none, and each bad client is caught by its rule."""

from collections.abc import Callable

import pytest

from tests.sim_timetrack.caller import Caller, caller, stamp

PAIR = {"from": stamp("16T06:00"), "to": stamp("16T07:00")}


def well_behaved(them: Caller) -> None:
    for name in ("ada", "grace"):
        them.reply("POST", "/attendances", {"username": name, **PAIR})
        them.post("/attendance_timer/start", username=name, date=stamp("16T07:30"))
        them.post("/attendance_timer/stop", username=name, date=stamp("16T08:00"))
        them.later(seconds=10)
    row = them.get("/attendances", limit="1000")[-1]
    them.put(f"/attendances/{row['ID']}", notes="mine")
    them.reply("DELETE", f"/attendances/{row['ID']}")


def in_a_hurry(them: Caller) -> None:
    for _ in range(31):
        them.reply("GET", "/users")


def with_a_body_on_get(them: Caller) -> None:
    them.reply("GET", "/users", {})


def hammering_after_401(them: Caller) -> None:
    old = dict(them.headers)
    them.sim.act({"act": "rotate-keys", "secret": "new"}, them.now_s)
    for _ in range(2):
        assert Caller(them.sim, them.now, old).reply("POST", "/attendances", {}).status == 401
        them.later(seconds=30)


def repeating_blindly(them: Caller) -> None:
    for _ in range(2):
        them.reply("POST", "/attendances", {"username": "ada", **PAIR})


def writing_for_others(them: Caller) -> None:
    them.reply("POST", "/attendances", {"username": "ADA", **PAIR})


def deleting_others(them: Caller) -> None:
    them.reply("POST", "/attendances", {"username": "ada", **PAIR})
    them.sim.act({"act": "copy", "username": "ada"}, them.now_s)
    for row in them.get("/attendances", user="ada", **PAIR):  # the filter is not known, everybody's rows come back
        if row["user"] != "ada":
            them.reply("DELETE", f"/attendances/{row['ID']}")


def deleting_what_a_person_entered(them: Caller) -> None:
    them.sim.act(
        {"act": "web-create", "username": "ada", "begin": "2026-11-16T06:00", "end": "2026-11-16T07:00"}, them.now_s
    )
    them.reply("DELETE", f"/attendances/{them.sim.rows('ada')[0].id}")


def reviving_the_dead(them: Caller) -> None:
    them.reply("POST", "/attendances", {"username": "ada", **PAIR})
    them.sim.act({"act": "delete", "username": "ada"}, them.now_s)
    them.reply("POST", "/attendances", {"username": "ada", **PAIR})


def test_a_well_behaved_client_breaks_no_rule() -> None:
    them = caller(requests_per_minute=30, foreign_rows=20)
    well_behaved(them)
    assert them.sim.violations() == []
    assert them.sim.invariants(them.now_s)["violations"] == []


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (in_a_hurry, "31 requests within 60 s"),
        (with_a_body_on_get, "GET requests had a body"),
        (hammering_after_401, "1 writes were sent within 5 minutes after a 401"),
        (repeating_blindly, "1 rows are doubled"),
        (writing_for_others, "1 rows were touched that are not the client's: create"),
        (deleting_others, "1 rows were touched that are not the client's: delete"),
        (deleting_what_a_person_entered, "1 rows were touched that are not the client's: delete"),
        (reviving_the_dead, "1 deleted rows were made again"),
    ],
)
def test_each_bad_client_is_caught_by_its_rule_and_by_no_other(bad: Callable[[Caller], None], sentence: str) -> None:
    them = caller(requests_per_minute=30)
    well = caller(requests_per_minute=30)
    well_behaved(well)
    bad(them)
    assert well.sim.violations() == []
    (found,) = them.sim.violations()
    assert sentence in found


def test_after_a_401_one_probe_in_five_minutes_and_requests_in_flight_are_allowed() -> None:
    them = caller()
    good = them.headers
    them.headers = {**good, "x-timetrack-api-secret": "old"}
    them.reply("POST", "/attendances", {})
    them.later(seconds=1)
    them.reply("POST", "/attendances", {})  # was under way
    for _ in range(3):
        them.later(seconds=301)
        them.reply("GET", "/users")
        them.reply("POST", "/attendances", {})
    assert them.sim.violations() == []
    them.later(seconds=200)
    them.reply("POST", "/attendances", {})
    assert them.sim.front.journal.writes_after_401 == 1
    them.headers = good
    them.get("/users")
    them.headers = {**good, "x-timetrack-api-secret": "older"}
    them.reply("POST", "/attendances", {})  # the first 401 of another rotation
    assert them.sim.front.journal.writes_after_401 == 1


def test_going_on_with_a_timer_from_the_web_app_is_told_and_no_violation() -> None:
    them = caller()
    them.sim.act({"act": "web-start", "username": "ada", "at": "2026-11-16T07:00"}, them.now_s)
    them.post("/attendance_timer/stop", username="ada", date=stamp("16T08:00"))
    assert them.sim.violations() == []
    assert them.sim.invariants(them.now_s)["adopted"] == [{"act": "stop", "row": them.sim.rows()[0].id}]


def test_every_request_is_written_down_with_its_fate_and_without_secrets() -> None:
    them = caller()
    them.pair("ada", "16T06:00", "16T07:00")
    them.later(seconds=5)
    them.get("/attendances", username="ada")
    first, second = them.sim.front.journal.arrivals
    assert (first.method, first.path, first.username, first.result, first.applied) == (
        "POST",
        "/attendances",
        "ada",
        "201",
        "yes",
    )
    assert (second.query, second.at_s - first.at_s) == ((("username", "ada"),), 5.0)
    assert "sim-secret" not in repr(them.sim.front.journal)
    assert "sim-secret" not in repr(them.sim)
