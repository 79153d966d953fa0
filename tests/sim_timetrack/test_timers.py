"""The attendance timer and the project timer, in every variant of a doubled call."""

from typing import Any

import pytest

from clockd.sim.timetrack.profile import profile_named
from tests.sim_timetrack.caller import Caller, caller, stamp

TIMER = "/attendance_timer"
PROJECT = "/timers/project_timer"


def start(them: Caller, at: str, username: str = "ada") -> Any:
    return them.post(f"{TIMER}/start", username=username, date=stamp(at))


def stop(them: Caller, at: str, username: str = "ada") -> Any:
    return them.post(f"{TIMER}/stop", username=username, date=stamp(at))


def test_a_timer_is_a_row_without_an_end() -> None:
    them = caller()
    begun = start(them, "16T07:30")
    assert (begun["user"], begun["from"], begun["to"], begun["manual"]) == ("ada", stamp("16T07:30"), None, False)
    assert them.get("/attendances")[0]["ID"] == begun["id"]
    shown = them.get(TIMER, username="ada", date=stamp("16T08:15"))
    assert (shown["id"], shown["workedMinutes"]) == (begun["id"], 45)
    assert them.get(TIMER, username="ada", date=stamp("16T07:40"))["workedMinutes"] == 10  # as of the asked moment
    ended = stop(them, "16T08:00")
    assert (ended["id"], ended["to"], ended["workedMinutes"]) == (begun["id"], stamp("16T08:00"), 30)
    assert them.error("GET", TIMER, username="ada", date=stamp("16T08:00")) == (404, 15003)


@pytest.mark.parametrize("path", [f"{TIMER}/start", f"{TIMER}/stop", f"{PROJECT}/pause", f"{PROJECT}/stop"])
def test_every_write_needs_date_and_person(path: str) -> None:
    them = caller()
    assert them.error("POST", path, {"username": "ada"}) == (422, 15016)
    assert them.error("POST", path, {"date": stamp("16T08:00")}) == (422, 15016)
    assert them.error("POST", path, {"username": "bob", "date": stamp("16T08:00")}) == (404, 15001)


def test_reads_need_the_date_too() -> None:
    them = caller()
    assert them.error("GET", TIMER, username="ada") == (422, 15016)
    assert them.error("GET", TIMER, date=stamp("16T08:00")) == (422, 15016)
    assert them.error("GET", PROJECT, username="ada") == (422, 15016)


def test_a_stop_never_lies_before_its_start_and_no_date_in_the_future() -> None:
    them = caller()
    start(them, "16T07:30")
    assert them.error("POST", f"{TIMER}/stop", {"username": "ada", "date": stamp("16T07:30")}) == (422, 15013)
    assert them.error("POST", f"{TIMER}/stop", {"username": "ada", "date": stamp("16T09:00")}) == (422, 15012)
    assert them.sim.rows()[0].to_local is None


def started_twice(variant: str, **more: object) -> tuple[Caller, int]:
    them = caller(profile_named("strict", double=variant, **more))
    start(them, "16T07:00")
    return them, them.reply("POST", f"{TIMER}/start", {"username": "ada", "date": stamp("16T07:30")}).status


def test_start_while_running_in_four_variants() -> None:
    spans = {}
    for variant in "abcd":
        them, status = started_twice(variant)
        spans[variant] = (
            status,
            [(row["from"][11:16], row["to"] and row["to"][11:16]) for row in them.get("/attendances")],
        )
    assert spans == {
        "a": (422, [("07:00", None)]),
        "b": (201, [("07:00", None)]),
        "c": (201, [("07:00", "07:30"), ("07:30", None)]),
        "d": (201, [("07:00", None), ("07:30", None)]),
    }


def test_the_second_row_of_variant_d_is_also_allowed_where_overlaps_are_refused() -> None:
    assert started_twice("d", overlap="refuse")[1] == 201


@pytest.mark.parametrize(("variant", "status"), [("a", 422), ("b", 200), ("c", 404), ("d", 404)])
def test_stop_while_stopped_in_four_variants(variant: str, status: int) -> None:
    them = caller(profile_named("strict", double=variant))
    start(them, "16T07:00")
    stop(them, "16T07:30")
    assert them.reply("POST", f"{TIMER}/stop", {"username": "ada", "date": stamp("16T07:45")}).status == status
    assert [row.to_local and row.to_local.minute for row in them.sim.rows()] == [30]


def test_a_start_before_an_existing_row_is_a_conflict_where_overlaps_are_refused() -> None:
    them = caller(profile_named("strict", overlap="refuse"))
    them.pair("ada", "16T07:00", "16T07:30")
    body = {"username": "ada", "date": stamp("16T06:00")}
    assert them.error("POST", f"{TIMER}/start", body) == (422, 15010)
    assert start(them, "16T07:30")["to"] is None


def test_a_stop_over_midnight_can_leave_two_rows() -> None:
    them = caller(profile_named("strict", midnight_split=True))
    start(them, "15T22:00")
    first = stop(them, "16T06:00")
    assert [row.from_local.hour for row in them.sim.rows()] == [22, 0]
    assert first["to"] == stamp("16T00:00")


@pytest.mark.parametrize(("form", "body"), [("null", None), ("empty", {})])
def test_no_timer_has_several_faces(form: str, body: object) -> None:
    them = caller(profile_named("strict", no_timer=form))
    assert them.get(TIMER, username="ada", date=stamp("16T08:00")) == body


def test_no_timer_may_show_the_last_closed_row() -> None:
    them = caller(profile_named("strict", no_timer="last"))
    assert them.error("GET", TIMER, username="ada", date=stamp("16T08:00")) == (404, 15003)
    them.pair("ada", "16T05:00", "16T06:00")
    assert them.get(TIMER, username="ada", date=stamp("16T08:00"))["to"] == stamp("16T06:00")


def test_the_paths_are_documented_without_symmetry_and_alt_has_the_other_one() -> None:
    strict, alt = caller(), caller(profile_named("alt"))
    asked = {"username": "ada", "date": stamp("16T08:00")}
    for them, there, gone in ((strict, TIMER, "/timers" + TIMER), (alt, "/timers" + TIMER, TIMER)):
        assert them.reply("GET", there, **asked).headers["content-type"].startswith("application/json")
        reply = them.reply("GET", gone, **asked)
        assert (reply.status, reply.is_json) == (404, False)


# --- the project timer ------------------------------------------------------------------------------------------


def project(them: Caller, verb: str, at: str, **more: str) -> Any:
    return them.post(f"{PROJECT}/{verb}", username="ada", date=stamp(at), **more)


def test_a_project_timer_counts_work_and_break_as_last_saved() -> None:
    them = caller()
    begun = project(them, "start", "16T06:00", clientName="Client 001", projectName="Test", note="n", taskName="t")
    assert begun == {
        "username": "ada",
        "startedAt": stamp("16T06:00"),
        "workedSeconds": 0,
        "breakSeconds": 0,
        "playing": True,
        "stopped": False,
        "paused": False,
        "clientName": "Client 001",
        "projectName": "Test",
        "taskName": "t",
        "note": "n",
    }
    assert them.get(PROJECT, username="ada", date=stamp("16T06:30"))["workedSeconds"] == 0  # last saved: at the start
    paused = project(them, "pause", "16T06:40")
    assert (paused["workedSeconds"], paused["paused"], paused["playing"]) == (2400, True, False)
    resumed = project(them, "resume", "16T06:50")
    assert (resumed["workedSeconds"], resumed["breakSeconds"], resumed["playing"]) == (2400, 600, True)
    ended = project(them, "stop", "16T07:00")
    assert (ended["workedSeconds"], ended["breakSeconds"], ended["stopped"]) == (3000, 600, True)
    assert [(entry.worked_s, entry.break_s, entry.to_local.hour) for entry in them.sim.entries()] == [(3000, 600, 7)]
    assert them.error("GET", PROJECT, username="ada", date=stamp("16T07:00")) == (404, 15003)


def test_a_project_is_addressed_by_its_whole_name_and_client() -> None:
    them = caller()
    body = {"username": "ada", "date": stamp("16T06:00")}
    for client, name in [("Client 001", "Tes"), ("Client", "Test"), ("Client 002", "Test 2")]:
        named = {**body, "clientName": client, "projectName": name}
        assert them.error("POST", f"{PROJECT}/start", named) == (404, 15021)
    disabled = {**body, "clientName": "Client 003", "projectName": "Off"}
    assert them.error("POST", f"{PROJECT}/start", disabled) == (403, 15032)
    assert them.error("POST", f"{PROJECT}/start", {**body, "clientName": "Client 001"}) == (422, 15016)


@pytest.mark.parametrize(
    ("variant", "status", "name", "entries"), [("a", 422, "Test", 0), ("b", 201, "Test", 0), ("c", 201, "Test 2", 1)]
)
def test_starting_a_second_project_follows_the_variant(variant: str, status: int, name: str, entries: int) -> None:
    them = caller(profile_named("strict", double=variant))
    project(them, "start", "16T06:00", clientName="Client 001", projectName="Test")
    body = {"username": "ada", "date": stamp("16T07:00"), "clientName": "Client 001", "projectName": "Test 2"}
    assert them.reply("POST", f"{PROJECT}/start", body).status == status
    assert them.get(PROJECT, username="ada", date=stamp("16T07:00"))["projectName"] == name
    assert len(them.sim.entries()) == entries


def test_pausing_twice_is_a_conflict_or_nothing() -> None:
    for variant, status in (("a", 422), ("b", 200)):
        them = caller(profile_named("strict", double=variant))
        project(them, "start", "16T06:00", clientName="Client 001", projectName="Test")
        project(them, "pause", "16T06:10")
        again = {"username": "ada", "date": stamp("16T06:20")}
        assert them.reply("POST", f"{PROJECT}/pause", again).status == status
        assert project(them, "resume", "16T06:30")["breakSeconds"] == 1200
        before = {"username": "ada", "date": stamp("16T06:00")}
        assert them.error("POST", f"{PROJECT}/pause", before) == (422, 15013)


def test_nothing_can_be_paused_resumed_or_stopped_that_does_not_run() -> None:
    them = caller()
    for verb in ("pause", "resume", "stop"):
        assert them.error("POST", f"{PROJECT}/{verb}", {"username": "ada", "date": stamp("16T06:00")}) == (422, 15003)


def test_the_flags_of_a_playing_timer_may_contradict_each_other() -> None:
    them = caller(profile_named("strict", contradictory_flags=True))
    begun = project(them, "start", "16T06:00", clientName="Client 001", projectName="Test")
    assert (begun["playing"], begun["stopped"]) == (True, True)
